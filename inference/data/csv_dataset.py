"""A CSV file beside its images, as a dataset: which column names the images, where they are, and what the rest says."""

from __future__ import annotations

import os
from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from inference.data import csv_columns, csv_list
from inference.data.csv_reading import Table, missing_header, rectangular
from inference.data.files import has_image_suffix
from inference.data.image_index import AMBIGUOUS, MISSING, OUTSIDE, ImageIndex
from inference.data.listing import Listing
from inference.data.reports import (
    CSV_COLUMNS,
    CSV_LIST,
    MEANS_NEGATIVE,
    MEANS_UNKNOWN,
    Annotations,
    DatasetChoices,
)
from inference.data.sentences import counted, some
from inference.data.splits import find_split_column
from inference.errors import ImagesMissingError, LabelFileError
from inference.types import IntArray

_IMAGE_COLUMNS: Final = frozenset(
    {"image", "images", "imagename", "imageid", "imageindex", "imagepath", "filename", "filepath", "file", "path"}
    | {"img", "imgname", "imgpath", "name", "id", "fname"}
)
_LABEL_COLUMNS: Final = frozenset(
    {"label", "labels", "labelname", "tag", "tags", "class", "classes", "classname", "category", "categories"}
    | {"finding", "findings", "findinglabels", "target", "targets", "species", "annotation", "annotations"}
)
_SAMPLE: Final = 300


@dataclass(frozen=True, eq=False)
class CsvResult:
    """What a CSV file says about the images of a listing."""

    annotations: Annotations
    choices: DatasetChoices
    missing_files: tuple[str, ...]
    unlisted_files: tuple[str, ...]


def read_csv(table: Table, listing: Listing, choices: DatasetChoices) -> CsvResult:
    """Find out the layout, unless chosen, and read the annotations. Raises LabelFileError and DatasetError."""
    index = ImageIndex(listing.root, listing.names)
    image_column = _image_column(table, index, choices.image_column)
    split_column = _split_column(table, image_column, choices.split_column)
    layout, columns = _layout(table, {image_column, split_column}, choices)
    if layout == CSV_LIST:
        table = _joined_tail(table, columns[0])
    table, ragged = rectangular(table)
    keys = [row[image_column] for row in table.rows]
    found = np.fromiter(map(index.find, keys), np.int64, len(keys))
    located, missing, remarks = _located(table, keys, found, listing)
    images = found[found >= 0]
    choices = replace(
        choices,
        layout=layout,
        delimiter=table.delimiter,
        image_column=table.header[image_column],
        images_root=listing.root,
        split_column="" if split_column is None else table.header[split_column],
    )
    if layout == CSV_LIST:
        annotations, choices = _read_list(located, columns[0], images, listing.names, choices)
    else:
        annotations, choices = _read_columns(located, columns, images, listing.names, choices)
    annotations = replace(annotations, parts=_parts(located, split_column, images, len(listing.names)))
    unlisted = _unlisted(images, listing.names)
    if unlisted:
        remarks += (
            f"{counted(len(unlisted), 'image')} in the folder without a row in {table.name}, not annotated: "
            f"{some(unlisted)}.",
        )
    warnings = table.warnings + ragged + remarks + annotations.warnings
    return CsvResult(replace(annotations, warnings=warnings), choices, missing, unlisted)


def _read_list(
    table: Table, column: int, images: IntArray, names: Sequence[str], choices: DatasetChoices
) -> tuple[Annotations, DatasetChoices]:
    cells = [row[column] for row in table.rows]
    lists = csv_list.take_apart(cells, table.header[column], choices.separator, choices.empty_words)
    choices = replace(
        choices,
        label_column=table.header[column],
        separator=lists.separator,
        empty_words=lists.empty_words,
        unlisted_means=choices.unlisted_means or MEANS_NEGATIVE,
    )
    return csv_list.read_lists(table, lists, cells, images, names, choices.unlisted_means or MEANS_NEGATIVE), choices


def _read_columns(
    table: Table, columns: Sequence[int], images: IntArray, names: Sequence[str], choices: DatasetChoices
) -> tuple[Annotations, DatasetChoices]:
    minus_one_means = choices.minus_one_means or MEANS_UNKNOWN
    annotations = csv_columns.read_columns(table, columns, images, names, minus_one_means)
    used = {choices.image_column, choices.split_column, *(table.header[j] for j in columns)}
    others = [name for name in table.header if name and name not in used]
    if others:
        remark = f"{table.name}: {counted(len(others), 'column')} not read as labels: {some(others)}."
        annotations = replace(annotations, warnings=(remark, *annotations.warnings))
    return annotations, replace(choices, minus_one_means=minus_one_means)


