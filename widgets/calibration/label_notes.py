"""Labels that a method leaves as they are, and why: a list that stays quick with a thousand of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

_ROWS = 6  # in sight at once, at most
_Index = QModelIndex | QPersistentModelIndex


class LabelNotes(QListView):
    """One line a label. A click, or Enter, chooses the label."""

    labelChosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._notes = _NotesModel(self)
        self.setModel(self._notes)
        self.setAccessibleName("Labels left as they are")
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setUniformItemSizes(True)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.clicked.connect(self._on_activated)
        self.activated.connect(self._on_activated)

    def setNotes(self, notes: Sequence[tuple[int, str]], names: Sequence[str]) -> None:
        """Labels by index, each with what is said of it, and the names of all labels."""
        self._notes.set_notes(notes, names)
        self.updateGeometry()

    def texts(self) -> list[str]:
        """Every line."""
        return [self._notes.line(row) for row in range(self._notes.rowCount())]

    def sizeHint(self) -> QSize:
        """As high as its lines, up to six."""
        rows = min(max(self._notes.rowCount(), 1), _ROWS)
        line = self.sizeHintForRow(0) if self._notes.rowCount() else self.fontMetrics().height()
        return QSize(200, rows * line + 2 * self.frameWidth())

    def minimumSizeHint(self) -> QSize:
        """Two lines."""
        return QSize(80, min(self.sizeHint().height(), 2 * self.fontMetrics().height() + 2 * self.frameWidth() + 4))

    def _on_activated(self, index: QModelIndex) -> None:
        self.labelChosen.emit(self._notes.label(index.row()))


class _NotesModel(QAbstractListModel):
    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._notes: Sequence[tuple[int, str]] = ()
        self._names: Sequence[str] = ()

    def set_notes(self, notes: Sequence[tuple[int, str]], names: Sequence[str]) -> None:
        self.beginResetModel()
        self._notes, self._names = notes, names
        self.endResetModel()

    def label(self, row: int) -> int:
        return self._notes[row][0]

    def line(self, row: int) -> str:
        label, text = self._notes[row]
        return f"{self._names[label]}: {text}"

    def rowCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._notes)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if index.isValid() and role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return self.line(index.row())
        return None
