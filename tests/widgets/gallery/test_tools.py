"""The tools above the images: query, completions, chips, more filters, sorting, queues, marks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QListView, QMenu, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from inference.types.gallery import OUTCOME_FACETS, FacetItem, ImageMarks, QueueStatus
from tests.widgets.gallery.test_gallery import near, painted, tool_tip
from widgets.elided_label import ElidedLabel
from widgets.gallery import Gallery
from widgets.gallery.chips import compact
from widgets.gallery.facet_menu import FacetButton
from widgets.gallery.queue_bar import status_text
from widgets.theme import LIGHT

POPS_UP = pytest.mark.qt_log_ignore("does not support (raise|grabbing)", extend=True)  # the offscreen platform


@dataclass(frozen=True)
class Completion:
    text: str
    detail: str
    start: int
    end: int


class Heard:
    """What a gallery has said, in order: the signal's name and what it carried."""

    def __init__(self, gallery: Gallery) -> None:
        self.said: list[tuple[object, ...]] = []
        gallery.queryChanged.connect(lambda text: self.said.append(("query", text)))
        gallery.completionsRequested.connect(lambda text, at: self.said.append(("complete", text, at)))
        gallery.facetToggled.connect(lambda term: self.said.append(("facet", term)))
        gallery.sortChanged.connect(lambda key, down: self.said.append(("sort", key, down)))
        gallery.queueChosen.connect(lambda key: self.said.append(("queue", key)))
        gallery.nextInQueueRequested.connect(lambda: self.said.append(("next",)))


@pytest.fixture
def gallery(qtbot: QtBot) -> Gallery:
    widget = Gallery()
    qtbot.addWidget(widget)
    widget.resize(320, 600)
    widget.setImages([f"{i:03d}.jpg" for i in range(60)])
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def facets(on: str = "", counts: int = 5) -> list[FacetItem]:
    chips = [FacetItem(key, key, counts, f"{key}:cat", key == on) for key in OUTCOME_FACETS]
    return [
        *chips,
        FacetItem("annotated", "Annotated", 12_345, "annotated:*", on == "annotated", "Annotation"),
        FacetItem("part:test", "R&D test", -1, "part:test", False, "Part"),
    ]


def part(gallery: Gallery, kind: type[QWidget], name: str) -> QWidget:
    """The control with an accessible name that starts so."""
    found = [one for one in gallery.findChildren(kind) if one.accessibleName().startswith(name)]
    assert len(found) == 1, (name, found)
    return found[0]


def test_setters_say_nothing(gallery: Gallery) -> None:
    heard = Heard(gallery)
    gallery.setQuery("fp:cat")
    gallery.setQueryError("No label is called “cta”.", 3)
    gallery.setQueryError("")
    gallery.setCompletions([Completion("fp:cat", "", 0, 2)])
    gallery.setFacets(facets("fp"))
    gallery.setSortKeys([("name", "Name"), ("score", "Score")])
    gallery.setSort("score", True)
    gallery.setQueues([("u", "Uncertain", "tip")])
    gallery.setQueue("u")
    gallery.setQueueStatus(QueueStatus("Uncertain", 5, 1))
    gallery.setQueueStatus(None)
    gallery.setMarks(ImageMarks())
    QApplication.processEvents()
    assert heard.said == []


def test_what_nobody_set_is_not_shown(gallery: Gallery) -> None:
    for kind, name in (
        (QComboBox, "Sort"),
        (QComboBox, "Queue"),
        (QToolButton, "More filters"),
        (QToolButton, "Leave the queue"),
    ):
        assert not part(gallery, kind, name).isVisible()


# The query


def test_a_query_that_cannot_be_read_is_not_said_to_match_nothing(gallery: Gallery) -> None:
    gallery.setQuery("fp:cat")
    gallery.setOrder([])
    assert "No image matches" in gallery.view().empty_text
    gallery.setQuery("fp:cta")
    gallery.setQueryError("No label is called “cta”.", 3)
    assert "No image matches" not in gallery.view().empty_text
    assert "cannot be read" in gallery.view().empty_text
    gallery.setQueryError("")
    assert "No image matches" in gallery.view().empty_text