def _image_column(table: Table, index: ImageIndex, chosen: str | None) -> int:
    """The chosen column; else the one whose cells lead to most images, then the one with a telling name."""
    if chosen is not None:
        return _column(table, chosen)
    step = max(1, len(table.rows) // _SAMPLE)
    sample = table.rows[::step]
    columns = [{row[j] for row in sample if j < len(row)} for j in range(len(table.header))]
    named = [sum(map(has_image_suffix, cells)) for cells in columns]
    scores = []
    for position, name in enumerate(table.header):
        if any(named) and not named[position]:
            continue  # numbers could be file names too, but not where a column of real ones stands beside them
        images = {index.find(cell) for cell in columns[position]} - {MISSING, OUTSIDE, AMBIGUOUS}
        scores.append((len(images), named[position], _plain(name) in _IMAGE_COLUMNS, -position))
    best = max(scores)
    if not any(best[:3]):
        raise LabelFileError(
            f"{table.name} has no column that names images; its columns are {some(table.header, 10)}: "
            "choose the column, or the folder of the images."
        )
    position = -best[3]
    name = table.header[position]
    if _plain(name) not in _IMAGE_COLUMNS and index.find(name) >= 0:
        raise missing_header(table.name, table.header_line, table.header)
    return position


def _split_column(table: Table, image_column: int, chosen: str | None) -> int | None:
    if chosen is None:
        return find_split_column(table, image_column)
    return _column(table, chosen) if chosen else None


def _parts(table: Table, column: int | None, images: IntArray, n_images: int) -> tuple[str, ...]:
    """The part that each image belongs to, (n,); of several rows about one image the last one counts."""
    if column is None:
        return ()
    parts = [""] * n_images
    for image, row in zip(images.tolist(), table.rows, strict=True):
        parts[image] = row[column].strip()
    return tuple(parts)


def _layout(table: Table, taken: Set[int | None], choices: DatasetChoices) -> tuple[str, list[int]]:
    """The layout, and the columns of labels or the one column of lists."""
    if choices.label_column is not None and choices.layout != CSV_COLUMNS:
        return CSV_LIST, [_column(table, choices.label_column)]
    columns = csv_columns.label_columns(_padded(table), taken)
    texts = [j for j, name in enumerate(table.header) if name and j not in taken and j not in columns]
    telling = [j for j in texts if _plain(table.header[j]) in _LABEL_COLUMNS]
    if choices.layout == CSV_LIST:
        telling += texts + columns
    elif choices.layout == CSV_COLUMNS:
        telling = []
    elif not telling and not columns and len(texts) == 1:
        telling = texts
    if telling:
        return CSV_LIST, telling[:1]
    if columns:
        return CSV_COLUMNS, columns
    raise _no_labels(table)


def _padded(table: Table) -> Table:
    """Every row as long as the header, for a first look."""
    width = len(table.header)
    if all(len(row) == width for row in table.rows):
        return table
    return replace(table, rows=[(row + [""] * (width - len(row)))[:width] for row in table.rows])


def _joined_tail(table: Table, column: int) -> Table:
    """With the labels in the last column, cells beyond it are further labels that nobody quoted."""
    width = len(table.header)
    if column != width - 1 or not any(len(row) > width for row in table.rows):
        return table
    rows = [[*row[:column], table.delimiter.join(row[column:])] if len(row) > width else row for row in table.rows]
    remark = f"{table.name}: cells beyond the last column, {table.header[column]!r}, were read as further labels."
    return replace(table, rows=rows, warnings=(*table.warnings, remark))


def _located(
    table: Table, keys: Sequence[str], found: IntArray, listing: Listing
) -> tuple[Table, tuple[str, ...], tuple[str, ...]]:
    """The rows whose image is there, the names that are missing, and sentences on the rest."""

    def where(code: int) -> list[str]:
        return [f"{keys[row].strip()!r} in line {table.lines[row]}" for row in np.flatnonzero(found == code).tolist()]

    remarks = []
    if outside := where(OUTSIDE):
        remarks.append(
            f"{table.name}: {counted(len(outside), 'path')} refused, leading out of {listing.root}: {some(outside)}."
        )
    if ambiguous := where(AMBIGUOUS):
        remarks.append(
            f"{table.name}: {counted(len(ambiguous), 'name')} left out, fitting several images; write more of "
            f"the path: {some(ambiguous)}."
        )
    absent = where(MISSING)
    if not (found >= 0).any():
        first = some(absent or ambiguous or outside, 1) if len(keys) else "it has no rows"
        raise ImagesMissingError(
            f"None of the images that {table.name} names is in {listing.root} ({first}): "
            "choose the folder of the images."
        )
    missing = tuple(dict.fromkeys(keys[row].strip() for row in np.flatnonzero(found == MISSING).tolist()))
    if missing:
        remarks.append(f"{counted(len(missing), 'file')} named in {table.name} but not there: {some(absent)}.")
    kept = np.flatnonzero(found >= 0).tolist()
    located = replace(table, rows=[table.rows[row] for row in kept], lines=[table.lines[row] for row in kept])
    return located, missing, tuple(remarks)


def _unlisted(images: IntArray, names: Sequence[str]) -> tuple[str, ...]:
    listed = np.zeros(len(names), dtype=bool)
    listed[images] = True
    return tuple(names[index] for index in np.flatnonzero(~listed).tolist())


def _column(table: Table, name: str) -> int:
    if name in table.header:
        return table.header.index(name)
    raise LabelFileError(f"{table.name} has no column {name!r}; its columns are {some(table.header, 10)}: choose one.")


def _no_labels(table: Table) -> LabelFileError:
    return LabelFileError(
        f"{table.name} has no column of labels that can be told from its columns {some(table.header, 10)}: choose it."
    )


def _plain(name: str) -> str:
    return "".join(filter(str.isalnum, name.lower()))


def images_folder(csv_path: str, choices: DatasetChoices) -> str:
    """The folder to look for images in: the chosen one, else that of the CSV file."""
    return os.path.join(os.path.dirname(os.path.abspath(csv_path)), choices.images_root or "")
