"""A pane that has nothing to show yet: what would stand there, and the one thing to do for it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont, QPalette
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget


class EmptyPane(QWidget):
    """A title, a sentence and a button in the middle."""

    actionRequested = Signal()

    def __init__(self, title: str, sentence: str, action: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(title)
        self.setAccessibleDescription(sentence)
        heading, words = QLabel(title, self), QLabel(sentence, self)
        bold = QFont(self.font())
        bold.setBold(True)
        heading.setFont(bold)
        words.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        for label in (heading, words):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        button = QPushButton(action, self)
        button.clicked.connect(self.actionRequested)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(8)
        column.addStretch(2)
        column.addWidget(heading)
        column.addWidget(words)
        column.addSpacing(6)
        column.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)
