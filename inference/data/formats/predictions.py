"""Predictions made elsewhere: a table with one row an image and one column a label, of logits or of probabilities.

Read from and written as CSV, Parquet and NPZ (arrays ``paths``, ``labels``, and ``logits`` or ``probabilities``).
What the numbers are is taken from the file where it says so, else found out from the values, and always told. Within
the program there are logits only; see ``prediction_values`` on how close probabilities come back.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from inference.data.formats.doubts import Doubts
from inference.data.formats.prediction_tables import RawPredictions, reader_of
from inference.data.formats.prediction_values import LOGITS, PROBABILITIES, guessed_activation, guessed_kind, to_logits
from inference.data.formats.prediction_writing import csv_bytes, npz_bytes, parquet_bytes
from inference.data.formats.writing import write_whole
from inference.data.image_index import AMBIGUOUS, OUTSIDE, ImageIndex
from inference.data.sentences import counted, some
from inference.errors import DataError, LabelFileError
from inference.types import Activation, ScoreArray

SUFFIXES: Final = (".csv", ".tsv", ".txt", ".parquet", ".pq", ".npz")
KINDS: Final = (LOGITS, PROBABILITIES)


@dataclass(frozen=True, eq=False)
class Predictions:
    """Logits of ``m`` images under ``c`` labels, and how they were come by."""

    images: tuple[str, ...]  # (m,) each once: names of the index where found, else as written
    labels: tuple[str, ...]  # (c,)
    logits: ScoreArray  # (m, c), finite; NaN throughout the row of an image whose numbers are not usable
    kind: str  # LOGITS or PROBABILITIES: what stands in the file
    kind_reason: str  # a sentence
    activation: Activation  # what makes scores of the logits
    activation_reason: str  # a sentence
    missing: tuple[str, ...] = ()  # among ``images``: not in the index
    refused: tuple[str, ...] = ()  # lead out of the root; not among ``images``
    warnings: tuple[str, ...] = ()
    kind_told: bool = False  # by the file or the caller, or beyond doubt; else it is a guess
    activation_told: bool = False

    def __len__(self) -> int:
        return len(self.images)


def read_predictions(
    path: str,
    *,
    kind: str | None = None,
    activation: Activation | None = None,
    index: ImageIndex | None = None,
) -> Predictions:
    """Read a table of predictions.

    Args:
        path: a CSV, Parquet or NPZ file.
        kind: LOGITS or PROBABILITIES; None to find out.
        activation: what the probabilities were made with, or what the logits are meant for; None to find out.
        index: of the dataset's images, to resolve names under its root; None leaves names as written.

    Raises LabelFileError where the file is no such table, or holds numbers that are no probabilities though asked.
    """
    raw = reader_of(path)(path)
    name = os.path.basename(path)
    if kind is not None and kind not in KINDS:
        raise ValueError(f"{kind!r} is none of {KINDS}")
    images, rows, missing, refused, warnings = _resolved(raw, index, name)
    values = raw.values[rows]
    kind_told = kind is not None or raw.kind in KINDS
    if kind is not None:
        kind_reason = f"Taken as {kind}, as chosen."
    else:
        kind, kind_reason = guessed_kind(values, raw.kind)
    kind_told = kind_told or kind == LOGITS  # guessed only of numbers that cannot be probabilities
    activation_told = activation is not None or raw.activation in set(Activation)
    if activation is not None:
        activation_reason = f"Taken as meant for {activation}, as chosen."
    else:
        activation, activation_reason = guessed_activation(values, kind, raw.activation)
    # probabilities sum to 1 or do not; of logits, only their logarithms tell
    activation_told = activation_told or kind == PROBABILITIES or activation is Activation.SOFTMAX
    logits, places = to_logits(values, kind, activation)
    if places.size and kind == PROBABILITIES:
        row, column = (int(place) for place in places[0])
        raise LabelFileError(
            f"{name} has {values[row, column]:g} under {raw.labels[column]} for {images[row]}, which is no "
            "probability from 0 to 1: read it as logits, or correct it."
        )
    unusable = np.isnan(logits).any(axis=1)
    if unusable.any():
        examples = some([images[row] for row in np.flatnonzero(unusable).tolist()])
        warnings += (f"{name}: {counted(int(unusable.sum()), 'image')} without usable numbers: {examples}.",)
    return Predictions(
        images=images,
        labels=raw.labels,
        logits=logits,
        kind=kind,
        kind_reason=kind_reason,
        activation=activation,
        activation_reason=activation_reason,
        missing=missing,
        refused=refused,
        warnings=(*raw.warnings, *warnings),
        kind_told=kind_told,
        activation_told=activation_told,
    )


def write_predictions(
    path: str,
    images: Sequence[str],
    labels: Sequence[str],
    values: ScoreArray,
    *,
    kind: str,
    activation: Activation | None = None,
) -> None:
    """Write a table, whole or not at all, as its suffix says: ``.csv``, ``.parquet`` or ``.npz``.

    Args:
        path: where to; a file there is replaced.
        images: (m,) names.
        labels: (c,) names.
        values: float32 (m, c); NaN where there is none, which is written as an empty cell or null.
        kind: LOGITS or PROBABILITIES: what the values are. Parquet and NPZ say it, CSV has no place for it.
        activation: what the probabilities were made with, or what the logits are meant for.

    Numbers come back as the same float32. CSV cells never start a formula. Raises DataError.
    """
    if kind not in KINDS:
        raise ValueError(f"{kind!r} is none of {KINDS}")
    values = np.asarray(values, dtype=np.float32)
    suffix = os.path.splitext(path)[1].lower()
    writers = {".csv": csv_bytes, ".parquet": parquet_bytes, ".pq": parquet_bytes, ".npz": npz_bytes}
    if suffix not in writers:
        raise DataError(f"{path} ends in none of .csv, .parquet and .npz: choose one of these.")
    clashing = sorted(label for label in set(labels) if label == "image" or list(labels).count(label) > 1)
    if clashing and suffix != ".npz":
        raise DataError(f"{path} cannot hold a label twice, nor one that is called image: rename {some(clashing)}.")
    write_whole(path, writers[suffix](images, labels, values, kind, activation))


def _resolved(
    raw: RawPredictions, index: ImageIndex | None, file_name: str
) -> tuple[tuple[str, ...], list[int], tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Names, the row of each, names that are missing, refused ones, and sentences."""
    images: dict[str, int] = {}
    missing: dict[str, None] = {}
    refused: list[str] = []
    doubts = Doubts(file_name)
    for row, key in enumerate(raw.images):
        place = raw.place(row)
        name = key.strip()
        found = index.find(key) if index is not None and "\0" not in key else None
        if found == OUTSIDE:
            refused.append(f"{name!r} in {place}")
            doubts.add("path", f"refused, leading out of {index.root if index else ''}", refused[-1])
            continue
        if not name:
            doubts.add("row", "left out, without the name of an image", place)
            continue
        if found is not None and found >= 0 and index is not None:
            name = index.names[found]
        elif found == AMBIGUOUS:
            doubts.add("name", "fitting several images; write more of the path", f"{name!r} in {place}")
        elif index is not None:
            missing[name] = None
            doubts.add("image", "named but not there", f"{name!r} in {place}")
        if images.setdefault(name, row) != row:
            doubts.add("row", "left out, about an image that has one already", f"{name!r} in {place}")
    return tuple(images), list(images.values()), tuple(missing), tuple(refused), tuple(doubts.sentences())
