"""A project file, opened: every change is one transaction, on the disk when the call comes back."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import numpy as np

from inference.data.store import backups, opening, steps
from inference.data.store import images as image_rows
from inference.data.store.faults import damaged, is_unwritable
from inference.data.store.locks import remove_holder
from inference.data.store.packing import text_blob
from inference.data.store.reader import Clock, ReadableProject, absolute
from inference.data.store.values import (
    DONE,
    UNDONE,
    Backup,
    FingerprintArray,
    ImageTable,
    Step,
)
from inference.errors import ProjectDamagedError, ProjectError, ProjectWriteError
from inference.types.annotating import StatementArray
from inference.types.base import BoolArray, IntArray, Task

_DAY: Final = 86_400.0


class Project(ReadableProject):
    """One SQLite file, held by one process; used by one thread at a time, whichever.

    A call that raises ProjectWriteError has changed nothing, or all of it (a commit whose answer was lost): the same
    call is safe to make again. After any error the project stays usable; it connects anew by itself where it must.
    """

    # Making, opening and closing

    @classmethod
    def create(
        cls,
        path: str | Path,
        *,
        source: str,
        root: str,
        task: Task,
        labels: Sequence[str],
        images: ImageTable,
        statements: StatementArray,
        settings: Mapping[str, bytes] | None = None,
        who: str,
        clock: Clock = time.time,
    ) -> Project:
        """Make a project file, whole or not at all, and open it. ``statements`` (n, p) are what came with the images.

        Raises ProjectError where the file exists, ProjectWriteError where it cannot be made, ValueError where the
        shapes do not fit.
        """
        path = absolute(path)
        opening.make_file(
            path,
            source=source,
            root=root,
            task=task,
            labels=labels,
            table=images,
            statements=statements,
            settings=settings or {},
            who=who,
            now=clock(),
        )
        return cls.open(path, who=who, clock=clock)

    @classmethod
    def open(cls, path: str | Path, *, who: str, clock: Clock = time.time, read_only: bool = False) -> Project:
        """Hold a project file. One that cannot be written is opened to be read; ``note`` says so.

        ``read_only`` reads from a copy, and of a damaged file what is left. Raises ProjectBusyError,
        ProjectDamagedError (with its backups), ProjectNewerError, ProjectError; what is refused stays as it was.
        """
        path = absolute(path)
        try:
            return cls._opened_at(path, who, clock, read_only=read_only)
        except ProjectDamagedError as error:
            raise backups.with_backups(error, path) from error

    @classmethod
    def _opened_at(cls, path: Path, who: str, clock: Clock, *, read_only: bool) -> Self:
        if read_only:
            return cls._to_read(path, who, clock, f"{path.name} is open for reading only.")
        try:
            database, note = opening.open_database(path, clock())
        except sqlite3.Error as error:
            if not is_unwritable(error, path):
                raise damaged(path, str(error)) from error
            note = f"{path.name} cannot be written ({error}): it is open for reading only; save it elsewhere to go on."
            return cls._to_read(path, who, clock, note)
        project = cls(database, path, who=who, clock=clock, note=note)
        try:
            project._begin()
        except BaseException:
            project.close()
            raise
        return project

    @classmethod
    def _to_read(cls, path: Path, who: str, clock: Clock, note: str) -> Self:
        database, folder = opening.open_copy(path)
        project = cls(database, path, who=who, clock=clock, note=note)
        project._copy = folder
        try:
            with project._reading() as connection:
                project._opened = float(connection.execute("SELECT opened FROM project").fetchone()[0])
        except BaseException:
            project.close()
            raise
        return project

    def _begin(self) -> None:
        """Note the time, and keep today's backup; a full disk hinders neither reading nor trying again."""
        now = self._clock()
        with self._reading() as connection:
            self._opened, backed_up = connection.execute("SELECT opened, backed_up FROM project").fetchone()
        made = backups.list_backups(self.path)
        if backed_up != self._database.revision and (not made or made[0].when // _DAY != now // _DAY):
            with suppress(ProjectWriteError):
                self.backup("daily")
        self._jot("UPDATE project SET opened = ?", (now,))

    def close(self) -> None:
        """Bring everything into the file itself and release it. Never raises for a drive that is gone."""
        self._database.close()
        if self._copy is not None:
            self._copy.cleanup()
            self._copy = None
        else:
            remove_holder(self.path)

    def reopen(self) -> None:
        """Connect again, as when a drive came back. Raises ProjectError where it is not the same project any more."""
        self._database.reopen()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # Steps: each one transaction, each safe to repeat

    def do(self, step: Step) -> None:
        """Do a step; steps that were undone leave the redo stack. One of the same id and kind that is done is amended.

        Raises ProjectWriteError where it is not saved, ProjectError where it does not fit the project, ValueError where
        its arrays do not fit one another.
        """
        with self._writing() as connection:
            steps.do_step(connection, step, self._stamp())

    def amend(self, step: Step) -> None:
        """Replace a step whose edit goes on: text, payload and changes; one that is not there yet is done. As `do`."""
        self.do(step)

    def undo(self, step_id: int) -> None:
        """Bring back what a step changed. Raises as `do`."""
        with self._writing() as connection:
            steps.set_state(connection, step_id, UNDONE, self._stamp())

    def redo(self, step_id: int) -> None:
        """Do an undone step again. Raises as `do`."""
        with self._writing() as connection:
            steps.set_state(connection, step_id, DONE, self._stamp())

    def drop(self, step_id: int) -> None:
        """Take a step off both stacks; its history stays. Raises ProjectError where its changes are in force."""
        with self._writing() as connection:
            steps.drop_step(connection, step_id)

    # Images and the folder

    def add_images(self, images: ImageTable, statements: StatementArray, *, source: str = "") -> IntArray:
        """Add images that appeared, with what came with them (k, p); their ids (k,).

        Repeated with the same names it adds nothing. Raises ProjectError where some of the names are known.
        """
        with self._writing() as connection:
            known = image_rows.ids_of_names(connection, images.names)
            if known and None not in known:
                return np.array(known, dtype=np.int64)
            taken = [name for name, id_ in zip(images.names, known, strict=True) if id_ is not None]
            if taken:
                raise ProjectError(f"{self.path} has an image called {taken[0]!r} already: look at the folder again.")
            first = int(connection.execute("SELECT coalesce(max(id) + 1, 0) FROM images").fetchone()[0])
            event = opening.log_import(connection, source, len(images), self._stamp())
            image_rows.insert_images(connection, images, statements, first=first, event=event)
        return np.arange(first, first + len(images), dtype=np.int64)

    def set_files(
        self, ids: IntArray, sizes: IntArray, times: IntArray, fingerprints: FingerprintArray, present: BoolArray
    ) -> None:
        """What is known of the files of some images: (k,) each, fingerprints (k, 16)."""
        columns = (sizes, times, image_rows.fingerprint_blobs(fingerprints), present.astype(np.int64))
        with self._writing() as connection:
            image_rows.update_files(connection, ids, columns)

    def rename_images(self, names: Mapping[int, str]) -> None:
        """Names of files that moved, by image id; names may swap. Raises ProjectError where a name is another's."""
        with self._writing() as connection:
            image_rows.rename(connection, names)

    def set_root(self, root: str) -> None:
        """The folder that image names are relative to."""
        with self._writing() as connection:
            connection.execute("UPDATE project SET root = ?", (text_blob(root),))

    def set_task(self, task: Task) -> None:
        """Whether an image has one label or any number."""
        with self._writing() as connection:
            connection.execute("UPDATE project SET task = ?", (task.value,))

    def replace_baseline(
        self,
        *,
        source: str,
        root: str,
        task: Task,
        labels: Sequence[str],
        images: ImageTable,
        statements: StatementArray,
    ) -> None:
        """Put a dataset that was read anew in the place of the first. Raises ProjectError unless `is_pristine`."""
        if not self.is_pristine:
            raise ProjectError(f"{self.path} has annotations of its own: import the files into it instead.")
        with self._writing() as connection:
            image_rows.clear_dataset(connection)
            connection.execute(
                "UPDATE project SET source = ?, root = ?, task = ?", (text_blob(source), text_blob(root), task.value)
            )
            opening.write_baseline(connection, source, labels, images, statements, self._stamp())

    # Settings, models and runs

    def set_setting(self, key: str, value: bytes | None) -> None:
        """Keep a setting, or forget it (None)."""
        with self._writing() as connection:
            connection.execute("DELETE FROM settings WHERE key = ?", (text_blob(key),))
            if value is not None:
                connection.execute("INSERT INTO settings (key, value) VALUES (?, ?)", (text_blob(key), value))

    def note_model(self, fingerprint: str, path: str, name: str, labels: Sequence[str]) -> None:
        """Remember a model that is used with the project."""
        key = text_blob(fingerprint)
        with self._writing() as connection:
            connection.execute("DELETE FROM models WHERE fingerprint = ?", (key,))
            row = (key, text_blob(path), text_blob(name), self._clock())
            connection.execute("INSERT INTO models (fingerprint, path, name, made) VALUES (?, ?, ?, ?)", row)
            rows = ((key, position, text_blob(label)) for position, label in enumerate(labels))
            connection.executemany("INSERT INTO model_labels (model, position, name) VALUES (?, ?, ?)", rows)

    def note_run(self, model: str, preprocessing: str, n_scored: int) -> None:
        """Remember how many images a model scored under a preprocessing."""
        row = (text_blob(model), text_blob(preprocessing), n_scored, self._clock())
        with self._writing() as connection:
            connection.execute("DELETE FROM runs WHERE model = ? AND preprocessing = ?", row[:2])
            connection.execute("INSERT INTO runs (model, preprocessing, n_scored, made) VALUES (?, ?, ?, ?)", row)

    # Copies

    def backup(self, reason: str) -> Path:
        """A whole copy among the backups: kept are the last ten, and the newest of each of the last thirty days."""
        with self._reading() as connection:
            made = backups.make_backup(connection, self.path, reason, self._clock())
        self._jot("UPDATE project SET backed_up = revision")
        return made

    @staticmethod
    def backups(path: str | Path) -> list[Backup]:
        """Backups of a project, newest first; the project itself need not be there."""
        return backups.list_backups(absolute(path))

    @staticmethod
    def restore(backup: str | Path, path: str | Path, *, clock: Clock = time.time) -> None:
        """Put a backup in the project's place; what was there is kept among the backups.

        Raises ProjectBusyError where the project is open, ProjectDamagedError where the backup is not whole.
        """
        backups.restore_backup(absolute(backup), absolute(path), clock())

    # Inside

    def _stamp(self) -> tuple[float, bytes]:
        return self._clock(), self._who

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        if self.read_only:
            raise ProjectWriteError(f"{self.path} is open for reading only: save it elsewhere and go on there.")
        with self._database.writing() as connection:
            yield connection

    def _jot(self, statement: str, values: tuple[object, ...] = ()) -> None:
        """Note something that nobody would miss."""
        if not self.read_only:
            with suppress(ProjectError), self._database.reading() as connection:
                connection.execute(statement, values)
