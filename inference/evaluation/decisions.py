"""Scores to predicted labels. The comparison of a score with a threshold stands here and nowhere else."""

from __future__ import annotations

import numpy as np

from inference.evaluation.per_image import best_sets
from inference.types import BoolArray, DecisionRule, IntArray, ScoreArray


def passes(scores: ScoreArray, thresholds: ScoreArray | np.float32) -> BoolArray:
    """Where a score reaches its threshold, compared in float32: equal passes."""
    return np.asarray(scores, dtype=np.float32) >= np.asarray(thresholds, dtype=np.float32)


def first_passing(rising: ScoreArray, threshold: np.float32) -> int:
    """Index of the first of the rising scores that passes; ``len(rising)`` when none does.

    The threshold must be an np.float32: a Python float would convert the whole array at each call.
    """
    return int(rising.searchsorted(threshold))


def winners(logits: ScoreArray) -> IntArray:
    """The label with the highest logit of each image, (n,); the first of equals, as scikit-learn and torch have it.

    Logits and not scores: scores tie where the activation saturates.
    """
    return np.asarray(np.argmax(logits, axis=1), dtype=np.int64)


def highest(logits: ScoreArray, k: int) -> BoolArray:
    """The k labels with the highest logits of each image, bool (n, c); of equal ones the first, all where c <= k."""
    if k >= logits.shape[1]:
        return np.ones(logits.shape, dtype=bool)
    if k < 1:
        return np.zeros(logits.shape, dtype=bool)
    last = -np.partition(-logits, k - 1, axis=1)[:, k - 1 : k]
    above, level = logits > last, logits == last
    left = k - np.count_nonzero(above, axis=1, keepdims=True)
    return np.asarray(above | (level & (np.cumsum(level, axis=1) <= left)))


def eligible(logits: ScoreArray, scores: ScoreArray, rule: DecisionRule, k: int = 1) -> BoolArray | None:
    """Where a label can be predicted at all, bool (n, c), whatever its threshold; None where it is everywhere.

    Args:
        logits: float32 (n, c).
        scores: float32 (n, c).
        rule: as for `decide`.
        k: how many labels an image is given at most, where the rule is the k highest.
    """
    if rule is DecisionRule.THRESHOLDS:
        return None
    if rule is DecisionRule.PER_IMAGE:
        return best_sets(scores)
    if rule is DecisionRule.TOP_K:
        return highest(logits, k)
    winner = np.zeros(logits.shape, dtype=bool)
    if logits.shape[1]:
        winner[np.arange(len(logits)), winners(logits)] = True
    return winner


def decide(logits: ScoreArray, scores: ScoreArray, thresholds: ScoreArray, rule: DecisionRule, k: int = 1) -> BoolArray:
    """The predicted labels of every image.

    Args:
        logits: float32 (n, c), after calibration and biases.
        scores: float32 (n, c), those logits after the activation.
        thresholds: float32 (c,).
        rule: argmax predicts the winner alone; argmax with rejection only where the winner passes its threshold; the
            k highest likewise; per image the set with the highest expected F1, whatever the thresholds.
        k: of the k highest.

    Returns:
        bool (n, c).
    """
    may = eligible(logits, scores, rule, k)
    if may is None:
        return passes(scores, thresholds)
    return may & passes(scores, thresholds) if rule.uses_thresholds else may
