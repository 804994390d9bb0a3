"""What the table reads, against counts by plain numpy."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, QRect, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from inference.types import LabelMetrics, Thresholds
from tests.widgets.labels_table.table import Table, counted, example, image_of, thresholds
from widgets.labels_table import Column


def rate(value: float, part: int, whole: int) -> str:
    return f"{'–' if math.isnan(value) else f'{value:.2f}'} {part}/{whole}"


def test_every_number_of_every_label_is_that_of_numpy(qtbot: QtBot) -> None:
    y_true, y_score = example(40)
    cuts = np.linspace(0.2, 0.8, 40).astype(np.float32)
    oracle = counted(y_true, y_score, cuts)
    table = Table(qtbot, [f"label {i}" for i in range(40)])
    table.panel.setThresholds(Thresholds(cuts))
    table.panel.setMetrics(oracle)
    for i in range(40):
        tp, fp, fn, tn = (int(counts[i]) for counts in (oracle.tp, oracle.fp, oracle.fn, oracle.tn))
        assert table.text(i, Column.PRECISION) == rate(float(oracle.precision[i]), tp, tp + fp)
        assert table.text(i, Column.RECALL) == rate(float(oracle.recall[i]), tp, tp + fn)
        assert [table.text(i, column) for column in (Column.TP, Column.FP, Column.FN, Column.TN)] == [
            str(count) for count in (tp, fp, fn, tn)
        ]
        assert table.text(i, Column.SUPPORT) == str(tp + fn)
        assert table.text(i, Column.PREDICTED) == str(tp + fp)
        assert np.float32(table.text(i, Column.THRESHOLD)) == cuts[i]
    assert table.text(1, Column.RECALL) == "– 0/0"
    assert table.told.events == []


def test_a_label_without_known_annotation_is_not_measurable(qtbot: QtBot) -> None:
    y_true, y_score = example(4)
    table = Table(qtbot, ["a", "b", "c", "d"])
    assert "not measurable" not in table.role(2, Column.PRECISION, Qt.ItemDataRole.ToolTipRole)
    table.panel.setMetrics(counted(y_true, y_score, np.full(4, 0.5, np.float32)))
    tip = Qt.ItemDataRole.ToolTipRole
    assert [("not measurable" in table.role(row, Column.F1, tip)) for row in range(4)] == [False, False, True, False]
    assert "no image is annotated positive" in table.role(1, Column.RECALL, tip)
    assert "not measurable" in table.role(2, Column.NAME, Qt.ItemDataRole.AccessibleTextRole)


def test_before_there_are_numbers_cells_hold_dashes(qtbot: QtBot) -> None:
    table = Table(qtbot, ["a", "b"])
    y_true, y_score = example(2)
    table.panel.setMetrics(counted(y_true, y_score, np.full(2, 0.5, np.float32)))
    table.panel.setMetrics(None)
    table.panel.setImageScores(None)
    for column in set(Column) - {Column.NAME, Column.THRESHOLD}:
        assert table.column(column) == ["–", "–"]


@pytest.mark.parametrize("value", [0.1, 1 / 3, 1e-9, 1e-30, 1.7, -0.25, 0.73214567, 123456.79])
def test_a_threshold_is_shown_exactly(qtbot: QtBot, value: float) -> None:
    table = Table(qtbot, ["a"])
    table.panel.setThresholds(thresholds(value))
    assert np.float32(table.text(0, Column.THRESHOLD)) == np.float32(value)
    table.view.viewport().repaint()


def test_a_screen_reader_hears_label_value_and_precision(qtbot: QtBot) -> None:
    table = Table(qtbot, ["cat"])
    table.panel.setThresholds(thresholds(0.37))
    table.panel.setMetrics(
        counted(np.array([[1], [1], [0]]), np.array([[0.9], [0.1], [0.8]], np.float32), thresholds(0.37).values)
    )
    spoken = Qt.ItemDataRole.AccessibleTextRole
    assert table.role(0, Column.THRESHOLD, spoken) == "Threshold cat, 0.37, precision 0.50"
    assert table.role(0, Column.RECALL, spoken) == "Recall cat, 0.50, 1 of 2"
    table.panel.setThresholdsActive(False, "argmax takes the highest score")
    assert "argmax takes the highest score" in table.role(0, Column.THRESHOLD, spoken)
    assert table.all.accessibleName() == "Threshold of all labels, 0.37"


def test_the_current_image_shows_score_outcome_and_truth(qtbot: QtBot) -> None:
    table = Table(qtbot, ["tp", "fp", "fn", "tn", "unknown"])
    cuts = thresholds(0.5, 0.5, 0.5, 0.5, 0.5)
    table.panel.setThresholds(cuts)
    table.panel.setImageScores(image_of([0.9, 0.6, 0.49996, 0.1, 0.7], [1, 0, 1, 0, -1], cuts.values))
    assert table.column(Column.SCORE) == ["0.900", "0.600", "0.499", "0.100", "0.700"]
    spoken = [table.role(row, Column.SCORE, Qt.ItemDataRole.AccessibleTextRole) for row in range(5)]
    assert [text.split(", ")[2].split(":")[0] for text in spoken] == ["TP", "FP", "FN", "TN", "unknown"]
    tips = [table.role(row, Column.SCORE, Qt.ItemDataRole.ToolTipRole) for row in range(5)]
    assert "score 0.49996, not predicted, annotated positive" in tips[2]
    assert "predicted, annotated unknown" in tips[4]
    assert [tips[row].splitlines()[1][:7] for row in (0, 1, 4)] == ["+ means", "− means", "? means"]


def test_labels_with_odd_names_have_a_name_on_one_line(qtbot: QtBot) -> None:
    table = Table(qtbot, ["", "two\nlines", "x" * 10_000])
    assert table.text(0, Column.NAME) == "(label 1 has no name)"
    assert table.text(1, Column.NAME) == "two lines"
    table.view.viewport().repaint()


class PaintedRows(QObject):
    """Notes which rows of a viewport are painted."""

    def __init__(self, table: Table) -> None:
        super().__init__(table.panel)
        self._table = table
        self.rows: set[int] = set()
        table.view.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QPaintEvent):
            area: QRect = event.region().boundingRect()
            self.rows |= {self._table.view.rowAt(area.top()), self._table.view.rowAt(area.bottom())}
        return False


def test_moving_one_threshold_repaints_its_row_only(qtbot: QtBot) -> None:
    table = Table(qtbot, [f"label {i}" for i in range(1000)])
    assert QTest.qWaitForWindowExposed(table.panel)
    y_true, y_score = example(1000, 30)
    cuts = np.full(1000, 0.5, np.float32)
    table.panel.setMetrics(counted(y_true, y_score, cuts))
    qtbot.wait(0)
    table.panel.repaint()
    painted = PaintedRows(table)
    moved = cuts.copy()
    moved[5] = 0.01
    table.panel.setThresholds(Thresholds(moved))
    table.panel.setMetrics(counted(y_true, y_score, moved))
    qtbot.waitUntil(lambda: bool(painted.rows))
    assert {5} <= painted.rows <= {4, 5, 6}  # Qt may add a pixel on each side


def test_a_wrong_number_of_values_is_refused(qtbot: QtBot) -> None:
    table = Table(qtbot, ["a", "b"])
    none = np.zeros(3, dtype=np.int64)
    undefined = np.full(3, np.nan)
    with pytest.raises(ValueError, match="3 metrics for 2 labels"):
        table.panel.setMetrics(LabelMetrics(none, none, none, none, none, undefined, undefined, undefined))
    with pytest.raises(ValueError, match="1 thresholds for 2 labels"):
        table.panel.setThresholds(thresholds(0.5))
