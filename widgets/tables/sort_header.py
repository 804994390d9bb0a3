"""The header of a table of labels: small titles, and the mark of the column that sorts."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPolygonF
from PySide6.QtWidgets import QHeaderView, QTableView, QWidget

from widgets.tables.measures import smaller
from widgets.tables.ordered_model import OrderedModel
from widgets.theme import current_theme


class SortHeader(QHeaderView):
    """The sorting mark stands above the title, so that it takes no width. Subclasses write the titles."""

    def __init__(self, model: OrderedModel[Any], parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._ordered = model
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        self._lines = 1
        self._fit_height()

    def set_lines(self, lines: int) -> None:
        """Room for so many lines of small text."""
        if lines != self._lines:
            self._lines = lines
            self._fit_height()
            self.updateGeometry()
            table = self.parentWidget()
            if isinstance(table, QTableView):
                table.updateGeometries()  # a header of another height does not move the rows by itself

    def paint_title(self, painter: QPainter, section: int, area: QRectF) -> float:
        """Write a title in the small font; return the x of its middle, over which the mark goes."""
        raise NotImplementedError

    def _fit_height(self) -> None:
        self.setFixedHeight(round(self.fontMetrics().height() * (1.75 + 0.85 * (self._lines - 1))))

    def changeEvent(self, event: QEvent) -> None:
        """A larger font needs a higher header."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit_height()

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:
        """Title and sorting mark."""
        theme, area = current_theme(), QRectF(rect)
        painter.save()
        painter.fillRect(area, QColor(theme.raised))
        painter.fillRect(QRectF(area.left(), area.bottom() - 1, area.width(), 1), QColor(theme.border))
        painter.setFont(smaller(self.font()))
        painter.setPen(QColor(theme.text))
        middle = self.paint_title(painter, logicalIndex, area)
        if logicalIndex == self._ordered.sort_column:
            self._paint_mark(painter, middle, area.top() + 2)
        painter.restore()

    def _paint_mark(self, painter: QPainter, middle: float, top: float) -> None:
        size = 4.0
        base, tip = (top, top + size) if self._ordered.descending else (top + size, top)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(current_theme().accent))
        painter.drawPolygon(
            QPolygonF([QPointF(middle - size, base), QPointF(middle + size, base), QPointF(middle, tip)])
        )
