"""Whether the last edits are safe: a sign, a few words, and a button where they are not."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QPen, QPolygonF
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QWidget

from inference.types.annotating_view import SaveKind, SaveState
from widgets.elided_label import ElidedLabel
from widgets.theme import current_theme

IDLE: Final = SaveState("", "idle")


class SaveLine(QWidget):
    """Says nothing while there is nothing to say; keeps its height, so that nothing below it jumps."""

    retryRequested = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._sign = _Sign(self)
        self._words = ElidedLabel("", self, role=QPalette.ColorRole.PlaceholderText)
        self._words.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._retry = QPushButton("&Try again", self)
        self._retry.setToolTip("Tries at once to write what could not be saved.")
        self._retry.clicked.connect(self.retryRequested)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(5)
        row.addWidget(self._sign)
        row.addWidget(self._words, 1)
        row.addWidget(self._retry)
        self.setState(IDLE)

    def setState(self, state: SaveState) -> None:
        """What has become of the last edits."""
        self._sign.set_kind(state.kind)
        self._words.setText(state.text)
        self.setAccessibleName(f"Saving: {state.text}" if state.text else "Saving: nothing to save")
        self._retry.setVisible(state.kind == "unsaved")


class _Sign(QWidget):
    """Told apart by shape: a tick, three dots, a triangle with a stroke, a lock."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._kind: SaveKind = "idle"
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_kind(self, kind: SaveKind) -> None:
        self._kind = kind
        self.setVisible(kind != "idle")
        self.update()

    def sizeHint(self) -> QSize:
        side = self.fontMetrics().ascent() + 2
        return QSize(side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, side = current_theme(), float(min(self.width(), self.height()))
        ink = QColor(theme.warning if self._kind == "unsaved" else theme.muted)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(side, side)
        pen = QPen(ink, 0.12)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        if self._kind == "saved":
            painter.drawPolyline(QPolygonF([QPointF(0.15, 0.55), QPointF(0.4, 0.78), QPointF(0.87, 0.22)]))
        elif self._kind == "saving":
            painter.setBrush(ink)
            for x in (0.2, 0.5, 0.8):
                painter.drawEllipse(QPointF(x, 0.6), 0.04, 0.04)
        elif self._kind == "unsaved":
            painter.drawPolygon(QPolygonF([QPointF(0.5, 0.08), QPointF(0.95, 0.9), QPointF(0.05, 0.9)]))
            painter.drawLine(QPointF(0.5, 0.4), QPointF(0.5, 0.6))
            painter.drawPoint(QPointF(0.5, 0.76))
        elif self._kind == "read_only":
            painter.drawArc(QRectF(0.3, 0.12, 0.4, 0.6), 0, 180 * 16)
            painter.setBrush(ink)
            painter.drawRoundedRect(QRectF(0.2, 0.45, 0.6, 0.42), 0.06, 0.06)
        painter.end()
