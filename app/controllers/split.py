"""Which images the numbers are measured on: all of them, a part of the dataset's own split, or 30 % held out."""

from __future__ import annotations

from collections import Counter
from typing import Final

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from app.commands import ChangeSplit
from app.jobs import Job, Jobs, Lane
from app.kept_split import HELD_OUT_WORDS, part_split, part_words
from app.session import Session
from inference.evaluation.honesty.folds import held_out
from inference.types import BoolArray, Split

ALL: Final = ""
HELD_OUT: Final = "\0held out"  # no part of a split is called so
SHARE: Final = 0.3


class SplitController(QObject):
    """Turns wishes into undoable changes of the session's split, and says which there are."""

    choicesChanged = Signal(object, str)  # (key, words) pairs, and the key in force
    failed = Signal(Exception)

    def __init__(self, session: Session, jobs: Jobs, stack: QUndoStack, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._jobs, self._stack = session, jobs, stack
        self._job: Job | None = None
        session.datasetChanged.connect(self._on_dataset_changed)
        session.splitChanged.connect(self.tell)

    def measure_on(self, key: str) -> None:
        """All images, the held-out part, or the named part of the dataset's split."""
        self._cancel()
        if key == HELD_OUT:
            self.hold_out()
        elif key == ALL:
            self._push(None)
        else:
            self._push(part_split(self._session, key))

    def hold_out(self) -> None:
        """Leave 30 % of the images to measure on, with their share of every label's positives; always the same."""
        self._cancel()
        dataset = self._session.dataset
        if dataset is None or not dataset.annotated.any():
            return
        truth = dataset.y_true

        def work(_: Job) -> BoolArray:
            return held_out(np.ascontiguousarray(truth.T), SHARE)

        def done(held: BoolArray) -> None:
            self._job = None
            self._push(Split(held, HELD_OUT_WORDS))

        self._job = self._jobs.run(Lane.NUMBERS, work, done, self._on_failed)

    def drop(self) -> None:
        """Measure on all images again."""
        self.measure_on(ALL)

    def tell(self) -> None:
        """What there is to measure on, and what is in force."""
        dataset, split = self._session.dataset, self._session.split
        choices = [(ALL, "All images")]
        if dataset is not None and dataset.labels:
            choices.append((HELD_OUT, f"{HELD_OUT_WORDS}: tune on the other 70 %"))
            counts = Counter(part for part in dataset.parts if part)
            choices += [(part, f"{part_words(part)} ({count:,} images)") for part, count in counts.items()]
        keys = {HELD_OUT_WORDS: HELD_OUT} | {part_words(key): key for key, _ in choices[2:]}
        self.choicesChanged.emit(choices, ALL if split is None else keys.get(split.words, ALL))

    def _on_dataset_changed(self) -> None:
        self._cancel()
        self.tell()

    def _cancel(self) -> None:
        if self._job is not None:
            self._job.cancel()
            self._job = None

    def _push(self, split: Split | None) -> None:
        now = self._session.split
        if (now is None) != (split is None) or (now is not None and split is not None and now.words != split.words):
            self._stack.push(ChangeSplit(self._session, split))

    def _on_failed(self, error: Exception) -> None:
        self._job = None
        self.failed.emit(error)
