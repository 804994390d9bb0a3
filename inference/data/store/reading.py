"""Reading a whole project: quickly where it is whole, and as far as it goes where pages are damaged."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import numpy as np

from inference.data.store.packing import blob_text, unpacked
from inference.data.store.step_reading import label_of, read_steps
from inference.data.store.values import (
    FINGERPRINT_BYTES,
    Contents,
    FingerprintArray,
    ImageTable,
    ModelNote,
    RunNote,
    StepRecord,
)
from inference.types.annotating import UNSAID, ProjectLabel, StatementArray
from inference.types.base import BoolArray, Task

STEPS: Final = 500
_UNKNOWN_FINGERPRINT: Final = bytes(FINGERPRINT_BYTES)
_LOST: Final = (b"", -1, -1, None, 0, None)  # an image of which only the id is left

Rows = list[tuple[Any, ...]]  # of SQLite: any type may stand in any column
Fetch = Callable[[sqlite3.Connection, str, str], Rows]


def all_rows(connection: sqlite3.Connection, select: str, key: str) -> Rows:
    """The rows of ``select`` in the order of ``key``."""
    return connection.execute(f"{select} ORDER BY {key}").fetchall()


def readable_rows(connection: sqlite3.Connection, select: str, key: str) -> Rows:
    """The same of a damaged table: from its beginning up to the damage, and from its end back to it."""
    head = list(_until_damage(connection, f"{select} ORDER BY {key}"))
    tail = list(_until_damage(connection, f"{select} ORDER BY {key} DESC"))
    known = {row[0] for row in head}
    return head + [row for row in reversed(tail) if row[0] not in known]


def _until_damage(connection: sqlite3.Connection, select: str) -> Iterator[tuple[Any, ...]]:
    try:
        yield from connection.execute(select)
    except sqlite3.DatabaseError:
        return


def read_contents(connection: sqlite3.Connection, *, opened: float, version: int, fetch: Fetch = all_rows) -> Contents:
    """All of a project. Raises sqlite3.Error; ValueError, TypeError or AttributeError for rows that are not ours."""
    source, root, task, created = connection.execute("SELECT source, root, task, created FROM project").fetchone()
    images = _images(fetch(connection, "SELECT id, name, size, mtime, fingerprint, present, part FROM images", "id"))
    n = len(images)
    labels = _labels(fetch(connection, "SELECT id, name, retired, merged_into FROM labels", "id"))
    rows = fetch(connection, "SELECT image, cells, first FROM statements", "image")
    statements, changed = _statements([row for row in rows if 0 <= row[0] < n], n, len(labels))
    notes = {row[0]: blob_text(row[1]) for row in fetch(connection, "SELECT image, text FROM notes", "image")}
    settings = {blob_text(row[0]): row[1] for row in fetch(connection, "SELECT key, value FROM settings", "key")}
    changed[[image for image in notes if 0 <= image < n]] = True
    steps, last = _steps(connection, lenient=fetch is not all_rows)
    return Contents(
        source=blob_text(source),
        root=blob_text(root),
        task=Task(task),
        images=images,
        labels=labels,
        statements=statements,
        notes=notes,
        settings=settings,
        steps=steps,
        edited=changed,
        created=created,
        opened=opened,
        version=version,
        last_step=last,
    )


def _steps(connection: sqlite3.Connection, *, lenient: bool) -> tuple[tuple[StepRecord, ...], int]:
    try:
        return read_steps(connection, STEPS), last_step(connection)
    except sqlite3.DatabaseError:
        if not lenient:
            raise
        return (), 0


def last_step(connection: sqlite3.Connection) -> int:
    """The greatest step id in the file, 0 where there is none."""
    return int(connection.execute("SELECT coalesce(max(id), 0) FROM steps").fetchone()[0])


def _images(rows: Rows) -> ImageTable:
    rows = _without_gaps(rows)
    if not rows:
        return ImageTable.of_names(())
    _, names, sizes, times, fingerprints, present, parts = zip(*rows, strict=True)
    return ImageTable(
        names=tuple([name.decode("utf-8", "surrogatepass") for name in names]),
        sizes=np.array(sizes, dtype=np.int64),
        times=np.array(times, dtype=np.int64),
        fingerprints=_fingerprints(fingerprints),
        present=np.array(present, dtype=np.bool_),
        parts=_parts(parts),
    )


def _without_gaps(rows: Rows) -> Rows:
    """Rows for all ids from 0 on; where some were lost to damage, images without a file stand in."""
    if not rows or (rows[0][0] == 0 and rows[-1][0] == len(rows) - 1):
        return rows
    known = {row[0]: row for row in rows}
    last = max(known)
    if min(known) < 0 or last > 10 * len(rows) + 10_000_000:
        raise ValueError(f"image ids reach from {min(known)} to {last}")
    return [known.get(id_, (id_, f"lost image {id_}".encode(), *_LOST[1:])) for id_ in range(last + 1)]


def _fingerprints(blobs: Sequence[bytes | None]) -> FingerprintArray:
    joined = b"".join([blob or _UNKNOWN_FINGERPRINT for blob in blobs])
    return np.frombuffer(joined, dtype=np.uint8).reshape(len(blobs), FINGERPRINT_BYTES)


def _parts(blobs: Sequence[bytes | None]) -> tuple[str, ...]:
    texts = {blob: "" if blob is None else blob_text(blob) for blob in set(blobs)}
    return () if set(texts) == {None} else tuple([texts[blob] for blob in blobs])


def _labels(rows: Rows) -> tuple[ProjectLabel, ...]:
    known = {row[0]: label_of(row) for row in rows}
    last = max(known, default=-1)
    if min(known, default=0) < 0 or last > 1_000_000:
        raise ValueError(f"label ids reach from {min(known)} to {last}")
    return tuple(known.get(id_) or ProjectLabel(id_, f"lost label {id_}", retired=True) for id_ in range(last + 1))


def _statements(rows: Rows, n: int, p: int) -> tuple[StatementArray, BoolArray]:
    """Statements (n, p), and whether an image's differ from those that came with it (n,)."""
    changed = np.zeros(n, dtype=np.bool_)
    if not rows:
        return np.full((n, p), UNSAID, dtype=np.int8), changed
    images, cells, first = zip(*rows, strict=True)
    said = unpacked(cells, p)
    where = np.array(images, dtype=np.int64)
    touched = [row for row, (now, then) in enumerate(zip(cells, first, strict=True)) if now != then]
    changed[where[touched]] = (said[touched] != unpacked([first[row] for row in touched], p)).any(axis=1)
    if len(rows) == n:
        return said, changed
    statements = np.full((n, p), UNSAID, dtype=np.int8)
    statements[where] = said
    return statements, changed


def read_models(connection: sqlite3.Connection) -> tuple[ModelNote, ...]:
    """Models, the one used last first."""
    rows = connection.execute(
        "SELECT fingerprint, path, name, made FROM models ORDER BY made DESC, rowid DESC"
    ).fetchall()
    find = "SELECT name FROM model_labels WHERE model = ? ORDER BY position"
    return tuple(
        ModelNote(
            blob_text(fingerprint),
            blob_text(path),
            blob_text(name),
            tuple(blob_text(row[0]) for row in connection.execute(find, (fingerprint,))),
            made,
        )
        for fingerprint, path, name, made in rows
    )


def read_runs(connection: sqlite3.Connection) -> tuple[RunNote, ...]:
    """Runs, the last first."""
    rows = connection.execute("SELECT model, preprocessing, n_scored, made FROM runs ORDER BY made DESC")
    return tuple(RunNote(blob_text(model), blob_text(preprocessing), n, made) for model, preprocessing, n, made in rows)
