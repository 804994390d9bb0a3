"""A thin bar under a rate: from 0 at its left to 1 at its right, the interval on it, and the rate as a tick."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from widgets.labels_table.inks import Inks
from widgets.labels_table.layout import NUMBER_PAD

RAISED: Final = 3.0  # pixels by which the number moves up
_HEIGHT: Final = 2.0
_TICK: Final = 4.0
_UP: Final = 5.0  # of its top, from the bottom of the cell
_LEAST: Final = 2.0


def paint_interval(
    painter: QPainter, cell: QRectF, rate: float, ends: tuple[float, float], inks: Inks, *, few: bool
) -> None:
    """Paint the bar in a cell. With ``few`` positives the interval is as pale as a border."""
    left, width, top = cell.left() + NUMBER_PAD, cell.width() - 2 * NUMBER_PAD, cell.bottom() - _UP
    low, high = ends
    painter.fillRect(QRectF(left, top, width, _HEIGHT), inks.track)
    painter.fillRect(
        QRectF(left + width * low, top, max(width * (high - low), _LEAST), _HEIGHT), inks.border if few else inks.muted
    )
    painter.fillRect(QRectF(left + width * rate - 1, top - 1, 2, _TICK), inks.muted if few else inks.text)
