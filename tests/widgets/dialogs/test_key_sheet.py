"""The sheet of all keys."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QScrollArea
from pytestqt.qtbot import QtBot

from widgets.dialogs.key_sheet import KeySheet

ROWS = [
    ("Images", "Right or D", "next image"),
    ("Images", "Left or A", "previous image"),
    ("View", "+ or -", "zoom in or out"),
    ("View", "F", "fit the <image>"),
    ("Help", "? or F1", "this sheet"),
]


@pytest.fixture
def sheet(qtbot: QtBot) -> KeySheet:
    sheet = KeySheet(ROWS)
    qtbot.addWidget(sheet)
    sheet.show()
    return sheet


def said(sheet: KeySheet) -> set[str]:
    return {label.text() for label in sheet.findChildren(QLabel) if label.isVisible()}


def test_every_key_and_what_it_does_is_there(sheet: KeySheet) -> None:
    assert {"Images", "View", "Help", "Right", "D", "+", "-", "?", "F1", "fit the <image>"} <= said(sheet)
    assert {text for _, _, text in ROWS} <= said(sheet)
    assert "No key does that." not in said(sheet)


def test_sections_stand_in_two_columns(sheet: KeySheet) -> None:
    def left(text: str) -> int:
        label = next(label for label in sheet.findChildren(QLabel) if label.text() == text)
        return label.mapTo(sheet, label.rect().topLeft()).x()

    assert left("Images") < left("View") == left("Help")


def test_the_filter_finds_words_in_keys_texts_and_sections(sheet: KeySheet) -> None:
    field = sheet.findChildren(QLineEdit)[0]
    QTest.keyClicks(field, "image prev")
    assert "previous image" in said(sheet)
    assert not {"next image", "View", "Help"} & said(sheet)
    field.setText("f1")
    assert {"this sheet", "Help"} <= said(sheet)
    assert "Images" not in said(sheet)
    field.setText("nonsense")
    assert said(sheet) == {"No key does that."}
    field.clear()
    assert {text for _, _, text in ROWS} <= said(sheet)


def test_setting_the_filter_shows_it_in_the_field(sheet: KeySheet) -> None:
    sheet.setFilter("zoom")
    assert sheet.findChildren(QLineEdit)[0].text() == "zoom"
    assert "zoom in or out" in said(sheet)
    assert "next image" not in said(sheet)


def test_escape_closes_it(sheet: KeySheet) -> None:
    QTest.keyClick(sheet, Qt.Key.Key_Escape)
    assert not sheet.isVisible()


def test_no_keys_at_all_is_said(qtbot: QtBot) -> None:
    sheet = KeySheet([])
    qtbot.addWidget(sheet)
    sheet.show()
    assert said(sheet) == {"No key does that."}


def test_all_rows_are_in_sight_where_the_screen_has_room(qtbot: QtBot) -> None:
    sheet = KeySheet([(f"Part {i // 6}", "Ctrl+Shift+Z or Ctrl+Y", f"do number {i}") for i in range(38)])
    qtbot.addWidget(sheet)
    sheet.show()
    scroll = sheet.findChildren(QScrollArea)[0]
    assert sheet.height() <= sheet.screen().availableSize().height()
    assert scroll.verticalScrollBar().maximum() == scroll.horizontalScrollBar().maximum() == 0
    last = next(label for label in sheet.findChildren(QLabel) if label.text() == "do number 37")
    assert last.mapTo(scroll.viewport(), last.rect().bottomLeft()).y() < scroll.viewport().height()


def test_keys_can_be_changed_from_an_editable_sheet(qtbot: QtBot) -> None:
    plain, editable = KeySheet(ROWS), KeySheet(ROWS, editable=True)
    for sheet in (plain, editable):
        qtbot.addWidget(sheet)
        sheet.show()

    def change(sheet: KeySheet) -> list[QPushButton]:
        return [button for button in sheet.findChildren(QPushButton) if button.text() == "C&hange keys…"]

    asked: list[bool] = []
    editable.editRequested.connect(lambda: asked.append(True))
    assert change(plain) == []
    change(editable)[0].click()
    assert asked == [True]
