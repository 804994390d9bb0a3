"""What is open, and what is in force. It stores and emits; whoever decides stands in a controller."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, Signal

from inference.evaluation.advice import AnnotationSizes
from inference.types import (
    Activation,
    BoolArray,
    Cells,
    Dataset,
    DecisionRule,
    LogitMap,
    ProjectLabel,
    ReviewBand,
    Run,
    Split,
    Thresholds,
    ZeroDivision,
)

if TYPE_CHECKING:
    from app.predicted import OpenModel
    from inference.data.datasets import DatasetReport
    from inference.data.truth import Truth


@dataclass(frozen=True)
class Decision:
    """How logits become predicted labels: what undo goes back to."""

    activation: Activation
    rule: DecisionRule
    thresholds: Thresholds
    k: int = 1  # of the rule that predicts the k highest labels
    calibration: LogitMap | None = None
    biases: LogitMap | None = None  # of the classes, on top of the calibration

    @property
    def logit_map(self) -> LogitMap | None:
        """Calibration and biases in one; None where logits are taken as they are."""
        if self.calibration is None:
            return self.biases
        if self.biases is None:
            return self.calibration
        return self.calibration.then_add(self.biases.shift)

    @property
    def scheme(self) -> tuple[Activation, DecisionRule, int, LogitMap | None]:
        """All but the thresholds: what every score must be computed anew for."""
        return self.activation, self.rule, self.k, self.logit_map


class Session(QObject):
    """The one place that knows the present state. Signals say that a fact changed, after it did."""

    modelChanged = Signal()
    datasetChanged = Signal()  # other images or labels, or all annotations read anew
    truthEdited = Signal(object)  # TruthEdit: annotations changed in place
    truthReplaced = Signal()  # annotations of any image may have changed
    statementsChanged = Signal(object)  # int64 indices of images of which something else is said now
    labelsChanged = Signal()  # of the project: added, renamed, merged or retired
    noteChanged = Signal(int)  # image
    runReset = Signal()  # another run, with nothing scored yet
    runGrew = Signal(object)  # int64 indices of images whose row was written
    thresholdsChanged = Signal()
    schemeChanged = Signal()  # activation, rule, calibration or biases
    splitChanged = Signal()  # which images are measured
    bandChanged = Signal()  # between which scores a person looks
    zeroDivisionChanged = Signal()
    imageLeaving = Signal()  # another image will be looked at: the last moment to keep what is typed about this one
    imageChanged = Signal(int)  # index of the image being looked at, or -1
    labelChanged = Signal(int)  # index of the label being looked at, or -1

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.model: OpenModel | None = None
        self.report: DatasetReport | None = None  # as read
        self.dataset: Dataset | None = None  # with the model's labels, once there is a model
        self.sizes = AnnotationSizes()
        self._digest = ""  # of images and annotations; "" where it is to be found anew
        self.truth: Truth | None = None  # what was said, under the project's labels
        self.edited: BoolArray = np.zeros(0, dtype=bool)  # (n,) images that somebody changed since they were read
        self.notes: dict[int, str] = {}  # image -> what somebody wrote about it
        self.run: Run | None = None
        self.failures: dict[int, str] = {}  # image -> why it has no score
        self.decision = Decision(Activation.SIGMOID, DecisionRule.THRESHOLDS, Thresholds.uniform(0))
        self.split: Split | None = None  # None: measured on all images
        self.band: ReviewBand | None = None
        self.zero_division = ZeroDivision.ZERO
        self.image = -1
        self.label = -1

    @property
    def ready(self) -> bool:
        """Whether there is a model and a dataset to score."""
        return self.model is not None and self.dataset is not None and self.run is not None

    @property
    def digest(self) -> str:
        """What tells the images and annotations now open from any others; "" where there are none."""
        if not self._digest and self.dataset is not None:
            self._digest = digest_of(self.dataset)
        return self._digest

    def set_model(self, model: OpenModel | None) -> None:
        """Another model, or another device for the same one."""
        self.model = model
        self.modelChanged.emit()

    def set_dataset(self, report: DatasetReport, dataset: Dataset, sizes: AnnotationSizes, digest: str = "") -> None:
        """Another dataset, or the same read or mapped otherwise."""
        self.report, self.dataset, self.sizes, self._digest = report, dataset, sizes, digest
        self.datasetChanged.emit()

    def set_truth(self, truth: Truth | None, edited: BoolArray, notes: dict[int, str]) -> None:
        """What is said of the images of the dataset that is being opened."""
        self.truth, self.edited, self.notes = truth, edited, notes

    def replace_truth(self, dataset: Dataset) -> None:
        """The same images and labels, with other annotations throughout."""
        self.dataset, self._digest = dataset, ""
        self.sizes = AnnotationSizes.of(dataset.y_true, dataset.annotated)
        self.truthReplaced.emit()

    def annotate(self, cells: Cells) -> Cells:
        """Let this be said; returns what was said before, to be said again when it is taken back."""
        assert self.truth is not None
        applied = self.truth.apply(cells)
        self.edited[applied.images] = True
        if len(applied.edit):
            self._digest = ""
            self.truthEdited.emit(applied.edit)
        self.statementsChanged.emit(applied.images)
        return applied.before

    def set_labels(self, labels: Sequence[ProjectLabel], cells: Cells) -> Cells:
        """Add or change labels of the project, and say ``cells``; returns what was said before.

        Whoever knows which of the model's labels they are hears ``labelsChanged`` and lets the dataset meet them.
        """
        assert self.truth is not None
        for label in labels:
            self.truth.set_label(label)
        applied = self.truth.apply(cells)
        self.edited[applied.images] = True
        self._digest = ""
        self.labelsChanged.emit()
        if len(applied.images):
            self.statementsChanged.emit(applied.images)
        return applied.before

    def set_note(self, image: int, note: str) -> None:
        """What somebody wrote about an image; "" takes it away."""
        if note:
            self.notes[image] = note
        else:
            self.notes.pop(image, None)
        self.edited[image] = True
        self.noteChanged.emit(image)

    def set_run(self, run: Run | None, failures: dict[int, str] | None = None) -> None:
        """Another run, with why some of its images have no scores."""
        self.run, self.failures = run, failures or {}
        self.runReset.emit()

    def set_decision(self, decision: Decision) -> None:
        """Another activation, rule or set of thresholds."""
        before, self.decision = self.decision, decision
        if before.scheme != decision.scheme:
            self.schemeChanged.emit()
        if before.thresholds != decision.thresholds:
            self.thresholdsChanged.emit()

    def set_split(self, split: Split | None) -> None:
        """Measure on a part of the images, or on all of them."""
        if split is not self.split:
            self.split = split
            self.splitChanged.emit()

    def set_band(self, band: ReviewBand | None) -> None:
        """Another band of scores that a person looks at."""
        if band != self.band:
            self.band = band
            self.bandChanged.emit()

    def set_zero_division(self, choice: ZeroDivision) -> None:
        """Another reading of undefined values in averages."""
        if choice is not self.zero_division:
            self.zero_division = choice
            self.zeroDivisionChanged.emit()

    def set_image(self, index: int) -> None:
        """Look at another image."""
        if index != self.image:
            self.imageLeaving.emit()
            self.image = index
            self.imageChanged.emit(index)

    def set_label(self, index: int) -> None:
        """Look at another label."""
        if index != self.label:
            self.label = index
            self.labelChanged.emit(index)


def digest_of(dataset: Dataset) -> str:
    """What tells this dataset, annotations included, from another."""
    found = hashlib.sha256("\n".join(dataset.names).encode(errors="surrogateescape"))
    found.update(np.ascontiguousarray(dataset.y_true).data)
    return found.hexdigest()
