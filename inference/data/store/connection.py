"""The one connection to a project file: exclusive, durable, and told apart from a file that took its name.

WAL with synchronous=FULL: a transaction is on the disk when its commit comes back. locking_mode=EXCLUSIVE: nobody
else opens the file meanwhile, no shared memory is needed, and SQLite's fault with two writing connections (3.7.0 to
3.51.2, "WAL-reset bug") cannot occur.
"""

from __future__ import annotations

import os
import sqlite3
import traceback
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from inference.data.store.faults import damaged, failed, is_busy, spares_connection
from inference.data.store.files import require_project_file
from inference.data.store.locks import read_holder
from inference.errors import ProjectBusyError, ProjectError, ProjectWriteError

FACTORY: type[sqlite3.Connection] = sqlite3.Connection  # a test puts one here that fails

_Place = tuple[int, int]
_BEFORE_LOCK: Final = ("trusted_schema = OFF", "cell_size_check = ON", "locking_mode = EXCLUSIVE")
_AFTER_LOCK: Final = ("synchronous = FULL", "foreign_keys = ON", "fullfsync = ON", "checkpoint_fullfsync = ON")

_HELD: weakref.WeakValueDictionary[_Place, Database] = weakref.WeakValueDictionary()


def raw_connection(path: Path, mode: str) -> sqlite3.Connection:
    """A connection that waits for nobody and leaves transactions to us; ``mode`` rw, rwc or ro, as in SQLite's URIs."""
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        timeout=0,
        isolation_level=None,
        check_same_thread=False,
        factory=FACTORY,
    )


def place_of(path: Path) -> _Place:
    """What tells a file from another that has its name. Raises OSError."""
    found = os.stat(path)
    return found.st_dev, found.st_ino


def is_held_here(path: Path) -> bool:
    """Whether this process has the file open as a project."""
    with suppress(OSError):
        return place_of(path) in _HELD
    return False


def busy(path: Path) -> ProjectBusyError:
    """The error that says who has the project."""
    if is_held_here(path):
        return ProjectBusyError(f"{path} is open in this Cutline already: go to its window.", owner="this Cutline")
    holder = read_holder(path)
    if holder is None or not holder.is_alive():
        return ProjectBusyError(f"{path} is open in another program: close it there.")
    words = holder.words()
    return ProjectBusyError(f"{path} is open in another Cutline, of {words}: close it there.", owner=words)


