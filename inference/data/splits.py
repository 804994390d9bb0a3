"""Which part of a split each image belongs to: from a column of the label file, or from folders named so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from inference.data.csv_reading import Table

_PARTS: Final = frozenset(
    {"train", "training", "trn", "val", "valid", "validation", "dev", "test", "testing", "tst", "eval", "evaluation"}
    | {"holdout", "heldout", "calibration", "cal"}
)
_SURE: Final = frozenset({"split", "splits", "datasplit", "partition", "fold"})
_PERHAPS: Final = frozenset({"set", "subset", "phase", "part", "dataset", "usage"})  # only with telling values
_MOST_PARTS: Final = 20


def find_split_column(table: Table, image_column: int) -> int | None:
    """The column that says which part a row belongs to, by its name and its values; None where there is none."""
    for index, name in enumerate(table.header):
        if index == image_column:
            continue
        plain = _plain(name)
        if plain not in _SURE and plain not in _PERHAPS:
            continue
        values = {row[index].strip() for row in table.rows if index < len(row)} - {""}
        telling = any(_plain(value) in _PARTS for value in values)
        if 2 <= len(values) <= _MOST_PARTS and (plain in _SURE or telling):
            return index
    return None


def are_parts(folders: Sequence[str]) -> bool:
    """Whether folders beside one another are the parts of a split (train, val, test), and no classes."""
    names = {_plain(name) for name in folders if name}
    return len(names) > 1 and names <= _PARTS


def _plain(name: str) -> str:
    return "".join(filter(str.isalnum, name.lower()))
