"""The table of new images."""

from __future__ import annotations

import math
from typing import Final

from PySide6.QtCore import QEvent, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from widgets.fresh.columns import LEFT, TEXTS, Column
from widgets.fresh.model import FreshModel
from widgets.labels_table.inks import mixed
from widgets.numbers import format_count
from widgets.tables.frozen_view import prepare
from widgets.tables.measures import PAD, smaller
from widgets.tables.ordered_model import Index
from widgets.tables.rows_view import RowsView
from widgets.tables.sort_header import SortHeader
from widgets.theme import current_theme

_RIGHT: Final = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine)
_LEFT: Final = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine)
_SELECTED_SHARE: Final = 0.13
_NAME_MOST: Final = 24  # characters


class FreshView(RowsView):
    """One row a label; counts follow the sliders."""

    def __init__(self, model: FreshModel, parent: QWidget | None = None) -> None:
        super().__init__(model, Column.NAME, parent)
        self._fresh = model
        self.setAccessibleName("Labels: predictions on new images")
        prepare(self, _FreshHeader(model, self))
        self.setItemDelegate(_FreshDelegate(model, self))
        model.modelReset.connect(self._reset)
        model.layoutChanged.connect(self.fit)
        self.fit()

    def _reset(self) -> None:
        self._restore_current()
        self.fit()

    def scrollTo(self, index: Index, hint: QAbstractItemView.ScrollHint = QTableView.ScrollHint.EnsureVisible) -> None:
        """Never sideways."""
        bar = self.horizontalScrollBar()
        before = bar.value()
        super().scrollTo(index, hint)
        bar.setValue(before)

    def fit(self) -> None:
        """Numbers as wide as they get, names and words share the rest."""
        metrics, small = QFontMetricsF(self.font()), QFontMetricsF(smaller(self.font()))
        counts = self._fresh.counts
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
        spare = max(self.width() - 2 * self.frameWidth() - self.bar_width(height) - sum(widths.values()), 0)
        most = round(metrics.averageCharWidth() * _NAME_MOST) - widths[Column.NAME]
        name = min(round(spare * 0.4), max(most, 0))
        widths[Column.NAME] += name
        widths[Column.DRIFT] += spare - name
        self.verticalHeader().setMinimumSectionSize(1)
        self.verticalHeader().setDefaultSectionSize(height)
        self.verticalScrollBar().setSingleStep(height)
        for column, width in widths.items():
            self.setColumnWidth(column, width)
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the new width among the columns."""
        super().resizeEvent(event)
        self.fit()

    def changeEvent(self, event: QEvent) -> None:
        """A new font changes every width."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_fresh"):
            self.fit()


class _FreshDelegate(QStyledItemDelegate):
    """A text, and a smaller one beside it."""

    def __init__(self, model: FreshModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """One cell."""
        theme, column, cell = current_theme(), Column(index.column()), QRectF(option.rect)
        label = self._model.label_at(index.row())
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(cell, mixed(QColor(theme.surface), QColor(theme.accent), _SELECTED_SHARE))
        painter.fillRect(QRectF(cell.left(), cell.bottom() - 1, cell.width(), 1), QColor(theme.line))
        text, beside = self._model.parts(column, label)
        room = cell.adjusted(PAD + 2, 0, -PAD - 2, 0)
        metrics = QFontMetricsF(option.font)
        if column is Column.SHARE:
            small = smaller(option.font)
            width = QFontMetricsF(small).horizontalAdvance("[00.0–00.0]") + 2 * PAD
            painter.setFont(small)
            painter.setPen(QColor(theme.muted))
            painter.drawText(QRectF(room.right() - width, room.top(), width, room.height()), _RIGHT, beside)
            room = room.adjusted(0, 0, -width, 0)
        painter.setFont(option.font)
        ink = theme.text
        if column is Column.DRIFT:
            ink = theme.warning if self._model.differs(label) else theme.muted
        elif column is Column.VALIDATION:
            ink = theme.muted
        painter.setPen(QColor(ink))
        if column in LEFT:
            mode = Qt.TextElideMode.ElideMiddle if column is Column.NAME else Qt.TextElideMode.ElideRight
            text = metrics.elidedText(text, mode, room.width())
        painter.drawText(room, _LEFT if column in LEFT else _RIGHT, text)


class _FreshHeader(SortHeader):
    """A click sorts: highest first, then the other way round, then the model's order."""

    def __init__(self, model: FreshModel, parent: QWidget) -> None:
        super().__init__(model, parent)
        self._model = model
        self.setMinimumSectionSize(16)
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setAccessibleName("Columns of the table of new images")
        self.sectionClicked.connect(self.cycle)

    def cycle(self, section: int) -> None:
        """Sort by a column, the other way round, not at all."""
        column = Column(section)
        wanted, descending = self._model.next_sort(column, descending_first=column is not Column.NAME)
        self._model.sort_by(wanted, descending=descending)
        self.viewport().update()

    def paint_title(self, painter: QPainter, section: int, area: QRectF) -> float:
        """The title where its cells have their text."""
        column = Column(section)
        left = column in LEFT
        room = area.adjusted(PAD + 2, 3, -PAD - 2, 0)
        side = Qt.AlignmentFlag.AlignLeft if left else Qt.AlignmentFlag.AlignRight
        width = painter.fontMetrics().horizontalAdvance(TEXTS[column].title)
        painter.drawText(room, int(side | Qt.AlignmentFlag.AlignVCenter), TEXTS[column].title)
        return room.left() + width / 2 if left else room.right() - width / 2
