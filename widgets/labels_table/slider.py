"""Painting of a threshold slider, for the table's cells and the row that moves all labels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from widgets.labels_table.track import Track
from widgets.theme import Theme

HANDLE_RADIUS: Final = 6.0
GRAB_RADIUS: Final = 9.0
_GROOVE: Final = 4.0
_TICK: Final = 7.0
_GAP: Final = 4.0
_MARGIN: Final = 3.0
EDGES: Final = 2 * HANDLE_RADIUS - 1 + _GAP + _MARGIN  # of a cell: all that is neither track nor number


@dataclass(frozen=True)
class Zones:
    """A threshold cell: the track on the left, the number on the right."""

    track: Track
    middle: float  # y of the track
    number: QRectF

    def on_track(self, x: float) -> bool:
        """Whether a press at ``x`` takes the slider and not the number."""
        return self.track.left - GRAB_RADIUS <= x <= self.track.left + self.track.width + GRAB_RADIUS

    def on_handle(self, x: float, value: float) -> bool:
        """Whether ``x`` is close enough to the handle to take it without moving it."""
        return abs(x - self.track.x_of(value)) <= GRAB_RADIUS


def zones(cell: QRectF, number_width: float) -> Zones:
    """Divide a cell between its track and its number."""
    left = cell.left() + HANDLE_RADIUS + 1
    number = QRectF(cell.right() - number_width - _MARGIN, cell.top(), number_width, cell.height())
    width = max(number.left() - _GAP - HANDLE_RADIUS + 2 - left, 1.0)
    return Zones(Track(left, width), cell.center().y(), number)


@dataclass(frozen=True)
class SliderLook:
    """What to draw on a track."""

    value: float | None  # None: the thresholds differ and no handle stands for them
    score: float = math.nan  # of the current image, drawn as a tick
    spread: Sequence[float] = ()  # where the thresholds stand that differ
    enabled: bool = True
    strong: bool = False  # the current row, or the one dragged
    background: QColor | None = None


def paint_slider(painter: QPainter, where: Zones, look: SliderLook, theme: Theme) -> None:
    """Groove, the part of it that predicts, score tick, spread and handle."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _paint_groove(painter, where, look, theme)
    _paint_spread(painter, where, look, theme)
    if not math.isnan(look.score):
        _paint_score(painter, where, look, theme)
    if look.value is not None:
        _paint_handle(painter, where, look.value, look, theme)
    painter.restore()


def _paint_groove(painter: QPainter, where: Zones, look: SliderLook, theme: Theme) -> None:
    track, top = where.track, where.middle - _GROOVE / 2
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.track))
    painter.drawRoundedRect(QRectF(track.left, top, track.width, _GROOVE), 2, 2)
    if look.value is not None and look.enabled:
        # Scores from the handle to the right end are predicted: that part is filled.
        start = track.x_of(look.value)
        painter.setBrush(_faint(QColor(theme.accent), 150))
        painter.drawRoundedRect(QRectF(start, top, track.left + track.width - start, _GROOVE), 2, 2)


def _paint_spread(painter: QPainter, where: Zones, look: SliderLook, theme: Theme) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_faint(QColor(theme.accent if look.enabled else theme.muted), 150))
    width = 2.0 if len(look.spread) < where.track.width / 6 else 1.0
    for value in look.spread:
        x = where.track.x_of(value)
        painter.drawRect(QRectF(x - width / 2, where.middle - _TICK + 1, width, 2 * _TICK - 2))


def _paint_score(painter: QPainter, where: Zones, look: SliderLook, theme: Theme) -> None:
    x = where.track.x_of(look.score)
    painter.setPen(QPen(QColor(theme.text if look.enabled else theme.muted), 2))
    painter.drawLine(QPointF(x, where.middle - _TICK), QPointF(x, where.middle + _TICK))


def _paint_handle(painter: QPainter, where: Zones, value: float, look: SliderLook, theme: Theme) -> None:
    ink = QColor(theme.accent if look.enabled else theme.border)
    fill = ink if look.strong and look.enabled else QColor(theme.surface)
    painter.setPen(QPen(ink, 2))
    painter.setBrush(fill)
    centre = QPointF(where.track.x_of(value), where.middle)
    radius = HANDLE_RADIUS - 1
    if 0 <= value <= 1:
        painter.drawEllipse(centre, radius, radius)
        return
    # Beyond the track's end: an arrow that says where.
    out = math.copysign(radius, value)
    painter.drawPolygon(
        QPolygonF([centre + QPointF(out, 0), centre + QPointF(-out, -radius), centre + QPointF(-out, radius)])
    )


def _faint(colour: QColor, alpha: int) -> QColor:
    colour.setAlpha(alpha)
    return colour
