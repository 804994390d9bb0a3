"""Which image's annotation narrows most what is known of where a label's threshold belongs.

The best threshold for F1 is known up to those whose F1 cannot be told from the best one's on the images annotated so
far: their F1 differs by less than the stated number of standard errors of the difference. Both F1 and the error of a
difference are computed at every cut of the label's staircase, from counts; the error by the influence of each image on
F1, a ratio of means (the delta method). The two ends of that interval are two classifiers to be told apart, and the
images that tell them apart soonest are those drawn first by the optimal instrumental distribution for comparing two
classifiers, in proportion to the root of the expected square of their influence on the difference (Sawade, Landwehr and
Scheffer, "Active Comparison of Prediction Models", NIPS 2012; the influence on F as in their "Active Estimation of
F-Measures", NIPS 2010). Here the images come in that order and are not drawn.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from inference.evaluation.curves import LabelCurve
from inference.evaluation.decisions import passes
from inference.types import BoolArray, FloatArray, IntArray, ScoreArray

STANDARD_ERRORS: Final = 1.645  # 90 % of a normal distribution
FEWEST: Final = 2  # positives, and negatives: below that nothing is known of a threshold
_NEAREST: Final = 50  # known images by which the chance of a positive is judged


@dataclass(frozen=True, eq=False)
class ThresholdInterval:
    """The thresholds whose F1 cannot be told from the best, as the label's cuts; each end is a score of the label."""

    low: np.float32
    high: np.float32
    best: np.float32
    f1: float  # of the best
    low_influence: FloatArray  # (3,) on F1 with the lowest: of true positives, false positives, false negatives
    high_influence: FloatArray  # (3,) likewise with the highest


def threshold_interval(curve: LabelCurve) -> ThresholdInterval | None:
    """The interval from a label's known images; None where they are too few to say anything."""
    negatives = curve.known - curve.positives
    if curve.positives < FEWEST or negatives < FEWEST or not len(curve):
        return None
    starts = np.flatnonzero(np.diff(curve.rising, prepend=np.float32(-np.inf)))
    tp = curve.tp_from[starts].astype(np.float64)
    predicted = (len(curve) - starts).astype(np.float64)
    f1 = 2.0 * tp / (predicted + curve.positives)
    best = int(np.argmax(f1))
    influence = _influence(tp, predicted, curve.positives, curve.known)
    error = _difference_error(tp, predicted, influence, best, curve)
    alike = np.flatnonzero(f1[best] - f1 <= STANDARD_ERRORS * error)
    first, last = int(alike[0]), int(alike[-1])
    scores = curve.rising[starts]
    return ThresholdInterval(
        scores[first], scores[last], scores[best], float(f1[best]), influence[:, first], influence[:, last]
    )


def _influence(tp: FloatArray, predicted: FloatArray, positives: int, n: int) -> FloatArray:
    """What one image of each kind (TP, FP, FN) adds to n times F1's deviation, (3, K); a TN adds nothing.

    F1 is the mean of hits over the mean of weights, 1 for a TP and 1/2 for an FP or FN.
    """
    weight = (predicted + positives) / (2.0 * n)
    f1 = tp / (n * weight)
    return np.stack([(1.0 - f1) / weight, -0.5 * f1 / weight, -0.5 * f1 / weight])


def _difference_error(
    tp: FloatArray, predicted: FloatArray, influence: FloatArray, best: int, curve: LabelCurve
) -> FloatArray:
    """The standard error of each cut's F1 less the best cut's, (K,): the root of the mean square of the influences."""
    fp, best_fp = predicted - tp, predicted[best] - tp[best]
    hit, false, lost = influence
    best_hit, best_false, best_lost = influence[:, best]
    both_tp, both_fp = np.minimum(tp, tp[best]), np.minimum(fp, best_fp)
    looser = predicted > predicted[best]
    between_tp, between_fp = np.abs(tp - tp[best]), np.abs(fp - best_fp)
    neither = curve.positives - np.maximum(tp, tp[best])
    squares = both_tp * (hit - best_hit) ** 2 + both_fp * (false - best_false) ** 2 + neither * (lost - best_lost) ** 2
    squares += between_tp * np.where(looser, hit - best_lost, lost - best_hit) ** 2
    squares += between_fp * np.where(looser, false, best_false) ** 2
    return np.asarray(np.sqrt(squares) / curve.known)


def worth(interval: ThresholdInterval, scores: ScoreArray, chances: FloatArray) -> FloatArray:
    """The root of the expected square of each image's influence on the difference of the interval's ends, (k,).

    Args:
        interval: of the label.
        scores: (k,) of images that are not annotated.
        chances: (k,) that they are positive.
    """
    low, high = passes(scores, interval.low), passes(scores, interval.high)
    if_positive = _of(interval.low_influence, low, True) - _of(interval.high_influence, high, True)
    if_negative = _of(interval.low_influence, low, False) - _of(interval.high_influence, high, False)
    return np.asarray(np.sqrt(chances * if_positive**2 + (1.0 - chances) * if_negative**2))


def _of(influence: FloatArray, predicted: BoolArray, positive: bool) -> FloatArray:
    hit, false, lost = influence.tolist()
    return np.where(predicted, hit if positive else false, lost if positive else 0.0)


def chances(curve: LabelCurve, scores: ScoreArray) -> FloatArray:
    """How likely images with these scores (k,) are positive: the share among the 50 known ones nearest in rank.

    A half is added to both kinds (Jeffreys), so that no image is taken for certain.
    """
    n = len(curve)
    width = min(_NEAREST, n)
    middle: IntArray = curve.rising.searchsorted(scores)
    first = np.clip(middle - width // 2, 0, n - width)
    tp_from = curve.tp_from
    return np.asarray((tp_from[first] - tp_from[first + width] + 0.5) / (width + 1.0))
