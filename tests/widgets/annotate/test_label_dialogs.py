"""Adding, renaming, merging and retiring labels, and giving them letters."""

from __future__ import annotations

from typing import TypeVar

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QLineEdit, QListWidget, QMenu, QPushButton
from pytestqt.qtbot import QtBot

from inference.types.annotating_view import AnnotateLabel
from tests.widgets.annotate.cases import CAT, DOG, OWL, Stage
from widgets.annotate.label_dialogs import KeyQuestion, LetterField, MergeQuestion, NameQuestion, RetireQuestion

KEY = Qt.Key
Q = TypeVar("Q", bound=QDialog)


@pytest.fixture
def stage(qtbot: QtBot) -> Stage:
    stage = Stage(qtbot)
    stage.panel.setLabelUse([1204, 1, 0])
    stage.panel.setCurrentLabel(CAT)
    return stage


def entries(stage: Stage) -> dict[str, QAction]:
    """The menu of the button."""
    menu = stage.panel._labels_menu
    menu.aboutToShow.emit()
    return {action.text().replace("&", ""): action for action in menu.actions()}


def opened(stage: Stage, kind: type[Q]) -> Q:
    return next(dialog for dialog in stage.panel.findChildren(kind) if dialog.isVisible())


def words(dialog: QDialog) -> str:
    return " ".join(label.text() for label in dialog.findChildren(QLabel))


def answer(dialog: QDialog, text: str) -> QPushButton:
    return next(button for button in dialog.findChildren(QPushButton) if button.text().replace("&", "") == text)


def test_a_label_is_added_by_name(stage: Stage) -> None:
    entries(stage)["Add a label…"].trigger()
    dialog = opened(stage, NameQuestion)
    assert not answer(dialog, "Add").isEnabled()
    QTest.keyClicks(dialog.findChildren(QLineEdit)[0], " sea   lion ")
    QTest.keyClick(dialog, KEY.Key_Return)
    assert stage.said == [("labelAddRequested", "sea lion")]
    assert not dialog.isVisible()


@pytest.mark.parametrize(
    ("entry", "kind", "selected"),
    [
        ("Add a label…", NameQuestion, ""),
        ("Rename…", NameQuestion, "cat"),
        ("Merge into another…", MergeQuestion, ""),
        ("Key…", KeyQuestion, ""),
    ],
)
def test_a_question_opens_with_the_field_in_hand(stage: Stage, entry: str, kind: type[QDialog], selected: str) -> None:
    entries(stage)[entry].trigger()
    dialog = opened(stage, kind)
    field = dialog.focusWidget()
    assert isinstance(field, QLineEdit)
    assert field.selectedText() == selected


def test_enter_renames_what_is_typed_over_the_old_name(stage: Stage) -> None:
    entries(stage)["Rename…"].trigger()
    field = opened(stage, NameQuestion).focusWidget()
    assert field is not None
    QTest.keyClicks(field, "lynx")
    QTest.keyClick(field, KEY.Key_Return)
    assert stage.said == [("labelRenameRequested", CAT, "lynx")]


def test_a_name_in_use_is_refused_with_the_way_on(stage: Stage) -> None:
    entries(stage)["Rename…"].trigger()
    dialog = opened(stage, NameQuestion)
    field = dialog.findChildren(QLineEdit)[0]
    assert field.text() == "cat"
    field.setText("DOG")
    assert "There is a label “dog”. Merge the two instead" in words(dialog)
    QTest.keyClick(dialog, KEY.Key_Return)
    assert stage.said == []
    field.setText("Cat")  # another case of its own name is another name
    answer(dialog, "Rename").click()
    assert stage.said == [("labelRenameRequested", CAT, "Cat")]


def test_escape_leaves_a_label_alone(stage: Stage) -> None:
    entries(stage)["Retire…"].trigger()
    QTest.keyClick(opened(stage, RetireQuestion), KEY.Key_Escape)
    assert stage.said == []


@pytest.mark.parametrize(
    ("label", "sentence"),
    [
        (CAT, "Its 1,204 statements are kept in the project."),
        (DOG, "Its 1 statement is kept in the project."),
        (OWL, "Nothing was said under it."),
    ],
)
def test_retiring_says_how_many_statements_it_concerns(stage: Stage, label: int, sentence: str) -> None:
    stage.panel.setCurrentLabel(label)
    entries(stage)["Retire…"].trigger()
    dialog = opened(stage, RetireQuestion)
    assert sentence in words(dialog)
    answer(dialog, "Retire").click()
    assert stage.said == [("labelRetireRequested", label)]


