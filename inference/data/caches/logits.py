"""Logits of images that were scored before, by the content of model, preprocessing and image.

A table is one file: a header, then records of equal length that are only ever appended. Each record carries a checksum
of its own, keyed by the table, and no row is handed out whose checksum is wrong. The checksum is multilinear hashing
(Lemire and Kaser, "Strongly universal string hashing is fast", 2014), which numpy computes for all rows at once.
"""

from __future__ import annotations

import contextlib
import hashlib
import mmap
import os
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from inference.data.caches.disk import LockedError, files_in, locked, open_cache_file, write_whole
from inference.data.fingerprints import FINGERPRINT_BYTES, FingerprintArray
from inference.types import BoolArray, IntArray, ScoreArray

_SUFFIX: Final = ".logits"
_MAGIC: Final = b"Cutline logits 1"
_HEADER: Final = struct.Struct("<16s16sIII20x")  # magic, key, labels, bytes of a record, checksum: 64 bytes
_WARM_BYTES: Final = 1 << 22  # read at a time
_CHECK_ROWS: Final = 2048  # hashed at a time: what fits in the processor's cache
_MAX_PENDING: Final = 64 << 20  # bytes that wait for another process to finish writing


class LogitCache:
    """The tables in one folder, and the limit on their size. The disk is not touched before the first table.

    Nothing here raises because of the disk: what went wrong last stands in ``note``, and rows are simply not found.
    """

    def __init__(self, folder: Path, max_bytes: int = 2 << 30) -> None:
        self._folder = Path(folder)
        self._max_bytes = max_bytes
        self.note = ""  # a sentence on what the disk refused; "" while all is well

    def table(self, model: str, preprocessing: str, n_labels: int) -> LogitTable:
        """The rows of one model (its fingerprint) after one preprocessing (its digest)."""
        key = hashlib.blake2b(digest_size=16)
        for part in (model, preprocessing, str(n_labels)):
            key.update(hashlib.blake2b(part.encode("utf-8", "surrogatepass")).digest())
        return LogitTable(self._folder, key.digest(), n_labels, self._max_bytes, self._say)

    def _say(self, note: str) -> None:
        self.note = note


