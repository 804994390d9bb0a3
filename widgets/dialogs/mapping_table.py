"""The table in which labels of a dataset are matched to labels of a model: 1,000 rows as easily as three."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from PySide6.QtCore import (
    QAbstractItemModel,
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from widgets.dialogs.dataset_values import NOT_USED, LabelRow
from widgets.theme import current_theme

Index = QModelIndex | QPersistentModelIndex

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


class _ComboDelegate(QStyledItemDelegate):
    """Edits a mapping with a list of the model's labels; one editor exists at a time, however many rows there are."""

    def __init__(self, model: MappingModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """The label, clear of the numbers before it, and the arrow that promises a list."""
        super().paint(painter, option, index)
        if not index.flags() & Qt.ItemFlag.ItemIsEditable:
            return
        painter.save()
        painter.setPen(QColor(current_theme().muted))
        area = option.rect.adjusted(0, 0, -8, 0)
        painter.drawText(area, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), "▾")
        painter.restore()

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        """A list that opens at once and commits at once."""
        box = QComboBox(parent)
        box.setMaxVisibleItems(18)
        box.addItem(_NOT_USED_TEXT, NOT_USED)
        for label in self._model.model_labels:
            box.addItem(label, label)
        box.setAccessibleName("Model label")
        box.activated.connect(lambda: self._done(box))
        return box

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        """Start at the label in force."""
        assert isinstance(editor, QComboBox)
        editor.setCurrentIndex(max(editor.findData(index.data(Qt.ItemDataRole.EditRole)), 0))

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        """Take over the label chosen."""
        assert isinstance(editor, QComboBox)
        model.setData(index, editor.currentData(), Qt.ItemDataRole.EditRole)

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        """Fill the cell."""
        editor.setGeometry(option.rect)

    def _done(self, box: QComboBox) -> None:
        self.commitData.emit(box)
        self.closeEditor.emit(box)


class MappingTable(QTableView):
    """Sortable and filtered by name."""

    mappingEdited = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = MappingModel(self)
        self._proxy = QSortFilterProxyModel(self)
        self._proxy.setSourceModel(self._model)
        self._proxy.setSortRole(Qt.ItemDataRole.EditRole)
        self._proxy.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._proxy.setSortCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._proxy.setFilterKeyColumn(NAME)
        self.setModel(self._proxy)
        self.setItemDelegateForColumn(MODEL_LABEL, _ComboDelegate(self._model, self))
        self.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed | QAbstractItemView.EditTrigger.AnyKeyPressed)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setAccessibleName("Labels of the dataset and of the model")
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 9)
        header = self.horizontalHeader()
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(MODEL_LABEL, QHeaderView.ResizeMode.Stretch)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setHighlightSections(False)
        self.setSortingEnabled(True)
        self.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
        self.clicked.connect(self._edit_on_click)
        self._model.mappingEdited.connect(self.mappingEdited)

    def setRows(self, rows: Sequence[LabelRow], model_labels: Sequence[str]) -> None:
        """Other labels."""
        self._model.setRows(rows, model_labels)

    def rows(self) -> tuple[LabelRow, ...]:
        """All labels, also those that the filter hides, with the mapping as it stands."""
        return self._model.rows()

    def setFilter(self, text: str) -> None:
        """Show the labels whose name holds ``text``."""
        self._proxy.setFilterFixedString(text)

    def _edit_on_click(self, index: QModelIndex) -> None:
        """One click opens the list: a second one on the field that the first has made would be one too many."""
        if index.flags() & Qt.ItemFlag.ItemIsEditable:
            self.edit(index)
            editor = self.indexWidget(index)
            if isinstance(editor, QComboBox):
                editor.showPopup()


def _value(row: LabelRow, column: int) -> str | int:
    values: tuple[str | int, ...] = (row.name, row.positives, row.negatives, row.unknown, row.model_label)
    return values[column]


def _set_off(text: str, column: int) -> str:
    """Keeps the words of the last column clear of the numbers that end where they begin."""
    return f"\u2003{text}" if column == MODEL_LABEL else text
