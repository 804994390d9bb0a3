"""All images of the folder as thumbnails or lines, 100,000 as well as 10, with the tools that choose among them.

The gallery asks for the thumbnails that it is about to show (``thumbnailsRequested``) and is given them one by one.
It filters and sorts nothing itself: it says what is wished for and is given the order (``setOrder``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from PySide6.QtCore import QElapsedTimer, QPoint, QSignalBlocker, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from inference.types import BoolArray, IntArray, RgbArray, ScoreArray, StateArray
from inference.types.gallery import FacetItem, ImageMarks, QueueStatus
from widgets.gallery.choosing import Choosing
from widgets.gallery.completions import CompletionLike
from widgets.gallery.facts import said_of
from widgets.gallery.header import GalleryHeader
from widgets.gallery.model import GalleryModel
from widgets.gallery.query_field import QueryField
from widgets.gallery.thumbnails import thumbnail_image
from widgets.gallery.view import GalleryView

_FEW_CELLS: Final = 8  # are repainted one by one
_RUSH_MS: Final = 80  # at most between two jumps of a screen or more, while thumbnails wait
_RUSH_JUMPS: Final = 4  # one upon the other
_MARGIN_SCREENS: Final = 1  # thumbnails are wanted this many screens beyond the visible rows


class Gallery(QWidget):
    """The images to choose from. An image is named by its index in the list given to ``setImages``."""

    imageChosen = Signal(int)
    selectionChanged = Signal(object)  # int64 (k,) indices in the order listed
    menuRequested = Signal(QPoint, object)  # global place, the selection
    thumbnailsRequested = Signal(list)
    queryChanged = Signal(str)
    completionsRequested = Signal(str, int)  # text, place of the cursor
    facetToggled = Signal(str)  # term
    sortChanged = Signal(str, bool)  # key, descending
    queueChosen = Signal(str)  # key, "" for none
    nextInQueueRequested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = GalleryModel(self)
        self._view = GalleryView(self._model, self)
        self._choosing = Choosing(self._model, self._view)
        self._header = GalleryHeader(self)
        self._label = ""
        self._unread = False  # the query cannot be read
        self._asked: set[int] = set()
        self._said: IntArray = np.zeros((0, 0), dtype=np.int64)  # by the cells in sight when something last changed
        self._seen = range(0)
        self._jumped, self._jumps = QElapsedTimer(), 0  # since the last jump, and how many came one upon the other
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._request_thumbnails)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._header)
        column.addWidget(self._view, 1)
        self.setFocusProxy(self._view)
        self._connect()
        self._say_what_is_shown()

    # Setters for the images

    def setImages(self, names: Sequence[str]) -> None:
        """New images (relative paths); thumbnails, states, outcomes, marks, order and selection are forgotten."""
        self._asked.clear()
        with QSignalBlocker(self._view.selectionModel()):
            self._model.set_images(names)
        self._after_rearranging()

    def setOrder(self, indices: Sequence[int] | IntArray | None) -> None:
        """Show only these images, in this order; None for all as they came.

        Images that are not listed any more leave the selection, but for the current one; read ``selection()`` after.
        """
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
        self._model.outcomes, self._model.scores = outcomes, scores
        label = "" if outcomes is None else label
        if label != self._label:
            self._label = label
            self._say_what_is_shown()
        self._repaint_changed()

    def setAnnotated(self, annotated: BoolArray | None) -> None:
        """Which images somebody annotated (n,), not copied. The others are marked, unless that would mark them all."""
        self._model.set_annotated(annotated)
        self._say_what_is_shown()
        self._repaint_changed()

    def setMarks(self, marks: ImageMarks | None) -> None:
        """Which images are edited, unsaved, noted, vanished or changed on disk; call it again after a change."""
        self._model.marks = marks if marks is not None else ImageMarks()
        self._repaint_changed()

    def setCurrent(self, index: int) -> None:
        """Choose an image and bring it into sight; -1 for none. Within a selection of many, that selection stays."""
        self._choosing.look_at(index)

    def setSelection(self, indices: Sequence[int] | IntArray) -> None:
        """Select these images as far as they are listed; look at the first where the current one is not among them.

        The one that is looked at is selected also where it is not listed; read ``selection()`` after.
        """
        self._choosing.select(indices)

    # Setters for the tools

    def setQuery(self, text: str) -> None:
        """The text in the query field."""
        self._header.setQuery(text)
        self._say_what_is_shown()

    def setQueryError(self, sentence: str, position: int = -1) -> None:
        """What is wrong with the query and where (-1: nowhere in particular); "" when nothing is."""
        self._header.setQueryError(sentence, position)
        self._unread = bool(sentence)
        self._say_what_is_shown()

    def setCompletions(self, completions: Sequence[CompletionLike]) -> None:
        """What may stand at the cursor, best first; shown while the query field has the focus."""
        self._header.field.setCompletions(completions)

    def setFacets(self, facets: Sequence[FacetItem]) -> None:
        """The filters by a click with their counts; those of OUTCOME_FACETS are chips, the others a menu."""
        self._header.setFacets(facets)

    def setSortKeys(self, keys: Sequence[tuple[str, str]]) -> None:
        """What can be sorted by: (key, text)."""
        self._header.sorting.setKeys(keys)

    def setSort(self, key: str, descending: bool) -> None:
        """What is sorted by."""
        self._header.sorting.setSort(key, descending)

    def setQueues(self, queues: Sequence[tuple[str, str, str]]) -> None:
        """The queues to choose from: (key, text, tip)."""
        self._header.queue.setQueues(queues)

    def setQueue(self, key: str) -> None:
        """The queue that is worked through; "" for none."""
        self._header.queue.setQueue(key)

    def setQueueStatus(self, status: QueueStatus | None) -> None:
        """How far the queue is; None when there is none, which also chooses "No queue"."""
        self._header.queue.setStatus(status)
        self._header.sorting.setByQueue(status is not None)

    # What is shown

    def current(self) -> int:
        """The chosen image, also while the filter hides it; -1 for none."""
        return self._model.selection.current

    def selection(self) -> IntArray:
        """The selected images, int64 (k,) in the order listed; the current one is among them, also where hidden."""
        return self._choosing.selected()

    def countText(self) -> str:
        """How many images are listed, as "37 of 400"; only the number when all are."""
        total, shown = len(self._model.names), self._model.rowCount()
        if self._model.filtered():
            return f"{shown:,} of {total:,}"
        return f"{total:,} image" if total == 1 else f"{total:,} images"

    def shown(self) -> list[int]:
        """The listed images, in their order."""
        return [int(index) for index in self._model.rows]

    def view(self) -> GalleryView:
        """The list of images."""
        return self._view

    def filterField(self) -> QueryField:
        """The field for the query."""
        return self._header.field

    # The user's commands, as slots

    def nextImage(self) -> None:
        """The image after the current one; the first where none is chosen or shown."""
        self._choosing.step(1)

    def previousImage(self) -> None:
        """The image before the current one."""
        self._choosing.step(-1)

    def firstImage(self) -> None:
        """The first image shown."""
        self._choosing.edge(False)

    def lastImage(self) -> None:
        """The last image shown."""
        self._choosing.edge(True)

    def selectAll(self) -> None:
        """Every listed image."""
        self._choosing.choose_all()

    def focusQuery(self) -> None:
        """Go to the query field, its text selected."""
        self._header.field.setFocus()
        self._header.field.selectAll()

    def setGrid(self, grid: bool) -> None:
        """Thumbnails in a grid (True), or a line an image."""
        self._header.setGrid(grid)
        self._view.setGrid(grid)
        self._choosing.show()
        self._ask_soon()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: D102
        super().showEvent(event)
        self._choosing.show()
        self._ask_soon()

    # Inside

    def _connect(self) -> None:
        header, choosing = self._header, self._choosing
        header.field.queryChanged.connect(self.queryChanged)
        header.field.completionsRequested.connect(self.completionsRequested)
        header.field.rowsRequested.connect(self._view.setFocus)
        header.facetToggled.connect(self.facetToggled)
        header.gridToggled.connect(self.setGrid)
        header.sorting.sortChanged.connect(self.sortChanged)
        header.queue.queueChosen.connect(self.queueChosen)
        header.queue.nextRequested.connect(self.nextInQueueRequested)
        choosing.imageChosen.connect(self.imageChosen)
        choosing.selectionChanged.connect(self.selectionChanged)
        choosing.menuRequested.connect(self.menuRequested)
        choosing.moved.connect(self._say_what_is_shown)
        self._view.viewMoved.connect(self._on_moved)

    def _say_what_is_shown(self) -> None:
        text = self.countText()
        if self._model.selection.many:
            text += f" · {len(self._model.selection):,} selected"
        if self._label and self._model.names:
            text += f" · outcome and score of {self._label}"
        if self._model.none_annotated:
            text += " · none annotated"
        self._header.setCount(text)
        if not self._model.names:
            self._view.empty_text = "No images.\nOpen a validation folder to see them here."
        elif self._unread:
            self._view.empty_text = "The query cannot be read: what is wrong stands above.\nEscape clears it."
        elif self._header.field.text().strip():
            self._view.empty_text = "No image matches the query.\nTake something out of it, or clear it with Escape."
        else:
            self._view.empty_text = "No image is left to show."

    def _repaint_changed(self) -> None:
        """Of the cells in sight those that say something else now: most moves and edits change one or none."""
        rows = self._view.visibleRows()
        images = self._model.rows[rows.start : rows.stop]
        before, self._said = self._said, said_of(self._model, images)
        if before.shape != self._said.shape or not np.array_equal(before[0], self._said[0]):
            self._view.viewport().update()
            return
        changed = np.flatnonzero((before != self._said).any(axis=0)).tolist()
        if len(changed) > _FEW_CELLS:
            self._view.viewport().update()
            return
        for place in changed:
            self._view.update(self._model.index(rows.start + place))

    def _after_rearranging(self) -> None:
        self._say_what_is_shown()
        self._choosing.show()
        self._ask_soon()

    def _repaint(self, index: int) -> None:
        row = self._model.row_of_index(index)
        if row in self._view.visibleRows():
            self._view.update(self._model.index(row))

    def _on_moved(self) -> None:
        """Whoever rushes past whole screens sees no thumbnail for long: making them would only hold up the frames."""
        seen, before = self._view.visibleRows(), self._seen
        self._seen = seen
        if seen.start < before.stop and before.start < seen.stop:
            self._ask_soon()
            return
        at_once = self._jumped.isValid() and self._jumped.elapsed() < _RUSH_MS
        self._jumps = self._jumps + 1 if at_once else 1
        self._jumped.start()
        if self._jumps < _RUSH_JUMPS:
            self._ask_soon()
            return
        if self._asked:
            self._asked.clear()
            self.thumbnailsRequested.emit([])
        self._timer.start(_RUSH_MS)

    def _ask_soon(self) -> None:
        if not self._timer.isActive():
            self._timer.start(0)

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