class LogitTable:
    """Logits float32 (c,) by the fingerprint of an image. For one thread at a time."""

    def __init__(self, folder: Path, key: bytes, n_labels: int, max_bytes: int, say: Callable[[str], None]) -> None:
        self.n_labels = n_labels
        self._folder = folder
        self._path = folder / f"{key.hex()}{_SUFFIX}"
        self._key = key
        self._max_bytes = max_bytes
        self._say = say
        self._words = 4 + n_labels  # 32-bit words of a record before its checksum
        self._record = 4 * (self._words + 1)
        secret = hashlib.shake_128(key).digest(8 * (self._words + 1))
        self._coefficients = np.frombuffer(secret, dtype="<u8")
        self._map: mmap.mmap | None = None
        self._inode = -1
        self._rows = 0  # records that are mapped
        self._index = _Index()
        self._pending = np.empty((0, self._words + 1), dtype="<u4")

    def __len__(self) -> int:
        """Rows that may be found, before their checksums are looked at."""
        self._refresh()
        return len(self._index)

    def get(self, fingerprints: FingerprintArray) -> tuple[ScoreArray, BoolArray]:
        """The logits float32 (n, c) of images by their fingerprints uint8 (n, 16), and which were found bool (n,).

        Rows that were not found are NaN.
        """
        logits = np.full((len(fingerprints), self.n_labels), np.nan, dtype=np.float32)
        found = np.zeros(len(fingerprints), dtype=bool)
        self._refresh()
        for index, records in ((self._index, self._mapped()), (_Index.of(self._pending), self._pending)):
            wanted = np.flatnonzero(~found)
            rows = index.find(fingerprints[wanted])
            wanted, rows = wanted[rows >= 0], rows[rows >= 0]
            if len(rows) == 0:
                continue
            taken = records[rows]
            whole = self._checksums(taken) == taken[:, -1]
            index.forget(rows[~whole])
            found[wanted[whole]] = True
            logits[wanted[whole]] = taken[whole, 4:-1].view("<f4")
        if found.any():
            self._touch()
        return logits, found

    def put(self, fingerprints: FingerprintArray, logits: ScoreArray) -> None:
        """Keep rows: fingerprints uint8 (k, 16), logits float32 (k, c).

        Rows that are kept already, without a fingerprint or with a logit that is not finite are left out.
        """
        self._refresh()
        self._pending = np.concatenate([self._pending, self._new_records(fingerprints, logits)])
        self._write()
        if self._pending.nbytes > _MAX_PENDING:
            self._pending = self._pending[:0]

    def close(self) -> None:
        """Write what waited for another process, and let the file go."""
        self._write()
        self._pending = self._pending[:0]
        self._unmap()

    # Records

    def _new_records(self, fingerprints: FingerprintArray, logits: ScoreArray) -> NDArray[np.uint32]:
        fingerprints = np.ascontiguousarray(fingerprints, dtype=np.uint8).reshape(-1, FINGERPRINT_BYTES)
        logits = np.ascontiguousarray(logits, dtype="<f4").reshape(len(fingerprints), self.n_labels)
        new = fingerprints.any(axis=1) & np.isfinite(logits).all(axis=1) & (self._index.find(fingerprints) < 0)
        new &= _Index.of(self._pending).find(fingerprints) < 0
        records = np.empty((int(new.sum()), self._words + 1), dtype="<u4")
        records[:, :4] = fingerprints[new].view("<u4")
        records[:, 4:-1] = logits[new].view("<u4")
        records[:, -1] = self._checksums(records)
        return records[_Index.of(records).rows()]

    def _checksums(self, records: NDArray[np.uint32]) -> NDArray[np.uint32]:
        """Of each record (k, words + 1) without its last word: (a0 + sum of a_i x_i mod 2^64) / 2^32."""
        sums = np.empty(len(records), dtype=np.uint64)
        for start in range(0, len(records), _CHECK_ROWS):
            piece = records[start : start + _CHECK_ROWS, :-1].astype(np.uint64)
            sums[start : start + _CHECK_ROWS] = piece @ self._coefficients[1:]
        return ((sums + self._coefficients[0]) >> np.uint64(32)).astype(np.uint32)

    def _header(self) -> bytes:
        bare = _HEADER.pack(_MAGIC, self._key, self.n_labels, self._record, 0)
        checksum = int.from_bytes(hashlib.blake2b(bare, digest_size=4).digest(), "little")
        return _HEADER.pack(_MAGIC, self._key, self.n_labels, self._record, checksum)

    # Reading

    def _mapped(self) -> NDArray[np.uint32]:
        if self._map is None:
            return np.empty((0, self._words + 1), dtype="<u4")
        words = np.frombuffer(self._map, dtype="<u4", count=self._rows * (self._words + 1), offset=_HEADER.size)
        return words.reshape(self._rows, self._words + 1)

    def _refresh(self) -> None:
        """See what other processes appended, or that the file is another one."""
        try:
            status = os.stat(self._path, follow_symlinks=False)
            rows = max(0, status.st_size - _HEADER.size) // self._record
            if (status.st_ino, rows) != (self._inode, self._rows):
                self._load()
        except FileNotFoundError:
            self._unmap()
        except OSError as error:
            self._unmap()
            self._say(f"Kept scores could not be read ({error.strerror or error}): the images are scored again.")

    def _load(self) -> None:
        self._unmap()
        descriptor = open_cache_file(self._path, write=False)
        try:
            status = os.fstat(descriptor)
            if os.read(descriptor, _HEADER.size) != self._header():
                self._say("Kept scores were damaged: they were dropped, and the images are scored again.")
                return
            rows = (status.st_size - _HEADER.size) // self._record
            self._index = _Index.of(_read_fingerprints(descriptor, rows, self._record))
            self._inode, self._rows = status.st_ino, rows
            if rows > 0:
                self._map = mmap.mmap(descriptor, _HEADER.size + rows * self._record, access=mmap.ACCESS_READ)
        finally:
            os.close(descriptor)

    def _unmap(self) -> None:
        if self._map is not None:
            self._map.close()
        self._map, self._inode, self._rows, self._index = None, -1, 0, _Index()

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
                self._make_room(_HEADER.size + self._pending.nbytes)
                self._append()
        except LockedError:
            return
        except OSError as error:
            self._say(f"Scores could not be kept for the next start ({error.strerror or error}): free some disk space.")
        self._pending = self._pending[:0]

    def _append(self) -> None:
        descriptor = open_cache_file(self._path, write=True)
        try:
            size = os.fstat(descriptor).st_size
            if size and os.read(descriptor, _HEADER.size) != self._header():
                os.close(descriptor)
                descriptor = -1
                self._path.unlink()  # not cut: another process may have mapped it
                descriptor = open_cache_file(self._path, write=True)
                size = 0
            if size == 0:
                write_whole(descriptor, memoryview(self._header()), 0)
                size = _HEADER.size
            end = size - (size - _HEADER.size) % self._record
            os.ftruncate(descriptor, end)  # a record that a killed process did not finish
            room = max(0, self._max_bytes - end) // self._record
            data = np.ascontiguousarray(self._pending[:room])
            write_whole(descriptor, memoryview(data).cast("B"), end)
        finally:
            if descriptor >= 0:
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


