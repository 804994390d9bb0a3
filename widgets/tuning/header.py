"""The header of the tuning table: small titles and the mark of the column that sorts."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPolygonF
from PySide6.QtWidgets import QHeaderView, QWidget

from widgets.labels_table.layout import PAD, smaller
from widgets.theme import current_theme
from widgets.tuning.columns import RATES, TEXTS, Column, Fullness
from widgets.tuning.model import TuningModel

_LEFT: Final = (Column.NAME, Column.NOTE)
_NAMED: Final = {Fullness.ALL: "at 0.5 · now → new", Fullness.NO_HALF: "now → new"}


class TuningHeader(QHeaderView):
    """A click sorts: first what gains most or is highest, then the other way round, then the model's order."""

    def __init__(self, model: TuningModel, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._model = model
        self.fullness = Fullness.ALL
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        self.setMinimumSectionSize(16)
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setAccessibleName("Columns of the tuning table")
        self._fit_height()
        self.sectionClicked.connect(self.cycle)

    def cycle(self, section: int) -> None:
        """Sort by a column, the other way round, not at all."""
        column, model = Column(section), self._model
        first = column not in _LEFT  # numbers: the highest first; words: from A
        if model.sort_column is not column:
            model.sort_by(column, descending=first)
        elif model.descending is first:
            model.sort_by(column, descending=not first)
        else:
            model.sort_by(None)
        self.viewport().update()

    def title(self, column: Column) -> str:
        """The title as far as there is room for it."""
        text = TEXTS[column].title
        if column in RATES and self.fullness in _NAMED:
            return f"{text}  {_NAMED[self.fullness]}"
        if column is Column.THRESHOLD and self.fullness is not Fullness.TIGHT:
            return f"{text}  now → new"
        return text

    def _fit_height(self) -> None:
        self.setFixedHeight(round(self.fontMetrics().height() * 1.75))

    def changeEvent(self, event: QEvent) -> None:
        """A larger font needs a higher header."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit_height()

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:
        """Title and sorting mark."""
        theme, column, area = current_theme(), Column(logicalIndex), QRectF(rect)
        painter.save()
        painter.fillRect(area, QColor(theme.raised))
        painter.fillRect(QRectF(area.left(), area.bottom() - 1, area.width(), 1), QColor(theme.border))
        painter.setFont(smaller(self.font()))
        painter.setPen(QColor(theme.text))
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
        if column is self._model.sort_column:
            self._paint_mark(painter, middle, area.top() + 2)
        painter.restore()

    def _paint_mark(self, painter: QPainter, middle: float, top: float) -> None:
        size = 4.0
        base, tip = (top, top + size) if self._model.descending else (top + size, top)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(current_theme().accent))
        painter.drawPolygon(
            QPolygonF([QPointF(middle - size, base), QPointF(middle + size, base), QPointF(middle, tip)])
        )
