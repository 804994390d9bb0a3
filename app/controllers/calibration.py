"""Fits and judges calibrations in the background, and puts one in force with the thresholds carried over."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from app.controllers.calibration_state import Alike, Source
from app.controllers.decisions import DecisionController
from app.controllers.evaluation import EvaluationController
from app.jobs import Job, Jobs, Lane
from app.session import Session
from inference.evaluation.activations import scores_from_logits
from inference.evaluation.calibration.carrying import Carried, Scheme, carry
from inference.evaluation.calibration.judging import Comparison, compare
from inference.evaluation.logit_maps import mapped
from inference.evaluation.pictures import reliability
from inference.types import (
    CALIBRATION_NAMES,
    UNKNOWN,
    Activation,
    CalibrationMethod,
    CarriedDecisions,
    IntArray,
    LogitMap,
    Reliability,
    ScoreArray,
)

_SETTLE_MS: Final = 700  # images come in more often than that
_BUSY_MS: Final = 300
_AT_ONCE: Final = 150_000  # scores that are carried within a frame; more go to the worker
_FITTING: Final = "Fitting calibrations, and judging each out of fold …"
_CARRYING: Final = "Carrying the thresholds over …"
_NO_TRUTH: Final = "No image with a known truth is scored yet: calibration compares scores with the truth."
NONE: Final = CalibrationMethod.NONE


class CalibrationController(QObject):
    """Fits only while `set_wanted`, or once something is chosen. Maps are kept: on and off cost no new fit."""

    evidenceChanged = Signal(object)  # CalibrationEvidence; None while there is none
    methodChanged = Signal(object)  # CalibrationMethod in force
    staleChanged = Signal(bool)  # the map in force is another than the one that fits these images
    carriedChanged = Signal(object)  # CarriedDecisions; None once it is no longer what happened last
    busyChanged = Signal(str)
    messageChanged = Signal(str)  # why nothing can be calibrated; "" when it can
    beforeChanged = Signal(object)  # Reliability of the chosen label without calibration; None without one
    failed = Signal(Exception)

    def __init__(
        self,
        session: Session,
        jobs: Jobs,
        evaluation: EvaluationController,
        decisions: DecisionController,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._jobs = session, jobs
        self._evaluation, self._decisions = evaluation, decisions
        self._wanted = False
        self._wish: CalibrationMethod | None = None  # chosen before the maps were there
        self._source: Source | None = None  # of what is known
        self._known: Comparison | None = None
        self._alike = Alike()
        self._job: Job | None = None
        self._carry_job: Job | None = None
        self._busy = ""
        self._soon = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._soon.timeout.connect(self._fit)
        self._busy_soon = QTimer(self, singleShot=True, interval=_BUSY_MS)
        self._busy_soon.timeout.connect(lambda: self.busyChanged.emit(self._busy))
        evaluation.evaluatorChanged.connect(self._on_changed)
        session.datasetChanged.connect(self._on_changed)
        session.splitChanged.connect(self._on_changed)
        session.schemeChanged.connect(self._on_changed)
        for changed in (session.schemeChanged, session.thresholdsChanged):
            changed.connect(lambda: self.carriedChanged.emit(None))

    # -- what the user asks for ----------------------------------------------------------------------------------

    def set_wanted(self, wanted: bool) -> None:
        """Whether the chooser is in sight."""
        if wanted == self._wanted:
            return
        self._wanted = wanted
        if wanted:
            self._tell()
            self._start(0)
        elif self._wish is None:
            self._stop_fitting()

    def choose(self, method: CalibrationMethod) -> None:
        """Put a method in force, or none: one step of undo. Fitted first where it is not; chosen again, fitted anew."""
        self._wish = method
        if method is NONE or self._is_current():
            self._put_in_force()
        else:
            self._start(0)

    def tell_before(self, _: object = None, __: str = "") -> None:
        """The reliability diagram was drawn anew: say what stands behind it. Slot of its picture's signal."""
        self.beforeChanged.emit(self._before())

    def cancel(self) -> None:
        """Stop what is under way."""
        self._wish = None
        self._stop_fitting()
        if self._carry_job is not None:
            self._carry_job.cancel()
            self._carry_job = None

    # -- what happened -------------------------------------------------------------------------------------------

    def _now(self) -> Source | None:
        return Source.of(self._session)

    def _is_current(self) -> bool:
        now = self._now()
        return now is not None and now.is_same(self._source)

    def _on_changed(self) -> None:
        if not self._is_current():
            self._forget()
        if self._wanted:
            self._tell()
        if self._wanted or self._wish is not None:
            self._start(_SETTLE_MS)

    def _forget(self) -> None:
        had = self._source is not None
        self._source = self._known = None
        self._alike.clear()
        wish = self._wish
        self.cancel()
        self._wish = wish
        if had:
            self.evidenceChanged.emit(None)
            self.carriedChanged.emit(None)

    # -- fitting -------------------------------------------------------------------------------------------------

    def _start(self, after_ms: int) -> None:
        now = self._now()
        if now is None or not now.n_scored or self._is_current():
            return
        self._soon.start(after_ms)

    def _stop_fitting(self) -> None:
        self._soon.stop()
        if self._job is not None:
            self._job.cancel()
            self._job = None
        self._set_busy("")

    def _fit(self) -> None:
        source = self._now()
        if source is None or self._is_current():
            return
        self._stop_fitting()

        def work(job: Job) -> Comparison | None:
            rows = source.tuning_rows()
            truth = source.dataset.y_true[rows]
            return compare(source.run.logits[rows], truth, source.activation, cancelled=job.cancelled)

        def done(found: Comparison | None) -> None:
            self._job = None
            self._set_busy("")
            self._source, self._known = source, found
            self._tell()
            if not self._is_current():  # images came in meanwhile
                self._on_changed()
            elif self._wish is not None:
                self._put_in_force()

        self._set_busy(_FITTING)
        self._job = self._jobs.run(Lane.NUMBERS, work, done, self._on_failed)

    # -- putting in force ----------------------------------------------------------------------------------------

    def _map_of(self, method: CalibrationMethod) -> LogitMap | None:
        """The fitted map; None for none at all, or where every label is left alone."""
        fitted = self._known.maps.get(method) if self._known is not None else None
        return None if fitted is None or all(fitted.left) else fitted.logit_map

    def _put_in_force(self) -> None:
        method, self._wish = self._wish, None
        source, decision = self._now(), self._session.decision
        if method is None or source is None:
            return
        after = None if method is NONE else self._map_of(method)
        if (after is None and method is not NONE) or after == decision.calibration:
            self._tell()  # the chooser shows the wish already
            return

        scheme = Scheme(decision.activation, decision.rule, decision.logit_map, decision.k)
        other = replace(decision, calibration=after).logit_map
        known = self._alike.known(decision, after)

        def work(job: Job) -> Carried | None:
            logits = source.run.logits[source.rows()]
            return carry(logits, decision.thresholds, scheme, other, known=known, cancelled=job.cancelled)

        def done(carried: Carried | None) -> None:
            self._carry_job = None
            self._set_busy("")
            if carried is None:
                return
            if self._session.decision != decision:  # a threshold moved meanwhile
                self._wish = method
                self._put_in_force()
                return
            self._apply(method, after, carried)

        if self._carry_job is not None:
            self._carry_job.cancel()
            self._carry_job = None
        if source.n_scored * source.run.logits.shape[1] <= _AT_ONCE:
            done(work(Job()))
        else:
            self._set_busy(_CARRYING)
            self._carry_job = self._jobs.run(Lane.NUMBERS, work, done, self._on_failed)

    def _apply(self, method: CalibrationMethod, after: LogitMap | None, carried: Carried) -> None:
        text = "calibration off" if method is NONE else f"calibration: {CALIBRATION_NAMES[method]}"
        self._decisions.set_calibration(after, carried.thresholds, text)
        self._alike.add(self._session.decision)
        self._tell()
        self.carriedChanged.emit(CarriedDecisions(method, carried.n_flipped, carried.n_images))

    # -- telling -------------------------------------------------------------------------------------------------

    def _tell(self) -> None:
        known = self._known
        self.messageChanged.emit(self._obstacle())
        self.evidenceChanged.emit(None if known is None else known.evidence)
        calibration = self._session.decision.calibration
        method = NONE if calibration is None else calibration.method
        self.methodChanged.emit(method)
        self.staleChanged.emit(known is not None and calibration is not None and self._map_of(method) != calibration)

    def _obstacle(self) -> str:
        now = self._now()
        if now is None or not now.n_scored:
            return ""  # the empty chooser says what to do
        nothing_known = self._source is not None and self._known is None
        return _NO_TRUTH if nothing_known else ""

    def _set_busy(self, text: str) -> None:
        """Said only when it takes a while."""
        self._busy = text
        if text:
            self._busy_soon.start()
        else:
            self._busy_soon.stop()
            self.busyChanged.emit("")

    def _on_failed(self, error: Exception) -> None:
        self.cancel()
        self.failed.emit(error)

    # -- the picture ---------------------------------------------------------------------------------------------

    def _before(self) -> Reliability | None:
        """The chosen label's diagram without the calibration in force."""
        source, decision, label = self._now(), self._session.decision, self._session.label
        if source is None or decision.calibration is None or not 0 <= label < source.run.logits.shape[1]:
            return None
        rows = source.rows()
        truth = source.dataset.y_true[rows, label].copy()
        if source.split is not None:
            truth[~source.split.measured[rows]] = UNKNOWN
        return reliability(self._uncalibrated(source.run.logits, rows, label), truth)

    def _uncalibrated(self, logits: ScoreArray, rows: IntArray, label: int) -> ScoreArray:
        decision = self._session.decision
        if decision.activation is Activation.SOFTMAX:
            plain = mapped(logits[rows], decision.biases)
            return scores_from_logits(plain, decision.activation)[:, label]
        own = logits[rows, label : label + 1]
        if decision.biases is not None:
            own = own + np.float32(decision.biases.shift[label])
        return scores_from_logits(own, decision.activation)[:, 0]
