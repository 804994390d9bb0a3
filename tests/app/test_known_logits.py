"""Logits that were computed before: what is scored again, and what is not, in the real window."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pytestqt.qtbot import QtBot

from app.application import Cutline
from app.controllers import scoring
from inference.data.images import decode_image
from inference.types import ImageState, RgbArray, ScoreArray
from tests.app.conftest import stop, write_images, write_labels
from tests.app.test_window import assert_table_is_scikit_learns, open_and_score


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files that were decoded to be scored, in a list that may be cleared."""
    names: list[str] = []

    def decode(path: str) -> RgbArray:
        names.append(os.path.basename(path))
        return decode_image(path).rgb

    monkeypatch.setattr(scoring, "_decode", decode)
    return names


def logits_of(program: Cutline) -> ScoreArray:
    assert program.made is not None
    run = program.made.session.run
    assert run is not None
    assert (run.state == ImageState.SCORED).all()
    return run.logits.copy()


def test_reopening_scores_nothing_again(
    start: Callable[[], Cutline], qtbot: QtBot, colour_model: Path, colour_folder: Path, decoded: list[str]
) -> None:
    program = start()
    open_and_score(program, qtbot, colour_model, colour_folder)
    before = logits_of(program)
    assert len(decoded) == 30
    stop(program)
    decoded.clear()
    program = start()
    open_and_score(program, qtbot, colour_model, colour_folder)
    assert decoded == []
    assert np.array_equal(logits_of(program), before)
    assert_table_is_scikit_learns(program)


def test_only_what_is_new_or_changed_is_scored(
    start: Callable[[], Cutline], qtbot: QtBot, colour_model: Path, colour_folder: Path, decoded: list[str]
) -> None:
    program = start()
    open_and_score(program, qtbot, colour_model, colour_folder)
    before = logits_of(program)
    stop(program)
    decoded.clear()
    write_images(colour_folder / "more", 2, seed=5)  # the folder differs: it is read anew
    (colour_folder / "more" / "image_000.png").rename(colour_folder / "new.png")
    (colour_folder / "more" / "image_001.png").unlink()
    (colour_folder / "more").rmdir()
    changed = colour_folder / "image_004.png"
    Image.fromarray(np.full((40, 48, 3), 200, dtype=np.uint8)).save(changed)
    os.utime(changed, ns=(1, 1))
    program = start()
    open_and_score(program, qtbot, colour_model, colour_folder)
    assert sorted(set(decoded) - {"new.png"}) == ["image_004.png"]
    after = logits_of(program)
    assert program.made is not None
    assert program.made.session.dataset is not None
    names = program.made.session.dataset.names
    same = [row for row, name in enumerate(names) if name not in ("image_004.png", "new.png")]
    assert np.array_equal(after[same], np.delete(before, 4, axis=0))
    assert not np.array_equal(after[names.index("image_004.png")], before[4])


def test_a_file_that_was_only_touched_is_read_but_not_scored(
    start: Callable[[], Cutline], qtbot: QtBot, colour_model: Path, colour_folder: Path, decoded: list[str]
) -> None:
    program = start()
    open_and_score(program, qtbot, colour_model, colour_folder)
    stop(program)
    decoded.clear()
    os.utime(colour_folder / "image_007.png", ns=(1, 1))
    program = start()
    open_and_score(program, qtbot, colour_model, colour_folder)
    assert decoded == []


def test_the_same_images_elsewhere_are_found_by_their_content(
    start: Callable[[], Cutline], qtbot: QtBot, colour_model: Path, colour_folder: Path, decoded: list[str]
) -> None:
    program = start()
    open_and_score(program, qtbot, colour_model, colour_folder)
    before = logits_of(program)
    elsewhere = colour_folder.parent / "elsewhere"
    names = write_images(elsewhere, 30)
    write_labels(elsewhere, names)
    decoded.clear()
    open_and_score(program, qtbot, colour_model, elsewhere)
    assert decoded == []
    assert np.array_equal(logits_of(program), before)


def test_other_images_are_scored_after_a_short_look(
    start: Callable[[], Cutline], qtbot: QtBot, colour_model: Path, colour_folder: Path, decoded: list[str]
) -> None:
    program = start()
    open_and_score(program, qtbot, colour_model, colour_folder)
    others = colour_folder.parent / "others"
    write_labels(others, write_images(others, 100, seed=9))
    decoded.clear()
    open_and_score(program, qtbot, colour_model, others)
    assert len(decoded) == 100


def test_a_damaged_cache_is_dropped_and_rebuilt(
    start: Callable[[], Cutline], qtbot: QtBot, colour_model: Path, colour_folder: Path, decoded: list[str]
) -> None:
    program = start()
    open_and_score(program, qtbot, colour_model, colour_folder)
    before = logits_of(program)
    stop(program)
    tables = list((colour_folder.parent / "state" / "cache" / "logits").glob("*.logits"))
    assert len(tables) == 1
    data = bytearray(tables[0].read_bytes())
    data[64:] = bytes(byte ^ 0x55 for byte in data[64:])
    tables[0].write_bytes(data)
    for attempt in range(2):
        decoded.clear()
        program = start()
        open_and_score(program, qtbot, colour_model, colour_folder)
        assert np.array_equal(logits_of(program), before)
        assert len(decoded) == (0 if attempt else 30)
        stop(program)


def test_the_project_learns_the_files_while_they_are_scored(
    program: Cutline, qtbot: QtBot, colour_model: Path, colour_folder: Path
) -> None:
    open_and_score(program, qtbot, colour_model, colour_folder)
    made = program.made
    assert made is not None
    found: list[object] = []
    made.opening.projects.look_again(found.append, found.append)
    qtbot.waitUntil(lambda: bool(found))
    images = found[0].contents.images  # type: ignore[attr-defined]
    assert images.fingerprints.any(axis=1).all()
    sizes = [(colour_folder / name).stat().st_size for name in images.names]
    assert images.sizes.tolist() == sizes
