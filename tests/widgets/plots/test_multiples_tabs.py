"""Small pictures of all labels among the other plots: the button, the key, and the way back."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.widgets.plots.cases import REASON, show
from tests.widgets.plots.multiples_cases import LEFT, Folder, centre, drag
from widgets.plots.tabs import TABS, Picture, PlotTabs


@pytest.fixture
def tabs(qtbot: QtBot) -> PlotTabs:
    folder, widget = Folder(), PlotTabs()
    widget.wishes = []  # type: ignore[attr-defined]

    def answer(kind: str, labels: np.ndarray) -> None:
        widget.wishes.append(kind)  # type: ignore[attr-defined]
        widget.setMultiples(kind, folder.pictures(kind, labels.tolist()))

    widget.multiplesRequested.connect(answer)
    widget.multipleNumbersRequested.connect(lambda kind: widget.setMultipleNumbers(kind, folder.numbers(kind)))
    widget.setThresholds(folder.evaluator.thresholds)
    widget.setMetrics(folder.metrics())
    widget.setLabels(folder.names)
    widget.setCurrentLabel(1)
    show(qtbot, widget)
    return widget


def wishes(tabs: PlotTabs) -> list[str]:
    found: list[str] = tabs.wishes  # type: ignore[attr-defined]
    return found


def test_the_button_swaps_the_picture_in_sight(tabs: PlotTabs, qtbot: QtBot) -> None:
    asked: list[str] = []
    tabs.pictureRequested.connect(asked.append)
    tabs._all_button.click()
    qtbot.waitUntil(lambda: wishes(tabs) == ["pr"])
    assert tabs.text().startswith("All labels · 5")
    assert "AP" in tabs.data_text().splitlines()[0]
    for picture in (Picture.ROC, Picture.HISTOGRAM):
        tabs._bar.setCurrentIndex(list(TABS).index(picture))
        qtbot.waitUntil(lambda: wishes(tabs)[-1] == tabs.currentPicture().value)
        assert tabs.currentPicture() is picture
    tabs._bar.setCurrentIndex(list(TABS).index(Picture.LABELS))
    assert not tabs._all_button.isEnabled()
    assert asked == ["", "", "", "missed"]
    tabs._bar.setCurrentIndex(list(TABS).index(Picture.RATES))
    assert tabs._all_button.isEnabled()
    tabs._all_button.click()
    assert asked[-1] == "rates"
    assert not tabs.text().startswith("All labels")


def test_the_key_swaps_too(tabs: PlotTabs) -> None:
    said: list[bool] = []
    tabs.allLabelsChanged.connect(said.append)
    tabs.activateWindow()
    assert QTest.qWaitForWindowActive(tabs)
    tabs.prPlot().setFocus()
    QTest.keyClick(tabs.prPlot(), Qt.Key.Key_M)
    assert said == [True]
    assert tabs.allLabels()


def test_setting_says_nothing_but_wishes(tabs: PlotTabs, qtbot: QtBot) -> None:
    said: list[object] = []
    for signal in (tabs.allLabelsChanged, tabs.pictureRequested, tabs.labelChosen, tabs.labelThresholdChanged):
        signal.connect(lambda *heard: said.append(heard))
    tabs.setAllLabels(True)
    tabs.setCurrentLabel(3)
    tabs.setActive(False, REASON)
    tabs.forgetMultiples()
    tabs.forgetPictures()
    tabs.setOperatingPoint(None)
    qtbot.waitUntil(lambda: bool(wishes(tabs)))
    assert said == []
    assert REASON in tabs.text()


def test_opening_a_cell_goes_back_to_its_large_picture(tabs: PlotTabs) -> None:
    chosen: list[int] = []
    asked: list[str] = []
    tabs.setAllLabels(True)
    tabs.labelChosen.connect(chosen.append)
    tabs.labelChosen.connect(tabs.setCurrentLabel)
    tabs.pictureRequested.connect(asked.append)
    grid = tabs._grid
    assert grid is not None
    QApplication.processEvents()
    QTest.mouseDClick(grid.view().viewport(), LEFT, pos=centre(grid, 4).toPoint())
    assert chosen == [4]
    assert not tabs.allLabels()
    assert asked == ["pr"]


def test_a_drag_in_a_cell_is_passed_on(tabs: PlotTabs, qtbot: QtBot) -> None:
    said: list[object] = []
    tabs.labelThresholdChanged.connect(lambda label, value: said.append((label, round(value, 1))))
    tabs.thresholdEditFinished.connect(lambda: said.append("end"))
    tabs.setCurrentPicture(Picture.RATES)
    tabs.setAllLabels(True)
    qtbot.waitUntil(lambda: bool(wishes(tabs)))
    assert tabs._grid is not None
    view = tabs._grid.view()
    drag(view.viewport(), view.score_pixel(0, 0.5), view.score_pixel(0, 0.3))
    assert said == [(0, 0.3), "end"]
