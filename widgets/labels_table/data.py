"""What the labels table knows, label by label, and how each cell reads: numpy arrays, no Qt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from inference.types import (
    POSITIVE,
    UNKNOWN,
    DecisionRule,
    ImageScores,
    LabelMetrics,
    Outcome,
    ScoreArray,
    StateArray,
    format_float32,
)
from widgets.glyphs import OUTCOME_TEXT, TRUTH_TEXT
from widgets.labels_table.columns import COUNTS, TEXTS, Column
from widgets.labels_table.ordering import name_ranks
from widgets.numbers import UNDEFINED, format_count, format_fraction, format_rate, format_score, format_threshold

NOT_MEASURABLE: Final = "not measurable: no scored image has a known annotation of this label"
_RATES: Final = (Column.PRECISION, Column.RECALL, Column.F1)


class TableData:
    """The state of the table in the order of the model's labels. Text is made cell by cell, when it is asked for."""

    def __init__(self) -> None:
        self.labels: tuple[str, ...] = ()
        self.folded: tuple[str, ...] = ()
        self.thresholds: ScoreArray = np.zeros(0, dtype=np.float32)
        self.metrics: LabelMetrics | None = None
        self.image: ImageScores | None = None
        self._outcomes: StateArray | None = None
        self.active = True
        self.reason = ""
        self._ranks: NDArray[np.int64] | None = None

    def set_labels(self, labels: Sequence[str]) -> None:
        """New labels; everything known of the old ones is forgotten."""
        self.labels = tuple(labels)
        self.folded = tuple(label.casefold() for label in self.labels)
        self.thresholds = np.full(len(self.labels), 0.5, dtype=np.float32)
        self.metrics = None
        self.set_image(None)
        self._ranks = None

    def set_image(self, image: ImageScores | None) -> None:
        """The current image's scores; its outcomes are worked out once."""
        self.image = image
        self._outcomes = None if image is None else image.outcomes

    def values(self, column: Column) -> NDArray[Any]:
        """What the column sorts by, (c,); NaN where undefined."""
        if column is Column.NAME:
            if self._ranks is None:
                self._ranks = name_ranks(self.labels)
            return self._ranks
        if column is Column.THRESHOLD:
            return self.thresholds
        if column is Column.SCORE:
            return self._undefined() if self.image is None else self.image.scores
        if self.metrics is None:
            return self._undefined()
        values: NDArray[Any] = getattr(self.metrics, column.name.lower())
        return values

    def _undefined(self) -> NDArray[np.float64]:
        return np.full(len(self.labels), np.nan)

    def measurable(self, label: int) -> bool:
        """False where no scored image has a known annotation of the label."""
        m = self.metrics
        return m is None or bool(m.tp[label] or m.fp[label] or m.fn[label] or m.tn[label])

    def name(self, label: int) -> str:
        """The label's name on one line; a nameless one is called by its number."""
        return " ".join(self.labels[label].split()) or f"(label {label + 1} has no name)"

    def threshold_text(self, label: int) -> str:
        """The exact threshold."""
        return format_threshold(self.thresholds[label])

    def score_text(self, label: int) -> str:
        """The score of the current image, on the right side of its threshold."""
        if self.image is None:
            return UNDEFINED
        compared = self.image.rule is not DecisionRule.ARGMAX
        return format_score(float(self.image.scores[label]), float(self.image.thresholds[label]) if compared else None)

    def rate_text(self, column: Column, label: int) -> str:
        """Precision, recall or F1 to two places."""
        if self.metrics is None:
            return UNDEFINED
        return format_rate(float(self.values(column)[label]))

    def fraction_text(self, column: Column, label: int) -> str:
        """The counts behind precision or recall, as in 18/22; empty before there are any."""
        m = self.metrics
        if m is None:
            return ""
        hits = int(m.tp[label])
        others = m.fp if column is Column.PRECISION else m.fn
        return format_fraction(hits, hits + int(others[label]))

    def count_text(self, column: Column, label: int) -> str:
        """One of the counts."""
        return UNDEFINED if self.metrics is None else format_count(int(self.values(column)[label]))

    def text(self, column: Column, label: int) -> str:
        """The whole cell as plain text."""
        if column is Column.NAME:
            return self.name(label)
        if column is Column.THRESHOLD:
            return self.threshold_text(label)
        if column is Column.SCORE:
            return self.score_text(label)
        if column in COUNTS:
            return self.count_text(column, label)
        if column is Column.F1:
            return self.rate_text(column, label)
        return f"{self.rate_text(column, label)} {self.fraction_text(column, label)}".rstrip()

    def outcome(self, label: int) -> Outcome:
        """What became of the current image under the label; UNKNOWN without an image."""
        return Outcome.UNKNOWN if self._outcomes is None else Outcome(int(self._outcomes[label]))

    def truth_text(self, label: int) -> str:
        """What the annotation of the current image says, in words."""
        if self.image is None or not self.image.annotated:
            return "not annotated"
        truth = int(self.image.truth[label])
        if truth == UNKNOWN:
            return "annotated unknown"
        return "annotated positive" if truth == POSITIVE else "annotated negative"

    def accessible_text(self, column: Column, label: int) -> str:
        """The cell as a screen reader says it, with the label's name."""
        name = self.name(label)
        if column is Column.NAME:
            return f"{name}, {self._accessible_rates(label)}"
        if column is Column.THRESHOLD:
            off = "" if self.active else f", not used: {self.reason}"
            precision = self.rate_text(Column.PRECISION, label)
            return f"Threshold {name}, {self.threshold_text(label)}, precision {_said(precision)}{off}"
        if column is Column.SCORE:
            if self.image is None:
                return f"Score {name}, no image"
            return f"Score {name}, {self.score_text(label)}, {OUTCOME_TEXT[self.outcome(label)]}"
        if column in (Column.PRECISION, Column.RECALL):
            counts = self.fraction_text(column, label).replace("/", " of ")
            return f"{TEXTS[column].name} {name}, {_said(self.rate_text(column, label))}, {counts}".rstrip(", ")
        return f"{TEXTS[column].name} {name}, {_said(self.text(column, label))}"

    def _accessible_rates(self, label: int) -> str:
        if not self.measurable(label):
            return NOT_MEASURABLE
        return ", ".join(f"{TEXTS[column].name} {_said(self.rate_text(column, label))}" for column in _RATES)

    def tooltip(self, column: Column, label: int) -> str:
        """More than the cell has room for."""
        if column is Column.NAME:
            extra = "" if self.measurable(label) else f"\n{NOT_MEASURABLE}"
            return self.labels[label] + extra
        if column is Column.THRESHOLD:
            return self._threshold_tooltip(label)
        if column is Column.SCORE:
            return self._score_tooltip(label)
        return self._metric_tooltip(column, label)

    def _threshold_tooltip(self, label: int) -> str:
        text = f"{self.name(label)}: threshold {format_float32(self.thresholds[label])}"
        return f"{text}\n{self.reason}" if not self.active else text

    def _score_tooltip(self, label: int) -> str:
        if self.image is None:
            return "No image is chosen, or it is not scored yet."
        score = format_float32(self.image.scores[label])
        decision = "predicted" if self.image.predicted[label] else "not predicted"
        text = f"{self.name(label)}: score {score}, {decision}, {self.truth_text(label)}"
        return f"{text}\n{TRUTH_TEXT[int(self.image.truth[label])]}" if self.image.annotated else text

    def _metric_tooltip(self, column: Column, label: int) -> str:
        if self.metrics is None:
            return "Measured as soon as images are scored."
        if not self.measurable(label):
            return NOT_MEASURABLE
        text = f"{self.name(label)}: {TEXTS[column].name.lower()} {self._long(column, label)}"
        unknown = int(self.metrics.unknown[label])
        if unknown:
            text += f"\n{format_count(unknown)} scored images left out: unknown under this label"
        return text

    def _long(self, column: Column, label: int) -> str:
        if column in COUNTS:
            return self.text(column, label)
        if column is Column.F1:
            return format_rate(float(self.values(column)[label]), 4)
        fraction = self.fraction_text(column, label)
        if not np.isnan(self.values(column)[label]):
            return f"{format_rate(float(self.values(column)[label]), 4)} = {fraction}"
        missing = "predicted" if column is Column.PRECISION else "annotated positive"
        return f"undefined: no image is {missing}"


def _said(text: str) -> str:
    return "undefined" if text == UNDEFINED else text
