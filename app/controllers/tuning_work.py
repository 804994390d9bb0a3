"""What tuning does on a worker: nothing here knows of widgets, signals or threads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from app.session import Decision
from inference.evaluation.evaluator import Evaluator
from inference.evaluation.honesty.bootstrap import average_intervals, threshold_intervals
from inference.evaluation.honesty.expected import expected, expected_classes
from inference.evaluation.honesty.tally import Tally
from inference.evaluation.tuning.classes import ClassData, propose_classes
from inference.evaluation.tuning.data import TuningData
from inference.evaluation.tuning.propose import propose
from inference.evaluation.whatif import predicted, scored
from inference.types import (
    UNKNOWN,
    BoolArray,
    Estimate,
    FloatArray,
    Goal,
    IntArray,
    Interval,
    Objective,
    Proposal,
    Run,
    ScoreArray,
    ThresholdIntervals,
    Thresholds,
    TruthArray,
    ZeroDivision,
)
from widgets.tuning.objectives import OF_A_LABEL, UNFITTED, Kind, text_of
from widgets.tuning.schemes import Scheme

_CELLS: Final = ((1_000_000, 50), (8_000_000, 20))  # up to so many scores, so many draws of the images

Cancelled = Callable[[], bool]


@dataclass(frozen=True)
class Ask:
    """One wish, as it was when it was asked."""

    goal: Goal
    own: Mapping[int, Goal]  # of single labels
    decision: Decision  # in force
    locked: BoolArray  # (c,)

    @property
    def goals(self) -> Goal | list[Goal]:
        """The goal, or one a label."""
        if not self.own or self.goal.objective not in OF_A_LABEL:
            return self.goal
        return [self.own.get(label, self.goal) for label in range(len(self.locked))]

    @property
    def fits(self) -> bool:
        """Whether anything of the folder goes into the proposal."""
        return self.goal.objective not in UNFITTED or isinstance(self.goals, list)

    @property
    def calibrated(self) -> bool:
        """Whether scores are calibrated as they are."""
        return self.decision.calibration is not None

    @property
    def shifts(self) -> FloatArray | None:
        """The class biases in force, (c,)."""
        return None if self.decision.biases is None else self.decision.biases.shift

    @property
    def calibrates(self) -> bool:
        """Whether the proposal brings a calibration, as there is none in force."""
        fits = self.kind is Kind.SETS and self.goal.objective is not Objective.TOP_K
        return fits and not self.calibrated

    @property
    def kind(self) -> Kind:
        """What the proposal will consist of."""
        return text_of(self.goal.objective).kind


@dataclass(eq=False)
class Workshop:
    """One evaluator's images prepared for tuning; each form is made when it is first asked for."""

    evaluator: Evaluator
    run: Run
    truth: TruthArray  # (n, c) of all images
    _data: dict[bool, TuningData] = field(default_factory=dict)

    def data(self, *, raw: bool) -> TuningData:
        """The images to tune on; ``raw``: before calibration and biases."""
        raw = raw and self.evaluator.logit_map is not None
        if raw not in self._data:
            logits, truth = self.raw() if raw else scored(self.evaluator)
            self._data[raw] = TuningData.build(logits, truth, self.evaluator.activation)
        return self._data[raw]

    def raw(self) -> tuple[ScoreArray, TruthArray]:
        """Uncalibrated logits and truth of the images to tune on, each (m, c)."""
        rows, measured = self.evaluator.rows, self.evaluator.measured
        if measured is not None:
            rows = rows[~measured[rows]]
        return self.run.logits[rows], self.truth[rows]

    def classes(self) -> ClassData:
        """The images to tune on whose class is known."""
        return ClassData.build(*self.raw(), self.evaluator.activation)

    @property
    def n_images(self) -> int:
        """How many images there are to tune on."""
        rows, measured = self.evaluator.rows, self.evaluator.measured
        return len(rows) if measured is None else int(np.count_nonzero(~measured[rows]))

    def __call__(self, ask: Ask) -> TuningData:
        """What a proposal of this kind is made from: one that calibrates starts from logits as they are."""
        return self.data(raw=ask.calibrates)


