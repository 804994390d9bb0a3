"""The row under the table that moves the thresholds of all labels."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from inference.types import FloatArray, ScoreArray
from widgets.labels_table.editor import Ending, ThresholdEditor, ending, starts_number
from widgets.labels_table.gesture import ThresholdGesture
from widgets.labels_table.layout import Layout
from widgets.labels_table.slider import SliderLook, Zones, paint_slider
from widgets.numbers import format_count, format_threshold
from widgets.tables.measures import PAD
from widgets.theme import current_theme

MIXED: Final = "mixed"
_STEPS: Final = {
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Down: -1,
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_Up: 1,
}
_CONTROL: Final = Qt.KeyboardModifier.ControlModifier
_EDIT_KEYS: Final = (Qt.Key.Key_F2, Qt.Key.Key_Return, Qt.Key.Key_Enter)
_SHIFT: Final = Qt.KeyboardModifier.ShiftModifier
_TICKS: Final = 200  # more could not be told apart


class AllLabelsRow(QWidget):
    """One slider for all labels. Where the thresholds differ it says "mixed" and marks where they stand."""

    thresholdChanged = Signal(float)
    thresholdEditFinished = Signal()

    def __init__(self, layout: Layout, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._layout = layout
        self._name_width = 100
        self._threshold_width = 160
        self._values: ScoreArray = np.zeros(0, dtype=np.float32)
        self._spread: tuple[float, ...] = ()
        self._active = True
        self._reason = ""
        self._editor: ThresholdEditor | None = None
        self._gesture = ThresholdGesture(self)
        self._gesture.valueChanged.connect(self.thresholdChanged)
        self._gesture.finished.connect(self.thresholdEditFinished)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setToolTip(
            "Moves the thresholds of all labels, also of those that are filtered out.\n"
            "Left and Right: a step of 0.01, with Ctrl of 0.001. Digits write a number."
        )
        self._describe()

    # What it shows

    def set_thresholds(self, values: ScoreArray) -> None:
        """The (c,) thresholds of all labels."""
        self._values = values
        self._spread_out()
        self._describe()
        self.update()

    def _spread_out(self) -> None:
        """Where the thresholds stand that differ, no closer than can be told apart."""
        if not self.mixed:
            self._spread = ()
            return
        span = self._layout.span
        places: FloatArray = (
            np.clip(self._values, 0, 1).astype(np.float64) if span is None else span.place(self._values)
        )
        # 0.0 is added so that -0.0 is no second place
        places = np.unique(np.round(places * _TICKS) + 0.0) / _TICKS
        self._spread = tuple((places if span is None else span.score(places)).tolist())

    def set_active(self, active: bool, reason: str) -> None:
        """Whether thresholds are used, and if not, why not."""
        self._active, self._reason = active, reason
        if not active:
            self.drop_gesture()
        self._describe()
        self.update()

    def align(self, layout: Layout, name_width: int, threshold_width: int) -> None:
        """Stand under the columns of the table."""
        scale_changed, self._layout = layout.span != self._layout.span, layout
        self._name_width, self._threshold_width = name_width, threshold_width
        if scale_changed:
            self._spread_out()
        self.updateGeometry()
        self.update()

    @property
    def mixed(self) -> bool:
        """Whether the thresholds differ."""
        return len(self._values) > 0 and bool((self._values != self._values[0]).any())

    def value_text(self) -> str:
        """The threshold that all labels have, or "mixed"."""
        if not len(self._values):
            return ""
        return MIXED if self.mixed else format_threshold(self._values[0])

    def note(self) -> str:
        """Beside the slider: why it is not used, or how far the thresholds spread."""
        if not self._active:
            return self._reason
        if not self.mixed:
            return ""
        low, high = format_threshold(self._values.min()), format_threshold(self._values.max())
        return f"{low} to {high} ({format_count(len(np.unique(self._values)))} values)"

    def _describe(self) -> None:
        note = self.note()
        self.setAccessibleName(f"Threshold of all labels, {self.value_text() or 'no labels'}")
        self.setAccessibleDescription(note)

    def _start(self) -> float:
        return float(np.median(self._values)) if len(self._values) else 0.5

    def _usable(self) -> bool:
        return self._active and len(self._values) > 0

    # Painting

    def sizeHint(self) -> QSize:
        """As high as a row of the table, and a little air."""
        return QSize(self._name_width + self._threshold_width, self._layout.row_height + 6)

    def minimumSizeHint(self) -> QSize:
        """The slider may be cut off no earlier than the table is."""
        return QSize(120, self._layout.row_height + 6)

    def zones(self) -> Zones:
        """Where track and number are."""
        width = min(self._threshold_width, max(self.width() - self._name_width, 60))
        cell = QRectF(self._name_width + 1, 0, width, self.height())
        least = self._layout.metrics.horizontalAdvance(MIXED) + 2
        return self._layout.zones(cell, max(self._layout.number_width(width), least))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Title, slider, number, note."""
        theme, where = current_theme(), self.zones()
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.raised))
        painter.setFont(self._layout.font)
        painter.setPen(QColor(theme.text if self._usable() else theme.muted))
        middle = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
        title = "All labels" if self._layout.metrics.horizontalAdvance("All labels") < self._name_width - 14 else "All"
        room = QRectF(PAD + 3, 0, self._name_width, self.height())
        painter.drawText(room, int(Qt.AlignmentFlag.AlignLeft | middle), title)
        painter.drawText(where.number, int(Qt.AlignmentFlag.AlignRight | middle), self.value_text())
        if len(self._values):
            value = None if self.mixed else float(self._values[0])
            strong = self.hasFocus() or self._gesture.dragging
            paint_slider(painter, where, SliderLook(value, math.nan, self._spread, self._active, strong), theme)
        self._paint_note(painter, where)
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme.accent), 1))
            painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -1, -1))
        painter.end()

    def _paint_note(self, painter: QPainter, where: Zones) -> None:
        left = where.number.right() + 10
        room = QRectF(left, 0, self.width() - left - PAD, self.height())
        painter.setPen(QColor(current_theme().muted))
        painter.setFont(self._layout.small)
        flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(room, int(flags), self.note())

    # Mouse, wheel and keys

    def busy(self) -> bool:
        """Whether the threshold is being dragged, stepped or typed."""
        return self._gesture.dragging or self._gesture.changing or self._editor is not None

    def drop_gesture(self) -> None:
        """Forget what is going on without telling anyone."""
        self._gesture.drop()
        self._close_editor()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """On the track: take the handle, or bring it here."""
        where, at = self.zones(), event.position()
        if event.button() is Qt.MouseButton.LeftButton and self._usable() and where.on_track(at.x()):
            value = self._start()
            held = not self.mixed and where.on_handle(at.x(), value)
            self._gesture.press(where.track, at.x(), value, on_handle=held, fine=bool(event.modifiers() & _SHIFT))
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag, or show what a press would do."""
        if self._gesture.dragging:
            self._gesture.move(event.position().x(), fine=bool(event.modifiers() & _SHIFT))
            return
        where, at = self.zones(), event.position()
        if not self._usable() or not (where.on_track(at.x()) or where.number.contains(at)):
            self.unsetCursor()
        else:
            on_track = where.on_track(at.x())
            self.setCursor(Qt.CursorShape.PointingHandCursor if on_track else Qt.CursorShape.IBeamCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the drag, or open the field of the number."""
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        if self._gesture.dragging:
            self._gesture.end()
            self.update()
        elif self.zones().number.contains(event.position()):
            self.edit_threshold()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """With Ctrl: step."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier and self._usable():
            angle = event.angleDelta().y() or event.angleDelta().x()
            fine = bool(event.modifiers() & _SHIFT)
            self._gesture.turn(self._start(), angle, fine=fine, even=self._layout.span is None)
            event.accept()
        else:
            event.ignore()

    def event(self, event: QEvent) -> bool:
        """Keys that the slider uses come to it and not to a shortcut of the window."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._wants(event):
            event.accept()
            return True
        return super().event(event)

    def _wants(self, event: QKeyEvent) -> bool:
        if event.key() == Qt.Key.Key_Escape:
            return self._gesture.dragging
        held = event.modifiers() & ~(_SHIFT | Qt.KeyboardModifier.KeypadModifier)
        if event.key() in _STEPS:
            return self._usable() and not held & ~_CONTROL
        return self._usable() and (starts_number(event) or (not held and event.key() in _EDIT_KEYS))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows step, digits and F2 edit, Escape undoes a drag."""
        key = Qt.Key(event.key())
        if not self._wants(event):
            super().keyPressEvent(event)
        elif key == Qt.Key.Key_Escape:
            self._gesture.cancel()
        elif key in _STEPS:
            fine = bool(event.modifiers() & _CONTROL)
            self._gesture.step(self._start(), _STEPS[key], fine=fine, even=self._layout.span is None)
        else:
            self.edit_threshold("" if key in _EDIT_KEYS else event.text())

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Letting go of an arrow ends the edit."""
        if event.key() in _STEPS and not event.isAutoRepeat() and not self._gesture.dragging:
            self._gesture.end()
        super().keyReleaseEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The release of a key will not be seen any more."""
        if not self._gesture.dragging:
            self._gesture.end()
        super().focusOutEvent(event)

    # Typing

    def edit_threshold(self, typed: str = "") -> None:
        """Open the field with what was typed or the exact threshold."""
        if not self._usable() or self._editor is not None:
            return
        self._gesture.end()
        number = self.zones().number.toRect()
        # the reason of a refusal needs more height than this row has: the field belongs to the panel
        host = self.parentWidget() or self
        editor = ThresholdEditor(host, "all labels")
        width = max(number.width() + 8, round(self._layout.metrics.horizontalAdvance("-0.000000000000")) + 12)
        corner = self.mapTo(host, QPointF(number.right() + 3 - width, 3)).toPoint()
        editor.setGeometry(corner.x(), corner.y(), width, self.height() - 6)
        editor.setPlaceholderText(MIXED)
        editor.begin("" if self.mixed else self.value_text(), typed)
        editor.installEventFilter(self)
        self._editor = editor
        editor.show()
        editor.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter and Tab accept unless the text is no number, Escape and leaving close the field."""
        if watched is not self._editor or self._editor is None:
            return super().eventFilter(watched, event)
        if event.type() == QEvent.Type.FocusOut:
            self._accept()
            self._close_editor()
            return False
        how = ending(event)
        if how is None:
            return super().eventFilter(watched, event)
        if how is Ending.LEAVE or self._accept():
            self._close_editor()
            self.setFocus()
        return True

    def _accept(self) -> bool:
        value = self._editor.value() if self._editor is not None else None
        if value is None:
            return False
        if self.mixed or value != float(self._values[0]):
            self.thresholdChanged.emit(value)
            self.thresholdEditFinished.emit()
        return True

    def _close_editor(self) -> None:
        if self._editor is not None:
            editor, self._editor = self._editor, None
            editor.removeEventFilter(self)
            editor.hide()
            editor.deleteLater()
