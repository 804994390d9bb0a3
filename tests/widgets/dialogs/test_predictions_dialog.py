"""Two questions with an answer chosen already, and reasons only for the guesses."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QRadioButton
from pytestqt.qtbot import QtBot

from inference.choices import Activation
from widgets.dialogs.predictions_dialog import PredictionsDialog, PredictionsView

VIEW = PredictionsView(
    name="scores.csv",
    n_images=12400,
    n_labels=1,
    kind="probabilities",
    kind_reason="All numbers lie between 0 and 1.",
    activation=Activation.SOFTMAX,
    activation_reason="They sum to 1.",
)


@pytest.fixture
def dialog(qtbot: QtBot) -> PredictionsDialog:
    made = PredictionsDialog(VIEW)
    qtbot.addWidget(made)
    made.show()
    return made


def shown(dialog: PredictionsDialog) -> list[str]:
    return [label.text() for label in dialog.findChildren(QLabel) if label.isVisible()]


def button(dialog: PredictionsDialog, words: str) -> QRadioButton:
    return next(one for one in dialog.findChildren(QRadioButton) if one.text().replace("&", "") == words)


def test_the_guesses_are_chosen_with_their_reasons(dialog: PredictionsDialog) -> None:
    assert (dialog.kind(), dialog.activation()) == ("probabilities", Activation.SOFTMAX)
    assert {"scores.csv", VIEW.kind_reason, VIEW.activation_reason} <= set(shown(dialog))
    assert any(text.startswith("12,400 images, 1 label.") for text in shown(dialog))


def test_a_reason_goes_with_its_guess(dialog: PredictionsDialog) -> None:
    button(dialog, "Logits").click()
    assert dialog.kind() == "logits"
    assert VIEW.kind_reason not in shown(dialog)
    assert VIEW.activation_reason not in shown(dialog)  # it spoke of probabilities
    button(dialog, "Probabilities").click()
    button(dialog, "Sigmoid").click()
    assert dialog.activation() is Activation.SIGMOID
    assert VIEW.kind_reason in shown(dialog)
    assert VIEW.activation_reason not in shown(dialog)


def test_answers_are_given_by_keys_alone(dialog: PredictionsDialog, qtbot: QtBot) -> None:
    assert dialog.focusWidget() is button(dialog, "Probabilities")
    QTest.keyClick(button(dialog, "Probabilities"), Qt.Key.Key_Down)
    assert (dialog.kind(), dialog.activation()) == ("logits", Activation.SOFTMAX)
    with qtbot.waitSignal(dialog.accepted):
        QTest.keyClick(dialog, Qt.Key.Key_Return)


def test_every_answer_has_a_name_of_its_own(dialog: PredictionsDialog) -> None:
    named = [one.accessibleName() for one in dialog.findChildren(QRadioButton)]
    assert len(set(named)) == 4
    assert "The numbers are logits" in named
