"""Wishes that overlap: the last one stands, no false pair is made on the way, and nothing scored is lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.application import Cutline
from app.controllers import pairing
from app.demos import demo
from inference.errors import DeviceError
from inference.models.opening import LoadedModel, open_model
from inference.types import ImageState
from tests.app.conftest import stop, write_images, write_labels
from tests.app.test_window import LONG, assert_table_is_scikit_learns, open_and_score, wait_until_scored


def test_opening_another_pair_makes_no_pair_of_old_and_new(
    program: Cutline, qtbot: QtBot, colour_model: Path, colour_folder: Path
) -> None:
    open_and_score(program, qtbot, colour_model, colour_folder)
    made = program.made
    assert made is not None
    seen: list[tuple[str, str]] = []
    made.session.runReset.connect(lambda: seen.append(made.opening.kept.paths()) if made.session.run else None)
    digits = demo("digits")
    open_and_score(program, qtbot, digits.model, digits.folder)
    assert seen == [(str(digits.model), str(digits.folder))]
    projects = (colour_folder.parent / "state" / "projects").glob("*.cutline")
    qtbot.waitUntil(lambda: made.opening.projects.path is not None)
    assert {path.name.rpartition("-")[0] for path in projects} == {colour_folder.name, digits.folder.name}


def test_a_model_and_a_folder_opened_one_after_the_other_come_together(
    program: Cutline, qtbot: QtBot, colour_model: Path, colour_folder: Path
) -> None:
    made = program.made
    assert made is not None
    made.opening.open(str(colour_model))
    made.opening.open(folder=str(colour_folder))  # before the model is there
    wait_until_scored(program, qtbot)
    assert_table_is_scikit_learns(program)


def test_of_a_pair_that_fails_half_nothing_is_taken(
    program: Cutline, qtbot: QtBot, colour_model: Path, colour_folder: Path, tmp_path: Path
) -> None:
    open_and_score(program, qtbot, colour_model, colour_folder)
    made = program.made
    assert made is not None
    run = made.session.run
    empty = tmp_path / "empty"
    empty.mkdir()
    program.open_pair(str(demo("digits").model), str(empty))
    qtbot.waitUntil(lambda: not made.opening.busy, timeout=LONG)
    assert made.session.model is not None
    assert str(made.session.model.path) == str(colour_model)
    assert made.session.run is run
    assert str(empty) in program.window.message_bar.currentText()


def test_mapping_labels_anew_keeps_every_logit(
    program: Cutline, qtbot: QtBot, colour_model: Path, colour_folder: Path
) -> None:
    open_and_score(program, qtbot, colour_model, colour_folder)
    made = program.made
    assert made is not None
    assert made.session.report is not None
    run = made.session.run
    made.opening.correct_dataset(made.session.report, made.opening.kept.choices, {"red": "green", "green": "red"})
    wait_until_scored(program, qtbot)
    assert made.session.run is run
    assert_table_is_scikit_learns(program)


def test_corrections_of_a_dataset_that_is_no_longer_open_are_not_made(
    program: Cutline, qtbot: QtBot, colour_model: Path, colour_folder: Path
) -> None:
    open_and_score(program, qtbot, colour_model, colour_folder)
    made = program.made
    assert made is not None
    old = made.session.report
    assert old is not None
    digits = demo("digits")
    open_and_score(program, qtbot, digits.model, digits.folder)
    made.opening.correct_dataset(old, made.opening.kept.choices, {"zero": "one"})
    assert not made.opening.busy
    assert made.opening.kept.mapping == {}


def test_scoring_goes_on_after_a_model_that_cannot_be_opened(
    program: Cutline, qtbot: QtBot, colour_model: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "many"
    write_labels(folder, write_images(folder, 150))
    bad = tmp_path / "bad.safetensors"
    bad.write_bytes(b"nothing of the kind")
    made = program.made
    assert made is not None
    program.open_pair(str(colour_model), str(folder))
    qtbot.waitUntil(lambda: made.scoring.running, timeout=LONG)
    made.opening.open(str(bad))
    made.opening.open(str(bad))  # and again, before the first is refused
    wait_until_scored(program, qtbot)
    assert made.session.run is not None
    assert np.count_nonzero(made.session.run.state == ImageState.SCORED) == 150


def test_a_device_that_is_gone_is_replaced_and_said(
    start: Callable[[], Cutline], qtbot: QtBot, colour_model: Path, colour_folder: Path
) -> None:
    program = start()
    assert program.made is not None
    program.made.devices.set_device("cuda:7")
    open_and_score(program, qtbot, colour_model, colour_folder)
    assert program.made.session.model is not None
    assert program.made.session.model.device != "cuda:7"
    assert "cuda:7" in program.window.message_bar.currentText()


def test_a_model_that_does_not_fit_its_device_runs_on_the_cpu(
    program: Cutline, qtbot: QtBot, colour_model: Path, colour_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: str, *, device: str | None, **rest: object) -> LoadedModel:
        if device != "cpu":
            raise DeviceError("The model does not fit on cuda:0.")
        return open_model(path, device=device)

    monkeypatch.setattr(pairing, "open_model", full)
    open_and_score(program, qtbot, colour_model, colour_folder)
    assert_table_is_scikit_learns(program)


def test_a_state_that_waits_to_be_written_is_written_at_the_end(start: Callable[[], Cutline]) -> None:
    first = start()
    first.set_theme("dark")
    stop(first)
    assert start().memory.state.theme == "dark"
    first = start()
    first.set_theme("light")


def test_broken_files_that_were_mended_are_scored_when_asked(
    program: Cutline, qtbot: QtBot, colour_model: Path, colour_folder: Path
) -> None:
    broken = colour_folder / "image_003.png"
    good = broken.read_bytes()
    broken.write_bytes(good[:100])
    open_and_score(program, qtbot, colour_model, colour_folder)
    made = program.made
    assert made is not None
    assert list(made.session.failures) == [3]
    broken.write_bytes(good)
    made.scoring.again()
    wait_until_scored(program, qtbot)
    assert made.session.failures == {}
    assert made.session.run is not None
    assert (made.session.run.state == ImageState.SCORED).all()


def test_a_model_that_is_not_there_is_named_while_the_folder_opens(
    program: Cutline, qtbot: QtBot, colour_folder: Path, tmp_path: Path
) -> None:
    made = program.made
    assert made is not None
    made.opening.open_paths([str(tmp_path / "gone.toml"), str(colour_folder)])
    qtbot.waitUntil(lambda: not made.opening.busy and made.session.dataset is not None)
    assert "gone.toml is not there" in program.window.message_bar.currentText()
