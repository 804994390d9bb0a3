"""The model of the annotating table."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QObject

from inference.types import UNSAID, BoolArray, IntArray, ScoreArray, StatementArray, Task
from inference.types.annotating_view import AnnotateLabel
from widgets.annotate.columns import TEXTS, Column
from widgets.annotate.rows import AnnotateRows
from widgets.tables.text_model import TextModel


class AnnotateModel(TextModel[Column]):
    """Setters take whole values; only rows that change are repainted."""

    def __init__(self, parent: QObject | None = None) -> None:
        self.rows = AnnotateRows()
        super().__init__(TEXTS, self.rows, parent)
        self._expected: set[Column] = set()  # columns that another image is about to fill anew

    # What is known

    def set_entries(self, entries: Sequence[AnnotateLabel]) -> None:
        """Start over with other labels; the order that the user chose stays."""
        sort, descending = self.sort_column, self.descending
        self.rows.take(entries)
        self.set_labels([entry.name for entry in entries])
        if sort is not None:
            self.sort_by(sort, descending=descending)

    def expect_image(self) -> None:
        """Another image comes: rows sorted by what it says take their new places, once."""
        self._expected = {Column.SAID, Column.SCORE}

    def blank(self) -> None:
        """No image: nothing said, no score."""
        rows = len(self.rows.labels)
        self.rows.statements = np.full(rows, UNSAID, dtype=np.int8)
        self.rows.scores = np.full(rows, np.nan, dtype=np.float32)
        self._tell()

    def _came(self, column: Column) -> None:
        if column in self._expected:
            self._expected.discard(column)
            if column is self.sort_column:
                self.settle()

    def set_statements(self, values: StatementArray) -> None:
        """What is said under each label; rows keep their places until another image comes."""
        self._check(len(values), "statements")
        changed = np.flatnonzero(self.rows.statements != values)
        self.rows.statements = np.array(values, dtype=np.int8)
        self._came(Column.SAID)
        self._tell_of(changed)

    def set_scores(self, scores: ScoreArray, predicted: BoolArray) -> None:
        """Scores and decisions."""
        self._check(len(scores), "scores")
        self._check(len(predicted), "decisions")
        changed = ~((self.rows.scores == scores) | (np.isnan(self.rows.scores) & np.isnan(scores)))
        changed |= self.rows.predicted != predicted
        self.rows.scores = np.array(scores, dtype=np.float32)
        self.rows.predicted = np.array(predicted, dtype=np.bool_)
        self._came(Column.SCORE)
        self._tell_of(np.flatnonzero(changed))

    def set_use(self, counts: Sequence[int]) -> None:
        """Images with a statement under each label."""
        self._check(len(counts), "counts")
        self.rows.use = np.array(counts, dtype=np.int64)

    def set_task(self, task: Task) -> None:
        """How the annotation is drawn."""
        self.rows.task = task
        self._tell()

    def set_read_only(self, read_only: bool) -> None:
        """Whether annotations look as if they could be clicked."""
        self.rows.read_only = read_only
        self._tell()

    def _tell_of(self, labels: IntArray) -> None:
        """The rows of some labels read otherwise now."""
        rows = self._places[labels]
        rows = rows[rows >= 0]
        if len(rows):
            last = self.index(int(rows.max()), len(TEXTS) - 1)
            self.dataChanged.emit(self.index(int(rows.min()), 0), last)

    # Order and filter

    def filter(self) -> str:
        """What the finder asks for."""
        return self._filter

    def set_filter(self, text: str) -> None:
        """Show the labels whose name has every word, the best first."""
        self._filter_by(text)

    def wanted_order(self) -> IntArray:
        """Sorted; while something is looked for, names that begin with it come before those that hold it."""
        order = super().wanted_order()
        wanted = " ".join(self._filter.casefold().split())
        if not wanted or not len(order):
            return order
        ranks = [_rank(self.rows.folded[label], wanted) for label in order]
        best: IntArray = order[np.argsort(ranks, kind="stable")]
        return best


def _rank(name: str, wanted: str) -> int:
    """0 the name itself, 1 its beginning, 2 the beginning of a word in it, 3 anywhere."""
    if name == wanted:
        return 0
    if name.startswith(wanted):
        return 1
    return 2 if any(part.startswith(wanted) for part in name.replace("_", " ").replace("-", " ").split()) else 3
