"""A table model with one row a label and an order and a filter of its own.

A proxy model would ask Python for every comparison; here sorting 1,000 rows is one ``argsort``.
Rows are places on the screen, labels are indices into the model's labels; ``label_at`` and ``row_of`` translate.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import Final, Generic, TypeVar

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from inference.types import IntArray
from widgets.tables.columns import ColumnText

Index = QModelIndex | QPersistentModelIndex
C = TypeVar("C", bound=IntEnum)

_NONE: Final = QModelIndex()


class OrderedModel(QAbstractTableModel, Generic[C]):
    """Which label stands in which row. Subclasses say how many labels there are, and their wanted order."""

    def __init__(self, texts: Mapping[C, ColumnText], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.sort_column: C | None = None
        self.descending = False
        self._texts = tuple(texts[column] for column in sorted(texts))
        self._shown: IntArray = np.zeros(0, dtype=np.int64)  # label of each row
        self._places: IntArray = np.zeros(0, dtype=np.int64)  # row of each label, -1 where it is hidden

    def label_count(self) -> int:
        """How many labels there are, shown or hidden."""
        raise NotImplementedError

    def wanted_order(self) -> IntArray:
        """The labels to show, (rows,), from the first row to the last."""
        raise NotImplementedError

    # What Qt asks

    def rowCount(self, parent: Index = _NONE) -> int:
        """How many labels are shown."""
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: Index = _NONE) -> int:
        """One for each column that has a text."""
        return 0 if parent.isValid() else len(self._texts)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | None:
        """Titles and explanations of the columns."""
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(self._texts):
            return None
        text = self._texts[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return text.title
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{text.name}: {text.meaning}"
        return text.name if role == Qt.ItemDataRole.AccessibleTextRole else None

    # Places

    def label_at(self, row: int) -> int:
        """The label shown in a row."""
        return int(self._shown[row])

    def row_of(self, label: int) -> int:
        """The row of a label, -1 where it is hidden or there is no such label."""
        return int(self._places[label]) if 0 <= label < len(self._places) else -1

    # Order

    def next_sort(self, column: C, *, descending_first: bool = False) -> tuple[C | None, bool]:
        """What a click on a header asks for: by the column, the other way round, as the model has its labels."""
        if self.sort_column is not column:
            return column, descending_first
        if self.descending is descending_first:
            return column, not descending_first
        return None, False

    def sort_by(self, column: C | None, *, descending: bool = False) -> None:
        """Order the rows by a column, or as the model has its labels (None)."""
        self.sort_column, self.descending = column, descending
        self.settle()

    def settle(self) -> None:
        """Put every row in its place; selections stay with their labels."""
        wanted = self.wanted_order()
        if np.array_equal(wanted, self._shown):
            return
        self.layoutAboutToBeChanged.emit()
        old = self.persistentIndexList()
        labels = [self.label_at(index.row()) for index in old]
        self._put(wanted)
        # row -1, of a label that is hidden now, gives the invalid index that Qt expects for it
        new = [self.index(self.row_of(label), at.column()) for label, at in zip(labels, old, strict=True)]
        self.changePersistentIndexList(old, new)
        self.layoutChanged.emit()

    def _place(self) -> None:
        """Take the wanted order inside a reset."""
        self._put(self.wanted_order())

    def _put(self, shown: IntArray) -> None:
        self._shown = shown
        self._places = np.full(self.label_count(), -1, dtype=np.int64)
        self._places[shown] = np.arange(len(shown))

    def _check(self, given: int, what: str) -> None:
        """Values for another number of labels are a programming error."""
        if given != self.label_count():
            raise ValueError(f"{given} {what} for {self.label_count()} labels")
