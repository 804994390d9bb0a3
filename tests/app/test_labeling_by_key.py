"""Where the label keys go: two images side by side, several at once, and images with exactly one label."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from app.application import Cutline
from inference.types import NEGATIVE, POSITIVE, UNSAID, Task
from tests.app.conftest import write_images
from tests.app.test_labeling import parts_of, press, said
from tests.app.test_labeling_alone import open_folder
from tests.app.test_window import open_and_score
from widgets.elided_label import ElidedLabel
from widgets.side_by_side import SideBySideView


@pytest.fixture
def opened(program: Cutline, qtbot: QtBot, colour_model: Path, colour_folder: Path) -> Cutline:
    open_and_score(program, qtbot, colour_model, colour_folder)
    program.window.activateWindow()
    return program


def choose(program: Cutline, images: Sequence[int]) -> None:
    """As selecting them in the gallery does."""
    made, gallery = parts_of(program)
    made.session.set_image(images[0])
    gallery.setSelection(images)
    made.annotating.select(gallery.selection())


@pytest.fixture
def pair(opened: Cutline, qtbot: QtBot) -> SideBySideView:
    """Images 3 and 5, selected in the gallery and held side by side."""
    _, gallery = parts_of(opened)
    assert opened.window.workbench is not None
    view = opened.window.workbench.side_by_side
    choose(opened, [3, 5])
    gallery.view().setFocus()
    press(opened, Qt.Key.Key_C)
    qtbot.waitUntil(lambda: all(canvas.hasImage() for canvas in view.canvases()))
    return view


def in_hand(view: SideBySideView) -> list[str]:
    """The file names of the sides that are marked."""
    texts = [label.text() for label in view.findChildren(ElidedLabel)]
    return [texts[place - 1] for place, text in enumerate(texts) if text.startswith("In hand")]


def test_two_images_are_labeled_one_by_one(opened: Cutline, pair: SideBySideView, qtbot: QtBot) -> None:
    made, _ = parts_of(opened)
    expected = said(opened)
    assert in_hand(pair) == ["image_003.png"]
    for image, canvas in zip((3, 5), pair.canvases(), strict=True):
        QTest.mouseClick(canvas, Qt.MouseButton.LeftButton)
        assert made.session.image == image
        assert in_hand(pair) == [f"image_00{image}.png"]
        press(opened, Qt.Key.Key_2)
        expected[image][1] = UNSAID if expected[image][1] == POSITIVE else POSITIVE
        assert said(opened) == expected
    press(opened, Qt.Key.Key_D)  # the left one stays, the next one is in hand
    qtbot.waitUntil(lambda: in_hand(pair) == ["image_006.png"])
    assert pair.canvases()[1].hasFocus()


def test_swapped_sides_keep_the_image_in_hand(opened: Cutline, pair: SideBySideView) -> None:
    made, _ = parts_of(opened)
    pair.canvases()[0].setFocus()
    press(opened, Qt.Key.Key_S)
    assert made.session.image == 3
    assert in_hand(pair) == ["image_003.png"]
    QTest.mouseClick(pair.canvases()[0], Qt.MouseButton.LeftButton)
    assert made.session.image == 5


def test_zoom_keys_are_those_of_the_pictures_in_sight(opened: Cutline, pair: SideBySideView) -> None:
    pair.canvases()[0].setFocus()
    before = pair.canvases()[1].scale()
    press(opened, Qt.Key.Key_Plus)
    assert pair.canvases()[1].scale() > before


def test_an_edit_of_several_images_is_said_with_the_way_back(opened: Cutline) -> None:
    made, gallery = parts_of(opened)
    before = said(opened)
    choose(opened, range(12))
    gallery.view().setFocus()
    press(opened, Qt.Key.Key_N)
    bar = opened.window.message_bar
    assert bar.currentText().startswith("12 images: none of the labels. Undo (Ctrl+Z)")
    press(opened, Qt.Key.Key_1)
    assert bar.currentText().startswith("12 images: red positive.")
    button = next(one for one in bar.findChildren(QPushButton) if one.text() == "Undo" and one.isVisible())
    button.click()
    assert said(opened)[0] == [NEGATIVE] * 3
    assert not bar.currentText().startswith("12 images")  # its Undo would be another step by now
    made.stack.undo()
    assert said(opened) == before


def test_shift_takes_back_where_an_image_has_exactly_one_label(
    start: Callable[[], Cutline], qtbot: QtBot, tmp_path: Path
) -> None:
    folder = tmp_path / "classes"
    for seed, name in enumerate(("cat", "dog", "owl")):
        write_images(folder / name, 3, seed)
    program = start()
    open_folder(program, qtbot, folder)
    made, gallery = parts_of(program)
    assert made.session.truth is not None
    assert made.session.truth.task is Task.MULTICLASS
    program.window.activateWindow()
    made.session.set_image(0)
    gallery.view().setFocus()
    before = said(program)
    assert before[0] == [POSITIVE, NEGATIVE, NEGATIVE]
    press(program, Qt.Key.Key_2, Qt.KeyboardModifier.ShiftModifier)  # it is no dog, which is known
    assert said(program) == before
    assert "dog is not the one of this image" in program.window.message_bar.currentText()
    press(program, Qt.Key.Key_1, Qt.KeyboardModifier.ShiftModifier)
    assert said(program)[0] == [UNSAID] * 3
    press(program, Qt.Key.Key_2)
    assert said(program)[0] == [NEGATIVE, POSITIVE, NEGATIVE]
    assert np.array_equal(said(program)[1:], before[1:])
