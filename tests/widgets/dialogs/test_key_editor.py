"""Giving actions other keys."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel, QLineEdit, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from widgets.dialogs.key_capture import KeyCapture, canonical
from widgets.dialogs.key_editor import KeyEditor, KeyRow

KEY = Qt.Key
CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
KEYPAD = Qt.KeyboardModifier.KeypadModifier
ROWS = (
    KeyRow("next", "Images", "Next image", ("D",), ("D",)),
    KeyRow("previous", "Images", "Previous image", ("A",), ("A",)),
    KeyRow("fit", "View", "Fit the image", ("G",), ("F",)),
    KeyRow("redo", "Edit", "Redo", ("Ctrl+Shift+Z", "Ctrl+Y"), ("Ctrl+Shift+Z", "Ctrl+Y")),
    KeyRow("about", "Help", "About", (), ()),
)


class Stage:
    def __init__(self, qtbot: QtBot) -> None:
        self.editor = KeyEditor(ROWS)
        qtbot.addWidget(self.editor)
        self.said: list[dict[str, tuple[str, ...]]] = []
        self.editor.keysChanged.connect(self.said.append)
        self.editor.show()
        self.tree = self.editor.findChildren(QTreeWidget)[0]
        self.capture = self.editor.findChildren(KeyCapture)[0]

    def items(self) -> Iterator[QTreeWidgetItem]:
        for place in range(self.tree.topLevelItemCount()):
            heading = self.tree.topLevelItem(place)
            assert heading is not None
            for row in range(heading.childCount()):
                child = heading.child(row)
                assert child is not None
                if not child.isHidden():
                    yield child

    def shown(self) -> dict[str, str]:
        return {item.text(0): item.text(1) for item in self.items()}

    def button(self, text: str) -> QAbstractButton:
        found = [
            button
            for button in self.editor.findChildren(QAbstractButton)
            if text in (button.text().replace("&", ""), button.accessibleName())
        ]
        return found[-1]

    def words(self) -> str:
        return " ".join(label.text() for label in self.editor.findChildren(QLabel) if label.isVisible())


@pytest.fixture
def stage(qtbot: QtBot) -> Stage:
    return Stage(qtbot)


def test_every_action_stands_under_its_section_with_its_keys(stage: Stage) -> None:
    assert stage.shown() == {
        "Next image": "D",
        "Previous image": "A",
        "Fit the image": "G",
        "Redo": "Ctrl+Shift+Z or Ctrl+Y",
        "About": "none",
    }
    headings = [stage.tree.topLevelItem(place) for place in range(stage.tree.topLevelItemCount())]
    assert [heading.text(0) for heading in headings if heading] == ["Images", "View", "Edit", "Help"]
    assert stage.said == []


@pytest.mark.parametrize(
    ("key", "held", "text"),
    [
        (KEY.Key_N, Qt.KeyboardModifier.NoModifier, "N"),
        (KEY.Key_N, CTRL | SHIFT, "Ctrl+Shift+N"),
        (KEY.Key_Question, SHIFT, "?"),
        (KEY.Key_5, KEYPAD, "5"),
        (KEY.Key_Space, SHIFT, "Shift+Space"),
        (KEY.Key_Return, Qt.KeyboardModifier.NoModifier, "Return"),
        (KEY.Key_F7, Qt.KeyboardModifier.AltModifier, "Alt+F7"),
    ],
)
def test_pressed_keys_are_added(stage: Stage, key: Qt.Key, held: Qt.KeyboardModifier, text: str) -> None:
    stage.editor.setCurrentAction("about")
    QTest.keyClick(stage.capture, key, held)
    assert stage.shown()["About"] == text
    assert canonical(text) == text
    assert stage.editor.isVisible()  # Enter did not close it


def test_only_what_differs_is_told_and_only_when_accepted(stage: Stage) -> None:
    stage.editor.setCurrentAction("next")
    QTest.keyClick(stage.capture, KEY.Key_N)
    assert stage.said == []
    stage.button("Use these keys").click()
    assert stage.said == [{"next": ("D", "N"), "fit": ("G",)}]


def test_cancelling_tells_nothing(stage: Stage) -> None:
    stage.editor.setCurrentAction("next")
    QTest.keyClick(stage.capture, KEY.Key_N)
    stage.button("Cancel").click()
    assert stage.said == []
    assert not stage.editor.isVisible()


def test_a_key_in_use_is_taken_over_only_when_wanted(stage: Stage) -> None:
    stage.editor.setCurrentAction("about")
    QTest.keyClick(stage.capture, KEY.Key_A)
    assert "A belongs to “Previous image”." in stage.words()
    assert stage.shown()["About"] == "none"
    stage.button("Keep it there").click()
    assert stage.shown()["Previous image"] == "A"
    QTest.keyClick(stage.capture, KEY.Key_A)
    QTest.keyClick(stage.button("Take it over"), KEY.Key_Return)
    assert stage.shown()["About"] == "A"
    assert stage.shown()["Previous image"] == "none"
    stage.button("Use these keys").click()
    assert stage.said == [{"about": ("A",), "previous": (), "fit": ("G",)}]


def test_choosing_another_action_forgets_the_question(stage: Stage) -> None:
    stage.editor.setCurrentAction("about")
    QTest.keyClick(stage.capture, KEY.Key_A)
    stage.editor.setCurrentAction("next")
    assert "belongs to" not in stage.words()
    stage.button("Take it over").click()
    assert stage.shown()["About"] == "none"


def test_a_key_is_taken_away(stage: Stage) -> None:
    stage.editor.setCurrentAction("redo")
    stage.button("Take Ctrl+Y away").click()
    assert stage.shown()["Redo"] == "Ctrl+Shift+Z"


def test_one_default_is_restored_and_says_who_has_it_now(stage: Stage) -> None:
    stage.editor.setCurrentAction("next")
    assert not stage.button("Restore default").isEnabled()
    QTest.keyClick(stage.capture, KEY.Key_F)  # free, for Fit has G now
    stage.editor.setCurrentAction("fit")
    stage.button("Restore default").click()
    assert "F belongs to “Next image”." in stage.words()
    stage.button("Take it over").click()
    assert stage.shown()["Fit the image"] == "F"
    assert stage.shown()["Next image"] == "D"
    assert not stage.button("Restore all defaults").isEnabled()


def test_all_defaults_are_restored(stage: Stage) -> None:
    stage.editor.setCurrentAction("previous")
    stage.button("Take A away").click()
    stage.button("Restore all defaults").click()
    stage.button("Use these keys").click()
    assert stage.said == [{}]


def test_actions_are_found_by_words_and_keys(stage: Stage) -> None:
    stage.editor.setFilter("image next")
    assert list(stage.shown()) == ["Next image"]
    stage.editor.setFilter("ctrl+y")
    assert list(stage.shown()) == ["Redo"]
    stage.editor.setFilter("nonsense")
    assert stage.shown() == {}
    assert "No action or key like that" in stage.words()


def test_enter_in_the_list_goes_to_the_keys_and_escape_back(stage: Stage) -> None:
    stage.editor.activateWindow()
    QTest.qWaitForWindowActive(stage.editor)
    stage.editor.setCurrentAction("next")
    stage.tree.setFocus()
    QTest.keyClick(stage.tree, KEY.Key_Return)
    assert stage.capture.hasFocus()
    QTest.keyClick(stage.capture, KEY.Key_Escape)
    assert stage.tree.hasFocus()
    assert stage.editor.isVisible()
    filters = [field for field in stage.editor.findChildren(QLineEdit) if field is not stage.capture]
    filters[0].setFocus()
    QTest.keyClick(filters[0], KEY.Key_Return)
    assert stage.tree.hasFocus()


def test_the_capture_keeps_keys_from_shortcuts(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    capture = KeyCapture(window)
    QVBoxLayout(window).addWidget(capture)
    fired: list[str] = []
    shortcut = QShortcut(QKeySequence("Ctrl+Q"), window)
    shortcut.activated.connect(lambda: fired.append("quit"))
    caught: list[str] = []
    capture.captured.connect(caught.append)
    window.show()
    window.activateWindow()
    QTest.qWaitForWindowActive(window)
    capture.setFocus()
    QTest.keyClick(capture, KEY.Key_Q, CTRL)
    QTest.keyClick(capture, KEY.Key_Control, CTRL)  # a modifier alone
    assert caught == ["Ctrl+Q"]
    assert fired == []


def test_two_ways_of_writing_keys_are_one() -> None:
    assert canonical("ctrl+shift+z") == canonical("Shift+Ctrl+Z") == "Ctrl+Shift+Z"
    assert [canonical(text) for text in ("", "nonsense", "Ctrl+nonsense", "D, A")] == [""] * 4
