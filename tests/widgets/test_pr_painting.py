"""What the precision-recall plot paints: marker, cross, band, many points, and how little of it anew."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPixmap, QPolygonF
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from inference.evaluation.honesty import intervals
from tests.widgets.layouts import layouts_asked_for
from tests.widgets.mouse import Heard, move, press
from tests.widgets.pr_cases import REASON, SCORES, TRUTH, curve_of, many, pixels_near, plot_of, point_of
from widgets.plotting import Canvas
from widgets.pr_geometry import point_at
from widgets.pr_mark import CONFIDENCE, precision_band, wilson
from widgets.pr_plot import PRPlot
from widgets.theme import DARK, LIGHT, apply_theme


@pytest.fixture
def plot(qtbot: QtBot) -> PRPlot:
    return plot_of(qtbot)


def test_marker_is_full_on_a_point_and_hollow_when_nothing_is_predicted(plot: PRPlot) -> None:
    accent = QColor(LIGHT.accent)
    plot.setOperatingPoint(point_of(0.9))
    full = pixels_near(plot.grab().toImage(), plot.curve_pixel(0), accent)
    start = plot.curve_pixel(0) - QPointF(plot.curve_pixel(1).x() - plot.curve_pixel(0).x(), 0)
    plot.setOperatingPoint(point_of(0.95))
    hollow = pixels_near(plot.grab().toImage(), start, accent)
    assert full > 60
    assert 15 < hollow < full * 0.8


def test_theme_and_font_are_followed(plot: PRPlot, qapp: QApplication) -> None:
    corner = QPointF(plot.width() - 8, plot.height() - 8)
    apply_theme(qapp, DARK)
    image = plot.grab().toImage()
    assert pixels_near(image, corner - QPointF(5, 5), QColor(DARK.surface), 3) == 49
    before = plot.curve_pixel(3)
    old = qapp.font()
    big = QFont(old)
    big.setPointSizeF(old.pointSizeF() * 2)
    qapp.setFont(big)
    try:
        QApplication.sendPostedEvents()
        assert plot.curve_pixel(3) != before
    finally:
        qapp.setFont(old)


@pytest.fixture
def dense(plot: PRPlot) -> PRPlot:
    """A plot with hundreds of points to a pixel."""
    scores, truth = many()
    plot.setCurve(curve_of(scores, truth), "many")
    plot.setOperatingPoint(point_of(0.5, scores, truth))
    return plot


def test_many_points_are_drawn_as_few_and_dragged_as_many(dense: PRPlot) -> None:
    curve = curve_of(*many())
    index = len(curve.thresholds) // 3 + 1
    heard = Heard(dense)
    press(dense, dense.curve_pixel(index))
    (before,) = heard.said
    assert before in curve.thresholds[index - 200 : index + 200].tolist()


def test_hold_is_taken_of_the_marker_and_not_of_a_point_beside_it(dense: PRPlot) -> None:
    curve = curve_of(*many())
    index = point_at(curve.thresholds, 0.5)
    heard = Heard(dense)
    off = QPointF(5, 0)
    press(dense, dense.curve_pixel(index) + off)
    assert heard.said == []
    target = index - 5000
    move(dense, dense.curve_pixel(target) + off)
    (threshold,) = heard.said
    assert abs(point_at(curve.thresholds, float(threshold)) - target) < 5


def test_a_curve_of_many_points_looks_the_same_when_reduced(dense: PRPlot, monkeypatch: pytest.MonkeyPatch) -> None:
    few = dense.grab().toImage()
    monkeypatch.setattr("widgets.pr_plot.reduce_points", lambda recall, precision, columns: (recall, precision))
    dense.setCurve(curve_of(*many()), "many")
    whole = dense.grab().toImage()
    ink = QColor(LIGHT.positive).rgb()
    inked = differ = 0
    for x in range(few.width()):
        for y in range(few.height()):
            inked += whole.pixel(x, y) == ink
            differ += few.pixel(x, y) != whole.pixel(x, y)
    assert inked > 600
    assert differ < 0.1 * inked  # along the edge: columns and pixels do not begin at the same place


def test_the_operating_point_moves_without_a_layout_and_without_the_curve_painted_anew(
    plot: PRPlot, monkeypatch: pytest.MonkeyPatch
) -> None:
    painted: list[None] = []
    plain = Canvas._picture_of_items

    def picture(canvas: Canvas) -> QPixmap:
        painted.append(None)
        return plain(canvas)

    monkeypatch.setattr(Canvas, "_picture_of_items", picture)
    plot.setCurve(curve_of(), "ten")
    plot.grab()
    assert painted
    for _ in range(3):
        QApplication.processEvents()
    painted.clear()

    def drag() -> None:
        for threshold in (0.5, 0.6, 0.05, 0.95):
            plot.setOperatingPoint(point_of(threshold))
            QApplication.processEvents()

    assert layouts_asked_for(plot, drag) == 0
    assert painted == []


def test_another_size_theme_or_curve_is_painted_anew(plot: PRPlot, qapp: QApplication) -> None:
    pictures = [plot.grab().toImage()]
    plot.setCurve(curve_of(SCORES, np.roll(TRUTH, 2)), "nine")
    pictures.append(plot.grab().toImage())
    plot.setActive(False, REASON)
    pictures.append(plot.grab().toImage())
    apply_theme(qapp, DARK)
    QApplication.processEvents()
    pictures.append(plot.grab().toImage())
    apply_theme(qapp, LIGHT)
    plot.resize(600, 420)
    pictures.append(plot.grab().toImage())
    rect = plot._canvas.geometry().translated(plot._stack.pos())
    cut = [picture.copy(rect.adjusted(0, 0, -120, 0)) for picture in pictures]
    assert all(before != after for before, after in itertools.pairwise(cut))


@pytest.mark.parametrize("threshold", [0.9, 0.7, 0.4, 0.95])
def test_a_mark_paints_only_where_it_says(plot: PRPlot, threshold: float) -> None:
    plot.setOperatingPoint(point_of(threshold))
    mark = plot._mark
    assert mark is not None
    page = QImage(plot.size(), QImage.Format.Format_RGB32)
    page.fill(QColor("white"))
    painter = QPainter(page)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    mark.paint(painter, LIGHT, LIGHT.accent)
    painter.end()
    assert page != QImage(page.size(), page.format())
    painter.begin(page)
    for rect in mark.rects():
        painter.fillRect(rect, QColor("white"))
    painter.end()
    blank = QImage(page.size(), page.format())
    blank.fill(QColor("white"))
    assert page == blank


def test_the_cross_reaches_to_the_ends_of_both_intervals(plot: PRPlot) -> None:
    plot.setOperatingPoint(point_of(0.55))  # precision 3/5, recall 3/4
    mark, at = plot._mark, plot._canvas.to_pixels
    assert mark is not None
    low, high = intervals.wilson(3, 5)
    assert mark.upright == pytest.approx((at(0, float(high)).y(), at(0, float(low)).y()))
    low, high = intervals.wilson(3, 4)
    assert mark.across == pytest.approx((at(float(low), 0).x(), at(float(high), 0).x()))


def test_a_rate_that_is_undefined_has_no_arm(plot: PRPlot) -> None:
    plot.setOperatingPoint(point_of(0.95))  # nothing predicted
    mark = plot._mark
    assert mark is not None
    assert mark.upright is None
    assert mark.across is not None


@pytest.mark.parametrize("n", [1, 2, 9, 400, 10**6])
def test_intervals_are_those_of_the_evaluation(n: int) -> None:
    hits = np.unique(np.linspace(0, n, 50).astype(np.int64))
    for mine, theirs in zip(wilson(hits, np.full_like(hits, n)), intervals.wilson(hits, n, CONFIDENCE), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=0, atol=1e-12)
    assert np.isnan(wilson(np.array([0]), np.array([0]))).all()


def test_the_band_lies_about_the_curve_and_narrows_where_more_is_predicted() -> None:
    curve = curve_of(*many())
    recall, low, high = precision_band(curve, 400)
    assert len(recall) <= 800
    assert (np.diff(recall) >= 0).all()
    for index in range(0, len(recall), 50):
        precision = curve.precision[curve.recall == recall[index]]
        assert low[index] <= precision.max()
        assert high[index] >= precision.min()
    sure = np.linspace(1, 0, 900, dtype=np.float32)
    _, low, high = precision_band(curve_of(sure, np.tile([1, 0, 1], 300).astype(np.int8)), 400)
    assert (high - low)[5] > (high - low)[100] > (high - low)[-1] > 0


def test_band_and_cross_are_in_the_file_too(plot: PRPlot) -> None:
    with_band = plot.svg()
    plot._band.setPolygon(QPolygonF())
    plot._mark = None
    assert len(with_band) > len(plot.svg())
    assert b"<polygon" in with_band or b"<path" in with_band
