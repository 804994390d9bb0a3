"""The list of images itself: where the rows are, and what the mouse and the keys wish for."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QContextMenuEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from widgets.gallery.cells import CellLayout, CellPainter
from widgets.gallery.facts import cell_facts
from widgets.gallery.model import GalleryModel
from widgets.theme import current_theme

_SHIFT: Final = Qt.KeyboardModifier.ShiftModifier
_CONTROL: Final = Qt.KeyboardModifier.ControlModifier


class GalleryView(QListView):
    """Left/Right and A/D step through the images, in the grid and in the list; Shift extends the selection.

    What is selected is kept in the model, image by image, and not in Qt's ranges of rows: it survives sorting, and
    50,000 scattered images cost no more than one.
    """

    stepRequested = Signal(int, bool)  # rows to go, whether to extend the selection
    edgeRequested = Signal(bool, bool)  # to the last row (else the first), whether to extend
    rowPressed = Signal(int, bool, bool)  # row, whether to extend (Shift), whether to add or take away (Ctrl)
    allRequested = Signal()
    singleRequested = Signal()  # only the current image stays selected
    menuAsked = Signal(QPoint)  # global place
    viewMoved = Signal()

    def __init__(self, model: GalleryModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.empty_text = ""
        self._images = model
        self._grid = True
        self._cells = CellLayout.fit(self.fontMetrics(), self.width(), grid=True)
        self.setModel(model)
        self.setItemDelegate(_CellSize(self))
        self.setUniformItemSizes(True)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMovement(QListView.Movement.Static)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setAccessibleName("Images")
        self.verticalScrollBar().valueChanged.connect(self.viewMoved)
        self.setGrid(True)

    def setGrid(self, grid: bool) -> None:
        """Thumbnails in a grid, or a line an image."""
        self._grid = grid
        # Not IconMode, which keeps a tree of all items and is slow with 100,000 of them.
        self.setFlow(QListView.Flow.LeftToRight if grid else QListView.Flow.TopToBottom)
        self.setWrapping(grid)
        self._fit_cells()

    def cellSize(self) -> QSize:
        """The size of every cell."""
        return self._cells.cell

    def visibleRows(self) -> range:
        """The rows that are at least partly in sight."""
        top = self.verticalOffset()
        return self._cells.rows(top, top + self.viewport().height() - 1, len(self._images.rows))

    def keyboardSearch(self, search: str) -> None:
        """Nothing: A and D step through the images, names are found with the query."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Steps, edges and the selection; any other key is left to the window."""
        key = Qt.Key(event.key())
        modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if modifiers == _CONTROL and key == Qt.Key.Key_A:
            self.allRequested.emit()
        elif key == Qt.Key.Key_Escape and self._images.selection.many:
            self.singleRequested.emit()
        elif modifiers not in (Qt.KeyboardModifier.NoModifier, _SHIFT):
            event.ignore()
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self.edgeRequested.emit(key == Qt.Key.Key_End, modifiers == _SHIFT)
        elif (step := self._step_of(key)) != 0:
            self.stepRequested.emit(step, modifiers == _SHIFT)
        else:
            event.ignore()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose with the left button; the right one chooses what is not selected yet."""
        row = self.indexAt(event.position().toPoint()).row()
        if row < 0:
            return
        if event.button() == Qt.MouseButton.LeftButton:
            modifiers = event.modifiers()
            self.rowPressed.emit(row, bool(modifiers & _SHIFT), bool(modifiers & _CONTROL))
        elif event.button() == Qt.MouseButton.RightButton and self._images.index_of_row(row) not in (
            self._images.selection
        ):
            self.rowPressed.emit(row, False, False)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Nothing is dragged."""

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """The press did it all."""

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """As a press, or every second of many quick clicks would be lost."""
        self.mousePressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Where the mouse is; for the menu key at the current image."""
        if event.reason() != QContextMenuEvent.Reason.Keyboard:
            if self.indexAt(event.pos()).isValid():
                self.menuAsked.emit(event.globalPos())
            return
        current = self.currentIndex()
        if current.isValid():
            self.scrollTo(current)
            self.menuAsked.emit(self.viewport().mapToGlobal(self.visualRect(current).center()))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: D102
        current = self.currentIndex()
        seen = current.row() in self.visibleRows()
        self._fit_cells()
        super().resizeEvent(event)
        if seen:
            self.scrollTo(current)
        self.viewMoved.emit()

    def changeEvent(self, event: QEvent) -> None:  # noqa: D102
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._fit_cells()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The cells that the event is about, and nothing of Qt's own."""
        painter = QPainter(self.viewport())
        if not len(self._images.rows):
            self._paint_empty(painter)
            return
        area, top = event.rect(), self.verticalOffset()
        rows = self._cells.rows(area.top() + top, area.bottom() + top, len(self._images.rows))
        cells = CellPainter(painter, self.font(), self._cells, self._images.fitted)
        for row, facts in zip(rows, cell_facts(self._images, self._images.rows[rows.start : rows.stop]), strict=True):
            rect = self._cells.rect(row).translated(0, -top)
            if rect.intersects(area):
                cells.paint(rect, facts)

    def _paint_empty(self, painter: QPainter) -> None:
        painter.setPen(QColor(current_theme().muted))
        room: QRect = self.viewport().rect().adjusted(12, 12, -12, -12)
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(room, int(flags), self.empty_text)

    def _step_of(self, key: Qt.Key) -> int:
        """How many rows a key goes; 0 for none. Up and Down stay in their column where there is a line to go to."""
        columns, count = self._cells.columns, len(self._images.rows)
        page = max(self.viewport().height() // self._cells.cell.height() - 1, 1) * columns
        row = self._images.row_of_index(self._images.selection.current)
        up = -columns if row >= columns else 0
        down = columns if row < 0 or row // columns < (count - 1) // columns else 0
        steps = {
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_D: 1,
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_A: -1,
            Qt.Key.Key_Down: down,
            Qt.Key.Key_Up: up,
            Qt.Key.Key_PageDown: page,
            Qt.Key.Key_PageUp: -page,
        }
        return steps.get(key, 0)

    def _fit_cells(self) -> None:
        self._cells = CellLayout.fit(self.fontMetrics(), self.viewport().width(), grid=self._grid)
        if self._cells.cell != self.gridSize():
            self.setGridSize(self._cells.cell)


class _CellSize(QStyledItemDelegate):
    """What Qt needs to know of a cell, for clicks and tool tips; the view paints the cells itself."""

    def __init__(self, view: GalleryView) -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return self._view.cellSize()
