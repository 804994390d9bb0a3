"""Label Studio's tasks: what their annotations chose, and tasks that choose what is wanted."""

from __future__ import annotations

import copy
from typing import Any, Final

import numpy as np

from inference.data.formats.base import FileAnnotations, WriteOptions
from inference.data.formats.json_checks import dictionary, items, text_of
from inference.data.formats.lists import named, positives
from inference.types import NEGATIVE, UNKNOWN, format_float32
from inference.types.annotating import UNSAID

EXPLICIT: Final = {"negatives": NEGATIVE, "unknown": UNKNOWN}

_CONTROL: Final = {"from_name": "labels", "to_name": "image", "type": "choices"}


def voices(task: dict[str, Any]) -> list[list[Any]]:
    """What each annotation chose that was not cancelled."""
    return [chosen(annotation) for annotation in _active(task)]


def chosen(annotation: dict[str, Any]) -> list[Any]:
    """The choices of the whole image, over all controls."""
    return [name for result in _results(annotation) for name in choices_of(result)]


def choices_of(result: dict[str, Any]) -> list[Any]:
    """The names in one result; of a nested choice the last one."""
    names = items(dictionary(result.get("value")).get("choices"))
    return [name[-1] if isinstance(name, list) and name else name for name in names]


def new_task(annotations: FileAnnotations, row: int, options: WriteOptions, explicit: bool) -> dict[str, Any]:
    """A task for an image; without annotations where nobody said anything."""
    said = bool((annotations.statements[row] != UNSAID).any())
    result = [_result(positives(annotations, row))] if positives(annotations, row) else []
    task: dict[str, Any] = {"data": {"image": options.path_prefix + annotations.images[row]}}
    task["annotations"] = [{"result": result}] if said else []
    if predictions := _predictions(annotations, row, options):
        task["predictions"] = predictions
    if explicit and said:
        task["meta"] = _lists(annotations, row, {})
    return task


def changed_task(
    entry: dict[str, Any], annotations: FileAnnotations, row: int, options: WriteOptions, explicit: bool
) -> dict[str, Any]:
    """A copy of a task that says what the annotations say of its image; choices that they do not know stay."""
    task = copy.deepcopy(entry)
    said = bool((annotations.statements[row] != UNSAID).any())
    wanted, known = positives(annotations, row), set(annotations.labels)
    active = _active(task)
    if said and not active:
        fresh = new_task(annotations, row, options, explicit=False)
        task["annotations"] = [*items(task.get("annotations")), *fresh["annotations"]]
    for annotation in active:
        _choose(annotation, wanted, known)
    if explicit and (said or isinstance(task.get("meta"), dict)):
        meta = dictionary(task.get("meta"))
        lists = _lists(annotations, row, meta)
        if said or any(meta.get(name) != labels for name, labels in lists.items() if name in meta):
            task["meta"] = {**meta, **lists}
    if predictions := _predictions(annotations, row, options):
        others = [item for item in items(task.get("predictions")) if dictionary(item).get("model_version") != "cutline"]
        task["predictions"] = [*others, *predictions]
    return task


def _active(task: dict[str, Any]) -> list[dict[str, Any]]:
    entries = items(task.get("annotations")) or items(task.get("completions"))  # as very old versions call them
    return [entry for entry in entries if isinstance(entry, dict) and not entry.get("was_cancelled")]


def _results(annotation: dict[str, Any]) -> list[dict[str, Any]]:
    """The results that are choices about the whole image."""
    entries = [entry for entry in items(annotation.get("result")) if isinstance(entry, dict)]
    return [
        entry
        for entry in entries
        if text_of(entry.get("type")) == "choices" and "x" not in dictionary(entry.get("value"))
    ]


def _choose(annotation: dict[str, Any], wanted: list[str], known: set[str]) -> None:
    """Make an annotation choose ``wanted`` among the ``known`` labels, changing what has to be changed only."""
    results = _results(annotation)
    there: set[str] = set()
    for result in results:
        value = dictionary(result["value"])
        names = [text_of(name).strip() for name in choices_of(result)]
        kept = [
            choice
            for choice, name in zip(items(value.get("choices")), names, strict=True)
            if name in wanted or name not in known
        ]
        there |= {name for name in names if name in wanted}
        if len(kept) != len(names):
            value["choices"] = kept
    missing = [label for label in wanted if label not in there]
    if not missing:
        return
    if results and isinstance(results[0]["value"].get("choices"), list):
        results[0]["value"]["choices"] += missing
    else:
        annotation["result"] = [*items(annotation.get("result")), _result(missing)]


def _result(labels: list[str]) -> dict[str, Any]:
    return {**_CONTROL, "value": {"choices": list(labels)}}


def _lists(annotations: FileAnnotations, row: int, meta: dict[str, Any]) -> dict[str, list[Any]]:
    lists = {}
    known = set(annotations.labels)
    for name, value in EXPLICIT.items():
        labels = named(annotations, row, value)
        kept = [label for label in items(meta.get(name)) if label in labels or label not in known]
        lists[name] = kept + [label for label in labels if label not in kept]
    return lists


def _predictions(annotations: FileAnnotations, row: int, options: WriteOptions) -> list[dict[str, Any]]:
    """One prediction a label, for a score belongs to a prediction and not to a choice."""
    if not options.include_scores or annotations.scores is None:
        return []
    scores = annotations.scores[row]
    return [
        {
            "model_version": "cutline",
            "score": float(format_float32(scores[column])),
            "result": [_result([annotations.labels[column]])],
        }
        for column in np.flatnonzero(~np.isnan(scores)).tolist()
    ]
