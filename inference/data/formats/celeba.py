"""CelebA's list of attributes: a line with the count, a line of names, then ``000001.jpg -1  1 -1``.

1 is positive and -1 negative, the opposite of what -1 means in CheXpert; 0 is read as unknown. Written over the file
that was read, lines about which nothing changed stay byte for byte.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from inference.data.formats import reading
from inference.data.formats.base import (
    NO_READ_OPTIONS,
    NO_WRITE_OPTIONS,
    FileAnnotations,
    ImageIndex,
    ReadOptions,
    WriteOptions,
    WriteReport,
    nameable,
)
from inference.data.formats.basing import Changes, aligned, index_for, written_row
from inference.data.formats.gathering import Gathering
from inference.data.formats.writing import write_whole
from inference.data.sentences import counted, shortened, some
from inference.errors import DataError, LabelFileError
from inference.types import NEGATIVE, POSITIVE, UNKNOWN
from inference.types.annotating import UNSAID, StatementArray

_MEANS: Final = {"1": POSITIVE, "-1": NEGATIVE, "0": UNKNOWN}
_TEXTS: Final = {POSITIVE: " 1", NEGATIVE: "-1", UNKNOWN: " 0", UNSAID: " 0"}
ZERO: Final = "0"  # ``WriteOptions.unknown_as``


@dataclass(frozen=True)
class CelebA:
    """Reads and writes ``list_attr_celeba.txt``."""

    key: str = "celeba"
    name: str = "CelebA attributes"
    detail: str = "A text table of 1 (present) and -1 (absent) for each image and label"
    suffixes: tuple[str, ...] = (".txt",)
    is_folder: bool = False
    is_written: bool = True

    def recognises(self, path: str, head: bytes) -> float:
        """By the count, the names, and a line of 1 and -1."""
        lines = head.split(b"\n", 3)
        if len(lines) < 3 or not lines[0].strip().isdigit():
            return 0.0
        values = lines[2].split()[1:]
        fits = bool(values) and len(values) == len(lines[1].split()) and set(values) <= {b"1", b"-1", b"0"}
        return 0.97 if fits else 0.0

    def read(self, path: str, index: ImageIndex, options: ReadOptions = NO_READ_OPTIONS) -> FileAnnotations:
        """What the lines say. Raises LabelFileError, with the line, where one has too few values or an odd one."""
        name = os.path.basename(path)
        lines = reading.read_text(path).splitlines()
        labels = _header(lines, name)
        found = Gathering(name, index, labels=labels)
        rows: list[int] = []
        numbers: list[int] = []
        statements: list[list[int]] = []
        for number, line in enumerate(lines[2:], 3):
            if line.strip():
                key, values = _line(line, number, len(labels), name)
                row = found.image(key, number)
                if row is not None:
                    rows.append(row)
                    numbers.append(number)
                    statements.append(values)
        count = sum(1 for line in lines[2:] if line.strip())
        if count != int(lines[0]):
            found.notes.append(f"{name} announces {int(lines[0]):,} images and has {count:,}: it may have been cut.")
        matrix = np.array(statements, dtype=np.int8).reshape(len(rows), len(labels))
        found.say_block(
            np.array(rows, dtype=np.int64), np.arange(len(labels)), matrix, np.array(numbers, dtype=np.int64)
        )
        return found.finish(self.key, options)

    def write(self, path: str, annotations: FileAnnotations, options: WriteOptions = NO_WRITE_OPTIONS) -> WriteReport:
        """Positive is 1, negative -1. Raises DataError.

        There is no word for unknown and unsaid: images with such a statement are left out and counted, unless
        ``unknown_as`` is "0", which writes both as 0. Spaces in labels become ``_``. Scores and parts are dropped.
        """
        annotations, notes = nameable(annotations)
        labels, renamed = _writable_labels(annotations.labels)
        held = np.isin(annotations.statements, (POSITIVE, NEGATIVE)).all(axis=1) | (options.unknown_as == ZERO)
        left_out = [annotations.images[row] for row in np.flatnonzero(~held).tolist()]
        if left_out:
            notes += (f"{counted(len(left_out), 'image')} left out, with unknown or no labels: {some(left_out)}.",)
        rows = np.flatnonzero(held).tolist()
        if options.base:
            content = _over(annotations, options, labels, rows)
        else:
            lines = [_text(annotations.images[row], annotations.statements[row]) for row in rows]
            content = "".join(line + "\n" for line in (str(len(rows)), " ".join(labels), *lines)).encode()
        write_whole(path, content)
        return WriteReport((path,), notes + renamed)


def _header(lines: Sequence[str], name: str) -> list[str]:
    if len(lines) < 2 or not (lines[0].strip().isascii() and lines[0].strip().isdecimal() and len(lines[0]) < 20):
        raise LabelFileError(f"{name} does not start with a count of images and a line of names: choose another file.")
    labels = lines[1].split()
    if not labels or len(set(labels)) < len(labels):
        raise LabelFileError(f"{name} names no labels in line 2, or one of them twice: correct it.")
    return labels


def _line(line: str, number: int, n_labels: int, name: str) -> tuple[str, list[int]]:
    """What an image is called and the statements about it; the name may have spaces in it."""
    cells = line.rsplit(None, n_labels)
    values = [_MEANS.get(cell, UNSAID) for cell in cells[1:]]
    if len(cells) != n_labels + 1 or UNSAID in values:
        raise LabelFileError(
            f"{name} has no name and {counted(n_labels, 'value')} of 1 and -1 in line {number:,} "
            f"({shortened(line, 40)!r}): correct it."
        )
    return cells[0], values


def _writable_labels(labels: Sequence[str]) -> tuple[list[str], tuple[str, ...]]:
    written = ["_".join(label.split()) for label in labels]
    changed = [label for label, text in zip(labels, written, strict=True) if label != text]
    if len(set(written)) < len(written):
        raise DataError(
            f"Labels that differ in spaces only cannot be written for CelebA ({some(changed)}): rename one."
        )
    note = f"{counted(len(changed), 'label')} written with _ for spaces: {some(changed)}."
    return written, (note,) if changed else ()


def _text(image: str, statements: StatementArray) -> str:
    if image.splitlines() != [image]:
        raise DataError(f"{shortened(image)!r} has a line break in its name, which CelebA cannot hold: rename it.")
    return f"{image} {' '.join(_TEXTS[value] for value in statements.tolist())}"


def _over(annotations: FileAnnotations, options: WriteOptions, labels: list[str], rows: list[int]) -> bytes:
    """The file with other lines where something changed; all of them where the labels did."""
    base = options.base or ""
    text = reading.read_text(base)
    lines = text.splitlines(keepends=True)
    old = _header([line.rstrip("\r\n") for line in lines], os.path.basename(base))
    index = index_for(annotations, options)
    order = [labels.index(label) for label in old if label in labels]
    order += [j for j in range(len(labels)) if j not in order]
    now = [labels[j] for j in order]
    renamed = FileAnnotations("", annotations.images, annotations.statements[:, order], tuple(now))
    before = CelebA().read(base, index)
    changes = Changes(before, renamed)
    ending = "\r\n" if lines[0].endswith("\r\n") else "\n"
    held, listed = set(rows), set()
    body = []
    for number, line in enumerate(lines[2:], 3):
        if not line.strip():
            body.append(line)
            continue
        key, values = _line(line.rstrip("\r\n"), number, len(old), os.path.basename(base))
        row = written_row(index, key)
        if row < 0:
            spread = aligned(FileAnnotations("", (key,), np.array([values], dtype=np.int8), tuple(old)), tuple(now))
            body.append(line if now == old else _text(key, spread[0]) + ending)
        elif row in held:
            listed.add(row)
            same = now == old and annotations.images[row] not in changes.changed
            body.append(line if same else _text(key, renamed.statements[row]) + ending)
    new = [_text(annotations.images[row], renamed.statements[row]) + ending for row in rows if row not in listed]
    if new and body and not body[-1].endswith(("\n", "\r")):
        body[-1] += ending
    count = len(new) + sum(1 for line in body if line.strip())
    first = lines[0] if int(lines[0]) == count else f"{count}{ending}"
    head = [first, lines[1] if now == old else " ".join(now) + ending]
    mark = "\ufeff" if reading.read_bytes(base).startswith(b"\xef\xbb\xbf") else ""
    return (mark + "".join([*head, *body, *new])).encode()


FORMAT: Final = CelebA()
