"""The model of the table of new images, with what its cells say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Qt

from inference.types import DriftReport, FloatArray, FreshCounts, IntArray
from widgets.fresh.columns import TEXTS, Column
from widgets.labels_table.ordering import matches, name_ranks, order_by
from widgets.numbers import UNDEFINED, format_count
from widgets.review.rows import percent
from widgets.tables.ordered_model import Index, OrderedModel


class FreshModel(OrderedModel[Column]):
    """Setters take whole values and repaint every row."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(TEXTS, parent)
        self.labels: tuple[str, ...] = ()
        self.counts: FreshCounts | None = None
        self.drift: DriftReport | None = None
        self._words: Sequence[str] = ()
        self._folded: tuple[str, ...] = ()
        self._filter = ""

    def label_count(self) -> int:
        """How many labels there are, shown or hidden."""
        return len(self.labels)

    # Texts

    def name(self, label: int) -> str:
        """In one line."""
        return " ".join(self.labels[label].split()) or f"(label {label + 1})"

    def differs(self, label: int) -> bool:
        """Whether the label's scores come from elsewhere."""
        return self.drift is not None and bool(self.drift.differs[label])

    def parts(self, column: Column, label: int) -> tuple[str, str]:
        """What a cell says, and the smaller text beside it."""
        if column is Column.NAME:
            return self.name(label), ""
        if column is Column.DRIFT:
            return (self._words[label], "") if label < len(self._words) else ("", "")
        counts = self.counts
        if counts is None:
            return UNDEFINED, ""
        if column is Column.PREDICTED:
            return format_count(int(counts.predicted[label])), ""
        if column is Column.SHARE:
            low, high = (percent(float(end[label])).removesuffix(" %") for end in (counts.low, counts.high))
            return percent(float(counts.share[label])) or UNDEFINED, f"[{low}–{high}]" if low else ""
        if column is Column.VALIDATION:
            return percent(float(counts.validation_share[label])) or UNDEFINED, ""
        right = float(counts.expected_right[label])
        return (UNDEFINED if np.isnan(right) else f"≈ {format_count(round(right))}"), ""

    def text(self, column: Column, label: int) -> str:
        """A cell in full."""
        return " ".join(part for part in self.parts(column, label) if part)

    def tooltip(self, column: Column, label: int) -> str:
        """The cell in words."""
        drift = self.drift
        if column is Column.NAME:
            return self.name(label)
        if column is not Column.DRIFT or drift is None or np.isnan(drift.p[label]):
            return TEXTS[column].meaning
        return (
            f"{self._sentence(label)}\nThe two distributions are {100 * drift.gap[label]:.0f} points "
            f"of 100 apart where they differ most.\np {_small(drift.adjusted[label])} over all labels together, "
            f"p {_small(drift.p[label])} by itself; {format_count(drift.n_here)} images here, "
            f"{format_count(drift.n_there)} there.\nWith many images also a harmless difference is seen: the distance "
            "says how large it is."
        )

    def _sentence(self, label: int) -> str:
        if self.differs(label):
            return f"Scores are {self._words[label]} than in the validation folder."
        return "No difference from the validation folder is seen."

    # What Qt asks

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Texts of a cell; painting does not pass here."""
        if not index.isValid():
            return None
        column, label = Column(index.column()), self.label_at(index.row())
        if role == Qt.ItemDataRole.DisplayRole:
            return self.text(column, label)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self.tooltip(column, label)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            text = self.text(column, label)
            said = "unknown" if text in ("", UNDEFINED) else text
            return said if column is Column.NAME else f"{self.name(label)}, {TEXTS[column].name}: {said}"
        return None

    # What is known

    def set_labels(self, labels: Sequence[str]) -> None:
        """Start over with other labels."""
        self.beginResetModel()
        self.labels = tuple(labels)
        self._folded = tuple(label.casefold() for label in labels)
        self.counts = self.drift = None
        self._words = ()
        self.sort_column, self._filter = None, ""
        self._place()
        self.endResetModel()

    def set_counts(self, counts: FreshCounts | None) -> None:
        """Predicted counts; None while there are none, and then there are no rows."""
        if counts is not None:
            self._check(len(counts.predicted), "counts")
        came = (counts is None) is not (self.counts is None)
        self.counts = counts
        if came:
            self.settle()
        self._tell()

    def set_drift(self, drift: DriftReport | None, words: Sequence[str]) -> None:
        """How the scores compare, with words a label."""
        if drift is not None:
            self._check(len(drift.p), "tests")
        self.drift, self._words = drift, words
        self._tell()

    def set_filter(self, text: str) -> None:
        """Show the labels whose name has every word."""
        if text != self._filter:
            self._filter = text
            self.settle()

    def _tell(self) -> None:
        if len(self._shown):
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._shown) - 1, len(Column) - 1))

    def wanted_order(self) -> IntArray:
        """Sorted and filtered; none while nothing is counted."""
        if self.counts is None:
            return np.zeros(0, dtype=np.int64)
        order: IntArray = np.arange(len(self.labels), dtype=np.int64)
        if self.sort_column is not None:
            order = order_by(self._values(self.sort_column), descending=self.descending)
        if not self._filter.strip():
            return order
        kept = matches(self._folded, self._filter)
        shown: IntArray = order[kept[order]]
        return shown

    def _values(self, column: Column) -> FloatArray:
        counts = self.counts
        if column is Column.NAME or counts is None:
            return name_ranks(self.labels).astype(np.float64)
        if column is Column.DRIFT:
            return np.full(len(self.labels), np.nan) if self.drift is None else self.drift.gap * self.drift.differs
        found: dict[Column, FloatArray] = {
            Column.PREDICTED: counts.predicted.astype(np.float64),
            Column.SHARE: counts.share,
            Column.VALIDATION: counts.validation_share,
            Column.RIGHT: counts.expected_right,
        }
        return found[column]


def _small(p: float) -> str:
    return "below 0.001" if p < 0.001 else f"= {p:.3f}"
