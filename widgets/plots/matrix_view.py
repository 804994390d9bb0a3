"""A table of counts between labels: who is confused with whom, what stands instead, what occurs together."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QModelIndex, QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import QAbstractItemView, QComboBox, QFrame, QLabel, QTableView, QWidget

from inference.types import CountTable, TableKind
from widgets.plots.frame import PlotFrame
from widgets.plots.matrix_model import MatrixModel, Order, off_diagonal
from widgets.plots.matrix_paint import (
    CellDelegate,
    MatrixHeader,
    cell_size,
    name_length,
    paint_cell,
    paint_grid,
    paint_name,
)
from widgets.plots.saving import name_cell, table_text
from widgets.plots.words import joined, share
from widgets.theme import current_theme

NO_TABLE: Final = "Score a folder with annotations to see how its labels are mixed up."
TITLES: Final = {
    TableKind.CONFUSION: "Confusion",
    TableKind.MISSED: "Missed labels",
    TableKind.TOGETHER: "Annotated together",
}
READINGS: Final = {
    TableKind.CONFUSION: ("rows: annotated", "columns: predicted", "shade: share of the row"),
    TableKind.MISSED: ("rows: missed", "columns: wrongly predicted instead", "shade: share of the row"),
    TableKind.TOGETHER: ("rows, columns: annotated", "diagonal: all of the label", "shade: share of the row"),
}
ORDERS: Final = (
    (Order.LABELS, "Order of the model"),
    (Order.NAME, "By name"),
    (Order.IMAGES, "Most images first"),
    (Order.ERRORS, "Most mixed up first"),
)

MOST_SAVED: Final = 150  # labels in a file: their cells grow with the square
_ARROWS: Final = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down)
_ENTER: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class MatrixView(PlotFrame):
    """Counts, shaded by their share of the row. Setters emit nothing.

    ``cellChosen`` carries row and column of the table that was set, whatever the order on the screen. A column
    beyond the labels is the table's last: "rejected" or "nothing".
    """

    cellChosen = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Table of labels", parent)
        self._table: CountTable | None = None
        self._model = MatrixModel()
        self._ground = ""
        self._build_view()
        self._build_order()
        self._restyle()
        self._refresh()

    # Setters

    def setTable(self, table: CountTable | None) -> None:
        """Show a table; None, or one without images, shows a message instead."""
        self._table = table
        self._model.setTable(table, self.order())
        self._size_cells()
        self._picture_changed()

    def setOrder(self, order: Order) -> None:
        """Sort rows and columns."""
        self._order.setCurrentIndex([value for value, _ in ORDERS].index(order))

    # Reading

    def order(self) -> Order:
        """What rows and columns are sorted by."""
        return ORDERS[self._order.currentIndex()][0]

    def cell_text(self, row: int, column: int) -> str:
        """What a cell of the table, as shown, says in words."""
        return self._model.words(row, column)

    def cell_rect(self, row: int, column: int) -> QRectF:
        """Where a cell, as shown, lies in this widget."""
        rect = self._view.visualRect(self._model.index(row, column))
        rect.moveTo(self._view.viewport().mapTo(self, rect.topLeft()))
        return QRectF(rect)

    def data_text(self) -> str:
        """The table as shown, with a column of the rows' totals."""
        table = self._table
        if table is None:
            return ""
        rows, columns = range(self._model.rowCount()), range(self._model.columnCount())
        at = [self._model.source(row, 0)[0] for row in rows]
        columns_shown = [("", [name_cell(table.rows[row]) for row in at])]
        for column in columns:
            name = table.columns[self._model.source(0, column)[1]]
            columns_shown.append((name_cell(name), [str(self._model.count(row, column)) for row in rows]))
        return table_text([*columns_shown, ("total", [str(int(table.totals[row])) for row in at])])

    # Building

    def _build_view(self) -> None:
        self._view = QTableView()
        self._view.setModel(self._model)
        self._delegate = CellDelegate(self._model)
        self._view.setItemDelegate(self._delegate)
        self._across, self._down = MatrixHeader(Qt.Orientation.Horizontal), MatrixHeader(Qt.Orientation.Vertical)
        self._view.setHorizontalHeader(self._across)
        self._view.setVerticalHeader(self._down)
        self._across.show()
        self._down.show()
        self._view.setCornerButtonEnabled(False)
        self._view.setShowGrid(False)
        self._view.setFrameShape(QFrame.Shape.NoFrame)
        self._view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self._view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self._view.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self._view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self._view.setTabKeyNavigation(False)
        self._view.setAccessibleName("Counts of images between labels")
        self._view.clicked.connect(self._on_chosen)
        self._view.installEventFilter(self)
        self.setFocusProxy(self._view)
        self._set_body(self._view)

    def _build_order(self) -> None:
        self._order = QComboBox()
        for order, text in ORDERS:
            self._order.addItem(text, order)
        self._order.setAccessibleName("Order of rows and columns")
        caption = QLabel("&Sort")
        caption.setBuddy(self._order)
        self._options.addWidget(caption)
        self._options.addWidget(self._order)
        self._options.addStretch(1)
        self._order.currentIndexChanged.connect(self._on_order)

    # Showing

    def _drawable(self) -> bool:
        return self._table is not None and bool(self._table.totals.any())

    def _empty_text(self) -> str:
        if self._message or self._table is None:
            return self._message or NO_TABLE
        if self._table.kind is TableKind.MISSED:
            return "No annotated label is missed."
        return "No image with a known truth is scored yet."

    def _title_rest(self) -> str:
        table = self._table
        if table is None:
            return ""
        title = TITLES[table.kind]
        if table.kind is TableKind.CONFUSION:
            total = int(table.totals.sum())
            return f"{title} · right {share(total - int(off_diagonal(table).sum()), total)}"
        if table.kind is TableKind.MISSED:
            return f"{title} · {int(table.totals.sum()):,} in all"
        return title

    def _caption_text(self) -> str:
        return "" if self._table is None else joined(*READINGS[self._table.kind])

    def _restyle(self) -> None:
        self._size_cells()
        ground = current_theme().window
        if ground != self._ground:  # a new style sheet changes the palette once more
            self._ground = ground
            self._view.setStyleSheet(f"QTableCornerButton::section {{ background: {ground}; border: none; }}")
        self._view.viewport().update()

    def _size_cells(self) -> None:
        table = self._table
        font = self.font()
        widest = "000" if table is None or not table.counts.size else f"{int(table.counts.max()):,}"
        size = cell_size(font, widest)
        self._across.setMinimumSectionSize(10)
        self._down.setMinimumSectionSize(10)
        self._across.setDefaultSectionSize(size.width())
        self._down.setDefaultSectionSize(size.height())
        names = () if table is None else table.columns
        self._across.setLength(name_length(font, names))
        self._down.setLength(name_length(font, names))

    def _on_order(self) -> None:
        self._model.setOrder(self.order())

    def _on_chosen(self, index: QModelIndex) -> None:
        if index.isValid() and self._model.count(index.row(), index.column()):
            self.cellChosen.emit(*self._model.source(index.row(), index.column()))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter chooses the current cell; the arrows are the table's while it has the focus."""
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.update()
        if not isinstance(event, QKeyEvent):
            return False
        if event.type() == QEvent.Type.ShortcutOverride and event.key() in (*_ARROWS, *_ENTER):
            event.accept()
            return True
        if event.type() == QEvent.Type.KeyPress and event.key() in _ENTER:
            self._on_chosen(self._view.currentIndex())
            return True
        return False

    # Files

    def _saved(self) -> tuple[int, int]:
        """Rows and columns that a file shows: the first ones where there are too many to draw."""
        return min(self._model.rowCount(), MOST_SAVED), min(self._model.columnCount(), MOST_SAVED + 1)

    def _body_size(self) -> QSize:
        rows, columns = self._saved()
        across = columns * self._across.defaultSectionSize() + self._down.sizeHint().width()
        down = rows * self._down.defaultSectionSize() + self._across.sizeHint().height()
        return QSize(max(across + 2, 360), down + 2)

    def _paint_body(self, painter: QPainter) -> None:
        """The table from its first cell on, not the part that is scrolled to."""
        table = self._table
        if table is None:
            return
        rows, columns = self._saved()
        left, top = self._down.sizeHint().width(), self._across.sizeHint().height()
        width, height = self._across.defaultSectionSize(), self._down.defaultSectionSize()
        painter.setFont(self.font())
        for column in range(columns):
            name = table.columns[self._model.source(0, column)[1]]
            paint_name(painter, QRectF(left + column * width, 0, width, top), name, True)
        for row in range(rows):
            y = top + row * height
            paint_name(painter, QRectF(0, y, left, height), table.rows[self._model.source(row, 0)[0]], False)
            for column in range(columns):
                paint_cell(painter, QRectF(left + column * width, y, width, height), self._model, row, column)
        paint_grid(painter, QRectF(left, top, columns * width, rows * height), rows, columns)
