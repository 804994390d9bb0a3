"""A precision-recall plot of ten images, a dense curve, and a look at the pixels."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from inference.evaluation.curves import LabelCurve, pr_curve
from inference.types import OperatingPoint, PRCurve
from widgets.pr_plot import PRPlot

SCORES = np.array([0.9, 0.8, 0.7, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1], dtype=np.float32)
TRUTH = np.array([1, 1, 0, 1, 0, 1, 0, 0, 0, 0], dtype=np.int8)
REASON = "Argmax takes the highest score, whatever the thresholds."


def curve_of(scores: np.ndarray = SCORES, truth: np.ndarray = TRUTH) -> PRCurve:
    return pr_curve(LabelCurve.build(scores, truth))


def point_of(threshold: float, scores: np.ndarray = SCORES, truth: np.ndarray = TRUTH) -> OperatingPoint:
    predicted = scores >= np.float32(threshold)
    tp, n, support = int((predicted & (truth == 1)).sum()), int(predicted.sum()), int(truth.sum())
    return OperatingPoint(threshold, tp / n if n else math.nan, tp / support, tp, n, support)


def plot_of(qtbot: QtBot) -> PRPlot:
    """Shown, at 0.55."""
    widget = PRPlot()
    qtbot.addWidget(widget)
    widget.resize(520, 420)
    widget.setCurve(curve_of(), "nine")
    widget.setOperatingPoint(point_of(0.55))
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def pixels_near(image: QImage, place: QPointF, color: QColor, reach: int = 9) -> int:
    """How many pixels about a place have nearly the colour."""
    ratio = image.devicePixelRatio()
    x, y, count = int(place.x() * ratio), int(place.y() * ratio), 0
    for dx in range(-reach, reach + 1):
        for dy in range(-reach, reach + 1):
            here = image.pixelColor(x + dx, y + dy)
            far = abs(here.red() - color.red()) + abs(here.green() - color.green()) + abs(here.blue() - color.blue())
            count += far < 12
    return count


def many(n: int = 60_000) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    truth = (rng.random(n) < 0.3).astype(np.int8)
    return (rng.random(n) * 0.6 + truth * 0.3).astype(np.float32), truth
