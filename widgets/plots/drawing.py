"""A canvas painted once more with plain painter calls, for files.

pyqtgraph paints with transforms and pens that few readers of SVG understand, and symbols as pixels. Here every
coordinate is in logical pixels, every pen as wide as it looks and nothing is clipped.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QGraphicsPolygonItem

from inference.types import FloatArray
from widgets.plotting import Canvas
from widgets.theme import Theme

_TICK: Final = 4.0
_GAP: Final = 3.0


class _Paper:
    """The canvas's axes on paper: from plot coordinates to pixels."""

    def __init__(self, canvas: Canvas, theme: Theme) -> None:
        self.surface = QColor(theme.surface)
        self.rect = canvas.axes_rect()
        (self.left, self.right), (self.bottom, self.top) = canvas.getPlotItem().vb.viewRange()
        self.ratio = canvas.devicePixelRatioF()

    def x(self, values: FloatArray) -> FloatArray:
        inside = np.clip(values, self.left, self.right)
        result: FloatArray = self.rect.left() + (inside - self.left) / (self.right - self.left) * self.rect.width()
        return result

    def y(self, values: FloatArray) -> FloatArray:
        inside = np.clip(values, self.bottom, self.top)
        result: FloatArray = self.rect.bottom() - (inside - self.bottom) / (self.top - self.bottom) * self.rect.height()
        return result

    def points(self, x: FloatArray, y: FloatArray) -> list[QPointF]:
        finite = np.isfinite(x) & np.isfinite(y)
        pairs = zip(self.x(x[finite]).round(2).tolist(), self.y(y[finite]).round(2).tolist(), strict=True)
        return [QPointF(*pair) for pair in pairs]

    def pen(self, pen: QPen) -> QPen:
        """The pen in logical pixels: pyqtgraph's are in those of the screen."""
        result = QPen(pen)
        result.setCosmetic(False)
        result.setWidthF(max(pen.widthF(), 1.0) / self.ratio)
        result.setColor(self.solid(pen.color()))
        return result

    def solid(self, color: QColor) -> QColor:
        """The colour as it looks on the bare surface: not every reader of SVG lets colours through."""
        own, under = color.alphaF(), self.surface
        pairs = ((color.redF(), under.redF()), (color.greenF(), under.greenF()), (color.blueF(), under.blueF()))
        mixed = [own * ink + (1 - own) * paper for ink, paper in pairs]
        return QColor.fromRgbF(*mixed)


def paint_canvas(painter: QPainter, canvas: Canvas, theme: Theme, font: QFont) -> None:
    """Everything that the canvas shows, at its own size with its corner at the painter's origin."""
    painter.fillRect(QRectF(canvas.rect()), QColor(theme.surface))
    painter.setFont(font)
    paper = _Paper(canvas, theme)
    for item in sorted(canvas.getPlotItem().items, key=lambda item: item.zValue()):
        if item.isVisible():
            _paint_item(painter, paper, item)
    for side in canvas.axis_texts:
        _paint_axis(painter, paper, canvas, side, theme, QFontMetricsF(font))


def _paint_item(painter: QPainter, paper: _Paper, item: Any) -> None:
    if isinstance(item, pg.PlotCurveItem):
        _paint_curve(painter, paper, item)
    elif isinstance(item, pg.BarGraphItem):
        _paint_bars(painter, paper, item)
    elif isinstance(item, pg.ScatterPlotItem):
        _paint_dots(painter, paper, item)
    elif isinstance(item, pg.TextItem):
        _paint_text(painter, paper, item)
    elif isinstance(item, QGraphicsPolygonItem):
        _paint_area(painter, paper, item)


def _paint_curve(painter: QPainter, paper: _Paper, item: Any) -> None:
    x, y = item.getData()
    if x is None or not len(x):
        return
    painter.setPen(paper.pen(pg.mkPen(item.opts["pen"])))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    connect = item.opts["connect"]
    if isinstance(connect, str) and connect == "pairs":
        points = paper.points(x, y)
        for start, end in zip(points[::2], points[1::2], strict=True):
            painter.drawLine(start, end)
        return
    for part in _unbroken(x, y) if isinstance(connect, str) and connect == "finite" else [slice(None)]:
        painter.drawPolyline(QPolygonF(paper.points(x[part], y[part])))


def _unbroken(x: FloatArray, y: FloatArray) -> list[slice]:
    """The stretches of a line between what is not finite."""
    broken = np.flatnonzero(~(np.isfinite(x) & np.isfinite(y)))
    starts, stops = [0, *(broken + 1).tolist()], [*broken.tolist(), len(x)]
    return [slice(start, stop) for start, stop in zip(starts, stops, strict=True) if start < stop]


