"""Handling files with care: regular files only, so that a pipe or a device never blocks; and the suffixes of images."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import BinaryIO, Final

RAW_SUFFIXES: Final = frozenset({".arw", ".cr2", ".cr3", ".dng", ".nef", ".orf", ".raf", ".rw2"})

# Formats without a decoder here are listed all the same: an image that is shown as unreadable is not lost silently.
SUFFIXES: Final = RAW_SUFFIXES | {
    *(".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".apng", ".gif", ".webp", ".bmp", ".dib", ".tif", ".tiff"),
    *(".jp2", ".j2k", ".jpx", ".ppm", ".pgm", ".pbm", ".pnm", ".mpo"),
    *(".avif", ".heic", ".heif", ".jxl"),
}

_KINDS: Final = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


class NotRegularError(OSError):
    """The path is a folder, pipe, socket or device; ``kind`` says which."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"is {kind}")
        self.kind = kind


def has_image_suffix(name: str) -> bool:
    """Whether the name ends like an image's."""
    return os.path.splitext(name)[1].lower() in SUFFIXES


def open_regular(path: str | Path) -> BinaryIO:
    """Open a regular file for reading, never blocking.

    Raises NotRegularError for anything else, and OSError or ValueError (a zero byte in the path) as ``open`` does.
    """
    # Looked at before opening, for opening a device can already do something; and after, for it may have been swapped.
    _require_regular(os.stat(path).st_mode)
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, flags)
    try:
        _require_regular(os.fstat(descriptor).st_mode)
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def _require_regular(mode: int) -> None:
    if stat.S_ISREG(mode):
        return
    raise NotRegularError(next((kind for test, kind in _KINDS if test(mode)), "a special file"))


def unreadable(name: str, error: OSError) -> str:
    """One sentence on an image file that could not be opened or read."""
    match error:
        case NotRegularError():
            return f"{name} is {error.kind}, not an image file: remove it or rename it."
        case FileNotFoundError() | NotADirectoryError():
            return f"{name} is no longer there: put it back, or open the folder again."
        case PermissionError():
            return f"{name} cannot be read for want of permission: allow reading it."
        case _:
            return f"{name} could not be read ({error.strerror}): check the disk or the connection to it."


def sync_folder(folder: str | Path) -> None:
    """Bring a folder's names to the disk; Windows has no such call and needs none."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
