"""How sure the numbers are: intervals under rates, a band and a plateau on the track."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from inference.evaluation.honesty.intervals import intervals_of, wilson
from inference.types import ThresholdIntervals
from tests.widgets.labels_table.table import Table, counted, example, thresholds
from tests.widgets.labels_table.test_numbers_shown import PaintedRows
from widgets.labels_table import Column

TIP = Qt.ItemDataRole.ToolTipRole
CUTS = (0.5, 0.4, 0.5, 0.6)


@pytest.fixture
def table(qtbot: QtBot) -> Table:
    made = Table(qtbot, ["cat", "dog", "owl", "fox"], width=900)
    made.panel.setThresholds(thresholds(*CUTS))
    made.panel.setMetrics(counted(*example(4), thresholds(*CUTS).values))
    return made


def picture(table: Table, row: int, column: Column) -> QImage:
    rect: QRect = table.view.visualRect(table.view.model().index(row, column))
    return table.view.viewport().grab(rect).toImage()


def test_intervals_are_told_and_painted(table: Table) -> None:
    metrics = counted(*example(4), thresholds(*CUTS).values)
    before = picture(table, 0, Column.PRECISION), picture(table, 0, Column.TP)
    table.panel.setIntervals(intervals_of(metrics))
    assert picture(table, 0, Column.PRECISION) != before[0]
    assert picture(table, 0, Column.TP) == before[1]
    low, high = (float(end) for end in wilson(metrics.tp[0], metrics.predicted[0], 0.9))
    assert f"90 % interval (Wilson): {low:.3f} – {high:.3f}" in table.role(0, Column.PRECISION, TIP)
    assert f"between {low:.2f} and {high:.2f}" in table.role(
        0, Column.PRECISION, Qt.ItemDataRole.AccessibleTextRole
    ).replace("  ", " ")
    assert "interval" not in table.role(1, Column.RECALL, TIP)  # no positives: undefined
    assert "interval" in table.role(0, Column.F1, TIP)
    table.panel.setIntervals(None)
    assert picture(table, 0, Column.PRECISION) == before[0]
    assert table.told.events == []


def test_few_positives_are_paler_and_say_so(table: Table) -> None:
    metrics = counted(*example(4), thresholds(*CUTS).values)
    table.panel.setIntervals(intervals_of(metrics))
    usual = picture(table, 0, Column.RECALL)
    assert "few positives" not in table.role(0, Column.RECALL, TIP)
    few = replace(metrics, tp=np.minimum(metrics.tp, 2), fn=np.minimum(metrics.fn, 2))
    table.panel.setMetrics(few)
    assert "few positives" in table.role(0, Column.RECALL, TIP)
    assert picture(table, 0, Column.RECALL) != usual


def test_the_band_and_the_plateau_are_painted_and_told(table: Table) -> None:
    bare = picture(table, 1, Column.THRESHOLD)
    low, high = np.array([0.1, 0.3, np.nan, 0.2], np.float32), np.array([0.9, 0.6, np.nan, 0.9], np.float32)
    table.panel.setThresholdIntervals(ThresholdIntervals(low, high, 0.9, 200))
    banded = picture(table, 1, Column.THRESHOLD)
    assert banded != bare
    assert "between 0.300 and 0.600 (90% of 200 draws)" in table.role(1, Column.THRESHOLD, TIP)
    assert "draws" not in table.role(2, Column.THRESHOLD, TIP)
    table.panel.setPlateau(1, 0.375, 0.4375)
    assert picture(table, 1, Column.THRESHOLD) != banded
    assert "Nothing changes above 0.375 and up to 0.4375." in table.role(1, Column.THRESHOLD, TIP)
    assert "Nothing changes" not in table.role(0, Column.THRESHOLD, TIP)
    table.panel.setThresholds(thresholds(0.5, 0.7, 0.5, 0.6))  # out of the plateau, whose answer is still to come
    assert "Nothing changes" not in table.role(1, Column.THRESHOLD, TIP)
    table.panel.setThresholds(thresholds(*CUTS))
    table.panel.setPlateau(-1, 0.0, 0.0)
    table.panel.setThresholdIntervals(None)
    assert picture(table, 1, Column.THRESHOLD) == bare
    assert table.told.events == []


def test_endless_plateaus_say_what_is_predicted(table: Table) -> None:
    table.panel.setPlateau(0, float("-inf"), 0.625)
    assert "up to 0.625: every image is predicted" in table.role(0, Column.THRESHOLD, TIP)
    table.panel.setPlateau(0, 0.25, float("inf"))
    assert "above 0.25: no image is predicted" in table.role(0, Column.THRESHOLD, TIP)
    table.panel.grab()


def test_a_tick_with_everything_repaints_one_row(qtbot: QtBot) -> None:
    table = Table(qtbot, [f"label {i}" for i in range(1000)])
    assert QTest.qWaitForWindowExposed(table.panel)
    y_true, y_score = example(1000, 30)
    cuts = np.full(1000, 0.5, np.float32)
    metrics = counted(y_true, y_score, cuts)
    table.panel.setMetrics(metrics)
    table.panel.setIntervals(intervals_of(metrics))
    table.panel.setPlateau(5, 0.4, 0.6)
    qtbot.wait(0)
    table.panel.repaint()
    painted = PaintedRows(table)
    cuts[5] = 0.01
    moved = counted(y_true, y_score, cuts)
    table.panel.setThresholds(thresholds(*cuts.tolist()))
    table.panel.setMetrics(moved)
    table.panel.setIntervals(intervals_of(moved))
    table.panel.setPlateau(5, 0.0, 0.02)
    qtbot.waitUntil(lambda: bool(painted.rows))
    assert {5} <= painted.rows <= {4, 5, 6}  # Qt may add a pixel on each side


def test_other_labels_forget_what_was_known(table: Table) -> None:
    table.panel.setIntervals(intervals_of(counted(*example(4), thresholds(*CUTS).values)))
    table.panel.setPlateau(0, 0.4, 0.6)
    table.panel.setLabels(["one"])
    assert "Nothing" not in table.role(0, Column.THRESHOLD, TIP)
    table.panel.grab()
    with pytest.raises(ValueError, match="4 intervals for 1 labels"):
        table.panel.setIntervals(intervals_of(counted(*example(4), thresholds(*CUTS).values)))
