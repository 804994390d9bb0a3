"""Objectives in which each label answers for itself alone: which of its choices is the best."""

from __future__ import annotations

import numpy as np

from inference.evaluation.tuning.choices import Choices
from inference.evaluation.tuning.joint import f_beta
from inference.types import FloatArray


def best_f(each: Choices, beta: float) -> int:
    """The highest F-beta; of equals the one that predicts least."""
    return int(f_beta(each.tp, each.pp, each.positives, beta).argmax())


def least_cost(each: Choices, cost_fp: float, cost_fn: float) -> int:
    """The lowest cost of all false positives and false negatives; of equals the one that predicts least."""
    return int((cost_fp * (each.pp - each.tp) + cost_fn * (each.positives - each.tp)).argmin())


def youden(each: Choices) -> int:
    """The highest true-positive rate less false-positive rate (Youden 1950), which balanced accuracy rises with."""
    negatives = each.staircase.negatives
    return int((each.tp * negatives - (each.pp - each.tp) * each.positives).argmax())


def match_prevalence(each: Choices) -> int:
    """As many predicted as are annotated, or as near as ties let it; of equals the one that predicts least."""
    return int(np.abs(each.pp - each.positives).argmin())


def precision_at_least(each: Choices, floor: float) -> tuple[int, bool]:
    """The highest recall with precision of at least ``floor``, and True; or the highest precision there is, and False.

    Of cuts with equal recall the one that predicts least; of cuts with equal precision the one that finds most.
    """
    precision = _rate(each.tp, each.pp)
    allowed = (precision >= floor) & (each.tp > 0)
    if allowed.any():
        return int(np.where(allowed, each.tp, -1.0).argmax()), True
    return _last_best(precision), False


def recall_at_least(each: Choices, floor: float) -> tuple[int, bool]:
    """The highest precision with recall of at least ``floor``, and True; or the highest recall there is, and False.

    Of cuts with equal precision the one that finds most.
    """
    recall = _rate(each.tp, np.full(len(each), each.positives))
    allowed = (recall >= floor) & (each.tp > 0)
    if allowed.any():
        return _last_best(np.where(allowed, _rate(each.tp, each.pp), -1.0)), True
    return int(recall.argmax()), False


def _rate(part: FloatArray, whole: FloatArray) -> FloatArray:
    rate = np.zeros(len(part))
    np.divide(part, whole, out=rate, where=whole > 0)
    return rate


def _last_best(values: FloatArray) -> int:
    return len(values) - 1 - int(values[::-1].argmax())
