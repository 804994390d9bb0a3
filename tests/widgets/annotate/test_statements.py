"""Statements by mouse and by keys, and what the rows say of them."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from inference.types import NEGATIVE, POSITIVE, UNKNOWN, UNSAID, Outcome, Task
from inference.types.annotating_view import MIXED, AnnotateLabel, after_negative_key, after_positive_key
from tests.widgets.annotate.cases import CAT, DOG, LABELS, OWL, Stage
from widgets.annotate.columns import Column

KEY = Qt.Key
NAN = float("nan")


@pytest.fixture
def stage(qtbot: QtBot) -> Stage:
    return Stage(qtbot)


@pytest.mark.parametrize("value", [POSITIVE, NEGATIVE, UNKNOWN])
def test_a_click_asks_for_what_it_stands_on_and_a_second_takes_it_back(stage: Stage, value: int) -> None:
    stage.click(1, value)
    assert [said for said in stage.said if said[0] == "statementRequested"] == [("statementRequested", DOG, value)]
    stage.statements(UNSAID, value, UNSAID)
    stage.said.clear()
    stage.click(1, value)
    assert stage.said == [("statementRequested", DOG, UNSAID)]


def test_a_click_beside_the_control_says_nothing(stage: Stage) -> None:
    rect = stage.view.visualRect(stage.view.model().index(0, Column.NAME))
    QTest.mouseClick(stage.view.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())
    assert stage.said == [("labelChosen", CAT)]


def test_keys_say_of_the_chosen_row(stage: Stage) -> None:
    stage.panel.setCurrentLabel(OWL)
    assert stage.said == []
    QTest.keyClicks(stage.view, "+-u?")  # the signs of the control are keys
    assert stage.said == [("statementRequested", OWL, value) for value in (POSITIVE, NEGATIVE, UNKNOWN, UNKNOWN)]
    stage.said.clear()
    stage.statements(UNSAID, UNSAID, NEGATIVE)
    QTest.keyClicks(stage.view, "-")
    stage.keys(stage.view, KEY.Key_Delete, KEY.Key_Backspace)
    assert stage.said == [("statementRequested", OWL, UNSAID)] * 3


def test_taking_back_what_nobody_said_asks_for_nothing(stage: Stage) -> None:
    stage.panel.setCurrentLabel(CAT)
    stage.keys(stage.view, KEY.Key_Delete)
    assert stage.said == []


def test_a_label_with_the_key_u_keeps_it(qtbot: QtBot) -> None:
    stage = Stage(qtbot, (AnnotateLabel(0, "cat", "U"), AnnotateLabel(1, "dog")))
    stage.panel.setCurrentLabel(1)
    QTest.keyClicks(stage.view, "u")
    assert stage.said == []


def test_keys_go_up_down_on_and_confirm(stage: Stage) -> None:
    stage.panel.setCurrentLabel(CAT)
    stage.keys(stage.view, KEY.Key_Down, KEY.Key_Right, KEY.Key_Left, KEY.Key_Space, KEY.Key_Return)
    assert stage.said == [
        ("labelChosen", DOG),
        ("nextRequested",),
        ("previousRequested",),
        ("confirmRequested",),
        ("confirmRequested",),
    ]


def test_what_a_labels_own_key_makes_of_each_statement() -> None:
    every = (POSITIVE, NEGATIVE, UNKNOWN, UNSAID, MIXED)
    assert [after_positive_key(value) for value in every] == [UNSAID, POSITIVE, POSITIVE, POSITIVE, POSITIVE]
    assert [after_negative_key(value) for value in every] == [NEGATIVE, UNKNOWN, NEGATIVE, NEGATIVE, NEGATIVE]


def test_setters_do_not_emit(stage: Stage) -> None:
    stage.statements(POSITIVE, MIXED, UNKNOWN)
    stage.scores(0.25, 0.75, NAN, predicted=[False, True, False])
    stage.panel.setTask(Task.MULTICLASS)
    stage.panel.setReadOnly(True)
    stage.panel.setLabelUse([1, 2, 3])
    stage.panel.setCurrentLabel(DOG)
    stage.panel.setSelection(3, "")
    stage.panel.setLabels(LABELS[:1])
    assert stage.said == []


def test_rows_say_statement_and_decision_aloud(stage: Stage) -> None:
    stage.statements(POSITIVE, UNSAID, MIXED)
    stage.scores(0.25, 0.75, NAN, predicted=[False, True, False])
    role = Qt.ItemDataRole.AccessibleTextRole
    assert [stage.cell(row, Column.SAID, role) for row in range(3)] == [
        "cat: positive, not predicted",
        "dog: nothing said, predicted",
        "owl: not the same for all images",
    ]
    assert stage.cell(1, Column.SCORE, role) == "dog, score 0.750"
    assert [stage.cell(row, Column.SCORE) for row in range(3)] == ["0.250", "0.750", "no output"]
    tip = stage.cell(2, Column.SCORE, Qt.ItemDataRole.ToolTipRole)
    assert tip.startswith("The model has no output for this label")


@pytest.mark.parametrize(
    ("statement", "predicted", "outcome"),
    [
        (POSITIVE, True, Outcome.TP),
        (POSITIVE, False, Outcome.FN),
        (NEGATIVE, True, Outcome.FP),
        (NEGATIVE, False, Outcome.TN),
        (UNKNOWN, True, Outcome.UNKNOWN),
        (UNSAID, True, None),
        (MIXED, False, None),
    ],
)
def test_truth_and_decision_are_compared(
    stage: Stage, statement: int, predicted: bool, outcome: Outcome | None
) -> None:
    stage.statements(statement, statement, statement)
    stage.scores(0.5, NAN, 0.5, predicted=[predicted] * 3)
    rows = stage.panel._rows
    assert [rows.outcome(place) for place in range(3)] == [outcome, None, None]  # unscored, no output


def test_the_count_of_differences_is_that_of_the_rows(stage: Stage) -> None:
    rng = np.random.default_rng(3)
    labels = [AnnotateLabel(i, f"l{i}", has_output=bool(i % 3)) for i in range(60)]
    stage.panel.setLabels(labels)
    stage.panel.setStatements(rng.choice([POSITIVE, NEGATIVE, UNKNOWN, UNSAID, MIXED], 60).astype(np.int8))
    scores = np.where(rng.random(60) < 0.2, np.nan, rng.random(60)).astype(np.float32)
    stage.panel.setScores(scores, rng.random(60) < 0.5)
    rows = stage.panel._rows
    wanted = sum(rows.outcome(place) in (Outcome.FP, Outcome.FN) for place in range(60))
    assert wanted > 5
    assert rows.differs() == wanted
    assert f" · {wanted} differ" in stage.panel._count.text()


def test_read_only_asks_for_nothing_but_goes_on(stage: Stage) -> None:
    stage.panel.setReadOnly(True)
    stage.panel.setCurrentLabel(CAT)
    stage.click(0, POSITIVE)
    QTest.keyClicks(stage.view, "+")
    QTest.keyClicks(stage.finder, "dog")
    stage.keys(stage.finder, KEY.Key_Return)
    assert stage.said == []
    assert not any(stage.button(text).isEnabled() for text in ("None of them", "As predicted", "Clear", "Confirm"))
    stage.button("Next image").click()
    assert stage.said == [("nextRequested",)]


def test_a_multi_class_row_is_one_button_and_never_negative(stage: Stage) -> None:
    stage.panel.setTask(Task.MULTICLASS)
    stage.panel.setCurrentLabel(DOG)
    stage.click(1, UNKNOWN)  # anywhere in the cell
    QTest.keyClicks(stage.view, "-+")
    assert stage.said == [("statementRequested", DOG, POSITIVE)] * 2
    assert not stage.button("None of them").isVisible()
    stage.panel.setTask(Task.MULTILABEL)
    assert stage.button("None of them").isVisible()


def test_shift_enter_in_the_finder_only_takes_a_multi_class_label_back(stage: Stage) -> None:
    stage.panel.setTask(Task.MULTICLASS)
    stage.statements(POSITIVE, NEGATIVE, NEGATIVE)
    for name in ("dog", "cat"):
        stage.finder.setText(name)
        stage.said.clear()
        stage.keys(stage.finder, KEY.Key_Return, held=Qt.KeyboardModifier.ShiftModifier)
        asked = [said for said in stage.said if said[0] == "statementRequested"]
        assert asked == ([("statementRequested", CAT, UNSAID)] if name == "cat" else [])


def test_values_for_other_labels_are_refused(stage: Stage) -> None:
    with pytest.raises(ValueError, match="2 statements for 3 labels"):
        stage.statements(POSITIVE, POSITIVE)


def test_rows_sorted_by_annotation_wait_for_the_next_image(stage: Stage) -> None:
    stage.statements(UNSAID, POSITIVE, UNSAID)
    model = stage.panel._model
    model.sort_by(Column.SAID, descending=True)
    assert stage.names() == ["dog", "cat", "owl"]
    stage.statements(UNSAID, POSITIVE, POSITIVE)  # an edit: nothing jumps under the pointer
    assert stage.names() == ["dog", "cat", "owl"]
    stage.panel.setSelection(1, "b.jpg")
    stage.statements(UNSAID, UNSAID, POSITIVE)
    assert stage.names() == ["owl", "cat", "dog"]


def test_without_an_image_nothing_is_said(stage: Stage) -> None:
    stage.statements(POSITIVE, POSITIVE, POSITIVE)
    stage.panel.setCurrentLabel(CAT)
    stage.panel.setSelection(0, "")
    stage.click(0, NEGATIVE)
    QTest.keyClicks(stage.finder, "cat")
    stage.keys(stage.finder, KEY.Key_Return)
    assert stage.said == []
    assert stage.cell(0, Column.SAID) == "nothing said"
