"""Scores with a known distortion, and the plain formulas."""

from __future__ import annotations

import numpy as np

from inference.types import FloatArray, ScoreArray, TruthArray


def sigmoid(logits: FloatArray | ScoreArray) -> FloatArray:
    return np.asarray(1 / (1 + np.exp(-logits.astype(np.float64))))


def distorted(
    n: int, slopes: list[float], shifts: list[float], seed: int = 0, unknown: float = 0.0
) -> tuple[ScoreArray, TruthArray]:
    """Logits (n, c) of which ``slope * logit + shift`` is the true logit, and truth drawn from it."""
    rng = np.random.default_rng(seed)
    true = rng.normal(-0.5, 2.0, (n, len(slopes)))
    truth = (rng.random(true.shape) < sigmoid(true)).astype(np.int8)
    truth[rng.random(true.shape) < unknown] = -1
    return ((true - np.array(shifts)) / np.array(slopes)).astype(np.float32), truth


def one_class(n: int, c: int, factor: float, biases: FloatArray, seed: int = 0) -> tuple[ScoreArray, TruthArray]:
    """Logits (n, c) of which the softmax of ``factor * logit + biases`` is true, and one class an image."""
    rng = np.random.default_rng(seed)
    true = rng.normal(0, 1.5, (n, c))
    powers = np.exp(true)
    shares = np.cumsum(powers / powers.sum(axis=1, keepdims=True), axis=1)
    classes = (shares > rng.random((n, 1))).argmax(axis=1)
    truth = np.zeros((n, c), dtype=np.int8)
    truth[np.arange(n), classes] = 1
    return ((true - biases) / factor).astype(np.float32), truth
