"""A question with several answers."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from widgets.dialogs.choice_dialog import ChoiceDialog

ANSWERS = ("Bring back the backup of 24 Nov 2026, 04:59 (before version 2)", "Read what is left & change nothing")


@pytest.fixture
def dialog(qtbot: QtBot) -> ChoiceDialog:
    made = ChoiceDialog("Damaged project", "work.cutline is damaged. " * 9, "It is kept.", ANSWERS)
    qtbot.addWidget(made)
    made.show()
    return made


def test_every_answer_is_read_whole_and_says_its_place(dialog: ChoiceDialog, qtbot: QtBot) -> None:
    for place, answer in enumerate(ANSWERS):
        button = next(one for one in dialog.findChildren(QPushButton) if one.accessibleName() == answer)
        assert button.width() >= button.sizeHint().width()
        with qtbot.waitSignal(dialog.chosen) as said:
            qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        assert said.args == [place]
        assert dialog.isHidden()
        dialog.show()


def test_long_sentences_are_not_cut_off(dialog: ChoiceDialog) -> None:
    for label in dialog.findChildren(QLabel):
        assert label.height() >= label.heightForWidth(label.width())


def test_escape_answers_nothing(dialog: ChoiceDialog, qtbot: QtBot) -> None:
    said: list[int] = []
    dialog.chosen.connect(said.append)
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert said == []
    assert dialog.isHidden()
