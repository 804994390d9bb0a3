"""Image by image counts, kept exact while thresholds move and truth is edited: only the images concerned are touched.

Sums of rates are held in whole units of 2**-40. Adding and taking away whole numbers leaves no rounding behind, so
the means do not depend on the way that the thresholds came; they are within 5e-13 of the true ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from inference.evaluation.editing import CellChanges
from inference.evaluation.metrics import fraction, substitute
from inference.types import POSITIVE, UNKNOWN, BoolArray, FloatArray, IntArray, Rates, TruthArray, ZeroDivision

_Small = NDArray[np.int32]

_UNIT: Final = 40  # bits; sums stay below 2**63 up to 8 million images
_CHUNK: Final = 1 << 15  # images summed together: what lies in the cache is summed five times faster
_MANY: Final = 8  # flips of more than 1 in 8 images are cheaper counted anew


@dataclass
class Sums:
    """Sums over measured images; undefined rates add nothing and are counted."""

    exact: int = 0
    silent: int = 0  # nothing predicted: precision undefined
    empty: int = 0  # nothing predicted and nothing to find: F1 undefined
    precision: int = 0
    recall: int = 0
    f1: int = 0

    def add(self, other: Sums, sign: int) -> None:
        """Put others in (sign 1) or take them out (-1)."""
        self.exact += sign * other.exact
        self.silent += sign * other.silent
        self.empty += sign * other.empty
        self.precision += sign * other.precision
        self.recall += sign * other.recall
        self.f1 += sign * other.f1


class ImageCounts:
    """Predicted labels and true positives of every image, over its known labels."""

    def __init__(self, y_true: TruthArray) -> None:
        """Start with nothing predicted. ``y_true`` is int8 (n, c)."""
        self._n_labels = y_true.shape[1]
        self._known: _Small = np.count_nonzero(y_true != UNKNOWN, axis=1).astype(np.int32)
        self.measured: BoolArray = self._known > 0
        self.full: BoolArray = self.measured & (self._known == self._n_labels)
        self.positives: _Small = np.count_nonzero(y_true == POSITIVE, axis=1).astype(np.int32)
        self.predicted: _Small = np.zeros(len(y_true), dtype=np.int32)
        self.tp: _Small = np.zeros(len(y_true), dtype=np.int32)
        self.n_measured = int(self.measured.sum())
        self.n_full = int(self.full.sum())
        self._without_positives = int(np.count_nonzero(self.measured & (self.positives == 0)))
        self._sums: Sums | None = None  # None: to be counted anew

    def flip(self, marked: NDArray[np.uint32], predicted: bool) -> None:
        """A label is now predicted, or no longer, on these images.

        Args:
            marked: (k,) twice the row of an image, plus 1 where the label is annotated; each image at most once.
            predicted: whether it is predicted now.
        """
        if not len(marked):
            return
        if len(marked) * _MANY > len(self.measured):
            self._sums = None
        rows = (marked >> np.uint32(1)).astype(np.intp)
        if self._sums is None:
            self._count(rows, marked, predicted)
            return
        self._sums.add(self._sum(rows), -1)
        self._count(rows, marked, predicted)
        self._sums.add(self._sum(rows), +1)

    def flip_many(self, marked: NDArray[np.uint32], steps: NDArray[np.int32]) -> None:
        """Several labels are now predicted, or no longer, on these images.

        Args:
            marked: (k,) as for `flip`; an image may come as often as there are labels.
            steps: (k,) 1 where the label is predicted now, -1 where it is no longer.
        """
        rows = (marked >> np.uint32(1)).astype(np.intp)
        touched = self._distinct(rows)
        if self._sums is not None and len(touched) * _MANY > len(self.measured):
            self._sums = None
        if self._sums is not None:
            self._sums.add(self._sum(touched), -1)
        np.add.at(self.predicted, rows, steps)
        hits = (marked & np.uint32(1)).view(np.int32) > 0
        np.add.at(self.tp, rows[hits], steps[hits])
        if self._sums is not None:
            self._sums.add(self._sum(touched), +1)

    def edit(self, changes: CellChanges) -> None:
        """The truth of some cells has changed; an image may come as often as there are labels."""
        touched = self._distinct(changes.rows)
        if self._sums is not None and len(touched) * _MANY > len(self.measured):
            self._sums = None
        if self._sums is not None:
            self._sums.add(self._sum(touched), -1)
        measured = self._put_measured(touched, changes)
        if self._sums is not None:
            self._sums.add(self._sum(touched), +1)
            # as in `settle`: images that are not measured are silent and empty in a sum, and are not to count
            self._sums.silent += measured
            self._sums.empty += measured

    def _put_measured(self, touched: NDArray[np.intp], changes: CellChanges) -> int:
        """Change the counts of single images; how many more of them are measured now."""
        before = self._totals(touched)
        for counts, change in (
            (self._known, changes.known),
            (self.positives, changes.positives),
            (self.predicted, changes.predicted),
            (self.tp, changes.tp),
        ):
            np.add.at(counts, changes.rows, change.astype(np.int32))
        self.measured[touched] = self._known[touched] > 0
        self.full[touched] = self.measured[touched] & (self._known[touched] == self._n_labels)
        measured, full, without = (now - was for now, was in zip(self._totals(touched), before, strict=True))
        self.n_measured += measured
        self.n_full += full
        self._without_positives += without
        return measured

    def _totals(self, rows: NDArray[np.intp]) -> tuple[int, int, int]:
        measured = self.measured[rows]
        return (
            int(measured.sum()),
            int(self.full[rows].sum()),
            int(np.count_nonzero(measured & (self.positives[rows] == 0))),
        )

    def _distinct(self, rows: NDArray[np.intp]) -> NDArray[np.intp]:
        seen = np.zeros(len(self.measured), dtype=bool)
        seen[rows] = True
        return np.flatnonzero(seen)

    def unsettle(self) -> None:
        """Let the sums be counted anew: more will be flipped than there are images."""
        self._sums = None

    def _count(self, rows: NDArray[np.intp], marked: NDArray[np.uint32], predicted: bool) -> None:
        step = 1 if predicted else -1
        self.predicted[rows] += step
        self.tp[rows[(marked & np.uint32(1)).view(np.int32) > 0]] += step

    def _sum(self, rows: NDArray[np.intp] | slice) -> Sums:
        """The sums over some images."""
        tp, claims, truths = self.tp[rows], self.predicted[rows], self.positives[rows]
        silent = claims == 0
        exact = (claims == tp) & (truths == tp) & self.full[rows]
        return Sums(
            exact=int(np.count_nonzero(exact)),
            silent=int(np.count_nonzero(silent)),
            empty=int(np.count_nonzero(silent & (truths == 0))),
            precision=_units(tp, claims),
            recall=_units(tp, truths),
            f1=_units(2 * tp, claims + truths),
        )

    def settle(self) -> Sums:
        """The sums, counted anew if many images were flipped since."""
        if self._sums is None:
            self._sums = Sums()
            for first in range(0, len(self.measured), _CHUNK):
                self._sums.add(self._sum(slice(first, first + _CHUNK)), +1)
            # images that are not measured have no count above 0
            unmeasured = len(self.measured) - self.n_measured
            self._sums.silent -= unmeasured
            self._sums.empty -= unmeasured
        return self._sums

    @property
    def n_exact(self) -> int:
        """Fully known images that are decided exactly."""
        return self.settle().exact

    def exact_match(self) -> float:
        """Share of the fully known images that are decided exactly (subset accuracy)."""
        return fraction(self.n_exact, self.n_full)

    def rates(self, zero_division: ZeroDivision) -> Rates:
        """Means over the images with a known label ("samples" average)."""
        sums = self.settle()
        return Rates(
            precision=self._mean(sums.precision, sums.silent, zero_division),
            recall=self._mean(sums.recall, self._without_positives, zero_division),
            f1=self._mean(sums.f1, sums.empty, zero_division),
        )

    def _mean(self, units: int, n_undefined: int, zero_division: ZeroDivision) -> float:
        total = units / (1 << _UNIT)
        if zero_division is ZeroDivision.LEAVE_OUT:
            n = self.n_measured - n_undefined
            return total / n if n else float("nan")
        if not self.n_measured:
            return float("nan")
        return (total + substitute(zero_division) * n_undefined) / self.n_measured

    def predicted_histogram(self) -> IntArray:
        """How many fully known images have 0, 1, 2 ... predicted labels."""
        return np.bincount(self.predicted[self.full], minlength=3)


def _units(numerator: _Small, denominator: _Small) -> int:
    """Sum of the ratios, each rounded to the nearest unit; 0 where the denominator is zero."""
    ratios: FloatArray = numerator / np.maximum(denominator, 1)
    ratios *= 1 << _UNIT
    return int(np.rint(ratios, out=ratios).astype(np.int64).sum())
