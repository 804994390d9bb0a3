"""What SQLite's errors mean to the user: one sentence with the file, the trouble and the remedy."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Final

from inference.errors import ProjectBusyError, ProjectDamagedError, ProjectError, ProjectWriteError

_PRIMARY: Final = 0xFF  # the lower byte of SQLite's extended codes

_WHY: Final = {
    sqlite3.SQLITE_FULL: "the disk is full: free some space",
    sqlite3.SQLITE_READONLY: "it may not be written: allow writing, or save the project elsewhere",
    sqlite3.SQLITE_CANTOPEN: "its folder cannot be reached or not be written: see that the drive is there",
    sqlite3.SQLITE_IOERR: "the disk reports an error or is full: see that the drive is there and has space",
    sqlite3.SQLITE_NOMEM: "the memory is full: close other programs",
    sqlite3.SQLITE_PERM: "it may not be written: allow writing, or save the project elsewhere",
}
_DAMAGED: Final = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_BUSY: Final = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL}
_UNWRITABLE: Final = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM}
_CONNECTION_IS_FINE: Final = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_TOOBIG}


def primary_code(error: sqlite3.Error) -> int | None:
    """SQLite's primary result code; None where the error is of Python's module."""
    code = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & _PRIMARY


def is_busy(error: sqlite3.Error) -> bool:
    """Whether another connection holds the file."""
    return primary_code(error) in _BUSY


def is_damage(error: sqlite3.Error) -> bool:
    """Whether the file is not whole."""
    return primary_code(error) in _DAMAGED or type(error) is sqlite3.DatabaseError


def is_unwritable(error: sqlite3.Error, path: Path) -> bool:
    """Whether the file may be read but not written; a lock on one that may not be written is an I/O error."""
    return not is_busy(error) and (primary_code(error) in _UNWRITABLE or not os.access(path, os.W_OK))


def spares_connection(error: BaseException) -> bool:
    """Whether the connection can be trusted after the error."""
    return not isinstance(error, sqlite3.Error) or primary_code(error) in _CONNECTION_IS_FINE


def damaged(path: Path, detail: str) -> ProjectDamagedError:
    """The file is not whole."""
    return ProjectDamagedError(
        f"{path} is damaged: open one of its backups, or open it for reading to see what is left.", detail=detail
    )


def failed(path: Path, error: sqlite3.Error) -> ProjectError:
    """What a failed statement means."""
    detail = f"{type(error).__name__} {getattr(error, 'sqlite_errorname', '')}: {error}"
    if is_damage(error):
        return damaged(path, detail)
    if is_busy(error):
        return ProjectBusyError(f"{path} is open in another Cutline: close it there.", detail=detail)
    if primary_code(error) == sqlite3.SQLITE_CONSTRAINT:
        return ProjectError(f"{path} does not fit the change ({error}): open the project anew.", detail=detail)
    why = _WHY.get(primary_code(error) or -1, f"the disk or database says “{error}”: try again")
    return ProjectWriteError(f"{path} could not be written, for {why}; what is not saved stays here.", detail=detail)
