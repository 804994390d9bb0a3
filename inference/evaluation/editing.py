"""Truth that changes under an evaluator: what each changed cell adds to the counts, and curves mended when next read.

An edit adds and takes away whole numbers, so that it costs what it touches and leaves no rounding behind. The sorted
curves are not needed for that: one that an edit concerns is noted, and mended when somebody looks at it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from inference.evaluation.curves import LabelCurve
from inference.types import POSITIVE, UNKNOWN, BoolArray, IntArray, ScoreArray, TruthArray

_MANY: Final = 64  # edited rows a label from which on its curve is mended soon
_AT_ONCE: Final = 4  # curves mended in one edit: the frame has to end


@dataclass(frozen=True, eq=False)
class CellChanges:
    """What changed cells add to the counts of their label and of their image, each (k,) of -1, 0 or 1."""

    rows: IntArray  # (k,) among the scored images
    labels: IntArray  # (k,)
    known: IntArray
    positives: IntArray
    predicted: IntArray  # predicted and known
    tp: IntArray

    @classmethod
    def of(
        cls, rows: IntArray, labels: IntArray, before: TruthArray, after: TruthArray, predicted: BoolArray
    ) -> CellChanges:
        """Cells whose truth was ``before`` and is ``after``, of images on which their label is predicted or not."""
        known = (after != UNKNOWN).astype(np.int64) - (before != UNKNOWN)
        positives = (after == POSITIVE).astype(np.int64) - (before == POSITIVE)
        return cls(rows, labels, known, positives, known * predicted, positives * predicted)


class _Slot:
    """One label's curve and the rows edited since it was sorted; both change hands in one assignment.

    An edit puts a new slot in place. A worker that mends an older one meanwhile writes into what nobody reads.
    """

    __slots__ = ("state",)

    def __init__(self, curve: LabelCurve, rows: tuple[IntArray, ...] = ()) -> None:
        self.state = curve, rows


class Curves:
    """Every label's curve, by label. Curves handed out never change: they are replaced."""

    def __init__(self, scores: ScoreArray, truth: TruthArray, eligible: Callable[[int], BoolArray | None]) -> None:
        """Start with none.

        Args:
            scores: (c, m).
            truth: (c, m); not a copy, so that a mended curve is of what it holds by then.
            eligible: for a label, the images on which it can be predicted, (m,), None for all. It must not hold the
                evaluator: that would keep its arrays until the garbage collector comes.
        """
        self._scores = scores
        self._truth = truth
        self._eligible = eligible
        self._slots: list[_Slot] = []
        self._waiting: NDArray[np.int64] = np.zeros(0, dtype=np.int64)  # (c,) edited cells not yet in the curve

    def append(self) -> LabelCurve:
        """Sort the next label."""
        label = len(self._slots)
        curve = LabelCurve.build(self._scores[label], self._truth[label], self._eligible(label))
        self._slots.append(_Slot(curve))
        return curve

    def __len__(self) -> int:
        return len(self._slots)

    def __getitem__(self, label: int) -> LabelCurve:
        slot = self._slots[label]
        curve, rows = slot.state
        if rows:
            edited = np.unique(np.concatenate(rows))
            curve = curve.mended(edited, self._scores[label], self._truth[label], self._eligible(label))
            slot.state = curve, ()
        return curve

    def __iter__(self) -> Iterator[LabelCurve]:
        return (self[label] for label in range(len(self)))

    def touch(self, rows: IntArray, labels: IntArray) -> None:
        """The truth of these cells, each (k,), has changed."""
        if len(self._waiting) != len(self):
            self._waiting = np.zeros(len(self), dtype=np.int64)
        order = np.argsort(labels, kind="stable")
        touched, firsts = np.unique(labels[order], return_index=True)
        for label, part in zip(touched.tolist(), np.split(rows[order], firsts[1:]), strict=True):
            curve, waiting = self._slots[label].state
            self._slots[label] = _Slot(curve, (*waiting, part))
            self._waiting[label] = len(part) + (self._waiting[label] if waiting else 0)
        self._mend_some()

    def _mend_some(self) -> None:
        """Mend the few labels that wait longest, so that no later frame has all of them to mend."""
        for label in np.argsort(self._waiting)[::-1][:_AT_ONCE].tolist():
            if self._waiting[label] <= _MANY:
                break
            self[label]
            self._waiting[label] = 0
