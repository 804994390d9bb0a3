"""A question with several long answers, one below the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QPushButton, QVBoxLayout, QWidget

_WIDTH: Final = 460


class ChoiceDialog(QDialog):
    """Answers by the place of the button that was pressed; Cancel and Esc answer nothing."""

    chosen = Signal(int)

    def __init__(self, title: str, text: str, note: str, choices: Sequence[str], parent: QWidget | None = None) -> None:
        """``text`` says what is the matter, ``note`` in muted words what holds for every answer."""
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setMinimumWidth(_WIDTH)
        layout = QVBoxLayout(self)
        layout.setSpacing(8)
        layout.setContentsMargins(20, 20, 20, 16)
        for words in (text, note):
            label = QLabel(words)
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            layout.addWidget(label)
        layout.addSpacing(8)
        for place, words in enumerate(choices):
            button = QPushButton(words.replace("&", "&&"))
            button.setAccessibleName(words)
            button.setAutoDefault(place == 0)
            button.clicked.connect(lambda _checked=False, place=place: self._choose(place))
            layout.addWidget(button)
        layout.addSpacing(8)
        cancel = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        cancel.rejected.connect(self.reject)
        layout.addWidget(cancel)

    def sizeHint(self) -> QSize:
        """Tall enough for the words as they wrap."""
        width = max(_WIDTH, super().sizeHint().width())
        return QSize(width, max(self.heightForWidth(width), super().sizeHint().height()))

    def _choose(self, place: int) -> None:
        self.accept()
        self.chosen.emit(place)