def find(shop: Workshop, ask: Ask, cancelled: Cancelled) -> Proposal:
    """The proposal."""
    current = ask.decision.thresholds
    if ask.kind is Kind.CLASSES:
        return propose_classes(
            shop.classes(), ask.goal, current, locked=ask.locked, biases=ask.shifts, cancelled=cancelled
        )
    return propose(shop(ask), ask.goals, current, locked=ask.locked, calibrated=ask.calibrated, cancelled=cancelled)


def estimated(shop: Workshop, ask: Ask, zero_division: ZeroDivision, cancelled: Cancelled) -> Estimate | None:
    """What to expect of it on new images; None when cancelled, or where nothing is fitted."""
    current = ask.decision.thresholds
    if not ask.fits:
        return None
    if ask.kind is Kind.CLASSES:
        return expected_classes(
            shop.classes(),
            ask.goal,
            current,
            locked=ask.locked,
            biases=ask.shifts,
            zero_division=zero_division,
            cancelled=cancelled,
        )
    return expected(
        shop(ask),
        ask.goals,
        current,
        locked=ask.locked,
        calibrated=ask.calibrated,
        zero_division=zero_division,
        cancelled=cancelled,
    )


def spread(shop: Workshop, ask: Ask, cancelled: Cancelled) -> ThresholdIntervals | None:
    """Where the thresholds fall when images are drawn anew; None when cancelled, or where it would take too long."""
    data = shop(ask)
    draws = next((count for cells, count in _CELLS if data.truth.size <= cells), 0)
    if not draws or ask.kind is not Kind.THRESHOLDS or not ask.fits:
        return None

    def tune(part: TuningData) -> Thresholds:
        return propose(part, ask.goals, ask.decision.thresholds, locked=ask.locked, cancelled=cancelled).thresholds

    return threshold_intervals(data, tune, n_draws=draws, cancelled=cancelled)


def decision_of(decision: Decision, proposal: Proposal) -> Decision:
    """All of what applying the proposal puts in force."""
    after = Scheme(decision.rule, decision.k, decision.calibration, decision.biases).after(proposal)
    return replace(
        decision,
        rule=after.rule,
        k=after.k,
        thresholds=proposal.thresholds,
        calibration=after.calibration,
        biases=after.biases,
    )


def evaluator_of(shop: Workshop, decision: Decision, cancelled: Cancelled) -> Evaluator:
    """The same images under another decision."""
    return Evaluator(
        shop.run,
        shop.truth,
        decision.activation,
        decision.rule,
        decision.thresholds,
        logit_map=decision.logit_map,
        k=decision.k,
        measured=shop.evaluator.measured,
        cancelled=cancelled,
    )


def flips_between(now: Evaluator, at: Thresholds, then: Evaluator, proposed: Thresholds) -> tuple[IntArray, int]:
    """How many known images of each label two decisions decide otherwise, (c,), and how many images in all."""
    if len(now.rows) != len(then.rows):  # images came in meanwhile, and with them another proposal
        return np.zeros(now.n_labels, dtype=np.int64), 0
    changed = (predicted(now, at) != predicted(then, proposed)) & (now._truth.T != UNKNOWN)
    return np.count_nonzero(changed, axis=0), int(np.count_nonzero(changed.any(axis=1)))


def micro_interval(evaluator: Evaluator, thresholds: Thresholds, cancelled: Cancelled) -> Interval | None:
    """Where micro F1 of the measured images lies, by drawing them anew; None when cancelled."""
    truth = evaluator._truth
    rows = np.flatnonzero((truth != UNKNOWN).any(axis=0))
    decided = predicted(evaluator, thresholds)[rows].T
    around = average_intervals(Tally.of([decided], truth[:, rows]), cancelled=cancelled)
    return None if around is None else around.micro
