"""Tables of predictions as bytes of CSV, Parquet and NPZ files."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np

from inference.data.formats.cells import csv_line, safe_cell
from inference.types import Activation, ScoreArray

_CHUNK = 4096  # rows held as text at a time


def csv_bytes(
    images: Sequence[str], labels: Sequence[str], values: ScoreArray, kind: str, activation: Activation | None
) -> bytes:
    """A line of column names and a line an image; names that are no valid text are written with question marks.

    A negative number starts with a minus, as numbers do; no other cell starts as a formula does.
    """
    lines = [csv_line(map(safe_cell, ("image", *labels)))]
    for start in range(0, len(values), _CHUNK):
        texts = values[start : start + _CHUNK].astype(np.str_)  # the shortest digits that read back as the same
        texts[texts == "nan"] = ""
        for name, cells in zip(images[start : start + _CHUNK], texts.tolist(), strict=True):
            lines.append(csv_line((safe_cell(name), *cells)))
    return "".join(lines).encode("utf-8", "replace")


def parquet_bytes(
    images: Sequence[str], labels: Sequence[str], values: ScoreArray, kind: str, activation: Activation | None
) -> bytes:
    """One column of names and one of float32 a label; kind and activation are in the file's metadata."""
    import polars

    names = [name.encode("utf-8", "replace").decode() for name in images]
    columns = {"image": polars.Series("image", names, dtype=polars.String)}
    columns |= {label: polars.Series(label, values[:, j]).fill_nan(None) for j, label in enumerate(labels)}
    about = {"cutline.kind": kind, "cutline.activation": "" if activation is None else str(activation)}
    file = io.BytesIO()
    polars.DataFrame(columns).write_parquet(file, metadata=about)
    return file.getvalue()


def npz_bytes(
    images: Sequence[str], labels: Sequence[str], values: ScoreArray, kind: str, activation: Activation | None
) -> bytes:
    """Arrays ``paths`` and ``labels`` of text, and one called as the kind."""
    arrays: dict[str, Any] = {
        "paths": np.array(list(images), dtype=np.str_),
        "labels": np.array(list(labels), dtype=np.str_),
    }
    arrays[kind] = values
    if activation is not None:
        arrays["activation"] = np.array(str(activation))
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()
