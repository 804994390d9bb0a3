"""What the annotating table says of each label: texts, tool tips, and numbers to sort by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from inference.types import (
    NEGATIVE,
    POSITIVE,
    UNKNOWN,
    UNSAID,
    BoolArray,
    FloatArray,
    IntArray,
    Outcome,
    ScoreArray,
    StatementArray,
    Task,
    outcomes,
)
from inference.types.annotating_view import MIXED, AnnotateLabel
from widgets.annotate.columns import TEXTS, Column
from widgets.glyphs import OUTCOME_TEXT
from widgets.labels_table.ordering import name_ranks
from widgets.numbers import UNDEFINED, format_score

NO_OUTPUT: Final = "no output"
NO_OUTPUT_SHORT: Final = "none"
SAID_TEXT: Final = {
    POSITIVE: "positive",
    NEGATIVE: "negative",
    UNKNOWN: "unknown",
    UNSAID: "nothing said",
    MIXED: "not the same for all images",
}
_SAID_ORDER: Final = {POSITIVE: 0, MIXED: 1, NEGATIVE: 2, UNKNOWN: 3, UNSAID: 4}


class AnnotateRows:
    """Plain values; whoever changes them tells the view. A label is a place in ``labels``, not the project's id."""

    def __init__(self) -> None:
        self.entries: tuple[AnnotateLabel, ...] = ()
        self.labels: tuple[str, ...] = ()
        self.folded: tuple[str, ...] = ()
        self.statements: StatementArray = np.zeros(0, dtype=np.int8)
        self.scores: ScoreArray = np.zeros(0, dtype=np.float32)  # NaN where there is none
        self.predicted: BoolArray = np.zeros(0, dtype=np.bool_)
        self.use: IntArray = np.zeros(0, dtype=np.int64)  # images with a statement
        self.task = Task.MULTILABEL
        self.read_only = False
        self._has_output: BoolArray = np.zeros(0, dtype=np.bool_)
        self._places: dict[int, int] = {}

    def take(self, entries: Sequence[AnnotateLabel]) -> None:
        """The labels that ``set_labels`` is about to be told of."""
        self.entries = tuple(entries)
        self._has_output = np.array([entry.has_output for entry in entries], dtype=np.bool_)
        self._places = {entry.id: place for place, entry in enumerate(entries)}

    def set_labels(self, labels: Sequence[str]) -> None:
        """Start over: nothing said, no score."""
        self.labels = tuple(labels)
        self.folded = tuple(label.casefold() for label in labels)
        self.statements = np.full(len(labels), UNSAID, dtype=np.int8)
        self.scores = np.full(len(labels), np.nan, dtype=np.float32)
        self.predicted = np.zeros(len(labels), dtype=np.bool_)
        self.use = np.zeros(len(labels), dtype=np.int64)

    def place_of(self, label_id: int) -> int:
        """Where a label of the project stands, -1 where it is no row."""
        return self._places.get(label_id, -1)

    def said(self, label: int) -> int:
        """The statement under a label."""
        return int(self.statements[label])

    def name(self, label: int) -> str:
        """In one line."""
        return " ".join(self.labels[label].split()) or f"(label {label + 1})"

    def score_text(self, label: int) -> str:
        """The score to three places, or why there is none."""
        return format_score(float(self.scores[label])) if self.entries[label].has_output else NO_OUTPUT

    def has_score(self, label: int) -> bool:
        """Whether the model said something of the image."""
        return self.entries[label].has_output and not bool(np.isnan(self.scores[label]))

    def outcome(self, label: int) -> Outcome | None:
        """What became of the image under the label; None without a score or while nobody said anything."""
        said = self.said(label)
        if not self.has_score(label) or said in (UNSAID, MIXED):
            return None
        return Outcome(int(outcomes(self.predicted[label : label + 1], self.statements[label : label + 1])[0]))

    def differs(self) -> int:
        """Under how many labels the decision is not what was said."""
        positive = self.statements == POSITIVE
        known = (positive | (self.statements == NEGATIVE)) & self._has_output & ~np.isnan(self.scores)
        return int((known & (self.predicted != positive)).sum())

    # Texts

    def text(self, column: Column, label: int) -> str:
        """A cell in full, for copies and readers."""
        if column is Column.KEY:
            return self.entries[label].key
        if column is Column.NAME:
            return self.name(label)
        return SAID_TEXT[self.said(label)] if column is Column.SAID else self.score_text(label)

    def tooltip(self, column: Column, label: int) -> str:
        """The cell in words."""
        if column is Column.SAID:
            return f"{self.name(label)}: {SAID_TEXT[self.said(label)]}.\n{TEXTS[column].meaning}"
        if column is Column.SCORE:
            return self._score_words(label)
        return f"{self.name(label)}\n{TEXTS[column].meaning}"

    def _score_words(self, label: int) -> str:
        if not self.entries[label].has_output:
            return "The model has no output for this label. It is annotated all the same."
        if not self.has_score(label):
            return "No score yet, or several images are in hand."
        outcome = self.outcome(label)
        decided = "predicted" if self.predicted[label] else "not predicted"
        words = OUTCOME_TEXT[outcome] if outcome is not None else f"{decided}; nobody said whether the label is there"
        return f"Score {self.score_text(label)}.\n{words}."

    def accessible_text(self, column: Column, label: int) -> str:
        """The cell as it is read aloud; the annotation's also has the decision, for it is where keys work."""
        name = self.name(label)
        if column is Column.NAME:
            return name
        if column is Column.KEY:
            return f"{name}, key {self.entries[label].key or 'none'}"
        if column is Column.SAID:
            decision = ""
            if self.has_score(label):
                decision = ", predicted" if self.predicted[label] else ", not predicted"
            return f"{name}: {SAID_TEXT[self.said(label)]}{decision}"
        text = self.score_text(label)
        return f"{name}, score {'unknown' if text == UNDEFINED else text}"

    # Order

    def values(self, column: Column) -> FloatArray:
        """What to sort by; NaN goes last."""
        if column is Column.NAME:
            return name_ranks(self.labels).astype(np.float64)
        if column is Column.SCORE:
            return self.scores.astype(np.float64)
        if column is Column.SAID:
            return np.array([-_SAID_ORDER[int(value)] for value in self.statements], dtype=np.float64)
        return np.array([_key_rank(entry.key) for entry in self.entries], dtype=np.float64)


def _key_rank(key: str) -> float:
    """Digits as they lie on the keyboard, then letters, then labels without a key."""
    if not key:
        return float("nan")
    return float("1234567890".index(key)) if key in "1234567890" else 10.0 + ord(key[0])
