"""What project and file say differently, cell by cell, and what shall become of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QButtonGroup,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QRadioButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from inference.types import NEGATIVE, POSITIVE, UNKNOWN
from widgets.transfer.values import ConflictRow, Conflicts

Index = QModelIndex | QPersistentModelIndex

_HEADERS: Final = ("Image", "Label", "Project says", "File says")
_WORDS: Final = {POSITIVE: "+  positive", NEGATIVE: "−  negative", UNKNOWN: "?  unknown"}
_CHOICES: Final = (
    (Conflicts.KEEP, "&Keep mine", "What the project says stays; the file's word on these is dropped"),
    (Conflicts.TAKE, "&Take the file's", "The file's word replaces what the project says; undo brings it back"),
    (Conflicts.UNKNOWN, "Make them &unknown", "Neither is believed: these become unknown, to be looked at again"),
)
_ROOT: Final = QModelIndex()


class _ConflictModel(QAbstractTableModel):
    """Rows of ConflictRow, to be read."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._rows: tuple[ConflictRow, ...] = ()

    def set_rows(self, rows: Sequence[ConflictRow]) -> None:
        """Other conflicts."""
        self.beginResetModel()
        self._rows = tuple(rows)
        self.endResetModel()

    def rowCount(self, parent: Index = _ROOT) -> int:
        """One row a cell."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _ROOT) -> int:
        """Image, label, and what both say."""
        return 0 if parent.isValid() else len(_HEADERS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The columns' names."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return _HEADERS[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Names, and statements in words."""
        row = self._rows[index.row()]
        texts = (row.image, row.label, _WORDS[row.ours], _WORDS[row.theirs])
        if role == Qt.ItemDataRole.DisplayRole:
            return texts[index.column()]
        if role == Qt.ItemDataRole.ToolTipRole and index.column() < 2:
            return texts[index.column()]
        return None


class ConflictList(QWidget):
    """The choice above, examples below."""

    choiceMade = Signal(object)  # Conflicts, by the user

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._head = QLabel(self)
        self._head.setWordWrap(True)
        self._model = _ConflictModel(self)
        self._table = QTableView(self)
        self._group = QButtonGroup(self)
        self._buttons: dict[Conflicts, QRadioButton] = {}
        self._choice = Conflicts.KEEP
        self._build()

    def setConflicts(self, rows: Sequence[ConflictRow], count: int) -> None:
        """The first conflicts, and how many there are."""
        self._model.set_rows(rows)
        more = f" The first {len(rows):,} are listed." if len(rows) < count else ""
        many = f"{count:,} annotations differ" if count != 1 else "1 annotation differs"
        self._head.setText(f"{many} between the project and the file.{more} What shall become of them?")

    def choice(self) -> Conflicts:
        """What shall become of them."""
        return self._choice

    def setChoice(self, choice: Conflicts) -> None:
        """Put one button down; nothing is emitted."""
        self._choice = choice
        self._buttons[choice].setChecked(True)

    def _build(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(18)
        for choice, text, tip in _CHOICES:
            button = QRadioButton(text, self)
            button.setToolTip(tip)
            button.setAccessibleDescription(tip)
            button.clicked.connect(lambda _checked=False, choice=choice: self._choose(choice))
            self._group.addButton(button)
            self._buttons[choice] = button
            button.setMinimumWidth(button.sizeHint().width() + 6)  # or a fractional scale cuts the last letter
            row.addWidget(button)
        row.addStretch(1)
        self._buttons[self._choice].setChecked(True)
        table = self._table
        table.setModel(self._model)
        table.setAccessibleName("Conflicts")
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setAlternatingRowColors(True)
        table.setShowGrid(False)
        table.setTabKeyNavigation(False)
        table.setWordWrap(False)
        table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 9)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column, text in ((1, "a label of some length"), (2, "Project says  "), (3, "Project says  ")):
            table.setColumnWidth(column, self.fontMetrics().horizontalAdvance(text) + 24)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(9, 9, 9, 9)
        layout.setSpacing(9)
        layout.addWidget(self._head)
        layout.addLayout(row)
        layout.addWidget(table, 1)

    def _choose(self, choice: Conflicts) -> None:
        if choice is not self._choice:
            self._choice = choice
            self.choiceMade.emit(choice)
