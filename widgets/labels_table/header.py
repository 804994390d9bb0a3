"""The header of the labels table: titles, the sorting mark and the menu of columns."""

from __future__ import annotations

from functools import partial
from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QActionGroup, QColor, QContextMenuEvent, QPainter, QPolygonF
from PySide6.QtWidgets import QHeaderView, QMenu, QWidget

from inference.types import Outcome
from widgets.labels_table.columns import STRETCHED, TEXTS, Column
from widgets.labels_table.keeper import ColumnKeeper
from widgets.labels_table.layout import NUMBER_PAD, PAD, smaller
from widgets.labels_table.model import LabelsModel
from widgets.theme import current_theme

_OUTCOMES: Final = {
    Column.TP: Outcome.TP,
    Column.FP: Outcome.FP,
    Column.FN: Outcome.FN,
    Column.TN: Outcome.TN,
}
_LEFT_ALIGNED: Final = STRETCHED


def fill_columns_menu(menu: QMenu, model: LabelsModel, keeper: ColumnKeeper) -> None:
    """Which columns are shown, and by which the rows are sorted."""
    for column in Column:
        if column is not Column.NAME:
            action = menu.addAction(TEXTS[column].name)
            action.setCheckable(True)
            action.setChecked(keeper.shown(column))
            action.toggled.connect(partial(keeper.set_shown, column))
    menu.addAction("Reset columns").triggered.connect(keeper.reset)
    menu.addSeparator()
    _fill_sort_menu(menu.addMenu("Sort by"), model, keeper)


def _fill_sort_menu(menu: QMenu, model: LabelsModel, keeper: ColumnKeeper) -> None:
    group = QActionGroup(menu)
    choices: list[tuple[str, Column | None, bool]] = [("The model’s order", None, False)]
    for column in Column:
        up, down = ("A to Z", "Z to A") if column is Column.NAME else ("lowest first", "highest first")
        choices += [(f"{TEXTS[column].name}, {up}", column, False), (f"{TEXTS[column].name}, {down}", column, True)]
    for text, choice, descending in choices:
        action = menu.addAction(text)
        action.setCheckable(True)
        action.setChecked((choice, descending) == (model.sort_column, model.descending))
        action.triggered.connect(partial(_sort, keeper, choice, descending))
        group.addAction(action)


def _sort(keeper: ColumnKeeper, column: Column | None, descending: bool, _checked: bool = False) -> None:
    keeper.sort_by(column, descending)


class LabelsHeader(QHeaderView):
    """Small titles; the sorting mark stands above the title, so that it takes no width."""

    def __init__(self, model: LabelsModel, keeper: ColumnKeeper, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._model = model
        self._keeper = keeper
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        self.setMinimumSectionSize(20)
        self.setAccessibleName("Columns of the labels table")
        self._fit_height()
        self.sectionClicked.connect(self._clicked)

    def _clicked(self, section: int) -> None:
        self._keeper.cycle_sort(Column(section))

    def _fit_height(self) -> None:
        self.setFixedHeight(round(self.fontMetrics().height() * 1.75))

    def changeEvent(self, event: QEvent) -> None:
        """A larger font needs a higher header."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit_height()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Right click: which columns to show."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        fill_columns_menu(menu, self._model, self._keeper)
        menu.popup(event.globalPos())

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:
        """Title and sorting mark."""
        theme, column, area = current_theme(), Column(logicalIndex), QRectF(rect)
        painter.save()
        painter.fillRect(area, QColor(theme.raised))
        painter.fillRect(QRectF(area.left(), area.bottom() - 1, area.width(), 1), QColor(theme.border))
        outcome = _OUTCOMES.get(column)
        sorts = column is self._model.sort_column
        painter.setFont(smaller(self.font()))
        painter.setPen(QColor(theme.text if outcome is None else theme.outcome[outcome]))
        side = Qt.AlignmentFlag.AlignLeft if column in _LEFT_ALIGNED else Qt.AlignmentFlag.AlignRight
        left = column in _LEFT_ALIGNED
        room = area.adjusted(PAD + 2, 3, -PAD, 0) if left else area.adjusted(0, 3, -NUMBER_PAD, 0)
        painter.drawText(room, int(side | Qt.AlignmentFlag.AlignVCenter), TEXTS[column].title)
        if sorts:
            width = painter.fontMetrics().horizontalAdvance(TEXTS[column].title)
            middle = room.left() + width / 2 if column in _LEFT_ALIGNED else room.right() - width / 2
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
