"""Opens whatever was dropped or named on the command line, once it is known what it is."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from PySide6.QtCore import QObject, Signal

from app.jobs import Job, Jobs, Lane
from app.path_kinds import SortedPaths, TableKind, needs_look, sort_paths
from inference.types import Severity


class PathController(QObject):
    """Only the last wish is looked into; nothing is opened while one of its paths is in doubt."""

    sorted = Signal(str, str)  # model or predictions, dataset: open them
    doubted = Signal(object, str)  # all the paths, the one of which the user has to say what it holds
    said = Signal(str, object)  # sentence, Severity
    busyChanged = Signal(str)
    failed = Signal(Exception)

    def __init__(self, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._job: Job | None = None

    @property
    def busy(self) -> bool:
        """Whether it is being found out what a path is."""
        return self._job is not None

    def sort(self, paths: Sequence[str], said: Mapping[str, TableKind]) -> None:
        """Find out what these are; ``said``: what the user answered of some."""
        self.cancel()
        looked_at = [os.path.basename(path) for path in paths if path not in said and needs_look(path)]
        if not looked_at:
            self._tell(paths, sort_paths(paths, said))
            return
        self.busyChanged.emit(f"Looking at {looked_at[0]} …")
        self._job = self._jobs.run(
            Lane.FILES, lambda _: sort_paths(paths, said), lambda found: self._on_sorted(paths, found), self._on_failed
        )

    def cancel(self) -> None:
        """Nobody waits for it any more."""
        if self._job is not None:
            self._job.cancel()
            self._end()

    def _on_sorted(self, paths: Sequence[str], found: SortedPaths) -> None:
        self._end()
        self._tell(paths, found)

    def _on_failed(self, error: Exception) -> None:
        self._end()
        self.failed.emit(error)

    def _end(self) -> None:
        self._job = None
        self.busyChanged.emit("")

    def _tell(self, paths: Sequence[str], found: SortedPaths) -> None:
        if found.doubtful:
            self.doubted.emit(paths, found.doubtful)
        elif found.model or found.folder:
            self.sorted.emit(found.model, found.folder)
        for problem in found.problems:  # last: what was said before something is opened is cleared away
            self.said.emit(problem, Severity.ERROR)
