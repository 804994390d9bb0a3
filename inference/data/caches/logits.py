"""Logits of images that were scored before, by the content of model, preprocessing and image.

A table is one file: a header, then records of equal length that are only ever appended. Each record carries a checksum
of its own, keyed by the table, and no row is handed out whose checksum is wrong.
"""

from __future__ import annotations

import contextlib
import hashlib
import mmap
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np

from inference.data.caches.disk import LockedError, files_in, locked, open_cache_file, write_whole
from inference.data.caches.records import HEADER_BYTES, RecordArray, RecordFormat
from inference.data.caches.row_index import RowIndex
from inference.data.fingerprints import FingerprintArray
from inference.types import BoolArray, ScoreArray

_SUFFIX: Final = ".logits"
_READ_BYTES: Final = 1 << 22  # read at a time
_MAX_PENDING: Final = 64 << 20  # bytes that wait for another process to finish writing


class LogitCache:
    """The tables in one folder, and the limit on their size. The disk is not touched before the first row.

    Nothing here raises because of the disk: what it refused last is said in ``note``, and rows are simply not found.
    """

    def __init__(self, folder: Path, max_bytes: int = 2 << 30) -> None:
        self._folder = Path(folder)
        self._max_bytes = max_bytes
        self.note = ""  # one sentence, or "" while all is well

    def table(self, model: str, preprocessing: str, n_labels: int) -> LogitTable:
        """The rows of one model (its fingerprint) after one preprocessing (its digest)."""
        key = hashlib.blake2b(digest_size=16)
        for part in (model, preprocessing, str(n_labels)):
            key.update(hashlib.blake2b(part.encode("utf-8", "surrogatepass")).digest())
        return LogitTable(self._folder, key.digest(), n_labels, self._max_bytes, self._say)

    def _say(self, note: str) -> None:
        self.note = note


