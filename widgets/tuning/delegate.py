"""Paints the cells of the tuning table and turns clicks on a lock into a wish.

Gains and losses are told by a triangle's direction and a sign as well as by colour.
"""

from __future__ import annotations

import math
from typing import Final

from PySide6.QtCore import QAbstractItemModel, QEvent, QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QMouseEvent, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from inference.types import LabelStatus, Outcome
from widgets.labels_table.inks import mixed
from widgets.numbers import format_rate
from widgets.tables.measures import PAD
from widgets.tables.ordered_model import Index
from widgets.theme import Theme, current_theme
from widgets.tuning.columns import Column, Fullness
from widgets.tuning.layout import ARROW, TableLayout
from widgets.tuning.model import TuningModel
from widgets.tuning.rows import WARNED

_RIGHT: Final = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine)
_LEFT: Final = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine)
_CENTRE: Final = int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextSingleLine)
_QUIET: Final = (Column.INTERVAL, Column.FORMULA)
_COLUMNS: Final = tuple(Column)
_SELECTED_SHARE: Final = 0.13


class TuningDelegate(QStyledItemDelegate):
    """One for all columns; the view sets ``layout`` and ``fullness``."""

    lockToggled = Signal(int)  # label

    def __init__(self, model: TuningModel, layout: TableLayout, parent: QObject) -> None:
        super().__init__(parent)
        self._model = model
        self.layout = layout
        self.fullness = Fullness.ALL
        self.edge: Column | None = None  # the column after which a line stands, where others are scrolled under it

    def editorEvent(self, event: QEvent, model: QAbstractItemModel, option: QStyleOptionViewItem, index: Index) -> bool:
        """A click on a lock."""
        if index.column() == Column.LOCK and isinstance(event, QMouseEvent):
            released = event.type() == QEvent.Type.MouseButtonRelease
            inside = option.rect.contains(event.position().toPoint())
            if released and inside and event.button() is Qt.MouseButton.LeftButton:
                self.lockToggled.emit(self._model.label_at(index.row()))
                return True
        return False

    # Painting

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """One cell."""
        theme, column = current_theme(), _COLUMNS[index.column()]
        label, cell = self._model.label_at(index.row()), QRectF(option.rect)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        if selected:
            painter.fillRect(cell, mixed(QColor(theme.surface), QColor(theme.accent), _SELECTED_SHARE))
        painter.fillRect(QRectF(cell.left(), cell.bottom() - 1, cell.width(), 1), QColor(theme.line))
        if self.edge is column:
            painter.fillRect(QRectF(cell.right() - 1, cell.top(), 1, cell.height()), QColor(theme.border))
        if column is Column.LOCK:
            self._paint_lock(painter, cell, bool(self._model.rows.locked[label]), theme)
        elif column is Column.NAME:
            room = cell.adjusted(PAD, 0, -PAD, 0)
            name = self.layout.shortened(self._model.rows.name(label), room.width(), middle=True)
            self._write(painter, room, name, theme.text, flags=_LEFT)
        elif column is Column.THRESHOLD:
            self._paint_threshold(painter, cell, label, theme)
        elif column is Column.GOAL:
            own = label in self._model.rows.goals
            room = cell.adjusted(PAD, 0, -PAD, 0)
            text = self.layout.shortened(self._model.rows.goal_text(label), room.width())
            self._write(painter, room, text, theme.text if own else theme.muted, flags=_LEFT)
        elif column in _QUIET:
            text = self._model.rows.text(column, label)
            small = self.layout.small if column is Column.INTERVAL else self.layout.font
            self._write(painter, cell.adjusted(0, 0, -PAD, 0), text, theme.muted, font=small)
        elif column is Column.BIAS:
            self._paint_bias(painter, cell, label, theme)
        elif column is Column.FLIPS:
            flips = self._model.rows.flips_text(label)
            self._write(painter, cell.adjusted(0, 0, -PAD, 0), flips, theme.muted if flips == "0" else theme.text)
        elif column is Column.NOTE:
            self._paint_note(painter, cell, label, theme)
        else:
            self._paint_rate(painter, cell, column, label, theme)

    def _write(
        self,
        painter: QPainter,
        room: QRectF,
        text: str,
        ink: str,
        *,
        font: QFont | None = None,
        flags: int = _RIGHT,
    ) -> None:
        if text and room.width() > 0:
            painter.setFont(font or self.layout.font)
            painter.setPen(QColor(ink))
            painter.drawText(room, flags, text)

    def _squeezed(self, painter: QPainter, room: QRectF, text: str, ink: str, font: QFont) -> None:
        """A number that is never cut off: one too long for its room is drawn narrower."""
        painter.setFont(font)
        needed = painter.fontMetrics().horizontalAdvance(text) + 1
        if needed <= room.width() or room.width() <= 0:
            self._write(painter, room, text, ink, font=font)
            return
        painter.save()
        painter.translate(room.left(), 0)
        painter.scale(room.width() / needed, 1)
        self._write(painter, QRectF(0, room.top(), needed, room.height()), text, ink, font=font)
        painter.restore()

    def _paint_threshold(self, painter: QPainter, cell: QRectF, label: int, theme: Theme) -> None:
        rows, where = self._model.rows, self.layout.threshold_parts(cell, self.fullness)
        now, then = rows.now_text(label), rows.then_text(label)
        if then in ("", now):
            self._squeezed(painter, where.then, now, theme.muted if then else theme.text, self.layout.font)
            return
        self._squeezed(painter, where.now, now, theme.muted, self.layout.font)
        self._write(painter, where.arrow, ARROW, theme.muted, flags=_CENTRE)
        self._squeezed(painter, where.then, then, theme.text, self.layout.bold)

    def _paint_bias(self, painter: QPainter, cell: QRectF, label: int, theme: Theme) -> None:
        rows, where = self._model.rows, self.layout.bias_parts(cell)
        now, then = rows.bias_texts(label)
        if then in ("", now):
            self._squeezed(painter, where.then, now, theme.muted if then else theme.text, self.layout.font)
            return
        self._squeezed(painter, where.now, now, theme.muted, self.layout.font)
        self._write(painter, where.arrow, ARROW, theme.muted, flags=_CENTRE)
        self._squeezed(painter, where.then, then, theme.text, self.layout.bold)

    def _paint_rate(self, painter: QPainter, cell: QRectF, column: Column, label: int, theme: Theme) -> None:
        rows, where = self._model.rows, self.layout.rate_parts(cell, self.fullness)
        at = rows.compared(column, label)
        if rows.half is not None:
            self._write(painter, where.half, format_rate(at.half), theme.muted, font=self.layout.small)
        if rows.then is None:
            room = where.now if where.now.width() > 0 else where.then
            self._write(painter, room, format_rate(at.now), theme.text)
            return
        self._write(painter, where.now, format_rate(at.now), theme.muted)
        self._write(painter, where.arrow if where.now.width() else QRectF(), ARROW, theme.muted, flags=_CENTRE)
        font = self.layout.bold if at.sign else self.layout.font
        self._write(painter, where.then, format_rate(at.then), theme.text, font=font)
        ink = change_ink(at.sign, theme)
        paint_change(painter, where.mark, at.sign, ink)
        self._write(painter, where.change, at.change_text(), ink, font=self.layout.small, flags=_LEFT)

    def _paint_note(self, painter: QPainter, cell: QRectF, label: int, theme: Theme) -> None:
        rows, room = self._model.rows, cell.adjusted(2 * PAD, 0, -PAD, 0)
        status = rows.status(label)
        ink = theme.warning if status in WARNED else theme.muted if status is not LabelStatus.TUNED else theme.text
        self._write(painter, room, self.layout.shortened(rows.note(label), room.width()), ink, flags=_LEFT)

    def _paint_lock(self, painter: QPainter, cell: QRectF, locked: bool, theme: Theme) -> None:
        """A padlock: closed and filled, or open and hollow."""
        side = self.layout.metrics.height() * 0.72
        box = QRectF(0, 0, side, side)
        box.moveCenter(cell.center())
        ink = QColor(theme.accent if locked else theme.border)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(ink, max(1.1, side * 0.11)))
        body = QRectF(box.left() + side * 0.16, box.top() + side * 0.46, side * 0.68, side * 0.48)
        shackle = QRectF(box.left() + side * 0.28, box.top() + side * 0.06, side * 0.44, side * 0.52)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if locked:
            painter.drawArc(shackle, 0, 180 * 16)
            painter.drawLine(QPointF(shackle.left(), shackle.center().y()), QPointF(shackle.left(), body.top()))
            painter.drawLine(QPointF(shackle.right(), shackle.center().y()), QPointF(shackle.right(), body.top()))
            painter.setBrush(ink)
        else:
            painter.drawArc(shackle, 40 * 16, 140 * 16)
            painter.drawLine(QPointF(shackle.left(), shackle.center().y()), QPointF(shackle.left(), body.top()))
        painter.drawRoundedRect(body, 1.5, 1.5)
        painter.restore()


def change_ink(sign: int, theme: Theme) -> str:
    """The colour of a gain, a loss, or neither."""
    if sign == 0:
        return theme.muted
    return theme.outcome[Outcome.TP] if sign > 0 else theme.outcome[Outcome.FP]


def paint_change(painter: QPainter, room: QRectF, sign: int, ink: str) -> None:
    """A triangle up or down; nothing without a change."""
    side = room.width()
    if sign == 0 or side <= 0 or math.isnan(side):
        return
    box = QRectF(0, 0, side, side * 0.85)
    box.moveCenter(room.center())
    tip, base = (box.top(), box.bottom()) if sign > 0 else (box.bottom(), box.top())
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(ink))
    corners = [QPointF(box.left(), base), QPointF(box.right(), base), QPointF(box.center().x(), tip)]
    painter.drawPolygon(QPolygonF(corners))
    painter.restore()