def _paint_area(painter: QPainter, paper: _Paper, item: QGraphicsPolygonItem) -> None:
    corners = item.polygon().toList()
    if not corners:
        return
    x, y = (np.array(values) for values in zip(*((at.x(), at.y()) for at in corners), strict=True))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(paper.solid(item.brush().color()))
    painter.drawPolygon(QPolygonF(paper.points(x, y)))


def _paint_bars(painter: QPainter, paper: _Paper, item: Any) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(paper.solid(pg.mkBrush(item.opts["brush"]).color()))
    x0, x1 = (paper.x(np.asarray(item.opts[name], dtype=np.float64)) for name in ("x0", "x1"))
    y0, y1 = (paper.y(np.asarray(item.opts[name], dtype=np.float64)) for name in ("y0", "y1"))
    for left, right, bottom, top in np.column_stack((x0, x1, y0, y1)).round(2).tolist():
        if bottom != top:
            painter.drawRect(QRectF(QPointF(left, min(bottom, top)), QPointF(right, max(bottom, top))))


def _paint_dots(painter: QPainter, paper: _Paper, item: Any) -> None:
    x, y = item.getData()
    pens, brushes, sizes = (item.data[name] for name in ("pen", "brush", "size"))
    for at, place in enumerate(paper.points(np.asarray(x), np.asarray(y))):
        painter.setPen(paper.pen(pens[at] or pg.mkPen(item.opts["pen"])))
        painter.setBrush(QBrush(brushes[at] or pg.mkBrush(item.opts["brush"])))
        radius = (sizes[at] if sizes[at] > 0 else item.opts["size"]) / 2
        painter.drawEllipse(place, radius, radius)


def _paint_text(painter: QPainter, paper: _Paper, item: Any) -> None:
    text = item.toPlainText()
    if not text:
        return
    metrics = QFontMetricsF(painter.font())
    width, height = metrics.horizontalAdvance(text) + 8, metrics.height() + 4
    (at,) = paper.points(np.array([item.pos().x()]), np.array([item.pos().y()]))
    box = QRectF(at.x() - item.anchor[0] * width, at.y() - item.anchor[1] * height, width, height)
    painter.setPen(QPen(QColor(item.color)))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def _paint_axis(
    painter: QPainter, paper: _Paper, canvas: Canvas, side: str, theme: Theme, metrics: QFontMetricsF
) -> None:
    """Line, ticks, their texts and the axis's name; the right side has texts alone."""
    if not canvas.getPlotItem().getAxis(side).isVisible():
        return
    name, ticks = canvas.axis_texts[side]
    rect = paper.rect
    line, ink = QPen(QColor(theme.border), 1), QPen(QColor(theme.muted))
    painter.setPen(line)
    if side != "right":
        corner = rect.topLeft() if side == "left" else rect.bottomRight()
        painter.drawLine(rect.bottomLeft(), corner)
    height = metrics.height()
    for value, text in ticks:
        (at,) = paper.points(np.array([value]), np.array([value]))
        width = metrics.horizontalAdvance(text) + 2
        if side == "bottom":
            start, end = QPointF(at.x(), rect.bottom()), QPointF(at.x(), rect.bottom() - _TICK)
            box = QRectF(at.x() - width / 2, rect.bottom() + _GAP, width, height)
        elif side == "left":
            start, end = QPointF(rect.left(), at.y()), QPointF(rect.left() + _TICK, at.y())
            box = QRectF(rect.left() - _GAP - width, at.y() - height / 2, width, height)
        else:
            start = end = QPointF()
            box = QRectF(rect.right() + _GAP, at.y() - height / 2, width, height)
        if side != "right":
            painter.setPen(line)
            painter.drawLine(start, end)
        painter.setPen(ink)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
    texts_height = height + _GAP if any(text for _, text in ticks) else 0.0
    _paint_axis_name(painter, rect, side, name, metrics, texts_height)


def _paint_axis_name(
    painter: QPainter, rect: QRectF, side: str, name: str, metrics: QFontMetricsF, below: float
) -> None:
    width, height = metrics.horizontalAdvance(name) + 2, metrics.height()
    if side == "bottom":
        box = QRectF(rect.center().x() - width / 2, rect.bottom() + below + _GAP, width, height)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, name)
    elif side == "left":
        painter.save()
        painter.translate(height / 2 + 2, rect.center().y())
        painter.rotate(-90)
        painter.drawText(QRectF(-width / 2, -height / 2, width, height), Qt.AlignmentFlag.AlignCenter, name)
        painter.restore()
