"""The gallery: which images it lists, what it says of each, and which thumbnails it asks for."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from inference.types import ImageState, Outcome
from widgets.gallery import Gallery
from widgets.gallery.thumbnails import MAX_SIDE, ThumbnailCache, thumbnail_image
from widgets.theme import DARK, LIGHT, apply_theme

NAMES = [f"scans/sheet_{i:04d}.png" for i in range(400)]
GREY = np.full((60, 80, 3), 128, dtype=np.uint8)


class Heard:
    """What a gallery has said."""

    def __init__(self, gallery: Gallery) -> None:
        self.chosen: list[int] = []
        self.asked: list[list[int]] = []
        gallery.imageChosen.connect(self.chosen.append)
        gallery.thumbnailsRequested.connect(self.asked.append)


@pytest.fixture
def gallery(qtbot: QtBot) -> Gallery:
    widget = Gallery()
    qtbot.addWidget(widget)
    widget.resize(320, 600)
    widget.setImages(NAMES)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def painted(gallery: Gallery, index: int) -> np.ndarray:
    """The pixels of an image's cell, (h, w, 3)."""
    view = gallery.view()
    rect = view.visualRect(view.model().index(gallery.shown().index(index), 0))
    image = view.viewport().grab(rect).toImage().convertToFormat(QImage.Format.Format_RGB888)
    raw = np.frombuffer(image.constBits(), dtype=np.uint8).reshape(image.height(), image.bytesPerLine())
    return raw[:, : image.width() * 3].reshape(image.height(), -1, 3).astype(int)


def near(pixels: np.ndarray, color: str) -> int:
    target = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)])
    return int((np.abs(pixels - target).max(axis=2) <= 12).sum())


def tool_tip(gallery: Gallery, index: int) -> str:
    model = gallery.view().model()
    return str(model.data(model.index(gallery.shown().index(index), 0), Qt.ItemDataRole.ToolTipRole))


# What is listed


def test_the_order_says_what_is_listed(gallery: Gallery) -> None:
    assert gallery.countText() == "400 images"
    gallery.setOrder(np.array([35, 2, 31, 399]))
    assert gallery.shown() == [35, 2, 31, 399]
    assert gallery.countText() == "4 of 400"
    gallery.setOrder([])
    assert gallery.shown() == []
    assert gallery.countText() == "0 of 400"
    gallery.setOrder(None)
    assert gallery.shown() == list(range(400))


def test_another_order_of_as_many_images_shows_the_others(gallery: Gallery) -> None:
    gallery.setStates(np.full(400, ImageState.SCORED, dtype=np.uint8))
    gallery.setOutcomes(np.full(400, Outcome.TP, np.uint8), np.linspace(0, 1, 400, dtype=np.float32), "seven")
    gallery.setOrder(range(200))
    assert "sheet_0000" in tool_tip(gallery, 0)
    gallery.setOrder(range(399, 199, -1))
    assert gallery.shown()[0] == 399
    assert "score 1" in tool_tip(gallery, 399)
    assert gallery.countText() == "200 of 400"


def test_a_query_without_images_says_how_to_get_some(gallery: Gallery) -> None:
    gallery.setQuery("cat")
    gallery.setOrder([])
    assert "clear it" in gallery.view().empty_text
    gallery.setQuery("")
    assert "query" not in gallery.view().empty_text


def test_an_empty_gallery_says_what_to_do(qtbot: QtBot) -> None:
    gallery = Gallery()
    qtbot.addWidget(gallery)
    assert "Open a validation folder" in gallery.view().empty_text
    assert gallery.current() == -1
    gallery.nextImage()
    gallery.lastImage()
    assert gallery.current() == -1


# Choosing


def test_setters_say_nothing(gallery: Gallery) -> None:
    heard = Heard(gallery)
    gallery.setCurrent(7)
    gallery.setOrder([7, 8])
    gallery.setOrder([9])
    gallery.setOrder(None)
    gallery.setStates(np.ones(400, dtype=np.uint8))
    gallery.setOutcomes(np.ones(400, dtype=np.uint8), np.ones(400, dtype=np.float32), "seven")
    gallery.setAnnotated(np.ones(400, dtype=bool))
    gallery.setThumbnail(0, GREY)
    gallery.setThumbnailFailed(1, "broken")
    gallery.setGrid(False)
    gallery.setImages(NAMES[:20])
    gallery.setCurrent(3)
    gallery.setCurrent(-1)
    assert heard.chosen == []


