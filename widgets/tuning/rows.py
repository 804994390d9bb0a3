"""How each cell of the tuning table reads, and the sentences about a label."""

from __future__ import annotations

import math
from typing import Final

from inference.types import LabelStatus, format_float32
from widgets.numbers import format_count, format_rate, format_threshold
from widgets.tuning.columns import RATES, TEXTS, Column
from widgets.tuning.objectives import sentence_of
from widgets.tuning.values import MINUS, TuningValues

_STATUS: Final = {
    LabelStatus.TUNED: "",
    LabelStatus.LOCKED: "locked",
    LabelStatus.TOO_FEW: "too few positives",
    LabelStatus.UNREACHABLE: "out of reach",
    LabelStatus.ABSTAINED: "no promise possible",
}
WARNED: Final = (LabelStatus.UNREACHABLE, LabelStatus.ABSTAINED)


class TuningRows(TuningValues):
    """Text is made cell by cell, when asked for."""

    def name(self, label: int) -> str:
        """The label's name on one line; a nameless one is called by its number."""
        return " ".join(self.labels[label].split()) or f"(label {label + 1})"

    def now_text(self, label: int) -> str:
        """The exact threshold in force."""
        return format_threshold(self.current[label])

    def then_text(self, label: int) -> str:
        """The exact proposed threshold; "" without a proposal."""
        return "" if self.proposed is None else format_threshold(self.proposed[label])

    def interval_text(self, label: int) -> str:
        """Where tuning puts the threshold, "0.31–0.44"; "" where that is not known."""
        if self.intervals is None or self.status(label) is not LabelStatus.TUNED:
            return ""
        low, high = (float(end[label]) for end in (self.intervals.low, self.intervals.high))
        return f"{_end(low)}–{_end(high)}"

    def bias_texts(self, label: int) -> tuple[str, str]:
        """The bias in force and the proposed one, "" for that without a proposal."""
        count = len(self.labels)
        now = _bias(float(self.scheme.shifts(count)[label]))
        return now, "" if self.proposal is None else _bias(float(self.after.shifts(count)[label]))

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

    def spread(self, label: int) -> str:
        """Where tuning puts the threshold, a sentence; "" where that is not known."""
        text = self.interval_text(label)
        if not text or self.intervals is None:
            return ""
        share = f"{self.intervals.confidence * 100:.3g} %"
        return f"With images drawn anew it falls in {text} ({share})."

    def by_formula(self, label: int) -> str:
        """The threshold that the costs mean for true probabilities, a sentence; "" without costs."""
        value = self.formula(label)
        if math.isnan(value):
            return ""
        if self.scheme.calibration is None:
            return f"By formula {value:.3g}, were the scores calibrated: they are not now."
        return f"By formula {value:.3g}, as the scores are calibrated."

    def text(self, column: Column, label: int) -> str:
        """The whole cell as plain text."""
        if column is Column.GOAL:
            return self.goal_text(label)
        if column is Column.INTERVAL:
            return self.interval_text(label)
        if column is Column.FORMULA:
            return format_rate(self.formula(label)) if not math.isnan(self.formula(label)) else ""
        if column is Column.BIAS:
            now, then = self.bias_texts(label)
            return now if then in ("", now) else f"{now} → {then}"
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
        note = self.note(label) if self.proposal is not None else ""
        parts = [_sentence(note)] if note else []
        if label in self.goals:
            parts.append(f"Its own goal: {self.goal_text(label)}.")
        if self.after.rule.uses_thresholds:
            parts += self._threshold_sentences(label)
        else:
            now, then = self.bias_texts(label)
            kept = ", kept" if then else ""
            parts.append(f"Bias {now} → {then}." if then not in ("", now) else f"Bias {now}{kept}.")
        parts.append(self.expected(label))
        return " ".join(part for part in parts if part)

    def _threshold_sentences(self, label: int) -> tuple[str, ...]:
        now, then = format_float32(self.current[label]), self.proposed
        if then is None:
            return (f"Threshold {now}.",)
        to = format_float32(then[label])
        moves = f"Threshold {now}, kept." if to == now else f"Threshold {now} → {to}."
        return moves, self.spread(label), self.by_formula(label), self.plateau(label)

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
        if column is Column.GOAL:
            goal = self.goals.get(label)
            return TEXTS[column].meaning if goal is None else sentence_of(goal)
        if column in (Column.INTERVAL, Column.FORMULA, Column.BIAS):
            said = {Column.INTERVAL: self.spread, Column.FORMULA: self.by_formula, Column.BIAS: self.detail}[column]
            return f"{self.name(label)}: {said(label)}"
        if column is Column.FLIPS:
            flips = self.flips_text(label)
            return f"{self.name(label)}: {flips} images change their decision" if flips else ""
        return f"{self.name(label)}: {self._said(column, label)}"


def format_interval(low: float, high: float) -> str:
    """Both ends in brackets after a space; "" where either is undefined."""
    return "" if math.isnan(low) or math.isnan(high) else f" [{format_rate(low)}–{format_rate(high)}]"


def _end(value: float) -> str:
    return format_rate(value) if math.isfinite(value) else "none" if value > 0 else "all"


def _bias(value: float) -> str:
    size = f"{abs(value):.2f}"
    if abs(value) >= 0.0005 and size == "0.00":
        size = f"{abs(value):.3f}"  # a small one is not none
    return f"{MINUS if value < 0 and float(size) else ''}{size}"


def _spoken(rate: float) -> str:
    return "undefined" if math.isnan(rate) else format_rate(rate, 4)


def _sentence(text: str) -> str:
    text = text[0].upper() + text[1:]
    return text if text.endswith((".", "!", "?")) else f"{text}."
