"""How wide the columns are and where the parts of a cell stand, from the font in use."""

from __future__ import annotations

import math
from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF

from widgets.labels_table.columns import COUNTS, STRETCHED, TEXTS, Column

PAD: Final = 4.0
_SMALL: Final = 0.82
_SLIDER_EDGES: Final = 21.0  # of a threshold cell: all that is neither track nor number
_NUMBER_LEAST: Final = 7  # characters: a longer number is drawn narrower where room is short
_NAME_SHARE: Final = 0.45  # of the room that is left over for name and threshold
_NAME_LEAST: Final = 6  # characters, before the table scrolls sideways
_NAME_FAIR: Final = 10
_NAME_SCROLLED: Final = 16
_NAME_MOST: Final = 28  # beyond these all further room is the threshold's


def smaller(font: QFont) -> QFont:
    """The font of counts beside a rate."""
    small = QFont(font)
    if font.pointSizeF() > 0:
        small.setPointSizeF(font.pointSizeF() * _SMALL)
    else:
        small.setPixelSize(max(round(font.pixelSize() * _SMALL), 1))
    return small


@dataclass(frozen=True)
class Room:
    """What the widest texts need, in characters; only grows while the labels stay."""

    count: int = 3  # of one count, with its commas
    threshold: int = 5


class Layout:
    """Widths for one font and one Room. Cheap to make, made anew when either changes."""

    def __init__(self, font: QFont, room: Room) -> None:
        self.font = font
        self.small = smaller(font)
        self.bold = QFont(font)
        self.bold.setWeight(QFont.Weight.DemiBold)
        self.metrics = QFontMetricsF(font)
        self._small_metrics = QFontMetricsF(self.small)
        digit = self.metrics.horizontalAdvance("0")
        self.rate_width = self.metrics.horizontalAdvance("0.00") + 1
        self.count_width = self._small_metrics.horizontalAdvance("0" * room.count)
        self.slash_width = self._small_metrics.horizontalAdvance("/")
        self._number_most = digit * room.threshold + 2
        self._number_least = digit * min(room.threshold, _NUMBER_LEAST) + 2
        self.score_width = QFontMetricsF(self.bold).horizontalAdvance("0.000") + 1
        self.glyph = round(self.metrics.height() * 0.78)
        self.mark_width = self.metrics.horizontalAdvance("+")
        self._track_least = self.metrics.height() * 3.0
        self.row_height = round(self.metrics.height() + 9)
        self._room = room

    def least(self, column: Column) -> int:
        """The width at which nothing of the column is cut off (of the name: at which some of it is left)."""
        header = self._small_metrics.horizontalAdvance(TEXTS[column].title) + PAD + 1
        return math.ceil(max(header, self._content(column)))

    def _content(self, column: Column) -> float:
        if column is Column.NAME:
            return self._name(_NAME_FAIR)
        if column is Column.THRESHOLD:
            return self._track_least + self._number_least + _SLIDER_EDGES
        if column is Column.SCORE:
            return self.score_width + self.glyph + self.mark_width + 2 * PAD + 5
        if column is Column.F1:
            return self.rate_width + 2 * PAD
        if column in COUNTS:
            return self.metrics.horizontalAdvance("0" * self._room.count) + 2 * PAD
        return self.rate_width + 2 * self.count_width + self.slash_width + 2 * PAD + 3

    def _name(self, characters: int) -> int:
        return round(self.metrics.averageCharWidth() * characters + 2 * PAD)

    def _short_of_room(self, name: int) -> int:
        """A label column that avoids scrolling sideways if it can, and one that is readable if it cannot."""
        return name if name >= self._name(_NAME_LEAST) else self._name(_NAME_SCROLLED)

    def shortened(self, name: str, room: float) -> str:
        """A name that fits: short ones lose their end, long ones their middle, as long names often begin alike."""
        short = room < self._name(_NAME_FAIR)
        mode = Qt.TextElideMode.ElideRight if short else Qt.TextElideMode.ElideMiddle
        return self.metrics.elidedText(name, mode, room)

    def number_width(self, cell_width: float) -> float:
        """Of a threshold cell: the number's share; the track keeps what it needs to be dragged."""
        left = cell_width - self._track_least - _SLIDER_EDGES
        return min(max(left, self._number_least), self._number_most)

    def widths(self, available: int, hidden: Set[Column], fixed: Mapping[Column, int]) -> dict[Column, int]:
        """The width of each shown column: as ``fixed``, or the least; what is left goes to name and threshold."""
        result = {column: fixed.get(column, self.least(column)) for column in Column if column not in hidden}
        spare = available - sum(result.values())
        free = [column for column in STRETCHED if column in result and column not in fixed]
        if spare <= 0 or not free:
            if Column.NAME in free:
                result[Column.NAME] = self._short_of_room(result[Column.NAME] + spare)
            return result
        if free == list(STRETCHED):
            name = min(round(spare * _NAME_SHARE), max(self._name(_NAME_MOST) - result[Column.NAME], 0))
            result[Column.NAME] += name
            result[Column.THRESHOLD] += spare - name
        else:
            result[free[0]] += spare
        return result


@dataclass(frozen=True)
class ScoreZones:
    """A score cell: number over a thin bar, outcome glyph, mark of the truth."""

    number: QRectF
    bar: QRectF
    glyph: QRectF
    mark: QRectF


def score_zones(cell: QRectF, layout: Layout) -> ScoreZones:
    """Divide a score cell."""
    mark = QRectF(cell.right() - PAD - layout.mark_width, cell.top(), layout.mark_width, cell.height())
    glyph = QRectF(mark.left() - layout.glyph - 2, cell.top(), layout.glyph, cell.height())
    left = cell.left() + PAD
    width = max(glyph.left() - 3 - left, 1.0)
    number = QRectF(left, cell.top(), width, cell.height() - 3)
    return ScoreZones(number, QRectF(left, cell.bottom() - 5.5, width, 3), glyph, mark)


@dataclass(frozen=True)
class RateZones:
    """A precision or recall cell: the rate, then the counts, aligned at their slash."""

    rate: QRectF
    part: QRectF
    whole: QRectF  # begins with the slash


def rate_zones(cell: QRectF, layout: Layout) -> RateZones:
    """Divide a rate cell from its right end."""
    whole_width = layout.slash_width + layout.count_width
    whole = QRectF(cell.right() - PAD - whole_width, cell.top(), whole_width + PAD, cell.height())
    part = QRectF(whole.left() - layout.count_width, cell.top(), layout.count_width, cell.height())
    rate = QRectF(cell.left(), cell.top(), part.left() - 3 - cell.left(), cell.height())
    return RateZones(rate, part, whole)
