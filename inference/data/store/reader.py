"""What can be asked of an open project, and copies of it."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from inference.data.store import backups, opening, reading, step_reading
from inference.data.store.connection import Database
from inference.data.store.faults import damaged
from inference.data.store.packing import blob_text, text_blob
from inference.data.store.schema import VERSION
from inference.data.store.values import (
    DROPPED,
    Contents,
    HistoryEntry,
    ModelNote,
    RunNote,
    Step,
)
from inference.errors import ProjectDamagedError, ProjectError

_NOT_OURS: Final = (ValueError, TypeError, AttributeError, IndexError, KeyError, OverflowError)

Clock = Callable[[], float]


def absolute(path: str | Path) -> Path:
    """The path from the root on, links kept."""
    return Path(os.path.abspath(path))


class ReadableProject:
    """The half of `Project` that changes nothing in the file."""

    def __init__(self, database: Database, path: Path, *, who: str, clock: Clock, note: str) -> None:
        """For `Project.create` and `Project.open` only."""
        self.path = path
        self.note = note  # why it can only be read, or what else the user should know; "" nothing
        self._database = database
        self._who = text_blob(who)
        self._clock = clock
        self._copy: tempfile.TemporaryDirectory[str] | None = None
        self._opened = 0.0  # the time before this one

    @property
    def read_only(self) -> bool:
        """Whether nothing can be saved in it."""
        return self._copy is not None

    def contents(self) -> Contents:
        """All that a window needs.

        Raises ProjectDamagedError; of a file that is open for reading only it gives what is left.
        """
        fetch = reading.readable_rows if self.read_only else reading.all_rows
        with self._reading() as connection:
            version = int(connection.execute("PRAGMA user_version").fetchone()[0]) or VERSION
            return reading.read_contents(connection, opened=self._opened, version=version, fetch=fetch)

    @property
    def source(self) -> str:
        """What was opened: a folder or a label file."""
        with self._reading() as connection:
            return blob_text(connection.execute("SELECT source FROM project").fetchone()[0])

    def step(self, step_id: int) -> Step:
        """A step with its statements, whatever its state. Raises ProjectError where it is not there."""
        with self._reading() as connection:
            record = step_reading.read_step(connection, step_id)
            statements = step_reading.read_statements(connection, step_id)
        if record is None:
            raise ProjectError(f"step {step_id} is not in {self.path}: open the project anew.")
        return Step(
            id=record.id,
            kind=record.kind,
            text=record.text,
            source=record.source,
            model=record.model,
            payload=record.payload,
            statements=statements,
            labels=record.labels,
            notes=record.notes,
        )

    def history(self, image_id: int) -> tuple[HistoryEntry, ...]:
        """What happened to one image, oldest first, beginning with what came with it; undone and dropped steps too."""
        with self._reading() as connection:
            return step_reading.read_history(connection, image_id)

    def log(self, limit: int = 200) -> tuple[HistoryEntry, ...]:
        """The project's latest events, newest first."""
        with self._reading() as connection:
            return step_reading.read_log(connection, limit)

    @property
    def last_step(self) -> int:
        """The greatest step id in the file, dropped ones too; 0 where there is none."""
        with self._reading() as connection:
            return reading.last_step(connection)

    @property
    def is_pristine(self) -> bool:
        """Whether nobody annotated, changed labels or wrote a note yet: no step that is done or could be done again."""
        with self._reading() as connection:
            return all(
                connection.execute(
                    f"SELECT 1 FROM steps WHERE state <> ? AND id IN (SELECT step FROM {table}) LIMIT 1", (DROPPED,)
                ).fetchone()
                is None
                for table in ("step_cells", "step_labels", "step_notes")
            )

    def models(self) -> tuple[ModelNote, ...]:
        """Models that were used with the project, the last one first."""
        with self._reading() as connection:
            return reading.read_models(connection)

    def runs(self) -> tuple[RunNote, ...]:
        """Runs whose logits may stand in the cache, the last one first."""
        with self._reading() as connection:
            return reading.read_runs(connection)

    def save_as(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """A whole copy elsewhere, which the caller may open. A project that is overwritten stays among its backups.

        Works also where the file itself cannot be written any more. Raises ProjectError where the name is taken.
        """
        path = absolute(path)
        if os.path.lexists(self.path) and os.path.realpath(path) == os.path.realpath(self.path):
            raise ProjectError(f"{path} is the project itself: choose another name.")
        with self._reading() as connection:
            if overwrite and os.path.lexists(path):
                backups.copy_over(connection, self.path, path, self._clock())
            else:
                backups.copy_into(connection, self.path, path)
        return path

    def check(self) -> None:
        """Raise ProjectDamagedError where SQLite's quick check finds damage."""
        try:
            opening.require_whole(self._database)
        except ProjectDamagedError as error:
            raise backups.with_backups(error, self.path) from error

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """Read; rows that we never wrote are damage."""
        try:
            with self._database.reading() as connection:
                yield connection
        except _NOT_OURS as error:
            raise backups.with_backups(damaged(self.path, f"{type(error).__name__}: {error}"), self.path) from error
        except ProjectDamagedError as error:
            raise backups.with_backups(error, self.path) from error
