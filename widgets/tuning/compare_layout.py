"""How wide the columns of the comparison are, and how its cells are painted: table, header and foot share it."""

from __future__ import annotations

import math
from typing import Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter

from widgets.numbers import format_count
from widgets.tables.measures import PAD, smaller
from widgets.theme import Theme
from widgets.tuning.compare_rows import RATES, TEXTS, CompareRows, Field
from widgets.tuning.delegate import change_ink, paint_change

RIGHT: Final = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine)
LEFT: Final = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine)
_NAME_ROOM: Final = (9, 24)  # characters
_SAMPLED: Final = 64  # labels whose thresholds are measured for the width of their column


class CompareLayout:
    """Widths for one font and one comparison."""

    def __init__(self, font: QFont, rows: CompareRows) -> None:
        self.font, self.small = font, smaller(font)
        self.bold = QFont(font)
        self.bold.setWeight(QFont.Weight.DemiBold)
        self.metrics, self._small_metrics = QFontMetricsF(font), QFontMetricsF(self.small)
        self.row_height = round(self.metrics.height() + 9)
        self.mark = self.metrics.height() * 0.42
        self._change = self._small_metrics.horizontalAdvance("+<0.001")
        self._link, self._strong = QFont(font), QFont(self.bold)
        self._link.setUnderline(True)
        self._rows = rows

    def widths(self, available: int) -> list[int]:
        """The width of each column, the name's first: it takes what is left over, as far as names are long."""
        numbers = [self._number_width(at, field) for at, field in self._rows.columns]
        names = [self.metrics.horizontalAdvance(name) for name in self._rows.labels[:_SAMPLED]]
        least, most = (self.metrics.averageCharWidth() * room + 2 * PAD for room in _NAME_ROOM)
        wanted = min(max([least, *names]) + 3 * PAD, most)
        spare = available - sum(numbers)
        return [math.ceil(max(wanted, spare if not numbers else min(spare, 2 * most))), *numbers]

    def _number_width(self, at: int, field: Field) -> int:
        title = self._small_metrics.horizontalAdvance(TEXTS[field].title) + 3 * PAD
        title += self._difference_width(field) if at else 0
        return math.ceil(max(title, self._content(at, field)) + (PAD if field is Field.THRESHOLD else 0))

    def _content(self, at: int, field: Field) -> float:
        """Room for the longest text, and from the second group on for the difference."""
        rows, column = self._rows, self._rows.columns.index((at, field)) + 1
        if field in RATES:
            text = self.metrics.horizontalAdvance("0.00")
        elif field is Field.THRESHOLD:
            step = 1 + len(rows.labels) // _SAMPLED
            texts = (rows.text(column, label) for label in range(0, len(rows.labels), step))
            text = max((self.metrics.horizontalAdvance(one) for one in texts), default=0.0)
        else:
            longest = max(int(rows.values(column).sum()) if field is Field.PREDICTED else rows.changed_images[at], 10)
            text = self.metrics.horizontalAdvance(format_count(longest))
        return text + 2 * PAD + (self._difference_width(field) if at else 0)

    def _difference_width(self, field: Field) -> float:
        """The mark and the signed number behind a cell."""
        if field is Field.CHANGED:
            return 0.0
        if field not in RATES:
            return self.mark + 6
        return self.mark + self._change + 8

    def value_end(self, right: float, at: int, field: Field) -> float:
        """Where the number of a cell that ends at ``right`` ends, before its difference."""
        return right - PAD - (self._difference_width(field) - 2 if at and self._difference_width(field) else 0)

    def paint_value(
        self,
        painter: QPainter,
        cell: QRectF,
        field: Field,
        at: int,
        said: tuple[str, str, int],
        theme: Theme,
        *,
        strong: bool = False,
    ) -> None:
        """A number and how it differs: only rates get better or worse, and only their difference is written out."""
        text, difference, sign = said
        end = self.value_end(cell.right(), at, field)
        if at and field is not Field.CHANGED:
            ink = change_ink(sign, theme) if field in RATES else theme.muted
            paint_change(painter, QRectF(end + 4, cell.top(), self.mark, cell.height()), sign, ink)
            if field in RATES:
                room = QRectF(end + self.mark + 6, cell.top(), self._change, cell.height())
                self.write(painter, room, difference, ink, self.small, LEFT)
        link = field is Field.CHANGED and text not in ("", "0")
        ink = theme.accent if link else theme.muted if text == "0" else theme.text
        font = self._link if link else self._strong if strong else self.font
        self.write(painter, QRectF(cell.left(), cell.top(), end - cell.left(), cell.height()), text, ink, font, RIGHT)

    def write(self, painter: QPainter, room: QRectF, text: str, ink: str, font: QFont, flags: int) -> None:
        """A line of text."""
        if text:
            painter.setFont(font)
            painter.setPen(QColor(ink))
            painter.drawText(room, flags, text)

    def group_line(self, painter: QPainter, cell: QRectF, theme: Theme) -> None:
        """Where a group of columns begins."""
        painter.fillRect(QRectF(cell.left(), cell.top(), 1, cell.height()), QColor(theme.border))
