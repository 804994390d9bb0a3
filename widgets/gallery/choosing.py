"""What presses and keys in the list do to the current image and to the selection, and who is told."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from PySide6.QtCore import QItemSelectionModel, QObject, QPoint, QSignalBlocker, Signal

from inference.types import IntArray
from widgets.gallery.model import GalleryModel
from widgets.gallery.view import GalleryView


class Choosing(QObject):
    """Between the list and the model's selection. Public methods are silent; only the user's acts emit."""

    imageChosen = Signal(int)
    selectionChanged = Signal(object)
    menuRequested = Signal(QPoint, object)
    moved = Signal()  # by anybody: the current image or the selection is another

    def __init__(self, model: GalleryModel, view: GalleryView) -> None:
        super().__init__(view)
        self._model = model
        self._view = view
        view.stepRequested.connect(self.step)
        view.edgeRequested.connect(self.edge)
        view.rowPressed.connect(self._press)
        view.allRequested.connect(self.choose_all)
        view.singleRequested.connect(lambda: self._tell(lambda: self._choose(self._model.selection.current)))
        view.menuAsked.connect(lambda place: self.menuRequested.emit(place, self.selected()))

    # Silent

    def selected(self) -> IntArray:
        """The selected images in the order listed."""
        return self._model.selection.in_order(self._model.rows)

    def look_at(self, index: int) -> None:
        """Make an image the current one; within a selection of many that stays."""
        self._model.selection.look_at(index)
        self._moved()

    def select(self, indices: Sequence[int] | IntArray) -> None:
        """These, as far as they are listed; indices of no image are left out."""
        self._select(np.asarray(indices, dtype=np.int64))
        self._moved()

    def show(self) -> None:
        """Let the list know what is current and bring it into sight, without telling anybody."""
        rows = self._view.selectionModel()
        row = self._model.row_of_index(self._model.selection.current)
        with QSignalBlocker(rows):
            if row < 0:
                rows.clear()
            else:
                rows.setCurrentIndex(self._model.index(row), QItemSelectionModel.SelectionFlag.NoUpdate)
        if row >= 0 and self._view.isVisible():  # else the gallery does it when it is shown and has its size
            self._view.scrollTo(self._model.index(row))
        self._view.viewport().update()  # the blocked signals would have told the view

    # The user's acts

    def step(self, rows: int, extend: bool = False) -> None:
        """Go by ``rows``; to the first image where none is chosen or listed."""
        count = self._model.rowCount()
        here = self._model.row_of_index(self._model.selection.current)
        if count:
            self._go(min(max(here + rows, 0), count - 1) if here >= 0 else 0, extend)

    def edge(self, last: bool, extend: bool = False) -> None:
        """Go to the first or the last image listed."""
        self._go(self._model.rowCount() - 1 if last else 0, extend)

    def choose_all(self) -> None:
        """Every listed image."""
        if len(self._model.rows):
            self._tell(lambda: self._select(self._model.rows))

    def _press(self, row: int, extend: bool, toggle: bool) -> None:
        index, rows = self._model.index_of_row(row), self._model.rows
        if toggle and not extend:
            self._tell(lambda: self._model.selection.toggle(index, rows))
        elif extend:
            self._tell(lambda: self._model.selection.extend(index, rows, self._model.row_of, add=toggle))
        else:
            self._tell(lambda: self._choose(index))

    def _go(self, row: int, extend: bool) -> None:
        index = self._model.index_of_row(row)
        if index < 0:
            return
        if extend:
            self._tell(lambda: self._model.selection.extend(index, self._model.rows, self._model.row_of))
        else:
            self._tell(lambda: self._choose(index))

    # Inside

    def _choose(self, index: int) -> bool:
        return self._model.selection.choose(index)

    def _select(self, indices: IntArray) -> bool:
        known = indices[(indices >= 0) & (indices < len(self._model.names))]
        return self._model.selection.select(known, self._model.rows)

    def _tell(self, act: Callable[[], bool]) -> None:
        """Do it, show it, and tell what it changed: the image first, so that it is there when the selection is."""
        before = self._model.selection.current
        changed = act()
        current = self._model.selection.current
        if current == before and not changed:
            return
        self._moved()
        if current != before:
            self.imageChosen.emit(current)
        if changed:
            self.selectionChanged.emit(self.selected())

    def _moved(self) -> None:
        self.show()
        self.moved.emit()
