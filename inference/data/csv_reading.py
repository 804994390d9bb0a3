"""Reading a CSV file of unknown make into a header and rows that remember their line numbers.

The standard library's parser is used: it gives the line of every row, which a message about a bad cell needs.
"""

from __future__ import annotations

import codecs
import csv
import io
import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Final

from inference.data.files import has_image_suffix
from inference.data.label_files import read_bytes
from inference.data.sentences import counted, lines, shortened, some
from inference.errors import LabelFileError

DELIMITERS: Final = (",", ";", "\t", "|")
TABLE_SUFFIXES: Final = frozenset({".csv", ".tsv", ".txt"})

_SAMPLE_LINES: Final = 50
_BYTE_ORDER_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it starts with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_EXCEL_DELIMITER: Final = re.compile(r"\Asep=(.)\r?\n", re.IGNORECASE)
_NUMBER: Final = re.compile(r"[+-]?[0-9]+(\.[0-9]*)?")


@dataclass(frozen=True, eq=False)
class Table:
    """A CSV file as text. Rows may be longer or shorter than the header: their reader decides what that means."""

    path: str
    header: tuple[str, ...]  # stripped
    header_line: int
    rows: list[list[str]]  # as written; empty lines are gone
    lines: list[int]  # the line of the file that each row starts on, counted from 1
    delimiter: str
    warnings: tuple[str, ...]

    @property
    def name(self) -> str:
        """The file's name, for messages."""
        return os.path.basename(self.path)


def read_table(path: str | Path, delimiter: str | None = None) -> Table:
    """Read a CSV file, finding out its encoding and, unless given, its delimiter. Raises LabelFileError."""
    path = os.fspath(path)
    name = os.path.basename(path)
    content = read_bytes(path, kind="CSV file", smaller="split it or remove columns")
    text, warnings = _decode(content, name)
    if excel := _EXCEL_DELIMITER.match(text):
        delimiter = delimiter or excel[1]
        text = "\n" + text[excel.end() :]  # an empty line in its place keeps the line numbers right
    delimiter = delimiter or _find_delimiter(text)
    numbered = list(_parse(text, delimiter, name))
    if not numbered:
        raise LabelFileError(f"{name} is empty: it needs a line of column names and a line for each image.")
    header_line, header = numbered[0]
    header = [cell.strip() for cell in header]
    _check_header(header, header_line, name)
    table_rows = [row for _, row in numbered[1:]]
    row_lines = [line for line, _ in numbered[1:]]
    return Table(path, tuple(header), header_line, table_rows, row_lines, delimiter, warnings)


def rectangular(table: Table) -> tuple[Table, tuple[str, ...]]:
    """The table with every row as long as its header, and sentences about those that were not.

    The missing end of a short row counts as empty. A row with more cells than columns is left out, for nobody knows
    which of its cells has slipped; empty cells too many are harmless.
    """
    width = len(table.header)
    rows, row_lines = [], []
    short: list[int] = []
    long: list[int] = []
    for line, row in zip(table.lines, table.rows, strict=True):
        if len(row) > width and any(map(str.strip, row[width:])):
            long.append(line)
            continue
        if len(row) < width:
            short.append(line)
            row += [""] * (width - len(row))
        rows.append(row[:width])
        row_lines.append(line)
    warnings = []
    if short:
        warnings.append(
            f"{table.name}: {counted(len(short), 'row')} ended before the {width} columns of the header "
            f"({lines(short)}); the missing cells count as empty."
        )
    if long:
        warnings.append(
            f"{table.name}: {counted(len(long), 'row')} left out, longer than the {width} columns of the header "
            f"({lines(long)})."
        )
    return replace(table, rows=rows, lines=row_lines), tuple(warnings)


def _decode(content: bytes, name: str) -> tuple[str, tuple[str, ...]]:
    """The text, and a warning where the encoding had to be guessed."""
    encoding = next((encoding for mark, encoding in _BYTE_ORDER_MARKS if content.startswith(mark)), None)
    encoding = encoding or _unmarked_utf16(content) or "utf-8"
    warnings: tuple[str, ...] = ()
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding != "utf-8":
            raise LabelFileError(f"{name} is damaged: it is no valid {encoding.upper()}.", detail=str(error)) from error
        text, guess = _decode_western(content)
        warnings = (f"{name} is not UTF-8; it was read as {guess}: check letters with accents.",)
    if "\0" in text:
        raise LabelFileError(f"{name} is not a text file: choose a CSV file.")
    return text, warnings


def _decode_western(content: bytes) -> tuple[str, str]:
    try:
        return content.decode("cp1252"), "Windows-1252"
    except UnicodeDecodeError:
        return content.decode("latin-1"), "Latin-1"


def _unmarked_utf16(content: bytes) -> str | None:
    """UTF-16 without a mark has a zero in every second byte of plain letters."""
    sample = content[:200]
    half = len(sample) // 2
    if half == 0:
        return None
    for start, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        if sample[start::2].count(0) > half * 0.7 and sample[1 - start :: 2].count(0) == 0:
            return encoding
    return None


def _find_delimiter(text: str) -> str:
    """The delimiter that splits most lines into as many cells as the header; of several, the one with most cells."""
    sample = text[: 1 << 20]
    best, best_score = ",", (0.0, 0)
    for delimiter in DELIMITERS:
        try:
            widths = [len(row) for _, row in islice(_parse(sample, delimiter, ""), _SAMPLE_LINES)]
        except LabelFileError:
            continue  # a quote in the wrong place, so this is not it; or the sample ends inside a quote
        if not widths or widths[0] < 2:
            continue
        score = (Counter(widths)[widths[0]] / len(widths), widths[0])
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _parse(text: str, delimiter: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """Yield (line, cells) of every row that is not empty."""
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True, strict=True)
    except TypeError as error:
        raise LabelFileError(f"The separator {delimiter!r} is not one character: choose another.") from error
    start = 1
    try:
        for row in reader:
            if any(cell and not cell.isspace() for cell in row):
                yield start, row
            start = reader.line_num + 1
    except csv.Error as error:
        text = f"{name} cannot be read from line {start} on: a quotation mark there is not closed or out of place."
        if "field larger" in str(error):
            text = f"{name} has a cell of more than {csv.field_size_limit():,} letters in line {start}: shorten it."
        raise LabelFileError(text, detail=str(error)) from error


def _check_header(header: list[str], line: int, name: str) -> None:
    """Refuse a first line that is data: file names, or nothing but repeated numbers."""
    values = [cell for cell in header if cell]
    numbers = [cell for cell in values if _NUMBER.fullmatch(cell)]
    is_data = any(map(has_image_suffix, values)) or len(set(numbers)) < len(numbers)
    if is_data:
        raise missing_header(name, line, header)


def missing_header(name: str, line: int, cells: Sequence[str]) -> LabelFileError:
    """The error for a first line that is data."""
    return LabelFileError(
        f"{name} has no column names: line {line} is data already ({some([shortened(cell, 20) for cell in cells])}); "
        "add a first line such as image,cat,dog."
    )
