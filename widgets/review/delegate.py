"""Paints the cells of the review table and edits the ends of its bands."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QAbstractItemModel, QEvent, QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from widgets.labels_table.editor import Ending, ThresholdEditor, ending
from widgets.labels_table.inks import mixed
from widgets.labels_table.slider import HANDLE_RADIUS
from widgets.numbers import UNDEFINED
from widgets.review.columns import PARTS, Column, End
from widgets.review.layout import ReviewLayout
from widgets.review.model import ReviewModel
from widgets.tables.cells import LEFT, RIGHT, paint_ground
from widgets.tables.measures import PAD
from widgets.tables.ordered_model import Index
from widgets.theme import Theme, current_theme

_COLUMNS: Final = tuple(Column)
_GROOVE: Final = 4.0
_BAND: Final = 8.0  # pixels high
_TICK: Final = 7.0


class ReviewDelegate(QStyledItemDelegate):
    """Tells what was typed; the view turns that into signals."""

    typed = Signal(int, int, float)  # label, End, exact float32
    editRequested = Signal(int, int)  # label whose edit just ended, rows to go from there

    def __init__(self, model: ReviewModel, layout: ReviewLayout, parent: QObject) -> None:
        super().__init__(parent)
        self._model = model
        self.layout = layout
        self.intervals = True
        self.active = End.LOW  # the end that keys move
        self.dragged = -1  # the label whose end is held

    # Painting

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """One cell."""
        theme, column = current_theme(), _COLUMNS[index.column()]
        label, cell = self._model.label_at(index.row()), QRectF(option.rect)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        paint_ground(painter, cell, theme, selected=selected)
        room = cell.adjusted(PAD + 2, 0, -PAD - 2, 0)
        if column in (Column.NAME, Column.NOTE):
            text = self._model.rows.text(column, label)
            ink = theme.warning if column is Column.NOTE else theme.text
            mode = Qt.TextElideMode.ElideMiddle if column is Column.NAME else Qt.TextElideMode.ElideRight
            shown = self.layout.metrics.elidedText(text, mode, room.width())
            self._write(painter, room, shown, ink, LEFT)
        elif column is Column.BAND:
            self._paint_band(painter, cell, label, selected, theme)
        elif column in (Column.LOW, Column.HIGH):
            self._squeezed(painter, room, self._model.rows.text(column, label), theme.text)
        else:
            self._paint_number(painter, room, column, label, theme)

    def _write(
        self, painter: QPainter, room: QRectF, text: str, ink: str, flags: int = RIGHT, font: QFont | None = None
    ) -> None:
        painter.setFont(font or self.layout.font)
        painter.setPen(QColor(ink))
        painter.drawText(room, flags, text)

    def _squeezed(self, painter: QPainter, room: QRectF, text: str, ink: str) -> None:
        """An exact threshold is never cut off: one too long for its room is drawn narrower."""
        needed = self.layout.metrics.horizontalAdvance(text) + 1
        if needed <= room.width() or room.width() <= 0:
            self._write(painter, room, text, ink)
            return
        painter.save()
        painter.translate(room.left(), 0)
        painter.scale(room.width() / needed, 1)
        self._write(painter, QRectF(0, room.top(), needed, room.height()), text, ink)
        painter.restore()

    def _paint_number(self, painter: QPainter, room: QRectF, column: Column, label: int, theme: Theme) -> None:
        """A count or rate, like a link where images are behind it; then its fraction and its interval."""
        number, beside = self._model.rows.parts(column, label)
        if self.intervals and column is not Column.REVIEW:
            third = QRectF(room.right() - self.layout.third, room.top(), self.layout.third, room.height())
            interval = self._model.rows.interval(column, label)
            self._write(painter, third, interval, theme.muted, RIGHT, self.layout.small)
            room = room.adjusted(0, 0, -self.layout.third, 0)
        second = self.layout.second[column]
        where = QRectF(room.right() - second, room.top(), second, room.height())
        self._write(painter, where, beside, theme.muted, RIGHT, self.layout.small)
        some = number != UNDEFINED and self._model.rows.behind(PARTS[column], label) > 0
        font = QFont(self.layout.font)
        font.setUnderline(some)
        ink = theme.text if some or column is not Column.REVIEW else theme.muted
        self._write(painter, room.adjusted(0, 0, -second - 2 * PAD, 0), number, ink, RIGHT, font)

    def _paint_band(self, painter: QPainter, cell: QRectF, label: int, selected: bool, theme: Theme) -> None:
        rows, where = self._model.rows, self.layout.zones(cell)
        if rows.band is None:
            return
        track, middle = where.track, where.middle
        low, high = rows.end(End.LOW, label), rows.end(End.HIGH, label)
        left, right = track.x_of(low), track.x_of(high)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        groove = QRectF(track.left, middle - _GROOVE / 2, track.width, _GROOVE)
        painter.setBrush(QColor(theme.track))
        painter.drawRoundedRect(groove, 2, 2)
        painter.setBrush(mixed(QColor(theme.surface), QColor(theme.accent), 0.6))
        painter.drawRoundedRect(QRectF(right, groove.top(), groove.right() - right, _GROOVE), 2, 2)
        painter.setBrush(mixed(QColor(theme.surface), QColor(theme.warning), 0.55))
        painter.drawRect(QRectF(left, middle - _BAND / 2, right - left, _BAND))
        x = track.x_of(float(rows.thresholds[label]))
        painter.setPen(QPen(QColor(theme.text), 1))
        painter.drawLine(QPointF(x, middle - _TICK), QPointF(x, middle + _TICK))
        strong = selected or label == self.dragged
        for end, at in ((End.LOW, left), (End.HIGH, right)):
            self._paint_handle(painter, QPointF(at, middle), end, strong and end is self.active, theme)
        painter.restore()

    def _paint_handle(self, painter: QPainter, at: QPointF, end: End, filled: bool, theme: Theme) -> None:
        """Half a disc whose flat side is the end itself, so that two ends in one place stay two."""
        radius = HANDLE_RADIUS - 0.5
        box = QRectF(at.x() - radius, at.y() - radius, 2 * radius, 2 * radius)
        painter.setPen(QPen(QColor(theme.accent), 1.6))
        painter.setBrush(QColor(theme.accent if filled else theme.surface))
        painter.drawChord(box, (90 if end is End.LOW else -90) * 16, 180 * 16)

    # Editing

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        """A field over the number."""
        label = self._model.label_at(index.row())
        what = "reject below" if index.column() == Column.LOW else "accept from"
        return ThresholdEditor(parent, f"{self._model.rows.name(label)}, {what}", label)

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        """Only once: what the user types is not overwritten."""
        if isinstance(editor, ThresholdEditor) and not editor.begun:
            editor.begin(str(index.data()))

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        """Tell what was typed; text that is no number changes nothing."""
        if isinstance(editor, ThresholdEditor):
            value = editor.value()
            if value is not None:
                self.typed.emit(self._model.label_at(index.row()), index.column(), value)

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        """As wide as an exact float32 needs, reaching left."""
        cell = option.rect
        wanted = round(QFontMetricsF(editor.font()).horizontalAdvance("-0.0000000000") + 12)
        width = max(wanted, cell.width())
        editor.setGeometry(cell.right() - width + 1, cell.top(), width, cell.height() - 1)

    def eventFilter(self, editor: QObject, event: QEvent) -> bool:
        """Enter and Tab accept unless the text is no number, Tab goes on to the next row, Escape leaves."""
        how = ending(event)
        if how is None or not isinstance(editor, ThresholdEditor):
            return super().eventFilter(editor, event)
        if how is Ending.LEAVE:
            self.closeEditor.emit(editor, QStyledItemDelegate.EndEditHint.RevertModelCache)
        elif editor.value() is not None:
            label = editor.label
            self.commitData.emit(editor)
            self.closeEditor.emit(editor, QStyledItemDelegate.EndEditHint.NoHint)
            if how is not Ending.ACCEPT:
                self.editRequested.emit(label, 1 if how is Ending.NEXT else -1)
        return True
