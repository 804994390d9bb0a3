"""The tables of counts between labels, as their user meets them."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from inference.evaluation.pictures import co_occurrence, confusion_table, missed_instead
from inference.types import CountTable, TableKind
from tests.widgets.mouse import press, release
from tests.widgets.plots.cases import show
from widgets.plots.matrix_model import Order
from widgets.plots.matrix_page import MatrixPage
from widgets.plots.matrix_paint import readable_on
from widgets.plots.matrix_view import MOST_SAVED, MatrixView

NAMES = ("zebra", "ant", "cow")


def confusion() -> CountTable:
    true = np.array([0] * 10 + [1] * 4 + [2] * 6)
    predicted = np.array([0] * 9 + [1] + [1, 1, 2, -1] + [2, 2, 0, 0, 0, 1])
    return confusion_table(true, predicted, NAMES)


@pytest.fixture
def view(qtbot: QtBot) -> MatrixView:
    widget = MatrixView()
    widget.setTable(confusion())
    show(qtbot, widget)
    return widget


def chosen(view: MatrixView) -> list[tuple[int, int]]:
    said: list[tuple[int, int]] = []
    view.cellChosen.connect(lambda row, column: said.append((row, column)))
    return said


def click(view: MatrixView, row: int, column: int) -> None:
    place = QPointF(view.cell_rect(row, column).center())
    press(view, place)
    release(view, place)


def test_the_table_says_how_much_is_right(view: MatrixView) -> None:
    assert view.text().startswith("Confusion · right 13/20 = 0.65\nrows: annotated")
    assert view.cell_text(2, 0) == "annotated cow, predicted zebra: 3 of 6 (50.0%)"


def test_a_click_chooses_a_cell(view: MatrixView) -> None:
    said = chosen(view)
    click(view, 2, 0)
    assert said == [(2, 0)]
    click(view, 0, 2)  # no image is behind it
    assert said == [(2, 0)]


def test_cells_are_chosen_by_keys(view: MatrixView) -> None:
    said = chosen(view)
    view.setFocus()
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Return):
        QTest.keyClick(view.focusProxy() or view, key)
    assert said == [(1, 1)]


@pytest.mark.parametrize(
    ("order", "rows"),
    [
        (Order.LABELS, ["zebra", "ant", "cow"]),
        (Order.NAME, ["ant", "cow", "zebra"]),
        (Order.IMAGES, ["zebra", "cow", "ant"]),
        (Order.ERRORS, ["cow", "ant", "zebra"]),
    ],
)
def test_sorting_moves_rows_and_columns_together(view: MatrixView, order: Order, rows: list[str]) -> None:
    view.setOrder(order)
    lines = [line.split("\t") for line in view.data_text().splitlines()]
    assert lines[0] == ["", *rows, "rejected", "total"]
    assert [line[0] for line in lines[1:]] == rows
    assert {line[0]: int(line[1 + at]) for at, line in enumerate(lines[1:])} == {"zebra": 9, "ant": 2, "cow": 2}


def test_a_choice_means_the_same_cell_in_every_order(view: MatrixView) -> None:
    said = chosen(view)
    view.setOrder(Order.ERRORS)
    click(view, 0, 2)
    assert said == [(2, 0)]
    assert view.cell_text(0, 2).startswith("annotated cow, predicted zebra: 3")


def test_setters_choose_nothing(view: MatrixView) -> None:
    said = chosen(view)
    view.setTable(confusion())
    view.setOrder(Order.NAME)
    view.setTable(None)
    assert said == []
    assert "Score a folder" in view.text()


def test_what_is_missed_and_what_occurs_together(view: MatrixView) -> None:
    truth = np.array([[1, 1, 0], [1, 0, 0], [0, 0, 1]], dtype=np.int8)
    predicted = np.array([[0, 1, 1], [0, 0, 0], [0, 0, 1]], dtype=bool)
    view.setTable(missed_instead(truth, predicted, NAMES))
    assert view.text().startswith("Missed labels · 2 in all")
    assert view.cell_text(0, 2) == "missed zebra, wrongly predicted cow: 1 of 2 (50.0%)"
    assert view.cell_text(0, 3) == "missed zebra, wrongly predicted nothing: 1 of 2 (50.0%)"
    view.setTable(co_occurrence(truth, NAMES))
    assert view.cell_text(1, 0) == "annotated ant, also annotated zebra: 1 of 1 (100.0%)"
    view.setTable(missed_instead(truth, truth == 1, NAMES))
    assert view.text() == "No annotated label is missed."


def test_names_are_no_formulas_and_stay_in_their_cells(view: MatrixView) -> None:
    table = confusion_table(np.array([0, 1]), np.array([0, 1]), ("=cmd()", "a\tb\nc"))
    view.setTable(table)
    assert view.data_text() == "\t'=cmd()\ta b c\ttotal\n'=cmd()\t1\t0\t1\na b c\t0\t1\t1\n"


def test_many_labels_are_scrolled_to_and_saved_in_part(view: MatrixView) -> None:
    n = MOST_SAVED + 50
    names = tuple(f"label {at}" for at in range(n))
    view.setTable(confusion_table(np.arange(n), np.arange(n), names))
    view.grab()
    assert view._view.horizontalScrollBar().maximum() > 0
    assert view._view.verticalScrollBar().maximum() > 0
    saved = view.svg().decode()
    assert len(saved) < 5_000_000
    assert saved.count(">1<") == MOST_SAVED


def test_counts_can_be_read_on_every_shade() -> None:
    def luminance(color: QColor) -> float:
        parts = (color.redF(), color.greenF(), color.blueF())
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return float(np.dot((0.2126, 0.7152, 0.0722), linear))

    for grey in range(256):
        ground = QColor(grey, grey, grey)
        low, high = sorted((luminance(ground), luminance(readable_on(ground))))
        assert (high + 0.05) / (low + 0.05) >= 4.5


# The page with the choice of table


def test_the_kind_of_table_is_chosen(qtbot: QtBot) -> None:
    page = MatrixPage()
    wanted: list[str] = []
    page.kindChosen.connect(wanted.append)
    page.setKinds((TableKind.MISSED, TableKind.TOGETHER))
    show(qtbot, page)
    assert page.kind() is TableKind.MISSED
    assert page._choice is not None
    page._choice.button(TableKind.TOGETHER).click()
    assert wanted == ["together"]
    page.setKind(TableKind.MISSED)
    assert wanted == ["together"]
    page.setKinds((TableKind.CONFUSION,))
    assert page.kind() is TableKind.CONFUSION
    assert page._choice is None