def test_clicking_an_image_chooses_it(gallery: Gallery) -> None:
    heard = Heard(gallery)
    view = gallery.view()
    where = view.visualRect(view.model().index(3, 0)).center()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=where)
    assert heard.chosen == [3]
    assert gallery.current() == 3


def test_keys_step_through_the_listed_images(gallery: Gallery) -> None:
    gallery.setOrder([5, 9, 2, 7])
    heard = Heard(gallery)
    for key in (
        Qt.Key.Key_D,
        Qt.Key.Key_Right,
        Qt.Key.Key_Right,
        Qt.Key.Key_A,
        Qt.Key.Key_Left,
        Qt.Key.Key_End,
        Qt.Key.Key_Right,
        Qt.Key.Key_Home,
        Qt.Key.Key_Left,
    ):
        QTest.keyClick(gallery.view(), key)
    assert heard.chosen == [5, 9, 2, 9, 5, 7, 5]
    assert gallery.current() == 5


def test_the_choice_survives_a_filter_that_hides_it(gallery: Gallery) -> None:
    gallery.setCurrent(123)
    heard = Heard(gallery)
    gallery.setOrder([7])
    assert gallery.current() == 123
    gallery.setOrder(None)
    assert gallery.current() == 123
    assert gallery.view().currentIndex().row() == 123
    assert 123 in gallery.view().visibleRows()
    assert heard.chosen == []
    gallery.nextImage()
    assert heard.chosen == [124]


def test_the_only_listed_image_can_be_chosen_by_a_click(gallery: Gallery) -> None:
    gallery.setCurrent(123)
    gallery.setOrder([7])
    heard = Heard(gallery)
    where = gallery.view().visualRect(gallery.view().model().index(0, 0)).center()
    QTest.mouseClick(gallery.view().viewport(), Qt.MouseButton.LeftButton, pos=where)
    assert heard.chosen == [7]


def test_typing_a_in_the_filter_is_no_step(gallery: Gallery) -> None:
    heard = Heard(gallery)
    QTest.keyClicks(gallery.filterField(), "ad")
    assert gallery.filterField().text() == "ad"
    assert heard.chosen == []


# What an image's cell says


def test_states_are_seen_and_explained(gallery: Gallery) -> None:
    states = np.full(400, ImageState.SCORED, dtype=np.uint8)
    states[1], states[2], states[3] = ImageState.BROKEN, ImageState.UNUSABLE, ImageState.PENDING
    outcomes = np.full(400, Outcome.TP, dtype=np.uint8)
    scores = np.full(400, 0.75, dtype=np.float32)
    gallery.setStates(states)
    gallery.setOutcomes(outcomes, scores, "seven")
    for index in (0, 2, 3):
        gallery.setThumbnail(index, GREY)
    assert near(painted(gallery, 0), LIGHT.outcome[Outcome.TP]) > 20
    assert near(painted(gallery, 1), LIGHT.error) > 50
    assert near(painted(gallery, 2), LIGHT.warning) > 10
    for index in (1, 2, 3):
        assert near(painted(gallery, index), LIGHT.outcome[Outcome.TP]) == 0
    assert near(painted(gallery, 3), "#808080") < 100  # a pending picture is soft
    assert near(painted(gallery, 0), "#808080") > 1000
    assert "score 0.75" in tool_tip(gallery, 0)
    assert "TP" in tool_tip(gallery, 0)
    assert "could not be read" in tool_tip(gallery, 1)
    assert "NaN or infinity" in tool_tip(gallery, 2)
    assert "not scored yet" in tool_tip(gallery, 3)
    for index in (1, 2, 3):
        assert "score 0.75" not in tool_tip(gallery, index)


def test_the_reason_why_an_image_is_broken_is_its_tool_tip(gallery: Gallery) -> None:
    gallery.setThumbnailFailed(4, "sheet_0004.png is empty (0 bytes); copy it again.")
    assert "0 bytes" in tool_tip(gallery, 4)
    assert near(painted(gallery, 4), LIGHT.error) > 50
    gallery.setThumbnail(4, GREY)
    assert "0 bytes" not in tool_tip(gallery, 4)
    assert near(painted(gallery, 4), LIGHT.error) == 0


