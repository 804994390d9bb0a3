"""The question the tool exists to answer: which activation, which decision rule, and what that means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QPalette, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from inference.types import Activation, Advice, DecisionRule, ImageScores
from widgets.advice_banner import AdviceBanner
from widgets.elided_label import ElidedLabel
from widgets.rule_words import explanation, image_sentence
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

GAP: Final = 18  # pixels between groups
LINE_GAP: Final = 4
SENTENCE_CHARACTERS: Final = 62  # room for the sentence about the image beside the buttons


class RuleBar(QWidget):
    """Activation and decision rule as joined buttons, with plain words about both and about the image.

    Two lines high where there is room; parts go under each other where there is less. Setters emit nothing.
    """

    activationChosen = Signal(object)  # Activation
    ruleChosen = Signal(object)  # DecisionRule
    adviceAccepted = Signal(object)  # Advice
    adviceDismissed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._labels: tuple[str, ...] = ()
        self._image: ImageScores | None = None
        self.setAccessibleName("Activation and decision rule")
        self._activation = Segmented("Activation", ACTIVATIONS, self)
        self._rule = Segmented("Decision", RULES, self)
        self._words = QLabel(self)
        self._words.setWordWrap(True)
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._sentence = ElidedLabel(parent=self)
        self._banner = AdviceBanner(self)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._activation.chosen.connect(self._on_activation)
        self._rule.chosen.connect(self._on_rule)
        self._banner.accepted.connect(self.adviceAccepted)
        self._banner.dismissed.connect(self._on_dismissed)
        self._refresh()

    # Setters

    def setActivation(self, activation: Activation) -> None:
        """Show the activation in force."""
        self._activation.setValue(activation)
        self._refresh()

    def setRule(self, rule: DecisionRule) -> None:
        """Show the decision rule in force."""
        self._rule.setValue(rule)
        self._refresh()

    def setLabels(self, labels: Sequence[str]) -> None:
        """The labels' names, so that the winner can be named."""
        self._labels = tuple(labels)
        self._refresh()

    def setImageScores(self, image: ImageScores | None) -> None:
        """Say what came of the image being looked at; None where there is none or it has no scores yet."""
        self._image = image
        self._refresh()

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
        width = self._activation.sizeHint().width() + GAP + self._rule.sizeHint().width()
        return QSize(width, self._height(width))

    def minimumSizeHint(self) -> QSize:
        """The wider group of buttons."""
        width = max(self._activation.sizeHint().width(), self._indent() + self._rule.sizeHint().width())
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
        self._words.setText(explanation(Activation(self._activation.value()), DecisionRule(self._rule.value())))
        self._sentence.setText(image_sentence(self._image, self._labels))
        self._arrange()

    def _arrange(self) -> None:
        self.updateGeometry()
        self._place_parts()

    def _place_parts(self) -> None:
        for part, place in self._flow(self.width())[0]:
            part.setGeometry(place)

    def _flow(self, width: int) -> tuple[list[tuple[QWidget, QRect]], int]:
        """Where each part goes in a bar of this width, and how high the bar is."""
        first, second = self._activation.sizeHint(), self._rule.sizeHint()
        line = self._sentence.sizeHint().height()
        places: list[tuple[QWidget, QRect]] = [(self._activation, QRect(QPoint(0, 0), first))]
        right, top = first.width() + GAP, 0
        if right + second.width() > width:
            right, top = self._indent(), first.height() + LINE_GAP
        places.append((self._rule, QRect(QPoint(right, top), second)))
        right += second.width() + GAP
        bottom = top + second.height() + LINE_GAP
        room = width - right
        beside = room >= SENTENCE_CHARACTERS * self.fontMetrics().averageCharWidth()
        if beside:
            places.append((self._sentence, QRect(right, top + (second.height() - line) // 2, room, line)))
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
