"""The numbers around a proposal: at 0.5, now, proposed, and the images that would flip."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, QTimer

from app.controllers.evaluation import EvaluationController
from app.controllers.tuning_work import Workshop, decision_of, evaluator_of, flips_between
from app.jobs import Job, Jobs, Lane
from app.session import Session
from inference.evaluation.evaluator import Evaluator
from inference.evaluation.whatif import at, flips
from inference.types import POSITIVE, UNKNOWN, IntArray, Proposal, Task, Thresholds

if TYPE_CHECKING:
    from app.controllers.tuning import TuningController

_REST_MS = 300  # thresholds rest, so that a pass over all images may be made


class TuningTeller(QObject):
    """Speaks through the signals of its controller.

    Thresholds alone are looked up at once. Where a proposal changes the rule, the calibration or biases every score is
    another one: then a worker evaluates it.
    """

    def __init__(
        self, controller: TuningController, session: Session, jobs: Jobs, evaluation: EvaluationController
    ) -> None:
        super().__init__(controller)
        self._to, self._session, self._jobs, self._evaluation = controller, session, jobs, evaluation
        self._job: Job | None = None
        self._there: Evaluator | None = None  # of the proposal, where its scheme is another one
        self._shop: Workshop | None = None
        self._rest = QTimer(self, singleShot=True, interval=_REST_MS)
        self._rest.timeout.connect(self._count_flips)

    def stop(self) -> None:
        """Stop what is under way."""
        self._rest.stop()
        if self._job is not None:
            self._job.cancel()
            self._job = None

    def tell_now(self) -> None:
        """The numbers in force."""
        evaluator = self._evaluation.evaluator
        if evaluator is not None:
            averages = evaluator.averages(self._session.zero_division)
            self._to.nowChanged.emit(evaluator.label_metrics(), averages)

    def tell_half(self) -> None:
        """The numbers at 0.5."""
        evaluator = self._evaluation.evaluator
        if evaluator is not None:
            half = at(evaluator, Thresholds.uniform(evaluator.n_labels))
            self._to.halfChanged.emit(half.label_metrics(), half.averages(self._session.zero_division))

    def tell_proposal(self, shop: Workshop, proposal: Proposal) -> None:
        """What the proposal gives, and which images it flips."""
        self.stop()
        self._there = None
        if self._same_scheme(proposal):
            self._tell(proposal, at(shop.evaluator, proposal.thresholds))
            self.tell_flips(shop, proposal)
            return

        decision = decision_of(self._session.decision, proposal)

        def work(job: Job) -> Evaluator:
            return evaluator_of(shop, decision, job.cancelled)

        def done(there: Evaluator) -> None:
            self._job = None
            self._there = there
            self._tell(proposal, there)
            self.tell_flips(shop, proposal)

        self._to.proposalChanged.emit(proposal, None, None)
        self._job = self._jobs.run(Lane.NUMBERS, work, done, self._to.failed.emit)

    def tell_flips(self, shop: Workshop, proposal: Proposal) -> None:
        """How many images the proposal flips."""
        if self._there is not None:
            self._shop = shop
            self._rest.start()
        elif self._job is None and self._same_scheme(proposal):
            self._to.flipsChanged.emit(*flips(shop.evaluator, proposal.thresholds))

    def prevalences(self) -> tuple[float, ...]:
        """The share of each class among the annotated images; () where an image has any number of labels."""
        dataset = self._session.dataset
        if dataset is None or dataset.task is not Task.MULTICLASS:
            return ()
        known = (dataset.y_true != UNKNOWN).any(axis=1)
        counts = np.count_nonzero(dataset.y_true[known] == POSITIVE, axis=0)
        return tuple((counts / counts.sum()).tolist()) if counts.sum() else ()

    def _same_scheme(self, proposal: Proposal) -> bool:
        decision = self._session.decision
        return decision_of(decision, proposal).scheme == decision.scheme

    def _tell(self, proposal: Proposal, there: Evaluator) -> None:
        averages = there.averages(self._session.zero_division)
        self._to.proposalChanged.emit(proposal, there.label_metrics(), averages)

    def _count_flips(self) -> None:
        shop, there = self._shop, self._there
        if shop is None or there is None:
            return
        now = self._session.decision.thresholds

        def work(_: Job) -> tuple[IntArray, int]:
            return flips_between(shop.evaluator, now, there, there.thresholds)

        def done(found: tuple[IntArray, int]) -> None:
            self._job = None
            self._to.flipsChanged.emit(*found)

        self._job = self._jobs.run(Lane.NUMBERS, work, done, self._to.failed.emit)
