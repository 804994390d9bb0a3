"""How wide the columns of the review table are, from the font in use."""

from __future__ import annotations

import math
from typing import Final

from PySide6.QtCore import QRectF
from PySide6.QtGui import QFont, QFontMetricsF

from widgets.labels_table.slider import HANDLE_RADIUS, Zones
from widgets.labels_table.track import Track
from widgets.review.columns import TEXTS, Column
from widgets.tables.measures import PAD, smaller

_NAME_LEAST: Final = 9  # characters
_NAME_MOST: Final = 24
_NOTE_LEAST: Final = 14
_TRACK_LEAST: Final = 12
_THRESHOLD: Final = 7  # characters of a threshold; a longer one is drawn narrower
_NAME_SHARE: Final = 0.3  # of the room that is left over
_NOTE_SHARE: Final = 0.4


class ReviewLayout:
    """Widths for one font."""

    def __init__(self, font: QFont, longest_count: int = 5) -> None:
        self.font = font
        self.small = smaller(font)
        self.metrics = QFontMetricsF(font)
        self.small_metrics = QFontMetricsF(self.small)
        self.row_height = round(self.metrics.height() + 9)
        digit = self.metrics.horizontalAdvance("0")
        share = self.small_metrics.horizontalAdvance("00.0 %")
        fraction = self.small_metrics.horizontalAdvance("0" * longest_count + "/" + "0" * longest_count)
        rate = self.metrics.horizontalAdvance("0.00")
        interval = self.small_metrics.horizontalAdvance("[0.00–0.00]")
        self.second = {Column.REVIEW: share, Column.PRECISION: fraction, Column.LOST: fraction}
        self.third = interval + 2 * PAD
        titles = {column: self.small_metrics.horizontalAdvance(TEXTS[column].title) + 2 * PAD + 4 for column in Column}
        gaps = 4 * PAD + 6  # beside the cell's text, and between its parts
        content = {
            Column.NAME: self._characters(_NAME_LEAST),
            Column.BAND: self._characters(_TRACK_LEAST),
            Column.LOW: digit * _THRESHOLD + 2 * PAD,
            Column.HIGH: digit * _THRESHOLD + 2 * PAD,
            Column.REVIEW: digit * longest_count + share + gaps,
            Column.PRECISION: rate + fraction + gaps,
            Column.LOST: rate + fraction + gaps,
            Column.NOTE: self._characters(_NOTE_LEAST),
        }
        self._least = {column: math.ceil(max(titles[column], content[column])) for column in Column}

    def _characters(self, count: int) -> float:
        return self.metrics.averageCharWidth() * count + 2 * PAD

    def has_intervals(self, available: int, *, notes: bool) -> bool:
        """Whether intervals fit beside the rates."""
        return self._needed(notes) + 2 * self.third <= available

    def _needed(self, notes: bool) -> int:
        return sum(width for column, width in self._least.items() if notes or column is not Column.NOTE)

    def widths(self, available: int, *, notes: bool) -> dict[Column, int]:
        """The width of every column that is shown."""
        result = {column: width for column, width in self._least.items() if notes or column is not Column.NOTE}
        if self.has_intervals(available, notes=notes):
            for column in (Column.PRECISION, Column.LOST):
                result[column] += math.ceil(self.third)
        spare = max(available - sum(result.values()), 0)
        name = min(round(spare * _NAME_SHARE), round(self._characters(_NAME_MOST)) - result[Column.NAME])
        note = round(spare * _NOTE_SHARE) if notes else 0
        result[Column.NAME] += max(name, 0)
        if notes:
            result[Column.NOTE] += note
        result[Column.BAND] += spare - max(name, 0) - note
        return result

    def zones(self, cell: QRectF) -> Zones:
        """The track of a band's cell."""
        left = cell.left() + HANDLE_RADIUS + PAD
        width = max(cell.width() - 2 * (HANDLE_RADIUS + PAD), 1.0)
        return Zones(Track(left, width), cell.center().y(), QRectF())
