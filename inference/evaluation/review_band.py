"""What a review band makes of the scored images: looked up in sorted scores, so that a moved end costs a look-up.

A label's images of known truth stand sorted in the evaluator's curve. Those of unknown truth must be looked at by a
person as well, so that they are sorted beside them here. How many images have at least one label in review is kept by
counting, image by image, the labels that are: a moved end touches the images between its old place and its new one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from inference.evaluation.curves import LabelCurve
from inference.evaluation.decisions import first_passing
from inference.evaluation.evaluator import Evaluator
from inference.evaluation.honesty.intervals import wilson
from inference.types import NEGATIVE, POSITIVE, UNKNOWN, IntArray, ReviewBand, ReviewCounts, ReviewLoad, ScoreArray

CONFIDENCE = 0.9  # of the intervals

Rows = NDArray[np.int32]
Ends = NDArray[np.int64]  # (c, 4): where the band begins and ends among the known images, and among the others


class Part(StrEnum):
    """What a band does with an image under a label."""

    REVIEW = "review"
    ACCEPTED = "accepted"
    WRONG = "wrong"  # accepted, and annotated negative
    LOST = "lost"  # rejected, and annotated positive


@dataclass(frozen=True, eq=False)
class _Others:
    """Images of unknown truth on which a label can be predicted, by rising score."""

    rising: ScoreArray
    rows: Rows

    @classmethod
    def build(cls, evaluator: Evaluator, label: int) -> _Others:
        wanted = evaluator._truth[label] == UNKNOWN
        if not wanted.any():
            return _NO_OTHERS
        may = evaluator.eligible(label)
        rows = np.flatnonzero(wanted if may is None else wanted & may).astype(np.int32)
        scores = evaluator._scores[label][rows]
        order = np.argsort(scores, kind="stable")
        return cls(scores[order], rows[order])


_NO_OTHERS = _Others(np.zeros(0, dtype=np.float32), np.zeros(0, dtype=np.int32))


@dataclass(frozen=True, eq=False)
class Recount:
    """How many labels of each image are in review, counted anew by `ReviewCounter.recount`."""

    ends: Ends
    labels: NDArray[np.int32]  # (m,)


class ReviewCounter:
    """The counts of one evaluator's images under a band that moves.

    The evaluator's rule must use thresholds. Making one costs a look-up a label, and a sort where truth is unknown.
    """

    def __init__(self, evaluator: Evaluator, band: ReviewBand, cancelled: Callable[[], bool] = lambda: False) -> None:
        """Look every end up; one cut short by ``cancelled`` must not be used."""
        self._evaluator = evaluator
        self._curves: list[LabelCurve] = list(evaluator._curves)  # edits make new ones
        self._others: list[_Others] = []
        for label in range(evaluator.n_labels):
            if cancelled():
                return
            self._others.append(_Others.build(evaluator, label))
        self._ends: Ends = np.zeros((evaluator.n_labels, 4), dtype=np.int64)
        self._counted: Ends = self._ends.copy()  # the ends that ``_labels`` knows of: an empty band
        self._labels: NDArray[np.int32] = np.zeros(len(evaluator.rows), dtype=np.int32)  # in review, an image
        self._hits: IntArray = np.zeros((2, evaluator.n_labels), dtype=np.int64)  # positives from each end on
        self._band = band
        for label in range(evaluator.n_labels):
            self._move(label)

    @property
    def band(self) -> ReviewBand:
        """The band that is counted."""
        return self._band

    def set_band(self, band: ReviewBand) -> None:
        """Count this band from now on; only labels with a moved end cost anything."""
        before, self._band = self._band, band
        moved = (before.low.values != band.low.values) | (before.high.values != band.high.values)
        for label in np.flatnonzero(moved).tolist():
            self._move(label)

    def _move(self, label: int) -> None:
        curve, others = self._curves[label], self._others[label]
        for end, thresholds in enumerate((self._band.low, self._band.high)):
            threshold = thresholds.values[label]
            start = curve.start(threshold)
            self._ends[label, end] = start
            self._ends[label, 2 + end] = first_passing(others.rising, threshold)
            self._hits[end, label] = curve.counts(start)[0]

    # -- by label ----------------------------------------------------------------------------------------------

    def counts(self) -> ReviewCounts:
        """What becomes of the images of every label, with intervals; looks at no image."""
        low, high, low_others, high_others = self._ends.T
        known = np.array([len(curve) for curve in self._curves], dtype=np.int64)
        others = np.array([len(part.rows) for part in self._others], dtype=np.int64)
        positives = np.array([curve.positives for curve in self._curves], dtype=np.int64)
        lost, right, accepted_known = positives - self._hits[0], self._hits[1].copy(), known - high
        precision, share = wilson(right, accepted_known, CONFIDENCE), wilson(lost, positives, CONFIDENCE)
        return ReviewCounts(
            n_images=len(self._evaluator.rows),
            review=(high - low) + (high_others - low_others),
            accepted=accepted_known + others - high_others,
            accepted_known=accepted_known,
            accepted_right=right,
            lost=lost,
            positives=positives,
            precision_low=precision[0],
            precision_high=precision[1],
            lost_low=share[0],
            lost_high=share[1],
            confidence=CONFIDENCE,
        )

    def images(self, label: int, part: Part) -> IntArray:
        """Indices into the dataset of the images behind a count, rising; in review for label -1: under any label."""
        if label < 0:
            self.load()
            return np.asarray(self._evaluator.rows[self._labels > 0], dtype=np.int64)
        low, high, low_others, high_others = self._ends[label].tolist()
        rows, others = self._rows(label), self._others[label].rows
        truth = self._evaluator._truth[label]
        if part is Part.REVIEW:
            found = np.concatenate([rows[low:high], others[low_others:high_others]])
        elif part is Part.ACCEPTED:
            found = np.concatenate([rows[high:], others[high_others:]])
        elif part is Part.WRONG:
            found = rows[high:][truth[rows[high:]] == NEGATIVE]
        else:  # also positives that the rule gives to another label
            lost = truth == POSITIVE
            lost[rows[low:]] = False
            found = np.flatnonzero(lost)
        return np.sort(self._evaluator.rows[found]).astype(np.int64)

    def _rows(self, label: int) -> Rows:
        return (self._curves[label].marked >> np.uint32(1)).astype(np.int32)

    # -- by image ----------------------------------------------------------------------------------------------

    @property
    def pending(self) -> int:
        """How many decisions `load` has to look at before it can answer."""
        return int(np.abs(self._ends - self._counted).sum())

    def load(self) -> ReviewLoad:
        """How many images have a label in review: costs what has moved since it was asked last."""
        for label in np.flatnonzero((self._ends != self._counted).any(axis=1)).tolist():
            self._recount_label(label)
        self._counted = self._ends.copy()
        low, high, low_others, high_others = self._ends.T
        return ReviewLoad(
            images=int(np.count_nonzero(self._labels)),
            decisions=int((high - low).sum() + (high_others - low_others).sum()),
            n_images=len(self._evaluator.rows),
        )

    def _recount_label(self, label: int) -> None:
        before, now = self._counted[label].tolist(), self._ends[label].tolist()
        for side, source in ((0, None), (2, self._others[label].rows)):
            for first, last, step in _moved((before[side], before[side + 1]), (now[side], now[side + 1])):
                rows = source[first:last] if source is not None else self._known(label, first, last)
                self._labels[rows] += step  # no row comes twice

    def _known(self, label: int, first: int, last: int) -> NDArray[np.intp]:
        return (self._curves[label].marked[first:last] >> np.uint32(1)).astype(np.intp)

    def recount(self, cancelled: Callable[[], bool] = lambda: False) -> Callable[[], Recount]:
        """Work for another thread where `pending` is much: the band as it is now, counted from nothing."""
        ends = self._ends.copy()

        def work() -> Recount:
            labels: NDArray[np.int32] = np.zeros(len(self._labels), dtype=np.int32)
            for label, (low, high, low_others, high_others) in enumerate(ends.tolist()):
                if cancelled():
                    break
                labels[self._known(label, low, high)] += 1
                labels[self._others[label].rows[low_others:high_others]] += 1
            return Recount(ends, labels)

        return work

    def adopt(self, recount: Recount) -> None:
        """Go on from what was counted elsewhere."""
        self._counted, self._labels = recount.ends, recount.labels


def _moved(before: tuple[int, int], now: tuple[int, int]) -> list[tuple[int, int, int]]:
    """The stretches (first, last, +1 or -1) in which two half-open ranges differ."""
    (low, high), (new_low, new_high) = before, now
    if low == high or new_low == new_high or new_high <= low or high <= new_low:
        return [part for part in ((low, high, -1), (new_low, new_high, 1)) if part[0] < part[1]]
    below = (new_low, low, 1) if new_low < low else (low, new_low, -1)
    above = (high, new_high, 1) if new_high > high else (new_high, high, -1)
    return [part for part in (below, above) if part[0] < part[1]]
