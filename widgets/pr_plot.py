"""One label's precision-recall curve, on which the operating point is dragged."""

from __future__ import annotations

import math
from typing import Final

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QHideEvent, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from inference.types import OperatingPoint, PRCurve
from widgets.plotting import Canvas, label_axis, style_canvas, with_alpha
from widgets.pr_geometry import (
    ISO_F1,
    NOTHING,
    iso_f1,
    nearest_point,
    point_at,
    reduce_points,
    step_path,
    threshold_at,
)
from widgets.pr_header import CurveHeader, longest_point_text, point_text, rate, title_rest
from widgets.theme import current_theme

NO_CURVE: Final = "Choose a label to see its precision and recall."
NO_POSITIVES: Final = "No annotated positives for this label: precision and recall cannot be measured."
NO_SCORES: Final = "No image with a known truth is scored yet."
HINT: Final = "Click or drag along the curve to set the threshold; Left and Right step to the next point."
GRAB_PIXELS: Final = 9.0  # a press this near to the marker takes hold of it and moves nothing yet
_LOOKS: Final = (QEvent.Type.PaletteChange, QEvent.Type.FontChange)


class PRPlot(QWidget):
    """The step curve of one label with its operating point, lines of equal F1 and the prevalence.

    A drag emits ``thresholdChanged`` at each new point of the curve and ``thresholdEditFinished`` when it ends;
    a click and an arrow key emit one of each. Every threshold is that of a point of the curve, exactly a float32,
    or the first float32 above the highest score, with which nothing is predicted. Setters emit nothing.
    """

    thresholdChanged = Signal(float)
    thresholdEditFinished = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._curve: PRCurve | None = None
        self._label = ""
        self._point: OperatingPoint | None = None
        self._message = ""
        self._active = True
        self._reason = ""
        self._grab = QPointF()  # from the mouse to the marker, in plot coordinates
        self._edited = False  # thresholdChanged was emitted, thresholdEditFinished not yet
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Precision-recall curve")
        self._build_empty()
        self._build_canvas()
        self._lay_out()
        self._restyle()
        self._refresh()

    # Setters

    def setCurve(self, curve: PRCurve | None, label: str) -> None:
        """Show a label's curve; None, or one that cannot be drawn, shows the message instead."""
        self._curve = curve
        self._label = label
        if self._drawable():
            self._message = ""
        self._draw_curve()
        self._refresh()

    def setOperatingPoint(self, point: OperatingPoint | None) -> None:
        """Mark where the label's threshold stands; NaN precision says that nothing is predicted."""
        self._point = point
        self._refresh()

    def setMessage(self, text: str) -> None:
        """Show a sentence instead of the plot, until it is "" or a curve comes that can be drawn."""
        self._message = text
        self._refresh()

    def setActive(self, active: bool, reason: str = "") -> None:
        """Whether thresholds matter now; if not, the curve is dimmed and the reason shown."""
        changed = active != self._active
        self._active, self._reason = active, reason
        if changed:
            self._restyle()
        self._refresh()

    # Reading

    def text(self) -> str:
        """All that the widget says in words: title, and message, reason or caption."""
        empty = self._stack.currentWidget() is self._empty
        return f"{self._header.text()}\n{self._empty.text()}".strip() if empty else self._header.text()

    def curve_pixel(self, index: int) -> QPointF:
        """Where the curve's point ``index`` stands, in logical pixels of this widget."""
        assert self._curve is not None
        place = self._canvas.to_pixels(float(self._curve.recall[index]), float(self._curve.precision[index]))
        return QPointF(self._canvas.mapTo(self, QPointF(place)))

    def sizeHint(self) -> QSize:
        """Room for a curve that can be read."""
        return QSize(420, 340)

    # Building

    def _build_empty(self) -> None:
        self._empty = QLabel()
        self._empty.setTextFormat(Qt.TextFormat.PlainText)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setWordWrap(True)
        self._empty.setMargin(24)

    def _build_canvas(self) -> None:
        self._canvas = Canvas()
        self._canvas.setAccessibleName("Precision over recall")
        self._canvas.setAccessibleDescription(HINT)
        self._canvas.setToolTip(HINT)
        label_axis(self._canvas, "bottom", "recall")
        label_axis(self._canvas, "left", "precision")
        label_axis(self._canvas, "right", "", [(f1 / (2 - f1), f"F1 {f1:.1f}") for f1 in ISO_F1])
        self._iso = [pg.PlotCurveItem(*iso_f1(f1)) for f1 in ISO_F1]
        self._baseline = pg.PlotCurveItem()
        self._baseline_text = pg.TextItem(anchor=(0, 1))
        self._guides = pg.PlotCurveItem()
        # Steps run along pixels: without smoothing they are crisp and quick.
        self._line = pg.PlotCurveItem(antialias=False)
        self._marker = pg.ScatterPlotItem(pxMode=True, size=13)
        for item in (*self._iso, self._baseline_text, self._baseline, self._guides, self._line, self._marker):
            self._canvas.addItem(item)
        self._canvas.fitted.connect(self._draw_curve)
        self._canvas.pressed.connect(self._on_pressed)
        self._canvas.dragged.connect(self._on_dragged)
        self._canvas.released.connect(self._finish)

    def _lay_out(self) -> None:
        self._header = CurveHeader()
        self._stack = QStackedWidget()
        self._stack.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)
        self._stack.setMinimumSize(180, 120)
        self._stack.addWidget(self._canvas)
        self._stack.addWidget(self._empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(3, 3, 3, 3)
        column.setSpacing(4)
        column.addWidget(self._header)
        column.addWidget(self._stack, 1)

    # Showing

    def _drawable(self) -> bool:
        return self._curve is not None and len(self._curve.thresholds) > 0 and self._curve.support > 0

    def _shown(self) -> bool:
        return self._drawable() and not self._message

    def _refresh(self) -> None:
        """Bring title, caption, marker and page in line with what was set."""
        shown = self._shown()
        if shown and self._curve is not None:
            self._header.setTitle(self._label, title_rest(self._curve))
            self._header.setCaption(self._caption_text(), longest_point_text(self._curve))
        else:
            self._header.setTitle(self._label, "")
            self._header.setCaption("")
        self._empty.setText(self._empty_text())
        self._stack.setCurrentWidget(self._canvas if shown else self._empty)
        can_drag = shown and self._active
        self._canvas.setCursor(Qt.CursorShape.CrossCursor if can_drag else Qt.CursorShape.ArrowCursor)
        self._canvas.setToolTip(HINT if can_drag else self._reason)
        self.setAccessibleDescription(self.text())
        if shown:
            self._draw_marker()

    def _caption_text(self) -> str:
        if not self._active:
            return self._reason
        return "" if self._point is None else point_text(self._point)

    def _empty_text(self) -> str:
        if self._message or self._curve is None:
            return self._message or NO_CURVE
        return NO_SCORES if math.isnan(self._curve.prevalence) else NO_POSITIVES

    def _draw_curve(self) -> None:
        """Curve and baseline, reduced to what the screen can show."""
        curve = self._curve
        if curve is None or not self._drawable():
            self._line.clear()
            return
        self._line.setData(*step_path(*reduce_points(curve.recall, curve.precision, self._columns())))
        self._baseline.setData([0.0, 1.0], [curve.prevalence] * 2)
        self._baseline_text.setText(f"prevalence {rate(curve.prevalence)}")
        self._baseline_text.setAnchor((0, 0) if curve.prevalence > 0.85 else (0, 1))
        self._baseline_text.setPos(0.0, curve.prevalence)

    def _columns(self) -> int:
        """Columns that the unit of recall is reduced to: two a device pixel, for they do not start with its pixels."""
        return max(64, int(2 * self._canvas.devicePixelRatioF() / max(self._canvas.pixel_size()[0], 1e-4)))

    def _draw_marker(self) -> None:
        place = self._marker_place()
        if place is None:
            self._marker.clear()
            self._guides.clear()
            return
        theme = current_theme()
        hollow = self._point is not None and self._point.predicted == 0
        ink = theme.accent if self._active else theme.muted
        pen = pg.mkPen(ink if hollow else theme.surface, width=2)
        self._marker.setData([place.x()], [place.y()], pen=pen, brush=theme.surface if hollow else ink)
        self._guides.setData([-1.0, place.x(), place.x()], [place.y(), place.y(), -1.0])

    def _marker_place(self) -> QPointF | None:
        """Recall and precision of the operating point; at the curve's start where nothing is predicted."""
        if self._point is None or self._curve is None or math.isnan(self._point.recall):
            return None
        if self._point.predicted == 0:
            return QPointF(0.0, float(self._curve.precision[0]))
        return QPointF(self._point.recall, self._point.precision)

    def _restyle(self) -> None:
        """Take colours from the theme and the font from the application."""
        theme = current_theme()
        style_canvas(self._canvas, theme, self.font())
        pen = self._canvas.pen
        for item in self._iso:
            item.setPen(pen(theme.grid))
        self._baseline.setPen(pen(theme.muted, style=Qt.PenStyle.DashLine))
        self._baseline_text.setColor(theme.muted)
        self._baseline_text.fill = pg.mkBrush(with_alpha(theme.surface, 0.8))
        self._baseline_text.setFont(self.font())
        ink = theme.accent if self._active else theme.muted
        self._guides.setPen(pen(with_alpha(ink, 0.55), style=Qt.PenStyle.DotLine))
        self._line.setPen(pen(theme.positive if self._active else with_alpha(theme.muted, 0.6), 2))

    # Acting

    def _on_pressed(self, place: QPointF) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self._grab = QPointF()
        marker = self._marker_place()
        if marker is not None:
            width, height = self._canvas.pixel_size()
            away = marker - place
            if math.hypot(away.x() / width, away.y() / height) <= GRAB_PIXELS:
                self._grab = away
                return
        self._on_dragged(place)

    def _on_dragged(self, place: QPointF) -> None:
        if self._curve is None or not self._shown() or not self._active:
            return
        place = place + self._grab
        self._move_to(nearest_point(self._curve, place.x(), place.y(), self._canvas.pixel_size()))

    def _step(self, by: int) -> None:
        """Go ``by`` points on: looser when positive, stricter when negative."""
        if self._curve is None or self._point is None or not self._shown() or not self._active:
            return
        thresholds = self._curve.thresholds
        index = point_at(thresholds, self._point.threshold) + by
        self._move_to(min(max(index, NOTHING), len(thresholds) - 1))
        self._finish()

    def _move_to(self, index: int) -> None:
        """Set the operating point to one of the curve, and say so where that changes anything."""
        curve = self._curve
        assert curve is not None
        if self._point is not None and point_at(curve.thresholds, self._point.threshold) == index:
            return
        nothing = index == NOTHING
        point = OperatingPoint(
            threshold=threshold_at(curve.thresholds, index),
            precision=math.nan if nothing else float(curve.precision[index]),
            recall=0.0 if nothing else float(curve.recall[index]),
            tp=0 if nothing else int(curve.tp[index]),
            predicted=0 if nothing else int(curve.predicted[index]),
            support=curve.support,
        )
        self.setOperatingPoint(point)
        self._edited = True
        self.thresholdChanged.emit(point.threshold)

    def _finish(self) -> None:
        if self._edited:
            self._edited = False
            self.thresholdEditFinished.emit()

    # Qt's events

    def event(self, event: QEvent) -> bool:
        """Keep the arrow keys from the window's shortcuts while the plot has the focus; follow the screen."""
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._restyle()
            self._draw_curve()
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride and _step_of(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left: the next stricter point. Right: the next looser one."""
        step = _step_of(event)
        if step:
            self._step(step)
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme and the font."""
        super().changeEvent(event)
        if event.type() in _LOOKS and hasattr(self, "_stack"):
            self._restyle()
            self._refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        """A drag that is cut off by hiding is over."""
        super().hideEvent(event)
        self._finish()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show where the keys go."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show that the keys go elsewhere."""
        super().focusOutEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The frame that says the plot has the focus."""
        super().paintEvent(event)
        painter = QPainter(self)
        color = current_theme().accent if self.hasFocus() else current_theme().line
        painter.setPen(QPen(QColor(color), 1.5 if self.hasFocus() else 1.0))
        painter.drawRect(QRectF(self._stack.geometry()).adjusted(-1, -1, 1, 1))
        painter.end()


def _step_of(event: QKeyEvent) -> int:
    if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
        return 0
    return {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
