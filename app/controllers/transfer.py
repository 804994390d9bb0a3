"""Imports annotations as one step of undo, and exports annotations and predictions, without the window waiting."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import QObject, Qt, Signal, Slot

from app.annotating import Annotate, ChangeLabels, added
from app.controllers.projects import ProjectController
from app.history import History
from app.jobs import Job, Jobs, Lane
from app.session import Session
from inference.data.store import Project
from inference.errors import CutlineError
from inference.types import Cells, ImageState, IntArray, ProjectLabel, Severity
from inference.types.annotating_view import SaveState

if TYPE_CHECKING:
    from app.controllers.transfer_work import Exported, ExportSource, ImportLook, ImportReader, ImportTarget
    from inference.data.importing import ImportPlan
    from widgets.transfer.values import Conflicts, ExportAsked, ImportAsked

log = logging.getLogger(__name__)

_UNLISTED: Final = "unlisted"  # under what a project keeps what unlisted labels mean
Failed = Callable[[Exception], None]


class TransferController(QObject):
    """Looks at files in their lane, and applies nothing before it is told to."""

    said = Signal(str, object)  # sentence, Severity
    failed = Signal(Exception)
    _backupFailed = Signal(str)  # from the store's lane

    def __init__(
        self,
        session: Session,
        history: History,
        projects: ProjectController,
        jobs: Jobs,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._history, self._projects, self._jobs = session, history, projects, jobs
        self._job: Job | None = None
        self._reader: ImportReader | None = None
        self._unlisted = ""
        self._read_only = False
        projects.opened.connect(self._take_settings)
        projects.saveStateChanged.connect(self._take_save_state)
        session.datasetChanged.connect(self.drop)
        self._backupFailed.connect(self._tell_backup, Qt.ConnectionType.QueuedConnection)

    # -- importing ---------------------------------------------------------------------------------------------------

    @property
    def obstacle(self) -> str:
        """Why nothing can be imported now, in a sentence; "" where it can."""
        if self._session.truth is None or self._session.dataset is None:
            return "Open a folder of images first: annotations are imported over the images that are open."
        if self._read_only:
            return "This project is open for reading only: save it elsewhere first, then import."
        return ""

    def look(self, asked: ImportAsked, done: Callable[[ImportLook], None], failed: Failed) -> None:
        """Read a file and find what importing it would do; only the last such wish is answered."""
        from app.controllers.transfer_work import ImportReader

        self.drop()
        target = self._target()
        if target is None:
            return
        if self._reader is None or self._reader.names is not target.names:
            self._reader = ImportReader(target.root, target.names)
        reader = self._reader
        self._job = self._jobs.run(Lane.FILES, lambda _: reader.look(asked, target), done, failed)

    def drop(self) -> None:
        """Nobody waits for it any more."""
        if self._job is not None:
            self._job.cancel()
            self._job = None

    def forget(self) -> None:
        """Let go of the file that was read last."""
        self.drop()
        self._reader = None

    def apply(self, look: ImportLook, conflicts: Conflicts) -> None:
        """Import: a backup of the project first, then one step of undo."""
        from inference.data.importing import cells_of

        plan = look.plan
        if plan is None or self.obstacle:
            return
        if plan.asks_unlisted:
            raise ValueError("what unlisted labels mean must be said first")
        self._keep_unlisted(look)
        self._jobs.run(
            Lane.FILES,
            lambda _: cells_of(plan, conflicts.value),
            lambda found: self._apply(look, plan, *found),
            self.failed.emit,
        )

    def _apply(self, look: ImportLook, plan: ImportPlan, labels: tuple[ProjectLabel, ...], cells: Cells) -> None:
        session, name = self._session, os.path.basename(os.path.normpath(look.asked.path))
        truth = session.truth
        if truth is None or session.dataset is None:
            return
        if session.dataset.names is not look.target.names or truth.version != look.target.version:
            self.said.emit(f"Annotations changed while {name} was looked at: import it again.", Severity.WARNING)
            return
        if not labels and not len(cells):
            self.said.emit(f"{name} says nothing that the project does not say already.", Severity.INFO)
            return
        self._projects.write(self._back_up, counts=False)
        text, source = f"import {name}", f"import {name}"
        if labels:
            changes = [added(label) for label in labels]
            self._history.push(ChangeLabels(session, changes, text, cells=cells, source=source))
        else:
            self._history.push(Annotate(session, cells, text, source, kind="import"))
        self.said.emit(_imported(name, plan, labels, cells), Severity.INFO)

    def _back_up(self, project: Project) -> None:
        """In the store's lane. Without room for a backup the import is saved all the same: undo can take it back."""
        try:
            project.backup("import")
        except CutlineError as error:
            log.warning("no backup before an import: %s", error)
            self._backupFailed.emit(str(error))

    @Slot(str)
    def _tell_backup(self, sentence: str) -> None:
        self.said.emit(f"The project was not backed up before the import: {sentence}", Severity.WARNING)

    def _target(self) -> ImportTarget | None:
        from app.controllers.transfer_work import ImportTarget

        truth, dataset = self._session.truth, self._session.dataset
        if truth is None or dataset is None:
            return None
        return ImportTarget(
            root=dataset.root,
            names=dataset.names,
            labels=truth.labels,
            statements=truth.statements.copy(),
            task=truth.task,
            columns=truth.columns,
            version=truth.version,
            unlisted=self._unlisted,
        )

    # -- what a project remembers ------------------------------------------------------------------------------------

    def _take_settings(self, settings: Mapping[str, bytes]) -> None:
        self.forget()
        self._unlisted = settings.get(_UNLISTED, b"").decode("ascii", "replace")

    def _keep_unlisted(self, look: ImportLook) -> None:
        answer = look.asked.answers.get(_UNLISTED, "")
        if answer and answer != self._unlisted:
            self._unlisted = answer
            kept = answer.encode()
            self._projects.write(lambda project: project.set_setting(_UNLISTED, kept), key=_UNLISTED, counts=False)

    def _take_save_state(self, state: SaveState) -> None:
        self._read_only = state.kind == "read_only"

    # -- exporting ---------------------------------------------------------------------------------------------------

    @property
    def scored(self) -> int:
        """Images that have scores."""
        run = self._session.run
        return 0 if run is None else int(np.count_nonzero(run.state == ImageState.SCORED))

    def rehearse(
        self, asked: ExportAsked, images: IntArray | None, done: Callable[[tuple[str, ...]], None], failed: Failed
    ) -> None:
        """Find what would be lost; only the last such wish is answered. ``images``: None for all."""
        from app.controllers.transfer_work import rehearse

        self.drop()
        source = self._source(images)
        if source is not None:
            self._job = self._jobs.run(Lane.FILES, lambda _: rehearse(asked, source), done, failed)

    def export(
        self,
        asked: ExportAsked,
        images: IntArray | None,
        path: str,
        done: Callable[[Exported], None],
        failed: Failed,
    ) -> None:
        """Write, whole or not at all. Closing a dialog does not stop it."""
        from app.controllers.transfer_work import export

        self.drop()
        source = self._source(images)
        if source is not None:
            self._jobs.run(Lane.FILES, lambda _: export(asked, source, path), done, failed)

    def _source(self, images: IntArray | None) -> ExportSource | None:
        from app.controllers.transfer_work import ExportSource

        session = self._session
        truth, dataset, decision = session.truth, session.dataset, session.decision
        if truth is None or dataset is None:
            return None
        return ExportSource(
            root=dataset.root,
            names=dataset.names,
            labels=truth.labels,
            statements=truth.statements.copy(),
            task=truth.task,
            parts=dataset.parts,
            images=images,
            columns=truth.columns,
            sources=truth.sources,
            run=session.run if self.scored else None,
            activation=decision.activation,
            logit_map=decision.logit_map,
        )


def _imported(name: str, plan: ImportPlan, labels: tuple[ProjectLabel, ...], cells: Cells) -> str:
    n_cells, n_images = len(cells), len(np.unique(cells.images))
    what = f"{n_cells:,} annotation{'s' * (n_cells != 1)} of {n_images:,} image{'s' * (n_images != 1)}"
    more = f" and {len(labels):,} new label{'s' * (len(labels) != 1)}" if labels else ""
    left = f" {len(plan.unmatched):,} of its images are not in this project." if plan.unmatched else ""
    return f"Imported {what}{more} from {name}; Undo takes it back.{left}"