class LogitTable:
    """Logits float32 (c,) by the fingerprint of an image. For one thread at a time, and any number of processes."""

    def __init__(self, folder: Path, key: bytes, n_labels: int, max_bytes: int, say: Callable[[str], None]) -> None:
        self.n_labels = n_labels
        self._folder = folder
        self._path = folder / f"{key.hex()}{_SUFFIX}"
        self._max_bytes = max_bytes
        self._say = say
        self._format = RecordFormat(key, n_labels)
        self._map: mmap.mmap | None = None
        self._inode = -1
        self._rows = 0  # records that are mapped
        self._index = RowIndex()
        self._pending = self._format.empty()

    def __len__(self) -> int:
        """Rows that may be found; their checksums are looked at when they are."""
        self._refresh()
        return len(self._index)

    def get(self, fingerprints: FingerprintArray) -> tuple[ScoreArray, BoolArray]:
        """The logits float32 (n, c) of images by their fingerprints uint8 (n, 16), and which were found bool (n,).

        Rows that were not found are NaN.
        """
        logits = np.full((len(fingerprints), self.n_labels), np.nan, dtype=np.float32)
        found = np.zeros(len(fingerprints), dtype=bool)
        self._refresh()
        self._take(self._mapped(), self._index, fingerprints, logits, found)
        if len(self._pending):
            self._take(self._pending, self._indexed(self._pending), fingerprints, logits, found)
        if found.any():
            self._touch()
        return logits, found

    def put(self, fingerprints: FingerprintArray, logits: ScoreArray) -> None:
        """Keep rows: fingerprints uint8 (k, 16), logits float32 (k, c).

        Rows that are kept already, without a fingerprint or with a logit that is not finite are left out.
        """
        self._refresh()
        new = self._index.find(fingerprints) < 0
        records = self._format.packed(fingerprints[new], logits[new])
        self._pending = np.concatenate([self._pending, records])
        self._write()
        if self._pending.nbytes > _MAX_PENDING:
            self._pending = self._format.empty()

    def close(self) -> None:
        """Write what waited for another process, and let the file go."""
        self._write()
        self._pending = self._format.empty()
        self._unmap()

    # Reading

    def _take(
        self,
        records: RecordArray,
        index: RowIndex,
        fingerprints: FingerprintArray,
        logits: ScoreArray,
        found: BoolArray,
    ) -> None:
        """Write the rows that are found, and whole, into ``logits`` and ``found``."""
        rows = index.find(fingerprints)
        wanted = np.flatnonzero(rows >= 0)
        if len(wanted) == 0:
            return
        taken = records[rows[wanted]]
        whole = self._format.whole(taken)
        index.forget(rows[wanted[~whole]])
        found[wanted[whole]] = True
        logits[wanted[whole]] = self._format.logits(taken[whole])

    def _indexed(self, records: RecordArray) -> RowIndex:
        index = RowIndex()
        index.add(self._format.fingerprints(records), np.arange(len(records)))
        return index

    def _mapped(self) -> RecordArray:
        if self._map is None:
            return self._format.empty()
        return self._format.view(self._map, self._rows)

    def _refresh(self) -> None:
        """See what other processes appended, or that the file is another one by now."""
        try:
            status = os.stat(self._path, follow_symlinks=False)
            rows = self._format.rows_in(status.st_size)
            if (status.st_ino, rows) != (self._inode, self._rows):
                self._load()
        except FileNotFoundError:
            self._unmap()
        except (OSError, ValueError) as error:  # ValueError: the file became shorter than its map was to be
            self._unmap()
            self._say(f"Kept scores cannot be read ({_reason(error)}): the images are scored again.")

    def _load(self) -> None:
        descriptor = open_cache_file(self._path, write=False)
        try:
            status = os.fstat(descriptor)
            rows = self._format.rows_in(status.st_size)
            if status.st_ino != self._inode or rows < self._rows:
                self._unmap()
            if os.read(descriptor, HEADER_BYTES) != self._format.header:
                self._unmap()
                self._say("Kept scores were damaged: they are dropped, and the images are scored again.")
                return
            self._index_rows(descriptor, self._rows, rows)
            self._inode, self._rows = status.st_ino, rows
            if rows > 0:
                self._map = mmap.mmap(descriptor, self._format.size_of(rows), access=mmap.ACCESS_READ)
        finally:
            os.close(descriptor)

    def _index_rows(self, descriptor: int, start: int, stop: int) -> None:
        """Index records by ordinary reads of them whole.

        A bad sector is an OSError here, where it would end the process when it is met in a map; and the map then finds
        everything in memory.
        """
        step = max(1, _READ_BYTES // self._format.record_bytes)
        found = [np.empty((0, 16), dtype=np.uint8)]
        for first in range(start, stop, step):
            count = min(step, stop - first)
            data = _read(descriptor, self._format.size_of(first), count * self._format.record_bytes)
            found.append(self._format.fingerprints(self._format.view(data, count, header=False)))
        self._index.add(np.concatenate(found), np.arange(start, stop))

    def _unmap(self) -> None:
        self._map, self._inode, self._rows, self._index = None, -1, 0, RowIndex()

    def _touch(self) -> None:
        """Mark the table as used now, by which the one used least recently is known."""
        with contextlib.suppress(OSError):
            os.utime(self._path)

    # Writing

    def _write(self) -> None:
        """Append what waits. Rows that the disk refuses are let go; while another process writes they wait on."""
        if len(self._pending) == 0:
            return
        try:
            with locked(self._folder):
                self._make_room(HEADER_BYTES + self._pending.nbytes)
                self._append()
        except LockedError:
            return
        except OSError as error:
            self._say(f"Scores cannot be kept for the next start ({_reason(error)}): free some space on that disk.")
        self._pending = self._format.empty()

    def _append(self) -> None:
        if not self._is_ours():
            self._path.unlink(missing_ok=True)  # not emptied: another process may have mapped it
        descriptor = open_cache_file(self._path, write=True)
        try:
            size = os.fstat(descriptor).st_size
            if size == 0:
                write_whole(descriptor, memoryview(self._format.header), 0)
            end = self._format.size_of(self._format.rows_in(size))  # over what a killed process left
            room = max(0, self._max_bytes - end) // self._format.record_bytes
            if room < len(self._pending):
                self._say(f"The {self._max_bytes:,} bytes for kept scores are full: some images are scored each time.")
            write_whole(descriptor, memoryview(self._pending[:room].tobytes()), end)
        finally:
            os.close(descriptor)

    def _is_ours(self) -> bool:
        """Whether what stands under the table's name can be appended to: nothing, or a file with its header."""
        try:
            descriptor = open_cache_file(self._path, write=False)
        except FileNotFoundError:
            return True
        except OSError:  # a link or a pipe
            return False
        try:
            head = os.read(descriptor, HEADER_BYTES)
            return head in (b"", self._format.header)
        finally:
            os.close(descriptor)

    def _make_room(self, n_bytes: int) -> None:
        """Remove the tables used least recently until this one can grow by so much."""
        files = files_in(self._folder, _SUFFIX)
        total = sum(file.size for file in files) + n_bytes
        for file in files:
            if total <= self._max_bytes:
                return
            if file.path != self._path:
                file.path.unlink(missing_ok=True)
                total -= file.size


def _read(descriptor: int, offset: int, n_bytes: int) -> bytearray:
    data = bytearray()
    os.lseek(descriptor, offset, os.SEEK_SET)
    while len(data) < n_bytes:
        piece = os.read(descriptor, n_bytes - len(data))
        if not piece:
            raise OSError("the file became shorter while it was read")
        data += piece
    return data


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
