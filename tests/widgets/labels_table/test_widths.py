"""How the columns share the width: tracks that can be dragged, numbers that are never cut."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetricsF
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from inference.types import Thresholds
from tests.widgets.labels_table.table import Table, click, counted, example
from widgets.labels_table import Column
from widgets.labels_table.columns import EXTRA


def measured(qtbot: QtBot, width: int, images: int, cuts: tuple[float, ...] = (0.5,)) -> Table:
    """A table of ten labels with counts as ``images`` images give them."""
    table = Table(qtbot, [f"label {i}" for i in range(10)], width=width)
    assert QTest.qWaitForWindowExposed(table.panel)
    y_true, y_score = example(10, images)
    values = np.resize(np.array(cuts, np.float32), 10)
    table.panel.setThresholds(Thresholds(values))
    table.panel.setMetrics(counted(y_true, y_score, values))
    return table


def track(table: Table) -> float:
    return table.zones(0).track.width


@pytest.mark.parametrize("cuts", [(0.5,), (0.37, 0.515), (0.37154, 0.4231), (0.73214567, 1e-9)])
def test_the_track_is_long_enough_to_drag_in_a_dock_of_usual_width(qtbot: QtBot, cuts: tuple[float, ...]) -> None:
    table = measured(qtbot, 650, 400, cuts)
    assert track(table) >= 88
    assert table.view.horizontalScrollBar().maximum() == 0
    assert table.layout.has_fraction(Column.RECALL, table.view.columnWidth(Column.RECALL))


def test_a_wider_dock_gives_its_width_mainly_to_the_track(qtbot: QtBot) -> None:
    table = measured(qtbot, 700, 400)
    before = track(table)
    table.panel.resize(900, 400)
    assert track(table) - before >= 0.7 * 200


@pytest.mark.parametrize("width", [400, 480, 560, 600, 640])
@pytest.mark.parametrize("images", [400, 12_000])
def test_the_table_scrolls_before_the_track_becomes_too_short(qtbot: QtBot, width: int, images: int) -> None:
    table = measured(qtbot, width, images)
    assert track(table) >= 70
    needed = sum(table.view.columnWidth(column) for column in Column)
    bar, viewport = table.view.horizontalScrollBar(), table.view.viewport()
    qtbot.waitUntil(lambda: (bar.maximum() > 0) == (needed > viewport.width()))


def test_rates_lose_their_counts_before_anything_scrolls(qtbot: QtBot) -> None:
    table = measured(qtbot, 650, 12_000)
    view, layout = table.view, table.layout
    assert view.horizontalScrollBar().maximum() == 0
    assert not layout.has_fraction(Column.PRECISION, view.columnWidth(Column.PRECISION))
    plain = QFontMetricsF(layout.font)
    for column in set(Column) - {Column.NAME, Column.THRESHOLD, Column.SCORE, *EXTRA}:
        assert max(plain.horizontalAdvance(text.split()[0]) for text in table.column(column)) < view.columnWidth(column)
    assert "/" in table.role(0, Column.PRECISION, Qt.ItemDataRole.ToolTipRole)
    table.panel.resize(900, 400)
    assert layout.has_fraction(Column.PRECISION, view.columnWidth(Column.PRECISION))


def test_one_long_threshold_shortens_the_tracks_only_while_it_stands(qtbot: QtBot) -> None:
    table = measured(qtbot, 700, 400)
    before = track(table)
    for typed in ("1e-09", "0.5"):
        click(table.view.viewport(), table.number(3))
        editor = table.open_editor()
        editor.selectAll()
        QTest.keyClicks(editor, typed)
        QTest.keyClick(editor, Qt.Key.Key_Return)
        assert np.float32(table.text(3, Column.THRESHOLD)) == np.float32(typed)
        assert track(table) >= before - 25
    assert track(table) == before
