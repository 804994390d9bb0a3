"""The line at the bottom of the window."""

from __future__ import annotations

import math

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel, QProgressBar, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from inference.types import Progress
from widgets.elided_label import ElidedLabel
from widgets.run_bar import RunBar, duration_text, figures_text

NAN = math.nan


@pytest.fixture
def bar(qtbot: QtBot) -> RunBar:
    bar = RunBar()
    qtbot.addWidget(bar)
    bar.resize(1100, 40)
    bar.show()
    return bar


def settle(bar: RunBar) -> None:
    layout = bar.layout()
    assert layout is not None
    layout.activate()


def button(bar: RunBar, text: str) -> QPushButton:
    return next(child for child in bar.findChildren(QPushButton) if child.text() == text)


def state(bar: RunBar) -> str:
    return bar.findChildren(ElidedLabel)[0].text()


def figures(bar: RunBar) -> str:
    shown = [label.text() for label in bar.findChildren(QLabel) if label.isVisible() and "of" in label.text()]
    return shown[0] if shown else ""


def test_a_run_is_told_in_figures() -> None:
    text = figures_text(Progress(212, 400, 86.4, 1.6, 3)).replace("\u2007", "")
    assert text.replace("  ·  ", " · ") == "212 of 400 · 86 images/s · 2 s left · 3 failed"


def test_digits_are_grouped_as_everywhere_else() -> None:
    text = figures_text(Progress(1710, 12000, 1234.0, 9.0, 1001)).replace("\u2007", "")
    assert text.replace("  ·  ", " · ") == "1,710 of 12,000 · 1,234 images/s · 9 s left · 1,001 failed"


def test_the_state_has_the_room_that_nothing_else_uses(bar: RunBar) -> None:
    bar.resize(900, 40)
    bar.setProgress(Progress(11_000, 12_000, 86.0, 59.0))
    bar.setProgress(None)
    text = "1,806 of 12,000 scored in 2 min (86 images/s); 10,194 are left"
    bar.setStatus(text)
    settle(bar)
    label = bar.findChildren(ElidedLabel)[0]
    assert label.width() >= label.sizeHint().width()
    assert label.toolTip() == ""
    score = button(bar, "Score")
    assert score.x() - label.geometry().right() < 30


def test_what_is_not_yet_known_is_left_out() -> None:
    assert figures_text(Progress(0, 5, NAN, NAN)) == "0 of 5"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.0, "0 s"), (0.2, "1 s"), (59.2, "1 min"), (61, "2 min"), (3599, "1 h 00 min"), (4800, "1 h 20 min")],
)
def test_time_left_is_said_as_people_say_it(seconds: float, text: str) -> None:
    assert duration_text(seconds).strip("\u2007") == text


def test_a_slow_model_is_told_in_seconds_an_image() -> None:
    assert "4 s an image" in figures_text(Progress(1, 9, 0.25, 32.0))


def test_while_a_run_goes_on_it_can_be_cancelled_and_not_started_again(bar: RunBar, qtbot: QtBot) -> None:
    assert not button(bar, "Cancel").isVisible()
    bar.setProgress(Progress(10, 40, 5.0, 6.0))
    assert state(bar) == "Scoring"
    assert figures(bar).startswith("10 of 40")
    assert not button(bar, "Score").isEnabled()
    progress = bar.findChildren(QProgressBar)[0]
    assert (progress.value(), progress.maximum()) == (10, 40)
    with qtbot.waitSignal(bar.cancelRequested):
        QTest.mouseClick(button(bar, "Cancel"), Qt.MouseButton.LeftButton)
    bar.setStatus("Stopped at 10 of 40")
    bar.setScoreAction("resume")
    bar.setProgress(None)
    assert state(bar) == "Stopped at 10 of 40"
    assert not button(bar, "Cancel").isVisible()
    assert figures(bar) == ""
    with qtbot.waitSignal(bar.scoreRequested):
        QTest.mouseClick(button(bar, "Resume"), Qt.MouseButton.LeftButton)


def test_a_button_that_cannot_be_pressed_says_why(bar: RunBar) -> None:
    bar.setScoreAction("score", "Open a model first.")
    assert not button(bar, "Score").isEnabled()
    assert button(bar, "Score").toolTip() == "Open a model first."
    bar.setScoreAction("again")
    assert button(bar, "Score again").isEnabled()


def test_busy_takes_the_place_of_the_status_and_gives_it_back(bar: RunBar) -> None:
    bar.setStatus("Ready")
    bar.setBusy("Reading the folder…")
    assert state(bar) == "Reading the folder…"
    assert bar.findChildren(QProgressBar)[0].isVisible()
    bar.setBusy("")
    assert state(bar) == "Ready"
    assert not bar.findChildren(QProgressBar)[0].isVisible()


def test_nothing_jumps_while_a_run_goes_on(bar: RunBar, qtbot: QtBot) -> None:
    bar.setProgress(Progress(1, 400, NAN, NAN))
    places = []
    for step in (Progress(9, 400, 9.5, 41.0), Progress(99, 400, 99.0, 3.0), Progress(400, 400, 123.0, 0.0)):
        bar.setProgress(step)
        settle(bar)
        places.append([(child.x(), child.width()) for child in bar.findChildren(QWidget) if child.isVisible()])
    assert places[0] == places[1] == places[2]
    before = [button(bar, "Score").x(), bar.findChildren(QComboBox)[0].x()]
    bar.setProgress(None)
    bar.setScoreAction("again")
    settle(bar)
    assert [button(bar, "Score again").x(), bar.findChildren(QComboBox)[0].x()] == before


def test_choosing_a_device_says_its_key_and_setting_it_says_nothing(bar: RunBar, qtbot: QtBot) -> None:
    devices = bar.findChildren(QComboBox)[0]
    assert not devices.isEnabled()
    with qtbot.assertNotEmitted(bar.deviceChosen):
        bar.setDevices([("cuda:0", "Fast card"), ("cpu", "CPU")], "cpu")
    assert devices.currentText() == "CPU"
    devices.setFocus()
    with qtbot.waitSignal(bar.deviceChosen) as chosen:
        QTest.keyClick(devices, Qt.Key.Key_Up)
    assert chosen.args == ["cuda:0"]


def test_every_control_has_a_name_for_screen_readers(bar: RunBar) -> None:
    for child in bar.findChildren(QPushButton) + bar.findChildren(QComboBox) + bar.findChildren(QProgressBar):
        assert child.accessibleName() or getattr(child, "text", str)()


def test_long_states_are_cut_and_stay_whole_in_the_tool_tip(bar: RunBar) -> None:
    text = "a long state " * 60
    bar.setStatus(text)
    assert bar.width() == 1100
    assert bar.findChildren(ElidedLabel)[0].toolTip() == text.strip()
