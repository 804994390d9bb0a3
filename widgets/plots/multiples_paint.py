"""One cell of the grid of small pictures: its picture, and on top what moves with the threshold."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPolygonF

from inference.types import (
    Bins,
    Line,
    MultipleKind,
    SmallCurve,
    SmallHistogram,
    SmallPicture,
    SmallRates,
    SmallReliability,
)
from widgets.numbers import format_rate
from widgets.plots.histogram_plot import Heights
from widgets.plots.multiples_layout import Cell
from widgets.plots.rates_plot import ENTRIES
from widgets.theme import Theme

MEASURES: Final = {
    MultipleKind.PR: "AP",
    MultipleKind.ROC: "AUC",
    MultipleKind.RATES: "F1",
    MultipleKind.HISTOGRAM: "F1",
    MultipleKind.RELIABILITY: "ECE",
}
WAITING: Final = "…"
_PEN: Final = 1.5
_DOT: Final = 4.0
_CHOSEN: Final = 2.0


@dataclass(frozen=True)
class Mark:
    """One label's threshold and what it counts."""

    threshold: float
    tp: int
    fp: int
    fn: int
    tn: int

    @property
    def predicted(self) -> int:
        """Predicted positives of known truth."""
        return self.tp + self.fp

    @property
    def precision(self) -> float:
        """NaN where nothing is predicted."""
        return self.tp / self.predicted if self.predicted else math.nan

    @property
    def recall(self) -> float:
        """NaN without positives."""
        return self.tp / (self.tp + self.fn) if self.tp + self.fn else math.nan

    @property
    def fpr(self) -> float:
        """False positive rate; NaN without negatives."""
        return self.fp / (self.fp + self.tn) if self.fp + self.tn else math.nan

    @property
    def f1(self) -> float:
        """NaN without a positive and without a prediction."""
        both = 2 * self.tp + self.fp + self.fn
        return 2 * self.tp / both if both else math.nan


@dataclass(frozen=True)
class Look:
    """How everything is painted."""

    theme: Theme
    font: QFont
    active: bool  # whether thresholds matter

    def ink(self, color: str) -> QColor:
        """One of the theme's colours, or the muted one."""
        return QColor(color if self.active else self.theme.muted)

    def over(self, color: str, share: float) -> QColor:
        """A colour as it looks on the surface when ``share`` of it is let through: files know no transparency."""
        own, ground = QColor(color), QColor(self.theme.surface)
        pairs = (
            (own.redF(), ground.redF()),
            (own.greenF(), ground.greenF()),
            (own.blueF(), ground.blueF()),
        )
        return QColor.fromRgbF(*(share * a + (1 - share) * b for a, b in pairs))


def trouble(kind: MultipleKind, picture: SmallPicture | None) -> str:
    """Why a picture cannot be drawn; "" where it can."""
    if picture is None:
        return WAITING
    if not picture.known:
        return "nothing scored is annotated"
    if kind in (MultipleKind.PR, MultipleKind.ROC, MultipleKind.RATES) and not picture.support:
        return "no positives"
    if kind is MultipleKind.ROC and picture.support == picture.known:
        return "no negatives"
    return ""


def number_text(kind: MultipleKind, picture: SmallPicture | None, mark: Mark | None) -> str:
    """ "AP 0.83"; "" where there is none, also where F1 is 0 for want of positives."""
    if kind.has_line and picture is not None and not picture.support:
        return ""
    number = (
        (math.nan if mark is None else mark.f1) if kind.has_line else math.nan if picture is None else picture.number
    )
    if math.isnan(number):
        return ""
    return f"{MEASURES[kind]} {format_rate(number, 3 if kind is MultipleKind.RELIABILITY else 2)}"


# What stays when a threshold moves


