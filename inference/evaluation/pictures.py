"""What the plots show, computed from the scores and the truth of one label, or from tables of all labels.

Images whose truth is unknown or whose score is NaN are left out everywhere. ``n`` images, ``c`` labels.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import numpy as np

from inference.evaluation.honesty.intervals import intervals_of_counts, wilson
from inference.evaluation.label_metrics import CALIBRATION_BINS
from inference.evaluation.metrics import ratio
from inference.types import (
    NEGATIVE,
    POSITIVE,
    UNKNOWN,
    BoolArray,
    FloatArray,
    IntArray,
    ScoreArray,
    TruthArray,
)
from inference.types.pictures import (
    Bins,
    ConfusionTable,
    CoOccurrence,
    LogitSpan,
    MissedInstead,
    RatesByThreshold,
    Reliability,
    RocCurve,
    ScoreHistogram,
    TableKind,
)

HISTOGRAM_BINS: Final = 40
SPREAD_BINS: Final = 20
CONFIDENCE: Final = 0.9
REJECTED: Final = "rejected"
NOTHING: Final = "nothing"
NO_CLASS: Final = -1
_CHUNK: Final = 1 << 22  # elements multiplied at a time; below 2**24, so that float32 counts exactly


class SortedLabel(NamedTuple):
    """One label's known images from the lowest score to the highest, and the counts that leave none out."""

    scores: ScoreArray  # (m,) rising
    positive: BoolArray  # (m,)
    support: int
    known: int


class _Counts(NamedTuple):
    """The fields of ``Cuts``, in order."""

    thresholds: ScoreArray
    tp: IntArray
    predicted: IntArray
    support: int
    known: int


def _sort(scores: ScoreArray, truth: TruthArray, eligible: BoolArray | None = None) -> SortedLabel:
    known = (truth != UNKNOWN) & ~np.isnan(scores)
    rows = np.flatnonzero(known if eligible is None else known & eligible)
    part = scores[rows]
    order = np.argsort(part)
    support = int(np.count_nonzero(known & (truth == POSITIVE)))
    return SortedLabel(part[order], truth[rows[order]] == POSITIVE, support, int(np.count_nonzero(known)))


def _cuts(label: SortedLabel) -> _Counts:
    """Counts at each distinct score, strictest first."""
    falling = label.scores[::-1]
    last = np.flatnonzero(np.diff(falling, append=np.float32(-np.inf)))  # of each run of equal scores
    tp = np.cumsum(label.positive[::-1], dtype=np.int64)[last]
    return _Counts(falling[last], tp, (last + 1).astype(np.int64), label.support, label.known)


def roc_curve(scores: ScoreArray, truth: TruthArray, eligible: BoolArray | None = None) -> RocCurve:
    """The receiver operating characteristic with every distinct score; area by trapezoids, as in scikit-learn.

    Args:
        scores: float32 (n,).
        truth: int8 (n,).
        eligible: bool (n,); images on which the label can be predicted at all, by default each. The others
            count as if they scored below everything.
    """
    cuts = _cuts(_sort(scores, truth, eligible))
    negatives = cuts.known - cuts.support
    tpr = ratio(cuts.tp, np.full_like(cuts.tp, cuts.support))
    fpr = ratio(cuts.predicted - cuts.tp, np.full_like(cuts.tp, negatives))
    auc = math.nan
    if cuts.support and negatives:
        x, y = (np.concatenate(([0.0], rate, [1.0])) for rate in (fpr, tpr))
        auc = float(np.sum(np.diff(x) * (y[1:] + y[:-1])) / 2)
    return RocCurve(*cuts, tpr=tpr, fpr=fpr, auc=auc)


