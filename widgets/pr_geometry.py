"""The shape of a precision-recall curve, as numbers: steps, their reduction to pixels, the nearest point.

Recall never falls along a curve, which makes the reduction by pixel columns exact.
"""

from __future__ import annotations

import math
from typing import Final, Protocol

import numpy as np

from inference.types import FloatArray, IntArray, OperatingPoint, PRCurve, ScoreArray

ISO_F1: Final = (0.2, 0.4, 0.6, 0.8)
NOTHING: Final = -1  # the place before the first point: a threshold above the highest score


def step_path(recall: FloatArray, precision: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The curve's corners: each point's precision holds back to the recall before it, and nothing is interpolated.

    The area under the path is the average precision (Davis and Goadrich 2006: a straight line would promise
    what no threshold gives).

    Args:
        recall: (k,) in [0, 1], never falling.
        precision: (k,) in [0, 1].

    Returns:
        x and y, each (2k,).
    """
    x = np.repeat(np.concatenate(([0.0], recall)), 2)[1:-1]
    return x, np.repeat(precision, 2)


def reduce_points(recall: FloatArray, precision: FloatArray, columns: int) -> tuple[FloatArray, FloatArray]:
    """The curve with at most four points a pixel column, whose steps paint the same pixels.

    First, lowest, highest and last of each column (M4: Jugel, Jerzak, Hackenbroich and Markl 2014).

    Args:
        recall: (k,) in [0, 1], never falling.
        precision: (k,).
        columns: pixel columns that the unit of recall is wide.
    """
    if len(recall) <= 4 * columns:
        return recall, precision
    first = np.unique(np.searchsorted(recall, np.arange(columns + 1) / columns))
    first = first[first < len(recall)]
    last = np.append(first[1:], len(recall)) - 1
    lowest, highest = np.minimum.reduceat(precision, first), np.maximum.reduceat(precision, first)
    across = (recall[first], recall[first], recall[last], recall[last])
    four = (precision[first], lowest, highest, precision[last])
    return np.stack(across, axis=1).ravel(), np.stack(four, axis=1).ravel()


def iso_f1(f1: float, points: int = 64) -> tuple[FloatArray, FloatArray]:
    """Recall and precision, each (points,), of equal F1: precision = F1 recall / (2 recall - F1)."""
    recall = np.linspace(f1 / (2 - f1), 1.0, points)
    return recall, f1 * recall / (2 * recall - f1)


def nearest_point(curve: PRCurve, x: float, y: float, pixel: tuple[float, float]) -> int:
    """Index of the curve's point nearest to ``(x, y)`` on the screen; the strictest of equals.

    Args:
        curve: with at least one point.
        x: recall.
        y: precision.
        pixel: width and height of a pixel in units of the plot.
    """
    return nearest_of(curve.recall, curve.precision, x, y, pixel)


def nearest_of(xs: FloatArray, ys: FloatArray, x: float, y: float, pixel: tuple[float, float]) -> int:
    """As ``nearest_point``, of any points (k,)."""
    distance = ((xs - x) / pixel[0]) ** 2
    distance += ((ys - y) / pixel[1]) ** 2
    return int(np.argmin(distance))


def point_at(thresholds: ScoreArray, threshold: float) -> int:
    """Index of the curve's point that a threshold stands at: that of the next score at or above it, or NOTHING."""
    return len(thresholds) - int(np.searchsorted(thresholds[::-1], np.float32(threshold), side="left")) - 1


class Cutting(Protocol):
    """Any picture of one label that knows what each distinct score would count, strictest first, each (k,)."""

    @property
    def thresholds(self) -> ScoreArray:
        """Distinct scores, falling."""

    @property
    def tp(self) -> IntArray:
        """True positives."""

    @property
    def predicted(self) -> IntArray:
        """Predicted positives of known truth."""

    @property
    def support(self) -> int:
        """Annotated positives."""


def operating_point(cuts: Cutting, threshold: float) -> OperatingPoint:
    """What any threshold gives; NaN precision where it predicts nothing, NaN recall without positives."""
    index = point_at(cuts.thresholds, threshold)
    tp, predicted = (0, 0) if index == NOTHING else (int(cuts.tp[index]), int(cuts.predicted[index]))
    precision = tp / predicted if predicted else math.nan
    recall = tp / cuts.support if cuts.support else math.nan
    return OperatingPoint(threshold, precision, recall, tp, predicted, cuts.support)


def threshold_at(thresholds: ScoreArray, index: int) -> float:
    """The threshold of a point, exactly a float32; for NOTHING the first float32 above the highest score."""
    if index == NOTHING:
        return float(np.nextafter(thresholds[0], np.float32(np.inf)))
    return float(thresholds[index])
