"""The ROC curve and the rates against the threshold, as their user meets them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from inference.evaluation.curves import LabelCurve, pr_curve
from inference.evaluation.honesty.intervals import wilson
from inference.evaluation.pictures import rates_by_threshold, roc_curve
from inference.types import LogitSpan
from tests.widgets.mouse import Heard, move, press, release
from tests.widgets.plots.cases import REASON, SCORES, TRUTH, many, point_of, show
from widgets.plots.rates_plot import RatesPlot
from widgets.plots.roc_plot import RocPlot
from widgets.plots.score_axis import ScoreAxis
from widgets.pr_plot import PRPlot


def f32(value: float) -> float:
    return float(np.float32(value))


@pytest.fixture
def roc(qtbot: QtBot) -> RocPlot:
    plot = RocPlot()
    plot.setRoc(roc_curve(SCORES, TRUTH), "nine")
    plot.setOperatingPoint(point_of(0.55))
    show(qtbot, plot)
    return plot


@pytest.fixture
def rates(qtbot: QtBot) -> RatesPlot:
    plot = RatesPlot()
    plot.setRates(rates_by_threshold(SCORES, TRUTH), "nine")
    plot.setOperatingPoint(point_of(0.55))
    show(qtbot, plot)
    return plot


# ROC


def test_roc_says_its_numbers_with_their_counts(roc: RocPlot) -> None:
    assert roc.text() == (
        "nine · AUC 0.90 · 4 positives, 6 negatives\n"
        "threshold 0.55 · true positives 3/4 = 0.75 · false positives 2/6 = 0.33"
    )
    assert roc.accessibleDescription() == roc.text()


def test_roc_drag_goes_from_point_to_point(roc: RocPlot) -> None:
    heard = Heard(roc)
    press(roc, roc.curve_pixel(0))
    for index in (1, 4, 6):
        move(roc, roc.curve_pixel(index) + QPointF(2, 2))
    release(roc, roc.curve_pixel(6))
    assert heard.said == [f32(0.9), f32(0.8), f32(0.5), f32(0.3), "end"]
    assert "true positives 4/4 = 1.00 · false positives 4/6 = 0.67" in roc.text()


def test_roc_arrows_wish_for_stricter_and_looser(roc: RocPlot) -> None:
    heard = Heard(roc)
    wishes: list[bool] = []
    roc.stopRequested.connect(wishes.append)
    QTest.keyClick(roc, Qt.Key.Key_Left)
    QTest.keyClick(roc, Qt.Key.Key_Right)
    assert wishes == [True, False]
    assert heard.said == []
    roc.setActive(False, REASON)
    QTest.keyClick(roc, Qt.Key.Key_Left)
    assert len(wishes) == 2


def test_roc_at_the_start_of_its_curve(roc: RocPlot) -> None:
    roc.setOperatingPoint(point_of(0.95))
    assert "true positives 0/4 = 0.00" in roc.text()


def test_roc_needs_both_kinds(roc: RocPlot) -> None:
    roc.setRoc(roc_curve(SCORES, np.ones_like(TRUTH)), "nine")
    assert "only positives" in roc.text()
    roc.setRoc(roc_curve(SCORES, np.zeros_like(TRUTH)), "nine")
    assert "only negatives" in roc.text()
    roc.setRoc(roc_curve(SCORES, np.full_like(TRUTH, -1)), "nine")
    assert "No image with a known truth" in roc.text()
    assert roc.svg() == roc.png() == b""
    roc.setRoc(roc_curve(SCORES, TRUTH), "nine")
    assert "AUC 0.90" in roc.text()


@pytest.mark.parametrize("kind", [RocPlot, RatesPlot])
def test_setters_say_nothing_and_inactive_holds_still(qtbot: QtBot, kind: type[RocPlot] | type[RatesPlot]) -> None:
    plot = kind()
    heard = Heard(plot)
    if isinstance(plot, RocPlot):
        plot.setRoc(roc_curve(SCORES, TRUTH), "nine")
    else:
        plot.setRates(rates_by_threshold(SCORES, TRUTH), "nine")
        plot.setLogitScale(True)
    plot.setOperatingPoint(point_of(0.3))
    plot.setActive(False, REASON)
    show(qtbot, plot)
    middle = QPointF(plot.width() / 2, plot.height() / 2)
    press(plot, middle)
    move(plot, middle + QPointF(60, 0))
    release(plot, middle)
    QTest.keyClick(plot, Qt.Key.Key_Right)
    assert heard.said == []
    assert REASON in plot.text()


# Rates by threshold


def test_rates_say_their_numbers(rates: RatesPlot) -> None:
    assert rates.text() == (
        "nine · best F1 0.80 at 0.5\nthreshold 0.55 · precision 3/5 = 0.60 · recall 3/4 = 0.75 · F1 0.67"
    )


def test_rates_without_predictions_or_positives(rates: RatesPlot) -> None:
    rates.setOperatingPoint(point_of(0.95))
    assert "nothing predicted · recall 0/4 = 0.00 · F1 0.00" in rates.text()
    rates.setRates(rates_by_threshold(SCORES, np.zeros_like(TRUTH)), "nine")
    assert "No annotated positives" in rates.text()


def test_the_line_is_dragged_to_any_threshold(rates: RatesPlot) -> None:
    heard = Heard(rates)
    start = rates.score_pixel(0.55) + QPointF(4, 30)
    press(rates, start)
    assert heard.said == []
    move(rates, rates.score_pixel(0.35) + QPointF(4, -20))
    release(rates, rates.score_pixel(0.35))
    (threshold, end) = heard.said
    assert isinstance(threshold, float)
    assert threshold == f32(threshold)
    assert round(threshold, 3) == pytest.approx(threshold, abs=1e-7)
    assert threshold == pytest.approx(0.35, abs=0.003)
    assert end == "end"
    assert "precision 4/7 = 0.57" in rates.text()


def test_a_drag_beyond_the_axes_ends_at_zero_and_one(rates: RatesPlot) -> None:
    heard = Heard(rates)
    press(rates, rates.score_pixel(0.2))
    move(rates, rates.score_pixel(0.0) - QPointF(40, 0))
    move(rates, rates.score_pixel(1.0) + QPointF(8, 0))
    assert heard.said[1:] == [0.0, 1.0]


def test_arrows_wish_for_the_way_they_point(rates: RatesPlot) -> None:
    heard = Heard(rates)
    wishes: list[bool] = []
    rates.stopRequested.connect(wishes.append)
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Left, Qt.Key.Key_Left):
        QTest.keyClick(rates, key)
    assert wishes == [True, False, False]
    assert heard.said == []


@pytest.mark.parametrize("kind", [RocPlot, RatesPlot, PRPlot])
def test_shift_and_enter_show_the_images_at_a_score(qtbot: QtBot, kind: type[RocPlot | RatesPlot | PRPlot]) -> None:
    plot = kind()
    if isinstance(plot, RocPlot):
        plot.setRoc(roc_curve(SCORES, TRUTH), "nine")
    elif isinstance(plot, PRPlot):
        plot.setCurve(pr_curve(LabelCurve.build(SCORES, TRUTH)), "nine")
    else:
        plot.setRates(rates_by_threshold(SCORES, TRUTH), "nine")
    plot.setOperatingPoint(point_of(0.7))
    show(qtbot, plot)
    place = plot.score_pixel(0.6) if isinstance(plot, RatesPlot) else plot.curve_pixel(3)
    heard = Heard(plot)
    ranges: list[tuple[float, float]] = []
    plot.scoreRangeChosen.connect(lambda low, high: ranges.append((low, high)))
    target = plot.childAt(place.toPoint()) or plot
    shift = Qt.KeyboardModifier.ShiftModifier
    QTest.mouseClick(target, Qt.MouseButton.LeftButton, shift, target.mapFrom(plot, place.toPoint()))
    QTest.keyClick(plot, Qt.Key.Key_Return)
    assert heard.said == []
    behind = [[float(score) for score in SCORES if low <= score <= high] for low, high in ranges]
    assert behind == [[f32(0.6)], [f32(0.7), f32(0.7)]]


def test_intervals_are_copied_and_drawn(rates: RatesPlot) -> None:
    names, *lines = (line.split("\t") for line in rates.data_text().splitlines())
    column = {name: [float(line[at]) for line in lines] for at, name in enumerate(names)}
    for rate in ("precision", "recall", "f1"):
        middle = np.array(column[rate])
        assert (np.array(column[f"{rate} low"]) <= middle).all()
        assert (np.array(column[f"{rate} high"]) >= middle).all()
    low, high = wilson(3, 5)
    at = sorted(set(SCORES.tolist()), reverse=True).index(f32(0.6))
    assert [column["precision low"][at], column["precision high"][at]] == [float(low), float(high)]
    assert rates.svg().count(b"<polygon") + rates.svg().count(b"<path") >= 3


def test_a_listener_may_answer_at_once(rates: RatesPlot) -> None:
    rates.thresholdChanged.connect(lambda value: rates.setOperatingPoint(point_of(value)))
    heard = Heard(rates)
    press(rates, rates.score_pixel(0.2))
    release(rates, rates.score_pixel(0.2))
    assert len(heard.said) == 2


def test_the_logit_scale_spreads_the_ends(rates: RatesPlot) -> None:
    before = rates.score_pixel(0.1).x() - rates.score_pixel(0.01).x()
    rates.setLogitScale(True)
    assert rates.score_pixel(0.1).x() - rates.score_pixel(0.01).x() > 2 * before
    heard = Heard(rates)
    press(rates, rates.score_pixel(0.01))
    (threshold,) = heard.said
    assert threshold == pytest.approx(0.01, rel=0.1)


# The axis of scores


@pytest.mark.parametrize("span", [None, LogitSpan(-5, 5), LogitSpan(-17, 17)])
def test_a_place_gives_a_short_float32_near_its_score(span: LogitSpan | None) -> None:
    axis = ScoreAxis(span)
    for place in np.linspace(0.02, 0.9, 89).tolist():  # beyond a logit of 14, float32 has few scores left
        threshold = axis.threshold(place)
        assert threshold == f32(threshold)
        assert axis.place_of(threshold) == pytest.approx(place, abs=0.004)
    assert (axis.threshold(-0.1), axis.threshold(1.2)) == (0.0, 1.0)


@pytest.mark.parametrize("span", [None, LogitSpan(-5, 5), LogitSpan(-9, 6), LogitSpan(-17, 17)])
def test_ticks_can_be_told_apart(span: LogitSpan | None) -> None:
    ticks = ScoreAxis(span).ticks()
    places = [place for place, _ in ticks]
    assert places == sorted(places)
    assert min(np.diff(places)) > 0.08
    assert len(ticks) >= 5
    assert len({text for _, text in ticks}) == len(ticks)


# Many points


def test_many_points_are_drawn_as_few(qtbot: QtBot) -> None:
    scores, truth = many()
    curve = roc_curve(scores, truth)
    plot = RocPlot()
    plot.setRoc(curve, "many")
    show(qtbot, plot)
    assert len(plot._line.getData()[0]) < len(curve.thresholds) / 3
    heard = Heard(plot)
    index = len(curve.thresholds) // 5
    press(plot, plot.curve_pixel(index))
    (threshold,) = heard.said
    at = int(np.flatnonzero(curve.thresholds == np.float32(threshold))[0])
    assert math.hypot(curve.fpr[at] - curve.fpr[index], curve.tpr[at] - curve.tpr[index]) < 0.005


def test_the_reduced_curve_covers_the_whole_one(qtbot: QtBot) -> None:
    scores, truth = many()
    curve = rates_by_threshold(scores, truth)
    plot = RatesPlot()
    plot.setRates(curve, "many")
    show(qtbot, plot)
    for line, values in zip(plot._lines, (curve.precision, curve.recall, curve.f1), strict=True):
        _, y = line.getData()
        assert len(y) < len(values)
        assert y.max() == values.max()
