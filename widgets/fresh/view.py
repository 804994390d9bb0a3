"""The table of new images."""

from __future__ import annotations

import math
from typing import Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from widgets.fresh.columns import LEFT, TEXTS, Column
from widgets.fresh.model import FreshModel
from widgets.numbers import format_count
from widgets.tables import cells
from widgets.tables.fitted_view import FittedView
from widgets.tables.frozen_view import prepare
from widgets.tables.measures import PAD, smaller
from widgets.tables.ordered_model import Index
from widgets.tables.title_header import TitleHeader
from widgets.theme import current_theme

_NAME_MOST: Final = 24  # characters


class FreshView(FittedView):
    """One row a label; counts follow the sliders."""

    def __init__(self, model: FreshModel, parent: QWidget | None = None) -> None:
        super().__init__(model, Column.NAME, parent)
        self._fresh = model
        self.setAccessibleName("Labels: predictions on new images")
        header = TitleHeader(model, Column, self, left=LEFT, words=(Column.NAME,))
        header.setAccessibleName("Columns of the table of new images")
        prepare(self, header)
        self.setItemDelegate(_FreshDelegate(model, self))
        self.start()
        model.layoutChanged.connect(self.fit)

    def _lay_out(self) -> None:
        """Numbers as wide as they get, names and words share the rest."""
        metrics, small = QFontMetricsF(self.font()), QFontMetricsF(smaller(self.font()))
        counts = self._fresh.rows.counts
        count = metrics.horizontalAdvance("0" * max(len(format_count(counts.n_images)) if counts else 0, 5))
        share = metrics.horizontalAdvance("00.0 %")
        interval = small.horizontalAdvance("[00.0–00.0]") + 2 * PAD
        content = {
            Column.NAME: metrics.averageCharWidth() * 10,
            Column.PREDICTED: count,
            Column.SHARE: share + interval,
            Column.VALIDATION: share,
            Column.RIGHT: count + metrics.horizontalAdvance("≈ "),
            Column.DRIFT: metrics.averageCharWidth() * 17,
        }
        widths = {
            column: math.ceil(max(wide, small.horizontalAdvance(TEXTS[column].title)) + 2 * PAD + 6)
            for column, wide in content.items()
        }
        height = round(metrics.height() + 9)
        spare = max(self._available(height) - sum(widths.values()), 0)
        most = round(metrics.averageCharWidth() * _NAME_MOST) - widths[Column.NAME]
        name = min(round(spare * 0.4), max(most, 0))
        widths[Column.NAME] += name
        widths[Column.DRIFT] += spare - name
        self._set_row_height(height)
        for column, width in widths.items():
            self.setColumnWidth(column, width)


class _FreshDelegate(QStyledItemDelegate):
    """A text, and a smaller one beside it."""

    def __init__(self, model: FreshModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """One cell."""
        theme, column, cell = current_theme(), Column(index.column()), QRectF(option.rect)
        label = self._model.label_at(index.row())
        cells.paint_ground(painter, cell, theme, selected=bool(option.state & QStyle.StateFlag.State_Selected))
        text, beside = self._model.rows.parts(column, label)
        room = cell.adjusted(PAD + 2, 0, -PAD - 2, 0)
        metrics = QFontMetricsF(option.font)
        if column is Column.SHARE:
            small = smaller(option.font)
            width = QFontMetricsF(small).horizontalAdvance("[00.0–00.0]") + 2 * PAD
            painter.setFont(small)
            painter.setPen(QColor(theme.muted))
            painter.drawText(QRectF(room.right() - width, room.top(), width, room.height()), cells.RIGHT, beside)
            room = room.adjusted(0, 0, -width, 0)
        painter.setFont(option.font)
        ink = theme.text
        if column is Column.DRIFT:
            ink = theme.warning if self._model.rows.differs(label) else theme.muted
        elif column is Column.VALIDATION:
            ink = theme.muted
        painter.setPen(QColor(ink))
        if column in LEFT:
            mode = Qt.TextElideMode.ElideMiddle if column is Column.NAME else Qt.TextElideMode.ElideRight
            text = metrics.elidedText(text, mode, room.width())
        painter.drawText(room, cells.LEFT if column in LEFT else cells.RIGHT, text)
