"""Objectives in which the labels answer for one another: micro-F, and micro-F with macro-F.

Micro-F-beta is a ratio of sums over labels. Dinkelbach's method (Management Science 13, 1967) makes its maximum over
all labels at once a short sequence of maxima label by label; that the global maximum can be had is shown in Pillai,
Fumera and Roli, Pattern Recognition 46 (2013), with a longer algorithm.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from inference.evaluation.tuning.choices import Choices
from inference.types import FloatArray, IntArray

_PASSES = 20  # an end that is never reached in practice: two to four passes are


def f_beta(tp: FloatArray, pp: FloatArray, positives: float, beta: float) -> FloatArray:
    """F-beta = (1 + b^2) TP / (b^2 P + PP), 0 where undefined as in scikit-learn's default."""
    below = beta**2 * positives + np.asarray(pp, dtype=np.float64)
    value = np.zeros(np.shape(below))
    np.divide((1 + beta**2) * np.asarray(tp, dtype=np.float64), below, out=value, where=below > 0)
    return value


def micro_f(options: Sequence[Choices], beta: float) -> IntArray:
    """One choice a label so that micro-F-beta is the highest there is.

    Args:
        options: each label's choices; a label with a single choice is fixed.
        beta: above 1 recall weighs more.

    Returns:
        (labels,) indices into the choices.
    """
    pp, tp = _table(options)
    positives = sum(each.positives for each in options)
    labels = np.arange(len(options))
    best, picked = -1.0, np.zeros(len(options), dtype=np.int64)
    while True:
        gain = (1 + beta**2) * tp - max(best, 0.0) * pp
        tried = gain.argmax(axis=1)
        below = beta**2 * positives + pp[labels, tried].sum()
        value = float((1 + beta**2) * tp[labels, tried].sum() / below) if below > 0 else 0.0
        if value <= best:
            return tried if value == best else picked
        best, picked = value, tried


def balanced(options: Sequence[Choices], start: IntArray, beta: float, stop: Callable[[], None]) -> IntArray:
    """From ``start``, one label after the other to its best of micro-F + macro-F, until nothing moves.

    Labels are visited by falling number of positives, as in Lin and Lin (CIKM 2023). The result is the best in each
    label alone; that it is the best in all together is not proven.
    """
    weight = 1 + beta**2
    picked = start.copy()
    n_counted = max(1, sum(each.staircase.known > 0 for each in options))
    positives = sum(each.positives for each in options)
    tp = sum(float(each.tp[index]) for each, index in zip(options, picked, strict=True))
    pp = sum(float(each.pp[index]) for each, index in zip(options, picked, strict=True))
    own = [f_beta(each.tp, each.pp, each.positives, beta) / n_counted for each in options]
    free = [label for label, each in enumerate(options) if len(each) > 1]
    free.sort(key=lambda label: -options[label].positives)
    for _ in range(_PASSES):
        moved = False
        for label in free:
            stop()
            each, old = options[label], picked[label]
            rest_tp, rest_pp = tp - float(each.tp[old]), pp - float(each.pp[old])
            value = weight * (each.tp + rest_tp) / (each.pp + (rest_pp + beta**2 * positives)) + own[label]
            new = int(value.argmax())
            if value[new] > value[old]:
                moved, picked[label] = True, new
                tp, pp = rest_tp + float(each.tp[new]), rest_pp + float(each.pp[new])
        if not moved:
            break
    return picked


def _table(options: Sequence[Choices]) -> tuple[FloatArray, FloatArray]:
    """pp and tp of all choices, (labels, most choices); short rows repeat their first, which ``argmax`` prefers."""
    widest = max((len(each) for each in options), default=1)
    pp, tp = np.empty((2, len(options), widest))
    for label, each in enumerate(options):
        pp[label, : len(each)], pp[label, len(each) :] = each.pp, each.pp[0]
        tp[label, : len(each)], tp[label, len(each) :] = each.tp, each.tp[0]
    return pp, tp
