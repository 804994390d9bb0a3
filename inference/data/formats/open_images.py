"""Open Images: one row a statement, ``ImageID,Source,LabelName,Confidence``; 1 is present, 0 verified absent.

No row says nothing, and a fraction is a machine's guess: a score, no statement. Labels are codes such as ``/m/01yrx``;
the file of class descriptions (``LabelName,DisplayName``) gives their names, and is found beside the file. Written over
the file that was read, rows about which nothing changed stay byte for byte.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from inference.data.csv_reading import Table, read_table, rectangular
from inference.data.formats import reading
from inference.data.formats.base import (
    NO_READ_OPTIONS,
    NO_WRITE_OPTIONS,
    FileAnnotations,
    ImageIndex,
    ReadOptions,
    WriteOptions,
    WriteReport,
    nameable,
)
from inference.data.formats.basing import aligned, index_for, written_row
from inference.data.formats.cells import csv_line, plain_cell, safe_cell
from inference.data.formats.csv_columns import escapes
from inference.data.formats.csv_text import raw_csv
from inference.data.formats.gathering import Gathering
from inference.data.formats.table import image_key, is_table_name, peek
from inference.data.formats.writing import write_whole
from inference.data.sentences import counted, shortened, some
from inference.errors import LabelFileError
from inference.types import NEGATIVE, POSITIVE, UNKNOWN
from inference.types.annotating import UNSAID

_IMAGE, _LABEL, _CONFIDENCE = "ImageID", "LabelName", "Confidence"
_SOURCE: Final = "verification"
_DESCRIPTIONS: Final = "class-descriptions"


@dataclass(frozen=True)
class OpenImages:
    """Reads and writes the image-level labels of Open Images."""

    key: str = "open_images"
    name: str = "Open Images CSV"
    detail: str = "One row a verified label: 1 present, 0 absent, no row not looked at"
    suffixes: tuple[str, ...] = (".csv",)
    is_folder: bool = False
    is_written: bool = True

    def recognises(self, path: str, head: bytes) -> float:
        """By its column names."""
        header, _ = peek(head)
        return 0.98 if is_table_name(path) and {_IMAGE, _LABEL, _CONFIDENCE} <= set(header) else 0.0

    def read(self, path: str, index: ImageIndex, options: ReadOptions = NO_READ_OPTIONS) -> FileAnnotations:
        """What was verified; ``extras["codes"]``: the code of each label. Raises LabelFileError."""
        table, ragged = rectangular(read_table(path, options.delimiter))
        columns = _columns(table)
        names = _class_names(options.class_file or _descriptions_beside(path))
        found = Gathering(table.name, index)
        codes: dict[str, str] = {}
        odd: list[str] = []
        for row, line in zip(table.rows, table.lines, strict=True):
            image = found.image(image_key(row[columns[_IMAGE]], index), line)
            code = plain_cell(row[columns[_LABEL]].strip())
            label = found.label(names.get(code, code), line)
            if image is None or label is None:
                continue
            codes.setdefault(found.labels[label], code)
            said, score = _meaning(row[columns[_CONFIDENCE]])
            if said is not None:
                found.say(image, label, said, line)
            elif score is not None:
                found.score(image, label, score, line)
            else:
                odd.append(f"{shortened(row[columns[_CONFIDENCE]], 30)!r} in line {line:,}")
        if odd:
            found.notes.append(
                f"{table.name}: {counted(len(odd), 'row')} left out, with a confidence that is no number from 0 to 1: "
                f"{some(odd)}."
            )
        return found.finish(self.key, options, extras={"codes": codes}, warnings=(*table.warnings, *ragged))

    def write(self, path: str, annotations: FileAnnotations, options: WriteOptions = NO_WRITE_OPTIONS) -> WriteReport:
        """Positive is 1, negative 0, unsaid no row; unknown is dropped and noted. Raises DataError.

        Labels stand as their codes where these are known; ``class_file`` gets the names of all labels. Images without
        a statement have no row.
        """
        annotations, notes = nameable(annotations)
        codes = _codes(annotations, options)
        content = _over(annotations, options, codes) if options.base else _fresh(annotations, options, codes)
        written = [path]
        if options.class_file:
            lines = [csv_line((safe_cell(codes[label]), safe_cell(label))) for label in annotations.labels]
            write_whole(options.class_file, "".join([csv_line((_LABEL, "DisplayName")), *lines]).encode())
            written.append(options.class_file)
        write_whole(path, content)
        return WriteReport(tuple(written), notes + _lost(annotations, options) + escapes(annotations))


def _columns(table: Table) -> dict[str, int]:
    lacking = [name for name in (_IMAGE, _LABEL, _CONFIDENCE) if name not in table.header]
    if lacking:
        raise LabelFileError(f"{table.name} has no column {lacking[0]!r}: choose a label file of Open Images.")
    return {name: table.header.index(name) for name in (_IMAGE, _LABEL, _CONFIDENCE)}


def _meaning(cell: str) -> tuple[int | None, float | None]:
    """A statement, or else a score, or neither."""
    try:
        number = float(cell)
    except ValueError:
        return None, None
    if number in (0.0, 1.0):
        return (POSITIVE if number else NEGATIVE), None
    return None, number if 0 < number < 1 else None


def _descriptions_beside(path: str) -> str | None:
    folder = os.path.dirname(os.path.abspath(path))
    try:
        names = sorted(name for name in os.listdir(folder) if _DESCRIPTIONS in name and name.endswith(".csv"))
    except OSError:
        return None
    return os.path.join(folder, names[0]) if names else None


def _class_names(path: str | None) -> Mapping[str, str]:
    """Name by code. A name that several codes have gets its code behind it. Raises LabelFileError."""
    if path is None:
        return {}
    table = read_table(path)
    pairs = [row[:2] for row in table.rows if len(row) > 1]
    if "displayname" not in [name.lower() for name in table.header]:
        pairs.insert(0, list(table.header[:2]))  # some versions have no header
    named = {
        plain_cell(code.strip()): plain_cell(name.strip()) for code, name in pairs if code.strip() and name.strip()
    }
    counts = Counter(named.values())
    return {code: name if counts[name] == 1 else f"{name} ({code})" for code, name in named.items()}


def _codes(annotations: FileAnnotations, options: WriteOptions) -> dict[str, str]:
    """The code of each label; the label itself where none is known."""
    known: dict[str, str] = dict(annotations.extras.get("codes", {}))
    beside = _descriptions_beside(options.base) if options.base else None
    known = {name: code for code, name in _class_names(beside).items()} | known
    return {label: known.get(label, label) for label in annotations.labels}


def _lost(annotations: FileAnnotations, options: WriteOptions) -> tuple[str, ...]:
    notes = []
    unknown = int(np.count_nonzero(annotations.statements == UNKNOWN))
    if unknown:
        notes.append(f"Open Images has no word for unknown: {counted(unknown, 'statement')} left out.")
    empty = int(np.count_nonzero((annotations.statements == UNSAID).all(axis=1)))
    if empty and not options.base:
        notes.append(f"{counted(empty, 'image')} without a statement not listed.")
    if annotations.parts:
        notes.append("Open Images keeps each part of a split in a file of its own: the parts are not written.")
    return tuple(notes)


def _image_id(index: ImageIndex, row: int) -> str:
    """The name without its extension, where this still means the same image."""
    name = index.names[row]
    stem = os.path.splitext(name)[0]
    return stem if index.find(stem) == row else name


def _fresh(annotations: FileAnnotations, options: WriteOptions, codes: Mapping[str, str]) -> bytes:
    index = ImageIndex(options.images_root or "/", annotations.images)
    ids = [_image_id(index, row) for row in range(len(annotations))]
    lines = [csv_line((_IMAGE, "Source", _LABEL, _CONFIDENCE))]
    for row, column in np.argwhere(np.isin(annotations.statements, (POSITIVE, NEGATIVE))).tolist():
        cells = _row(annotations, ids[row], codes, row, column)
        lines.append(csv_line((cells[_IMAGE], _SOURCE, cells[_LABEL], cells[_CONFIDENCE])))
    return "".join(lines).encode()


def _row(
    annotations: FileAnnotations, image_id: str, codes: Mapping[str, str], row: int, column: int
) -> dict[str, str]:
    return {
        _IMAGE: safe_cell(image_id),
        _LABEL: safe_cell(codes[annotations.labels[column]]),
        _CONFIDENCE: str(int(annotations.statements[row, column])),
        "Source": _SOURCE,
    }


def _over(annotations: FileAnnotations, options: WriteOptions, codes: Mapping[str, str]) -> bytes:
    """The rows of the file with other confidences, without those taken back, and with new ones at the end."""
    base = options.base or ""
    index = index_for(annotations, options)
    whole = read_table(base)
    raw = raw_csv(reading.read_bytes(base), whole)
    before = OpenImages().read(base, index, ReadOptions(delimiter=whole.delimiter))
    now = aligned(annotations, before.labels)
    row_of = {name: row for row, name in enumerate(annotations.images)}
    there = {name: row for row, name in enumerate(before.images)}
    names = _class_names(_descriptions_beside(base))
    columns = _columns(whole)
    column_of = {label: j for j, label in enumerate(before.labels)}
    rows: dict[str, int] = {}
    gone: list[int] = []
    for position, cells in enumerate(whole.rows):
        cells = cells + [""] * (len(whole.header) - len(cells))
        key = cells[columns[_IMAGE]]
        found = rows[key] if key in rows else rows.setdefault(key, written_row(index, image_key(key, index)))
        said, _ = _meaning(cells[columns[_CONFIDENCE]])
        code = plain_cell(cells[columns[_LABEL]].strip())
        label = names.get(code, code)
        column = column_of.get(label, -1)
        if found < 0 or said is None or column < 0:
            continue
        image = annotations.images[found]
        if image not in there:
            continue
        wanted = int(now[row_of[image], column])
        if wanted == int(before.statements[there[image], column]):
            continue
        if wanted in (POSITIVE, NEGATIVE):
            raw.set_cell(position, columns[_CONFIDENCE], str(wanted))
        else:
            gone.append(position)
    raw.drop_rows(gone)
    for row in _new_rows(annotations, index, codes, before):
        raw.add_row([row.get(name, "") for name in whole.header])
    return raw.encode()[0]


def _new_rows(
    annotations: FileAnnotations, index: ImageIndex, codes: Mapping[str, str], before: FileAnnotations
) -> Iterator[dict[str, str]]:
    """Statements about which the file says nothing."""
    there = {name: row for row, name in enumerate(before.images)}
    known = aligned(before, annotations.labels)
    for row, column in np.argwhere(np.isin(annotations.statements, (POSITIVE, NEGATIVE))).tolist():
        old = there.get(annotations.images[row])
        if old is None or known[old, column] == UNSAID:
            yield _row(annotations, _image_id(index, row), codes, row, column)


FORMAT: Final = OpenImages()
