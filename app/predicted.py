"""Predictions made elsewhere in the place of a model: a file of numbers that stands for what a network would give.

A file that does not say whether its numbers are logits or probabilities is asked about once; the answer is kept in the
project, under the digest of the file's content.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from inference.data.sentences import counted, some
from inference.errors import LabelFileError
from inference.models.opening import LoadedModel
from inference.types import Activation, ImageState, Run

if TYPE_CHECKING:
    from inference.data.formats.predictions import Predictions

SUFFIXES: Final = (".csv", ".tsv", ".txt", ".parquet", ".pq", ".npz")
LOGITS: Final = "logits"
PROBABILITIES: Final = "probabilities"

_SETTING: Final = "predictions/"  # in a project, followed by the digest of the file
_EXAMPLES: Final = 3


@dataclass(frozen=True)
class PredictionAnswers:
    """What the numbers of a file are, and what makes scores of them."""

    kind: str  # LOGITS or PROBABILITIES
    activation: Activation

    def encoded(self) -> bytes:
        """As a project keeps it."""
        return f"{self.kind} {self.activation}".encode()

    @classmethod
    def decoded(cls, kept: bytes | None) -> PredictionAnswers | None:
        """What `encoded` made; None for anything else."""
        kind, _, activation = (kept or b"").decode(errors="replace").partition(" ")
        if kind not in (LOGITS, PROBABILITIES) or activation not in set(Activation):
            return None
        return cls(kind, Activation(activation))


@dataclass(frozen=True)
class PredictedCard:
    """What the program asks of a model's card, and a file of predictions can tell."""

    name: str
    labels: tuple[str, ...]
    activation: Activation
    notes: str = ""


class PredictedModel:
    """A file of predictions where the program otherwise has a model. It scores nothing: there is no network."""

    device: Final = ""  # it runs nowhere

    def __init__(self, path: Path, digest: str, predictions: Predictions, *, settled: bool) -> None:
        self.path = path
        self.digest = digest  # of the file's content
        self.predictions = predictions
        self.answers = PredictionAnswers(predictions.kind, predictions.activation)
        self.settled = settled  # the file or the user says what the numbers are; else it is the likeliest guess
        self.card = PredictedCard(path.name, predictions.labels, predictions.activation)
        self.notes = predictions.warnings

    @property
    def labels(self) -> tuple[str, ...]:
        """The label of each column of the logits."""
        return self.card.labels

    @property
    def fingerprint(self) -> str:
        """Of the file's content and of how it is read: thresholds chosen for other scores mean nothing here."""
        return hashlib.sha256(f"{self.digest} {self.answers.encoded().decode()}".encode()).hexdigest()

    @property
    def setting(self) -> str:
        """Under what a project keeps the answers."""
        return f"{_SETTING}{self.digest}"

    def settle(self) -> PredictedModel:
        """The same, with the guess confirmed."""
        return PredictedModel(self.path, self.digest, self.predictions, settled=True)

    def why_not(self, wish: str) -> str:
        """Why ``wish``, such as ``score images``, cannot be had: a sentence."""
        return f"The scores come from {self.path.name}. To {wish}, open a model (Ctrl+M)."


OpenModel: TypeAlias = LoadedModel | PredictedModel


def is_predictions(path: str) -> bool:
    """Whether a path that was chosen as the model is that of predictions; weights have other suffixes."""
    return path.lower().endswith(SUFFIXES)


def open_predictions(path: str, answers: PredictionAnswers | None) -> PredictedModel:
    """In the files' lane: read them as ``answers`` say; None: as the file says, else by the likeliest guess.

    Raises LabelFileError.
    """
    from inference.data.formats.predictions import read_predictions

    kind, activation = (None, None) if answers is None else (answers.kind, answers.activation)
    before = _digest_of(path)
    predictions = read_predictions(path, kind=kind, activation=activation)
    if _digest_of(path) != before:
        raise LabelFileError(f"{path} was written while it was read: open it again.")
    settled = answers is not None or (predictions.kind_told and predictions.activation_told)
    return PredictedModel(Path(os.path.abspath(path)), before, predictions, settled=settled)


def _digest_of(path: str) -> str:
    from inference.data.formats.reading import read_bytes

    return hashlib.sha256(read_bytes(path)).hexdigest()


@dataclass(frozen=True, eq=False)
class Placed:
    """Predictions in the order of a dataset."""

    run: Run
    failures: dict[int, str]  # image -> why it has no score
    remarks: tuple[str, ...]  # sentences on images and rows that did not meet


def place(model: PredictedModel, root: str, names: Sequence[str], *, strict: bool = True) -> Placed:
    """The predictions of the images ``names`` under ``root``.

    Images without a usable prediction are UNUSABLE, each with a reason. Raises LabelFileError where the file names
    none of the images, unless not ``strict``.
    """
    from inference.data.image_index import AMBIGUOUS, MISSING, OUTSIDE, ImageIndex

    predictions, file = model.predictions, model.path.name
    index = ImageIndex(root, names)
    row_of = np.full(len(names), -1, dtype=np.int64)
    apart: dict[int, list[str]] = {MISSING: [], AMBIGUOUS: [], OUTSIDE: []}
    twins: list[str] = []
    for row, name in enumerate(predictions.images):
        image = index.find(name) if "\0" not in name else MISSING
        if image < 0:
            apart[image].append(name)
        elif row_of[image] < 0:
            row_of[image] = row
        else:
            twins.append(name)
    if strict and len(names) and not (row_of >= 0).any():
        raise LabelFileError(
            f"{file} names none of the {counted(len(names), 'image')} in {root}, but "
            f"{some(predictions.images, _EXAMPLES)}: open the folder that it was made for."
        )
    remarks = _remarks(file, int((row_of < 0).sum()), apart[MISSING], apart[AMBIGUOUS], apart[OUTSIDE], twins)
    return Placed(*_filled(predictions, file, row_of), remarks)


def _filled(predictions: Predictions, file: str, row_of: np.ndarray) -> tuple[Run, dict[int, str]]:
    """The run, and why images have no score; ``row_of``: int64 (n,), -1 for an image without a row."""
    run = Run.empty(len(row_of), len(predictions.labels))
    known = row_of >= 0
    run.logits[known] = predictions.logits[row_of[known]]
    usable = np.isfinite(run.logits).all(axis=1)
    run.state[:] = np.where(usable, ImageState.SCORED, ImageState.UNUSABLE)
    failures = dict.fromkeys(
        np.flatnonzero(known & ~usable).tolist(),
        f"not a finite number under every label in {file}, so it is left out of the metrics",
    )
    failures |= dict.fromkeys(
        np.flatnonzero(~known).tolist(),
        f"no prediction in {file}, so it is left out of the metrics",
    )
    return run, failures


def _remarks(
    file: str, lacking: int, missing: list[str], ambiguous: list[str], outside: list[str], twins: list[str]
) -> tuple[str, ...]:
    said = []
    if lacking:
        said.append(f"{counted(lacking, 'image')} without a prediction.")
    for names, what in (
        (outside, "refused, leading out of the folder"),
        (missing, "about images that are not in the folder"),
        (ambiguous, "left out, fitting several images"),
        (twins, "left out, about images that have one already"),
    ):
        if names:
            said.append(f"{counted(len(names), 'row')} {what}: {some(names, _EXAMPLES)}.")
    return tuple(f"{file}: {sentence}" for sentence in said)


def kept_answers(model: PredictedModel, settings: Mapping[str, bytes]) -> PredictionAnswers | None:
    """What was answered of this file in a project with these settings."""
    return PredictionAnswers.decoded(settings.get(model.setting))
