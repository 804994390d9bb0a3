"""What the CSV formats share: finding the columns of a table, and a first look at one."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from inference.data.csv_dataset import read_csv
from inference.data.csv_reading import DELIMITERS, Table, read_table, rectangular
from inference.data.files import has_image_suffix
from inference.data.formats.base import ReadOptions
from inference.data.formats.cells import plain_cell
from inference.data.formats.gathering import Gathering
from inference.data.image_index import ImageIndex
from inference.data.listing import Listing
from inference.data.reports import CSV_COLUMNS, CSV_LIST, DatasetChoices
from inference.errors import ImagesMissingError, LabelFileError
from inference.types import IntArray

_SAMPLE: Final = 2_000
_PEEKED: Final = 50


@dataclass(frozen=True, eq=False)
class Columns:
    """A table whose columns are told apart."""

    table: Table  # rectangular
    warnings: tuple[str, ...]
    image: int
    split: int | None
    label: int | None  # of lists
    separator: str | None
    kept: tuple[int, ...]  # row in the file of each row of the table; those longer than the header are left out


def open_columns(path: str, index: ImageIndex, options: ReadOptions, layout: str) -> Columns:
    """Read a table and tell its columns apart, as the reader of datasets does. Raises LabelFileError."""
    table = read_table(path, options.delimiter)
    wanted = DatasetChoices(
        layout=layout,
        separator=options.separator,
        delimiter=table.delimiter,
        image_column=options.image_column,
        label_column=options.label_column if layout == CSV_LIST else None,
        empty_words=options.empty_words,
    )
    width = len(table.header)
    if layout == CSV_LIST and any(len(row) > width for row in table.rows):
        table, joined = _joined(table, path, index, wanted)
    else:
        joined = ()
    kept = tuple(i for i, row in enumerate(table.rows) if not any(map(str.strip, row[width:])))
    table, ragged = rectangular(table)
    found = _choices(table, index, wanted)
    return Columns(
        table=table,
        warnings=(*table.warnings, *joined, *ragged),
        image=table.header.index(found.image_column or ""),
        split=table.header.index(found.split_column) if found.split_column else None,
        label=table.header.index(found.label_column) if layout == CSV_LIST and found.label_column else None,
        separator=found.separator,
        kept=kept,
    )


def gathered_rows(columns: Columns, index: ImageIndex) -> tuple[Gathering, IntArray, dict[int, str]]:
    """The images of a table: row of the gathering by line of the table, -1 where refused; and the parts of a split."""
    table = columns.table
    found = Gathering(table.name, index)
    rows = np.full(len(table.rows), -1, dtype=np.int64)
    parts: dict[int, str] = {}
    for position, (cells, line) in enumerate(zip(table.rows, table.lines, strict=True)):
        row = found.image(image_key(cells[columns.image], index), line)
        if row is None:
            continue
        rows[position] = row
        if columns.split is not None and (part := plain_cell(cells[columns.split].strip())):
            parts[row] = part
    return found, rows, parts


def image_key(cell: str, index: ImageIndex) -> str:
    """What a cell calls an image, without the quote that keeps it from being a formula."""
    plain = plain_cell(cell)
    return cell if plain != cell and index.find(plain) < 0 <= index.find(cell) else plain


def peek(head: bytes) -> tuple[list[str], list[list[str]]]:
    """The header and the first rows of what may be a table; ([], []) where it is none."""
    text = _text_of(head)
    if text is None or "\0" in text:
        return [], []
    whole = text[: text.rfind("\n") + 1] or text
    best: tuple[list[str], list[list[str]]] = ([], [])
    for delimiter in DELIMITERS:
        try:
            rows = [row for row in csv.reader(io.StringIO(whole, newline=""), delimiter=delimiter) if any(row)]
        except csv.Error:
            continue
        if rows and len(rows[0]) > max(1, len(best[0])):
            best = [cell.strip() for cell in rows[0]], [row for row in rows[1:_PEEKED] if len(row) == len(rows[0])]
    return best


def is_table_name(path: str) -> bool:
    """Whether a file is called like a table."""
    return os.path.splitext(path)[1].lower() in (".csv", ".tsv", ".txt")


def names_images(header: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Whether a column is called like one that names images, or holds such names."""
    telling = {"image", "imagename", "imageid", "imageindex", "imagepath", "filename", "filepath", "file", "path", "id"}
    plain = {"".join(filter(str.isalnum, name.lower())) for name in header}
    return bool(plain & telling) or any(has_image_suffix(cell.strip()) for row in rows for cell in row)


def _text_of(head: bytes) -> str | None:
    for encoding in ("utf-8-sig", "utf-16"):
        if encoding == "utf-16" and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
            continue
        for end in (0, 1, 2, 3):  # the last letter may be cut
            try:
                return head[: len(head) - end].decode(encoding)
            except UnicodeDecodeError:
                continue
    return head.decode("cp1252", "replace")


def _joined(table: Table, path: str, index: ImageIndex, wanted: DatasetChoices) -> tuple[Table, tuple[str, ...]]:
    """With lists in the last column, cells beyond it are further labels that nobody quoted."""
    width = len(table.header)
    cut = replace(table, rows=[row[:width] + [""] * (width - len(row)) for row in table.rows])
    column = _choices(cut, index, wanted).label_column
    if column != table.header[-1]:
        return table, ()
    rows = [[*row[: width - 1], table.delimiter.join(row[width - 1 :])] for row in table.rows]
    remark = f"{table.name}: cells beyond the last column, {column!r}, were read as further labels."
    return replace(table, rows=rows), (remark,)


def _choices(table: Table, index: ImageIndex, wanted: DatasetChoices) -> DatasetChoices:
    """What the reader of datasets makes of the table: a sample will do, unless no image of it is there."""
    step = max(1, len(table.rows) // _SAMPLE)
    sample = replace(table, rows=[list(row) for row in table.rows[::step]], lines=table.lines[::step])
    there = Listing(index.root, tuple(index.names), ())
    named = [cell.strip() for row in sample.rows for cell in row if has_image_suffix(cell.strip())]
    as_written = Listing(index.root, tuple(dict.fromkeys(named)), ())
    tries = [(sample, there), (table, there), (sample, as_written)]
    error: LabelFileError | ImagesMissingError | None = None
    for tried, listing in tries if step > 1 else [tries[0], tries[2]]:
        try:
            return read_csv(tried, listing, wanted).choices
        except (LabelFileError, ImagesMissingError) as caught:
            error = error or caught
    raise LabelFileError(str(error), detail=error.detail if error else "") from error


COLUMNS_LAYOUT: Final = CSV_COLUMNS
LIST_LAYOUT: Final = CSV_LIST
