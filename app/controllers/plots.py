"""Computes the picture in sight, and finds the images behind a bar or a cell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal, SignalInstance

from app.controllers.evaluation import EvaluationController
from app.controllers.multiples import MultiplesController
from app.jobs import Job, Jobs, Lane
from app.session import Session
from inference.evaluation.evaluator import Evaluator
from inference.evaluation.pictures import (
    co_occurrence,
    confusion_table,
    missed_instead,
    rates_by_threshold,
    reliability,
    roc_curve,
    score_histogram,
    true_class,
)
from inference.evaluation.rejection import risk_coverage
from inference.evaluation.whatif import all_logits, eligible, predicted
from inference.types import (
    POSITIVE,
    UNKNOWN,
    BoolArray,
    IntArray,
    RiskCoverage,
    TableKind,
    Task,
    Thresholds,
    TruthArray,
)

_SETTLE_MS = 200  # tables follow a slider when it rests


class PlotController(QObject):
    """Pictures of the chosen label at once, tables between labels in a worker; only what is in sight.

    ``multiples`` computes the small ones of all labels.
    """

    rocChanged = Signal(object, str)
    ratesChanged = Signal(object, str)
    histogramChanged = Signal(object, str)
    reliabilityChanged = Signal(object, str)
    tableChanged = Signal(object)
    tableKindsChanged = Signal(object)  # tuple of TableKind
    riskChanged = Signal(object)  # RiskCoverage
    riskShownChanged = Signal(bool)  # whether images can be rejected at all
    forgotten = Signal()  # label or data changed: every picture is old
    imagesChosen = Signal(object, str)  # int64 indices of the images behind a bar or a cell, and what they are
    failed = Signal(Exception)

    def __init__(
        self, session: Session, jobs: Jobs, evaluation: EvaluationController, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._jobs, self._evaluation = session, jobs, evaluation
        self.multiples = MultiplesController(jobs, evaluation, self)
        self._wanted = "pr"
        self._job: Job | None = None
        self._soon = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._soon.timeout.connect(self._tell)
        session.datasetChanged.connect(self._on_dataset_changed)
        session.schemeChanged.connect(self._tell_whether_risk)
        session.labelChanged.connect(lambda _: self._start_over())
        session.thresholdsChanged.connect(self._on_thresholds_changed)
        evaluation.evaluatorChanged.connect(self._start_over)

    def show(self, picture: str) -> None:
        """A picture came into sight."""
        self._wanted = picture
        self._tell()

    def _on_dataset_changed(self) -> None:
        dataset = self._session.dataset
        single = dataset is not None and dataset.task is Task.MULTICLASS
        kinds = (TableKind.CONFUSION,) if single else (TableKind.MISSED, TableKind.TOGETHER)
        self.tableKindsChanged.emit(kinds)
        self._tell_whether_risk()

    def _tell_whether_risk(self) -> None:
        dataset = self._session.dataset
        single = dataset is not None and dataset.task is Task.MULTICLASS
        self.riskShownChanged.emit(single and self._session.decision.rule.one_label)

    def _on_thresholds_changed(self) -> None:
        if self._wanted in (TableKind.MISSED, TableKind.CONFUSION):
            self._soon.start()

    def _start_over(self) -> None:
        self._soon.stop()
        if self._job is not None:
            self._job.cancel()
            self._job = None
        self.forgotten.emit()
        self._tell()

    # -- computing -----------------------------------------------------------------------------------------------

    def _tell(self) -> None:
        evaluator, dataset, label = self._evaluation.evaluator, self._session.dataset, self._session.label
        if evaluator is None or dataset is None or not 0 <= label < evaluator.n_labels:
            return
        name, scores = dataset.labels[label], evaluator.label_scores(label)
        truth = _measured(evaluator, dataset.y_true[:, label])
        may = eligible(evaluator, label)
        if self._wanted == "roc":
            self.rocChanged.emit(roc_curve(scores, truth, may), name)
        elif self._wanted == "rates":
            self.ratesChanged.emit(rates_by_threshold(scores, truth, may), name)
        elif self._wanted == "histogram":
            self.histogramChanged.emit(score_histogram(scores, truth, may), name)
        elif self._wanted == "reliability":
            self.reliabilityChanged.emit(reliability(scores, truth), name)
        elif self._wanted in tuple(TableKind):
            self._tabulate(evaluator, TableKind(self._wanted), dataset.labels)
        elif self._wanted == "risk":
            self._find_risk(evaluator)

    def _find_risk(self, evaluator: Evaluator) -> None:
        truth = self._truth(evaluator)

        def work(job: Job) -> RiskCoverage:
            return risk_coverage(all_logits(evaluator), true_class(truth), evaluator.activation)

        self._in_background(work, self.riskChanged)

    def _tabulate(self, evaluator: Evaluator, kind: TableKind, labels: tuple[str, ...]) -> None:
        thresholds, truth = self._session.decision.thresholds, self._truth(evaluator)

        def work(job: Job) -> Any:
            if kind is TableKind.TOGETHER:
                return co_occurrence(truth, labels, cancelled=job.cancelled)
            decided = predicted(evaluator, thresholds)
            if kind is TableKind.MISSED:
                return missed_instead(truth, decided, labels, cancelled=job.cancelled)
            return confusion_table(true_class(truth), _class_of(decided, evaluator), labels)

        self._in_background(work, self.tableChanged)

    def _in_background(self, work: Callable[[Job], Any], told: SignalInstance) -> None:
        """Do one thing in a worker, instead of the one before it."""
        if self._job is not None:
            self._job.cancel()

        def done(value: Any) -> None:
            self._job = None
            told.emit(value)

        self._job = self._jobs.run(Lane.NUMBERS, work, done, self._on_failed)

    def _truth(self, evaluator: Evaluator) -> Any:
        dataset = self._session.dataset
        assert dataset is not None
        truth = dataset.y_true[evaluator.rows]
        return truth if evaluator.measured is None else _within(truth, evaluator.measured[evaluator.rows])

    def _on_failed(self, error: Exception) -> None:
        self._job = None
        self.failed.emit(error)

    # -- the images behind ---------------------------------------------------------------------------------------

    def choose_scores(self, low: float, high: float) -> None:
        """The images whose score under the chosen label lies from ``low`` to ``high``."""
        evaluator, dataset, label = self._evaluation.evaluator, self._session.dataset, self._session.label
        if evaluator is None or dataset is None or not 0 <= label < evaluator.n_labels:
            return
        scores = evaluator.label_scores(label)
        with np.errstate(invalid="ignore"):
            within = ~((scores < np.float32(low)) | (scores > np.float32(high))) & ~np.isnan(scores)
        within &= _measured(evaluator, dataset.y_true[:, label]) != UNKNOWN
        scored = f"{low:.3g}" if low == high else f"{low:.3g} to {high:.3g}"
        self._choose(within, f"{dataset.labels[label]} scored {scored}")

    def choose_cell(self, kind: str, row: int, column: int) -> None:
        """The images that a cell of a table counts."""
        evaluator, dataset = self._evaluation.evaluator, self._session.dataset
        if evaluator is None or dataset is None:
            return
        truth, thresholds = self._truth(evaluator), self._session.decision.thresholds
        names = (*dataset.labels, "nothing")
        within = _CELLS[TableKind(kind)](truth, evaluator, thresholds, row, column)
        everywhere = np.zeros(evaluator.n_images, dtype=bool)
        everywhere[evaluator.rows[within]] = True
        words = {
            TableKind.CONFUSION: f"{names[row]}, predicted {names[column]}",
            TableKind.MISSED: f"{names[row]} missed, {names[column]} predicted",
            TableKind.TOGETHER: f"{names[row]} with {names[column]}",
        }
        self._choose(everywhere, words[TableKind(kind)])

    def _choose(self, within: BoolArray, words: str) -> None:
        self.imagesChosen.emit(np.flatnonzero(within), words)


def _measured(evaluator: Evaluator, truth: TruthArray) -> TruthArray:
    """The truth (n,) of a label, unknown on images that are not measured."""
    return truth if evaluator.measured is None else _within(truth, evaluator.measured)


def _within(truth: TruthArray, measured: BoolArray) -> TruthArray:
    """Truth (n,) or (n, c), unknown in the rows that are not measured."""
    result = truth.copy()
    result[~measured] = UNKNOWN
    return result


def _class_of(decided: BoolArray, evaluator: Evaluator) -> IntArray:
    """The predicted class of each image, -1 where none is; of several the one with the highest logit."""
    highest = np.where(decided, all_logits(evaluator), -np.inf).argmax(axis=1)
    return np.where(decided.any(axis=1), highest, -1).astype(np.int64)


def _confused(truth: Any, evaluator: Evaluator, thresholds: Thresholds, row: int, column: int) -> BoolArray:
    found = _class_of(predicted(evaluator, thresholds), evaluator)
    wanted = column if column < evaluator.n_labels else -1
    return np.asarray((true_class(truth) == row) & (found == wanted))


def _missed(truth: Any, evaluator: Evaluator, thresholds: Thresholds, row: int, column: int) -> BoolArray:
    decided = predicted(evaluator, thresholds)
    missed = (truth[:, row] == POSITIVE) & ~decided[:, row]
    wrong = decided & (truth != POSITIVE) & (truth != UNKNOWN)
    instead = wrong[:, column] if column < evaluator.n_labels else ~wrong.any(axis=1)
    return np.asarray(missed & instead)


def _together(truth: Any, evaluator: Evaluator, thresholds: Thresholds, row: int, column: int) -> BoolArray:
    return np.asarray((truth[:, row] == POSITIVE) & (truth[:, column] == POSITIVE))


_CELLS: dict[TableKind, Callable[[Any, Evaluator, Thresholds, int, int], BoolArray]] = {
    TableKind.CONFUSION: _confused,
    TableKind.MISSED: _missed,
    TableKind.TOGETHER: _together,
}
