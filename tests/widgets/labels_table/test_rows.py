"""Choosing, sorting and filtering rows; the row for all labels; the columns' widths."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QFontMetricsF
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu, QToolButton
from pytestqt.qtbot import QtBot

from inference.types import Thresholds
from tests.widgets.labels_table.table import Table, click, counted, example, move, press, release, thresholds
from widgets.labels_table import Column
from widgets.theme import DARK, apply_theme

NAMES = ["pear", "Apple", "fig 10", "fig 9", "plum"]


@pytest.fixture
def table(qtbot: QtBot) -> Table:
    made = Table(qtbot, NAMES, width=900)
    made.panel.setThresholds(thresholds(0.5, 0.1, 0.9, 0.3, 0.7))
    y_true, y_score = example(5)
    made.panel.setMetrics(counted(y_true, y_score, thresholds(0.5, 0.1, 0.9, 0.3, 0.7).values))
    return made


def click_header(table: Table, column: Column, qtbot: QtBot) -> None:
    header = table.view.horizontalHeader()
    at = QPoint(header.sectionViewportPosition(column) + header.sectionSize(column) // 2, header.height() // 2)
    QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=at)


def click_row(table: Table, row: int, qtbot: QtBot) -> None:
    rect = table.view.visualRect(table.view.model().index(row, Column.NAME))
    QTest.mouseClick(table.view.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())


def test_a_click_or_arrow_chooses_a_label_and_tells_it_once(table: Table, qtbot: QtBot) -> None:
    click_row(table, 2, qtbot)
    QTest.keyClick(table.view, Qt.Key.Key_Down)
    QTest.keyClick(table.view, Qt.Key.Key_End)
    QTest.keyClick(table.view, Qt.Key.Key_Home)
    assert table.told.events == [("chosen", 2), ("chosen", 3), ("chosen", 4), ("chosen", 0)]


def test_setting_the_current_label_is_silent(table: Table) -> None:
    table.panel.setCurrentLabel(3)
    table.panel.setCurrentLabel(-1)
    table.panel.setCurrentLabel(4)
    assert table.view.currentIndex().row() == 4
    assert table.told.events == []


def test_headers_sort_up_down_and_back(table: Table, qtbot: QtBot) -> None:
    click_header(table, Column.THRESHOLD, qtbot)
    assert table.column(Column.THRESHOLD) == ["0.1", "0.3", "0.5", "0.7", "0.9"]
    click_header(table, Column.THRESHOLD, qtbot)
    assert table.column(Column.THRESHOLD) == ["0.9", "0.7", "0.5", "0.3", "0.1"]
    click_header(table, Column.THRESHOLD, qtbot)
    assert table.column(Column.NAME) == NAMES
    click_header(table, Column.NAME, qtbot)
    assert table.column(Column.NAME) == ["Apple", "fig 9", "fig 10", "pear", "plum"]


def test_undefined_rates_are_last_both_ways(table: Table, qtbot: QtBot) -> None:
    for _ in range(2):
        click_header(table, Column.RECALL, qtbot)
        assert [text.split()[0] for text in table.column(Column.RECALL)][-2:] == ["–", "–"]


def test_the_chosen_label_stays_chosen_while_rows_move(table: Table, qtbot: QtBot) -> None:
    table.panel.setCurrentLabel(0)
    click_header(table, Column.THRESHOLD, qtbot)
    assert table.text(table.view.currentIndex().row(), Column.NAME) == "pear"
    QTest.keyClicks(table.filter, "p")
    assert table.text(table.view.currentIndex().row(), Column.NAME) == "pear"
    QTest.keyClicks(table.filter, "lum")
    assert not table.view.currentIndex().isValid()
    QTest.keyClick(table.filter, Qt.Key.Key_Escape)
    assert table.text(table.view.currentIndex().row(), Column.NAME) == "pear"
    assert table.told.events == []


def test_rows_keep_their_places_until_the_drag_ends(table: Table, qtbot: QtBot) -> None:
    click_header(table, Column.THRESHOLD, qtbot)
    order = table.column(Column.NAME)
    assert order[0] == "Apple"
    viewport, start = table.view.viewport(), table.handle(0, 0.1)
    press(viewport, start)
    end = QPointF(table.zones(0).track.x_of(0.8), start.y())
    move(viewport, end)
    table.panel.setThresholds(thresholds(0.5, 0.8, 0.9, 0.3, 0.7))
    qtbot.wait(600)  # longer than the pause after which rows move when nothing is held
    assert table.column(Column.NAME) == order
    release(viewport, end)
    assert table.column(Column.NAME) == ["fig 9", "pear", "plum", "Apple", "fig 10"]


def test_rows_move_soon_after_numbers_from_elsewhere(table: Table, qtbot: QtBot) -> None:
    click_header(table, Column.THRESHOLD, qtbot)
    table.panel.setThresholds(thresholds(0.0, 0.1, 0.9, 0.3, 0.7))
    assert table.column(Column.NAME)[0] == "Apple"
    qtbot.waitUntil(lambda: table.column(Column.NAME)[0] == "pear")


def test_the_filter_counts_what_it_shows(qtbot: QtBot) -> None:
    table = Table(qtbot, [f"Label {i}" for i in range(1000)])
    assert table.count.text() == "1,000 labels"
    QTest.keyClick(table.view, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(table.filter, "label 99")
    expected = [f"Label {i}" for i in range(1000) if "99" in str(i)]
    assert table.count.text() == f"{len(expected)} of 1,000"
    assert table.column(Column.NAME) == expected
    QTest.keyClick(table.filter, Qt.Key.Key_Escape)
    assert table.count.text() == "1,000 labels"


def test_filtered_rows_still_move_their_own_label(table: Table, qtbot: QtBot) -> None:
    QTest.keyClicks(table.filter, "plum")
    where = table.zones(0)
    click(table.view.viewport(), QPointF(where.track.x_of(0.2), where.middle))
    assert [label for label, _ in table.told.of("changed")] == [4]


def test_all_labels_move_together(table: Table, qtbot: QtBot) -> None:
    assert table.all.value_text() == "mixed"
    assert table.all.note() == "0.1 to 0.9 (5 values)"
    where = table.all.zones()
    press(table.all, QPointF(where.track.x_of(0.4), where.middle))
    release(table.all, QPointF(where.track.x_of(0.4), where.middle))
    told = table.told.of("all")
    assert told == [(pytest.approx(0.4, abs=0.006),)]
    assert table.told.kinds() == ["all", "finished"]
    assert set(table.column(Column.THRESHOLD)) == {table.all.value_text()}
    QTest.keyClick(table.all, Qt.Key.Key_7)
    editor = table.open_editor()
    QTest.keyClicks(editor, "e-3")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert table.editor() is None
    assert table.told.of("all")[-1] == (float(np.float32(0.007)),)
    assert set(table.column(Column.THRESHOLD)) == {"0.007"}
    QTest.keyClick(table.all, Qt.Key.Key_Right)
    assert table.told.of("all")[-1] == (float(np.float32(0.017)),)


def test_all_labels_refuse_text_with_a_reason(table: Table, qtbot: QtBot) -> None:
    click(table.all, table.all.zones().number.center())
    editor = table.open_editor()
    QTest.keyClicks(editor, "half")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert "not a number" in editor.reason()
    QTest.keyClick(editor, Qt.Key.Key_Escape)
    assert table.editor() is None
    assert table.told.events == []


def test_setters_never_tell(table: Table) -> None:
    table.panel.setThresholds(thresholds(0, 0, 0, 0, 0))
    table.panel.setThresholdsActive(False, "argmax")
    table.panel.setThresholdsActive(True, "")
    table.panel.setCurrentLabel(2)
    table.panel.setLabels(["x"])
    table.panel.setLabels([])
    assert table.told.events == []


def long_thresholds(n_labels: int) -> Thresholds:
    return thresholds(*(0.73214567 + i / 1000 for i in range(n_labels)))


@pytest.mark.parametrize("n_labels", [10, 100])
@pytest.mark.parametrize("width", [640, 900])
def test_no_number_is_cut_off_from_640_pixels_on(qtbot: QtBot, width: int, n_labels: int) -> None:
    table = Table(qtbot, [f"label {i}" for i in range(n_labels)], width=width)
    assert QTest.qWaitForWindowExposed(table.panel)
    y_true, y_score = example(n_labels, 900)
    table.panel.setThresholds(long_thresholds(n_labels))
    table.panel.setMetrics(counted(y_true, y_score, np.full(n_labels, 0.5, np.float32)))
    assert sum(table.view.columnWidth(column) for column in Column) <= table.view.viewport().width()
    where = table.zones(0)
    assert where.track.width >= 70
    assert where.track.left + where.track.width < where.number.left()
    plain = QFontMetricsF(table.layout.font)
    for column in (Column.TP, Column.FP, Column.FN, Column.TN, Column.SUPPORT, Column.PREDICTED, Column.F1):
        widest = max(plain.horizontalAdvance(text) for text in table.column(column))
        assert widest < table.view.columnWidth(column)
    for column in (Column.PRECISION, Column.RECALL):
        rates, counts = zip(*(text.split() for text in table.column(column)), strict=True)
        widest = max(map(plain.horizontalAdvance, rates))
        widest += max(map(QFontMetricsF(table.layout.small).horizontalAdvance, counts))
        assert widest < table.view.columnWidth(column)


def test_long_names_go_before_the_counts_beside_the_rates(qtbot: QtBot) -> None:
    names = [f"street scene with {what} and {i}" for what in ("a car", "a bicycle", "a dog") for i in range(100)]
    short, long = (Table(qtbot, labels, width=690) for labels in ([f"l{i}" for i in range(300)], names))
    for table in (short, long):
        assert QTest.qWaitForWindowExposed(table.panel)
        y_true, y_score = example(300, 60)
        table.panel.setMetrics(counted(y_true, y_score, np.full(300, 0.5, np.float32)))
    character = QFontMetricsF(long.layout.font).averageCharWidth()
    assert long.view.columnWidth(Column.NAME) >= 16 * character
    assert long.view.columnWidth(Column.NAME) > short.view.columnWidth(Column.NAME)
    assert long.view.columnWidth(Column.PRECISION) < short.view.columnWidth(Column.PRECISION)


def test_the_label_stays_in_sight_when_scrolled_sideways(qtbot: QtBot) -> None:
    table = Table(qtbot, [f"label {i}" for i in range(100)], width=480)
    bar = table.view.horizontalScrollBar()
    assert bar.maximum() > 0
    assert not table.frozen.isVisible()
    bar.setValue(bar.maximum())
    table.view.verticalScrollBar().setValue(400)
    assert table.frozen.isVisible()
    assert table.frozen.geometry().left() <= 1
    assert table.frozen.columnWidth(Column.NAME) == table.view.columnWidth(Column.NAME)
    assert table.frozen.rowAt(5) == table.view.rowAt(5)
    QTest.mouseClick(table.frozen.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(10, 30))
    assert table.told.events == [("chosen", table.view.rowAt(30))]


def test_columns_can_be_hidden_and_come_back(table: Table) -> None:
    button = next(b for b in table.panel.findChildren(QToolButton) if b.text() == "Columns")
    menu = button.menu()
    menu.aboutToShow.emit()
    next(action for action in menu.actions() if action.text() == "True negatives").trigger()
    assert table.view.isColumnHidden(Column.TN)
    wide = table.view.columnWidth(Column.THRESHOLD)
    menu.aboutToShow.emit()
    next(action for action in menu.actions() if action.text() == "Reset columns").trigger()
    assert not table.view.isColumnHidden(Column.TN)
    assert table.view.columnWidth(Column.THRESHOLD) < wide


def test_the_menu_sorts_as_the_header_does(table: Table) -> None:
    button = next(b for b in table.panel.findChildren(QToolButton) if b.text() == "Columns")
    button.menu().aboutToShow.emit()
    choices = [action for sub in button.menu().findChildren(QMenu) for action in sub.actions()]
    next(action for action in choices if action.text() == "Threshold, highest first").trigger()
    assert table.column(Column.THRESHOLD) == ["0.9", "0.7", "0.5", "0.3", "0.1"]


def test_it_paints_in_both_themes_with_and_without_rows(table: Table, qapp: object) -> None:
    light = table.panel.grab().toImage()
    apply_theme(qapp, DARK)  # type: ignore[arg-type]
    dark = table.panel.grab().toImage()
    assert light.pixelColor(450, 200).lightness() > 150 > dark.pixelColor(450, 200).lightness()
    table.panel.setLabels([])
    assert table.view.empty_text.startswith("Open a model")
    table.panel.grab()