class Database:
    """A connection that is made again after a failure, and never to another file."""

    def __init__(self, path: Path, *, shown: Path | None = None) -> None:
        """``shown`` is the path that messages name, where ``path`` is a copy of it.

        Raises ProjectBusyError, ProjectDamagedError or ProjectError; sqlite3.Error where it cannot be written.
        """
        self.path = path
        self.shown = shown or path
        self._connection: sqlite3.Connection | None = None
        self._identity: bytes = b""
        self.revision = 0  # how many transactions were acknowledged, as the file counts them
        self._suspect = False
        if is_held_here(path):
            raise busy(path)
        self._connect()

    # Reading and writing

    @property
    def connection(self) -> sqlite3.Connection:
        """The connection as it is; raises ProjectWriteError where there is none now."""
        if self._connection is None:
            self.reopen()
        assert self._connection is not None
        return self._connection

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """For statements that only read; SQLite's errors become ours."""
        try:
            yield self.connection
        except sqlite3.Error as error:
            self._mistrust(error)
            raise failed(self.shown, error) from error
        except UnicodeDecodeError as error:  # SQLite's message quotes the damaged bytes
            raise damaged(self.shown, str(error)) from error

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: on the disk when the block is left, or not there at all.

        Raises ProjectWriteError where that is not so, or not sure: then the same call is safe to make again.
        """
        self._require_place()
        if self._suspect:
            self.reopen()
        connection = self.connection
        try:
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("UPDATE project SET revision = revision + 1")
            connection.execute("COMMIT")
        except BaseException as error:
            self._roll_back(error)
            if isinstance(error, sqlite3.Error):
                raise failed(self.shown, error) from error
            raise
        self.revision += 1
        self._require_place()

    def _roll_back(self, error: BaseException) -> None:
        self._mistrust(error)
        connection = self._connection
        if connection is None:
            return
        try:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        except sqlite3.Error:
            self._suspect = True

    def _mistrust(self, error: BaseException) -> None:
        """After some errors the next write connects anew.

        Cursors that stand in the error's frames would keep the old connection, and its lock, alive meanwhile.
        """
        if not spares_connection(error):
            self._suspect = True
            traceback.clear_frames(error.__traceback__)

    # Being where the file is

    def _require_place(self) -> None:
        """Raise ProjectWriteError where the name leads elsewhere now: what is written would be lost with this process.

        All that was acknowledged is brought into the file itself first, wherever it was moved to.
        """
        if self._connection is None or self._suspect:
            return
        try:
            if place_of(self.path) == self._place:
                return
        except FileNotFoundError:
            pass
        except OSError:  # a drive that went away; the next write says so
            return
        with suppress(sqlite3.Error):
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        raise ProjectWriteError(
            f"{self.path} was moved, replaced or deleted while it was open: put it back, or save the project elsewhere."
        )

    def _connect(self) -> None:
        connection = raw_connection(self.path, "rw")
        try:
            for pragma in _BEFORE_LOCK:
                connection.execute(f"PRAGMA {pragma}")
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("COMMIT")
            self._place = place_of(self.path)
            self._recognise(connection)
        except sqlite3.Error as error:
            _close_quietly(connection)
            if is_busy(error):
                raise busy(self.path) from error
            raise
        except UnicodeDecodeError as error:
            _close_quietly(connection)
            raise damaged(self.shown, str(error)) from error
        except BaseException:
            _close_quietly(connection)
            raise
        self._connection = connection
        _HELD[self._place] = self

    def _recognise(self, connection: sqlite3.Connection) -> None:
        """Read who the file is; raise ProjectError where it is not the one that was open before."""
        row = connection.execute("SELECT uuid, revision FROM project").fetchone()
        if row is None or not isinstance(row[0], bytes) or not isinstance(row[1], int):
            raise damaged(self.shown, "no identity")
        identity, revision = row
        if self._identity and (identity != self._identity or revision < self.revision):
            raise ProjectError(
                f"{self.path} is not the file that was open any more: save the project elsewhere to keep what was done."
            )
        self._identity, self.revision = identity, revision

    def prepare(self) -> None:
        """Settings that may write; the file must have been found whole. Raises sqlite3.Error."""
        assert self._connection is not None
        self._connection.execute("PRAGMA journal_mode = WAL")
        for pragma in _AFTER_LOCK:
            self._connection.execute(f"PRAGMA {pragma}")

    def reopen(self) -> None:
        """Let go and connect again, as when a drive came back. Raises ProjectError or ProjectWriteError."""
        self._suspect = True
        if not self.path.exists():
            raise ProjectWriteError(f"{self.path} cannot be reached: see that its drive or folder is there.")
        if self._connection is not None:  # so that nothing acknowledged stands beside a file that was moved
            with suppress(sqlite3.Error):
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._let_go()
        try:
            require_project_file(self.path)
            self._connect()
            self.prepare()
        except sqlite3.Error as error:
            self._let_go()
            raise failed(self.shown, error) from error
        self._suspect = False

    def damage(self) -> str:
        """ "", or what SQLite's quick check finds."""
        with self.reading() as connection:
            found = [str(row[0]) for row in connection.execute("PRAGMA quick_check(5)")]
        return "" if found == ["ok"] else "; ".join(found)

    def _let_go(self) -> None:
        if self._connection is not None:
            _close_quietly(self._connection)
            self._connection = None
        if _HELD.get(getattr(self, "_place", (-1, -1))) is self:
            del _HELD[self._place]

    def close(self) -> None:
        """Bring everything into the file itself and release it."""
        if self._connection is not None:
            with suppress(sqlite3.Error):
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._let_go()


def _close_quietly(connection: sqlite3.Connection) -> None:
    with suppress(sqlite3.Error):
        connection.close()
