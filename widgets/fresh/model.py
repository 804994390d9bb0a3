"""The model of the table of new images."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QObject

from inference.types import DriftReport, FreshCounts, IntArray
from widgets.fresh.columns import TEXTS, Column
from widgets.fresh.rows import FreshRows
from widgets.tables.text_model import TextModel


class FreshModel(TextModel[Column]):
    """Setters take whole values and repaint every row."""

    def __init__(self, parent: QObject | None = None) -> None:
        self.rows = FreshRows()
        super().__init__(TEXTS, self.rows, parent)

    def set_counts(self, counts: FreshCounts | None) -> None:
        """Predicted counts; None while there are none, and then there are no rows."""
        if counts is not None:
            self._check(len(counts.predicted), "counts")
        came = (counts is None) is not (self.rows.counts is None)
        self.rows.counts = counts
        if came:
            self.settle()
        self._tell()

    def set_drift(self, drift: DriftReport | None, words: Sequence[str]) -> None:
        """How the scores compare, with words a label."""
        if drift is not None:
            self._check(len(drift.p), "tests")
        self.rows.drift, self.rows.words = drift, words
        self._tell()

    def set_filter(self, text: str) -> None:
        """Show the labels whose name has every word."""
        self._filter_by(text)

    def wanted_order(self) -> IntArray:
        """Sorted and filtered; none while nothing is counted."""
        return np.zeros(0, dtype=np.int64) if self.rows.counts is None else super().wanted_order()
