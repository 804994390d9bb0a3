"""CSV with one column a label: Roboflow's ``_classes.csv``, CheXpert, and plain tables of 1 and 0.

1 is positive, 0 negative, an empty cell unsaid, ``?`` unknown. -1 is unknown (CheXpert) or negative (CelebA): as the
user says, else negative where the file has neither 0 nor an empty cell, and the choice is said. Written over the file
that was read, only the cells that changed are touched, so that an unchanged file stays byte for byte; other columns
and rows of images that are not there are kept.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from inference.data.csv_columns import label_columns, read_columns
from inference.data.csv_reading import Table, read_table
from inference.data.formats import reading
from inference.data.formats.base import (
    MEANS_NEGATIVE,
    MEANS_UNKNOWN,
    NO_READ_OPTIONS,
    NO_WRITE_OPTIONS,
    FileAnnotations,
    ImageIndex,
    ReadOptions,
    WriteOptions,
    WriteReport,
    nameable,
)
from inference.data.formats.basing import PlacedIndex, aligned, index_for, written_row
from inference.data.formats.cells import csv_line, plain_cell, safe_cell
from inference.data.formats.csv_text import RawCsv, raw_csv
from inference.data.formats.gathering import bits_of, statements_of
from inference.data.formats.table import (
    COLUMNS_LAYOUT,
    Columns,
    gathered_rows,
    image_key,
    is_table_name,
    names_images,
    open_columns,
    peek,
)
from inference.data.formats.writing import write_whole
from inference.data.sentences import counted, shortened, some
from inference.errors import LabelFileError
from inference.types import NEGATIVE, POSITIVE, UNKNOWN, IntArray
from inference.types.annotating import UNSAID, StatementArray

_VALUES: Final = frozenset({"", "0", "1", "-1", "0.0", "1.0", "-1.0", "true", "false", "?", "yes", "no"})
_MINUS_ONES: Final = frozenset({"-1", "-1.0", "-1."})


@dataclass(frozen=True)
class CsvColumns:
    """Reads and writes CSV files with one column a label."""

    key: str = "csv_columns"
    name: str = "CSV, one column a label"
    detail: str = "One row an image, 1, 0, -1 or empty under each label (Roboflow, CheXpert)"
    suffixes: tuple[str, ...] = (".csv", ".tsv", ".txt")
    is_folder: bool = False
    is_written: bool = True
    is_placed: bool = False  # names images relative to the file's own folder
    image_header: str = "image"  # of the column of images in a new file

    def recognises(self, path: str, head: bytes) -> float:
        """By columns of 1, 0 and -1 beside one that names images."""
        header, rows = peek(head)
        if not is_table_name(path) or len(header) < 2 or not rows or not names_images(header, rows):
            return 0.0
        columns = list(zip(*rows, strict=True))
        fitting = [j for j, cells in enumerate(columns) if {cell.strip().lower() for cell in cells} <= _VALUES]
        if not fitting:
            return 0.0
        return 0.95 if os.path.basename(path) == "_classes.csv" else 0.5 + 0.4 * len(fitting) / len(header)

    def read(self, path: str, index: ImageIndex, options: ReadOptions = NO_READ_OPTIONS) -> FileAnnotations:
        """What the rows say; ``extras["minus_one_means"]`` where there are cells of -1. Raises LabelFileError."""
        index = PlacedIndex(index, path) if self.is_placed else index
        columns = open_columns(path, index, options, COLUMNS_LAYOUT)
        labels = _labels(columns)
        found, rows, parts = gathered_rows(columns, index)
        for position in labels:
            found.label(plain_cell(columns.table.header[position]))
        meaning, said = _minus_one(columns.table, labels, options.minus_one_means)
        statements, odd = _statements(columns.table, labels, meaning or MEANS_UNKNOWN)
        kept = rows >= 0
        numbers = np.asarray(columns.table.lines, dtype=np.int64)
        found.say_block(rows[kept], np.arange(len(labels)), statements[kept], numbers[kept])
        used = {columns.image, columns.split, *labels}
        others = [name for j, name in enumerate(columns.table.header) if name and j not in used]
        note = f"{columns.table.name}: {counted(len(others), 'column')} not read as labels: {some(others)}."
        return found.finish(
            self.key,
            options,
            parts=parts,
            extras={"minus_one_means": meaning} if meaning else {},
            warnings=(*columns.warnings, *((note,) if others else ()), *said, *odd),
        )

    def write(self, path: str, annotations: FileAnnotations, options: WriteOptions = NO_WRITE_OPTIONS) -> WriteReport:
        """1, 0, unknown as -1 (``unknown_as``: "-1", "?" or ""), and an empty cell for unsaid. Raises DataError.

        A file without a single 0 gets ``?`` for unknown, where -1 would be taken for negative. Scores are dropped.
        """
        annotations, notes = nameable(annotations)
        if annotations.scores is not None and options.include_scores:
            notes += ("Scores are not written: this format has no place for them.",)
        if options.base:
            raw, further = self._over(annotations, options)
            content, encoded = raw.encode()
            notes += further + encoded
        else:
            content = self._fresh(annotations, options)
        write_whole(path, content)
        return WriteReport((path,), notes + escapes(annotations))

    def _over(self, annotations: FileAnnotations, options: WriteOptions) -> tuple[RawCsv, tuple[str, ...]]:
        index = index_for(annotations, options, is_placed=self.is_placed)
        base = options.base or ""
        wanted = ReadOptions(minus_one_means=annotations.extras.get("minus_one_means"))
        columns = open_columns(base, index, wanted, COLUMNS_LAYOUT)
        raw = raw_csv(reading.read_bytes(base), read_table(base, columns.table.delimiter))
        return raw, _Overwriting(raw, columns, annotations, options, index).run()

    def _fresh(self, annotations: FileAnnotations, options: WriteOptions) -> bytes:
        texts = _texts(annotations, options)
        parts = annotations.parts
        lines = [csv_line([self.image_header, *map(safe_cell, annotations.labels), *(["split"] if parts else [])])]
        for row, (name, statements) in enumerate(zip(annotations.images, annotations.statements.tolist(), strict=True)):
            part = [safe_cell(parts[row])] if parts else []
            lines.append(csv_line([safe_cell(name), *(texts[value] for value in statements), *part]))
        return "".join(lines).encode()


class _Overwriting:
    """Brings the cells of a file to what annotations say."""

    def __init__(
        self, raw: RawCsv, columns: Columns, annotations: FileAnnotations, options: WriteOptions, index: ImageIndex
    ) -> None:
        self._raw, self._columns, self._annotations = raw, columns, annotations
        self._index = index
        self._labels = _labels(columns)
        self._names = [plain_cell(columns.table.header[j]) for j in self._labels]
        meaning, _ = _minus_one(columns.table, self._labels, annotations.extras.get("minus_one_means"))
        self._meaning = meaning or MEANS_UNKNOWN
        self._texts = _texts(annotations, options) | self._usual_texts()

    def run(self) -> tuple[str, ...]:
        """Change the cells, columns and rows; the notes."""
        table, raw = self._columns.table, self._raw
        before, _ = _statements(table, self._labels, self._meaning)
        wanted = aligned(self._annotations, tuple(self._names))
        known = set(self._annotations.labels)
        new = [label for label in self._annotations.labels if label not in set(self._names)]
        width = len(table.header)
        if new:
            raw.add_columns(width, [safe_cell(label) for label in new])
        added = aligned(self._annotations, tuple(new))
        listed: set[int] = set()
        rows = [written_row(self._index, image_key(cells[self._columns.image], self._index)) for cells in table.rows]
        merged = self._merged(before, rows)
        for position, image in enumerate(rows):
            if image < 0:
                continue
            listed.add(image)
            for j in np.flatnonzero(merged[image] != wanted[image]).tolist():
                raw.set_cell(self._columns.kept[position], self._labels[j], self._texts[int(wanted[image, j])])
            self._set_part(self._columns.kept[position], position, image)
            for j in np.flatnonzero(added[image] != UNSAID).tolist():
                raw.set_cell(self._columns.kept[position], width + j, self._texts[int(added[image, j])])
        for image in range(len(self._annotations)):
            if image not in listed:
                self._add_row(image, wanted[image], added[image], width)
        gone = [j for j, name in zip(self._labels, self._names, strict=True) if name not in known]
        raw.drop_columns(gone)
        if not gone:
            return ()
        names = some([table.header[j] for j in gone])
        return (f"{counted(len(gone), 'column')} left out, of labels that there are no more: {names}.",)

    def _set_part(self, raw_row: int, position: int, image: int) -> None:
        split, parts = self._columns.split, self._annotations.parts
        if (
            split is not None
            and parts
            and plain_cell(self._columns.table.rows[position][split].strip()) != parts[image]
        ):
            self._raw.set_cell(raw_row, split, safe_cell(parts[image]))

    def _merged(self, before: StatementArray, rows: list[int]) -> StatementArray:
        """What the file says of each image to be written, (m, labels of the file)."""
        bits = np.zeros((len(self._annotations), len(self._labels)), dtype=np.uint8)
        images = np.asarray(rows, dtype=np.int64)
        there = images >= 0
        if there.any():
            np.bitwise_or.at(bits, images[there], bits_of(before)[there])
        return statements_of(bits)

    def _add_row(self, image: int, wanted: StatementArray, added: StatementArray, width: int) -> None:
        cells = [""] * (width + len(added))
        cells[self._columns.image] = safe_cell(self._annotations.images[image])
        if self._columns.split is not None and self._annotations.parts:
            cells[self._columns.split] = safe_cell(self._annotations.parts[image])
        for j, value in zip(self._labels, wanted.tolist(), strict=True):
            cells[j] = self._texts[value]
        cells[width:] = [self._texts[value] for value in added.tolist()]
        self._raw.add_row(cells)

    def _usual_texts(self) -> dict[int, str]:
        """What the file itself writes most often for each statement."""
        table = self._columns.table
        counts: dict[int, Counter[str]] = {}
        for position, column in enumerate(self._labels):
            texts = Counter(row[column].strip() for row in table.rows)
            one = replace(table, rows=[[text] for text in texts], lines=[0] * len(texts), header=("x",))
            values, odd = _statements(one, [0], self._meaning)
            if position > 200 or odd:
                continue
            for (text, count), value in zip(texts.items(), values[:, 0].tolist(), strict=True):
                counts.setdefault(value, Counter())[text] += count
        usual = {value: found.most_common(1)[0][0] for value, found in counts.items()}
        if self._meaning == MEANS_NEGATIVE:
            usual.setdefault(UNKNOWN, "?")
            usual.setdefault(NEGATIVE, "-1")
        if usual.get(POSITIVE) == "1.0":
            usual = {NEGATIVE: "0.0", UNKNOWN: "-1.0"} | usual
        return usual


def _labels(columns: Columns) -> list[int]:
    table = columns.table
    found = label_columns(table, {columns.image, columns.split})
    twins = [name for name, count in Counter(table.header[j] for j in found).items() if count > 1]
    if twins:
        raise LabelFileError(f"{table.name} has several columns named {shortened(twins[0])!r}: rename all but one.")
    return found


def _minus_one(table: Table, labels: list[int], chosen: str | None) -> tuple[str | None, tuple[str, ...]]:
    """What -1 means and a sentence on why; (None, ()) where there is none in the file."""
    texts = {row[j].strip() for j in labels for row in table.rows}
    if not texts & _MINUS_ONES:
        return None, ()
    if chosen is not None:
        return chosen, ()
    if texts & {"0", "0.0", "0.", ""}:
        return MEANS_UNKNOWN, (f"{table.name}: -1 was read as unknown, for there are 0 or empty cells as well.",)
    return MEANS_NEGATIVE, (f"{table.name}: -1 was read as negative, for there is neither 0 nor an empty cell.",)


def _statements(table: Table, labels: list[int], minus_one_means: str) -> tuple[StatementArray, tuple[str, ...]]:
    """What every row says, (rows, labels), and sentences on cells that mean nothing here.

    Each distinct text of a column goes through the reader of datasets once, as if it were an image.
    """
    statements = np.full((len(table.rows), len(labels)), UNSAID, dtype=np.int8)
    odd: list[str] = []
    for position, column in enumerate(labels):
        cells = [row[column] for row in table.rows]
        first: dict[str, int] = {}
        for row, cell in enumerate(cells):
            first.setdefault(cell, row)
        texts = list(first)
        header = (table.header[column],)
        one = replace(
            table, header=header, rows=[[text] for text in texts], lines=[table.lines[i] for i in first.values()]
        )
        read = read_columns(one, [0], np.arange(len(texts), dtype=np.int64), texts, minus_one_means)
        odd += read.warnings
        values = np.where(read.annotated, read.y_true[:, 0], np.int8(UNSAID)).astype(np.int8)
        code: dict[str, int] = {text: i for i, text in enumerate(texts)}
        codes: IntArray = np.fromiter(map(code.__getitem__, cells), np.int64, len(cells))
        statements[:, position] = values[codes] if len(texts) else UNSAID
    return statements, tuple(odd[:5])


def _texts(annotations: FileAnnotations, options: WriteOptions) -> dict[int, str]:
    unknown = options.unknown_as
    if unknown is None:
        unknown = "-1" if (annotations.statements == NEGATIVE).any() else "?"
    return {POSITIVE: "1", NEGATIVE: "0", UNKNOWN: unknown, UNSAID: ""}


def escapes(annotations: FileAnnotations) -> tuple[str, ...]:
    """A note on names that would be formulas in a spreadsheet."""
    changed = [text for text in (*annotations.labels, *annotations.images) if safe_cell(text) != text]
    if not changed:
        return ()
    return (
        f"{counted(len(changed), 'name')} got a ' in front, so that no spreadsheet takes them for formulas: "
        f"{some(changed)}.",
    )


FORMAT: Final = CsvColumns()
