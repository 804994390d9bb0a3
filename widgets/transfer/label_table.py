"""The table in which labels of a file are matched to labels of a project, with what an import does under each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QComboBox, QHeaderView, QWidget

from widgets.tables.match_table import MatchTable
from widgets.tables.ordered_model import Index
from widgets.theme import current_theme
from widgets.transfer.values import LEFT_OUT, ImportRow

NAME, TARGET, NEW, SAME, CONFLICTS = range(5)
_HEADERS: Final = ("In the file", "In the project", "New", "Same", "Conflicts")
_TIPS: Final = {
    NEW: "Images of which nobody said anything under this label yet",
    SAME: "Images of which the project says the same already",
    CONFLICTS: "Images of which the project says something else",
}
_RIGHT: Final = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_ROOT: Final = QModelIndex()


class _LabelModel(QAbstractTableModel):
    """Rows of ImportRow; the project's label can be edited."""

    mapped = Signal(str, str)  # by the user: file's label, project's or LEFT_OUT

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[ImportRow] = []
        self.targets: tuple[str, ...] = ()

    def set_rows(self, rows: Sequence[ImportRow], targets: Sequence[str]) -> None:
        """Other labels, or other counts of the same: then what is chosen and scrolled to stays."""
        same = [row.name for row in rows] == [row.name for row in self._rows]
        self.targets = tuple(targets)
        if same:
            self._rows = list(rows)
            if rows:
                self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, len(_HEADERS) - 1))
            return
        self.beginResetModel()
        self._rows = list(rows)
        self.endResetModel()

    def rowCount(self, parent: Index = _ROOT) -> int:
        """One row a label of the file."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _ROOT) -> int:
        """Both names, three counts."""
        return 0 if parent.isValid() else len(_HEADERS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The columns' names."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole and section >= NEW:
            return _RIGHT
        if role == Qt.ItemDataRole.ToolTipRole:
            return _TIPS.get(section)
        return _HEADERS[section] if role == Qt.ItemDataRole.DisplayRole else None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Only the project's label can be edited."""
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsEditable if index.column() == TARGET else flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Texts, and numbers as numbers for sorting (EditRole)."""
        row, column = self._rows[index.row()], index.column()
        if role == Qt.ItemDataRole.EditRole:
            return _value(row, column)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return _text(row, column)
        if role == Qt.ItemDataRole.ToolTipRole and column in (NAME, TARGET):
            return _text(row, column)
        if role == Qt.ItemDataRole.TextAlignmentRole and column >= NEW:
            return _RIGHT
        if role == Qt.ItemDataRole.ForegroundRole:
            return _colour(row, column)
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Another label of the project; the counts follow when the owner has looked again."""
        row = self._rows[index.row()]
        if role != Qt.ItemDataRole.EditRole or index.column() != TARGET or value == row.target:
            return False
        self.mapped.emit(row.name, str(value))
        return True


class ImportLabelTable(MatchTable):
    """Sortable, filtered by name, edited with a click or a key."""

    mappingEdited = Signal(str, str)  # file's label, project's or LEFT_OUT

    def __init__(self, parent: QWidget | None = None) -> None:
        self._model = _LabelModel()
        super().__init__(self._model, TARGET, self._fill, parent)
        self.setAccessibleName("Labels of the file and of the project")
        for column in (NEW, SAME, CONFLICTS):
            self.horizontalHeader().setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
            self.setColumnWidth(column, self.fontMetrics().horizontalAdvance("Conflicts ▾ ") + 24)
        self._model.mapped.connect(self.mappingEdited)

    def setRows(self, rows: Sequence[ImportRow], targets: Sequence[str]) -> None:
        """The labels of the file, and those of the project that they may be."""
        self._model.set_rows(rows, targets)

    def _fill(self, box: QComboBox, name: str) -> None:
        """The choices for a label of the file."""
        box.addItem("left out", LEFT_OUT)
        if name not in self._model.targets:
            box.addItem(f"new label “{name}”", name)
        for label in self._model.targets:
            box.addItem(label, label)
        box.setAccessibleName(f"What {name} is in the project")


def _value(row: ImportRow, column: int) -> str | int:
    values: tuple[str | int, ...] = (row.name, row.target, row.n_new, row.n_same, row.n_conflicts)
    return values[column]


def _text(row: ImportRow, column: int) -> str:
    if column == TARGET:
        if row.target == LEFT_OUT:
            return "left out"
        if row.is_guessed:
            return f"{row.target}  (only written otherwise)"
        return f"{row.target}  (new)" if row.is_new else row.target
    if column >= NEW and row.target == LEFT_OUT:
        return "–"
    value = _value(row, column)
    return f"{value:,}" if isinstance(value, int) else value


def _colour(row: ImportRow, column: int) -> QColor | None:
    theme = current_theme()
    if row.target == LEFT_OUT and column != NAME:
        return QColor(theme.muted)
    if column == CONFLICTS and row.n_conflicts:
        return QColor(theme.warning)
    return None
