"""Text sidecars as TagGUI and others keep them: ``a.txt`` beside ``a.jpg`` holds ``cat, outdoor``.

Only positives are listed, so that the user is asked what the rest means. They are written to a folder of their own,
whole or not at all; over the folder that was read (``base``), files about which nothing changed stay byte for byte, and
the others keep their separator. Text files beside no image are left alone.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

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
from inference.data.formats.basing import index_for
from inference.data.formats.beside import files_beside, folder_in_root, stem_of
from inference.data.formats.gathering import Gathering
from inference.data.formats.lists import list_form, list_notes, not_held, positives
from inference.data.formats.writing import write_folder
from inference.data.sentences import counted, some
from inference.errors import DataError, LabelFileError
from inference.types import POSITIVE

_BREAKS: Final = re.compile(r"[,\r\n]")
_LARGEST: Final = 1 << 20


@dataclass(frozen=True)
class SidecarText:
    """Reads and writes folders of text files, one an image."""

    key: str = "sidecar_text"
    name: str = "Text beside each image"
    detail: str = "a.txt beside a.jpg lists its labels between commas; holds positives only"
    suffixes: tuple[str, ...] = ()
    is_folder: bool = True
    is_written: bool = True

    def recognises(self, path: str, head: bytes) -> float:
        """By text files beside images of the same name in the folder itself."""
        try:
            names = {name for name in os.listdir(path) if not name.startswith(".")}
        except OSError:
            return 0.0
        texts = {stem_of(name) for name in names if name.lower().endswith(".txt")}
        others = {stem_of(name) for name in names if not name.lower().endswith(".txt")}
        return 0.6 if texts & others else 0.1 if texts else 0.0

    def read(self, path: str, index: ImageIndex, options: ReadOptions = NO_READ_OPTIONS) -> FileAnnotations:
        """What the files list. One that cannot be read is left out and said. Raises LabelFileError."""
        found = Gathering(os.path.basename(os.path.abspath(path)), index, what="file")
        broken, alone = [], 0
        for number, (name, row) in enumerate(_sidecars(path, index), 1):
            if row < 0:
                alone += 1
                continue
            try:
                text = _text_of(os.path.join(path, name))
            except LabelFileError as error:
                broken.append(str(error).rstrip("."))
                continue
            image = found.image(index.names[row], number)
            for label in _labels_in(text):
                column = found.label(label, number)
                if image is not None and column is not None:
                    found.say(image, column, POSITIVE, number)
        if not found.images:
            raise LabelFileError(f"{path} holds no text file that is called like an image: choose another folder.")
        if alone:
            found.notes.append(f"{counted(alone, 'text file')} beside no image passed over.")
        if broken:
            found.notes.append(f"{counted(len(broken), 'text file')} left out: {some(broken)}.")
        return found.finish(self.key, options, rest=Rest.ASK)

    def write(self, path: str, annotations: FileAnnotations, options: WriteOptions = NO_WRITE_OPTIONS) -> WriteReport:
        """A new folder with a file for each image, positives only, in the order of the labels. Raises DataError.

        Dropped and noted: the difference between negative, unknown and unsaid wherever one answer about unlisted
        labels does not settle it, labels with a comma or a line break in them, labels without a positive.
        """
        annotations, notes = nameable(annotations)
        form = list_form(annotations, self.name, keep_all=options.base is not None)
        notes += list_notes(form, annotations, self.name) + not_held(annotations, options, self.name)
        bad = [label for label in annotations.labels if _BREAKS.search(label)]
        if bad:
            notes += (f"{counted(len(bad), 'label')} left out, with a comma or line break in it: {some(bad)}.",)
        rows = form.rows.tolist()
        _refuse_shared_stems([annotations.images[row] for row in rows])
        before = _before(annotations, options)
        write_folder(path, ((name, text) for name, text in _files(annotations, rows, before, set(bad), options)))
        return WriteReport((path,), notes)


def _sidecars(path: str, index: ImageIndex) -> Iterator[tuple[str, int]]:
    """Yield each text file and the row of the image that it is about, negative where there is none."""
    place = folder_in_root(path, index)
    rows: dict[str, list[int]] = defaultdict(list)
    for row, name in enumerate(index.names):
        rows[stem_of(name)].append(row)
    for name in files_beside(path, ".txt"):
        stem = place + stem_of(name)
        exact = rows.get(stem, [])
        for row in exact or [index.find(stem)]:
            yield name, row


def _text_of(path: str) -> str:
    if os.path.getsize(path) > _LARGEST:
        raise LabelFileError(f"{os.path.basename(path)} is too large for a list of labels.")
    return reading.read_text(path)


def _labels_in(text: str) -> list[str]:
    return list(dict.fromkeys(label for part in _BREAKS.split(text) if (label := part.strip())))


def _refuse_shared_stems(images: Sequence[str]) -> None:
    owners: dict[str, str] = {}
    for name in images:
        other = owners.setdefault(stem_of(name), name)
        if other != name:
            raise DataError(f"{other} and {name} would share one text file: rename one, or choose another format.")


def _before(annotations: FileAnnotations, options: WriteOptions) -> dict[int, bytes]:
    """The files that there are, by row of the image."""
    if not options.base:
        return {}
    root = options.images_root or options.base
    index = ImageIndex(root, annotations.images) if root else index_for(annotations, options)
    return {
        row: reading.read_bytes(os.path.join(options.base, name))
        for name, row in _sidecars(options.base, index)
        if row >= 0
    }


def _files(
    annotations: FileAnnotations, rows: Sequence[int], before: dict[int, bytes], bad: set[str], options: WriteOptions
) -> Iterator[tuple[str, bytes]]:
    for row in rows:
        name = f"{stem_of(annotations.images[row])}.txt"
        now = [label for label in positives(annotations, row) if label not in bad]
        content = before.get(row)
        if content is None and options.base and not now:
            continue  # it had no file, and needs none
        yield name, _content(content, now, options.separator)


def _content(before: bytes | None, now: list[str], separator: str | None) -> bytes:
    """The file as it was where it says the same; else its labels that stay, in their order, and the new ones."""
    if before is None:
        return (separator or ", ").join(now).encode()
    try:
        text = before.decode("utf-8-sig")
    except UnicodeDecodeError:
        return (separator or ", ").join(now).encode()
    listed = _labels_in(text)
    if set(listed) == set(now):
        return before
    found = re.search(r"[^\S\r\n]*(,|\r?\n)[ \t]*(?=\S)", text)
    kept = [label for label in listed if label in now] + [label for label in now if label not in listed]
    end = re.search(r"\s*\Z", text)
    return ((separator or (found[0] if found else ", ")).join(kept) + (end[0] if end and kept else "")).encode()


FORMAT: Final = SidecarText()
