"""labelme and X-AnyLabeling: a JSON file for each image whose ``flags`` are true or false; shapes count as well.

A flag that is true says positive, false negative, null unknown, and a missing one nothing. Where a file's flags do not
name a label that one of its shapes has, the label is positive. ``__ignore__: true`` passes the image over. Files are
written to a folder of their own, whole or not at all; over the folder that was read (``base``), files about which
nothing changed stay byte for byte, and in the others every key but ``flags`` keeps its value.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

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
from inference.data.formats.basing import Changes
from inference.data.formats.beside import files_beside, folder_in_root, stem_of
from inference.data.formats.gathering import Gathering
from inference.data.formats.json_checks import dictionary, items, text_of
from inference.data.formats.json_style import JsonStyle
from inference.data.formats.lists import not_held
from inference.data.formats.writing import write_folder
from inference.data.sentences import counted, some
from inference.errors import DataError, LabelFileError
from inference.types import NEGATIVE, POSITIVE, UNKNOWN
from inference.types.annotating import UNSAID

NULL: Final = "null"  # ``WriteOptions.unknown_as``
_STYLE: Final = JsonStyle(indent="  ", item_separator=",")
_FLAGS: Final = {POSITIVE: True, NEGATIVE: False, UNKNOWN: None}


@dataclass(frozen=True)
class Labelme:
    """Reads and writes folders of JSON files, one an image."""

    key: str = "labelme"
    name: str = "labelme / X-AnyLabeling JSON"
    detail: str = "a.json beside a.jpg holds flags: true present, false absent"
    suffixes: tuple[str, ...] = ()
    is_folder: bool = True
    is_written: bool = True

    def recognises(self, path: str, head: bytes) -> float:
        """By the first few JSON files of the folder."""
        try:
            names = sorted(name for name in os.listdir(path) if name.lower().endswith(".json"))[:3]
        except OSError:
            return 0.0
        heads = [reading.read_head(os.path.join(path, name)) for name in names]
        return 0.9 if any(b'"imagePath"' in start and b'"flags"' in start for start in heads) else 0.0

    def read(self, path: str, index: ImageIndex, options: ReadOptions = NO_READ_OPTIONS) -> FileAnnotations:
        """What the files say. One that cannot be read is left out and said. Raises LabelFileError."""
        found = Gathering(os.path.basename(os.path.abspath(path)), index, what="file")
        broken: list[str] = []
        alone = shaped = ignored = 0
        is_open = True
        for number, name in enumerate(files_beside(path, ".json"), 1):
            try:
                document = reading.read_json(os.path.join(path, name))
            except LabelFileError as error:
                broken.append(str(error).rstrip("."))
                continue
            if not _is_labelme(document):
                alone += 1
                continue
            flags, shapes = dictionary(document.get("flags")), _shape_labels(document)
            if flags.get("__ignore__") is True:
                ignored += 1
                continue
            row = found.image(_key(path, name, document, index), number)
            if row is None:
                continue
            shaped += bool(shapes - flags.keys())
            is_open = is_open and not any(value is False or value is None for value in flags.values())
            for label, value in _statements(flags, shapes):
                column = found.label(label, number)
                if column is not None:
                    found.say(row, column, value, number)
        if not found.images and not found.refused:
            raise LabelFileError(f"{path} holds no JSON file of labelme about an image: choose another folder.")
        found.notes += _remarks(broken, alone, shaped, ignored)
        return found.finish(self.key, options, rest=Rest.ASK if is_open else Rest.NONE)

    def write(self, path: str, annotations: FileAnnotations, options: WriteOptions = NO_WRITE_OPTIONS) -> WriteReport:
        """A new folder with a file for each image: true for positive, false for negative, no flag for unsaid.

        Unknown gets no flag either, which is noted, unless ``unknown_as`` is "null". Images without any flag get a file
        all the same. Scores and parts are dropped. Raises DataError.
        """
        annotations, notes = nameable(annotations)
        notes += not_held(annotations, options, self.name)
        unknown = int(np.count_nonzero(annotations.statements == UNKNOWN))
        if unknown and options.unknown_as != NULL:
            notes += (f"{counted(unknown, 'statement')} of unknown left out: flags are true or false.",)
        before = _Before.of(annotations, options)
        write_folder(path, list(_files(annotations, before, options)))
        return WriteReport((path,), notes + before.note_on_shapes(annotations, options))


def _is_labelme(document: object) -> bool:
    return isinstance(document, dict) and "imagePath" in document and ("flags" in document or "shapes" in document)


def _shape_labels(document: Mapping[str, Any]) -> set[str]:
    return {
        text for shape in items(document.get("shapes")) if (text := text_of(dictionary(shape).get("label")).strip())
    }


def _statements(flags: Mapping[str, Any], shapes: set[str]) -> Iterator[tuple[str, int]]:
    for label, value in flags.items():
        if not (label.startswith("__") and label.endswith("__")):
            yield label, UNKNOWN if value is None else POSITIVE if value in (True, 1, "true") else NEGATIVE
    for label in sorted(shapes - {label.strip() for label in flags}):
        yield label, POSITIVE


def _key(path: str, name: str, document: Mapping[str, Any], index: ImageIndex) -> str:
    """The image beside the file; where there is none, the one that the file names."""
    stem = folder_in_root(path, index) + stem_of(name)
    if index.find(stem) >= 0:
        return stem
    image = text_of(document.get("imagePath"))
    folder = os.path.dirname(stem)
    return f"{folder}/{image}" if folder and image and not os.path.isabs(image) else image or stem


def _remarks(broken: Sequence[str], alone: int, shaped: int, ignored: int) -> list[str]:
    texts = []
    if broken:
        texts.append(f"{counted(len(broken), 'file')} left out: {some(broken)}.")
    if alone:
        texts.append(f"{counted(alone, 'JSON file')} of another kind passed over.")
    if shaped:
        texts.append(f"{counted(shaped, 'image')} with shapes whose labels no flag names: these count as positive.")
    if ignored:
        texts.append(f"{counted(ignored, 'image')} passed over, marked __ignore__.")
    return texts


@dataclass(frozen=True, eq=False)
class _Before:
    """The files that there are: name, content and document by image; and the images whose statements changed."""

    files: Mapping[str, tuple[str, bytes, dict[str, Any]]]
    changed: frozenset[str]

    @classmethod
    def of(cls, annotations: FileAnnotations, options: WriteOptions) -> _Before:
        """What stands in ``base``."""
        if not options.base:
            return cls({}, frozenset())
        index = ImageIndex(options.images_root or options.base, annotations.images)
        files: dict[str, tuple[str, bytes, dict[str, Any]]] = {}
        for name in files_beside(options.base, ".json"):
            content = reading.read_bytes(os.path.join(options.base, name))
            try:
                document = reading.parse_json(content, name)
            except LabelFileError:
                continue
            if _is_labelme(document):
                found = index.find(_key(options.base, name, document, index).strip())
                if found >= 0:
                    files.setdefault(annotations.images[found], (name, content, document))
        if not files:
            return cls({}, frozenset())
        read = FORMAT.read(options.base, index)
        ignored = files.keys() - set(read.images)
        return cls(files, Changes(read, annotations).changed | ignored)

    def note_on_shapes(self, annotations: FileAnnotations, options: WriteOptions) -> tuple[str, ...]:
        """A note on labels that are positive no more and would be read as positive, for a shape still has them."""
        still = [
            image
            for row, image in enumerate(annotations.images)
            if image in self.changed
            and _shape_labels(self.files[image][2]) - {label.strip() for label in _flags(annotations, row, options)}
        ]
        if not still:
            return ()
        return (f"{counted(len(still), 'image')} with shapes of labels that nobody says are there: {some(still)}.",)


def _files(annotations: FileAnnotations, before: _Before, options: WriteOptions) -> Iterator[tuple[str, bytes]]:
    owners: dict[str, str] = {}
    for row, image in enumerate(annotations.images):
        name, content, document = before.files.get(image, (f"{stem_of(image)}.json", b"", {}))
        other = owners.setdefault(name, image)
        if other != image:
            raise DataError(f"{other} and {image} would share {name}: rename one, or choose another format.")
        flags = _flags(annotations, row, options)
        if not content:
            yield name, _STYLE.dump(_fresh(image, flags), name)
        elif image not in before.changed:
            yield name, content
        else:
            old = dictionary(document.get("flags"))
            if not flags and old.get("__ignore__") is True:
                yield name, content  # nothing was said since it was passed over
                continue
            kept = {key: flags.get(key, value) for key, value in old.items() if key in flags or key.startswith("__")}
            if "__ignore__" in kept:
                kept["__ignore__"] = False
            yield name, JsonStyle.of(content).dump({**document, "flags": {**kept, **flags}}, name)


def _flags(annotations: FileAnnotations, row: int, options: WriteOptions) -> dict[str, bool | None]:
    statements = annotations.statements[row].tolist()
    return {
        label: _FLAGS[value]
        for label, value in zip(annotations.labels, statements, strict=True)
        if value != UNSAID and (value != UNKNOWN or options.unknown_as == NULL)
    }


def _fresh(image: str, flags: Mapping[str, bool | None]) -> dict[str, Any]:
    return {
        "version": "5.0.1",
        "flags": flags,
        "shapes": [],
        "imagePath": image.rsplit("/", 1)[-1],
        "imageData": None,
        "imageHeight": None,
        "imageWidth": None,
    }


FORMAT: Final = Labelme()
