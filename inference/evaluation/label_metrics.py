"""One label's numbers beside precision, recall and F1.

Rates come from the counts at a threshold; quality comes from the scores in order and knows no threshold.
Definitions are scikit-learn's (``fbeta_score``, ``balanced_accuracy_score``, ``matthews_corrcoef``,
``average_precision_score``, ``roc_auc_score``, ``brier_score_loss``, ``calibration_curve``). NaN stands for 0 / 0:
where scikit-learn returns 0 for a Matthews correlation or an average precision that is 0 / 0, this says undefined.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from inference.evaluation.curves import LabelCurve, pr_curve
from inference.evaluation.metrics import ratio
from inference.types import FloatArray, IntArray, LabelMetrics, LabelRates

CALIBRATION_BINS: Final = 15

_UNDEFINED: Final = float("nan")


def label_rates(metrics: LabelMetrics, beta: float = 1.0) -> LabelRates:
    """More rates of every label at its threshold.

    F-beta is (1 + b^2) TP / ((1 + b^2) TP + b^2 FN + FP), and undefined like F1: without a positive and without a
    prediction. Balanced accuracy is the mean of recall and specificity; where only one of the two classes occurs
    it is that one's, as in scikit-learn. MCC is undefined where a row or a column of the 2 x 2 table is empty.

    Args:
        metrics: counts (c,).
        beta: above 0; above 1 recall weighs more.
    """
    tp, fp, fn, tn = metrics.tp, metrics.fp, metrics.fn, metrics.tn
    known = tp + fp + fn + tn
    weight = np.float64(beta * beta)
    hits = (1 + weight) * tp
    specificity = ratio(tn, tn + fp)
    return LabelRates(
        beta=beta,
        f_beta=ratio(hits, hits + weight * fn + fp),
        specificity=specificity,
        accuracy=ratio(tp + tn, known),
        balanced_accuracy=_mean_of_defined(metrics.recall, specificity),
        mcc=_matthews(tp, fp, fn, tn),
        prevalence=ratio(tp + fn, known),
    )


def _mean_of_defined(one: FloatArray, other: FloatArray) -> FloatArray:
    mean: FloatArray = (one + other) / 2
    return np.where(np.isnan(one), other, np.where(np.isnan(other), one, mean))


def _matthews(tp: IntArray, fp: IntArray, fn: IntArray, tn: IntArray) -> FloatArray:
    # the product of all four sums passes 2**63 from about 50,000 images
    norm: FloatArray = np.sqrt((tp + fp) * (tp + fn)) * np.sqrt((tn + fp) * (tn + fn))
    return ratio(tp * tn - fp * fn, norm)


@dataclass(frozen=True)
class Quality:
    """One label's numbers that know no threshold. NaN where undefined."""

    average_precision: float
    roc_auc: float
    brier: float
    calibration_error: float


def quality(curve: LabelCurve) -> Quality:
    """The numbers of a curve over all known images of a label (built without ``eligible``)."""
    return Quality(
        average_precision=pr_curve(curve).average_precision,
        roc_auc=roc_auc(curve),
        brier=brier(curve),
        calibration_error=calibration_error(curve),
    )


def roc_auc(curve: LabelCurve) -> float:
    """Share of (positive, negative) pairs in which the positive scores higher; a tie is half a pair."""
    n_pos, n_neg = curve.positives, curve.known - curve.positives
    if not n_pos or not n_neg:
        return _UNDEFINED
    starts = np.flatnonzero(np.diff(curve.rising, prepend=np.float32(-np.inf)))
    positives = np.add.reduceat(curve.hits, starts, dtype=np.int64)
    negatives = np.diff(starts, append=len(curve)) - positives
    below = np.cumsum(negatives) - negatives
    half_pairs = int((positives * (2 * below + negatives)).sum())
    return half_pairs / (2 * n_pos * n_neg)


def brier(curve: LabelCurve) -> float:
    """Mean squared difference of score and truth; undefined without known images."""
    if not len(curve):
        return _UNDEFINED
    differences = curve.rising - curve.hits.astype(np.float64)
    return float(differences @ differences) / len(curve)


def calibration_error(curve: LabelCurve, n_bins: int = CALIBRATION_BINS) -> float:
    """Expected calibration error: the mean over images of |share of positives - mean score| of the image's bin.

    Bins are of equal mass, cut at the quantiles of the scores as ``calibration_curve(strategy="quantile")`` cuts
    them: equal scores share a bin, so that ties make bins unequal or empty.
    """
    if not len(curve):
        return _UNDEFINED
    scores = curve.rising.astype(np.float64)
    edges = np.percentile(scores, np.linspace(0, 1, n_bins + 1) * 100)[1:-1]
    cuts = np.concatenate([[0], np.searchsorted(scores, edges, side="right"), [len(scores)]])
    excess = np.concatenate([[0.0], np.cumsum(scores - curve.hits)])
    return float(np.abs(np.diff(excess[cuts])).sum()) / len(scores)