class _Index:
    """Which record has a fingerprint; of several, the last."""

    def __init__(self, keys: NDArray[np.uint64] | None = None, order: IntArray | None = None) -> None:
        self._keys = np.empty((0, 2), dtype=np.uint64) if keys is None else keys  # sorted by the first column
        self._order = np.empty(0, dtype=np.int64) if order is None else order
        self._first = np.ascontiguousarray(self._keys[:, 0])

    @classmethod
    def of(cls, records: NDArray[np.uint32]) -> _Index:
        """Of records whose first four words are fingerprints; those without one are left out."""
        keys = np.ascontiguousarray(records[:, :4]).view(np.uint64).reshape(-1, 2)
        order = np.argsort(keys[:, 0], kind="stable")
        order = order[keys[order].any(axis=1)]
        keys = keys[order]
        last = np.ones(len(keys), dtype=bool)
        last[:-1] = keys[1:, 0] != keys[:-1, 0]
        return cls(keys[last], order[last])

    def __len__(self) -> int:
        return int((self._order >= 0).sum())

    def rows(self) -> IntArray:
        """The records that can be found, in the order of the records."""
        return np.sort(self._order[self._order >= 0])

    def find(self, fingerprints: FingerprintArray) -> IntArray:
        """The record of each fingerprint (n, 16), or -1."""
        rows = np.full(len(fingerprints), -1, dtype=np.int64)
        if len(self._order) == 0 or len(rows) == 0:
            return rows
        wanted = np.ascontiguousarray(fingerprints, dtype=np.uint8).view(np.uint64).reshape(-1, 2)
        at = np.minimum(np.searchsorted(self._first, wanted[:, 0]), len(self._first) - 1)
        same = (self._keys[at] == wanted).all(axis=1)
        rows[same] = self._order[at[same]]
        return rows

    def forget(self, rows: IntArray) -> None:
        """Find these records no more: they were damaged."""
        if len(rows):
            self._order[np.isin(self._order, rows)] = -1


def _read_fingerprints(descriptor: int, rows: int, record: int) -> NDArray[np.uint32]:
    """The first four words of each record.

    The whole file goes through an ordinary read: a bad sector is an OSError here, where it would end the process when
    it is met in a map; and the map then finds everything in memory.
    """
    found = np.zeros((rows, 4), dtype="<u4")
    step = max(1, _WARM_BYTES // record)
    for start in range(0, rows, step):
        count = min(step, rows - start)
        data = b""
        os.lseek(descriptor, _HEADER.size + start * record, os.SEEK_SET)
        while len(data) < count * record:
            piece = os.read(descriptor, count * record - len(data))
            if not piece:
                raise OSError("the file became shorter while it was read")
            data += piece
        found[start : start + count] = np.frombuffer(data, dtype="<u4").reshape(count, -1)[:, :4]
    return found
