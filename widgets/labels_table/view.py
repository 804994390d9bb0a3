"""The table itself: mouse, wheel and keys over the rows, column widths, the current label."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QModelIndex, QPoint, QRectF, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QResizeEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QTableView, QWidget

from widgets.labels_table.columns import Column
from widgets.labels_table.delegate import LabelsDelegate
from widgets.labels_table.editor import ThresholdEditor, starts_number
from widgets.labels_table.frozen import FrozenNames
from widgets.labels_table.gesture import ThresholdGesture
from widgets.labels_table.header import LabelsHeader
from widgets.labels_table.keeper import ColumnKeeper
from widgets.labels_table.layout import Layout
from widgets.labels_table.model import LabelsModel
from widgets.labels_table.slider import Zones
from widgets.tables.frozen_view import prepare
from widgets.tables.ordered_model import Index
from widgets.tables.rows_view import RowsView

_ARROWS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
_EDIT_KEYS = (Qt.Key.Key_F2, Qt.Key.Key_Return, Qt.Key.Key_Enter)
_SHIFT = Qt.KeyboardModifier.ShiftModifier
_CONTROL = Qt.KeyboardModifier.ControlModifier


class LabelsView(RowsView):
    """Tells what the user does; it takes the new threshold at once, ahead of whoever stores it."""

    thresholdChanged = Signal(int, float)
    stopRequested = Signal(int, bool)  # label, up
    thresholdEditFinished = Signal()

    def __init__(self, model: LabelsModel, parent: QWidget | None = None) -> None:
        super().__init__(model, Column.THRESHOLD, parent)
        self._model = model
        self._label = -1  # whose threshold the gesture moves
        self._pressed_number = QModelIndex()
        self.keeper = ColumnKeeper(self, model)
        self._delegate = LabelsDelegate(model, self.keeper.layout, self)
        self._gesture = ThresholdGesture(self)
        prepare(self, LabelsHeader(model, self.keeper, self))
        self.setItemDelegate(self._delegate)
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setAccessibleName("Labels: thresholds and numbers")
        self._frozen = FrozenNames(self, model, self.keeper)
        self._connect()
        self.keeper.reset()
        self.keeper.relayout()

    def _connect(self) -> None:
        self._gesture.valueChanged.connect(self._moved)
        self._gesture.finished.connect(self._finished)
        self._delegate.thresholdTyped.connect(self._typed)
        self._delegate.editRequested.connect(self._edit_from)
        self.horizontalHeader().sectionResized.connect(self.keeper.note_resize)
        self.keeper.aboutToSort.connect(self._gesture.end)
        self.keeper.rowsSorted.connect(self._rows_sorted)
        self.keeper.layoutReplaced.connect(self._replace_layout)
        self.keeper.columnsChanged.connect(self._frozen.follow)
        self.horizontalScrollBar().setSingleStep(20)
        self.horizontalScrollBar().valueChanged.connect(self._frozen.follow)
        self._model.modelReset.connect(self._restore_current)

    # The current label

    def currentChanged(self, current: Index, previous: Index) -> None:
        """Keep the current row in sight, without scrolling sideways."""
        super().currentChanged(current, previous)
        if current.isValid():
            self._bring_into_sight(current.row())

    def _bring_into_sight(self, row: int) -> None:
        top, height = self.rowViewportPosition(row), self.rowHeight(row)
        over, under = top, top + height - self.viewport().height()
        bar = self.verticalScrollBar()
        if over < 0:
            bar.setValue(bar.value() + over)
        elif under > 0:
            bar.setValue(bar.value() + under)

    def dataChanged(self, first: Index, last: Index, roles: Sequence[int] = ()) -> None:
        """Repaint what is in sight of the cells told.

        Column by column: of many cells, or of one out of sight, Qt would repaint the whole table.
        """
        lowest = self.rowAt(self.viewport().height() - 1)
        top = max(first.row(), self.rowAt(0))
        bottom = last.row() if lowest < 0 else min(last.row(), lowest)
        if top > bottom:
            return
        for column in range(first.column(), last.column() + 1):
            if self._in_sight(column):
                super().dataChanged(self._model.index(top, column), self._model.index(bottom, column), roles)

    def _in_sight(self, column: int) -> bool:
        left, width = self.columnViewportPosition(column), self.columnWidth(column)
        return width > 0 and left + width > 0 and left < self.viewport().width()

    # Thresholds

    def busy(self) -> bool:
        """Whether a threshold is being dragged, stepped or typed: rows keep their places."""
        return self._gesture.dragging or self._gesture.changing or self.state() == QTableView.State.EditingState

    def end_gesture(self) -> None:
        """Finish what is going on, as if the button or key were released."""
        self._gesture.end()

    def drop_gesture(self) -> None:
        """Forget what is going on without telling anyone."""
        self._gesture.drop()
        self._delegate.dragged = -1

    def _begin(self, label: int) -> None:
        if label != self._label:
            self._gesture.end()
        self._label = label

    def _moved(self, value: float) -> None:
        self._model.set_threshold(self._label, value)
        self.thresholdChanged.emit(self._label, value)

    def _finished(self) -> None:
        self.thresholdEditFinished.emit()
        self._model.settle()

    def _typed(self, label: int, value: float) -> None:
        if value == float(self._model.values.thresholds[label]):
            return
        self._model.set_threshold(label, value)
        self.thresholdChanged.emit(label, value)
        self._finished()

    def _value(self, label: int) -> float:
        return float(self._model.values.thresholds[label])

    def edit_threshold(self, row: int, typed: str = "") -> None:
        """Open the field in a row, with what was typed or the exact threshold."""
        if not (self._model.values.active and 0 <= row < self._model.rowCount()):
            return
        if self.isColumnHidden(Column.THRESHOLD):
            return
        self._gesture.end()
        index = self._model.index(row, Column.THRESHOLD)
        self.setCurrentIndex(index)
        self.edit(index)
        editor = self.indexWidget(index)
        # Qt selects all in a field that it opens: what was typed goes in after that, or the next key replaces it.
        if typed and isinstance(editor, ThresholdEditor):
            editor.begin("", typed)

    def _edit_from(self, label: int, rows: int) -> None:
        row = self._model.row_of(label)
        if row >= 0:
            self.edit_threshold(row + rows)

    # Mouse and wheel

    def _slider_at(self, index: Index) -> Zones | None:
        if not index.isValid() or index.column() != Column.THRESHOLD or not self._model.values.active:
            return None
        return self._delegate.layout.zones(QRectF(self.visualRect(index)))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """On a track: take the handle. On a number: remember it, the release opens the field."""
        self._pressed_number = QModelIndex()
        index = self.indexAt(event.position().toPoint())
        where = self._slider_at(index)
        if where is None or event.button() is not Qt.MouseButton.LeftButton:
            super().mousePressEvent(event)
            return
        if not where.on_track(event.position().x()):
            super().mousePressEvent(event)
            self._pressed_number = index
            return
        self.setCurrentIndex(index)
        label = self._model.label_at(index.row())
        self._begin(label)
        self._delegate.dragged = label
        x, value = event.position().x(), self._value(label)
        self._gesture.press(
            where.track, x, value, on_handle=where.on_handle(x, value), fine=bool(event.modifiers() & _SHIFT)
        )
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the handle, or show what a press would do."""
        if self._gesture.dragging:
            self._gesture.move(event.position().x(), fine=bool(event.modifiers() & _SHIFT))
            event.accept()
            return
        self._show_cursor(event.position().toPoint())
        super().mouseMoveEvent(event)

    def _show_cursor(self, at: QPoint) -> None:
        where = self._slider_at(self.indexAt(at))
        if where is None:
            self.viewport().unsetCursor()
        else:
            shape = Qt.CursorShape.PointingHandCursor if where.on_track(at.x()) else Qt.CursorShape.IBeamCursor
            self.viewport().setCursor(shape)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the drag, or open the field of the number that was clicked."""
        if self._gesture.dragging:
            if event.button() is Qt.MouseButton.LeftButton:
                self._release()
            event.accept()
            return
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        if self._pressed_number.isValid() and index == self._pressed_number:
            self.edit_threshold(index.row())
        self._pressed_number = QModelIndex()

    def _release(self) -> None:
        self._delegate.dragged = -1
        self._gesture.end()
        self.viewport().update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """The second press of a quick pair counts as a press."""
        if self._slider_at(self.indexAt(event.position().toPoint())) is None:
            super().mouseDoubleClickEvent(event)
        else:
            self.mousePressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll; with Ctrl over a threshold, step it."""
        index = self.indexAt(event.position().toPoint())
        if not event.modifiers() & Qt.KeyboardModifier.ControlModifier or self._slider_at(index) is None:
            super().wheelEvent(event)
            return
        label = self._model.label_at(index.row())
        self._begin(label)
        angle = event.angleDelta().y() or event.angleDelta().x()
        self._gesture.turn(self._value(label), angle, fine=bool(event.modifiers() & _SHIFT), even=self._even)
        event.accept()

    # Keys

    def _wants(self, event: QKeyEvent) -> bool:
        if self._gesture.dragging and event.key() == Qt.Key.Key_Escape:
            return True
        if not self._model.values.active or not self.currentIndex().isValid():
            return False
        held = event.modifiers() & ~(_SHIFT | Qt.KeyboardModifier.KeypadModifier)
        if event.key() in _ARROWS:
            return not held & ~_CONTROL
        return starts_number(event) or (not held and event.key() in _EDIT_KEYS)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and Right move the threshold, digits and F2 edit it, Up, Down, Home and End go, letters are not ours."""
        key = Qt.Key(event.key())
        row = self.currentIndex().row()
        if key == Qt.Key.Key_Escape and self._gesture.dragging:
            self._gesture.cancel()
            self._release()
        elif key in _ARROWS:
            self._move_by_key(row, _ARROWS[key], event.modifiers())
        elif key in _EDIT_KEYS:
            self.edit_threshold(row)
        elif starts_number(event):
            self.edit_threshold(row, event.text())
        else:
            super().keyPressEvent(event)

    def _move_by_key(self, row: int, steps: int, held: Qt.KeyboardModifier) -> None:
        """Shift and Ctrl step by a fixed amount; alone, an arrow asks for the next score that decides otherwise."""
        if row < 0 or not self._model.values.active:
            return
        label = self._model.label_at(row)
        self._begin(label)
        if held & (_SHIFT | _CONTROL):
            self._gesture.step(self._value(label), steps, fine=bool(held & _CONTROL), even=self._even)
        elif self._gesture.ask():
            self.stopRequested.emit(label, steps > 0)

    @property
    def _even(self) -> bool:
        return self._delegate.layout.span is None

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Letting go of an arrow ends the edit."""
        if event.key() in _ARROWS and not event.isAutoRepeat() and not self._gesture.dragging:
            self._gesture.end()
        super().keyReleaseEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The release of a key will not be seen any more."""
        if not self._gesture.dragging:
            self._gesture.end()
        super().focusOutEvent(event)

    # Columns

    def _replace_layout(self, layout: Layout) -> None:
        self._delegate.layout = layout
        self.verticalHeader().setMinimumSectionSize(1)
        self.verticalHeader().setDefaultSectionSize(layout.row_height)
        self.verticalScrollBar().setSingleStep(layout.row_height)

    def _rows_sorted(self) -> None:
        for header in (self.horizontalHeader(), self._frozen.horizontalHeader()):
            header.viewport().update()
        row = self._model.row_of(self._current)
        if row >= 0:
            self._bring_into_sight(row)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the new width among the columns."""
        super().resizeEvent(event)
        self.keeper.fit()

    def showEvent(self, event: QShowEvent) -> None:
        """Begin with the current row in sight."""
        super().showEvent(event)
        if self.currentIndex().isValid():
            self._bring_into_sight(self.currentIndex().row())

    def changeEvent(self, event: QEvent) -> None:
        """A new font changes every width."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.keeper.relayout()
