"""How wide the columns of the annotating table are, from the font in use, and where a click lands."""

from __future__ import annotations

import math
from typing import Final

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QFont, QFontMetricsF

from inference.types import NEGATIVE, POSITIVE, UNKNOWN
from widgets.annotate.columns import TEXTS, Column
from widgets.annotate.rows import NO_OUTPUT, NO_OUTPUT_SHORT
from widgets.tables.measures import PAD, smaller

PARTS: Final = (POSITIVE, NEGATIVE, UNKNOWN)  # of the three-way control, from left to right
_NAME_LEAST: Final = 7  # characters
_NAME_WANTED: Final = 14  # with less, the words in the score column are the short ones


class AnnotateLayout:
    """Widths for one font."""

    def __init__(self, font: QFont, *, keys: bool = True, scores: bool = True) -> None:
        self.font = font
        self.bold = QFont(font)
        self.bold.setBold(True)
        self.small = smaller(font)
        self.metrics = QFontMetricsF(font)
        self.small_metrics = QFontMetricsF(self.small)
        self.row_height = round(self.metrics.height() + 10)
        self.part = round(self.metrics.height() * 1.35)  # width of one part of the control
        self.part_height = round(self.metrics.height() * 1.12)
        self.glyph = round(self.metrics.ascent())
        self.keys, self.scores = keys, scores
        self.no_output = NO_OUTPUT

    def widths(self, available: int) -> dict[Column, int]:
        """The width of every column; the name takes what is left over."""
        wanted = self._characters(_NAME_WANTED)
        for self.no_output in (NO_OUTPUT, NO_OUTPUT_SHORT):
            result = self._fixed()
            left = available - sum(result.values())
            if left >= wanted:
                break
        result[Column.NAME] = max(left, self._characters(_NAME_LEAST))
        return result

    def least(self) -> int:
        """Pixels that the columns need together."""
        before, self.no_output = self.no_output, NO_OUTPUT_SHORT
        needed = sum(self._fixed().values()) + self._characters(_NAME_LEAST)
        self.no_output = before
        return needed

    def _characters(self, count: int) -> int:
        return math.ceil(self.metrics.averageCharWidth() * count + 2 * PAD)

    def _fixed(self) -> dict[Column, int]:
        """The columns that need what they need."""
        titles = {column: self.small_metrics.horizontalAdvance(TEXTS[column].title) + 2 * PAD + 6 for column in Column}
        number = QFontMetricsF(self.bold).horizontalAdvance("0.000") + self.glyph + PAD
        score = max(number, self.small_metrics.horizontalAdvance(self.no_output)) + 2 * PAD + 6
        key = self.metrics.horizontalAdvance("M") * 1.6 + 2 * PAD
        return {
            Column.KEY: math.ceil(max(titles[Column.KEY], key)) if self.keys else 0,
            Column.SAID: math.ceil(max(titles[Column.SAID], 3 * self.part + 2 * PAD + 2)),
            Column.SCORE: math.ceil(max(titles[Column.SCORE], score)) if self.scores else 0,
        }

    def control(self, cell: QRectF, parts: int = 3) -> QRectF:
        """The whole control inside its cell."""
        top = round(cell.center().y() - self.part_height / 2)
        return QRectF(round(cell.left() + PAD) + 0.5, top + 0.5, parts * self.part, self.part_height)

    def part_of(self, cell: QRectF, place: int, parts: int = 3) -> QRectF:
        """One part of the control."""
        whole = self.control(cell, parts)
        return QRectF(whole.left() + place * self.part, whole.top(), self.part, whole.height())

    def value_at(self, cell: QRectF, at: QPointF) -> int | None:
        """What a click there says; None beside the control. The height of the row all counts."""
        whole = self.control(cell)
        place = math.floor((at.x() - whole.left()) / self.part)
        return PARTS[place] if 0 <= place < len(PARTS) and cell.contains(at) else None
