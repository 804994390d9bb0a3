"""The label column that stays in sight while the other columns are scrolled sideways."""

from __future__ import annotations

from PySide6.QtWidgets import QTableView

from widgets.labels_table.columns import Column
from widgets.labels_table.delegate import LabelsDelegate
from widgets.labels_table.header import LabelsHeader
from widgets.labels_table.keeper import ColumnKeeper
from widgets.labels_table.model import LabelsModel
from widgets.tables.frozen_view import FrozenView


class FrozenNames(FrozenView):
    """The names; the user can widen them here as well."""

    def __init__(self, main: QTableView, model: LabelsModel, keeper: ColumnKeeper) -> None:
        super().__init__(main, LabelsHeader(model, keeper, main), (Column.NAME,))
        self._keeper = keeper
        self._names = LabelsDelegate(model, keeper.layout, self)
        self._names.edged = True
        self.setItemDelegate(self._names)
        self.setAccessibleName("Label names, kept in sight")
        self.horizontalHeader().sectionResized.connect(self._resized)

    def follow(self) -> None:
        """Take widths, size and place from the main view."""
        self._names.layout = self._keeper.layout
        self.take_place(self._keeper.layout.row_height)

    def _resized(self, section: int, _old: int, new: int) -> None:
        if section == Column.NAME and new > 0 and new != self._main.columnWidth(Column.NAME):
            self._main.setColumnWidth(Column.NAME, new)
