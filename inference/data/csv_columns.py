"""The label format with one column a label: 1, 0, -1 or empty in each cell."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import replace
from typing import Final

import numpy as np

from inference.data.csv_reading import Table
from inference.data.merging import SAYS_NEGATIVE, SAYS_NOTHING, SAYS_POSITIVE, SAYS_UNKNOWN, merged
from inference.data.reports import MEANS_NEGATIVE, Annotations
from inference.data.sentences import shortened
from inference.errors import LabelFileError
from inference.types import IntArray, StateArray

_MINUS_ONE: Final = 8  # means what the user says
_FOREIGN: Final = 16  # no value that is known here
_WORDS: Final = {
    **dict.fromkeys(("true", "yes", "t", "y"), SAYS_POSITIVE),
    **dict.fromkeys(("false", "no", "f", "n"), SAYS_NEGATIVE),
    **dict.fromkeys(("", "nan", "na", "n/a", "null", "none"), SAYS_NOTHING),
    **dict.fromkeys(("?", "unknown", "uncertain"), SAYS_UNKNOWN),
}
_NUMBERS: Final = {1.0: SAYS_POSITIVE, 0.0: SAYS_NEGATIVE, -1.0: _MINUS_ONE}
_SHOWN: Final = 5


def label_columns(table: Table, taken: Set[int | None]) -> list[int]:
    """The columns, of a rectangular table, that read as labels; those taken for something else are none.

    At least half of what a label's column holds must be a value known here, so that one odd cell does not cost the
    label, and no column of ages or names becomes one. A column that is empty throughout counts where another one does.
    """
    found, empty = [], []
    for index, name in enumerate(table.header):
        if index in taken or not name:
            continue
        counts = Counter(row[index] for row in table.rows)
        meanings = Counter[int]()
        for cell, count in counts.items():
            meanings[_meaning(cell)] += count
        filled = meanings.total() - meanings[SAYS_NOTHING]
        if filled == 0:
            empty.append(index)
        elif 2 * (filled - meanings[_FOREIGN]) >= filled:
            found.append(index)
    return sorted(found + empty) if found else []


def read_columns(
    table: Table, columns: Sequence[int], images: IntArray, names: Sequence[str], minus_one_means: str
) -> Annotations:
    """Annotations from a rectangular table whose row ``i`` is about image ``images[i]``. Raises LabelFileError."""
    labels = tuple(table.header[index] for index in columns)
    _refuse_twins(labels, table.name)
    meanings = np.zeros((len(table.rows), len(labels)), dtype=np.uint8)
    for position, index in enumerate(columns):
        column = [row[index] for row in table.rows]
        known = {cell: _meaning(cell) for cell in set(column)}
        meanings[:, position] = np.fromiter(map(known.__getitem__, column), np.uint8, len(column))
    warnings = _foreign_cells(table, columns, meanings)
    meanings[meanings == _MINUS_ONE] = SAYS_NEGATIVE if minus_one_means == MEANS_NEGATIVE else SAYS_UNKNOWN
    meanings[meanings == _FOREIGN] = SAYS_UNKNOWN
    annotations = merged(meanings, images, table.lines, names, labels)
    return replace(annotations, warnings=warnings + annotations.warnings)


def _meaning(cell: str) -> int:
    text = cell.strip().lower()
    if text in _WORDS:
        return _WORDS[text]
    try:
        number = float(text)
    except ValueError:
        return _FOREIGN
    return SAYS_NOTHING if math.isnan(number) else _NUMBERS.get(number, _FOREIGN)


def _foreign_cells(table: Table, columns: Sequence[int], meanings: StateArray) -> tuple[str, ...]:
    rows, positions = np.nonzero(meanings == _FOREIGN)
    if not len(rows):
        return ()
    examples = [
        f"{shortened(table.rows[row][columns[position]], 30)!r} under {table.header[columns[position]]} in line "
        f"{table.lines[row]}"
        for row, position in zip(rows[:_SHOWN].tolist(), positions[:_SHOWN].tolist(), strict=True)
    ]
    more = f" and {len(rows) - _SHOWN:,} more" if len(rows) > _SHOWN else ""
    return (f"{table.name}: cells that are none of 1, 0, -1 or empty count as unknown: {', '.join(examples)}{more}.",)


def _refuse_twins(labels: tuple[str, ...], name: str) -> None:
    twins = [label for label, count in Counter(labels).items() if count > 1]
    if twins:
        raise LabelFileError(f"{name} has several columns named {shortened(twins[0])!r}: rename all but one.")
