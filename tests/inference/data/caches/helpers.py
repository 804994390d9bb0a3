"""Rows to keep, and what must hold of every row that is found."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from inference.data.caches.logits import LogitCache, LogitTable
from inference.data.fingerprints import FingerprintArray
from inference.types import BoolArray, ScoreArray

LABELS = 5


def rows(count: int, seed: int = 0) -> tuple[FingerprintArray, ScoreArray]:
    """Fingerprints and logits; those of a larger count begin with those of a smaller one."""
    fingerprints = np.random.default_rng(seed).integers(0, 256, (count, 16), dtype=np.uint8)
    logits = np.random.default_rng(seed + 1).normal(size=(count, LABELS)).astype(np.float32)
    return fingerprints, logits


def table(folder: Path, model: str = "model", preprocessing: str = "224 px", n_labels: int = LABELS) -> LogitTable:
    return LogitCache(folder).table(model, preprocessing, n_labels)


def fill(folder: Path, count: int, seed: int = 0) -> Path:
    """Put so many rows, close, and return the file they are in."""
    one = table(folder)
    one.put(*rows(count, seed))
    one.close()
    return the_file(folder)


def the_file(folder: Path) -> Path:
    (found,) = folder.glob("*.logits")
    return found


def never_wrong(one: LogitTable, fingerprints: FingerprintArray, logits: ScoreArray) -> BoolArray:
    """Assert that what is found is what was put, and the rest NaN; return which were found."""
    got, found = one.get(fingerprints)
    assert got.dtype == np.float32
    assert got.shape == logits.shape
    assert np.array_equal(got[found], logits[found])
    assert np.isnan(got[~found]).all()
    return found
