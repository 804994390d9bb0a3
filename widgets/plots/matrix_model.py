"""A table of counts as a Qt model: cells to read and to choose, in an order of rows and columns."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from inference.types import CountTable, FloatArray, IntArray, TableKind

Index = QModelIndex | QPersistentModelIndex
ROOT: Final = QModelIndex()


class Order(StrEnum):
    """What rows and columns are sorted by."""

    LABELS = "labels"
    NAME = "name"
    IMAGES = "images"
    ERRORS = "errors"


ROW_WORDS: Final = {
    TableKind.CONFUSION: "annotated",
    TableKind.MISSED: "missed",
    TableKind.TOGETHER: "annotated",
}
COLUMN_WORDS: Final = {
    TableKind.CONFUSION: "predicted",
    TableKind.MISSED: "wrongly predicted",
    TableKind.TOGETHER: "also annotated",
}


class MatrixModel(QAbstractTableModel):
    """Rows and columns are in the order in force; ``source`` leads back to the table's own."""

    def __init__(self) -> None:
        super().__init__()
        self._table: CountTable | None = None
        self._shares: FloatArray = np.zeros((0, 0))
        self._rows: IntArray = np.zeros(0, dtype=np.int64)
        self._columns: IntArray = np.zeros(0, dtype=np.int64)

    def setTable(self, table: CountTable | None, order: Order) -> None:
        """Show a table."""
        self.beginResetModel()
        self._table = table
        self._shares = np.zeros((0, 0)) if table is None else table.shares()
        self._rows, self._columns = orders(table, order)
        self.endResetModel()

    def setOrder(self, order: Order) -> None:
        """Sort rows and columns."""
        self.layoutAboutToBeChanged.emit()
        self._rows, self._columns = orders(self._table, order)
        self.layoutChanged.emit()

    def source(self, row: int, column: int) -> tuple[int, int]:
        """Row and column of the table that are shown in a cell."""
        return int(self._rows[row]), int(self._columns[column])

    def count(self, row: int, column: int) -> int:
        """The count shown in a cell."""
        return 0 if self._table is None else int(self._table.counts[self.source(row, column)])

    def share(self, row: int, column: int) -> float:
        """The count as a share of the row's total."""
        return float(self._shares[self.source(row, column)])

    def is_right(self, row: int, column: int) -> bool:
        """Whether a cell is on the table's diagonal, where row and column are the same label."""
        at, of = self.source(row, column)
        return at == of

    def kind(self) -> TableKind | None:
        """What the table counts."""
        return None if self._table is None else self._table.kind

    def words(self, row: int, column: int) -> str:
        """A cell as a sentence."""
        table = self._table
        if table is None:
            return ""
        at, of = self.source(row, column)
        count, total = int(table.counts[at, of]), int(table.totals[at])
        share = f" ({count / total:.1%})" if total else ""
        rows, columns = ROW_WORDS[table.kind], COLUMN_WORDS[table.kind]
        return f"{rows} {table.rows[at]}, {columns} {table.columns[of]}: {count:,} of {total:,}{share}"

    # Qt's model

    def rowCount(self, parent: Index = ROOT) -> int:
        """Labels down."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = ROOT) -> int:
        """Labels across."""
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> str | None:
        """Counts to be seen; sentences to be heard and as tool tips."""
        if not index.isValid():
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            count = self.count(index.row(), index.column())
            return f"{count:,}" if count else ""
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.words(index.row(), index.column())
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | None:
        """The labels' names."""
        table = self._table
        if table is None or role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        if orientation == Qt.Orientation.Horizontal:
            return table.columns[int(self._columns[section])]
        at = int(self._rows[section])
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{table.rows[at]}: {int(table.totals[at]):,} images"
        return table.rows[at]


def orders(table: CountTable | None, order: Order) -> tuple[IntArray, IntArray]:
    """Rows and columns in an order; a column that is no label's, such as "rejected", stays last."""
    if table is None:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    n_labels = len(table.rows)
    if order is Order.NAME:
        rows = np.array(sorted(range(n_labels), key=lambda at: table.rows[at].casefold()), dtype=np.int64)
    elif order is Order.IMAGES:
        rows = np.argsort(-table.totals, kind="stable")
    elif order is Order.ERRORS:
        rows = np.argsort(-off_diagonal(table), kind="stable")
    else:
        rows = np.arange(n_labels)
    return rows, np.concatenate((rows, np.arange(n_labels, len(table.columns))))


def off_diagonal(table: CountTable) -> IntArray:
    """Each row's counts under other labels, (r,)."""
    n_labels = len(table.rows)
    others: IntArray = table.counts.sum(axis=1) - table.counts[np.arange(n_labels), np.arange(n_labels)]
    if table.kind is TableKind.MISSED:
        others = others - table.counts[:, -1]  # nothing was predicted instead
    return others
