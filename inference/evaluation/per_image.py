"""Each image's own best set of labels: the one with the highest expected F1, when labels are independent given scores.

Among sets of equal size the expectation is highest for the labels with the highest scores, so that only the top k have
to be tried (Lewis 1995; Ye, Chai, Lee and Chieu, ICML 2012; Waegeman et al., JMLR 15, 2014). With S the number of
positives, Poisson-binomial, and R_j the same without label j,

    E F1(top k) = 2 sum_{j <= k} p_j E[1 / (k + 1 + R_j)]
                = 2 sum_{j <= k} p_j int_0^1 t^k prod_{i != j} (1 - p_i + p_i t) dt

because 1 / (a + 1) is the integral of t^a, and E t^R is the generating function of R. The integrand is a polynomial
with coefficients >= 0, which Gauss-Legendre quadrature integrates exactly from (degree + 1) / 2 nodes on; with many
labels fewer nodes do so to the last digits of float64 (`_n_nodes`). Nothing cancels, and every step is an array
operation.

How far to look is bounded as well: F1 = 2 TP / (k + S) <= 2 TP / (k + TP), concave in TP, so that by Jensen the
expectation is at most 2 m / (k + m) with m the sum of the k highest scores; m / k falls with k, and so does the bound.
Once it is below the best so far, no larger set can win. Labels with hardly any score change nothing: leaving labels out
whose scores sum to e changes the expectation by at most e, the chance that any of them is positive.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Final

import numpy as np

from inference.types import BoolArray, FloatArray, IntArray, ScoreArray

_CELLS: Final = 1 << 19  # images by nodes held in float64 at a time
_NEGLIGIBLE: Final = 1e-10  # summed score of labels left out, and the gain that a larger set must bring


def best_sets(scores: ScoreArray, empty: float = 1.0) -> BoolArray:
    """The labels of each image that together have the highest expected F1; of equally good sets the smallest.

    Args:
        scores: float32 (m, c), calibrated, 0..1; a row with NaN gets no label.
        empty: what an image without labels counts when none is predicted, as scikit-learn's ``zero_division``. With 1
            an image may get no label; with 0 it gets at least one wherever any score is above 0.

    Returns:
        bool (m, c). Equal scores are taken in the order of the labels.
    """
    chosen = np.zeros(scores.shape, dtype=bool)
    n_images, n_labels = scores.shape
    if not n_labels:
        return chosen
    step = max(1, _CELLS // _n_nodes(2 * n_labels))
    for start in range(0, n_images, step):
        part = np.asarray(scores[start : start + step], dtype=np.float64)
        part = np.clip(np.where(np.isnan(part).any(axis=1, keepdims=True), 0.0, part), 0.0, 1.0)
        order = np.argsort(-part, axis=1, kind="stable")
        falling = np.take_along_axis(part, order, axis=1)
        sizes = _best_sizes(falling, empty)
        rank_in = np.arange(n_labels) < sizes[:, None]
        np.put_along_axis(chosen[start : start + step], order, rank_in, axis=1)
    return chosen


def expected_f1(scores: ScoreArray | FloatArray, empty: float = 1.0) -> FloatArray:
    """The expected F1 of predicting the k highest scores of each image, for every k.

    Args:
        scores: (m, c), in any order.
        empty: as in `best_sets`.

    Returns:
        float64 (m, c + 1); column k is that of k labels.
    """
    falling = -np.sort(-np.asarray(scores, dtype=np.float64), axis=1)
    result = np.empty((len(falling), falling.shape[1] + 1))
    result[:, 0] = empty * _none_positive(falling)
    work = _Work(falling)
    for k in range(1, falling.shape[1] + 1):
        result[:, k] = work.add(falling[:, k - 1])
    return result


def _best_sizes(falling: FloatArray, empty: float) -> IntArray:
    """How many of the falling scores (m, c) to predict, (m,)."""
    needed = _needed_labels(falling)
    best = empty * _none_positive(falling)
    sizes = np.zeros(len(falling), dtype=np.int64)
    rows = np.flatnonzero(falling[:, 0] > 0)
    highest = falling[rows, :needed]
    work = _Work(highest)
    total = np.zeros(len(rows))
    for k in range(1, needed + 1):
        total = total + highest[:, k - 1]
        alive = 2.0 * total / (k + total) > best[rows] + _NEGLIGIBLE
        if not alive.all():
            rows, highest, total = rows[alive], highest[alive], total[alive]
            work.keep(alive)
        if not len(rows):
            break
        value = work.add(highest[:, k - 1])
        better = value > best[rows] + _NEGLIGIBLE
        best[rows[better]] = value[better]
        sizes[rows[better]] = k
    return sizes


class _Work:
    """The integrand at the nodes, for sets that grow label by label."""

    def __init__(self, falling: FloatArray) -> None:
        n_labels = falling.shape[1]
        self._t, weights = _nodes(_n_nodes(2 * n_labels))
        self._part = np.tile(weights, (len(falling), 1))  # weight, t^k and the generating function of all labels
        for label in range(n_labels):
            self._part *= self._factor(falling[:, label])
        self._ratios = np.zeros_like(self._part)

    def add(self, score: FloatArray) -> FloatArray:
        """The expectation with one more label, (m,)."""
        self._part *= self._t
        self._ratios += score[:, None] / self._factor(score)
        return np.asarray(2.0 * (self._part * self._ratios).sum(axis=1))

    def keep(self, images: BoolArray) -> None:
        """Go on with some of the images."""
        self._part, self._ratios = self._part[images], self._ratios[images]

    def _factor(self, score: FloatArray) -> FloatArray:
        return np.asarray(1.0 - np.outer(score, 1.0 - self._t))  # above 0: no node is at 0


def _needed_labels(falling: FloatArray) -> int:
    """How many of the highest scores matter in at least one of the images."""
    below = np.cumsum(falling[:, ::-1], axis=1)[:, ::-1].max(axis=0)  # summed score from each rank on
    return max(1, int(np.count_nonzero(below > _NEGLIGIBLE)))


def _none_positive(falling: FloatArray) -> FloatArray:
    return np.asarray(np.prod(1.0 - falling, axis=1))


def _n_nodes(degree: int) -> int:
    """How many nodes integrate every power up to ``degree`` over 0..1 to within 1e-13.

    Half the degree is exact. But the nodes crowd at the ends, as the high powers do at 1, and a number that grows with
    the root of the degree is enough; a test tries all powers up to 4,000.
    """
    return min(degree // 2 + 1, math.ceil(3.2 * math.sqrt(degree)) + 2)


@lru_cache(maxsize=64)
def _nodes(n: int) -> tuple[FloatArray, FloatArray]:
    """Gauss-Legendre's nodes and weights on 0..1."""
    nodes, weights = np.polynomial.legendre.leggauss(n)
    return np.asarray((nodes + 1.0) / 2.0), np.asarray(weights / 2.0)
