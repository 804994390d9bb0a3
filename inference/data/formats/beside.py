"""Formats with one small file beside each image, or in a folder of their own: finding these files, and reading them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import PurePosixPath

from inference.data.image_index import ImageIndex
from inference.errors import LabelFileError


def files_beside(path: str, suffix: str) -> Iterator[str]:
    """Names of the regular files below a folder with this suffix, relative and POSIX, in order.

    Hidden ones are passed over, and links are not followed, so that nothing outside is read. Raises LabelFileError.
    """
    if not os.path.isdir(path):
        raise LabelFileError(f"{path} is no folder: choose the folder that the files are in.")
    found = []
    for folder, folders, names in os.walk(path, followlinks=False):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            full = os.path.join(folder, name)
            if name.lower().endswith(suffix) and not name.startswith(".") and is_plain(full):
                found.append(os.path.relpath(full, path).replace(os.sep, "/"))
    yield from sorted(found)


def is_plain(path: str) -> bool:
    """Whether a path is a regular file, and no link."""
    return os.path.isfile(path) and not os.path.islink(path)


def folder_in_root(path: str, index: ImageIndex) -> str:
    """The folder's place in the root, as ``"sub/"``; "" where it is the root or elsewhere."""
    relative = os.path.relpath(os.path.realpath(path), os.path.realpath(index.root)).replace(os.sep, "/")
    return "" if relative == "." or relative == ".." or relative.startswith("../") else f"{relative}/"


def stem_of(name: str) -> str:
    """The name without its extension."""
    return str(PurePosixPath(name).with_suffix("")) if "." in name.rsplit("/", 1)[-1].lstrip(".") else name
