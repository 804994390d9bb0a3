"""Asks what the numbers of a file of predictions are, starting from the likeliest guess."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QLabel,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from inference.choices import Activation
from widgets.dialogs.form_row import NoteLabel

T = TypeVar("T")

_PIXELS: Final = 560  # wide
_NUMBERS: Final = {
    "probabilities": ("&Probabilities", "From 0 to 1, ready to be compared with a threshold."),
    "logits": ("&Logits", "Any number: what a network gives before its activation."),
}
_ACTIVATIONS: Final = {
    Activation.SIGMOID: ("&Sigmoid", "Each label stands alone: an image may have several, or none."),
    Activation.SOFTMAX: ("Soft&max", "The labels of an image compete, and their scores sum to 1."),
}


@dataclass(frozen=True)
class PredictionsView:
    """What is known of a file of predictions."""

    name: str  # of the file
    n_images: int
    n_labels: int
    kind: str = "probabilities"  # or "logits"
    kind_reason: str = ""  # a sentence
    activation: Activation = Activation.SIGMOID
    activation_reason: str = ""


class PredictionsDialog(QDialog):
    """Two questions, each with an answer chosen already; `accepted` says that `kind` and `activation` hold."""

    def __init__(self, view: PredictionsView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view = view
        self._numbers = QButtonGroup(self)
        self._activations = QButtonGroup(self)
        self._by_kind: dict[str, QRadioButton] = {}
        self._by_activation: dict[Activation, QRadioButton] = {}
        self._kind_note = NoteLabel(self)
        self._activation_note = NoteLabel(self)
        self._build()
        self._by_kind[view.kind].setChecked(True)
        self._by_activation[view.activation].setChecked(True)
        self._by_kind[view.kind].setFocus()
        for group in (self._numbers, self._activations):
            group.buttonToggled.connect(self._tell_reasons)
        self._tell_reasons()
        layout = self.layout()
        assert layout is not None
        self.resize(_PIXELS, layout.totalHeightForWidth(_PIXELS))  # wrapped sentences ask for more room than they need

    def kind(self) -> str:
        """``probabilities`` or ``logits``."""
        return next(kind for kind, button in self._by_kind.items() if button.isChecked())

    def activation(self) -> Activation:
        """What makes scores of the logits, or made the probabilities."""
        return next(one for one, button in self._by_activation.items() if button.isChecked())

    def _tell_reasons(self) -> None:
        """A reason stands only beside the guess that it is one for."""
        view = self._view
        as_guessed = self.kind() == view.kind
        self._kind_note.setNote(view.kind_reason if as_guessed else "", False)
        guessed = as_guessed and self.activation() is view.activation
        self._activation_note.setNote(view.activation_reason if guessed else "", False)

    def _build(self) -> None:
        view = self._view
        self.setWindowTitle("What are these predictions?")
        title = QLabel(view.name, self)
        title.setTextFormat(Qt.TextFormat.PlainText)
        title.setFont(_bold(self.font()))
        images = f"{view.n_images:,} image{'' if view.n_images == 1 else 's'}"
        labels = f"{view.n_labels:,} label{'' if view.n_labels == 1 else 's'}"
        lead = QLabel(f"{images}, {labels}. The project keeps the answers: you are asked once.", self)
        lead.setWordWrap(True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel, self)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setSpacing(6)
        layout.addWidget(title)
        layout.addWidget(lead)
        layout.addSpacing(8)
        self._by_kind = self._ask("The numbers are", self._numbers, _NUMBERS, self._kind_note)
        layout.addSpacing(8)
        self._by_activation = self._ask("The activation is", self._activations, _ACTIVATIONS, self._activation_note)
        layout.addStretch(1)
        layout.addSpacing(8)
        layout.addWidget(buttons)
        self.setMinimumWidth(_PIXELS)

    def _ask(
        self, question: str, group: QButtonGroup, answers: Mapping[T, tuple[str, str]], note: NoteLabel
    ) -> dict[T, QRadioButton]:
        """A heading, an answer a row with what it means, and below the reason for the guess."""
        layout = self.layout()
        assert isinstance(layout, QVBoxLayout)
        heading = QLabel(question, self)
        heading.setFont(_bold(self.font()))
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(5)
        grid.setColumnStretch(1, 1)
        grid.setColumnMinimumWidth(0, self.fontMetrics().horizontalAdvance("Probabilities") + 34)
        buttons = {}
        for row, (answer, (words, meaning)) in enumerate(answers.items()):
            buttons[answer] = button = QRadioButton(words, self)
            button.setAccessibleName(f"{question} {words.replace('&', '').lower()}")
            button.setAccessibleDescription(meaning)
            button.setToolTip(meaning)
            group.addButton(button)
            told = QLabel(meaning, self)
            told.setWordWrap(True)
            grid.addWidget(button, row, 0)
            grid.addWidget(told, row, 1)
        grid.addWidget(note, len(answers), 0, 1, 2)
        layout.addWidget(heading)
        layout.addLayout(grid)
        return buttons


def _bold(font: QFont) -> QFont:
    bold = QFont(font)
    bold.setBold(True)
    return bold
