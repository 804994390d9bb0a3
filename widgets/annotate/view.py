"""The annotating table: statements by mouse and by keys."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from inference.types import NEGATIVE, POSITIVE, UNKNOWN, UNSAID, Task
from inference.types.annotating_view import after_negative_key, after_positive_key
from widgets.annotate.columns import LEFT, WORDS, Column
from widgets.annotate.delegate import AnnotateDelegate
from widgets.annotate.layout import AnnotateLayout
from widgets.annotate.model import AnnotateModel
from widgets.tables.fitted_view import FittedView
from widgets.tables.frozen_view import prepare
from widgets.tables.title_header import TitleHeader

_NO_KEYS: Final = Qt.KeyboardModifier.NoModifier
_FREE: Final = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier
_SIGNS: Final = {"+": POSITIVE, "-": NEGATIVE, "\N{MINUS SIGN}": NEGATIVE, "?": UNKNOWN}  # as on the control
_CONFIRM: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
_TAKE_BACK: Final = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)
_OTHERS: Final = (*_CONFIRM, *_TAKE_BACK, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_F2)


class AnnotateView(FittedView):
    """Asks for edits; what is shown changes when the model is told."""

    statementAsked = Signal(int, int)  # label (a row of the model), value
    confirmAsked = Signal()
    nextAsked = Signal()
    previousAsked = Signal()
    renameAsked = Signal(int)  # label
    menuAsked = Signal(int, object)  # label, QPoint on the screen

    def __init__(self, model: AnnotateModel, parent: QWidget | None = None) -> None:
        super().__init__(model, Column.SAID, parent)
        self._annotating = model
        self._pressed: tuple[int, int] | None = None  # label and value under the button that went down
        self.setAccessibleName("Labels of the image")
        self._delegate = AnnotateDelegate(model, AnnotateLayout(self.font()), self)
        header = TitleHeader(model, Column, self, left=LEFT, words=WORDS)
        header.setAccessibleName("Columns of the annotating table")
        prepare(self, header)
        self.setItemDelegate(self._delegate)
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.start()

    # Asking

    def ask(self, label: int, value: int) -> None:
        """Ask for a statement unless nothing can be edited or it stands already."""
        rows = self._annotating.rows
        if label < 0 or rows.read_only or not self.isEnabled():
            return
        if rows.task is Task.MULTICLASS and value == NEGATIVE:
            return  # exactly one label: what is not chosen is negative
        if value != rows.said(label):
            self.statementAsked.emit(label, value)

    def toggle_positive(self, label: int) -> None:
        """As the label's own key does."""
        if label >= 0:
            self.ask(label, after_positive_key(self._annotating.rows.said(label)))

    def toggle_negative(self, label: int) -> None:
        """As the label's key with Shift does. Of labels that exclude one another the chosen one is only taken back."""
        rows = self._annotating.rows
        if label < 0:
            return
        if rows.task is Task.MULTILABEL:
            self.ask(label, after_negative_key(rows.said(label)))
        elif rows.said(label) == POSITIVE:
            self.ask(label, UNSAID)

    def move_by(self, rows: int) -> None:
        """Choose a row further down or up, as far as there are any."""
        last = self._annotating.rowCount() - 1
        if last >= 0:
            row = min(max(self.currentIndex().row() + rows, 0), last)
            self.setCurrentIndex(self._annotating.index(row, Column.SAID))

    def _switch(self, label: int, value: int) -> None:
        """Say it, or take it back where it was said."""
        self.ask(label, UNSAID if self._annotating.rows.said(label) == value else value)

    # Mouse

    def _part_at(self, event: QMouseEvent) -> tuple[int, int] | None:
        """Label and value under the pointer."""
        index = self.indexAt(event.position().toPoint())
        if not index.isValid() or index.column() != Column.SAID:
            return None
        value = self._delegate.layout.value_at(QRectF(self.visualRect(index)), event.position())
        if self._annotating.rows.task is Task.MULTICLASS:
            value = POSITIVE  # the whole cell is the radio button
        return None if value is None else (self._annotating.label_at(index.row()), value)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the row; the release acts."""
        super().mousePressEvent(event)
        self._pressed = self._part_at(event) if event.button() is Qt.MouseButton.LeftButton else None

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Say what stands under the pointer, if the button went down there."""
        super().mouseReleaseEvent(event)
        pressed, self._pressed = self._pressed, None
        if event.button() is Qt.MouseButton.LeftButton and pressed is not None and pressed == self._part_at(event):
            self._switch(*pressed)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """On a name: rename. Elsewhere the second press of a quick pair counts as a press."""
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and index.column() == Column.NAME and event.button() is Qt.MouseButton.LeftButton:
            self.renameAsked.emit(self._annotating.label_at(index.row()))
        else:
            self.mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show what a click would say."""
        super().mouseMoveEvent(event)
        self._hover(None if self._annotating.rows.read_only else self._part_at(event))

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is under the pointer."""
        super().leaveEvent(event)
        self._hover(None)

    def _hover(self, part: tuple[int, int] | None) -> None:
        if part == self._delegate.hovered:
            return
        for label in {place[0] for place in (part, self._delegate.hovered) if place is not None}:
            self.viewport().update(self.visualRect(self._said_index(label)))
        self._delegate.hovered = part
        if part is None:
            self.viewport().unsetCursor()
        else:
            self.viewport().setCursor(Qt.CursorShape.PointingHandCursor)

    def _said_index(self, label: int) -> QModelIndex:
        return self._annotating.index(self._annotating.row_of(label), Column.SAID)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The row's menu, at the pointer or, by key, at the row."""
        by_key = event.reason() is QContextMenuEvent.Reason.Keyboard
        index = self.currentIndex() if by_key else self.indexAt(event.pos())
        if not index.isValid():
            return
        at = self.viewport().mapToGlobal(self.visualRect(index).bottomLeft()) if by_key else event.globalPos()
        self.menuAsked.emit(self._annotating.label_at(index.row()), at)

    # Keys

    def _says_unknown(self, event: QKeyEvent) -> bool:
        """U, unless a label has it for its key."""
        free = all(entry.key != "U" for entry in self._annotating.rows.entries)
        return event.key() == Qt.Key.Key_U and event.modifiers() == _NO_KEYS and free

    def _wants(self, event: QKeyEvent) -> bool:
        if not self.currentIndex().isValid() or event.modifiers() & ~_FREE:
            return False
        return event.text() in _SIGNS or self._says_unknown(event) or event.key() in _OTHERS

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The signs of the control, U and Delete say; Space and Enter confirm; Left and Right go to another image."""
        label = self._current_shown()
        if not self._wants(event) or label < 0:
            super().keyPressEvent(event)
            return
        key = Qt.Key(event.key())
        if event.text() in _SIGNS:
            self._switch(label, _SIGNS[event.text()])
        elif self._says_unknown(event):
            self._switch(label, UNKNOWN)
        elif key in _TAKE_BACK:
            self.ask(label, UNSAID)
        elif key in _CONFIRM:
            self.confirmAsked.emit()
        elif key == Qt.Key.Key_F2:
            self.renameAsked.emit(label)
        else:
            (self.nextAsked if key == Qt.Key.Key_Right else self.previousAsked).emit()

    def _current_shown(self) -> int:
        index = self.currentIndex()
        return self._annotating.label_at(index.row()) if index.isValid() else -1

    # Widths

    def _lay_out(self) -> None:
        """The name takes what the others leave."""
        entries = self._annotating.rows.entries
        keys = any(entry.key for entry in entries) or not entries
        scores = any(entry.has_output for entry in entries) or not entries
        layout = self._delegate.layout = AnnotateLayout(self.font(), keys=keys, scores=scores)
        self._set_row_height(layout.row_height)
        self.setColumnHidden(Column.KEY, not keys)
        self.setColumnHidden(Column.SCORE, not scores)  # without a model it would say "no output" in every row
        for column, width in layout.widths(self._available(layout.row_height)).items():
            self.setColumnWidth(column, width)

    def minimumSizeHint(self) -> QSize:
        """No column is ever cut off, for nothing scrolls sideways; three rows."""
        layout = self._delegate.layout
        bar = self.verticalScrollBar().sizeHint().width()
        height = self.horizontalHeader().height() + 3 * layout.row_height + 2 * self.frameWidth()
        return QSize(layout.least() + bar + 2 * self.frameWidth(), height)

    def showEvent(self, event: QShowEvent) -> None:
        """Begin with the current row in sight."""
        super().showEvent(event)
        self._restore_current()
