"""Images found by their names: part of the path, a pattern with ``*`` and ``?``, a folder. Case does not matter.

The names of 100,000 images are read once; a pattern is looked for in one long text instead of in each name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from typing import Final

import numpy as np

from inference.evaluation.query.resolving import folded
from inference.types import BoolArray, IntArray

TOP: Final = "."  # the folder that the others are in
_BETWEEN: Final = "\0"  # stands in no file name
_REMEMBERED: Final = 16  # answers kept: a query is asked again at every move of a threshold


class Names:
    """The names of a dataset's images."""

    def __init__(self, names: Sequence[str]) -> None:
        """Read nothing yet. ``names`` are relative POSIX paths, (n,)."""
        self._names = names
        self._answers: dict[tuple[str, str], BoolArray] = {}

    @cached_property
    def folded(self) -> list[str]:
        """The names without regard to case."""
        return [name.casefold() if name.isascii() else folded(name) for name in self._names]

    @cached_property
    def folders(self) -> tuple[str, ...]:
        """The folders that images are in, each once, as they come; `TOP` for the one that the others are in."""
        return self._folders_and_places[0]

    @cached_property
    def _folders_and_places(self) -> tuple[tuple[str, ...], IntArray]:
        place: dict[str, int] = {}
        places = np.fromiter(
            (place.setdefault(name.rpartition("/")[0], len(place)) for name in self._names), np.int64, len(self._names)
        )
        return tuple(folder or TOP for folder in place), places

    @cached_property
    def _files(self) -> tuple[str, IntArray]:
        """The names without their folders in one text, each between two separators; and where each begins."""
        files = [name.rpartition("/")[2] for name in self.folded]
        return _one_text(files)

    @cached_property
    def _paths(self) -> tuple[str, IntArray]:
        return _one_text(self.folded)

    def named(self, text: str) -> BoolArray:
        """Images with the text in their path; with ``*`` or ``?`` in it, whose file name it is from end to end.

        A pattern with a slash is one of the whole path. bool (n,).
        """
        return self._kept("name", text, self._named)

    def in_folder(self, text: str) -> BoolArray:
        """Images in the folder or below it, bool (n,); `TOP` are those in no folder. ``*`` and ``?`` as in `named`."""
        return self._kept("folder", text, self._in_folder)

    def _kept(self, kind: str, text: str, find: object) -> BoolArray:
        key = kind, text
        if key not in self._answers:
            assert callable(find)
            while len(self._answers) >= _REMEMBERED:
                self._answers.pop(next(iter(self._answers)))
            found: BoolArray = find(folded(text))
            found.flags.writeable = False
            self._answers[key] = found
        return self._answers[key]

    def _named(self, text: str) -> BoolArray:
        if "*" in text or "?" in text:
            return self._like(text)
        return np.fromiter((text in name for name in self.folded), bool, len(self.folded))

    def _like(self, pattern: str) -> BoolArray:
        whole, starts = self._paths if "/" in pattern else self._files
        inside = "[^\0]" if "/" in pattern else "[^\0/]"
        found = re.compile(f"{_BETWEEN}{translated(pattern, inside)}(?={_BETWEEN})").finditer(whole)
        result = np.zeros(len(starts), dtype=bool)
        result[np.searchsorted(starts, np.fromiter((each.start() for each in found), np.int64))] = True
        return result

    def _in_folder(self, text: str) -> BoolArray:
        folders, places = self._folders_and_places
        text = text.strip("/") or TOP
        if text == TOP:
            fits = [folder == TOP for folder in folders]
        else:
            matches = re.compile(translated(text, "[^/]") + "(?:/.*)?", re.DOTALL).fullmatch
            fits = [folder != TOP and matches(folded(folder)) is not None for folder in folders]
        return np.array(fits, dtype=bool)[places]


def contains(text: str, wanted: str) -> bool:
    """Whether a text holds another, or all of it is like a pattern with ``*`` or ``?``. Case does not matter."""
    text, wanted = folded(text), folded(wanted)
    if "*" in wanted or "?" in wanted:
        return re.fullmatch(translated(wanted, "."), text, re.DOTALL) is not None
    return wanted in text


def translated(pattern: str, one: str) -> str:
    """A regular expression for the pattern; ``one`` stands for one character."""
    pieces = re.split(r"(\*+|\?)", pattern)
    each = (f"{one}*" if piece[:1] == "*" else one if piece == "?" else re.escape(piece) for piece in pieces)
    return "".join(each)


def _one_text(names: list[str]) -> tuple[str, IntArray]:
    lengths = np.fromiter((len(name) + 1 for name in names), np.int64, len(names))
    starts = np.zeros(len(names), dtype=np.int64)
    np.cumsum(lengths[:-1], out=starts[1:])
    return _BETWEEN + _BETWEEN.join(names) + _BETWEEN, starts
