"""Doing, undoing and amending steps, each inside a transaction that is open.

A step changes cells, labels and notes. Only the cells that differ between its two sides are touched: what another step
did to the rest of the row stays. Every function is safe to repeat with the same argument.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from inference.data.store.packing import packed, said_labels, text_blob, unpacked
from inference.data.store.step_reading import read_label_changes, read_note_changes, read_statements
from inference.data.store.values import DONE, DROPPED, UNDONE, LabelChange, NoteChange, StatementChange, Step
from inference.errors import ProjectError
from inference.types.annotating import ProjectLabel, StatementArray
from inference.types.base import IntArray

_CHUNK: Final = 500  # rows asked for in one statement
_ACTIONS: Final = {UNDONE: "undid", DONE: "redid"}

_Stamp = tuple[float, bytes]  # when, who


def do_step(connection: sqlite3.Connection, step: Step, stamp: _Stamp) -> None:
    """Do a step that is new; one that is there already becomes what it is now. Raises ProjectError, ValueError."""
    known = _known(connection, step.id)
    if known is not None:
        if known != (text_blob(step.kind), DONE):
            raise ProjectError(f"step {step.id} is in the project already as another one: open the project anew.")
        _replace(connection, step, stamp)
        return
    newest = connection.execute("SELECT max(id) FROM steps").fetchone()[0]
    if step.id <= (newest or 0):
        raise ProjectError(f"step {step.id} comes after step {newest}: open the project anew.")
    connection.execute("UPDATE steps SET state = ? WHERE state = ?", (DROPPED, UNDONE))
    connection.execute(
        "INSERT INTO steps (id, kind, text, source, model, payload, state, made, who, n_images, n_labels)"
        " VALUES (?, ?, x'', x'', x'', x'', ?, ?, ?, 0, NULL)",
        (step.id, text_blob(step.kind), DONE, *stamp),
    )
    _write(connection, step, stamp)
    _log(connection, step.id, "did", stamp)


def _replace(connection: sqlite3.Connection, step: Step, stamp: _Stamp) -> None:
    _apply(connection, step.id, forward=False)
    for table in ("step_cells", "step_labels", "step_notes"):
        connection.execute(f"DELETE FROM {table} WHERE step = ?", (step.id,))
    latest = "SELECT id, action FROM events WHERE step = ? ORDER BY id DESC LIMIT 1"
    event, action = connection.execute(latest, (step.id,)).fetchone()
    connection.execute("DELETE FROM events WHERE id = ?", (event,))
    _write(connection, step, stamp)
    _log(connection, step.id, action, stamp)  # last in the history, for the edit went on until now


def set_state(connection: sqlite3.Connection, step_id: int, state: str, stamp: _Stamp) -> None:
    """Undo a step (UNDONE) or do it again (DONE). Raises ProjectError for a step that is not there to be so."""
    known = _required(connection, step_id)
    if known == state:
        return
    if known == DROPPED:
        raise ProjectError(f"step {step_id} was dropped and can neither be undone nor done again.")
    _apply(connection, step_id, forward=state == DONE)
    connection.execute("UPDATE steps SET state = ? WHERE id = ?", (state, step_id))
    _log(connection, step_id, _ACTIONS[state], stamp)


def drop_step(connection: sqlite3.Connection, step_id: int) -> None:
    """Take a step off the undo and redo stacks. Raises ProjectError where what it changed is still in force."""
    if _required(connection, step_id) == DONE:
        for table in ("step_cells", "step_labels", "step_notes"):
            if connection.execute(f"SELECT 1 FROM {table} WHERE step = ?", (step_id,)).fetchone():
                raise ProjectError(f"step {step_id} changed annotations and must be undone before it is dropped.")
    connection.execute("UPDATE steps SET state = ? WHERE id = ?", (DROPPED, step_id))


def _known(connection: sqlite3.Connection, step_id: int) -> tuple[bytes, str] | None:
    found = connection.execute("SELECT kind, state FROM steps WHERE id = ?", (step_id,)).fetchone()
    return None if found is None else (found[0], found[1])


def _required(connection: sqlite3.Connection, step_id: int) -> str:
    known = _known(connection, step_id)
    if known is None:
        raise ProjectError(f"step {step_id} is not in the project: open the project anew.")
    return known[1]


# Writing a step down


def _write(connection: sqlite3.Connection, step: Step, stamp: _Stamp) -> None:
    """The step itself and what it changes; then bring it into force."""
    change = step.statements
    n_images = 0 if change is None else len(change.images)
    texts = [text_blob(text) for text in (step.text, step.source, step.model)]
    connection.execute(
        "UPDATE steps SET text = ?, source = ?, model = ?, payload = ?, made = ?, who = ?, n_images = ?, n_labels = ?"
        " WHERE id = ?",
        (*texts, step.payload, *stamp, n_images, None if change is None else change.before.shape[1], step.id),
    )
    if change is not None:
        _write_cells(connection, step.id, change)
    _write_labels(connection, step.id, step.labels)
    rows = ((step.id, note.image, text_blob(note.before), text_blob(note.after)) for note in step.notes)
    connection.executemany("INSERT INTO step_notes (step, image, before, after) VALUES (?, ?, ?, ?)", rows)
    _apply(connection, step.id, forward=True)
    _require_columns(connection, change)


def _write_cells(connection: sqlite3.Connection, step_id: int, change: StatementChange) -> None:
    shape = change.before.shape
    if change.after.shape != shape or shape[:1] != change.images.shape:
        raise ValueError(f"statements {shape} before, {change.after.shape} after for images {change.images.shape}")
    rows = zip(
        [step_id] * len(change.images),
        change.images.tolist(),
        packed(change.before),
        packed(change.after),
        strict=True,
    )
    connection.executemany("INSERT INTO step_cells (step, image, before, after) VALUES (?, ?, ?, ?)", rows)


def _write_labels(connection: sqlite3.Connection, step_id: int, changes: Sequence[LabelChange]) -> None:
    add = "INSERT INTO step_labels (step, position, side, id, name, retired, merged_into) VALUES (?, ?, ?, ?, ?, ?, ?)"
    for position, change in enumerate(changes):
        for side, label in (("before", change.before), ("after", change.after)):
            if label is not None:
                connection.execute(add, (step_id, position, side, *_columns(label)))


def _columns(label: ProjectLabel) -> tuple[int, bytes, int, int]:
    return label.id, text_blob(label.name), int(label.retired), label.merged_into


def _log(connection: sqlite3.Connection, step_id: int, action: str, stamp: _Stamp) -> None:
    connection.execute(
        "INSERT INTO events (step, action, made, who, text, source, n_images)"
        " SELECT id, ?, ?, ?, text, source, n_images FROM steps WHERE id = ?",
        (action, *stamp, step_id),
    )


# Bringing it into force


def _apply(connection: sqlite3.Connection, step_id: int, *, forward: bool) -> None:
    """Bring the step's ``after`` into force (``forward``) or its ``before``."""
    labels = read_label_changes(connection, step_id)
    if forward:
        _set_labels(connection, [(change.before, change.after) for change in labels])
    change = read_statements(connection, step_id)
    if change is not None:
        source, target = (change.before, change.after) if forward else (change.after, change.before)
        _set_cells(connection, change.images, source, target)
    if not forward:
        _set_labels(connection, [(change.after, change.before) for change in reversed(labels)])
    for note in read_note_changes(connection, step_id):
        _set_note(connection, note, note.after if forward else note.before)


