"""What the cells of the labels table say beyond their text: to a pointer that rests, and to a screen reader."""

from __future__ import annotations

import math
from typing import Final

from inference.types import POSITIVE, UNKNOWN, format_float32
from widgets.glyphs import OUTCOME_TEXT, TRUTH_TEXT
from widgets.labels_table.columns import COUNTS, FRACTIONS, MORE_RATES, QUALITY, RATES, TEXTS, Column
from widgets.labels_table.data import TableData
from widgets.numbers import UNDEFINED, format_correlation, format_count, format_rate, format_threshold

NOT_MEASURABLE: Final = "not measurable: no scored image has a known annotation of this label"
CONFIDENCE: Final = "90 %"  # of the intervals that the table is given
_NO_POSITIVES: Final = "no image is annotated positive"
_NO_NEGATIVES: Final = "no image is annotated negative"
_MISSING: Final = {
    Column.PRECISION: "no image is predicted",
    Column.RECALL: _NO_POSITIVES,
    Column.F1: "no image is predicted or annotated positive",
    Column.F_BETA: "no image is predicted or annotated positive",
    Column.SPECIFICITY: _NO_NEGATIVES,
    Column.MCC: "all images are predicted, or annotated, alike",
    Column.AVERAGE_PRECISION: _NO_POSITIVES,
    Column.ROC_AUC: "it takes positives and negatives",
}


def accessible_text(values: TableData, column: Column, label: int) -> str:
    """The cell as a screen reader says it, with the label's name."""
    name = values.name(label)
    if column is Column.NAME:
        return f"{name}, {_rates(values, label)}"
    if column is Column.THRESHOLD:
        off = "" if values.active else f", not used: {values.reason}"
        precision = values.rate_text(Column.PRECISION, label)
        return f"Threshold {name}, {values.threshold_text(label)}, precision {_said(precision)}{off}"
    if column is Column.SCORE:
        if values.image is None:
            return f"Score {name}, no image"
        return f"Score {name}, {values.score_text(label)}, {OUTCOME_TEXT[values.outcome(label)]}"
    if column in FRACTIONS:
        counts = values.fraction_text(column, label).replace("/", " of ")
        said = f"{TEXTS[column].name} {name}, {_said(values.rate_text(column, label))}, {counts}".rstrip(", ")
    else:
        said = f"{TEXTS[column].name} {name}, {_said(values.text(column, label))}"
    ends = values.interval(column, label) if column in RATES else None
    return said if ends is None else f"{said}, between {_ends(ends, 2).replace('–', 'and')}"


def truth_text(values: TableData, label: int) -> str:
    """What the annotation of the current image says, in words."""
    if values.image is None or not values.image.annotated:
        return "not annotated"
    truth = int(values.image.truth[label])
    if truth == UNKNOWN:
        return "annotated unknown"
    return "annotated positive" if truth == POSITIVE else "annotated negative"


def tooltip(values: TableData, column: Column, label: int) -> str:
    """More than the cell has room for."""
    if column is Column.NAME:
        extra = "" if values.measurable(label) else f"\n{NOT_MEASURABLE}"
        return values.labels[label] + extra
    if column is Column.THRESHOLD:
        return _threshold_tooltip(values, label)
    if column is Column.SCORE:
        return _score_tooltip(values, label)
    return _metric_tooltip(values, column, label)


def _rates(values: TableData, label: int) -> str:
    if not values.measurable(label):
        return NOT_MEASURABLE
    return ", ".join(f"{TEXTS[column].name} {_said(values.rate_text(column, label))}" for column in RATES)


def _threshold_tooltip(values: TableData, label: int) -> str:
    lines = [f"{values.name(label)}: threshold {format_float32(values.thresholds[label])}"]
    if not values.active:
        return f"{lines[0]}\n{values.reason}"
    plateau = values.plateau(label)
    if plateau is not None:
        lines.append(_plateau_text(*plateau))
    band = values.threshold_interval(label)
    if band is not None and values.threshold_intervals is not None:
        of = values.threshold_intervals
        low, high = (format_rate(end, 3) if 0 <= end <= 1 else format_threshold(end) for end in band)
        lines.append(
            f"Tuned on other images like these, it would lie between {low} and {high}"
            f" ({of.confidence:.0%} of {format_count(of.n_draws)} draws)."
        )
    return "\n".join(lines)


def _plateau_text(low: float, high: float) -> str:
    if math.isinf(low) and math.isinf(high):
        return "No threshold changes any decision."
    if math.isinf(low):
        return f"Nothing changes up to {format_float32(high)}: every image is predicted."
    if math.isinf(high):
        return f"Nothing changes above {format_float32(low)}: no image is predicted."
    return f"Nothing changes above {format_float32(low)} and up to {format_float32(high)}."


def _score_tooltip(values: TableData, label: int) -> str:
    if values.image is None:
        return "No image is chosen, or it is not scored yet."
    score = format_float32(values.image.scores[label])
    decision = "predicted" if values.image.predicted[label] else "not predicted"
    text = f"{values.name(label)}: score {score}, {decision}, {truth_text(values, label)}"
    return f"{text}\n{TRUTH_TEXT[int(values.image.truth[label])]}" if values.image.annotated else text


def _metric_tooltip(values: TableData, column: Column, label: int) -> str:
    if values.metrics is None:
        return "Measured as soon as images are scored."
    if not values.measurable(label):
        return NOT_MEASURABLE
    if (column in QUALITY and values.quality is None) or (column in MORE_RATES and values.rates is None):
        return "Being measured."
    lines = [f"{values.name(label)}: {_name(values, column)} {_long(values, column, label)}"]
    ends = values.interval(column, label) if column in RATES else None
    if ends is not None:
        few = "; with so few positives it says little" if values.few_positives(label) else ""
        lines.append(f"{CONFIDENCE} interval (Wilson): {_ends(ends, 3)}{few}")
    unknown = int(values.metrics.unknown[label])
    if unknown:
        lines.append(f"{format_count(unknown)} scored images left out: unknown under this label")
    return "\n".join(lines)


def _name(values: TableData, column: Column) -> str:
    name = TEXTS[column].name
    if column is Column.F_BETA and values.rates is not None:
        return f"F-beta with beta {values.rates.beta:g}"
    return name if column in (Column.F1, Column.MCC, Column.ROC_AUC) else name.lower()


def _long(values: TableData, column: Column, label: int) -> str:
    if column in COUNTS:
        return values.text(column, label)
    value = values.value(column, label)
    if math.isnan(value):
        return f"undefined: {_MISSING.get(column, 'no image is known')}"
    long = format_correlation(value, 4) if column is Column.MCC else format_rate(value, 4)
    if column is Column.CALIBRATION_ERROR and values.quality is not None:
        return f"{long} over {values.quality.n_bins} bins"
    return f"{long} = {values.fraction_text(column, label)}" if column in FRACTIONS else long


def _ends(ends: tuple[float, float], places: int) -> str:
    return f"{format_rate(ends[0], places)} – {format_rate(ends[1], places)}"


def _said(text: str) -> str:
    return "undefined" if text == UNDEFINED else text
