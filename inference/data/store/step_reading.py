"""Steps and events as they stand in a project file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Final

import numpy as np

from inference.data.store.packing import blob_text, unpacked
from inference.data.store.values import (
    DROPPED,
    HistoryEntry,
    LabelChange,
    NoteChange,
    StatementChange,
    StepRecord,
)
from inference.types.annotating import ProjectLabel

_STEP: Final = "SELECT id, kind, text, source, model, payload, state, made, who, n_images FROM steps"
_EVENT: Final = "SELECT step, action, made, who, text, source, n_images FROM events"


def read_statements(connection: sqlite3.Connection, step_id: int) -> StatementChange | None:
    """What a step changed in the statements, images ascending; None where it changed none or is not there."""
    n_labels = connection.execute("SELECT n_labels FROM steps WHERE id = ?", (step_id,)).fetchone()
    if n_labels is None or n_labels[0] is None:
        return None
    rows = connection.execute(
        "SELECT image, before, after FROM step_cells WHERE step = ? ORDER BY image", (step_id,)
    ).fetchall()
    images = np.array([row[0] for row in rows], dtype=np.int64)
    p = int(n_labels[0])
    return StatementChange(images, unpacked([row[1] for row in rows], p), unpacked([row[2] for row in rows], p))


def read_label_changes(connection: sqlite3.Connection, step_id: int) -> tuple[LabelChange, ...]:
    """What a step changed in the labels, in its order."""
    return _label_changes(connection, "step = ?", (step_id,)).get(step_id, ())


def read_note_changes(connection: sqlite3.Connection, step_id: int) -> tuple[NoteChange, ...]:
    """What a step changed in the notes, images ascending."""
    return _note_changes(connection, "step = ?", (step_id,)).get(step_id, ())


def _label_changes(
    connection: sqlite3.Connection, where: str, arguments: tuple[int, ...]
) -> dict[int, tuple[LabelChange, ...]]:
    sides: dict[int, dict[int, dict[str, ProjectLabel]]] = {}
    rows = connection.execute(
        "SELECT step, position, side, id, name, retired, merged_into FROM step_labels"
        f" WHERE {where} ORDER BY step, position",
        arguments,
    )
    for step, position, side, *columns in rows:
        sides.setdefault(step, {}).setdefault(position, {})[side] = label_of(columns)
    return {
        step: tuple(LabelChange(each.get("before"), each.get("after")) for each in changes.values())
        for step, changes in sides.items()
    }


def _note_changes(
    connection: sqlite3.Connection, where: str, arguments: tuple[int, ...]
) -> dict[int, tuple[NoteChange, ...]]:
    found: dict[int, tuple[NoteChange, ...]] = {}
    rows = connection.execute(
        f"SELECT step, image, before, after FROM step_notes WHERE {where} ORDER BY step, image", arguments
    )
    for step, image, before, after in rows:
        found[step] = (*found.get(step, ()), NoteChange(image, blob_text(before), blob_text(after)))
    return found


def label_of(columns: Iterable[object]) -> ProjectLabel:
    """A label of its four columns. Raises ValueError for values of other types."""
    id_, name, retired, merged_into = columns
    if not (isinstance(id_, int) and isinstance(name, bytes) and isinstance(merged_into, int)):
        raise ValueError("a label's columns have other types")
    return ProjectLabel(id_, blob_text(name), bool(retired), merged_into)


def read_step(connection: sqlite3.Connection, step_id: int) -> StepRecord | None:
    """One step, whatever its state."""
    found = connection.execute(f"{_STEP} WHERE id = ?", (step_id,)).fetchone()
    if found is None:
        return None
    labels, notes = read_label_changes(connection, step_id), read_note_changes(connection, step_id)
    return _record(found, labels, notes)


def read_steps(connection: sqlite3.Connection, limit: int) -> tuple[StepRecord, ...]:
    """The last steps that are done or undone, oldest first."""
    rows = connection.execute(f"{_STEP} WHERE state <> ? ORDER BY id DESC LIMIT ?", (DROPPED, limit)).fetchall()
    if not rows:
        return ()
    oldest = (int(rows[-1][0]),)
    labels = _label_changes(connection, "step >= ?", oldest)
    notes = _note_changes(connection, "step >= ?", oldest)
    return tuple(_record(row, labels.get(row[0], ()), notes.get(row[0], ())) for row in reversed(rows))


def _record(
    row: tuple[int, bytes, bytes, bytes, bytes, bytes, str, float, bytes, int],
    labels: tuple[LabelChange, ...],
    notes: tuple[NoteChange, ...],
) -> StepRecord:
    id_, kind, text, source, model, payload, state, made, who, n_images = row
    return StepRecord(
        id=id_,
        kind=blob_text(kind),
        text=blob_text(text),
        source=blob_text(source),
        model=blob_text(model),
        payload=payload,
        labels=labels,
        notes=notes,
        n_images=n_images,
        when=made,
        who=blob_text(who),
        state=state,
    )


# Events


def read_log(connection: sqlite3.Connection, limit: int) -> tuple[HistoryEntry, ...]:
    """The latest events, newest first."""
    rows = connection.execute(f"{_EVENT} ORDER BY id DESC LIMIT ?", (limit,))
    return tuple(_entry(row) for row in rows)


def read_history(connection: sqlite3.Connection, image: int) -> tuple[HistoryEntry, ...]:
    """What happened to one image, oldest first, beginning with what came with it."""
    rows = connection.execute(
        f"{_EVENT} WHERE id = (SELECT event FROM images WHERE id = :image) OR step IN"
        " (SELECT step FROM step_cells WHERE image = :image UNION SELECT step FROM step_notes WHERE image = :image)"
        " ORDER BY id",
        {"image": image},
    ).fetchall()
    return tuple(_of_image(connection, row, image) for row in rows)


def _entry(
    row: tuple[int | None, str, float, bytes, bytes, bytes, int],
    cells: tuple[tuple[int, int, int], ...] = (),
    note: tuple[str, str] | None = None,
) -> HistoryEntry:
    step, action, made, who, text, source, n_images = row
    return HistoryEntry(made, blob_text(who), action, blob_text(text), blob_text(source), cells, note, n_images, step)


def _of_image(
    connection: sqlite3.Connection, row: tuple[int | None, str, float, bytes, bytes, bytes, int], image: int
) -> HistoryEntry:
    step, action = row[:2]
    if step is None:
        first = connection.execute("SELECT x'', first FROM statements WHERE image = ?", (image,)).fetchone()
        return _entry(row, _cells(first, backwards=False))
    where = "WHERE step = ? AND image = ?"
    cells = connection.execute(f"SELECT before, after FROM step_cells {where}", (step, image)).fetchone()
    note = connection.execute(f"SELECT before, after FROM step_notes {where}", (step, image)).fetchone()
    backwards = action == "undid"
    return _entry(row, _cells(cells, backwards=backwards), _note(note, backwards=backwards))


def _cells(sides: tuple[bytes, bytes] | None, *, backwards: bool) -> tuple[tuple[int, int, int], ...]:
    if sides is None:
        return ()
    before, after = unpacked(list(sides), max(map(len, sides)) * 4)
    if backwards:
        before, after = after, before
    return tuple((int(label), int(before[label]), int(after[label])) for label in np.flatnonzero(before != after))


def _note(sides: tuple[bytes, bytes] | None, *, backwards: bool) -> tuple[str, str] | None:
    if sides is None:
        return None
    before, after = map(blob_text, sides)
    return (after, before) if backwards else (before, after)
