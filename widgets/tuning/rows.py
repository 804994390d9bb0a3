"""What the tuning table knows, label by label, and how each cell reads: numpy arrays, no Qt."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from inference.types import (
    BoolArray,
    Estimate,
    IntArray,
    LabelMetrics,
    LabelStatus,
    Proposal,
    ScoreArray,
    format_float32,
)
from widgets.labels_table.ordering import name_ranks
from widgets.numbers import format_count, format_rate, format_threshold
from widgets.tuning.columns import RATES, TEXTS, Column

MINUS: Final = "\N{MINUS SIGN}"
_STATUS: Final = {
    LabelStatus.TUNED: "",
    LabelStatus.LOCKED: "locked",
    LabelStatus.TOO_FEW: "too few positives",
    LabelStatus.UNREACHABLE: "out of reach",
    LabelStatus.ABSTAINED: "no promise possible",
}
WARNED: Final = (LabelStatus.UNREACHABLE, LabelStatus.ABSTAINED)


@dataclass(frozen=True)
class Comparison:
    """One rate at 0.5, now and proposed; NaN where undefined or not known."""

    half: float
    now: float
    then: float

    @property
    def change(self) -> float:
        """Proposed less now; NaN where either is undefined."""
        return self.then - self.now

    @property
    def sign(self) -> int:
        """Whether it rises (1), falls (-1) or stays (0, also where undefined)."""
        return 0 if math.isnan(self.change) else (self.change > 0) - (self.change < 0)

    def change_text(self) -> str:
        """The difference with its sign, "=" where there is none, "" where it is undefined."""
        return signed(self.change)


def signed(change: float, places: int = 2) -> str:
    """A difference with its sign; "=" for none, "" for NaN. A small one gets one more place, never a bare zero."""
    if math.isnan(change):
        return ""
    if change == 0:
        return "="
    sign, size = ("+" if change > 0 else MINUS), abs(change)
    if size < 0.5 * 10.0**-places:
        places += 1
    least = 10.0**-places
    return f"{sign}<{least:.{places}f}" if size < least / 2 else f"{sign}{size:.{places}f}"


class TuningRows:
    """The state of the table in the order of the model's labels. Text is made cell by cell, when asked for."""

    def __init__(self) -> None:
        self.set_labels(())

    def set_labels(self, labels: Sequence[str]) -> None:
        """New labels; everything known of the old ones is forgotten."""
        self.labels = tuple(labels)
        self.folded = tuple(label.casefold() for label in self.labels)
        self.current: ScoreArray = np.full(len(self.labels), 0.5, dtype=np.float32)
        self.proposal: Proposal | None = None
        self.half: LabelMetrics | None = None
        self.now: LabelMetrics | None = None
        self.then: LabelMetrics | None = None
        self.flips: IntArray | None = None
        self.estimate: Estimate | None = None
        self.locked: BoolArray = np.zeros(len(self.labels), dtype=np.bool_)
        self._ranks = name_ranks(self.labels)

    # Values

    @property
    def proposed(self) -> ScoreArray | None:
        """The proposed thresholds, (c,), or None."""
        return None if self.proposal is None else self.proposal.thresholds.values

    def changes(self) -> BoolArray:
        """Labels whose threshold would change."""
        proposed = self.proposed
        if proposed is None:
            return np.zeros(len(self.labels), dtype=np.bool_)
        return np.asarray(proposed != self.current)

    def status(self, label: int) -> LabelStatus:
        """What became of the label; a lock set since the proposal counts at once."""
        if self.locked[label]:
            return LabelStatus.LOCKED
        return LabelStatus.TUNED if self.proposal is None else self.proposal.status[label]

    def compared(self, column: Column, label: int) -> Comparison:
        """One rate at 0.5, now and proposed."""
        return Comparison(*(self._rate(metrics, column, label) for metrics in (self.half, self.now, self.then)))

    @staticmethod
    def _rate(metrics: LabelMetrics | None, column: Column, label: int) -> float:
        return math.nan if metrics is None else float(getattr(metrics, column.name.lower())[label])

    def values(self, column: Column) -> NDArray[Any]:
        """What the column sorts by, (c,); NaN where undefined. Rates sort by what is gained."""
        if column is Column.NAME:
            return self._ranks
        if column is Column.LOCK:
            return self.locked
        if column is Column.THRESHOLD:
            return self.current if self.proposed is None else self.proposed
        if column is Column.FLIPS:
            return np.full(len(self.labels), np.nan) if self.flips is None else self.flips
        if column is Column.NOTE:
            order = list(LabelStatus)
            return np.array([order.index(self.status(label)) for label in range(len(self.labels))], dtype=np.int64)
        name = column.name.lower()
        shown = [metrics for metrics in (self.then, self.now) if metrics is not None]
        if len(shown) == 2:
            return np.asarray(getattr(shown[0], name) - getattr(shown[1], name))
        return np.asarray(getattr(shown[0], name)) if shown else np.full(len(self.labels), np.nan)

    # Texts

    def name(self, label: int) -> str:
        """The label's name on one line; a nameless one is called by its number."""
        return " ".join(self.labels[label].split()) or f"(label {label + 1})"

    def now_text(self, label: int) -> str:
        """The exact threshold in force."""
        return format_threshold(self.current[label])

    def then_text(self, label: int) -> str:
        """The exact proposed threshold; "" without a proposal."""
        return "" if self.proposed is None else format_threshold(self.proposed[label])

    def flips_text(self, label: int) -> str:
        """How many images change decision; "" before it is known."""
        return "" if self.flips is None else format_count(int(self.flips[label]))

    def note(self, label: int) -> str:
        """Status and sentence in one line; "" where there is nothing to say."""
        status = _STATUS[self.status(label)]
        sentence = "" if self.proposal is None else self.proposal.notes[label]
        if self.locked[label]:
            sentence = ""
        if not status or not sentence:
            return status or sentence
        return sentence if sentence.casefold().startswith(status) else f"{status}: {sentence}"

    def plateau(self, label: int) -> str:
        """Between which thresholds no decision on the folder changes; "" without a proposal."""
        if self.proposal is None:
            return ""
        low, high = float(self.proposal.low[label]), float(self.proposal.high[label])
        if math.isinf(low) and math.isinf(high):
            return "Every threshold decides the images of this folder alike."
        if math.isinf(high):
            return f"Nothing changes above {format_float32(low)}."
        if math.isinf(low):
            return f"Nothing changes up to {format_float32(high)}."
        return f"Nothing changes between {format_float32(low)} and {format_float32(high)}."

    def expected(self, label: int) -> str:
        """The label's F1 on new images with its interval, a sentence; "" where it was not estimated."""
        estimate = self.estimate
        if estimate is None or not estimate.tuned[label]:
            return ""
        low, high = estimate.intervals.f1_low[label], estimate.intervals.f1_high[label]
        f1 = format_rate(float(estimate.metrics.f1[label]))
        return f"F1 expected on new images {f1}{format_interval(float(low), float(high))}."

    def text(self, column: Column, label: int) -> str:
        """The whole cell as plain text."""
        if column is Column.LOCK:
            return "locked" if self.locked[label] else ""
        if column is Column.NAME:
            return self.name(label)
        if column is Column.THRESHOLD:
            return self._threshold_text(label)
        if column is Column.FLIPS:
            return self.flips_text(label)
        return self.note(label) if column is Column.NOTE else self._rate_text(column, label)

    def _threshold_text(self, label: int) -> str:
        now, then = self.now_text(label), self.then_text(label)
        return now if then in ("", now) else f"{now} → {then}"

    def _rate_text(self, column: Column, label: int) -> str:
        at = self.compared(column, label)
        now = format_rate(at.now)
        if self.then is None:
            return now
        return f"{now} → {format_rate(at.then)} {at.change_text()}".rstrip()

    def accessible_text(self, column: Column, label: int) -> str:
        """The cell as a screen reader says it, with the label's name."""
        name = self.name(label)
        if column is Column.LOCK:
            return f"{name}, {'locked' if self.locked[label] else 'not locked'}"
        if column is Column.NAME:
            return f"{name}, {self.detail(label)}"
        if column in RATES:
            return f"{name}, {self._said(column, label)}"
        return f"{TEXTS[column].name} {name}, {self.text(column, label) or 'none'}"

    def _said(self, column: Column, label: int) -> str:
        at = self.compared(column, label)
        parts = [f"{TEXTS[column].name} {_spoken(at.now)} now"]
        if self.then is not None:
            parts.append(f"{_spoken(at.then)} proposed")
        if self.half is not None:
            parts.append(f"{_spoken(at.half)} at 0.5")
        return ", ".join(parts)

    def detail(self, label: int) -> str:
        """What the row has no room for, as sentences: note, thresholds, plateau, F1 on new images."""
        now, then = format_float32(self.current[label]), self.proposed
        if then is None:
            return f"Threshold {now}."
        to, note = format_float32(then[label]), self.note(label)
        parts = [_sentence(note)] if note else []
        parts.append(f"Threshold {now}, kept." if to == now else f"Threshold {now} → {to}.")
        parts += [part for part in (self.plateau(label), self.expected(label)) if part]
        return " ".join(parts)

    def tooltip(self, column: Column, label: int) -> str:
        """More than the cell has room for."""
        if column is Column.LOCK:
            return TEXTS[column].meaning
        if column is Column.NAME:
            return self.labels[label]
        if column is Column.THRESHOLD:
            return f"{self.name(label)}: {self.detail(label)}"
        if column is Column.NOTE:
            return self.note(label)
        if column is Column.FLIPS:
            flips = self.flips_text(label)
            return f"{self.name(label)}: {flips} images change their decision" if flips else ""
        return f"{self.name(label)}: {self._said(column, label)}"


def format_interval(low: float, high: float) -> str:
    """Both ends in brackets after a space; "" where either is undefined."""
    return "" if math.isnan(low) or math.isnan(high) else f" [{format_rate(low)}–{format_rate(high)}]"


def _spoken(rate: float) -> str:
    return "undefined" if math.isnan(rate) else format_rate(rate, 4)


def _sentence(text: str) -> str:
    text = text[0].upper() + text[1:]
    return text if text.endswith((".", "!", "?")) else f"{text}."
