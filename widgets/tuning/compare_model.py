"""The table model of the comparison: labels in the order of their biggest difference, or as a column sorts them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Qt

from inference.types import Comparison, IntArray
from widgets.labels_table.ordering import matches, name_ranks, order_by
from widgets.tables.ordered_model import Index, OrderedModel
from widgets.tuning.compare_rows import NAME_TEXT, TEXTS, CompareRows, Field, Home


class CompareModel(OrderedModel[Any]):
    """Columns come and go with what is compared; the order settles with every comparison."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__({Home.NAME: NAME_TEXT}, parent)
        self.rows = CompareRows()
        self._ranks: IntArray = np.zeros(0, dtype=np.int64)
        self._filter, self._only_differing = "", False

    def label_count(self) -> int:
        """How many labels there are, shown or hidden."""
        return len(self.rows.labels)

    def field_of(self, column: int) -> tuple[int, Field] | None:
        """Which alternative and field a column is about; None for the name."""
        return self.rows.columns[column - 1] if column else None

    def set_labels(self, labels: Sequence[str]) -> None:
        """Start over with other labels."""
        self.beginResetModel()
        self.rows.set_labels(labels)
        self._ranks = name_ranks(labels)
        self._take_columns()
        self.endResetModel()

    def set_comparison(self, comparison: Comparison | None) -> None:
        """Other numbers; a reset only where the columns differ, so that the place in the table stays."""
        before = self._titles()
        if comparison is not None and before == _titles_of(comparison):
            self.rows.set_comparison(comparison)
            self.settle()
            if len(self._shown):
                self.dataChanged.emit(self.index(0, 0), self.index(len(self._shown) - 1, len(self.rows.columns)))
            return
        self.beginResetModel()
        self.rows.set_comparison(comparison)
        self._take_columns()
        self.endResetModel()

    def set_filter(self, text: str, *, only_differing: bool) -> None:
        """Show the labels whose name has every word and, if asked, that an alternative treats otherwise."""
        if (text, only_differing) != (self._filter, self._only_differing):
            self._filter, self._only_differing = text, only_differing
            self.settle()

    def wanted_order(self) -> IntArray:
        """Sorted, without what is hidden; nothing while nothing is compared."""
        rows = self.rows
        if not rows.groups:
            return np.zeros(0, dtype=np.int64)
        if self.sort_column is None:
            order = rows.biggest_first()
        else:
            values = self._ranks if self.sort_column == Home.NAME else rows.values(self.sort_column)
            order = order_by(values, descending=self.descending)
        kept = np.ones(len(order), dtype=np.bool_)
        if self._filter.strip():
            kept &= matches(rows.folded, self._filter)
        if self._only_differing:
            kept &= rows.differs()
        shown: IntArray = order[kept[order]]
        return shown

    def shown(self) -> IntArray:
        """The labels in sight, from the first row to the last."""
        return self._shown

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Texts of a cell."""
        if not index.isValid():
            return None
        column, label = index.column(), self.label_at(index.row())
        if column == Home.NAME:
            shown = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole)
            return self.rows.name(label) if role in shown else None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.rows.text(column, label)
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.rows.tooltip(column, label)
        return None

    def _titles(self) -> tuple[str, ...]:
        return tuple(group.name for group in self.rows.groups)

    def _take_columns(self) -> None:
        """Inside a reset: a column that sorted is forgotten, for another may stand there now."""
        self.sort_column = None
        self._texts = (NAME_TEXT, *(TEXTS[field] for _, field in self.rows.columns))
        self._place()


def _titles_of(comparison: Comparison) -> tuple[str, ...]:
    return tuple(group.name for group in comparison.alternatives)
