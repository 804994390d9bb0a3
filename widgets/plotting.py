"""What every plot shares: pyqtgraph set up once, a canvas without its menus and gestures, axes in the theme.

Importing this module imports pyqtgraph, about half a second: only plots do so.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QWidget

from widgets.theme import Theme

UNIT_TICKS: Final = tuple((tenth / 10, f"{tenth / 10:.1f}") for tenth in range(0, 11, 2))
MARGIN_PIXELS: Final = 9.0  # round the unit square, so that a marker on its edge is whole

# pyqtgraph's default is column-major images; once, before the first plot.
pg.setConfigOptions(imageAxisOrder="row-major", antialias=True)


class AxisText(NamedTuple):
    """What stands along an axis."""

    name: str
    ticks: tuple[tuple[float, str], ...]


class Canvas(pg.PlotWidget):  # type: ignore[misc]
    """A pyqtgraph plot of the unit square that reports the left button in plot coordinates, and does nothing else.

    pyqtgraph's own panning, zooming, context menu and auto-range button are off; the wheel goes to the parent.

    Where one mark moves over items that stand still, ``keep_items`` paints the items once: a scene costs
    milliseconds a frame, a kept picture of it next to nothing.
    """

    pressed = Signal(QPointF)  # in plot coordinates, inside the axes
    dragged = Signal(QPointF)  # in plot coordinates, also outside the axes
    released = Signal()
    fitted = Signal()  # to a new size in pixels

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._is_down = False
        self.axis_texts: dict[str, AxisText] = {}  # by "left", "bottom", "right"
        self._paint_mark: Callable[[QPainter], None] | None = None
        self._kept: QPixmap | None = None  # a picture of all items
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName("plot")
        self.setMouseEnabled(x=False, y=False)
        plot = self.getPlotItem()
        plot.setMenuEnabled(False)
        plot.hideButtons()
        plot.disableAutoRange()
        plot.layout.setContentsMargins(2, 6, 6, 2)
        plot.vb.sigResized.connect(self._fit)
        self._fit()

    def _fit(self) -> None:
        """Show the unit square with the same margin in pixels whatever the size."""
        box = self.getPlotItem().vb
        x, y = (MARGIN_PIXELS / max(side - 2 * MARGIN_PIXELS, 50.0) for side in (box.width(), box.height()))
        box.setRange(xRange=(-x, 1 + x), yRange=(-y, 1 + y), padding=0)
        self.fitted.emit()

    def keep_items(self, paint_mark: Callable[[QPainter], None]) -> None:
        """From now on keep a picture of the items, over which ``paint_mark`` paints in logical pixels.

        Whoever changes an item calls ``forget_items``; of changes by pyqtgraph itself we hear, if a frame later.
        """
        self._paint_mark = paint_mark
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.scene().changed.connect(self.forget_items)

    def forget_items(self) -> None:
        """Items have changed: the kept picture of them is out of date."""
        self._kept = None
        self.viewport().update()

    def update_mark(self, *places: QRect) -> None:
        """What ``paint_mark`` paints has changed, in these places only."""
        for place in places:
            self.viewport().update(place)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The items, or their picture and the mark over it."""
        if self._paint_mark is None:
            super().paintEvent(event)
            return
        view = self.viewport()
        if self._kept is None or self._kept.deviceIndependentSize().toSize() != view.size():
            self._kept = self._picture_of_items()
        painter = QPainter(view)
        painter.drawPixmap(0, 0, self._kept)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_mark(painter)
        painter.end()

    def _picture_of_items(self) -> QPixmap:
        view = self.viewport()
        ratio = view.devicePixelRatioF()
        picture = QPixmap(view.size() * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(self.backgroundBrush().color())
        painter = QPainter(picture)
        painter.setRenderHints(self.renderHints())
        self.render(painter, QRectF(view.rect()), view.rect(), Qt.AspectRatioMode.IgnoreAspectRatio)
        painter.end()
        return picture

    def pixel_size(self) -> tuple[float, float]:
        """Width and height of one logical pixel, in plot coordinates."""
        width, height = self.getPlotItem().vb.viewPixelSize()
        return float(width), float(height)

    def pen(self, color: str | QColor, width: float = 1.0, style: Qt.PenStyle = Qt.PenStyle.SolidLine) -> QPen:
        """A pen of ``width`` logical pixels: pyqtgraph's own count device pixels."""
        return QPen(pg.mkPen(color, width=width * self.devicePixelRatioF(), style=style))

    def axes_rect(self) -> QRectF:
        """The rectangle between the axes, in logical pixels of this widget."""
        box = self.getPlotItem().vb
        corners = self.mapFromScene(box.mapRectToScene(box.rect()))
        return QRectF(corners.boundingRect())

    def near(self, a: QPointF, b: QPointF) -> float:
        """How far two points of the plot lie apart on the screen, in logical pixels."""
        width, height = self.pixel_size()
        return math.hypot((a.x() - b.x()) / width, (a.y() - b.y()) / height)

    def to_pixels(self, x: float, y: float) -> QPointF:
        """Where a point of the plot stands, in logical pixels of this widget."""
        scene = self.getPlotItem().vb.mapViewToScene(QPointF(x, y))
        return QPointF(self.viewportTransform().map(scene))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Report a press of the left button between the axes; leave everything else to the parent."""
        inside = self.axes_rect().contains(event.position())
        if event.button() != Qt.MouseButton.LeftButton or not inside:
            event.ignore()
            return
        self._is_down = True
        self.pressed.emit(self._to_plot(event))
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """The second press of two quick ones is a press as any other."""
        self.mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Report a drag with the left button."""
        if self._is_down:
            self.dragged.emit(self._to_plot(event))
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Report the end of a press."""
        if event.button() == Qt.MouseButton.LeftButton and self._is_down:
            self._is_down = False
            self.released.emit()
        event.accept()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Nothing scrolls here: whatever the plot stands in may."""
        event.ignore()

    def _to_plot(self, event: QMouseEvent) -> QPointF:
        scene = self.viewportTransform().inverted()[0].map(event.position())
        return QPointF(self.getPlotItem().vb.mapSceneToView(scene))


def style_canvas(canvas: Canvas, theme: Theme, font: QFont) -> None:
    """Background, axes and their texts in the theme's colours and the widget's font."""
    canvas.setBackground(theme.surface)
    line = canvas.pen(theme.border)
    for name in ("left", "bottom", "right"):
        axis = canvas.getPlotItem().getAxis(name)
        axis.setPen(line if name != "right" else pg.mkPen(None))
        axis.setTickPen(line if name != "right" else pg.mkPen(None))
        axis.setTextPen(theme.muted)
        axis.setStyle(tickFont=font)
        axis.label.setFont(font)
        axis.label.setDefaultTextColor(QColor(theme.muted))
    # pyqtgraph leaves a gap between figures and name that a low plot cannot spare.
    canvas.getPlotItem().getAxis("bottom").setHeight(2 * QFontMetrics(font).height() + 8)


def label_axis(canvas: Canvas, name: str, text: str, ticks: Sequence[tuple[float, str]] = UNIT_TICKS) -> None:
    """Name an axis ("left", "bottom", "right"), with ticks where they are told to be."""
    canvas.axis_texts[name] = AxisText(text, tuple(ticks))
    axis = canvas.getPlotItem().getAxis(name)
    axis.enableAutoSIPrefix(False)
    axis.setTicks([list(ticks)])
    axis.setStyle(tickLength=-4, hideOverlappingLabels=False)
    canvas.getPlotItem().showAxis(name)
    if text:
        axis.setLabel(text)


def with_alpha(color: str, alpha: float) -> QColor:
    """The colour, let through by ``1 - alpha``."""
    result = QColor(color)
    result.setAlphaF(alpha)
    return result
