"""The overlay: which labels it lists, what it says, and how it is handled."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from inference.types import Activation, DecisionRule, ImageScores, Outcome
from widgets.image_view import ImageView
from widgets.overlay import ScoreOverlay
from widgets.overlay_paint import panel_color
from widgets.overlay_rows import choose_rows, notes, score_text, shows_threshold
from widgets.theme import DARK, LIGHT, Theme, apply_theme

LABELS = ("zero", "one", "two", "three")


def scores_of(
    scores: list[float],
    *,
    truth: list[int] | None = None,
    threshold: float = 0.5,
    rule: DecisionRule = DecisionRule.THRESHOLDS,
    activation: Activation = Activation.SIGMOID,
    predicted: list[bool] | None = None,
) -> ImageScores:
    values = np.array(scores, dtype=np.float32)
    thresholds = np.full(len(values), threshold, dtype=np.float32)
    decided = values >= thresholds if predicted is None else np.array(predicted)
    known = np.full(len(values), -1, dtype=np.int8) if truth is None else np.array(truth, dtype=np.int8)
    return ImageScores(values, thresholds, decided, known, truth is not None, rule, activation)


@st.composite
def images(draw: st.DrawFn) -> ImageScores:
    n = draw(st.integers(1, 12))
    values = draw(st.lists(st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.5001, 0.9, 1.0]), min_size=n, max_size=n))
    truth = draw(st.lists(st.sampled_from([-1, 0, 1]), min_size=n, max_size=n))
    return scores_of(values, truth=truth if draw(st.booleans()) else None)


@given(images(), st.integers(1, 13))
@settings(max_examples=80, deadline=None)
def test_rows_equal_brute_force(image: ImageScores, k: int) -> None:
    order = sorted(range(len(image.scores)), key=lambda i: (-float(image.scores[i]), i))
    missed = [i for i in order if image.annotated and image.truth[i] == 1 and not image.predicted[i]]
    top, predicted = order[:k], [i for i in order if image.predicted[i]]
    assert list(choose_rows(image, "top", k).all) == top + [i for i in missed if i not in top]
    assert list(choose_rows(image, "predicted", k).all) == predicted + missed
    assert list(choose_rows(image, "all", k).all) == order


def test_nan_scores_come_last() -> None:
    image = scores_of([np.nan, 0.2, 0.9], predicted=[False, False, True])
    assert choose_rows(image, "all", 1).main == (2, 1, 0)
    assert score_text(float("nan"), 0.5) == "–"


def test_a_mode_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="best"):
        choose_rows(scores_of([0.5]), "best", 1)


def test_thresholds_have_no_tick_under_argmax_and_one_under_rejection() -> None:
    scores = [0.1, 0.7, 0.2]
    free = scores_of(scores)
    argmax = scores_of(scores, rule=DecisionRule.ARGMAX)
    reject = scores_of(scores, rule=DecisionRule.ARGMAX_REJECT)
    assert [shows_threshold(free, i) for i in range(3)] == [True] * 3
    assert [shows_threshold(argmax, i) for i in range(3)] == [False] * 3
    assert [shows_threshold(reject, i) for i in range(3)] == [False, True, False]


unit = st.floats(0, 1, width=32)


@given(unit, unit)
@settings(max_examples=200, deadline=None)
def test_score_never_looks_like_a_threshold_it_is_not(score: float, threshold: float) -> None:
    text = score_text(score, threshold)
    assert text == f"{score:.{len(text) - 2}f}"
    if abs(score - threshold) > 1e-8:
        assert float(text) != float(f"{threshold:.{len(text) - 2}f}")


def test_softmax_margin_is_said_and_low_certainty_named() -> None:
    soft = {"activation": Activation.SOFTMAX, "rule": DecisionRule.ARGMAX, "truth": [0, 0, 1]}
    close = scores_of([0.33, 0.33, 0.34], predicted=[False, False, True], **soft)  # type: ignore[arg-type]
    clear = scores_of([0.05, 0.05, 0.90], predicted=[False, False, True], **soft)  # type: ignore[arg-type]
    assert notes(close, choose_rows(close, "top", 3)) == ("margin 0.01: low certainty",)
    assert notes(clear, choose_rows(clear, "top", 3)) == ("margin 0.85",)


def test_sigmoid_has_no_margin_and_none_predicted_is_said() -> None:
    image = scores_of([0.2, 0.3, 0.4], truth=[0, 0, 0])
    assert notes(image, choose_rows(image, "top", 3)) == ("no label is predicted",)


def test_rejection_is_said() -> None:
    image = scores_of([0.2, 0.45, 0.35], truth=[0, 1, 0], rule=DecisionRule.ARGMAX_REJECT, predicted=[False] * 3)
    assert "none of the classes: the winner is under its threshold" in notes(image, choose_rows(image, "top", 3))


def test_unannotated_and_what_does_not_fit_are_said() -> None:
    image = scores_of([0.9, 0.8, 0.7, 0.6])
    assert notes(image, choose_rows(image, "top", 2)) == ("not annotated", "2 more predicted")


# The panel


@pytest.fixture
def view(qtbot: QtBot) -> ImageView:
    widget = ImageView()
    qtbot.addWidget(widget)
    widget.resize(800, 600)
    widget.setImage(np.full((300, 400, 3), 255, dtype=np.uint8))
    widget.setLabels(LABELS)
    widget.show()
    return widget


def overlay_of(view: ImageView) -> ScoreOverlay:
    return view.overlay()


def wheel(widget: ScoreOverlay, steps: int) -> None:
    """As from a mouse: what the widget ignores goes on to its parents."""
    window = widget.window().windowHandle()
    assert window is not None
    at = widget.mapTo(widget.window(), widget.rect().center())
    QTest.wheelEvent(window, QPointF(at), QPoint(0, steps * 120))


def test_panel_is_there_only_with_scores(view: ImageView) -> None:
    assert not overlay_of(view).isVisible()
    view.setImageScores(scores_of([0.9, 0.1, 0.2, 0.3], truth=[1, 0, 0, 0]))
    assert overlay_of(view).isVisible()
    view.setImageScores(None)
    assert not overlay_of(view).isVisible()


def test_scores_of_another_model_are_not_shown(view: ImageView) -> None:
    view.setImageScores(scores_of([0.9, 0.1], truth=[1, 0]))
    assert not overlay_of(view).isVisible()


def test_panel_leaves_most_of_the_picture_free(view: ImageView) -> None:
    view.setImageScores(scores_of([0.9, 0.1, 0.2, 0.3], truth=[1, 0, 0, 0]))
    for width in (240, 500, 1200):
        view.resize(width, 500)
        QApplication.sendPostedEvents()
        assert overlay_of(view).width() <= 0.45 * view.canvas().width()
        assert view.canvas().rect().contains(overlay_of(view).geometry())


def test_clicking_a_row_chooses_its_label(view: ImageView) -> None:
    view.setImageScores(scores_of([0.1, 0.9, 0.2, 0.3], truth=[0, 1, 0, 0]))
    chosen: list[int] = []
    view.labelChosen.connect(chosen.append)
    for row in range(4):
        QTest.mouseClick(overlay_of(view), Qt.MouseButton.LeftButton, pos=overlay_of(view).rowRect(row).center())
    assert chosen == [1, 3, 2, 0]


def test_arrow_keys_choose_rows(view: ImageView) -> None:
    view.setImageScores(scores_of([0.1, 0.9, 0.2, 0.3], truth=[0, 1, 0, 0]))
    chosen: list[int] = []
    view.labelChosen.connect(chosen.append)
    view.labelChosen.connect(view.setCurrentLabel)
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Up):
        QTest.keyClick(overlay_of(view), key)
    assert chosen == [1, 3, 1]


def test_a_thousand_labels_scroll_inside_the_panel(view: ImageView) -> None:
    n = 1000
    view.setLabels([f"label {i}" for i in range(n)])
    view.setOverlayMode("all", 5)
    view.setImageScores(scores_of(list(np.linspace(1, 0, n)), truth=[0] * n))
    panel = overlay_of(view)
    in_sight = int(panel.rowCountText().split(" of ")[0])
    assert panel.rowCountText() == f"{in_sight} of 1,000"
    assert 10 < in_sight < 60
    before = view.canvas().scale()
    first = panel.labelAt(panel.rowRect(0).center())
    wheel(panel, -1)
    assert view.canvas().scale() == before
    assert first == 0
    assert panel.labelAt(QPoint(20, panel.rowRect(3).center().y())) == 3
    for _ in range(10):
        wheel(panel, -40)
    assert panel.labelAt(panel.rowRect(n - 1).center()) == n - 1


def test_wheel_over_a_panel_that_fits_zooms_the_picture(view: ImageView) -> None:
    view.setImageScores(scores_of([0.1, 0.9, 0.2, 0.3], truth=[0, 1, 0, 0]))
    before = view.canvas().scale()
    wheel(overlay_of(view), 1)
    assert view.canvas().scale() > before


def test_header_folds_the_panel_and_carries_it_to_another_corner(view: ImageView) -> None:
    view.setImageScores(scores_of([0.1, 0.9, 0.2, 0.3], truth=[0, 1, 0, 0]))
    panel = overlay_of(view)
    full = panel.height()
    header = QPoint(30, 6)
    QTest.mouseClick(panel, Qt.MouseButton.LeftButton, pos=header)
    assert panel.height() < full / 2
    QTest.mouseClick(panel, Qt.MouseButton.LeftButton, pos=header)
    assert panel.height() == full
    QTest.mousePress(panel, Qt.MouseButton.LeftButton, pos=header)
    for _ in range(6):
        QTest.mouseMove(panel, header + QPoint(90, 60))
    QTest.mouseRelease(panel, Qt.MouseButton.LeftButton, pos=header)
    far = view.canvas().rect().bottomRight() - panel.geometry().bottomRight()
    assert far.manhattanLength() < 40
    view.resize(700, 500)
    QApplication.sendPostedEvents()
    assert view.canvas().rect().contains(panel.geometry())


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
@pytest.mark.parametrize("grey", [0, 255])
def test_backing_hides_what_is_behind(view: ImageView, qapp: QApplication, theme: Theme, grey: int) -> None:
    apply_theme(qapp, theme)
    view.setImage(np.full((300, 400, 3), grey, dtype=np.uint8))
    view.setImageScores(scores_of([0.1, 0.2, 0.2, 0.3], truth=[0, 1, 0, 0]))
    panel = overlay_of(view)
    picture = view.canvas().grab().toImage()
    free = panel.geometry().topLeft() + QPoint(panel.width() // 2, 5)
    seen, wanted = picture.pixelColor(free * int(picture.devicePixelRatio())), QColor(panel_color())
    difference = max(abs(seen.red() - wanted.red()), abs(seen.green() - wanted.green()))
    assert difference <= 255 * (1 - wanted.alphaF()) + 2


def pixels_of(view: ImageView) -> np.ndarray:
    image = view.overlay().grab().toImage().convertToFormat(view.overlay().grab().toImage().Format.Format_RGB888)
    raw = np.frombuffer(image.constBits(), dtype=np.uint8).reshape(image.height(), image.bytesPerLine())
    return raw[:, : image.width() * 3].reshape(image.height(), image.width(), 3).astype(int)


def count_near(pixels: np.ndarray, color: str) -> int:
    target = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)])
    return int((np.abs(pixels - target).max(axis=2) <= 12).sum())


def test_each_outcome_is_painted_in_its_colour(view: ImageView) -> None:
    view.setImageScores(scores_of([0.9, 0.8, 0.2, 0.1], truth=[1, 0, 1, 0]))
    pixels = pixels_of(view)
    for outcome in (Outcome.TP, Outcome.FP, Outcome.FN, Outcome.TN):
        assert count_near(pixels, LIGHT.outcome[outcome]) > 8, outcome


def test_moving_the_threshold_moves_the_tick_and_argmax_takes_it_away(view: ImageView) -> None:
    view.setImageScores(scores_of([0.9, 0.0, 0.0, 0.0], truth=[0, 0, 0, 0], threshold=0.5))
    half = pixels_of(view)
    view.setImageScores(scores_of([0.9, 0.0, 0.0, 0.0], truth=[0, 0, 0, 0], threshold=0.7))
    more = pixels_of(view)
    right = half.shape[1] - 60
    bars = np.s_[30:, half.shape[1] // 2 : right]

    def tick_column(pixels: np.ndarray) -> float:
        dark = (pixels[bars].max(axis=2) < 60).sum(axis=0)
        return float(np.argmax(dark))

    assert tick_column(more) > tick_column(half) + 5
    argmax = scores_of([0.9, 0.0, 0.0, 0.0], truth=[0, 0, 0, 0], threshold=0.5, rule=DecisionRule.ARGMAX)
    view.setImageScores(argmax)
    rows = np.s_[30:80, half.shape[1] // 2 : right]
    assert (pixels_of(view)[rows].max(axis=2) < 60).sum() == 0


def test_panel_is_described_in_words(view: ImageView) -> None:
    view.setImageScores(scores_of([0.9, 0.8, 0.2, 0.1], truth=[1, 0, 1, -1]))
    words = overlay_of(view).accessibleDescription()
    for part in ("zero 0.90 predicted, TP", "one 0.80 predicted, FP", "two 0.20 not predicted, FN", "UNKNOWN"):
        assert part in words


def tip_at(overlay: ScoreOverlay, place: QPoint) -> str:
    QApplication.sendEvent(overlay, QHelpEvent(QEvent.Type.ToolTip, place, overlay.mapToGlobal(place)))
    return QToolTip.text()


@pytest.mark.qt_log_ignore("does not support")  # of tool tips, on the offscreen platform
def test_the_marks_of_the_annotation_are_explained(qtbot: QtBot) -> None:
    host = QWidget()
    qtbot.addWidget(host)
    host.resize(700, 500)
    overlay = ScoreOverlay(host)
    host.show()
    overlay.setLabels(LABELS[:3])
    overlay.setImageScores(scores_of([0.9, 0.8, 0.7], truth=[1, 0, -1]))
    assert "+ positive, − negative, ? unknown" in tip_at(overlay, QPoint(20, 5))
    for row, words in enumerate(("+ means: annotated positive", "− means: annotated negative", "? means: unknown")):
        assert words in tip_at(overlay, overlay.rowRect(row).center())
    overlay.setImageScores(scores_of([0.9, 0.8, 0.7]))
    assert "not annotated" in tip_at(overlay, overlay.rowRect(0).center())
    QToolTip.hideText()
