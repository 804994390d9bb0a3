"""The table in which labels of a dataset are matched to labels of a model: 1,000 rows as easily as three."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QComboBox, QWidget

from widgets.dialogs.dataset_values import NOT_USED, LabelRow
from widgets.tables.match_table import MatchTable
from widgets.tables.ordered_model import Index
from widgets.theme import current_theme

NAME, POSITIVES, NEGATIVES, UNKNOWN, MODEL_LABEL = range(5)
_HEADERS: Final = ("Dataset label", "Positives", "Negatives", "Unknown", "Model label")
_NOT_USED_TEXT: Final = "not used"
_ROOT: Final = QModelIndex()


class MappingModel(QAbstractTableModel):
    """Rows of LabelRow; the last column can be edited."""

    mappingEdited = Signal(str, str)  # by the user: dataset label, model label

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[LabelRow] = []
        self.model_labels: tuple[str, ...] = ()

    def setRows(self, rows: Sequence[LabelRow], model_labels: Sequence[str]) -> None:
        """Other labels."""
        self.beginResetModel()
        self._rows = list(rows)
        self.model_labels = tuple(model_labels)
        self.endResetModel()

    def rows(self) -> tuple[LabelRow, ...]:
        """The labels with the mapping as it stands."""
        return tuple(self._rows)

    def rowCount(self, parent: Index = _ROOT) -> int:
        """One row a label of the dataset."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _ROOT) -> int:
        """Name, three counts, the model's label."""
        return 0 if parent.isValid() else len(_HEADERS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The columns' names."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole and POSITIVES <= section <= UNKNOWN:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return _set_off(_HEADERS[section], section) if role == Qt.ItemDataRole.DisplayRole else None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Only the mapping can be edited, and only while a model is open."""
        flags = super().flags(index)
        if index.column() == MODEL_LABEL and self.model_labels:
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Texts, and numbers as numbers for sorting (EditRole)."""
        row = self._rows[index.row()]
        column = index.column()
        if role == Qt.ItemDataRole.EditRole:
            return _value(row, column)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._text(row, column)
        if role == Qt.ItemDataRole.DisplayRole:
            return _set_off(self._text(row, column), column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return row.name if column == NAME else None
        if role == Qt.ItemDataRole.TextAlignmentRole and POSITIVES <= column <= UNKNOWN:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if role == Qt.ItemDataRole.ForegroundRole and column == MODEL_LABEL and row.model_label == NOT_USED:
            return QColor(current_theme().warning if self.model_labels else current_theme().muted)
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Map the row's label to another label of the model."""
        if role != Qt.ItemDataRole.EditRole or index.column() != MODEL_LABEL:
            return False
        row = self._rows[index.row()]
        if value == row.model_label:
            return True
        self._rows[index.row()] = replace(row, model_label=str(value))
        self.dataChanged.emit(index, index)
        self.mappingEdited.emit(row.name, str(value))
        return True

    def _text(self, row: LabelRow, column: int) -> str:
        if column == MODEL_LABEL and row.model_label == NOT_USED:
            return _NOT_USED_TEXT if self.model_labels else "no model is open"
        value = _value(row, column)
        return f"{value:,}" if isinstance(value, int) else value


class MappingTable(MatchTable):
    """Sortable and filtered by name."""

    mappingEdited = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        self._model = MappingModel()
        super().__init__(self._model, MODEL_LABEL, self._fill, parent)
        self.setAccessibleName("Labels of the dataset and of the model")
        self._model.mappingEdited.connect(self.mappingEdited)

    def setRows(self, rows: Sequence[LabelRow], model_labels: Sequence[str]) -> None:
        """Other labels."""
        self._model.setRows(rows, model_labels)

    def rows(self) -> tuple[LabelRow, ...]:
        """All labels, also those that the filter hides, with the mapping as it stands."""
        return self._model.rows()

    def _fill(self, box: QComboBox, _name: str) -> None:
        """The choices, the same for every label of the dataset."""
        box.addItem(_NOT_USED_TEXT, NOT_USED)
        for label in self._model.model_labels:
            box.addItem(label, label)
        box.setAccessibleName("Model label")


def _value(row: LabelRow, column: int) -> str | int:
    values: tuple[str | int, ...] = (row.name, row.positives, row.negatives, row.unknown, row.model_label)
    return values[column]


def _set_off(text: str, column: int) -> str:
    """Keeps the words of the last column clear of the numbers that end where they begin."""
    return f"\u2003{text}" if column == MODEL_LABEL else text
