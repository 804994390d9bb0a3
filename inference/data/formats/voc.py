"""Pascal VOC: a text file for each label and split, ``ImageSets/Main/<label>_<split>.txt``, of ids with 1, 0 or -1.

Read: 1 is positive, -1 negative, 0 ("difficult" in the development kit) unknown; an image without a line is unsaid.
``<split>.txt`` lists the images of a split. Where there are no such files the objects of ``Annotations/*.xml`` are
read: positive where named, unknown where all of them are difficult, and the rest is open (ask).

Written, into a new folder: the text files alone, which hold every statement and the split; labels whose names cannot
be file names are left out and said. Images without a part go to ``trainval``. From a ``base`` the lines that did not
change, their order and files of other labels and splits stay byte for byte, and so do its ``Annotations``, copied:
objects in them are not changed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Final

from inference.data.formats.base import (
    NO_READ_OPTIONS,
    NO_WRITE_OPTIONS,
    FileAnnotations,
    ImageIndex,
    ReadOptions,
    Rest,
    WriteOptions,
    WriteReport,
)
from inference.data.formats.doubts import Doubts
from inference.data.formats.gathering import Gathering
from inference.data.formats.reading import read_bytes
from inference.data.formats.voc_texts import VOC_LINE, VOC_VALUES, TextFile, main_folder, text_files
from inference.data.formats.voc_writing import new_files
from inference.data.formats.writing import write_folder
from inference.data.formats.xml_reading import parse_xml, text_under
from inference.data.listing import natural_key
from inference.errors import LabelFileError
from inference.types import POSITIVE, UNKNOWN

_FILE: Final = 1 << 32  # places are numbered by file and line


class VocFormat:
    """Pascal VOC image sets."""

    key = "voc"
    name = "Pascal VOC"
    detail = "A text file for each label and split with 1, -1 or 0 for every image; or XML objects"
    suffixes: tuple[str, ...] = ()
    is_folder = True
    is_written = True

    def recognises(self, path: str, head: bytes) -> float:
        """By its folders."""
        if main_folder(path) is not None:
            return 0.95
        return 0.6 if next(_xml_names(path), None) is not None else 0.0

    def read(self, path: str, index: ImageIndex, options: ReadOptions = NO_READ_OPTIONS) -> FileAnnotations:
        """What the text files say, or else the XML files. Raises LabelFileError."""
        texts = text_files(path)
        names = sorted(_xml_names(path), key=natural_key)
        if any(text.label is not None for text in texts) or (texts and not names):
            return self._read_texts(path, texts, index, options)
        if names:
            return self._read_objects(path, names, index, options)
        raise LabelFileError(
            f"{os.path.basename(path) or path} holds neither ImageSets/Main nor Annotations: "
            "choose the folder of a Pascal VOC dataset."
        )

    def write(self, path: str, annotations: FileAnnotations, options: WriteOptions = NO_WRITE_OPTIONS) -> WriteReport:
        """Write a new folder, whole or not at all. Raises DataError."""
        base = text_files(options.base) if options.base is not None else ()
        files, notes = new_files(annotations, options, base)
        write_folder(path, files)
        return WriteReport((path,), notes)

    def _read_texts(
        self, path: str, texts: tuple[TextFile, ...], index: ImageIndex, options: ReadOptions
    ) -> FileAnnotations:
        found = _Lines(os.path.basename(path), index, [text.name for text in texts])
        doubts = Doubts(found.name)
        for label in sorted({text.label for text in texts if text.label is not None}, key=natural_key):
            found.label(label)
        parts: dict[int, str] = {}
        for position, text in enumerate(texts):
            for number, line in enumerate(text.lines, 1):
                if not line.strip():
                    continue
                if text.label is None:
                    row = found.image(line, position * _FILE + number)
                else:
                    row = _read_line(text, line, number, position * _FILE, found, doubts)
                if row is not None and text.split and (row not in parts or parts[row] == "trainval"):
                    parts[row] = text.split
        one_split = len({text.split for text in texts}) < 2
        return found.finish(self.key, options, parts=None if one_split else parts, warnings=doubts.sentences())

    def _read_objects(self, path: str, names: list[str], index: ImageIndex, options: ReadOptions) -> FileAnnotations:
        found = Gathering(os.path.basename(path), index, what="file")
        doubts = Doubts(found.name)
        for number, name in enumerate(names, 1):
            root = parse_xml(read_bytes(os.path.join(path, "Annotations", name)), name)
            if root.tag != "annotation":
                doubts.add("XML file", "left out, of another kind", name)
                continue
            key = text_under(root, "filename") or os.path.splitext(name)[0]
            if index.find(key) < 0 <= index.find(os.path.splitext(name)[0]):
                key = os.path.splitext(name)[0]  # copied files often keep the name that they had elsewhere
            row = found.image(key, number)
            sure: dict[str, bool] = {}
            for item in root.iterfind("object"):
                label = text_under(item, "name")
                sure[label] = sure.get(label, False) or text_under(item, "difficult") != "1"
            for label, is_sure in sure.items():
                column = found.label(label, number)
                if row is not None and column is not None:
                    found.say(row, column, POSITIVE if is_sure else UNKNOWN, number)
        return found.finish(self.key, options, rest=Rest.ASK, warnings=doubts.sentences())


class _Lines(Gathering):
    """A gathering from several files, whose places are ``cat_train.txt line 5``."""

    def __init__(self, name: str, index: ImageIndex, files: list[str]) -> None:
        super().__init__(name, index)
        self._files = files

    def place(self, number: int) -> str:
        return f"{self._files[number // _FILE]} line {number % _FILE:,}"


def _read_line(text: TextFile, line: str, number: int, base: int, found: Gathering, doubts: Doubts) -> int | None:
    match = VOC_LINE.fullmatch(line)
    if match is None:
        doubts.add("line", "left out, without 1, 0 or -1 at the end", f"{text.name} line {number:,}")
        return None
    row, column = found.image(match["id"], base + number), found.label(text.label, base + number)
    if row is not None and column is not None:
        found.say(row, column, VOC_VALUES.get(match["value"], UNKNOWN), base + number)
    return row


def _xml_names(path: str) -> Iterator[str]:
    try:
        with os.scandir(os.path.join(path, "Annotations")) as entries:
            yield from (entry.name for entry in entries if entry.name.lower().endswith(".xml"))
    except OSError:
        return


FORMAT: Final = VocFormat()
