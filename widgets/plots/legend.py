"""Which line or bar is which: a sample and a word each, in one row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets.theme import Theme, current_theme

SAMPLE: Final = 20.0
GAP: Final = 5.0
BETWEEN: Final = 14.0


@dataclass(frozen=True)
class Entry:
    """One line's, or one kind of bar's, look and name."""

    text: str
    color: str  # the name of one of the theme's colours
    style: Qt.PenStyle = Qt.PenStyle.SolidLine
    is_bar: bool = False
    width: float = 2.0


class Legend(QWidget):
    """The entries, side by side."""

    def __init__(self, entries: tuple[Entry, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entries = entries
        self.setAccessibleName("Legend: " + ", ".join(entry.text for entry in entries))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Room for every entry."""
        metrics = QFontMetricsF(self.font())
        widths = [SAMPLE + GAP + metrics.horizontalAdvance(entry.text) for entry in self._entries]
        return QSize(round(sum(widths) + BETWEEN * (len(widths) - 1)) + 2, round(metrics.height()) + 2)

    def minimumSizeHint(self) -> QSize:
        """A sample alone: words give way before the window is widened."""
        return QSize(round(SAMPLE), self.sizeHint().height())

    def paint(self, painter: QPainter, theme: Theme) -> None:
        """The entries from the painter's origin."""
        metrics = QFontMetricsF(self.font())
        x, height = 0.0, float(self.sizeHint().height())
        painter.setFont(self.font())
        for entry in self._entries:
            color = QColor(getattr(theme, entry.color))
            if entry.is_bar:
                painter.fillRect(QRectF(x + 4, height / 2 - 5, 12, 10), color)
            else:
                pen = QPen(color, entry.width, entry.style)
                pen.setCapStyle(Qt.PenCapStyle.FlatCap)
                painter.setPen(pen)
                painter.drawLine(QPointF(x, height / 2), QPointF(x + SAMPLE, height / 2))
            x += SAMPLE + GAP
            width = metrics.horizontalAdvance(entry.text) + 2
            painter.setPen(QColor(theme.text))
            painter.drawText(QRectF(x, 0, width, height), Qt.AlignmentFlag.AlignVCenter, entry.text)
            x += width + BETWEEN

    def paintEvent(self, event: QPaintEvent) -> None:
        """The entries in the theme in force."""
        painter = QPainter(self)
        self.paint(painter, current_theme())
        painter.end()
