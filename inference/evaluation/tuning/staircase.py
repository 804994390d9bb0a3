"""One label's images from the highest score down: what every possible cut counts, and where its threshold lies.

Only a change of score can be cut at, so that ties are kept together. All that tuning does stands on these counts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.evaluation.decisions import first_passing
from inference.types import POSITIVE, UNKNOWN, FloatArray, IntArray, ScoreArray, TruthArray

_BEYOND = 1.0  # logits between the outermost score and a threshold that leaves everything on one side


@dataclass(frozen=True, eq=False)
class Staircase:
    """The cuts of one label: cut ``k`` predicts the images with the ``k`` highest distinct scores, cut 0 none.

    Images whose truth is unknown are left out.
    """

    rising: ScoreArray  # (K,) distinct scores, from the lowest
    order: NDArray[np.int32]  # (m,) rows of the images, from the highest score
    pp: NDArray[np.int32]  # (K + 1,) predicted images of each cut
    tp: NDArray[np.int32]  # (K + 1,) positives among them
    margins: ScoreArray  # (n,) of all images: the logit whose sigmoid is the score

    @classmethod
    def build(cls, scores: ScoreArray, truth: TruthArray, margins: ScoreArray) -> Staircase:
        """Sort one label; each argument is (n,)."""
        rows = np.flatnonzero(truth != UNKNOWN).astype(np.int32)
        part = scores[rows]
        ranks = np.argsort(part)  # ties need no fixed order: no cut lies between them
        part = part[ranks]
        first = np.ones(len(part), dtype=bool)
        np.not_equal(part[1:], part[:-1], out=first[1:])
        starts = np.flatnonzero(first)  # where each distinct score begins, from the lowest
        order = rows[ranks[::-1]]
        pp = np.zeros(len(starts) + 1, dtype=np.int32)
        pp[1:] = len(part) - starts[::-1]
        found = np.zeros(len(part) + 1, dtype=np.int32)
        np.cumsum(truth[order] == POSITIVE, out=found[1:])
        return cls(rising=part[starts], order=order, pp=pp, tp=found[pp], margins=margins)

    @property
    def scores(self) -> ScoreArray:
        """(K,) distinct scores, from the highest: cut ``k`` predicts the first ``k`` of them."""
        return self.rising[::-1]

    @property
    def known(self) -> int:
        """Images whose truth is known."""
        return len(self.order)

    @property
    def positives(self) -> int:
        """Images annotated positive."""
        return int(self.tp[-1])

    @property
    def negatives(self) -> int:
        """Images annotated negative."""
        return self.known - self.positives

    def cut_at(self, threshold: np.float32) -> int:
        """The cut that a threshold makes."""
        return len(self.rising) - first_passing(self.rising, np.float32(threshold))

    def cuts_at(self, thresholds: ScoreArray) -> IntArray:
        """The cut that each threshold makes, by binary search."""
        return len(self.rising) - np.searchsorted(self.rising, thresholds, side="left")

    def corners(self) -> IntArray:
        """The cuts that end at a positive, and cut 0.

        Any other cut predicts more than the corner before it and finds no more, so that nothing that rises with the
        positives found and falls with the images predicted has its best there.
        """
        rises = np.flatnonzero(np.diff(self.tp)) + 1
        return np.concatenate([np.zeros(1, dtype=np.int64), rises])

    def plateau(self, k: int) -> tuple[np.float32, np.float32]:
        """``(low, high]``: every threshold in it makes cut ``k``. Infinite where no score bounds it."""
        n_scores = len(self.rising)
        low = self.rising[n_scores - k - 1] if k < n_scores else np.float32(-np.inf)
        high = self.rising[n_scores - k] if k > 0 else np.float32(np.inf)
        return low, high

    def place(self, k: int) -> np.float32:
        """The threshold of cut ``k``: midway between the neighbouring scores as logits, and exact in float32.

        Where nothing or everything is predicted there is one neighbour only, and the threshold lies a logit beyond it.
        Where float32 has no number that separates the two (scores crowd at 1), it is the upper score itself.
        """
        low, high = self.plateau(k)
        if not len(self.rising):
            raise ValueError("a label without known images has no cut to place")
        above, below = self._lowest_margin(k), self._highest_margin(k)
        if np.isinf(low):
            middle = above - _BEYOND
        elif np.isinf(high):
            middle = below + _BEYOND
        else:
            middle = 0.5 * (above + below)
        t = np.float32(sigmoid(np.float64(middle)))
        if low < t <= high:
            return t
        return np.nextafter(low, np.float32(np.inf)) if np.isinf(high) else high

    def _lowest_margin(self, k: int) -> float:
        """Among the images with the lowest score that cut ``k`` predicts."""
        if k == 0:
            return np.inf
        return float(self.margins[self.order[self.pp[k - 1] : self.pp[k]]].min())

    def _highest_margin(self, k: int) -> float:
        """Among the images with the highest score that cut ``k`` leaves."""
        if k == len(self.rising):
            return -np.inf
        return float(self.margins[self.order[self.pp[k] : self.pp[k + 1]]].max())


def sigmoid(margins: FloatArray | np.float64) -> FloatArray:
    """Margins to scores in float64, without overflow."""
    decayed = np.exp(-np.abs(margins))
    return np.asarray(np.where(np.asarray(margins) < 0, decayed, 1.0) / (1.0 + decayed))


def hull(pp: FloatArray | NDArray[np.int32], tp: FloatArray | NDArray[np.int32]) -> IntArray:
    """Indices of the corners of the upper convex hull of the points (pp, tp), from the first point to the last.

    Whatever is linear in (pp, tp), or a ratio of two such, has its best at one of them, and where several points are
    equally good the first of them is among the corners. Points in between on an edge are left out.

    Args:
        pp: (m,) rising; whole numbers, so that the arithmetic is exact.
        tp: (m,) not falling.
    """
    x, y = np.asarray(pp, dtype=np.float64), np.asarray(tp, dtype=np.float64)
    last = len(x) - 1
    kept = {0, last}
    open_edges = [(0, last)]
    while open_edges:
        start, end = open_edges.pop()
        if end - start < 2:
            continue
        run, rise = x[end] - x[start], y[end] - y[start]
        above = (y[start + 1 : end] - y[start]) * run - (x[start + 1 : end] - x[start]) * rise
        best = int(above.argmax())
        if above[best] > 0:
            middle = start + 1 + best
            kept.add(middle)
            open_edges += [(start, middle), (middle, end)]
    return np.array(sorted(kept), dtype=np.int64)
