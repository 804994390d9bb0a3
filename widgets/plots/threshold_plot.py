"""What the pictures share on which one label's threshold is dragged: the marker's hold, the keys, the signals."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QObject, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QWidget

from inference.types import OperatingPoint
from widgets.plots.drawing import paint_canvas
from widgets.plots.frame import PlotFrame
from widgets.plotting import Canvas
from widgets.pr_geometry import Cutting, operating_point, point_at
from widgets.theme import current_theme

NO_SCORES: Final = "No image with a known truth is scored yet."
NO_LABEL: Final = "Choose a label to see its picture."
REACH_PIXELS: Final = 4.0  # scores this near to a place lie there
GRAB_PIXELS: Final = 9.0  # a press this near to the marker takes hold of it and moves nothing yet


class CanvasFrame(PlotFrame):
    """A picture on one canvas."""

    def __init__(self, name: str, hint: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self._hint = hint
        self._canvas = Canvas()
        self._canvas.setAccessibleName(name)
        self._canvas.setAccessibleDescription(hint)
        self._set_body(self._canvas)
        self._canvas.fitted.connect(self._draw)

    def _columns(self) -> int:
        """Columns that the unit is reduced to: two a device pixel, for they do not start with its pixels."""
        return max(64, int(2 * self._canvas.devicePixelRatioF() / max(self._canvas.pixel_size()[0], 1e-4)))

    def _paint_body(self, painter: QPainter) -> None:
        paint_canvas(painter, self._canvas, current_theme(), self.font())

    def _body_size(self) -> QSize:
        return QSize(self._canvas.size())

    def event(self, event: QEvent) -> bool:
        """Follow the screen; keep our keys from the window's shortcuts while the picture has the focus."""
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._restyle()
            self._draw()
        is_override = isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride
        if is_override and isinstance(event, QKeyEvent) and self._is_own_key(event):
            event.accept()
            return True
        return super().event(event)

    def _is_own_key(self, event: QKeyEvent) -> bool:
        """Whether a key means something here."""
        return False