def test_typing_is_told_once_the_events_are_through(gallery: Gallery) -> None:
    heard = Heard(gallery)
    field = gallery.filterField()
    field.setFocus()
    QTest.keyClicks(field, "fp:c")
    assert heard.said == []
    QApplication.processEvents()
    assert heard.said == [("query", "fp:c"), ("complete", "fp:c", 4)]
    QTest.keyClick(field, Qt.Key.Key_Escape)
    QApplication.processEvents()
    assert heard.said[2:] == [("query", "")]
    gallery.setQuery("cat")
    QTest.keyClick(field, Qt.Key.Key_Space, Qt.KeyboardModifier.ControlModifier)
    QApplication.processEvents()
    assert heard.said[3:] == [("complete", "cat", 3)]


def test_a_query_set_while_another_is_pending_wins(gallery: Gallery) -> None:
    heard = Heard(gallery)
    QTest.keyClicks(gallery.filterField(), "x")
    gallery.setQuery("cat")
    QApplication.processEvents()
    assert [said for said in heard.said if said[0] == "query"] == []


def test_enter_goes_to_the_images(gallery: Gallery) -> None:
    gallery.focusQuery()
    assert gallery.filterField().hasFocus()
    QTest.keyClick(gallery.filterField(), Qt.Key.Key_Return)
    assert gallery.view().hasFocus()


@POPS_UP
def test_a_completion_is_put_in_its_place(gallery: Gallery) -> None:
    field = gallery.filterField()
    gallery.setQuery("-fp:c dog")
    field.setFocus()
    field.setCursorPosition(5)
    heard = Heard(gallery)
    gallery.setCompletions([Completion("fp:car", "12 images", 1, 5), Completion("fp:cat", "", 1, 5)])
    popup = next(one for one in QApplication.topLevelWidgets() if isinstance(one, QListView) and one.isVisible())
    assert popup.accessibleName() == "Suggestions"
    assert popup.model().rowCount() == 2
    QTest.keyClick(popup, Qt.Key.Key_Down)
    QTest.keyClick(popup, Qt.Key.Key_Down)
    QTest.keyClick(popup, Qt.Key.Key_Return)
    QApplication.processEvents()
    assert not popup.isVisible()
    assert field.text() == "-fp:cat dog"
    assert field.cursorPosition() == 7
    assert heard.said == [("query", "-fp:cat dog"), ("complete", "-fp:cat dog", 7)]


@POPS_UP
def test_enter_without_a_marked_suggestion_keeps_what_was_typed(gallery: Gallery) -> None:
    field = gallery.filterField()
    field.setFocus()
    QTest.keyClicks(field, "cat")
    gallery.setCompletions([Completion("caterpillar", "", 0, 3)])
    popup = next(one for one in QApplication.topLevelWidgets() if isinstance(one, QListView) and one.isVisible())
    QTest.keyClick(popup, Qt.Key.Key_Return)
    assert field.text() == "cat"
    assert not popup.isVisible()
    field.setFocus()
    gallery.setCompletions([Completion("caterpillar", "", 0, 3)])
    QTest.keyClick(popup, Qt.Key.Key_Tab)
    assert field.text() == "caterpillar"


def test_completions_for_a_field_without_focus_are_dropped(gallery: Gallery) -> None:
    gallery.view().setFocus()
    gallery.setCompletions([Completion("fp:cat", "", 0, 0)])
    assert not any(isinstance(one, QListView) and one.isVisible() for one in QApplication.topLevelWidgets())


def test_an_error_stands_where_the_count_was_and_in_the_field(gallery: Gallery) -> None:
    def wave() -> int:
        field = gallery.filterField()
        shot = field.grab().toImage()
        pixels = [shot.pixelColor(x, y) for x in range(shot.width()) for y in range(shot.height())]
        return sum(pixel.red() > pixel.green() + 60 for pixel in pixels)

    gallery.setQuery("fp:cta dog")
    sentence = "No label is called “cta”. Did you mean “cat”?"
    assert wave() == 0
    gallery.setQueryError(sentence, 3)
    assert sentence in {label.text() for label in gallery.findChildren(QWidget) if hasattr(label, "text")}
    assert gallery.filterField().accessibleDescription() == sentence
    assert wave() > 5
    assert gallery.filterField().text() == "fp:cta dog"
    gallery.setQueryError("")
    assert wave() == 0
    assert gallery.filterField().accessibleDescription() == ""


