"""Scores to predicted labels. The comparison of a score with a threshold stands here and nowhere else."""

from __future__ import annotations

import numpy as np

from inference.types import BoolArray, DecisionRule, IntArray, ScoreArray


def passes(scores: ScoreArray, thresholds: ScoreArray | np.float32) -> BoolArray:
    """Where a score reaches its threshold, compared in float32: equal passes."""
    return np.asarray(scores, dtype=np.float32) >= np.asarray(thresholds, dtype=np.float32)


def first_passing(rising: ScoreArray, threshold: np.float32) -> int:
    """Index of the first of the rising scores that passes; ``len(rising)`` when none does.

    The threshold must be an np.float32: a Python float would convert the whole array at each call.
    """
    return int(np.searchsorted(rising, threshold, side="left"))


def winners(logits: ScoreArray) -> IntArray:
    """The label with the highest logit of each image, (n,); the first of equals, as scikit-learn and torch have it.

    Logits and not scores: scores tie where the activation saturates.
    """
    return np.asarray(np.argmax(logits, axis=1), dtype=np.int64)


def decide(logits: ScoreArray, scores: ScoreArray, thresholds: ScoreArray, rule: DecisionRule) -> BoolArray:
    """The predicted labels of every image.

    Args:
        logits: float32 (n, c).
        scores: float32 (n, c), the logits after the activation.
        thresholds: float32 (c,).
        rule: argmax predicts the winner alone; argmax with rejection only where the winner passes its threshold.

    Returns:
        bool (n, c).
    """
    if rule is DecisionRule.THRESHOLDS:
        return passes(scores, thresholds)
    winner = np.zeros(logits.shape, dtype=bool)
    if logits.shape[1]:
        winner[np.arange(len(logits)), winners(logits)] = True
    if rule is DecisionRule.ARGMAX:
        return winner
    return winner & passes(scores, thresholds)
