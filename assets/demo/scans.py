"""The real handwriting: 1,797 scans of 8 x 8 cells (Alpaydin and Kaynak), cut into two pools by writer."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_digits

Float = NDArray[np.float32]

# The scans stand in the order of their writers, who each wrote 0 to 9 over and over; a new writer begins here.
# Cutting at a writer keeps a hand that the network has learnt from out of validation, not only the scan.
FIRST_VALIDATION_SCAN: Final = 1157
LARGEST_COUNT: Final = 16


@dataclass(frozen=True, eq=False)
class Pool:
    """Scans of one side of the cut.

    ``scans`` (n, 8, 8) float32 in 0..1, 1 = all ink; ``digits`` (n,) 0..9; ``indices`` (n,) places in ``load_digits``.
    """

    scans: Float
    digits: NDArray[np.int64]
    indices: NDArray[np.int64]

    def pick(self, digit: int, rng: np.random.Generator) -> tuple[Float, int]:
        """One scan of ``digit`` at random, and its place in ``load_digits``."""
        at = int(rng.choice(np.flatnonzero(self.digits == digit)))
        return self.scans[at], int(self.indices[at])


def scan_hash(scan: NDArray[np.generic]) -> str:
    """SHA-256 of one scan as it is in ``load_digits`` (8 x 8 counts from 0 to 16)."""
    return hashlib.sha256(np.asarray(scan).astype(np.uint8).tobytes()).hexdigest()


def load_pools() -> tuple[Pool, Pool]:
    """The training pool and the validation pool; a scan equal to an earlier one is left out."""
    bundle = load_digits()
    images, digits = np.asarray(bundle.images), np.asarray(bundle.target, dtype=np.int64)
    seen: set[str] = set()
    sides: tuple[list[int], list[int]] = ([], [])
    for index, image in enumerate(images):
        if (key := scan_hash(image)) not in seen:
            seen.add(key)
            sides[index >= FIRST_VALIDATION_SCAN].append(index)
    scans = (images / LARGEST_COUNT).astype(np.float32)
    train, validation = (Pool(scans[side], digits[side], np.asarray(side, dtype=np.int64)) for side in sides)
    return train, validation
