"""The bar that says what activation and decision rule mean."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QAccessible, QColor, QFont, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QPushButton, QSpinBox, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from inference.evaluation.decisions import decide
from inference.types import NEGATIVE, POSITIVE, UNKNOWN, Activation, Advice, DecisionRule, ImageScores, Task
from tests.widgets.layouts import layouts_asked_for
from widgets.advice_banner import AdviceBanner
from widgets.rule_bar import RuleBar
from widgets.rule_words import SINGLE_CLASS, explanation, image_sentence
from widgets.theme import DARK, LIGHT, apply_theme

LABELS = ("ant", "bee", "cat")
ADVICE = Advice(
    "Each of the 500 annotated images has exactly one label, but thresholds may predict none or several.",
    "Use softmax with argmax",
    Activation.SOFTMAX,
    DecisionRule.ARGMAX,
)


def image(
    scores: Sequence[float],
    activation: Activation,
    rule: DecisionRule,
    threshold: float = 0.5,
    truth: Sequence[int] | None = None,
    annotated: bool = True,
    k: int = 1,
) -> ImageScores:
    """An image with these scores, decided as the program decides."""
    y_score = np.array(scores, dtype=np.float32)
    thresholds = np.full(len(scores), threshold, dtype=np.float32)
    predicted = decide(y_score[None], y_score[None], thresholds, rule, k)[0]
    y_true = np.array(truth if truth is not None else [POSITIVE] + [NEGATIVE] * (len(scores) - 1), dtype=np.int8)
    return ImageScores(y_score, thresholds, predicted, y_true, annotated, rule, activation)


@pytest.fixture
def bar(qtbot: QtBot) -> RuleBar:
    widget = RuleBar()
    qtbot.addWidget(widget)
    widget.setLabels(LABELS)
    widget.resize(1200, 60)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


class Heard:
    """What the bar has said, in order."""

    def __init__(self, bar: RuleBar) -> None:
        self.said: list[object] = []
        bar.activationChosen.connect(self.said.append)
        bar.ruleChosen.connect(self.said.append)
        bar.adviceAccepted.connect(self.said.append)
        bar.adviceDismissed.connect(lambda: self.said.append("dismissed"))


def button(bar: QWidget, text: str) -> QAbstractButton:
    return next(found for found in bar.findChildren(QPushButton) if found.text().replace("&", "") == text)


SIGMOID, SOFTMAX = Activation.SIGMOID, Activation.SOFTMAX
THRESHOLDS, ARGMAX, REJECT = DecisionRule.THRESHOLDS, DecisionRule.ARGMAX, DecisionRule.ARGMAX_REJECT
TOP_K, PER_IMAGE = DecisionRule.TOP_K, DecisionRule.PER_IMAGE


def test_three_high_sigmoid_scores_are_three_predictions() -> None:
    said = image_sentence(image((0.79, 0.80, 0.81), SIGMOID, THRESHOLDS), LABELS)
    assert said == "This image: scores sum to 2.40; 3 labels predicted."


def test_three_low_sigmoid_scores_ask_for_tuning() -> None:
    said = image_sentence(image((0.2, 0.3, 0.4), SIGMOID, THRESHOLDS), LABELS)
    assert said == ("This image: scores sum to 0.90; no label reaches its threshold: the thresholds deserve tuning.")


def test_three_like_softmax_scores_are_of_low_certainty() -> None:
    said = image_sentence(image((0.33, 0.33, 0.34), SOFTMAX, ARGMAX), LABELS)
    assert said == "This image: winner cat 0.34, margin 0.01: low certainty."


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        (
            image((0.33, 0.33, 0.34), SOFTMAX, REJECT),
            "winner cat 0.34, margin 0.01: low certainty; below 0.5: none",
        ),
        (image((0.1, 0.2, 0.7), SOFTMAX, REJECT), "This image: winner cat 0.70, margin 0.50."),
        (image((0.79, 0.80, 0.81), SIGMOID, ARGMAX), "sum to 2.40; winner cat 0.81, margin 0.01: low certainty."),
        (image((0.1, 0.2, 0.7), SOFTMAX, THRESHOLDS), "winner cat 0.70, margin 0.50; 1 label predicted."),
        (image((0.4, 0.2, 0.4), SOFTMAX, ARGMAX), "winner ant 0.40, margin 0.00: low certainty."),
        (image((0.6, 0.4), SOFTMAX, ARGMAX), "winner ant 0.60, margin 0.20."),
        (image((0.55, 0.45), SOFTMAX, ARGMAX), "winner ant 0.55, margin 0.10."),
        (image((0.548, 0.452), SOFTMAX, ARGMAX), "winner ant 0.55, margin 0.096: low certainty."),
        (image((0.9999, 0.0001), SOFTMAX, ARGMAX), "winner ant >0.99, margin >0.99."),
        (image((0.8,), SIGMOID, ARGMAX), "This image: scores sum to 0.80; winner ant 0.80."),
    ],
)
def test_what_is_said_of_an_image(shown: ImageScores, said: str) -> None:
    assert said in image_sentence(shown, LABELS)


def test_no_prediction_is_right_where_no_label_is_annotated() -> None:
    said = image_sentence(image((0.2, 0.3, 0.4), SIGMOID, THRESHOLDS, truth=[NEGATIVE] * 3), LABELS)
    assert said.endswith("no label predicted, and none is annotated.")
    for truth, annotated in (
        ([NEGATIVE, UNKNOWN, NEGATIVE], True),
        ([UNKNOWN] * 3, False),
        ([NEGATIVE] * 3, False),
    ):
        said = image_sentence(image((0.2, 0.3, 0.4), SIGMOID, THRESHOLDS, truth=truth, annotated=annotated), LABELS)
        assert said.endswith("deserve tuning.")


def test_winner_is_the_one_that_the_rule_named_even_where_scores_tie() -> None:
    """Saturated scores tie where logits do not."""
    tied = image((1.0, 1.0, 0.0), SIGMOID, ARGMAX)
    named = ImageScores(tied.scores, tied.thresholds, np.array([False, True, False]), tied.truth, True, ARGMAX, SIGMOID)
    assert "winner bee 1.00, margin 0.00: low certainty" in image_sentence(named, LABELS)


def test_names_may_be_missing_or_long() -> None:
    shown = image((0.1, 0.2, 0.7), SOFTMAX, ARGMAX)
    assert image_sentence(shown) == "This image: winner 0.70, margin 0.50."
    assert len(image_sentence(shown, ("a", "b", "c" * 500))) < 90


def test_an_image_without_scores_is_not_judged() -> None:
    assert image_sentence(None) == ""
    assert image_sentence(image((np.nan, 0.5, 0.5), SIGMOID, THRESHOLDS)) == "This image: no scores."


@pytest.mark.parametrize("rule", list(DecisionRule))
def test_every_combination_is_explained(rule: DecisionRule) -> None:
    assert "independent" in explanation(SIGMOID, rule)
    assert "from 0 to the number of labels" in explanation(SIGMOID, rule)
    assert "no two labels can both pass 0.5" in explanation(SOFTMAX, rule)
    words = {
        THRESHOLDS: "threshold",
        TOP_K: "the 3 labels with the highest scores",
        PER_IMAGE: "the set of labels with the highest expected F1 of each image",
        ARGMAX: "exactly one label per image",
        REJECT: "none of the classes",
    }
    assert words[rule] in explanation(SOFTMAX, rule, 3)


def test_one_highest_label_is_said_in_the_singular() -> None:
    assert "Top 1: the label with the highest score" in explanation(SIGMOID, TOP_K, 1)


def test_rules_for_several_labels_count_them_and_name_no_winner() -> None:
    shown = image((0.9, 0.8, 0.1), SIGMOID, TOP_K, k=2)
    assert image_sentence(shown, LABELS) == "This image: scores sum to 1.80; 2 labels predicted."
    none = image((0.4, 0.3, 0.1), SIGMOID, TOP_K, k=2)
    assert image_sentence(none, LABELS).endswith("none of the highest reaches its threshold.")
    empty = replace(none, rule=PER_IMAGE)
    assert image_sentence(empty, LABELS).endswith("no label predicted: the best set is empty.")


def test_k_is_asked_for_where_it_matters_alone(bar: RuleBar) -> None:
    chosen: list[int] = []
    bar.kChosen.connect(chosen.append)
    box = bar.findChild(QSpinBox)
    assert box is not None
    assert not box.isVisible()
    bar.setRule(TOP_K, 2)
    assert box.isVisible()
    assert (box.value(), box.maximum()) == (2, len(LABELS))
    assert "the 2 labels with the highest scores" in bar.explanation()
    assert chosen == []
    box.stepUp()
    assert chosen == [3]
    assert "the 3 labels" in bar.explanation()
    bar.setRule(THRESHOLDS)
    assert not box.isVisible()


def test_k_beyond_the_labels_is_kept(bar: RuleBar) -> None:
    bar.setRule(TOP_K, 9)
    bar.setLabels(LABELS[:2])
    box = bar.findChild(QSpinBox)
    assert box is not None
    assert box.value() == 9


def test_rules_for_several_labels_are_grey_where_labels_exclude_another(bar: RuleBar) -> None:
    bar.setTask(Task.MULTICLASS)
    several, single = ("Top k", "Set per image"), ("A threshold per label", "Argmax", "Argmax, may reject")
    assert [button(bar, name).isEnabled() for name in several] == [False, False]
    assert all(button(bar, name).isEnabled() for name in single)
    assert all(SINGLE_CLASS in button(bar, name).toolTip() for name in several)
    bar.setRule(TOP_K, 2)  # a profile may say so: what is in force is not grey
    assert [button(bar, name).isEnabled() for name in several] == [True, False]
    bar.setTask(Task.MULTILABEL)
    assert all(button(bar, name).isEnabled() for name in (*several, *single))
    assert SINGLE_CLASS not in button(bar, "Top k").toolTip()


def test_calibration_is_a_note_that_can_be_clicked(bar: RuleBar) -> None:
    wishes: list[None] = []
    bar.calibrationRequested.connect(lambda: wishes.append(None))
    bar.setCalibration("calibrated: Platt")
    chip = button(bar, "calibrated: Platt")
    assert chip.isVisible()
    assert bar.rect().contains(chip.geometry())
    QTest.mouseClick(chip, Qt.MouseButton.LeftButton)
    assert len(wishes) == 1
    bar.setCalibration("")
    assert not chip.isVisible()


def test_another_image_has_nothing_laid_out_anew(bar: RuleBar, qtbot: QtBot) -> None:
    bar.setImageScores(image((0.9, 0.2, 0.1), SIGMOID, THRESHOLDS))
    assert layouts_asked_for(bar, lambda: None) == 0
    said = bar.sentence()

    def look_at_others() -> None:
        for scores in ((0.9, 0.8, 0.7), (0.1, 0.1, 0.1)):
            bar.setImageScores(image(scores, SIGMOID, THRESHOLDS))

    assert layouts_asked_for(bar, look_at_others) == 0
    assert bar.sentence() != said


def test_a_click_is_said_once_and_explained_at_once(bar: RuleBar) -> None:
    heard = Heard(bar)
    QTest.mouseClick(button(bar, "Softmax"), Qt.MouseButton.LeftButton)
    assert bar.explanation() == explanation(SOFTMAX, THRESHOLDS)
    QTest.mouseClick(button(bar, "Argmax, may reject"), Qt.MouseButton.LeftButton)
    QTest.mouseClick(button(bar, "Argmax, may reject"), Qt.MouseButton.LeftButton)
    assert heard.said == [SOFTMAX, REJECT]
    assert bar.explanation() == explanation(SOFTMAX, REJECT)


def test_setters_say_nothing(bar: RuleBar) -> None:
    heard = Heard(bar)
    bar.setActivation(SOFTMAX)
    bar.setRule(ARGMAX)
    bar.setImageScores(image((0.33, 0.33, 0.34), SOFTMAX, ARGMAX))
    bar.setAdvice(ADVICE)
    bar.setAdvice(None)
    assert heard.said == []
    assert button(bar, "Softmax").isChecked()
    assert button(bar, "Argmax").isChecked()
    assert not button(bar, "Sigmoid").isChecked()
    assert bar.sentence() == "This image: winner cat 0.34, margin 0.01: low certainty."
    bar.setImageScores(None)
    assert bar.sentence() == ""


def test_arrow_keys_choose_and_a_mnemonic_chooses(bar: RuleBar, qtbot: QtBot) -> None:
    heard = Heard(bar)
    bar.activateWindow()
    assert QTest.qWaitForWindowActive(bar)
    button(bar, "A threshold per label").setFocus()
    QTest.keyClick(button(bar, "A threshold per label"), Qt.Key.Key_Right)
    assert heard.said == [TOP_K]
    QTest.keyClick(bar, Qt.Key.Key_X, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: heard.said == [TOP_K, SOFTMAX])  # Qt shows the button going down first


def test_tab_reaches_both_choices_and_the_remedy(bar: RuleBar) -> None:
    bar.setRule(ARGMAX)
    bar.setAdvice(ADVICE)
    bar.activateWindow()
    assert QTest.qWaitForWindowActive(bar)
    button(bar, "Sigmoid").setFocus()
    reached = []
    for _ in range(3):
        QTest.keyClick(QApplication.focusWidget() or bar, Qt.Key.Key_Tab)
        focused = QApplication.focusWidget()
        assert isinstance(focused, QAbstractButton)
        reached.append(focused.text().replace("&", ""))
    assert reached == ["Argmax", "Use softmax with argmax", "Dismiss"]


def test_a_click_leaves_the_arrow_keys_to_the_window(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    bar = RuleBar()
    QVBoxLayout(window).addWidget(bar)
    shortcut = QShortcut(Qt.Key.Key_Right, window)
    next_image: list[None] = []
    shortcut.activated.connect(lambda: next_image.append(None))
    window.show()
    window.activateWindow()
    assert QTest.qWaitForWindowActive(window)
    window.setFocus()
    heard = Heard(bar)
    QTest.mouseClick(button(bar, "Argmax"), Qt.MouseButton.LeftButton)
    QTest.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_Right)
    assert (heard.said, len(next_image)) == ([ARGMAX], 1)


def test_advice_offers_its_remedy_and_may_be_dismissed(bar: RuleBar) -> None:
    heard = Heard(bar)
    plain = bar.heightForWidth(bar.width())
    bar.setAdvice(ADVICE)
    assert bar.advice() == ADVICE.text
    assert bar.heightForWidth(bar.width()) > plain
    assert button(bar, "Use softmax with argmax").isVisible()
    QTest.mouseClick(button(bar, "Use softmax with argmax"), Qt.MouseButton.LeftButton)
    assert heard.said == [ADVICE]
    QTest.mouseClick(button(bar, "Dismiss"), Qt.MouseButton.LeftButton)
    assert heard.said == [ADVICE, "dismissed"]
    assert bar.advice() == ""
    assert not button(bar, "Dismiss").isVisible()
    assert bar.heightForWidth(bar.width()) == plain


def test_two_lines_where_there_is_room_and_never_wide(bar: RuleBar) -> None:
    line = bar.fontMetrics().lineSpacing()
    long_labels = ("x" * 400, "y" * 400, "z" * 400)
    bar.setLabels(long_labels)
    bar.setImageScores(image((0.33, 0.33, 0.34), SOFTMAX, REJECT))
    assert bar.heightForWidth(1280) < 3 * line
    bar.setAdvice(ADVICE)
    assert bar.minimumSizeHint().width() <= 700
    assert bar.sizeHint().width() <= 900


@pytest.mark.parametrize("width", [440, 640, 900, 1280])
@pytest.mark.parametrize("scale", [1.0, 1.6])
def test_nothing_is_cut_or_covered(qtbot: QtBot, big_font: list[QFont], width: int, scale: float) -> None:
    font = QApplication.font()
    font.setPointSizeF(font.pointSizeF() * scale)
    QApplication.setFont(font)
    window = QWidget()
    qtbot.addWidget(window)
    bar, rest = RuleBar(), QWidget()
    column = QVBoxLayout(window)
    column.addWidget(bar)
    column.addWidget(rest, 1)
    bar.setAdvice(ADVICE)
    bar.setImageScores(image((0.2, 0.3, 0.4), SIGMOID, THRESHOLDS))
    window.resize(width, 700)
    window.show()
    qtbot.waitExposed(window)
    qtbot.waitUntil(lambda: bar.height() == bar.heightForWidth(bar.width()))
    banner = next(part for part in bar.children() if isinstance(part, AdviceBanner))
    for whole, count in ((bar, 5), (banner, 4)):
        parts = [part for part in whole.children() if isinstance(part, QWidget) and part.isVisible()]
        assert len(parts) == count
        for part in parts:
            assert whole.rect().contains(part.geometry()), part.accessibleName()
            assert part.height() >= part.heightForWidth(part.width())
            others = [other for other in parts if other is not part]
            assert not any(part.geometry().intersects(other.geometry()) for other in others)
    assert rest.height() > 300


@pytest.fixture
def big_font() -> Iterator[list[QFont]]:
    """Puts the application's font back."""
    old = QApplication.font()
    yield [old]
    QApplication.setFont(old)


def test_every_control_has_a_name(bar: RuleBar) -> None:
    bar.setAdvice(ADVICE)
    bar.setCalibration("calibrated: Platt")
    for control in bar.findChildren(QAbstractButton):
        interface = QAccessible.queryAccessibleInterface(control)
        assert interface.text(QAccessible.Text.Name)
        assert control.toolTip().endswith(".")
    assert button(bar, "Argmax").accessibleName() == "Decision: Argmax"


def test_theme_is_followed(bar: RuleBar, qapp: QApplication) -> None:
    chosen = button(bar, "Sigmoid")
    for theme in (LIGHT, DARK, LIGHT):
        apply_theme(qapp, theme)
        QApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)
        pixel = bar.grab().toImage().pixelColor(chosen.mapTo(bar, QPoint(chosen.width() // 2, 4)))
        assert pixel == QColor(theme.accent)
