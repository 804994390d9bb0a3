"""Intervals of one label's rates at a threshold that was not chosen on the same images.

Wilson 1927 for precision and recall. F1 by way of Jaccard (Lam, Gopal and Qian, arXiv 2309.14621, "Wilson indirect"):
J = TP / (TP + FP + FN) is a plain share, and F1 = 2J / (1 + J) rises with it. So every end costs a handful of
operations, and the band can move with the slider.
"""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike

from inference.types import FloatArray, Intervals, LabelMetrics


def wilson(k: ArrayLike, n: ArrayLike, confidence: float = 0.9) -> tuple[FloatArray, FloatArray]:
    """Wilson's two-sided interval of a share.

    Args:
        k: how many, any shape; not whole where it is a mean over repeats.
        n: of how many.
        confidence: 0..1, both ends together.

    Returns:
        Lower and upper ends, float64, within 0..1; NaN where ``n`` is 0.
    """
    hits, size = np.broadcast_arrays(np.asarray(k, dtype=np.float64), np.asarray(n, dtype=np.float64))
    z = NormalDist().inv_cdf((1.0 + confidence) / 2.0)
    some = np.where(size > 0, size, np.nan)
    share = hits / some
    shrunk = 1.0 + z * z / some
    centre = (share + z * z / (2.0 * some)) / shrunk
    half = z / shrunk * np.sqrt(np.maximum(share * (1.0 - share) / some + z * z / (4.0 * some * some), 0.0))
    # at 0 and n the ends are 0 and 1 exactly, which rounding would miss
    low = np.where(hits <= 0, np.where(size > 0, 0.0, np.nan), np.maximum(centre - half, 0.0))
    high = np.where(hits >= size, np.where(size > 0, 1.0, np.nan), np.minimum(centre + half, 1.0))
    return low, high


def intervals_of(metrics: LabelMetrics, confidence: float = 0.9) -> Intervals:
    """Intervals of every label's precision, recall and F1. Below 5 positives they are wide, and say little more."""
    return intervals_of_counts(metrics.tp, metrics.predicted, metrics.support, confidence)


def intervals_of_counts(tp: ArrayLike, predicted: ArrayLike, positives: ArrayLike, confidence: float) -> Intervals:
    """The same from counts, each (c,), that need not be whole."""
    hits, claims, truths = (np.asarray(counts, dtype=np.float64) for counts in (tp, predicted, positives))
    precision_low, precision_high = wilson(hits, claims, confidence)
    recall_low, recall_high = wilson(hits, truths, confidence)
    jaccard_low, jaccard_high = wilson(hits, claims + truths - hits, confidence)
    return Intervals(
        precision_low=precision_low,
        precision_high=precision_high,
        recall_low=recall_low,
        recall_high=recall_high,
        f1_low=2.0 * jaccard_low / (1.0 + jaccard_low),
        f1_high=2.0 * jaccard_high / (1.0 + jaccard_high),
    )
