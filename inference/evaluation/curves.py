"""One label's scores in order, with what every threshold would count: sorted once, looked up ever after."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.evaluation.decisions import first_passing
from inference.evaluation.metrics import fraction, ratio
from inference.types import POSITIVE, UNKNOWN, BoolArray, PRCurve, ScoreArray, TruthArray


@dataclass(frozen=True, eq=False)
class LabelCurve:
    """The images on which one label can be predicted, from the lowest score to the highest.

    Under argmax rules an image whose winner is another label cannot be predicted, whatever the threshold:
    it is in ``positives`` or ``known`` but not in ``order``.
    """

    rising: ScoreArray  # (m,) scores
    order: NDArray[np.int32]  # (m,) rows of the images, in the order of ``rising``
    tp_from: NDArray[np.int32]  # (m + 1,); annotated positives among ``order[i:]``
    positives: int
    known: int

    @classmethod
    def build(cls, scores: ScoreArray, truth: TruthArray, eligible: BoolArray | None = None) -> LabelCurve:
        """Sort one label.

        Args:
            scores: float32 (n,), finite.
            truth: int8 (n,); unknown images are left out.
            eligible: bool (n,); images on which the label can be predicted, all by default.
        """
        known = truth != UNKNOWN
        rows = np.flatnonzero(known if eligible is None else known & eligible).astype(np.int32)
        part = scores[rows]
        ranks = np.argsort(part)  # ties need no fixed order: a threshold never cuts between them
        order = rows[ranks]
        tp_from = np.zeros(len(order) + 1, dtype=np.int32)
        np.cumsum(truth[order[::-1]] == POSITIVE, out=tp_from[1:])
        return cls(
            rising=part[ranks],
            order=order,
            tp_from=tp_from[::-1],
            positives=int(np.count_nonzero(truth == POSITIVE)),
            known=int(np.count_nonzero(known)),
        )

    def start(self, threshold: np.float32) -> int:
        """Index into ``order`` from which on the label is predicted."""
        return first_passing(self.rising, threshold)

    def counts(self, start: int) -> tuple[int, int]:
        """True positives and predicted positives when the label is predicted from ``order[start]`` on."""
        return int(self.tp_from[start]), len(self.order) - start


def pr_curve(curve: LabelCurve) -> PRCurve:
    """Precision and recall at each distinct score, strictest first.

    Average precision is the sum of precision times the step in recall, as in scikit-learn.
    """
    distinct = np.flatnonzero(np.diff(curve.rising, prepend=np.float32(-np.inf)))[::-1]
    tp = curve.tp_from[distinct].astype(np.int64)
    predicted = (len(curve.order) - distinct).astype(np.int64)
    precision = ratio(tp, predicted)
    recall = ratio(tp, np.full_like(tp, curve.positives))
    steps = np.diff(recall, prepend=0.0)
    return PRCurve(
        thresholds=curve.rising[distinct],
        precision=precision,
        recall=recall,
        tp=tp,
        predicted=predicted,
        support=curve.positives,
        prevalence=fraction(curve.positives, curve.known),
        average_precision=float((precision * steps).sum()) if curve.positives else float("nan"),
    )
