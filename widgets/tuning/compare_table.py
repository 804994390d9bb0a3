"""The table of the comparison, its two-line header, and the averages at its foot."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QKeySequence, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from widgets.labels_table.inks import mixed
from widgets.tables.frozen_view import FrozenView, prepare
from widgets.tables.measures import PAD
from widgets.tables.ordered_model import Index
from widgets.tables.rows_view import RowsView
from widgets.tables.sort_header import SortHeader
from widgets.theme import current_theme
from widgets.tuning.compare_layout import LEFT, RIGHT, CompareLayout
from widgets.tuning.compare_model import CompareModel
from widgets.tuning.compare_rows import KINDS, TEXTS, Field, Home

_ACTIVATING: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
_OURS: Final = (
    *_ACTIVATING,
    Qt.Key.Key_Left,
    Qt.Key.Key_Right,
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_Home,
    Qt.Key.Key_End,
)
_SELECTED_SHARE: Final = 0.13


class CompareTable(RowsView):
    """Arrows move from cell to cell; a click, Enter or Space on a count of images chooses it."""

    changedChosen = Signal(int, int)  # label, place of the alternative
    copyRequested = Signal()
    fitted = Signal()  # columns or their place changed

    def __init__(self, model: CompareModel, parent: QWidget | None = None) -> None:
        super().__init__(model, Home.NAME, parent)
        self._compared = model
        self.setAccessibleName("Labels under what is compared")
        prepare(self, CompareHeader(model, self))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setItemDelegate(_Delegate(model, self))
        self._names = _Names(self, model)
        self.horizontalScrollBar().valueChanged.connect(self._follow)
        self.clicked.connect(self._activate)
        model.modelReset.connect(self._reset)
        self.sizes = CompareLayout(self.font(), model.rows)
        self.fit()

    def _reset(self) -> None:
        self._restore_current()
        self.fit()

    def _activate(self, index: QModelIndex) -> None:
        what = self._compared.field_of(index.column())
        if what is not None and what[1] is Field.CHANGED and index.data() != "0":
            self.changedChosen.emit(self._compared.label_at(index.row()), what[0])

    def scrollTo(self, index: Index, hint: QAbstractItemView.ScrollHint = QTableView.ScrollHint.EnsureVisible) -> None:
        """Sideways only to a number, and clear of the names that lie over the left end."""
        bar = self.horizontalScrollBar()
        before = bar.value()
        super().scrollTo(index, hint)
        if index.column() == Home.NAME:
            bar.setValue(before)
            return
        hidden = self.columnWidth(Home.NAME) - self.columnViewportPosition(index.column())
        if hidden > 0:
            bar.setValue(bar.value() - hidden)

    def _wants(self, event: QKeyEvent) -> bool:
        return event.matches(QKeySequence.StandardKey.Copy) or (
            event.modifiers() == Qt.KeyboardModifier.NoModifier and event.key() in _OURS
        )

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy, choose images, or move."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copyRequested.emit()
        elif event.key() in _ACTIVATING:
            if self.currentIndex().isValid():
                self._activate(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def fit(self) -> None:
        """Give every column its width."""
        self.sizes = CompareLayout(self.font(), self._compared.rows)
        self.verticalHeader().setMinimumSectionSize(1)
        self.verticalHeader().setDefaultSectionSize(self.sizes.row_height)
        available = self.width() - 2 * self.frameWidth() - self.bar_width(self.sizes.row_height)
        for column, width in enumerate(self.sizes.widths(available)):
            self.setColumnWidth(column, width)
        self._follow()
        self.viewport().update()

    def _follow(self) -> None:
        self._names.take_place(self.sizes.row_height)
        self.fitted.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Names take what is left over."""
        super().resizeEvent(event)
        self.fit()

    def changeEvent(self, event: QEvent) -> None:
        """A new font changes every width."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_names"):
            self.fit()


class _Names(FrozenView):
    """The names, kept in sight."""

    def __init__(self, main: CompareTable, model: CompareModel) -> None:
        super().__init__(main, CompareHeader(model, main), (Home.NAME,))
        self.setItemDelegate(_Delegate(model, main, frozen=True))
        self.setAccessibleName("Label names, kept in sight")


class _Delegate(QStyledItemDelegate):
    """One for all columns."""

    def __init__(self, model: CompareModel, table: CompareTable, *, frozen: bool = False) -> None:
        super().__init__(table)
        self._model, self._table, self._frozen = model, table, frozen

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """One cell."""
        theme, sizes, cell, column = current_theme(), self._table.sizes, QRectF(option.rect), index.column()
        label, rows = self._model.label_at(index.row()), self._model.rows
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(cell, mixed(QColor(theme.surface), QColor(theme.accent), _SELECTED_SHARE))
        painter.fillRect(QRectF(cell.left(), cell.bottom() - 1, cell.width(), 1), QColor(theme.line))
        what = self._model.field_of(column)
        if what is None:
            room = cell.adjusted(PAD, 0, -PAD, 0)
            name = sizes.metrics.elidedText(rows.name(label), Qt.TextElideMode.ElideMiddle, room.width())
            sizes.write(painter, room, name, theme.text, sizes.font, LEFT)
            if self._frozen:
                painter.fillRect(QRectF(cell.right() - 1, cell.top(), 1, cell.height()), QColor(theme.border))
        else:
            at, field = what
            if field is Field.THRESHOLD:
                sizes.group_line(painter, cell, theme)
            said = (rows.text(column, label), *rows.difference(column, label))
            sizes.paint_value(painter, cell, field, at, said, theme)
        if option.state & QStyle.StateFlag.State_HasFocus and self._table.hasFocus():
            painter.setPen(QColor(theme.accent))
            painter.drawRect(cell.adjusted(0, 0, -1, -2))


class CompareHeader(SortHeader):
    """The name of each group over the titles of its columns. A click sorts, again turns round, again lets go."""

    def __init__(self, model: CompareModel, parent: QWidget) -> None:
        super().__init__(model, parent)
        self._model = model
        self._sizes = CompareLayout(self.font(), model.rows)
        self.setMinimumSectionSize(16)
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setAccessibleName("Columns of the comparison")
        self.sectionClicked.connect(self._cycle)

    def _cycle(self, section: int) -> None:
        column: int | Home = Home.NAME if section == Home.NAME else section
        if self._model.sort_column != column:
            wanted, descending = column, section != Home.NAME
        elif self._model.descending is (section != Home.NAME):
            wanted, descending = column, section == Home.NAME
        else:
            wanted, descending = None, False
        self._model.sort_by(wanted, descending=descending)
        self.viewport().update()

    def _fit_height(self) -> None:
        self.setFixedHeight(round(self.fontMetrics().height() * 2.9))
        if hasattr(self, "_model"):  # not in the base's constructor
            self._sizes = CompareLayout(self.font(), self._model.rows)

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:
        """The group's name as far as it reaches into this section, and the title under it."""
        theme, area = current_theme(), QRectF(rect)
        what = self._model.field_of(logicalIndex)
        painter.save()
        painter.setClipRect(area)
        painter.fillRect(area, QColor(theme.raised))
        painter.fillRect(QRectF(area.left(), area.bottom() - 1, area.width(), 1), QColor(theme.border))
        below = area.adjusted(0, area.height() * 0.45, 0, 0)
        if what is not None:
            self._paint_group(painter, area, what[0])
        middle = self.paint_title(painter, logicalIndex, below)
        if self._model.sort_column is not None and logicalIndex == self._model.sort_column:
            self._paint_mark(painter, middle, below.top() + 1)
        painter.restore()

    def _paint_group(self, painter: QPainter, area: QRectF, at: int) -> None:
        theme, rows = current_theme(), self._model.rows
        sections = [place for place, (own, _) in enumerate(rows.columns, start=1) if own == at]
        left = float(self.sectionViewportPosition(sections[0]))
        width = float(sum(self.sectionSize(section) for section in sections))
        painter.fillRect(QRectF(left, area.top(), 1, area.height()), QColor(theme.border))
        font = self.font()
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(QColor(theme.text))
        reach = max(left, float(self.sectionSize(Home.NAME)))  # the name stays in sight while its group does
        room = QRectF(reach + 2 * PAD, area.top() + 2, left + width - reach - 3 * PAD, area.height() * 0.5)
        name = painter.fontMetrics().elidedText(rows.groups[at].name, Qt.TextElideMode.ElideRight, int(room.width()))
        painter.drawText(room, LEFT, name)

    def paint_title(self, painter: QPainter, section: int, area: QRectF) -> float:
        """The title where its cells have their text."""
        theme, what = current_theme(), self._model.field_of(section)
        title = "Label" if what is None else TEXTS[what[1]].title
        painter.setFont(self._sizes.small)
        painter.setPen(QColor(theme.text))
        room = area.adjusted(PAD, 2, -PAD, 0)
        if what is not None:
            room.setRight(self._sizes.value_end(area.right(), *what))
        width = painter.fontMetrics().horizontalAdvance(title)
        painter.drawText(room, LEFT if what is None else RIGHT, title)
        return room.left() + width / 2 if what is None else room.right() - width / 2


