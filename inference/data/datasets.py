"""Opening a validation folder or a label file: find out what it is, read it, and say what was found."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from inference.data import folders
from inference.data.csv_dataset import images_folder, read_csv
from inference.data.csv_reading import TABLE_SUFFIXES, read_table
from inference.data.listing import Listing, list_images, natural_key
from inference.data.matching import LabelMatch, match_labels
from inference.data.reports import (
    CSV_COLUMNS,
    CSV_LIST,
    FOLDERS,
    LAYOUTS,
    UNLABELLED,
    Annotations,
    DatasetChoices,
    DatasetReport,
    make_report,
)
from inference.data.sentences import some
from inference.data.tasks import found_task, made_multiclass, similar_names
from inference.errors import DatasetError, ImagesMissingError, LabelFileError
from inference.types import Dataset, Task, locked

__all__ = [
    "LAYOUTS",
    "DatasetChoices",
    "DatasetReport",
    "LabelMatch",
    "match_labels",
    "open_dataset",
]

Progress = Callable[[int], None]

_NO_CHOICES: Final = DatasetChoices()
_CSV_LAYOUTS: Final = (CSV_COLUMNS, CSV_LIST)
_BESIDE_SUFFIXES: Final = (".csv", ".tsv")  # what is looked for in a folder; .txt is too often something else


def open_dataset(
    path: str | Path, choices: DatasetChoices = _NO_CHOICES, *, progress: Progress | None = None
) -> DatasetReport:
    """Open a folder of images or a CSV file of labels.

    ``progress`` gets the number of images found so far; what it raises ends the reading, which is how to cancel.
    Raises DatasetError and LabelFileError.
    """
    path = os.path.abspath(path)
    if choices.layout is not None and choices.layout not in LAYOUTS:
        raise DatasetError(f"There is no layout {choices.layout!r}: choose one of {', '.join(LAYOUTS)}.")
    if os.path.isdir(path):
        return _open_folder(path, choices, progress)
    if not os.path.lexists(path):
        raise DatasetError(f"{path} is not there: open it from where it is now.")
    if os.path.splitext(path)[1].lower() not in TABLE_SUFFIXES:
        raise DatasetError(f"{os.path.basename(path)} is neither a folder nor a CSV file: open the folder it is in.")
    if choices.layout in (FOLDERS, UNLABELLED):
        return _open_folder(images_folder(path, choices), choices, progress)
    listing = list_images(images_folder(path, choices), progress)
    if not listing.names:
        raise ImagesMissingError(
            f"There are no images in {listing.root} beside {os.path.basename(path)}: choose the folder of the images."
        )
    return _open_csv(path, path, listing, choices)


def _open_folder(folder: str, choices: DatasetChoices, progress: Progress | None) -> DatasetReport:
    """A label file in the folder wins over class folders, and these over no labels, unless the user chose."""
    listing = _filled(list_images(folder, progress))
    notes: tuple[str, ...] = ()
    if choices.layout in (None, *_CSV_LAYOUTS):
        report, notes = _open_csv_in(folder, listing, choices)
        if report is not None:
            return report
    layout = choices.layout or (FOLDERS if folders.has_class_folders(listing.names) else UNLABELLED)
    annotations = folders.read_folders(listing.names) if layout == FOLDERS else _nothing_said(len(listing.names))
    if layout == FOLDERS and choices.task is None:
        choices = replace(choices, task=Task.MULTICLASS)
    dataset, annotations, choices = _settled(folder, listing, annotations, replace(choices, layout=layout))
    return make_report(dataset, choices, layout=layout, warnings=listing.warnings + notes + annotations.warnings)


def _open_csv_in(
    folder: str, listing: Listing, choices: DatasetChoices
) -> tuple[DatasetReport | None, tuple[str, ...]]:
    """The report of the one label file in the folder, or None and sentences on why there is not one."""
    reports: list[tuple[str, DatasetReport]] = []
    refused: list[tuple[str, LabelFileError | DatasetError]] = []
    for name in _tables_in(folder):
        try:
            report = _open_csv(folder, os.path.join(folder, name), listing, choices)
        except (LabelFileError, DatasetError) as error:
            refused.append((name, error))
        else:
            reports.append((name, report))
    if len(reports) == 1:
        return reports[0][1], ()
    if choices.layout is not None and not reports:
        raise refused[0][1] if refused else DatasetError(f"There is no CSV file in {folder}: choose it yourself.")
    notes = [f"{name} was not read as labels. {error}" for name, error in refused]
    if reports:
        names = some([name for name, _ in reports])
        notes.append(f"The folder holds {len(reports)} label files ({names}): open the one that you mean.")
    return None, tuple(notes)


def _tables_in(folder: str) -> list[str]:
    try:
        names = os.listdir(folder)
    except OSError:
        return []
    tables = [name for name in names if name.lower().endswith(_BESIDE_SUFFIXES) and not name.startswith(".")]
    return sorted(tables, key=natural_key)


def _open_csv(source: str, path: str, listing: Listing, choices: DatasetChoices) -> DatasetReport:
    table = read_table(path, choices.delimiter)
    result = read_csv(table, listing, choices)
    dataset, annotations, choices = _settled(source, listing, result.annotations, result.choices)
    return make_report(
        dataset,
        choices,
        layout=choices.layout or CSV_COLUMNS,
        warnings=listing.warnings + annotations.warnings,
        missing_files=result.missing_files,
        unlisted_files=result.unlisted_files,
        columns=table.header,
    )


def _settled(
    source: str, listing: Listing, annotations: Annotations, choices: DatasetChoices
) -> tuple[Dataset, Annotations, DatasetChoices]:
    """The dataset, with its task as chosen or as found."""
    task = Task(choices.task) if choices.task is not None else found_task(annotations)
    if task is Task.MULTICLASS:
        annotations = made_multiclass(annotations, listing.names)
    annotations = replace(annotations, warnings=annotations.warnings + similar_names(annotations.labels))
    dataset = Dataset(
        source=source,
        root=listing.root,
        names=listing.names,
        labels=annotations.labels,
        task=task,
        y_true=locked(annotations.y_true),
        annotated=locked(annotations.annotated),
        parts=annotations.parts or folders.parts_of(listing.names),
    )
    return dataset, annotations, replace(choices, task=task)


def _filled(listing: Listing) -> Listing:
    if listing.names:
        return listing
    also = f" {' '.join(listing.warnings)}" if listing.warnings else ""
    raise DatasetError(
        f"There are no images in {listing.root}: open a folder that holds some, such as .jpg or .png.{also}"
    )


def _nothing_said(n_images: int) -> Annotations:
    return Annotations((), np.empty((n_images, 0), dtype=np.int8), np.zeros(n_images, dtype=bool))