# Filters by a click


def test_chips_tell_their_term_and_leave_the_rest_to_the_query(gallery: Gallery) -> None:
    gallery.setFacets(facets("fp", counts=1_234))
    heard = Heard(gallery)
    chip = gallery._header._chips.chip("fn")
    QTest.mouseClick(chip, Qt.MouseButton.LeftButton)
    assert heard.said == [("facet", "fn:cat")]
    assert not chip.isChecked()
    assert gallery._header._chips.chip("fp").isChecked()
    assert chip.accessibleName() == "FN, 1,234 images"
    gallery.setFacets(facets("fn", counts=7))
    assert chip.isChecked()
    assert chip.accessibleName() == "FN, 7 images"
    chip.setFocus()
    QTest.keyClick(chip, Qt.Key.Key_Space)
    assert heard.said[1:] == [("facet", "fn:cat")]


@POPS_UP
def test_the_menu_holds_the_other_filters(gallery: Gallery) -> None:
    gallery.setFacets(facets("annotated"))
    button = part(gallery, QToolButton, "More filters, 1 on")
    assert isinstance(button, FacetButton)
    menu = button.menu()
    assert isinstance(menu, QMenu)
    heard = Heard(gallery)
    menu.popup(QPoint(0, 0))
    actions = [action for action in menu.actions() if not action.isSeparator()]
    assert [action.text() for action in actions] == ["Annotated\t12,345", "R&&D test"]
    assert [action.isChecked() for action in actions] == [True, False]
    changed = FacetItem("annotated", "Annotated", 9, "annotated:*", True, "Annotation")
    gallery.setFacets([*facets()[:5], changed, facets()[-1]])  # a threshold moves while the menu is open
    assert actions[0].text() == "Annotated\t9"
    actions[1].trigger()
    menu.close()
    assert heard.said == [("facet", "part:test")]


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0"), (999, "999"), (1_000, "1.0k"), (9_999, "9.9k"), (10_000, "10k"), (999_999, "999k"), (1_250_000, "1.2M")],
)
def test_compact_counts_have_four_characters(count: int, text: str) -> None:
    assert compact(count) == text
    assert len(text) <= 4


@pytest.mark.parametrize("width", [220, 320])
def test_chips_fit_into_a_narrow_pane(gallery: Gallery, width: int) -> None:
    gallery.setFacets(facets(counts=123_456))
    gallery.setSortKeys([("uncertainty", "Uncertainty, smallest of all labels")])
    gallery.setQueues([("u", "Suspected label errors", "tip")])
    gallery.setQueueStatus(QueueStatus("Suspected label errors", 12_000, 7, "a reason that is long" * 5))
    gallery.resize(width, 600)
    QApplication.processEvents()
    assert gallery.width() == width
    assert gallery.minimumSizeHint().width() <= 220
    for child in gallery._header.findChildren(QWidget):
        if child.isVisible() and child.window() is gallery:
            right = child.mapTo(gallery, QPoint(child.width(), 0)).x()
            assert right <= width, child
    chip = gallery._header._chips.chip("unknown")
    assert chip.width() >= chip.minimumSizeHint().width()


# Sorting and queues


def test_sorting_by_choice_and_the_other_way_round(gallery: Gallery) -> None:
    gallery.setSortKeys([("name", "Name"), ("score", "Score"), ("loss", "Loss")])
    gallery.setSort("score", True)
    heard = Heard(gallery)
    keys = part(gallery, QComboBox, "Sort")
    assert isinstance(keys, QComboBox)
    assert keys.currentText() == "Score"
    way = part(gallery, QToolButton, "Sorted highest first")
    way.click()  # type: ignore[attr-defined]
    assert heard.said == [("sort", "score", False)]
    assert way.accessibleName() == "Sorted lowest first"
    keys.setFocus()
    QTest.keyClick(keys, Qt.Key.Key_Down)
    assert heard.said[1:] == [("sort", "loss", False)]
    gallery.setSortKeys([("loss", "Loss"), ("name", "Name")])
    assert keys.currentText() == "Loss"


