"""What the comparison says of each label and on average, as numbers and as words. Plain numpy, no Qt."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import Final

import numpy as np

from inference.types import Alternative, BoolArray, Comparison, FloatArray, IntArray, Rates
from widgets.numbers import UNDEFINED, format_count, format_rate, format_threshold
from widgets.tables.columns import ColumnText
from widgets.tuning.values import signed


class Home(IntEnum):
    """The column that stays in sight; the others depend on what is compared."""

    NAME = 0


class Field(IntEnum):
    """What is said of each alternative, from left to right."""

    THRESHOLD = 0
    PRECISION = 1
    RECALL = 2
    F1 = 3
    PREDICTED = 4
    CHANGED = 5


RATES: Final = (Field.PRECISION, Field.RECALL, Field.F1)
KINDS: Final = ("micro", "macro", "weighted", "samples")
TEXTS: Final = {
    Field.THRESHOLD: ColumnText("Threshold", "Threshold", "the score at or above which the label is predicted"),
    Field.PRECISION: ColumnText("P", "Precision", "share of the predicted images that are annotated positive"),
    Field.RECALL: ColumnText("R", "Recall", "share of the annotated positive images that are predicted"),
    Field.F1: ColumnText("F1", "F1", "harmonic mean of precision and recall"),
    Field.PREDICTED: ColumnText("Pred.", "Predicted", "scored images that the label is predicted on"),
    Field.CHANGED: ColumnText("Other", "Decided otherwise", "images decided otherwise than in the first group"),
}
NAME_TEXT: Final = ColumnText("Label", "Label", "a click chooses the label; sort here for the order of the names")


class CompareRows:
    """One row a label, one group of columns an alternative; the others are compared with the first."""

    def __init__(self) -> None:
        self.labels: tuple[str, ...] = ()
        self.folded: tuple[str, ...] = ()
        self.comparison: Comparison | None = None
        self.columns: tuple[tuple[int, Field], ...] = ()  # of each column after the name
        self._values: dict[tuple[int, Field], FloatArray] = {}
        self._differences: dict[tuple[int, Field], FloatArray] = {}
        self.changed_images: tuple[int, ...] = ()  # of each alternative, under any label

    def set_labels(self, labels: Sequence[str]) -> None:
        """Other labels; the old ones' comparison is forgotten."""
        self.labels = tuple(labels)
        self.folded = tuple(name.casefold() for name in labels)
        self.set_comparison(None)

    def set_comparison(self, comparison: Comparison | None) -> None:
        """Other numbers. More or fewer labels than there are is a programming error."""
        groups = () if comparison is None else comparison.alternatives
        if any(len(group.thresholds) != len(self.labels) for group in groups):
            raise ValueError(f"a comparison of other labels than the {len(self.labels)} there are")
        self.comparison = comparison
        fields = tuple(Field)
        self.columns = tuple((at, field) for at in range(len(groups)) for field in (fields if at else fields[:-1]))
        self._values = {column: self._column(*column) for column in self.columns}
        compared = (column for column in self.columns if column[0] and column[1] is not Field.CHANGED)
        self._differences = {column: self._less_first(*column) for column in compared}
        self.changed_images = tuple(
            0 if comparison is None else len(comparison.changed_images(at)) for at in range(len(groups))
        )

    @property
    def groups(self) -> tuple[Alternative, ...]:
        """The alternatives, from left to right."""
        return () if self.comparison is None else self.comparison.alternatives

    # Numbers

    def _column(self, at: int, field: Field) -> FloatArray:
        assert self.comparison is not None
        group = self.groups[at]
        if field is Field.THRESHOLD:
            return np.asarray(group.thresholds.values, dtype=np.float64)
        if field is Field.PREDICTED:
            return np.asarray(group.predicted, dtype=np.float64)
        if field is Field.CHANGED:
            return np.asarray(self.comparison.changed(at), dtype=np.float64)
        return np.asarray(getattr(group.metrics, field.name.lower()), dtype=np.float64)

    def values(self, column: int) -> FloatArray:
        """What a column sorts by, (c,)."""
        return self._values[self.columns[column - 1]]

    def _less_first(self, at: int, field: Field) -> FloatArray:
        """A group's numbers less the first one's, (c,); NaN where either is undefined."""
        first = self._values[0, field]
        with np.errstate(invalid="ignore"):  # thresholds may be infinite
            return np.where(self._values[at, field] == first, 0.0, self._values[at, field] - first)

    def differs(self) -> BoolArray:
        """The labels that any alternative treats otherwise than the first: threshold, decisions or rates, (c,)."""
        found = np.zeros(len(self.labels), dtype=bool)
        for at in range(1, len(self.groups)):
            found |= self._values[at, Field.CHANGED] > 0
            for field in (Field.THRESHOLD, *RATES):
                first, other = self._values[0, field], self._values[at, field]
                found |= ~((first == other) | (np.isnan(first) & np.isnan(other)))
        return found

    def biggest_first(self) -> IntArray:
        """Labels by their biggest difference in F1, then by the images decided otherwise, then as in the model."""
        f1, changed = np.zeros(len(self.labels)), np.zeros(len(self.labels))
        for at in range(1, len(self.groups)):
            f1 = np.maximum(f1, np.nan_to_num(np.abs(self._differences[at, Field.F1])))
            changed = np.maximum(changed, self._values[at, Field.CHANGED])
        return np.lexsort((np.arange(len(self.labels)), -changed, -f1)).astype(np.int64)

    # Words

    def name(self, label: int) -> str:
        """The label in one line."""
        return " ".join(self.labels[label].split()) or f"(label {label + 1})"

    def text(self, column: int, label: int) -> str:
        """A cell without its difference."""
        at, field = self.columns[column - 1]
        value = self._values[at, field][label]
        if field is Field.THRESHOLD:
            return format_threshold(self.groups[at].thresholds.values[label])
        return format_rate(float(value)) if field in RATES else format_count(int(value))

    def difference(self, column: int, label: int) -> tuple[str, int]:
        """The difference to the first group, with its sign in words and as -1, 0 or 1; "" where none is to be said."""
        at, field = self.columns[column - 1]
        if at == 0 or field is Field.CHANGED:
            return "", 0
        return _said(float(self._differences[at, field][label]), field)

    def tooltip(self, column: int, label: int) -> str:
        """A cell in full."""
        at, field = self.columns[column - 1]
        group, text = self.groups[at], self.text(column, label)
        said = f"{self.name(label)}, {group.name}: {TEXTS[field].name.lower()} {text}"
        if field is Field.CHANGED:
            return f"{said}" + (". Click to show these images." if text != "0" else ".")
        if field in (Field.PRECISION, Field.RECALL):
            below = group.metrics.predicted if field is Field.PRECISION else group.metrics.support
            said += f" ({format_count(int(group.metrics.tp[label]))}/{format_count(int(below[label]))})"
        difference, _ = self.difference(column, label)
        return f"{said}, {difference} against {self.groups[0].name}." if difference else f"{said}."

    # The averages

    def foot(self, kind: str, column: int) -> tuple[str, str, int]:
        """A cell of the averages: its text, the difference to the first group and its sign."""
        at, field = self.columns[column - 1]
        if field in RATES:
            value, first = (_rate(self.groups[place], kind, field) for place in (at, 0))
            return (format_rate(value), *(_said(value - first, field) if at else ("", 0)))
        if kind != "micro" or field is Field.THRESHOLD:
            return "", "", 0
        if field is Field.CHANGED:
            return format_count(self.changed_images[at]), "", 0
        total, before = (int(self._values[place, field].sum()) for place in (at, 0))
        return (format_count(total), *(_said(float(total - before), field) if at else ("", 0)))

    def table(self, order: IntArray) -> str:
        """Everything as text, tab-separated: two header lines, the labels in ``order``, the averages."""
        heads = [f"{self.groups[at].name}: {TEXTS[field].name}" for at, field in self.columns]
        places = range(1, len(self.columns) + 1)
        rows = ([self.name(label), *(self._plain(column, label) for column in places)] for label in order.tolist())
        lines = [["Label", *heads], *rows]
        for kind in KINDS:
            cells = (self.foot(kind, column)[0] for column in places)
            lines.append([f"{kind} average", *("" if cell == UNDEFINED else cell.replace(",", "") for cell in cells)])
        return "\n".join("\t".join(line) for line in lines) + "\n"

    def _plain(self, column: int, label: int) -> str:
        """A cell for other programs: rates with all digits, nothing where undefined."""
        at, field = self.columns[column - 1]
        value = float(self._values[at, field][label])
        if field is Field.THRESHOLD:
            return self.text(column, label)
        if np.isnan(value):
            return ""
        return f"{value:.6f}" if field in RATES else str(int(value))


def _rate(group: Alternative, kind: str, field: Field) -> float:
    rates: Rates = getattr(group.averages, kind)
    return float(getattr(rates, field.name.lower()))


def _said(change: float, field: Field) -> tuple[str, int]:
    if np.isnan(change):
        return "", 0
    sign = int(change > 0) - int(change < 0)
    if field is Field.PREDICTED and change:
        return ("+" if change > 0 else "\N{MINUS SIGN}") + format_count(int(abs(change))), sign
    return signed(change), sign
