"""The model of the tuning table: one row a label, with an order and a filter of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from inference.types import BoolArray, Estimate, IntArray, LabelMetrics, Proposal, Thresholds
from widgets.labels_table.ordering import matches, order_by
from widgets.tuning.columns import TEXTS, Column
from widgets.tuning.rows import TuningRows

Index = QModelIndex | QPersistentModelIndex

_NONE: Final = QModelIndex()


class TuningModel(QAbstractTableModel):
    """Rows are places on the screen, labels are indices; ``label_at`` and ``row_of`` translate."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows = TuningRows()
        self.sort_column: Column | None = None
        self.descending = False
        self._filter = ""
        self._only_changes = False
        self._shown: IntArray = np.zeros(0, dtype=np.int64)  # label of each row
        self._places: IntArray = np.zeros(0, dtype=np.int64)  # row of each label, -1 where it is hidden

    # What Qt asks

    def rowCount(self, parent: Index = _NONE) -> int:
        """How many labels are shown."""
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: Index = _NONE) -> int:
        """One for each Column."""
        return 0 if parent.isValid() else len(Column)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """The lock can be checked."""
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return flags | Qt.ItemFlag.ItemIsUserCheckable if index.column() == Column.LOCK else flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Texts of a cell; painting does not pass here."""
        if not index.isValid():
            return None
        column, label = Column(index.column()), self.label_at(index.row())
        if role == Qt.ItemDataRole.DisplayRole:
            return self.rows.text(column, label)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self.rows.tooltip(column, label)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self.rows.accessible_text(column, label)
        if role == Qt.ItemDataRole.CheckStateRole and column is Column.LOCK:
            return Qt.CheckState.Checked if self.rows.locked[label] else Qt.CheckState.Unchecked
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | None:
        """Titles and explanations of the columns."""
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(Column):
            return None
        text = TEXTS[Column(section)]
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

    # What is known. The caller settles the order when the numbers come to rest.

    def set_labels(self, labels: Sequence[str]) -> None:
        """Start over with other labels, in their natural order, all shown."""
        self.beginResetModel()
        self.rows.set_labels(labels)
        self.sort_column, self._filter, self._only_changes = None, "", False
        self._put(self._wanted_order())
        self.endResetModel()

    def set_current(self, thresholds: Thresholds) -> None:
        """The (c,) thresholds in force."""
        self._check(len(thresholds), "thresholds")
        self.rows.current = thresholds.values
        self._tell()

    def set_proposal(self, proposal: Proposal | None, metrics: LabelMetrics | None) -> None:
        """What is proposed, and the metrics it would give."""
        if proposal is not None:
            self._check(len(proposal.thresholds), "proposed thresholds")
        self._check_metrics(metrics)
        self.rows.proposal, self.rows.then = proposal, metrics
        self._tell()

    def set_now(self, metrics: LabelMetrics | None) -> None:
        """Metrics at the thresholds in force."""
        self._check_metrics(metrics)
        self.rows.now = metrics
        self._tell()

    def set_half(self, metrics: LabelMetrics | None) -> None:
        """Metrics at 0.5."""
        self._check_metrics(metrics)
        self.rows.half = metrics
        self._tell()

    def set_flips(self, flips: IntArray | None) -> None:
        """How many images would change decision under each label."""
        if flips is not None:
            self._check(len(flips), "flips")
        self.rows.flips = flips
        self._tell()

    def set_estimate(self, estimate: Estimate | None) -> None:
        """What to expect on new images."""
        self.rows.estimate = estimate
        self._tell()

    def set_locked(self, locked: BoolArray) -> None:
        """Which labels keep their threshold."""
        self._check(len(locked), "locks")
        self.rows.locked = np.array(locked, dtype=np.bool_)
        self._tell()

    def _check_metrics(self, metrics: LabelMetrics | None) -> None:
        if metrics is not None:
            self._check(len(metrics.tp), "metrics")

    def _check(self, given: int, what: str) -> None:
        if given != len(self.rows.labels):
            raise ValueError(f"{given} {what} for {len(self.rows.labels)} labels")

    def _tell(self) -> None:
        if len(self._shown):
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._shown) - 1, len(Column) - 1))

    # Order and filter

    def set_filter(self, text: str, *, only_changes: bool) -> None:
        """Show the labels whose name has every word and, if asked, whose threshold would change."""
        if (text, only_changes) != (self._filter, self._only_changes):
            self._filter, self._only_changes = text, only_changes
            self.settle()

    def sort_by(self, column: Column | None, *, descending: bool = False) -> None:
        """Order the rows by a column, or as the model has its labels (None)."""
        self.sort_column, self.descending = column, descending
        self.settle()

    def settle(self) -> None:
        """Put every row in its place; the current row stays with its label."""
        wanted = self._wanted_order()
        if np.array_equal(wanted, self._shown):
            return
        self.layoutAboutToBeChanged.emit()
        old = self.persistentIndexList()
        labels = [self.label_at(index.row()) for index in old]
        self._put(wanted)
        new = []
        for label, at in zip(labels, old, strict=True):
            row = self.row_of(label)
            new.append(self.index(row, at.column()) if row >= 0 else QModelIndex())
        self.changePersistentIndexList(old, new)
        self.layoutChanged.emit()

    def _put(self, shown: IntArray) -> None:
        self._shown = shown
        self._places = np.full(len(self.rows.labels), -1, dtype=np.int64)
        self._places[shown] = np.arange(len(shown))

    def _wanted_order(self) -> IntArray:
        order: IntArray = np.arange(len(self.rows.labels), dtype=np.int64)
        if self.sort_column is not None:
            order = order_by(self.rows.values(self.sort_column), descending=self.descending)
        kept = np.ones(len(order), dtype=np.bool_)
        if self._filter.strip():
            kept &= matches(self.rows.folded, self._filter)
        if self._only_changes:
            kept &= self.rows.changes()
        shown: IntArray = order[kept[order]]
        return shown
