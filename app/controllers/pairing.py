"""A model and a dataset put together: labels matched, annotations in the model's order, and room for the logits.

Runs in a worker: with 50,000 images and 1,000 labels it takes seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from app.jobs import Job
from app.predicted import OpenModel, PredictedModel, place
from app.session import digest_of
from inference.data.datasets import DatasetChoices, DatasetReport, LabelMatch, match_labels, open_dataset
from inference.data.truth import Truth
from inference.errors import CutlineError, DeviceError
from inference.evaluation.advice import AnnotationSizes
from inference.models.opening import CardAnswers, LoadedModel, open_model, save_answers
from inference.types import Activation, Dataset, DecisionRule, ImageState, Run, Task


class _Stopped(Exception):
    """The user thought better of it."""


@dataclass(frozen=True, eq=False)
class Scored:
    """What has been scored, and by what: logits depend on nothing else."""

    fingerprint: str  # of the model
    root: str
    names: tuple[str, ...]
    run: Run
    failures: Mapping[int, str]


@dataclass(frozen=True, eq=False)
class Paired:
    """Everything that opening changes, ready to be taken over in one go."""

    model: OpenModel | None
    report: DatasetReport
    match: LabelMatch | None
    dataset: Dataset
    truth: Truth
    sizes: AnnotationSizes
    digest: str  # of images and annotations
    run: Run | None
    failures: dict[int, str]
    remarks: tuple[str, ...] = ()  # on predictions and images that did not meet


def pair(
    model: OpenModel | None,
    report: DatasetReport,
    truth: Truth,
    mapping: Mapping[str, str],
    scored: Scored | None,
    *,
    strict: bool = True,
) -> Paired:
    """Put them together, keeping the logits of images that the same model has scored already.

    ``truth`` then stands under the model's labels, or under the project's own where there is no model. ``strict``:
    predictions that are about none of the images are refused (LabelFileError).
    """
    names = [label.name for label in truth.offered]
    match = None if model is None else match_labels(model.labels, names, mapping)
    if model is not None and match is not None:
        truth.meet(model.labels, match.mapping)
    else:
        truth.meet(names, {name: name for name in names})
    dataset = truth.dataset(report.dataset)
    run, failures, remarks = _run_for(model, dataset, scored, strict)
    sizes = AnnotationSizes.of(dataset.y_true, dataset.annotated)
    return Paired(model, report, match, dataset, truth, sizes, digest_of(dataset), run, failures, remarks)


def _run_for(
    model: OpenModel | None, dataset: Dataset, scored: Scored | None, strict: bool
) -> tuple[Run | None, dict[int, str], tuple[str, ...]]:
    if model is None:
        return None, {}, ()
    if isinstance(model, PredictedModel):
        placed = place(model, dataset.root, dataset.names, strict=strict)
        return placed.run, placed.failures, placed.remarks
    return *_run_to_score(model, dataset, scored), ()


def _run_to_score(model: LoadedModel, dataset: Dataset, scored: Scored | None) -> tuple[Run, dict[int, str]]:
    if scored is None or (scored.fingerprint, scored.root) != (model.fingerprint, dataset.root):
        return Run.empty(len(dataset), len(dataset.labels)), {}
    if scored.names == dataset.names:
        return scored.run, dict(scored.failures)
    run = Run.empty(len(dataset), len(dataset.labels))
    at = {name: index for index, name in enumerate(scored.names)}
    pairs = [(index, at[name]) for index, name in enumerate(dataset.names) if name in at]
    here, there = (np.array(column, dtype=np.int64) for column in (zip(*pairs, strict=True) if pairs else ((), ())))
    run.logits[here] = scored.run.logits[there]
    run.state[here] = scored.run.state[there]
    run.state[run.state == ImageState.BROKEN] = ImageState.PENDING  # the file may have been mended
    failures = {index: scored.failures[old] for index, old in pairs if run.state[index] == ImageState.UNUSABLE}
    return run, failures


def _open_on(
    path: str, answers: CardAnswers | None, wanted: str, trusted: Callable[[str], bool], cancelled: Callable[[], bool]
) -> tuple[LoadedModel, tuple[str, ...]]:
    """A model on the device that was used last, or on what there is now, and sentences about it."""
    from inference.models.devices import CPU, available_devices

    here = {device.key for device in available_devices()}
    device = wanted if wanted in here else None
    try:
        model = open_model(path, answers=answers, device=device, trusted=trusted, cancelled=cancelled)
    except DeviceError as error:
        if device == CPU:
            raise
        model = open_model(path, answers=answers, device=CPU, trusted=trusted, cancelled=cancelled)
        return model, (f"{error} It runs on the CPU now.",)
    if wanted and device is None:
        return model, (f"{wanted} is not here any more, so the model runs on {model.device}.",)
    return model, ()


def open_with(
    path: str, answers: CardAnswers | None, wanted: str, trusted: Callable[[str], bool], cancelled: Callable[[], bool]
) -> tuple[LoadedModel, tuple[str, ...]]:
    """In the device's lane. The card is written only for weights that opened with it.

    ``trusted`` says which programs the user agreed to run, by hash; ``cancelled`` ends the wait for one.
    """
    model, notes = _open_on(path, answers, wanted, trusted, cancelled)
    if answers is None:
        return model, notes
    try:
        model.path = save_answers(path, answers)
    except (OSError, CutlineError) as error:
        return model, (*notes, f"The card could not be written beside {path}, so the form will be asked again: {error}")
    return model, notes


def read_dataset(path: str, choices: DatasetChoices, job: Job) -> DatasetReport:
    """In the files' lane; stops soon after the job is cancelled."""

    def look(_: int) -> None:
        if job.cancelled():
            raise _Stopped

    return open_dataset(path, choices, progress=look)


def usual_rule(activation: Activation, task: Task) -> DecisionRule:
    """The rule that goes with a model nobody has chosen one for."""
    if activation is Activation.SOFTMAX and task is Task.MULTICLASS:
        return DecisionRule.ARGMAX
    return DecisionRule.THRESHOLDS


def plain(choices: DatasetChoices) -> dict[str, Any]:
    """The choices that were made, as JSON holds them."""
    values = {name: getattr(choices, name) for name in choices.__dataclass_fields__}
    words = values.pop("empty_words")
    if words is not None:
        values["empty_words"] = "\n".join(words)
    return {name: str(value) for name, value in values.items() if value is not None}


def typed(corrections: Mapping[str, Any]) -> DatasetChoices:
    """What `plain` made, as choices again."""
    known = {name: value for name, value in corrections.items() if name in DatasetChoices.__dataclass_fields__}
    if "task" in known:
        known["task"] = Task(known["task"])
    if "empty_words" in known:
        known["empty_words"] = tuple(known["empty_words"].splitlines())
    return DatasetChoices(**known)
