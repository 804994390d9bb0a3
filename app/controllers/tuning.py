"""Proposes thresholds for a goal, says what they are expected to do on new images, and applies them as one step."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from app.controllers.decisions import DecisionController
from app.controllers.evaluation import EvaluationController
from app.controllers.scoring import ScoringController
from app.jobs import Job, Jobs, Lane
from app.session import Session
from app.state import Tuned
from inference.evaluation.evaluator import Evaluator
from inference.evaluation.honesty.expected import expected
from inference.evaluation.tuning.data import TuningData
from inference.evaluation.tuning.propose import propose
from inference.evaluation.tuning.wording import words
from inference.evaluation.whatif import at, flips, scored
from inference.types import (
    BoolArray,
    DecisionRule,
    Estimate,
    Goal,
    Honesty,
    HonestyState,
    Proposal,
    Thresholds,
)

_SETTLE_MS = 150  # a goal's slider is still moving
_ESTIMATE_MS = 500
_BUSY_MS = 300


class TuningController(QObject):
    """Works only while `set_wanted`: nobody should pay for a panel that is hidden."""

    proposalChanged = Signal(object, object, object)  # Proposal, LabelMetrics, Averages
    nowChanged = Signal(object, object)  # LabelMetrics, Averages
    halfChanged = Signal(object, object)
    flipsChanged = Signal(object, int)  # (c,) images that would flip, and how many images in all
    estimateChanged = Signal(object)  # Estimate
    busyChanged = Signal(str)
    obstacleChanged = Signal(str)  # why nothing can be tuned now; "" when it can
    honestyChanged = Signal(object)  # HonestyState
    tunedChanged = Signal()  # what is to be remembered
    failed = Signal(Exception)

    def __init__(
        self,
        session: Session,
        jobs: Jobs,
        evaluation: EvaluationController,
        scoring: ScoringController,
        decisions: DecisionController,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._jobs, self._decisions = session, jobs, decisions
        self._evaluation, self._scoring = evaluation, scoring
        self._goal = Goal()
        self._wanted = False
        self._locked: BoolArray = np.zeros(0, dtype=bool)
        self._data: tuple[Evaluator, TuningData] | None = None  # of which evaluator, what was prepared
        self._proposal: Proposal | None = None
        self._estimate: Estimate | None = None
        self._job: Job | None = None
        self._estimate_job: Job | None = None
        self.tuned: Tuned | None = None  # what was applied last, to this pair
        self._soon = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._soon.timeout.connect(self._propose)
        self._busy = ""
        self._busy_soon = QTimer(self, singleShot=True, interval=_BUSY_MS)
        self._busy_soon.timeout.connect(lambda: self.busyChanged.emit(self._busy))
        self._later = QTimer(self, singleShot=True, interval=_ESTIMATE_MS)
        self._later.timeout.connect(self.estimate)
        evaluation.evaluatorChanged.connect(self._on_evaluator_changed)
        scoring.ended.connect(self._on_evaluator_changed)
        session.datasetChanged.connect(self._on_dataset_changed)
        session.thresholdsChanged.connect(self._on_thresholds_changed)
        session.schemeChanged.connect(self._on_evaluator_changed)

    # -- what the user asks for ----------------------------------------------------------------------------------

    @property
    def goal(self) -> Goal:
        """What is tuned for."""
        return self._goal

    def set_wanted(self, wanted: bool) -> None:
        """Whether the panel is in sight."""
        if wanted != self._wanted:
            self._wanted = wanted
            if wanted:
                self._on_evaluator_changed()
            else:
                self.cancel()

    def set_goal(self, goal: Goal) -> None:
        """Tune for something else."""
        self._goal = goal
        self._restart()

    def set_locked(self, label: int, locked: bool) -> None:
        """Let a label keep its threshold."""
        self._locked[label] = locked
        self._restart()

    def apply(self) -> None:
        """The proposal becomes the thresholds in force: one step of undo."""
        if self._proposal is None:
            return
        dataset, estimate = self._session.dataset, self._estimate
        assert dataset is not None
        thresholds = self._proposal.thresholds
        self.tuned = Tuned(
            goal=words(self._proposal.goal),
            thresholds=dict(zip(dataset.labels, map(float, thresholds.values), strict=True)),
        )
        if estimate is not None:
            self.tuned = _with_estimate(self.tuned, estimate)
        self._decisions.set_thresholds(thresholds, f"thresholds tuned: {words(self._proposal.goal)}")
        self.tunedChanged.emit()
        self._tell_honesty()
        if estimate is None:
            self.estimate()

    def restore(self, tuned: Tuned | None) -> None:
        """What was applied to this pair in an earlier start."""
        self.tuned = tuned
        self._tell_honesty()

    def cancel(self) -> None:
        """Stop what is under way."""
        self._soon.stop()
        self._later.stop()
        for job in (self._job, self._estimate_job):
            if job is not None:
                job.cancel()
        self._job = self._estimate_job = None
        self._set_busy("")

    # -- what happened -------------------------------------------------------------------------------------------

    def _on_dataset_changed(self) -> None:
        dataset = self._session.dataset
        self._locked = np.zeros(len(dataset.labels) if dataset else 0, dtype=bool)
        self.tuned = None
        self._forget()

    def _on_evaluator_changed(self) -> None:
        self._forget()
        self._tell_honesty()
        if not self._wanted or self._scoring.running:
            return
        self.obstacleChanged.emit(self._obstacle())
        evaluator = self._evaluation.evaluator
        if evaluator is None or self._obstacle():
            return
        half = at(evaluator, Thresholds.uniform(evaluator.n_labels))
        self.halfChanged.emit(half.label_metrics(), half.averages(self._session.zero_division))
        self._tell_now()
        self._restart()

    def _on_thresholds_changed(self) -> None:
        self._tell_honesty()
        if self._wanted:
            self._tell_now()
            self._tell_flips()

    def _obstacle(self) -> str:
        if self._session.run is None:
            return "Open a model and a validation folder to tune thresholds."
        if self._session.decision.rule is not DecisionRule.THRESHOLDS:
            return "Argmax does not use these thresholds: choose “A threshold per label” to tune them."
        return ""

    def _forget(self) -> None:
        self.cancel()
        self._data = self._proposal = self._estimate = None
        self.proposalChanged.emit(None, None, None)
        self.flipsChanged.emit(None, 0)
        self.estimateChanged.emit(None)

    def _restart(self) -> None:
        self.cancel()
        if self._wanted and self._evaluation.evaluator is not None and not self._obstacle():
            self._soon.start()

    # -- proposing -----------------------------------------------------------------------------------------------

    def _prepared(self, evaluator: Evaluator) -> TuningData:
        """On a worker: what tuning works on, made once for an evaluator."""
        if self._data is None or self._data[0] is not evaluator:
            self._data = evaluator, TuningData.build(*scored(evaluator), evaluator.activation)
        return self._data[1]

    def _propose(self) -> None:
        evaluator = self._evaluation.evaluator
        if evaluator is None or not len(evaluator.rows):
            return
        goal, current, locked = self._goal, self._session.decision.thresholds, self._locked.copy()

        def work(job: Job) -> Proposal:
            return propose(self._prepared(evaluator), goal, current, locked=locked, cancelled=job.cancelled)

        self._set_busy("Looking for thresholds …")
        self._job = self._jobs.run(Lane.NUMBERS, work, self._on_proposal, self._on_failed)

    def _on_proposal(self, proposal: Proposal) -> None:
        self._job = None
        evaluator = self._evaluation.evaluator
        if evaluator is None:
            return
        self._proposal, self._estimate = proposal, None
        self._set_busy("")
        there = at(evaluator, proposal.thresholds)
        self.proposalChanged.emit(proposal, there.label_metrics(), there.averages(self._session.zero_division))
        self.estimateChanged.emit(None)
        self._tell_flips()
        self._later.start()

    def estimate(self) -> None:
        """Tune again inside each of five folds, and count on the images left out."""
        self._later.stop()
        evaluator, proposal = self._evaluation.evaluator, self._proposal
        if evaluator is None or proposal is None:
            return
        current, locked = self._session.decision.thresholds, self._locked.copy()
        zero_division = self._session.zero_division

        def work(job: Job) -> Estimate | None:
            return expected(
                self._prepared(evaluator),
                proposal.goal,
                current,
                locked=locked,
                zero_division=zero_division,
                cancelled=job.cancelled,
            )

        self._set_busy("Estimating what to expect on new images …")
        self._estimate_job = self._jobs.run(Lane.NUMBERS, work, self._on_estimate, self._on_failed)

    def _on_estimate(self, estimate: Estimate | None) -> None:
        self._estimate_job = None
        self._set_busy("")
        if estimate is None or self._proposal is None:
            return
        self._estimate = estimate
        self.estimateChanged.emit(estimate)
        if self.tuned is not None and self._is_in_force(self._proposal.thresholds):
            self.tuned = _with_estimate(self.tuned, estimate)
            self.tunedChanged.emit()
            self._tell_honesty()

    def _set_busy(self, text: str) -> None:
        """Said only when it takes a while: a live slider must not flicker."""
        self._busy = text
        if text:
            self._busy_soon.start()
        else:
            self._busy_soon.stop()
            self.busyChanged.emit("")

    def _on_failed(self, error: Exception) -> None:
        self.cancel()
        self.failed.emit(error)

    # -- telling -------------------------------------------------------------------------------------------------

    def _tell_now(self) -> None:
        evaluator = self._evaluation.evaluator
        if evaluator is not None:
            self.nowChanged.emit(evaluator.label_metrics(), evaluator.averages(self._session.zero_division))

    def _tell_flips(self) -> None:
        evaluator = self._evaluation.evaluator
        if evaluator is not None and self._proposal is not None:
            self.flipsChanged.emit(*flips(evaluator, self._proposal.thresholds))

    @property
    def in_force(self) -> bool:
        """Whether the thresholds are those that were tuned last, untouched since."""
        dataset = self._session.dataset
        if self.tuned is None or dataset is None or self.tuned.thresholds.keys() != set(dataset.labels):
            return False
        return self._is_in_force(Thresholds(np.array([self.tuned.thresholds[label] for label in dataset.labels])))

    def _is_in_force(self, thresholds: Thresholds) -> bool:
        return self._session.decision.thresholds == thresholds

    def _tell_honesty(self) -> None:
        evaluator, dataset = self._evaluation.evaluator, self._session.dataset
        if evaluator is None or dataset is None:
            self.honestyChanged.emit(HonestyState())
            return
        averages = evaluator.averages(self._session.zero_division)
        state = HonestyState(measured=averages.micro.f1, n_images=averages.n_images)
        if self.tuned is not None and self.tuned.thresholds.keys() == set(dataset.labels):
            state = replace(state, kind=Honesty.TUNED, modified=not self.in_force)
            if self.in_force:
                state = _with_numbers(state, self.tuned)
        self.honestyChanged.emit(state)


def _with_estimate(tuned: Tuned, estimate: Estimate) -> Tuned:
    numbers = (estimate.averages.micro.f1, estimate.micro_f1_low, estimate.micro_f1_high)
    expected, low, high = (value if math.isfinite(value) else None for value in numbers)
    return replace(tuned, expected=expected, low=low, high=high)


def _with_numbers(state: HonestyState, tuned: Tuned) -> HonestyState:
    expected, low, high = (math.nan if v is None else v for v in (tuned.expected, tuned.low, tuned.high))
    return replace(state, expected=expected, low=low, high=high)
