"""The first thing a user sees."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QScrollArea
from pytestqt.qtbot import QtBot

from widgets.start_page import DemoItem, RecentItem, StartPage, local_paths

NO_BUTTON, NO_KEY = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
COPY = Qt.DropAction.CopyAction


@pytest.fixture
def page(qtbot: QtBot) -> StartPage:
    page = StartPage()
    qtbot.addWidget(page)
    page.resize(1280, 700)
    page.setDemos([DemoItem("sheets", "Sheets", "multi-label"), DemoItem("digits", "Digits", "multi-class")])
    page.setRecent([RecentItem("k1", "net on val", "/m · /d"), RecentItem("k2", "gone", "/gone", missing=True)])
    page.show()
    return page


def button(page: StartPage, name: str) -> QAbstractButton:
    buttons = [child for child in page.findChildren(QAbstractButton) if child.isVisible()]
    return next(child for child in buttons if child.accessibleName() == name)


def mime(*urls: str, text: str = "") -> QMimeData:
    data = QMimeData()
    if urls:
        data.setUrls([QUrl(url) for url in urls])
    if text:
        data.setText(text)
    return data


def enter(page: StartPage, data: QMimeData) -> bool:
    # Handed to the page itself: QApplication keeps the target of an unfinished drag beyond the end of a test.
    event = QDragEnterEvent(QPoint(5, 5), COPY, data, NO_BUTTON, NO_KEY)
    page.dragEnterEvent(event)
    return page.acceptDrops() and event.isAccepted()


def test_the_three_ways_in(page: StartPage, qtbot: QtBot) -> None:
    with qtbot.waitSignal(page.openModelRequested):
        QTest.mouseClick(button(page, "Open a model…"), NO_BUTTON)
    with qtbot.waitSignal(page.openFolderRequested):
        QTest.keyClick(button(page, "Open a validation folder…"), Qt.Key.Key_Return)
    with qtbot.waitSignal(page.demoChosen) as chosen:
        QTest.keyClick(button(page, "Digits"), Qt.Key.Key_Space)
    assert chosen.args == ["digits"]


def test_recent_ones_open_and_missing_ones_can_only_be_removed(page: StartPage, qtbot: QtBot) -> None:
    with qtbot.waitSignal(page.recentChosen) as chosen:
        QTest.mouseClick(button(page, "net on val"), NO_BUTTON)
    assert chosen.args == ["k1"]
    with qtbot.assertNotEmitted(page.recentChosen):
        QTest.mouseClick(button(page, "gone"), NO_BUTTON)
    assert "not found" in button(page, "gone").accessibleDescription()
    with qtbot.waitSignal(page.recentRemoveRequested) as removed:
        QTest.mouseClick(button(page, "Remove gone from the list"), NO_BUTTON)
    assert removed.args == ["k2"]
    with qtbot.waitSignal(page.recentRemoveRequested) as removed:
        QTest.keyClick(button(page, "net on val"), Qt.Key.Key_Delete)
    assert removed.args == ["k1"]


def test_setting_anything_says_nothing_and_replaces_what_was_there(page: StartPage, qtbot: QtBot) -> None:
    signals = [page.openModelRequested, page.openFolderRequested, page.recentChosen, page.demoChosen]
    with qtbot.assertNotEmitted(signals[0]), qtbot.assertNotEmitted(signals[2]), qtbot.assertNotEmitted(signals[3]):
        page.setRecent([RecentItem("k3", "new", "/new")])
        page.setDemos([])
        page.setOpened("net", "")

    def names() -> list[str]:
        return [child.accessibleName() for child in page.findChildren(QAbstractButton) if child.isVisible()]

    qtbot.waitUntil(lambda: "new" in names())  # a layout shows what is added when the event loop comes round
    assert "net on val" not in names()
    assert "Digits" not in names()


def test_a_half_opened_pair_says_what_is_missing(page: StartPage) -> None:
    def said() -> str:
        return " ".join(label.text() for label in page.findChildren(QLabel) if label.isVisible())

    assert "Next" not in said()
    page.setOpened("resnet18", "")
    assert "resnet18 is open. Next: open the validation folder" in said()
    assert button(page, "Open another model…").accessibleDescription() == "resnet18 is open"
    page.setOpened("", "val-2024")
    assert "val-2024 is open. Next: open the model" in said()
    page.setOpened("", "")
    assert "Next" not in said()


def test_what_is_being_opened_is_said_in_full(page: StartPage) -> None:
    def lines() -> list[QLabel]:
        return [label for label in page.findChildren(QLabel) if label.isVisible()]

    words = "Reading the annotations of …/validation images of the street scenes project, second collection/part …"
    page.resize(500, 700)
    page.setBusy(words)
    QApplication.processEvents()
    line = next(label for label in lines() if label.text() == words)
    assert line.height() >= line.heightForWidth(line.width())  # on as many lines as it takes
    page.setBusy("")
    assert words not in [label.text() for label in lines()]
    assert any("drop a model" in label.text() for label in lines())


def test_enter_after_opening_a_model_goes_on_to_the_folder(page: StartPage, qtbot: QtBot) -> None:
    button(page, "Open a model…").setFocus()
    page.setOpened("net", "")
    assert page.window().focusWidget() is button(page, "Open a validation folder…")


def test_everything_is_reached_by_tab(page: StartPage, qtbot: QtBot) -> None:
    first = button(page, "Open a model…")
    first.setFocus()
    seen = set()
    for _ in range(20):
        seen.add(page.window().focusWidget().accessibleName())
        page.focusNextChild()
    wanted = {child.accessibleName() for child in page.findChildren(QAbstractButton) if child.isEnabled()}
    assert {name for name in wanted if name} <= seen


@pytest.mark.parametrize(
    ("urls", "text", "expected"),
    [
        (("file:///data/val",), "", ["/data/val"]),
        (("file:///m/model.toml", "file:///d%20x"), "", ["/m/model.toml", "/d x"]),
        (("https://example.org/cat.jpg",), "", []),
        (("file:///data/val", "https://example.org/cat.jpg"), "", []),
        ((), "/data/val", []),
        ((), "", []),
    ],
)
@pytest.mark.skipif(sys.platform == "win32", reason="paths of this form are not absolute there")
def test_only_files_of_this_machine_are_taken(
    page: StartPage, urls: tuple[str, ...], text: str, expected: list[str]
) -> None:
    data = mime(*urls, text=text)
    assert local_paths(data) == expected
    assert enter(page, data) is bool(expected)


def test_picture_data_is_refused(page: StartPage) -> None:
    data = QMimeData()
    picture = QImage(2, 2, QImage.Format.Format_RGB32)
    picture.fill(Qt.GlobalColor.red)
    data.setImageData(picture)
    assert not enter(page, data)
    move = QDragMoveEvent(QPoint(6, 6), COPY, data, NO_BUTTON, NO_KEY)
    page.dragMoveEvent(move)
    assert not move.isAccepted()


def test_a_drop_hands_on_the_paths_and_the_highlight_goes(page: StartPage, qtbot: QtBot, tmp_path: Path) -> None:
    data = mime(QUrl.fromLocalFile(str(tmp_path)).toString())
    plain = page.grab().toImage()
    enter(page, data)
    assert page.grab().toImage() != plain
    drop = QDropEvent(QPointF(5, 5), COPY, data, NO_BUTTON, NO_KEY)
    with qtbot.waitSignal(page.pathsDropped) as dropped:
        page.dropEvent(drop)
    assert [Path(path) for path in dropped.args[0]] == [tmp_path]
    assert page.grab().toImage() == plain
    enter(page, data)
    page.dragLeaveEvent(QDragLeaveEvent())
    assert page.grab().toImage() == plain


def test_5000_files_are_one_drop(page: StartPage, qtbot: QtBot) -> None:
    data = mime(*(f"file:///data/{number}.jpg" for number in range(5000)))
    assert enter(page, data)
    with qtbot.waitSignal(page.pathsDropped) as dropped:
        page.dropEvent(QDropEvent(QPointF(5, 5), COPY, data, NO_BUTTON, NO_KEY))
    assert len(dropped.args[0]) == 5000


@pytest.mark.parametrize("size", [(1280, 620), (640, 480)])
def test_nothing_is_cut_off_sideways(page: StartPage, size: tuple[int, int]) -> None:
    page.resize(*size)
    scroll = page.findChildren(QScrollArea)[0]
    canvas = scroll.widget()
    assert canvas is not None
    assert canvas.width() <= scroll.viewport().width()
    if size[0] == 1280:
        assert not scroll.verticalScrollBar().isVisible()


def test_it_starts_without_svg_plots_or_torch() -> None:
    code = "import sys, widgets.start_page\nprint([m for m in sys.modules if m in "
    code += "('PySide6.QtSvg', 'PySide6.QtSvgWidgets', 'pyqtgraph', 'torch', 'polars', 'PIL')])"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"
