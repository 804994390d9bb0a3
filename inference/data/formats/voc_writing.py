"""The text files of a Pascal VOC dataset that is to be written."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import Final

from inference.data.formats.base import FileAnnotations, WriteOptions, nameable, rows_of
from inference.data.formats.basing import index_for
from inference.data.formats.lists import kept_labels, not_held
from inference.data.formats.voc_texts import VOC_LINE, VOC_VALUES, TextFile
from inference.data.formats.writing import Content, Copied, inside
from inference.data.image_index import ImageIndex
from inference.data.sentences import counted, some
from inference.types import NEGATIVE, POSITIVE, UNKNOWN
from inference.types.annotating import UNSAID

_WORDS: Final = {POSITIVE: " 1", NEGATIVE: "-1", UNKNOWN: " 0"}
_LOOKS_VALUED: Final = re.compile(r".*\s[+-]?[01]")
_MAIN: Final = "ImageSets/Main/"
_ELSE: Final = "trainval"
_LONGEST: Final = 200


def new_files(
    annotations: FileAnnotations, options: WriteOptions, base: Sequence[TextFile]
) -> tuple[list[tuple[str, Content]], tuple[str, ...]]:
    """The files by name, and what they cannot hold."""
    annotations, notes = _holdable(annotations)
    index = index_for(annotations, options)
    splits, further = _splits(annotations)
    labels = [label for label in annotations.labels if _fits(label)]
    lost = [label for label in annotations.labels if not _fits(label)]
    if lost:
        further += (f"{counted(len(lost), 'label')} left out, whose names cannot be file names: {some(lost)}.",)
    known = {text.label for text in base if text.label is not None}
    further += kept_labels(sorted(known - set(annotations.labels)), "Pascal VOC")
    files = _Files(annotations, index, splits, base)
    written: list[tuple[str, Content]] = [(_MAIN + name, text.encode()) for name, text in files.texts(labels).items()]
    if options.base is not None:
        copies = _copies(options.base)
        written += copies
        if copies:
            further += ("Objects in the XML files were copied as they are.",)
    return written, notes + further + not_held(annotations, options, "Pascal VOC", parts=True)


class _Files:
    """Lines by image, label and split."""

    def __init__(
        self, annotations: FileAnnotations, index: ImageIndex, splits: Sequence[str], base: Sequence[TextFile]
    ) -> None:
        self._annotations = annotations
        self._index = index
        self._base = base
        self._members: dict[str, list[int]] = {}
        self._told: dict[str, set[int]] = {}  # the images in the base's files of each label
        listed = self._listed()
        for row, split in enumerate(splits):
            for name in self._destinations(row, split, listed):
                self._members.setdefault(name, []).append(row)
        self._ids = [_id(name, row, index) for row, name in enumerate(annotations.images)]

    def texts(self, labels: Sequence[str]) -> dict[str, str]:
        """The content of every file by name."""
        column_of = {label: column for column, label in enumerate(self._annotations.labels)}
        texts: dict[str, str] = {}
        mentioned = {text.label for text in self._base}
        for text in self._base:
            if text.label is None:
                there = {self._index.find(line) for line in text.lines if line.strip()}
                rows = [row for row in self._members.get(text.split, []) if row not in there]
                texts[text.name] = _with_lines("\n".join(text.lines), [self._ids[row] for row in rows])
            elif text.label in column_of and text.label in labels:
                texts[text.name] = self._changed(text, column_of[text.label])
            else:
                texts[text.name] = "\n".join(text.lines)
        for split, rows in self._members.items():
            texts.setdefault(f"{split}.txt", "".join(f"{self._ids[row]}\n" for row in rows))
            for label in labels:
                name = f"{label}_{split}.txt"
                told = self._told.get(label, set())
                is_needed = name not in texts and not told.issuperset(self._said(rows, column_of[label]))
                lines = self._lines(rows, column_of[label]) if is_needed else []
                if lines or label not in mentioned:  # a label that nobody said anything about has one empty file
                    texts.setdefault(name, "".join(f"{line}\n" for line in lines))
                    mentioned.add(label)
        return texts

    def _changed(self, text: TextFile, column: int) -> str:
        """The file of a label with other values where they changed, and with the images that it lacks."""
        kept, there = [], set()
        for line in text.lines:
            match = VOC_LINE.fullmatch(line)
            row = self._index.find(match["id"]) if match else -1
            if match is None or row < 0:
                kept.append(line)
                continue
            there.add(row)
            value = int(self._annotations.statements[row, column])
            if value == VOC_VALUES.get(match["value"]):
                kept.append(line)
            elif value != UNSAID:
                kept.append(f"{match['id']} {_WORDS[value]}" + ("\r" if line.endswith("\r") else ""))
        rows = [row for row in self._members.get(text.split, []) if row not in there]
        return _with_lines("\n".join(kept), self._lines(rows, column))

    def _lines(self, rows: Sequence[int], column: int) -> list[str]:
        statements = self._annotations.statements[:, column].tolist()
        return [f"{self._ids[row]} {_WORDS[statements[row]]}" for row in self._said(rows, column)]

    def _said(self, rows: Sequence[int], column: int) -> list[int]:
        statements = self._annotations.statements[:, column].tolist()
        return [row for row in rows if statements[row] != UNSAID]

    def _listed(self) -> dict[int, set[str]]:
        """The splits of the base that each image is in."""
        listed: dict[int, set[str]] = {}
        for text in self._base:
            for line in text.lines:
                match = VOC_LINE.fullmatch(line) if text.label is not None else None
                key = match["id"] if match else line
                row = self._index.find(key) if key.strip() else -1
                if row >= 0:
                    listed.setdefault(row, set()).add(text.split)
                    if text.label is not None:
                        self._told.setdefault(text.label, set()).add(row)
        return listed

    def _destinations(self, row: int, split: str, listed: dict[int, set[str]]) -> list[str]:
        """The splits to write an image in: those that it is in already, else its part."""
        if row in listed:
            return sorted(listed[row])
        union = split in ("train", "val") and any(text.split == _ELSE for text in self._base)
        return [split, _ELSE] if union else [split]


def _with_lines(text: str, lines: Sequence[str]) -> str:
    if not lines:
        return text
    ending = "\r\n" if "\r\n" in text else "\n"
    start = text if not text or text.endswith("\n") else text + ending
    return start + "".join(line + ending for line in lines)


def _holdable(annotations: FileAnnotations) -> tuple[FileAnnotations, tuple[str, ...]]:
    """Without the images whose names no line can hold."""
    annotations, notes = nameable(annotations)
    bad = [row for row, name in enumerate(annotations.images) if not _one_line(name)]
    if not bad:
        return annotations, notes
    examples = some([annotations.images[row] for row in bad])
    notes += (f"{counted(len(bad), 'image')} left out, whose names do not fit on a line: {examples}.",)
    return rows_of(annotations, sorted(set(range(len(annotations))) - set(bad))), notes


def _one_line(name: str) -> bool:
    return "\n" not in name and "\r" not in name and name == name.strip()


def _splits(annotations: FileAnnotations) -> tuple[list[str], tuple[str, ...]]:
    """The split of each image."""
    if not annotations.parts:
        return [_ELSE] * len(annotations), ()
    odd = {part for part in annotations.parts if part and not _fits(part)}
    notes: tuple[str, ...] = ()
    if odd:
        notes = (f"Images of {some(sorted(odd))} go to {_ELSE}, for those cannot be file names.",)
    splits = [part if part and part not in odd else _ELSE for part in annotations.parts]
    if any(not part for part in annotations.parts):
        notes += (f"Images that belong to no part of the split go to {_ELSE}.",)
    return splits, notes


def _fits(name: str) -> bool:
    """Whether a label or a split can be in a file's name."""
    return inside(name) and "/" not in name and name.isprintable() and len(name.encode()) <= _LONGEST


def _id(name: str, row: int, index: ImageIndex) -> str:
    """The shortest name that leads back to the image and does not look as if a value stood behind it."""
    stem = os.path.splitext(name)[0]
    for key in (os.path.basename(stem), stem, os.path.basename(name)):
        if key and key == key.strip() and not _LOOKS_VALUED.fullmatch(key) and index.find(key) == row:
            return key
    return name


def _copies(base: str) -> list[tuple[str, Content]]:
    """The XML files of the base."""
    folder = os.path.join(base, "Annotations")
    if not os.path.isdir(folder):
        return []
    names = sorted(name for name in os.listdir(folder) if os.path.isfile(os.path.join(folder, name)))
    return [(f"Annotations/{name}", Copied(os.path.join(folder, name))) for name in names if inside(name)]
