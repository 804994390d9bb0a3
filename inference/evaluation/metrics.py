"""Rates and averages from counts: counts first, divided last, and one way to treat an undefined value.

Definitions as in scikit-learn's ``precision_recall_fscore_support``: precision TP/(TP+FP), recall TP/(TP+FN),
F1 2TP/(2TP+FP+FN); undefined where the denominator is zero.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inference.types import BoolArray, FloatArray, IntArray, ZeroDivision


def ratio(numerator: IntArray | FloatArray, denominator: IntArray | FloatArray) -> FloatArray:
    """Element by element, NaN where the denominator is zero."""
    result = np.full(np.shape(numerator), np.nan)
    np.divide(numerator, denominator, out=result, where=np.asarray(denominator) != 0)
    return result


def fraction(numerator: int, denominator: int) -> float:
    """One ratio, NaN where the denominator is zero."""
    return numerator / denominator if denominator else float("nan")


def substitute(zero_division: ZeroDivision) -> float:
    """The number that stands in for an undefined value; NaN for leaving it out."""
    return float(zero_division.value)


def mean(values: FloatArray, zero_division: ZeroDivision, weights: NDArray[np.number] | None = None) -> float:
    """The (weighted) mean in which NaN counts as ``zero_division`` says; NaN when nothing is left to average.

    Weights that sum to zero give the plain mean, as in scikit-learn.
    """
    values = np.asarray(values, dtype=np.float64)
    kept: BoolArray = ~np.isnan(values)
    if zero_division is not ZeroDivision.LEAVE_OUT:
        values = np.where(kept, values, substitute(zero_division))
        kept = np.ones(len(values), dtype=bool)
    if not kept.any():
        return float("nan")
    total = 0.0 if weights is None else float(weights[kept].sum())
    if weights is None or total == 0:
        return float(values[kept].mean())
    return float((values[kept] * weights[kept]).sum() / total)
