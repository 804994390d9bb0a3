"""Keeps every number current: looked up when a threshold moves, sorted anew when scores or the activation change."""

from __future__ import annotations

import logging
from time import perf_counter

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from app.jobs import Job, Jobs, Lane
from app.session import Session
from inference.evaluation.activations import scores_from_logits
from inference.evaluation.advice import AnnotationSizes, contradiction
from inference.evaluation.decisions import decide
from inference.evaluation.evaluator import Evaluator, image_scores
from inference.evaluation.logit_maps import mapped
from inference.types import BoolArray, ImageState, IntArray, ScoreArray, TruthEdit

log = logging.getLogger(__name__)

_AT_ONCE = 150_000  # scores that are sorted within a frame; more go to the worker
_MANY_EDITS = 200_000  # statements; more are sooner sorted anew
_CALM_MS = 400  # without an edit, until what is expensive follows
_REFRESH_MS = 250  # while images come in


class EvaluationController(QObject):
    """Owns the evaluator. Its signals carry finished values for the widgets; None where there is nothing to say."""

    metricsChanged = Signal(object)  # LabelMetrics
    averagesChanged = Signal(object)  # Averages
    curveChanged = Signal(object, str)  # PRCurve, label name
    pointChanged = Signal(object)  # OperatingPoint
    outcomesChanged = Signal(object, object, str)  # outcomes (n,), scores (n,), label name
    imageScoresChanged = Signal(object)  # ImageScores
    adviceChanged = Signal(object)  # Advice
    evaluatorChanged = Signal()  # another one, or none
    failed = Signal(Exception)

    def __init__(self, session: Session, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._jobs = jobs
        self._job: Job | None = None
        self._evaluator: Evaluator | None = None
        self._scores: tuple[Evaluator, int, ScoreArray] | None = None  # of the chosen label: no threshold moves them
        self._stale = False
        self._cost = 0.0  # seconds that the last sorting took
        self._refresh = QTimer(self, singleShot=True)
        self._refresh.timeout.connect(self._rebuild)
        session.runReset.connect(self._on_run_reset)
        session.runGrew.connect(self._on_run_grew)
        session.schemeChanged.connect(self._on_scheme_changed)
        session.splitChanged.connect(self._on_scheme_changed)
        session.thresholdsChanged.connect(self._on_thresholds_changed)
        session.truthEdited.connect(self._on_truth_edited)
        session.truthReplaced.connect(self._on_truth_replaced)
        self._calm = QTimer(self, singleShot=True, interval=_CALM_MS)
        self._calm.timeout.connect(self._on_calm)
        session.zeroDivisionChanged.connect(self._tell_averages)
        session.labelChanged.connect(self._tell_label)
        session.imageChanged.connect(self._tell_image)

    @property
    def evaluator(self) -> Evaluator | None:
        """The numbers now on the screen; None before the first image is scored."""
        return self._evaluator

    @property
    def settled(self) -> bool:
        """Whether the numbers stand for everything that is scored."""
        return not self._stale and self._job is None

    # -- what happened -----------------------------------------------------------------------------------------

    def _on_run_reset(self) -> None:
        self._drop()
        if self._session.ready:
            self._rebuild()
        self._tell_image()

    def _on_run_grew(self, indices: IntArray) -> None:
        self._stale = True
        self._schedule()
        if self._session.image in indices:
            self._tell_image()

    def _schedule(self) -> None:
        if not self._refresh.isActive() and self._job is None:
            # sorting may take a quarter of the time at most, or the machine would do little else
            self._refresh.start(max(_REFRESH_MS, int(3000 * self._cost)))

    def _on_scheme_changed(self) -> None:
        if self._session.ready:
            self._rebuild()
            if self._job is not None:  # it takes a while: the old rule's numbers must not stand for the new one's
                self._evaluator = None
                self.evaluatorChanged.emit()
                self._tell_all()
        self._tell_image()

    def _on_thresholds_changed(self) -> None:
        if self._evaluator is not None and len(self._session.decision.thresholds) == self._evaluator.n_labels:
            self._evaluator.set_thresholds(self._session.decision.thresholds)
            self._tell_numbers()
        self._tell_image()

    def _on_truth_edited(self, edit: TruthEdit) -> None:
        """In the same frame; what looks at all data anew follows once the edits pause."""
        if self._job is not None:  # it may have read what was true before
            self._rebuild()
        elif self._evaluator is not None:
            if len(edit) > _MANY_EDITS:
                self._rebuild()
            else:
                self._evaluator.edit(edit)
                self._tell_numbers()
                if self._session.label in edit.labels:
                    self._tell_curve()
        self._calm.start()
        self._tell_image()

    def _on_truth_replaced(self) -> None:
        if self._session.ready:
            self._rebuild()
        self._tell_image()

    def _on_calm(self) -> None:
        session = self._session
        if session.dataset is not None:
            session.sizes = AnnotationSizes.of(session.dataset.y_true, session.dataset.annotated)
        self.evaluatorChanged.emit()
        self.tell_advice()

    # -- sorting -----------------------------------------------------------------------------------------------

    def flush(self) -> None:
        """Sort now what came in since; called when a run ends."""
        self._refresh.stop()
        if self._stale:
            self._rebuild()

    def _drop(self) -> None:
        self._refresh.stop()
        self._stale = False
        if self._job is not None:
            self._job.cancel()
            self._job = None
        self._evaluator = self._scores = None
        self.evaluatorChanged.emit()
        self._tell_all()

    def _rebuild(self) -> None:
        session = self._session
        if session.run is None or session.dataset is None:
            return
        if self._job is not None:
            self._job.cancel()
            self._job = None
        self._stale = False
        run, truth, decision, split = session.run, session.dataset.y_true, session.decision, session.split

        def build(job: Job) -> tuple[Evaluator, float]:
            start = perf_counter()
            evaluator = Evaluator(
                run,
                truth,
                decision.activation,
                decision.rule,
                decision.thresholds,
                logit_map=decision.logit_map,
                k=decision.k,
                measured=None if split is None else split.measured,
                cancelled=job.cancelled,
            )
            return evaluator, perf_counter() - start

        if int((run.state == ImageState.SCORED).sum()) * run.logits.shape[1] <= _AT_ONCE:
            self._take(build(Job()))
        else:
            self._job = self._jobs.run(Lane.NUMBERS, build, self._take, self._on_failed)

    def _take(self, built: tuple[Evaluator, float]) -> None:
        self._evaluator, self._cost = built
        self._job = None
        self._evaluator.set_thresholds(self._session.decision.thresholds)  # they may have moved meanwhile
        self.evaluatorChanged.emit()
        self._tell_all()
        if self._stale:
            self._schedule()

    def _on_failed(self, error: Exception) -> None:
        self._job = None
        self.failed.emit(error)

    # -- telling -----------------------------------------------------------------------------------------------

    def _tell_all(self) -> None:
        self._tell_numbers()
        self._tell_curve()
        self.tell_advice()

    def _tell_label(self) -> None:
        self._tell_curve()
        self._tell_point()
        self._tell_outcomes()

    def _tell_numbers(self) -> None:
        self.metricsChanged.emit(self._evaluator.label_metrics() if self._evaluator else None)
        self._tell_averages()
        self._tell_point()
        self._tell_outcomes()

    def _tell_averages(self) -> None:
        choice = self._session.zero_division
        self.averagesChanged.emit(self._evaluator.averages(choice) if self._evaluator else None)

    def _label(self) -> tuple[Evaluator | None, int, str]:
        """The evaluator if it knows the chosen label, the label's index and name."""
        session, label = self._session, self._session.label
        names = session.dataset.labels if session.dataset else ()
        if self._evaluator is None or not 0 <= label < self._evaluator.n_labels:
            return None, label, names[label] if 0 <= label < len(names) else ""
        return self._evaluator, label, names[label]

    def _tell_curve(self) -> None:
        evaluator, label, name = self._label()
        self.curveChanged.emit(evaluator.pr_curve(label) if evaluator else None, name)

    def _tell_point(self) -> None:
        evaluator, label, _ = self._label()
        self.pointChanged.emit(evaluator.operating_point(label) if evaluator else None)

    def _tell_outcomes(self) -> None:
        evaluator, label, name = self._label()
        if evaluator is None:
            self.outcomesChanged.emit(None, None, name)
        else:
            if self._scores is None or self._scores[:2] != (evaluator, label):
                self._scores = evaluator, label, evaluator.label_scores(label)
            self.outcomesChanged.emit(evaluator.label_outcomes(label), self._scores[2], name)

    def _tell_image(self) -> None:
        session = self._session
        run, dataset, image = session.run, session.dataset, session.image
        if run is None or dataset is None or not 0 <= image < len(dataset) or run.state[image] != ImageState.SCORED:
            self.imageScoresChanged.emit(None)
            return
        decision = session.decision
        scores = image_scores(
            run.logits[image],
            dataset.y_true[image],
            bool(dataset.annotated[image]),
            decision.thresholds,
            decision.activation,
            decision.rule,
            decision.logit_map,
            decision.k,
        )
        self.imageScoresChanged.emit(scores)

    def predicted_of(self, images: IntArray) -> tuple[BoolArray, BoolArray]:
        """Which of some images (k,) are scored, and what is predicted of them now, (k, c)."""
        session = self._session
        n_labels = len(session.dataset.labels) if session.dataset else 0
        predicted = np.zeros((len(images), n_labels), dtype=bool)
        if session.run is None:
            return np.zeros(len(images), dtype=bool), predicted
        scored = session.run.state[images] == ImageState.SCORED
        decision = session.decision
        logits = mapped(session.run.logits[images[scored]], decision.logit_map)
        scores = scores_from_logits(logits, decision.activation)
        predicted[scored] = decide(logits, scores, decision.thresholds.values, decision.rule, decision.k)
        return scored, predicted

    def tell_advice(self) -> None:
        """Whether the annotations contradict the activation or the rule."""
        session = self._session
        if self._evaluator is None or session.dataset is None:
            self.adviceChanged.emit(None)
            return
        advice = contradiction(
            session.sizes,
            session.decision.activation,
            session.decision.rule,
            self._evaluator.labels_per_image(),
        )
        self.adviceChanged.emit(advice)
