"""Measuring on a part of the images in the real window: the numbers are that part's; undo and a restart know it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot
from sklearn.metrics import confusion_matrix

from app.application import Cutline
from inference.types import BoolArray, ImageState
from tests.app.conftest import LABELS, stop, write_images, write_labels
from tests.app.test_window import open_and_score, wait_until_scored


def choose(program: Cutline, words: str) -> None:
    measure = next(a.menu() for a in program.window.menus["Edit"].actions() if a.text() == "&Measure on")
    next(action for action in measure.actions() if action.text().startswith(words)).trigger()  # type: ignore[attr-defined]


def counts(program: Cutline) -> list[list[int]]:
    assert program.made is not None
    evaluator = program.made.evaluation.evaluator
    assert evaluator is not None
    found = evaluator.label_metrics()
    return [[int(getattr(found, name)[j]) for name in ("tn", "fp", "fn", "tp")] for j in range(len(LABELS))]


def expected(program: Cutline, measured: BoolArray) -> list[list[int]]:
    assert program.made is not None
    session = program.made.session
    assert session.run is not None
    assert session.dataset is not None
    kept = (session.run.state == ImageState.SCORED) & measured
    scores = (1 / (1 + np.exp(-session.run.logits[kept].astype(np.float64)))).astype(np.float32)
    y_pred, y_true = scores >= session.decision.thresholds.values, session.dataset.y_true[kept]
    result = []
    for j in range(len(LABELS)):
        known = y_true[:, j] >= 0
        result.append(confusion_matrix(y_true[known, j], y_pred[known, j], labels=[0, 1]).ravel().tolist())
    return result


@pytest.fixture
def split_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "split"
    names = write_images(folder, 20)
    labels = write_labels(folder, names)
    lines = labels.read_text().splitlines()
    parts = ["split", *("test" if i % 3 == 0 else "train" for i in range(len(names)))]
    labels.write_text("\n".join(f"{line},{part}" for line, part in zip(lines, parts, strict=True)))
    return folder


def test_numbers_are_those_of_the_part_and_undo_goes_back(
    program: Cutline, colour_model: Path, split_folder: Path, qtbot: QtBot
) -> None:
    open_and_score(program, qtbot, colour_model, split_folder)
    assert program.made is not None
    whole = np.ones(20, dtype=bool)
    test = np.array([i % 3 == 0 for i in range(20)])
    assert counts(program) == expected(program, whole)
    choose(program, "split: test (7 images)")
    qtbot.waitUntil(lambda: program.made is not None and program.made.evaluation.settled)
    assert counts(program) == expected(program, test)
    choose(program, "30 % held out")
    qtbot.waitUntil(lambda: program.made is not None and "held" in program.made.session.split.words)  # type: ignore[union-attr]
    split = program.made.session.split
    assert split is not None
    assert 4 <= split.measured.sum() <= 8
    assert counts(program) == expected(program, split.measured)
    program.made.stack.undo()
    assert counts(program) == expected(program, test)
    program.made.stack.undo()
    assert program.made.session.split is None
    assert counts(program) == expected(program, whole)


@pytest.mark.parametrize("words", ["30 % held out", "split: test"])
def test_the_next_start_measures_on_the_same_part(
    start: Callable[[], Cutline], colour_model: Path, split_folder: Path, qtbot: QtBot, words: str
) -> None:
    program = start()
    open_and_score(program, qtbot, colour_model, split_folder)
    choose(program, words)
    qtbot.waitUntil(lambda: program.made is not None and program.made.session.split is not None)
    assert program.made is not None
    assert program.made.session.split is not None
    before = program.made.session.split.measured
    stop(program)
    again = start()
    again.open_last()
    wait_until_scored(again, qtbot)
    assert again.made is not None
    assert again.made.session.split is not None
    np.testing.assert_array_equal(again.made.session.split.measured, before)
    assert counts(again) == expected(again, before)
