"""Statements in two bits each, and texts that are no UTF-8, as the blobs that stand in a project file.

A row of ``p`` statements takes ceil(p / 4) bytes, the first label in the lowest bits; a code is the statement plus two,
so that 00 is "nobody said anything" and a row that is shorter than the labels of today says nothing about the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from inference.types.annotating import UNSAID, StatementArray
from inference.types.base import POSITIVE

_PER_BYTE: Final = 4
_SHIFTS: Final = np.array([0, 2, 4, 6], dtype=np.uint8)


def _spelled_out() -> NDArray[np.int32]:
    """What each byte says, its four statements seen as one int32."""
    codes = (np.arange(256, dtype=np.uint8)[:, None] >> _SHIFTS) & 3
    return (codes.astype(np.int8) + UNSAID).astype(np.int8).view(np.int32).ravel()


_SPELLED_OUT: Final = _spelled_out()


def packed(values: StatementArray) -> list[bytes]:
    """One blob a row of ``values`` (k, p). Raises ValueError for anything but the four statements."""
    values = np.asarray(values)
    if values.ndim != 2:
        raise ValueError(f"statements have the shape {values.shape} instead of (images, labels)")
    if values.size and (values.min() < UNSAID or values.max() > POSITIVE):
        raise ValueError(f"statements reach from {values.min()} to {values.max()} instead of {UNSAID} to {POSITIVE}")
    rows, labels = values.shape
    width = -(-labels // _PER_BYTE)
    codes = np.zeros((rows, width * _PER_BYTE), dtype=np.uint8)
    np.subtract(values, UNSAID, out=codes[:, :labels], casting="unsafe")
    joined = np.bitwise_or.reduce(codes.reshape(rows, width, _PER_BYTE) << _SHIFTS, axis=2).tobytes()
    return [joined[start : start + width] for start in range(0, rows * width, width)] if width else [b""] * rows


def unpacked(blobs: Sequence[bytes], n_labels: int) -> StatementArray:
    """The statements (k, ``n_labels``) of blobs of any length: what a blob is too short for is unsaid."""
    width = -(-n_labels // _PER_BYTE)
    joined = b"".join(blobs)
    if len(joined) != width * len(blobs) or set(map(len, blobs)) - {width}:
        joined = b"".join([blob[:width].ljust(width, b"\0") for blob in blobs])
    said = _SPELLED_OUT[np.frombuffer(joined, dtype=np.uint8)].view(np.int8)
    return np.ascontiguousarray(said.reshape(len(blobs), width * _PER_BYTE)[:, :n_labels])


def said_labels(blobs: Sequence[bytes]) -> int:
    """How many labels the longest blob has room for."""
    return max(map(len, blobs), default=0) * _PER_BYTE


def text_blob(text: str) -> bytes:
    """Any ``str``, lone surrogates too; SQLite's own TEXT holds UTF-8 only."""
    return text.encode("utf-8", "surrogatepass")


def blob_text(blob: bytes) -> str:
    """The text that `text_blob` was given. Raises UnicodeDecodeError or AttributeError for what it never made."""
    return blob.decode("utf-8", "surrogatepass")
