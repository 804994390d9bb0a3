"""Project files that are opened, saved elsewhere, open in another window, or damaged."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QPushButton
from pytestqt.qtbot import QtBot

from app.application import Cutline
from app.file_telling import RESCUE, move_aside
from app.folders import Folders
from inference.data.store import Project
from tests.app.conftest import stop
from tests.app.files import annotate, said
from tests.app.test_window import LONG, open_and_score
from widgets.dialogs.choice_dialog import ChoiceDialog


def is_open(program: Cutline, qtbot: QtBot) -> None:
    made = program.made
    assert made is not None
    qtbot.waitUntil(lambda: not made.opening.busy and made.session.dataset is not None, timeout=LONG)
    qtbot.waitUntil(lambda: not made.scoring.running and made.evaluation.settled, timeout=LONG)


def is_saved(program: Cutline, qtbot: QtBot) -> None:
    assert program.made is not None
    projects = program.made.opening.projects
    qtbot.waitUntil(lambda: projects.path is not None and not projects.unsaved, timeout=LONG)


def the_project(folder: Path) -> Path:
    """Of the only folder that was opened so far."""
    found = list((folder.parent / "state" / "projects").glob("*.cutline"))
    assert len(found) == 1
    return found[0]


def test_a_project_saved_elsewhere_goes_on_there(
    start: Callable[[], Cutline],
    qtbot: QtBot,
    colour_model: Path,
    colour_folder: Path,
    annotated: dict[str, list[int]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    copy = colour_folder.parent / "my work.cutline"
    program = start()
    open_and_score(program, qtbot, colour_model, colour_folder)
    made = program.made
    assert made is not None
    annotate(program, "image_001.png")
    before = said(program)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(copy.with_suffix("")), ""))
    program.window.actions_by_key["save_project_as"].trigger()
    qtbot.waitUntil(lambda: made.opening.projects.path == copy, timeout=LONG)
    qtbot.waitUntil(lambda: made.memory.state.last_folder == str(copy), timeout=LONG)
    is_open(program, qtbot)
    assert said(program) == before
    assert made.scoring.pending == 0
    annotate(program, "image_002.png")
    after = said(program)
    is_saved(program, qtbot)
    made.stack.undo()
    assert said(program) == before
    made.stack.undo()  # what was done before it was saved elsewhere
    assert said(program) == annotated
    made.stack.redo()
    made.stack.redo()
    stop(program)

    program = start()
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(copy), ""))
    program.window.actions_by_key["open_project"].trigger()
    is_open(program, qtbot)
    assert said(program) == after
    open_and_score(program, qtbot, colour_model, colour_folder)
    assert said(program) == before  # the first one stayed as it was


def test_a_dropped_project_is_opened(
    program: Cutline, qtbot: QtBot, colour_model: Path, colour_folder: Path, tmp_path: Path
) -> None:
    open_and_score(program, qtbot, colour_model, colour_folder)
    made = program.made
    assert made is not None
    copies: list[Path] = []
    made.opening.projects.save_as(tmp_path / "copy.cutline", copies.append, lambda error: pytest.fail(str(error)))
    qtbot.waitUntil(lambda: bool(copies), timeout=LONG)
    program.window.pathsDropped.emit([str(copies[0])])
    is_open(program, qtbot)
    qtbot.waitUntil(lambda: made.opening.projects.path == copies[0], timeout=LONG)
    assert made.session.dataset is not None
    assert made.session.dataset.source == str(copies[0])
    assert made.session.dataset.root == str(colour_folder)


def test_edits_that_could_not_be_written_come_along_when_saved_elsewhere(
    program: Cutline,
    qtbot: QtBot,
    colour_model: Path,
    colour_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from inference.errors import ProjectWriteError

    open_and_score(program, qtbot, colour_model, colour_folder)
    is_saved(program, qtbot)
    made = program.made
    assert made is not None
    path, do = made.opening.projects.path, Project.do

    def full(self: Project, step: object) -> None:
        if self.path == path:
            raise ProjectWriteError("the disk is full")
        do(self, step)  # type: ignore[arg-type]

    monkeypatch.setattr(Project, "do", full)
    annotate(program, "image_001.png")
    after = said(program)
    qtbot.waitUntil(lambda: "disk is full" in program.window.message_bar.currentText(), timeout=LONG)
    copy = tmp_path / "copy.cutline"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(copy), ""))
    program.window.actions_by_key["save_project_as"].trigger()
    qtbot.waitUntil(lambda: made.opening.projects.path == copy, timeout=LONG)
    is_open(program, qtbot)
    is_saved(program, qtbot)
    assert said(program) == after


def test_a_window_that_has_the_project_comes_forward(
    start: Callable[[], Cutline],
    qtbot: QtBot,
    colour_model: Path,
    colour_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = start()
    raised: list[bool] = []
    monkeypatch.setattr(first.window, "raise_", lambda: raised.append(True))  # a display is needed for the real one
    open_and_score(first, qtbot, colour_model, colour_folder)
    is_saved(first, qtbot)
    assert first.made is not None
    other = Cutline(Folders(tmp_path / "other", tmp_path / "state" / "projects", tmp_path / "other" / "cache"))
    try:
        with qtbot.waitSignal(other.ready, timeout=30_000):
            other.window.show()
        first.window.showMinimized()
        with qtbot.waitSignal(first.made.elsewhere.forwardRequested, timeout=LONG):
            other.open_pair(str(colour_model), str(colour_folder))
        qtbot.waitUntil(lambda: "come forward" in other.window.message_bar.currentText(), timeout=LONG)
        assert other.window.message_bar.currentText().startswith(f"{colour_folder.name} is open in another")
        assert raised
        assert not first.window.windowState() & Qt.WindowState.WindowMinimized
        assert other.made is not None
        assert other.made.session.dataset is None
    finally:
        stop(other)


_HOLD = """
import sys
from inference.data.store import Project
project = Project.open(sys.argv[1], who="ann")
print("held", flush=True)
sys.stdin.read()
project.close()
"""


def test_a_project_that_another_program_has_says_who(
    start: Callable[[], Cutline],
    qtbot: QtBot,
    colour_model: Path,
    colour_folder: Path,
    annotated: dict[str, list[int]],
) -> None:
    command = [sys.executable, "-c", _HOLD, str(the_project(colour_folder))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdin is not None
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        program = start()
        bar = program.window.message_bar
        program.open_pair(str(colour_model), str(colour_folder))
        try:
            qtbot.waitUntil(lambda: "open in another Cutline" in bar.currentText(), timeout=LONG)
        finally:
            holder.stdin.close()
        assert "close it there" in bar.currentText()
    open_and_score(program, qtbot, colour_model, colour_folder)
    assert said(program) == annotated


def damage(path: Path) -> bytes:
    """Spoil its tables; returns what it is then."""
    data = bytearray(path.read_bytes())
    data[4096:] = os.urandom(len(data) - 4096)
    path.write_bytes(data)
    return bytes(data)


def choose(program: Cutline, qtbot: QtBot, words: str) -> list[str]:
    """Press the button with these words in the dialog about a damaged project; the words of all."""
    bar = program.window.message_bar
    qtbot.waitUntil(lambda: bar.currentKey() == RESCUE, timeout=LONG)
    bar.actionRequested.emit()
    box = program.window.findChild(ChoiceDialog, "damaged project")
    assert isinstance(box, ChoiceDialog)
    buttons = {button.text(): button for button in box.findChildren(QPushButton)}
    next(button for text, button in buttons.items() if words in text).click()
    return list(buttons)


def test_a_backup_takes_the_place_of_a_damaged_project(
    start: Callable[[], Cutline],
    qtbot: QtBot,
    colour_model: Path,
    colour_folder: Path,
    annotated: dict[str, list[int]],
) -> None:
    path = the_project(colour_folder)
    with Project.open(path, who="ann") as project:
        project.backup("test")
    damaged = damage(path)
    program = start()
    program.open_pair(str(colour_model), str(colour_folder))
    choose(program, qtbot, "Bring back")
    is_open(program, qtbot)
    assert said(program) == annotated
    kept = [file for file in path.with_name(f"{path.name}.backups").iterdir() if file.read_bytes() == damaged]
    assert len(kept) == 1


def test_a_new_project_beside_a_damaged_one(
    start: Callable[[], Cutline],
    qtbot: QtBot,
    colour_model: Path,
    colour_folder: Path,
    annotated: dict[str, list[int]],
) -> None:
    path = the_project(colour_folder)
    damaged = damage(path)
    program = start()
    program.open_pair(str(colour_model), str(colour_folder))
    choose(program, qtbot, "new project")
    is_open(program, qtbot)
    assert said(program).keys() == annotated.keys()
    assert path.with_name(f"{path.name}.damaged-1").read_bytes() == damaged


def test_what_is_left_of_a_damaged_project_is_read(
    start: Callable[[], Cutline],
    qtbot: QtBot,
    colour_model: Path,
    colour_folder: Path,
    annotated: dict[str, list[int]],
) -> None:
    path = the_project(colour_folder)
    connection = sqlite3.connect(path)
    (page,) = connection.execute(
        "SELECT rootpage FROM sqlite_master WHERE name = 'events' AND type = 'table'"
    ).fetchone()
    size = connection.execute("PRAGMA page_size").fetchone()[0]
    connection.close()
    data = bytearray(path.read_bytes())
    data[(page - 1) * size : page * size] = b"\xff" * size
    path.write_bytes(data)
    program = start()
    program.open_pair(str(colour_model), str(colour_folder))
    choose(program, qtbot, "Read what is left")
    is_open(program, qtbot)
    assert said(program) == annotated
    assert path.read_bytes() == bytes(data)


def test_a_damaged_project_that_cannot_be_moved_is_said(tmp_path: Path) -> None:
    path = tmp_path / "a.cutline"
    path.write_bytes(b"1")
    (tmp_path / "a.cutline-wal").write_bytes(b"2")
    assert move_aside(path).read_bytes() == b"1"
    assert (tmp_path / "a.cutline.damaged-1-wal").read_bytes() == b"2"
    path.write_bytes(b"3")
    assert move_aside(path).name == "a.cutline.damaged-2"
