"""A label for a number that changes with every move of a slider."""

from __future__ import annotations

from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QLabel, QStyle, QStylePainter, QWidget


class FigureLabel(QLabel):
    """Other digits in the same places cost a repaint and no layout: figures are of equal width.

    QLabel asks for a layout of the whole window at each text, which costs more than all the painting.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown = ""

    def setText(self, text: str) -> None:
        """Show ``text``; only another number of characters asks for room."""
        if len(text) != len(self._shown):
            super().setText(text)
        self._shown = text
        self.update()

    def text(self) -> str:
        """What is shown."""
        return self._shown

    def paintEvent(self, event: QPaintEvent) -> None:
        """The text as QLabel would paint it."""
        painter = QStylePainter(self)
        direction = QStyle.visualAlignment(self.layoutDirection(), self.alignment())
        room = self.contentsRect().adjusted(self.margin(), self.margin(), -self.margin(), -self.margin())
        painter.drawItemText(room, int(direction), self.palette(), self.isEnabled(), self._shown, self.foregroundRole())
