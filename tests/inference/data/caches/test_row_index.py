"""The index of rows finds what a dictionary would."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.data.caches.row_index import RowIndex
from inference.data.fingerprints import FingerprintArray


def fingerprints(numbers: list[int]) -> FingerprintArray:
    """One for each number; that of 0 is "none"."""
    rows = np.zeros((len(numbers), 16), dtype=np.uint8)
    rows[:, 3] = rows[:, 12] = numbers
    return rows


steps = st.lists(
    st.tuples(st.sampled_from(["add", "forget"]), st.lists(st.integers(0, 20), max_size=8)), min_size=1, max_size=20
)


@settings(max_examples=150, deadline=None)
@given(steps)
def test_it_finds_what_a_dictionary_would(steps: list[tuple[str, list[int]]]) -> None:
    index, oracle, next_row = RowIndex(), dict[int, int](), 0
    forgotten: set[int] = set()
    for step, numbers in steps:
        if step == "add":
            rows = np.arange(next_row, next_row + len(numbers))
            next_row += len(numbers)
            index.add(fingerprints(numbers), rows)
            oracle |= {number: int(row) for number, row in zip(numbers, rows, strict=True) if number}
        else:
            gone = sorted({oracle[number] for number in numbers if number in oracle})
            forgotten |= set(gone)
            index.forget(np.array(gone, dtype=np.int64))
        everything = list(range(22))
        found = index.find(fingerprints(everything)).tolist()
        for number, row in zip(everything, found, strict=True):
            expected = oracle.get(number, -1)
            if expected in forgotten:  # an older row may come to light again, but never the forgotten one
                assert row not in forgotten
            else:
                assert row == expected


def test_keys_that_share_their_first_half_are_never_mixed_up() -> None:
    both = np.zeros((2, 16), dtype=np.uint8)
    both[:, 0], both[:, 15] = 1, (1, 2)
    index = RowIndex()
    index.add(both, np.array([10, 11]))
    assert index.find(both).tolist() in ([-1, 11], [10, -1])
    other = both[:1].copy()
    other[0, 15] = 3
    assert index.find(other).tolist() == [-1]


def test_nothing_in_nothing() -> None:
    index = RowIndex()
    assert index.find(fingerprints([1, 2])).tolist() == [-1, -1]
    index.add(fingerprints([]), np.array([], dtype=np.int64))
    assert index.find(fingerprints([])).tolist() == []
    assert len(index) == 0
