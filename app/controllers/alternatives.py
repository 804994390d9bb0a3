"""What decisions other than the one in force would give on the run that is open; usable on a worker."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.session import Decision, Session
from inference.evaluation.comparing import packed_decisions
from inference.evaluation.evaluator import Evaluator
from inference.evaluation.whatif import at
from inference.types import Alternative, BoolArray, ImageState, Run, TruthArray, ZeroDivision

AT_ONCE = 150_000  # scores that are decided anew within a frame; more go to the worker


@dataclass(frozen=True, eq=False)
class Ground:
    """What stands still while alternatives are measured."""

    evaluator: Evaluator  # of the scheme in force, and never moved
    run: Run
    y_true: TruthArray
    measured: BoolArray | None
    zero_division: ZeroDivision

    @classmethod
    def of(cls, session: Session, evaluator: Evaluator) -> Ground:
        """Beside the evaluator in force, which moves on the GUI thread: call this there."""
        assert session.run is not None
        assert session.dataset is not None
        return cls(
            at(evaluator, evaluator.thresholds),
            session.run,
            session.dataset.y_true,
            None if session.split is None else session.split.measured,
            session.zero_division,
        )

    def under(self, decision: Decision, cancelled: Callable[[], bool]) -> Evaluator | None:
        """An evaluator at this decision; sorts anew where its scheme is another. None when cancelled."""
        ours = self.evaluator
        if decision.scheme == (ours.activation, ours.rule, ours.k, ours.logit_map):
            return at(ours, decision.thresholds)
        made = Evaluator(
            self.run,
            self.y_true,
            decision.activation,
            decision.rule,
            decision.thresholds,
            logit_map=decision.logit_map,
            k=decision.k,
            measured=self.measured,
            cancelled=cancelled,
        )
        return None if cancelled() else made

    def alternative(
        self, key: str, name: str, words: str, decision: Decision, cancelled: Callable[[], bool]
    ) -> Alternative | None:
        """All that a comparison shows of a decision. None when cancelled, or when images came in meanwhile."""
        evaluator = self.under(decision, cancelled)
        if evaluator is None or len(evaluator.rows) != len(self.evaluator.rows):
            return None
        bits = packed_decisions(evaluator, decision.thresholds, cancelled)
        return Alternative(
            key=key,
            name=name,
            words=words,
            thresholds=decision.thresholds,
            metrics=evaluator.label_metrics(),
            averages=evaluator.averages(self.zero_division),
            decided=bits,
        )

    def decided(self, decision: Decision, cancelled: Callable[[], bool]) -> NDArray[np.uint8] | None:
        """Its decisions on the scored images, as bits. None when cancelled, or when images came in meanwhile."""
        evaluator = self.under(decision, cancelled)
        if evaluator is None or len(evaluator.rows) != len(self.evaluator.rows):
            return None
        return packed_decisions(evaluator, decision.thresholds, cancelled)


def is_small(run: Run) -> bool:
    """Whether all scores can be decided anew without a worker."""
    return int((run.state == ImageState.SCORED).sum()) * int(run.logits.shape[1]) <= AT_ONCE
