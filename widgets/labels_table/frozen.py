"""The label column that stays in sight while the other columns are scrolled sideways."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView

from widgets.labels_table.columns import Column
from widgets.labels_table.delegate import LabelsDelegate
from widgets.labels_table.header import LabelsHeader
from widgets.labels_table.keeper import ColumnKeeper
from widgets.labels_table.model import LabelsModel


def prepare(view: QTableView, header: LabelsHeader) -> None:
    """What both views have in common."""
    view.setHorizontalHeader(header)
    view.verticalHeader().hide()
    view.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    view.setShowGrid(False)
    view.setWordWrap(False)
    view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    view.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    view.setAutoScroll(False)


class FrozenNames(QTableView):
    """Lies over the left end of the main view, with which it shares model, selection and vertical place."""

    def __init__(self, main: QTableView, model: LabelsModel, keeper: ColumnKeeper) -> None:
        super().__init__(main)
        self._main = main
        self._keeper = keeper
        self.setModel(model)
        prepare(self, LabelsHeader(model, keeper, self))
        self._names = LabelsDelegate(model, keeper.layout, self)
        self._names.edged = True
        self.setItemDelegate(self._names)
        self.setSelectionModel(main.selectionModel())
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFocusProxy(main)
        self.setAccessibleName("Label names, kept in sight")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.hide()
        main.verticalScrollBar().valueChanged.connect(self.verticalScrollBar().setValue)
        self.verticalScrollBar().valueChanged.connect(main.verticalScrollBar().setValue)
        self.horizontalHeader().sectionResized.connect(self._resized)

    def follow(self) -> None:
        """Take size and place from the main view; hidden while nothing is scrolled away."""
        self._names.layout = self._keeper.layout
        self.verticalHeader().setDefaultSectionSize(self._keeper.layout.row_height)
        for column in Column:
            self.setColumnHidden(column, column is not Column.NAME)
        width = self._main.columnWidth(Column.NAME)
        self.setColumnWidth(Column.NAME, width)
        frame, viewport = self._main.frameWidth(), self._main.viewport()
        self.setGeometry(frame, frame, width, viewport.height() + self._main.horizontalHeader().height())
        self.setVisible(self._main.horizontalScrollBar().value() > 0)
        self.verticalScrollBar().setValue(self._main.verticalScrollBar().value())

    def _resized(self, section: int, _old: int, new: int) -> None:
        if section == Column.NAME and new > 0 and new != self._main.columnWidth(Column.NAME):
            self._main.setColumnWidth(Column.NAME, new)
