"""What the review table says of each label: texts, tool tips, and numbers to sort by."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from inference.types import BandProposal, FloatArray, ReviewBand, ReviewCounts, ScoreArray
from widgets.labels_table.ordering import name_ranks
from widgets.numbers import UNDEFINED, format_count, format_fraction, format_rate, format_threshold
from widgets.review.columns import TEXTS, Column, End


class ReviewRows:
    """Plain values; whoever changes them tells the view."""

    def __init__(self) -> None:
        self.labels: tuple[str, ...] = ()
        self.folded: tuple[str, ...] = ()
        self.thresholds: ScoreArray = np.zeros(0, dtype=np.float32)  # in force
        self.band: ReviewBand | None = None
        self.counts: ReviewCounts | None = None
        self.proposal: BandProposal | None = None

    def set_labels(self, labels: Sequence[str]) -> None:
        """Start over."""
        self.labels = tuple(labels)
        self.folded = tuple(label.casefold() for label in labels)
        self.thresholds = np.full(len(labels), 0.5, dtype=np.float32)
        self.band = self.counts = self.proposal = None

    def name(self, label: int) -> str:
        """In one line."""
        return " ".join(self.labels[label].split()) or f"(label {label + 1})"

    def end(self, end: End, label: int) -> float:
        """Where one end of the band lies."""
        assert self.band is not None
        return float((self.band.low if end is End.LOW else self.band.high).values[label])

    # Texts

    def text(self, column: Column, label: int) -> str:
        """A cell in full, for copies and readers."""
        if column is Column.NAME:
            return self.name(label)
        if self.band is None:
            return ""
        if column is Column.BAND:
            return f"{self.text(Column.LOW, label)} to {self.text(Column.HIGH, label)}"
        if column in (Column.LOW, Column.HIGH):
            return format_threshold(self.end(End(column), label))
        if column is Column.NOTE:
            return self.note(label)
        return " ".join(part for part in self.parts(column, label) if part)

    def parts(self, column: Column, label: int) -> tuple[str, str]:
        """A number and the smaller one beside it."""
        counts = self.counts
        if counts is None:
            return UNDEFINED, ""
        if column is Column.REVIEW:
            share = counts.review[label] / counts.n_images if counts.n_images else float("nan")
            return format_count(int(counts.review[label])), percent(share)
        if column is Column.PRECISION:
            right, known = int(counts.accepted_right[label]), int(counts.accepted_known[label])
            return format_rate(float(counts.precision[label])), format_fraction(right, known) if known else ""
        lost, positives = int(counts.lost[label]), int(counts.positives[label])
        return format_rate(float(counts.lost_share[label])), format_fraction(lost, positives) if positives else ""

    def interval(self, column: Column, label: int) -> str:
        """``[0.91–0.98]``; "" where undefined."""
        counts = self.counts
        if counts is None or column not in (Column.PRECISION, Column.LOST):
            return ""
        ends = (
            (counts.precision_low, counts.precision_high)
            if column is Column.PRECISION
            else (counts.lost_low, counts.lost_high)
        )
        low, high = (float(end[label]) for end in ends)
        return "" if np.isnan(low) else f"[{format_rate(low)}–{format_rate(high)}]"

    def behind(self, part: str, label: int) -> int:
        """How many images a click on a number shows."""
        if self.counts is None:
            return 0
        counts = {"review": self.counts.review, "accepted": self.counts.accepted, "lost": self.counts.lost}
        return int(counts[part][label])

    def note(self, label: int) -> str:
        """What was said of the label when its band was proposed, while it still has that band."""
        if self.proposal is None or self.band is None or len(self.proposal.notes) != len(self.labels):
            return ""
        proposed = self.proposal.band
        same = (
            proposed.low.values[label] == self.band.low.values[label]
            and proposed.high.values[label] == self.band.high.values[label]
        )
        return self.proposal.notes[label] if same else ""

    def has_notes(self) -> bool:
        """Whether any label has one."""
        return any(self.note(label) for label in range(len(self.labels)))

    def tooltip(self, column: Column, label: int) -> str:
        """The cell in words."""
        counts = self.counts
        if column is Column.NAME:
            return self.name(label)
        if self.band is None or counts is None or column in (Column.BAND, Column.LOW, Column.HIGH):
            return TEXTS[column].meaning
        if column is Column.NOTE:
            return self.note(label)
        if column is Column.REVIEW:
            accepted, rejected = int(counts.accepted[label]), int(counts.rejected[label])
            review, total = int(counts.review[label]), counts.n_images
            return (
                f"{format_count(review)} of {format_count(total)} images to review; {format_count(accepted)} are "
                f"accepted and {format_count(rejected)} rejected unseen. Click to see those to review."
            )
        part = "right of the accepted" if column is Column.PRECISION else "of the positives are lost"
        said = f"{self.parts(column, label)[1] or 'none'} {part}"
        interval = self.interval(column, label)
        wide = f"; {100 * counts.confidence:.0f} % interval {interval}" if interval else ""
        return f"{said}{wide}.\n{TEXTS[column].meaning}"

    def accessible_text(self, column: Column, label: int) -> str:
        """The cell with its column's name."""
        text = self.text(column, label)
        said = "unknown" if text in ("", UNDEFINED) else text
        return said if column is Column.NAME else f"{self.name(label)}, {TEXTS[column].name}: {said}"

    # Order

    def values(self, column: Column) -> FloatArray:
        """What to sort by; NaN goes last."""
        blank: FloatArray = np.full(len(self.labels), np.nan)
        if column is Column.NAME:
            return name_ranks(self.labels).astype(np.float64)
        if column is Column.NOTE:
            return np.array([not self.note(label) for label in range(len(self.labels))], dtype=np.float64)
        if self.band is not None and column in (Column.LOW, Column.HIGH):
            return (self.band.low if column is Column.LOW else self.band.high).values.astype(np.float64)
        if self.band is not None and column is Column.BAND:
            return self.band.high.values.astype(np.float64) - self.band.low.values
        counts = self.counts
        if counts is None:
            return blank
        if column is Column.REVIEW:
            return counts.review.astype(np.float64)
        return counts.precision if column is Column.PRECISION else counts.lost_share


def percent(share: float) -> str:
    """``15.6 %``: what is not 0 or everything never looks so; "" where undefined."""
    if np.isnan(share):
        return ""
    if 0.0 < share < 1.0:
        share = min(max(share, 0.001), 0.999)
    return f"{100 * share:.1f} %"
