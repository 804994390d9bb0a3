"""One label's scores in order, with what every threshold would count: sorted once, looked up ever after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from inference.evaluation.decisions import first_passing
from inference.evaluation.metrics import fraction
from inference.types import POSITIVE, UNKNOWN, BoolArray, IntArray, PRCurve, ScoreArray, TruthArray

Marked = NDArray[np.uint32]  # twice the row of an image, plus 1 where it is an annotated positive

_BLOCK: Final = 256  # images between two stored counts of positives
_FEW: Final = 128  # edited images that are sooner put in their places one by one


@dataclass(frozen=True, eq=False)
class LabelCurve:
    """The images on which one label can be predicted, from the lowest score to the highest: 8 bytes an image.

    Under argmax rules an image whose winner is another label cannot be predicted, whatever the threshold:
    it is in ``positives`` or ``known`` but not in ``marked``.
    """

    rising: ScoreArray  # (m,) scores
    marked: Marked  # (m,) images, in the order of ``rising``; equal scores by row
    tp_from_block: NDArray[np.int32]  # (ceil(m / 256) + 1,); annotated positives in ``marked[256 * b :]``
    positives: int
    known: int

    @classmethod
    def build(cls, scores: ScoreArray, truth: TruthArray, eligible: BoolArray | None = None) -> LabelCurve:
        """Sort one label.

        Args:
            scores: float32 (n,), 0 or more, finite; n below 2**31.
            truth: int8 (n,); unknown images are left out.
            eligible: bool (n,); images on which the label can be predicted, all by default.
        """
        known = truth != UNKNOWN
        kept = known if eligible is None else known & eligible
        packed = _packed(scores, np.arange(len(scores)), truth == POSITIVE)
        if not kept.all():
            packed = packed[kept]
        packed.sort()
        return cls._of(packed, truth)

    @classmethod
    def _of(cls, packed: NDArray[np.uint64], truth: TruthArray) -> LabelCurve:
        """From scores and images in one, sorted; `packed` is used up."""
        marked = packed.astype(np.uint32)
        packed >>= np.uint64(32)
        return cls._joined(packed.astype(np.uint32).view(np.float32), marked, truth)

    @classmethod
    def _joined(cls, rising: ScoreArray, marked: Marked, truth: TruthArray) -> LabelCurve:
        return cls(
            rising=rising,
            marked=marked,
            tp_from_block=_tp_from_block(marked),
            positives=int(np.count_nonzero(truth == POSITIVE)),
            known=int(np.count_nonzero(truth != UNKNOWN)),
        )

    def mended(
        self, rows: IntArray, scores: ScoreArray, truth: TruthArray, eligible: BoolArray | None = None
    ) -> LabelCurve:
        """What `build` gives after the truth of some images has changed.

        Args:
            rows: (k,) the images, rising, each once; the truth of all others is as it was.
            scores: as for `build`, and those that this curve was built from.
            truth: as for `build`, as it is now.
            eligible: as for `build`, and what this curve was built from.
        """
        kept = truth[rows] != UNKNOWN
        if eligible is not None:
            kept &= eligible[rows]
        mend = self._placed if len(rows) <= _FEW else self._merged
        return mend(rows, kept, scores, truth)

    def _merged(self, rows: IntArray, kept: BoolArray, scores: ScoreArray, truth: TruthArray) -> LabelCurve:
        """As `mended`: all edited images taken out, and those that are known put in again, in two passes."""
        stays = np.ones(len(scores), dtype=bool)
        stays[rows] = False
        there = stays[self.marked >> np.uint32(1)]
        packed = self.rising[there].view(np.uint32).astype(np.uint64)
        packed <<= np.uint64(32)
        packed |= self.marked[there]
        into = rows[kept]
        new = np.sort(_packed(scores[into], into, truth[into] == POSITIVE))
        return self._of(np.insert(packed, packed.searchsorted(new), new), truth)

    def _placed(self, rows: IntArray, kept: BoolArray, scores: ScoreArray, truth: TruthArray) -> LabelCurve:
        """As `mended`: the stretches between edited images are copied, and each of those is put in its place."""
        order = np.lexsort((rows, scores[rows]))  # that of the curve, so that places only rise
        rows, kept = rows[order], kept[order]
        rising, marked, done = [], [], 0
        for row, score, at, keep in zip(rows, scores[rows], self._places(rows, scores[rows]), kept, strict=True):
            rising.append(self.rising[done:at])
            marked.append(self.marked[done:at])
            done = at + (at < len(self) and self.marked[at] >> np.uint32(1) == row)  # where it was known before
            if keep:
                rising.append(np.array([score], dtype=np.float32) + np.float32(0))
                marked.append(np.array([2 * row + (truth[row] == POSITIVE)], dtype=np.uint32))
        rising.append(self.rising[done:])
        marked.append(self.marked[done:])
        return self._joined(np.concatenate(rising), np.concatenate(marked), truth)

    def _places(self, rows: IntArray, scores: ScoreArray) -> list[int]:
        """Where each of these images stands, or would stand, in ``marked``."""
        lows, highs = self.rising.searchsorted(scores), self.rising.searchsorted(scores, side="right")
        return [
            int(low) + int(self.marked[low:high].searchsorted(np.uint32(2 * row)))
            for row, low, high in zip(rows.tolist(), lows.tolist(), highs.tolist(), strict=True)
        ]

    def __len__(self) -> int:
        return len(self.marked)

    @property
    def order(self) -> NDArray[np.int32]:
        """Rows of the images in the order of ``rising``, (m,)."""
        return (self.marked >> np.uint32(1)).astype(np.int32)

    @property
    def hits(self) -> NDArray[np.uint8]:
        """1 where the image is an annotated positive, in the order of ``rising``, (m,)."""
        return (self.marked & np.uint32(1)).astype(np.uint8)

    @property
    def tp_from(self) -> NDArray[np.int32]:
        """Annotated positives in ``marked[i:]`` for every i, (m + 1,); a pass over the data."""
        total = np.zeros(len(self) + 1, dtype=np.int32)
        np.cumsum(self.hits[::-1], out=total[1:])
        return total[::-1]

    def start(self, threshold: np.float32) -> int:
        """Index into ``marked`` from which on the label is predicted."""
        return first_passing(self.rising, threshold)

    def counts(self, start: int) -> tuple[int, int]:
        """True positives and predicted positives when the label is predicted from ``marked[start]`` on."""
        block = -(-start // _BLOCK)
        rest = self.marked[start : block * _BLOCK] & np.uint32(1)
        return int(self.tp_from_block[block]) + int(np.count_nonzero(rest)), len(self.marked) - start

    def plateau(self, start: int) -> tuple[np.float32, np.float32]:
        """The ends of (low, high], within which every threshold predicts from ``marked[start]`` on.

        ``start`` must be one that `start` gives. The ends are infinite beyond the lowest and the highest score.
        """
        low = self.rising[start - 1] if start else np.float32(-np.inf)
        high = self.rising[start] if start < len(self) else np.float32(np.inf)
        return low, high


@dataclass(frozen=True, eq=False)
class Crossed:
    """The images that many labels' moves have passed: those that each label is now predicted on, or no longer."""

    marked: Marked  # (k,) one label after the other
    sizes: IntArray  # (m,) images a label
    steps: IntArray  # (m,) 1 where they are predicted now, -1 where they are no longer
    hits: IntArray  # (m,) annotated positives among them

    @classmethod
    def between(cls, curves: Sequence[LabelCurve], old: Sequence[int], new: Sequence[int]) -> Crossed:
        """From where each of m labels was predicted from, and is now; reads the images in between and no others."""
        pairs = zip(curves, old, new, strict=True)
        parts = [curve.marked[min(before, after) : max(before, after)] for curve, before, after in pairs]
        marked = np.concatenate(parts)
        sizes = np.array([len(part) for part in parts], dtype=np.int64)
        so_far = np.zeros(len(marked) + 1, dtype=np.int64)
        np.cumsum(marked & np.uint32(1), out=so_far[1:])
        ends = np.cumsum(sizes)
        steps = np.where(np.asarray(new) < np.asarray(old), 1, -1)
        return cls(marked, sizes, steps, so_far[ends] - so_far[ends - sizes])


