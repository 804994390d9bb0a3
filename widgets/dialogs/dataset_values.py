"""What the dataset dialog shows and what it hands back: plain values. No Qt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

NOT_USED: Final = ""  # in place of a model label: the dataset's label has no counterpart

LAYOUTS: Final = (
    ("folders", "one folder a class"),
    ("csv_columns", "CSV, one column a label"),
    ("csv_list", "CSV, a column that lists the labels"),
    ("unlabelled", "images without labels"),
)
SEPARATORS: Final = (
    ("|", "|  (bar)"),
    (";", ";  (semicolon)"),
    (",", ",  (comma)"),
    (" ", "space"),
    ("", "none: a cell is one label"),
)
DELIMITERS: Final = ((",", ",  (comma)"), (";", ";  (semicolon)"), ("\t", "tab"), ("|", "|  (bar)"))
MINUS_ONE: Final = (("unknown", "unknown: nobody is sure"), ("negative", "negative: the label is not there"))
UNLISTED: Final = (("negative", "negative: the list is complete"), ("unknown", "unknown: the list may be incomplete"))
TASKS: Final = (("multilabel", "any number of labels an image"), ("multiclass", "exactly one label an image"))


@dataclass(frozen=True)
class LabelRow:
    """One label of the dataset, how often it is annotated, and the model's label it stands for."""

    name: str
    positives: int
    negatives: int
    unknown: int
    model_label: str = NOT_USED


@dataclass(frozen=True)
class DatasetView:
    """What was found in a dataset. A reading choice that does not apply to the layout is None."""

    source: str  # what was opened
    summary: str  # "412 images, 10 labels, multi-label; 3 files missing"
    layout: str  # a key of ``layouts``
    layouts: tuple[tuple[str, str], ...] = LAYOUTS  # (key, words)
    warnings: tuple[str, ...] = ()
    labels: tuple[LabelRow, ...] = ()
    model_labels: tuple[str, ...] = ()  # empty while no model is open
    columns: tuple[str, ...] = ()  # of the CSV file
    delimiter: str | None = None  # between columns
    separator: str | None = None  # between the labels of one cell
    image_column: str | None = None
    label_column: str | None = None
    minus_one_means: str | None = None
    unlisted_means: str | None = None
    images_root: str | None = None
    task: str | None = None
    split_column: str | None = None  # "" for none


@dataclass(frozen=True)
class DatasetCorrections:
    """What the user chose, None where the reader finds out by itself; ``mapping``: dataset label -> model label."""

    layout: str | None = None
    delimiter: str | None = None
    separator: str | None = None
    image_column: str | None = None
    label_column: str | None = None
    minus_one_means: str | None = None
    unlisted_means: str | None = None
    images_root: str | None = None
    task: str | None = None
    split_column: str | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)


def mapping_summary(rows: Sequence[LabelRow], model_labels: Sequence[str]) -> str:
    """How the two sets of labels meet, in a sentence or three; empty while no model is open."""
    if not model_labels or not rows:
        return ""
    used = {row.model_label for row in rows if row.model_label != NOT_USED}
    unused = [row.name for row in rows if row.model_label == NOT_USED]
    without = [label for label in model_labels if label not in used]
    parts = [f"{len(rows) - len(unused)} of {len(rows)} dataset labels stand for a label of the model."]
    if unused:
        parts.append(f"Not used: {_named(unused)}.")
    if without:
        parts.append(f"Without annotations: {_named(without)} ({len(without)} of {len(model_labels)} model labels).")
    return " ".join(parts)


def joined_labels(rows: Sequence[LabelRow]) -> str:
    """A sentence where several labels stand for the same one, which joins them; else nothing."""
    sources: dict[str, list[str]] = {}
    for row in rows:
        if row.model_label != NOT_USED:
            sources.setdefault(row.model_label, []).append(row.name)
    joined = [f"{_named(names)} as “{label}”" for label, names in sources.items() if len(names) > 1]
    return f"Joined: {'; '.join(joined[:3])}{' …' if len(joined) > 3 else ''}." if joined else ""


def _named(names: Sequence[str], most: int = 3) -> str:
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"
