"""Labeling in the real window, by keys alone: what is said moves the numbers, is saved, and comes back."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from app.application import Cutline
from app.assembly import Controllers
from inference.data.store import Project, Step
from inference.errors import ProjectWriteError
from inference.types import NEGATIVE, POSITIVE, UNKNOWN, UNSAID
from tests.app.conftest import stop
from tests.app.test_dialogs import dialog_of
from tests.app.test_window import assert_table_is_scikit_learns, cell, open_and_score, wait_until_scored
from widgets.gallery import Gallery

KEYS = (Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_3)


def parts_of(program: Cutline) -> tuple[Controllers, Gallery]:
    assert program.made is not None
    assert program.window.workbench is not None
    return program.made, program.window.workbench.gallery


def said(program: Cutline) -> list[list[int]]:
    made, _ = parts_of(program)
    assert made.session.truth is not None
    return made.session.truth.statements.tolist()  # type: ignore[no-any-return]


def press(program: Cutline, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """As a keyboard does it: to whatever has the focus."""
    focus = program.window.focusWidget()
    assert focus is not None
    QTest.keyClick(focus, key, modifier)


def wait_until_saved(program: Cutline, qtbot: QtBot) -> None:
    projects = parts_of(program)[0].opening.projects
    qtbot.waitUntil(lambda: projects.path is not None and not projects.unsaved, timeout=20_000)


def kept_in_file(program: Cutline) -> list[list[int]]:
    """What stands in the project file, read by nobody but SQLite: after the program has ended."""
    path = next(Path(program._folders.projects).glob("*.cutline"))
    project = Project.open(path, who="test")
    try:
        return project.contents().statements.tolist()  # type: ignore[no-any-return]
    finally:
        project.close()


@pytest.fixture
def opened(program: Cutline, qtbot: QtBot, colour_model: Path, colour_folder: Path) -> Cutline:
    open_and_score(program, qtbot, colour_model, colour_folder)
    program.window.activateWindow()
    return program


def test_a_session_by_keys_alone(
    start: Callable[[], Cutline], qtbot: QtBot, colour_model: Path, colour_folder: Path
) -> None:
    program = start()
    open_and_score(program, qtbot, colour_model, colour_folder)
    made, gallery = parts_of(program)
    program.window.actions_by_key["grid"].trigger()  # G: to the gallery
    assert gallery.view().hasFocus()
    expected = said(program)
    rng = random.Random(7)
    for _ in range(12):
        image, label = made.session.image, rng.randrange(3)
        press(program, KEYS[label])
        expected[image][label] = UNSAID if expected[image][label] == POSITIVE else POSITIVE
        assert said(program) == expected
        other = (label + 1) % 3
        press(program, KEYS[other], Qt.KeyboardModifier.ShiftModifier)
        expected[image][other] = UNKNOWN if expected[image][other] == NEGATIVE else NEGATIVE
        assert said(program) == expected
        assert_table_is_scikit_learns(program)
        press(program, Qt.Key.Key_D)
        assert made.session.image == image + 1
    press(program, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert made.session.image == 11  # where the change was
    press(program, Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    assert said(program) == expected
    press(program, Qt.Key.Key_X)
    expected[11] = [UNSAID] * 3
    press(program, Qt.Key.Key_N)
    expected[11] = [NEGATIVE] * 3
    assert said(program) == expected
    wait_until_saved(program, qtbot)
    stop(program)
    assert kept_in_file(program) == expected

    again = start()
    again.open_last()
    wait_until_scored(again, qtbot)
    assert said(again) == expected
    assert_table_is_scikit_learns(again)
    parts_of(again)[0].stack.undo()
    expected[11] = [UNSAID] * 3
    assert said(again) == expected


def test_enter_takes_the_decisions_where_nobody_said_anything_and_goes_on(opened: Cutline) -> None:
    made, gallery = parts_of(opened)
    gallery.view().setFocus()
    made.annotating.clear()
    press(opened, Qt.Key.Key_1)
    image = made.session.image
    scored, predicted = made.evaluation.predicted_of(np.array([image]))
    assert scored.all()
    press(opened, Qt.Key.Key_Return)
    expected = [POSITIVE if decided else NEGATIVE for decided in predicted[0]]
    assert said(opened)[image] == [POSITIVE, *expected[1:]]
    assert made.session.image == image + 1
    assert_table_is_scikit_learns(opened)


@pytest.mark.qt_log_ignore("does not support (raise|grabbing)", extend=True)  # of the offscreen platform
def test_keys_are_no_labels_while_somebody_types(opened: Cutline, qtbot: QtBot) -> None:
    _, gallery = parts_of(opened)
    before = said(opened)
    gallery.filterField().setFocus()
    for key in (Qt.Key.Key_1, Qt.Key.Key_X, Qt.Key.Key_Space, Qt.Key.Key_N):
        press(opened, key)
    assert said(opened) == before
    assert gallery.filterField().text() == "1x n"


def test_many_images_at_once_are_one_step(opened: Cutline) -> None:
    made, gallery = parts_of(opened)
    before = said(opened)
    gallery.view().setFocus()
    made.session.set_image(2)
    for _ in range(4):
        press(opened, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    press(opened, Qt.Key.Key_2)
    assert [row[1] for row in said(opened)[2:7]] == [POSITIVE] * 5
    assert_table_is_scikit_learns(opened)
    made.stack.undo()
    assert said(opened) == before


def test_labels_come_and_go_and_what_was_said_stays(opened: Cutline, qtbot: QtBot) -> None:
    made, _ = parts_of(opened)
    truth = made.session.truth
    assert truth is not None
    made.annotating.add_label("blurred")
    made.annotating.say(3, POSITIVE)
    assert said(opened)[made.session.image][3] == POSITIVE
    reds = [row[0] for row in said(opened)]
    made.annotating.rename_label(0, "crimson")  # the model knows no such label
    assert [row[0] for row in said(opened)] == reds
    assert made.session.dataset is not None
    assert (made.session.dataset.y_true[:, 0] == UNKNOWN).all()  # so nothing is known of its red
    assert cell(opened, "red", "Precision").startswith("–")  # unmeasurable, and not zero
    made.annotating.merge_label(0, 3)
    assert [label.name for label in truth.offered] == ["green", "blue", "blurred"]
    for _ in range(4):
        made.stack.undo()
    assert [row[0] for row in said(opened)] == reds
    assert_table_is_scikit_learns(opened)
    for _ in range(4):
        made.stack.redo()
    assert [label.name for label in truth.offered] == ["green", "blue", "blurred"]


def test_what_cannot_be_written_stays_in_the_window_and_is_tried_again(
    start: Callable[[], Cutline], qtbot: QtBot, colour_model: Path, colour_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = start()
    open_and_score(program, qtbot, colour_model, colour_folder)
    wait_until_saved(program, qtbot)
    made, gallery = parts_of(program)
    real = Project.do

    def full(self: Project, step: Step) -> None:
        raise ProjectWriteError("The disk is full: make room, and it is tried again.")

    monkeypatch.setattr(Project, "do", full)
    states: list[str] = []
    made.opening.projects.saveStateChanged.connect(lambda state: states.append(state.text))
    gallery.view().setFocus()
    for _ in range(3):
        press(program, Qt.Key.Key_1)
        press(program, Qt.Key.Key_D)
    qtbot.waitUntil(lambda: bool(states) and states[-1] == "3 edits are not saved", timeout=20_000)
    assert "All edits are saved" not in states
    assert made.opening.projects.unsaved_images.tolist() == [0, 1, 2]
    program.window.close()
    assert program.window.isVisible()  # first it is asked what becomes of them
    box = dialog_of(program, QMessageBox, qtbot)
    assert isinstance(box, QMessageBox)
    assert "3 edits are not saved" in box.text()
    box.reject()
    expected = said(program)
    monkeypatch.setattr(Project, "do", real)
    made.opening.projects.retry()
    wait_until_saved(program, qtbot)
    stop(program)
    assert kept_in_file(program) == expected


def test_any_sequence_of_edits_and_restarts_is_a_plain_dictionary(
    start: Callable[[], Cutline], qtbot: QtBot, colour_model: Path, colour_folder: Path
) -> None:
    rng = random.Random(20)
    program = start()
    open_and_score(program, qtbot, colour_model, colour_folder)
    now = {(i, j): value for i, row in enumerate(said(program)) for j, value in enumerate(row)}
    done: list[dict[tuple[int, int], int]] = []  # states before each step
    undone: list[dict[tuple[int, int], int]] = []
    for _ in range(60):
        made, _ = parts_of(program)
        act = rng.choice(["say", "say", "say", "none", "clear", "undo", "redo", "many", "restart"])
        image = rng.randrange(len(said(program)))
        made.session.set_image(image)
        made.annotating.select(np.array([image]))
        after = dict(now)
        if act == "restart":
            if rng.random() < 0.5:
                continue
            stop(program)
            program = start()
            program.open_last()
            wait_until_scored(program, qtbot)
        elif act == "undo":
            made.stack.undo()
            if done:
                undone.append(now)
                now = done.pop()
        elif act == "redo":
            made.stack.redo()
            if undone:
                done.append(now)
                now = undone.pop()
        else:
            if act == "say":
                label, value = rng.randrange(3), rng.choice([POSITIVE, NEGATIVE, UNKNOWN, UNSAID])
                made.annotating.say(label, value)
                after[image, label] = value
            elif act == "none":
                made.annotating.say_none()
                after.update({(image, j): NEGATIVE for j in range(3)})
            elif act == "clear":
                made.annotating.clear()
                after.update({(image, j): UNSAID for j in range(3)})
            else:
                some = sorted(rng.sample(range(len(said(program))), 5))
                made.annotating.select(np.array(some))
                made.annotating.say(1, POSITIVE)
                after.update({(i, 1): POSITIVE for i in some})
            if after != now:
                done.append(now)
                now, undone = after, []
        assert {(i, j): v for i, row in enumerate(said(program)) for j, v in enumerate(row)} == now
    assert_table_is_scikit_learns(program)


def test_the_list_shows_what_is_asked_for_and_the_image_in_hand_stays(opened: Cutline, qtbot: QtBot) -> None:
    made, gallery = parts_of(opened)
    evaluator = made.evaluation.evaluator
    assert evaluator is not None
    made.session.set_label(0)
    made.review.ask("fn:red|fp:red")
    truth = made.session.dataset.y_true[:, 0] if made.session.dataset else np.zeros(0)
    _, predicted = made.evaluation.predicted_of(np.arange(len(truth)))
    wrong = np.flatnonzero((truth >= 0) & (predicted[:, 0] != (truth == 1)))
    assert gallery.shown() == wrong.tolist()
    assert len(wrong) > 1
    made.session.set_image(int(wrong[0]))
    made.annotating.say(0, POSITIVE if predicted[wrong[0], 0] else NEGATIVE)  # it is right now
    qtbot.wait(300)
    assert gallery.shown() == wrong.tolist()
    made.review.ask("fn:red|fp:red")
    assert gallery.shown() == wrong[1:].tolist()


def test_a_queue_is_worked_off(opened: Cutline, qtbot: QtBot) -> None:
    made, gallery = parts_of(opened)
    told: list[object] = []
    made.queues.queueChanged.connect(told.append)
    made.queues.choose("confident_mistakes")
    qtbot.waitUntil(lambda: made.queues.is_on)
    first = gallery.shown()
    assert made.session.image == first[0]
    opened.window.activateWindow()
    gallery.view().setFocus()
    press(opened, Qt.Key.Key_W)
    assert made.session.image == first[1]
    assert told[-1].done == 1  # type: ignore[attr-defined]
    assert told[-1].annotated == 0  # type: ignore[attr-defined]  # it was seen, no more
    press(opened, Qt.Key.Key_1)
    assert (told[-1].done, told[-1].annotated) == (2, 1)  # type: ignore[attr-defined]
    made.review.sort("name", True)
    assert gallery.shown() == first  # the queue decides the order
    made.review.ask("fn:any|fp:any|tp:any|tn:any")
    assert gallery.shown() == [image for image in first if image in gallery.shown()]
    made.review.clear()
    made.review.sort("name", False)
    made.queues.choose("")
    assert told[-1] is None
    assert len(gallery.shown()) == len(said(opened))


def test_two_images_or_two_decisions_side_by_side(opened: Cutline, qtbot: QtBot) -> None:
    made, gallery = parts_of(opened)
    pairs: list[tuple[object, object]] = []
    made.side_by_side.pairChanged.connect(lambda left, right: pairs.append((left, right)))
    gallery.view().setFocus()
    press(opened, Qt.Key.Key_C)
    qtbot.waitUntil(lambda: bool(pairs))
    made.decisions.set_threshold(0, 0.0)
    left, right = pairs[-1]
    assert bool(left.scores.predicted[0])  # type: ignore[attr-defined]
    assert right.scores.thresholds.tolist() == [0.5, 0.5, 0.5]  # type: ignore[attr-defined]
    made.side_by_side.close()
    made.side_by_side.toggle(np.array([3, 5]))
    qtbot.waitUntil(lambda: pairs[-1][0].title.endswith("003.png"))  # type: ignore[attr-defined]
    assert pairs[-1][1].title.endswith("005.png")  # type: ignore[attr-defined]
