"""Writing images, labels and first statements into a project: when it is made, and when its folder grew."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence

import numpy as np

from inference.data.store.packing import packed, text_blob
from inference.data.store.values import FINGERPRINT_BYTES, FingerprintArray, ImageTable
from inference.types.annotating import StatementArray
from inference.types.base import IntArray

_ADD = "INSERT INTO images (id, name, size, mtime, fingerprint, present, part, event) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_RENAMING = b"\0renaming "  # no file name begins with a zero byte


def insert_images(
    connection: sqlite3.Connection, images: ImageTable, statements: StatementArray, *, first: int, event: int
) -> None:
    """Add images with the ids from ``first`` on and what was said about them (k, p). Raises ValueError."""
    _require_shapes(images, statements)
    k = len(images)
    ids = range(first, first + k)
    parts: list[bytes | None] = [text_blob(part) for part in images.parts] or [None] * k
    rows = zip(
        ids,
        [text_blob(name) for name in images.names],
        images.sizes.tolist(),
        images.times.tolist(),
        fingerprint_blobs(images.fingerprints),
        images.present.astype(int).tolist(),
        parts,
        [event] * k,
        strict=True,
    )
    connection.executemany(_ADD, rows)
    blobs = packed(statements)
    said = ((id_, blob, blob) for id_, blob in zip(ids, blobs, strict=True) if any(blob))
    connection.executemany("INSERT INTO statements (image, cells, first) VALUES (?, ?, ?)", said)


def _require_shapes(images: ImageTable, statements: StatementArray) -> None:
    k = len(images)
    fine = (
        images.sizes.shape == images.times.shape == images.present.shape == (k,)
        and images.fingerprints.shape == (k, FINGERPRINT_BYTES)
        and len(images.parts) in (0, k)
        and len(statements) == k
    )
    if not fine:
        raise ValueError(f"the columns of {k:,} images differ in length")


def fingerprint_blobs(fingerprints: FingerprintArray) -> list[bytes | None]:
    """One blob an image, None where the fingerprint is not known."""
    known: list[bool] = np.any(fingerprints, axis=1).tolist()
    joined = np.ascontiguousarray(fingerprints, dtype=np.uint8).tobytes()
    starts = range(0, len(joined), FINGERPRINT_BYTES)
    return [
        joined[start : start + FINGERPRINT_BYTES] if is_known else None
        for start, is_known in zip(starts, known, strict=True)
    ]


def insert_labels(connection: sqlite3.Connection, names: Sequence[str]) -> None:
    """The labels that a project begins with, ids from 0 on."""
    rows = ((id_, text_blob(name)) for id_, name in enumerate(names))
    connection.executemany("INSERT INTO labels (id, name, retired, merged_into) VALUES (?, ?, 0, -1)", rows)


def ids_of_names(connection: sqlite3.Connection, names: Sequence[str]) -> list[int | None]:
    """The image of each name, None where there is none."""
    find = "SELECT id FROM images WHERE name = ?"
    rows = (connection.execute(find, (text_blob(name),)).fetchone() for name in names)
    return [row and int(row[0]) for row in rows]


def update_files(
    connection: sqlite3.Connection, ids: IntArray, columns: tuple[IntArray, IntArray, list[bytes | None], IntArray]
) -> None:
    """Sizes, times, fingerprints and presence of some images."""
    rows = zip(columns[0].tolist(), columns[1].tolist(), columns[2], columns[3].tolist(), ids.tolist(), strict=True)
    connection.executemany("UPDATE images SET size = ?, mtime = ?, fingerprint = ?, present = ? WHERE id = ?", rows)


def rename(connection: sqlite3.Connection, names: Mapping[int, str]) -> None:
    """Give images other names; they may also swap them."""
    away = ((_RENAMING + str(id_).encode(), id_) for id_ in names)
    connection.executemany("UPDATE images SET name = ? WHERE id = ?", away)
    there = ((text_blob(name), id_) for id_, name in names.items())
    connection.executemany("UPDATE images SET name = ? WHERE id = ?", there)


def clear_dataset(connection: sqlite3.Connection) -> None:
    """Take out images, labels and statements, and the changes of steps that are no more."""
    for table in ("step_cells", "step_notes", "step_labels", "notes", "statements", "images", "labels"):
        connection.execute(f"DELETE FROM {table}")
