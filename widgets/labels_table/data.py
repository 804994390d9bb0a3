"""What the labels table knows, label by label, and how each cell reads: numpy arrays, no Qt."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from inference.types import (
    BoolArray,
    FloatArray,
    ImageScores,
    Intervals,
    LabelMetrics,
    LabelQuality,
    LabelRates,
    Outcome,
    ScoreArray,
    StateArray,
    ThresholdIntervals,
)
from widgets.labels_table.columns import COUNTS, FRACTIONS, MORE_RATES, QUALITY, Column
from widgets.labels_table.ordering import name_ranks
from widgets.numbers import (
    UNDEFINED,
    format_correlation,
    format_count,
    format_fraction,
    format_rate,
    format_score,
    format_threshold,
)

FEW_POSITIVES: Final = 5  # below it intervals say little more than that nothing is known
_ATTRIBUTES: Final = {column: column.name.lower() for column in Column}


class TableData:
    """The state of the table in the order of the model's labels. Text is made cell by cell, when it is asked for."""

    def __init__(self) -> None:
        self.labels: tuple[str, ...] = ()
        self.folded: tuple[str, ...] = ()
        self.active = True
        self.reason = ""
        self.thresholds: ScoreArray = np.zeros(0, dtype=np.float32)
        self._forget()

    def _forget(self) -> None:
        self.metrics: LabelMetrics | None = None
        self.intervals: Intervals | None = None
        self._ends: dict[Column, tuple[FloatArray, FloatArray]] = {}
        self.rates: LabelRates | None = None
        self.quality: LabelQuality | None = None
        self.threshold_intervals: ThresholdIntervals | None = None
        self.plateau_of = (-1, 0.0, 0.0)  # thresholds in (low, high] of this label decide alike; -1 for none
        self._ranks: NDArray[np.int64] | None = None
        self._set_measured(None)
        self.set_image(None)

    def set_labels(self, labels: Sequence[str]) -> None:
        """New labels; everything known of the old ones is forgotten."""
        self.labels = tuple(labels)
        self.folded = tuple(label.casefold() for label in self.labels)
        self.thresholds = np.full(len(self.labels), 0.5, dtype=np.float32)
        self._forget()

    def set_image(self, image: ImageScores | None) -> None:
        """The current image's scores; its outcomes are worked out once."""
        self.image = image
        self._outcomes: StateArray | None = None if image is None else image.outcomes

    def set_metrics(self, metrics: LabelMetrics | None) -> None:
        """Counts and rates of every label."""
        self.metrics = metrics
        self._set_measured(metrics)

    def _set_measured(self, metrics: LabelMetrics | None) -> None:
        self._unmeasurable: BoolArray | None = None
        self._few: BoolArray | None = None
        if metrics is not None:
            self._unmeasurable = (metrics.tp | metrics.fp | metrics.fn | metrics.tn) == 0
            self._few = metrics.tp + metrics.fn < FEW_POSITIVES

    def set_intervals(self, intervals: Intervals | None) -> None:
        """Intervals of precision, recall and F1 of every label."""
        self.intervals = intervals
        self._ends = {} if intervals is None else _ends_of(intervals)

    def plateau(self, label: int) -> tuple[float, float] | None:
        """The label's plateau, None unless its threshold lies in it."""
        of, low, high = self.plateau_of
        return (low, high) if of == label and low <= float(self.thresholds[label]) <= high else None

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
        source = self._source(column)
        if source is None:
            return self._undefined()
        values: NDArray[Any] = getattr(source, _ATTRIBUTES[column])
        return values

    def _source(self, column: Column) -> LabelMetrics | LabelRates | LabelQuality | None:
        if column in MORE_RATES:
            return self.rates
        return self.quality if column in QUALITY else self.metrics

    def _undefined(self) -> NDArray[np.float64]:
        return np.full(len(self.labels), np.nan)

    def value(self, column: Column, label: int) -> float:
        """A rate, NaN where it is undefined or not known yet."""
        source = self._source(column)
        return math.nan if source is None else float(getattr(source, _ATTRIBUTES[column])[label])

    def measurable(self, label: int) -> bool:
        """False where no scored image has a known annotation of the label."""
        return self._unmeasurable is None or not self._unmeasurable[label]

    def interval(self, column: Column, label: int) -> tuple[float, float] | None:
        """The ends of the interval of precision, recall or F1; None where it is undefined or not known."""
        ends = self._ends.get(column)
        if ends is None:
            return None
        low, high = float(ends[0][label]), float(ends[1][label])
        return None if math.isnan(low) else (low, high)

    def threshold_interval(self, label: int) -> tuple[float, float] | None:
        """Where tuning on other images would put the threshold, None where that is not known."""
        if self.threshold_intervals is None:
            return None
        ends = float(self.threshold_intervals.low[label]), float(self.threshold_intervals.high[label])
        return None if math.isnan(ends[0]) or math.isnan(ends[1]) else ends

    def few_positives(self, label: int) -> bool:
        """Whether there are too few positives for an interval to say much."""
        return self._few is not None and bool(self._few[label])

    # How cells read

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
        compared = self.image.rule.uses_thresholds
        return format_score(float(self.image.scores[label]), float(self.image.thresholds[label]) if compared else None)

    def rate_text(self, column: Column, label: int) -> str:
        """A rate to two places, a score of quality to three."""
        value = self.value(column, label)
        if column in QUALITY:
            return format_rate(value, 3)
        return format_correlation(value) if column is Column.MCC else format_rate(value)

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
        if column in FRACTIONS:
            return f"{self.rate_text(column, label)} {self.fraction_text(column, label)}".rstrip()
        return self.rate_text(column, label)

    def outcome(self, label: int) -> Outcome:
        """What became of the current image under the label; UNKNOWN without an image."""
        return Outcome.UNKNOWN if self._outcomes is None else Outcome(int(self._outcomes[label]))


def _ends_of(intervals: Intervals) -> dict[Column, tuple[FloatArray, FloatArray]]:
    return {
        Column.PRECISION: (intervals.precision_low, intervals.precision_high),
        Column.RECALL: (intervals.recall_low, intervals.recall_high),
        Column.F1: (intervals.f1_low, intervals.f1_high),
    }
