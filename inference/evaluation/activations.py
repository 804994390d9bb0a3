"""Logits to scores, in float64 and rounded once to float32."""

from __future__ import annotations

import numpy as np

from inference.types import Activation, FloatArray, ScoreArray

_CHUNK = 1 << 18  # elements held in float64 at a time


def scores_from_logits(logits: ScoreArray, activation: Activation) -> ScoreArray:
    """Scores of every image under every label.

    Args:
        logits: float32 (n, c), finite.
        activation: sigmoid looks at each logit alone; softmax at the whole row.

    Returns:
        float32 (n, c) in 0..1. Sigmoid saturates at 1 from a logit of about 16.6.
    """
    function = _sigmoid if activation is Activation.SIGMOID else _softmax
    scores = np.empty_like(logits, dtype=np.float32)
    step = max(1, _CHUNK // max(1, logits.shape[1]))
    for start in range(0, len(logits), step):
        part = slice(start, start + step)
        scores[part] = function(logits[part].astype(np.float64))
    return scores


def _sigmoid(logits: FloatArray) -> FloatArray:
    # exp of a number that is never positive cannot overflow
    decayed = np.exp(-np.abs(logits))
    return np.where(logits < 0, decayed, 1.0) / (1.0 + decayed)


def _softmax(logits: FloatArray) -> FloatArray:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True, initial=-np.inf))
    total: FloatArray = powers / powers.sum(axis=1, keepdims=True)
    return total