@pytest.mark.parametrize("grid", [True, False])
def test_each_outcome_is_painted_in_its_colour(gallery: Gallery, grid: bool) -> None:
    gallery.setGrid(grid)
    outcomes = np.zeros(400, dtype=np.uint8)
    outcomes[:4] = [Outcome.TP, Outcome.FP, Outcome.FN, Outcome.TN]
    gallery.setOutcomes(outcomes, np.full(400, 0.5, dtype=np.float32), "seven")
    for index in range(4):
        assert near(painted(gallery, index), LIGHT.outcome[Outcome(int(outcomes[index]))]) > 8, index


def test_images_nobody_annotated_are_marked_unless_all_are(gallery: Gallery) -> None:
    annotated = np.ones(400, dtype=bool)
    annotated[1] = False
    gallery.setThumbnail(0, GREY)
    gallery.setThumbnail(1, GREY)
    before = painted(gallery, 1)
    gallery.setAnnotated(annotated)
    assert "not annotated" in tool_tip(gallery, 1)
    assert "not annotated" not in tool_tip(gallery, 0)
    assert (painted(gallery, 1) != before).any()
    gallery.setAnnotated(np.zeros(400, dtype=bool))
    assert (painted(gallery, 1) == before).all()


def test_the_chosen_image_has_a_frame_in_both_themes(gallery: Gallery, qapp: QApplication) -> None:
    for theme in (LIGHT, DARK):
        apply_theme(qapp, theme)
        gallery.setCurrent(-1)
        assert near(painted(gallery, 0), theme.accent) == 0
        gallery.setCurrent(0)
        assert near(painted(gallery, 0), theme.accent) > 200


# Thumbnails


def test_what_is_in_sight_is_asked_for_first(gallery: Gallery, qtbot: QtBot) -> None:
    heard = Heard(gallery)
    gallery.setCurrent(399)
    qtbot.waitUntil(lambda: len(heard.asked) > 0)
    seen = gallery.view().visibleRows()
    assert heard.asked[-1][: len(seen)] == list(seen)
    assert len(heard.asked[-1]) < 3 * len(seen) + 1
    assert heard.asked[-1][-1] < seen.start


def test_what_is_there_is_not_asked_for_again(gallery: Gallery, qtbot: QtBot) -> None:
    heard = Heard(gallery)
    gallery.setCurrent(200)
    qtbot.waitUntil(lambda: len(heard.asked) > 0)
    wanted = heard.asked[-1]
    for index in wanted[:-1]:
        gallery.setThumbnail(index, GREY)
    gallery.setThumbnailFailed(wanted[-1], "broken")
    gallery.resize(320, 590)
    gallery.view().verticalScrollBar().setValue(gallery.view().verticalScrollBar().value() - 1)
    QTest.qWait(0)
    assert len(heard.asked) == 1
    gallery.setCurrent(0)
    qtbot.waitUntil(lambda: len(heard.asked) > 1)
    assert not set(heard.asked[-1]) & set(wanted)


def test_scrolling_asks_once_for_many_moves(gallery: Gallery, qtbot: QtBot) -> None:
    heard = Heard(gallery)
    for value in range(0, 4000, 100):
        gallery.view().verticalScrollBar().setValue(value)
    qtbot.waitUntil(lambda: len(heard.asked) > 0)
    assert len(heard.asked) == 1


def test_a_let_go_thumbnail_is_asked_for_again(gallery: Gallery, qtbot: QtBot) -> None:
    gallery._model.thumbnails = ThumbnailCache(max_items=3)
    heard = Heard(gallery)
    gallery.setCurrent(200)
    qtbot.waitUntil(lambda: len(heard.asked) == 1)
    for index in heard.asked[0]:
        gallery.setThumbnail(index, GREY)
    gallery.setOrder(None)
    qtbot.waitUntil(lambda: len(heard.asked) == 2)
    assert 200 in heard.asked[1]


