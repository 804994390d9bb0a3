"""From what a label file calls an image to the image it means."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote

MISSING: Final = -1
OUTSIDE: Final = -2
AMBIGUOUS: Final = -3

_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_DRIVE: Final = re.compile(r"[A-Za-z]:[\\/]")
_UNTIDY: Final = re.compile(r"[\\:]|//|(^|/)\.{0,2}(/|$)")  # what may need more than a look-up
_FILE_SCHEME: Final = "file://"


@dataclass(eq=False)
class ImageIndex:
    """Finds images by full path, by the end of a path, without the extension, and without regard to case, in this
    order; the longest end of a path that exists wins, so that a data set's name in front does no harm.

    Only images of the listing are ever found: nothing here touches the disk.
    """

    root: str
    names: Sequence[str]
    _real_root: str = field(init=False)
    _ends: dict[str, int] = field(init=False)
    _stems: dict[str, int] | None = field(init=False, default=None)
    _folded: dict[str, int] | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self._real_root = os.path.realpath(self.root)
        self._ends = _by_ends(self.names)

    def find(self, key: str) -> int:
        """The image's index, or MISSING, OUTSIDE (the path leads out of the folder) or AMBIGUOUS (several fit)."""
        found = self._ends.get(key)
        if found is not None:
            return found
        path = self._inside(key)
        if path is None:
            return OUTSIDE
        if path in ("", "."):
            return MISSING
        found = _longest_end(path, self._ends)
        if found == MISSING:
            if self._stems is None:
                self._stems = _by_ends([os.path.splitext(name)[0] for name in self.names])
            found = _longest_end(path, self._stems)
        if found == MISSING:
            if self._folded is None:
                self._folded = _by_ends([name.casefold() for name in self.names])
            found = _longest_end(path.casefold(), self._folded)
        return found

    def _inside(self, key: str) -> str | None:
        """The path relative to the root, without ``.`` and ``..``; None where it leads out."""
        path = key.strip()
        if not _UNTIDY.search(path):
            return path
        if path.lower().startswith(_FILE_SCHEME):
            path = unquote(path[len(_FILE_SCHEME) :])
        elif _SCHEME.match(path) or path.startswith("\\\\"):
            return None
        if os.path.isabs(path):
            path = self._relative(path)
        elif _DRIVE.match(path):  # a path of Windows, read elsewhere
            return None
        path = os.path.normpath(path.replace("\\", "/")).replace(os.sep, "/")
        return None if path == ".." or path.startswith(("../", "/")) else path

    def _relative(self, path: str) -> str:
        """An absolute path relative to the root, whether or not links in the root's own path are resolved."""
        for root in (self.root, self._real_root):
            if path.startswith(os.path.join(root, "")):
                return os.path.relpath(path, root)
        return ".."


def _longest_end(path: str, table: dict[str, int]) -> int:
    return next((table[end] for end in _ends(path) if end in table), MISSING)


def _ends(path: str) -> Iterator[str]:
    """``a/b/c``, ``b/c``, ``c``."""
    yield path
    start = path.find("/")
    while start >= 0:
        yield path[start + 1 :]
        start = path.find("/", start + 1)


def _by_ends(paths: Sequence[str]) -> dict[str, int]:
    """Every end of every path to its index, or to AMBIGUOUS; a whole path always means itself."""
    table: dict[str, int] = {}
    for index, path in enumerate(paths):
        for end in _ends(path):
            table[end] = AMBIGUOUS if end in table else index
    whole: dict[str, int] = {}
    for index, path in enumerate(paths):
        whole[path] = AMBIGUOUS if path in whole else index
    return table | whole
