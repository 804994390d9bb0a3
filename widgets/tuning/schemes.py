"""What stands beside the thresholds, in force and proposed: rule, calibration and class biases, and its words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from inference.types import BoolArray, CalibrationMethod, DecisionRule, FloatArray, LogitMap, Objective, Proposal
from widgets.tuning.objectives import Kind, text_of

_TINY: Final = 1e-9  # of a bias: what is left of sums that are 0
_CALIBRATIONS: Final = {
    CalibrationMethod.NONE: "none",
    CalibrationMethod.TEMPERATURE: "temperature",
    CalibrationMethod.PLATT: "Platt",
    CalibrationMethod.ISOTONIC: "isotonic",
    CalibrationMethod.BIAS_CORRECTED: "temperature and class biases",
}
_RULES: Final = {
    DecisionRule.THRESHOLDS: "a threshold per label",
    DecisionRule.ARGMAX: "argmax",
    DecisionRule.ARGMAX_REJECT: "argmax that may reject",
    DecisionRule.PER_IMAGE: "the best set of labels of each image",
}


@dataclass(frozen=True)
class Scheme:
    """How scores become decisions, without the thresholds."""

    rule: DecisionRule = DecisionRule.THRESHOLDS
    k: int = 1
    calibration: LogitMap | None = None
    biases: LogitMap | None = None

    def after(self, proposal: Proposal) -> Scheme:
        """What applying the proposal leaves in force.

        A proposal for classes brings its own calibration and biases, or none; one for thresholds is made for a
        threshold a label, over scores as they are.
        """
        kind = text_of(proposal.goal.objective).kind
        if kind is not Kind.THRESHOLDS and proposal.rule is None:
            return self  # it proposes nothing
        if kind is Kind.CLASSES:
            return Scheme(proposal.rule or self.rule, 1, proposal.calibration, proposal.biases)
        rule = proposal.rule or DecisionRule.THRESHOLDS
        k = proposal.k if rule is DecisionRule.TOP_K else self.k
        if proposal.calibration is not None:
            return Scheme(rule, k, proposal.calibration, proposal.biases)
        return Scheme(rule, k, self.calibration, proposal.biases or self.biases)

    def shifts(self, n_labels: int) -> FloatArray:
        """The bias of each class, (c,); zeros without any."""
        if self.biases is None or len(self.biases) != n_labels:
            return np.zeros(n_labels)
        return self.biases.shift

    def rule_words(self) -> str:
        """The rule, as a phrase."""
        if self.rule is DecisionRule.TOP_K:
            return "the highest label" if self.k == 1 else f"the {self.k} highest labels"
        return _RULES[self.rule]


def _calibration(value: LogitMap | None) -> str:
    return "" if value is None else _CALIBRATIONS[value.method]


def change_words(before: Scheme, after: Scheme, n_labels: int) -> tuple[str, ...]:
    """What changes beside the thresholds, each a phrase: "rule: argmax", "calibration: Platt", "biases of 5"."""
    parts: list[str] = []
    if before.rule_words() != after.rule_words():
        parts.append(f"rule: {after.rule_words()}")
    if before.calibration != after.calibration:
        parts.append(f"calibration: {_calibration(after.calibration)}" if after.calibration else "calibration off")
    moved = int(moved_biases(before, after, n_labels).sum())
    if moved:
        some = bool((np.abs(after.shifts(n_labels)) > _TINY).any())
        parts.append(f"{'biases' if moved > 1 else 'bias'} of {_classes(moved)}" if some else "no biases")
    return tuple(parts)


def moved_biases(before: Scheme, after: Scheme, n_labels: int) -> BoolArray:
    """The classes whose bias changes by more than rounding, (c,)."""
    return np.asarray(np.abs(before.shifts(n_labels) - after.shifts(n_labels)) > _TINY)


def _classes(count: int) -> str:
    return f"{count:,} class{'' if count == 1 else 'es'}"


SHOWS_BIASES: Final = (Objective.ARGMAX, Objective.PRIOR, Objective.TAU, Objective.BIASES)
