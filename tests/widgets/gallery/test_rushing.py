"""Thumbnails while somebody drags the bar past whole screens: none are asked for until it is over."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from widgets.gallery import Gallery, panel

N = 20_000


@pytest.fixture
def asked(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> tuple[Gallery, list[list[int]]]:
    monkeypatch.setattr(panel, "_RUSH_MS", 500)  # so that a busy machine takes no jump for an unhurried one
    gallery = Gallery()
    qtbot.addWidget(gallery)
    gallery.resize(420, 600)
    gallery.setImages([f"{i}.png" for i in range(N)])
    gallery.show()
    qtbot.waitExposed(gallery)
    wishes: list[list[int]] = []
    gallery.thumbnailsRequested.connect(wishes.append)
    gallery.view().viewMoved.emit()
    QApplication.processEvents()
    return gallery, wishes


def jump(gallery: Gallery, times: int) -> None:
    bar = gallery.view().verticalScrollBar()
    for _ in range(times):
        bar.setValue(bar.value() + 3 * bar.pageStep())
        QApplication.processEvents()


def test_rushing_drops_what_was_wished_for_and_asks_once_it_is_over(
    asked: tuple[Gallery, list[list[int]]], qtbot: QtBot
) -> None:
    gallery, wishes = asked
    jump(gallery, 20)
    assert wishes[-1] == [], "what was asked for at the start is still being made"
    assert len(wishes) < 10, "every jump asked for thumbnails"
    qtbot.waitUntil(lambda: bool(wishes[-1]))
    seen = gallery.view().visibleRows()
    assert wishes[-1][: len(seen)] == list(seen)


def test_a_single_jump_asks_at_once(asked: tuple[Gallery, list[list[int]]]) -> None:
    gallery, wishes = asked
    jump(gallery, 1)
    assert wishes[-1][0] == gallery.view().visibleRows().start


def test_scrolling_slowly_asks_all_the_time(asked: tuple[Gallery, list[list[int]]]) -> None:
    gallery, wishes = asked
    bar = gallery.view().verticalScrollBar()
    for _ in range(40):
        bar.setValue(bar.value() + bar.pageStep() // 4)
        QApplication.processEvents()
    assert [] not in wishes
    assert wishes[-1][0] == gallery.view().visibleRows().start
