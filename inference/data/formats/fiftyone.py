"""FiftyOne's classification JSON: ``{"classes": [...], "labels": {"a": [0, "dog", {"label": "cow"}], "b": null}}``.

Keys are file names without the extension, or with it. Read: a target is an index into ``classes``, a name, or an object
with ``label`` and perhaps ``confidence`` (a score); one target instead of a list means one label an image throughout,
and then multi-class. null is an image that nobody annotated. What is not listed is open (ask).

Written: positives as targets. Where the rest means different things, or "unknown" occurs, the further keys
``negatives`` and ``unknown`` (names by image) say so, which other programs pass over; ``unknown_as="unlisted"`` leaves
them out. Over a ``base`` its other keys, order, images, classes, attributes and kind of targets stay; value for value,
and byte for byte where the base was written by Python's ``json`` and nothing changed.
"""

from __future__ import annotations

import os
import re
from typing import Any, Final

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
from inference.data.formats.json_checks import dictionary, index_of, items, kind_of, required_object
from inference.data.formats.json_style import COMPACT, JsonStyle
from inference.data.formats.lists import UNLISTED, explicit_note, list_form, list_notes, named, not_held, positives
from inference.data.formats.reading import is_json_object, parse_json, read_bytes, read_json
from inference.data.formats.writing import write_whole
from inference.errors import LabelFileError
from inference.types import NEGATIVE, POSITIVE, UNKNOWN, Task, format_float32
from inference.types.annotating import UNSAID

_EXPLICIT: Final = {"negatives": NEGATIVE, "unknown": UNKNOWN}
_CLASSES: Final = re.compile(rb'"classes"\s*:\s*(\[|null)')
_LABELS: Final = re.compile(rb'"labels"\s*:\s*(\{|null)')


class FiftyOneFormat:
    """FiftyOne classification and multi-label JSON."""

    key = "fiftyone"
    name = "FiftyOne JSON"
    detail = "Positive labels of each image by its file name, with scores where a model gave them"
    suffixes = (".json",)
    is_folder = False
    is_written = True

    def recognises(self, path: str, head: bytes) -> float:
        """By its two keys."""
        if not is_json_object(head) or not _LABELS.search(head):
            return 0.0
        return 0.95 if _CLASSES.search(head) else 0.4

    def read(self, path: str, index: ImageIndex, options: ReadOptions = NO_READ_OPTIONS) -> FileAnnotations:
        """What each image's targets say. Raises LabelFileError."""
        document = required_object(read_json(path), path, self.name)
        entries = _entries(document, path)
        classes = [name if isinstance(name, str) else None for name in items(document.get("classes"))]
        found = Gathering(os.path.basename(path), index, what="image", labels=[name for name in classes if name])
        doubts = Doubts(found.name)
        singles = 0
        for number, (key, value) in enumerate(entries.items(), 1):
            if value is None:
                doubts.add("image", "left alone, which nobody annotated", key)
                continue
            singles += not isinstance(value, list)
            row = found.image(key, number)
            if row is None:
                continue
            for target in value if isinstance(value, list) else [value]:
                name = _name(target, classes)
                if name is None:
                    doubts.add("target", "left out, which is no class of the file", f"{kind_of(target)} of {key}")
                    continue
                column = found.label(name, number)
                if column is None:
                    continue
                found.say(row, column, POSITIVE, number)
                if isinstance(target, dict) and target.get("confidence") is not None:
                    found.score(row, column, target["confidence"], number)
        explicit = _read_explicit(document, found)
        is_single = singles > 0 and singles == sum(value is not None for value in entries.values())
        return found.finish(
            self.key,
            options,
            rest=Rest.NONE if explicit else Rest.ASK,
            task=Task.MULTICLASS if is_single else None,
            warnings=doubts.sentences(),
        )

    def write(self, path: str, annotations: FileAnnotations, options: WriteOptions = NO_WRITE_OPTIONS) -> WriteReport:
        """Write whole or not at all. Raises DataError; see the module on what is written how."""
        annotations, notes = nameable(annotations)
        form = list_form(annotations, self.name, has_blank=True)
        document, style = _base(options.base)
        has_keys = any(isinstance(document.get(key), dict) for key in _EXPLICIT)
        explicit = has_keys or not (form.is_plain or options.unknown_as == UNLISTED)
        keys = _keys(document, annotations, options)
        _write_targets(document, annotations, options, keys)
        if explicit:
            for name, value in _EXPLICIT.items():
                _write_lists(document, name, annotations, keys, value)
            notes += explicit_note(form, self.name, _EXPLICIT)
        else:
            notes += list_notes(form, annotations, self.name)
        notes += not_held(annotations, options, self.name, scores=True)
        write_whole(path, style.dump(document, os.path.basename(path)))
        return WriteReport((path,), notes)


