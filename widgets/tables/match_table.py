"""A table in which each name on one side is matched to a name on the other, picked from a list in the cell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import (
    QAbstractItemModel,
    QAbstractTableModel,
    QModelIndex,
    QSortFilterProxyModel,
    Qt,
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

from widgets.tables.ordered_model import Index
from widgets.theme import current_theme

_RIGHT: Final = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_ARROW: Final = 28  # pixels at the right of a cell that opens a list


class _ListDelegate(QStyledItemDelegate):
    """Edits a match with a list; one editor exists at a time, however many rows there are."""

    def __init__(self, fill: Callable[[QComboBox, str], None], parent: QWidget) -> None:
        super().__init__(parent)
        self._fill = fill

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """The label, and the arrow that promises a list."""
        super().paint(painter, option, index)
        if not index.flags() & Qt.ItemFlag.ItemIsEditable:
            return
        painter.save()
        painter.setPen(QColor(current_theme().muted))
        painter.drawText(option.rect.adjusted(0, 0, -8, 0), _RIGHT, "▾")
        painter.restore()

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        """The text ends before the arrow."""
        super().initStyleOption(option, index)
        if index.flags() & Qt.ItemFlag.ItemIsEditable:
            room = option.rect.width() - _ARROW
            option.text = option.fontMetrics.elidedText(option.text, Qt.TextElideMode.ElideRight, room)

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        """A list that opens at once and commits at once."""
        box = QComboBox(parent)
        box.setMaxVisibleItems(18)
        self._fill(box, str(index.model().index(index.row(), 0).data(Qt.ItemDataRole.EditRole)))
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


class MatchTable(QTableView):
    """Sortable, filtered by the names in column 0; the cells of one column are edited with a click or a key.

    ``fill`` puts the choices for the name in a row (texts, and what they stand for as data) into an empty list.
    """

    def __init__(
        self, model: QAbstractTableModel, matched: int, fill: Callable[[QComboBox, str], None], parent: QWidget | None
    ) -> None:
        super().__init__(parent)
        model.setParent(self)
        self._proxy = QSortFilterProxyModel(self)
        self._proxy.setSourceModel(model)
        self._proxy.setSortRole(Qt.ItemDataRole.EditRole)
        self._proxy.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._proxy.setSortCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._proxy.setFilterKeyColumn(0)
        self.setModel(self._proxy)
        self.setItemDelegateForColumn(matched, _ListDelegate(fill, self))
        self.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed | QAbstractItemView.EditTrigger.AnyKeyPressed)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 9)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for column in (0, matched):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
        self.setSortingEnabled(True)
        self.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
        self.clicked.connect(self._edit_on_click)

    def setFilter(self, text: str) -> None:
        """Show the rows whose name holds ``text``."""
        self._proxy.setFilterFixedString(text)

    def _edit_on_click(self, index: QModelIndex) -> None:
        """One click opens the list: a second one on the field that the first has made would be one too many."""
        if index.flags() & Qt.ItemFlag.ItemIsEditable:
            self.edit(index)
            editor = self.indexWidget(index)
            if isinstance(editor, QComboBox):
                editor.showPopup()
