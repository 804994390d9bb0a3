"""The model of the review table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Qt

from inference.types import BandProposal, IntArray, ReviewBand, ReviewCounts, Thresholds
from widgets.labels_table.ordering import matches, order_by
from widgets.review.columns import TEXTS, Column, End
from widgets.review.rows import ReviewRows
from widgets.tables.ordered_model import Index, OrderedModel


class ReviewModel(OrderedModel[Column]):
    """Setters take whole values and repaint every row."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(TEXTS, parent)
        self.rows = ReviewRows()
        self._filter = ""

    def label_count(self) -> int:
        """How many labels there are, shown or hidden."""
        return len(self.rows.labels)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Ends can be typed."""
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return flags | Qt.ItemFlag.ItemIsEditable if index.column() in (Column.LOW, Column.HIGH) else flags

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
        return None

    # What is known

    def set_labels(self, labels: Sequence[str]) -> None:
        """Start over with other labels, in their natural order, all shown."""
        self.beginResetModel()
        self.rows.set_labels(labels)
        self.sort_column, self._filter = None, ""
        self._place()
        self.endResetModel()

    def set_thresholds(self, thresholds: Thresholds) -> None:
        """Those in force."""
        self._check(len(thresholds), "thresholds")
        self.rows.thresholds = thresholds.values
        self._tell()

    def set_band(self, band: ReviewBand | None) -> None:
        """The band; None for none, and then there are no rows."""
        if band is not None:
            self._check(len(band), "bands")
        came = (band is None) is not (self.rows.band is None)
        self.rows.band = band
        if came:
            self.settle()
        self._tell()

    def set_end(self, end: End, label: int, value: float) -> None:
        """One end of one label."""
        band = self.rows.band
        if band is not None:
            self.set_band((band.with_low if end is End.LOW else band.with_high)(label, value))

    def set_counts(self, counts: ReviewCounts | None) -> None:
        """What the band makes of the images."""
        if counts is not None:
            self._check(len(counts.review), "counts")
        self.rows.counts = counts
        self._tell()

    def set_proposal(self, proposal: BandProposal | None) -> None:
        """What was said of the labels when a band was proposed."""
        if proposal is not None:
            self._check(len(proposal.notes), "notes")
        self.rows.proposal = proposal
        self._tell()

    def _tell(self) -> None:
        if len(self._shown):
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._shown) - 1, len(Column) - 1))

    # Order and filter

    def set_filter(self, text: str) -> None:
        """Show the labels whose name has every word."""
        if text != self._filter:
            self._filter = text
            self.settle()

    def wanted_order(self) -> IntArray:
        """Sorted and filtered; none without a band."""
        if self.rows.band is None:
            return np.zeros(0, dtype=np.int64)
        order: IntArray = np.arange(len(self.rows.labels), dtype=np.int64)
        if self.sort_column is not None:
            order = order_by(self.rows.values(self.sort_column), descending=self.descending)
        if not self._filter.strip():
            return order
        kept = matches(self.rows.folded, self._filter)
        shown: IntArray = order[kept[order]]
        return shown
