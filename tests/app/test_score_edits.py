"""What changes the score, in the running program: live, newest first, and written nowhere."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

import app.controllers.score_edits as edits_module
from app.application import Cutline
from app.controllers.score_edits import EditsController
from inference.models.score_edits import apply_edits, score_picture
from inference.types import ImageScores, RgbArray
from inference.types.looking import NO_EDITS, Box, Edits
from tests.app.conftest import write_images
from tests.app.test_looking import picture_of, view_of
from tests.app.test_window import LONG, open_and_score
from widgets.looking.edits_dialog import EditsDialog

WAIT_S = 30
EDITED = Edits(mirrored=True, brightness=0.4, boxes=(Box(0.1, 0.1, 0.6, 0.7),))


class Seen:
    def __init__(self, control: EditsController) -> None:
        self.pictures: list[RgbArray | None] = []
        self.scores: list[tuple[ImageScores | None, ImageScores | None]] = []
        self.messages: list[str] = []
        self.edits: list[Edits] = []
        control.pictureChanged.connect(self.pictures.append)
        control.scoresChanged.connect(lambda before, after: self.scores.append((before, after)))
        control.messageChanged.connect(self.messages.append)
        control.editsChanged.connect(self.edits.append)

    @property
    def pair(self) -> tuple[ImageScores, ImageScores]:
        before, after = self.scores[-1]
        assert before is not None
        assert after is not None
        return before, after

    @property
    def known(self) -> bool:
        return bool(self.scores) and self.scores[-1][0] is not None


@pytest.fixture
def scored(program: Cutline, qtbot: QtBot, colour_model: Path, colour_folder: Path) -> Cutline:
    open_and_score(program, qtbot, colour_model, colour_folder)
    assert program.made is not None
    program.made.session.set_image(0)
    program.made.session.set_label(0)
    qtbot.waitUntil(lambda: view_of(program).canvas().hasImage(), timeout=LONG)
    return program


@pytest.fixture
def control(scored: Cutline) -> EditsController:
    assert scored.made is not None
    return scored.made.score_edits


def sigmoid(logits: np.ndarray) -> np.ndarray:
    return np.asarray(1 / (1 + np.exp(-logits.astype(np.float64))))


def settle(program: Cutline, qtbot: QtBot, seen: Seen) -> None:
    made = program.made
    assert made is not None
    qtbot.waitUntil(lambda: seen.known and not made.jobs.busy and not made.score_edits._soon.isActive(), timeout=LONG)


def test_before_is_the_runs_score_and_after_is_the_edited_pictures(
    scored: Cutline, control: EditsController, qtbot: QtBot
) -> None:
    made = scored.made
    assert made is not None
    seen = Seen(control)
    control.set_wanted(True)
    control.set_edits(EDITED)
    settle(scored, qtbot, seen)
    run: Any = made.session.run
    model: Any = made.session.model
    before, after = seen.pair
    np.testing.assert_allclose(before.scores, sigmoid(run.logits[0]), rtol=1e-3, atol=1e-5)
    picture = apply_edits(picture_of(scored, 0), EDITED)
    np.testing.assert_allclose(after.scores, sigmoid(score_picture(model, picture)), rtol=1e-3, atol=1e-5)
    assert seen.pictures[-1] is not None
    np.testing.assert_array_equal(seen.pictures[-1], picture)  # what is shown is what was scored
    assert (after.predicted == (after.scores >= after.thresholds)).all()


def test_a_threshold_moves_the_decision_without_asking_the_model(
    scored: Cutline, control: EditsController, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = scored.made
    assert made is not None
    seen = Seen(control)
    control.set_wanted(True)
    settle(scored, qtbot, seen)
    asked: list[object] = []
    monkeypatch.setattr(edits_module, "score_picture", lambda *given: asked.append(given))
    score = float(seen.pair[1].scores[0])
    made.decisions.set_threshold(0, score / 2)
    assert seen.pair[1].predicted[0]
    made.decisions.set_threshold(0, (1 + score) / 2)
    assert not seen.pair[1].predicted[0]
    assert asked == []


def test_only_the_newest_edits_count(
    scored: Cutline, control: EditsController, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    entered, free = threading.Semaphore(0), threading.Semaphore(0)
    tried: list[Edits] = []

    def slow(rgb: RgbArray, edits: Edits) -> RgbArray:
        tried.append(edits)
        entered.release()
        assert free.acquire(timeout=WAIT_S)
        return apply_edits(rgb, edits)

    monkeypatch.setattr(edits_module, "apply_edits", slow)
    seen = Seen(control)
    control.set_wanted(True)
    assert entered.acquire(timeout=WAIT_S)
    for turn in range(1, 20):
        control.set_edits(Edits(turn=turn))
    free.release()
    free.release()
    qtbot.waitUntil(lambda: len(tried) == 2, timeout=LONG)
    settle(scored, qtbot, seen)
    assert tried == [NO_EDITS, Edits(turn=19)]


def test_another_image_drops_what_was_on_its_way_and_the_boxes(
    scored: Cutline, control: EditsController, qtbot: QtBot
) -> None:
    made = scored.made
    assert made is not None
    seen = Seen(control)
    control.set_wanted(True)
    control.set_edits(EDITED)
    settle(scored, qtbot, seen)
    made.session.set_image(5)
    assert seen.edits == [replace(EDITED, boxes=())]
    assert not seen.known
    settle(scored, qtbot, seen)
    model: Any = made.session.model
    picture = apply_edits(picture_of(scored, 5), replace(EDITED, boxes=()))
    np.testing.assert_allclose(seen.pair[1].scores, sigmoid(score_picture(model, picture)), rtol=1e-3, atol=1e-5)


def test_nothing_is_written_and_nothing_stays(scored: Cutline, control: EditsController, qtbot: QtBot) -> None:
    made = scored.made
    assert made is not None
    dataset, run = made.session.dataset, made.session.run
    assert dataset is not None
    assert run is not None
    files = {name: (Path(dataset.root) / name).read_bytes() for name in dataset.names}
    logits, steps = run.logits.copy(), made.stack.canUndo()
    seen = Seen(control)
    control.set_wanted(True)
    control.set_edits(EDITED)
    settle(scored, qtbot, seen)
    control.set_wanted(False)
    assert control.edits == NO_EDITS
    assert {name: (Path(dataset.root) / name).read_bytes() for name in dataset.names} == files
    np.testing.assert_array_equal(run.logits, logits)
    assert made.stack.canUndo() == steps


def test_a_broken_image_says_so(program: Cutline, qtbot: QtBot, colour_model: Path, tmp_path: Path) -> None:
    folder = tmp_path / "broken"
    names = write_images(folder, 4)
    (folder / names[1]).write_bytes(b"no picture")
    open_and_score(program, qtbot, colour_model, folder)
    made = program.made
    assert made is not None
    seen = Seen(made.score_edits)
    made.score_edits.set_wanted(True)
    made.session.set_image(1)
    qtbot.waitUntil(lambda: bool(seen.messages) and names[1] in seen.messages[-1], timeout=LONG)
    assert seen.pictures[-1] is None
    assert not seen.known


def test_the_dialog_from_the_menu_to_its_end(scored: Cutline, qtbot: QtBot) -> None:
    """By keys alone: open, cover, turn, go on, close."""
    made = scored.made
    assert made is not None
    QTest.keyClick(scored.window, Qt.Key.Key_H, Qt.KeyboardModifier.ControlModifier)
    (dialog,) = scored.window.findChildren(EditsDialog)
    assert dialog.isVisible()
    qtbot.waitUntil(lambda: bool(dialog.rows().rows()), timeout=LONG)
    assert dialog.rows().rows()[0].name == "red"
    before = dialog.rows().rows()[0]
    assert before.before == before.after
    dialog.canvas().setFocus()
    QTest.keyClick(dialog.canvas(), Qt.Key.Key_B)
    qtbot.waitUntil(lambda: dialog.rows().rows()[0].after != before.after, timeout=LONG)
    made.session.set_label(2)
    assert dialog.rows().rows()[0].name == "blue"
    made.session.set_image(2)
    qtbot.waitUntil(lambda: bool(dialog.rows().rows()), timeout=LONG)
    assert dialog.canvas().boxes() == ()
    dialog.close()
    qtbot.waitUntil(lambda: not made.jobs.busy, timeout=LONG)
    scored.window.actions_by_key["edits"].trigger()
    assert dialog.isVisible()
    assert scored.window.findChildren(EditsDialog) == [dialog]
    assert dialog.edits() == NO_EDITS
