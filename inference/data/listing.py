"""Finding the images of a folder: recursive, in natural order, never out of the folder and never in circles."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from inference.data.files import has_image_suffix
from inference.data.sentences import counted, some
from inference.errors import DatasetError

Progress = Callable[[int], None]

_DIGITS: Final = re.compile(r"([0-9]+)")
_REPORT_EVERY: Final = 500


@dataclass(frozen=True)
class Listing:
    """The images below a folder, and what was passed over."""

    root: str  # absolute, as the user named it (links in it unresolved)
    names: tuple[str, ...]  # relative POSIX paths in natural order
    warnings: tuple[str, ...]


@dataclass
class _PassedOver:
    """Relative paths that are no image of the folder, by the reason why."""

    dangling: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)
    again: list[str] = field(default_factory=list)
    irregular: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    unnameable: list[str] = field(default_factory=list)

    def warnings(self) -> tuple[str, ...]:
        """One sentence for each reason that occurred."""
        texts = (
            (self.dangling, "link", "left out, leading nowhere"),
            (self.outside, "link", "refused, leading out of the folder"),
            (self.again, "link", "not followed, leading to folders that are listed already"),
            (self.irregular, "entry", "left out, named like images but no regular files"),
            (self.unreadable, "folder", "left out, impossible to read"),
            (self.unnameable, "file", "left out, with names that are no valid text"),
        )
        return tuple(f"{counted(len(names), noun)} {text}: {some(names)}." for names, noun, text in texts if names)


def list_images(folder: str | Path, progress: Progress | None = None) -> Listing:
    """All images below ``folder``; hidden files and folders are passed over.

    ``progress`` gets the number found so far, now and then; what it raises ends the scan. Raises DatasetError when the
    folder itself cannot be read.
    """
    root = os.path.abspath(folder)
    passed_over = _PassedOver()
    names: list[str] = []
    for name in _walk(root, passed_over):
        (names if _is_text(name) else passed_over.unnameable).append(name)
        if progress is not None and len(names) % _REPORT_EVERY == 0:
            progress(len(names))
    if progress is not None:
        progress(len(names))
    return Listing(root, tuple(sorted(names, key=natural_key)), passed_over.warnings())


def natural_key(name: str) -> tuple[list[list[str | int]], str]:
    """Sorts ``a2`` before ``a10``, without regard to case, and a folder's files before the next folder's."""
    return [_part_key(part) for part in name.casefold().split("/")], name


def _part_key(part: str) -> list[str | int]:
    # Splitting on digits alternates text and number, so that like always meets like.
    pieces: list[str | int] = list(_DIGITS.split(part))
    pieces[1::2] = map(int, pieces[1::2])
    return pieces


def _walk(root: str, passed_over: _PassedOver) -> Iterator[str]:
    """Yield relative names as they are found. Real folders come first, so that a link never names what they hold."""
    real_root = os.path.realpath(root)
    visited: set[tuple[int, int]] = set()
    folders = [""]
    links: list[str] = []
    while folders or links:
        relative = folders.pop() if folders else links.pop(0)
        for entry in _entries(root, relative, visited, passed_over):
            name = f"{relative}/{entry.name}" if relative else entry.name
            if entry.is_dir(follow_symlinks=False):
                folders.append(name)
            elif entry.is_symlink():
                target = _classify_link(entry, name, real_root, passed_over)
                if target == "folder":
                    links.append(name)
                elif target == "file":
                    yield name
            elif has_image_suffix(entry.name):
                if not entry.is_file(follow_symlinks=False):
                    passed_over.irregular.append(name)
                else:
                    yield name


def _entries(
    root: str, relative: str, visited: set[tuple[int, int]], passed_over: _PassedOver
) -> list[os.DirEntry[str]]:
    """The entries of a folder that are not hidden; none where it was visited before or cannot be read."""
    path = os.path.join(root, relative) if relative else root
    try:
        status = os.stat(path)
        identity = (status.st_dev, status.st_ino)
        if identity in visited and relative:
            passed_over.again.append(relative)
            return []
        visited.add(identity)
        with os.scandir(path) as found:
            return [entry for entry in found if not entry.name.startswith(".")]
    except OSError as error:
        if not relative:
            raise _unreadable_root(root, error) from error
        passed_over.unreadable.append(relative)
        return []


def _classify_link(entry: os.DirEntry[str], name: str, real_root: str, passed_over: _PassedOver) -> str:
    """What a link is worth: "folder", "file" or "" (noted in ``passed_over`` where a user would miss it)."""
    try:
        is_folder = entry.is_dir()
        wanted = is_folder or has_image_suffix(entry.name)
        if not wanted:
            return ""
        if not is_folder and not os.path.exists(entry.path):
            passed_over.dangling.append(name)
        elif not _is_inside(os.path.realpath(entry.path), real_root):
            passed_over.outside.append(name)
        elif not is_folder and not entry.is_file():
            passed_over.irregular.append(name)
        else:
            return "folder" if is_folder else "file"
    except OSError:  # a link to itself
        passed_over.dangling.append(name)
    return ""


def _is_inside(path: str, folder: str) -> bool:
    return path == folder or path.startswith(os.path.join(folder, ""))


def _is_text(name: str) -> bool:
    """False for names with bytes that the file system's encoding does not know; they cannot be shown or stored."""
    return name.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in name)


def _unreadable_root(root: str, error: OSError) -> DatasetError:
    detail = f"{type(error).__name__}: {error}"
    match error:
        case FileNotFoundError():
            text = f"The folder {root} is not there: open it from where it is now."
        case NotADirectoryError():
            text = f"{root} is not a folder: open a folder of images or a CSV file."
        case PermissionError():
            text = f"The folder {root} cannot be read for want of permission: allow reading it."
        case _:
            text = f"The folder {root} could not be read ({error.strerror}): check the disk or the connection to it."
    return DatasetError(text, detail=detail)
