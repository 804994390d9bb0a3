"""The project files that this process has open: the one on the screen, those that are being opened, and those left.

A path has one writer, whatever is on the screen: what waits to be written to a project that was left is still written,
and counts as unsaved until it is. Files are opened and closed in the store's lane alone.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, Signal

from app.jobs import Job, Jobs, Lane
from app.project_files import Opened, look, who
from app.project_writer import NO_IMAGES, ProjectWriter
from inference.data.store import Project
from inference.errors import CutlineError, ProjectWriteError
from inference.types import IntArray


class OpenProjects(QObject):
    """Whoever opens something says so with `look_for` and ends it with `take` or `give_up`."""

    changed = Signal()  # what waits to be written, or why
    failed = Signal(Exception)

    def __init__(self, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self.current: ProjectWriter | None = None  # of what is on the screen
        self._writers: dict[Path, ProjectWriter] = {}
        self._looked: set[Path] = set()  # by whoever is opening something now
        self._held: dict[Path, Project] = {}  # the store's lane alone: every file that is open
        self._to_read: set[Path] = set()  # the store's lane alone: damaged ones, of which what is left is read

    # -- opening -----------------------------------------------------------------------------------------------------

    def look_for(
        self, path: Path, explicit: bool, done: Callable[[Opened | None], None], failed: Callable[[Exception], None]
    ) -> Job:
        """What stands in a project once all that waits for it is written; None where there is none."""
        self._looked.add(path)
        writer = self._writers.get(path)
        return self._jobs.run(Lane.STORE, lambda _: self._look(path, explicit, writer), done, failed)

    def _look(self, path: Path, explicit: bool, writer: ProjectWriter | None) -> Opened | None:
        if writer is not None:
            try:
                writer.write_rest()
            except CutlineError:
                if writer.waiting:  # what is on the disk is not what was said
                    raise
        if path not in self._held:
            if not explicit and not path.exists():
                return None
            self._held[path] = Project.open(path, who=who(), read_only=path in self._to_read)
            self._to_read.discard(path)
        return look(self._held[path], explicit=explicit)

    def take(self, path: Path, project: Project | None, make: Callable[[], Project]) -> ProjectWriter:
        """This is on the screen from now on; ``make`` brings it into being where it is not there yet."""
        writer = self._writers.get(path)
        if writer is None or (not writer.waiting and (writer.project is None or writer.project is not project)):
            if writer is not None:
                writer.changed.disconnect(self._on_changed)
                writer.stop()
            writer = ProjectWriter(self._jobs, self, project=project, make=lambda: self._made(path, make))
            writer.changed.connect(self._on_changed)
            writer.refused.connect(self.failed)
            self._writers[path] = writer
        self.current = writer
        self.give_up()
        return writer

    def _made(self, path: Path, make: Callable[[], Project]) -> Project:
        self._held[path] = made = make()
        return made

    def give_up(self) -> None:
        """Nobody is opening anything any more: what was only looked at is closed."""
        self._looked.clear()
        self._tidy()

    def _tidy(self) -> None:
        """Close, in the lane, the projects for which nothing waits and that nobody looks at."""
        for path, writer in list(self._writers.items()):
            if writer.idle and writer is not self.current and path not in self._looked:
                del self._writers[path]
        needed = {*self._writers, *self._looked}

        def work(_: Job) -> None:
            for path, project in list(self._held.items()):
                if path not in needed:
                    del self._held[path]
                    project.close()

        self._jobs.run(Lane.STORE, work, lambda _: None, self.failed.emit)

    def _on_changed(self) -> None:
        if any(writer.idle and writer is not self.current for writer in self._writers.values()):
            self._tidy()
        self.changed.emit()

    # -- what else is done to files ----------------------------------------------------------------------------------

    def read_only_from_now(self, path: Path) -> None:
        """In the store's lane: when it is opened next, what is left of it is read, and nothing is written."""
        self._to_read.add(path)

    def save_as(self, path: Path, done: Callable[[Path], None], failed: Callable[[Exception], None]) -> None:
        """A copy under this name, which is the project from then on; also of what could not be written where it was."""
        writer = self.current
        if writer is None:
            return

        def work(_: Job) -> Path:
            project = writer.ready()
            with suppress(ProjectWriteError):
                writer.write_rest()
            project.save_as(path, overwrite=True)
            writer.project = self._held[path] = Project.open(path, who=who())
            writer.write_rest()
            return path

        def moved(path: Path) -> None:
            self._writers = {at: one for at, one in self._writers.items() if one is not writer}
            self._writers[path] = writer
            done(path)

        self._jobs.run(Lane.STORE, work, moved, failed)

    def close(self, seconds: float) -> list[Exception] | None:
        """Write everything and close, for the end of the program: what prevented it; None where it took too long."""
        writers = list(self._writers.values())
        left: list[Exception] = []

        def work() -> None:
            for writer in writers:
                try:
                    writer.write_rest()
                except CutlineError as error:
                    left.append(error)
            for project in self._held.values():
                try:
                    project.close()
                except CutlineError as error:
                    left.append(error)
            self._held.clear()

        if not writers and not self._looked:
            return left
        return left if self._jobs.finish(Lane.STORE, work, seconds) else None

    # -- reading -----------------------------------------------------------------------------------------------------

    @property
    def waiting(self) -> int:
        """Edits that are not on the disk, of whatever project."""
        return sum(writer.waiting for writer in self._writers.values())

    @property
    def error(self) -> Exception | None:
        """Why something cannot be written: of what is on the screen, else of what was left with edits that wait."""
        others = [writer for writer in self._writers.values() if writer is not self.current and writer.waiting]
        mine = [self.current] if self.current is not None else []
        return next((writer.error for writer in (*mine, *others) if writer.error is not None), None)

    @property
    def images(self) -> IntArray:
        """Images on the screen of which something could not be written."""
        current = self.current
        return NO_IMAGES if current is None or current.error is None else np.asarray(current.images)

    def retry(self) -> None:
        """Try again now what could not be written."""
        for writer in self._writers.values():
            writer.retry()
