"""The tuning panel at any size and with any number of labels; what it says where there is nothing to show."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QWidget
from pytestqt.qtbot import QtBot

from tests.widgets.tuning.stage import Stage, averages, click_cell, named, proposal, thresholds
from widgets.tuning.columns import Column

NAMES = ("cat", "dog", "owl", "ape")
THEN = (0.375, 0.25, 0.5, 0.625)


def test_no_labels_says_what_to_do(qtbot: QtBot) -> None:
    stage = Stage(qtbot, [])
    assert "Open a model" in stage.view.empty_text
    assert not stage.apply().isEnabled()
    assert not stage.button("Propose").isEnabled()


@pytest.mark.parametrize("width", [380, 520, 800, 1200])
def test_locks_and_names_stay_in_sight_where_columns_are_scrolled(qtbot: QtBot, width: int) -> None:
    stage = Stage(qtbot, NAMES, width=width)
    assert stage.panel.width() == width
    stage.panel.setProposal(proposal(THEN), stage.metrics(*THEN), averages(0.6))
    bar = stage.view.horizontalScrollBar()
    bar.setValue(bar.maximum())
    frozen = named(stage.panel, QWidget, "Locks and label names")
    assert frozen.isVisible() == (bar.maximum() > 0)
    if width <= 520:
        assert bar.maximum() > 0
    if width >= 800:
        assert bar.maximum() == 0


def test_a_thousand_labels_with_long_and_missing_names(qtbot: QtBot) -> None:
    names = [f"a very long name that goes on and on, number {i}" if i % 2 else "" for i in range(1000)]
    stage = Stage(qtbot, names, width=520)
    stage.panel.setCurrent(thresholds(*[0.5] * 1000))
    stage.panel.setProposal(proposal([0.25] * 1000), stage.metrics(*[0.25] * 1000), averages(0.5))
    stage.panel.setFlips(np.full(1000, 12_345), 20_000)
    stage.view.setFocus()
    click_cell(stage.view, 0, Column.NAME)
    QTest.keyClick(stage.view, Qt.Key.Key_End)
    assert stage.told.of("labelChosen")[-1] == (999,)
    assert stage.apply().text() == "Apply 1,000 thresholds: 20,000 images change"
    assert stage.text(0, Column.NAME) == "(label 1)"
    assert not stage.panel.grab().isNull()


def test_every_control_has_a_name_and_can_be_reached_by_tab(qtbot: QtBot) -> None:
    stage = Stage(qtbot, NAMES)
    stage.panel.setProposal(proposal(THEN), stage.metrics(*THEN), averages(0.6))
    seen: list[QWidget] = []
    at: QWidget | None = stage.panel
    while at is not None and at not in seen:
        seen.append(at)
        at = at.nextInFocusChain()
    tabbed = [w for w in seen if w.isVisible() and w.focusPolicy() & Qt.FocusPolicy.TabFocus and w.isEnabled()]
    assert stage.view in tabbed
    assert stage.apply() in tabbed
    for widget in tabbed:
        said = widget.accessibleName() or (widget.text() if isinstance(widget, QAbstractButton) else "")
        assert said or widget.focusProxy() is not None, widget


def test_a_wrong_number_of_values_is_refused(qtbot: QtBot) -> None:
    stage = Stage(qtbot, NAMES)
    with pytest.raises(ValueError, match="3 thresholds for 4 labels"):
        stage.panel.setCurrent(thresholds(0.1, 0.2, 0.3))
