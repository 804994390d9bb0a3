"""Whether the scores of new images come from where those of the validation folder came from.

Two-sample Kolmogorov-Smirnov test label by label (Smirnov 1939; Hodges 1957 for the p-value), corrected for the number
of labels as Holm 1979 has it: the chance that any label is called different where none is stays below ``alpha``. The
test sees any difference, also one that does no harm, so that the size of the largest gap stands beside it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

import numpy as np

from inference.types import DriftReport, FloatArray, IntArray, ScoreArray

ALPHA: Final = 0.05
_EXACT: Final = 1000  # images on both sides together up to which paths can be counted in float64
_FEWEST: Final = 5  # images on a side, below which nothing is said
_SIZES: Final = ((0.1, "slightly"), (0.25, "clearly"))  # gaps below which a difference is called so


def compare(
    here: ScoreArray,
    there: ScoreArray,
    *,
    alpha: float = ALPHA,
    cancelled: Callable[[], bool] = lambda: False,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> DriftReport | None:
    """Test every label; None when cancelled.

    Args:
        here: margins of the new images, float32 (c, n): any number that rises with the score.
        there: those of the validation folder, float32 (c, m).
        alpha: the chance of a false alarm, over all labels together.
        cancelled: asked between labels.
        progress: told how many labels of all are compared.
    """
    n_labels = len(here)
    p, gap, higher = np.full(n_labels, np.nan), np.full(n_labels, np.nan), np.zeros(n_labels, dtype=np.int64)
    if min(here.shape[1], there.shape[1]) >= _FEWEST:
        for label in range(n_labels):
            if cancelled():
                return None
            p[label], gap[label], higher[label] = smirnov(here[label], there[label])
            progress(label + 1, n_labels)
    adjusted = holm(p)
    with np.errstate(invalid="ignore"):
        differs = adjusted <= alpha
    return DriftReport(p, adjusted, gap, higher, differs, alpha, here.shape[1], there.shape[1])


def smirnov(here: ScoreArray, there: ScoreArray) -> tuple[float, float, int]:
    """The p-value of one label, the largest gap between the two distributions, and +1 where ``here`` lies higher."""
    from scipy import stats

    found = stats.ks_2samp(here, there, method="asymp")
    gap = float(found.statistic)
    few = len(here) + len(there) <= _EXACT
    p = exact_p(len(here), len(there), gap) if few else float(found.pvalue)
    # the sign is that of F_here - F_there: where more of ``here`` lies below a score, its scores are lower
    return p, gap, -int(found.statistic_sign)


def exact_p(n: int, m: int, gap: float) -> float:
    """The chance of a gap at least as large between n and m images of one kind; with ties it is smaller still.

    Every order of the images is a path from (0, 0) to (n, m) by single steps, and all are equally likely: those that
    nowhere go as far from the diagonal as the gap are counted row by row (Hodges 1957). scipy's own exact p-value gives
    up for some sizes, and its asymptotic one is a third too small for 30 images beside 30.
    """
    furthest = round(gap * n * m)  # |i / n - j / m| in whole units of 1 / (n m)
    steps = np.arange(m + 1)
    paths: FloatArray = np.cumprod(steps * n < furthest).astype(np.float64)
    for i in range(1, n + 1):
        inside = np.abs(i * m - steps * n) < furthest
        paths = np.where(inside, np.cumsum(np.where(inside, paths, 0.0)), 0.0)
    return min(max(1.0 - float(paths[-1]) / math.comb(n + m, n), 0.0), 1.0)


def holm(p: FloatArray) -> FloatArray:
    """P-values (c,) made comparable with one alpha for all, by Holm's step-down rule; NaN stays and does not count."""
    adjusted = np.full(len(p), np.nan)
    tested: IntArray = np.flatnonzero(~np.isnan(p))
    order = tested[np.argsort(p[tested], kind="stable")]
    factors = np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(p[order] * factors), 1.0)
    return adjusted


def drift_words(report: DriftReport, label: int) -> str:
    """Where the scores here lie, "clearly higher" than in the validation folder; "" where it was not tested."""
    if np.isnan(report.p[label]):
        return ""
    if not report.differs[label]:
        return "no difference seen"
    size = next((word for limit, word in _SIZES if report.gap[label] < limit), "strongly")
    side = "higher" if report.higher[label] > 0 else "lower"
    return f"{size} {side}"


def summary(report: DriftReport) -> str:
    """The warning over all labels; "" where there is nothing to warn of."""
    n_differ = int(np.count_nonzero(report.differs))
    if not n_differ:
        return ""
    of = f"{n_differ:,} of {len(report.p):,} label{'' if len(report.p) == 1 else 's'}"
    return f"The score distribution of {of} differs: numbers measured on the validation folder may not hold here."