def test_a_queue_is_chosen_worked_through_and_left(gallery: Gallery) -> None:
    gallery.setQueues([("u", "Most uncertain", "closest to the threshold"), ("e", "Label errors", "suspected")])
    heard = Heard(gallery)
    queues = part(gallery, QComboBox, "Queue")
    assert isinstance(queues, QComboBox)
    queues.setFocus()
    QTest.keyClick(queues, Qt.Key.Key_Down)
    assert heard.said == [("queue", "u")]
    assert queues.toolTip() == "closest to the threshold"
    onward, leave = part(gallery, QToolButton, "Next image"), part(gallery, QToolButton, "Leave")
    assert not onward.isVisible()
    gallery.setQueueStatus(QueueStatus("Most uncertain", 40, 28, "cat 0.49"))
    assert onward.isVisible()
    QTest.mouseClick(onward, Qt.MouseButton.LeftButton)
    assert heard.said[1:] == [("next",)]
    gallery.setQueueStatus(QueueStatus("Most uncertain", 40, 40))
    assert not onward.isEnabled()
    QTest.mouseClick(leave, Qt.MouseButton.LeftButton)
    assert heard.said[2:] == [("queue", "")]
    assert queues.currentText() == "No queue"
    assert not leave.isVisible()


def test_a_queue_says_how_much_is_left() -> None:
    assert status_text(QueueStatus("q", 40, 28)) == "12 of 40 left · 28 seen, 0 annotated"
    assert status_text(QueueStatus("q", 12_000, 0)) == "12,000 of 12,000 left · 0 seen, 0 annotated"
    assert status_text(QueueStatus("q", 40, 40, annotated=9)) == "All 40 seen, 9 annotated"
    assert status_text(QueueStatus("q", 0, 0)) == "Nothing is in this queue"


def test_while_a_queue_decides_the_order_no_sort_is_shown(gallery: Gallery) -> None:
    gallery.setSortKeys([("name", "Name"), ("loss", "Loss")])
    gallery.setSort("loss", True)
    keys, way = part(gallery, QComboBox, "Sort"), part(gallery, QToolButton, "Sorted highest first")
    gallery.setQueueStatus(QueueStatus("Most uncertain", 40, 28))
    assert not keys.isVisible()
    assert not way.isVisible()
    assert part(gallery, ElidedLabel, "as the queue has them").isVisible()
    gallery.setQueueStatus(None)
    assert keys.isVisible()
    assert way.isVisible()


# Marks


@pytest.mark.parametrize("grid", [True, False])
def test_each_mark_has_a_shape_and_a_sentence(gallery: Gallery, grid: bool) -> None:
    gallery.setGrid(grid)
    kinds = ("edited", "unsaved", "noted", "vanished", "changed")
    plain = painted(gallery, 1)
    looks = []
    for kind in kinds:
        where = np.zeros(60, dtype=bool)
        where[1] = True
        gallery.setMarks(ImageMarks(**{kind: where}))
        looks.append(painted(gallery, 1).min(axis=2) < 160)  # shapes alone
        assert (painted(gallery, 1) != plain).any()
    for place, look in enumerate(looks):
        for other in looks[place + 1 :]:
            assert (look != other).any()
    every = np.ones(60, dtype=bool)
    gallery.setMarks(ImageMarks(every, every, every, every, every))
    said = tool_tip(gallery, 1)
    for words in ("edited", "not saved", "note", "gone", "changed since"):
        assert words in said
    gallery.setMarks(None)
    assert (painted(gallery, 1) == plain).all()


def test_an_unsaved_edit_is_marked_in_the_colour_of_warnings(gallery: Gallery) -> None:
    where = np.zeros(60, dtype=bool)
    where[2] = True
    before = near(painted(gallery, 2), LIGHT.warning)
    gallery.setMarks(ImageMarks(unsaved=where))
    assert near(painted(gallery, 2), LIGHT.warning) > before
