"""Whole copies of a project in ``<name>.backups/`` beside it: made, listed, thinned out and put back."""

from __future__ import annotations

import os
import re
import sqlite3
from contextlib import suppress
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Final

from inference.data.store.connection import busy, is_held_here, raw_connection
from inference.data.store.faults import damaged, failed, is_busy
from inference.data.store.files import (
    copy_with_journals,
    reason,
    replace_keeping,
    require_project_file,
    settle,
    temporary_beside,
)
from inference.data.store.values import Backup
from inference.errors import ProjectDamagedError, ProjectError, ProjectWriteError

KEPT_LAST: Final = 10
KEPT_DAYS: Final = 30
_SUFFIX: Final = ".cutline"
_STAMP: Final = "%Y%m%d-%H%M%S"
_NAME: Final = re.compile(r"(\d{8}-\d{6})(?:-\d+)? (.*)\.cutline")
_REPLACED: Final = "replaced"  # a project that another was put in the place of; never thinned out
_DAY: Final = 86_400.0


def backups_folder(path: Path) -> Path:
    """Where they stand."""
    return path.with_name(f"{path.name}.backups")


def list_backups(path: Path) -> list[Backup]:
    """Backups of a project, newest first; none where the folder is not there or cannot be read."""
    found = []
    with suppress(OSError):
        for entry in os.scandir(backups_folder(path)):
            backup = _backup(Path(entry.path))
            if backup is not None:
                found.append(backup)
    return sorted(found, key=lambda backup: (backup.when, backup.path), reverse=True)


def _backup(path: Path) -> Backup | None:
    match = _NAME.fullmatch(path.name)
    if match is None:
        return None
    with suppress(ValueError, OSError):
        when = datetime.strptime(match[1], _STAMP).replace(tzinfo=UTC).timestamp()
        return Backup(str(path), when, match[2], path.stat().st_size)
    return None


def with_backups(error: ProjectDamagedError, path: Path) -> ProjectDamagedError:
    """The same error, naming the backups there are."""
    paths = tuple(backup.path for backup in list_backups(path))
    return ProjectDamagedError(str(error), backups=paths, detail=error.detail)


def copy_into(connection: sqlite3.Connection, path: Path, target: Path) -> None:
    """A whole copy under a new name, which nobody may have yet. Raises ProjectError, ProjectWriteError."""
    try:
        with temporary_beside(target) as temporary:
            _vacuum(connection, path, temporary)
            settle(temporary, target)
    except OSError as error:
        raise ProjectWriteError(f"{target} cannot be written ({reason(error)}): choose another folder.") from error


def copy_over(connection: sqlite3.Connection, path: Path, target: Path, when: float) -> None:
    """A whole copy in the place of another project, which is kept among its backups."""
    require_nobody_holds(target)
    try:
        with temporary_beside(target) as temporary:
            _vacuum(connection, path, temporary)
            replace_keeping(temporary, target, _free_name(target, _REPLACED, when))
    except OSError as error:
        raise ProjectWriteError(f"{target} cannot be written ({reason(error)}): choose another folder.") from error


def _vacuum(connection: sqlite3.Connection, path: Path, temporary: Path) -> None:
    try:
        connection.execute("VACUUM INTO ?", (os.fspath(temporary.absolute()),))
    except sqlite3.Error as error:
        raise failed(path, error) from error


def make_backup(connection: sqlite3.Connection, path: Path, why: str, when: float) -> Path:
    """A whole copy among the backups; old ones are thinned out. Raises ProjectWriteError."""
    target = _free_name(path, why, when)
    copy_into(connection, path, target)
    _thin_out(path, when)
    return target


def _free_name(path: Path, why: str, when: float) -> Path:
    stamp = datetime.fromtimestamp(when, UTC).strftime(_STAMP)
    words = re.sub(r"[^0-9A-Za-z_.+-]+", " ", why).strip()[:60].strip() or "backup"
    folder = backups_folder(path)
    names = (f"{stamp}{more} {words}{_SUFFIX}" for more in chain([""], (f"-{count}" for count in range(2, 10_000))))
    return next(folder / name for name in names if not os.path.lexists(folder / name))


def _thin_out(path: Path, now: float) -> None:
    """Keep the last ten, and of the last thirty days the newest of each."""
    made = [backup for backup in list_backups(path) if backup.reason != _REPLACED]
    days: set[int] = set()
    for count, backup in enumerate(made):
        day = int(backup.when // _DAY)
        kept = count < KEPT_LAST or (day not in days and now - backup.when < KEPT_DAYS * _DAY)
        days.add(day)
        if not kept:
            with suppress(OSError):
                os.unlink(backup.path)


# Putting one back


def require_nobody_holds(path: Path) -> None:
    """Raise ProjectBusyError where a Cutline has the project open; a damaged or missing one nobody has."""
    if is_held_here(path):
        raise busy(path)
    if not path.is_file():
        return
    connection = raw_connection(path, "ro")
    try:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")  # stops before it would make or play in a journal
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.Error as error:
        if is_busy(error):
            raise busy(path) from error
    finally:
        connection.close()


def restore_backup(backup: Path, path: Path, when: float) -> None:
    """Put a copy of a backup in the project's place; what was there is kept among the backups.

    Raises ProjectError where the backup is no project file, ProjectDamagedError where it is not whole, ProjectBusyError
    where the project is open, ProjectWriteError where it cannot be written.
    """
    require_project_file(backup, for_reading=True)
    require_nobody_holds(path)
    require_nobody_holds(backup)
    if path.is_symlink():
        raise ProjectError(f"{path} is a link: choose the project file that it leads to, {os.path.realpath(path)}.")
    try:
        with temporary_beside(path) as temporary:
            copy_with_journals(backup, temporary)
            _require_whole(temporary, backup)
            replace_keeping(temporary, path, _free_name(path, _REPLACED, when))
    except OSError as error:
        raise ProjectWriteError(f"{path} cannot be written ({reason(error)}): see that its folder is there.") from error


def _require_whole(copy: Path, backup: Path) -> None:
    """Look into a copy, which leaves it whole in one file."""
    connection = raw_connection(copy, "rw")
    try:
        found = connection.execute("PRAGMA quick_check(1)").fetchone()
        if found != ("ok",):
            raise damaged(backup, str(found))
        connection.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.Error as error:
        raise failed(backup, error) from error
    finally:
        connection.close()


def copy_aside(path: Path, folder: Path) -> Path:
    """A copy to look into, with all that stands beside the project. Raises ProjectWriteError."""
    copy = folder / "project.cutline"
    try:
        copy_with_journals(path, copy)
    except OSError as error:
        raise ProjectWriteError(
            f"{path} cannot be copied to {folder} ({reason(error)}): free some space, or see that you may read it."
        ) from error
    return copy
