"""A folder that changed behind an annotated project, and one that moved, in the real window."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from app.application import Cutline
from app.file_telling import LOCATE, TAKE_IN, change_words
from inference.data.folder_changes import FolderChanges, FoundFiles
from inference.types import UNSAID, ImageState
from tests.app.conftest import stop
from tests.app.files import annotate, said
from tests.app.test_window import LONG, open_and_score


def look(program: Cutline, qtbot: QtBot) -> None:
    assert program.made is not None
    watch = program.made.watch
    qtbot.waitUntil(lambda: watch.settled, timeout=LONG)


def paint(path: Path, value: int) -> None:
    Image.fromarray(np.full((40, 48, 3), value, dtype=np.uint8)).save(path)


def test_what_changed_is_said_marked_and_taken_in(
    start: Callable[[], Cutline],
    qtbot: QtBot,
    colour_model: Path,
    colour_folder: Path,
    annotated: dict[str, list[int]],
) -> None:
    (colour_folder / "image_005.png").rename(colour_folder / "five.png")
    (colour_folder / "image_006.png").unlink()
    paint(colour_folder / "image_007.png", 99)
    paint(colour_folder / "new.png", 50)
    program = start()
    open_and_score(program, qtbot, colour_model, colour_folder)
    made, bar = program.made, program.window.message_bar
    assert made is not None
    look(program, qtbot)
    assert "1 new image, 1 vanished, 1 changed, 1 renamed" in bar.currentText()
    assert bar.currentKey() == TAKE_IN
    names = list(annotated)
    assert np.flatnonzero(made.watch.vanished).tolist() == [names.index("image_006.png")]
    assert np.flatnonzero(made.watch.changed).tolist() == [names.index("image_007.png")]
    assert made.session.dataset is not None
    assert made.session.dataset.names == tuple(names)  # nothing is taken in before somebody says so

    bar.actionRequested.emit()
    qtbot.waitUntil(lambda: made.session.dataset is not None and "new.png" in made.session.dataset.names, timeout=LONG)
    qtbot.waitUntil(lambda: not made.opening.busy and not made.scoring.running, timeout=LONG)
    after = said(program)
    assert after.pop("new.png") == [UNSAID] * 3
    assert after == {("five.png" if name == "image_005.png" else name): row for name, row in annotated.items()}
    look(program, qtbot)
    assert not made.watch.to_take_in
    gone = [made.session.dataset.names[image] for image in np.flatnonzero(made.watch.vanished)]
    assert gone == ["image_006.png"]
    assert made.session.run is not None
    states = dict(zip(made.session.dataset.names, made.session.run.state.tolist(), strict=True))
    assert {name for name, state in states.items() if state != ImageState.SCORED} == {"image_006.png"}


def test_a_changed_image_stays_marked_until_somebody_says_something_of_it(
    start: Callable[[], Cutline],
    qtbot: QtBot,
    colour_model: Path,
    colour_folder: Path,
    annotated: dict[str, list[int]],
) -> None:
    paint(colour_folder / "image_009.png", 99)
    for _ in range(2):
        program = start()
        open_and_score(program, qtbot, colour_model, colour_folder)
        look(program, qtbot)
        assert program.made is not None
        assert np.flatnonzero(program.made.watch.changed).tolist() == [9]
        stop(program)
    program = start()
    open_and_score(program, qtbot, colour_model, colour_folder)
    annotate(program, "image_009.png")
    assert program.made is not None
    assert not program.made.watch.changed.any()


def test_an_image_that_came_back_is_not_marked_any_more(
    start: Callable[[], Cutline],
    qtbot: QtBot,
    colour_model: Path,
    colour_folder: Path,
    annotated: dict[str, list[int]],
) -> None:
    away = colour_folder.parent / "away.png"
    shutil.move(colour_folder / "image_003.png", away)
    program = start()
    open_and_score(program, qtbot, colour_model, colour_folder)
    look(program, qtbot)
    made = program.made
    assert made is not None
    made.watch.take_in()
    qtbot.waitUntil(lambda: not made.opening.busy, timeout=LONG)
    stop(program)
    shutil.move(away, colour_folder / "image_003.png")
    program = start()
    open_and_score(program, qtbot, colour_model, colour_folder)
    look(program, qtbot)
    assert program.made is not None
    assert not program.made.watch.vanished.any()


def test_a_folder_that_moved_can_be_pointed_at_again(
    start: Callable[[], Cutline],
    qtbot: QtBot,
    colour_model: Path,
    colour_folder: Path,
    annotated: dict[str, list[int]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    moved = colour_folder.parent / "moved"
    colour_folder.rename(moved)
    program = start()
    program.open_pair(str(colour_model), str(colour_folder))
    made, bar = program.made, program.window.message_bar
    assert made is not None
    qtbot.waitUntil(lambda: made.session.ready and not made.opening.busy, timeout=LONG)
    look(program, qtbot)
    assert said(program) == annotated
    while bar.currentKey() != LOCATE:  # scoring has its word too
        bar.dismissCurrent()
    assert str(colour_folder) in bar.currentText()
    empty = colour_folder.parent / "empty"
    empty.mkdir()
    chosen = [str(empty), str(moved)]
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: chosen.pop(0))
    bar.actionRequested.emit()
    qtbot.waitUntil(lambda: "None of the 30 images" in bar.currentText(), timeout=LONG)
    program.window.actions_by_key["locate_images"].trigger()
    qtbot.waitUntil(lambda: made.session.dataset is not None and made.session.dataset.root == str(moved), timeout=LONG)
    qtbot.waitUntil(lambda: not made.scoring.running and not made.scoring.pending, timeout=LONG)
    assert said(program) == annotated
    assert made.session.run is not None
    assert (made.session.run.state == ImageState.SCORED).all()


def test_opening_something_else_stops_the_look(
    start: Callable[[], Cutline],
    qtbot: QtBot,
    colour_model: Path,
    colour_folder: Path,
    annotated: dict[str, list[int]],
) -> None:
    (colour_folder / "image_006.png").unlink()
    program = start()
    open_and_score(program, qtbot, colour_model, colour_folder)
    other = colour_folder.parent / "other"
    shutil.copytree(colour_folder, other)
    made = program.made
    assert made is not None
    made.watch.look()
    open_and_score(program, qtbot, colour_model, other)
    look(program, qtbot)
    assert not made.watch.vanished.any()
    assert not made.watch.to_take_in


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ((1, 0, 0, 0), "1 new image"),
        ((1200, 3, 2, 5), "1,200 new images, 3 vanished, 2 changed, 5 renamed"),
        ((0, 1, 0, 0), "1 image vanished"),
        ((0, 0, 2, 1), "2 images changed, 1 renamed"),
    ],
)
def test_changes_in_words(counts: tuple[int, int, int, int], words: str) -> None:
    new, vanished, changed, renamed = counts
    none = np.zeros(0, dtype=np.int64)
    files = FoundFiles(none, none, np.zeros((0, 16), dtype=np.uint8))
    changes = FolderChanges(
        new=tuple(map(str, range(new))),
        new_files=files,
        vanished=np.arange(vanished),
        changed=np.arange(changed),
        touched=none,
        returned=none,
        renamed={image: f"{image}.png" for image in range(renamed)},
        seen=none,
        files=files,
        warnings=(),
    )
    assert change_words(changes) == words
    assert os.sep not in words
