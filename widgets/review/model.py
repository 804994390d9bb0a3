"""The model of the review table."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, Qt

from inference.types import BandProposal, IntArray, ReviewBand, ReviewCounts, Thresholds
from widgets.review.columns import TEXTS, Column, End
from widgets.review.rows import ReviewRows
from widgets.tables.ordered_model import Index
from widgets.tables.text_model import TextModel


class ReviewModel(TextModel[Column]):
    """Setters take whole values and repaint every row."""

    def __init__(self, parent: QObject | None = None) -> None:
        self.rows = ReviewRows()
        super().__init__(TEXTS, self.rows, parent)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Ends can be typed."""
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return flags | Qt.ItemFlag.ItemIsEditable if index.column() in (Column.LOW, Column.HIGH) else flags

    # What is known

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

    # Order and filter

    def set_filter(self, text: str) -> None:
        """Show the labels whose name has every word."""
        self._filter_by(text)

    def wanted_order(self) -> IntArray:
        """Sorted and filtered; none without a band."""
        return np.zeros(0, dtype=np.int64) if self.rows.band is None else super().wanted_order()
