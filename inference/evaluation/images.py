"""Image by image counts, kept exact while thresholds move: only the images that a move flips are touched."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inference.evaluation.metrics import fraction, substitute
from inference.types import POSITIVE, UNKNOWN, BoolArray, FloatArray, IntArray, Rates, TruthArray, ZeroDivision

_Small = NDArray[np.int32]


class ImageCounts:
    """Predicted labels, true positives and errors of every image, over its known labels."""

    def __init__(self, y_true: TruthArray) -> None:
        """Start with nothing predicted. ``y_true`` is int8 (n, c)."""
        known = y_true != UNKNOWN
        n_known = np.count_nonzero(known, axis=1)
        self.measured: BoolArray = n_known > 0
        self.full: BoolArray = self.measured & (n_known == y_true.shape[1])
        self.positives: _Small = np.count_nonzero(y_true == POSITIVE, axis=1).astype(np.int32)
        self.predicted: _Small = np.zeros(len(y_true), dtype=np.int32)
        self.tp: _Small = np.zeros(len(y_true), dtype=np.int32)
        self.n_measured = int(self.measured.sum())
        self.n_full = int(self.full.sum())
        self.n_exact = int(np.count_nonzero(self.full & (self.positives == 0)))
        # undefined rates are held as 0 and counted apart, so that a mean is one sum
        self._precision: FloatArray = np.zeros(len(y_true))
        self._recall: FloatArray = np.zeros(len(y_true))
        self._f1: FloatArray = np.zeros(len(y_true))
        self._without_positives = int(np.count_nonzero(self.measured & (self.positives == 0)))

    def flip(self, rows: NDArray[np.int32], truth: TruthArray, predicted: bool) -> None:
        """The label whose truth is ``truth`` (n,) is now predicted, or no longer, on ``rows`` (each at most once)."""
        if not len(rows):
            return
        before = np.count_nonzero(self._exact(rows))
        step = 1 if predicted else -1
        self.predicted[rows] += step
        self.tp[rows] += step * (truth[rows] == POSITIVE).astype(np.int32)
        self.n_exact += int(np.count_nonzero(self._exact(rows)) - before)
        tp, claims, truths = self.tp[rows], self.predicted[rows], self.positives[rows]
        self._precision[rows] = tp / np.maximum(claims, 1)
        self._recall[rows] = tp / np.maximum(truths, 1)
        self._f1[rows] = 2 * tp / np.maximum(claims + truths, 1)

    def _exact(self, rows: NDArray[np.int32]) -> BoolArray:
        tp = self.tp[rows]
        exact: BoolArray = self.full[rows] & (self.predicted[rows] == tp) & (self.positives[rows] == tp)
        return exact

    def exact_match(self) -> float:
        """Share of the fully known images that are decided exactly (subset accuracy)."""
        return fraction(self.n_exact, self.n_full)

    def rates(self, zero_division: ZeroDivision) -> Rates:
        """Means over the images with a known label ("samples" average)."""
        silent = self.measured & (self.predicted == 0)
        n_silent = int(np.count_nonzero(silent))
        n_empty = int(np.count_nonzero(silent & (self.positives == 0)))
        return Rates(
            precision=self._mean(self._precision, n_silent, zero_division),
            recall=self._mean(self._recall, self._without_positives, zero_division),
            f1=self._mean(self._f1, n_empty, zero_division),
        )

    def _mean(self, values: FloatArray, n_undefined: int, zero_division: ZeroDivision) -> float:
        total = float(values.sum())
        if zero_division is ZeroDivision.LEAVE_OUT:
            n = self.n_measured - n_undefined
            return total / n if n else float("nan")
        if not self.n_measured:
            return float("nan")
        return (total + substitute(zero_division) * n_undefined) / self.n_measured

    def predicted_histogram(self) -> IntArray:
        """How many fully known images have 0, 1, 2 ... predicted labels."""
        return np.bincount(self.predicted[self.full], minlength=3)