class CompareFoot(QWidget):
    """The averages, under the columns of the table that they belong to."""

    changedChosen = Signal(int)  # place of the alternative

    def __init__(self, table: CompareTable, model: CompareModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._table, self._model = table, model
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Averages of what is compared")
        table.fitted.connect(self._moved)

    def _moved(self) -> None:
        self.updateGeometry()
        self.update()

    def refresh(self) -> None:
        """Other numbers."""
        rows = self._model.rows
        said = [
            f"{rows.groups[at].name} {kind} F1 {rows.foot(kind, column)[0]}"
            for kind in KINDS
            for column, (at, field) in enumerate(rows.columns, start=1)
            if field is Field.F1
        ]
        self.setAccessibleDescription("; ".join(said))
        self._moved()

    def sizeHint(self) -> QSize:
        """A row an average."""
        return QSize(0, self._table.sizes.row_height * len(KINDS) + 1)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Rows under the table's columns; the names lie over what is scrolled under them."""
        theme, sizes, rows = current_theme(), self._table.sizes, self._model.rows
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.raised))
        for line, kind in enumerate(KINDS):
            name = self._cell(line, Home.NAME)
            painter.setClipRect(QRectF(0, name.top(), name.right() + 1, name.height()))
            sizes.write(painter, name.adjusted(PAD, 0, -PAD, 0), kind, theme.muted, sizes.font, LEFT)
            painter.setClipRect(QRectF(name.right(), name.top(), self._inner_right() - name.right(), name.height()))
            for column, (at, field) in enumerate(rows.columns, start=1):
                cell = self._cell(line, column)
                if field is Field.THRESHOLD:
                    sizes.group_line(painter, cell, theme)
                sizes.paint_value(painter, cell, field, at, rows.foot(kind, column), theme, strong=field is Field.F1)
        painter.setClipping(False)
        painter.fillRect(QRectF(0, 0, self.width(), 1), QColor(theme.border))
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A count of images shows them; the buttons above the table do so by keyboard."""
        for column, (at, field) in enumerate(self._model.rows.columns, start=1):
            cell = self._cell(0, column)
            inside = cell.contains(event.position()) and event.position().x() > self._cell(0, Home.NAME).right()
            if inside and field is Field.CHANGED and self._model.rows.changed_images[at]:
                self.changedChosen.emit(at)

    def _cell(self, line: int, column: int) -> QRectF:
        """Where a cell stands; the name's stays at the left end."""
        height = self._table.sizes.row_height
        left = 0 if column == Home.NAME else self._table.columnViewportPosition(column)
        return QRectF(self._table.frameWidth() + left, 1 + line * height, self._table.columnWidth(column), height)

    def _inner_right(self) -> float:
        return float(self._table.frameWidth() + self._table.viewport().width())
