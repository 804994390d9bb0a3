"""What people said of every image, kept while they go on saying, and how it meets the labels of a model.

A `Truth` holds statements under the project's labels and the ``y_true`` that follows from them under the labels of
the dataset on the screen: the model's where there is a model, else the project's own. An edit changes both in place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from inference.data.matching import align_rows
from inference.types import (
    NEGATIVE,
    POSITIVE,
    UNKNOWN,
    UNSAID,
    BoolArray,
    Cells,
    Dataset,
    IntArray,
    ProjectLabel,
    StatementArray,
    Task,
    TruthEdit,
)


@dataclass(frozen=True, eq=False)
class Applied:
    """What an edit changed: how to take it back, and what it means for the numbers on the screen."""

    before: Cells  # what was said under the same pairs
    edit: TruthEdit
    images: IntArray  # those that were touched, rising


def statements_of(y_true: StatementArray, annotated: BoolArray) -> StatementArray:
    """Statements (n, c) from truths that do not tell "unknown" from "nobody said so".

    Unknown counts as not said, but for an annotated image of which nothing is known: somebody said that much.
    """
    statements = np.where(y_true == UNKNOWN, np.int8(UNSAID), y_true).astype(np.int8)
    doubtful = annotated & (y_true == UNKNOWN).all(axis=1)
    statements[doubtful] = UNKNOWN
    statements[~annotated] = UNSAID
    return statements


class Truth:
    """Statements (n, p) under the labels of a project, and y_true (n, c) under those of a dataset."""

    def __init__(self, labels: Sequence[ProjectLabel], statements: StatementArray, task: Task) -> None:
        """``statements`` becomes this object's own."""
        if statements.shape[1] != len(labels):
            raise ValueError(f"{statements.shape[1]} columns of statements for {len(labels)} labels")
        self.labels = tuple(labels)
        self.statements = statements
        self.task = task
        self.version = 0  # counts changes
        self.columns: tuple[str, ...] = ()  # names of the dataset's labels
        self.sources: tuple[tuple[int, ...], ...] = ()  # ids of the project's labels behind each of them
        self.y_true: StatementArray = np.empty((len(statements), 0), dtype=np.int8)
        self.annotated: BoolArray = np.zeros(len(statements), dtype=bool)

    # -- labels --------------------------------------------------------------------------------------------------

    @property
    def offered(self) -> tuple[ProjectLabel, ...]:
        """The labels that people may use now, by id."""
        return tuple(label for label in self.labels if not label.retired)

    def named(self, name: str) -> ProjectLabel | None:
        """The offered label of this name."""
        return next((label for label in self.labels if label.name == name and not label.retired), None)

    def new_label(self, name: str) -> ProjectLabel:
        """A label as it would be added: with the next id."""
        return ProjectLabel(len(self.labels), name)

    def set_label(self, label: ProjectLabel) -> None:
        """Add a label (its id is the next one), or give the one with this id another name or state.

        The dataset's columns are as before until `meet` is called again.
        """
        self.version += 1
        if label.id == len(self.labels):
            self.labels = (*self.labels, label)
            more = np.full((len(self.statements), 1), UNSAID, dtype=np.int8)
            self.statements = np.hstack([self.statements, more])
        else:
            self.labels = tuple(label if old.id == label.id else old for old in self.labels)

    def uses(self) -> IntArray:
        """How many images say anything under each label, (p,)."""
        used: IntArray = np.count_nonzero(self.statements != UNSAID, axis=0).astype(np.int64)
        return used

    # -- the dataset on the screen -------------------------------------------------------------------------------

    def meet(self, columns: Sequence[str], mapping: Mapping[str, str]) -> None:
        """Let these be the dataset's labels; ``mapping`` says which of them each label of the project is, by name."""
        self.columns = tuple(columns)
        at = {name: column for column, name in enumerate(self.columns)}
        found: list[list[int]] = [[] for _ in self.columns]
        for label in self.offered:
            column = at.get(mapping.get(label.name, ""))
            if column is not None:
                same = label.name == self.columns[column]
                found[column].insert(0 if same else len(found[column]), label.id)
        self.sources = tuple(map(tuple, found))
        self.y_true, self.annotated = self._aligned(slice(None))

    def dataset(self, dataset: Dataset) -> Dataset:
        """``dataset`` with these labels and truths; its arrays are those that edits write into."""
        return replace(dataset, labels=self.columns, task=self.task, y_true=self.y_true, annotated=self.annotated)

    def _aligned(self, rows: IntArray | slice) -> tuple[StatementArray, BoolArray]:
        part = self.statements[rows]
        annotated = (part != UNSAID).any(axis=1)
        return align_rows(np.maximum(part, UNKNOWN), annotated, self.sources, self.task)

    # -- saying --------------------------------------------------------------------------------------------------

    def apply(self, cells: Cells) -> Applied:
        """Write statements, and bring y_true and annotated up to date in place."""
        self.version += 1
        old = self.statements[cells.images, cells.labels]
        images = np.unique(cells.images)
        self.statements[cells.images, cells.labels] = cells.values
        y_true, annotated = self._aligned(images)
        places = np.nonzero(y_true != self.y_true[images])
        rows, columns = images[places[0]], places[1]
        edit = TruthEdit(rows, columns, self.y_true[rows, columns], y_true[places])
        self.y_true[rows, columns] = edit.after
        self.annotated[images] = annotated
        return Applied(Cells(cells.images, cells.labels, old), edit, images)

    def said(self, images: IntArray, label_id: int, value: int) -> Cells:
        """One label said of some images. Where labels exclude one another, a positive one makes the others negative.

        Taking back the positive label of a multi-class image takes back all that was said of it.
        """
        if self.task is Task.MULTICLASS and value == POSITIVE:
            ids = [label.id for label in self.offered]
            values = np.full(len(ids), NEGATIVE, dtype=np.int8)
            values[ids.index(label_id)] = POSITIVE
            return self._changing(images, ids, np.tile(values, (len(images), 1)))
        if self.task is Task.MULTICLASS:
            ids = [label.id for label in self.labels]
            values = self.statements[images].copy()
            was = values[:, label_id] == POSITIVE
            values[was] = UNSAID
            if value != UNSAID:
                values[:, label_id] = value
            return self._changing(images, ids, values)
        return self._changing(images, [label_id], np.full((len(images), 1), value, dtype=np.int8))

    def said_of_all(self, images: IntArray, value: int) -> Cells:
        """Every offered label negative, say, or unsaid; every label ever used where it is unsaid."""
        ids = [label.id for label in (self.labels if value == UNSAID else self.offered)]
        return self._changing(images, ids, np.full((len(images), len(ids)), value, dtype=np.int8))

    def as_decided(self, images: IntArray, predicted: BoolArray, *, only_unsaid: bool) -> Cells:
        """The decisions (k, c) under the dataset's labels taken for the truth of k images.

        Columns without a label of the project are left out: add the label first. ``only_unsaid`` keeps what anybody
        said; a multi-class image of which anything is said is kept as it is.
        """
        ids = [label.id for label in self.offered] if self.task is Task.MULTICLASS else self._with_column()
        old = self.statements[np.ix_(images, np.asarray(ids, dtype=np.int64))]
        values = np.full_like(old, NEGATIVE)
        for column, several in enumerate(self.sources):
            if several:  # of several that are one to the model, the one that is called the same
                values[predicted[:, column], ids.index(several[0])] = POSITIVE
        if self.task is Task.MULTICLASS:
            undecided = (values == POSITIVE).sum(axis=1) != 1  # rejected, say: there is no decision to accept
            known = (self.statements[images] != UNSAID).any(axis=1)
            keep = undecided | known if only_unsaid else undecided
            values[keep] = old[keep]
        elif only_unsaid:
            values = np.where(old == UNSAID, values, old)
        return self._changing(images, ids, values)

    def _with_column(self) -> list[int]:
        return sorted(label for several in self.sources for label in several)

    def merged(self, label_id: int, into: int) -> Cells:
        """One label's statements joined to another's: positive where either is, negative where either only is that."""
        first, second = self.statements[:, into], self.statements[:, label_id]
        joined = np.where(second == UNSAID, first, np.where(first == UNSAID, second, UNKNOWN)).astype(np.int8)
        both = (first == NEGATIVE) & (second == NEGATIVE)
        joined[both] = NEGATIVE
        joined[(first == POSITIVE) | (second == POSITIVE)] = POSITIVE
        values = np.stack([joined, np.full(len(joined), UNSAID, dtype=np.int8)], axis=1)
        return self._changing(np.arange(len(self.statements)), [into, label_id], values)

    def _changing(self, images: IntArray, ids: Sequence[int], values: StatementArray) -> Cells:
        """The cells (images x ids) in which ``values`` differ from what is said now."""
        columns = np.asarray(ids, dtype=np.int64)
        images = np.asarray(images, dtype=np.int64)
        rows, places = np.nonzero(self.statements[np.ix_(images, columns)] != values)
        return Cells(images[rows], columns[places], values[rows, places])