def paint_picture(painter: QPainter, cell: Cell, kind: MultipleKind, picture: SmallPicture | None, look: Look) -> None:
    """Axes, and the picture or the reason why there is none."""
    theme, axes = look.theme, cell.axes
    painter.setFont(look.font)
    why = trouble(kind, picture)
    if not why and kind in _UNDER:
        painter.setPen(QPen(look.over(theme.muted, 0.75), 1, Qt.PenStyle.DashLine))
        painter.drawLine(_UNDER[kind](cell, picture))
    painter.setPen(QPen(QColor(theme.border), 1))
    painter.drawLine(axes.bottomLeft(), axes.bottomRight())
    if kind is not MultipleKind.HISTOGRAM:  # its height means no share
        painter.drawLine(axes.bottomLeft(), axes.topLeft())
    if why:
        painter.setPen(QColor(theme.muted))
        painter.drawText(axes, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), why)
    else:
        _BODIES[type(picture)](painter, cell, picture, look)


def _prevalence(cell: Cell, picture: Any) -> QLineF:
    height = picture.support / picture.known
    return QLineF(cell.point(0, height), cell.point(1, height))


def _diagonal(cell: Cell, picture: Any) -> QLineF:
    return QLineF(cell.point(0, 0), cell.point(1, 1))


_UNDER: Final[dict[MultipleKind, Callable[[Cell, Any], QLineF]]] = {
    MultipleKind.PR: _prevalence,
    MultipleKind.ROC: _diagonal,
    MultipleKind.RELIABILITY: _diagonal,
}


def _paint_line(painter: QPainter, cell: Cell, line: Line, pen: QPen) -> None:
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    axes = cell.axes
    x, y = axes.left() + line.x * axes.width(), axes.bottom() - line.y * axes.height()
    kept = np.isfinite(y)
    places = zip(x[kept].round(2).tolist(), y[kept].round(2).tolist(), strict=True)
    painter.drawPolyline(QPolygonF([QPointF(*place) for place in places]))


def _paint_curve(painter: QPainter, cell: Cell, picture: SmallCurve, look: Look) -> None:
    _paint_line(painter, cell, picture.line, QPen(look.ink(look.theme.positive), _PEN))


def _paint_rates(painter: QPainter, cell: Cell, picture: SmallRates, look: Look) -> None:
    for line, entry in zip(picture.lines, ENTRIES, strict=True):
        width = _PEN if entry.width <= 2 else _PEN + 0.5
        _paint_line(painter, cell, line, QPen(look.ink(getattr(look.theme, entry.color)), width, entry.style))


def _paint_bars(painter: QPainter, cell: Cell, picture: SmallHistogram, look: Look) -> None:
    bins = Bins(np.zeros(1, np.float32), picture.positives, picture.negatives)
    heights = Heights.of(bins, is_log=True)
    width = cell.axes.width() / len(picture.positives)
    gap = min(1.0, 0.15 * width)
    zero = cell.point(0, heights.zero).y()
    sides = (
        (heights.up(picture.positives), look.theme.positive),
        (heights.down(picture.negatives), look.theme.negative),
    )
    painter.setPen(Qt.PenStyle.NoPen)
    for tops, color in sides:
        painter.setBrush(look.ink(color))
        for at, top in enumerate((cell.axes.bottom() - tops * cell.axes.height()).tolist()):
            if top != zero:
                left = cell.axes.left() + at * width + gap / 2
                painter.drawRect(QRectF(left, min(zero, top), width - gap, abs(zero - top)))
    painter.setPen(QPen(QColor(look.theme.border), 1))
    painter.drawLine(QPointF(cell.axes.left(), zero), QPointF(cell.axes.right(), zero))


def _paint_reliability(painter: QPainter, cell: Cell, picture: SmallReliability, look: Look) -> None:
    ink = look.ink(look.theme.positive)
    columns = (picture.mean_score, picture.observed, picture.low, picture.high)
    points = list(zip(*(column.tolist() for column in columns), strict=True))
    painter.setPen(QPen(look.over(ink.name(), 0.7), 1.0))
    painter.drawPolyline(QPolygonF([cell.point(x, y) for x, y, _, _ in points]))
    painter.setPen(QPen(ink, 1.2))
    painter.drawLines([QLineF(cell.point(x, low), cell.point(x, high)) for x, _, low, high in points])
    painter.setPen(QPen(QColor(look.theme.surface), 0.8))
    painter.setBrush(ink)
    for x, y, _, _ in points:
        painter.drawEllipse(cell.point(x, y), 2.8, 2.8)


