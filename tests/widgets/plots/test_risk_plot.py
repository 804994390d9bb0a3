"""The risk-coverage curve, as its user meets it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from inference.evaluation.rejection import risk_coverage
from inference.types import Activation, RiskCoverage
from tests.widgets.mouse import Heard, move, press, release
from tests.widgets.plots.cases import REASON, show
from widgets.plots.risk_plot import NO_CLASSES, NO_CURVE, RiskPlot

WON = (0.9, 0.8, 0.8, 0.7, 0.6)  # the winner's scores
RIGHT = (True, True, False, True, False)


def f32(value: float) -> float:
    return float(np.float32(value))


def curve_of(scores: tuple[float, ...] = WON, right: tuple[bool, ...] = RIGHT) -> RiskCoverage:
    logits = np.log(np.array([[score, 1 - score] for score in scores]).reshape(-1, 2)).astype(np.float32)
    return risk_coverage(logits, np.where(right, 0, 1), Activation.SOFTMAX)


@pytest.fixture
def plot(qtbot: QtBot) -> RiskPlot:
    plot = RiskPlot()
    plot.setCurve(curve_of())
    plot.setThreshold(0.75)
    show(qtbot, plot)
    return plot


def test_it_says_how_many_are_decided_and_how_many_wrongly(plot: RiskPlot) -> None:
    assert plot.text() == (
        "Errors by share decided · AURC 0.25 · 5 images\nthreshold 0.75 · decided 3/5 = 0.60 · wrong 1/3 = 0.33"
    )
    assert plot.accessibleDescription() == plot.text()
    plot.setThreshold(0.95)
    assert "decided 0/5 = 0.00 · every image rejected" in plot.text()


def test_a_drag_goes_from_point_to_point(plot: RiskPlot) -> None:
    heard = Heard(plot)
    press(plot, plot.curve_pixel(0))
    move(plot, plot.curve_pixel(2) + QPointF(2, 2))
    move(plot, plot.curve_pixel(3) + QPointF(-2, 2))
    release(plot, plot.curve_pixel(3))
    curve = curve_of()
    assert heard.said == [*(float(curve.thresholds[index]) for index in (0, 2, 3)), "end"]
    assert plot.threshold() == float(curve.thresholds[3])


def test_arrows_decide_one_image_less_or_more(plot: RiskPlot) -> None:
    heard = Heard(plot)
    thresholds = curve_of().thresholds
    QTest.keyClick(plot, Qt.Key.Key_Left)
    QTest.keyClick(plot, Qt.Key.Key_Right)
    assert heard.said == [float(thresholds[0]), "end", float(thresholds[1]), "end"]
    for _ in range(5):
        QTest.keyClick(plot, Qt.Key.Key_Left)
    assert "every image rejected" in plot.text()
    assert heard.said[-2] == float(np.nextafter(thresholds[0], np.float32(np.inf)))


def test_setters_say_nothing_and_inactive_holds_still(plot: RiskPlot) -> None:
    heard = Heard(plot)
    plot.setThreshold(0.65)
    plot.setCurve(curve_of((0.9, 0.6), (True, False)))
    assert plot.threshold() == 0.65  # stays where it is on another curve
    plot.setActive(False, REASON)
    press(plot, plot.curve_pixel(1))
    release(plot, plot.curve_pixel(1))
    QTest.keyClick(plot, Qt.Key.Key_Left)
    assert heard.said == []
    assert REASON in plot.text()


def test_without_one_threshold_there_is_no_marker(plot: RiskPlot) -> None:
    plot.setThreshold(math.nan)
    assert math.isnan(plot.threshold())
    assert "threshold" not in plot.text()
    heard = Heard(plot)
    press(plot, plot.curve_pixel(3))  # a click still chooses one
    release(plot, plot.curve_pixel(3))
    assert heard.said == [float(curve_of().thresholds[3]), "end"]


def test_empty_states_say_why(plot: RiskPlot) -> None:
    plot.setCurve(None)
    assert NO_CURVE in plot.text()
    assert plot.svg() == plot.png() == b""
    assert plot.data_text() == ""
    plot.setCurve(curve_of((), ()))
    assert NO_CLASSES in plot.text()
    plot.setMessage("Scoring …")
    assert "Scoring …" in plot.text()
    plot.setCurve(curve_of())
    assert "5 images" in plot.text()


def test_the_numbers_can_be_copied_and_the_picture_saved(plot: RiskPlot) -> None:
    lines = plot.data_text().splitlines()
    assert lines[0].split("\t")[-2:] == ["decided", "wrong"]
    assert [line.split("\t")[-2:] for line in lines[1:]] == [["1", "0"], ["3", "1"], ["4", "1"], ["5", "2"]]
    assert b"<svg" in plot.svg()
    assert plot.png().startswith(b"\x89PNG")


def test_small_risks_are_spread_over_the_axis(qtbot: QtBot) -> None:
    rng = np.random.default_rng(0)
    scores = np.sort(rng.uniform(0.55, 0.99, 2000))[::-1]
    right = np.arange(2000) % 50 != 49
    plot = RiskPlot()
    plot.setCurve(curve_of(tuple(scores.tolist()), tuple(right.tolist())))
    show(qtbot, plot)
    last = plot.curve_pixel(1999)
    assert plot.height() * 0.15 < last.y() < plot.height() * 0.6  # 0.02 stands high on its axis
