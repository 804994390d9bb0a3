"""One label's small picture and its number, from the curves that an evaluator has sorted already.

They say what the large pictures say: the same counts, thinned to what a cell of a grid can show.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from inference.evaluation.curves import LabelCurve
from inference.evaluation.evaluator import Evaluator
from inference.evaluation.label_metrics import calibration_error
from inference.evaluation.metrics import ratio
from inference.evaluation.pictures import SortedLabel, binned, reliability_of
from inference.types import (
    MOST_POINTS,
    FloatArray,
    Line,
    MultipleKind,
    PRCurve,
    SmallCurve,
    SmallHistogram,
    SmallPicture,
    SmallRates,
    SmallReliability,
)

SMALL_BINS: Final = 24


def small_picture(evaluator: Evaluator, kind: MultipleKind, label: int) -> SmallPicture:
    """What a cell shows of one label; some milliseconds with 100,000 images, for a worker."""
    if kind is MultipleKind.HISTOGRAM:
        return _histogram(_whole(evaluator, label))
    if kind is MultipleKind.RELIABILITY:
        return _reliability(_whole(evaluator, label))
    known = evaluator._curves[label].known
    curve = evaluator.pr_curve(label)
    if kind is MultipleKind.PR:
        line = thinned(*_steps(curve.recall, curve.precision)) if curve.support else _nothing()
        return SmallCurve(curve.support, known, curve.average_precision, line)
    return _roc(curve, known) if kind is MultipleKind.ROC else _rates(curve, known)


def number_of(evaluator: Evaluator, kind: MultipleKind, label: int) -> float:
    """The number that a cell shows, without its picture; NaN where undefined and of kinds with a line."""
    if kind is MultipleKind.PR:
        return evaluator.pr_curve(label).average_precision
    if kind is MultipleKind.ROC:
        return _roc(evaluator.pr_curve(label), evaluator._curves[label].known).number
    if kind is MultipleKind.RELIABILITY:
        return calibration_error(_whole(evaluator, label))
    return math.nan


def _whole(evaluator: Evaluator, label: int) -> LabelCurve:
    """All known images of a label, also those that the rule does not let it be predicted on."""
    return evaluator._curves[label] if evaluator.eligible(label) is None else evaluator._whole_curve(label)


# Each kind


def _roc(curve: PRCurve, known: int) -> SmallCurve:
    """True over false positive rate, from predicting nothing to predicting everything; the area by trapezoids."""
    negatives = known - curve.support
    if not curve.support or not negatives:
        return SmallCurve(curve.support, known, math.nan, _nothing())
    fpr = np.concatenate(([0.0], (curve.predicted - curve.tp) / negatives, [1.0]))
    tpr = np.concatenate(([0.0], curve.tp / curve.support, [1.0]))
    area = float(np.sum(np.diff(fpr) * (tpr[1:] + tpr[:-1])) / 2)
    return SmallCurve(curve.support, known, area, thinned(fpr, tpr))


def _rates(curve: PRCurve, known: int) -> SmallRates:
    """Rates over rising thresholds; beyond the highest score recall and F1 fall to 0, and precision ends."""
    if not curve.support:
        return SmallRates(0, known, math.nan, (_nothing(), _nothing(), _nothing()))
    x = curve.thresholds[::-1].astype(np.float64)
    f1 = ratio(2 * curve.tp, curve.predicted + curve.support)
    precision = thinned(*_steps(x, curve.precision[::-1]))
    recall, both = (thinned(*_to_the_end(*_steps(x, rate[::-1]))) for rate in (curve.recall, f1))
    return SmallRates(curve.support, known, math.nan, (precision, recall, both))


def _histogram(curve: LabelCurve) -> SmallHistogram:
    bins = binned(_sorted(curve), np.linspace(0.0, 1.0, SMALL_BINS + 1))
    return SmallHistogram(curve.positives, curve.known, math.nan, bins.positives, bins.negatives)


def _reliability(curve: LabelCurve) -> SmallReliability:
    found = reliability_of(_sorted(curve))
    points = found.mean_score, found.observed, found.low, found.high
    return SmallReliability(curve.positives, curve.known, found.ece, *points)


def _sorted(curve: LabelCurve) -> SortedLabel:
    return SortedLabel(curve.rising, curve.hits.astype(bool), curve.positives, curve.known)


# Lines


def _nothing() -> Line:
    return Line(np.zeros(0), np.zeros(0))


def _steps(x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The corners of steps, (2k,) each: each value holds back to the place before it."""
    return np.repeat(np.concatenate(([0.0], x)), 2)[1:-1], np.repeat(y, 2)


def _to_the_end(x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
    """A fall to 0 after the last corner."""
    last = x[-1:] if len(x) else np.zeros(1)
    return np.concatenate((x, last, [1.0])), np.concatenate((y, [0.0, 0.0]))


def thinned(x: FloatArray, y: FloatArray, most: int = MOST_POINTS) -> Line:
    """A line through at most ``most`` of the corners: the lowest and the highest of each column, in their order.

    Args:
        x: (k,) in [0, 1], never falling.
        y: (k,).
        most: even, above 3.
    """
    if len(x) <= most:
        return Line(x, y)
    columns = most // 2 - 1
    first = np.unique(np.searchsorted(x, np.arange(columns) / columns))
    first = first[first < len(x)]
    kept = {0, len(x) - 1}
    for start, stop in zip(first.tolist(), [*first[1:].tolist(), len(x)], strict=True):
        kept |= {start + int(y[start:stop].argmin()), start + int(y[start:stop].argmax())}
    at = sorted(kept)
    return Line(x[at], y[at])
