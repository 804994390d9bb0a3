"""COCO JSON: ``images``, ``categories`` and ``annotations`` that tie them by id, with boxes or without.

Read: an image has the union of its annotations' categories, whatever boxes there are. What is not listed is open (ask),
unless the images have ``neg_category_ids``, as LVIS has it (Gupta, Dollar and Girshick 2019): verified absent.

Written: positive is an annotation without a box. Where all else is negative, or all else is unannotated, nothing more
is written, and the reader has to be told which. Where both occur, or "unknown", every image gets ``neg_category_ids``
and ``unknown_category_ids``; with ``unknown_as="unlisted"`` it does not, and they are lost. Over a ``base`` its keys,
order, ids, boxes, further categories and further images stay; value for value, and byte for byte where the base was
written by Python's ``json`` and nothing changed. Width and height of new images are not written.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

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
from inference.data.formats.json_checks import dictionary, id_of, items, required_list, required_object, text_of
from inference.data.formats.json_style import COMPACT, JsonStyle
from inference.data.formats.lists import UNLISTED, explicit_note, kept_labels, list_form, list_notes, not_held
from inference.data.formats.reading import is_json_object, parse_json, read_bytes, read_json
from inference.data.formats.writing import write_whole
from inference.data.sentences import counted
from inference.types import NEGATIVE, POSITIVE, UNKNOWN

_NEGATIVES: Final = "neg_category_ids"
_UNKNOWNS: Final = "unknown_category_ids"
_KEYS: Final = re.compile(rb'"(images|annotations|categories)"\s*:\s*\[')
_FIELDS: Final = re.compile(rb'"(file_name|image_id|category_id|supercategory)"\s*:')


class CocoFormat:
    """COCO JSON."""

    key = "coco"
    name = "COCO JSON"
    detail = "Positive labels of each image, with or without boxes, by category id"
    suffixes = (".json",)
    is_folder = False
    is_written = True

    def recognises(self, path: str, head: bytes) -> float:
        """By its keys; a file whose images come last and are many is less sure."""
        if not is_json_object(head):
            return 0.0
        keys = len(set(_KEYS.findall(head)))
        fields = len(set(_FIELDS.findall(head)))
        if keys >= 2 and fields:
            return 0.95
        return 0.6 if keys and fields else 0.0

    def read(self, path: str, index: ImageIndex, options: ReadOptions = NO_READ_OPTIONS) -> FileAnnotations:
        """Union of categories by image. Raises LabelFileError."""
        document = required_object(read_json(path), path, self.name)
        pictures = required_list(document, "images", path, self.name)
        found = Gathering(os.path.basename(path), index, what="image")
        doubts = Doubts(found.name)
        columns = _columns(document, path, found, doubts)
        rows = _rows(pictures, found, doubts)
        _read_annotations(document, found, doubts, rows, columns)
        explicit = _read_explicit(pictures, found, rows, columns)
        rest = Rest.NONE if explicit else Rest.ASK
        return found.finish(self.key, options, rest=rest, warnings=doubts.sentences())

    def write(self, path: str, annotations: FileAnnotations, options: WriteOptions = NO_WRITE_OPTIONS) -> WriteReport:
        """Write whole or not at all. Raises DataError; see the module on what is written how."""
        annotations, notes = nameable(annotations)
        form = list_form(annotations, self.name, keep_all=options.base is not None)
        document, style = _base(options.base)
        has_keys = any(_NEGATIVES in dictionary(entry) for entry in items(document["images"]))
        explicit = has_keys or not (form.is_plain or options.unknown_as == UNLISTED)
        edit = _Edit(document, annotations, options, explicit)
        for row in range(len(annotations)) if explicit else form.rows.tolist():
            edit.image(row)
        if explicit:
            notes += explicit_note(form, self.name, (_NEGATIVES, _UNKNOWNS))
        else:
            notes += list_notes(form, annotations, self.name)
        notes += edit.notes + not_held(annotations, options, self.name)
        write_whole(path, style.dump(document, os.path.basename(path)))
        return WriteReport((path,), notes)


def _columns(document: dict[str, Any], path: str, found: Gathering, doubts: Doubts) -> dict[str, int]:
    """Column by category id."""
    columns: dict[str, int] = {}
    for number, entry in enumerate(required_list(document, "categories", path, "COCO"), 1):
        category = dictionary(entry)
        key, name = id_of(category.get("id")), text_of(category.get("name")).strip()
        if key is None or not name:
            doubts.add("category", "left out, without an id or a name", f"category {number:,}")
        elif key in columns:
            doubts.add("category", "left out, whose id is taken", f"category {number:,} with id {key}")
        elif (column := found.label(name, number)) is not None:
            columns[key] = column
    return columns


def _rows(pictures: list[Any], found: Gathering, doubts: Doubts) -> dict[str, int | None]:
    """Row by image id; None for images that are refused."""
    rows: dict[str, int | None] = {}
    for number, entry in enumerate(pictures, 1):
        picture = dictionary(entry)
        key, name = id_of(picture.get("id")), text_of(picture.get("file_name"))
        if key is None or not name:
            doubts.add("image", "left out, without an id or a file name", f"image {number:,}")
        elif key in rows:
            doubts.add("image", "left out, whose id is taken", f"image {number:,} with id {key}")
        else:
            rows[key] = found.image(name, number)
    return rows


def _read_annotations(
    document: dict[str, Any], found: Gathering, doubts: Doubts, rows: dict[str, int | None], columns: dict[str, int]
) -> None:
    for number, entry in enumerate(items(document.get("annotations")), 1):
        annotation = dictionary(entry)
        image = id_of(annotation.get("image_id")) or ""
        column = columns.get(id_of(annotation.get("category_id")) or "")
        if image not in rows or column is None:
            why = "left out, of an image or a category that is not in the file"
            doubts.add("annotation", why, f"annotation {number:,}")
        elif (row := rows[image]) is not None:
            found.say(row, column, POSITIVE, number)


def _read_explicit(pictures: list[Any], found: Gathering, rows: dict[str, int | None], columns: dict[str, int]) -> bool:
    """Say what the images list as absent and as unknown; whether any does."""
    any_list = False
    for number, entry in enumerate(pictures, 1):
        picture = dictionary(entry)
        row = rows.get(id_of(picture.get("id")) or "")
        for key, value in ((_NEGATIVES, NEGATIVE), (_UNKNOWNS, UNKNOWN)):
            if not isinstance(picture.get(key), list):
                continue
            any_list = True
            for category in picture[key]:
                column = columns.get(id_of(category) or "")
                if row is not None and column is not None:
                    found.say(row, column, value, number)
    return any_list


def _base(path: str | None) -> tuple[dict[str, Any], JsonStyle]:
    if path is None:
        return {"images": [], "annotations": [], "categories": []}, COMPACT
    content = read_bytes(path)
    document = required_object(parse_json(content, os.path.basename(path)), path, "COCO")
    for key in ("images", "categories"):
        required_list(document, key, path, "COCO")
    if not isinstance(document.setdefault("annotations", []), list):
        required_list(document, "annotations", path, "COCO")
    return document, JsonStyle.of(content)


@dataclass(eq=False)
class _Edit:
    """A document being brought to what the annotations say."""

    document: dict[str, Any]
    annotations: FileAnnotations
    options: WriteOptions
    explicit: bool
    notes: tuple[str, ...] = ()
    _ids: list[list[Any]] = field(default_factory=list)  # of the categories of each label, as written
    _columns: dict[str, int] = field(default_factory=dict)
    _images: dict[int, list[dict[str, Any]]] = field(default_factory=dict)  # entries of each row
    _row_of: dict[str, int] = field(default_factory=dict)
    _here: set[tuple[str, int]] = field(default_factory=set)  # (image id, column) with an annotation that stays
    _next_image: int = 1
    _next_annotation: int = 1

    def __post_init__(self) -> None:
        self._take_categories()
        self._take_images()
        self._drop_annotations()
        annotations = self.document["annotations"]
        self._next_annotation = _next_id(annotations)
        self._next_image = _next_id(self.document["images"])

    def image(self, row: int) -> None:
        """Bring one image to its statements, adding it where it is not there."""
        entries = self._images.get(row)
        if entries is None:
            entry = {"id": self._next_image, "file_name": self.options.path_prefix + self.annotations.images[row]}
            self._next_image += 1
            self.document["images"].append(entry)
            entries = [entry]
        statements = self.annotations.statements[row]
        keys = [key for entry in entries if (key := id_of(entry.get("id"))) is not None]
        for column in np.flatnonzero(statements == POSITIVE).tolist():
            if any((key, column) in self._here for key in keys):
                continue
            self._add(entries[0]["id"], self._ids[column][0])
        if self.explicit:
            for key, value in ((_NEGATIVES, NEGATIVE), (_UNKNOWNS, UNKNOWN)):
                self._write_list(entries, key, np.flatnonzero(statements == value).tolist())

    def _add(self, image: Any, category: Any) -> None:
        record = {"id": self._next_annotation, "image_id": image, "category_id": category}
        self.document["annotations"].append(record)
        self._next_annotation += 1

    def _write_list(self, entries: list[dict[str, Any]], key: str, columns: list[int]) -> None:
        """Put the categories of ``columns`` under a key, keeping the order of those that were there."""
        wanted = set(columns)
        listed: set[int] = set()
        for entry in entries:
            kept = []
            for category in items(entry.get(key)):
                column = self._columns.get(id_of(category) or "")
                if column is None or column in wanted:
                    kept.append(category)
                if column is not None:
                    listed.add(column)
            entry[key] = kept
        entries[0][key] += [self._ids[column][0] for column in columns if column not in listed]

    def _take_categories(self) -> None:
        position = {label: column for column, label in enumerate(self.annotations.labels)}
        self._ids = [[] for _ in position]
        categories = self.document["categories"]
        for entry in categories:
            category = dictionary(entry)
            key, column = id_of(category.get("id")), position.get(text_of(category.get("name")).strip())
            if key is not None and column is not None and key not in self._columns:
                self._ids[column].append(category["id"])
                self._columns[key] = column
        kept = [text_of(dictionary(entry).get("name")) for entry in categories]
        self.notes += kept_labels([name for name in kept if name.strip() not in position], "COCO JSON")
        next_id = _next_id(categories)
        for label, column in position.items():
            if not self._ids[column]:
                categories.append({"id": next_id, "name": label})
                self._ids[column].append(next_id)
                self._columns[str(next_id)] = column
                next_id += 1

    def _take_images(self) -> None:
        if self.options.base is None:
            return
        index = index_for(self.annotations, self.options)
        for entry in self.document["images"]:
            picture = dictionary(entry)
            key, name = id_of(picture.get("id")), text_of(picture.get("file_name"))
            if key is None or not name or "\0" in name or key in self._row_of:
                continue
            row = index.find(name)
            if row < 0:
                row = index.find(name.removeprefix(self.options.path_prefix))
            if row >= 0:
                self._row_of[key] = row
                self._images.setdefault(row, []).append(picture)

    def _drop_annotations(self) -> None:
        """Take out those whose label is not positive any more."""
        kept: list[Any] = []
        boxes = 0
        for entry in self.document["annotations"]:
            annotation = dictionary(entry)
            image = id_of(annotation.get("image_id")) or ""
            row, column = self._row_of.get(image), self._columns.get(id_of(annotation.get("category_id")) or "")
            if row is None or column is None:
                kept.append(entry)
            elif self.annotations.statements[row, column] == POSITIVE:
                kept.append(entry)
                self._here.add((image, column))
            else:
                boxes += bool(annotation.get("bbox") or annotation.get("segmentation"))
        self.document["annotations"] = kept
        if boxes:
            word = "whose label is" if boxes == 1 else "whose labels are"
            self.notes += (f"COCO JSON: {counted(boxes, 'annotation')} with a box left out, {word} not positive now.",)


def _next_id(entries: list[Any]) -> int:
    """One more than the largest number among the ids."""
    numbers = [value for entry in entries if isinstance(value := dictionary(entry).get("id"), int)]
    texts = [
        int(value)
        for entry in entries
        if (value := text_of(dictionary(entry).get("id"))).isdecimal() and len(value) < 19
    ]
    return max([*numbers, *texts, 0]) + 1


FORMAT: Final = CocoFormat()
