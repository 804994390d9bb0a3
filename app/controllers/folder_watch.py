"""Looks at the image folder after a project was opened: what is new, gone, renamed, or holds something else by now."""

from __future__ import annotations

import logging
import os
from functools import partial
from typing import Final

import msgspec
import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from app.controllers.opening import OpeningController
from app.file_facts import FileFacts
from app.jobs import Job, Jobs, Lane
from app.session import Session
from inference.data.folder_changes import FolderChanges, FoundFiles, compare
from inference.data.folders import parts_of
from inference.data.store import ImageTable, Project
from inference.errors import DatasetError
from inference.types import UNSAID, BoolArray, IntArray

log = logging.getLogger(__name__)

CHANGED: Final = "changed images"  # under what a project keeps the ids of those that nobody annotated since
_CALM_MS: Final = 1_500  # after opening, so that the numbers come first
_TRIED: Final = 200  # names that are looked for in a folder that is said to hold the images


class FolderWatch(QObject):
    """What it finds is said and marked; the project takes it in when the user says so."""

    found = Signal(object)  # FolderChanges, of which a person would want to know
    missing = Signal(str)  # the root, which is not there
    marksChanged = Signal()
    failed = Signal(Exception)

    def __init__(
        self, session: Session, facts: FileFacts, opening: OpeningController, jobs: Jobs, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._facts, self._opening, self._jobs = session, facts, opening, jobs
        self._job: Job | None = None
        self._known: ImageTable | None = None  # as the project had it, where the folder was not looked at yet
        self._changes: FolderChanges | None = None  # that were not taken in yet
        self._changed: set[int] = set()
        self._soon = QTimer(self, singleShot=True, interval=_CALM_MS)
        self._soon.timeout.connect(self.look)
        projects = opening.projects
        projects.imagesKnown.connect(self._begin)
        projects.opened.connect(self._restore)
        opening.paired.connect(self._look_soon)
        opening.busyChanged.connect(self._on_opening)
        facts.changed.connect(self._mark_changed)
        session.statementsChanged.connect(self._forget_changed)

    # -- what is known -----------------------------------------------------------------------------------------------

    @property
    def vanished(self) -> BoolArray:
        """(n,) images whose files are not there."""
        gone = ~self._facts.images.present
        if self._changes is not None:
            gone[self._changes.vanished] = True
        return gone

    @property
    def changed(self) -> BoolArray:
        """(n,) images whose files hold something else than when they were annotated."""
        found = np.zeros(len(self._facts.images), dtype=np.bool_)
        found[[image for image in self._changed if image < len(found)]] = True
        return found

    @property
    def settled(self) -> bool:
        """Whether nothing is to be looked at."""
        return self._job is None and self._known is None

    def _begin(self, images: ImageTable, from_project: bool) -> None:
        """What is scored meanwhile is learned by others: the comparison is with what was known before."""
        self._stop()
        self._known = _copy(images) if from_project else None
        self._changes, self._changed = None, set()

    def _restore(self, settings: dict[str, bytes]) -> None:
        try:
            self._changed = set(msgspec.json.decode(settings.get(CHANGED, b"[]"), type=list[int]))
        except (ValueError, RecursionError):
            log.warning("the setting %r of the project cannot be read", CHANGED)
        self.marksChanged.emit()

    def _mark_changed(self, images: IntArray) -> None:
        self._keep_changed(self._changed | set(images.tolist()))

    def _forget_changed(self, images: IntArray) -> None:
        """Who says something of an image has seen it as it is now."""
        self._keep_changed(self._changed - set(images.tolist()))

    def _keep_changed(self, changed: set[int]) -> None:
        if changed == self._changed:
            return
        self._changed = changed
        kept = msgspec.json.encode(sorted(changed))
        self._opening.projects.write(lambda project: project.set_setting(CHANGED, kept), key=CHANGED, counts=False)
        self.marksChanged.emit()

    # -- looking -----------------------------------------------------------------------------------------------------

    def _look_soon(self) -> None:
        if self._known is not None:
            self._soon.start()

    def _on_opening(self, what: str) -> None:
        """Whoever opens something needs the lane."""
        if what:
            self._stop()
        elif self._known is not None:
            self._soon.start()

    def _stop(self) -> None:
        self._soon.stop()
        if self._job is not None:
            self._job.cancel()
            self._job = None

    def look(self) -> None:
        """Compare the folder with what is known, in the files' lane."""
        dataset, known = self._session.dataset, self._known
        if dataset is None or known is None:
            return
        self._stop()
        root = dataset.root

        def work(job: Job) -> FolderChanges | None:
            if not os.path.isdir(root):
                return None
            columns = known.sizes, known.times, known.fingerprints, known.present
            return compare(known.names, *columns, root, cancelled=job.cancelled)

        self._job = self._jobs.run(Lane.FILES, work, partial(self._on_looked, root), self._on_failed)

    def _on_looked(self, root: str, changes: FolderChanges | None) -> None:
        self._job = self._known = None
        if changes is None:
            self.missing.emit(root)
            return
        stay = np.isin(changes.seen, list(changes.renamed), invert=True)
        here = FoundFiles(changes.files.sizes[stay], changes.files.times[stay], changes.files.fingerprints[stay])
        self._facts.learn(changes.seen[stay], here)
        self._mark_changed(changes.changed)
        if changes.any:
            self._changes = changes
            self.marksChanged.emit()
            self.found.emit(changes)

    def _on_failed(self, error: Exception) -> None:
        self._job = self._known = None
        self.failed.emit(error)

    # -- taking in ---------------------------------------------------------------------------------------------------

    @property
    def to_take_in(self) -> bool:
        """Whether the project would be another one with what was found."""
        found = self._changes
        return found is not None and bool(found.new or found.renamed or len(found.vanished))

    def take_in(self) -> None:
        """Let the project follow the folder: what was said goes with renamed files, of new images nothing is said."""
        changes, truth, session = self._changes, self._session.truth, self._session
        if changes is None or truth is None or session.dataset is None:
            return
        self._changes = None
        names, parts = session.dataset.names, session.dataset.parts
        n_labels, new = len(truth.labels), _rows_of(changes, names, parts)

        def write(project: Project) -> None:
            if changes.renamed:
                project.rename_images(changes.renamed)
            files = changes.files
            if len(changes.seen):
                there = np.ones(len(changes.seen), dtype=np.bool_)
                project.set_files(changes.seen, files.sizes, files.times, files.fingerprints, there)
            if len(changes.vanished):
                known = project.contents().images
                gone = changes.vanished
                away = np.zeros(len(gone), dtype=np.bool_)
                project.set_files(gone, known.sizes[gone], known.times[gone], known.fingerprints[gone], away)
            if len(new):
                unsaid = np.full((len(new), n_labels), UNSAID, dtype=np.int8)
                project.add_images(new, unsaid, source="found in the folder")

        self._opening.projects.write(write)
        self._opening.open(folder=session.dataset.source, quiet=True)

    # -- elsewhere ---------------------------------------------------------------------------------------------------

    def locate(self, folder: str) -> None:
        """The images are in this folder now."""
        dataset = self._session.dataset
        if dataset is None:
            return
        names, source = dataset.names, dataset.source

        def work(_: Job) -> None:
            step = max(1, len(names) // _TRIED)
            if not any(os.path.isfile(os.path.join(folder, name)) for name in names[::step]):
                raise DatasetError(
                    f"None of the {len(names):,} images is in {folder}: choose the folder in which {names[0]} is."
                )

        def move(_: None) -> None:
            self._opening.projects.write(lambda project: project.set_root(os.path.abspath(folder)))
            self._opening.open(folder=source, quiet=True)

        self._jobs.run(Lane.FILES, work, move, self.failed.emit)


def _copy(images: ImageTable) -> ImageTable:
    columns = images.sizes.copy(), images.times.copy(), images.fingerprints.copy(), images.present.copy()
    return ImageTable(images.names, *columns, images.parts)


def _rows_of(changes: FolderChanges, names: tuple[str, ...], parts: tuple[str, ...]) -> ImageTable:
    """The new images, in the parts that their folders are where the others' parts are their folders."""
    files, new = changes.new_files, changes.new
    found: tuple[str, ...] = ()
    if parts:
        by_folder = parts_of((*names, *new))
        found = by_folder[len(names) :] if by_folder[: len(names)] == parts else ("",) * len(new)
    there = np.ones(len(new), dtype=np.bool_)
    return ImageTable(new, files.sizes, files.times, files.fingerprints, there, found)
