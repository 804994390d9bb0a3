"""A table model of labels whose cells are texts, sorted by a column and filtered by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt

from inference.types import BoolArray, IntArray
from widgets.labels_table.ordering import matches, order_by
from widgets.tables.columns import ColumnText
from widgets.tables.ordered_model import C, Index, OrderedModel

Asked = TypeVar("Asked", bound=IntEnum, contravariant=True)


class Cells(Protocol[Asked]):
    """What the cells of each label say. Columns are those of the table, labels places in ``labels``."""

    labels: tuple[str, ...]
    folded: tuple[str, ...]  # the labels, case-folded

    def set_labels(self, labels: Sequence[str]) -> None:
        """Start over with other labels."""

    def text(self, column: Asked, label: int) -> str:
        """A cell in full."""

    def tooltip(self, column: Asked, label: int) -> str:
        """The cell in words."""

    def accessible_text(self, column: Asked, label: int) -> str:
        """The cell as it is read aloud."""

    def values(self, column: Asked) -> NDArray[Any]:
        """What to sort by, (labels,); NaN goes last."""


class TextModel(OrderedModel[C]):
    """Takes its texts from ``cells``; the subclass has setters for what stands in them and calls ``_tell``."""

    def __init__(self, texts: Mapping[C, ColumnText], cells: Cells[C], parent: QObject | None = None) -> None:
        super().__init__(texts, parent)
        self._cells = cells
        self._columns = tuple(sorted(texts))
        self._filter = ""

    def label_count(self) -> int:
        """How many labels there are, shown or hidden."""
        return len(self._cells.labels)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Texts of a cell; painting does not pass here."""
        if not index.isValid():
            return None
        column, label = self._columns[index.column()], self.label_at(index.row())
        if role == Qt.ItemDataRole.DisplayRole:
            return self._cells.text(column, label)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._cells.tooltip(column, label)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._cells.accessible_text(column, label)
        return None

    def set_labels(self, labels: Sequence[str]) -> None:
        """Start over with other labels, in their natural order, all shown."""
        self.beginResetModel()
        self._cells.set_labels(labels)
        self.sort_column, self._filter = None, ""
        self._place()
        self.endResetModel()

    def _tell(self) -> None:
        """Every row may read otherwise now."""
        if len(self._shown):
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._shown) - 1, len(self._columns) - 1))

    # Order and filter

    def _filter_by(self, text: str) -> None:
        """Show the labels whose name has every word."""
        if text != self._filter:
            self._filter = text
            self.settle()

    def _kept(self) -> BoolArray:
        """Which labels are shown, (labels,): those that the filter lets pass."""
        if self._filter.strip():
            return matches(self._cells.folded, self._filter)
        return np.ones(self.label_count(), dtype=np.bool_)

    def wanted_order(self) -> IntArray:
        """Sorted, without what is not kept."""
        order: IntArray = np.arange(self.label_count(), dtype=np.int64)
        if self.sort_column is not None:
            order = order_by(self._cells.values(self.sort_column), descending=self.descending)
        shown: IntArray = order[self._kept()[order]]
        return shown
