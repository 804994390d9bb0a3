"""AWS SageMaker Ground Truth manifests: JSON lines with ``source-ref`` and, for each job, a value and its metadata.

Read: single-label jobs (``"l0": 0, "l0-metadata": {"class-name": "cat", "confidence": 0.8, "type":
"groundtruth/image-classification"}``), any number of them a line, and multi-label jobs (``"l": [0, 2], "l-metadata":
{"class-map": {"0": "cat", "2": "dog"}, "confidence-map": {...}, "type":
"groundtruth/image-classification-multilabel"}``). What is not listed is open (ask). ``s3://bucket/`` stands for the
dataset's folder (or say what does by ``images_root``); a path that leaves it is refused.

Written: positives as one multi-label job ``labels``. Where the rest means different things, or "unknown" occurs, the
further keys ``negatives`` and ``unknown`` (lists of names) say so; ``unknown_as="unlisted"`` leaves them out. Names are
given their bucket by ``path_prefix``. Over a ``base`` lines that did not change stay byte for byte, and all other keys;
a label that is positive no more is taken out of the job that had it.
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
from inference.data.formats.json_checks import dictionary, id_of, items, text_of
from inference.data.formats.json_line_files import bucket_name, written_over
from inference.data.formats.lists import (
    UNLISTED,
    explicit_note,
    list_form,
    list_notes,
    named,
    not_held,
    positives,
    unnamed_labels,
)
from inference.data.formats.reading import is_json_object, json_lines
from inference.data.formats.writing import write_whole
from inference.types import NEGATIVE, POSITIVE, UNKNOWN

_SOURCE: Final = "source-ref"
_META: Final = "-metadata"
_JOB: Final = "labels"
_MULTI: Final = "groundtruth/image-classification-multilabel"
_EXPLICIT: Final = {"negatives": NEGATIVE, "unknown": UNKNOWN}
_CLASSIFIES: Final = re.compile(rb'"source-ref"\s*:')


class GroundTruthFormat:
    """AWS Ground Truth manifests."""

    key = "ground_truth"
    name = "AWS Ground Truth manifest"
    detail = "Positive labels of each image in a bucket, with confidences"
    suffixes = (".manifest", ".jsonl")
    is_folder = False
    is_written = True

    def recognises(self, path: str, head: bytes) -> float:
        """By the key of its images."""
        return 0.95 if is_json_object(head) and _CLASSIFIES.search(head.split(b"\n", 1)[0]) else 0.0

    def read(self, path: str, index: ImageIndex, options: ReadOptions = NO_READ_OPTIONS) -> FileAnnotations:
        """What the jobs of each line say. Raises LabelFileError, with the line."""
        found = Gathering(os.path.basename(path), index)
        doubts = Doubts(found.name)
        explicit = False
        for number, entry in json_lines(path):
            source = text_of(entry.get(_SOURCE))
            if not source:
                doubts.add("line", "left out, without a source-ref", f"line {number:,}")
                continue
            jobs = _jobs(entry)
            lists = {key: items(entry[key]) for key in _EXPLICIT if isinstance(entry.get(key), list)}
            explicit = explicit or bool(lists)
            if not jobs and not lists:
                doubts.add("image", "left alone, which nobody annotated", f"line {number:,}")
                continue
            row = found.image(bucket_name(source, options.images_root), number)
            if row is None:
                continue
            for job in jobs:
                for name, confidence in _classes(entry, job):
                    column = found.label(name, number)
                    if column is not None:
                        found.say(row, column, POSITIVE, number)
                        if confidence is not None:
                            found.score(row, column, confidence, number)
            for key, names in lists.items():
                for name in names:
                    column = found.label(name, number)
                    if column is not None:
                        found.say(row, column, _EXPLICIT[key], number)
        rest = Rest.NONE if explicit else Rest.ASK
        return found.finish(self.key, options, rest=rest, warnings=doubts.sentences())

    def write(self, path: str, annotations: FileAnnotations, options: WriteOptions = NO_WRITE_OPTIONS) -> WriteReport:
        """Write whole or not at all. Raises DataError; see the module on what is written how."""
        annotations, notes = nameable(annotations)
        form = list_form(annotations, self.name)
        has_keys = options.base is not None and any(
            isinstance(entry.get(key), list) for _, entry in json_lines(options.base) for key in _EXPLICIT
        )
        needs_keys = not form.is_plain or bool(form.unnamed)
        explicit = has_keys or (needs_keys and options.unknown_as != UNLISTED)
        listed = set(range(len(annotations)) if explicit else form.rows.tolist())
        index = index_for(annotations, options)

        def image_of(entry: dict[str, Any]) -> int | None:
            name = bucket_name(text_of(entry.get(_SOURCE)), options.path_prefix or None)
            row = index.find(name) if name and "\0" not in name else -1
            return row if row >= 0 else None

        def changed(entry: dict[str, Any], row: int) -> dict[str, Any] | None:
            new = _with_labels(entry, annotations, row, explicit)
            return new if new != entry else None

        def fresh(row: int) -> dict[str, Any] | None:
            if row not in listed:
                return None
            entry = {_SOURCE: options.path_prefix + annotations.images[row], _JOB: []}
            return _with_labels({**entry, _JOB + _META: _new_metadata()}, annotations, row, explicit)

        content = written_over(options.base, image_of, changed, len(annotations), fresh)
        if explicit:
            notes += explicit_note(form, self.name, _EXPLICIT)
        else:
            notes += list_notes(form, annotations, self.name)
            notes += unnamed_labels(form, self.name)
        notes += not_held(annotations, options, self.name)
        write_whole(path, content)
        return WriteReport((path,), notes)


def _jobs(entry: dict[str, Any]) -> list[str]:
    """The keys of the line's jobs that classify images."""
    keys = [key.removesuffix(_META) for key in entry if key.endswith(_META)]
    return [key for key in keys if key in entry and _is_classification(dictionary(entry[key + _META]))]