def _entries(document: dict[str, Any], path: str) -> dict[str, Any]:
    entries = document.get("labels")
    if entries is None and "labels" in document:
        return {}
    if not isinstance(entries, dict):
        name = os.path.basename(path)
        raise LabelFileError(f"{name} has no labels by image in braces: choose a FiftyOne file.")
    return entries


def _name(target: Any, classes: list[str | None]) -> str | None:
    """What a target is called; None where it is nothing known."""
    if isinstance(target, dict):
        target = target.get("label")
    if isinstance(target, str):
        return target if target.strip() else None
    position = None if isinstance(target, bool) else index_of(target)
    return classes[position] if position is not None and position < len(classes) else None


def _read_explicit(document: dict[str, Any], found: Gathering) -> bool:
    """Say what is listed as negative and unknown; whether anything is."""
    any_list = False
    for name, value in _EXPLICIT.items():
        lists = document.get(name)
        if not isinstance(lists, dict):
            continue
        any_list = True
        for number, (key, labels) in enumerate(lists.items(), 1):
            row = found.image(key, number)
            for label in items(labels):
                column = found.label(label, number)
                if row is not None and column is not None:
                    found.say(row, column, value, number)
    return any_list


def _base(path: str | None) -> tuple[dict[str, Any], JsonStyle]:
    if path is None:
        return {"classes": [], "labels": {}}, COMPACT
    content = read_bytes(path)
    document = required_object(parse_json(content, os.path.basename(path)), path, "FiftyOne")
    document["labels"] = _entries(document, path)
    if not isinstance(document.setdefault("classes", []), list):
        document["classes"] = []
    return document, JsonStyle.of(content)


def _keys(document: dict[str, Any], annotations: FileAnnotations, options: WriteOptions) -> list[str]:
    """What each image is called in the document: as it is already, else by its name."""
    index = index_for(annotations, options)
    known: dict[int, str] = {}
    lists = [document["labels"], *(dictionary(document.get(name)) for name in _EXPLICIT)]
    for key in (key for entries in lists for key in entries):
        row = index.find(key) if "\0" not in key else -1
        if row >= 0:
            known.setdefault(row, key)
    keys = []
    taken = {key for entries in lists for key in entries}
    for row, name in enumerate(annotations.images):
        stem = os.path.splitext(name)[0]
        short = stem if stem == stem.strip() and index.find(stem) == row and stem not in taken else name
        keys.append(known.get(row, options.path_prefix + short))
    return keys


def _write_targets(
    document: dict[str, Any], annotations: FileAnnotations, options: WriteOptions, keys: list[str]
) -> None:
    classes = document["classes"]
    position = {name.strip(): place for place, name in reversed(list(enumerate(classes))) if isinstance(name, str)}
    for label in annotations.labels:
        if label not in position:
            position[label] = len(classes)
            classes.append(label)
    entries = document["labels"]
    names = [name if isinstance(name, str) else None for name in classes]
    by_name = any(isinstance(target, str) for value in entries.values() for target in items(value))
    single = all(value is None or not isinstance(value, list) for value in entries.values())
    single = single if entries else annotations.task is Task.MULTICLASS
    for row, key in enumerate(keys):
        old = entries.get(key)
        before = old if isinstance(old, list) else [] if old is None else [old]
        wanted = positives(annotations, row)
        is_said = bool((annotations.statements[row] != UNSAID).any())
        kept = [target for target in before if _stays(_name(target, names), annotations, wanted)]
        there = {(_name(target, names) or "").strip() for target in kept}
        added = [label for label in wanted if label not in there]
        targets = kept + [_target(annotations, options, row, label, position, by_name) for label in added]
        if not targets and not is_said:
            if before or key not in entries:
                entries[key] = None
            continue
        if targets != before or key not in entries or old is None:
            entries[key] = targets[0] if single and len(targets) == 1 else targets


def _stays(name: str | None, annotations: FileAnnotations, wanted: list[str]) -> bool:
    """Whether a target of the base stays: it is positive, or nothing that the annotations speak of."""
    label = (name or "").strip()
    return label in wanted or label not in annotations.labels


def _target(
    annotations: FileAnnotations,
    options: WriteOptions,
    row: int,
    label: str,
    position: dict[str, int],
    by_name: bool,
) -> Any:
    if options.include_scores and annotations.scores is not None:
        score = annotations.scores[row, annotations.labels.index(label)]
        if score == score:
            return {"label": label, "confidence": float(format_float32(score))}
    return label if by_name else position[label]


def _write_lists(
    document: dict[str, Any], name: str, annotations: FileAnnotations, keys: list[str], value: int
) -> None:
    lists = document.get(name)
    if not isinstance(lists, dict):
        lists = document[name] = {}
    known = set(annotations.labels)
    for row, key in enumerate(keys):
        labels = named(annotations, row, value)
        before = items(lists.get(key))
        kept = [label for label in before if label in labels or label not in known]
        after = kept + [label for label in labels if label not in kept]
        if after or key in lists:
            lists[key] = after


FORMAT: Final = FiftyOneFormat()
