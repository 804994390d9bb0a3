"""The question the tool exists to answer: which activation, which decision rule, and what that means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QPalette, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from inference.types import Activation, Advice, DecisionRule, ImageScores, Task
from widgets.advice_banner import AdviceBanner
from widgets.figure_label import StillLabel
from widgets.rule_parts import CalibrationChip, CountBox
from widgets.rule_words import SINGLE_CLASS, explanation, image_sentence
from widgets.segmented import Choice, Segmented

ACTIVATIONS: Final = (
    Choice(
        Activation.SIGMOID,
        "Si&gmoid",
        "Each label gets a score of its own between 0 and 1, whatever the others have: for images with any number "
        "of labels. The stored logits stay as they are, so switching is instant.",
    ),
    Choice(
        Activation.SOFTMAX,
        "Softma&x",
        "The labels share a sum of 1, so that one label's gain is the others' loss: for images with exactly one "
        "label. The stored logits stay as they are, so switching is instant.",
    ),
)

RULES: Final = (
    Choice(
        DecisionRule.THRESHOLDS,
        "A threshold per la&bel",
        "Every label whose score is at its threshold or above is predicted: none, one or several for an image.",
    ),
    Choice(
        DecisionRule.TOP_K,
        "Top &k",
        "The k labels with the highest scores of an image are predicted, each if it is at its threshold or above: "
        "for images that have about as many labels each.",
    ),
    Choice(
        DecisionRule.PER_IMAGE,
        "Set pe&r image",
        "The set of labels with the highest expected F1 of the image is predicted; thresholds are not used. It needs "
        "scores that are probabilities: calibrate first.",
    ),
    Choice(
        DecisionRule.ARGMAX,
        "&Argmax",
        "The label with the highest score is predicted, whatever the score: exactly one for each image.",
    ),
    Choice(
        DecisionRule.ARGMAX_REJECT,
        "Argmax, may re&ject",
        "The label with the highest score is predicted if it is at its threshold or above; otherwise the image "
        "is none of the classes.",
    ),
)

SEVERAL: Final = (DecisionRule.TOP_K, DecisionRule.PER_IMAGE)  # rules that mean nothing where labels exclude another

GAP: Final = 18  # pixels between groups
NEAR: Final = 8  # and between a group and what belongs to it
LINE_GAP: Final = 4
SENTENCE_CHARACTERS: Final = 62  # room for the sentence about the image beside the buttons


class RuleBar(QWidget):
    """Activation and decision rule as joined buttons, with plain words about both and about the image.

    Two lines high where there is room; parts go under each other where there is less. Setters emit nothing.
    """

    activationChosen = Signal(object)  # Activation
    ruleChosen = Signal(object)  # DecisionRule
    kChosen = Signal(int)  # of the rule that predicts the k highest labels
    calibrationRequested = Signal()  # to see the calibration in force
    adviceAccepted = Signal(object)  # Advice
    adviceDismissed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._labels: tuple[str, ...] = ()
        self._image: ImageScores | None = None
        self.setAccessibleName("Activation and decision rule")
        self._activation = Segmented("Activation", ACTIVATIONS, self)
        self._rule = Segmented("Decision", RULES, self)
        self._k = CountBox(self)
        self._chip = CalibrationChip(self)
        self._task = Task.MULTILABEL
        self._words = QLabel(self)
        self._words.setWordWrap(True)
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._sentence = StillLabel(self)
        self._banner = AdviceBanner(self)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._activation.chosen.connect(self._on_activation)
        self._rule.chosen.connect(self._on_rule)
        self._k.chosen.connect(self._on_k)
        self._chip.clicked.connect(lambda: self.calibrationRequested.emit())
        self._banner.accepted.connect(self.adviceAccepted)
        self._banner.dismissed.connect(self._on_dismissed)
        self._refresh()

    # Setters

    def setActivation(self, activation: Activation) -> None:
        """Show the activation in force."""
        self._activation.setValue(activation)
        self._refresh()

    def setRule(self, rule: DecisionRule, k: int = 1) -> None:
        """Show the decision rule in force, and how many labels it predicts where that is a number."""
        self._rule.setValue(rule)
        self._k.setValue(k)
        self._refresh()

    def setTask(self, task: Task) -> None:
        """Offer the rules that fit: where labels exclude one another those that predict several are grey."""
        self._task = task
        self._offer_rules()

    def setCalibration(self, text: str) -> None:
        """Say what is done to the logits first, as "calibrated: Platt"; "" where nothing is."""
        self._chip.setText(text)
        self._arrange()

    def setLabels(self, labels: Sequence[str]) -> None:
        """The labels' names, so that the winner can be named."""
        self._labels = tuple(labels)
        self._k.setMost(len(self._labels))
        self._say()

    def setImageScores(self, image: ImageScores | None) -> None:
        """Say what came of the image being looked at; None where there is none or it has no scores yet."""
        self._image = image
        self._say()

    def setAdvice(self, advice: Advice | None) -> None:
        """Show that the data contradict the choice, with the remedy on offer; None hides it."""
        self._banner.setAdvice(advice)
        self._arrange()

    # Reading

    def explanation(self) -> str:
        """The words about the combination in force."""
        return self._words.text()

    def sentence(self) -> str:
        """The words about the image being looked at."""
        return self._sentence.text()

    def advice(self) -> str:
        """The words of the banner, "" where it is hidden."""
        return self._banner.text()

    # Acting

    def _on_activation(self, activation: Activation) -> None:
        self._refresh()
        self.activationChosen.emit(activation)

    def _on_rule(self, rule: DecisionRule) -> None:
        self._refresh()
        self.ruleChosen.emit(rule)

    def _on_k(self, k: int) -> None:
        self._refresh()
        self.kChosen.emit(k)

    def _on_dismissed(self) -> None:
        self.setAdvice(None)
        self.adviceDismissed.emit()

    # Layout: parts that flow, so that the bar is low where it can be and never widens the window

    def hasHeightForWidth(self) -> bool:
        """The bar grows downwards where it is narrow."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Pixels that the parts need under each other."""
        return self._flow(width)[1]

    def sizeHint(self) -> QSize:
        """The buttons in one row."""
        parts = self._parts()
        width = sum(part.sizeHint().width() + gap for part, gap in parts) - parts[0][1]
        return QSize(width, self._height(width))

    def minimumSizeHint(self) -> QSize:
        """The widest group of buttons."""
        widths = [self._indent() + part.sizeHint().width() for part, _ in self._parts()[1:]]
        width = max(self._activation.sizeHint().width(), *widths)
        return QSize(width, self._height(width))

    def _height(self, width: int) -> int:
        """For layouts that ask for no height for a width: that of the width the bar now has."""
        return self.heightForWidth(max(width, self.width()))

    def _indent(self) -> int:
        """Where the second group starts when it stands under the first, for their buttons to line up."""
        return max(0, self._activation.captionWidth() - self._rule.captionWidth())

    def event(self, event: QEvent) -> bool:
        """A part wants another size."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._arrange()
            return True
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Place the parts."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._arrange()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the font and the style."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange) and hasattr(self, "_banner"):
            self._arrange()

    def _refresh(self) -> None:
        """The words of what is in force; another sentence alone has nothing laid out anew."""
        rule = DecisionRule(self._rule.value())
        self._words.setText(explanation(Activation(self._activation.value()), rule, self._k.value()))
        self._k.setVisible(rule is DecisionRule.TOP_K)
        self._offer_rules()
        self._say()
        self._arrange()

    def _say(self) -> None:
        self._sentence.setText(image_sentence(self._image, self._labels))

    def _offer_rules(self) -> None:
        """What is in force stays on offer, whatever the task."""
        for choice in RULES:
            fits = self._task is Task.MULTILABEL or choice.value not in SEVERAL
            button = self._rule.button(choice.value)
            button.setEnabled(fits or choice.value is self._rule.value())
            button.setToolTip(choice.help if fits else f"{choice.help}\n{SINGLE_CLASS}")
            button.setAccessibleDescription(button.toolTip())

    def _arrange(self) -> None:
        self.updateGeometry()
        self._place_parts()

    def _place_parts(self) -> None:
        for part, place in self._flow(self.width())[0]:
            part.setGeometry(place)

    def _parts(self) -> list[tuple[QWidget, int]]:
        """What stands in the rows of buttons, each with the gap before it."""
        parts: list[tuple[QWidget, int]] = [(self._activation, GAP), (self._rule, GAP)]
        parts += [(part, NEAR) for part in (self._k, self._chip) if not part.isHidden()]
        return parts

    def _flow(self, width: int) -> tuple[list[tuple[QWidget, QRect]], int]:
        """Where each part goes in a bar of this width, and how high the bar is."""
        row = self._activation.sizeHint().height()
        places: list[tuple[QWidget, QRect]] = []
        right = top = 0
        for part, gap in self._parts():
            size = part.sizeHint()
            left = right + gap if places else 0
            if places and left + size.width() > width:
                left, top = self._indent(), top + row + LINE_GAP
            places.append((part, QRect(QPoint(left, top + (row - size.height()) // 2), size)))
            right = left + size.width()
        bottom = top + row + LINE_GAP
        line = self._sentence.sizeHint().height()
        room = width - right - GAP
        beside = room >= SENTENCE_CHARACTERS * self.fontMetrics().averageCharWidth()
        if beside:
            places.append((self._sentence, QRect(right + GAP, top + (row - line) // 2, room, line)))
        height = self._words.heightForWidth(width)
        places.append((self._words, QRect(0, bottom, width, height)))
        bottom += height
        if not beside:
            places.append((self._sentence, QRect(0, bottom, width, line)))
            bottom += line
        if self._banner.text():
            height = self._banner.heightForWidth(width)
            places.append((self._banner, QRect(0, bottom + LINE_GAP, width, height)))
            bottom += LINE_GAP + height
        return places, bottom