def test_cache_keeps_the_latest_within_its_bounds() -> None:
    cache = ThumbnailCache(max_items=3, max_bytes=10**9)
    for index in range(3):
        cache.put(index, thumbnail_image(GREY))
    assert cache.get(0) is not None
    cache.put(3, thumbnail_image(GREY))
    assert [index in cache for index in range(4)] == [True, False, True, True]
    bytes_of_one = thumbnail_image(GREY).sizeInBytes()
    small = ThumbnailCache(max_items=100, max_bytes=2 * bytes_of_one)
    for index in range(5):
        small.put(index, thumbnail_image(GREY))
        small.put(index, thumbnail_image(GREY))
    assert len(small) == 2
    assert 4 in small


def test_large_and_thin_pictures_become_small_thumbnails() -> None:
    wide = thumbnail_image(np.full((500, 1000, 3), 7, dtype=np.uint8))
    assert (wide.width(), wide.height()) == (MAX_SIDE, MAX_SIDE // 2)
    thin = thumbnail_image(np.full((1, 10_000, 3), 7, dtype=np.uint8))
    assert (thin.width(), thin.height()) == (MAX_SIDE, 1)
    assert thin.pixelColor(100, 0).red() == 7


def test_thumbnail_owns_its_pixels() -> None:
    rgb = GREY.copy()
    image = thumbnail_image(rgb)
    rgb[:] = 0
    assert image.pixelColor(5, 5).red() == 128


# Size


def test_a_slider_tick_paints_only_what_is_in_sight(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    n = 100_000
    gallery = Gallery()
    qtbot.addWidget(gallery)
    gallery.resize(320, 600)
    gallery.setImages([f"{i:06d}.png" for i in range(n)])
    gallery.show()
    qtbot.waitExposed(gallery)
    gallery.setCurrent(n - 1)
    looked_up: list[int] = []
    original = ThumbnailCache.get

    def spy(cache: ThumbnailCache, index: int) -> QImage | None:
        looked_up.append(index)
        return original(cache, index)

    monkeypatch.setattr(ThumbnailCache, "get", spy)
    gallery.setOutcomes(np.ones(n, dtype=np.uint8), np.ones(n, dtype=np.float32), "seven")
    gallery.setStates(np.ones(n, dtype=np.uint8))
    qtbot.waitUntil(lambda: len(looked_up) > 0)
    seen = set(gallery.view().visibleRows())
    assert set(looked_up) == seen
    assert n - 1 in seen
    assert len(seen) < 40


@pytest.mark.parametrize("width", [150, 286, 300, 333, 640])
@pytest.mark.parametrize("grid", [True, False])
def test_rows_in_sight_are_those_that_qt_shows(gallery: Gallery, qtbot: QtBot, width: int, grid: bool) -> None:
    gallery.resize(width, 500)
    gallery.setGrid(grid)
    gallery.view().verticalScrollBar().setValue(777)
    QTest.qWait(0)
    view = gallery.view()
    model = view.model()
    area = view.viewport().rect()
    seen = [row for row in range(model.rowCount()) if view.visualRect(model.index(row, 0)).intersects(area)]
    assert list(view.visibleRows()) == seen
    columns = max(1, view.viewport().width() // view.cellSize().width())
    for row in seen:  # painted where Qt looks for clicks
        place = view.visualRect(model.index(row, 0))
        assert place.height() == view.cellSize().height()
        assert not grid or place.width() == view.cellSize().width()
        assert place.left() == row % columns * place.width()
        assert place.top() == row // columns * place.height() - view.verticalScrollBar().value()
    assert all(view.visualRect(model.index(row, 0)).right() <= area.right() for row in seen)
    assert view.horizontalScrollBar().maximum() == 0


def test_controls_have_names_and_the_list_is_switched_by_hand(gallery: Gallery) -> None:
    for child in gallery.findChildren(QWidget):
        if child.window() is gallery and child.focusPolicy() & Qt.FocusPolicy.TabFocus and not child.focusProxy():
            assert child.accessibleName(), child
    button = next(one for one in gallery.findChildren(QToolButton) if one.text() == "List")
    tall = gallery.view().visualRect(gallery.view().model().index(0, 0)).height()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton, pos=QPoint(3, 3))
    assert gallery.view().visualRect(gallery.view().model().index(0, 0)).height() < tall / 2