def rates_by_threshold(scores: ScoreArray, truth: TruthArray, eligible: BoolArray | None = None) -> RatesByThreshold:
    """Precision, recall and F1 with each distinct score as the threshold, and their Wilson intervals.

    Arguments as for ``roc_curve``. An interval is that of a threshold which was not chosen on the same images.
    """
    cuts = _cuts(_sort(scores, truth, eligible))
    return RatesByThreshold(
        *cuts,
        precision=ratio(cuts.tp, cuts.predicted),
        recall=ratio(cuts.tp, np.full_like(cuts.tp, cuts.support)),
        f1=ratio(2 * cuts.tp, cuts.predicted + cuts.support),
        intervals=intervals_of_counts(cuts.tp, cuts.predicted, cuts.support, CONFIDENCE),
        confidence=CONFIDENCE,
    )


def score_histogram(
    scores: ScoreArray, truth: TruthArray, eligible: BoolArray | None = None, *, bins: int = HISTOGRAM_BINS
) -> ScoreHistogram:
    """Positives and negatives per bin of scores, and of logits; arguments as for ``roc_curve``.

    The bars count all known images, also those that are not eligible.
    """
    label = _sort(scores, truth)
    shown = label if eligible is None else _sort(scores, truth, eligible)
    lowest, highest = (label.scores[0], label.scores[-1]) if label.known else (0.5, 0.5)
    span = LogitSpan.around(float(lowest), float(highest))
    return ScoreHistogram(
        *_cuts(shown),
        even=binned(label, np.linspace(0.0, 1.0, bins + 1)),
        logit=binned(label, _logit_edges(span, bins)),
        span=span,
    )


def _logit_edges(span: LogitSpan, bins: int) -> FloatArray:
    """Scores that are evenly apart in the logit, from 0 to 1."""
    inner = span.score(np.linspace(0.0, 1.0, bins + 1)[1:-1])
    return np.concatenate(([0.0], inner, [1.0]))


def binned(label: SortedLabel, edges: FloatArray) -> Bins:
    """Positives and negatives between edges (b + 1,), rising, the last bin with its upper edge."""
    exact = edges.astype(np.float32)
    inner = np.searchsorted(label.scores, exact[1:-1], side="left")
    ends = np.concatenate(([0], inner, [len(label.scores)]))
    running = np.concatenate(([0], np.cumsum(label.positive, dtype=np.int64)))
    positives = np.diff(running[ends])
    return Bins(exact, positives, np.diff(ends) - positives)


def reliability(
    scores: ScoreArray, truth: TruthArray, *, bins: int = CALIBRATION_BINS, confidence: float = CONFIDENCE
) -> Reliability:
    """Mean score and share of positives in bins of equally many images (scikit-learn's "quantile" strategy).

    Equal scores share a bin, so that there may be fewer bins. The expected calibration error is the mean of the
    differences between the two, weighted by images (Naeini, Cooper and Hauskrecht 2015), over as many bins as in
    the table of metrics.
    """
    return reliability_of(_sort(scores, truth), bins=bins, confidence=confidence)


def reliability_of(label: SortedLabel, *, bins: int = CALIBRATION_BINS, confidence: float = CONFIDENCE) -> Reliability:
    """As `reliability`, of a label that is sorted already."""
    values = label.scores.astype(np.float64)
    if not label.known:
        return _no_reliability(label, confidence)
    inner = np.percentile(values, np.linspace(0, 100, bins + 1)[1:-1])
    ends = np.unique(np.concatenate(([0], np.searchsorted(values, inner, side="right"), [len(values)])))
    first, last = ends[:-1], ends[1:] - 1
    count = np.diff(ends).astype(np.int64)
    mean = np.add.reduceat(values, first) / count
    positives = np.add.reduceat(label.positive.astype(np.int64), first)
    observed = positives / count
    low, high = wilson(positives, count, confidence)
    even, logit, span = _spreads(label)
    return Reliability(
        mean_score=mean,
        observed=observed,
        positives=positives,
        count=count,
        low=low,
        high=high,
        lowest=label.scores[first],
        highest=label.scores[last],
        spread=even,
        logit_spread=logit,
        span=span,
        ece=float(np.sum(count * np.abs(observed - mean)) / label.known),
        confidence=confidence,
    )


