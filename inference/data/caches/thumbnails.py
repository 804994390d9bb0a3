"""Thumbnails of images that were shown before, in one SQLite file with a limit on its size.

A thumbnail is found by the path, size and time of its image, so that an image that was changed is decoded anew. It is
kept as a JPEG, or exactly where it is tiny, with a digest: what does not match its digest is not shown.
"""

from __future__ import annotations

import hashlib
import io
import os
import sqlite3
import stat
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

import numpy as np
from PIL import Image, JpegImagePlugin, PngImagePlugin

from inference.types import RgbArray

_T = TypeVar("_T")

_NAME: Final = "thumbnails.sqlite"
_BESIDE: Final = ("-journal", "-wal", "-shm")
_VERSION: Final = 1
_SCHEMA: Final = """
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS thumbnails (
    id INTEGER PRIMARY KEY,
    key BLOB NOT NULL,
    used INTEGER NOT NULL,
    digest BLOB NOT NULL,
    picture BLOB NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS thumbnails_by_use ON thumbnails (used);
PRAGMA user_version = 1;
COMMIT;
"""
_PRAGMAS: Final = ("journal_mode = TRUNCATE", "synchronous = OFF", "trusted_schema = OFF", "cell_size_check = ON")
_WAIT_S: Final = 0.05  # for another process that writes
_BATCH: Final = 16  # thumbnails written in one transaction
_OVERHEAD: Final = 4096  # bytes of a row beside its picture, at most: a page
_TINY: Final = 64 * 64 * 3  # bytes; what a JPEG would visibly change
_QUALITY: Final = 85
_DAMAGED: Final = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)

# Named, so that they are imported here and not by Pillow in whichever thread comes first.
_PLUGINS: Final = (JpegImagePlugin.JpegImageFile, PngImagePlugin.PngImageFile)


@dataclass(frozen=True)
class _Row:
    """A thumbnail on its way to the disk."""

    key: bytes
    picture: bytes


