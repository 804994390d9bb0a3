"""Hugging Face imagefolder: ``metadata.jsonl`` or ``metadata.csv`` with ``file_name`` relative to its own folder.

A list (``labels``, ``tags``, ...) names positives, and further lists ``negatives`` and ``unknown`` the rest; a single
``label`` is multi-class; else each key whose values are 1, 0, true, false, -1 (unknown) or null is a label. Written
over the file that was read, lines about which nothing changed stay byte for byte, and other keys keep their values.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import msgspec
import numpy as np

from inference.data.formats import reading
from inference.data.formats.base import (
    MEANS_NEGATIVE,
    NO_READ_OPTIONS,
    NO_WRITE_OPTIONS,
    FileAnnotations,
    Format,
    ImageIndex,
    ReadOptions,
    Rest,
    WriteOptions,
    WriteReport,
    nameable,
)
from inference.data.formats.basing import PlacedIndex, index_for, written_row
from inference.data.formats.beside import folder_in_root
from inference.data.formats.csv_columns import CsvColumns
from inference.data.formats.csv_list import CsvList
from inference.data.formats.gathering import Gathering
from inference.data.formats.lists import list_form, named, not_held
from inference.data.formats.own_jsonl import joined_lines
from inference.data.formats.reading import read_head
from inference.data.formats.writing import write_whole
from inference.data.sentences import shortened
from inference.errors import LabelFileError
from inference.types import NEGATIVE, POSITIVE, UNKNOWN, Task
from inference.types.annotating import UNSAID

_NAME: Final = "file_name"
_LISTS: Final = ("labels", "tags", "classes", "categories", "label", "tag", "class", "category")
_FURTHER: Final = {"negatives": NEGATIVE, "unknown": UNKNOWN}
_CSV: Final = CsvColumns(image_header=_NAME, is_placed=True)
_CSV_LIST: Final = CsvList(is_placed=True)


@dataclass(frozen=True)
class HfMetadata:
    """Reads and writes the metadata file of a folder of images."""

    key: str = "hf_metadata"
    name: str = "Hugging Face metadata"
    detail: str = "metadata.jsonl or metadata.csv with a file_name for each image"
    suffixes: tuple[str, ...] = (".jsonl", ".csv")
    is_folder: bool = False
    is_written: bool = True

    def recognises(self, path: str, head: bytes) -> float:
        """By its name and its key."""
        if b"file_name" not in head.split(b"\n", 1)[0] or not path.lower().endswith(self.suffixes):
            return 0.0
        return 0.97 if os.path.basename(path).startswith("metadata.") else 0.6

    def read(self, path: str, index: ImageIndex, options: ReadOptions = NO_READ_OPTIONS) -> FileAnnotations:
        """What the rows say. Raises LabelFileError, with the line."""
        if path.lower().endswith(".csv"):
            return replace(_csv_format(path).read(path, index, options), format=self.key)
        entries = list(reading.json_lines(path))
        found = Gathering(os.path.basename(path), PlacedIndex(index, path))
        shape = _Shape.of([entry for _, entry in entries])
        is_open = bool(shape.list_key) and not any(entry.keys() & _FURTHER.keys() for _, entry in entries)
        for number, entry in entries:
            row = found.image(_file_name(entry, found.name, number), number)
            if row is None:
                continue
            for label, value in shape.statements(entry, options.labels, found.name, number):
                column = found.label(label, number)
                if column is not None:
                    found.say(row, column, value, number)
        if not entries or not found.labels:
            raise LabelFileError(f"{found.name} has no labels that can be told from other keys: choose another file.")
        task = Task.MULTICLASS if shape.is_single else None
        if is_open and shape.is_single:
            options = replace(options, unlisted_means=options.unlisted_means or MEANS_NEGATIVE)
        return found.finish(self.key, options, rest=Rest.ASK if is_open else Rest.NONE, task=task)

    def write(self, path: str, annotations: FileAnnotations, options: WriteOptions = NO_WRITE_OPTIONS) -> WriteReport:
        """CSV gets one column a label, JSON lines a list of positives, and lists ``negatives`` and ``unknown`` as well
        where one answer about unlisted labels does not give them back. Raises DataError.

        Names are relative to the file's folder where ``images_root`` tells it and all images are in it. Dropped: parts
        (each has a file of its own at Hugging Face) and scores.
        """
        annotations, notes = nameable(annotations)
        if path.lower().endswith(".csv"):
            known = _csv_format(options.base) if options.base else _CSV
            placed = annotations if options.base else _placed(annotations, path, options)
            report = known.write(path, placed, options)
            return WriteReport(report.written, notes + report.notes)
        form = list_form(annotations, self.name, keep_all=True)
        notes += form.notes + not_held(annotations, options, self.name)
        if options.base:
            content = _over(annotations, options, form.is_plain)
        else:
            placed = _placed(annotations, path, options)
            lines = [_line({_NAME: name}, placed, row, form.is_plain) for row, name in enumerate(placed.images)]
            content = b"".join(line + b"\n" for line in lines)
        write_whole(path, content)
        return WriteReport((path,), notes)


@dataclass(frozen=True)
class _Shape:
    """Where the labels of a file stand."""

    list_key: str  # "" where each label is a key of its own
    is_single: bool  # one label an image
    keys: tuple[str, ...]

    @classmethod
    def of(cls, entries: Sequence[Mapping[str, Any]]) -> _Shape:
        """Find it out from all lines."""
        for key in _LISTS:
            values = [entry[key] for entry in entries if entry.get(key) is not None]
            if values and all(isinstance(value, list) for value in values):
                return cls(key, False, ())
            if values and all(isinstance(value, str | int) and not isinstance(value, bool) for value in values):
                return cls(key, True, ())
        if any(entry.keys() & _FURTHER.keys() for entry in entries):
            return cls("labels", False, ())
        keys = dict.fromkeys(key for entry in entries for key in entry if key != _NAME)
        fitting = [key for key in keys if all(_is_cell(entry.get(key)) for entry in entries)]
        return cls("", False, tuple(fitting))

    def statements(
        self, entry: Mapping[str, Any], classes: Sequence[str], name: str, number: int
    ) -> list[tuple[object, int]]:
        """The labels of one line and what it says of them. Raises LabelFileError."""
        if not self.list_key:
            values = [(key, entry.get(key)) for key in self.keys]
            return [(key, UNKNOWN if value == -1 else int(value)) for key, value in values if value is not None]
        said: list[tuple[object, int]] = []
        for key, meaning in ((self.list_key, POSITIVE), *_FURTHER.items()):
            value = entry.get(key)
            if value is None:
                continue
            if not isinstance(value, list) and not (self.is_single and key == self.list_key):
                raise LabelFileError(
                    f'{name} has {shortened(repr(value), 30)} as "{key}" in line {number:,}, where a list is needed: '
                    "put it in brackets."
                )
            said += [
                (_class_name(label, classes), meaning) for label in (value if isinstance(value, list) else [value])
            ]
        return said


def _is_cell(value: object) -> bool:
    return value is None or isinstance(value, bool) or (isinstance(value, int | float) and value in (0, 1, -1))


def _class_name(label: object, classes: Sequence[str]) -> object:
    """The name of a class that is told by its index; the index as text where no names are known."""
    if isinstance(label, bool) or not isinstance(label, int):
        return label
    return classes[label] if 0 <= label < len(classes) else str(label)


def _file_name(entry: Mapping[str, Any], name: str, number: int) -> str:
    key = entry.get(_NAME)
    if not isinstance(key, str):
        raise LabelFileError(f'{name} has no "file_name" in line {number:,}: add it or remove the line.')
    return key


def _csv_format(path: str) -> Format:
    """One column a label, or a column of lists: whatever the file looks more like."""
    head = read_head(path)
    return _CSV_LIST if _CSV_LIST.recognises(path, head) > _CSV.recognises(path, head) else _CSV


def _placed(annotations: FileAnnotations, path: str, options: WriteOptions) -> FileAnnotations:
    """With names relative to the folder that the file will be in."""
    root = options.images_root
    place = folder_in_root(os.path.dirname(os.path.abspath(path)), ImageIndex(root, ())) if root else ""
    if not place or not all(name.startswith(place) for name in annotations.images):
        return annotations
    return replace(annotations, images=tuple(name[len(place) :] for name in annotations.images))


def _line(known: Mapping[str, Any], annotations: FileAnnotations, row: int, is_plain: bool) -> bytes:
    said: dict[str, Any] = {"labels": named(annotations, row, POSITIVE)}
    if not is_plain:
        said |= {key: named(annotations, row, value) for key, value in _FURTHER.items()}
    return msgspec.json.encode({**known, **said})


def _over(annotations: FileAnnotations, options: WriteOptions, is_plain: bool) -> bytes:
    """The lines of ``base`` with what changed; of several about one image that changed, the first one stays."""
    base = options.base or ""
    index = index_for(annotations, options, is_placed=True)
    entries = list(reading.json_lines(base))
    shape = _Shape.of([entry for _, entry in entries])
    before = HfMetadata().read(base, index, ReadOptions(unlisted_means="unknown"))
    told = {name: row for row, name in enumerate(before.images)}
    lines = reading.read_bytes(base).split(b"\n")
    replaced: dict[int, bytes | None] = {}
    done: set[int] = set()
    for number, entry in entries:
        row = written_row(index, entry[_NAME])
        if row < 0:
            continue
        if not _same(annotations, row, before, told[annotations.images[row]], bool(shape.list_key) and is_plain):
            raw = msgspec.json.decode(lines[number - 1].removeprefix(b"\xef\xbb\xbf"), type=dict[str, msgspec.Raw])
            replaced[number] = None if row in done else _changed(raw, entry, shape, annotations, row, is_plain)
        done.add(row)
    new = [
        _changed({_NAME: name}, {_NAME: name}, shape, annotations, row, is_plain)
        for row, name in enumerate(annotations.images)
        if row not in done
    ]
    return joined_lines(lines, replaced, new)


def _same(annotations: FileAnnotations, row: int, before: FileAnnotations, old: int, only_positives: bool) -> bool:
    def said(source: FileAnnotations, at: int) -> dict[str, int]:
        statements = source.statements[at]
        wanted = statements == POSITIVE if only_positives else statements != UNSAID
        return {source.labels[j]: int(statements[j]) for j in np.flatnonzero(wanted).tolist()}

    return said(annotations, row) == said(before, old)


def _changed(
    known: Mapping[str, Any],
    entry: Mapping[str, Any],
    shape: _Shape,
    annotations: FileAnnotations,
    row: int,
    is_plain: bool,
) -> bytes:
    """One line with its other keys kept, told as the file tells it."""
    positives = named(annotations, row, POSITIVE)
    if not shape.list_key:
        is_bool = any(isinstance(entry.get(key), bool) for key in shape.keys)
        values: dict[int, Any] = {POSITIVE: True if is_bool else 1, NEGATIVE: False if is_bool else 0, UNKNOWN: -1}
        statements = annotations.statements[row].tolist()
        cells = {label: values.get(v) for label, v in zip(annotations.labels, statements, strict=True)}
        kept = {key: value for key, value in known.items() if key not in shape.keys or key in cells}
        return msgspec.json.encode({**kept, **cells})
    said: dict[str, Any] = {shape.list_key: positives}
    if shape.is_single and len(positives) < 2:
        said = {shape.list_key: positives[0] if positives else None}
    further = {key: named(annotations, row, value) for key, value in _FURTHER.items()}
    if not is_plain:
        said |= {key: labels for key, labels in further.items() if labels or key in known}
    kept = {key: value for key, value in known.items() if key not in _FURTHER or key in said}
    return msgspec.json.encode({**kept, **said})


FORMAT: Final = HfMetadata()
