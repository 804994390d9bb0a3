"""The label format with one column that lists an image's labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from inference.data.csv_reading import Table
from inference.data.listing import natural_key
from inference.data.merging import SAYS_NEGATIVE, SAYS_NOTHING, SAYS_POSITIVE, merged
from inference.data.reports import MEANS_UNKNOWN, Annotations
from inference.data.sentences import counted, some
from inference.types import IntArray

SEPARATORS: Final = ("|", ";", ",", "\t")

_NO_FINDING: Final = frozenset({"no finding", "no findings", "no label", "no labels"})
_NONE: Final = frozenset({"none", "nan", "null", "n/a", "-"})  # may also be a class of its own


@dataclass(frozen=True)
class Lists:
    """The cells of a list column, taken apart."""

    tokens: list[list[str]]
    separator: str
    empty_words: tuple[str, ...]  # as written in the file


def take_apart(cells: Sequence[str], header: str, separator: str | None, empty_words: Sequence[str] | None) -> Lists:
    """Split each cell of a column into labels, and leave out the words that mean "no label"."""
    separator = _find_separator(cells, header) if separator is None else separator
    cache = {cell: _split(cell, separator) for cell in set(cells)}
    words = Counter(token for tokens in cache.values() for token in tokens)
    if empty_words is None:
        # "none" is a class where every image has one label, and the absence of any where images have several.
        has_several = any(len(tokens) > 1 for tokens in cache.values())
        known = _NO_FINDING | _NONE if has_several else _NO_FINDING
        empty_words = sorted(word for word in words if word.lower().replace("_", " ") in known)
    empty = set(empty_words)
    kept = {cell: [token for token in tokens if token not in empty] for cell, tokens in cache.items()}
    return Lists([kept[cell] for cell in cells], separator, tuple(empty_words))


def read_lists(
    table: Table, lists: Lists, cells: Sequence[str], images: IntArray, names: Sequence[str], unlisted_means: str
) -> Annotations:
    """Annotations from lists of labels whose row ``i`` is about image ``images[i]``.

    A cell that is empty says that the image has none of the labels; where unlisted labels are unknown, it says nothing,
    unless one of the words for "no label" stands in it.
    """
    labels = tuple(sorted({token for tokens in lists.tokens for token in tokens}, key=natural_key))
    position = {label: index for index, label in enumerate(labels)}
    background = SAYS_NOTHING if unlisted_means == MEANS_UNKNOWN else SAYS_NEGATIVE
    said = np.full((len(lists.tokens), len(labels)), background, dtype=np.uint8)
    for row, tokens in enumerate(lists.tokens):
        for token in tokens:
            said[row, position[token]] = SAYS_POSITIVE
    explicit = np.array([not tokens and bool(cell.strip()) for tokens, cell in zip(lists.tokens, cells, strict=True)])
    if explicit.any():
        said[explicit] = SAYS_NEGATIVE
    annotations = merged(said, images, table.lines, names, labels)
    return replace(annotations, warnings=_remarks(table, lists, cells) + annotations.warnings)


def _remarks(table: Table, lists: Lists, cells: Sequence[str]) -> tuple[str, ...]:
    remarks = []
    if lists.separator == " ":
        remarks.append(f"{table.name}: the labels of a cell were taken apart at spaces.")
    if lists.empty_words:
        empty = sum(1 for tokens, cell in zip(lists.tokens, cells, strict=True) if not tokens and cell.strip())
        remarks.append(f"{some([repr(word) for word in lists.empty_words])} in {counted(empty, 'row')} means no label.")
    return tuple(remarks)


def _split(cell: str, separator: str) -> list[str]:
    parts = cell.split(separator) if separator else [cell]
    return list(dict.fromkeys(label for part in parts if (label := part.strip())))


def _find_separator(cells: Sequence[str], header: str) -> str:
    """The first usual separator that occurs; else the space, if taking cells apart there gives fewer words than cells.

    Names with spaces in them ("golden retriever", "tabby cat") give more words than there are names. As many words as
    cells will do where the header is a plural, such as "tags".
    """
    distinct = {cell.strip() for cell in cells if cell.strip()}
    for separator in SEPARATORS:
        if any(separator in cell for cell in distinct):
            return separator
    distinct = {cell for cell in distinct if cell.lower() not in _NO_FINDING}
    words = {word for cell in distinct for word in cell.split()}
    is_plural = header.lower().endswith("s") and not header.lower().endswith("ss")
    fewest = len(words) - 1 if is_plural else len(words)
    return " " if any(" " in cell for cell in distinct) and len(distinct) > fewest else ""