class ThumbnailCache:
    """Thumbnails by path, size and time of the image file, and side. For one thread at a time.

    The disk is not touched before the first call. Nothing raises because of it: what it refused last is said in
    ``note``, and thumbnails are simply not found.
    """

    def __init__(self, folder: Path, max_bytes: int = 512 << 20) -> None:
        self._path = Path(folder) / _NAME
        self._max_bytes = max_bytes
        self._connection: sqlite3.Connection | None = None
        self._waiting: dict[int, _Row] = {}
        self._used: set[int] = set()
        self.note = ""  # one sentence, or "" while all is well

    def get(self, path: str, size: int, mtime_ns: int, side: int) -> RgbArray | None:
        """The thumbnail uint8 (h, w, 3) of that very file at most ``side`` pixels long, or None."""
        key = _key(path, size, mtime_ns, side)
        row = self._waiting.get(_id(key))
        picture = row.picture if row is not None and row.key == key else self._safely(lambda: self._read(key), None)
        return None if picture is None else _decoded(picture)

    def put(self, path: str, size: int, mtime_ns: int, side: int, rgb: RgbArray) -> None:
        """Keep a thumbnail. It is on the disk after some more of them, ``flush`` or ``close``."""
        key = _key(path, size, mtime_ns, side)
        self._waiting[_id(key)] = _Row(key, _encoded(rgb))
        if len(self._waiting) >= _BATCH:
            self.flush()

    def flush(self) -> None:
        """Write what waits, and which thumbnails were looked at."""
        if self._waiting or self._used:
            self._safely(self._write, None)
            self._waiting.clear()
            self._used.clear()

    def close(self) -> None:
        """Write what waits, and let the file go; it is opened again when it is needed."""
        self.flush()
        self._let_go()

    # The file

    def _read(self, key: bytes) -> bytes | None:
        query = "SELECT key, digest, picture FROM thumbnails WHERE id = ?"
        row = self._open().execute(query, (_id(key),)).fetchone()
        if row is None or row[0] != key:
            return None
        if row[1] != _digest(key, row[2]):
            self._open().execute("DELETE FROM thumbnails WHERE id = ?", (_id(key),))
            return None
        self._used.add(_id(key))
        picture: bytes = row[2]
        return picture

    def _write(self) -> None:
        connection = self._open()
        now = time.time_ns()
        with connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany("UPDATE thumbnails SET used = ? WHERE id = ?", [(now, one) for one in self._used])
            needed = sum(len(row.picture) + _OVERHEAD for row in self._waiting.values())
            if needed <= self._max_bytes and self._make_room(connection, needed):
                connection.executemany(
                    "INSERT OR REPLACE INTO thumbnails VALUES (?, ?, ?, ?, ?)",
                    [
                        (one, row.key, now, _digest(row.key, row.picture), row.picture)
                        for one, row in self._waiting.items()
                    ],
                )

    def _make_room(self, connection: sqlite3.Connection, needed: int) -> bool:
        """Remove what was not looked at for longest until so many bytes fit; False where there is no more of it."""
        while self._bytes(connection) + needed > self._max_bytes:
            (count,) = connection.execute("SELECT count(*) FROM thumbnails").fetchone()
            if count == 0:
                return False
            connection.execute(
                "DELETE FROM thumbnails WHERE id IN (SELECT id FROM thumbnails ORDER BY used LIMIT ?)",
                (count // 16 + 1,),
            )
        return True

    @staticmethod
    def _bytes(connection: sqlite3.Connection) -> int:
        pages, free, page = (
            connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
        )
        return int((pages - free) * page)

    def _open(self) -> sqlite3.Connection:
        """The connection, with the table made where it is missing; a file of another version is dropped."""
        if self._connection is not None:
            return self._connection
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not _is_usable(self._path, self._max_bytes):
            self._remove()
        self._connection = self._connected()
        if self._connection.execute("PRAGMA user_version").fetchone()[0] != _VERSION:
            if self._connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                self._let_go()
                self._remove()
                self._connection = self._connected()
            self._connection.executescript(_SCHEMA)
        return self._connection

    def _connected(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=_WAIT_S, isolation_level=None, check_same_thread=False)
        try:
            for pragma in _PRAGMAS:
                connection.execute(f"PRAGMA {pragma}")
        except BaseException:
            connection.close()
            raise
        return connection

    def _safely(self, work: Callable[[], _T], otherwise: _T) -> _T:
        """Do what needs the disk. A damaged file is dropped; whatever else the disk refuses is said."""
        try:
            return work()
        except sqlite3.Error as error:
            self._let_go()
            if _code(error) == sqlite3.SQLITE_BUSY:
                return otherwise
            if _code(error) in _DAMAGED or not isinstance(error, sqlite3.OperationalError):
                self._drop()
            else:
                self._say(str(error))
        except OSError as error:
            self._let_go()
            self._say(error.strerror or str(error))
        except (TypeError, ValueError):  # values of another kind; SQLite's message with damaged bytes in it
            self._let_go()
            self._drop()
        return otherwise

    def _drop(self) -> None:
        try:
            self._remove()
        except OSError as error:
            self._say(error.strerror or str(error))
        else:
            self.note = "The kept thumbnails were damaged: they were dropped, and are made again."

    def _remove(self) -> None:
        for suffix in ("", *_BESIDE):
            Path(f"{self._path}{suffix}").unlink(missing_ok=True)

    def _let_go(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def _say(self, reason: str) -> None:
        self.note = f"Thumbnails cannot be kept ({reason}): free some space on that disk."


def _is_usable(path: Path, max_bytes: int) -> bool:
    """Whether SQLite may open what is there: nothing, or a regular file that does not exceed the limit by far."""
    try:
        status = path.lstat()
    except FileNotFoundError:
        return True
    return stat.S_ISREG(status.st_mode) and status.st_size <= max_bytes + (max_bytes >> 2)


def _code(error: sqlite3.Error) -> int:
    """SQLite's primary code of an error."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def _key(path: str, size: int, mtime_ns: int, side: int) -> bytes:
    said = b"%d %d %d " % (size, mtime_ns, side) + os.fsencode(path)
    return hashlib.blake2b(said, digest_size=16).digest()


def _id(key: bytes) -> int:
    return int.from_bytes(key[:8], "little", signed=True)


def _digest(key: bytes, picture: bytes) -> bytes:
    return hashlib.blake2b(picture, key=key, digest_size=8).digest()


def _encoded(rgb: RgbArray) -> bytes:
    buffer = io.BytesIO()
    image = Image.fromarray(rgb)
    if rgb.nbytes <= _TINY:
        image.save(buffer, "PNG")
    else:
        image.save(buffer, "JPEG", quality=_QUALITY)
    return buffer.getvalue()


def _decoded(picture: bytes) -> RgbArray | None:
    try:
        with Image.open(io.BytesIO(picture), formats=("JPEG", "PNG")) as image:
            return np.array(image.convert("RGB"))
    except (OSError, ValueError):  # written by a library that this one cannot read
        return None
