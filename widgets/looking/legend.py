"""What the colours of a heat map mean: a strip from low to high."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets.looking.heat_layer import colors
from widgets.theme import current_theme

_GAP = 5


class HeatLegend(QWidget):
    """The words low and high, and the colours between them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Legend: dark is low, bright is high")
        self.setToolTip("Dark places do not raise the label's score; the brightest raises it most, in this picture.")
        self._pixels = np.ascontiguousarray(colors(np.linspace(0, 1, 128))[np.newaxis])

    def sizeHint(self) -> QSize:  # noqa: D102
        metrics = self.fontMetrics()
        words = metrics.horizontalAdvance("low") + metrics.horizontalAdvance("high")
        return QSize(words + 2 * _GAP + metrics.height() * 3, metrics.height() + 4)

    def minimumSizeHint(self) -> QSize:  # noqa: D102
        return self.sizeHint()

    def changeEvent(self, event: QEvent) -> None:  # noqa: D102
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self.updateGeometry()
            self.update()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: D102
        painter = QPainter(self)
        metrics = self.fontMetrics()
        theme = current_theme()
        painter.setPen(QColor(theme.muted))
        painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), "low")
        painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight), "high")
        left, right = metrics.horizontalAdvance("low") + _GAP, metrics.horizontalAdvance("high") + _GAP
        height = max(8.0, metrics.ascent() * 0.7)
        strip = QRectF(left, (self.height() - height) / 2, self.width() - left - right, height)
        width = self._pixels.shape[1]
        painter.drawImage(strip, QImage(self._pixels.data, width, 1, width * 3, QImage.Format.Format_RGB888))
        painter.setPen(QPen(QColor(theme.border), 1))
        painter.drawRect(strip)
