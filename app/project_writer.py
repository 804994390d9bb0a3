"""Writes to one project in the order of what happened, keeps what could not be written, and tries it again.

The window never waits for a disk: writes happen in the store's lane. What is saved is what came back from there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from app.jobs import Jobs, Lane
from inference.data.store import Project
from inference.errors import CutlineError, ProjectWriteError
from inference.types import IntArray

Write = Callable[[Project], object]

NO_IMAGES: Final[IntArray] = np.zeros(0, dtype=np.int64)

_FIRST_RETRY_MS: Final = 1_000
_LAST_RETRY_MS: Final = 30_000


@dataclass(eq=False)
class _Item:
    """One write, and whether it is on the disk."""

    write: Write
    key: str  # a later write of the same key takes the place of one that waits
    counts: bool  # whether the user would miss it: an edit, and not where the window stood
    images: IntArray  # that it says something of
    written: bool = False  # set by the store's lane
    taken: bool = False  # a job has it in hand


class ProjectWriter(QObject):
    """The only one who writes to its project. Every write must be one that can be repeated."""

    changed = Signal()  # what waits, or why
    refused = Signal(Exception)  # a write that the project will never take: it is put aside, so that others go on

    def __init__(
        self,
        jobs: Jobs,
        parent: QObject | None = None,
        *,
        project: Project | None = None,
        make: Callable[[], Project] | None = None,
    ) -> None:
        """``make`` brings the project into being, in the lane, before the first write."""
        super().__init__(parent)
        self._jobs = jobs
        self.project = project  # the lane's to use
        self._make = make
        self._items: list[_Item] = []
        self._busy = False
        self._at: _Item | None = None  # set by the store's lane: the item whose write was tried last
        self._delay = _FIRST_RETRY_MS
        self.error: Exception | None = None
        self._retry = QTimer(self, singleShot=True)
        self._retry.timeout.connect(self._go)

    @property
    def waiting(self) -> int:
        """Edits that are not on the disk."""
        return sum(item.counts for item in self._items)

    @property
    def idle(self) -> bool:
        """Whether all there was to write is written."""
        return not self._items

    @property
    def images(self) -> IntArray:
        """Images that something was said of that is not on the disk, rising."""
        return np.unique(np.concatenate([NO_IMAGES, *(item.images for item in self._items)]))

    def put(self, write: Write, *, key: str = "", counts: bool = True, images: IntArray = NO_IMAGES) -> None:
        """Write this, which says something of ``images``, after all before it."""
        if key:
            self._items = [item for item in self._items if item.key != key or item.taken]
        self._items.append(_Item(write, key, counts, images))
        self.changed.emit()
        if not self._retry.isActive():
            self._go()

    def retry(self) -> None:
        """Try again now."""
        self._retry.stop()
        self._go()

    def write_rest(self) -> None:
        """In the store's lane: everything that is not written yet. Raises what prevents it."""
        self._write(list(self._items))

    def ready(self) -> Project:
        """In the store's lane: the project, made if it is not there yet."""
        if self.project is None:
            assert self._make is not None
            self.project = self._make()
        return self.project

    def _go(self) -> None:
        if self._busy or not self._items:
            return
        self._busy = True
        batch = list(self._items)
        for item in batch:
            item.taken = True
        self._jobs.run(Lane.STORE, lambda _: self._attempt(batch), self._on_done, self._on_done)

    def stop(self) -> None:
        """Nothing waits, and nobody will ask again."""
        self._retry.stop()
        self._items.clear()

    def _attempt(self, batch: list[_Item]) -> Exception | None:
        try:
            self._write(batch)
        except CutlineError as error:
            return error
        return None

    def _write(self, batch: list[_Item]) -> None:
        self._at = None
        project = self.ready()
        for item in batch:
            if not item.written:
                self._at = item
                item.write(project)
                item.written = True

    def _on_done(self, error: Exception | None) -> None:
        self._busy = False
        self._items = [item for item in self._items if not item.written]
        for item in self._items:
            item.taken = False
        if error is not None and not isinstance(error, ProjectWriteError) and self._at in self._items:
            self._items.remove(self._at)
            self.refused.emit(error)
            error = None
        self.error = error
        if error is None:
            self._delay = _FIRST_RETRY_MS
            self._go()
        else:
            self._retry.start(self._delay)
            self._delay = min(2 * self._delay, _LAST_RETRY_MS)
        self.changed.emit()
