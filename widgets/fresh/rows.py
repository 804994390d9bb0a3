"""What the table of new images says of each label: texts, tool tips, and numbers to sort by."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from inference.types import DriftReport, FloatArray, FreshCounts
from widgets.fresh.columns import TEXTS, Column
from widgets.labels_table.ordering import name_ranks
from widgets.numbers import UNDEFINED, format_count
from widgets.review.rows import percent


class FreshRows:
    """Plain values; whoever changes them tells the view."""

    def __init__(self) -> None:
        self.labels: tuple[str, ...] = ()
        self.folded: tuple[str, ...] = ()
        self.counts: FreshCounts | None = None
        self.drift: DriftReport | None = None
        self.words: Sequence[str] = ()  # how each label's scores compare

    def set_labels(self, labels: Sequence[str]) -> None:
        """Start over."""
        self.labels = tuple(labels)
        self.folded = tuple(label.casefold() for label in labels)
        self.counts = self.drift = None
        self.words = ()

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
            return (self.words[label], "") if label < len(self.words) else ("", "")
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
            return f"Scores are {self.words[label]} than in the validation folder."
        return "No difference from the validation folder is seen."

    def accessible_text(self, column: Column, label: int) -> str:
        """The cell with its column's name."""
        text = self.text(column, label)
        said = "unknown" if text in ("", UNDEFINED) else text
        return said if column is Column.NAME else f"{self.name(label)}, {TEXTS[column].name}: {said}"

    # Order

    def values(self, column: Column) -> FloatArray:
        """What to sort by; NaN goes last."""
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
