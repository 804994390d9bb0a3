"""The question before a program runs: nothing runs by accident, and what would run can be read and copied."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QCheckBox, QLabel, QPlainTextEdit, QPushButton
from pytestqt.qtbot import QtBot

from widgets.dialogs.consent_dialog import ConsentDialog, ConsentFile, ConsentView

ONE = ConsentView("digits.pt", "a TorchScript model", (ConsentFile("/models/<b>digits</b>.pt", 48_211_077, "ab" * 32),))
TWO = ConsentView(
    "net.py", "a Python file", (ConsentFile("/models/net.py", 77, "cd" * 32), ConsentFile("/models/x.py", 9, "ef" * 32))
)


def shown(view: ConsentView, qtbot: QtBot) -> ConsentDialog:
    dialog = ConsentDialog(view)
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.open()
    return dialog


def button(dialog: ConsentDialog, words: str) -> QPushButton:
    return next(one for one in dialog.findChildren(QPushButton) if one.text().replace("&", "").startswith(words))


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape, Qt.Key.Key_Space])
def test_keys_that_are_pressed_without_thinking_cancel(qtbot: QtBot, key: Qt.Key) -> None:
    dialog = shown(ONE, qtbot)
    said: list[str] = []
    dialog.accepted.connect(lambda: said.append("run"))
    dialog.rejected.connect(lambda: said.append("cancel"))
    qtbot.waitUntil(lambda: button(dialog, "Cancel").hasFocus())
    qtbot.keyClick(button(dialog, "Cancel"), key)
    assert said == ["cancel"]


def test_running_it_is_a_button_of_its_own_and_not_for_good_by_default(qtbot: QtBot) -> None:
    dialog = shown(ONE, qtbot)
    assert not dialog.remember()
    dialog.findChildren(QCheckBox)[0].click()
    assert dialog.remember()
    with qtbot.waitSignal(dialog.accepted):
        button(dialog, "Run").click()


def test_path_size_and_hash_are_there_as_plain_text(qtbot: QtBot) -> None:
    dialog = shown(ONE, qtbot)
    text = dialog.findChildren(QPlainTextEdit)[0].toPlainText()
    assert "/models/<b>digits</b>.pt" in text
    assert "48,211,077 bytes" in text
    assert "ab" * 32 in text
    words = " ".join(label.text() for label in dialog.findChildren(QLabel))
    assert "a TorchScript model" in words
    assert "with your rights" in words


def test_the_hash_alone_is_copied_of_one_file_and_with_its_path_of_several(qtbot: QtBot) -> None:
    one, two = shown(ONE, qtbot), shown(TWO, qtbot)
    button(one, "Copy").click()
    assert QGuiApplication.clipboard().text() == "ab" * 32
    button(two, "Copy").click()
    assert QGuiApplication.clipboard().text().splitlines() == [
        f"{'cd' * 32}  /models/net.py",
        f"{'ef' * 32}  /models/x.py",
    ]