def _no_reliability(label: SortedLabel, confidence: float) -> Reliability:
    none, no_counts, no_scores = np.zeros(0), np.zeros(0, dtype=np.int64), label.scores
    return Reliability(
        none,
        none,
        no_counts,
        no_counts,
        none,
        none,
        no_scores,
        no_scores,
        *_spreads(label),
        ece=math.nan,
        confidence=confidence,
    )


def _spreads(label: SortedLabel) -> tuple[Bins, Bins, LogitSpan]:
    """Images by score and by logit, and the span of the logits."""
    lowest, highest = (label.scores[0], label.scores[-1]) if len(label.scores) else (0.5, 0.5)
    span = LogitSpan.around(float(lowest), float(highest))
    return binned(label, np.linspace(0.0, 1.0, SPREAD_BINS + 1)), binned(label, _logit_edges(span, SPREAD_BINS)), span


# Tables of counts between labels


def true_class(truth: TruthArray) -> IntArray:
    """The one positive label of each image of (n, c); NO_CLASS where there is none, or more than one."""
    positive = truth == POSITIVE
    found = np.where(positive.sum(axis=1) == 1, positive.argmax(axis=1) if truth.shape[1] else 0, NO_CLASS)
    return np.asarray(found, dtype=np.int64)


def confusion_table(true: IntArray, predicted: IntArray, labels: Sequence[str]) -> ConfusionTable:
    """How many images of each true label are predicted as which.

    Args:
        true: (n,) indices of labels; NO_CLASS leaves the image out.
        predicted: (n,) indices of labels; NO_CLASS is counted in a last column, "rejected", if there is any.
        labels: (c,).
    """
    known = true != NO_CLASS
    true, predicted = true[known], predicted[known]
    n_labels = len(labels)
    columns = n_labels + bool((predicted == NO_CLASS).any())
    column = np.where(predicted == NO_CLASS, n_labels, predicted)
    counts = np.bincount(true * columns + column, minlength=n_labels * columns).reshape(n_labels, columns)
    names = (*labels, REJECTED)[:columns]
    return ConfusionTable(TableKind.CONFUSION, tuple(labels), names, counts.astype(np.int64), counts.sum(axis=1))


def co_occurrence(
    truth: TruthArray, labels: Sequence[str], *, cancelled: Callable[[], bool] = lambda: False
) -> CoOccurrence:
    """How many images are annotated with both of two labels; truth int8 (n, c). Cut short, it must not be used."""
    counts = np.zeros((len(labels), len(labels)), dtype=np.int64)
    for part in _row_chunks(*truth.shape):
        if cancelled():
            break
        positive = (truth[part] == POSITIVE).astype(np.float32)
        counts += (positive.T @ positive).astype(np.int64)
    return CoOccurrence(TableKind.TOGETHER, tuple(labels), tuple(labels), counts, counts.diagonal().copy())


def missed_instead(
    truth: TruthArray, predicted: BoolArray, labels: Sequence[str], *, cancelled: Callable[[], bool] = lambda: False
) -> MissedInstead:
    """When a label is missed, which labels are wrongly predicted on the same image, or that none is.

    Args:
        truth: int8 (n, c).
        predicted: bool (n, c).
        labels: (c,).
        cancelled: asked now and then; a table cut short must not be used.
    """
    n_labels = len(labels)
    counts = np.zeros((n_labels, n_labels + 1), dtype=np.int64)
    totals = np.zeros(n_labels, dtype=np.int64)
    for part in _row_chunks(*truth.shape):
        if cancelled():
            break
        missed = (truth[part] == POSITIVE) & ~predicted[part]
        wrong = (truth[part] == NEGATIVE) & predicted[part]
        none = ~wrong.any(axis=1, keepdims=True)
        columns = np.hstack((wrong, none)).astype(np.float32)
        counts += (missed.T.astype(np.float32) @ columns).astype(np.int64)
        totals += missed.sum(axis=0)
    return MissedInstead(TableKind.MISSED, tuple(labels), (*labels, NOTHING), counts, totals)


def _row_chunks(rows: int, columns: int) -> list[slice]:
    step = max(1, _CHUNK // max(1, columns))
    return [slice(start, start + step) for start in range(0, rows, step)]
