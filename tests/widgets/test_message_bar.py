"""Messages in the window."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel, QPlainTextEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from inference.types import Severity
from widgets.message_bar import MAX_MESSAGES, MessageBar


@pytest.fixture
def bar(qtbot: QtBot) -> Iterator[MessageBar]:
    window = QWidget()
    qtbot.addWidget(window)
    layout = QVBoxLayout(window)
    bar = MessageBar(window)
    layout.addWidget(bar)
    layout.addStretch(1)
    window.resize(700, 300)
    window.show()
    yield bar
    window.close()


def button(bar: MessageBar, name: str) -> QAbstractButton:
    buttons = [child for child in bar.findChildren(QAbstractButton) if child.isVisible()]
    return next(child for child in buttons if name in (child.text(), child.accessibleName()))


def texts(bar: MessageBar) -> list[str]:
    return [label.text() for label in bar.findChildren(QLabel) if label.isVisible()]


def test_it_shows_itself_only_while_there_is_something_to_say(bar: MessageBar, qtbot: QtBot) -> None:
    assert not bar.isVisible()
    bar.showMessage("The folder is empty.", Severity.WARNING)
    assert bar.isVisible()
    assert texts(bar) == ["The folder is empty."]
    assert bar.accessibleName() == "Warning: The folder is empty."
    with qtbot.waitSignal(bar.dismissed):
        QTest.mouseClick(button(bar, "Dismiss message"), Qt.MouseButton.LeftButton)
    assert not bar.isVisible()
    assert bar.currentText() == ""


def test_the_gravest_is_first_and_several_are_counted(bar: MessageBar, qtbot: QtBot) -> None:
    bar.showMessage("one", Severity.INFO)
    bar.showMessage("two", Severity.ERROR)
    bar.showMessage("three", Severity.WARNING)
    assert texts(bar) == ["two", "1 of 3"]
    QTest.mouseClick(button(bar, "Next message"), Qt.MouseButton.LeftButton)
    assert texts(bar) == ["three", "2 of 3"]
    bar.dismissCurrent()
    assert texts(bar) == ["one", "2 of 2"]
    bar.dismissCurrent()
    assert texts(bar) == ["two"]


def test_a_new_message_shows_at_once_unless_a_graver_one_is_read(bar: MessageBar) -> None:
    bar.showMessage("first", Severity.WARNING)
    bar.showMessage("second", Severity.WARNING)
    assert texts(bar) == ["second", "1 of 2"]
    bar.showMessage("third", Severity.INFO)
    assert texts(bar) == ["second", "1 of 3"]
    bar.showMessage("fourth", Severity.ERROR)
    assert bar.currentText() == "fourth"
    bar.showMessage("fifth", Severity.WARNING)
    assert texts(bar) == ["fourth", "1 of 5"]


def test_what_is_said_again_comes_to_the_front(bar: MessageBar) -> None:
    bar.showMessage("again", Severity.WARNING)
    bar.showMessage("other", Severity.WARNING)
    bar.showMessage("again", Severity.WARNING)
    assert texts(bar) == ["again (2 times)", "1 of 2"]


def test_next_and_close_never_move_and_no_other_button_slides_under_next(bar: MessageBar, qtbot: QtBot) -> None:
    def place(name: str) -> QRect:
        found = button(bar, name)
        return QRect(found.mapTo(bar, QPoint(0, 0)), found.size())

    bar.showMessage("short", Severity.INFO, action="A long action")
    bar.showMessage("word " * 60, Severity.INFO, detail="more")
    bar.showMessage("middle", Severity.INFO, action="Act", detail="more")
    line = bar.fontMetrics().height()
    qtbot.waitUntil(lambda: bar.height() < 3 * line)
    next_place, close_place = place("Next message"), place("Dismiss message")
    for _ in range(3):
        QTest.mouseClick(button(bar, "Next message"), Qt.MouseButton.LeftButton)
        if bar.currentText().startswith("word"):
            qtbot.waitUntil(lambda: bar.height() > 3 * line)
        else:
            qtbot.waitUntil(lambda: bar.height() < 3 * line)
        assert (place("Next message"), place("Dismiss message")) == (next_place, close_place)
    bar.dismissCurrent()
    bar.dismissCurrent()
    qtbot.waitUntil(lambda: place("A long action").width() > next_place.width())
    assert not place("A long action").intersects(next_place)
    assert place("Dismiss message") == close_place


def test_the_same_text_twice_is_one_message_with_a_count(bar: MessageBar) -> None:
    for _ in range(3):
        bar.showMessage("cat.jpg cannot be read.", Severity.WARNING)
    assert texts(bar) == ["cat.jpg cannot be read. (3 times)"]
    bar.showMessage("cat.jpg cannot be read.", Severity.ERROR)
    assert texts(bar) == ["cat.jpg cannot be read.", "1 of 2"]


def test_details_unfold_and_can_be_copied(bar: MessageBar, qtbot: QtBot) -> None:
    bar.showMessage("It failed.", Severity.ERROR, "line 1\nline 2")
    detail = bar.findChildren(QPlainTextEdit)[0]
    assert not detail.isVisible()
    QTest.mouseClick(button(bar, "Details"), Qt.MouseButton.LeftButton)
    assert detail.isVisible()
    assert detail.toPlainText() == "line 1\nline 2"
    QTest.mouseClick(button(bar, "Copy details"), Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == "It failed.\nline 1\nline 2"
    bar.dismissCurrent()
    bar.showMessage("No detail.", Severity.ERROR)
    assert not detail.isVisible()
    with pytest.raises(StopIteration):
        button(bar, "Details")


def test_the_action_names_its_message_and_is_done_with_it(bar: MessageBar, qtbot: QtBot) -> None:
    bar.showMessage("Each image has one label.", Severity.INFO, action="Use argmax", key="advice")
    keys: list[str] = []
    bar.actionRequested.connect(lambda: keys.append(bar.currentKey()))
    with qtbot.assertNotEmitted(bar.dismissed):
        QTest.mouseClick(button(bar, "Use argmax"), Qt.MouseButton.LeftButton)
    assert keys == ["advice"]
    assert not bar.isVisible()


def test_a_slot_may_clear_the_bar_or_say_more(bar: MessageBar, qtbot: QtBot) -> None:
    def slot() -> None:
        bar.clear()
        bar.showMessage("Done.", Severity.INFO)

    bar.showMessage("Retry?", Severity.ERROR, action="Retry")
    bar.actionRequested.connect(slot)
    QTest.mouseClick(button(bar, "Retry"), Qt.MouseButton.LeftButton)
    assert texts(bar) == ["Done."]


def test_clearing_one_key_leaves_the_others(bar: MessageBar, qtbot: QtBot) -> None:
    bar.showMessage("a", Severity.INFO, key="x")
    bar.showMessage("b", Severity.INFO)
    with qtbot.assertNotEmitted(bar.dismissed):
        bar.clear("x")
    assert texts(bar) == ["b"]
    bar.clear()
    assert not bar.isVisible()


def test_escape_puts_it_away(bar: MessageBar, qtbot: QtBot) -> None:
    bar.showMessage("a", Severity.INFO)
    with qtbot.waitSignal(bar.dismissed):
        QTest.keyClick(button(bar, "Dismiss message"), Qt.Key.Key_Escape)
    bar.dismissCurrent()
    assert not bar.isVisible()


def test_it_never_takes_the_focus(bar: MessageBar, qtbot: QtBot) -> None:
    window = bar.window()
    field = QPlainTextEdit(window)
    field.show()
    field.setFocus()
    bar.showMessage("a", Severity.ERROR, "detail", "Act")
    assert window.focusWidget() is field


def test_a_long_text_wraps_instead_of_widening_the_window(bar: MessageBar, qtbot: QtBot) -> None:
    bar.showMessage("short", Severity.INFO)
    line = bar.fontMetrics().height()
    qtbot.waitUntil(lambda: bar.height() < 3 * line)
    bar.clear()
    bar.showMessage("word " * 80, Severity.INFO)
    qtbot.waitUntil(lambda: bar.height() > 3 * line)
    assert bar.window().width() == 700


def test_markup_in_a_file_name_is_shown_as_it_is(bar: MessageBar) -> None:
    bar.showMessage("<b>x</b>.jpg is no image.", Severity.WARNING)
    label = bar.findChildren(QLabel)[0]
    assert label.textFormat() == Qt.TextFormat.PlainText


def test_a_storm_of_messages_stays_bounded_and_keeps_the_gravest(bar: MessageBar) -> None:
    for number in range(MAX_MESSAGES * 2):
        bar.showMessage(f"note {number}", Severity.INFO)
    bar.showMessage("grave", Severity.ERROR)
    assert texts(bar) == ["grave", f"1 of {MAX_MESSAGES}"]
