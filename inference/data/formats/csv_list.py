"""CSV with one column that lists an image's labels, between spaces, commas, pipes and the like (Kaggle, NIH).

Only positives are listed, so that the user is asked what the rest means; a word such as "No Finding" says that every
label is negative. Written over the file that was read, only the cells of images whose positive labels changed are
touched, and an unchanged file stays byte for byte.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from inference.data.csv_list import SEPARATORS, Lists, take_apart
from inference.data.csv_reading import read_table
from inference.data.formats import reading
from inference.data.formats.base import (
    MEANS_NEGATIVE,
    NO_READ_OPTIONS,
    NO_WRITE_OPTIONS,
    FileAnnotations,
    ImageIndex,
    ReadOptions,
    Rest,
    WriteOptions,
    WriteReport,
    nameable,
)
from inference.data.formats.basing import PlacedIndex, index_for, written_row
from inference.data.formats.cells import csv_line, plain_cell, safe_cell
from inference.data.formats.csv_columns import escapes
from inference.data.formats.csv_text import RawCsv, raw_csv
from inference.data.formats.lists import list_form, list_notes, not_held, positives
from inference.data.formats.table import (
    LIST_LAYOUT,
    Columns,
    gathered_rows,
    image_key,
    is_table_name,
    names_images,
    open_columns,
    peek,
)
from inference.data.formats.writing import write_whole
from inference.data.listing import natural_key
from inference.data.sentences import counted, some
from inference.errors import DataError
from inference.types import NEGATIVE, POSITIVE

NONE_WORD: Final = "No Finding"
_TELLING: Final = frozenset(
    {"label", "labels", "tag", "tags", "class", "classes", "category", "categories", "finding", "findings"}
    | {"findinglabels", "classname", "classnames", "target", "targets", "species"}
)


@dataclass(frozen=True)
class CsvList:
    """Reads and writes CSV files with a column of lists."""

    key: str = "csv_list"
    name: str = "CSV, a list of labels"
    detail: str = "One row an image, its labels in one cell between | , ; or spaces; holds positives only"
    suffixes: tuple[str, ...] = (".csv", ".tsv", ".txt")
    is_folder: bool = False
    is_written: bool = True
    is_placed: bool = False  # names images relative to the file's own folder

    def recognises(self, path: str, head: bytes) -> float:
        """By a column with a telling name, or the only other one, that holds words."""
        header, rows = peek(head)
        if not is_table_name(path) or len(header) < 2 or not rows or not names_images(header, rows):
            return 0.0
        texts = [j for j, cells in enumerate(zip(*rows, strict=True)) if not all(map(_is_number, cells))]
        named = ["".join(filter(str.isalnum, header[j].lower())) in _TELLING for j in texts]
        return 0.7 if any(named) else 0.4 if len(header) == 2 and len(texts) == 2 else 0.0

    def read(self, path: str, index: ImageIndex, options: ReadOptions = NO_READ_OPTIONS) -> FileAnnotations:
        """What the lists say; ``extras["separator"]`` and ``["empty_words"]`` as found. Raises LabelFileError."""
        index = PlacedIndex(index, path) if self.is_placed else index
        columns = open_columns(path, index, options, LIST_LAYOUT)
        lists = _lists(columns, options)
        found, rows, parts = gathered_rows(columns, index)
        for label in sorted({label for labels in lists.tokens for label in labels}, key=natural_key):
            found.label(label)
        everything = range(len(found.labels))
        cells = [row[columns.label or 0] for row in columns.table.rows]
        for row, labels, cell, line in zip(rows.tolist(), lists.tokens, cells, columns.table.lines, strict=True):
            if row < 0:
                continue
            for label in labels:
                column = found.label(label, line)
                if column is not None:
                    found.say(row, column, POSITIVE, line)
            for column in everything if _says_none(labels, cell, lists.separator) else ():
                found.say(row, column, NEGATIVE, line)
        extras = {"separator": lists.separator, "empty_words": lists.empty_words}
        remarks = _remarks(columns, lists)
        warnings = (*columns.warnings, *remarks)
        return found.finish(self.key, options, rest=Rest.ASK, parts=parts, extras=extras, warnings=warnings)

    def write(self, path: str, annotations: FileAnnotations, options: WriteOptions = NO_WRITE_OPTIONS) -> WriteReport:
        """Positives are listed; an image all of whose labels are negative says "No Finding" where that is needed.

        Dropped: the difference between negative, unknown and unsaid wherever one answer about unlisted labels does not
        settle it, labels without a positive, scores; each is noted. Raises DataError.
        """
        annotations, notes = nameable(annotations)
        form = list_form(annotations, self.name, keep_all=options.base is not None)
        notes += list_notes(form, annotations, self.name) + not_held(annotations, options, self.name, parts=True)
        unused = _unused(annotations)
        if unused:
            notes += (f"{counted(len(unused), 'label')} without a positive not listed: {some(unused)}.",)
        if options.base:
            content, further = _over(annotations, options, form.rows.tolist(), self.is_placed)
            notes += further
        else:
            needs_word = form.unlisted != MEANS_NEGATIVE
            separator = _separator(annotations, options, form.rows.tolist())
            content = _fresh(annotations, separator, form.rows.tolist(), needs_word)
            notes += _separator_note(annotations, separator)
        write_whole(path, content)
        return WriteReport((path,), notes + escapes(annotations))


def _lists(columns: Columns, options: ReadOptions) -> Lists:
    column = columns.label or 0
    cells = [plain_cell(row[column]) for row in columns.table.rows]
    return take_apart(cells, columns.table.header[column], options.separator, options.empty_words)


def _remarks(columns: Columns, lists: Lists) -> tuple[str, ...]:
    remarks = []
    if lists.separator == " ":
        remarks.append(f"{columns.table.name}: the labels of a cell were taken apart at spaces.")
    if lists.empty_words:
        words = some([repr(word) for word in lists.empty_words])
        remarks.append(f"{columns.table.name}: {words} was read as: none of the labels.")
    return tuple(remarks)


def _fresh(annotations: FileAnnotations, separator: str, rows: Sequence[int], needs_word: bool) -> bytes:
    parts = annotations.parts
    lines = [csv_line(["image", "labels", *(["split"] if parts else [])])]
    lists = [positives(annotations, row) for row in rows]
    texts = [separator.join(labels) for labels in lists]
    if _may_mislead(annotations.labels) and not any(len(labels) > 1 for labels in lists):
        first = next((i for i, text in enumerate(texts) if text), None)
        if first is not None:
            texts[first] += separator  # shows how the cells are to be taken apart
    for row, text in zip(rows, texts, strict=True):
        cell = NONE_WORD if needs_word and not text and _is_none(annotations, row) else text
        part = [safe_cell(parts[row])] if parts else []
        lines.append(csv_line([safe_cell(annotations.images[row]), safe_cell(cell), *part]))
    return "".join(lines).encode()


def _separator(annotations: FileAnnotations, options: WriteOptions, rows: Sequence[int]) -> str:
    if options.separator is not None:
        return options.separator
    used = {label for row in rows for label in positives(annotations, row)}
    for separator in SEPARATORS:
        if not any(separator in label for label in used):
            return separator
    raise DataError(f"Every separator ({' '.join(SEPARATORS)}) stands in a label: rename one, or use another format.")


def _separator_note(annotations: FileAnnotations, separator: str) -> tuple[str, ...]:
    """A note where a reader that goes by what separators are usual would take another one."""
    earlier = SEPARATORS[: SEPARATORS.index(separator)] if separator in SEPARATORS else SEPARATORS
    if not any(mark in label for label in annotations.labels for mark in earlier):
        return ()
    return (f"The labels of a cell are separated by {separator!r}: choose this separator where the file is read.",)


def _may_mislead(labels: Sequence[str]) -> bool:
    return any(any(letter in SEPARATORS or letter.isspace() for letter in label) for label in labels)


def _over(
    annotations: FileAnnotations, options: WriteOptions, new_rows: Sequence[int], is_placed: bool
) -> tuple[bytes, tuple[str, ...]]:
    """The file with other lists where the positives changed; images that it does not name are added."""
    base = options.base or ""
    index = index_for(annotations, options, is_placed=is_placed)
    extras = annotations.extras
    wanted = ReadOptions(separator=extras.get("separator"), empty_words=extras.get("empty_words"))
    columns = open_columns(base, index, wanted, LIST_LAYOUT)
    lists = _lists(columns, wanted)
    raw = raw_csv(reading.read_bytes(base), read_table(base, columns.table.delimiter))
    table, column = columns.table, columns.label or 0
    images = [written_row(index, image_key(row[columns.image], index)) for row in table.rows]
    listed: dict[int, set[str]] = {}
    for image, labels in zip(images, lists.tokens, strict=True):
        listed.setdefault(image, set()).update(labels)
    separator = lists.separator or _separator(annotations, options, new_rows)
    word = lists.empty_words[0] if lists.empty_words else ""
    done: set[int] = set()
    for position, (image, labels) in enumerate(zip(images, lists.tokens, strict=True)):
        if image < 0:
            continue
        now = positives(annotations, image)
        kept = [label for label in labels if label in now]
        if image not in done:
            kept += [label for label in now if label not in listed[image]]
        done.add(image)
        none = not now and bool(word) and _is_none(annotations, image)
        is_explicit = _says_none(labels, table.rows[position][column], lists.separator)
        if kept != labels or (not now and none != is_explicit):
            cells = raw.records[columns.kept[position] + 1][0]
            if column == len(table.header) - 1:
                del cells[column + 1 :]  # labels that nobody quoted
            raw.set_cell(columns.kept[position], column, safe_cell(word if none else separator.join(kept)))
    _add_rows(raw, annotations, columns, [row for row in new_rows if row not in done], separator, word)
    content, notes = raw.encode()
    return content, notes


def _add_rows(
    raw: RawCsv, annotations: FileAnnotations, columns: Columns, rows: Sequence[int], separator: str, word: str
) -> None:
    for row in rows:
        cells = [""] * len(columns.table.header)
        cells[columns.image] = safe_cell(annotations.images[row])
        text = separator.join(positives(annotations, row))
        cells[columns.label or 0] = safe_cell(text or (word if _is_none(annotations, row) else ""))
        if columns.split is not None and annotations.parts:
            cells[columns.split] = safe_cell(annotations.parts[row])
        raw.add_row(cells)


def _says_none(labels: Sequence[str], cell: str, separator: str) -> bool:
    """Whether a cell has a word for "no label" in it, and no label."""
    return not labels and bool(cell.replace(separator or " ", " ").strip())


def _is_none(annotations: FileAnnotations, row: int) -> bool:
    """Whether every label of an image is negative."""
    return bool(len(annotations.labels)) and bool((annotations.statements[row] == NEGATIVE).all())


def _unused(annotations: FileAnnotations) -> list[str]:
    used = (annotations.statements == POSITIVE).any(axis=0)
    return [annotations.labels[j] for j in np.flatnonzero(~np.asarray(used)).tolist()]


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return not cell.strip()
    return True


FORMAT: Final = CsvList()
