"""The operating point on a precision-recall curve, with how far its rates are to be believed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist
from typing import Final

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from inference.types import FloatArray, IntArray, OperatingPoint, PRCurve
from widgets.theme import Theme

CONFIDENCE: Final = 0.9  # of the band and the cross, both ends together
_Z: Final = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
RADIUS: Final = 6.5  # pixels
_CAP: Final = 4.0  # half the length of the line across the end of an arm
_EDGE: Final = 2  # pixels that pens reach beyond what they draw


def wilson(hits: IntArray | int, n: IntArray | int) -> tuple[FloatArray, FloatArray]:
    """Both ends of the interval of a share (Wilson 1927) at CONFIDENCE; NaN where ``n`` is 0.

    A picture computes only the few hundred that it has pixels for.
    """
    size = np.where(np.asarray(n) > 0, n, np.nan).astype(np.float64)
    share = hits / size
    shrunk = 1 + _Z * _Z / size
    centre = (share + _Z * _Z / (2 * size)) / shrunk
    half = _Z / shrunk * np.sqrt(np.maximum(share * (1 - share), 0) / size + _Z * _Z / (4 * size * size))
    low: FloatArray = np.where(share <= 0, 0.0 * share, np.maximum(centre - half, 0.0))
    high: FloatArray = np.where(share >= 1, 1.0 * share, np.minimum(centre + half, 1.0))
    return low, high


def precision_band(curve: PRCurve, columns: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Recall, and the lowest and highest ends of the intervals of precision there, at most two a pixel column.

    Args:
        curve: with at least one point.
        columns: pixel columns that the unit of recall is wide.
    """
    column = np.minimum((curve.recall * columns).astype(np.int64), columns - 1)
    first = np.flatnonzero(np.diff(column, prepend=-1))
    last = np.append(first[1:], len(column)) - 1
    seen = np.unique(np.concatenate((first, last)))
    low, high = wilson(curve.tp[seen], curve.predicted[seen])
    return curve.recall[seen], low, high


@dataclass(frozen=True)
class Mark:
    """The operating point in pixels: a dot, the arms of its cross and dotted guides to both axes."""

    place: QPointF
    axes: QRectF
    across: tuple[float, float] | None  # left and right end of the interval of recall
    upright: tuple[float, float] | None  # top and bottom of that of precision
    hollow: bool  # nothing is predicted

    def rects(self) -> tuple[QRect, ...]:
        """Where it is painted."""
        margin = RADIUS + _EDGE
        dot = QRectF(self.place.x() - margin, self.place.y() - margin, 2 * margin, 2 * margin)
        parts = [dot, *(_around(line) for line in (*self._guides(), *self._arms()))]
        return tuple(part.toAlignedRect() for part in parts)

    def paint(self, painter: QPainter, theme: Theme, ink: str) -> None:
        """Paint it, guides first."""
        faint = QColor(ink)
        faint.setAlphaF(0.55)
        painter.setPen(QPen(faint, 1, Qt.PenStyle.DotLine))
        painter.drawLines(self._guides())
        arms = self._arms()
        for color, width in ((theme.surface, 3.0), (theme.muted, 1.4)):
            painter.setPen(QPen(QColor(color), width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
            painter.drawLines(arms)
        painter.setPen(QPen(QColor(ink if self.hollow else theme.surface), 2))
        painter.setBrush(QColor(theme.surface if self.hollow else ink))
        painter.drawEllipse(self.place, RADIUS, RADIUS)

    def _guides(self) -> list[QLineF]:
        corner = self.axes.bottomLeft()
        return [
            QLineF(QPointF(corner.x(), self.place.y()), self.place),
            QLineF(self.place, QPointF(self.place.x(), corner.y())),
        ]

    def _arms(self) -> list[QLineF]:
        x, y = self.place.x(), self.place.y()
        lines = []
        if self.across is not None:
            left, right = self.across
            lines.append(QLineF(left, y, right, y))
            lines += [QLineF(end, y - _CAP, end, y + _CAP) for end in (left, right)]
        if self.upright is not None:
            top, bottom = self.upright
            lines.append(QLineF(x, top, x, bottom))
            lines += [QLineF(x - _CAP, end, x + _CAP, end) for end in (top, bottom)]
        return lines


def intervals(point: OperatingPoint) -> tuple[tuple[float, float] | None, tuple[float, float] | None]:
    """The intervals of precision and of recall at an operating point; None where a rate is undefined."""
    return _interval(point.tp, point.predicted), _interval(point.tp, point.support)


@lru_cache(maxsize=64)  # a frame asks several times
def _interval(hits: int, n: int) -> tuple[float, float] | None:
    if not n:
        return None
    low, high = wilson(hits, n)
    return float(low), float(high)


def _around(line: QLineF) -> QRectF:
    box = QRectF(line.p1(), line.p2()).normalized()
    return box.adjusted(-_EDGE, -_EDGE, _EDGE, _EDGE)
