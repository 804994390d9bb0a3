"""The columns that are hidden at first: what they read, when they are wanted, how they sort."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from inference.evaluation.label_metrics import label_rates
from inference.types import LabelQuality
from tests.widgets.labels_table.table import Table, counted, example, thresholds
from widgets.labels_table import Column
from widgets.labels_table.columns import EXTRA, GROUPS, MORE_RATES, QUALITY, TEXTS

TIP = Qt.ItemDataRole.ToolTipRole
QUALITIES = LabelQuality(
    np.array([0.81234, np.nan, 0.5, 1.0]), np.array([0.9, np.nan, 0.2, 1.0]), np.full(4, 0.125), np.full(4, 0.0625), 10
)


@pytest.fixture
def table(qtbot: QtBot) -> Table:
    made = Table(qtbot, ["cat", "dog", "owl", "fox"], width=1200)
    made.panel.setThresholds(thresholds(0.5, 0.5, 0.5, 0.5))
    made.panel.setMetrics(counted(*example(4), thresholds(0.5, 0.5, 0.5, 0.5).values))
    return made


def actions(table: Table) -> dict[str, QAction]:
    menu = next(b for b in table.panel.findChildren(QToolButton) if b.text() == "Columns").menu()
    menu.aboutToShow.emit()
    return {action.text(): action for action in menu.actions()}


def test_further_columns_are_hidden_until_chosen_and_after_a_reset(table: Table) -> None:
    assert {column for column in Column if table.view.isColumnHidden(column)} == set(EXTRA)
    for column in EXTRA:
        actions(table)[TEXTS[column].name].trigger()
    assert not any(table.view.isColumnHidden(column) for column in Column)
    actions(table)["Reset columns"].trigger()
    assert {column for column in Column if table.view.isColumnHidden(column)} == set(EXTRA)


def test_the_menu_has_every_column_under_its_group(table: Table) -> None:
    titles = list(actions(table))
    assert [title for title in titles if title in GROUPS] == ["Rates", "Counts", "Ranking quality"]
    assert titles.index("Ranking quality") < titles.index("ROC AUC") < titles.index("Reset columns")
    assert {TEXTS[column].name for column in Column if column is not Column.NAME} <= set(titles)


def test_a_column_that_comes_is_as_wide_as_its_numbers(table: Table) -> None:
    actions(table)["Matthews correlation"].trigger()
    assert table.view.columnWidth(Column.MCC) == table.layout.least(Column.MCC)


def test_rates_read_as_measured(table: Table) -> None:
    metrics = counted(*example(4), thresholds(0.5, 0.5, 0.5, 0.5).values)
    rates = label_rates(metrics, 2.0)
    table.panel.setRates(rates)
    assert table.text(0, Column.SPECIFICITY) == f"{rates.specificity[0]:.2f}"
    assert table.text(3, Column.PREVALENCE) == f"{rates.prevalence[3]:.2f}"
    assert "beta 2" in table.role(0, Column.F_BETA, TIP)
    assert table.text(1, Column.MCC) == "–"
    assert "undefined: all images are predicted, or annotated, alike" in table.role(1, Column.MCC, TIP)
    table.panel.setRates(None)
    assert table.column(Column.MCC) == ["–"] * 4


def test_a_negative_correlation_has_a_minus(table: Table) -> None:
    metrics = counted(*example(4), thresholds(0.5, 0.5, 0.5, 0.5).values)
    rates = label_rates(metrics, 1.0)
    rates.mcc[0] = -0.25
    table.panel.setRates(rates)
    assert table.text(0, Column.MCC) == "−0.25"
    assert "−0.2500" in table.role(0, Column.MCC, TIP)


def test_quality_reads_and_sorts_with_undefined_last(table: Table) -> None:
    table.panel.setQuality(QUALITIES)
    assert table.column(Column.AVERAGE_PRECISION) == ["0.812", "–", "0.500", "1.000"]
    assert "undefined: no image is annotated positive" in table.role(1, Column.AVERAGE_PRECISION, TIP)
    assert "over 10 bins" in table.role(0, Column.CALIBRATION_ERROR, TIP)
    actions(table)["Average precision"].trigger()
    table.view.keeper.sort_by(Column.AVERAGE_PRECISION, True)
    assert table.column(Column.NAME) == ["fox", "cat", "owl", "dog"]
    table.panel.grab()


def test_numbers_are_wanted_while_a_column_shows_them(table: Table) -> None:
    rates: list[bool] = []
    quality: list[bool] = []
    table.panel.ratesWanted.connect(rates.append)
    table.panel.qualityWanted.connect(quality.append)
    actions(table)["Brier score"].trigger()
    actions(table)["ROC AUC"].trigger()
    assert (rates, quality) == ([], [True])
    actions(table)["Brier score"].trigger()
    assert quality == [True]
    actions(table)["ROC AUC"].trigger()
    actions(table)["Specificity"].trigger()
    assert (rates, quality) == ([True], [True, False])
    actions(table)["Reset columns"].trigger()
    assert rates == [True, False]
    table.panel.setQuality(QUALITIES)
    table.panel.setRates(None)
    assert (rates, quality) == ([True, False], [True, False])


@pytest.mark.parametrize("column", MORE_RATES + QUALITY)
def test_every_column_says_that_it_is_being_measured(table: Table, column: Column) -> None:
    assert table.role(0, column, TIP) == "Being measured."
    assert "undefined" in table.role(0, column, Qt.ItemDataRole.AccessibleTextRole)
