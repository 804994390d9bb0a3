"""Computes small pictures of the labels in sight, some at a time, and keeps them while the evaluator stays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from PySide6.QtCore import QObject, Signal

from app.controllers.evaluation import EvaluationController
from app.jobs import Job, Jobs, Lane
from inference.evaluation.multiples import number_of, small_picture
from inference.types import FloatArray, IntArray, MultipleKind, SmallPicture

_BATCH: Final = 4  # pictures delivered together
_NUMBERS: Final = 16  # numbers delivered together

Pictures = dict[int, SmallPicture]


class MultiplesController(QObject):
    """One job at a time: pictures in sight before the numbers to sort by, which go on where they were cut off."""

    multiplesChanged = Signal(str, object)  # a MultipleKind's value, pictures by label
    numbersChanged = Signal(str, object)  # a MultipleKind's value, (c,)
    forgotten = Signal()  # another evaluator: every picture is old
    failed = Signal(Exception)

    def __init__(self, jobs: Jobs, evaluation: EvaluationController, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs, self._evaluation = jobs, evaluation
        self._job: Job | None = None
        self._kept: dict[MultipleKind, Pictures] = {}
        self._numbers: dict[MultipleKind, list[float]] = {}  # of the first labels
        self._wanted: tuple[MultipleKind, list[int]] | None = None
        self._sorting: MultipleKind | None = None
        evaluation.evaluatorChanged.connect(self._start_over)

    def show(self, kind: str, labels: IntArray) -> None:
        """The pictures of these labels came into sight; those asked for before are wanted no more."""
        evaluator = self._evaluation.evaluator
        if evaluator is None:
            return
        wanted = [label for label in labels.tolist() if 0 <= label < evaluator.n_labels]
        kept = self._kept.setdefault(MultipleKind(kind), {})
        ready = {label: kept[label] for label in wanted if label in kept}
        missing = [label for label in wanted if label not in kept]
        self._wanted = (MultipleKind(kind), missing) if missing else None
        if ready:
            self.multiplesChanged.emit(kind, ready)
        self._next()

    def find_numbers(self, kind: str) -> None:
        """The number of every label is needed, to sort by."""
        if self._evaluation.evaluator is not None:
            self._sorting = MultipleKind(kind)
            self._next()

    def _start_over(self) -> None:
        self._stop()
        self._kept.clear()
        self._numbers.clear()
        self._wanted = self._sorting = None
        self.forgotten.emit()

    def _stop(self) -> None:
        if self._job is not None:
            self._job.cancel()
            self._job = None

    def _next(self) -> None:
        """Begin what is wanted most."""
        self._stop()
        if self._wanted is not None:
            self._draw(*self._wanted)
        elif self._sorting is not None:
            self._find(self._sorting)

    # -- pictures ------------------------------------------------------------------------------------------------

    def _draw(self, kind: MultipleKind, labels: list[int]) -> None:
        evaluator = self._evaluation.evaluator
        assert evaluator is not None

        def work(job: Job) -> Iterator[Pictures]:
            for first in range(0, len(labels), _BATCH):
                made: Pictures = {}
                for label in labels[first : first + _BATCH]:
                    if job.cancelled():
                        return
                    made[label] = small_picture(evaluator, kind, label)
                yield made

        def take(made: Pictures) -> None:
            self._kept.setdefault(kind, {}).update(made)
            self.multiplesChanged.emit(kind.value, made)

        def done() -> None:
            self._job = self._wanted = None
            self._next()

        self._job = self._jobs.stream(Lane.NUMBERS, work, take, done, self._on_failed)

    # -- numbers -------------------------------------------------------------------------------------------------

    def _find(self, kind: MultipleKind) -> None:
        evaluator = self._evaluation.evaluator
        assert evaluator is not None
        found = self._numbers.setdefault(kind, [])
        start, end = len(found), evaluator.n_labels

        def work(job: Job) -> Iterator[list[float]]:
            for first in range(start, end, _NUMBERS):
                made: list[float] = []
                for label in range(first, min(first + _NUMBERS, end)):
                    if job.cancelled():
                        return
                    made.append(number_of(evaluator, kind, label))
                yield made

        def done() -> None:
            self._job = self._sorting = None
            numbers: FloatArray = np.array(found)
            self.numbersChanged.emit(kind.value, numbers)
            self._next()

        self._job = self._jobs.stream(Lane.NUMBERS, work, found.extend, done, self._on_failed)

    def _on_failed(self, error: Exception) -> None:
        self._job = self._wanted = self._sorting = None
        self.failed.emit(error)
