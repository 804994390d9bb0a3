"""The project behind what is open: everything that happens is written to it, in order, and what is saved is said."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
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
from app.open_projects import OpenProjects
from app.project_files import Opened, ReadDataset, look, make_project, project_of, read_anew
from app.project_writer import NO_IMAGES, Write
from app.session import Session
from app.state_values import PairSettings
from inference.data.datasets import DatasetChoices
from inference.data.store import HistoryEntry, Project, Step
from inference.errors import CutlineError
from inference.types import ImageState, IntArray
from inference.types.annotating_view import SaveState

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
        self._open = OpenProjects(jobs, self)
        self._open.changed.connect(self._tell)
        self._open.failed.connect(self.failed)
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
        return self._open.look_for(path, str(path) == source, done, failed)

    def give_up(self) -> None:
        """Nothing is being opened any more."""
        self._open.give_up()

    def writes_to(self, opened: Opened | None) -> bool:
        """Whether that project is the one on the screen."""
        current = self._open.current
        return opened is not None and current is not None and current.project is opened.project

    def path_of(self, source: str) -> Path:
        """Where the project of a folder, a label file or a project file stands."""
        return project_of(os.path.abspath(source), self._folder)

    def look_again(self, done: Callable[[Opened | None], None], failed: Callable[[Exception], None]) -> Job:
        """The project that is open; None where it cannot be read now, as when the disk is full."""
        writer = self._open.current

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

    def take(self, read_as: ReadDataset, choices: DatasetChoices) -> None:
        """What was read is what is open now: write to its project from here on."""
        self.settling.emit()
        source = read_as.report.dataset.source
        self.file = self.path_of(source)
        opened = read_as.opened
        project = None if opened is None else opened.project
        self._open.take(self.file, project, partial(make_project, self.file, read_as, choices))
        if opened is not None and not read_as.from_project:
            self.write(lambda project: read_anew(project, read_as, choices), counts=False)
        elif opened is None:
            self.write(lambda project: None, counts=False)  # brings it into being
        self._said = False
        self._tell()
        self.imagesKnown.emit(read_as.images(), read_as.from_project)
        self.opened.emit({} if opened is None else opened.contents.settings)

    def put_right(
        self, work: Callable[[], object], done: Callable[[], None], failed: Callable[[Exception], None]
    ) -> None:
        """In the store's lane: do something about a project that was refused."""
        self._jobs.run(Lane.STORE, lambda _: work(), lambda _: done(), failed)

    def read_only_from_now(self, path: Path) -> None:
        """In the store's lane: when it is opened next, what is left of it is read, and nothing is written."""
        self._open.read_only_from_now(path)

    def save_as(self, path: Path, done: Callable[[Path], None], failed: Callable[[Exception], None]) -> None:
        """A copy under this name, which is the project from then on; also of what could not be written where it was."""
        self._history.settle()
        self.settling.emit()
        self._open.save_as(path, done, failed)

    # -- writing ---------------------------------------------------------------------------------------------------

    def write(self, write: Write, *, key: str = "", counts: bool = True, images: IntArray = NO_IMAGES) -> None:
        """Write this, which says something of ``images``, to the project that is open."""
        if self._open.current is not None:
            self._open.current.put(write, key=key, counts=counts, images=images)

    def retry(self) -> None:
        """Try again what could not be written."""
        self._open.retry()

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
        writer = self._open.current
        if writer is None:
            return None
        return self._jobs.run(Lane.STORE, lambda _: writer.ready().history(image), done, self.failed.emit)

    # -- telling ---------------------------------------------------------------------------------------------------

    @property
    def unsaved(self) -> int:
        """Edits that are not on the disk, also of what was open before."""
        return self._open.waiting

    @property
    def unsaved_images(self) -> IntArray:
        """Images of which something could not be written; those being written just now are none of them."""
        return self._open.images

    @property
    def stuck(self) -> bool:
        """Whether edits wait that could not be written."""
        return self._open.error is not None and self._open.waiting > 0

    @property
    def path(self) -> Path | None:
        """Of the project that is open; None while there is none on the disk."""
        current = self._open.current
        return None if current is None or current.project is None else Path(current.project.path)

    def _tell(self) -> None:
        current, error, waiting = self._open.current, self._open.error, self._open.waiting
        if current is None:
            self.saveStateChanged.emit(SaveState("", "idle"))
        elif error is None:
            saving = SaveState("Saving …", "saving")
            self.saveStateChanged.emit(saving if waiting else SaveState("All edits are saved", "saved"))
            self._said = False
        else:
            read_only = current.project is not None and current.project.read_only
            many = f"{waiting:,} edits are" if waiting != 1 else "1 edit is"
            text = f"{many} not saved" if waiting else "Not saved"
            self.saveStateChanged.emit(SaveState(text, "read_only" if read_only else "unsaved"))
            if not self._said:
                self._said = True
                self.failed.emit(error)

    def finish(self) -> bool:
        """Write everything and close, for the end of the program; False where something could not be written."""
        self._history.settle()
        self.settling.emit()
        left = self._open.close(_QUIT_SECONDS)
        for error in left or ():
            log.error("not saved at the end: %s", error)
        return left is not None and not left


def _do(step: Step, project: Project) -> None:
    project.do(step)


def _amend(step: Step, project: Project) -> None:
    project.amend(step)


def _images_of(step: Step) -> IntArray:
    noted = np.array([one.image for one in step.notes], dtype=np.int64)
    return noted if step.statements is None else np.union1d(step.statements.images, noted)
