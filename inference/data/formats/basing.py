"""Writing over a file that was read: which of its images are told differently now, and which are new."""

from __future__ import annotations

import os

import numpy as np

from inference.data.formats.base import FileAnnotations, WriteOptions
from inference.data.formats.beside import folder_in_root
from inference.data.image_index import MISSING, ImageIndex
from inference.types.annotating import UNSAID, StatementArray


class PlacedIndex(ImageIndex):
    """Finds images by paths relative to the folder of the file that names them, and else as ever."""

    def __init__(self, index: ImageIndex, path: str) -> None:
        super().__init__(index.root, index.names)
        self.place = folder_in_root(os.path.dirname(os.path.abspath(path)), index)

    def find(self, key: str) -> int:
        """As ``ImageIndex.find``."""
        found = super().find(self.place + key.strip()) if self.place else MISSING
        return found if found >= 0 else super().find(key)


def index_for(annotations: FileAnnotations, options: WriteOptions, *, is_placed: bool = False) -> ImageIndex:
    """Finds the images that are to be written by what the file that was read calls them.

    ``is_placed``: by paths relative to the file's own folder, which needs ``images_root`` to be known.
    """
    base = os.path.abspath(options.base or ".")
    index = ImageIndex(options.images_root or os.path.dirname(base), annotations.images)
    return PlacedIndex(index, base) if is_placed else index


def written_row(index: ImageIndex, key: str) -> int:
    """The row of the image that a file calls ``key``, by the index of ``index_for``; negative where it has none.

    What was not there when the file was read is called as the file has it.
    """
    found = index.find(key)
    return index.find(key.strip()) if found == MISSING else found


class Changes:
    """What became of the images of a file since it was read, compared by the names of images and labels."""

    def __init__(self, before: FileAnnotations, after: FileAnnotations) -> None:
        self.row_of = {name: row for row, name in enumerate(after.images)}  # rows of ``after``
        rows = np.array([self.row_of.get(name, -1) for name in before.images], dtype=np.int64)
        there = rows >= 0
        differs = np.zeros(len(rows), dtype=bool)
        differs[there] = (aligned(before, after.labels)[there] != after.statements[rows[there]]).any(axis=1)
        gone = [j for j, label in enumerate(before.labels) if label not in set(after.labels)]
        differs[there] |= (before.statements[there][:, gone] != UNSAID).any(axis=1)
        self.changed = frozenset(before.images[row] for row in np.flatnonzero(differs).tolist())
        known = set(before.images)
        self.new = tuple(name for name in after.images if name not in known)


def aligned(annotations: FileAnnotations, labels: tuple[str, ...]) -> StatementArray:
    """The statements under ``labels`` in their order, (m, len(labels)); UNSAID under those that are not known."""
    column_of = {label: j for j, label in enumerate(annotations.labels)}
    columns = np.array([column_of.get(label, -1) for label in labels], dtype=np.int64)
    result = np.full((len(annotations), len(labels)), UNSAID, dtype=np.int8)
    result[:, columns >= 0] = annotations.statements[:, columns[columns >= 0]]
    return result
