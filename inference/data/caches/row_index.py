"""Finding rows by the fingerprint of an image, among hundreds of thousands, while more are added."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.data.fingerprints import FingerprintArray
from inference.types import IntArray

KeyArray = NDArray[np.uint64]  # (n, 2): fingerprints as two words


@dataclass(frozen=True, eq=False)
class _Run:
    """Keys sorted by their first word, each of which stands once."""

    first: KeyArray  # (k,)
    second: KeyArray  # (k,)
    rows: IntArray  # (k,), -1 where forgotten


class RowIndex:
    """Which row has a fingerprint; of several, the one added last.

    Sorted runs of doubling length (a log-structured merge tree; O'Neil et al. 1996), so that adding row by row costs no
    more than sorting once. Two fingerprints that share their first eight bytes would hide one another: a row is then
    not found, never a wrong one.
    """

    def __init__(self) -> None:
        self._runs: list[_Run] = []

    def __len__(self) -> int:
        return sum(int((run.rows >= 0).sum()) for run in self._runs)

    def add(self, fingerprints: FingerprintArray, rows: IntArray) -> None:
        """Add rows (k,) with fingerprints uint8 (k, 16); those without one (all zero) are left out."""
        keys = _keys(fingerprints)
        known = keys.any(axis=1)
        if not known.any():
            return
        run = _sorted_run(keys[known, 0], keys[known, 1], np.asarray(rows, dtype=np.int64)[known])
        while self._runs and len(self._runs[-1].rows) < 2 * len(run.rows):
            run = _merged(self._runs.pop(), run)
        self._runs.append(run)

    def find(self, fingerprints: FingerprintArray) -> IntArray:
        """The row of each fingerprint uint8 (n, 16), or -1."""
        found = np.full(len(fingerprints), -1, dtype=np.int64)
        keys = _keys(fingerprints)
        for run in self._runs:  # later runs last: the row added last wins
            at = np.minimum(np.searchsorted(run.first, keys[:, 0]), len(run.first) - 1)
            same = (run.first[at] == keys[:, 0]) & (run.second[at] == keys[:, 1]) & (run.rows[at] >= 0)
            found[same] = run.rows[at[same]]
        return found

    def forget(self, rows: IntArray) -> None:
        """Find these rows no more."""
        if len(rows):
            for run in self._runs:
                run.rows[np.isin(run.rows, rows)] = -1


def _keys(fingerprints: FingerprintArray) -> KeyArray:
    keys: KeyArray = np.ascontiguousarray(fingerprints, dtype=np.uint8).view(np.uint64)
    return keys.reshape(-1, 2)


def _sorted_run(first: KeyArray, second: KeyArray, rows: IntArray) -> _Run:
    order = np.argsort(first, kind="stable")
    first, second, rows = first[order], second[order], rows[order]
    last = np.ones(len(first), dtype=bool)
    last[:-1] = first[1:] != first[:-1]
    return _Run(first[last], second[last], rows[last])


def _merged(old: _Run, new: _Run) -> _Run:
    return _sorted_run(
        np.concatenate([old.first, new.first]),
        np.concatenate([old.second, new.second]),
        np.concatenate([old.rows, new.rows]),
    )
