"""Several decisions about the same images beside each other: what each gives, and on which images they differ."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.types.base import Averages, IntArray, LabelMetrics, Thresholds


@dataclass(frozen=True, eq=False)
class Alternative:
    """One way to decide, with what it gives on the images of a `Comparison`."""

    key: str  # what signals name it by
    name: str
    words: str  # activation, rule, calibration
    thresholds: Thresholds  # (c,)
    metrics: LabelMetrics
    averages: Averages
    decided: NDArray[np.uint8]  # (c, ceil(m / 8)) predicted or not, a bit an image as `np.packbits` has them

    @property
    def predicted(self) -> IntArray:
        """How many images each label is predicted on, those of unknown truth too, (c,)."""
        return _ones(self.decided)


@dataclass(frozen=True, eq=False)
class Comparison:
    """Alternatives over the same scored images; the others are compared with the first."""

    images: IntArray  # (m,) indices into the dataset
    alternatives: tuple[Alternative, ...]

    def changed(self, place: int) -> IntArray:
        """How many images each label decides otherwise than under the first alternative, (c,)."""
        return _ones(self.alternatives[place].decided ^ self.alternatives[0].decided)

    def changed_images(self, place: int, label: int | None = None) -> IntArray:
        """The images that are decided otherwise than under the first alternative, ascending.

        Under ``label``, or under any label where it is None.
        """
        rows = slice(None) if label is None else slice(label, label + 1)
        bits = self.alternatives[place].decided[rows] ^ self.alternatives[0].decided[rows]
        any_label = np.bitwise_or.reduce(bits, axis=0)
        found: IntArray = np.sort(self.images[np.unpackbits(any_label, count=len(self.images)).astype(bool)])
        return found


def _ones(bits: NDArray[np.uint8]) -> IntArray:
    counts: IntArray = np.bitwise_count(bits).sum(axis=1, dtype=np.int64)
    return counts
