"""Everything that a query may ask about the images of a dataset, read label by label and only when asked.

``n`` images; ``p`` labels that people annotate with, of which some have an output of the model (``c`` of them).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final

import numpy as np

from inference.choices import ImageState
from inference.evaluation.evaluator import Evaluator
from inference.evaluation.query.matching import Names
from inference.evaluation.query.measures import Measures
from inference.evaluation.query.predicting import predicted
from inference.evaluation.query.tallies import Tallies
from inference.types import (
    NEGATIVE,
    POSITIVE,
    UNKNOWN,
    UNSAID,
    BoolArray,
    IntArray,
    ScoreArray,
    StateArray,
    TruthArray,
    TruthEdit,
)

_STATEMENTS: Final = (POSITIVE, NEGATIVE, UNKNOWN, UNSAID)
_ROWS: Final = 1 << 13  # images whose statements are counted together


class ReviewData:
    """One dataset under one evaluator.

    The attributes that are named without an underscore in `__init__` and said to be free may be set at any time; what
    thresholds change is followed by itself. After truth changed: `edit`.
    """

    def __init__(
        self,
        names: Sequence[str],
        labels: Sequence[str],
        y_true: TruthArray,
        annotated: BoolArray,
        *,
        evaluator: Evaluator | None = None,
        parts: Sequence[str] = (),
        notes: Mapping[int, str] | None = None,
        edited: BoolArray | None = None,
        flipped: BoolArray | None = None,
        differs: BoolArray | None = None,
        queue: BoolArray | None = None,
        vanished: BoolArray | None = None,
        changed: BoolArray | None = None,
        unsaved: BoolArray | None = None,
        states: StateArray | None = None,
        failures: Collection[int] = (),
        chosen: int | None = None,
        columns: Sequence[int] | None = None,
        outputs: Sequence[int] | None = None,
        known_names: Names | None = None,
    ) -> None:
        """Look at nothing yet.

        Args:
            names: relative POSIX paths, (n,), in the order of the folder.
            labels: (p,) what queries call them.
            y_true: int8 (n, any); POSITIVE, NEGATIVE, UNKNOWN or UNSAID. Not copied: its owner edits it in place.
            annotated: bool (n,), free; where anybody said anything.
            evaluator: of the same images; None where nothing was scored.
            parts: the split, (n,), "" for none; () where there is no split.
            notes: what is noted on images, free.
            edited: bool (n,), free; None is nowhere.
            flipped: bool (n,), free; predicted labels changed since a reference; None where there is no reference.
            differs: bool (n,), free; another profile or run decides otherwise; None where there is none.
            queue: bool (n,), free; images of the queue; None where there is none.
            vanished: bool (n,), free; the file is gone.
            changed: bool (n,), free; the file is another.
            unsaved: bool (n,), free; what was said is not saved yet.
            states: of ImageState (n,), free; without, what the evaluator has scored.
            failures: images that could not be scored, free.
            chosen: the label called "this", free.
            columns: (p,) column of ``y_true`` of each label; the first p by default.
            outputs: (p,) the evaluator's label of each label, -1 for none; the first c by default.
            known_names: those of another ReviewData of the same images, so that they are not read again.
        """
        self.names, self.labels = names, tuple(labels)
        self.y_true, self.annotated = y_true, annotated
        self.evaluator = evaluator
        self.parts = parts
        self.notes: Mapping[int, str] = {} if notes is None else notes
        self.edited, self.flipped, self.differs, self.queue = edited, flipped, differs, queue
        self.vanished, self.changed, self.unsaved = vanished, changed, unsaved
        self.states = states
        self.failures = failures
        self.chosen = chosen
        self._columns = tuple(range(len(self.labels))) if columns is None else tuple(columns)
        n_outputs = 0 if evaluator is None else evaluator.n_labels
        by_place = (place if place < n_outputs else -1 for place in range(len(self.labels)))
        self._outputs = tuple(by_place) if outputs is None else tuple(outputs)
        self.known_names = Names(names) if known_names is None else known_names
        self.measures = None if evaluator is None else Measures(evaluator)
        self._tallies: Tallies | None = None
        self._said: IntArray | None = None  # (4, n)
        self._part_codes: tuple[tuple[str, ...], IntArray] | None = None

    def __len__(self) -> int:
        return len(self.names)

    # -- labels ------------------------------------------------------------------------------------------------

    def output(self, label: int) -> int:
        """The evaluator's label, -1 where the model has no output for it."""
        return self._outputs[label] if self.evaluator is not None else -1

    def truth(self, label: int) -> TruthArray:
        """What people said under a label, int8 (n,)."""
        return self.y_true[:, self._columns[label]]

    def scores(self, label: int) -> ScoreArray | None:
        """float32 (n,), NaN where there is none; None where the model has no output."""
        output = self.output(label)
        return None if self.evaluator is None or output < 0 else self.evaluator.label_scores(output)

    def outcomes(self, label: int) -> StateArray | None:
        """An Outcome an image, uint8 (n,); None where the model has no output."""
        output = self.output(label)
        return None if self.evaluator is None or output < 0 else self.evaluator.label_outcomes(output)

    def predicted(self, label: int) -> BoolArray:
        """Where a label is predicted, bool (n,), also where nobody knows the truth."""
        output = self.output(label)
        if self.evaluator is None or output < 0:
            return np.zeros(len(self), dtype=bool)
        return predicted(self.evaluator, output)

    # -- images ------------------------------------------------------------------------------------------------

    @property
    def tallies(self) -> Tallies | None:
        """Outcomes counted image by image at the thresholds now in force; None where nothing was scored."""
        if self.evaluator is None:
            return None
        if self._tallies is None:
            self._tallies = Tallies(self.evaluator)
        self._tallies.follow()
        return self._tallies

    def n_said(self, statement: int) -> IntArray:
        """Labels of each image under which POSITIVE, NEGATIVE, UNKNOWN or UNSAID stands, (n,)."""
        if self._said is None:
            self._said = np.zeros((len(_STATEMENTS), len(self)), dtype=np.int64)
            for first in range(0, len(self), _ROWS):
                self._count_said(slice(first, first + _ROWS))
        found: IntArray = self._said[_STATEMENTS.index(statement)]
        return found

    def _count_said(self, rows: IntArray | slice) -> None:
        assert self._said is not None
        said = self.y_true[rows]
        if self._columns != tuple(range(said.shape[1])):
            said = said[:, list(self._columns)]
        for place, statement in enumerate(_STATEMENTS):
            self._said[place, rows] = np.count_nonzero(said == statement, axis=1)

    @property
    def broken(self) -> BoolArray:
        """Images that could not be read or scored, bool (n,)."""
        found = np.zeros(len(self), dtype=bool)
        if self.states is not None:
            found |= (self.states == ImageState.BROKEN) | (self.states == ImageState.UNUSABLE)
        if self.failures:
            found[list(self.failures)] = True
        return found

    @property
    def scored(self) -> BoolArray:
        """Images that have scores, bool (n,)."""
        if self.states is not None:
            return np.asarray(self.states == ImageState.SCORED)
        found = np.zeros(len(self), dtype=bool)
        if self.evaluator is not None:
            found[self.evaluator.rows] = True
        return found

    @property
    def noted(self) -> BoolArray:
        """Images with a note, bool (n,)."""
        found = np.zeros(len(self), dtype=bool)
        found[[image for image, note in self.notes.items() if note]] = True
        return found

    def in_parts(self) -> tuple[tuple[str, ...], IntArray]:
        """The split's parts, each once, in the order in which they come; and the place of each image's among them.

        An image of no part has the place -1.
        """
        if self._part_codes is None:
            found = tuple(dict.fromkeys(part for part in self.parts if part))
            place = {part: index for index, part in enumerate(found)}
            codes = [place.get(part, -1) for part in self.parts] if found else [-1] * len(self)
            self._part_codes = found, np.array(codes, dtype=np.int64)
        return self._part_codes

    # -- changes -----------------------------------------------------------------------------------------------

    def prepare(self, cancelled: Callable[[], bool] = lambda: False) -> None:
        """Find out beforehand what costs more than a frame the first time: in a worker, before others use the data.

        Some 0.2 s for 100,000 images under 80 labels. Cut short it does no harm.
        """
        steps: tuple[Callable[[], object], ...] = (
            self.known_names.prepare,
            lambda: self.n_said(POSITIVE),
            self.in_parts,
            lambda: self.tallies,
        )
        for step in steps:
            if cancelled():
                return
            step()
        if self.measures is not None:
            self.measures.prepare(cancelled)

    def edit(self, edit: TruthEdit) -> None:
        """Truth of some cells changed: after ``y_true`` was written, and after `Evaluator.edit`.

        ``edit.labels`` are the evaluator's. Cells under labels without an output: `edit_rows`.
        """
        self.edit_rows(edit.images)
        if self._tallies is not None:
            self._tallies.edit(edit)
        if self.measures is not None:
            self.measures.edit(edit)

    def edit_rows(self, images: IntArray) -> None:
        """Anything changed in ``y_true`` on these images, under labels that the model has no output for."""
        if self._said is not None:
            self._count_said(np.unique(images))

    def with_evaluator(self, evaluator: Evaluator | None, outputs: Sequence[int] | None = None) -> ReviewData:
        """The same images under another evaluator; what was read of names, notes and parts is kept."""
        twin = ReviewData(
            self.names,
            self.labels,
            self.y_true,
            self.annotated,
            evaluator=evaluator,
            parts=self.parts,
            notes=self.notes,
            edited=self.edited,
            flipped=self.flipped,
            differs=self.differs,
            queue=self.queue,
            vanished=self.vanished,
            changed=self.changed,
            unsaved=self.unsaved,
            states=self.states,
            failures=self.failures,
            chosen=self.chosen,
            columns=self._columns,
            outputs=outputs,
            known_names=self.known_names,
        )
        twin._said, twin._part_codes = self._said, self._part_codes
        return twin
