"""Tables of predictions as they stand in CSV, Parquet and NPZ files: names, labels and numbers."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from inference.data.csv_reading import Table, read_table, rectangular
from inference.data.files import has_image_suffix
from inference.data.formats.cells import plain_cell
from inference.data.formats.reading import read_bytes
from inference.data.sentences import counted, shortened, some
from inference.errors import LabelFileError
from inference.types import FloatArray

_IMAGE_NAMES: Final = ("image", "images", "file_name", "filename", "path", "filepath", "file", "image_id", "name", "id")
_SCORE_OF: Final = "score of "  # a column of Cutline's own table of predictions
_PATHS: Final = ("paths", "images", "names", "filenames", "image")
_LABELS: Final = ("labels", "classes", "label_names", "class_names")
_VALUES: Final = {
    "logits": "logits",
    "probabilities": "probabilities",
    "probs": "probabilities",
    "scores": "",
    "predictions": "",
}
_MOST_BYTES: Final = 8 << 30
_SHOWN_LABEL: Final = 40


@dataclass(frozen=True, eq=False)
class RawPredictions:
    """A table as read."""

    images: tuple[str, ...]  # (m,) as written
    labels: tuple[str, ...]  # (c,)
    values: FloatArray  # (m, c); NaN for an empty cell
    lines: tuple[int, ...] = ()  # (m,) of a text file
    kind: str = ""  # what the file says it holds
    activation: str = ""
    warnings: tuple[str, ...] = ()

    def place(self, row: int) -> str:
        """``line 17``, or ``row 16`` where there are no lines."""
        return f"line {self.lines[row]:,}" if self.lines else f"row {row + 1:,}"


def read_csv_table(path: str) -> RawPredictions:
    """A CSV file with a column of image names and columns of numbers. Raises LabelFileError, with the line."""
    table = read_table(path)
    try:
        return _read_columns(table, path)
    except LabelFileError:
        if table.delimiter == ",":
            raise
        try:  # names may hold more semicolons than there are commas between them
            return _read_columns(read_table(path, ","), path)
        except LabelFileError:
            pass
        raise


def _read_columns(table: Table, path: str) -> RawPredictions:
    table, warnings = rectangular(table)
    columns = list(zip(*table.rows, strict=True)) if table.rows else [()] * len(table.header)
    has_comma = table.delimiter != "," and any("," in cell for column in columns for cell in column[:50])
    numbers = {j: _numbers(column, has_comma) for j, column in enumerate(columns) if table.header[j]}
    image = _image_column(table.header, numbers, columns)
    if image is None:
        raise _no_images(path, table.header)
    labels = [j for j, values in numbers.items() if j != image and values is not None]
    own = [j for j in labels if table.header[j].startswith(_SCORE_OF)]
    odd = [j for j in range(len(columns)) if j != image and j not in labels and table.header[j]]
    if own:
        labels, odd = own, []
    _refuse_odd_cells(table, odd, columns, has_comma)
    if not labels:
        raise _no_numbers(path)
    if odd:
        names = some([table.header[j] for j in odd])
        warnings += (f"{table.name}: {counted(len(odd), 'column')} not read, without numbers: {names}.",)
    return RawPredictions(
        images=tuple(plain_cell(cell) for cell in columns[image]),
        labels=_label_names([plain_cell(table.header[j].removeprefix(_SCORE_OF)) for j in labels], path),
        values=_stacked([numbers[j] for j in labels], len(table.rows)),
        lines=tuple(table.lines),
        kind="probabilities" if own else "",
        warnings=(*table.warnings, *warnings),
    )


def read_parquet(path: str) -> RawPredictions:
    """A Parquet file with a column of image names and columns of numbers. Raises LabelFileError."""
    import polars

    content = read_bytes(path)
    name = os.path.basename(path)
    if content[:4] != b"PAR1":
        raise LabelFileError(f"{name} is no Parquet file: choose another.")
    try:
        frame = polars.read_parquet(io.BytesIO(content))
        about = polars.read_parquet_metadata(io.BytesIO(content))
    except (Exception, polars.exceptions.PanicException) as error:
        raise LabelFileError(f"{name} is no whole Parquet file: write it again.", detail=str(error)) from error
    texts = [column for column in frame.columns if frame[column].dtype in (polars.String, polars.Categorical)]
    numeric = [column for column in frame.columns if frame[column].dtype.is_numeric()]
    image = next((column for known in _IMAGE_NAMES for column in texts if column.lower() == known), None)
    image = image or next(iter(texts), None)
    if image is None:
        raise _no_images(path, frame.columns)
    if not numeric:
        raise _no_numbers(path)
    values = [frame[column].cast(polars.Float64, strict=False).fill_null(np.nan).to_numpy() for column in numeric]
    odd = [column for column in frame.columns if column not in numeric and column != image]
    warnings: tuple[str, ...] = ()
    if odd:
        warnings = (f"{name}: {counted(len(odd), 'column')} not read, without numbers: {some(odd)}.",)
    return RawPredictions(
        images=tuple(text or "" for text in frame[image].cast(polars.String).to_list()),
        labels=_label_names(numeric, path),
        values=_stacked(values, frame.height),
        kind=str(about.get("cutline.kind", "")),
        activation=str(about.get("cutline.activation", "")),
        warnings=warnings,
    )


def read_npz(path: str) -> RawPredictions:
    """An NPZ file with ``paths``, ``labels``, and ``logits`` or ``probabilities``. Raises LabelFileError."""
    content, name = read_bytes(path), os.path.basename(path)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
        if size > _MOST_BYTES:
            raise LabelFileError(f"{name} says that it holds {size:,} bytes, more than is read: split it.")
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            found = {key: arrays[key] for key in (*_PATHS, *_LABELS, *_VALUES, "activation") if key in arrays}
    except LabelFileError:
        raise
    except Exception as error:  # numpy raises whatever a damaged archive leads it to
        raise LabelFileError(
            f"{name} is no whole NPZ file of plain arrays: write it again.", detail=str(error)
        ) from error
    paths, labels = _first(found, _PATHS), _first(found, _LABELS)
    key = next((key for key in _VALUES if key in found), None)
    if paths is None or labels is None or key is None:
        raise LabelFileError(
            f"{name} needs the arrays paths, labels, and logits or probabilities: add what is missing."
        )
    values = found[key]
    if values.dtype.kind not in "fiu" or values.shape != (paths.size, labels.size):
        raise LabelFileError(
            f"{name} has {values.dtype} {values.shape} as {key}, where {paths.size:,} paths by {labels.size:,} labels "
            "of numbers are needed: write it again."
        )
    return RawPredictions(
        images=tuple(map(str, paths.ravel().tolist())),
        labels=_label_names([str(label) for label in labels.ravel().tolist()], path),
        values=values.astype(np.float64),
        kind=_VALUES[key],
        activation=str(found["activation"]) if "activation" in found else "",
    )


def reader_of(path: str) -> Callable[[str], RawPredictions]:
    """What reads a file with this name."""
    suffix = os.path.splitext(path)[1].lower()
    if suffix in (".parquet", ".pq"):
        return read_parquet
    return read_npz if suffix == ".npz" else read_csv_table


def _numbers(column: Sequence[str], has_comma: bool) -> FloatArray | None:
    """The cells as numbers, NaN where empty; None where some cell is no number, or none is."""
    cells = [cell.strip() or "nan" for cell in column]
    if has_comma:
        cells = [cell.replace(",", ".") for cell in cells]
    try:
        values = np.array(cells, dtype=object).astype(np.float64)
    except ValueError:
        return None
    return values


def _image_column(
    header: Sequence[str], numbers: dict[int, FloatArray | None], columns: Sequence[Sequence[str]]
) -> int | None:
    """The column with a telling name that holds no numbers; else with image files; else any without; else telling."""
    texts = [j for j, values in numbers.items() if values is None]
    lower = [name.lower().replace(" ", "_") for name in header]
    telling = [j for known in _IMAGE_NAMES for j in numbers if lower[j] == known]
    files = [j for j in texts if any(map(has_image_suffix, columns[j][:50]))]
    named = [j for j in telling if j in texts]
    return next(iter([*(j for j in named if j in files), *files, *named, *texts, *telling]), None)


def _refuse_odd_cells(table: Table, odd: Sequence[int], columns: Sequence[Sequence[str]], has_comma: bool) -> None:
    """Refuse a column that is numbers but for a few cells: leaving it out would lose a label."""
    for j in odd:
        bad = [row for row, cell in enumerate(columns[j]) if _numbers([cell], has_comma) is None]
        if len(bad) * 2 <= len(columns[j]):
            raise LabelFileError(
                f"{table.name} has {shortened(columns[j][bad[0]], 30)!r} under {shortened(table.header[j])} in line "
                f"{table.lines[bad[0]]:,}, which is no number: correct it or leave the cell empty."
            )


def _label_names(names: Sequence[str], path: str) -> tuple[str, ...]:
    labels = [name.strip() for name in names]
    twins = sorted({label for label in labels if labels.count(label) > 1})
    if twins or not all(labels):
        what = f"the label {shortened(twins[0], _SHOWN_LABEL)!r} twice" if twins else "a label without a name"
        raise LabelFileError(f"{os.path.basename(path)} has {what}: rename one.")
    return tuple(labels)


def _stacked(values: Sequence[Any], n_rows: int) -> FloatArray:
    table = np.empty((n_rows, len(values)), dtype=np.float64)
    for j, column in enumerate(values):
        table[:, j] = column
    return table


def _first(found: dict[str, Any], keys: Sequence[str]) -> Any:
    return next((found[key] for key in keys if key in found), None)


def _no_images(path: str, header: Sequence[str]) -> LabelFileError:
    return LabelFileError(
        f"{os.path.basename(path)} has no column that names images; its columns are {some(header, 10)}: add one."
    )


def _no_numbers(path: str) -> LabelFileError:
    return LabelFileError(
        f"{os.path.basename(path)} has no column of numbers: one for each label is needed, with a probability or "
        "a logit for every image."
    )