def _is_classification(metadata: dict[str, Any]) -> bool:
    return "image-classification" in text_of(metadata.get("type")) or "class-name" in metadata


def _classes(entry: dict[str, Any], job: str) -> list[tuple[Any, Any]]:
    """Names and confidences (None where there is none) of what a job gives an image."""
    metadata, value = dictionary(entry[job + _META]), entry[job]
    if "class-name" in metadata:
        return [(metadata["class-name"], metadata.get("confidence"))]
    names, confidences = dictionary(metadata.get("class-map")), dictionary(metadata.get("confidence-map"))
    keys = [id_of(key) or "" for key in items(value)] if isinstance(value, list) else list(names)
    return [(names.get(key), confidences.get(key)) for key in keys]


def _new_metadata() -> dict[str, Any]:
    return {"class-map": {}, "human-annotated": "yes", "type": _MULTI}


def _with_labels(entry: dict[str, Any], annotations: FileAnnotations, row: int, explicit: bool) -> dict[str, Any]:
    """A line with the labels that the annotations give an image; other keys and labels stay."""
    wanted, known = set(positives(annotations, row)), set(annotations.labels)
    new = dict(entry)
    there: set[str] = set()
    room = ""
    for job in _jobs(entry):
        metadata = dictionary(entry[job + _META])
        names = [text_of(name).strip() for name, _ in _classes(entry, job)]
        there.update(names)
        if "class-name" in metadata:
            if names[0] in known - wanted:
                del new[job], new[job + _META]
        elif isinstance(entry[job], list):
            room = room or job
            if set(names) & (known - wanted):
                _take_out(new, job, known - wanted)
    missing = [label for label in positives(annotations, row) if label not in there]
    if missing:
        if not room:
            room = _free_key(new)
            new[room], new[room + _META] = [], _new_metadata()
        _put_in(new, room, missing, annotations)
    for key, value in _EXPLICIT.items() if explicit else ():
        labels = named(annotations, row, value)
        kept = [name for name in items(entry.get(key)) if name in labels or name not in known]
        new[key] = kept + [label for label in labels if label not in kept]
    return new


def _take_out(line: dict[str, Any], job: str, labels: set[str]) -> None:
    metadata = dict(line[job + _META])
    gone = {key for key, name in dictionary(metadata.get("class-map")).items() if text_of(name).strip() in labels}
    line[job] = [key for key in line[job] if id_of(key) not in gone]
    for part in ("class-map", "confidence-map"):
        if isinstance(metadata.get(part), dict):
            metadata[part] = {key: value for key, value in metadata[part].items() if key not in gone}
    line[job + _META] = metadata


def _put_in(line: dict[str, Any], job: str, labels: list[str], annotations: FileAnnotations) -> None:
    metadata = dict(line[job + _META])
    names = dict(dictionary(metadata.get("class-map")))
    keys = {text_of(name).strip(): key for key, name in names.items()}
    added = []
    for label in labels:
        key = keys.get(label) or str(annotations.labels.index(label))
        while key in names and text_of(names[key]).strip() != label:
            key = str(int(key) + len(annotations.labels)) if key.isdecimal() else "0"
        names[key] = label
        added.append(int(key) if key.isdecimal() else key)
    metadata["class-map"] = names
    line[job], line[job + _META] = [*line[job], *added], metadata


def _free_key(line: dict[str, Any]) -> str:
    number, key = 1, _JOB
    while key in line or key + _META in line:
        number += 1
        key = f"{_JOB}-{number}"
    return key


FORMAT: Final = GroundTruthFormat()