def _set_cells(
    connection: sqlite3.Connection, images: IntArray, source: StatementArray, target: StatementArray
) -> None:
    """Give the cells that differ between ``source`` and ``target`` the target's value."""
    p = source.shape[1]
    put = (
        "INSERT INTO statements (image, cells, first) VALUES (?, ?, x'')"
        " ON CONFLICT (image) DO UPDATE SET cells = excluded.cells"
    )
    for rows in _chunks(len(images)):
        ids = images[rows].tolist()
        found = _cells_of(connection, ids)
        blobs = [found.get(id_, b"") for id_ in ids]
        cells = unpacked(blobs, max(p, said_labels(blobs)))
        np.copyto(cells[:, :p], target[rows], where=source[rows] != target[rows])
        connection.executemany(put, zip(ids, packed(cells), strict=True))


def _cells_of(connection: sqlite3.Connection, ids: list[int]) -> dict[int, bytes]:
    marks = ", ".join("?" * len(ids))
    return dict(connection.execute(f"SELECT image, cells FROM statements WHERE image IN ({marks})", ids))


def _chunks(n: int) -> Iterator[slice]:
    return (slice(start, start + _CHUNK) for start in range(0, n, _CHUNK))


def _set_note(connection: sqlite3.Connection, note: NoteChange, text: str) -> None:
    if not text:
        connection.execute("DELETE FROM notes WHERE image = ?", (note.image,))
        return
    connection.execute(
        "INSERT INTO notes (image, text) VALUES (?, ?) ON CONFLICT (image) DO UPDATE SET text = excluded.text",
        (note.image, text_blob(text)),
    )


def _set_labels(
    connection: sqlite3.Connection, changes: Sequence[tuple[ProjectLabel | None, ProjectLabel | None]]
) -> None:
    put = (
        "INSERT INTO labels (id, name, retired, merged_into) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE"
        " SET name = excluded.name, retired = excluded.retired, merged_into = excluded.merged_into"
    )
    for source, target in changes:
        if target is not None:
            if target.id > _n_labels(connection):
                raise ProjectError(f"label “{target.name}” would leave a gap before column {target.id}.")
            connection.execute(put, _columns(target))
        elif source is not None:
            _remove_label(connection, source)


def _remove_label(connection: sqlite3.Connection, label: ProjectLabel) -> None:
    """Take out the last label, about which nothing is said any more: ids are columns, for ever."""
    n = _n_labels(connection)
    if label.id >= n:
        return  # it is not there any more
    wide = [row[0] for row in connection.execute("SELECT cells FROM statements WHERE length(cells) * 4 >= ?", (n,))]
    if label.id != n - 1 or (unpacked(wide, n)[:, label.id] != unpacked([b""], 1)[0, 0]).any():
        raise ProjectError(f"label “{label.name}” is in use: undo what was done with it first.")
    connection.execute("DELETE FROM labels WHERE id = ?", (label.id,))


def _n_labels(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT count(*) FROM labels").fetchone()[0])


def _require_columns(connection: sqlite3.Connection, change: StatementChange | None) -> None:
    n = _n_labels(connection)
    if change is not None and change.before.shape[1] > n:
        raise ProjectError(f"statements about {change.before.shape[1]:,} labels do not fit a project that has {n:,}.")
