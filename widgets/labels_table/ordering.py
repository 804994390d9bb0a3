"""Which labels the table shows, and in which order: plain numpy, no Qt."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.types import BoolArray, IntArray

_DIGITS = re.compile(r"(\d+)")


def order_by(values: NDArray[Any], *, descending: bool) -> IntArray:
    """Indices of (c,) values in order; equal ones keep their natural order, NaN comes last both ways."""
    keys = values.astype(np.float64)
    return np.argsort(-keys if descending else keys, kind="stable")


def name_ranks(names: Sequence[str]) -> IntArray:
    """The place of each name in the order a person expects: case ignored, "label 2" before "label 10"."""
    keys = [_natural_key(name) for name in names]
    ranks = np.empty(len(keys), dtype=np.int64)
    ranks[sorted(range(len(keys)), key=keys.__getitem__)] = np.arange(len(keys))
    return ranks


def _natural_key(name: str) -> list[tuple[int, int, str]]:
    return [_part_key(part) for part in _DIGITS.split(name.casefold()) if part]


def _part_key(part: str) -> tuple[int, int, str]:
    """Numbers before words, by length and then digit by digit: int() refuses thousands of digits."""
    # isdecimal, as isdigit also takes superscripts, which are no numbers here
    if not part.isdecimal():
        return 1, 0, part
    digits = "".join(str(int(digit)) for digit in part).lstrip("0")  # other scripts have digits too
    return 0, len(digits), digits


def matches(folded_names: Sequence[str], text: str) -> BoolArray:
    """Which of the case-folded names contain every word of ``text``; all of them where it has none."""
    words = text.casefold().split()
    return np.fromiter((all(word in name for word in words) for name in folded_names), np.bool_, len(folded_names))
