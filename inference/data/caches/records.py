"""How a row of logits stands in a file: fingerprint, logits, checksum, all in 32-bit words, little-endian.

The checksum is multilinear hashing (Lemire and Kaser, "Strongly universal string hashing is fast", 2014), which numpy
computes for all rows at once: a damaged row passes with a probability of 2^-32. Its coefficients are drawn from the
key of the table, so that rows of another table do not pass either.
"""

from __future__ import annotations

import hashlib
import struct
from typing import Final

import numpy as np
from numpy.typing import NDArray

from inference.data.fingerprints import FingerprintArray
from inference.types import BoolArray, IntArray, ScoreArray

RecordArray = NDArray[np.uint32]  # (n, words + 1)

HEADER_BYTES: Final = 64

_MAGIC: Final = b"Cutline logits 1"
_HEADER: Final = struct.Struct("<16s16sIII20x")  # magic, key, labels, bytes of a record, checksum
_HASHED_ROWS: Final = 2048  # at a time: what fits in the processor's cache


class RecordFormat:
    """The layout of one table: ``key`` says whose logits they are, ``n_labels`` how many make a row."""

    def __init__(self, key: bytes, n_labels: int) -> None:
        self._n_words = 4 + n_labels  # before the checksum
        self.record_bytes: Final = 4 * (self._n_words + 1)
        secret = hashlib.shake_128(key).digest(8 * (self._n_words + 1))
        self._coefficients = np.frombuffer(secret, dtype="<u8").astype(np.uint64)
        bare = _HEADER.pack(_MAGIC, key, n_labels, self.record_bytes, 0)
        checksum = int.from_bytes(hashlib.blake2b(bare, digest_size=4).digest(), "little")
        self.header: Final = _HEADER.pack(_MAGIC, key, n_labels, self.record_bytes, checksum)

    def empty(self) -> RecordArray:
        """No records."""
        return np.empty((0, self._n_words + 1), dtype="<u4")

    def rows_in(self, n_bytes: int) -> int:
        """How many whole records a file of that length holds."""
        return max(0, n_bytes - HEADER_BYTES) // self.record_bytes

    def size_of(self, rows: int) -> int:
        """The length in bytes of a file with so many records."""
        return HEADER_BYTES + rows * self.record_bytes

    def view(self, data: object, rows: int, *, header: bool = True) -> RecordArray:
        """The records in a buffer, without a copy."""
        count = rows * (self._n_words + 1)
        words = np.frombuffer(data, dtype="<u4", count=count, offset=HEADER_BYTES if header else 0)  # type: ignore[call-overload]
        found: RecordArray = words.reshape(rows, self._n_words + 1)
        return found

    def packed(self, fingerprints: FingerprintArray, logits: ScoreArray) -> RecordArray:
        """Records of rows, without those that have no fingerprint, a logit that is not finite, or came before."""
        fingerprints = np.ascontiguousarray(fingerprints, dtype=np.uint8)
        logits = np.ascontiguousarray(logits, dtype="<f4")
        fit = np.flatnonzero(fingerprints.any(axis=1) & np.isfinite(logits).all(axis=1))
        fit = fit[_first_of_each(fingerprints[fit])]
        records = np.empty((len(fit), self._n_words + 1), dtype="<u4")
        records[:, :4] = fingerprints[fit].view("<u4")
        records[:, 4:-1] = logits[fit].view("<u4")
        records[:, -1] = self._checksums(records)
        return records

    def fingerprints(self, records: RecordArray) -> FingerprintArray:
        """Their fingerprints uint8 (n, 16), copied."""
        found: FingerprintArray = np.ascontiguousarray(records[:, :4]).view(np.uint8)
        return found

    def logits(self, records: RecordArray) -> ScoreArray:
        """Their logits float32 (n, c)."""
        found: ScoreArray = np.ascontiguousarray(records[:, 4:-1]).view("<f4")
        return found

    def whole(self, records: RecordArray) -> BoolArray:
        """Which of them have the checksum they were written with, bool (n,)."""
        found: BoolArray = self._checksums(records) == records[:, -1]
        return found

    def _checksums(self, records: RecordArray) -> NDArray[np.uint32]:
        """Of each record without its last word x_m+1: (a_0 + sum of a_i x_i mod 2^64) / 2^32."""
        sums = np.empty(len(records), dtype=np.uint64)
        for start in range(0, len(records), _HASHED_ROWS):
            words = records[start : start + _HASHED_ROWS, :-1].astype(np.uint64)
            sums[start : start + _HASHED_ROWS] = words @ self._coefficients[1:]
        found: RecordArray = ((sums + self._coefficients[0]) >> np.uint64(32)).astype(np.uint32)
        return found


def _first_of_each(fingerprints: FingerprintArray) -> IntArray:
    """Where each fingerprint stands for the first time, in rising order."""
    _, first = np.unique(fingerprints, axis=0, return_index=True)
    return np.sort(first).astype(np.int64)
