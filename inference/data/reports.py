"""What a user may choose about a dataset, what a label file said, and the report of what was found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from inference.data.sentences import counted
from inference.types import NEGATIVE, POSITIVE, UNKNOWN, BoolArray, Dataset, IntArray, Task, TruthArray

FOLDERS: Final = "folders"
CSV_COLUMNS: Final = "csv_columns"
CSV_LIST: Final = "csv_list"
UNLABELLED: Final = "unlabelled"
LAYOUTS: Final = (FOLDERS, CSV_COLUMNS, CSV_LIST, UNLABELLED)

MEANS_UNKNOWN: Final = "unknown"
MEANS_NEGATIVE: Final = "negative"

TASK_WORDS: Final = {Task.MULTILABEL: "multi-label", Task.MULTICLASS: "multi-class"}


@dataclass(frozen=True)
class DatasetChoices:
    """The user's corrections; None means: find out. In a report every value that applies is resolved."""

    layout: str | None = None  # one of LAYOUTS
    separator: str | None = None  # between the labels of one cell; "" where a cell is one label
    delimiter: str | None = None  # between the columns of a CSV file
    image_column: str | None = None
    label_column: str | None = None  # of a list of labels
    minus_one_means: str | None = None  # "unknown" (CheXpert) or "negative" (CelebA)
    images_root: str | None = None  # absolute, or relative to the CSV file
    unlisted_means: str | None = None  # labels that a list leaves out: "negative" or "unknown"
    empty_words: tuple[str, ...] | None = None  # list entries that mean "no label", such as "No Finding"
    task: Task | None = None
    split_column: str | None = None  # which part of a split a row belongs to; "" for no such column


@dataclass(frozen=True, eq=False)
class Annotations:
    """What people said about n images under c labels, as far as one label format tells."""

    labels: tuple[str, ...]  # (c,)
    y_true: TruthArray  # (n, c)
    annotated: BoolArray  # (n,)
    warnings: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()  # (n,) of a split, () where there is none


@dataclass(frozen=True, eq=False)
class DatasetReport:
    """A dataset and what was found, missing or doubtful while reading it."""

    dataset: Dataset
    layout: str
    choices: DatasetChoices
    positives: IntArray  # (c,)
    negatives: IntArray  # (c,)
    unknown: IntArray  # (c,), among annotated images
    unannotated: int
    missing_files: tuple[str, ...]  # named by the label file, but not there
    unlisted_files: tuple[str, ...]  # there, and in the dataset, but without a row
    warnings: tuple[str, ...]
    columns: tuple[str, ...]  # of the CSV file

    def summary(self) -> str:
        """One line: ``412 images, 10 labels, multi-label; 12 not annotated; 3 files missing``."""
        what = f"{counted(len(self.dataset), 'image')}, "
        if self.dataset.labels:
            what += f"{counted(len(self.dataset.labels), 'label')}, {TASK_WORDS[self.dataset.task]}"
        else:
            what += "no labels"
        parts = [what]
        if self.dataset.labels and self.unannotated:
            parts.append(f"{self.unannotated:,} not annotated")
        if self.missing_files:
            parts.append(f"{counted(len(self.missing_files), 'file')} missing")
        return "; ".join(parts)


def make_report(
    dataset: Dataset,
    choices: DatasetChoices,
    *,
    layout: str,
    warnings: tuple[str, ...],
    missing_files: tuple[str, ...] = (),
    unlisted_files: tuple[str, ...] = (),
    columns: tuple[str, ...] = (),
) -> DatasetReport:
    """A report with its counts taken from the dataset."""
    y_true = dataset.y_true
    return DatasetReport(
        dataset=dataset,
        layout=layout,
        choices=choices,
        positives=np.count_nonzero(y_true == POSITIVE, axis=0).astype(np.int64),
        negatives=np.count_nonzero(y_true == NEGATIVE, axis=0).astype(np.int64),
        unknown=np.count_nonzero((y_true == UNKNOWN)[dataset.annotated], axis=0).astype(np.int64),
        unannotated=int(np.count_nonzero(~dataset.annotated)),
        missing_files=missing_files,
        unlisted_files=unlisted_files,
        warnings=warnings,
        columns=columns,
    )
