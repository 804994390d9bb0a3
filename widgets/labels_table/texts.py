"""Numbers laid out once and drawn many times: while a threshold moves, a frame shows hundreds of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QStaticText, QTransform

_MOST: Final = 4096  # texts kept; then all are forgotten, as the next frame needs but a few hundred
_LINE: Final = int(Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine)
_RIGHT: Final = int(Qt.AlignmentFlag.AlignRight) | _LINE
_LEFT: Final = int(Qt.AlignmentFlag.AlignLeft) | _LINE


@dataclass(frozen=True, slots=True)
class _Laid:
    text: QStaticText
    width: float


class Texts:
    """Short texts in one font. They stand in the middle of a room's height; one too large for it is clipped."""

    def __init__(self, font: QFont) -> None:
        self.font = font
        self._metrics = QFontMetricsF(font)
        self._height = self._metrics.height()  # not the laid text's, which is rounded up
        self._kept: dict[str, _Laid] = {}

    def __len__(self) -> int:
        """How many texts are kept."""
        return len(self._kept)

    def width(self, text: str) -> float:
        """How wide a text is, in pixels."""
        return self._of(text).width

    def right(self, painter: QPainter, room: QRectF, text: str) -> None:
        """Draw at the right of a room with the painter's pen; the painter's font must be this one."""
        laid = self._of(text)
        self._draw(painter, room, text, laid, room.right() - laid.width, _RIGHT)

    def left(self, painter: QPainter, room: QRectF, text: str) -> None:
        """Draw at the left of a room with the painter's pen; the painter's font must be this one."""
        self._draw(painter, room, text, self._of(text), room.left(), _LEFT)

    def _draw(self, painter: QPainter, room: QRectF, text: str, laid: _Laid, x: float, flags: int) -> None:
        spare = room.height() - self._height
        if spare < 0 or laid.width > room.width():
            painter.drawText(room, flags, text)  # clips, which a text laid out before does not
            return
        painter.drawStaticText(QPointF(x, room.top() + spare / 2), laid.text)

    def _of(self, text: str) -> _Laid:
        laid = self._kept.get(text)
        if laid is None:
            if len(self._kept) >= _MOST:
                self._kept.clear()
            laid = self._kept[text] = self._lay(text)
        return laid

    def _lay(self, text: str) -> _Laid:
        static = QStaticText(text)
        static.setTextFormat(Qt.TextFormat.PlainText)
        static.prepare(QTransform(), self.font)
        return _Laid(static, self._metrics.horizontalAdvance(text))
