"""The precision-recall plot, as its user meets it."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QContextMenuEvent, QFont, QImage, QPainter, QPixmap, QPolygonF, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from inference.evaluation.curves import LabelCurve, pr_curve
from inference.evaluation.honesty import intervals
from inference.types import OperatingPoint, PRCurve
from tests.widgets.layouts import layouts_asked_for
from tests.widgets.mouse import Heard, mouse, move, press, release
from widgets.plotting import Canvas
from widgets.pr_geometry import point_at
from widgets.pr_mark import CONFIDENCE, precision_band, wilson
from widgets.pr_plot import NO_CURVE, NO_POSITIVES, NO_SCORES, PRPlot
from widgets.theme import DARK, LIGHT, apply_theme

SCORES = np.array([0.9, 0.8, 0.7, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1], dtype=np.float32)
TRUTH = np.array([1, 1, 0, 1, 0, 1, 0, 0, 0, 0], dtype=np.int8)
REASON = "Argmax takes the highest score, whatever the thresholds."


def curve_of(scores: np.ndarray = SCORES, truth: np.ndarray = TRUTH) -> PRCurve:
    return pr_curve(LabelCurve.build(scores, truth))


def point_of(threshold: float, scores: np.ndarray = SCORES, truth: np.ndarray = TRUTH) -> OperatingPoint:
    predicted = scores >= np.float32(threshold)
    tp, n, support = int((predicted & (truth == 1)).sum()), int(predicted.sum()), int(truth.sum())
    return OperatingPoint(threshold, tp / n if n else math.nan, tp / support, tp, n, support)


@pytest.fixture
def plot(qtbot: QtBot) -> PRPlot:
    widget = PRPlot()
    qtbot.addWidget(widget)
    widget.resize(520, 420)
    widget.setCurve(curve_of(), "nine")
    widget.setOperatingPoint(point_of(0.55))
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def test_title_and_caption_say_the_numbers_with_their_counts(plot: PRPlot) -> None:
    assert plot.text() == ("nine · AP 0.85 · 4 positives\nthreshold 0.55 · precision 3/5 = 0.60 · recall 3/4 = 0.75")
    assert plot.accessibleDescription() == plot.text()


def test_a_curve_that_misses_the_corner_is_not_called_perfect(plot: PRPlot) -> None:
    scores = np.linspace(1, 0, 2000, dtype=np.float32)
    truth = (np.arange(2000) < 1000).astype(np.int8)
    plot.setCurve(curve_of(scores, truth), "all")
    assert "AP 1.00" in plot.text()
    truth[[999, 1000]] = 0, 1
    plot.setCurve(curve_of(scores, truth), "nearly")
    plot.setOperatingPoint(point_of(float(scores[1000]), scores, truth))
    assert "AP 0.99" in plot.text()
    assert "precision 1,000/1,001 = 0.99" in plot.text()


def test_a_threshold_is_never_rounded(plot: PRPlot) -> None:
    threshold = float(np.nextafter(np.float32(0.7), np.float32(1)))
    plot.setOperatingPoint(point_of(threshold))
    assert "threshold 0.70000005 " in plot.text()


def test_setters_say_nothing(plot: PRPlot) -> None:
    heard = Heard(plot)
    plot.setCurve(curve_of(), "ten")
    plot.setOperatingPoint(point_of(0.3))
    plot.setActive(False, REASON)
    plot.setMessage("nothing yet")
    plot.setOperatingPoint(None)
    plot.setCurve(None, "")
    assert heard.said == []


def test_drag_snaps_to_points_of_the_curve(plot: PRPlot) -> None:
    heard = Heard(plot)
    curve = curve_of()
    press(plot, plot.curve_pixel(3))
    for index in (5, 6, 7):
        move(plot, plot.curve_pixel(index) + QPointF(2, -2))
    move(plot, plot.curve_pixel(7) + QPointF(3, 1))
    assert heard.said == [float(curve.thresholds[index]) for index in (5, 6, 7)]
    release(plot, plot.curve_pixel(7))
    assert heard.said[-1] == "end"
    assert heard.said.count("end") == 1
    assert "precision 4/9 = 0.44 · recall 4/4 = 1.00" in plot.text()


def test_what_a_drag_says_is_exactly_float32(plot: PRPlot) -> None:
    heard = Heard(plot)
    press(plot, plot.curve_pixel(2))
    (threshold,) = heard.said
    assert threshold == float(np.float32(0.7)) != 0.7


def test_taking_hold_of_the_marker_changes_nothing(plot: PRPlot) -> None:
    heard = Heard(plot)
    place = plot.curve_pixel(point_at(curve_of().thresholds, 0.55)) + QPointF(5, -5)
    press(plot, place)
    release(plot, place)
    assert heard.said == []
    assert "threshold 0.55 " in plot.text()


def test_marker_is_carried_from_where_it_was_taken(plot: PRPlot) -> None:
    heard = Heard(plot)
    off = QPointF(6, 5)
    press(plot, plot.curve_pixel(3) + off)
    move(plot, plot.curve_pixel(1) + off)
    release(plot, plot.curve_pixel(1) + off)
    assert heard.said == [float(np.float32(0.8)), "end"]


def test_drag_goes_on_outside_the_axes(plot: PRPlot) -> None:
    heard = Heard(plot)
    press(plot, plot.curve_pixel(0))
    move(plot, plot.curve_pixel(8) + QPointF(25, 10))
    release(plot, plot.curve_pixel(8) + QPointF(25, 10))
    assert heard.said == [float(np.float32(0.9)), float(np.float32(0.1)), "end"]


def test_click_sets_the_threshold(plot: PRPlot) -> None:
    heard = Heard(plot)
    press(plot, plot.curve_pixel(0))
    release(plot, plot.curve_pixel(0))
    assert heard.said == [float(np.float32(0.9)), "end"]
    assert plot.hasFocus()


def test_click_beside_the_axes_does_nothing(plot: PRPlot) -> None:
    heard = Heard(plot)
    beside = QPointF(plot.width() - 12, plot.height() - 12)
    press(plot, beside)
    release(plot, beside)
    assert heard.said == []


@pytest.mark.parametrize("button", [Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton])
def test_other_buttons_do_nothing(plot: PRPlot, button: Qt.MouseButton) -> None:
    heard = Heard(plot)
    for kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseMove, QEvent.Type.MouseButtonRelease):
        mouse(plot, kind, plot.curve_pixel(0), button)
    place = plot.curve_pixel(0).toPoint()
    target = plot.childAt(place) or plot
    asked = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, target.mapFrom(plot, place), QPoint(0, 0))
    QApplication.sendEvent(target, asked)
    assert QApplication.activePopupWidget() is None
    assert heard.said == []


def test_arrow_keys_ask_for_the_next_stop_and_move_nothing_themselves(plot: PRPlot) -> None:
    heard = Heard(plot)
    asked: list[bool] = []
    plot.stopRequested.connect(asked.append)
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Left):
        QTest.keyClick(plot, key)
    assert asked == [False, False, True]  # along the curve to the right thresholds fall
    assert heard.said == []
    assert "threshold 0.55 " in plot.text()


def test_nothing_is_asked_for_where_no_threshold_matters(plot: PRPlot) -> None:
    asked: list[bool] = []
    plot.stopRequested.connect(asked.append)
    plot.setActive(False, REASON)
    QTest.keyClick(plot, Qt.Key.Key_Left)
    plot.setActive(True)
    QTest.keyClick(plot, Qt.Key.Key_Left, Qt.KeyboardModifier.ControlModifier)
    plot.setCurve(None, "")
    QTest.keyClick(plot, Qt.Key.Key_Left)
    assert asked == []


def test_arrow_keys_are_the_plots_while_it_has_the_focus(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    plot = PRPlot()
    QVBoxLayout(window).addWidget(plot)
    plot.setCurve(curve_of(), "nine")
    plot.setOperatingPoint(point_of(0.5))
    next_image: list[None] = []
    shortcut = QShortcut(Qt.Key.Key_Right, window)
    shortcut.activated.connect(lambda: next_image.append(None))
    window.show()
    window.activateWindow()
    assert QTest.qWaitForWindowActive(window)
    asked: list[bool] = []
    plot.stopRequested.connect(asked.append)
    plot.setFocus()
    QTest.keyClick(plot, Qt.Key.Key_Right)
    assert (len(asked), len(next_image)) == (1, 0)
    plot.clearFocus()
    QTest.keyClick(window, Qt.Key.Key_Right)
    assert (len(asked), len(next_image)) == (1, 1)


def test_inactive_says_why_and_holds_still(plot: PRPlot) -> None:
    heard = Heard(plot)
    plot.setActive(False, REASON)
    press(plot, plot.curve_pixel(0))
    move(plot, plot.curve_pixel(5))
    release(plot, plot.curve_pixel(5))
    QTest.keyClick(plot, Qt.Key.Key_Left)
    assert heard.said == []
    assert REASON in plot.text()
    plot.setActive(True, "")
    assert REASON not in plot.text()


def test_a_drag_cut_off_by_hiding_is_finished(plot: PRPlot) -> None:
    heard = Heard(plot)
    press(plot, plot.curve_pixel(0))
    plot.hide()
    assert heard.said[-1] == "end"


def test_a_listener_may_answer_at_once(plot: PRPlot) -> None:
    """The window sets the operating point in the same call: nothing is said twice."""
    plot.thresholdChanged.connect(lambda value: plot.setOperatingPoint(point_of(value)))
    heard = Heard(plot)
    press(plot, plot.curve_pixel(6))
    release(plot, plot.curve_pixel(6))
    assert heard.said == [float(np.float32(0.3)), "end"]


def test_empty_states(plot: PRPlot) -> None:
    plot.setCurve(None, "")
    assert plot.text() == NO_CURVE
    plot.setMessage("Score the images first.")
    assert plot.text() == "Score the images first."
    plot.setMessage("")
    plot.setCurve(curve_of(truth=np.zeros_like(TRUTH)), "nine")
    assert plot.text() == f"nine\n{NO_POSITIVES}"
    plot.setCurve(curve_of(truth=np.full_like(TRUTH, -1)), "nine")
    assert plot.text() == f"nine\n{NO_SCORES}"
    plot.setMessage("Score the images first.")
    plot.setCurve(curve_of(), "nine")
    assert "AP 0.85" in plot.text()


def test_names_are_text_and_never_widen_the_window(plot: PRPlot) -> None:
    plot.setCurve(curve_of(), "<b>" + "very long name " * 200)
    assert plot.text().startswith("<b>very long")
    assert plot.minimumSizeHint().width() < 320


def test_curve_does_not_move_while_the_caption_changes(plot: PRPlot) -> None:
    for width in (240, 330, 430, 520, 900):
        plot.resize(width, 420)
        QApplication.sendPostedEvents()
        places = []
        for threshold in (0.123456789, 0.5, 0.95):
            plot.setOperatingPoint(point_of(float(np.float32(threshold))))
            QApplication.sendPostedEvents()
            places.append(plot.curve_pixel(3))
        assert places[0] == places[1] == places[2]


def pixels_near(image: QImage, place: QPointF, color: QColor, reach: int = 9) -> int:
    """How many pixels about a place have nearly the colour."""
    ratio = image.devicePixelRatio()
    x, y, count = int(place.x() * ratio), int(place.y() * ratio), 0
    for dx in range(-reach, reach + 1):
        for dy in range(-reach, reach + 1):
            here = image.pixelColor(x + dx, y + dy)
            far = abs(here.red() - color.red()) + abs(here.green() - color.green()) + abs(here.blue() - color.blue())
            count += far < 12
    return count


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


def many(n: int = 60_000) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    truth = (rng.random(n) < 0.3).astype(np.int8)
    return (rng.random(n) * 0.6 + truth * 0.3).astype(np.float32), truth


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
