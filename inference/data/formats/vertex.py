"""Vertex AI JSON lines: import files of image classification, and results of batch prediction (read only).

``{"imageGcsUri": "gs://bucket/a.jpg", "classificationAnnotations": [{"displayName": "cat"}],
"dataItemResourceLabels": {"aiplatform.googleapis.com/ml_use": "test"}}``; single-label files have one
``classificationAnnotation``. In results, ``{"instance": {"content": ...},
"prediction": {"displayNames": ..., "confidences": ...}}``, confidences are read as scores, nothing as an annotation.

Read: what is not listed is open (ask). ``gs://bucket/`` stands for the dataset's folder (or say what does by
``images_root``); a path that leaves it is refused. ``ml_use`` is the split. Written: positives and split; negative,
unknown and unsaid are all unlisted, and what is lost is said; names are given their bucket by ``path_prefix``. Over a
``base`` lines that did not change stay byte for byte, and unknown keys in the others.
"""

from __future__ import annotations

import os
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
from inference.data.formats.json_checks import dictionary, items, text_of
from inference.data.formats.json_line_files import bucket_name, written_over
from inference.data.formats.lists import list_form, list_notes, not_held, positives, unnamed_labels
from inference.data.formats.reading import is_json_object, json_lines
from inference.data.formats.writing import write_whole
from inference.types import POSITIVE, Task

_LIST: Final = "classificationAnnotations"
_SINGLE: Final = "classificationAnnotation"
_USE: Final = "aiplatform.googleapis.com/ml_use"
_RESOURCE: Final = "dataItemResourceLabels"


class VertexFormat:
    """Vertex AI JSON lines."""

    key = "vertex"
    name = "Vertex AI JSON lines"
    detail = "Positive labels of each image in a bucket, and its part of the split"
    suffixes = (".jsonl",)
    is_folder = False
    is_written = True

    def recognises(self, path: str, head: bytes) -> float:
        """By the keys of the first line."""
        first = head.split(b"\n", 1)[0]
        if not is_json_object(head):
            return 0.0
        if b'"imageGcsUri"' in first:
            return 0.95
        return 0.9 if b'"instance"' in first and b'"prediction"' in first and b'"displayNames"' in first else 0.0

    def read(self, path: str, index: ImageIndex, options: ReadOptions = NO_READ_OPTIONS) -> FileAnnotations:
        """Positives and split, or scores. Raises LabelFileError, with the line."""
        found = Gathering(os.path.basename(path), index)
        doubts = Doubts(found.name)
        parts: dict[int, str] = {}
        n_single = 0
        is_open = False
        for number, entry in json_lines(path):
            uri = text_of(entry.get("imageGcsUri")) or text_of(dictionary(entry.get("instance")).get("content"))
            if not uri:
                doubts.add("line", "left out, without an image", f"line {number:,}")
                continue
            is_labelled = _LIST in entry or _SINGLE in entry
            if not is_labelled and "prediction" not in entry:
                doubts.add("image", "left alone, which nobody annotated", f"line {number:,}")
                continue
            row = found.image(bucket_name(uri, options.images_root), number)
            n_single += _SINGLE in entry
            is_open = is_open or is_labelled
            if row is None:
                continue
            for name in _listed(entry):
                column = found.label(name, number)
                if column is not None:
                    found.say(row, column, POSITIVE, number)
            _read_scores(entry, row, number, found)
            if part := text_of(dictionary(entry.get(_RESOURCE)).get(_USE)):
                parts[row] = part
        task = Task.MULTICLASS if n_single and n_single == len(found.images) else None
        rest = Rest.ASK if is_open else Rest.NONE
        return found.finish(self.key, options, rest=rest, task=task, parts=parts, warnings=doubts.sentences())

    def write(self, path: str, annotations: FileAnnotations, options: WriteOptions = NO_WRITE_OPTIONS) -> WriteReport:
        """Write whole or not at all. Raises DataError; see the module on what is written how."""
        annotations, notes = nameable(annotations)
        form = list_form(annotations, self.name)
        listed = set(form.rows.tolist())
        index = index_for(annotations, options)

        def image_of(entry: dict[str, Any]) -> int | None:
            name = bucket_name(text_of(entry.get("imageGcsUri")), options.path_prefix or None)
            row = index.find(name) if name and "\0" not in name else -1
            return row if row >= 0 else None

        def changed(entry: dict[str, Any], row: int) -> dict[str, Any] | None:
            new = _with_labels(entry, annotations, row)
            return new if new != entry else None

        def fresh(row: int) -> dict[str, Any] | None:
            if row not in listed:
                return None
            uri = options.path_prefix + annotations.images[row]
            return _with_labels({"imageGcsUri": uri, _LIST: []}, annotations, row)

        content = written_over(options.base, image_of, changed, len(annotations), fresh)
        notes += list_notes(form, annotations, self.name)
        notes += unnamed_labels(form, self.name)
        notes += not_held(annotations, options, self.name, parts=True)
        write_whole(path, content)
        return WriteReport((path,), notes)


def _listed(entry: dict[str, Any]) -> list[Any]:
    """The names of an image's labels, as written."""
    one = dictionary(entry.get(_SINGLE))
    annotations = [*items(entry.get(_LIST)), *([one] if one else [])]
    return [dictionary(annotation).get("displayName") for annotation in annotations]


def _read_scores(entry: dict[str, Any], row: int, number: int, found: Gathering) -> None:
    prediction = dictionary(entry.get("prediction"))
    names, confidences = items(prediction.get("displayNames")), items(prediction.get("confidences"))
    for name, confidence in zip(names, confidences, strict=False):
        column = found.label(name, number)
        if column is not None:
            found.score(row, column, confidence, number)


def _with_labels(entry: dict[str, Any], annotations: FileAnnotations, row: int) -> dict[str, Any]:
    """A line with the labels and the part that the annotations give an image; other keys and labels stay."""
    wanted, known = positives(annotations, row), set(annotations.labels)
    names = [text_of(name).strip() for name in _listed(entry)]
    kept = {name for name in names if name in wanted or name not in known}
    added = [label for label in wanted if label not in kept]
    new = dict(entry)
    if added or any(name not in kept for name in names):
        old = [*items(entry.get(_LIST)), *([entry[_SINGLE]] if isinstance(entry.get(_SINGLE), dict) else [])]
        stay = [item for item, name in zip(old, names, strict=False) if name in kept]
        after = stay + [{"displayName": label} for label in added]
        if _SINGLE in new and _LIST not in new and len(after) == 1:
            new[_SINGLE] = after[0]
        else:
            new = {_LIST if key == _SINGLE else key: value for key, value in new.items()}
            new[_LIST] = after
    if annotations.parts and annotations.parts[row]:
        resource = dictionary(new.get(_RESOURCE))
        if resource.get(_USE) != annotations.parts[row]:
            new[_RESOURCE] = {**resource, _USE: annotations.parts[row]}
    return new


FORMAT: Final = VertexFormat()
