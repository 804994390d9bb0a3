"""The three-way control of one statement, the radio button of a multi-class one, and the badge of a key."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QPainter, QPainterPath, QPen, QPixmap

from inference.types import NEGATIVE, POSITIVE, UNKNOWN, UNSAID, Outcome
from inference.types.annotating_view import MIXED
from widgets.annotate.layout import PARTS
from widgets.glyphs import paint_outcome
from widgets.theme import Theme

_ROUND: Final = 3.0
_LOOKS: Final = 200


def fill_of(value: int, theme: Theme) -> QColor:
    """The ground of the part that was said."""
    return QColor({POSITIVE: theme.positive, NEGATIVE: theme.negative}.get(value, theme.border))


class ControlPictures:
    """The control in each of its few looks, drawn once: a row of it costs as much as all the rest of the row."""

    def __init__(self) -> None:
        self._pictures: dict[tuple[object, ...], QPixmap] = {}

    def picture(
        self, value: int, part: int, height: int, ratio: float, theme: Theme, *, quiet: bool, hovered: int | None
    ) -> QPixmap:
        """Three parts of ``part`` x ``height`` logical pixels, with one pixel around them."""
        look = (value, part, height, ratio, theme.name, quiet, hovered)
        if look not in self._pictures:
            if len(self._pictures) > _LOOKS:
                self._pictures.clear()
            size = QSize(len(PARTS) * part + 3, height + 3)
            picture = QPixmap(size * ratio)
            picture.setDevicePixelRatio(ratio)
            picture.fill(Qt.GlobalColor.transparent)
            painter = QPainter(picture)
            parts = tuple(QRectF(1.5 + place * part, 1.5, part, height) for place in range(len(PARTS)))
            paint_control(painter, parts, value, theme, quiet=quiet, hovered=hovered)
            painter.end()
            self._pictures[look] = picture
        return self._pictures[look]


def paint_control(
    painter: QPainter, parts: tuple[QRectF, ...], value: int, theme: Theme, *, quiet: bool, hovered: int | None
) -> None:
    """Plus, minus and question mark, the one that was said filled; ``quiet`` where it cannot be changed.

    Where images differ it is hatched, and only the part under the pointer shows its sign.
    """
    whole = parts[0].united(parts[-1])
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    outline = QPainterPath()
    outline.addRoundedRect(whole, _ROUND, _ROUND)
    if value == MIXED:
        painter.fillPath(outline, QBrush(QColor(theme.border), Qt.BrushStyle.BDiagPattern))
    painter.save()
    painter.setClipPath(outline)
    for part, own in zip(parts, PARTS, strict=True):
        if own == value:
            painter.fillRect(part, fill_of(own, theme))
        elif own == hovered and not quiet:
            painter.fillRect(part, QColor(theme.raised))
    painter.restore()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(theme.line if quiet else theme.border), 1))
    painter.drawPath(outline)
    for part in parts[1:]:
        painter.drawLine(QLineF(part.topLeft(), part.bottomLeft()))
    for part, own in zip(parts, PARTS, strict=True):
        if value == MIXED and own != hovered:
            continue
        ink = QColor(theme.surface if own == value else theme.text if own == hovered and not quiet else theme.muted)
        if quiet and own != value:
            ink.setAlphaF(0.45)
        paint_sign(painter, part, own, ink, strong=own == value)
    painter.restore()


def paint_sign(painter: QPainter, rect: QRectF, value: int, ink: QColor, *, strong: bool) -> None:
    """Plus, minus or question mark, as strokes: fonts differ too much at this size."""
    side = min(rect.width(), rect.height())
    box = QRectF(0, 0, side * 0.62, side * 0.62)
    box.moveCenter(rect.center())
    if value == UNKNOWN:
        paint_outcome(painter, box, Outcome.UNKNOWN, ink)
        return
    half = box.width() * 0.42
    pen = QPen(ink, 2.0 if strong else 1.4)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    centre = rect.center()
    painter.drawLine(QLineF(centre - QPointF(half, 0), centre + QPointF(half, 0)))
    if value == POSITIVE:
        painter.drawLine(QLineF(centre - QPointF(0, half), centre + QPointF(0, half)))


def paint_radio(painter: QPainter, rect: QRectF, value: int, theme: Theme, *, quiet: bool, hovered: bool) -> None:
    """One of many: a filled ring is the image's class, a question mark says that it is not known."""
    side = min(rect.width(), rect.height()) * 0.86
    box = QRectF(0, 0, side, side)
    box.moveCenter(rect.center())
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    chosen = value == POSITIVE
    ink = QColor(theme.positive if chosen else theme.text if hovered and not quiet else theme.border)
    pen = QPen(ink, 2 if chosen else 1.2)
    if value == UNSAID:
        pen.setDashPattern([2.2, 2.2])
    painter.setPen(pen)
    painter.setBrush(QColor(theme.surface))
    painter.drawEllipse(box)
    if chosen:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        painter.drawEllipse(box.center(), side * 0.26, side * 0.26)
    elif value == UNKNOWN:
        paint_sign(painter, box, UNKNOWN, QColor(theme.muted), strong=False)
    elif value == MIXED:
        paint_sign(painter, box, NEGATIVE, QColor(theme.muted), strong=True)
    painter.restore()


def paint_badge(painter: QPainter, rect: QRectF, text: str, font: QFont, theme: Theme) -> None:
    """A key cap."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(theme.border), 1))
    painter.setBrush(QColor(theme.raised))
    painter.drawRoundedRect(rect, _ROUND, _ROUND)
    painter.setFont(font)
    painter.setPen(QColor(theme.text))
    painter.drawText(rect, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextSingleLine), text)
    painter.restore()
