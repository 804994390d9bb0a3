"""What is known of the image files that are open: sizes, times and fingerprints, and when the project learns them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from inference.data.fingerprints import FingerprintArray
from inference.data.folder_changes import FoundFiles
from inference.data.store import ImageTable, Project
from inference.types import BoolArray, IntArray

_SOON_MS: Final = 1_000
_MANY: Final = 2_000  # images; more are written without waiting


@dataclass(frozen=True, eq=False)
class SeenFiles:
    """Files that were read whole, by image."""

    images: IntArray  # (k,)
    sizes: IntArray  # (k,) bytes
    times: IntArray  # (k,) of the last change, ns since 1970
    fingerprints: FingerprintArray  # (k, 16)

    def __len__(self) -> int:
        return len(self.images)

    @classmethod
    def joined(cls, several: Sequence[Self]) -> SeenFiles:
        """All of them; of an image that was seen twice, the later."""
        images = np.concatenate([one.images for one in several])
        _, last = np.unique(images[::-1], return_index=True)
        rows = np.sort(len(images) - 1 - last)
        return SeenFiles(
            images[rows],
            np.concatenate([one.sizes for one in several])[rows],
            np.concatenate([one.times for one in several])[rows],
            np.concatenate([one.fingerprints for one in several])[rows],
        )

    def write(self, project: Project) -> None:
        """In the store's lane: tell a project."""
        present = np.ones(len(self), dtype=np.bool_)
        project.set_files(self.images, self.sizes, self.times, self.fingerprints, present)


class FileFacts(QObject):
    """By image id, of the dataset that is open; lives with the window."""

    learned = Signal(object)  # SeenFiles: to be written to the project
    changed = Signal(object)  # int64 (k,) images that hold something else than was known

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.images = ImageTable.of_names(())
        self._waiting: list[SeenFiles] = []
        self._soon = QTimer(self, singleShot=True, interval=_SOON_MS)
        self._soon.timeout.connect(self.settle)

    def begin(self, images: ImageTable) -> None:
        """Another dataset is open; its arrays become this object's own."""
        self._soon.stop()
        self._waiting = []
        self.images = images

    def of(self, images: IntArray) -> SeenFiles:
        """A copy of what is known of some images."""
        known = self.images
        return SeenFiles(images, known.sizes[images], known.times[images], known.fingerprints[images])

    def take(self, seen: SeenFiles) -> None:
        """These were just read."""
        if not len(seen):
            return
        known = self.images
        other = _others(known.fingerprints[seen.images], seen.fingerprints)
        known.sizes[seen.images], known.times[seen.images] = seen.sizes, seen.times
        known.fingerprints[seen.images] = seen.fingerprints
        known.present[seen.images] = True
        self._waiting.append(seen)
        if other.any():
            self.changed.emit(seen.images[other])
        if sum(map(len, self._waiting)) >= _MANY:
            self.settle()
        elif not self._soon.isActive():
            self._soon.start()

    def learn(self, images: IntArray, found: FoundFiles) -> None:
        """The folder was looked at, and these were seen; what was read of a file meanwhile is not forgotten for it."""
        known = self.of(images)
        same = (known.sizes == found.sizes) & (known.times == found.times)
        new = ~same | found.fingerprints.any(axis=1)
        self.take(SeenFiles(images[new], found.sizes[new], found.times[new], found.fingerprints[new]))

    def settle(self) -> None:
        """Tell now what was seen."""
        self._soon.stop()
        if self._waiting:
            waiting, self._waiting = self._waiting, []
            self.learned.emit(SeenFiles.joined(waiting))


def _others(before: FingerprintArray, now: FingerprintArray) -> BoolArray:
    """Which rows (k,) have other content, where both are known."""
    differ: BoolArray = (before != now).any(axis=1)
    return differ & before.any(axis=1) & now.any(axis=1)
