"""Painting of a threshold slider, for the table's cells and the row that moves all labels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from inference.types import LogitSpan
from widgets.labels_table.track import Track
from widgets.theme import Theme

HANDLE_RADIUS: Final = 6.0
GRAB_RADIUS: Final = 9.0
_GROOVE: Final = 4.0
_TICK: Final = 7.0
_GAP: Final = 4.0
_MARGIN: Final = 3.0
_BAND: Final = 5.0  # half its height
_BAND_LEAST: Final = 3.0
_PLATEAU: Final = HANDLE_RADIUS + 0.5  # below the track
_PLATEAU_LEAST: Final = 2.0
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


def zones(cell: QRectF, number_width: float, span: LogitSpan | None = None) -> Zones:
    """Divide a cell between its track, even in the logit over a ``span``, and its number."""
    left = cell.left() + HANDLE_RADIUS + 1
    number = QRectF(cell.right() - number_width - _MARGIN, cell.top(), number_width, cell.height())
    width = max(number.left() - _GAP - HANDLE_RADIUS + 2 - left, 1.0)
    return Zones(Track(left, width, span), cell.center().y(), number)


@dataclass(frozen=True)
class SliderLook:
    """What to draw on a track."""

    value: float | None  # None: the thresholds differ and no handle stands for them
    score: float = math.nan  # of the current image, drawn as a tick
    spread: Sequence[float] = ()  # where the thresholds stand that differ
    enabled: bool = True
    strong: bool = False  # the current row, or the one dragged
    band: tuple[float, float] | None = None  # where tuning on other images would put the threshold
    plateau: tuple[float, float] | None = None  # where the threshold may stand and nothing changes


def paint_slider(painter: QPainter, where: Zones, look: SliderLook, theme: Theme) -> None:
    """Band, groove, the part of it that predicts, plateau, score tick, spread and handle."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if look.band is not None:
        _paint_band(painter, where, look.band, theme)
    _paint_groove(painter, where, look, theme)
    if look.plateau is not None and look.enabled:
        _paint_plateau(painter, where, look.plateau, theme)
    if len(look.spread):
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


def _paint_band(painter: QPainter, where: Zones, band: tuple[float, float], theme: Theme) -> None:
    left, right = _ends(where, band, _BAND_LEAST)
    ink = QColor(theme.muted)
    painter.setPen(QPen(_faint(ink, 150), 1))
    painter.setBrush(_faint(QColor(theme.muted), 70))
    painter.drawRoundedRect(QRectF(left, where.middle - _BAND, right - left, 2 * _BAND), 2, 2)


def _paint_plateau(painter: QPainter, where: Zones, plateau: tuple[float, float], theme: Theme) -> None:
    left, right = _ends(where, plateau, _PLATEAU_LEAST)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.text))
    painter.drawRect(QRectF(left, where.middle + _PLATEAU, right - left, 1.5))


def _ends(where: Zones, stretch: tuple[float, float], least: float) -> tuple[float, float]:
    left, right = (where.track.x_of(end) for end in stretch)
    spare = max(least - (right - left), 0.0) / 2
    return left - spare, right + spare


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
