"""A table of labels: the current label, keys to the ends, and words where there are no rows."""

from __future__ import annotations

from enum import IntEnum
from typing import Any, Final

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QTableView, QWidget

from widgets.tables.ordered_model import OrderedModel
from widgets.theme import current_theme

ENDS: Final = {Qt.Key.Key_Home: 0, Qt.Key.Key_End: -1}
_ASIDE: Final = 24  # pixels beside the words in an empty table
_CHOOSE: Final = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows


class RowsView(QTableView):
    """Tells which label the user chooses. ``home`` is the column of the current cell."""

    labelChosen = Signal(int)

    def __init__(self, model: OrderedModel[Any], home: IntEnum, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ordered = model
        self._home = home
        self._current = -1
        self._silent = False
        self._above = _ASIDE  # pixels above and below the words in an empty table
        self.empty_text = ""
        self.setModel(model)
        self.selectionModel().currentRowChanged.connect(self._row_changed)

    # The current label

    def set_current(self, label: int) -> None:
        """Choose a label without telling so; -1 chooses none."""
        self._current = label
        self._restore_current()

    def current_label(self) -> int:
        """The chosen label, -1 where there is none; it stays chosen while it is filtered out."""
        return self._current

    def _restore_current(self) -> None:
        row = self._ordered.row_of(self._current)
        self._silent = True
        if row < 0:
            self.selectionModel().clear()
        else:
            # not setCurrentIndex, which asks the keyboard: with Ctrl held it would leave another row marked
            self.selectionModel().setCurrentIndex(self._ordered.index(row, self._home), _CHOOSE)
        self._silent = False

    def _row_changed(self, current: QModelIndex, _previous: QModelIndex) -> None:
        if self._silent or not current.isValid():
            return
        label = self._ordered.label_at(current.row())
        if label != self._current:
            self._current = label
            self.labelChosen.emit(label)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Qt makes the first row the current one where there is none; the user chose nothing."""
        silent, self._silent = self._silent, True
        super().focusInEvent(event)
        self._silent = silent
        if self._current < 0:
            self._restore_current()

    # Keys

    def event(self, event: QEvent) -> bool:
        """Keys that the table uses come to it and not to a shortcut of the window."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._wants(event):
            event.accept()
            return True
        return super().event(event)

    def _wants(self, _event: QKeyEvent) -> bool:
        """Whether a key must not become a shortcut."""
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Home and End go to the ends; letters are not ours."""
        key = Qt.Key(event.key())
        if key in ENDS and self._ordered.rowCount():
            self.setCurrentIndex(self._ordered.index(ENDS[key] % self._ordered.rowCount(), self._home))
        elif event.text().isprintable() and event.text():
            event.ignore()
        else:
            super().keyPressEvent(event)

    # Room

    def bar_width(self, row_height: int) -> int:
        """The width of the vertical bar where all labels need one: a filter must not make widths jump."""
        head = self.horizontalHeader().height() + 2 * self.frameWidth()
        needed = self._ordered.label_count() * row_height + head
        return self.verticalScrollBar().sizeHint().width() if needed > self.height() else 0

    def paintEvent(self, event: QPaintEvent) -> None:
        """The rows, or what to do when there are none."""
        super().paintEvent(event)
        if self._ordered.rowCount() == 0 and self.empty_text:
            painter = QPainter(self.viewport())
            painter.setPen(QColor(current_theme().muted))
            room = self.viewport().rect().adjusted(_ASIDE, self._above, -_ASIDE, -self._above)
            painter.drawText(room, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), self.empty_text)
            painter.end()
