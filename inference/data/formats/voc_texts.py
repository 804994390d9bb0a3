"""The text files of a Pascal VOC dataset: which label and split each is about."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import Final

from inference.data.files import NotRegularError
from inference.data.formats.reading import read_text
from inference.data.listing import natural_key
from inference.errors import LabelFileError
from inference.types import NEGATIVE, POSITIVE, UNKNOWN

KNOWN_SPLITS: Final = ("train", "val", "trainval", "test")
VOC_VALUES: Final = {"1": POSITIVE, "-1": NEGATIVE, "0": UNKNOWN, "+1": POSITIVE}
VOC_LINE: Final = re.compile(r"\s*(?P<id>\S.*?)\s+(?P<value>[+-]?[01])\s*")


@dataclass(frozen=True)
class TextFile:
    """One file of ``ImageSets/Main``."""

    name: str
    lines: tuple[str, ...]
    label: str | None  # None: the list of a split
    split: str


def text_files(path: str) -> tuple[TextFile, ...]:
    """The text files of ``ImageSets/Main``, each with its label and split. Raises LabelFileError."""
    folder = main_folder(path)
    if folder is None:
        return ()
    names = sorted((name for name in os.listdir(folder) if name.endswith(".txt")), key=natural_key)
    lines: dict[str, tuple[str, ...]] = {}
    for name in names:
        try:
            lines[name] = tuple(read_text(os.path.join(folder, name)).split("\n"))
        except LabelFileError as error:
            if isinstance(error.__cause__, NotRegularError):
                continue  # a folder or pipe that is called so
            raise
    stems = {name: name.removesuffix(".txt") for name in lines}
    splits = {stem for name, stem in stems.items() if _is_split(stem, lines[name])}
    return tuple(_text_file(name, lines[name], stem, splits) for name, stem in stems.items())


def _is_split(stem: str, lines: tuple[str, ...]) -> bool:
    """Whether the lines are ids alone; "photo 1" looks like an id and a value, so a well-known name decides first."""
    if stem in KNOWN_SPLITS:
        return True
    filled = [line for line in lines if line.strip()]
    return bool(filled) and not any(VOC_LINE.fullmatch(line) for line in filled)


def _text_file(name: str, lines: tuple[str, ...], stem: str, splits: set[str]) -> TextFile:
    if stem in splits:
        return TextFile(name, lines, None, stem)
    endings = [split for split in (*splits, *KNOWN_SPLITS) if stem.endswith(f"_{split}") and len(stem) > len(split) + 1]
    split = max(endings, key=len, default="")
    return TextFile(name, lines, stem.removesuffix(f"_{split}") if split else stem, split)


def main_folder(path: str) -> str | None:
    """``ImageSets/Main`` of a dataset, or ``path`` where it is that folder; None where there is none."""
    candidates = [os.path.join(path, "ImageSets", "Main"), os.path.join(path, "Main")]
    if os.path.basename(os.path.normpath(path)) == "Main":
        candidates.append(path)
    return next((folder for folder in candidates if os.path.isdir(folder)), None)
