"""The table in which labels of a file are matched to labels of a project, with what an import does under each."""

from __future__ import annotations

from collections.abc import Sequence
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

from widgets.theme import current_theme
from widgets.transfer.values import LEFT_OUT, ImportRow

Index = QModelIndex | QPersistentModelIndex

NAME, TARGET, NEW, SAME, CONFLICTS = range(5)
_HEADERS: Final = ("In the file", "In the project", "New", "Same", "Conflicts")
_TIPS: Final = {
    NEW: "Images of which nobody said anything under this label yet",
    SAME: "Images of which the project says the same already",
    CONFLICTS: "Images of which the project says something else",
}
_RIGHT: Final = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_ARROW: Final = 28  # pixels at the right of a cell that opens a list
_ROOT: Final = QModelIndex()


class _LabelModel(QAbstractTableModel):
    """Rows of ImportRow; the project's label can be edited."""

    mapped = Signal(str, str)  # by the user: file's label, project's or LEFT_OUT

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
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

    def row_at(self, index: Index) -> ImportRow:
        """What a cell is about."""
        return self._rows[index.row()]

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


class _TargetDelegate(QStyledItemDelegate):
    """Edits a mapping with a list; one editor exists at a time, however many rows there are."""

    def __init__(self, model: _LabelModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """The label, and the arrow that promises a list."""
        super().paint(painter, option, index)
        painter.save()
        painter.setPen(QColor(current_theme().muted))
        area = option.rect.adjusted(0, 0, -8, 0)
        painter.drawText(area, _RIGHT, "▾")
        painter.restore()

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        """The text ends before the arrow."""
        super().initStyleOption(option, index)
        room = option.rect.width() - _ARROW
        option.text = option.fontMetrics.elidedText(option.text, Qt.TextElideMode.ElideRight, room)

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        """A list that opens at once and commits at once."""
        name = str(index.model().index(index.row(), NAME).data(Qt.ItemDataRole.EditRole))
        box = QComboBox(parent)
        box.setMaxVisibleItems(18)
        box.addItem("left out", LEFT_OUT)
        if name not in self._model.targets:
            box.addItem(f"new label “{name}”", name)
        for label in self._model.targets:
            box.addItem(label, label)
        box.setAccessibleName(f"What {name} is in the project")
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


class ImportLabelTable(QTableView):
    """Sortable, filtered by name, edited with a click or a key."""

    mappingEdited = Signal(str, str)  # file's label, project's or LEFT_OUT

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = _LabelModel(self)
        self._proxy = QSortFilterProxyModel(self)
        self._proxy.setSourceModel(self._model)
        self._proxy.setSortRole(Qt.ItemDataRole.EditRole)
        self._proxy.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._proxy.setSortCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._proxy.setFilterKeyColumn(NAME)
        self.setModel(self._proxy)
        self.setItemDelegateForColumn(TARGET, _TargetDelegate(self._model, self))
        self.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed | QAbstractItemView.EditTrigger.AnyKeyPressed)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setAccessibleName("Labels of the file and of the project")
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 9)
        self._set_header()
        self.setSortingEnabled(True)
        self.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
        self.clicked.connect(self._edit_on_click)
        self._model.mapped.connect(self.mappingEdited)

    def setRows(self, rows: Sequence[ImportRow], targets: Sequence[str]) -> None:
        """The labels of the file, and those of the project that they may be."""
        self._model.set_rows(rows, targets)

    def setFilter(self, text: str) -> None:
        """Show the labels whose name holds ``text``."""
        self._proxy.setFilterFixedString(text)

    def _set_header(self) -> None:
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for column in (NAME, TARGET):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
        for column in (NEW, SAME, CONFLICTS):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
            self.setColumnWidth(column, self.fontMetrics().horizontalAdvance("Conflicts ▾ ") + 24)

    def _edit_on_click(self, index: QModelIndex) -> None:
        """One click opens the list: a second one on the field that the first has made would be one too many."""
        if index.flags() & Qt.ItemFlag.ItemIsEditable:
            self.edit(index)
            editor = self.indexWidget(index)
            if isinstance(editor, QComboBox):
                editor.showPopup()


def _value(row: ImportRow, column: int) -> str | int:
    values: tuple[str | int, ...] = (row.name, row.target, row.n_new, row.n_same, row.n_conflicts)
    return values[column]


def _text(row: ImportRow, column: int) -> str:
    if column == TARGET:
        if row.target == LEFT_OUT:
            return "left out"
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
