"""Label Studio's JSON: a list of tasks, each with an image and the choices that people made.

Read: the choices of every annotation that was not cancelled; choices of regions are not image labels. A label that one
annotator chose and another did not is unknown, and said. What nobody chose is open (ask). A task without an annotation
is nobody's word. A prediction of a single choice is a score of it. Paths of uploads (``/data/upload/1/1a2b3c4d-a.jpg``)
and local files (``/data/local-files/?d=a.jpg``) mean the image behind them.

Written: one annotation a task with the positives. Where the rest means different things, "unknown" occurs or a label
has no image, the task's ``meta`` lists ``negatives`` and ``unknown``; ``unknown_as="unlisted"`` leaves them out. Scores
are one prediction a label. Over a ``base`` its keys, order, further tasks, results and cancelled annotations stay;
value for value, and byte for byte where the base was written by Python's ``json`` and nothing changed.
"""

from __future__ import annotations

import os
import re
from typing import Any, Final
from urllib.parse import unquote

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
from inference.data.formats.basing import index_for
from inference.data.formats.doubts import Doubts
from inference.data.formats.gathering import Gathering
from inference.data.formats.json_checks import dictionary, items, text_of
from inference.data.formats.json_style import COMPACT, JsonStyle
from inference.data.formats.label_studio_results import (
    EXPLICIT,
    changed_task,
    chosen,
    new_task,
    voices,
)
from inference.data.formats.lists import (
    UNLISTED,
    explicit_note,
    list_form,
    list_notes,
    not_held,
    unnamed_labels,
)
from inference.data.formats.reading import parse_json, read_bytes, read_json
from inference.data.formats.writing import write_whole
from inference.errors import LabelFileError
from inference.types import POSITIVE, UNKNOWN

_UPLOAD: Final = re.compile(r"/?data/upload/(\d+/)?")
_LOCAL: Final = re.compile(r"/?data/local-files/\?d=")
_HASHED: Final = re.compile(r"[0-9a-f]{8}-(?=.)")


class LabelStudioFormat:
    """Label Studio JSON."""

    key = "label_studio"
    name = "Label Studio JSON"
    detail = "The choices that people made of each image, task by task"
    suffixes = (".json",)
    is_folder = False
    is_written = True

    def recognises(self, path: str, head: bytes) -> float:
        """By the keys of its tasks."""
        start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
        if start[:1] != b"[" or b'"data"' not in head:
            return 0.0
        return 0.95 if b'"annotations"' in head or b'"predictions"' in head else 0.3

    def read(self, path: str, index: ImageIndex, options: ReadOptions = NO_READ_OPTIONS) -> FileAnnotations:
        """What the tasks' annotations say. Raises LabelFileError."""
        found = Gathering(os.path.basename(path), index, what="task")
        doubts = Doubts(found.name)
        explicit = False
        for number, entry in enumerate(_tasks(read_json(path), path), 1):
            task = dictionary(entry)
            key = image_key(task)
            if not key:
                doubts.add("task", "left out, without an image", f"task {number:,}")
                continue
            told = voices(task)
            meta = dictionary(task.get("meta"))
            lists = {name: items(meta[name]) for name in EXPLICIT if isinstance(meta.get(name), list)}
            explicit = explicit or bool(lists)
            if not told and not lists:
                doubts.add("image", "left alone, which nobody annotated", f"task {number:,}")
                continue
            row = found.image(local_name(key, index, options.images_root), number)
            if row is not None:
                _read_task(task, told, lists, row, number, found, doubts)
        rest = Rest.NONE if explicit else Rest.ASK
        return found.finish(self.key, options, rest=rest, warnings=doubts.sentences())

    def write(self, path: str, annotations: FileAnnotations, options: WriteOptions = NO_WRITE_OPTIONS) -> WriteReport:
        """Write whole or not at all. Raises DataError; see the module on what is written how."""
        annotations, notes = nameable(annotations)
        form = list_form(annotations, self.name, has_blank=True)
        tasks, style = _base(options.base)
        has_keys = any(name in dictionary(dictionary(task).get("meta")) for task in tasks for name in EXPLICIT)
        needs_keys = not form.is_plain or bool(form.unnamed)
        explicit = has_keys or (needs_keys and options.unknown_as != UNLISTED)
        index = index_for(annotations, options)
        there: set[int] = set()
        for position, entry in enumerate(tasks):
            key = image_key(dictionary(entry))
            name = local_name(key, index, options.path_prefix or None)
            row = index.find(name) if name and "\0" not in name else -1
            if row >= 0:
                there.add(row)
                tasks[position] = changed_task(entry, annotations, row, options, explicit)
        tasks += [new_task(annotations, row, options, explicit) for row in range(len(annotations)) if row not in there]
        if explicit:
            notes += explicit_note(form, self.name, EXPLICIT)
        else:
            notes += list_notes(form, annotations, self.name)
            notes += unnamed_labels(form, self.name)
        notes += not_held(annotations, options, self.name, scores=True)
        write_whole(path, style.dump(tasks, os.path.basename(path)))
        return WriteReport((path,), notes)


def image_key(task: dict[str, Any]) -> str:
    """What a task calls its image: its ``image``, else the first text of its data; "" where there is none."""
    data = dictionary(task.get("data"))
    if text_of(data.get("image")):
        return text_of(data["image"])
    return next((value for value in data.values() if isinstance(value, str) and value), "")


def local_name(key: str, index: ImageIndex, root: str | None) -> str:
    """What to look an image up by: without ``root``, and without what Label Studio puts in front of uploads."""
    if local := _LOCAL.match(key):
        return unquote(key[local.end() :])
    upload = _UPLOAD.match(key)
    if not upload:
        return key[len(root) :].lstrip("/") if root and key.startswith(root) else key
    name = unquote(key[upload.end() :])
    plain = _HASHED.sub("", name, count=1)
    return plain if "\0" not in name and index.find(name) < 0 <= index.find(plain) else name


def _read_task(
    task: dict[str, Any],
    told: list[list[Any]],
    lists: dict[str, list[Any]],
    row: int,
    number: int,
    found: Gathering,
    doubts: Doubts,
) -> None:
    columns = [{found.label(name, number) for name in names} - {None} for names in told]
    for column in sorted(column for voice in columns for column in voice if column is not None):
        agreed = all(column in voice for voice in columns)
        if not agreed:
            doubts.add(
                "choice", "counts as unknown, for annotators disagree", f"{found.labels[column]} in task {number}"
            )
        found.say(row, column, POSITIVE if agreed else UNKNOWN, number)
    for key, names in lists.items():
        for name in names:
            listed = found.label(name, number)
            if listed is not None:
                found.say(row, listed, EXPLICIT[key], number)
    for entry in items(task.get("predictions")):
        prediction = dictionary(entry)
        names = chosen(prediction)
        scored = found.label(names[0], number) if len(names) == 1 and "score" in prediction else None
        if scored is not None and prediction["score"] is not None:
            found.score(row, scored, prediction["score"], number)


def _tasks(document: Any, path: str) -> list[Any]:
    if isinstance(document, list):
        return document
    raise LabelFileError(f"{os.path.basename(path)} is no list of tasks: choose a Label Studio file.")


def _base(path: str | None) -> tuple[list[Any], JsonStyle]:
    if path is None:
        return [], COMPACT
    content = read_bytes(path)
    return _tasks(parse_json(content, os.path.basename(path)), path), JsonStyle.of(content)


FORMAT: Final = LabelStudioFormat()
