"""How wide the columns are and where the parts of a cell stand, from the font in use."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF

from inference.types import LogitSpan
from widgets.labels_table.columns import COUNTS, FRACTIONS, QUALITY, STRETCHED, TEXTS, Column
from widgets.labels_table.slider import EDGES, Zones, zones
from widgets.labels_table.texts import Texts
from widgets.tables.measures import PAD, smaller

NUMBER_PAD: Final = 2.5  # on both sides of a number
_NUMBER_LEAST: Final = 7  # characters: a longer number is drawn narrower where room is short
_TRACK_LEAST: Final = 70.0  # pixels at the usual font, before the table scrolls sideways
_TRACK_FAIR: Final = 90.0
_TRACK_AMPLE: Final = 150.0  # from here on a long number gets what it needs
_USUAL_HEIGHT: Final = 14.0  # of a line, in pixels, at which these hold; they grow with the font
_NAME_SHARE: Final = 0.2  # of the room that is left over when name and track have a fair one
_NAME_LEAST: Final = 6  # characters, before the table scrolls sideways
_NAME_FAIR: Final = 10
_NAME_LONG: Final = 22  # long names go before the counts beside the rates
_NAME_SCROLLED: Final = 16
_NAME_MOST: Final = 28  # beyond these all further room is the threshold's


@dataclass(frozen=True)
class Room:
    """What the widest texts need, in characters: those of counts only grow while the labels stay."""

    counts: tuple[int, ...] = (3,) * len(COUNTS)  # of each of COUNTS, with commas
    threshold: int = 5
    name: int = _NAME_FAIR  # of the longest label, as far as room is made for it

    @staticmethod
    def for_names(names: Sequence[str]) -> int:
        """The characters for `name`."""
        return min(max(map(len, names), default=0), _NAME_LONG) if names else _NAME_FAIR

    def of(self, column: Column) -> int:
        """The characters of one of COUNTS."""
        return self.counts[COUNTS.index(column)]


class Layout:
    """Widths for one font and one Room. Cheap to make, made anew when either changes."""

    def __init__(self, font: QFont, room: Room, span: LogitSpan | None = None) -> None:
        self.font = font
        self.span = span  # of tracks that are even in the logit
        self.small = smaller(font)
        self.bold = QFont(font)
        self.bold.setWeight(QFont.Weight.DemiBold)
        self.texts, self.small_texts, self.bold_texts = Texts(font), Texts(self.small), Texts(self.bold)
        self.metrics = QFontMetricsF(font)
        self._small_metrics = QFontMetricsF(self.small)
        digit = self.metrics.horizontalAdvance("0")
        self.rate_width = self.metrics.horizontalAdvance("0.00") + 1
        self.part_width = self._small_metrics.horizontalAdvance(_count_of(room.of(Column.TP)))
        whole = max(room.of(Column.SUPPORT), room.of(Column.PREDICTED))
        self.whole_width = self._small_metrics.horizontalAdvance("/" + _count_of(whole))
        self._number_most = digit * room.threshold + 2
        self._number_least = digit * min(room.threshold, _NUMBER_LEAST) + 2
        self.score_width = QFontMetricsF(self.bold).horizontalAdvance("0.000") + 1
        self.glyph = round(self.metrics.height() * 0.78)
        self.mark_width = self.metrics.horizontalAdvance("+")
        self.row_height = round(self.metrics.height() + 9)
        self._scale = max(self.metrics.height() / _USUAL_HEIGHT, 1.0)
        self._room = room

    def least(self, column: Column, *, fractions: bool = True) -> int:
        """The width at which nothing of the column is cut off (of the name: at which it is readable).

        Without ``fractions``, a rate stands without its counts.
        """
        header = self._small_metrics.horizontalAdvance(TEXTS[column].title) + NUMBER_PAD + 1
        return math.ceil(max(header, self._content(column, fractions)))

    def _content(self, column: Column, fractions: bool) -> float:
        if column is Column.NAME:
            return self._name(_NAME_FAIR)
        if column is Column.THRESHOLD:
            return self._threshold(_TRACK_LEAST)
        if column is Column.SCORE:
            return self.score_width + self.glyph + self.mark_width + 2 * NUMBER_PAD + 5
        if column in COUNTS:
            return self.metrics.horizontalAdvance(_count_of(self._room.of(column))) + 2 * NUMBER_PAD
        if column in QUALITY:
            return self.metrics.horizontalAdvance("0.000") + 1 + 2 * NUMBER_PAD
        if column is Column.MCC:
            return self.metrics.horizontalAdvance("\N{MINUS SIGN}0.00") + 1 + 2 * NUMBER_PAD
        rate = self.rate_width + 2 * NUMBER_PAD
        return rate + self.part_width + self.whole_width + 3 if column in FRACTIONS and fractions else rate

    def has_fraction(self, column: Column, width: float) -> bool:
        """Whether a cell of precision or recall has room for the counts beside the rate."""
        return width >= self._content(column, True)

    def _threshold(self, track: float) -> int:
        return math.ceil(track * self._scale + self._number_least + EDGES)

    def _name(self, characters: int) -> int:
        return round(self.metrics.averageCharWidth() * characters + 2 * PAD)

    def shortened(self, name: str, room: float) -> str:
        """A name that fits: short ones lose their end, long ones their middle, as long names often begin alike."""
        short = room < self._name(_NAME_FAIR)
        mode = Qt.TextElideMode.ElideRight if short else Qt.TextElideMode.ElideMiddle
        return self.metrics.elidedText(name, mode, room)

    def number_width(self, cell_width: float) -> float:
        """Of a threshold cell: the number's share; one long number does not shorten every track."""
        left = cell_width - _TRACK_AMPLE * self._scale - EDGES
        return min(max(left, self._number_least), self._number_most)

    def zones(self, cell: QRectF, number_width: float | None = None) -> Zones:
        """Track and number of a threshold cell."""
        return zones(cell, self.number_width(cell.width()) if number_width is None else number_width, self.span)

    def widths(self, available: int, hidden: Set[Column], fixed: Mapping[Column, int]) -> dict[Column, int]:
        """The width of each shown column: as ``fixed``, or what it needs; what is left goes to name and threshold.

        Where room is short, rates lose their counts; where it is shorter still, the table scrolls sideways.
        """
        shown = [column for column in Column if column not in hidden]
        free = [column for column in STRETCHED if column in shown and column not in fixed]
        result: dict[Column, int] = {}
        for fractions in (True, False):
            result = {column: fixed.get(column, self.least(column, fractions=fractions)) for column in shown}
            if Column.NAME in free:
                result[Column.NAME] = self._name(_NAME_LEAST)
            room = available
            if Column.NAME in free:
                room -= max(self._name(self._room.name) - self._name(_NAME_FAIR), 0)
            if sum(result.values()) <= room:
                break
        self._share(result, free, available - sum(result.values()))
        return result

    def _share(self, result: dict[Column, int], free: Sequence[Column], spare: int) -> None:
        """Give ``spare`` pixels first to the track until it is fair, then to the name, then mainly to the track."""
        name, track = Column.NAME, Column.THRESHOLD
        if spare < 0 and name in free:
            result[name] = self._name(_NAME_SCROLLED)
        if spare <= 0 or not free:
            return
        if len(free) == 1:
            result[free[0]] += spare
            return
        for column, fair in (
            (track, self._threshold(_TRACK_FAIR)),
            (name, self._name(max(_NAME_FAIR, self._room.name))),
        ):
            given = min(spare, max(fair - result[column], 0))
            result[column] += given
            spare -= given
        given = min(round(spare * _NAME_SHARE), max(self._name(_NAME_MOST) - result[name], 0))
        result[name] += given
        result[track] += spare - given


def _count_of(characters: int) -> str:
    """The widest count of so many characters, commas among them."""
    return f"{10 ** (characters - characters // 4 - 1):,}"


@dataclass(frozen=True)
class ScoreZones:
    """A score cell: number over a thin bar, outcome glyph, mark of the truth."""

    number: QRectF
    bar: QRectF
    glyph: QRectF
    mark: QRectF


def score_zones(cell: QRectF, layout: Layout) -> ScoreZones:
    """Divide a score cell."""
    mark = QRectF(cell.right() - NUMBER_PAD - layout.mark_width, cell.top(), layout.mark_width, cell.height())
    glyph = QRectF(mark.left() - layout.glyph - 2, cell.top(), layout.glyph, cell.height())
    left = cell.left() + NUMBER_PAD
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
    left = cell.right() - NUMBER_PAD - layout.whole_width
    whole = QRectF(left, cell.top(), layout.whole_width + NUMBER_PAD, cell.height())
    part = QRectF(left - layout.part_width, cell.top(), layout.part_width, cell.height())
    rate = QRectF(cell.left(), cell.top(), part.left() - 3 - cell.left(), cell.height())
    return RateZones(rate, part, whole)
