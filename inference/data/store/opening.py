"""How a project file is made and opened: looked at first, changed only once it is known to be whole and ours."""

from __future__ import annotations

import os
import sqlite3
import tempfile
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from inference.data.store import backups, images
from inference.data.store.connection import Database, busy, is_held_here, raw_connection
from inference.data.store.faults import damaged, failed, is_unwritable
from inference.data.store.files import (
    has_journal,
    reason,
    require_project_file,
    require_version,
    settle,
    temporary_beside,
)
from inference.data.store.locks import lock_path, read_holder, write_holder
from inference.data.store.packing import text_blob
from inference.data.store.schema import VERSION, lay_out, migrate_from
from inference.data.store.values import ImageTable
from inference.errors import ProjectDamagedError, ProjectError, ProjectWriteError
from inference.types.annotating import StatementArray
from inference.types.base import Task

_TABLES: Final = frozenset({"project", "events", "images", "labels", "statements", "notes", "steps", "settings"})


# Making


def make_file(
    path: Path,
    *,
    source: str,
    root: str,
    task: Task,
    labels: Sequence[str],
    table: ImageTable,
    statements: StatementArray,
    settings: Mapping[str, bytes],
    who: str,
    now: float,
) -> None:
    """Make a project file, whole or not at all. Raises ProjectError, ProjectWriteError."""
    if os.path.lexists(path):
        raise ProjectError(f"{path} exists already: open it, or choose another name.")
    try:
        with temporary_beside(path) as temporary:
            connection = raw_connection(temporary, "rwc")
            try:
                connection.execute("PRAGMA journal_mode = OFF")
                connection.execute("PRAGMA synchronous = OFF")  # `settle` brings it to the disk at once
                connection.execute("BEGIN")
                lay_out(connection)
                connection.execute(
                    "INSERT INTO project VALUES (1, ?, 0, 0, ?, ?, ?, ?, ?)",
                    (uuid.uuid4().bytes, text_blob(source), text_blob(root), task.value, now, now),
                )
                write_baseline(connection, source, labels, table, statements, (now, text_blob(who)))
                rows = ((text_blob(key), value) for key, value in settings.items())
                connection.executemany("INSERT INTO settings (key, value) VALUES (?, ?)", rows)
                connection.execute("COMMIT")
            finally:
                connection.close()
            settle(temporary, path)
    except OSError as error:
        raise ProjectWriteError(f"{path} cannot be made ({reason(error)}): choose another folder.") from error
    except sqlite3.IntegrityError as error:
        raise ProjectError(f"{path} cannot be made: an image is listed twice ({error}).") from error
    except sqlite3.Error as error:
        raise failed(path, error) from error


def write_baseline(
    connection: sqlite3.Connection,
    source: str,
    labels: Sequence[str],
    table: ImageTable,
    statements: StatementArray,
    stamp: tuple[float, bytes],
) -> None:
    """Labels, images and what came with them, as one event. Raises ValueError where the shapes do not fit."""
    if statements.shape != (len(table), len(labels)):
        raise ValueError(f"statements {statements.shape} for {len(table):,} images and {len(labels):,} labels")
    images.insert_labels(connection, labels)
    event = log_import(connection, source, len(table), stamp)
    images.insert_images(connection, table, statements, first=0, event=event)


def log_import(connection: sqlite3.Connection, source: str, n_images: int, stamp: tuple[float, bytes]) -> int:
    """The event that images came in; its id."""
    cursor = connection.execute(
        "INSERT INTO events (step, action, made, who, text, source, n_images) VALUES (NULL, 'imported', ?, ?, ?, ?, ?)",
        (*stamp, text_blob("Images read"), text_blob(source), n_images),
    )
    return int(cursor.lastrowid or 0)


# Opening


def open_database(path: Path, now: float) -> tuple[Database, str]:
    """Hold a project file that is whole and of today's version, and what the user should know ("" nothing).

    Raises ProjectError and its kinds; sqlite3.Error where the file may be read but not written. A file that is refused
    is left as it was.
    """
    if is_held_here(path):
        raise busy(path)
    require_project_file(path)
    note = _note_on_last_time(path)
    if has_journal(path):
        _require_whole_copy(path)
    database = _connected(path)
    try:
        _bring_up_to_date(database, now)
        database.prepare()
    except BaseException:
        database.close()
        raise
    write_holder(path, now)
    return database, note


def _note_on_last_time(path: Path) -> str:
    """A project that was not closed leaves its lock file and, beside it, what was not yet in the file itself."""
    if not os.path.lexists(lock_path(path)) or os.path.lexists(path.with_name(f"{path.name}-wal")):
        return ""
    holder = read_holder(path)
    whose = "" if holder is None else f" by {holder.words()}"
    return (
        f"{path.name} was opened{whose} and never closed, and its -wal file is gone: the last edits may be missing; "
        "if you moved the project, move that file too."
    )


def _connected(path: Path) -> Database:
    try:
        database = Database(path)
    except sqlite3.Error as error:
        if is_unwritable(error, path):
            raise
        raise _as_damage(path, error) from error
    try:
        require_whole(database)
    except BaseException:
        database.close()
        raise
    return database


def _as_damage(path: Path, error: sqlite3.Error) -> ProjectError:
    """Of a file that says it is ours, a table that is not there is damage."""
    found = failed(path, error)
    is_plain = getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR
    return damaged(path, str(error)) if is_plain else found


def require_whole(database: Database) -> None:
    """Raise ProjectDamagedError for a file with damaged pages, without our tables, or with programs of its own."""
    found = database.damage()
    if found:
        raise damaged(database.shown, found)
    with database.reading() as connection:
        things = connection.execute("SELECT type, name FROM sqlite_master").fetchall()
    names = {name for kind, name in things if kind == "table"}
    foreign = [name for kind, name in things if kind in ("trigger", "view")]
    if foreign or not names >= _TABLES:
        raise damaged(database.shown, f"tables {sorted(names)}, triggers and views {foreign}")


def _require_whole_copy(path: Path) -> None:
    """Closing a database plays its journal in, so that one left by a crash is looked into in a copy first."""
    with tempfile.TemporaryDirectory(prefix="cutline-") as folder:
        copy = backups.copy_aside(path, Path(folder))
        try:
            _connected(copy).close()
        except ProjectDamagedError as error:
            raise damaged(path, error.detail) from error


def _bring_up_to_date(database: Database, now: float) -> None:
    with database.reading() as connection:
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    require_version(database.path, version)
    if version < 1:
        raise damaged(database.shown, f"version {version}")
    if version == VERSION:
        return
    backups.make_backup(database.connection, database.path, f"before version {VERSION}", now)
    with database.writing() as connection:
        migrate_from(connection, version)


def open_copy(path: Path) -> tuple[Database, tempfile.TemporaryDirectory[str]]:
    """A copy of the project to read from, which goes with the folder: of a damaged file what is left.

    Raises ProjectError where it is no project file, ProjectDamagedError where nothing can be read.
    """
    backups.require_nobody_holds(path)
    require_project_file(path, for_reading=True)
    folder = tempfile.TemporaryDirectory(prefix="cutline-")
    try:
        copy = backups.copy_aside(path, Path(folder.name))
        database = Database(copy, shown=path)
        with suppress(sqlite3.Error):
            database.prepare()
    except sqlite3.Error as error:
        folder.cleanup()
        raise damaged(path, str(error)) from error
    except BaseException:
        folder.cleanup()
        raise
    return database, folder
