"""All images of the folder as thumbnails or lines, 100,000 as well as 10.

The gallery asks for the thumbnails that it is about to show (``thumbnailsRequested``) and is given them one by one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QRect, QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from inference.types import BoolArray, IntArray, RgbArray, ScoreArray, StateArray
from widgets.elided_label import ElidedLabel
from widgets.gallery_delegate import GalleryDelegate
from widgets.gallery_model import GalleryModel, thumbnail_image
from widgets.theme import current_theme

_MARGIN_SCREENS: Final = 1  # thumbnails are wanted this many screens beyond the visible rows


class GalleryView(QListView):
    """The list itself: Left/Right and A/D step through the images, in the grid and in the list."""

    stepRequested = Signal(int)
    edgeRequested = Signal(bool)
    viewMoved = Signal()

    def __init__(self, model: GalleryModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.empty_text = ""
        self._delegate = GalleryDelegate(model, self)
        self.setModel(model)
        self.setItemDelegate(self._delegate)
        self.setUniformItemSizes(True)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMovement(QListView.Movement.Static)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
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
        self._delegate.grid = grid
        # Not IconMode, which keeps a tree of all items and is slow with 100,000 of them.
        self.setFlow(QListView.Flow.LeftToRight if grid else QListView.Flow.TopToBottom)
        self.setWrapping(grid)
        self._fit_cells()

    def visibleRows(self) -> range:
        """The rows that are at least partly in sight."""
        count = self.model().rowCount()
        height, columns = self._delegate.cell.height(), self._delegate.columns
        top = self.verticalOffset()
        first = top // height * columns
        last = ((top + self.viewport().height() - 1) // height + 1) * columns
        return range(min(first, count), min(last, count))

    def keyboardSearch(self, search: str) -> None:
        """Nothing: A and D step through the images, names are found with the filter."""

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: D102
        steps = {Qt.Key.Key_Right: 1, Qt.Key.Key_D: 1, Qt.Key.Key_Left: -1, Qt.Key.Key_A: -1}
        modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if modifiers != Qt.KeyboardModifier.NoModifier:
            super().keyPressEvent(event)
        elif event.key() in steps:
            self.stepRequested.emit(steps[Qt.Key(event.key())])
        elif event.key() in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self.edgeRequested.emit(event.key() == Qt.Key.Key_End)
        else:
            super().keyPressEvent(event)

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

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: D102
        super().paintEvent(event)
        if self.model().rowCount() == 0 and self.empty_text:
            painter = QPainter(self.viewport())
            painter.setPen(QColor(current_theme().muted))
            room: QRect = self.viewport().rect().adjusted(12, 12, -12, -12)
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(room, int(flags), self.empty_text)

    def _fit_cells(self) -> None:
        size = self._delegate.fit_cells(self.fontMetrics(), self.viewport().width())
        if size != self.gridSize():
            self.setGridSize(size)


class Gallery(QWidget):
    """The images to choose from. An image is named by its index in the list given to ``setImages``."""

    imageChosen = Signal(int)
    thumbnailsRequested = Signal(list)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = GalleryModel(self)
        self._view = GalleryView(self._model, self)
        self._current = -1
        self._label = ""
        self._asked: set[int] = set()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._request_thumbnails)
        self._build()
        self._view.viewMoved.connect(self._ask_soon)
        self._view.stepRequested.connect(self._step)
        self._view.edgeRequested.connect(self._go_to_edge)
        self._view.selectionModel().currentChanged.connect(self._on_current_changed)
        self._view.clicked.connect(self._on_clicked)
        self._say_what_is_shown()

    # Setters

    def setImages(self, names: Sequence[str]) -> None:
        """New images (relative paths); thumbnails, states, outcomes, the order and the choice are forgotten."""
        self._asked.clear()
        self._current = -1
        with QSignalBlocker(self._view.selectionModel()):
            self._model.set_images(names)
        self._after_rearranging()

    def setOrder(self, indices: Sequence[int] | IntArray | None) -> None:
        """Show only these images, in this order; None for all as they came."""
        with QSignalBlocker(self._view.selectionModel()):
            self._model.set_order(indices)
        self._after_rearranging()

    def setThumbnail(self, index: int, rgb: RgbArray) -> None:
        """The picture (h, w, 3) uint8 of one image; any size, about 256 pixels is best."""
        if not 0 <= index < len(self._model.names) or not rgb.size:
            return
        self._asked.discard(index)
        self._model.failed.pop(index, None)
        self._model.thumbnails.put(index, thumbnail_image(rgb))
        self._repaint(index)

    def setThumbnailFailed(self, index: int, reason: str) -> None:
        """The image cannot be shown: the reason, one sentence."""
        if not 0 <= index < len(self._model.names):
            return
        self._asked.discard(index)
        self._model.failed[index] = reason
        self._repaint(index)

    def setStates(self, states: StateArray | None) -> None:
        """An ImageState an image (n,), not copied; None where nothing was ever scored."""
        self._model.states = states
        self._view.viewport().update()

    def setFailures(self, reasons: Mapping[int, str]) -> None:
        """Why images have no score, by index; not copied."""
        self._model.reasons = reasons
        self._view.viewport().update()

    def setOutcomes(self, outcomes: StateArray | None, scores: ScoreArray | None, label: str) -> None:
        """The Outcome (n,) and the score (n,) of every image under ``label``, not copied; cheap at any length."""
        before = self._said_of_visible()
        self._model.outcomes, self._model.scores = outcomes, scores
        if label != self._label:
            self._label = label
            self._say_what_is_shown()
        if before != self._said_of_visible():  # most moves of a threshold flip nothing that is in sight
            self._view.viewport().update()

    def _said_of_visible(self) -> tuple[bytes, bytes]:
        """Outcomes and scores of the images in sight, to be compared."""
        seen = [self._model.index_of_row(row) for row in self._view.visibleRows()]
        outcomes, scores = self._model.outcomes, self._model.scores
        return (
            b"" if outcomes is None else outcomes[seen].tobytes(),
            b"" if scores is None else scores[seen].tobytes(),
        )

    def setAnnotated(self, annotated: BoolArray | None) -> None:
        """Which images somebody annotated (n,), not copied. The others are marked, unless that would mark them all."""
        self._model.set_annotated(annotated)
        self._say_what_is_shown()
        self._view.viewport().update()

    def setCurrent(self, index: int) -> None:
        """Choose an image and bring it into sight; -1 for none."""
        self._current = index if 0 <= index < len(self._model.names) else -1
        self._show_current()

    # What is shown

    def current(self) -> int:
        """The chosen image, also while the filter hides it; -1 for none."""
        return self._current

    def countText(self) -> str:
        """How many images are listed, as "37 of 400"; only the number when all are."""
        total, shown = len(self._model.names), self._model.rowCount()
        if self._model.filtered():
            return f"{shown:,} of {total:,}"
        return f"{total:,} image" if total == 1 else f"{total:,} images"

    def shown(self) -> list[int]:
        """The listed images, in their order."""
        return [self._model.index_of_row(row) for row in range(self._model.rowCount())]

    def view(self) -> GalleryView:
        """The list of images."""
        return self._view

    def filterField(self) -> QLineEdit:
        """The field for a part of a file's name."""
        return self._filter

    # The user's commands, as slots

    def nextImage(self) -> None:
        """The image after the current one; the first where none is chosen or shown."""
        self._step(1)

    def previousImage(self) -> None:
        """The image before the current one."""
        self._step(-1)

    def firstImage(self) -> None:
        """The first image shown."""
        self._go_to_edge(False)

    def lastImage(self) -> None:
        """The last image shown."""
        self._go_to_edge(True)

    def setGrid(self, grid: bool) -> None:
        """Thumbnails in a grid (True), or a line an image."""
        with QSignalBlocker(self._list):
            self._list.setChecked(not grid)
        self._view.setGrid(grid)
        self._show_current()
        self._ask_soon()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: D102
        super().showEvent(event)
        self._show_current()
        self._ask_soon()

    # Inside

    def _build(self) -> None:
        self._filter = QLineEdit(self)
        self._filter.setPlaceholderText("Filter by file name")
        self._filter.setAccessibleName("Filter images by file name")
        self._filter.setClearButtonEnabled(True)
        self._filter.textChanged.connect(self._on_filter_changed)
        self._list = QToolButton(self)
        self._list.setText("List")
        self._list.setCheckable(True)
        self._list.setAccessibleName("Show the images as a list")
        self._list.setToolTip("A line an image instead of the grid")
        self._list.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._list.toggled.connect(self._on_list_toggled)
        self._count = ElidedLabel(parent=self)
        tools = QHBoxLayout()
        tools.setContentsMargins(4, 3, 4, 3)
        tools.setSpacing(4)
        tools.addWidget(self._filter, 1)
        tools.addWidget(self._list)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(tools)
        heading = QHBoxLayout()
        heading.setContentsMargins(6, 0, 6, 3)
        heading.addWidget(self._count)
        column.addLayout(heading)
        column.addWidget(self._view, 1)
        self.setFocusProxy(self._view)

    def _say_what_is_shown(self) -> None:
        text = self.countText()
        if self._label and self._model.names:
            text += f" · outcome and score of {self._label}"
        if self._model.none_annotated:
            text += " · none annotated"
        self._count.setText(text)
        if not self._model.names:
            self._view.empty_text = "No images.\nOpen a validation folder to see them here."
        elif self._filter.text():
            self._view.empty_text = f"No file name contains “{self._filter.text()}”."
        else:
            self._view.empty_text = "No image is left to show."

    def _after_rearranging(self) -> None:
        self._say_what_is_shown()
        self._show_current()
        self._view.viewport().update()
        self._ask_soon()

    def _show_current(self) -> None:
        """Select the current image's row without telling anybody."""
        selection = self._view.selectionModel()
        row = self._model.row_of_index(self._current)
        with QSignalBlocker(selection):
            if row < 0:
                selection.clear()
            else:
                where = self._model.index(row)
                selection.setCurrentIndex(where, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        if row >= 0 and self.isVisible():  # else showEvent does it, when the size is known
            self._view.scrollTo(self._model.index(row))
        self._view.viewport().update()  # the blocked signals would have told the view

    def _choose_row(self, row: int) -> None:
        index = self._model.index_of_row(row)
        if index >= 0 and index != self._current:
            self.setCurrent(index)
            self.imageChosen.emit(index)

    def _step(self, step: int) -> None:
        count = self._model.rowCount()
        row = self._model.row_of_index(self._current)
        if count:
            self._choose_row(min(max(row + step, 0), count - 1) if row >= 0 else 0)

    def _go_to_edge(self, last: bool) -> None:
        self._choose_row(self._model.rowCount() - 1 if last else 0)

    def _on_current_changed(self, current: QModelIndex, previous: QModelIndex) -> None:
        """The mouse or an arrow key chose a row."""
        index = self._model.index_of_row(current.row()) if current.isValid() else -1
        if index >= 0 and index != self._current:
            self._current = index
            self.imageChosen.emit(index)

    def _on_clicked(self, clicked: QModelIndex) -> None:
        """A click on what Qt already calls current changes nothing there, but may here."""
        self._on_current_changed(clicked, clicked)

    def _on_list_toggled(self, as_list: bool) -> None:
        self.setGrid(not as_list)

    def _on_filter_changed(self, text: str) -> None:
        with QSignalBlocker(self._view.selectionModel()):
            self._model.set_filter(text)
        self._after_rearranging()

    def _repaint(self, index: int) -> None:
        row = self._model.row_of_index(index)
        if row in self._view.visibleRows():
            self._view.update(self._model.index(row))

    def _ask_soon(self) -> None:
        if not self._timer.isActive():
            self._timer.start()

    def _request_thumbnails(self) -> None:
        """Ask for what is in sight and a screen around it; ask again only for what was not asked for last time."""
        if not self.isVisible():
            return
        seen = self._view.visibleRows()
        beyond = len(seen) * _MARGIN_SCREENS
        after = range(seen.stop, min(seen.stop + beyond, self._model.rowCount()))
        before = range(seen.start - 1, max(seen.start - 1 - beyond, -1), -1)
        rows = [*seen, *after, *before]
        wanted = [index for index in map(self._model.index_of_row, rows) if self._is_missing(index)]
        if not self._asked.issuperset(wanted):
            self._asked = set(wanted)
            self.thumbnailsRequested.emit(wanted)

    def _is_missing(self, index: int) -> bool:
        return index not in self._model.thumbnails and index not in self._model.failed
