"""The model of the tuning table: thresholds in force and proposed, and what they give, one row a label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Qt

from inference.types import (
    BoolArray,
    Estimate,
    Goal,
    IntArray,
    LabelMetrics,
    Proposal,
    ThresholdIntervals,
    Thresholds,
)
from widgets.labels_table.ordering import matches, order_by
from widgets.tables.ordered_model import Index, OrderedModel
from widgets.tuning.columns import TEXTS, Column
from widgets.tuning.rows import TuningRows
from widgets.tuning.schemes import Scheme


class TuningModel(OrderedModel[Column]):
    """Setters take whole values and repaint every row."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(TEXTS, parent)
        self.rows = TuningRows()
        self._filter = ""
        self._only_changes = False

    def label_count(self) -> int:
        """How many labels there are, shown or hidden."""
        return len(self.rows.labels)

    # What Qt asks

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

    # What is known. The caller settles the order when the numbers come to rest.

    def set_labels(self, labels: Sequence[str]) -> None:
        """Start over with other labels, in their natural order, all shown."""
        self.beginResetModel()
        self.rows.set_labels(labels)
        self.sort_column, self._filter, self._only_changes = None, "", False
        self._place()
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

    def set_goals(self, goals: Mapping[int, Goal]) -> None:
        """The labels that have a goal of their own."""
        self.rows.goals = {label: goal for label, goal in goals.items() if 0 <= label < self.label_count()}
        self._tell()

    def set_scheme(self, scheme: Scheme) -> None:
        """The rule, calibration and biases in force."""
        self.rows.scheme = scheme
        self._tell()

    def set_intervals(self, intervals: ThresholdIntervals | None) -> None:
        """Where tuning puts the thresholds when the images are drawn anew."""
        if intervals is not None:
            self._check(len(intervals.low), "intervals")
        self.rows.intervals = intervals
        self._tell()

    def set_locked(self, locked: BoolArray) -> None:
        """Which labels keep their threshold."""
        self._check(len(locked), "locks")
        self.rows.locked = np.array(locked, dtype=np.bool_)
        self._tell()

    def _check_metrics(self, metrics: LabelMetrics | None) -> None:
        if metrics is not None:
            self._check(len(metrics.tp), "metrics")

    def _tell(self) -> None:
        if len(self._shown):
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._shown) - 1, len(Column) - 1))

    # Order and filter

    def set_filter(self, text: str, *, only_changes: bool) -> None:
        """Show the labels whose name has every word and, if asked, whose threshold would change."""
        if (text, only_changes) != (self._filter, self._only_changes):
            self._filter, self._only_changes = text, only_changes
            self.settle()

    def wanted_order(self) -> IntArray:
        """Sorted, without what the filter or the choice of changes hides."""
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
