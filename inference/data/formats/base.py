"""What every annotation format has in common: the values read and written, their options, and the shape of a format.

``m`` images that a file names, ``q`` labels that it knows. A statement is POSITIVE, NEGATIVE, UNKNOWN (somebody said
"unknown") or UNSAID (nobody said anything).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final, Protocol

import numpy as np

from inference.data.image_index import ImageIndex
from inference.data.reports import MEANS_NEGATIVE, MEANS_UNKNOWN
from inference.data.sentences import counted, some
from inference.types import NEGATIVE, ScoreArray, Task
from inference.types.annotating import UNSAID, StatementArray

__all__ = [
    "MEANS_NEGATIVE",
    "MEANS_UNKNOWN",
    "FileAnnotations",
    "Format",
    "ImageIndex",
    "ReadOptions",
    "Rest",
    "WriteOptions",
    "WriteReport",
    "filled",
    "nameable",
]


class Rest(StrEnum):
    """What a label means that a file does not list for an image."""

    NONE = "none"  # nothing is left open: the statements say all there is
    ASK = "ask"  # the file names positives only: absent or not looked at, ask once


@dataclass(frozen=True, eq=False)
class FileAnnotations:
    """What an annotation file says, or is to say."""

    format: str  # key of the Format it was read from; "" for what comes from a project
    images: tuple[str, ...]  # (m,) each once: relative POSIX names as in the index where found, else as written
    statements: StatementArray  # (m, q)
    labels: tuple[str, ...]  # (q,)
    rest: Rest = Rest.NONE
    task: Task | None = None  # where the format says so
    parts: tuple[str, ...] = ()  # (m,) of a split, "" for none; () where there is no split
    scores: ScoreArray | None = None  # (m, q), NaN where there is none
    missing: tuple[str, ...] = ()  # among ``images``: named by the file, but not there
    refused: tuple[str, ...] = ()  # lead out of the root, with the line; not among ``images``
    warnings: tuple[str, ...] = ()  # sentences
    extras: Mapping[str, Any] = field(default_factory=dict)  # what the format gives back untouched; its own business

    def __post_init__(self) -> None:
        if self.statements.shape != (len(self.images), len(self.labels)):
            raise ValueError("one row of statements an image, one column a label")

    def __len__(self) -> int:
        return len(self.images)


@dataclass(frozen=True)
class ReadOptions:
    """What a user may say about a file; None means: find out, or leave open."""

    unlisted_means: str | None = None  # MEANS_NEGATIVE or MEANS_UNKNOWN; None leaves such cells UNSAID and Rest.ASK
    minus_one_means: str | None = None  # MEANS_NEGATIVE (CelebA) or MEANS_UNKNOWN (CheXpert)
    separator: str | None = None  # between the labels of one cell
    delimiter: str | None = None  # between the columns of a CSV file
    image_column: str | None = None
    label_column: str | None = None
    empty_words: tuple[str, ...] | None = None  # entries that mean "no label"
    class_file: str | None = None  # path of the file that says what the classes are called
    images_root: str | None = None  # what paths in the file start with elsewhere, e.g. "gs://bucket/data"
    labels: tuple[str, ...] = ()  # those of the project, for files that give indices without names


@dataclass(frozen=True)
class WriteOptions:
    """How to write; None means: as the format usually does it."""

    base: str | None = None  # the file or folder that was read: its unknown keys, columns and order are kept
    unknown_as: str | None = None  # for formats with several ways: see each writer
    include_scores: bool = False
    separator: str | None = None  # between the labels of one cell
    class_file: str | None = None  # where to write the names of the classes, for formats that have such a file
    images_root: str | None = None  # the folder that the images are in, for formats that copy or look at them
    path_prefix: str = ""  # put before each name, e.g. "gs://bucket/data/"


@dataclass(frozen=True)
class WriteReport:
    """What came of writing."""

    written: tuple[str, ...]  # paths
    notes: tuple[str, ...] = ()  # what the format cannot hold, in sentences


class Format(Protocol):
    """One annotation format. Each module of this package has one as ``FORMAT``."""

    @property
    def key(self) -> str:
        """Short and for ever: ``coco``."""

    @property
    def name(self) -> str:
        """For people: ``COCO JSON``."""

    @property
    def detail(self) -> str:
        """One line on what it holds."""

    @property
    def suffixes(self) -> tuple[str, ...]:
        """Of its files, lower case with the dot; () where it is a folder."""

    @property
    def is_folder(self) -> bool:
        """Whether ``path`` is a folder in ``read`` and ``write``."""

    @property
    def is_written(self) -> bool:
        """Whether ``write`` works."""

    def recognises(self, path: str, head: bytes) -> float:
        """How sure it is (0 to 1) that ``path`` is of this format; ``head``: its first 64 KiB, b"" for a folder.

        Looks, never raises.
        """

    def read(self, path: str, index: ImageIndex, options: ReadOptions = ...) -> FileAnnotations:
        """What the file says of the images of ``index`` and of others. Raises LabelFileError."""

    def write(self, path: str, annotations: FileAnnotations, options: WriteOptions = ...) -> WriteReport:
        """Write whole or not at all. Raises DataError."""


def filled(annotations: FileAnnotations, unlisted_means: str | None) -> FileAnnotations:
    """With what is unsaid settled, where the file leaves that open and the user has said what it means."""
    if annotations.rest is not Rest.ASK or unlisted_means is None:
        return annotations
    statements = annotations.statements
    if unlisted_means == MEANS_NEGATIVE:
        statements = np.where(statements == UNSAID, np.int8(NEGATIVE), statements).astype(np.int8)
    return replace(annotations, statements=statements, rest=Rest.NONE)


def nameable(annotations: FileAnnotations) -> tuple[FileAnnotations, tuple[str, ...]]:
    """Without the images whose names are no valid text, which no text file can hold; and a note on them."""
    bad = [row for row, name in enumerate(annotations.images) if not _is_text(name)]
    if not bad:
        return annotations, ()
    note = (
        f"{counted(len(bad), 'image')} left out, with names that are no valid text: "
        f"{some([annotations.images[row] for row in bad])}."
    )
    return rows_of(annotations, sorted(set(range(len(annotations))) - set(bad))), (note,)


def rows_of(annotations: FileAnnotations, rows: Sequence[int]) -> FileAnnotations:
    """Some of the images, in the order of ``rows``; the extras stay as they are."""
    taken = np.asarray(rows, dtype=np.int64)
    return replace(
        annotations,
        images=tuple(annotations.images[row] for row in rows),
        statements=annotations.statements[taken],
        parts=tuple(annotations.parts[row] for row in rows) if annotations.parts else (),
        scores=None if annotations.scores is None else annotations.scores[taken],
    )


def _is_text(name: str) -> bool:
    return name.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in name)


NO_READ_OPTIONS: Final = ReadOptions()
NO_WRITE_OPTIONS: Final = WriteOptions()