def test_merging_names_both_counts_and_goes_by_keys_alone(stage: Stage) -> None:
    stage.panel.setMergeRule("The stricter wins.")
    entries(stage)["Merge into another…"].trigger()
    dialog = opened(stage, MergeQuestion)
    rows = dialog.findChildren(QListWidget)[0]
    assert [rows.item(row).text() for row in range(rows.count())] == ["dog  (1 statement)", "owl  (0 statements)"]
    assert not answer(dialog, "Merge").isEnabled()
    QTest.keyClicks(dialog.findChildren(QLineEdit)[0], "ow")
    said = words(dialog)
    assert "1,204 statements of “cat” go over to “owl”, which has 0. The stricter wins. It can be undone." in said
    QTest.keyClick(dialog.findChildren(QLineEdit)[0], KEY.Key_Return)
    assert stage.said == [("labelMergeRequested", CAT, OWL)]


def test_enter_in_the_list_merges_once(stage: Stage) -> None:
    entries(stage)["Merge into another…"].trigger()
    dialog = opened(stage, MergeQuestion)
    rows = dialog.findChildren(QListWidget)[0]
    rows.setCurrentRow(0)
    QTest.keyClick(rows, KEY.Key_Return)
    assert stage.said == [("labelMergeRequested", CAT, DOG)]


def test_a_merge_into_nothing_cannot_be_answered(stage: Stage) -> None:
    entries(stage)["Merge into another…"].trigger()
    dialog = opened(stage, MergeQuestion)
    dialog.findChildren(QListWidget)[0].setCurrentRow(0)
    dialog.findChildren(QLineEdit)[0].setText("zebra")
    assert not answer(dialog, "Merge").isEnabled()


def test_a_letter_is_pressed_and_one_in_use_refused(stage: Stage) -> None:
    stage.panel.setTakenKeys({"D": "Next image", "K": "owl again"})
    entries(stage)["Key…"].trigger()
    dialog = opened(stage, KeyQuestion)
    field = dialog.findChildren(LetterField)[0]
    QTest.keyClicks(field, "d")
    assert "D is in use: Next image." in words(dialog)
    QTest.keyClick(dialog, KEY.Key_Return)
    QTest.keyClicks(field, "k")  # another label's: it may be taken from that
    assert "K is taken from “owl”." in words(dialog)
    QTest.keyClicks(field, "c")
    assert field.text() == "C"
    QTest.keyClick(field, KEY.Key_Return)
    assert stage.said == [("labelKeyRequested", CAT, "C")]


def test_a_letter_is_taken_away(stage: Stage) -> None:
    stage.panel.setCurrentLabel(OWL)
    entries(stage)["Key…"].trigger()
    dialog = opened(stage, KeyQuestion)
    assert dialog.findChildren(LetterField)[0].text() == "K"
    answer(dialog, "No letter").click()
    assert stage.said == [("labelKeyRequested", OWL, "")]


@pytest.mark.qt_log_ignore("does not support (raise|grabbing)", extend=True)  # the offscreen platform, of menus
def test_f2_renames_the_row_and_the_menu_key_opens_its_menu(stage: Stage) -> None:
    stage.panel.setCurrentLabel(DOG)
    QTest.keyClick(stage.view, KEY.Key_F2)
    dialog = opened(stage, NameQuestion)
    assert dialog.findChildren(QLineEdit)[0].text() == "dog"
    dialog.reject()
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(0, 0), QPoint(0, 0))
    QApplication.sendEvent(stage.view.viewport(), event)
    menu = next(menu for menu in stage.panel.findChildren(QMenu) if menu.isVisible())
    texts = [action.text().replace("&", "") for action in menu.actions() if not action.isSeparator()]
    assert texts == ["Add a label…", "Rename…", "Key…", "Merge into another…", "Retire…"]
    menu.close()


def test_a_read_only_project_keeps_its_labels(stage: Stage) -> None:
    stage.panel.setReadOnly(True)
    assert not any(action.isEnabled() for action in entries(stage).values() if not action.isSeparator())
    QTest.keyClick(stage.view, KEY.Key_F2)
    assert not [dialog for dialog in stage.panel.findChildren(QDialog) if dialog.isVisible()]


def test_a_name_with_a_mnemonic_sign_stays_whole(qtbot: QtBot) -> None:
    stage = Stage(qtbot, [AnnotateLabel(1, "salt & pepper")])
    stage.panel.setCurrentLabel(1)
    entries(stage)
    sections = [action.text() for action in stage.panel._labels_menu.actions() if action.isSeparator()]
    assert "salt && pepper" in sections
