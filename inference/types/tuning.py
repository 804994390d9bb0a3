"""Goals, proposals and estimates: what tuning is asked and what it answers."""

from __future__ import annotations

from dataclasses import dataclass

from inference.choices import DecisionRule as DecisionRule
from inference.choices import LabelStatus as LabelStatus
from inference.choices import Objective as Objective
from inference.choices import Promise as Promise
from inference.types.base import Averages, BoolArray, FloatArray, LabelMetrics, ScoreArray, Thresholds
from inference.types.scheme import LogitMap


@dataclass(frozen=True)
class Goal:
    """What one label, or all of them, should be tuned for."""

    objective: Objective = Objective.BALANCED
    smoothed: bool = True  # False: exact on this folder
    beta: float = 1.0  # of F-beta: above 1 recall weighs more
    floor: float = 0.9  # of precision or recall
    cost_fp: float = 1.0  # where images can be rejected: of a wrong class
    cost_fn: float = 1.0  # where images can be rejected: of a rejected image
    promise: Promise = Promise.MEASURED
    confidence: float = 0.9  # of a confident promise
    covers_all: bool = False  # the promise is for all labels at once
    k: int = 3  # labels an image is given, of the rule that predicts the k highest
    coverage: float = 0.9  # share of the images that are decided and not rejected
    accuracy: float = 0.95  # of the images that are decided
    target_prevalence: tuple[float, ...] = ()  # of the classes to come, summing to 1; () where they are all alike


@dataclass(frozen=True, eq=False)
class Proposal:
    """Thresholds that tuning proposes, each (c,), and what else is to be set with them.

    ``rule``, ``calibration`` and ``biases`` are None where they stay as they are. A proposal whose rule gives one class
    an image is made from uncalibrated logits: there None means none.
    """

    goal: Goal
    thresholds: Thresholds
    low: ScoreArray  # any threshold in (low, high] decides every image of the folder alike
    high: ScoreArray
    status: tuple[LabelStatus, ...]
    notes: tuple[str, ...]  # a sentence for each label where there is something to say
    rule: DecisionRule | None = None  # None: as it is
    k: int = 1  # where the rule is the k highest
    calibration: LogitMap | None = None
    biases: LogitMap | None = None
    summary: str = ""  # a sentence about all labels together, where there is something to say


@dataclass(frozen=True, eq=False)
class Intervals:
    """Lower and upper ends, each (c,); NaN where undefined."""

    precision_low: FloatArray
    precision_high: FloatArray
    recall_low: FloatArray
    recall_high: FloatArray
    f1_low: FloatArray
    f1_high: FloatArray


@dataclass(frozen=True, eq=False)
class Estimate:
    """What to expect on new images: pooled out-of-fold counts of a tuning repeated inside each fold."""

    metrics: LabelMetrics
    averages: Averages
    intervals: Intervals
    micro_f1_low: float
    micro_f1_high: float
    n_folds: int
    tuned: BoolArray  # (c,); labels with enough positives to be tuned and estimated
