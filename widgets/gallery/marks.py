"""Small glyphs on a thumbnail: edited, unsaved, noted, vanished, changed on disk. Shapes first, colour second."""

from __future__ import annotations

import math
from collections.abc import Sequence
from enum import IntEnum
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen, QPolygonF

from widgets.theme import Theme, current_theme

_SMALL: Final = 0.85  # of the font, for a word on a thumbnail


class Mark(IntEnum):
    """What can be marked on an image."""

    UNSAVED = 0
    VANISHED = 1
    CHANGED = 2
    EDITED = 3
    NOTED = 4


MARK_TEXT: Final[dict[Mark, str]] = {
    Mark.UNSAVED: "an edit is not saved yet",
    Mark.VANISHED: "the file is gone from the folder",
    Mark.CHANGED: "the file changed since it was annotated",
    Mark.EDITED: "edited",
    Mark.NOTED: "has a note",
}


def marks_width(count: int, side: float) -> float:
    """Logical pixels that ``count`` marks of ``side`` take in a row, their backing included."""
    return count * (side + 3) + 3 if count else 0.0


def paint_marks(painter: QPainter, corner: QPointF, side: float, marks: Sequence[Mark]) -> None:
    """The marks in a row on one backing, with its lower left corner at ``corner``."""
    if not marks:
        return
    theme = current_theme()
    box = QRectF(corner.x(), corner.y() - side - 4, marks_width(len(marks), side), side + 4)
    painter.save()
    painter.setPen(QPen(QColor(theme.border), 1))
    painter.setBrush(_backing(theme))
    painter.drawRoundedRect(box, 3, 3)
    for place, mark in enumerate(marks):
        paint_mark(painter, QRectF(box.left() + 3 + place * (side + 3), box.top() + 2, side, side), mark)
    painter.restore()


def paint_word(painter: QPainter, rect: QRectF, text: str) -> None:
    """A small word in the upper right corner of ``rect``, on a backing of its own."""
    theme = current_theme()
    font = QFont(painter.font())
    if font.pointSizeF() > 0:
        font.setPointSizeF(max(font.pointSizeF() * _SMALL, 1.0))
    metrics = QFontMetricsF(font)
    text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, rect.width() - 12)
    box = QRectF(0, rect.top() + 3, metrics.horizontalAdvance(text) + 8, metrics.height() + 2)
    box.moveRight(rect.right() - 3)
    painter.save()
    painter.setFont(font)
    painter.setPen(QPen(QColor(theme.border), 1, Qt.PenStyle.DashLine))
    painter.setBrush(_backing(theme))
    painter.drawRoundedRect(box, 3, 3)
    painter.setPen(QColor(theme.text))
    painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), text)
    painter.restore()


def paint_tick(painter: QPainter, box: QRectF) -> None:
    """A tick on the accent: part of the selection."""
    theme = current_theme()
    painter.save()
    painter.setPen(QPen(QColor(theme.on_accent), 1))
    painter.setBrush(QColor(theme.accent))
    painter.drawEllipse(box)
    pen = QPen(QColor(theme.on_accent), max(1.5, box.width() * 0.13))
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    painter.drawPolyline(QPolygonF([_at(box, 0.27, 0.52), _at(box, 0.44, 0.69), _at(box, 0.74, 0.34)]))
    painter.restore()


def paint_mark(painter: QPainter, box: QRectF, mark: Mark) -> None:
    """One glyph in a square."""
    pen = QPen(_ink(current_theme(), mark), max(1.3, box.width() * 0.12))
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    _PAINTERS[mark](painter, box)


def _backing(theme: Theme) -> QColor:
    backing = QColor(theme.surface)
    backing.setAlphaF(0.92)
    return backing


def _ink(theme: Theme, mark: Mark) -> QColor:
    if mark in (Mark.UNSAVED, Mark.CHANGED):
        return QColor(theme.warning)
    return QColor(theme.error if mark == Mark.VANISHED else theme.text)


def _at(box: QRectF, x: float, y: float) -> QPointF:
    return QPointF(box.left() + x * box.width(), box.top() + y * box.height())


def _unsaved(painter: QPainter, box: QRectF) -> None:
    """An arrow that has not reached the line below it."""
    painter.drawLine(_at(box, 0.5, 0.05), _at(box, 0.5, 0.6))
    painter.drawPolyline(QPolygonF([_at(box, 0.25, 0.38), _at(box, 0.5, 0.63), _at(box, 0.75, 0.38)]))
    painter.drawLine(_at(box, 0.12, 0.95), _at(box, 0.36, 0.95))
    painter.drawLine(_at(box, 0.64, 0.95), _at(box, 0.88, 0.95))


def _vanished(painter: QPainter, box: QRectF) -> None:
    """A ring with a stroke through it."""
    inner = box.adjusted(box.width() * 0.06, box.width() * 0.06, -box.width() * 0.06, -box.width() * 0.06)
    painter.drawEllipse(inner)
    painter.drawLine(_at(box, 0.2, 0.8), _at(box, 0.8, 0.2))


def _changed(painter: QPainter, box: QRectF) -> None:
    """Two half turns, each with a head: content replaced."""
    ring = QRectF(_at(box, 0.1, 0.1), _at(box, 0.9, 0.9))
    for start in (20, 200):
        painter.drawArc(ring, start * 16, 130 * 16)
        end = math.radians(start)
        tip = ring.center() + QPointF(math.cos(end), -math.sin(end)) * (ring.width() / 2)
        sign = 1 if start < 90 else -1
        size = box.width() * 0.22
        painter.drawLine(tip, tip + QPointF(size * 0.35 * sign, -size * sign))
        painter.drawLine(tip, tip + QPointF(-size * sign, -size * 0.35 * sign))


def _edited(painter: QPainter, box: QRectF) -> None:
    """A pencil on its point."""
    body = [(0.08, 0.92), (0.14, 0.64), (0.68, 0.10), (0.90, 0.32), (0.36, 0.86)]
    painter.drawPolygon(QPolygonF([_at(box, x, y) for x, y in body]))
    painter.drawLine(_at(box, 0.54, 0.24), _at(box, 0.76, 0.46))


def _noted(painter: QPainter, box: QRectF) -> None:
    """A sheet with two lines of writing."""
    sheet = QPainterPath(_at(box, 0.12, 0.04))
    for x, y in ((0.88, 0.04), (0.88, 0.96), (0.12, 0.96)):
        sheet.lineTo(_at(box, x, y))
    sheet.closeSubpath()
    painter.drawPath(sheet)
    painter.drawLine(_at(box, 0.34, 0.36), _at(box, 0.66, 0.36))
    painter.drawLine(_at(box, 0.34, 0.64), _at(box, 0.66, 0.64))


_PAINTERS: Final = {
    Mark.UNSAVED: _unsaved,
    Mark.VANISHED: _vanished,
    Mark.CHANGED: _changed,
    Mark.EDITED: _edited,
    Mark.NOTED: _noted,
}
