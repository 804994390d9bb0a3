"""The images of a folder without annotations, their logits, and what became of each."""

from __future__ import annotations

import os
from collections import deque
from pathlib import Path
from time import perf_counter

import numpy as np

from app.controllers.scoring import UNUSABLE
from app.jobs import Job
from inference.data.datasets import DatasetChoices, open_dataset
from inference.data.reports import UNLABELLED
from inference.evaluation.fresh import Scheme, decided
from inference.export.predictions import predictions_csv
from inference.models.engine import ScoredBatch
from inference.types import Dataset, FreshState, ImageState, Progress, Run, ScoreArray, StateArray, Thresholds


class _StoppedError(Exception):
    """The job was cancelled; whoever waits for it does not any more."""


def read_images(path: str, job: Job) -> tuple[Dataset, tuple[str, ...]]:
    """The images of a folder and what is doubtful; annotations in it are not looked at. Raises DatasetError."""

    def look(_: int) -> None:
        if job.cancelled():
            raise _StoppedError

    report = open_dataset(path, DatasetChoices(layout=UNLABELLED), progress=look)
    return report.dataset, report.warnings


class FreshFolder:
    """Logits as they come in. Lives on the window's thread."""

    def __init__(self, dataset: Dataset, n_labels: int, fingerprint: str) -> None:
        self.dataset = dataset
        self.fingerprint = fingerprint  # of the model that scores it
        self.run = Run.empty(len(dataset), n_labels)
        self.failures: dict[int, str] = {}
        self._recent: deque[tuple[float, int]] = deque(maxlen=40)  # (time, images done)

    def count(self, state: ImageState) -> int:
        """Images in a state."""
        return int(np.count_nonzero(self.run.state == state))

    def logits(self) -> ScoreArray:
        """Of the scored images, (m, c), a copy."""
        logits: ScoreArray = self.run.logits[self.run.state == ImageState.SCORED]
        return logits

    def begin(self) -> None:
        """Time the images from now on."""
        self._recent.clear()
        self._recent.append((perf_counter(), self._done()))

    def take(self, batch: ScoredBatch) -> None:
        """Write the rows of a batch."""
        self.run.logits[batch.indices] = batch.logits
        states = np.full(len(batch.indices), ImageState.SCORED, dtype=np.uint8)
        states[np.isin(batch.indices, list(batch.failures))] = ImageState.BROKEN
        states[np.isin(batch.indices, batch.unusable)] = ImageState.UNUSABLE
        self.run.state[batch.indices] = states
        self.failures.update(batch.failures)
        self.failures.update(dict.fromkeys(batch.unusable, UNUSABLE))
        self._recent.append((perf_counter(), self._done()))

    def retry_broken(self) -> None:
        """Files that could not be read wait again."""
        for index in np.flatnonzero(self.run.state == ImageState.BROKEN).tolist():
            self.failures.pop(index, None)
            self.run.state[index] = ImageState.PENDING

    def forget(self) -> None:
        """No image is scored any more: the model is another."""
        self.fingerprint = ""
        self.failures.clear()
        self.run.state[:] = ImageState.PENDING

    def progress(self) -> Progress:
        """How far scoring is."""
        (began, before), (now, done) = self._recent[0], self._recent[-1]
        speed = (done - before) / (now - began) if now > began and done > before else float("nan")
        left = (len(self.dataset) - done) / speed if speed == speed else float("nan")
        return Progress(done, len(self.dataset), speed, left, len(self.failures))

    def state(self, running: bool, note: str, blocked: str) -> FreshState:
        """What is to be said of it."""
        return FreshState(
            folder=self.dataset.root,
            n_images=len(self.dataset),
            scored=self.count(ImageState.SCORED),
            broken=self.count(ImageState.BROKEN),
            unusable=self.count(ImageState.UNUSABLE),
            running=running,
            note=note,
            blocked=blocked,
        )

    def frozen(self) -> tuple[Dataset, ScoreArray, StateArray, dict[int, str]]:
        """The images with logits (m, c) and state (n,), for another thread."""
        return self.dataset, self.logits(), self.run.state.copy(), dict(self.failures)

    def _done(self) -> int:
        return len(self.dataset) - self.count(ImageState.PENDING)


def save_predictions(
    path: str,
    kept: tuple[Dataset, ScoreArray, StateArray, dict[int, str]],
    labels: tuple[str, ...],
    scheme: Scheme,
    thresholds: Thresholds,
    job: Job,
) -> str:
    """Write scores and decisions; a sentence that says so. Raises CutlineError."""
    from app.exporting import write_whole  # imports the controllers

    dataset, logits, state, failures = kept
    target = Path(path if Path(path).suffix else f"{path}.csv")
    names = [dataset.names[index] for index in np.flatnonzero(state == ImageState.SCORED)]
    others = np.flatnonzero(state != ImageState.SCORED).tolist()
    left_out = [(dataset.names[index], failures.get(index, "not scored yet")) for index in others]
    parts = ((scores, predicted) for _, scores, predicted in decided(logits, scheme, thresholds))
    text = predictions_csv(labels, names, parts, left_out, job.cancelled)
    if job.cancelled():
        return ""
    write_whole(target, text.encode(errors="surrogateescape"))
    return f"Saved the predictions of {len(names):,} images to {os.path.basename(target)}."
