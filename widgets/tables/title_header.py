"""The header of a table of labels with one line of titles, sorting by a click."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHeaderView, QWidget

from widgets.tables.measures import PAD
from widgets.tables.ordered_model import OrderedModel
from widgets.tables.sort_header import SortHeader


class TitleHeader(SortHeader):
    """A click sorts: highest first, then the other way round, then the model's order.

    Titles of the columns in ``left`` begin at the left, others end at the right; those in ``words`` sort from A first.
    """

    def __init__(
        self,
        model: OrderedModel[Any],
        columns: type[IntEnum],
        parent: QWidget,
        *,
        left: tuple[IntEnum, ...],
        words: tuple[IntEnum, ...],
    ) -> None:
        super().__init__(model, parent)
        self._columns, self._left, self._words = columns, left, words
        self.setMinimumSectionSize(16)
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.sectionClicked.connect(self.cycle)

    def cycle(self, section: int) -> None:
        """Sort by a column, the other way round, not at all."""
        column = self._columns(section)
        wanted, descending = self._ordered.next_sort(column, descending_first=column not in self._words)
        self._ordered.sort_by(wanted, descending=descending)
        self.viewport().update()

    def paint_title(self, painter: QPainter, section: int, area: QRectF) -> float:
        """The title where its cells have their text."""
        left = section in self._left
        room = area.adjusted(PAD + 2, 3, -PAD - 2, 0)
        side = Qt.AlignmentFlag.AlignLeft if left else Qt.AlignmentFlag.AlignRight
        title = self._ordered.headerData(section, Qt.Orientation.Horizontal) or ""
        width = painter.fontMetrics().horizontalAdvance(title)
        painter.drawText(room, int(side | Qt.AlignmentFlag.AlignVCenter), title)
        return room.left() + width / 2 if left else room.right() - width / 2