class ThresholdPlot(CanvasFrame):
    """A picture with an operating point.

    A drag emits ``thresholdChanged`` at each new place and ``thresholdEditFinished`` when it ends; a click emits one
    of each. Every threshold is exactly a float32. Which score an arrow key leads to depends on all images and is not
    for a picture to say: it emits ``stopRequested``. A click with Shift, and Enter at the marker, emit
    ``scoreRangeChosen`` with the scores that lie there, and move nothing.
    """

    thresholdChanged = Signal(float)
    thresholdEditFinished = Signal()
    scoreRangeChosen = Signal(float, float)  # lowest and highest score of images to show, both included
    stopRequested = Signal(bool)  # an arrow key wants the next score that changes a decision; True: upwards

    def __init__(self, name: str, hint: str, parent: QWidget | None = None) -> None:
        super().__init__(name, hint, parent)
        self._point: OperatingPoint | None = None
        self._grab = QPointF()  # from the mouse to the marker, in plot coordinates
        self._edited = False  # thresholdChanged was emitted, thresholdEditFinished not yet
        self._canvas.pressed.connect(self._on_pressed)
        self._canvas.dragged.connect(self._on_dragged)
        self._canvas.released.connect(self._on_released)
        self._canvas.viewport().installEventFilter(self)

    # What subclasses say

    def _cuts(self) -> Cutting | None:
        """The picture's value."""
        raise NotImplementedError

    def _draw_marker(self) -> None:
        """Show the operating point, or nothing when there is none."""
        raise NotImplementedError

    def _handle(self, place: QPointF) -> QPointF | None:
        """The point of the marker that a press at ``place`` may take hold of."""
        raise NotImplementedError

    def _threshold_for(self, place: QPointF) -> float:
        """The threshold, exactly a float32, that a drag to ``place`` means."""
        raise NotImplementedError

    def _is_move(self, threshold: float) -> bool:
        """Whether a drag to ``threshold`` is worth saying: by default when another point of the curve is reached."""
        cuts = self._cuts()
        if cuts is None or self._point is None:
            return cuts is not None
        return point_at(cuts.thresholds, self._point.threshold) != point_at(cuts.thresholds, threshold)

    # Setters

    def setOperatingPoint(self, point: OperatingPoint | None) -> None:
        """Mark where the label's threshold stands; NaN precision says that nothing is predicted."""
        self._point = point
        self._refresh()

    # Reading

    def operatingPoint(self) -> OperatingPoint | None:
        """Where the threshold stands."""
        return self._point

    # Showing

    def _drawable(self) -> bool:
        cuts = self._cuts()
        return cuts is not None and len(cuts.thresholds) > 0

    def _empty_text(self) -> str:
        return self._message or (NO_LABEL if self._cuts() is None else NO_SCORES)

    def _caption_text(self) -> str:
        if not self._active:
            return self._reason
        return "" if self._point is None else self._point_text(self._point)

    def _longest_caption(self) -> str:
        cuts = self._cuts()
        if cuts is None:
            return ""
        # more true and more false positives than there can be: no caption is longer
        most = int(cuts.predicted[-1])
        return self._point_text(OperatingPoint(0.12345678, 0.0, 0.0, cuts.support, most + cuts.support, cuts.support))

    def _point_text(self, point: OperatingPoint) -> str:
        raise NotImplementedError

    def _can_drag(self) -> bool:
        return self._shown() and self._active

    def _refresh(self) -> None:
        super()._refresh()
        can_drag = self._can_drag()
        cursor = Qt.CursorShape.CrossCursor if can_drag else Qt.CursorShape.ArrowCursor
        tip = self._hint if can_drag else self._reason
        if cursor != self._canvas.cursor().shape():  # Qt looks for what is under the mouse each time it is set
            self._canvas.setCursor(cursor)
        if tip != self._canvas.toolTip():
            self._canvas.setToolTip(tip)
        if self._shown():
            self._draw_marker()

    # Acting

    def _on_pressed(self, place: QPointF) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self._grab = QPointF()
        handle = self._handle(place)
        if handle is not None and self._canvas.near(handle, place) <= GRAB_PIXELS:
            self._grab = handle - place
            return
        self._on_dragged(place)

    def _on_dragged(self, place: QPointF) -> None:
        if not self._can_drag():
            return
        threshold = self._threshold_for(place + self._grab)
        if self._is_move(threshold):
            self._move_to(threshold)

    def _on_released(self) -> None:
        self._finish()

    def _step(self, by: int) -> None:
        """Wish for the next score that changes a decision: a looser one when positive, a stricter when negative."""
        if self._point is not None and self._can_drag():
            self.stopRequested.emit(by < 0)

    def _move_to(self, threshold: float) -> None:
        """Set the operating point and say so."""
        cuts = self._cuts()
        assert cuts is not None
        self.setOperatingPoint(operating_point(cuts, threshold))
        self._edited = True
        self.thresholdChanged.emit(threshold)

    def _finish(self) -> None:
        if self._edited:
            self._edited = False
            self.thresholdEditFinished.emit()

    # The images behind a place

    def _choose_at(self, place: QPointF) -> None:
        """Wish for the images whose scores lie within a few pixels of a place."""
        width, height = (REACH_PIXELS * side for side in self._canvas.pixel_size())
        near = [QPointF(), QPointF(width, 0), QPointF(-width, 0), QPointF(0, height), QPointF(0, -height)]
        scores = [self._threshold_for(place + by) for by in near]
        self.scoreRangeChosen.emit(min(scores), max(scores))

    def _place_of(self, pixel: QPointF) -> QPointF:
        """The point of the plot under a pixel of the canvas."""
        origin, corner = self._canvas.to_pixels(0, 0), self._canvas.to_pixels(1, 1)
        size = corner - origin
        return QPointF((pixel.x() - origin.x()) / size.x(), (pixel.y() - origin.y()) / size.y())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A click with Shift shows images, and is kept from setting the threshold."""
        if not (isinstance(event, QMouseEvent) and event.type() == QEvent.Type.MouseButtonPress and self._shown()):
            return False
        with_shift = event.modifiers() == Qt.KeyboardModifier.ShiftModifier
        if not with_shift or event.button() != Qt.MouseButton.LeftButton:
            return False
        if self._canvas.axes_rect().contains(event.position()):
            self._choose_at(self._place_of(event.position()))
        return True

    # Qt's events

    def _is_own_key(self, event: QKeyEvent) -> bool:
        return self._step_of(event) != 0 or is_enter(event)

    def _step_of(self, event: QKeyEvent) -> int:
        """Points to go for a key: Left is stricter along a curve."""
        return arrow_of(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """An arrow: the next threshold that decides an image otherwise. Enter: the images at the marker."""
        step = self._step_of(event)
        marker = self._handle(QPointF(0.5, 0.5)) if is_enter(event) and self._shown() else None
        if step:
            self._step(step)
        elif marker is not None:
            self._choose_at(marker)
        else:
            super().keyPressEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """A drag that is cut off by hiding is over."""
        super().hideEvent(event)
        self._finish()


def is_enter(event: QKeyEvent) -> bool:
    """Either of the two, without modifiers."""
    plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    return plain and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)


def arrow_of(event: QKeyEvent, less: Qt.Key = Qt.Key.Key_Left, more: Qt.Key = Qt.Key.Key_Right) -> int:
    """-1, 1, or 0 for any other key and with modifiers."""
    if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
        return 0
    return {less: -1, more: 1}.get(Qt.Key(event.key()), 0)
