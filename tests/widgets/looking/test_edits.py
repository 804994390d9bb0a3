"""Edits of a picture: controls, boxes, and scores before and after."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QCheckBox, QPushButton, QSlider
from pytestqt.qtbot import QtBot

from inference.types import Activation, DecisionRule, ImageScores
from inference.types.looking import NO_EDITS, Box, Edits
from tests.widgets.mouse import move, press, release
from widgets.looking.box_canvas import BoxCanvas
from widgets.looking.changes import MOST_FLIPS, change_rows
from widgets.looking.edit_controls import EditControls
from widgets.looking.edits_dialog import EditsDialog

LABELS = ("ant", "bee", "cat", "dog")


def scored(values: list[float], rule: DecisionRule = DecisionRule.THRESHOLDS) -> ImageScores:
    count = len(values)
    return ImageScores(
        np.array(values, dtype=np.float32),
        np.full(count, 0.5, dtype=np.float32),
        np.array(values) >= 0.5,
        np.zeros(count, dtype=np.int8),
        True,
        rule,
        Activation.SIGMOID,
    )


# -- which labels ------------------------------------------------------------------------------------------------------


@given(st.lists(st.tuples(*[st.floats(0, 1, width=16)] * 2), min_size=1, max_size=12), st.integers(-1, 11))
@settings(max_examples=150, deadline=None)
def test_rows_equal_brute_force(values: list[tuple[float, float]], chosen: int) -> None:
    names = tuple(f"label {i}" for i in range(len(values)))
    chosen = min(chosen, len(values) - 1)
    rows, more = change_rows(names, scored([v for v, _ in values]), scored([v for _, v in values]), chosen)
    flips = [i for i, (one, two) in enumerate(values) if (one >= 0.5) != (two >= 0.5) and i != chosen]
    listed = [row.label for row in rows]
    if chosen >= 0:
        assert listed.pop(0) == chosen
    assert set(listed) <= set(flips)
    assert len(listed) + more == len(flips)
    assert len(listed) == min(len(flips), MOST_FLIPS)
    changes = [abs(np.float32(values[i][1]) - np.float32(values[i][0])) for i in listed]
    assert changes == sorted(changes, reverse=True)
    left = [abs(np.float32(values[i][1]) - np.float32(values[i][0])) for i in flips if i not in listed]
    assert max(left, default=0) <= min(changes, default=2)


def test_words_and_numbers() -> None:
    rows, _ = change_rows(LABELS, scored([0.9, 0.2, 0.7, 0.1]), scored([0.25, 0.2, 0.8, 0.6]), 1)
    told = {row.name: (row.numbers, row.words, row.flips) for row in rows}
    assert told == {
        "bee": ("0.20", "not predicted", False),
        "ant": ("0.90 → 0.25", "no longer predicted", True),
        "dog": ("0.10 → 0.60", "now predicted", True),
    }


def test_rules_without_thresholds_show_none() -> None:
    same = scored([0.9, 0.2, 0.7, 0.1], DecisionRule.ARGMAX)
    (row, *_), _ = change_rows(LABELS, same, same, 0)
    assert row.threshold is None


# -- controls ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def controls(qtbot: QtBot) -> EditControls:
    widget = EditControls()
    qtbot.addWidget(widget)
    widget.show()
    return widget


def slider(widget: EditControls, name: str) -> QSlider:
    return next(one for one in widget.findChildren(QSlider) if one.accessibleName() == name)


def with_one(field: str, value: Any) -> Edits:
    return replace(NO_EDITS, **{field: value})


EVERY = Edits(True, True, -20, 2.5, 0.5, 1.5, True, 1.25, (Box(0, 0, 0.5, 0.5),), 40)


def test_controls_show_what_they_are_told_and_say_nothing(controls: EditControls) -> None:
    told: list[Edits] = []
    controls.editsChanged.connect(told.append)
    controls.setEdits(EVERY)
    assert controls.edits() == EVERY
    assert [box.isChecked() for box in controls.findChildren(QCheckBox)] == [True, True, True]
    assert slider(controls, "Turn").value() == -20
    assert slider(controls, "JPEG quality").value() == 40
    assert told == []


@pytest.mark.parametrize(
    ("name", "step", "field", "value"),
    [
        ("Turn", 15, "turn", 15.0),
        ("Zoom", 200, "zoom", 2.0),
        ("Brightness", 0, "brightness", 0.0),
        ("Contrast", 150, "contrast", 1.5),
        ("Blur", 20, "blur", 1.0),
        ("JPEG quality", 10, "quality", 10),
    ],
)
def test_a_slider_changes_its_edit_alone(
    controls: EditControls, name: str, step: int, field: str, value: float
) -> None:
    told: list[Edits] = []
    controls.editsChanged.connect(told.append)
    slider(controls, name).setValue(step)
    assert told == [with_one(field, value)]


@pytest.mark.parametrize(("text", "field"), [("Mirror", "mirrored"), ("Upside down", "upside_down"), ("Grey", "grey")])
def test_a_switch_changes_its_edit_alone(controls: EditControls, text: str, field: str) -> None:
    told: list[Edits] = []
    controls.editsChanged.connect(told.append)
    next(box for box in controls.findChildren(QCheckBox) if box.text().replace("&", "") == text).click()
    assert told == [with_one(field, True)]


def test_back_at_the_end_of_the_quality_nothing_is_compressed(controls: EditControls) -> None:
    quality = slider(controls, "JPEG quality")
    quality.setValue(30)
    quality.setValue(quality.maximum())
    assert controls.edits().none


def test_every_edit_but_boxes_has_a_control(controls: EditControls) -> None:
    assert len(controls.findChildren(QCheckBox)) + len(controls.findChildren(QSlider)) == len(fields(Edits)) - 1


# -- boxes -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def canvas(qtbot: QtBot) -> BoxCanvas:
    widget = BoxCanvas()
    qtbot.addWidget(widget)
    widget.resize(400, 300)
    widget.setImage(np.zeros((100, 200, 3), dtype=np.uint8))  # shown as 400 x 200, 50 from the top
    widget.show()
    return widget


def drag(canvas: BoxCanvas, start: tuple[int, int], *stops: tuple[int, int]) -> None:
    press(canvas, QPointF(*start))
    for stop in stops:
        move(canvas, QPointF(*stop))
    release(canvas, QPointF(*stops[-1]))


def close(box: Box, *sides: float) -> bool:
    return bool(np.allclose([box.left, box.top, box.right, box.bottom], sides, atol=1e-6))


def test_dragging_makes_a_box_live(canvas: BoxCanvas) -> None:
    told: list[tuple[Box, ...]] = []
    canvas.boxesChanged.connect(told.append)
    drag(canvas, (100, 100), (150, 130), (200, 150))
    assert [len(boxes) for boxes in told] == [1, 1]
    assert close(told[0][0], 0.25, 0.25, 0.375, 0.4)
    assert close(told[1][0], 0.25, 0.25, 0.5, 0.5)
    drag(canvas, (300, 200), (250, 150))  # from the bottom right to the top left
    assert len(told[-1]) == 2
    assert close(told[-1][1], 0.625, 0.5, 0.75, 0.75)


def test_a_box_ends_at_the_edges(canvas: BoxCanvas) -> None:
    drag(canvas, (300, 200), (600, 400))
    assert close(canvas.boxes()[0], 0.75, 0.75, 1, 1)


def test_a_click_and_a_drag_beside_the_picture_cover_nothing(canvas: BoxCanvas) -> None:
    drag(canvas, (100, 100), (102, 101))
    drag(canvas, (10, 10), (100, 40))
    assert canvas.boxes() == ()


def test_setting_boxes_says_nothing(canvas: BoxCanvas) -> None:
    told: list[object] = []
    canvas.boxesChanged.connect(told.append)
    canvas.setBoxes((Box(0, 0, 1, 1),))
    assert canvas.boxes() == (Box(0, 0, 1, 1),)
    assert told == []


def test_boxes_without_the_mouse(canvas: BoxCanvas) -> None:
    canvas.setFocus()
    QTest.keyClick(canvas, Qt.Key.Key_B)
    (first,) = canvas.boxes()
    QTest.keyClick(canvas, Qt.Key.Key_Right)
    QTest.keyClick(canvas, Qt.Key.Key_Up)
    (moved,) = canvas.boxes()
    assert close(moved, first.left + 0.02, first.top - 0.02, first.right + 0.02, first.bottom - 0.02)
    QTest.keyClick(canvas, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert close(canvas.boxes()[0], moved.left, moved.top, moved.right, moved.bottom + 0.02)
    for _ in range(100):
        QTest.keyClick(canvas, Qt.Key.Key_Left)
    assert canvas.boxes()[0].left == 0
    assert canvas.boxes()[0].right == pytest.approx(0.2)
    QTest.keyClick(canvas, Qt.Key.Key_Delete)
    assert canvas.boxes() == ()


def test_without_a_picture_nothing_is_covered(qtbot: QtBot) -> None:
    widget = BoxCanvas()
    qtbot.addWidget(widget)
    widget.resize(300, 300)
    widget.show()
    drag(widget, (10, 10), (100, 100))
    QTest.keyClick(widget, Qt.Key.Key_B)
    assert widget.boxes() == ()


# -- the dialog --------------------------------------------------------------------------------------------------------


@pytest.fixture
def dialog(qtbot: QtBot) -> EditsDialog:
    widget = EditsDialog()
    qtbot.addWidget(widget)
    widget.resize(760, 520)
    widget.setLabels(LABELS)
    widget.setCurrentLabel(0)
    widget.setPicture(np.zeros((100, 200, 3), dtype=np.uint8))
    widget.show()
    return widget


def button(dialog: EditsDialog, text: str) -> QAbstractButton:
    return next(one for one in dialog.findChildren(QPushButton) if one.text().replace("&", "") == text)


def test_controls_and_boxes_say_the_whole_of_it(dialog: EditsDialog) -> None:
    told: list[Edits] = []
    dialog.editsChanged.connect(told.append)
    slider(dialog.controls(), "Turn").setValue(10)
    dialog.canvas().setFocus()
    QTest.keyClick(dialog.canvas(), Qt.Key.Key_B)
    slider(dialog.controls(), "Zoom").setValue(150)
    assert told[-1] == Edits(turn=10, zoom=1.5, boxes=dialog.canvas().boxes())
    assert len(told[-1].boxes) == 1


def test_reset_and_uncover(dialog: EditsDialog) -> None:
    assert not button(dialog, "Reset").isEnabled()
    told: list[Edits] = []
    dialog.editsChanged.connect(told.append)
    dialog.setEdits(EVERY)
    assert told == []
    button(dialog, "Uncover").click()
    assert told == [replace(EVERY, boxes=())]
    assert dialog.canvas().boxes() == ()
    button(dialog, "Reset").click()
    assert told[-1] == NO_EDITS
    assert dialog.controls().edits() == NO_EDITS
    assert not button(dialog, "Reset").isEnabled()


def test_scores_are_listed_and_spoken(dialog: EditsDialog) -> None:
    dialog.setScores(scored([0.9, 0.2, 0.7, 0.1]), scored([0.25, 0.2, 0.8, 0.6]))
    assert [row.name for row in dialog.rows().rows()] == ["ant", "dog"]
    spoken = dialog.rows().accessibleDescription()
    assert spoken == "ant 0.90 → 0.25, no longer predicted; dog 0.10 → 0.60, now predicted"
    dialog.setCurrentLabel(2)
    assert [row.name for row in dialog.rows().rows()] == ["cat", "ant", "dog"]


def test_no_scores_say_why(dialog: EditsDialog) -> None:
    dialog.setScores(scored([0.9, 0.2, 0.7, 0.1]), scored([0.9, 0.2, 0.7, 0.1]))
    assert dialog.rows().note() == "No other decision changes."
    dialog.setScores(None, None)
    assert dialog.rows().note() == "Scoring …"
    dialog.setMessage("Open a model first.")
    assert dialog.rows().note() == "Open a model first."
    assert dialog.rows().rows() == ()


def test_many_flips_are_counted(dialog: EditsDialog) -> None:
    dialog.setLabels([f"label {i}" for i in range(20)])
    dialog.setScores(scored([0.9] * 20), scored([0.1] * 20))
    assert len(dialog.rows().rows()) == 1 + MOST_FLIPS
    assert dialog.rows().note() == f"{19 - MOST_FLIPS} more decisions change."


def test_it_tells_when_it_is_looked_at(dialog: EditsDialog) -> None:
    told: list[bool] = []
    dialog.shownChanged.connect(told.append)
    button(dialog, "Close").click()
    dialog.show()
    assert told == [False, True]