def _packed(scores: ScoreArray, rows: IntArray, positive: BoolArray) -> NDArray[np.uint64]:
    """Score and image in one number of 64 bits, each (k,).

    Floats that are not negative order as their bits do, and numpy sorts numbers faster than it finds the order of
    numbers. Adding 0 makes a negative zero an ordinary one.
    """
    packed = (scores + np.float32(0)).view(np.uint32).astype(np.uint64)
    packed <<= np.uint64(32)
    packed |= rows.astype(np.uint64) << np.uint64(1)
    packed += positive
    return packed


def _tp_from_block(marked: Marked) -> NDArray[np.int32]:
    n_blocks = -(-len(marked) // _BLOCK)
    total = np.zeros(n_blocks + 1, dtype=np.int32)
    if n_blocks:
        starts = np.arange(n_blocks) * _BLOCK
        in_block = np.add.reduceat(marked & np.uint32(1), starts, dtype=np.int32)
        np.cumsum(in_block[::-1], out=total[1:])
    return total[::-1]


def pr_curve(curve: LabelCurve) -> PRCurve:
    """Precision and recall at each distinct score, strictest first.

    Average precision is the sum of precision times the step in recall, as in scikit-learn.
    """
    falling = curve.rising[::-1]
    last = np.append(falling[1:] != falling[:-1], True)[: len(curve)]  # of the images with one score
    ends = np.flatnonzero(last)
    tp = np.cumsum(curve.marked[::-1] & np.uint32(1), dtype=np.int64)[ends]
    predicted = ends + 1
    precision = tp / predicted
    recall = tp / curve.positives if curve.positives else np.full(len(tp), np.nan)
    steps = np.diff(recall, prepend=0.0)
    return PRCurve(
        thresholds=falling[ends],
        precision=precision,
        recall=recall,
        tp=tp,
        predicted=predicted,
        support=curve.positives,
        prevalence=fraction(curve.positives, curve.known),
        average_precision=float((precision * steps).sum()) if curve.positives else float("nan"),
    )
