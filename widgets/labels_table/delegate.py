"""Paints the cells of the labels table and edits its thresholds.

Painting asks ``TableData`` for the text of the cells that are visible and for no others. Nothing is stored here but
colours and widths, and in the layout the numbers drawn last.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QAbstractItemModel, QEvent, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from inference.types import NEGATIVE, POSITIVE
from widgets.glyphs import paint_outcome
from widgets.labels_table.columns import COUNTS, FRACTIONS, RATES, Column
from widgets.labels_table.editor import Ending, ThresholdEditor, ending
from widgets.labels_table.inks import Inks
from widgets.labels_table.layout import NUMBER_PAD, Layout, rate_zones, score_zones
from widgets.labels_table.model import LabelsModel
from widgets.labels_table.slider import SliderLook, paint_slider
from widgets.labels_table.whisker import RAISED, paint_interval
from widgets.tables.measures import PAD
from widgets.tables.ordered_model import Index
from widgets.theme import current_theme

_RIGHT: Final = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine)
_LEFT: Final = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine)
_COLUMNS: Final = tuple(Column)  # quicker than asking the enumeration for every cell
_TRUTH_MARKS: Final = {POSITIVE: "+", NEGATIVE: "\N{MINUS SIGN}"}


class LabelsDelegate(QStyledItemDelegate):
    """One for all columns. Tells what was typed; the view turns that into signals."""

    thresholdTyped = Signal(int, float)  # label, exact float32
    editRequested = Signal(int, int)  # label whose edit just ended, rows to go from there

    def __init__(self, model: LabelsModel, layout: Layout, parent: QObject) -> None:
        super().__init__(parent)
        self._model = model
        self.layout = layout
        self.edged = False  # a line at the right of each cell, where others are scrolled under it
        self.dragged = -1  # the label whose handle is held
        self._inks = Inks(current_theme())

    @property
    def inks(self) -> Inks:
        """Colours of the theme in force."""
        theme = current_theme()
        if theme is not self._inks.theme:
            self._inks = Inks(theme)
        return self._inks

    # Painting

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """One cell."""
        column, label = _COLUMNS[index.column()], self._model.label_at(index.row())
        cell, inks = QRectF(option.rect), self.inks
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        if selected:
            painter.fillRect(cell, inks.selected)
        painter.fillRect(QRectF(cell.left(), cell.bottom() - 1, cell.width(), 1), inks.line)
        if self.edged:
            painter.fillRect(QRectF(cell.right() - 1, cell.top(), 1, cell.height()), inks.border)
        painter.setFont(self.layout.font)
        if column is Column.THRESHOLD:
            self._paint_threshold(painter, cell, label, selected)
        elif column is Column.SCORE:
            self._paint_score(painter, cell, label)
        else:
            ink = inks.text if self._model.values.measurable(label) else inks.muted
            painter.setPen(ink)
            _PAINTERS[column](self, painter, cell, column, label)

    def _paint_name(self, painter: QPainter, cell: QRectF, _column: Column, label: int) -> None:
        room = cell.adjusted(PAD + 2, 0, -1, 0)
        painter.drawText(room, _LEFT, self.layout.shortened(self._model.values.name(label), room.width()))

    def _paint_count(self, painter: QPainter, cell: QRectF, column: Column, label: int) -> None:
        room = cell.adjusted(0, 0, -NUMBER_PAD, 0)
        self.layout.texts.right(painter, room, self._model.values.count_text(column, label))

    def _paint_plain(self, painter: QPainter, cell: QRectF, column: Column, label: int) -> None:
        room = cell.adjusted(0, 0, -NUMBER_PAD, 0)
        self.layout.texts.right(painter, room, self._model.values.rate_text(column, label))

    def _paint_f1(self, painter: QPainter, cell: QRectF, column: Column, label: int) -> None:
        self._paint_plain(painter, self._over_interval(painter, cell, column, label), column, label)

    def _paint_threshold(self, painter: QPainter, cell: QRectF, label: int, selected: bool) -> None:
        inks, values = self.inks, self._model.values
        where = self.layout.zones(cell)
        look = SliderLook(
            value=float(values.thresholds[label]),
            score=math.nan if values.image is None else float(values.image.scores[label]),
            enabled=values.active,
            strong=selected or label == self.dragged,
            band=values.threshold_interval(label),
            plateau=values.plateau(label),
        )
        paint_slider(painter, where, look, inks.theme)
        self._squeezed(painter, where.number, values.threshold_text(label), inks.text if values.active else inks.muted)

    def _squeezed(self, painter: QPainter, room: QRectF, text: str, ink: QColor) -> None:
        """A number that is never cut off: one too long for its room is drawn narrower."""
        painter.setPen(ink)
        texts = self.layout.texts
        needed = texts.width(text)
        if needed <= room.width():
            texts.right(painter, room, text)
            return
        painter.save()
        painter.translate(room.left(), 0)
        painter.scale(room.width() / needed, 1)
        painter.drawText(QRectF(0, room.top(), needed + 1, room.height()), _RIGHT, text)
        painter.restore()

    def _paint_score(self, painter: QPainter, cell: QRectF, label: int) -> None:
        inks, values = self.inks, self._model.values
        where = score_zones(cell, self.layout)
        image = values.image
        if image is None or math.isnan(image.scores[label]):
            painter.setPen(inks.muted)
            self.layout.texts.right(painter, where.number, values.score_text(label))
            return
        predicted = bool(image.predicted[label])
        painter.fillRect(where.bar, inks.track)
        filled = QRectF(where.bar)
        filled.setWidth(where.bar.width() * float(image.scores[label]))
        painter.fillRect(filled, inks.bar)
        texts = self.layout.bold_texts if predicted else self.layout.texts
        painter.setFont(texts.font)
        painter.setPen(inks.text if predicted else inks.muted)
        texts.right(painter, where.number, values.score_text(label))
        paint_outcome(painter, where.glyph, values.outcome(label))
        mark = _TRUTH_MARKS.get(int(image.truth[label]), "")
        if mark:
            painter.setFont(self.layout.font)
            painter.setPen(inks.text if mark == "+" else inks.muted)
            self.layout.texts.right(painter, where.mark, mark)

    def _over_interval(self, painter: QPainter, cell: QRectF, column: Column, label: int) -> QRectF:
        """Paint the interval of a rate, and return the room that is left above it."""
        values = self._model.values
        if values.intervals is None:
            return cell
        ends = values.interval(column, label)
        if ends is not None:
            paint_interval(painter, cell, values.value(column, label), ends, self.inks, few=values.few_positives(label))
        return cell.adjusted(0, 0, 0, -RAISED)

    def _paint_fraction(self, painter: QPainter, cell: QRectF, column: Column, label: int) -> None:
        """A rate and, where there is room, the counts behind it."""
        layout, values = self.layout, self._model.values
        cell = self._over_interval(painter, cell, column, label)
        if not layout.has_fraction(column, cell.width()):
            self._paint_plain(painter, cell, column, label)
            return
        where = rate_zones(cell, layout)
        layout.texts.right(painter, where.rate, values.rate_text(column, label))
        fraction = values.fraction_text(column, label)
        if not fraction:
            return
        part, _, whole = fraction.partition("/")
        painter.setFont(layout.small)
        painter.setPen(self.inks.muted)
        layout.small_texts.right(painter, where.part, part)
        layout.small_texts.left(painter, where.whole, f"/{whole}")

    # Editing

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        """A field over the threshold, as wide as an exact float32 needs."""
        label = self._model.label_at(index.row())
        return ThresholdEditor(parent, self._model.values.name(label), label)

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        """Only once: metrics that grow while the user types must not overwrite what was typed."""
        if isinstance(editor, ThresholdEditor) and not editor.begun:
            editor.begin(self._model.values.threshold_text(self._model.label_at(index.row())))

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        """Tell what was typed; text that is no number changes nothing."""
        if isinstance(editor, ThresholdEditor):
            value = editor.value()
            if value is not None:
                self.thresholdTyped.emit(self._model.label_at(index.row()), value)

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        """Over the number, reaching left over the track where the text needs it."""
        cell = option.rect
        wanted = QFontMetricsF(editor.font()).horizontalAdvance("-0.000000000000") + 12
        width = min(round(max(wanted, self.layout.number_width(cell.width()) + 8)), cell.width())
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


_Painter = Callable[[LabelsDelegate, QPainter, QRectF, Column, int], None]
# A look-up for each cell instead of a search among the groups of columns.
_PAINTERS: Final[dict[Column, _Painter]] = {
    **dict.fromkeys(_COLUMNS, LabelsDelegate._paint_plain),
    **dict.fromkeys(COUNTS, LabelsDelegate._paint_count),
    **dict.fromkeys(RATES, LabelsDelegate._paint_f1),
    **dict.fromkeys(FRACTIONS, LabelsDelegate._paint_fraction),
    Column.NAME: LabelsDelegate._paint_name,
}
