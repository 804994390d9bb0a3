"""The model of the labels table: thresholds, numbers and the current image's scores, one row a label."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from PySide6.QtCore import QObject, Qt

from inference.types import (
    BoolArray,
    FloatArray,
    ImageScores,
    IntArray,
    Intervals,
    LabelMetrics,
    LabelQuality,
    LabelRates,
    ThresholdIntervals,
    Thresholds,
)
from widgets.labels_table.columns import TEXTS, Column
from widgets.labels_table.data import TableData
from widgets.labels_table.ordering import matches, order_by
from widgets.labels_table.words import accessible_text, tooltip
from widgets.tables.ordered_model import Index, OrderedModel

_FLAGS: Final = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
_ROWS_TOLD_ONE_BY_ONE: Final = 16
_NEAR: Final = 0.002  # of its threshold, a score's text may depend on it: it never rounds to its other side
_ALL: Final = (Column(0), Column(len(Column) - 1))
_THRESHOLD: Final = (Column.THRESHOLD, Column.THRESHOLD)
_SCORE: Final = (Column.SCORE, Column.SCORE)


class LabelsModel(OrderedModel[Column]):
    """Setters take whole values and repaint only the rows that changed."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(TEXTS, parent)
        self.values = TableData()
        self._filter = ""

    def label_count(self) -> int:
        """How many labels there are, shown or hidden."""
        return len(self.values.labels)

    # What Qt asks

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Thresholds can be edited while they are used."""
        if index.isValid() and index.column() == Column.THRESHOLD and self.values.active:
            return _FLAGS | Qt.ItemFlag.ItemIsEditable
        return _FLAGS

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Text of a cell; painting does not pass here."""
        if not index.isValid():
            return None
        column, label = Column(index.column()), self.label_at(index.row())
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return self.values.text(column, label)
        if role == Qt.ItemDataRole.ToolTipRole:
            return tooltip(self.values, column, label)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return accessible_text(self.values, column, label)
        return None

    # What is known

    def set_labels(self, labels: Sequence[str]) -> None:
        """Start over with other labels, in their natural order and unfiltered."""
        self.beginResetModel()
        self.values.set_labels(labels)
        self._filter = ""
        self.sort_column = None
        self._place()
        self.endResetModel()

    def set_thresholds(self, thresholds: Thresholds) -> None:
        """Take (c,) thresholds; others than the labels' number are a programming error."""
        self._check(len(thresholds), "thresholds")
        changed = self.values.thresholds != thresholds.values
        self.values.thresholds = thresholds.values
        self._tell(changed, _THRESHOLD)

    def set_threshold(self, label: int, value: float) -> None:
        """One label's threshold, ahead of the session's answer."""
        thresholds = self.values.thresholds.copy()
        thresholds[label] = value
        self.set_thresholds(Thresholds(thresholds))

    def set_metrics(self, metrics: LabelMetrics | None) -> None:
        """Counts and rates of every label, or None before there are any."""
        old = self.values.metrics
        if metrics is not None:
            self._check(len(metrics.tp), "metrics")
        self.values.set_metrics(metrics)
        if old is None or metrics is None:
            self._tell_all()
            return
        predicted = (old.tp != metrics.tp) | (old.fp != metrics.fp)
        missed = (old.fn != metrics.fn) | (old.tn != metrics.tn)
        # A threshold moves images between the counts; only other annotations change how many are known.
        known = (old.tp + old.fn != metrics.tp + metrics.fn) | (old.fp + old.tn != metrics.fp + metrics.tn)
        known |= old.unknown != metrics.unknown
        self._tell(known, _ALL)
        self._tell((predicted | missed) & ~known, (Column.PRECISION, Column.TN))
        self._tell(predicted & ~known, (Column.PREDICTED, Column.PREDICTED))

    def set_image(self, image: ImageScores | None) -> None:
        """The scores of the image being looked at, or None."""
        if image is not None:
            self._check(len(image.scores), "scores")
        old = self.values.image
        self.values.set_image(image)
        if old is None and image is None:
            return
        if old is None or image is None or old.rule is not image.rule:
            self._tell_all()
            return
        near = np.minimum(abs(image.scores - old.thresholds), abs(image.scores - image.thresholds)) < _NEAR
        changed = near & (old.thresholds != image.thresholds)
        changed |= (old.scores != image.scores) | (old.predicted != image.predicted)
        changed |= (old.truth != image.truth) | (old.annotated != image.annotated)
        self._tell(changed, _SCORE)
        # The score is a tick on the track as well.
        self._tell(old.scores != image.scores, _THRESHOLD)

    def set_active(self, active: bool, reason: str) -> None:
        """Whether the thresholds decide anything, and if not, why not."""
        if (active, reason) != (self.values.active, self.values.reason):
            self.values.active, self.values.reason = active, reason
            self._tell_all()

    def set_intervals(self, intervals: Intervals | None) -> None:
        """Intervals of precision, recall and F1, or None."""
        old, new = self._ends(self.values.intervals), self._ends(intervals)
        self.values.set_intervals(intervals)
        self._tell(_differ(old, new, len(self.values.labels)), (Column.PRECISION, Column.F1))

    def _ends(self, intervals: Intervals | None) -> tuple[FloatArray, ...]:
        if intervals is None:
            return ()
        self._check(len(intervals.f1_low), "intervals")
        i = intervals
        return i.precision_low, i.precision_high, i.recall_low, i.recall_high, i.f1_low, i.f1_high

    def set_threshold_intervals(self, intervals: ThresholdIntervals | None) -> None:
        """Where tuning on other images would put each threshold, or None."""
        if intervals is not None:
            self._check(len(intervals.low), "intervals")
        if intervals is not self.values.threshold_intervals:
            self.values.threshold_intervals = intervals
            self._tell_all()

    def set_plateau(self, label: int, low: float, high: float) -> None:
        """Where the threshold of one label, -1 for none, changes nothing: (low, high]."""
        before, after = self.values.plateau_of, (label, low, high)
        if before == after:
            return
        self.values.plateau_of = after
        for row in {self.row_of(before[0]), self.row_of(label)} - {-1}:
            self._tell_rows(row, row, _THRESHOLD)

    def set_rates(self, rates: LabelRates | None) -> None:
        """More rates of every label, or None."""
        if rates is not None:
            self._check(len(rates.mcc), "rates")
        self.values.rates = rates
        self._tell_all()

    def set_quality(self, quality: LabelQuality | None) -> None:
        """What does not depend on a threshold, or None."""
        if quality is not None:
            self._check(len(quality.brier), "measures of quality")
        self.values.quality = quality
        self._tell_all()

    def _tell_all(self) -> None:
        if len(self._shown):
            self._tell_rows(0, len(self._shown) - 1)

    def _tell(self, changed: BoolArray, columns: tuple[Column, Column]) -> None:
        """Have the rows of these labels repainted, from the first to the last of the columns."""
        rows = self._places[changed]
        rows = rows[rows >= 0]
        if len(rows) > _ROWS_TOLD_ONE_BY_ONE:
            self._tell_rows(int(rows.min()), int(rows.max()), columns)
            return
        for row in rows:
            self._tell_rows(int(row), int(row), columns)

    def _tell_rows(self, first: int, last: int, columns: tuple[Column, Column] = _ALL) -> None:
        self.dataChanged.emit(self.index(first, columns[0]), self.index(last, columns[1]))

    # Order and filter

    def set_filter(self, text: str) -> None:
        """Show only the labels whose name contains every word, whatever its case."""
        if text == self._filter:
            return
        self.beginResetModel()
        self._filter = text
        self._place()
        self.endResetModel()

    def wanted_order(self) -> IntArray:
        """Sorted, without what the filter hides."""
        if self.sort_column is None:
            order = np.arange(len(self.values.labels), dtype=np.int64)
        else:
            order = order_by(self.values.values(self.sort_column), descending=self.descending)
        if not self._filter.strip():
            return order
        kept: IntArray = order[matches(self.values.folded, self._filter)[order]]
        return kept


def _differ(old: tuple[FloatArray, ...], new: tuple[FloatArray, ...], n_labels: int) -> BoolArray:
    """Which labels' numbers differ, NaN being equal to itself, (n_labels,)."""
    if len(old) != len(new):
        return np.ones(n_labels, dtype=np.bool_)
    changed = np.zeros(n_labels, dtype=np.bool_)
    for before, after in zip(old, new, strict=True):
        changed |= before.view(np.int64) != after.view(np.int64)  # as bits: four times faster than with isnan
    return changed
