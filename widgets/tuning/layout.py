"""How wide the columns of the tuning table are, and where the parts of a cell stand, from the font in use."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF

from widgets.tables.measures import PAD, smaller
from widgets.tuning.columns import GIVES_WAY, OFTEN_HIDDEN, TEXTS, Column, Fullness

ARROW: Final = "→"
LEAST_ROOM: Final = (3, 5, 3)  # characters: threshold now, proposed, flips
_NAME_LEAST: Final = 9  # characters before the table scrolls sideways
_NAME_MOST: Final = 26
_NAME_SCROLLED: Final = 12  # of a table that scrolls: names must leave room for numbers
_NOTE_LEAST: Final = 10
_GOAL_LEAST: Final = 17
_GOAL_MOST: Final = 24
_NAME_SHARE: Final = 0.35  # of the room that is left over


@dataclass(frozen=True)
class RateParts:
    """A rate cell from left to right; ``half`` and ``now`` have no width where they are left out."""

    half: QRectF
    now: QRectF
    arrow: QRectF
    then: QRectF
    mark: QRectF
    change: QRectF


@dataclass(frozen=True)
class ThresholdParts:
    """A threshold cell; ``now`` and ``arrow`` have no width where they are left out."""

    now: QRectF
    arrow: QRectF
    then: QRectF


class TableLayout:
    """Widths for one font and, as ``room``, so many characters of thresholds now and proposed, and of flips.

    ``hidden`` are the columns for which there is nothing to show; some of the others give way where room is short.
    """

    def __init__(
        self,
        font: QFont,
        room: tuple[int, int, int] = LEAST_ROOM,
        hidden: frozenset[Column] = OFTEN_HIDDEN,
    ) -> None:
        now, then, flips = room
        self.font = font
        self._hidden = hidden
        self.small = smaller(font)
        self.bold = QFont(font)
        self.bold.setWeight(QFont.Weight.DemiBold)
        self.metrics = QFontMetricsF(font)
        small = QFontMetricsF(self.small)
        digit = self.metrics.horizontalAdvance("0")
        self.row_height = round(self.metrics.height() + 9)
        self._rate = self.metrics.horizontalAdvance("0.00") + 1
        self._then = QFontMetricsF(self.bold).horizontalAdvance("0.00") + 1
        self._half = small.horizontalAdvance("0.00") + 7
        self._arrow = self.metrics.horizontalAdvance(ARROW) + 6
        self.mark_side = self.metrics.height() * 0.42
        self._change = small.horizontalAdvance("+<0.001") + 2
        self._now_threshold = digit * now + 2
        self._then_threshold = QFontMetricsF(self.bold).horizontalAdvance("0") * then + 2
        self._flips = digit * flips
        self._interval = small.horizontalAdvance("0.00–0.00") + 2
        self._bias = self.metrics.horizontalAdvance("−0.00") + 2
        self._new_bias = QFontMetricsF(self.bold).horizontalAdvance("−0.00") + 2
        self._lock = self.metrics.height() + 6
        self._titles = {column: small.horizontalAdvance(TEXTS[column].title) + 2 * PAD + 2 for column in Column}

    def least(self, column: Column, fullness: Fullness) -> int:
        """The width at which nothing that the fullness asks for is cut off."""
        return math.ceil(max(self._titles[column], self._content(column, fullness)))

    def _content(self, column: Column, fullness: Fullness) -> float:
        if column is Column.LOCK:
            return self._lock
        if column is Column.NAME:
            return self._characters(_NAME_LEAST)
        if column is Column.THRESHOLD:
            now = 0.0 if fullness is Fullness.TIGHT else self._now_threshold
            return now + self._arrow + self._then_threshold + 2 * PAD
        if column is Column.FLIPS:
            return self._flips + 2 * PAD
        if column is Column.GOAL:
            return self._characters(_GOAL_LEAST)
        if column is Column.INTERVAL:
            return self._interval + 2 * PAD
        if column is Column.FORMULA:
            return self._rate + 2 * PAD
        if column is Column.BIAS:
            return self._bias + self._arrow + self._new_bias + 2 * PAD
        if column is Column.NOTE:
            return self._characters(_NOTE_LEAST)
        left = {Fullness.ALL: self._half + self._rate + self._arrow, Fullness.NO_HALF: self._rate + self._arrow}
        return left.get(fullness, 0.0) + self._then + self.mark_side + 5 + self._change + 3 * PAD

    def _characters(self, count: int) -> int:
        return round(self.metrics.averageCharWidth() * count + 2 * PAD)

    def shown(self, available: int) -> tuple[Column, ...]:
        """The columns that there is something to show in and room for."""
        wanted = [column for column in Column if column not in self._hidden]
        for column in GIVES_WAY:
            if column in wanted and self._needed(wanted, Fullness.CHANGE) > available:
                wanted.remove(column)
        return tuple(wanted)

    def _needed(self, columns: Sequence[Column], fullness: Fullness) -> int:
        return sum(self.least(column, fullness) for column in columns)

    def fullness(self, available: int) -> Fullness:
        """The fullest writing that fits."""
        columns = self.shown(available)
        fitting = (fullness for fullness in Fullness if self._needed(columns, fullness) <= available)
        return next(fitting, Fullness.TIGHT)

    def widths(self, available: int) -> dict[Column, int]:
        """The width of each column that is shown: the least; what is left goes to name, goal and note."""
        fullness = self.fullness(available)
        result = {column: self.least(column, fullness) for column in self.shown(available)}
        spare = available - sum(result.values())
        if spare < 0:
            result[Column.NAME] = self._characters(_NAME_SCROLLED)
            result[Column.NOTE] = self._characters(3 * _NOTE_LEAST)
            return result
        for column, most in ((Column.GOAL, _GOAL_MOST), (Column.NAME, _NAME_MOST)):
            if column in result:
                more = max(min(round(spare * _NAME_SHARE), self._characters(most) - result[column]), 0)
                result[column] += more
                spare -= more
        result[Column.NOTE] += spare
        return result

    def shortened(self, text: str, room: float, *, middle: bool = False) -> str:
        """A text that fits; long names often begin alike, so that they lose their middle."""
        mode = Qt.TextElideMode.ElideMiddle if middle else Qt.TextElideMode.ElideRight
        return self.metrics.elidedText(text, mode, room)

    def rate_parts(self, cell: QRectF, fullness: Fullness) -> RateParts:
        """Divide a rate cell from its right end."""
        right = cell.right() - 2 * PAD
        change, right = _cut(cell, right, self._change)
        mark, right = _cut(cell, right - 1, self.mark_side)
        then, right = _cut(cell, right - 4, self._then)
        arrow, right = _cut(cell, right, 0 if fullness >= Fullness.CHANGE else self._arrow)
        now, right = _cut(cell, right, 0 if fullness >= Fullness.CHANGE else self._rate)
        half, right = _cut(cell, right - 7, 0 if fullness > Fullness.ALL else self._half)
        return RateParts(half, now, arrow, then, mark, change)

    def bias_parts(self, cell: QRectF) -> ThresholdParts:
        """Divide a bias cell: now, arrow, proposed, all aligned to their right ends."""
        then, right = _cut(cell, cell.right() - PAD, self._new_bias)
        arrow, right = _cut(cell, right, self._arrow)
        now, right = _cut(cell, right, self._bias)
        return ThresholdParts(now, arrow, then)

    def threshold_parts(self, cell: QRectF, fullness: Fullness) -> ThresholdParts:
        """Divide a threshold cell: now, arrow, proposed, all aligned to their right ends."""
        then, right = _cut(cell, cell.right() - PAD, self._then_threshold)
        arrow, right = _cut(cell, right, self._arrow)
        now, right = _cut(cell, right, 0 if fullness is Fullness.TIGHT else self._now_threshold)
        return ThresholdParts(now, arrow, then)


def _cut(cell: QRectF, right: float, width: float) -> tuple[QRectF, float]:
    """A piece that ends at ``right``, and where it begins."""
    return QRectF(right - width, cell.top(), width, cell.height()), right - width
