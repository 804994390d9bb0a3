"""The project behind what is open: everything that happens is written to it, in order, and what is saved is said."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
from PySide6.QtCore import QObject, Signal

from app.controllers.annotating import LETTERS
from app.controllers.known_logits import PIXELS
from app.controllers.pair_memory import PairMemory, key_of
from app.history import History
from app.jobs import Job, Jobs, Lane
from app.kept_json import encode
from app.project_files import Opened, ReadDataset, look, make_project, project_of, read_anew, who
from app.project_writer import NO_IMAGES, ProjectWriter, Write
from app.session import Session
from app.state_values import PairSettings
from inference.data.datasets import DatasetChoices
from inference.data.store import HistoryEntry, Project, Step
from inference.errors import CutlineError, ProjectWriteError
from inference.types import ImageState, IntArray
from inference.types.annotating_view import SaveKind, SaveState

log = logging.getLogger(__name__)

_QUIT_SECONDS: Final = 2.0


class ProjectController(QObject):
    """Opens projects in the store's lane, writes what the history tells, and says what has become of it."""

    saveStateChanged = Signal(object)  # SaveState
    failed = Signal(Exception)
    opened = Signal(object)  # the settings that were kept with it, dict[str, bytes]
    imagesKnown = Signal(object, bool)  # ImageTable, the receiver's own: what is known of the files; from the project
    settling = Signal()  # the moment to write what waits to be written together

    def __init__(
        self,
        session: Session,
        history: History,
        kept: PairMemory,
        jobs: Jobs,
        folder: Path,
        parent: QObject | None = None,
    ) -> None:
        """``folder``: where projects stand that the user gave no place."""
        super().__init__(parent)
        self._session, self._history, self._kept, self._jobs, self._folder = session, history, kept, jobs, folder
        self._writer: ProjectWriter | None = None
        self._leaving: list[ProjectWriter] = []  # of what was open before, until they have written everything
        self._held: dict[Path, Project] = {}  # the store's lane alone: every project file that is open
        self._to_read: set[Path] = set()  # the store's lane alone: damaged ones, of which what is left is read
        self.file: Path | None = None  # where the project stands, or will, of what is open
        self._said = False
        history.did.connect(lambda step: self.write(partial(_do, step), images=_images_of(step)))
        history.amended.connect(lambda step: self.write(partial(_amend, step), images=_images_of(step)))
        history.undid.connect(lambda step: self.write(lambda project: project.undo(step)))
        history.redid.connect(lambda step: self.write(lambda project: project.redo(step)))
        history.dropped.connect(lambda step: self.write(lambda project: project.drop(step)))
        kept.changed.connect(self._keep_settings)

    # -- opening ---------------------------------------------------------------------------------------------------

    def look_for(self, source: str, done: Callable[[Opened | None], None], failed: Callable[[Exception], None]) -> Job:
        """The project of a folder or label file, or of a project file, with what stands in it; None where none is."""
        self.settling.emit()
        path = project_of(source, self._folder)
        explicit = str(path) == source
        writer = self._writer
        return self._jobs.run(Lane.STORE, lambda _: self._look(path, explicit, writer), done, failed)

    def path_of(self, source: str) -> Path:
        """Where the project of a folder, a label file or a project file stands."""
        return project_of(os.path.abspath(source), self._folder)

    def look_again(self, done: Callable[[Opened | None], None], failed: Callable[[Exception], None]) -> Job:
        """The project that is open; None where it cannot be read now, as when the disk is full."""
        writer = self._writer

        def work(_: Job) -> Opened | None:
            if writer is None:
                return None
            try:
                writer.write_rest()
                return look(writer.ready(), explicit=False)
            except CutlineError as error:
                log.warning("the project cannot be read again: %s", error)
                return None

        return self._jobs.run(Lane.STORE, work, done, failed)

    def _look(self, path: Path, explicit: bool, writer: ProjectWriter | None) -> Opened | None:
        project = self._held.get(path)
        if project is None:
            if not explicit and not path.exists():
                return None
            project = self._held[path] = Project.open(path, who=who(), read_only=path in self._to_read)
            self._to_read.discard(path)
        elif writer is not None and writer.project is project:
            writer.write_rest()
        return look(project, explicit=explicit)

    def take(self, read_as: ReadDataset, choices: DatasetChoices) -> None:
        """What was read is what is open now: write to its project from here on."""
        self.settling.emit()
        source = read_as.report.dataset.source
        self.file = self.path_of(source)
        opened = read_as.opened
        project = None if opened is None else opened.project
        if project is None or self._writer is None or self._writer.project is not project:
            self._leave()
            make = partial(self._make, self.path_of(source), read_as, choices)
            self._writer = ProjectWriter(self._jobs, self, project=project, make=make)
            self._writer.changed.connect(self._tell)
        if opened is not None and not read_as.from_project:
            self.write(lambda project: read_anew(project, read_as, choices), counts=False)
        elif opened is None:
            self.write(lambda project: None, counts=False)  # brings it into being
        self._said = False
        self.tidy()
        self._tell()
        self.imagesKnown.emit(read_as.images(), read_as.from_project)
        self.opened.emit({} if opened is None else opened.contents.settings)

    def _make(self, path: Path, read_as: ReadDataset, choices: DatasetChoices) -> Project:
        project = self._held[path] = make_project(path, read_as, choices)
        return project

    def put_right(
        self, work: Callable[[], object], done: Callable[[], None], failed: Callable[[Exception], None]
    ) -> None:
        """In the store's lane: do something about a project that was refused."""
        self._jobs.run(Lane.STORE, lambda _: work(), lambda _: done(), failed)

    def read_only_from_now(self, path: Path) -> None:
        """In the store's lane: when it is opened next, what is left of it is read, and nothing is written."""
        self._to_read.add(path)

    def save_as(self, path: Path, done: Callable[[Path], None], failed: Callable[[Exception], None]) -> None:
        """A copy under this name, which is the project from then on; also of what could not be written where it was."""
        self._history.settle()
        self.settling.emit()
        writer = self._writer
        if writer is not None:
            self._jobs.run(Lane.STORE, lambda _: self._save_as(path, writer), done, failed)

    def _save_as(self, path: Path, writer: ProjectWriter) -> Path:
        project = writer.ready()
        with suppress(ProjectWriteError):
            writer.write_rest()
        project.save_as(path, overwrite=True)
        writer.project = self._held[path] = Project.open(path, who=who())
        writer.write_rest()
        return path

    def tidy(self) -> None:
        """Close, in the lane, the projects that nobody writes to any more."""
        self._leaving = [writer for writer in self._leaving if not writer.idle]
        writers = [*self._leaving, self._writer] if self._writer else list(self._leaving)

        def work(_: Job) -> None:
            wanted = [writer.project for writer in writers]
            for path, project in list(self._held.items()):
                if not any(project is one for one in wanted):
                    del self._held[path]
                    project.close()

        self._jobs.run(Lane.STORE, work, lambda _: None, self.failed.emit)

    def _leave(self) -> None:
        """Let go of what was open; it is closed once everything is written."""
        if self._writer is not None:
            self._writer.changed.disconnect(self._tell)
            self._leaving.append(self._writer)
            self._writer.changed.connect(self.tidy)
            self._writer = None

    # -- writing ---------------------------------------------------------------------------------------------------

    def write(self, write: Write, *, key: str = "", counts: bool = True, images: IntArray = NO_IMAGES) -> None:
        """Write this, which says something of ``images``, to the project that is open."""
        if self._writer is not None:
            self._writer.put(write, key=key, counts=counts, images=images)

    def retry(self) -> None:
        """Try again what could not be written."""
        if self._writer is not None:
            self._writer.retry()

    def _keep_settings(self, settings: PairSettings) -> None:
        model = self._session.model
        key = key_of(model)

        def work(project: Project) -> None:
            project.set_setting(key, encode(settings))

        self.write(work, key=key, counts=False)

    def note_model(self) -> None:
        """Which model is used with the project."""
        model = self._session.model
        if model is not None:
            facts = (model.fingerprint, str(model.path), model.card.name, tuple(model.labels))
            self.write(lambda project: project.note_model(*facts), key="model", counts=False)

    def note_run(self) -> None:
        """How many images that model has scored by now."""
        model, run = self._session.model, self._session.run
        if model is not None and run is not None:
            fingerprint, n_scored = model.fingerprint, int(np.count_nonzero(run.state == ImageState.SCORED))
            self.write(lambda project: project.note_run(fingerprint, PIXELS, n_scored), key="run", counts=False)

    def keep_letters(self, letters: dict[str, str]) -> None:
        """The keys that labels were given."""
        kept = encode(letters)
        self.write(lambda project: project.set_setting(LETTERS, kept), key=LETTERS)

    def ask_history(self, image: int, done: Callable[[tuple[HistoryEntry, ...]], None]) -> Job | None:
        """What happened to an image, once all before is written."""
        writer = self._writer
        if writer is None:
            return None
        return self._jobs.run(Lane.STORE, lambda _: writer.ready().history(image), done, self.failed.emit)

    # -- telling ---------------------------------------------------------------------------------------------------

    @property
    def unsaved(self) -> int:
        """Edits that are not on the disk."""
        return 0 if self._writer is None else self._writer.waiting

    @property
    def unsaved_images(self) -> IntArray:
        """Images of which something could not be written; those being written just now are none of them."""
        return self._writer.images if self._writer is not None and self.stuck else NO_IMAGES

    @property
    def stuck(self) -> bool:
        """Whether edits wait that could not be written."""
        return self._writer is not None and self._writer.error is not None and self._writer.waiting > 0

    @property
    def path(self) -> Path | None:
        """Of the project that is open; None while there is none on the disk."""
        if self._writer is None or self._writer.project is None:
            return None
        return Path(self._writer.project.path)

    def _tell(self) -> None:
        writer = self._writer
        if writer is None:
            self.saveStateChanged.emit(SaveState("", "idle"))
            return
        if writer.error is None:
            saving = writer.waiting > 0
            self.saveStateChanged.emit(
                SaveState("Saving …" if saving else "All edits are saved", "saving" if saving else "saved")
            )
            self._said = False
            return
        project = writer.project
        kind: SaveKind = "read_only" if project is not None and project.read_only else "unsaved"
        many = f"{writer.waiting:,} edits are" if writer.waiting != 1 else "1 edit is"
        text = f"{many} not saved" if writer.waiting else "Not saved"
        self.saveStateChanged.emit(SaveState(text, kind))
        if not self._said:
            self._said = True
            self.failed.emit(writer.error)

    def finish(self) -> bool:
        """Write everything and close, for the end of the program; False where something could not be written."""
        self._history.settle()
        self.settling.emit()
        writers = [*self._leaving, self._writer] if self._writer else list(self._leaving)
        left: list[Exception] = []

        def work() -> None:
            for writer in writers:
                try:
                    if not writer.idle:
                        writer.write_rest()
                except CutlineError as error:
                    left.append(error)
            for project in self._held.values():
                try:
                    project.close()
                except CutlineError as error:
                    left.append(error)
            self._held.clear()

        ended = self._jobs.finish(Lane.STORE, work, _QUIT_SECONDS) if writers or self._held else True
        for error in left:
            log.error("not saved at the end: %s", error)
        return ended and not left


def _do(step: Step, project: Project) -> None:
    project.do(step)


def _amend(step: Step, project: Project) -> None:
    project.amend(step)


def _images_of(step: Step) -> IntArray:
    noted = np.array([one.image for one in step.notes], dtype=np.int64)
    return noted if step.statements is None else np.union1d(step.statements.images, noted)
