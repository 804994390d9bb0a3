"""CVAT for images XML 1.1: tags of each image; shapes are no image labels and are left alone.

Read: ``<image name="a.jpg" subset="train"><tag label="cat"/></image>``; the labels that ``meta`` names are known,
whether an image has them or not. What is not tagged is open (ask). A document type is refused, so that no entity
multiplies.

Written: positives as tags, the split as ``subset``; negative, unknown and unsaid are all untagged, and what is lost is
said. Width and height are not written. Over a ``base`` (UTF-8) only the tags that changed are touched: everything else,
attributes and shapes and layout, stays byte for byte; the split of its images is not changed.
"""

from __future__ import annotations

import os
import re
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
    nameable,
    rows_of,
)
from inference.data.formats.basing import index_for
from inference.data.formats.cvat_editing import fresh_document, is_xml_text, written_over
from inference.data.formats.doubts import Doubts
from inference.data.formats.gathering import Gathering
from inference.data.formats.lists import list_form, list_notes, not_held
from inference.data.formats.reading import read_bytes
from inference.data.formats.writing import write_whole
from inference.data.formats.xml_reading import parse_xml
from inference.data.sentences import counted, some
from inference.errors import LabelFileError
from inference.types import POSITIVE

_ROOT: Final = re.compile(rb"<annotations[\s>]")
_INNER: Final = re.compile(rb"<(image|meta|version)[\s>]")


class CvatFormat:
    """CVAT for images XML."""

    key = "cvat"
    name = "CVAT XML"
    detail = "Tags of each image; shapes are left alone"
    suffixes = (".xml",)
    is_folder = False
    is_written = True

    def recognises(self, path: str, head: bytes) -> float:
        """By its root and what comes next."""
        if not _ROOT.search(head):
            return 0.0
        return 0.95 if _INNER.search(head) else 0.3

    def read(self, path: str, index: ImageIndex, options: ReadOptions = NO_READ_OPTIONS) -> FileAnnotations:
        """The tags. Raises LabelFileError, with the line."""
        found = Gathering(os.path.basename(path), index, what="image")
        root = parse_xml(read_bytes(path), found.name)
        if root.tag != "annotations":
            raise LabelFileError(f"{found.name} is no CVAT file, for it has no annotations element: choose another.")
        doubts = Doubts(found.name)
        for name in root.iterfind("meta//label/name"):
            if name.text and name.text.strip():
                found.label(name.text)
        parts: dict[int, str] = {}
        for number, image in enumerate(root.iterfind("image"), 1):
            key = image.get("name", "")
            if not key.strip():
                doubts.add("image", "left out, without a name", f"image {number:,}")
                continue
            row = found.image(key, number)
            if row is None:
                continue
            if part := image.get("subset", ""):
                parts[row] = part
            for child in image:
                if child.tag != "tag":
                    doubts.add(
                        "shape", "not read, for only tags are labels of an image", f"{child.tag} in image {number:,}"
                    )
                    continue
                column = found.label(child.get("label"), number)
                if column is not None:
                    found.say(row, column, POSITIVE, number)
        return found.finish(self.key, options, rest=Rest.ASK, parts=parts, warnings=doubts.sentences())

    def write(self, path: str, annotations: FileAnnotations, options: WriteOptions = NO_WRITE_OPTIONS) -> WriteReport:
        """Write whole or not at all. Raises DataError; see the module on what is written how."""
        annotations, notes = _holdable(annotations)
        form = list_form(annotations, self.name, keep_all=options.base is not None)
        if options.base is None:
            content = fresh_document(annotations, form.rows.tolist(), options)
        else:
            content = written_over(options.base, annotations, index_for(annotations, options), options)
        notes += list_notes(form, annotations, self.name)
        notes += not_held(annotations, options, self.name, parts=options.base is None)
        write_whole(path, content)
        return WriteReport((path,), notes)


def _holdable(annotations: FileAnnotations) -> tuple[FileAnnotations, tuple[str, ...]]:
    """Without images whose names XML cannot hold; labels keep what is left of theirs."""
    annotations, notes = nameable(annotations)
    bad = [row for row, name in enumerate(annotations.images) if not is_xml_text(name)]
    if not bad:
        return annotations, notes
    examples = some([annotations.images[row] for row in bad])
    notes += (f"{counted(len(bad), 'image')} left out, whose names XML cannot hold: {examples}.",)
    return rows_of(annotations, sorted(set(range(len(annotations))) - set(bad))), notes


FORMAT: Final = CvatFormat()
