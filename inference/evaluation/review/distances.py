"""How far each decision is from being the other one, in logits.

Scores crowd at 0 and 1, logits do not: a score's distance to its threshold is that of their logits. Where the rule
gives an image one label at most, a label must also beat the others: what it lacks most of, or has least of, counts.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from inference.evaluation.evaluator import Evaluator
from inference.types import Activation, DecisionRule, FloatArray, IntArray, ScoreArray

_LEAST: Final = 1e-30  # of a threshold and of a softmax's rest, so that logits stay finite
_MOST: Final = 1.0 - 2.0**-25  # a threshold above every score that is not 1 in float32
_FAR: Final = 3e38  # of float32


def slack(evaluator: Evaluator, label: int | None = None) -> ScoreArray:
    """By how many logits each label is predicted (0 or more) or is not (below 0) on each scored image.

    Under the k highest labels infinitely below for labels that are not among them; under the best set of each image,
    which knows no border, from a score of 0.5.

    Args:
        evaluator: with the thresholds in force.
        label: only this one.

    Returns:
        float32 (c, m), or (1, m) for one label.
    """
    labels = np.arange(evaluator.n_labels) if label is None else np.array([label])
    borders = threshold_logits(evaluator)[labels]
    found = np.empty((len(labels), len(evaluator.rows)), dtype=np.float32)
    for part, logits in evaluator.logit_chunks():
        distances = score_logits(logits, evaluator.activation, labels) - borders
        if evaluator.rule.one_label:
            lead = _lead(logits.astype(np.float64), labels)
            distances = np.minimum(distances, lead) if evaluator.rule.uses_thresholds else lead
        found[:, part] = np.clip(distances, -_FAR, _FAR).T
    if evaluator.rule is DecisionRule.TOP_K:
        for row, which in zip(found, labels.tolist(), strict=True):
            may = evaluator.eligible(which)
            if may is not None:
                row[~may] = -np.inf
    return found


def threshold_logits(evaluator: Evaluator) -> FloatArray:
    """The logit of each threshold in force, (c,); 0 where the rule has no use for thresholds."""
    if not evaluator.rule.uses_thresholds:
        return np.zeros(evaluator.n_labels)
    values = np.clip(evaluator.thresholds.values.astype(np.float64), _LEAST, _MOST)
    return np.asarray(np.log(values) - np.log1p(-values))


def score_logits(logits: ScoreArray, activation: Activation, labels: IntArray) -> FloatArray:
    """The logits of some labels' scores, (k, q): the logits themselves (k, c) where scores are sigmoids of them."""
    wide = logits.astype(np.float64) if activation is Activation.SOFTMAX else logits[:, labels].astype(np.float64)
    if activation is Activation.SIGMOID:
        return wide
    wide = wide - wide.max(axis=1, keepdims=True, initial=-np.inf)
    log_scores = wide - np.log(np.exp(wide).sum(axis=1, keepdims=True))
    part = log_scores[:, labels]
    return np.asarray(part - np.log(np.maximum(-np.expm1(part), _LEAST)))


def _lead(logits: FloatArray, labels: IntArray) -> FloatArray:
    """How far some labels are above the highest of the others, (k, q)."""
    if logits.shape[1] < 2:
        return np.full((len(logits), len(labels)), _FAR)
    best = np.argmax(logits, axis=1)
    second, first = np.partition(logits, -2, axis=1)[:, -2:].T
    others = np.where(best[:, None] == labels, second[:, None], first[:, None])
    return np.asarray(logits[:, labels] - others)
