"""Bringing a dataset's labels and a model's labels together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from inference.data.tasks import loose
from inference.types import NEGATIVE, POSITIVE, UNKNOWN, BoolArray, Task, TruthArray

_NO_MAPPING: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True)
class LabelMatch:
    """Which label of the model each label of the dataset is."""

    mapping: dict[str, str]  # dataset name -> model name
    unmatched_dataset: tuple[str, ...]
    unmatched_model: tuple[str, ...]
    guessed: tuple[str, ...]  # dataset names that match but for case, spaces or underscores


def match_labels(
    model_labels: Sequence[str], dataset_labels: Sequence[str], mapping: Mapping[str, str] = _NO_MAPPING
) -> LabelMatch:
    """Match names: as the user says, else exactly, else without case, spaces and underscores where only one fits.

    ``mapping`` is the user's, dataset name to model name; what it maps to no label of the model is left unmatched. It
    may map several names to one.
    """
    known = set(model_labels)
    result = {name: mapping[name] for name in dataset_labels if mapping.get(name) in known}
    free = [name for name in dataset_labels if name not in mapping]
    result |= {name: name for name in free if name in known}
    taken = set(result.values())
    guessed = _guesses([label for label in model_labels if label not in taken], free, result)
    result |= guessed
    taken = set(result.values())
    return LabelMatch(
        mapping={name: result[name] for name in dataset_labels if name in result},
        unmatched_dataset=tuple(name for name in dataset_labels if name not in result),
        unmatched_model=tuple(label for label in model_labels if label not in taken),
        guessed=tuple(guessed),
    )


def align_rows(
    truth: TruthArray, annotated: BoolArray, sources: Sequence[Sequence[int]], task: Task
) -> tuple[TruthArray, BoolArray]:
    """Truths (n, c), and which images are annotated (n,), where column j joins the columns ``sources[j]`` of another.

    Several that are joined are positive where any is, negative where all are. A column that joins none is unknown
    throughout if multi-label, and negative where annotated if multi-class. A multi-class image whose own label is in no
    column becomes unannotated.
    """
    y_true = np.full((len(truth), len(sources)), UNKNOWN, dtype=np.int8)
    for column, joined in enumerate(sources):
        if len(joined) == 1:
            y_true[:, column] = truth[:, joined[0]]
        elif joined:
            values = truth[:, list(joined)]
            y_true[:, column] = np.where((values == NEGATIVE).all(axis=1), NEGATIVE, UNKNOWN)
            y_true[(values == POSITIVE).any(axis=1), column] = POSITIVE
    annotated = annotated.copy()
    if task is Task.MULTICLASS:
        annotated &= (y_true == POSITIVE).any(axis=1)
        y_true = np.where(y_true == POSITIVE, POSITIVE, NEGATIVE).astype(np.int8)
        y_true[~annotated] = UNKNOWN
    return y_true, annotated


def _guesses(model_labels: Sequence[str], dataset_labels: Sequence[str], result: Mapping[str, str]) -> dict[str, str]:
    """Loose matches between labels that are still free on both sides and alone in being alike."""
    model = _by_loose_name(model_labels)
    data = _by_loose_name([name for name in dataset_labels if name not in result])
    return {names[0]: model[key][0] for key, names in data.items() if len(names) == 1 and len(model.get(key, ())) == 1}


def _by_loose_name(labels: Sequence[str]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for label in labels:
        groups.setdefault(loose(label), []).append(label)
    return groups
