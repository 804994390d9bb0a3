"""Maps for scores that are the softmax of a row of logits: one temperature, and a bias a class if asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from inference.evaluation.calibration.minimising import FLATTEST, STEEPEST, minimised
from inference.evaluation.calibration.sigmoid import FEWEST
from inference.types import BoolArray, FloatArray, IntArray, ScoreArray

_CHUNK: Final = 1 << 18  # logits held in float64 at a time
_STEEP: Final = 1e4  # of a class bias, in logits

Cancelled = Callable[[], bool]


class _Stopped(Exception):  # no error, as its name says
    """Raised out of a minimisation that nobody wants any more."""


def class_loss(
    logits: ScoreArray, classes: IntArray, factor: float, biases: FloatArray
) -> tuple[float, float, FloatArray]:
    """Mean log loss of ``factor * logits + biases``, and its change with the factor and with each bias, (c,).

    Args:
        logits: float32 (m, c).
        classes: the class of each image, (m,).
        factor: 1 / T.
        biases: (c,).
    """
    loss, by_factor, by_bias = 0.0, 0.0, -np.bincount(classes, minlength=logits.shape[1]).astype(np.float64)
    step = max(1, _CHUNK // max(1, logits.shape[1]))
    for start in range(0, len(logits), step):
        part, own = logits[start : start + step].astype(np.float64), classes[start : start + step]
        row = np.arange(len(part))
        powers = factor * part + biases
        powers -= powers.max(axis=1, keepdims=True)
        true = powers[row, own]
        np.exp(powers, out=powers)
        sums = powers.sum(axis=1, keepdims=True)
        loss += float(np.log(sums).sum() - true.sum())
        powers /= sums
        by_bias += powers.sum(axis=0)
        by_factor += float(np.einsum("ij,ij->", powers, part) - part[row, own].sum())
    total = max(len(logits), 1)
    return loss / total, by_factor / total, by_bias / total


def temperature(logits: ScoreArray, classes: IntArray, cancelled: Cancelled = lambda: False) -> float | None:
    """The factor 1 / T with the least log loss (Guo et al. 2017); None where it would be 0 or less.

    Args:
        logits: float32 (m, c).
        classes: (m,).
        cancelled: asked at every step.
    """
    found = _fitted(logits, classes, np.zeros(logits.shape[1], dtype=bool), cancelled)
    return None if found is None else found[0]


def bias_corrected(
    logits: ScoreArray, classes: IntArray, fewest: int = FEWEST, cancelled: Cancelled = lambda: False
) -> tuple[float, FloatArray, BoolArray] | None:
    """Temperature and a bias a class with the least log loss (Alexandari, Kundaje and Shrikumar 2020).

    Args:
        logits: float32 (m, c).
        classes: (m,).
        fewest: images of a class, or its bias stays 0.
        cancelled: asked at every step.

    Returns:
        1 / T, the biases (c,) and which of them are free (c,); None where the factor would be 0 or less.
    """
    free = np.bincount(classes, minlength=logits.shape[1]) >= fewest
    found = _fitted(logits, classes, free, cancelled)
    if found is None:
        return None
    factor, biases = found
    if free.all():
        biases = biases - biases.mean()  # softmax sees differences alone
    return factor, biases, free


def _fitted(
    logits: ScoreArray, classes: IntArray, free: BoolArray, cancelled: Cancelled
) -> tuple[float, FloatArray] | None:
    if not len(logits):
        return None
    spread = _spread(logits)
    if not spread > 0:
        return None
    biases = np.zeros(logits.shape[1])

    def loss(parameters: FloatArray) -> tuple[float, FloatArray]:
        if cancelled():
            raise _Stopped
        biases[free] = parameters[1:]
        value, by_factor, by_bias = class_loss(logits, classes, parameters[0] / spread, biases)
        return value, np.concatenate(([by_factor / spread], by_bias[free]))

    n_free = int(np.count_nonzero(free))
    start = np.concatenate(([min(max(spread, 0.1), 5.0)], np.zeros(n_free)))
    bounds = [(FLATTEST, STEEPEST), *[(-_STEEP, _STEEP)] * n_free]
    try:
        found = minimised(loss, start, bounds)
    except _Stopped:
        return None
    if found[0] <= FLATTEST:
        return None
    biases[free] = found[1:]
    return float(found[0]) / spread, biases


def _spread(logits: ScoreArray) -> float:
    """How far logits lie from the mean of their row, by the square."""
    step = max(1, _CHUNK // max(1, logits.shape[1]))
    total = 0.0
    for start in range(0, len(logits), step):
        part = logits[start : start + step].astype(np.float64)
        part -= part.mean(axis=1, keepdims=True)
        total += float(np.einsum("ij,ij->", part, part))
    return float(np.sqrt(total / logits.size))
