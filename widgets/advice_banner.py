"""A warning with a remedy: said in the window, never in a dialog."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QSizePolicy, QWidget

from inference.types import Advice
from widgets.theme import current_theme

PADDING: Final = 4
GAP: Final = 8
TEXT_CHARACTERS: Final = 60  # the words' least share of the width, beside the buttons


class AdviceBanner(QFrame):
    """What is wrong, a button that mends it, and one that leaves it so. Hidden without advice."""

    accepted = Signal(object)  # the Advice
    dismissed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._advice: Advice | None = None
        self.setAccessibleName("Advice")
        self._glyph = WarningGlyph(self)
        self._text = QLabel(self)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setWordWrap(True)
        self._remedy = QPushButton(self)
        self._dismiss = QPushButton("&Dismiss", self)
        self._dismiss.setToolTip("Hide this advice and leave the choice as it is.")
        self._dismiss.setAccessibleName("Dismiss the advice")
        self._remedy.clicked.connect(self._on_accepted)
        self._dismiss.clicked.connect(self.dismissed)
        self.hide()

    def setAdvice(self, advice: Advice | None) -> None:
        """Show the advice, or hide the banner."""
        self._advice = advice
        if advice is None:
            self.hide()
            return
        self._text.setText(advice.text)
        self._remedy.setText(advice.remedy.replace("&", "&&"))
        self._remedy.setToolTip(f"{advice.remedy}: the scores are kept, and you can switch back at once.")
        self._remedy.setAccessibleDescription(advice.text)
        self.setAccessibleDescription(advice.text)
        self._place_parts()
        self.show()

    def text(self) -> str:
        """The advice's words, "" without any."""
        return "" if self._advice is None else self._advice.text

    def heightForWidth(self, width: int) -> int:
        """Pixels needed; the buttons go under the words where these would be squeezed."""
        return self._flow(width)[1]

    def minimumSizeHint(self) -> QSize:
        """The buttons in a row."""
        width = self._remedy.sizeHint().width() + self._dismiss.sizeHint().width() + 4 * GAP
        return QSize(width, self.heightForWidth(max(width, self.width())))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Place the parts."""
        super().resizeEvent(event)
        self._place_parts()

    def event(self, event: QEvent) -> bool:
        """A part wants another size, and so may the banner."""
        if event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
            self._place_parts()
            return True
        return super().event(event)

    def _place_parts(self) -> None:
        for part, place in self._flow(self.width())[0]:
            part.setGeometry(place)

    def _flow(self, width: int) -> tuple[list[tuple[QWidget, QRect]], int]:
        """Where each part goes in a banner of this width, and how high the banner is."""
        glyph, remedy, dismiss = (part.sizeHint() for part in (self._glyph, self._remedy, self._dismiss))
        indent = 10 + glyph.width() + GAP
        buttons = remedy.width() + GAP + dismiss.width() + PADDING
        squeezed = width - indent - buttons - GAP < TEXT_CHARACTERS * self.fontMetrics().averageCharWidth()
        room = max(1, width - indent - (PADDING if squeezed else buttons + GAP))
        words = self._text.heightForWidth(room)
        row = max(remedy.height(), dismiss.height(), glyph.height())
        top = max(words, row)
        below = top + PADDING if squeezed else (top - row) // 2
        right = width - PADDING - dismiss.width()
        places: list[tuple[QWidget, QRect]] = [
            (self._glyph, QRect(QPoint(10, PADDING + (top - glyph.height()) // 2), glyph)),
            (self._text, QRect(indent, PADDING + (top - words) // 2, room, words)),
            (self._remedy, QRect(QPoint(right - GAP - remedy.width(), PADDING + below), remedy)),
            (self._dismiss, QRect(QPoint(right, PADDING + below), dismiss)),
        ]
        return places, PADDING + max(top, below + row) + PADDING

    def paintEvent(self, event: QPaintEvent) -> None:
        """A quiet panel with an edge in the warning colour."""
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(QColor(theme.line), 1.0))
        painter.setBrush(QColor(theme.surface))
        painter.drawRoundedRect(box, 4, 4)
        painter.fillRect(QRectF(0, 1, 4, self.height() - 2), QColor(theme.warning))
        painter.end()

    def _on_accepted(self) -> None:
        if self._advice is not None:
            self.accepted.emit(self._advice)


class WarningGlyph(QWidget):
    """A triangle with an exclamation mark, as high as the text."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Warning")

    def sizeHint(self) -> QSize:
        """As high as a line of text."""
        side = self.fontMetrics().height() + 2
        return QSize(side, side)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.updateGeometry()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The triangle in the warning colour, the mark cut out of it."""
        theme = current_theme()
        side = float(min(self.width(), self.height()))
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(QColor(theme.warning), side * 0.12)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.setBrush(QColor(theme.warning))
        corners = ((0.5, 0.12), (0.92, 0.86), (0.08, 0.86))
        painter.drawPolygon(QPolygonF([QPointF(x, y) * side for x, y in corners]))
        painter.setPen(QPen(QColor(theme.surface), side * 0.11, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawLine(QPointF(0.5, 0.36) * side, QPointF(0.5, 0.58) * side)
        painter.drawPoint(QPointF(0.5, 0.76) * side)
        painter.end()
