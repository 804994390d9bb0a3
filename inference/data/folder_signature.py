"""Telling at a glance whether a folder still holds the same images."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from inference.data.files import has_image_suffix

__all__ = ["quick_signature"]


def quick_signature(root: str | Path, label_files: Sequence[str | Path] = ()) -> str:
    """A digest of which images are where: while it stays equal, none was added, removed or renamed.

    It is of the folders' times and images' names, and of the size and time of each of ``label_files``. Images are not
    looked at one by one, so that 100,000 cost a fraction of a second. "" where the folder cannot be read.
    """
    digest = hashlib.blake2b(digest_size=16)
    folders = [os.fspath(root)]
    first = True
    while folders:
        folder = folders.pop()
        seen = _folder_signature(folder, folders)
        if not seen and first:
            return ""
        first = False
        digest.update(_field(os.path.relpath(folder, root)) + seen)
    for path in label_files:
        digest.update(_field(path) + _file_signature(path))
    return digest.hexdigest()


def _folder_signature(folder: str, folders: list[str]) -> bytes:
    """Of one folder; those in it are appended to ``folders``. b"" where it cannot be read."""
    names: list[bytes] = []
    inner: list[str] = []
    try:
        time = os.stat(folder).st_mtime_ns
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.startswith("."):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    inner.append(entry.path)
                elif entry.is_symlink():
                    names.append(_field(entry.name) + _file_signature(entry.path))
                elif has_image_suffix(entry.name):
                    names.append(_field(entry.name))
    except OSError:
        return b""
    folders += sorted(inner, reverse=True)
    return b"%d/" % time + b"".join(sorted(names))


def _file_signature(path: str | Path) -> bytes:
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return b"missing/"
    return b"%d,%d/" % (status.st_size, status.st_mtime_ns)


def _field(name: str | Path) -> bytes:
    return os.fsencode(name) + b"\0"
