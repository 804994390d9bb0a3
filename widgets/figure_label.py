"""Labels for what changes with every move of a slider: none of them has the window laid out anew for it."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QStyle, QStylePainter, QWidget


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


class StillLabel(QWidget):
    """Plain text in a room that its owner sets, whatever the text: another text costs a repaint and no layout.

    It wraps, or it is one line that is cut with an ellipsis and whole in the tool tip.
    """

    def __init__(self, parent: QWidget | None = None, *, wraps: bool = False) -> None:
        super().__init__(parent)
        self._wraps = wraps
        self._text = ""
        self._room = QSize(0, 0)
        self._side = Qt.AlignmentFlag.AlignLeft
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def setText(self, text: str) -> None:
        """Show ``text``."""
        if text != self._text:
            self._text = text
            self.setAccessibleName(text)
            self._tip()
            self.update()

    def text(self) -> str:
        """What is shown, whole."""
        return self._text

    def setRoom(self, width: int, height: int) -> None:
        """Ask for at least so many pixels; a height of 0 means a line."""
        room = QSize(width, height)
        if room != self._room:
            self._room = room
            self.updateGeometry()

    def setSide(self, side: Qt.AlignmentFlag) -> None:
        """Where lines begin or end: at the left or at the right."""
        self._side = side
        self.update()

    def sizeHint(self) -> QSize:
        """The room that was asked for."""
        return QSize(self._room.width(), self._room.height() or self.fontMetrics().height())

    def minimumSizeHint(self) -> QSize:
        """The same: the text has no say."""
        return self.sizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Offer the whole text as a tool tip where it is cut."""
        super().resizeEvent(event)
        self._tip()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The text, wrapped from the top, or on one line in the middle."""
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        if self._wraps:
            flags = int(self._side | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap)
            painter.drawText(self.rect(), flags, self._text)
        else:
            shown = self.fontMetrics().elidedText(self._text, Qt.TextElideMode.ElideRight, self.width())
            flags = int(self._side | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine)
            painter.drawText(self.rect(), flags, shown)

    def _tip(self) -> None:
        if not self._wraps:
            cut = self.fontMetrics().horizontalAdvance(self._text) > self.width()
            self.setToolTip(self._text if cut else "")
