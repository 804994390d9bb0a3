"""Images found by their names: part of the path, a pattern with ``*`` and ``?``, a folder. Case does not matter."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Final

import numpy as np

from inference.evaluation.query.resolving import folded
from inference.types import BoolArray, IntArray

TOP: Final = "."  # the folder that the others are in
_REMEMBERED: Final = 16  # answers kept: a query is asked again at every move of a threshold


class Names:
    """The names of a dataset's images."""

    def __init__(self, names: Sequence[str]) -> None:
        """Read nothing yet. ``names`` are relative POSIX paths, (n,)."""
        self._names = names
        self._answers: dict[tuple[str, str], BoolArray] = {}

    def prepare(self) -> None:
        """Read the names: some tenths of a second for 100,000."""
        _ = self._files, self._folders_and_places

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
    def _files(self) -> list[str]:
        """The names without their folders."""
        return [name.rpartition("/")[2] for name in self.folded]

    def named(self, text: str) -> BoolArray:
        """Images with the text in their path; with ``*`` or ``?`` in it, whose file name it is from end to end.

        A pattern with a slash is one of the whole path. bool (n,).
        """
        return self._kept("name", text, self._named)

    def in_folder(self, text: str) -> BoolArray:
        """Images in the folder or below it, bool (n,); `TOP` are those in no folder. ``*`` and ``?`` as in `named`."""
        return self._kept("folder", text, self._in_folder)

    def _kept(self, kind: str, text: str, find: Callable[[str], BoolArray]) -> BoolArray:
        key = kind, text
        if key not in self._answers:
            while len(self._answers) >= _REMEMBERED:
                self._answers.pop(next(iter(self._answers)))
            found = find(folded(text))
            found.flags.writeable = False
            self._answers[key] = found
        return self._answers[key]

    def _named(self, text: str) -> BoolArray:
        names = self._files if is_pattern(text) and "/" not in text else self.folded
        return np.array(_fits(text, names), dtype=bool)

    def _in_folder(self, text: str) -> BoolArray:
        folders, places = self._folders_and_places
        text = text.strip("/") or TOP
        if text == TOP:
            fits = [folder == TOP for folder in folders]
        else:
            matches = re.compile(translated(text, "[^/]") + "(?:/.*)?", re.DOTALL).fullmatch
            fits = [folder != TOP and matches(folded(folder)) is not None for folder in folders]
        return np.array(fits, dtype=bool)[places]


def is_pattern(text: str) -> bool:
    """Whether the text has a sign in it that stands for other characters."""
    return "*" in text or "?" in text


def contains(text: str, wanted: str) -> bool:
    """Whether a text holds another, or all of it is like a pattern with ``*`` or ``?``. Case does not matter."""
    return _fits(folded(wanted), [folded(text)])[0]


def _fits(wanted: str, texts: list[str]) -> list[bool]:
    """Which texts hold what is wanted or, where it is a pattern, are like it. The commonest patterns need no regex."""
    plain = wanted.strip("*")
    size = len(plain)
    if not is_pattern(wanted) or (not is_pattern(plain) and wanted == f"*{plain}*"):
        return [plain in text for text in texts]
    if wanted == f"{plain}*" and not is_pattern(plain):
        return [text[:size] == plain for text in texts]
    if wanted == f"*{plain}" and not is_pattern(plain):
        return [text[-size:] == plain for text in texts]
    matches = re.compile(translated(wanted, "."), re.DOTALL).fullmatch
    return [matches(text) is not None for text in texts]


def translated(pattern: str, one: str) -> str:
    """A regular expression for the pattern; ``one`` stands for one character.

    What stands between two stars is looked for once, from the left: a later place cannot fit where an earlier does not,
    and going back over all of them would take for ever with many stars.
    """
    first, *rest = (_plain(piece, one) for piece in re.split(r"\*+", pattern))
    if not rest:
        return first
    *middle, last = rest
    return first + "".join(f"(?>{one}*?{piece})" for piece in middle) + f"{one}*{last}"


def _plain(piece: str, one: str) -> str:
    return "".join(one if character == "?" else re.escape(character) for character in piece)
