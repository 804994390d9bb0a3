"""Paints the cells of the annotating table."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from inference.types import Task
from widgets.annotate.columns import Column
from widgets.annotate.layout import AnnotateLayout
from widgets.annotate.model import AnnotateModel
from widgets.annotate.paint import ControlPictures, paint_badge, paint_radio
from widgets.glyphs import paint_outcome
from widgets.tables.cells import LEFT, RIGHT, paint_ground
from widgets.tables.measures import PAD
from widgets.tables.ordered_model import Index
from widgets.theme import Theme, current_theme

_COLUMNS: Final = tuple(Column)


class AnnotateDelegate(QStyledItemDelegate):
    """One row: key, name, annotation, score and decision."""

    def __init__(self, model: AnnotateModel, layout: AnnotateLayout, parent: QObject) -> None:
        super().__init__(parent)
        self._model = model
        self.layout = layout
        self._pictures = ControlPictures()
        self.hovered: tuple[int, int] | None = None  # label and value under the pointer

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """One cell."""
        theme, column = current_theme(), _COLUMNS[index.column()]
        label, cell = self._model.label_at(index.row()), QRectF(option.rect)
        paint_ground(painter, cell, theme, selected=bool(option.state & QStyle.StateFlag.State_Selected))
        room = cell.adjusted(PAD + 2, 0, -PAD - 2, 0)
        if column is Column.KEY:
            self._paint_key(painter, cell, label, theme)
        elif column is Column.NAME:
            self._paint_name(painter, room, label, theme)
        elif column is Column.SAID:
            self._paint_said(painter, option, label, theme)
        else:
            self._paint_score(painter, room, label, theme)

    def _paint_key(self, painter: QPainter, cell: QRectF, label: int, theme: Theme) -> None:
        key = self._model.rows.entries[label].key
        if not key:
            return
        layout = self.layout
        width = max(layout.part_height, layout.metrics.horizontalAdvance(key) + 2 * PAD)
        cap = QRectF(0, 0, round(width), layout.part_height)
        cap.moveTopLeft(cell.topLeft() + layout.control(cell).topLeft() - cell.topLeft())
        paint_badge(painter, cap, key, layout.font, theme)

    def _paint_name(self, painter: QPainter, room: QRectF, label: int, theme: Theme) -> None:
        shown = self.layout.metrics.elidedText(self._model.rows.name(label), Qt.TextElideMode.ElideMiddle, room.width())
        painter.setFont(self.layout.font)
        painter.setPen(QColor(theme.text))
        painter.drawText(room, LEFT, shown)

    def _paint_said(self, painter: QPainter, option: QStyleOptionViewItem, label: int, theme: Theme) -> None:
        rows, layout, cell = self._model.rows, self.layout, QRectF(option.rect)
        quiet = rows.read_only or not option.state & QStyle.StateFlag.State_Enabled
        over = self.hovered[1] if self.hovered is not None and self.hovered[0] == label else None
        if rows.task is Task.MULTICLASS:
            where = layout.part_of(cell, 0, 1)
            paint_radio(painter, where, rows.said(label), theme, quiet=quiet, hovered=over is not None)
            return
        ratio = painter.device().devicePixelRatio()
        picture = self._pictures.picture(
            rows.said(label), layout.part, layout.part_height, ratio, theme, quiet=quiet, hovered=over
        )
        painter.drawPixmap(layout.control(cell).topLeft() - QPointF(1.5, 1.5), picture)

    def _paint_score(self, painter: QPainter, room: QRectF, label: int, theme: Theme) -> None:
        """The score, bold where the label is predicted, after the glyph of its outcome."""
        rows, layout = self._model.rows, self.layout
        outcome = rows.outcome(label)
        if outcome is not None:
            top = room.center().y() - layout.glyph / 2
            paint_outcome(painter, QRectF(room.left(), top, layout.glyph, layout.glyph), outcome)
        scored, output = rows.has_score(label), rows.entries[label].has_output
        predicted = scored and bool(rows.predicted[label])
        painter.setFont(layout.bold if predicted else layout.font if output else layout.small)
        painter.setPen(QColor(theme.text if predicted else theme.muted))
        painter.drawText(room, RIGHT, rows.score_text(label) if output else layout.no_output)
