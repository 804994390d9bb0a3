"""The precision-recall plot, as its user meets it."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from tests.widgets.mouse import Heard, mouse, move, press, release
from tests.widgets.pr_cases import REASON, TRUTH, curve_of, plot_of, point_of
from widgets.pr_geometry import point_at
from widgets.pr_plot import NO_CURVE, NO_POSITIVES, NO_SCORES, PRPlot


@pytest.fixture
def plot(qtbot: QtBot) -> PRPlot:
    return plot_of(qtbot)


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
