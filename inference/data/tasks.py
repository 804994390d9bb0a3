"""Whether annotations are multi-label or multi-class, and making them so where the user says."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

import numpy as np

from inference.data.reports import Annotations
from inference.data.sentences import counted, some
from inference.types import NEGATIVE, POSITIVE, UNKNOWN, Task


def found_task(annotations: Annotations) -> Task:
    """Multi-class where every annotated image has exactly one positive label and no unknown one, among two or more."""
    y_true = annotations.y_true[annotations.annotated]
    one_each = (np.count_nonzero(y_true == POSITIVE, axis=1) == 1) & (y_true != UNKNOWN).all(axis=1)
    is_multiclass = len(annotations.labels) > 1 and len(y_true) > 0 and bool(one_each.all())
    return Task.MULTICLASS if is_multiclass else Task.MULTILABEL


def made_multiclass(annotations: Annotations, names: tuple[str, ...]) -> Annotations:
    """One positive label makes the others negative; images with none or several become unannotated, which is said."""
    positives = np.count_nonzero(annotations.y_true == POSITIVE, axis=1)
    several = annotations.annotated & (positives > 1)
    none = annotations.annotated & (positives == 0)
    keep = annotations.annotated & (positives == 1)
    y_true = np.where(annotations.y_true == POSITIVE, POSITIVE, NEGATIVE).astype(np.int8)
    y_true[~keep] = UNKNOWN
    warnings = list(annotations.warnings)
    for mask, words in ((several, "several positive labels"), (none, "no positive label")):
        if mask.any():
            examples = some([names[index] for index in np.flatnonzero(mask)])
            warnings.append(
                f"{counted(int(mask.sum()), 'image')} with {words} cannot be read as multi-class and "
                f"{'counts' if mask.sum() == 1 else 'count'} as not annotated: {examples}."
            )
    return replace(annotations, y_true=y_true, annotated=keep, warnings=tuple(warnings))


def similar_names(labels: tuple[str, ...]) -> tuple[str, ...]:
    """A sentence for each group of labels that differ only in case, spaces or underscores."""
    groups: dict[str, list[str]] = {}
    for label in labels:
        groups.setdefault(loose(label), []).append(label)
    return tuple(
        f"The labels {some([repr(label) for label in group])} differ only in case or spaces; they are kept apart "
        "unless you map them to one label of the model."
        for group in groups.values()
        if len(group) > 1
    )


def loose(label: str) -> str:
    """The label without case, spaces and underscores, for comparing."""
    return "".join(unicodedata.normalize("NFKC", label).casefold().replace("_", " ").split())
