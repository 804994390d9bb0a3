"""What stands around the rows: title, saving, buttons, note, history."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QLineEdit, QListWidget, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from inference.types import NEGATIVE, POSITIVE, UNSAID
from inference.types.annotating_view import MIXED, AnnotateLabel, HistoryLine, SaveState
from tests.widgets.annotate.cases import LABELS, Stage

KEY = Qt.Key


@pytest.fixture
def stage(qtbot: QtBot) -> Stage:
    return Stage(qtbot)


def note_of(stage: Stage) -> QPlainTextEdit:
    return stage.panel.findChildren(QPlainTextEdit)[0]


@pytest.mark.parametrize(
    ("text", "signal"),
    [
        ("None of them", "noneRequested"),
        ("As predicted", "asPredictedRequested"),
        ("Clear", "clearRequested"),
        ("Confirm", "confirmRequested"),
        ("Next image", "nextRequested"),
        ("Previous image", "previousRequested"),
        ("Next unannotated", "nextUnannotatedRequested"),
        ("Next in queue", "nextInQueueRequested"),
    ],
)
def test_each_button_asks_for_its_thing(stage: Stage, text: str, signal: str) -> None:
    stage.button(text).click()
    assert stage.said == [(signal,)]


def test_tool_tips_name_the_keys_in_force(stage: Stage) -> None:
    keys = {"confirm": ("Space", "Return"), "next_image": ("J",), "clear_labels": (), "find_to_annotate": ("/",)}
    stage.panel.setActionKeys(keys)
    assert stage.button("Confirm").toolTip().endswith("(Space or Return)")
    assert stage.button("Next image").toolTip().endswith("(J or Right)")
    assert "(" not in stage.button("Clear").toolTip()
    assert stage.finder.toolTip().endswith("To come here: /.")
    stage.panel.setActionKeys({"next_image": ("D",)})
    assert stage.button("Confirm").toolTip().endswith(".")
    assert stage.button("Next image").toolTip() == "The image after. (D or Right)"


def test_going_on_by_itself_is_told_and_set(stage: Stage) -> None:
    stage.panel.setAutoAdvance(True)
    assert stage.said == []
    stage.button("Go on by itself").click()
    stage.button("Go on by itself").click()
    assert stage.said == [("autoAdvanceToggled", False), ("autoAdvanceToggled", True)]


def test_as_predicted_needs_an_output(stage: Stage) -> None:
    stage.panel.setLabels(LABELS[2:])
    assert not stage.button("As predicted").isEnabled()
    assert stage.button("None of them").isEnabled()


def test_title_and_counts_follow_what_is_in_hand(stage: Stage) -> None:
    stage.statements(POSITIVE, NEGATIVE, UNSAID)
    assert stage.panel._title.text() == "a/cat 1.jpg"
    assert stage.panel._count.text() == "2 of 3 annotated"
    stage.panel.setSelection(1204, "a/cat 1.jpg")
    assert stage.panel._title.text() == "1,204 images"
    assert stage.panel._count.text() == ""
    stage.statements(MIXED, NEGATIVE, MIXED)
    assert stage.panel._count.text() == "2 of 3 not the same"
    assert stage.panel._hint_line.text() == "What you say goes for all of them."
    stage.panel.setHint("Images that narrow the interval most.")
    assert stage.panel._hint_line.text() == "Images that narrow the interval most."
    stage.panel.setSelection(0, "")
    assert stage.panel._title.text() == "No image in hand"
    assert stage.panel._count.text() == ""


def test_what_could_not_be_saved_can_be_tried_again(stage: Stage) -> None:
    retry = stage.button("Try again")
    stage.panel.setSaveState(SaveState("Saved 10:32", "saved"))
    assert not retry.isVisible()
    stage.panel.setSaveState(SaveState("2 not saved", "unsaved"))
    assert retry.isVisible()
    retry.click()
    assert stage.said == [("retrySaveRequested",)]


def test_rows_keep_their_place_when_saving_is_said(stage: Stage) -> None:
    top = stage.view.geometry().top()
    for kind in ("saving", "saved", "read_only", "idle"):
        stage.panel.setSaveState(SaveState("words", kind))
        stage.panel.grab()
        assert stage.view.geometry().top() == top


def test_a_note_is_told_once_by_enter(stage: Stage) -> None:
    note = note_of(stage)
    stage.panel.setNote("blurred")
    QTest.keyClicks(note, "very ")
    stage.keys(note, KEY.Key_Return)
    stage.panel.commitNote()
    assert stage.said == [("noteEdited", "very blurred")]


def test_escape_leaves_the_note_and_keeps_what_was_typed(stage: Stage) -> None:
    note = note_of(stage)
    stage.panel.setNote("one")
    stage.view.setFocus()
    stage.panel.focusNote()
    QTest.keyClicks(note, "x")
    stage.keys(note, KEY.Key_Escape)
    assert note.toPlainText() == "xone"
    assert stage.said == [("noteEdited", "xone")]
    assert stage.view.hasFocus()


def test_shift_enter_breaks_a_line(stage: Stage) -> None:
    note = note_of(stage)
    stage.panel.setNote("one")
    stage.keys(note, KEY.Key_End)
    stage.keys(note, KEY.Key_Return, held=Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClicks(note, "two")
    stage.panel.commitNote()
    assert stage.said == [("noteEdited", "one\ntwo")]


def test_a_note_being_typed_survives_an_edit_elsewhere(stage: Stage) -> None:
    note = note_of(stage)
    stage.panel.setNote("one")
    QTest.keyClicks(note, "zero ")
    stage.panel.setNote("one")  # what is stored is told again after any edit
    stage.statements(POSITIVE, UNSAID, UNSAID)
    assert note.toPlainText() == "zero one"


@pytest.mark.parametrize("text", ["Next image", "Confirm", "Next unannotated", "Next in queue", "Previous image"])
def test_a_note_is_told_before_its_image_goes(stage: Stage, text: str) -> None:
    QTest.keyClicks(note_of(stage), "look again")
    stage.button(text).click()
    assert stage.said[0] == ("noteEdited", "look again")
    assert len(stage.said) == 2


def test_a_note_belongs_to_one_image(stage: Stage) -> None:
    QTest.keyClicks(note_of(stage), "half a")
    stage.panel.setSelection(2, "b.jpg")
    assert not note_of(stage).isEnabled()
    assert note_of(stage).toPlainText() == ""  # never on another image than it was typed for
    stage.panel.commitNote()
    assert stage.said == []


def test_history_unfolds_and_says_who_and_when(stage: Stage) -> None:
    lines = stage.panel.findChildren(QListWidget)[0]
    when = datetime(2026, 3, 1, 9, 5).timestamp()
    stage.panel.setHistory([HistoryLine(when, "anna", "cat positive"), HistoryLine(when - 60, "", "imported")])
    assert not lines.isVisible()
    stage.button("History").click()
    assert stage.said == [("historyWanted", True)]
    assert lines.isVisible()
    assert [lines.item(row).text() for row in range(2)] == [
        "2026-03-01 09:05 · anna: cat positive",
        "2026-03-01 09:04: imported",
    ]
    stage.panel.setHistory([])
    assert [lines.item(row).text() for row in range(lines.count())] == ["Nothing was done to this image yet."]
    stage.button("History").click()
    assert stage.said[-1] == ("historyWanted", False)


def test_the_queue_button_goes_where_there_is_no_queue(stage: Stage) -> None:
    stage.panel.setQueueAvailable(False)
    assert not stage.button("Next in queue").isVisible()


def test_empty_tables_say_what_to_do(stage: Stage) -> None:
    stage.panel.setLabels([])
    assert "Add one with Labels" in stage.view.empty_text
    stage.panel.setSelection(0, "")
    assert "choose an image" in stage.view.empty_text


def test_the_chosen_label_stays_with_its_id(stage: Stage) -> None:
    stage.panel.setCurrentLabel(LABELS[2].id)
    stage.panel.setLabels([LABELS[2], LABELS[0]])
    assert stage.panel.currentLabel() == LABELS[2].id
    assert stage.view.currentIndex().row() == 0
    stage.panel.setLabels([LABELS[0]])
    assert stage.panel.currentLabel() == -1
    assert stage.said == []


def test_every_control_has_a_name_and_is_reached_by_tab(stage: Stage) -> None:
    kinds = (QAbstractButton, QLineEdit, QPlainTextEdit, QAbstractItemView)
    controls = [
        widget
        for widget in stage.panel.findChildren(QWidget)
        if isinstance(widget, kinds) and widget.isVisible() and "qt_" not in widget.objectName()
    ]
    named = [widget for widget in controls if widget.accessibleName() or getattr(widget, "text", str)()]
    assert controls == named
    chain, current = set(), stage.panel.nextInFocusChain()
    while current is not None and current is not stage.panel:
        if current.focusPolicy() & Qt.FocusPolicy.TabFocus:
            chain.add(current)
        current = current.nextInFocusChain()
    unreached = [widget for widget in controls if widget not in chain and widget.focusPolicy()]
    assert unreached == []


def test_a_thousand_labels_build_no_widgets(qtbot: QtBot) -> None:
    stage = Stage(qtbot)
    before = len(stage.panel.findChildren(QWidget))
    stage.panel.setLabels([AnnotateLabel(i, f"label {i}") for i in range(1000)])
    stage.panel.setStatements(np.full(1000, POSITIVE, dtype=np.int8))
    stage.panel.grab()
    assert len(stage.panel.findChildren(QWidget)) == before
    QTest.keyClicks(stage.finder, "label 999")
    stage.keys(stage.finder, KEY.Key_Return)
    assert stage.said == [("statementRequested", 999, UNSAID)]


def test_every_row_and_column_fits_a_narrow_panel(stage: Stage) -> None:
    stage.panel.resize(stage.panel.minimumSizeHint().width(), 640)
    stage.panel.grab()
    assert stage.panel.width() < 280
    assert stage.view.horizontalScrollBar().maximum() == 0
    header = stage.view.horizontalHeader()
    assert header.length() <= stage.view.viewport().width()
