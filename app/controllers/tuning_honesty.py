"""Remembers what was tuned on which images, and says how far the number in the window is to be believed."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, replace

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from app.controllers.evaluation import EvaluationController
from app.controllers.tuning_work import micro_interval
from app.jobs import Job, Jobs, Lane
from app.session import Decision, Session
from app.state import Tuned
from inference.evaluation.evaluator import Evaluator
from inference.types import (
    DecisionRule,
    Estimate,
    Honesty,
    HonestyState,
    Interval,
    LogitMap,
    Split,
    Thresholds,
)

_REST_MS = 500  # thresholds have come to rest
_MOST = 64  # appliances that undo can go back to


@dataclass(frozen=True)
class Applied:
    """One proposal that was applied."""

    tuned: Tuned
    decision: Decision | None = None  # all that it put in force; None where an earlier start applied it
    split: Split | None = None  # measured then, and so not tuned on
    fitted: bool = True  # False: nothing of the folder went into it, so that no number flatters
    n_images: int = 0  # tuned on
    calibrates: bool = False  # the proposal brought its calibration, which the folds fitted anew


class TuningHonesty(QObject):
    """Told of what is applied; undo comes back to it by the decision that is in force."""

    stateChanged = Signal(object)  # HonestyState
    tunedChanged = Signal()  # what is to be remembered
    failed = Signal(Exception)

    def __init__(
        self, session: Session, jobs: Jobs, evaluation: EvaluationController, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._jobs, self._evaluation = session, jobs, evaluation
        self._applied: list[Applied] = []  # the last one last
        self._interval: tuple[Evaluator, Thresholds, Interval] | None = None  # of which numbers
        session.truthEdited.connect(self._forget_interval)
        self._job: Job | None = None
        self._rest = QTimer(self, singleShot=True, interval=_REST_MS)
        self._rest.timeout.connect(self._measure)
        self._untuned: Decision | None = None  # in force before anything was tuned
        self._remembered: Tuned | None = None  # told last
        self._calibrations: list[tuple[LogitMap, Split | None]] = []
        session.schemeChanged.connect(self._note_calibration)

    # -- what was tuned --------------------------------------------------------------------------------------------

    @property
    def tuned(self) -> Tuned | None:
        """What is in force as it was tuned, else what was applied last; None before that."""
        found = self._now()
        if found is None and self._applied and self._session.decision != self._untuned:
            found = self._applied[-1]
        return None if found is None else found.tuned

    @property
    def in_force(self) -> bool:
        """Whether what is in force was tuned, untouched since."""
        return self._now() is not None

    def applied(self, one: Applied, before: Decision) -> None:
        """A proposal was put in force, in place of what was there before."""
        if not self._applied:
            self._untuned = before
        split = one.split if self._calibrated_apart(one) else None
        words = "" if split is None else split.words
        tuned = replace(
            one.tuned,
            split=words,
            scheme="" if one.decision is None else scheme_digest(one.decision),
            fitted=one.fitted,
            n_images=one.n_images,
        )
        one = replace(one, tuned=tuned, split=split)
        self._applied = [*(old for old in self._applied if old.decision != one.decision), one][-_MOST:]
        self.tell()

    def _calibrated_apart(self, one: Applied) -> bool:
        """Whether the calibration of what was applied saw none of the images that are measured."""
        calibration = None if one.decision is None else one.decision.calibration
        if calibration is None or one.calibrates:
            return True
        then = next((split for known, split in self._calibrations if known == calibration), None)
        return _apart(then, one.split)

    def _note_calibration(self) -> None:
        """Under which split a calibration came into force first."""
        calibration = self._session.decision.calibration
        if calibration is not None and all(known != calibration for known, _ in self._calibrations):
            self._calibrations = [*self._calibrations[-_MOST:], (calibration, self._session.split)]

    def learned(self, decision: Decision, estimate: Estimate, calibrates: bool) -> None:
        """What to expect of a decision on new images; of no interest unless it was applied.

        A calibration that the proposal brought must have been fitted anew in the folds: with one that is in force
        already, the estimate would flatter.
        """
        for place, one in enumerate(self._applied):
            if one.decision == decision and one.calibrates == calibrates:
                self._applied[place] = replace(one, tuned=_with_estimate(one.tuned, estimate))
                self.tell()

    def _tell_if_changed(self) -> None:
        """Undo may have come back to what was tuned before."""
        tuned = self.tuned
        if tuned is not self._remembered:
            self._remembered = tuned
            self.tunedChanged.emit()

    def restore(self, tuned: Tuned | None) -> None:
        """What was applied to this pair in an earlier start."""
        split = self._session.split
        same = tuned is not None and split is not None and tuned.split == split.words
        self._applied = []
        if tuned is not None:
            self._applied = [Applied(tuned, None, split if same else None, tuned.fitted, tuned.n_images)]
        self._remembered = tuned
        self.tell()

    def forget(self) -> None:
        """These are other images or labels."""
        self._applied, self._remembered, self._untuned, self._calibrations = [], None, None, []
        self.stop()

    def _now(self) -> Applied | None:
        """What was applied and is in force."""
        return next((one for one in reversed(self._applied) if self._is_in_force(one)), None)

    def _is_in_force(self, one: Applied) -> bool:
        dataset, decision = self._session.dataset, self._session.decision
        if one.decision is not None:
            return one.decision == decision
        if dataset is None or one.tuned.thresholds.keys() != set(dataset.labels):
            return False
        if one.tuned.scheme and one.tuned.scheme != scheme_digest(decision):
            return False
        values = np.array([one.tuned.thresholds[label] for label in dataset.labels])
        return decision.thresholds == Thresholds(values)

    # -- telling ---------------------------------------------------------------------------------------------------

    def tell(self) -> None:
        """The state as it is; an interval follows when the thresholds rest."""
        evaluator, dataset = self._evaluation.evaluator, self._session.dataset
        self.stop()
        self._tell_if_changed()
        if evaluator is None or dataset is None:
            self.stateChanged.emit(HonestyState())
            return
        averages = evaluator.averages(self._session.zero_division)
        split = self._session.split
        state = HonestyState(
            measured=averages.micro.f1, n_images=averages.n_images, part="" if split is None else split.words
        )
        now = self._now()
        if now is not None and now.fitted:
            state = self._tuned_state(state, now, evaluator)
        elif now is None and self._applied and self._applied[-1].fitted and self._session.decision != self._untuned:
            last = self._applied[-1]
            if last.tuned.thresholds.keys() == set(dataset.labels):
                kind = Honesty.SEPARATE if _apart(last.split, split) else Honesty.TUNED
                state = replace(state, kind=kind, modified=True, n_tuned=last.n_images)
        self.stateChanged.emit(state)

    def _tuned_state(self, state: HonestyState, now: Applied, evaluator: Evaluator) -> HonestyState:
        if not _apart(now.split, self._session.split):
            return _with_numbers(replace(state, kind=Honesty.TUNED), now.tuned)
        n_tuned = now.n_images or len(evaluator.rows) - _measured(evaluator)
        state = replace(state, kind=Honesty.SEPARATE, n_tuned=n_tuned)
        kept = self._interval
        if kept is not None and kept[0] is evaluator and kept[1] == self._session.decision.thresholds:
            return replace(state, low=kept[2].low, high=kept[2].high)
        self._rest.start()
        return state

    # -- the interval on the images held out -----------------------------------------------------------------------

    def stop(self) -> None:
        """Stop measuring."""
        self._rest.stop()
        if self._job is not None:
            self._job.cancel()
            self._job = None

    def _forget_interval(self) -> None:
        self._interval = None

    def _measure(self) -> None:
        evaluator, thresholds = self._evaluation.evaluator, self._session.decision.thresholds
        if evaluator is None:
            return

        def work(job: Job) -> Interval | None:
            return micro_interval(evaluator, thresholds, job.cancelled)

        def done(interval: Interval | None) -> None:
            self._job = None
            if interval is not None:
                self._interval = evaluator, thresholds, interval
                self.tell()

        self._job = self._jobs.run(Lane.NUMBERS, work, done, self._on_failed)

    def _on_failed(self, error: Exception) -> None:
        self._job = None
        self.failed.emit(error)


def scheme_digest(decision: Decision) -> str:
    """What tells all that decides, thresholds apart, from another."""
    logit_map = decision.logit_map
    parts = [
        decision.activation.value,
        decision.rule.value,
        str(decision.k if decision.rule is DecisionRule.TOP_K else 1),
    ]
    if logit_map is not None:
        parts += [repr(logit_map.scale.tolist()), repr(logit_map.shift.tolist()), repr(logit_map.knots)]
    return hashlib.sha256("|".join(parts).encode()).hexdigest()


def _apart(then: Split | None, now: Split | None) -> bool:
    """Whether tuning saw none of the images that are measured now."""
    if then is None or now is None or len(then.measured) != len(now.measured):
        return False
    return not bool((now.measured & ~then.measured).any())


def _measured(evaluator: Evaluator) -> int:
    return 0 if evaluator.measured is None else int(np.count_nonzero(evaluator.measured[evaluator.rows]))


def _with_estimate(tuned: Tuned, estimate: Estimate) -> Tuned:
    numbers = (
        estimate.averages.micro.f1,
        estimate.micro_f1_low,
        estimate.micro_f1_high,
        estimate.averages.macro.f1,
    )
    expected, low, high, macro = (value if math.isfinite(value) else None for value in numbers)
    return replace(tuned, expected=expected, low=low, high=high, macro=macro, n_folds=estimate.n_folds)


def _with_numbers(state: HonestyState, tuned: Tuned) -> HonestyState:
    expected, low, high = (math.nan if v is None else v for v in (tuned.expected, tuned.low, tuned.high))
    return replace(state, expected=expected, low=low, high=high)
