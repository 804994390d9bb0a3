"""Labels that change many times a second."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from tests.widgets.layouts import layouts_asked_for
from widgets.figure_label import FigureLabel, StillLabel
from widgets.pr_header import CurveHeader


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.resize(300, 80)
    return widget


def ink(image: QImage) -> int:
    """Pixels that are not as the corner is."""
    ground = image.pixel(image.width() - 1, image.height() - 1)
    return sum(image.pixel(x, y) != ground for x in range(image.width()) for y in range(image.height()))


def test_a_still_label_shows_other_words_in_the_same_room(window: QWidget) -> None:
    label = StillLabel()
    row = QHBoxLayout(window)
    row.addWidget(label)
    window.show()
    label.setText("short")
    before = ink(label.grab().toImage())
    room = label.geometry()
    assert layouts_asked_for(window, lambda: label.setText("very much longer, " * 20)) == 0
    assert label.geometry() == room
    assert ink(label.grab().toImage()) > before > 0
    assert label.toolTip() == label.text()  # which is cut
    label.setText("short")
    assert label.toolTip() == ""
    assert label.accessibleName() == "short"


def test_a_still_label_wraps_in_the_room_it_was_given(window: QWidget) -> None:
    label = StillLabel(wraps=True)
    column = QVBoxLayout(window)
    column.addWidget(label)
    column.addStretch(1)
    line = label.fontMetrics().height()
    label.setRoom(0, 3 * line)
    window.show()
    label.setText("several words that need three lines in so little room as there is, whatever they say")
    picture = label.grab().toImage()
    assert label.height() == 3 * line
    ratio = picture.devicePixelRatio()
    assert ink(picture.copy(0, int(line * ratio), picture.width(), int(line * ratio))) > 0


def test_figures_of_the_same_length_ask_for_no_layout(window: QWidget) -> None:
    label = FigureLabel()
    row = QHBoxLayout(window)
    row.addWidget(label)
    label.setText("0.123")
    window.show()
    assert layouts_asked_for(window, lambda: label.setText("0.987")) == 0
    assert label.text() == "0.987"
    assert layouts_asked_for(window, lambda: label.setText("0.98765")) > 0
    assert label.alignment() & Qt.AlignmentFlag.AlignLeft


def test_a_caption_that_has_its_room_changes_without_a_layout(window: QWidget) -> None:
    header = CurveHeader()
    column = QVBoxLayout(window)
    column.addWidget(header)
    column.addWidget(QLabel("below"), 1)
    header.setTitle("ant", "AP 0.83")
    header.setCaption("threshold 0.5", "threshold 0.12345678 and more")
    window.show()
    longest = "threshold 0.12345678 and more"
    assert layouts_asked_for(window, lambda: header.setCaption("threshold 0.4 and more", longest)) == 0
    assert header.text() == "ant · AP 0.83\nthreshold 0.4 and more"
    header.setCaption("")
    assert header.text() == "ant · AP 0.83"