_BODIES: Final[dict[type, Callable[[QPainter, Cell, Any, Look], None]]] = {
    SmallCurve: _paint_curve,
    SmallRates: _paint_rates,
    SmallHistogram: _paint_bars,
    SmallReliability: _paint_reliability,
}


# What moves with it


def paint_marks(
    painter: QPainter, cell: Cell, kind: MultipleKind, picture: SmallPicture | None, mark: Mark | None, look: Look
) -> None:
    """The operating point or the threshold's line; nothing over a picture that is none."""
    if mark is None or kind is MultipleKind.RELIABILITY or trouble(kind, picture):
        return
    if kind.has_line:
        x = cell.point(min(max(mark.threshold, 0.0), 1.0), 0).x()
        for ink, width in ((QColor(look.theme.surface), 3 * _PEN), (look.ink(look.theme.accent), _PEN)):
            painter.setPen(QPen(ink, width))  # on bars the accent alone would drown
            painter.drawLine(QPointF(x, cell.axes.top()), QPointF(x, cell.axes.bottom()))
    for x, y, color in _dots(kind, picture, mark, look.theme):
        hollow = not kind.has_line and not mark.predicted
        ink = look.ink(color)
        painter.setPen(QPen(ink if hollow else QColor(look.theme.surface), 1.5))
        painter.setBrush(QColor(look.theme.surface) if hollow else ink)
        radius = _DOT - 1 if kind.has_line else _DOT
        painter.drawEllipse(cell.point(x, y), radius, radius)


def _dots(kind: MultipleKind, picture: SmallPicture | None, mark: Mark, theme: Theme) -> list[tuple[float, float, str]]:
    """Places in the unit square, each with a colour."""
    if kind is MultipleKind.RATES:
        x = min(max(mark.threshold, 0.0), 1.0)
        heights = (mark.precision, mark.recall, mark.f1)
        marked = zip(heights, ENTRIES, strict=True)
        return [(x, y, getattr(theme, entry.color)) for y, entry in marked if not math.isnan(y)]
    if kind is MultipleKind.ROC and not math.isnan(mark.fpr):
        return [(mark.fpr, mark.recall, theme.accent)]
    if kind is MultipleKind.PR and isinstance(picture, SmallCurve):
        start = float(picture.line.y[0]) if len(picture.line.y) else 0.0
        at_start = not mark.predicted
        return [(0.0, start, theme.accent) if at_start else (mark.recall, mark.precision, theme.accent)]
    return []


# Round it


def paint_title(painter: QPainter, cell: Cell, name: str, number: str, chosen: bool, look: Look) -> None:
    """The label's name, cut where it must be, and the number on the right."""
    metrics = QFontMetricsF(look.font)
    right = metrics.horizontalAdvance(number)
    painter.setFont(look.font)
    painter.setPen(QColor(look.theme.muted))
    painter.drawText(cell.title, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), number)
    bold = QFont(look.font)
    bold.setBold(chosen)
    painter.setFont(bold)
    painter.setPen(QColor(look.theme.text))
    room = cell.title.width() - right - 8
    text = QFontMetricsF(bold).elidedText(name, Qt.TextElideMode.ElideMiddle, room)
    painter.drawText(cell.title, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), text)


def paint_outline(painter: QPainter, rect: QRectF, chosen: bool, focused: bool, look: Look) -> None:
    """The cell's edge: the chosen label's in the accent, and a dotted one where the keys are."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    width = _CHOSEN if chosen else 1.0
    painter.setPen(QPen(QColor(look.theme.accent if chosen else look.theme.line), width))
    inset = width / 2
    painter.drawRoundedRect(rect.adjusted(inset, inset, -inset, -inset), 4, 4)
    if focused:
        painter.setPen(QPen(QColor(look.theme.text), 1, Qt.PenStyle.DotLine))
        painter.drawRoundedRect(rect.adjusted(3.5, 3.5, -3.5, -3.5), 2, 2)
