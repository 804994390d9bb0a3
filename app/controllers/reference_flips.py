"""Which images are decided otherwise since a reference, whatever rule and calibration that has."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from app.controllers.alternatives import Ground, is_small
from app.controllers.evaluation import EvaluationController
from app.jobs import Job, Jobs, Lane
from app.session import Decision, Session
from inference.evaluation.comparing import flips_between, packed_decisions
from inference.evaluation.evaluator import Evaluator
from inference.evaluation.whatif import label_flips
from inference.types import LabelFlips, Thresholds

Bits = NDArray[np.uint8]


class ReferenceFlips(QObject):
    """Looked up where only thresholds differ; decided anew, on the worker where that is long, where more does."""

    flipsChanged = Signal(object)  # list of LabelFlips, None before anything is scored
    failed = Signal(Exception)

    def __init__(
        self, session: Session, evaluation: EvaluationController, jobs: Jobs, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._evaluation, self._jobs = session, evaluation, jobs
        self._known: tuple[Evaluator, Decision, Bits] | None = None  # what the reference decided
        self._job: Job | None = None

    def tell(self, before: Decision) -> None:
        """What the decision in force changes."""
        if self._job is not None:
            self._job.cancel()
            self._job = None
        evaluator, now = self._evaluation.evaluator, self._session.decision
        if evaluator is None or evaluator.n_labels != len(now.thresholds):
            self._known = None
            self.flipsChanged.emit(None)
        elif before.scheme == now.scheme:
            self.flipsChanged.emit(label_flips(evaluator, before.thresholds, now.thresholds))
        else:
            self._decide(evaluator, before, now.thresholds)

    def _decide(self, evaluator: Evaluator, before: Decision, thresholds: Thresholds) -> None:
        ground, known = Ground.of(self._session, evaluator), self._known
        bits = known[2] if known is not None and known[0] is evaluator and known[1] == before else None
        measured = None if ground.measured is None else ground.measured[evaluator.rows]

        def work(job: Job) -> tuple[Bits, list[LabelFlips]] | None:
            then = ground.decided(before, job.cancelled) if bits is None else bits
            if then is None:
                return None
            after = packed_decisions(ground.evaluator, thresholds, job.cancelled)
            return then, flips_between(evaluator.rows, evaluator._truth, then, after, measured)

        def found(result: tuple[Bits, list[LabelFlips]] | None) -> None:
            self._job = None
            if result is not None:
                self._known = evaluator, before, result[0]
                self.flipsChanged.emit(result[1])

        if is_small(ground.run):
            found(work(Job()))
        else:
            self._job = self._jobs.run(Lane.NUMBERS, work, found, self.failed.emit)
