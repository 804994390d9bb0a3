"""The score histogram and the reliability diagram, as their user meets them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from inference.evaluation.pictures import reliability, score_histogram
from inference.types import Reliability, ScoreHistogram
from tests.widgets.mouse import Heard, move, press, release
from tests.widgets.plots.cases import REASON, SCORES, TRUTH, many, point_of, show
from widgets.plots.histogram_plot import HistogramPlot
from widgets.plots.reliability_plot import ReliabilityPlot


def histogram_of(scores: np.ndarray = SCORES, truth: np.ndarray = TRUTH) -> ScoreHistogram:
    return score_histogram(scores, truth, bins=10)


class Chosen:
    """The ranges of scores that a plot has asked for."""

    def __init__(self, plot: HistogramPlot | ReliabilityPlot) -> None:
        self.ranges: list[tuple[float, float]] = []
        plot.scoreRangeChosen.connect(lambda low, high: self.ranges.append((low, high)))

    def images(self, scores: np.ndarray = SCORES) -> list[int]:
        """How many images the last range holds, and of how many ranges."""
        low, high = (np.float32(end) for end in self.ranges[-1])
        return [int(((scores >= low) & (scores <= high)).sum()), len(self.ranges)]


@pytest.fixture
def plot(qtbot: QtBot) -> HistogramPlot:
    widget = HistogramPlot()
    widget.setHistogram(histogram_of(), "nine")
    widget.setOperatingPoint(point_of(0.55))
    show(qtbot, widget)
    return widget


# Histogram


def test_the_histogram_says_its_numbers(plot: HistogramPlot) -> None:
    assert plot.text() == (
        "nine · 4 positives, 6 negatives\nthreshold 0.55 · true positives 3/4 = 0.75 · false positives 2/6 = 0.33"
    )


def test_the_line_is_dragged_and_bars_stay(plot: HistogramPlot) -> None:
    heard, chosen = Heard(plot), Chosen(plot)
    press(plot, plot.score_pixel(0.55))
    move(plot, plot.score_pixel(0.25))
    release(plot, plot.score_pixel(0.25))
    (threshold, end) = heard.said
    assert threshold == pytest.approx(0.25, abs=0.003)
    assert end == "end"
    assert chosen.ranges == []


def test_a_click_on_a_bar_asks_for_its_images_and_moves_nothing(plot: HistogramPlot) -> None:
    heard, chosen = Heard(plot), Chosen(plot)
    press(plot, plot.bar_pixel(7))
    release(plot, plot.bar_pixel(7))
    assert chosen.images() == [2, 1]
    assert heard.said == []
    assert "0.7 to 0.8: 1 positive, 1 negative" in plot.text()
    plot.clearChoice()
    assert "4 positives, 6 negatives" in plot.text()


def test_a_drag_over_bars_asks_for_all_of_them(plot: HistogramPlot) -> None:
    chosen = Chosen(plot)
    press(plot, plot.bar_pixel(9))
    move(plot, plot.bar_pixel(7) + QPointF(0, 30))
    assert chosen.ranges == []
    release(plot, plot.bar_pixel(7))
    assert chosen.images() == [4, 1]
    assert "3 positives, 1 negative" in plot.text()


def test_bars_are_reached_by_keys(plot: HistogramPlot) -> None:
    heard, chosen = Heard(plot), Chosen(plot)
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Return):
        QTest.keyClick(plot, key)
    assert chosen.images() == [1, 1]
    assert 0.1 in [pytest.approx(end) for end in chosen.ranges[0]]
    assert heard.said == []
    wishes: list[bool] = []
    plot.stopRequested.connect(wishes.append)
    QTest.keyClick(plot, Qt.Key.Key_Left)
    assert wishes == [False]


def test_both_scales_keep_every_image(plot: HistogramPlot) -> None:
    def shown() -> list[int]:
        rows = [line.split("\t") for line in plot.data_text().splitlines()[1:]]
        return [sum(int(row[column]) for row in rows) for column in (2, 3)]

    assert shown() == [4, 6]
    plot.setLogitScale(True)
    plot.setLogCounts(False)
    assert shown() == [4, 6]


def test_heights_grow_with_counts_on_their_side_of_zero(qtbot: QtBot) -> None:
    plot = HistogramPlot()
    plot.setHistogram(score_histogram(*many()), "many")
    show(qtbot, plot)
    for log in (True, False):
        plot.setLogCounts(log)
        bins = plot._bins()
        up, down = np.asarray(plot._up.opts["y1"]), np.asarray(plot._down.opts["y1"])
        assert (np.argsort(up, kind="stable") == np.argsort(bins.positives, kind="stable")).all()
        assert (np.argsort(-down, kind="stable") == np.argsort(bins.negatives, kind="stable")).all()
        assert up.max() == pytest.approx(1)
        assert down.min() == pytest.approx(0)
        ticks = plot._heights.ticks()
        assert len(ticks) >= 4
        places = sorted(place for place, _ in ticks)
        assert min(np.diff(places)) > 0.08


def test_bars_can_be_chosen_while_thresholds_do_not_matter(plot: HistogramPlot) -> None:
    heard, chosen = Heard(plot), Chosen(plot)
    plot.setActive(False, REASON)
    press(plot, plot.bar_pixel(5))
    release(plot, plot.bar_pixel(5))
    assert chosen.images() == [1, 1]
    QTest.keyClick(plot, Qt.Key.Key_Left)
    assert heard.said == []


def test_setters_of_the_histogram_say_nothing(plot: HistogramPlot) -> None:
    heard, chosen = Heard(plot), Chosen(plot)
    plot.setHistogram(histogram_of(), "ten")
    plot.setOperatingPoint(point_of(0.2))
    plot.setLogitScale(True)
    plot.setLogCounts(False)
    plot.clearChoice()
    plot.setHistogram(None, "")
    assert heard.said == []
    assert chosen.ranges == []
    assert plot.text() == "Choose a label to see its picture."


def test_unscored_images_are_said_to_be_missing(plot: HistogramPlot) -> None:
    plot.setHistogram(histogram_of(SCORES, np.full_like(TRUTH, -1)), "nine")
    assert plot.text() == "nine\nNo image with a known truth is scored yet."


# Reliability


def shaped() -> tuple[np.ndarray, np.ndarray]:
    scores, truth = many(1000)
    return np.clip(scores, 0, 1), truth


@pytest.fixture
def diagram(qtbot: QtBot) -> ReliabilityPlot:
    widget = ReliabilityPlot()
    widget.setReliability(reliability(*shaped()), "nine")
    show(qtbot, widget)
    return widget


def value_of(plot: ReliabilityPlot) -> Reliability:
    assert plot._reliability is not None
    return plot._reliability


def test_the_diagram_says_its_error(diagram: ReliabilityPlot) -> None:
    assert diagram.text().startswith(f"nine · ECE {value_of(diagram).ece:.3f} · 1,000 images\n")


def test_a_click_on_a_point_asks_for_its_images(diagram: ReliabilityPlot) -> None:
    chosen = Chosen(diagram)
    place = diagram.point_pixel(9) + QPointF(5, -5)
    press(diagram, place)
    release(diagram, place)
    assert chosen.images(shaped()[0]) == [int(value_of(diagram).count[9]), 1]
    assert f"{value_of(diagram).positives[9]}/{value_of(diagram).count[9]}" in diagram.text()
    diagram.clearChoice()
    assert "above the diagonal" in diagram.text()


def test_a_click_far_from_every_point_asks_for_nothing(diagram: ReliabilityPlot) -> None:
    chosen = Chosen(diagram)
    top_left = diagram._canvas.mapTo(diagram, diagram._canvas.to_pixels(0.02, 0.98))
    press(diagram, QPointF(top_left))
    assert chosen.ranges == []


def test_a_click_on_a_bar_below_asks_for_its_images(diagram: ReliabilityPlot) -> None:
    chosen = Chosen(diagram)
    place = diagram._strip.mapTo(diagram, diagram._strip.to_pixels(0.325, 0.2))
    press(diagram, QPointF(place))
    spread = value_of(diagram).spread
    assert chosen.images(shaped()[0]) == [int((spread.positives + spread.negatives)[6]), 1]


def test_points_are_reached_by_keys(diagram: ReliabilityPlot) -> None:
    chosen = Chosen(diagram)
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Enter):
        QTest.keyClick(diagram, key)
    assert chosen.images(shaped()[0]) == [int(value_of(diagram).count[1]), 1]


def test_rare_labels_can_be_spread_out(diagram: ReliabilityPlot) -> None:
    scores = (shaped()[0] / 50).astype(np.float32)
    diagram.setReliability(reliability(scores, shaped()[1]), "rare")
    chosen = Chosen(diagram)
    before = diagram.point_pixel(9).x() - diagram.point_pixel(2).x()
    diagram.setLogitScale(True)
    assert diagram.point_pixel(9).x() - diagram.point_pixel(2).x() > 10 * before
    press(diagram, diagram.point_pixel(4))
    assert chosen.images(scores) == [int(value_of(diagram).count[4]), 1]
    spread = value_of(diagram).logit_spread
    bar = int(np.argmax(spread.positives + spread.negatives))
    middle = float(diagram._axis.place(spread.edges)[bar : bar + 2].mean())
    press(diagram, QPointF(diagram._strip.mapTo(diagram, diagram._strip.to_pixels(middle, 0.2))))
    assert chosen.images(scores) == [int((spread.positives + spread.negatives)[bar]), 2]


def test_the_diagram_without_images(diagram: ReliabilityPlot) -> None:
    chosen = Chosen(diagram)
    diagram.setReliability(reliability(SCORES, np.full_like(TRUTH, -1)), "nine")
    assert diagram.text() == "nine\nNo image with a known truth is scored yet."
    QTest.keyClick(diagram, Qt.Key.Key_Right)
    QTest.keyClick(diagram, Qt.Key.Key_Return)
    assert chosen.ranges == []
    assert math.isnan(value_of(diagram).ece)
