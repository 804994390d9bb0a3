"""The table in which one says how frequent the classes will be."""

from __future__ import annotations

import math

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QTableWidget
from pytestqt.qtbot import QtBot

from tests.widgets.tuning.stage import Told, buttons, part
from widgets.tuning.prevalences import PrevalenceTable

TO_COME = 2


@pytest.fixture
def table(qtbot: QtBot) -> PrevalenceTable:
    made = PrevalenceTable()
    qtbot.addWidget(made)
    made.setLabels(("cat", "dog", "owl", "ape"))
    made.show()
    return made


@pytest.fixture
def told(table: PrevalenceTable) -> Told:
    made = Told()
    made.listen(table, "sharesChanged")
    return made


def texts(table: PrevalenceTable, column: int = TO_COME) -> list[str]:
    grid = part(table, QTableWidget)
    return [str(grid.model().index(row, column).data()) for row in range(grid.rowCount())]


def type_share(table: PrevalenceTable, row: int, text: str) -> None:
    """As with the keyboard: F2, digits, Return."""
    grid = part(table, QTableWidget)
    grid.setFocus()
    grid.setCurrentCell(row, TO_COME)
    cell = grid.item(row, TO_COME)
    assert cell is not None
    grid.editItem(cell)
    field = part(grid, QLineEdit)
    field.selectAll()
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)
    QApplication.processEvents()  # Qt takes what was typed a moment later


def press(table: PrevalenceTable, text: str) -> None:
    button = next(b for b in buttons(table) if b.text().replace("&", "") == text)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_all_alike_to_begin_with(table: PrevalenceTable) -> None:
    assert texts(table) == ["25"] * 4
    assert table.shares() == ()


def test_a_typed_share_keeps_the_proportions_of_the_others(table: PrevalenceTable, told: Told) -> None:
    table.setShares((0.1, 0.2, 0.3, 0.4))
    type_share(table, 0, "40")
    (shares,) = told.of("sharesChanged")[-1]
    assert shares == pytest.approx((0.4, 0.2 / 1.5, 0.3 / 1.5, 0.4 / 1.5))
    assert math.isclose(sum(table.shares()), 1.0)


@pytest.mark.parametrize("text", ["-3", "100", "many", ""])
def test_what_is_no_share_goes_back(table: PrevalenceTable, told: Told, text: str) -> None:
    type_share(table, 1, text)
    assert told.events == []
    assert texts(table) == ["25"] * 4


def test_the_shares_of_this_folder_to_begin_with(table: PrevalenceTable, told: Told) -> None:
    table.setHere((0.5, 0.25, 0.25, 0.0))
    assert texts(table, 1)[:3] == ["50 %", "25 %", "25 %"]
    press(table, "As in this folder")
    (shares,) = told.of("sharesChanged")[-1]
    assert isinstance(shares, tuple)
    assert shares[3] > 0  # a share of none would forbid the class
    assert sum(shares) == pytest.approx(1)
    press(table, "All alike")
    assert told.of("sharesChanged")[-1] == ((),)


def test_setters_never_tell(table: PrevalenceTable, told: Told) -> None:
    table.setShares((0.1, 0.2, 0.3, 0.4))
    table.setHere((0.1, 0.2, 0.3, 0.4))
    table.setShares((0.5, 0.5))  # of other classes
    assert table.shares() == ()
    table.setLabels(("one",))
    assert told.events == []
