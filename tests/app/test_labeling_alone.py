"""Labeling before there is a model, from nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from app.application import Cutline
from inference.types import NEGATIVE, POSITIVE, UNSAID
from tests.app.conftest import LABELS, stop, write_images
from tests.app.test_labeling import kept_in_file, said, wait_until_saved
from tests.app.test_window import assert_table_is_scikit_learns, wait_until_scored
from widgets.elided_label import ElidedLabel
from widgets.gallery import Gallery
from widgets.gallery.chips import OutcomeChips


def open_folder(program: Cutline, qtbot: QtBot, folder: Path) -> None:
    made = program.made
    assert made is not None
    made.opening.open(folder=str(folder))
    qtbot.waitUntil(lambda: not made.opening.busy and made.session.dataset is not None)


def test_labels_are_made_up_while_labeling_and_a_model_comes_later(
    start: Callable[[], Cutline], qtbot: QtBot, colour_model: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "plain"
    write_images(folder, 12)
    program = start()
    open_folder(program, qtbot, folder)
    made = program.made
    assert made is not None
    assert made.session.dataset is not None
    for name in (*LABELS, "blurred"):
        made.annotating.add_label(name)
    assert made.session.dataset.labels == (*LABELS, "blurred")
    for image in range(12):
        made.session.set_image(image)
        made.annotating.say_none()
        made.annotating.press_key(str(image % 4 + 1))
    expected = [[POSITIVE if label == image % 4 else NEGATIVE for label in range(4)] for image in range(12)]
    assert said(program) == expected
    wait_until_saved(program, qtbot)
    stop(program)
    assert kept_in_file(program) == expected

    again = start()
    open_folder(again, qtbot, folder)
    made = again.made
    assert made is not None
    assert said(again) == expected
    made.opening.open(str(colour_model))
    wait_until_scored(again, qtbot)
    assert said(again) == expected  # also under the label that the model has no output for
    assert made.session.dataset is not None
    assert made.session.dataset.labels == LABELS
    assert np.array_equal(made.session.dataset.y_true, np.array(expected)[:, :3])
    assert_table_is_scikit_learns(again)
    for _ in range(2):
        made.stack.undo()
    assert said(again)[11] == [UNSAID] * 4
    assert_table_is_scikit_learns(again)


def test_without_a_model_nothing_speaks_of_scores(
    start: Callable[[], Cutline], qtbot: QtBot, colour_model: Path, colour_folder: Path
) -> None:
    program = start()
    open_folder(program, qtbot, colour_folder)
    bench, made = program.window.workbench, program.made
    assert bench is not None
    assert made is not None
    assert not bench.rule_strip.isVisible()
    assert not bench.labels.isVisible()
    assert not bench.plots.isVisible()
    assert bench.annotate.isVisible()  # what can be done is in front
    assert "outcome" not in spoken(bench.gallery)
    assert made.evaluation.evaluator is None
    buttons = [one for pane in bench.without_model for one in pane.findChildren(QPushButton)]
    assert {one.text().replace("&", "") for one in buttons} == {"Open a model…"}

    made.opening.open(str(colour_model))
    wait_until_scored(program, qtbot)
    bench.labels_dock.raise_()
    assert bench.rule_strip.isVisible()
    assert bench.labels.isVisible()
    assert bench.plots.isVisible()
    assert "outcome and score of red" in spoken(bench.gallery)


def spoken(gallery: Gallery) -> str:
    """The words above the images, with those of the chips."""
    words = [label.text() for label in gallery.findChildren(ElidedLabel) if label.isVisible()]
    chips = [chip.accessibleName() for chip in gallery.findChildren(OutcomeChips) if chip.isVisible()]
    return " ".join(words + [f"outcome chips {name}" for name in chips])
