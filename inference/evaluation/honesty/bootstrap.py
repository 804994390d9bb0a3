"""Intervals by redrawing whole images: the labels of one image depend on each other, so cells cannot be redrawn.

Poisson bootstrap: each draw gives every image a weight of its own, Poisson with mean 1, and sums are weighted; for more
than a few dozen images that equals drawing as many with replacement.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from inference.evaluation.honesty.scored import S, never, nowhere
from inference.evaluation.honesty.tally import Tally
from inference.types import (
    POSITIVE,
    AverageIntervals,
    FloatArray,
    Interval,
    ScoreArray,
    ThresholdIntervals,
    Thresholds,
)

_DRAWS: Final = 200
_TUNED_DRAWS: Final = 50
_CELLS: Final = 1 << 22  # weights, or cells of the decisions, held as float32 at a time
_LEVELS: Final = 1 << 16


def average_intervals(
    tally: Tally,
    *,
    n_draws: int = _DRAWS,
    confidence: float = 0.9,
    seed: int = 0,
    cancelled: Callable[[], bool] = never,
) -> AverageIntervals | None:
    """Where the averages of F1 lie; None when cancelled.

    Undefined F1 is left out here: a draw without any positive of a rare label says nothing of it, and counting it as 0
    would pull the interval of the macro average down.

    Args:
        tally: the decisions at thresholds that stay as they are.
        n_draws: how many times the images are redrawn.
        confidence: of each interval, two-sided, between quantiles of the draws.
        seed: the same seed gives the same intervals.
        cancelled: asked between blocks of images.
    """
    n_labels = len(tally.truth)
    tp, predicted, positives = (np.zeros((n_draws, n_labels)) for _ in range(3))
    image_f1, images = np.zeros(n_draws), np.zeros(n_draws)
    counts = tally.measured * (1.0 - tally.undefined[:, 2])
    rng = np.random.default_rng(seed)
    for part in _blocks(tally.truth.shape[1], max(n_draws, n_labels)):
        if cancelled():
            return None
        weights = poisson_weights(rng, (n_draws, part.stop - part.start)).astype(np.float32)
        votes = tally.votes[:, part].astype(np.float32)
        truth = (tally.truth[:, part] == POSITIVE).astype(np.float32)
        # float32 sums of whole numbers are exact to 16 million, and a block is smaller
        predicted += weights @ votes.T
        positives += weights @ truth.T
        votes *= truth
        tp += weights @ votes.T
        image_f1 += weights @ tally.image_rates[part, 2].astype(np.float32)
        images += weights @ counts[part].astype(np.float32)
    label_f1 = _ratio(2.0 * tp, predicted + tally.n_rounds * positives)
    micro = _ratio(2.0 * tp.sum(axis=1), predicted.sum(axis=1) + tally.n_rounds * positives.sum(axis=1))
    return AverageIntervals(
        micro=_interval(micro, confidence),
        macro=_interval(_weighted_mean(label_f1, np.ones_like(label_f1)), confidence),
        weighted=_interval(_weighted_mean(label_f1, positives), confidence),
        samples=_interval(_ratio(image_f1, images), confidence),
        confidence=confidence,
        n_draws=n_draws,
    )


def threshold_intervals(
    data: S,
    tune: Callable[[S], Thresholds],
    *,
    n_draws: int = _TUNED_DRAWS,
    confidence: float = 0.9,
    seed: int = 0,
    cancelled: Callable[[], bool] = never,
    progress: Callable[[int, int], None] = nowhere,
) -> ThresholdIntervals | None:
    """Where tuning puts the thresholds when the images are redrawn; None when cancelled.

    It shows how firmly the folder fixes a threshold. It is no interval of "the best" threshold: the place of a maximum
    is the textbook case in which the bootstrap's coverage is not what it says.
    """
    rng = np.random.default_rng(seed)
    n_images = data.truth.shape[1]
    drawn: list[ScoreArray] = []
    for draw in range(n_draws):
        if cancelled():
            return None
        rows = np.repeat(np.arange(n_images), poisson_weights(rng, (n_images,)))
        drawn.append(tune(data.subset(rows)).values)
        progress(draw + 1, n_draws)
    if cancelled():
        return None
    # draws themselves and no mean of two neighbours: a threshold may be infinite
    rising = np.sort(np.stack(drawn), axis=0)
    outside = int((1.0 - confidence) / 2.0 * n_draws)
    return ThresholdIntervals(rising[outside], rising[-1 - outside], confidence, n_draws)


def poisson_weights(rng: np.random.Generator, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """Poisson numbers of mean 1, by a table of 65,536 equally likely entries: ten times as fast as numpy's own."""
    table = _poisson_table()
    return table[rng.integers(0, _LEVELS, shape, dtype=np.uint16)]


def _poisson_table() -> NDArray[np.uint8]:
    below = np.cumsum([math.exp(-1.0) / math.factorial(k) for k in range(10)])
    return np.searchsorted(below, (np.arange(_LEVELS) + 0.5) / _LEVELS).astype(np.uint8)


def _blocks(n: int, width: int) -> Iterator[slice]:
    step = max(1, _CELLS // max(1, width))
    for start in range(0, n, step):
        yield slice(start, min(n, start + step))


def _ratio(above: FloatArray, below: FloatArray) -> FloatArray:
    result = np.full(np.shape(above), np.nan)
    np.divide(above, below, out=result, where=below > 0)
    return result


def _weighted_mean(values: FloatArray, weights: FloatArray) -> FloatArray:
    """Over the labels (axis 1), NaN left out."""
    kept = ~np.isnan(values)
    return _ratio((np.where(kept, values, 0.0) * weights).sum(axis=1), (weights * kept).sum(axis=1))


def _interval(draws: FloatArray, confidence: float) -> Interval:
    defined = draws[~np.isnan(draws)]
    if not len(defined):
        return Interval(float("nan"), float("nan"))
    tail = (1.0 - confidence) / 2.0
    low, high = np.quantile(defined, [tail, 1.0 - tail])
    return Interval(float(low), float(high))
