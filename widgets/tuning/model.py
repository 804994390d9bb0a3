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
from widgets.tables.ordered_model import Index
from widgets.tables.text_model import TextModel
from widgets.tuning.columns import TEXTS, Column
from widgets.tuning.rows import TuningRows
from widgets.tuning.schemes import Scheme


class TuningModel(TextModel[Column]):
    """Setters take whole values and repaint every row."""

    def __init__(self, parent: QObject | None = None) -> None:
        self.rows = TuningRows()
        super().__init__(TEXTS, self.rows, parent)
        self._only_changes = False

    # What Qt asks

    def flags(self, index: Index) -> Qt.ItemFlag:
        """The lock can be checked."""
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return flags | Qt.ItemFlag.ItemIsUserCheckable if index.column() == Column.LOCK else flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Texts of a cell, and whether a lock is closed; painting does not pass here."""
        if role == Qt.ItemDataRole.CheckStateRole and index.isValid() and index.column() == Column.LOCK:
            locked = self.rows.locked[self.label_at(index.row())]
            return Qt.CheckState.Checked if locked else Qt.CheckState.Unchecked
        return super().data(index, role)

    # What is known. The caller settles the order when the numbers come to rest.

    def set_labels(self, labels: Sequence[str]) -> None:
        """Start over with other labels, in their natural order, all shown."""
        self._only_changes = False
        super().set_labels(labels)

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

    # Order and filter

    def set_filter(self, text: str, *, only_changes: bool) -> None:
        """Show the labels whose name has every word and, if asked, whose threshold would change."""
        if (text, only_changes) != (self._filter, self._only_changes):
            self._filter, self._only_changes = text, only_changes
            self.settle()

    def _kept(self) -> BoolArray:
        kept = super()._kept()
        return kept & self.rows.changes() if self._only_changes else kept
