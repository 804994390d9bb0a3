"""Proposes thresholds for goals, says what they are expected to do on new images, and applies them as one step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from app.controllers.decisions import DecisionController
from app.controllers.evaluation import EvaluationController
from app.controllers.scoring import ScoringController
from app.controllers.tuning_honesty import Applied, TuningHonesty
from app.controllers.tuning_telling import TuningTeller
from app.controllers.tuning_work import Ask, Workshop, decision_of, estimated, find, spread
from app.jobs import Job, Jobs, Lane
from app.session import Decision, Session
from app.state import Tuned
from inference.evaluation.tuning.wording import words
from inference.types import (
    BoolArray,
    DecisionRule,
    Estimate,
    Goal,
    LabelStatus,
    Objective,
    Proposal,
    Task,
    ThresholdIntervals,
    Thresholds,
)
from widgets.tuning.objectives import OF_A_LABEL, offered

_SETTLE_MS = 150  # a goal's slider is still moving
_ESTIMATE_MS = 500
_BUSY_MS = 300

_KEPT = (LabelStatus.LOCKED, LabelStatus.TOO_FEW, LabelStatus.ABSTAINED)

T = TypeVar("T")


class TuningController(QObject):
    """Works only while `set_wanted`: nobody should pay for a panel that is hidden."""

    proposalChanged = Signal(object, object, object)  # Proposal, LabelMetrics, Averages
    nowChanged = Signal(object, object)  # LabelMetrics, Averages
    halfChanged = Signal(object, object)
    flipsChanged = Signal(object, int)  # (c,) images that would flip, and how many images in all
    estimateChanged = Signal(object)  # Estimate
    thresholdIntervalsChanged = Signal(object)  # ThresholdIntervals
    taskChanged = Signal(object, object, int, object, object)  # Task, rule, k, calibration, biases
    goalChanged = Signal(object)  # Goal, where the one there was is not offered any more
    labelGoalsChanged = Signal(object)  # dict of label and Goal, where they were forgotten
    splitChanged = Signal(object, int)  # Split or None, and how many images there are
    prevalencesChanged = Signal(object)  # share of each class in this folder, () where that is not known
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
        self._honesty = TuningHonesty(session, jobs, evaluation, self)
        self._teller = TuningTeller(self, session, jobs, evaluation)
        self._goal = Goal()
        self._own: dict[int, Goal] = {}
        self._wanted = False
        self._locked: BoolArray = np.zeros(0, dtype=bool)
        self._shop: Workshop | None = None
        self._proposal: tuple[Proposal, Ask] | None = None  # and what it answers
        self._estimate: Estimate | None = None
        self._running: list[Job] = []
        self._soon = _timer(self, _SETTLE_MS, self._propose)
        self._busy = ""
        self._busy_soon = _timer(self, _BUSY_MS, lambda: self.busyChanged.emit(self._busy))
        self._later = _timer(self, _ESTIMATE_MS, self.estimate)
        evaluation.evaluatorChanged.connect(self._on_evaluator_changed)
        scoring.ended.connect(self._on_evaluator_changed)
        session.datasetChanged.connect(self._on_dataset_changed)
        session.thresholdsChanged.connect(self._on_thresholds_changed)
        session.schemeChanged.connect(self._on_evaluator_changed)
        session.splitChanged.connect(self._on_evaluator_changed)
        session.zeroDivisionChanged.connect(self._on_evaluator_changed)
        self._honesty.stateChanged.connect(self.honestyChanged)
        self._honesty.tunedChanged.connect(self.tunedChanged)
        self._honesty.failed.connect(self.failed)

    # -- what the user asks for ----------------------------------------------------------------------------------

    @property
    def goal(self) -> Goal:
        """What is tuned for."""
        return self._goal

    @property
    def label_goals(self) -> dict[int, Goal]:
        """Which labels have goals of their own."""
        return dict(self._own)

    @property
    def tuned(self) -> Tuned | None:
        """What is in force as it was tuned, else what was applied last, to this pair."""
        return self._honesty.tuned

    @property
    def in_force(self) -> bool:
        """Whether what is in force was tuned, untouched since."""
        return self._honesty.in_force

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

    def set_label_goal(self, label: int, goal: Goal | None) -> None:
        """Tune one label for something else than the others; None: for the same."""
        self._own.pop(label, None)
        if goal is not None and 0 <= label < len(self._locked):
            self._own[label] = goal
        self._restart()

    def set_locked(self, label: int, locked: bool) -> None:
        """Let a label keep its threshold."""
        self._locked[label] = locked
        self._restart()

    def apply(self) -> None:
        """The proposal becomes what is in force: one step of undo."""
        dataset, session = self._session.dataset, self._session
        if self._proposal is None or self._shop is None or dataset is None:
            return
        proposal, ask = self._proposal
        decision = _with_kept(decision_of(session.decision, proposal), proposal, session.decision)
        said = _said(ask)
        tuned = Tuned(
            goal=said,
            thresholds=dict(zip(dataset.labels, map(float, decision.thresholds.values), strict=True)),
            method=_method(ask.goal) if ask.fits else "",
            fitted=ask.fits,
        )
        fitted = ask.fits
        shop, estimate = self._shop, self._estimate
        n_images = shop.n_images
        before = session.decision
        self._decisions.apply(decision, f"tuned: {said}")
        self._honesty.applied(Applied(tuned, decision, session.split, fitted, n_images, ask.calibrates), before)
        if estimate is not None:
            self._honesty.learned(decision, estimate, ask.calibrates)
        elif self._shop is shop:
            self.estimate()
        elif fitted:  # the rule or the calibration changed, and with it the evaluator
            self._expect(shop, ask, proposal)

    def restore(self, tuned: Tuned | None) -> None:
        """What was applied to this pair in an earlier start."""
        self._honesty.restore(tuned)

    def cancel(self) -> None:
        """Stop what is under way."""
        self._soon.stop()
        self._later.stop()
        self._teller.stop()
        for job in self._running:
            job.cancel()
        self._running.clear()
        self._set_busy("")

    # -- what happened -------------------------------------------------------------------------------------------

    def _on_dataset_changed(self) -> None:
        dataset = self._session.dataset
        self._locked = np.zeros(len(dataset.labels) if dataset else 0, dtype=bool)
        self._own = {}
        self.labelGoalsChanged.emit({})
        self._honesty.forget()
        self._forget()

    def _on_evaluator_changed(self) -> None:
        self._forget()
        self._honesty.tell()
        if not self._wanted or self._scoring.running:
            return
        self._offer()
        self.obstacleChanged.emit(self._obstacle())
        evaluator, session = self._evaluation.evaluator, self._session
        if evaluator is None or session.run is None or session.dataset is None or self._obstacle():
            return
        self._shop = Workshop(evaluator, session.run, session.dataset.y_true)
        self._teller.tell_half()
        self._teller.tell_now()
        self._restart()

    def _on_thresholds_changed(self) -> None:
        self._honesty.tell()
        if self._wanted:
            self._teller.tell_now()
            if self._proposal is not None and self._shop is not None:
                self._teller.tell_flips(self._shop, self._proposal[0])

    def _offer(self) -> None:
        """Which goals are possible, and what is in force beside the thresholds."""
        dataset, decision, session = self._session.dataset, self._session.decision, self._session
        task = Task.MULTILABEL if dataset is None else dataset.task
        choice = offered(task, decision.rule)
        if self._goal.objective not in choice:
            self._goal = Goal(Objective.TAU) if task is Task.MULTICLASS else Goal()
            self.goalChanged.emit(self._goal)
        self.taskChanged.emit(task, decision.rule, decision.k, decision.calibration, decision.biases)
        self.splitChanged.emit(session.split, 0 if dataset is None else len(dataset))
        self.prevalencesChanged.emit(self._teller.prevalences())

    def _obstacle(self) -> str:
        dataset, rule = self._session.dataset, self._session.decision.rule
        if self._session.run is None or dataset is None:
            return "Open a model and a validation folder to tune thresholds."
        if dataset.task is Task.MULTILABEL and rule is DecisionRule.ARGMAX:
            return "Argmax does not use these thresholds: choose “A threshold per label” to tune them."
        return ""

    def _forget(self) -> None:
        self.cancel()
        self._shop = self._proposal = self._estimate = None
        self.proposalChanged.emit(None, None, None)
        self.flipsChanged.emit(None, 0)
        self.estimateChanged.emit(None)
        self.thresholdIntervalsChanged.emit(None)

    def _restart(self) -> None:
        if not self._soon.isActive():  # a hundred labels may be given a goal at once
            self.cancel()
        if self._wanted and self._shop is not None:
            self._soon.start()

    # -- proposing -----------------------------------------------------------------------------------------------

    def _propose(self) -> None:
        shop = self._shop
        if shop is None or not len(shop.evaluator.rows):
            return
        ask = Ask(self._goal, dict(self._own), self._session.decision, self._locked.copy())

        def work(job: Job) -> Proposal:
            return find(shop, ask, job.cancelled)

        self._set_busy("Looking for thresholds …")
        self._run(Lane.NUMBERS, work, lambda proposal: self._on_proposal(shop, ask, proposal))

    def _on_proposal(self, shop: Workshop, ask: Ask, proposal: Proposal) -> None:
        self._proposal, self._estimate = (proposal, ask), None
        self._set_busy("")
        self._teller.tell_proposal(shop, proposal)
        self.estimateChanged.emit(None)
        self.thresholdIntervalsChanged.emit(None)
        self._later.start()

    def estimate(self) -> None:
        """Tune again inside each of five folds, and count on the images left out."""
        self._later.stop()
        if self._shop is not None and self._proposal is not None:
            proposal, ask = self._proposal
            self._expect(self._shop, ask, proposal)

    def _expect(self, shop: Workshop, ask: Ask, proposal: Proposal) -> None:
        zero_division = self._session.zero_division

        def work(job: Job) -> Estimate | None:
            return estimated(shop, ask, zero_division, job.cancelled)

        self._set_busy("Estimating what to expect on new images …")
        self._run(Lane.ESTIMATES, work, lambda estimate: self._on_estimate(shop, ask, proposal, estimate))

    def _on_estimate(self, shop: Workshop, ask: Ask, proposal: Proposal, estimate: Estimate | None) -> None:
        self._set_busy("")
        if estimate is None:
            return
        self._honesty.learned(decision_of(ask.decision, proposal), estimate, ask.calibrates)
        if self._proposal is None or self._proposal[0] is not proposal:
            return
        self._estimate = estimate
        self.estimateChanged.emit(estimate)

        def work(job: Job) -> ThresholdIntervals | None:
            return spread(shop, ask, job.cancelled)

        self._run(Lane.ESTIMATES, work, self.thresholdIntervalsChanged.emit)

    def _run(self, lane: Lane, work: Callable[[Job], T], done: Callable[[T], None]) -> None:
        def finished(result: T) -> None:
            self._running.remove(job)
            done(result)

        job = self._jobs.run(lane, work, finished, self._on_failed)
        self._running.append(job)

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


def _with_kept(decision: Decision, proposal: Proposal, now: Decision) -> Decision:
    """The decision with the present thresholds of labels that keep theirs: they may have moved since the proposal."""
    if not decision.rule.uses_thresholds or decision.calibration != now.calibration:
        return decision
    kept = np.array([status in _KEPT for status in proposal.status], dtype=bool)
    return replace(decision, thresholds=Thresholds(np.where(kept, now.thresholds.values, decision.thresholds.values)))


def _timer(parent: QObject, milliseconds: int, then: Callable[[], None]) -> QTimer:
    timer = QTimer(parent, singleShot=True, interval=milliseconds)
    timer.timeout.connect(then)
    return timer


def _said(ask: Ask) -> str:
    text = words(ask.goal)
    own = len(ask.own) if ask.goal.objective in OF_A_LABEL else 0
    if not own:
        return text
    return f"{text}; {own:,} label{'' if own == 1 else 's'} for {'its' if own == 1 else 'their'} own"


def _method(goal: Goal) -> str:
    """How the thresholds were sought."""
    return "smoothed" if goal.smoothed else "exact on this folder"
