"""Annotating by typing part of a label's name."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from inference.types import NEGATIVE, POSITIVE, UNKNOWN, UNSAID
from inference.types.annotating_view import AnnotateLabel
from tests.widgets.annotate.cases import CAT, DOG, Stage

KEY = Qt.Key
SHIFT = Qt.KeyboardModifier.ShiftModifier
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def stage(qtbot: QtBot) -> Stage:
    return Stage(qtbot)


def test_the_whole_name_comes_before_its_beginning_and_that_before_the_rest(qtbot: QtBot) -> None:
    names = ("bobcat", "wild cat", "category", "cat", "dog", "sea_cat")
    stage = Stage(qtbot, [AnnotateLabel(10 + i, name) for i, name in enumerate(names)])
    QTest.keyClicks(stage.finder, "CAT")
    assert stage.names() == ["cat", "category", "wild cat", "sea_cat", "bobcat"]
    stage.keys(stage.finder, KEY.Key_Return)
    assert stage.said == [("statementRequested", 13, POSITIVE)]


def test_enter_and_shift_enter_go_through_their_statements(stage: Stage) -> None:
    QTest.keyClicks(stage.finder, "do")
    stage.keys(stage.finder, KEY.Key_Return)
    stage.statements(UNSAID, POSITIVE, UNSAID)
    stage.keys(stage.finder, KEY.Key_Return)
    stage.keys(stage.finder, KEY.Key_Return, held=SHIFT)
    stage.statements(UNSAID, NEGATIVE, UNSAID)
    stage.keys(stage.finder, KEY.Key_Enter, held=SHIFT)
    assert stage.said == [("statementRequested", DOG, value) for value in (POSITIVE, UNSAID, NEGATIVE, UNKNOWN)]


def test_after_enter_the_next_name_replaces_the_text(stage: Stage) -> None:
    QTest.keyClicks(stage.finder, "dog")
    stage.keys(stage.finder, KEY.Key_Return)
    QTest.keyClicks(stage.finder, "ca")
    assert stage.finder.text() == "ca"
    stage.keys(stage.finder, KEY.Key_Return)
    assert stage.said[-1] == ("statementRequested", CAT, POSITIVE)


def test_arrows_choose_another_of_the_found(stage: Stage) -> None:
    QTest.keyClicks(stage.finder, "o")  # owl begins with it, dog holds it
    assert stage.names() == ["owl", "dog"]
    stage.keys(stage.finder, KEY.Key_Down, KEY.Key_Down, KEY.Key_Return)
    assert stage.said == [("labelChosen", DOG), ("statementRequested", DOG, POSITIVE)]
    stage.keys(stage.finder, KEY.Key_PageUp)
    assert stage.names()[stage.view.currentIndex().row()] == "owl"


def test_enter_in_the_empty_field_or_with_ctrl_confirms(stage: Stage) -> None:
    stage.keys(stage.finder, KEY.Key_Return)
    QTest.keyClicks(stage.finder, "dog")
    stage.keys(stage.finder, KEY.Key_Return, held=CTRL)
    assert stage.said == [("confirmRequested",)] * 2


def test_a_name_that_is_not_there_can_be_added(stage: Stage) -> None:
    QTest.keyClicks(stage.finder, " sea  lion & co ")
    assert stage.names() == []
    stage.keys(stage.finder, KEY.Key_Return)
    assert stage.said == []
    button = stage.panel._add
    assert button.isVisible()
    assert button.text() == "Add “sea lion && co” as a label"
    button.click()
    assert stage.said == [("labelAddRequested", "sea lion & co")]
    stage.keys(stage.finder, KEY.Key_Escape)
    assert stage.names() == ["cat", "dog", "owl"]
    assert not button.isVisible()


def test_what_is_looked_for_stays_when_labels_change(stage: Stage) -> None:
    QTest.keyClicks(stage.finder, "dog")
    stage.panel.setLabels([AnnotateLabel(5, "hot dog"), AnnotateLabel(DOG, "dog"), AnnotateLabel(CAT, "cat")])
    assert stage.names() == ["dog", "hot dog"]
    assert stage.panel.currentLabel() == DOG
    stage.keys(stage.finder, KEY.Key_Return)
    assert stage.said == [("statementRequested", DOG, POSITIVE)]


def test_escape_clears_then_gives_the_focus_back(qtbot: QtBot) -> None:
    stage = Stage(qtbot)
    window = QWidget()
    qtbot.addWidget(window)
    other = QLineEdit(window)
    column = QVBoxLayout(window)
    column.addWidget(other)
    column.addWidget(stage.panel)
    fired: list[str] = []
    for keys in ("Esc", "Return", "Up"):
        shortcut = QShortcut(QKeySequence(keys), window)
        shortcut.activated.connect(lambda keys=keys: fired.append(keys))
    window.show()
    window.activateWindow()
    QTest.qWaitForWindowActive(window)
    other.setFocus()
    stage.panel.focusFinder()
    stage.panel.focusFinder()  # once more must not make the finder its own origin
    QTest.keyClicks(stage.finder, "dog")
    stage.keys(stage.finder, KEY.Key_Up, KEY.Key_Return, KEY.Key_Escape)
    assert stage.finder.text() == ""
    assert stage.finder.hasFocus()
    stage.keys(stage.finder, KEY.Key_Escape)
    assert other.hasFocus()
    assert fired == []  # its keys are not the window's
    stage.panel.setParent(None)  # qtbot closes both
