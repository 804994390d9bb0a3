"""How well each image ranks its labels: the right ones first, over the labels whose truth is known.

Definitions are scikit-learn's (``label_ranking_average_precision_score``, ``coverage_error``,
``label_ranking_loss``), which knows no unknown labels; here they are left out image by image. Ties count against:
a wrong label with a right one's score stands before it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from inference.types import POSITIVE, UNKNOWN, BoolArray, FloatArray, IntArray, RankingMetrics, ScoreArray, TruthArray

_CHUNK = 1 << 18  # scores sorted together


@dataclass
class _Sums:
    lrap: float = 0.0
    coverage: int = 0
    loss: float = 0.0
    n_images: int = 0


def ranking_metrics(scores: ScoreArray, y_true: TruthArray) -> RankingMetrics:
    """The three means over images with a known label.

    Args:
        scores: float32 (n, c), finite; logits serve as well and do not saturate.
        y_true: int8 (n, c).
    """
    step = max(1, _CHUNK // max(1, scores.shape[1]))
    parts = (slice(first, first + step) for first in range(0, len(scores), step))
    return ranking_metrics_of((scores[part], y_true[part]) for part in parts)


def ranking_metrics_of(parts: Iterable[tuple[ScoreArray, TruthArray]]) -> RankingMetrics:
    """The same from parts of the images, each (scores, y_true) as above."""
    sums = _Sums()
    for scores, y_true in parts:
        measured = (y_true != UNKNOWN).any(axis=1)
        if measured.any():
            _add(sums, scores[measured], y_true[measured])
    n = sums.n_images
    if not n:
        return RankingMetrics(float("nan"), float("nan"), float("nan"), 0)
    return RankingMetrics(sums.lrap / n, sums.coverage / n, sums.loss / n, n)


def _add(sums: _Sums, scores: ScoreArray, y_true: TruthArray) -> None:
    ordered, truth = _in_order(scores, y_true)
    relevant = truth == POSITIVE
    wrong = truth == 0
    rank = _last_of_equals(ordered, np.cumsum(relevant | wrong, axis=1))  # known labels that score at least as much
    right_rank = _last_of_equals(ordered, np.cumsum(relevant, axis=1))
    n_right, n_wrong = relevant.sum(axis=1), wrong.sum(axis=1)
    sums.n_images += len(scores)
    sums.lrap += float(_lrap(relevant, rank, right_rank, n_right).sum())
    sums.coverage += int(np.where(relevant, rank, 0).max(axis=1).sum())
    before = np.where(relevant, rank - right_rank, 0).sum(axis=1)  # wrong labels that score at least as much
    pairs = n_right * n_wrong
    sums.loss += float((before / np.maximum(pairs, 1)).sum())


def _lrap(relevant: BoolArray, rank: IntArray, right_rank: IntArray, n_right: IntArray) -> FloatArray:
    """Of each image, (n,); 1 where there is nothing to find."""
    shares = np.where(relevant, right_rank / np.maximum(rank, 1), 0.0)
    mean: FloatArray = shares.sum(axis=1) / np.maximum(n_right, 1)
    return np.where(n_right == 0, 1.0, mean)


def _in_order(scores: ScoreArray, y_true: TruthArray) -> tuple[ScoreArray, TruthArray]:
    """Both with the highest score first."""
    # Score and truth in one number: the truth takes the lowest bits, and only orders equals. The order of equals
    # is free, since ranks are taken at the last of them.
    bits = (scores + np.float32(0)).view(np.int32).astype(np.int64)
    bits ^= (bits >> 63) & 0x7FFFFFFF  # negative floats order backwards
    packed = (-bits << 2) | (y_true.astype(np.int64) + 1)
    packed.sort(axis=1)
    truth = ((packed & 3) - 1).astype(np.int8)
    back = -(packed >> 2)
    back ^= (back >> 63) & 0x7FFFFFFF
    return back.astype(np.int32).view(np.float32), truth


def _last_of_equals(ordered: ScoreArray, counts: IntArray) -> IntArray:
    """The rising ``counts`` (n, c), each taken at the last of the scores equal to its own."""
    last = np.ones(ordered.shape, dtype=bool)
    last[:, :-1] = ordered[:, 1:] != ordered[:, :-1]
    at_last = np.where(last, counts, counts[:, -1:])  # counts rise: the least of those to come is the next last one
    return np.minimum.accumulate(at_last[:, ::-1], axis=1)[:, ::-1]
