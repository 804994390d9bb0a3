"""The selection: a model against a plain one, and what mouse and keys make of it in the list."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.widgets.gallery.test_gallery import painted
from widgets.gallery import Gallery
from widgets.gallery.selection import ImageSelection

N = 12
CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


class Plain:
    """The same rules over Python sets and lists."""

    def __init__(self) -> None:
        self.chosen: set[int] = set()
        self.current = self.anchor = -1
        self.rows = list(range(N))

    def choose(self, index: int) -> None:
        self.chosen, self.current, self.anchor = {index}, index, index

    def toggle(self, index: int) -> None:
        if self.chosen == {index}:
            return
        self.anchor = index
        if index in self.chosen:
            self.chosen.remove(index)
            if index == self.current:
                listed = [i for i in self.rows if i in self.chosen]
                here = self.rows.index(index)
                self.current = min(listed, key=lambda i: (abs(self.rows.index(i) - here), self.rows.index(i)))
        else:
            self.chosen = {*self.chosen & {*self.rows}, index}
            self.current = index

    def extend(self, index: int, add: bool) -> None:
        if self.anchor not in self.rows:
            self.choose(index)
            return
        a, b = sorted((self.rows.index(self.anchor), self.rows.index(index)))
        span = set(self.rows[a : b + 1])
        self.chosen = self.chosen & {*self.rows} | span if add else span
        self.current = index

    def select(self, indices: list[int]) -> None:
        if not indices:
            self.current = self.anchor = -1
        elif self.current not in indices:
            self.current = self.anchor = indices[0]
        self.chosen = {i for i in indices if i in self.rows or i == self.current}

    def order(self, rows: list[int]) -> None:
        self.rows = rows
        self.chosen &= {*rows, self.current}


STEPS = st.one_of(
    st.tuples(st.just("choose"), st.integers(0, N - 1)),
    st.tuples(st.just("toggle"), st.integers(0, N - 1)),
    st.tuples(st.just("extend"), st.integers(0, N - 1)),
    st.tuples(st.just("add"), st.integers(0, N - 1)),
    st.tuples(st.just("select"), st.lists(st.integers(0, N - 1), max_size=6)),
    st.tuples(st.just("order"), st.permutations(range(N)).flatmap(lambda p: st.integers(1, N).map(lambda k: p[:k]))),
)


@given(st.lists(STEPS, max_size=20))
@settings(max_examples=200, deadline=None)
def test_any_sequence_equals_the_plain_model(steps: list[tuple[str, object]]) -> None:
    plain, selection = Plain(), ImageSelection()
    selection.reset(N)
    for what, value in steps:
        before = set(plain.chosen)
        rows = np.array(plain.rows)
        if what == "order":
            assert isinstance(value, list)
            plain.order(value)
            selection.keep_listed(np.array(value))
        elif what == "select":
            assert isinstance(value, list)
            plain.select(value)
            changed = selection.select(np.array(value, dtype=np.int64), rows)
            assert changed == (plain.chosen != before)
        elif isinstance(value, int) and value in plain.rows:
            row_of = np.full(N, -1)
            row_of[rows] = np.arange(len(rows))
            if what == "choose":
                plain.choose(value)
                changed = selection.choose(value)
            elif what == "toggle":
                plain.toggle(value)
                changed = selection.toggle(value, rows)
            else:
                plain.extend(value, what == "add")
                changed = selection.extend(value, rows, row_of, add=what == "add")
            assert changed == (plain.chosen != before)
        assert selection.current == plain.current
        assert {i for i in range(N) if i in selection} == plain.chosen
        assert len(selection) == len(plain.chosen)
        assert selection.current in selection or not plain.chosen
        listed = [i for i in plain.rows if i in plain.chosen]
        hidden = [i for i in plain.chosen if i not in plain.rows]
        assert selection.in_order(np.array(plain.rows)).tolist() == listed + hidden


class Heard:
    """What a gallery has said, in order."""

    def __init__(self, gallery: Gallery) -> None:
        self.said: list[object] = []
        gallery.imageChosen.connect(lambda index: self.said.append(index))
        gallery.selectionChanged.connect(lambda indices: self.said.append(indices.tolist()))

    def take(self) -> list[object]:
        said, self.said = self.said, []
        return said


@pytest.fixture
def gallery(qtbot: QtBot) -> Gallery:
    widget = Gallery()
    qtbot.addWidget(widget)
    widget.resize(340, 600)
    widget.setImages([f"{i:03d}.jpg" for i in range(60)])
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def press(gallery: Gallery, row: int, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    view = gallery.view()
    where = view.visualRect(view.model().index(row, 0)).center()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, modifiers, where)


def test_clicks_with_ctrl_and_shift(gallery: Gallery) -> None:
    heard = Heard(gallery)
    press(gallery, 1)
    assert heard.take() == [1, [1]]
    press(gallery, 4, CONTROL)
    assert heard.take() == [4, [1, 4]]
    press(gallery, 6, SHIFT)
    assert heard.take() == [6, [4, 5, 6]]
    press(gallery, 1, CONTROL)
    press(gallery, 2, CONTROL | SHIFT)
    assert gallery.selection().tolist() == [1, 2, 4, 5, 6]
    heard.take()
    press(gallery, 2, CONTROL)
    assert heard.take() == [1, [1, 4, 5, 6]]
    assert gallery.current() == 1
    assert "4 selected" in gallery._header._count.text()
    press(gallery, 5)
    assert heard.take() == [5, [5]]
    assert "selected" not in gallery._header._count.text()
    assert gallery.selection().dtype == np.int64


def test_the_only_selected_image_cannot_be_taken_away(gallery: Gallery) -> None:
    press(gallery, 3)
    heard = Heard(gallery)
    press(gallery, 3, CONTROL)
    assert heard.take() == []
    assert gallery.selection().tolist() == [3]


def test_keys_extend_and_select_all(gallery: Gallery) -> None:
    gallery.setCurrent(5)
    columns = gallery.view().viewport().width() // gallery.view().cellSize().width()
    assert columns == 3
    heard = Heard(gallery)
    view = gallery.view()
    QTest.keyClick(view, Qt.Key.Key_Right, SHIFT)
    assert heard.take() == [6, [5, 6]]
    QTest.keyClick(view, Qt.Key.Key_Down, SHIFT)
    assert heard.take() == [9, [5, 6, 7, 8, 9]]
    QTest.keyClick(view, Qt.Key.Key_Up, SHIFT)
    QTest.keyClick(view, Qt.Key.Key_Left, SHIFT)
    QTest.keyClick(view, Qt.Key.Key_Left, SHIFT)
    assert gallery.selection().tolist() == [4, 5]
    QTest.keyClick(view, Qt.Key.Key_End, SHIFT)
    assert gallery.selection().tolist() == list(range(5, 60))
    QTest.keyClick(view, Qt.Key.Key_A, CONTROL)
    assert gallery.selection().tolist() == list(range(60))
    heard.take()
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert heard.take() == [[59]]
    QTest.keyClick(view, Qt.Key.Key_Up)
    assert heard.take() == [56, [56]]
    QTest.keyClick(view, Qt.Key.Key_Down)
    QTest.keyClick(view, Qt.Key.Key_Down)
    assert gallery.current() == 59


def test_an_order_hides_images_from_the_selection_but_not_the_current_one(gallery: Gallery) -> None:
    gallery.setSelection([2, 7, 9, 30])
    gallery.setCurrent(7)
    heard = Heard(gallery)
    assert gallery.selection().tolist() == [2, 7, 9, 30]
    gallery.setOrder([30, 9, 8])
    assert gallery.selection().tolist() == [30, 9, 7]
    gallery.setOrder(None)
    assert gallery.selection().tolist() == [7, 9, 30]
    assert heard.take() == []


def test_sorting_keeps_the_selection_and_gives_it_in_the_order_listed(gallery: Gallery) -> None:
    gallery.setSelection([2, 7, 9])
    gallery.setOrder(range(59, -1, -1))
    assert gallery.selection().tolist() == [9, 7, 2]
    press(gallery, 3, SHIFT)  # the anchor is image 2, in the 58th row
    assert gallery.selection().tolist() == list(range(56, 1, -1))


def test_setters_say_nothing_and_look_at_the_first(gallery: Gallery) -> None:
    heard = Heard(gallery)
    gallery.setSelection(np.array([5, 3, 3, 99, -4]))
    assert gallery.selection().tolist() == [3, 5]
    assert gallery.current() == 5
    gallery.setSelection([])
    assert gallery.current() == -1
    assert gallery.selection().tolist() == []
    gallery.setSelection([5, 6])
    gallery.setCurrent(6)
    assert gallery.selection().tolist() == [5, 6]
    gallery.setCurrent(8)
    assert gallery.selection().tolist() == [8]
    assert heard.take() == []


def test_stepping_leaves_a_selection_of_many(gallery: Gallery) -> None:
    gallery.setSelection([5, 6])
    heard = Heard(gallery)
    gallery.nextImage()
    assert heard.take() == [6, [6]]
    gallery.selectAll()
    gallery.previousImage()
    assert gallery.selection().tolist() == [5]


def test_the_menu_is_about_the_selection(gallery: Gallery) -> None:
    asked: list[tuple[QPoint, list[int]]] = []
    gallery.menuRequested.connect(lambda place, indices: asked.append((place, indices.tolist())))
    gallery.setSelection([2, 4])
    view = gallery.view()

    def right_click(row: int) -> QPoint:
        where = view.visualRect(view.model().index(row, 0)).center()
        QTest.mouseClick(view.viewport(), Qt.MouseButton.RightButton, pos=where)
        place = view.viewport().mapToGlobal(where)
        event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, where, place)
        QApplication.sendEvent(view.viewport(), event)
        return place

    assert (right_click(4), [2, 4]) == asked[-1]
    assert (right_click(1), [1]) == asked[-1]
    assert gallery.current() == 1
    key = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(0, 0), QPoint(0, 0))
    QApplication.sendEvent(view.viewport(), key)
    here = view.visualRect(view.model().index(1, 0)).center()
    assert asked[-1] == (view.viewport().mapToGlobal(here), [1])
    assert len(asked) == 3


def test_selected_images_look_selected_without_colour(gallery: Gallery) -> None:
    gallery.setCurrent(0)
    alone = painted(gallery, 0)
    plain = painted(gallery, 3)
    gallery.setSelection([0, 3])
    many, other = painted(gallery, 0), painted(gallery, 3)
    assert (many != alone).any()  # a tick
    assert (other != plain).any()
    assert (other != many).any()  # the current one has a stronger frame


def test_any_other_key_is_left_to_the_window(gallery: Gallery, qtbot: QtBot) -> None:
    gallery.setCurrent(3)
    heard = Heard(gallery)
    for key in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_1, Qt.Key.Key_X):
        QTest.keyClick(gallery.view(), key)
        QTest.keyClick(gallery.view(), key, CONTROL)
    assert heard.take() == []
    assert gallery.selection().tolist() == [3]


def test_selecting_scattered_thousands_is_a_matter_of_arrays(qtbot: QtBot) -> None:
    gallery = Gallery()
    qtbot.addWidget(gallery)
    gallery.resize(340, 400)
    gallery.setImages([f"{i}.jpg" for i in range(100_000)])
    gallery.show()
    gallery.setSelection(range(0, 100_000, 2))
    assert len(gallery.selection()) == 50_000
    gallery.setOrder(np.random.default_rng(0).permutation(100_000)[:60_000])
    assert set(gallery.selection().tolist()) <= set(range(0, 100_000, 2))
    assert "selected" in gallery._header._count.text()
