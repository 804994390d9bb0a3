"""The header of the labels table: titles, the sorting mark and the menu of columns."""

from __future__ import annotations

from functools import partial
from typing import Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QActionGroup, QColor, QContextMenuEvent, QPainter
from PySide6.QtWidgets import QMenu, QWidget

from inference.types import Outcome
from widgets.labels_table.columns import STRETCHED, TEXTS, Column
from widgets.labels_table.keeper import ColumnKeeper
from widgets.labels_table.layout import NUMBER_PAD
from widgets.labels_table.model import LabelsModel
from widgets.tables.measures import PAD
from widgets.tables.sort_header import SortHeader
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


class LabelsHeader(SortHeader):
    """A click sorts: ascending, descending, not at all; the counts have the colours of their outcomes."""

    def __init__(self, model: LabelsModel, keeper: ColumnKeeper, parent: QWidget) -> None:
        super().__init__(model, parent)
        self._model = model
        self._keeper = keeper
        self.setMinimumSectionSize(20)
        self.setAccessibleName("Columns of the labels table")
        self.sectionClicked.connect(self._clicked)

    def _clicked(self, section: int) -> None:
        self._keeper.cycle_sort(Column(section))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Right click: which columns to show."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        fill_columns_menu(menu, self._model, self._keeper)
        menu.popup(event.globalPos())

    def paint_title(self, painter: QPainter, section: int, area: QRectF) -> float:
        """Words at the left, numbers at the right."""
        column = Column(section)
        title, left = TEXTS[column].title, column in _LEFT_ALIGNED
        if column in _OUTCOMES:
            painter.setPen(QColor(current_theme().outcome[_OUTCOMES[column]]))
        side = Qt.AlignmentFlag.AlignLeft if left else Qt.AlignmentFlag.AlignRight
        room = area.adjusted(PAD + 2, 3, -PAD, 0) if left else area.adjusted(0, 3, -NUMBER_PAD, 0)
        painter.drawText(room, int(side | Qt.AlignmentFlag.AlignVCenter), title)
        width = painter.fontMetrics().horizontalAdvance(title)
        return room.left() + width / 2 if left else room.right() - width / 2
