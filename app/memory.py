"""Remembers between starts, without making the window wait for a disk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from app.jobs import Jobs, Lane
from app.state import State, load, save
from inference.errors import CutlineError

_DELAY_MS = 400  # a slider dragged is one write, not hundreds


class Memory(QObject):
    """The state as it is and as it is on disk. A write that fails is said once, and tried again at the next change."""

    failed = Signal(Exception)
    recentsChanged = Signal()

    def __init__(self, folder: Path, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder = folder
        self._jobs = jobs
        self._said = False
        self.state, self.note = load(folder)
        self._on_disk = self.state
        self._timer = QTimer(self, singleShot=True, interval=_DELAY_MS)
        self._timer.timeout.connect(self._write)

    def update(self, change: Callable[[State], State]) -> None:
        """Change the state; it is written soon."""
        before, self.state = self.state, change(self.state)
        if self.state == before:
            return
        self._timer.start()
        if self.state.recents != before.recents:
            self.recentsChanged.emit()

    def flush(self) -> None:
        """Write now, and wait for it: for the end of the program."""
        self._timer.stop()
        if self.state is not self._on_disk:
            try:
                save(self.state, self._folder)
                self._on_disk = self.state
            except CutlineError as error:  # at the end there is nobody left to tell but the log
                self._on_failed(error)

    def _write(self) -> None:
        state = self.state

        def written(_: None) -> None:
            self._on_disk = state

        self._jobs.run(Lane.MEMORY, lambda _: save(state, self._folder), written, self._on_failed)

    def _on_failed(self, error: Exception) -> None:
        if not self._said:
            self._said = True
            self.failed.emit(error)
