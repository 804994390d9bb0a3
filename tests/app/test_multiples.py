"""Small pictures of labels, computed in a worker for as long as somebody looks at them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QObject, Signal
from pytestqt.qtbot import QtBot

from app.controllers import multiples as module
from app.controllers.multiples import MultiplesController
from app.jobs import Jobs
from inference.evaluation.evaluator import Evaluator
from inference.evaluation.multiples import number_of, small_picture
from inference.types import Activation, DecisionRule, MultipleKind, Run, SmallCurve, SmallPicture, Thresholds

N_LABELS = 40


class Evaluation(QObject):
    """An evaluator that can be exchanged."""

    evaluatorChanged = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.evaluator: Evaluator | None = None

    def take(self, evaluator: Evaluator | None) -> None:
        self.evaluator = evaluator
        self.evaluatorChanged.emit()


def evaluator_of(seed: int = 0) -> Evaluator:
    rng = np.random.default_rng(seed)
    truth = (rng.random((200, N_LABELS)) < 0.3).astype(np.int8)
    logits = (rng.normal(-1, 1, truth.shape) + truth).astype(np.float32)
    run = Run(logits, np.ones(200, dtype=np.uint8))
    return Evaluator(run, truth, Activation.SIGMOID, DecisionRule.THRESHOLDS, Thresholds.uniform(N_LABELS))


class Made:
    """The controller, and what it says."""

    def __init__(self, jobs: Jobs) -> None:
        self.jobs = jobs
        self.evaluation = Evaluation()
        self.controller = MultiplesController(jobs, self.evaluation, jobs)  # type: ignore[arg-type]
        self.pictures: list[tuple[str, dict[int, SmallPicture]]] = []
        self.numbers: list[tuple[str, np.ndarray]] = []
        self.errors: list[Exception] = []
        self.forgotten = 0
        self.controller.multiplesChanged.connect(lambda kind, made: self.pictures.append((kind, made)))
        self.controller.numbersChanged.connect(lambda kind, made: self.numbers.append((kind, made)))
        self.controller.failed.connect(self.errors.append)
        self.controller.forgotten.connect(self._count)
        self.evaluation.take(evaluator_of())

    def _count(self) -> None:
        self.forgotten += 1

    def got(self) -> set[int]:
        return {label for _, made in self.pictures for label in made}


@pytest.fixture
def made(qtbot: QtBot) -> Iterator[Made]:
    jobs = Jobs()
    yield Made(jobs)
    assert jobs.close()


def ask(made: Made, kind: str, labels: list[int]) -> None:
    made.controller.show(kind, np.array(labels, dtype=np.int64))


def test_what_is_asked_for_comes_some_at_a_time(made: Made, qtbot: QtBot) -> None:
    ask(made, "pr", list(range(10)))
    assert made.pictures == []  # not in the frame that asks
    qtbot.waitUntil(lambda: not made.jobs.busy)
    assert made.got() == set(range(10))
    assert len(made.pictures) == 3
    evaluator = made.evaluation.evaluator
    assert evaluator is not None
    expected = small_picture(evaluator, MultipleKind.PR, 7)
    found = next(pictures[7] for _, pictures in made.pictures if 7 in pictures)
    assert isinstance(found, SmallCurve)
    assert isinstance(expected, SmallCurve)
    assert found.number == expected.number
    np.testing.assert_array_equal(found.line.y, expected.line.y)


def test_what_was_computed_comes_at_once(made: Made, qtbot: QtBot) -> None:
    ask(made, "roc", [1, 2])
    qtbot.waitUntil(lambda: not made.jobs.busy)
    made.pictures.clear()
    ask(made, "roc", [2, 1])
    assert made.got() == {1, 2}
    assert not made.jobs.busy
    ask(made, "pr", [2])
    assert made.jobs.busy
    qtbot.waitUntil(lambda: not made.jobs.busy)


def test_another_wish_replaces_the_one_before(made: Made, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[int] = []

    def note(evaluator: Evaluator, kind: MultipleKind, label: int) -> SmallPicture:
        drawn.append(label)
        return small_picture(evaluator, kind, label)

    monkeypatch.setattr(module, "small_picture", note)
    ask(made, "rates", list(range(40)))
    ask(made, "rates", [39, 38])
    qtbot.waitUntil(lambda: not made.jobs.busy)
    assert made.got() == {38, 39}
    assert len(drawn) < 40


def test_another_evaluator_forgets_everything(made: Made, qtbot: QtBot) -> None:
    ask(made, "pr", [0])
    qtbot.waitUntil(lambda: not made.jobs.busy)
    before = made.forgotten
    made.evaluation.take(evaluator_of(1))
    assert made.forgotten == before + 1
    made.pictures.clear()
    ask(made, "pr", [0])
    assert made.pictures == []
    qtbot.waitUntil(lambda: bool(made.pictures))
    evaluator = made.evaluation.evaluator
    assert evaluator is not None
    assert made.pictures[0][1][0].number == number_of(evaluator, MultipleKind.PR, 0)
    qtbot.waitUntil(lambda: not made.jobs.busy)


def test_without_an_evaluator_there_is_nothing(made: Made) -> None:
    made.evaluation.take(None)
    ask(made, "pr", [0])
    made.controller.find_numbers("pr")
    assert not made.jobs.busy


def test_labels_that_are_none_are_left_out(made: Made, qtbot: QtBot) -> None:
    ask(made, "pr", [-1, 3, N_LABELS])
    qtbot.waitUntil(lambda: not made.jobs.busy)
    assert made.got() == {3}


@pytest.mark.parametrize("kind", [MultipleKind.PR, MultipleKind.ROC, MultipleKind.RELIABILITY])
def test_numbers_of_all_labels_come_after_the_pictures_in_sight(made: Made, qtbot: QtBot, kind: MultipleKind) -> None:
    made.controller.find_numbers(kind.value)
    ask(made, kind.value, [5])
    qtbot.waitUntil(lambda: bool(made.numbers))
    assert made.got() == {5}
    evaluator = made.evaluation.evaluator
    assert evaluator is not None
    (name, numbers) = made.numbers[0]
    assert name == kind.value
    assert numbers.tolist() == [number_of(evaluator, kind, label) for label in range(N_LABELS)]
    made.controller.find_numbers(kind.value)
    qtbot.waitUntil(lambda: len(made.numbers) == 2)
    qtbot.waitUntil(lambda: not made.jobs.busy)


def test_a_failure_is_said_once_and_the_next_wish_is_heard(
    made: Made, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> SmallPicture:
        raise MemoryError("no room")

    monkeypatch.setattr(module, "small_picture", fail)
    ask(made, "pr", [0])
    qtbot.waitUntil(lambda: bool(made.errors))
    monkeypatch.undo()
    ask(made, "pr", [0])
    qtbot.waitUntil(lambda: made.got() == {0})
    assert len(made.errors) == 1
    qtbot.waitUntil(lambda: not made.jobs.busy)
