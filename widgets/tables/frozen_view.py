"""Columns that stay in sight while the others are scrolled sideways."""

from __future__ import annotations

from enum import IntEnum

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView


def prepare(view: QTableView, header: QHeaderView) -> None:
    """What the main view and the frozen one have in common."""
    view.setHorizontalHeader(header)
    view.verticalHeader().hide()
    view.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    view.setShowGrid(False)
    view.setWordWrap(False)
    view.setTabKeyNavigation(False)
    view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    view.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    view.setAutoScroll(False)


class FrozenView(QTableView):
    """Lies over the left end of the main view, with which it shares model, selection and vertical place.

    ``kept`` are its columns. The main view has its model already.
    """

    def __init__(self, main: QTableView, header: QHeaderView, kept: tuple[IntEnum, ...]) -> None:
        super().__init__(main)
        self._main = main
        self._kept = kept
        self.setModel(main.model())
        prepare(self, header)
        self.setSelectionModel(main.selectionModel())
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFocusProxy(main)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.hide()
        main.verticalScrollBar().valueChanged.connect(self.verticalScrollBar().setValue)
        self.verticalScrollBar().valueChanged.connect(main.verticalScrollBar().setValue)

    def take_place(self, row_height: int) -> None:
        """Take size and place from the main view; hidden while nothing is scrolled away."""
        main = self._main
        self.verticalHeader().setMinimumSectionSize(1)
        self.verticalHeader().setDefaultSectionSize(row_height)
        for column in range(self.model().columnCount()):
            self.setColumnHidden(column, column not in self._kept)
        for column in self._kept:
            self.setColumnWidth(column, main.columnWidth(column))
        width = sum(main.columnWidth(column) for column in self._kept)
        frame = main.frameWidth()
        self.setGeometry(frame, frame, width, main.viewport().height() + main.horizontalHeader().height())
        self.setVisible(main.horizontalScrollBar().value() > 0)
        self.verticalScrollBar().setValue(main.verticalScrollBar().value())
