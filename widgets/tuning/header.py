"""The header of the tuning table: titles as full as there is room for, and sorting by a click."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHeaderView, QWidget

from widgets.tables.measures import PAD
from widgets.tables.sort_header import SortHeader
from widgets.tuning.columns import RATES, TEXTS, Column, Fullness
from widgets.tuning.model import TuningModel

_LEFT: Final = (Column.NAME, Column.GOAL, Column.NOTE)
_NAMED: Final = {Fullness.ALL: "at 0.5 · now → new", Fullness.NO_HALF: "now → new"}


class TuningHeader(SortHeader):
    """A click sorts: first what gains most or is highest, then the other way round, then the model's order."""

    def __init__(self, model: TuningModel, parent: QWidget) -> None:
        super().__init__(model, parent)
        self._model = model
        self.fullness = Fullness.ALL
        self.setMinimumSectionSize(16)
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setAccessibleName("Columns of the tuning table")
        self.sectionClicked.connect(self.cycle)

    def cycle(self, section: int) -> None:
        """Sort by a column, the other way round, not at all."""
        column = Column(section)
        wanted, descending = self._model.next_sort(column, descending_first=column not in _LEFT)  # words: from A
        self._model.sort_by(wanted, descending=descending)
        self.viewport().update()

    def title(self, column: Column) -> str:
        """The title as far as there is room for it."""
        text = TEXTS[column].title
        if column in RATES and self.fullness in _NAMED:
            return f"{text}  {_NAMED[self.fullness]}"
        if column is Column.BIAS:
            return f"{text}  now → new"
        if column is Column.THRESHOLD and self.fullness is not Fullness.TIGHT:
            return f"{text}  now → new"
        return text

    def paint_title(self, painter: QPainter, section: int, area: QRectF) -> float:
        """The title where its cells have their text, shorter where it does not fit."""
        column = Column(section)
        left = column in _LEFT
        inset = (2 * PAD if column is Column.NOTE else PAD) if left else 0
        room = area.adjusted(inset, 3, -PAD, 0)
        side = Qt.AlignmentFlag.AlignLeft if left else Qt.AlignmentFlag.AlignRight
        title = self.title(column)
        width = painter.fontMetrics().horizontalAdvance(title)
        if width > room.width():
            title = TEXTS[column].title
            width = painter.fontMetrics().horizontalAdvance(title)
        middle = room.left() + width / 2 if left else room.right() - width / 2
        if column in RATES:
            side, middle = Qt.AlignmentFlag.AlignHCenter, room.center().x()
        painter.drawText(room, int(side | Qt.AlignmentFlag.AlignVCenter), title)
        return middle
