"""Cutline's own JSON lines: the one format that holds everything that can be said.

One object a line: ``{"image": "a.jpg", "labels": ["cat"], "negatives": ["dog"], "unknown": ["bird"], "split": "test",
"scores": {"cat": 0.9}}``; all but ``image`` may be absent. A label in no list is unsaid. The first line may be a
head, ``{"format": "cutline-labels/1", "labels": [...], "task": "multilabel"}``, which keeps labels that no image has.
Lines of other programs without head, negatives and unknown leave open what an unlisted label means.

Written over the file that was read, lines about which nothing changed stay byte for byte, and so do the values of
unknown keys in the others.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec
import numpy as np

from inference.data.formats import reading
from inference.data.formats.base import (
    NO_READ_OPTIONS,
    NO_WRITE_OPTIONS,
    FileAnnotations,
    ImageIndex,
    ReadOptions,
    Rest,
    WriteOptions,
    WriteReport,
    nameable,
)
from inference.data.formats.basing import Changes, index_for, written_row
from inference.data.formats.gathering import Gathering
from inference.data.formats.writing import write_whole
from inference.data.sentences import shortened
from inference.errors import LabelFileError
from inference.types import NEGATIVE, POSITIVE, UNKNOWN, Task, format_float32

HEAD: Final = "cutline-labels/1"
_LISTS: Final = {"labels": POSITIVE, "negatives": NEGATIVE, "unknown": UNKNOWN}
_SUBSTANCE: Final = frozenset({*_LISTS, "image", "split", "scores"})


@dataclass(frozen=True)
class OwnJsonl:
    """Reads and writes ``.jsonl`` files of Cutline."""

    key: str = "own_jsonl"
    name: str = "Cutline JSON lines"
    detail: str = "One line an image: its positive, negative and unknown labels; holds every statement"
    suffixes: tuple[str, ...] = (".jsonl", ".ndjson")
    is_folder: bool = False
    is_written: bool = True

    def recognises(self, path: str, head: bytes) -> float:
        """Sure where the head line is there; else by the keys of the first line."""
        try:
            first = msgspec.json.decode(head.removeprefix(b"\xef\xbb\xbf").lstrip().split(b"\n", 1)[0])
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return 0.0
        if not isinstance(first, dict):
            return 0.0
        if str(first.get("format", "")).startswith("cutline-labels/"):
            return 1.0
        if not isinstance(first.get("image"), str):
            return 0.0
        return 0.9 if first.keys() & _LISTS.keys() else 0.3

    def read(self, path: str, index: ImageIndex, options: ReadOptions = NO_READ_OPTIONS) -> FileAnnotations:
        """What the lines say. Raises LabelFileError, with the line, for what is no such file."""
        found = Gathering(os.path.basename(path), index)
        parts: dict[int, str] = {}
        task: Task | None = None
        is_open = True
        for position, (number, entry) in enumerate(reading.json_lines(path)):
            if position == 0 and "format" in entry and "image" not in entry:
                task = _read_head(entry, found, number)
                is_open = False
                continue
            _read_line(entry, found, number, parts)
            is_open = is_open and not entry.keys() & {"negatives", "unknown"}
        if not found.images and not found.refused and not found.labels:
            raise LabelFileError(f"{found.name} names no images: choose another file.")
        rest = Rest.ASK if is_open else Rest.NONE
        return found.finish(self.key, options, rest=rest, task=task, parts=parts)

    def write(self, path: str, annotations: FileAnnotations, options: WriteOptions = NO_WRITE_OPTIONS) -> WriteReport:
        """Positive, negative and unknown are written as such, unsaid by leaving the label out. Raises DataError.

        Scores are written where ``include_scores`` says so. Nothing is dropped.
        """
        annotations, notes = nameable(annotations)
        entries = _Entries(annotations, options)
        content = entries.over(options.base, self) if options.base else entries.fresh()
        write_whole(path, content)
        return WriteReport((path,), notes)


def _read_head(entry: Mapping[str, Any], found: Gathering, number: int) -> Task | None:
    if entry["format"] != HEAD:
        raise LabelFileError(
            f"{found.name} says that its format is {shortened(repr(entry['format']), 40)}, and this Cutline reads "
            f"{HEAD}: update Cutline."
        )
    for label in _list(entry, "labels", found, number):
        found.label(label, number)
    task = entry.get("task")
    return Task(task) if isinstance(task, str) and task in set(Task) else None


def _read_line(entry: Mapping[str, Any], found: Gathering, number: int, parts: dict[int, str]) -> None:
    key = entry.get("image")
    if not isinstance(key, str):
        raise LabelFileError(f'{found.name} has no "image" with a path in line {number:,}: add it or remove the line.')
    row = found.image(key, number)
    if row is None:
        return
    for name, value in _LISTS.items():
        for label in _list(entry, name, found, number):
            column = found.label(label, number)
            if column is not None:
                found.say(row, column, value, number)
    if isinstance(part := entry.get("split"), str):
        parts[row] = part
    scores = entry.get("scores")
    for label, score in scores.items() if isinstance(scores, dict) else ():
        column = found.label(label, number)
        if column is not None:
            found.score(row, column, score, number)


def _list(entry: Mapping[str, Any], name: str, found: Gathering, number: int) -> list[Any]:
    value = entry.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise LabelFileError(
            f'{found.name} has {shortened(repr(value), 30)} as "{name}" in line {number:,}, where a list of labels '
            "is needed: put it in brackets."
        )
    return value


class _Entries:
    """The lines of a file that is to be written."""

    def __init__(self, annotations: FileAnnotations, options: WriteOptions) -> None:
        self._annotations = annotations
        self._options = options
        self._row_of = {name: row for row, name in enumerate(annotations.images)}

    def fresh(self) -> bytes:
        return b"".join(line + b"\n" for line in (self._head({}), *map(self._line, self._annotations.images)))

    def over(self, base: str, own: OwnJsonl) -> bytes:
        """The lines of ``base`` with what changed; of several about one image that changed, the first one stays."""
        index = index_for(self._annotations, self._options)
        before = own.read(base, index)
        changes = Changes(before, self._annotations)
        changed = changes.changed | self._otherwise_changed(before)
        content = reading.read_bytes(base)
        lines = content.split(b"\n")
        done: set[str] = set()
        replaced: dict[int, bytes | None] = {}  # by line number; None drops it
        has_head = False
        for position, (number, entry) in enumerate(reading.json_lines(base)):
            if position == 0 and "image" not in entry:
                has_head = True
                if set(before.labels) != set(self._annotations.labels) or entry.get("task") != self._task():
                    replaced[number] = self._head(msgspec.json.decode(lines[number - 1], type=dict[str, msgspec.Raw]))
                continue
            found = written_row(index, entry["image"])
            name = self._annotations.images[found] if found >= 0 else ""
            if name in changed:
                raw = msgspec.json.decode(lines[number - 1].removeprefix(b"\xef\xbb\xbf"), type=dict[str, msgspec.Raw])
                replaced[number] = None if name in done else self._line(name, raw)
                done.add(name)
        if not has_head and self._has_unused_label():
            lines[0] = self._head({}) + b"\n" + lines[0]
        return joined_lines(lines, replaced, [self._line(name) for name in changes.new])

    def _head(self, known: Mapping[str, Any]) -> bytes:
        task = self._task()
        said = {"format": HEAD, "labels": self._annotations.labels, **({} if task is None else {"task": task})}
        return msgspec.json.encode({**known, **said})

    def _line(self, name: str, known: Mapping[str, Any] | None = None) -> bytes:
        """One line; ``known``: what stands there now, whose other keys stay, in their order."""
        row = self._row_of[name]
        statements = self._annotations.statements[row]
        said: dict[str, Any] = {}
        for key, value in _LISTS.items():
            listed = [self._annotations.labels[j] for j in np.flatnonzero(statements == value).tolist()]
            if listed:
                said[key] = listed
        if self._part(row):
            said["split"] = self._part(row)
        if scores := self._scores(row):
            said["scores"] = scores
        if known is None:
            return msgspec.json.encode({"image": name, **said})
        kept = {key: said.get(key, value) for key, value in known.items() if key in said or key not in _LISTS}
        return msgspec.json.encode({**kept, **said})

    def _otherwise_changed(self, before: FileAnnotations) -> set[str]:
        """Images whose part or scores are to be told differently."""
        changed = set()
        for row, name in enumerate(before.images):
            now = self._row_of.get(name)
            if now is None:
                continue
            part = before.parts[row] if before.parts else ""
            if (self._annotations.parts and self._part(now) != part) or self._scores(now):
                changed.add(name)
        return changed

    def _part(self, row: int) -> str:
        return self._annotations.parts[row] if self._annotations.parts else ""

    def _scores(self, row: int) -> dict[str, msgspec.Raw]:
        scores = self._annotations.scores
        if scores is None or not self._options.include_scores:
            return {}
        there = np.flatnonzero(~np.isnan(scores[row])).tolist()
        return {self._annotations.labels[j]: msgspec.Raw(format_float32(scores[row, j]).encode()) for j in there}

    def _task(self) -> str | None:
        return None if self._annotations.task is None else str(self._annotations.task)

    def _has_unused_label(self) -> bool:
        used = np.isin(self._annotations.statements, list(_LISTS.values())).any(axis=0)
        return not bool(np.all(used))


def joined_lines(lines: list[bytes], replaced: Mapping[int, bytes | None], new: list[bytes]) -> bytes:
    """The lines with some replaced and some added, ended as they were."""
    ending = b"\r" if lines[0].endswith(b"\r") else b""
    result = []
    for number, line in enumerate(lines, 1):
        if number not in replaced:
            result.append(line)
            continue
        other = replaced[number]
        if other is not None:
            result.append(other + (b"\r" if line.endswith(b"\r") else b""))
    if new:
        is_ended = result and result[-1].strip() == b""
        result = [*(result[:-1] if is_ended else result), *(line + ending for line in new), b""]
    return b"\n".join(result)


FORMAT: Final = OwnJsonl()
