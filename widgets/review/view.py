"""The review table: ends by mouse, wheel, keys and typing; counts that lead to their images."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QModelIndex, QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QShowEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from widgets.labels_table.editor import ThresholdEditor, starts_number
from widgets.labels_table.gesture import ThresholdGesture
from widgets.labels_table.slider import GRAB_RADIUS, Zones
from widgets.numbers import format_count
from widgets.review.columns import LEFT, PARTS, Column, End
from widgets.review.delegate import ReviewDelegate
from widgets.review.layout import ReviewLayout
from widgets.review.model import ReviewModel
from widgets.tables.fitted_view import FittedView
from widgets.tables.frozen_view import prepare
from widgets.tables.ordered_model import Index
from widgets.tables.title_header import TitleHeader

_STEPS: Final = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
_EDIT_KEYS: Final = (Qt.Key.Key_F2, Qt.Key.Key_Return, Qt.Key.Key_Enter)
_SHIFT: Final = Qt.KeyboardModifier.ShiftModifier
_CTRL: Final = Qt.KeyboardModifier.ControlModifier


class ReviewView(FittedView):
    """Tells what the user does; it takes a moved end at once, ahead of whoever stores it."""

    endChanged = Signal(int, int, float)  # label, End, exact float32
    editFinished = Signal()
    imagesRequested = Signal(int, str)  # label, part

    def __init__(self, model: ReviewModel, parent: QWidget | None = None) -> None:
        super().__init__(model, Column.BAND, parent)
        self._review = model
        self._label = -1  # whose end the gesture moves
        self._from = 0.0  # where the button went down
        self._either = False  # both ends lie under the pointer: the first move says which is meant
        self._pressed = QModelIndex()
        self.setAccessibleName("Labels: review bands")
        self._delegate = ReviewDelegate(model, ReviewLayout(self.font()), self)
        self._gesture = ThresholdGesture(self)
        header = TitleHeader(model, Column, self, left=LEFT, words=(Column.NAME, Column.NOTE))
        header.setAccessibleName("Columns of the review table")
        prepare(self, header)
        self.setItemDelegate(self._delegate)
        self.setMouseTracking(True)
        self._gesture.valueChanged.connect(self._moved)
        self._gesture.finished.connect(self._finished)
        self._delegate.typed.connect(self._typed)
        self._delegate.editRequested.connect(self._edit_from)
        self.start()
        model.layoutChanged.connect(self.fit)

    # Ends

    def drop_gesture(self) -> None:
        """Forget what is going on without telling anyone."""
        self._gesture.drop()
        self._delegate.dragged = -1

    def active(self) -> End:
        """The end that keys move."""
        return self._delegate.active

    def _choose_end(self, end: End) -> None:
        if end is not self._delegate.active:
            self._gesture.end()
            self._delegate.active = end
            self.viewport().update()

    def _begin(self, label: int) -> None:
        if label != self._label:
            self._gesture.end()
        self._label = label

    def _moved(self, value: float) -> None:
        """While it is dragged or stepped, an end stops at the other."""
        rows, end = self._review.rows, self._delegate.active
        if rows.band is None:
            return
        low, high = rows.end(End.LOW, self._label), rows.end(End.HIGH, self._label)
        value = min(value, high) if end is End.LOW else max(value, low)
        if value != (low if end is End.LOW else high):
            self._review.set_end(end, self._label, value)
            self.endChanged.emit(self._label, int(end), value)

    def _finished(self) -> None:
        self.editFinished.emit()
        self._review.settle()

    def _typed(self, label: int, column: int, value: float) -> None:
        """A typed end takes the other along where it passes it."""
        end = End(column)
        if self._review.rows.band is None or value == self._review.rows.end(end, label):
            return
        self._review.set_end(end, label, value)
        self.endChanged.emit(label, int(end), value)
        self._finished()

    def edit_end(self, row: int, typed: str = "") -> None:
        """Open the field of the active end, with what was typed or the exact threshold."""
        if not 0 <= row < self._review.rowCount():
            return
        self._gesture.end()
        index = self._review.index(row, int(self._delegate.active))
        self.setCurrentIndex(index)
        self.edit(index)
        editor = self.indexWidget(index)
        if typed and isinstance(editor, ThresholdEditor):
            editor.begin("", typed)

    def _edit_from(self, label: int, rows: int) -> None:
        row = self._review.row_of(label)
        if row >= 0:
            self.edit_end(row + rows)

    # Mouse and wheel

    def _track_at(self, index: Index) -> Zones | None:
        if not index.isValid() or index.column() != Column.BAND or self._review.rows.band is None:
            return None
        return self._delegate.layout.zones(QRectF(self.visualRect(index)))

    def _pick(self, where: Zones, x: float, label: int) -> End:
        """The end that a press takes: the nearer; of two in one place the one on the pointer's side."""
        rows = self._review.rows
        low, high = (where.track.x_of(rows.end(end, label)) for end in End)
        self._either = high - low < 1.0 and abs(x - low) <= GRAB_RADIUS
        return End.LOW if x - low < high - x else End.HIGH

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """On a track: take an end. On a number: remember it, the release acts."""
        self._pressed = QModelIndex()
        at = event.position()
        index = self.indexAt(at.toPoint())
        where = self._track_at(index)
        if event.button() is not Qt.MouseButton.LeftButton or where is None:
            super().mousePressEvent(event)
            self._pressed = index
            return
        self.setCurrentIndex(index)
        label = self._review.label_at(index.row())
        self._begin(label)
        self._choose_end(self._pick(where, at.x(), label))
        self._delegate.dragged = label
        value = self._review.rows.end(self._delegate.active, label)
        fine = bool(event.modifiers() & _SHIFT)
        on_handle = where.on_handle(at.x(), value)
        self._gesture.press(where.track, at.x(), value, on_handle=on_handle, fine=fine)
        self._from = at.x()
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the end, or show what a press would do."""
        x = event.position().x()
        if self._gesture.dragging:
            if self._either and x != self._from:
                self._either = False
                self._delegate.active = End.LOW if x < self._from else End.HIGH
            self._gesture.move(x, fine=bool(event.modifiers() & _SHIFT))
            event.accept()
            return
        self._show_cursor(event.position().toPoint())
        super().mouseMoveEvent(event)

    def _show_cursor(self, at: QPoint) -> None:
        index = self.indexAt(at)
        column = index.column()
        if column in (Column.LOW, Column.HIGH):
            self.viewport().setCursor(Qt.CursorShape.IBeamCursor)
        elif self._track_at(index) is not None or self._behind(index):
            self.viewport().setCursor(Qt.CursorShape.PointingHandCursor)
        else:
            self.viewport().unsetCursor()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the drag, open the field of the number that was clicked, or show the images behind it."""
        if self._gesture.dragging:
            if event.button() is Qt.MouseButton.LeftButton:
                self._release()
            event.accept()
            return
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        if not self._pressed.isValid() or index != self._pressed:
            return
        if index.column() in (Column.LOW, Column.HIGH):
            self._choose_end(End(index.column()))
            self.edit_end(index.row())
        elif self._behind(index):
            self.imagesRequested.emit(self._review.label_at(index.row()), PARTS[Column(index.column())])

    def _behind(self, index: Index) -> int:
        """Images behind a cell."""
        if not index.isValid() or index.column() not in PARTS:
            return 0
        return self._review.rows.behind(PARTS[Column(index.column())], self._review.label_at(index.row()))

    def _release(self) -> None:
        self._delegate.dragged = -1
        self._gesture.end()
        self.viewport().update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """The second press of a quick pair counts as a press."""
        self.mousePressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll; with Ctrl over a track, step the active end."""
        index = self.indexAt(event.position().toPoint())
        if not event.modifiers() & _CTRL or self._track_at(index) is None:
            super().wheelEvent(event)
            return
        label = self._review.label_at(index.row())
        self._begin(label)
        angle = event.angleDelta().y() or event.angleDelta().x()
        value = self._review.rows.end(self._delegate.active, label)
        self._gesture.turn(value, angle, fine=bool(event.modifiers() & _SHIFT))
        event.accept()

    # Keys

    def _wants(self, event: QKeyEvent) -> bool:
        if self._gesture.dragging and event.key() == Qt.Key.Key_Escape:
            return True
        if not self.currentIndex().isValid() or self._review.rows.band is None:
            return False
        if event.key() in _EDIT_KEYS and event.modifiers() & _CTRL:
            return True
        plain = not event.modifiers() & ~(_SHIFT | Qt.KeyboardModifier.KeypadModifier)
        return starts_number(event) or (plain and event.key() in (*_STEPS, *_EDIT_KEYS, Qt.Key.Key_Space))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and Right step, Space changes ends, digits and F2 edit, Ctrl+Enter shows the images to review."""
        key, row = Qt.Key(event.key()), self.currentIndex().row()
        if key == Qt.Key.Key_Escape and self._gesture.dragging:
            self._gesture.cancel()
            self._release()
        elif row < 0 or self._review.rows.band is None:
            super().keyPressEvent(event)
        elif key == Qt.Key.Key_Space:
            self._choose_end(End.HIGH if self._delegate.active is End.LOW else End.LOW)
        elif key in _STEPS:
            label = self._review.label_at(row)
            self._begin(label)
            value = self._review.rows.end(self._delegate.active, label)
            self._gesture.step(value, _STEPS[key], fine=bool(event.modifiers() & _SHIFT))
        elif key in _EDIT_KEYS and event.modifiers() & _CTRL:
            self.imagesRequested.emit(self._review.label_at(row), PARTS[Column.REVIEW])
        elif key in _EDIT_KEYS:
            self.edit_end(row)
        elif starts_number(event):
            self.edit_end(row, event.text())
        else:
            super().keyPressEvent(event)

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

    # Widths

    def _lay_out(self) -> None:
        """Give every column its width; notes have one only where there are any."""
        counts = self._review.rows.counts
        longest = 3 if counts is None else max(len(format_count(counts.n_images)), 3)
        layout = self._delegate.layout = ReviewLayout(self.font(), longest)
        available = self._available(layout.row_height)
        notes = self._review.rows.has_notes()
        self._delegate.intervals = layout.has_intervals(available, notes=notes)
        self._set_row_height(layout.row_height)
        self.setColumnHidden(Column.NOTE, not notes)
        for column, width in layout.widths(available, notes=notes).items():
            self.setColumnWidth(column, width)

    def showEvent(self, event: QShowEvent) -> None:
        """Begin with the current row in sight."""
        super().showEvent(event)
        self._restore_current()
