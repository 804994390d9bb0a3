"""What the tuning table knows, label by label: numpy arrays, no Qt, no words."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from inference.types import (
    BoolArray,
    Estimate,
    Goal,
    IntArray,
    LabelMetrics,
    LabelStatus,
    Objective,
    Proposal,
    ScoreArray,
    ThresholdIntervals,
)
from widgets.labels_table.ordering import name_ranks
from widgets.tuning.columns import Column
from widgets.tuning.goal_words import AS_ALL, goal_words
from widgets.tuning.objectives import cost_threshold
from widgets.tuning.schemes import SHOWS_BIASES, Scheme, moved_biases

MINUS: Final = "\N{MINUS SIGN}"


@dataclass(frozen=True)
class Comparison:
    """One rate at 0.5, now and proposed; NaN where undefined or not known."""

    half: float
    now: float
    then: float

    @property
    def change(self) -> float:
        """Proposed less now; NaN where either is undefined."""
        return self.then - self.now

    @property
    def sign(self) -> int:
        """Whether it rises (1), falls (-1) or stays (0, also where undefined)."""
        return 0 if math.isnan(self.change) else (self.change > 0) - (self.change < 0)

    def change_text(self) -> str:
        """The difference with its sign, "=" where there is none, "" where it is undefined."""
        return signed(self.change)


def signed(change: float, places: int = 2) -> str:
    """A difference with its sign; "=" for none, "" for NaN. A small one gets one more place, never a bare zero."""
    if math.isnan(change):
        return ""
    if change == 0:
        return "="
    sign, size = ("+" if change > 0 else MINUS), abs(change)
    if size < 0.5 * 10.0**-places:
        places += 1
    least = 10.0**-places
    return f"{sign}<{least:.{places}f}" if size < least / 2 else f"{sign}{size:.{places}f}"


class TuningValues:
    """The state of the table in the order of the model's labels."""

    def __init__(self) -> None:
        self.set_labels(())

    def set_labels(self, labels: Sequence[str]) -> None:
        """New labels; everything known of the old ones is forgotten."""
        self.labels = tuple(labels)
        self.folded = tuple(label.casefold() for label in self.labels)
        self.current: ScoreArray = np.full(len(self.labels), 0.5, dtype=np.float32)
        self.proposal: Proposal | None = None
        self.half: LabelMetrics | None = None
        self.now: LabelMetrics | None = None
        self.then: LabelMetrics | None = None
        self.flips: IntArray | None = None
        self.estimate: Estimate | None = None
        self.goals: Mapping[int, Goal] = {}  # of single labels
        self.scheme = Scheme()
        self.intervals: ThresholdIntervals | None = None
        self.locked: BoolArray = np.zeros(len(self.labels), dtype=np.bool_)
        self._ranks = name_ranks(self.labels)

    # Values

    @property
    def proposed(self) -> ScoreArray | None:
        """The proposed thresholds, (c,), or None."""
        return None if self.proposal is None else self.proposal.thresholds.values

    def changes(self) -> BoolArray:
        """Labels whose threshold, or bias where there are biases, would change."""
        proposed = self.proposed
        if proposed is None:
            return np.zeros(len(self.labels), dtype=np.bool_)
        if not self.after.rule.uses_thresholds:
            return moved_biases(self.scheme, self.after, len(self.labels))
        return np.asarray(proposed != self.current)

    @property
    def after(self) -> Scheme:
        """What applying the proposal leaves in force beside the thresholds."""
        return self.scheme if self.proposal is None else self.scheme.after(self.proposal)

    def hidden(self) -> frozenset[Column]:
        """The columns in which there is nothing to show."""
        shown = {
            Column.GOAL: bool(self.goals),
            Column.INTERVAL: self.intervals is not None,
            Column.FORMULA: self._has_costs(),
            Column.BIAS: self._has_biases(),
            Column.THRESHOLD: self.after.rule.uses_thresholds,
        }
        return frozenset(column for column, is_shown in shown.items() if not is_shown)

    def _has_biases(self) -> bool:
        if self.after.rule.uses_thresholds:
            return False
        count = len(self.labels)
        wanted = self.proposal is not None and self.proposal.goal.objective in SHOWS_BIASES
        return wanted or bool(self.scheme.shifts(count).any() or self.after.shifts(count).any())

    def _has_costs(self) -> bool:
        goals = [*self.goals.values(), *([] if self.proposal is None else [self.proposal.goal])]
        return any(goal.objective is Objective.COST for goal in goals)

    def goal(self, label: int) -> Goal | None:
        """What the label's proposal was tuned for."""
        return self.goals.get(label) or (None if self.proposal is None else self.proposal.goal)

    def formula(self, label: int) -> float:
        """The threshold of least cost were scores true probabilities; NaN where the label is not tuned for costs."""
        goal = self.goal(label)
        return cost_threshold(goal) if goal is not None and goal.objective is Objective.COST else math.nan

    def status(self, label: int) -> LabelStatus:
        """What became of the label; a lock set since the proposal counts at once."""
        if self.locked[label]:
            return LabelStatus.LOCKED
        return LabelStatus.TUNED if self.proposal is None else self.proposal.status[label]

    def compared(self, column: Column, label: int) -> Comparison:
        """One rate at 0.5, now and proposed."""
        return Comparison(*(self._rate(metrics, column, label) for metrics in (self.half, self.now, self.then)))

    @staticmethod
    def _rate(metrics: LabelMetrics | None, column: Column, label: int) -> float:
        return math.nan if metrics is None else float(getattr(metrics, column.name.lower())[label])

    def values(self, column: Column) -> NDArray[Any]:
        """What the column sorts by, (c,); NaN where undefined. Rates sort by what is gained."""
        if column is Column.NAME:
            return self._ranks
        if column is Column.LOCK:
            return self.locked
        if column is Column.THRESHOLD:
            return self.current if self.proposed is None else self.proposed
        if column is Column.FLIPS:
            return np.full(len(self.labels), np.nan) if self.flips is None else self.flips
        if column is Column.GOAL:
            words = sorted({self.goal_text(label) for label in range(len(self.labels))} - {AS_ALL})
            places = {AS_ALL: len(words)} | {text: place for place, text in enumerate(words)}
            return np.array([places[self.goal_text(label)] for label in range(len(self.labels))], dtype=np.int64)
        if column is Column.INTERVAL:
            return self._widths()
        if column is Column.FORMULA:
            return np.array([self.formula(label) for label in range(len(self.labels))])
        if column is Column.BIAS:
            return self.after.shifts(len(self.labels))
        if column is Column.NOTE:
            order = list(LabelStatus)
            return np.array([order.index(self.status(label)) for label in range(len(self.labels))], dtype=np.int64)
        name = column.name.lower()
        shown = [metrics for metrics in (self.then, self.now) if metrics is not None]
        if len(shown) == 2:
            return np.asarray(getattr(shown[0], name) - getattr(shown[1], name))
        return np.asarray(getattr(shown[0], name)) if shown else np.full(len(self.labels), np.nan)

    def _widths(self) -> NDArray[Any]:
        if self.intervals is None:
            return np.full(len(self.labels), np.nan)
        with np.errstate(invalid="ignore"):  # both ends infinite
            return np.asarray(self.intervals.high - self.intervals.low)

    def goal_text(self, label: int) -> str:
        """The label's own goal in a few words, or that it has none."""
        goal = self.goals.get(label)
        return AS_ALL if goal is None else goal_words(goal)
