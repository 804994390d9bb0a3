"""What paths are that were dropped or named on the command line: models, predictions, datasets, or no telling.

A table that a program wrote may hold annotations or predictions, and nothing but its cells tells which. Columns other
than that of the images are sorted by their first rows: *fractions* are numbers of which some lie between two integers,
*flags* are all 1, 0, -1 or empty, *integers* are other whole numbers, the rest is *text*.

- A column called ``score of …`` is one that Cutline writes: predictions.
- No fractions: annotations (0 and 1, CheXpert's and CelebA's -1, and widths, ages or text beside them).
- Fractions alone, or with flags no more numerous: predictions.
- Fractions that are fewer than half of the columns, beside text: annotations with a few measurements (NIH chest
  X-rays), or a list with a confidence (Open Images).
- Anything else is in doubt, and the user is asked.

Parquet and NPZ files are predictions: no annotations are read from them.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from app.controllers.wishes import is_model
from app.predicted import is_predictions
from app.project_files import SUFFIX

TABLES: Final = (".csv", ".tsv")

_HEAD: Final = 64 << 10  # bytes that `read_head` gives at most
_DELIMITERS: Final = ",;\t|"
_ROWS: Final = 200
_OWN: Final = "score of "  # a column of Cutline's own table of predictions
_FLAGS: Final = frozenset({0.0, 1.0, -1.0})


class TableKind(StrEnum):
    """What a table holds."""

    ANNOTATIONS = "annotations"
    PREDICTIONS = "predictions"
    DOUBT = "doubt"


@dataclass(frozen=True)
class SortedPaths:
    """What is to be opened, what cannot be, and the table that somebody has to say the kind of."""

    model: str = ""  # or predictions
    folder: str = ""  # or a label file, or a project
    problems: tuple[str, ...] = ()  # sentences
    doubtful: str = ""  # a path: nothing is opened before the user says what it is


def needs_look(path: str) -> bool:
    """Whether only the content of a file tells what it is: then sort in a worker."""
    return path.lower().endswith(TABLES) and not os.path.isdir(path)


def sort_paths(paths: Sequence[str], said: Mapping[str, TableKind]) -> SortedPaths:
    """Of several paths of a kind the last one counts; ``said``: what the user answered of some."""
    model = folder = doubtful = ""
    problems = []
    for path in paths:
        if not os.path.exists(path):
            problems.append(f"{path} is not there: check the name and whether its drive is connected.")
        elif is_model(path):
            model = path
        elif os.path.isdir(path) or path.lower().endswith(SUFFIX):
            folder = path
        elif needs_look(path):
            kind = said.get(path) or table_kind(path)
            if kind is TableKind.PREDICTIONS:
                model = path
            elif kind is TableKind.ANNOTATIONS:
                folder = path
            else:
                doubtful = path
        elif is_predictions(path) and not path.lower().endswith(".txt"):
            model = path
        else:
            problems.append(
                f"{os.path.basename(path)} is neither a model (model.toml, .safetensors, .pt, .pth), nor predictions "
                "(.csv, .parquet, .npz), nor a validation folder, CSV file or project: open the folder that holds the "
                "images."
            )
    return SortedPaths(model, folder, tuple(problems), doubtful)


def table_kind(path: str) -> TableKind:
    """What a CSV file holds, by its first rows; ANNOTATIONS where it cannot be read, as whoever opens it will say."""
    header, rows = _head(path)
    columns = list(zip(*rows, strict=True))
    if not columns:
        return TableKind.ANNOTATIONS
    if any(name.startswith(_OWN) for name in header):
        return TableKind.PREDICTIONS
    kinds = [_column_kind(column) for column in columns]
    if "text" in kinds:
        kinds.remove("text")  # the images; where they have numbers for names, one of the others
    fractions, flags, text = (kinds.count(kind) for kind in ("fractions", "flags", "text"))
    if not fractions:
        return TableKind.ANNOTATIONS
    if fractions + flags == len(kinds) and flags <= fractions:
        return TableKind.PREDICTIONS
    if text and 2 * fractions < len(kinds):
        return TableKind.ANNOTATIONS
    return TableKind.DOUBT


def _head(path: str) -> tuple[list[str], list[list[str]]]:
    """The header and the first rows, parted by whatever makes most rows as long as the header."""
    from inference.data.formats.reading import read_head

    content = read_head(path)
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    lines = [line for line in content.decode(encoding, "replace").splitlines() if line.strip()]
    if len(content) >= _HEAD:
        lines = lines[:-1]  # the last one is not whole
    delimiters = _DELIMITERS
    if lines and lines[0].lower().startswith("sep="):
        delimiters, lines = lines[0][4:5], lines[1:]
    tables = [_parsed(lines[: _ROWS + 1], delimiter) for delimiter in delimiters]
    return max(tables, key=lambda table: (len(table[1]), len(table[0])), default=([], []))


def _parsed(lines: Sequence[str], delimiter: str) -> tuple[list[str], list[list[str]]]:
    """A header of several columns, and the rows that are as long."""
    try:
        rows = list(csv.reader(lines, delimiter=delimiter))
    except csv.Error:
        return [], []
    header = [cell.strip() for cell in rows[0]] if rows else []
    if len(header) < 2:
        return [], []
    fitting = [row for row in rows[1:] if len(row) == len(header)]
    if delimiter != ",":
        fitting = [[cell.replace(",", ".") for cell in row] for row in fitting]
    return header, fitting


def _column_kind(cells: Sequence[str]) -> str:
    try:
        numbers = [float(cell) for cell in cells if cell.strip()]
    except ValueError:
        return "text"
    if any(number % 1 for number in numbers):  # NaN and infinity as well: no annotation has them
        return "fractions"
    return "flags" if _FLAGS.issuperset(numbers) else "integers"
