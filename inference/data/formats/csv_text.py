"""A CSV file as it is written, cell by cell, so that changing one cell leaves every other byte alone."""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from inference.data.csv_reading import Table
from inference.data.formats.cells import quoted

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it starts with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_GUESSES: Final = ("utf-8", "utf-16-le", "utf-16-be", "cp1252", "latin-1")
_EXCEL_LINE: Final = re.compile(r"\Asep=.\r?\n", re.IGNORECASE)
_LINE_END: Final = re.compile(r"\r\n|\n|\r")


@dataclass(eq=False)
class RawCsv:
    """The header and the rows of a table as text with its quotation marks; what stands before and between is kept."""

    delimiter: str
    newline: str
    mark: bytes
    encoding: str
    head: str  # what stands before the header
    records: list[tuple[list[str], str]]  # raw cells and what ends the line, the header first
    gaps: dict[int, str] = field(default_factory=dict)  # empty lines after a record

    @property
    def n_rows(self) -> int:
        """How many rows there are below the header."""
        return len(self.records) - 1

    def set_cell(self, row: int, column: int, text: str) -> None:
        """Write a cell, quoted as it must be; ``row`` -1 is the header."""
        cells = self.records[row + 1][0]
        cells.extend([""] * (column + 1 - len(cells)))
        cells[column] = quoted(text, self.delimiter)

    def add_columns(self, width: int, names: Sequence[str]) -> None:
        """Put empty columns behind the ``width`` that there are."""
        for position, (cells, _) in enumerate(self.records):
            cells.extend([""] * (width - len(cells)))
            tail = [quoted(name, self.delimiter) for name in names] if position == 0 else [""] * len(names)
            cells[width:width] = tail

    def drop_columns(self, columns: Sequence[int]) -> None:
        """Leave columns out of every row."""
        gone = set(columns)
        for cells, _ in self.records:
            cells[:] = [cell for column, cell in enumerate(cells) if column not in gone]

    def drop_rows(self, rows: Sequence[int]) -> None:
        """Leave rows out, with the empty lines after them."""
        gone = {row + 1 for row in rows}
        kept = [position for position in range(len(self.records)) if position not in gone]
        self.gaps = {new: self.gaps[old] for new, old in enumerate(kept) if old in self.gaps}
        self.records = [self.records[position] for position in kept]

    def add_row(self, cells: Sequence[str]) -> None:
        """Put a row at the end."""
        last, ending = self.records[-1]
        if not ending:
            self.records[-1] = (last, self.newline)
        self.records.append(([quoted(cell, self.delimiter) for cell in cells], self.newline))

    def encode(self) -> tuple[bytes, tuple[str, ...]]:
        """The file's bytes, and a note where its encoding had to change."""
        text = self.head + "".join(
            self.delimiter.join(cells) + ending + self.gaps.get(position, "")
            for position, (cells, ending) in enumerate(self.records)
        )
        try:
            return self.mark + text.encode(self.encoding), ()
        except UnicodeEncodeError:
            note = f"The file was written as UTF-8, for its old encoding ({self.encoding}) lacks some of the letters."
            return codecs.BOM_UTF8 + text.encode(), (note,)


def raw_csv(content: bytes, table: Table) -> RawCsv:
    """The file that ``table`` was read from (before rows were made equally long), as it is written.

    Should the two disagree about a cell, the values of the table are laid out anew.
    """
    for mark, encoding in _candidates(content):
        try:
            text = content[len(mark) :].decode(encoding)
        except UnicodeDecodeError:
            continue
        raw = _parsed(text, table.delimiter, mark, encoding)
        if raw is not None and _agrees(raw, table):
            return raw
    records = [([quoted(cell, table.delimiter) for cell in row], "\n") for row in (list(table.header), *table.rows)]
    return RawCsv(table.delimiter, "\n", b"", "utf-8", "", records)


def _candidates(content: bytes) -> list[tuple[bytes, str]]:
    marked = [(mark, encoding) for mark, encoding in _MARKS if content.startswith(mark)]
    return marked[:1] or [(b"", encoding) for encoding in _GUESSES]


def _parsed(text: str, delimiter: str, mark: bytes, encoding: str) -> RawCsv | None:
    """The cells of every line, or None where a quotation mark is out of place."""
    excel = _EXCEL_LINE.match(text)
    head = excel[0] if excel else ""
    cell = re.compile(rf' *"(?:[^"]|"")*"|[^{re.escape(delimiter)}\r\n]*')
    records: list[tuple[list[str], str]] = []
    gaps: dict[int, str] = {}
    position = len(head)
    while position < len(text):
        start = position
        ending = _LINE_END.search(text, position)
        line = text[position : ending.start() if ending else len(text)]
        if '"' not in line:
            cells = line.split(delimiter)
            position = ending.end() if ending else len(text)
        else:
            cells = []
            while True:
                found = cell.match(text, position)
                if found is None:
                    return None
                cells.append(found[0])
                position = found.end()
                if not text.startswith(delimiter, position):
                    break
                position += 1
            ending = _LINE_END.match(text, position)
            if ending is None and position < len(text):
                return None
            position = ending.end() if ending else position
        if any(plain_of(raw).strip() for raw in cells):
            records.append((cells, ending[0] if ending else ""))
        elif records:
            gaps[len(records) - 1] = gaps.get(len(records) - 1, "") + text[start:position]
        else:
            head += text[start:position]
    newline = next((end for _, end in records if end), "\n")
    return RawCsv(delimiter, newline, mark, encoding, head, records, gaps) if records else None


def plain_of(raw: str) -> str:
    """The value of a raw cell."""
    cell = raw.lstrip(" ")
    return cell[1:-1].replace('""', '"') if cell.startswith('"') and len(cell) > 1 else cell


def _agrees(raw: RawCsv, table: Table) -> bool:
    if raw.n_rows != len(table.rows) or [plain_of(cell).strip() for cell in raw.records[0][0]] != list(table.header):
        return False
    return all(
        [plain_of(cell) for cell in cells] == row[: len(cells)] and not any(row[len(cells) :])
        for (cells, _), row in zip(raw.records[1:], table.rows, strict=True)
    )
