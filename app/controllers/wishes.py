"""What is being opened: a model, a dataset, or both, until all of it is there."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from app.jobs import Job
from app.predicted import OpenModel, PredictionAnswers
from app.project_files import ReadDataset
from app.state_values import PairSettings
from inference.data.datasets import DatasetChoices, DatasetReport
from inference.data.store import Step
from inference.data.truth import Truth
from inference.models.opening import CardAnswers

WEIGHTS_SUFFIXES = (
    ".safetensors",
    ".pt",
    ".pth",
    ".pt2",
    ".ptc",
    ".ts",
    ".torchscript",
    ".bin",
    ".ckpt",
    ".onnx",
    ".pkl",
)


@dataclass
class Wish:
    """What is being opened: a model, a dataset, or both, taken over in one go."""

    model_path: str = ""  # or predictions
    folder: str = ""
    together: bool = False  # asked for as a pair: both or neither
    quiet: bool = False
    answers: CardAnswers | None = None
    predicted: PredictionAnswers | None = None  # what the user or the project says of a file of predictions
    choices: DatasetChoices | None = None
    mapping: dict[str, str] | None = None  # None: as remembered
    model: OpenModel | None = None
    report: DatasetReport | None = None
    read: ReadDataset | None = None  # the same, with its project
    notes: tuple[str, ...] = ()
    settings: PairSettings = field(default_factory=PairSettings)
    steps: tuple[tuple[Step, bool], ...] = ()  # of undo
    last_step: int = 0
    version: int = 0  # of the undo stack when the project was looked at
    asked: DatasetChoices | None = None  # how the user wants the dataset read; None: as before
    jobs: dict[str, Job] = field(default_factory=dict)  # what is under way: "model", "folder", then "pair"

    def drop(self, what: str) -> None:
        """Cancel one part of it."""
        job = self.jobs.pop(what, None)
        if job is not None:
            job.cancel()


def is_model(path: str) -> bool:
    """Whether a path is that of a model card, its folder, or weights."""
    if os.path.isdir(path):
        return os.path.isfile(os.path.join(path, "model.toml"))
    return path.lower().endswith((".toml", *WEIGHTS_SUFFIXES))


def short_name(path: str) -> str:
    """The last two parts of a path, to tell the user what is meant."""
    parts = Path(path).parts
    return os.path.join(*parts[-2:]) if len(parts) > 1 else path


def truth_of(found: ReadDataset | None, known: Truth | None) -> Truth:
    """What was said of the images that are to be shown: just read, or those that somebody may be annotating."""
    if found is not None:
        return found.truth()
    assert known is not None
    return Truth(known.labels, known.statements, known.task)
