"""Rejecting the least certain images, where an image has one class: what it does to the others, and from where on.

Everything here looks at the winner's score alone. Whether the winner is right plays the part of a label's truth, so
that the cuts, the ties and the places of thresholds are those of any label (`Staircase`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from inference.evaluation.decisions import passes, winners
from inference.evaluation.honesty.intervals import wilson
from inference.evaluation.multiclass import NO_CLASS
from inference.evaluation.tuning.data import TuningData
from inference.evaluation.tuning.staircase import Staircase
from inference.types import (
    Activation,
    BoolArray,
    FloatArray,
    IntArray,
    RiskCoverage,
    ScoreArray,
    Thresholds,
)


@dataclass(frozen=True, eq=False)
class Winners:
    """The winning class of each image with a known class; each (m,)."""

    label: IntArray
    scores: ScoreArray
    margins: ScoreArray  # the logit whose sigmoid is the score
    right: BoolArray

    @classmethod
    def of(cls, logits: ScoreArray, classes: IntArray, activation: Activation) -> Winners:
        """Find them.

        Args:
            logits: float32 (n, c), after calibration and biases.
            classes: (n,) the class of each image; those with NO_CLASS are left out.
            activation: how logits become scores.
        """
        known = classes != NO_CLASS
        logits, classes = logits[known], classes[known]
        label = winners(logits) if logits.shape[1] else np.zeros(len(logits), dtype=np.int64)
        data = TuningData.build(logits, np.zeros(logits.shape, dtype=np.int8), activation)
        rows = np.arange(len(label))
        return cls(label, data.scores[label, rows], data.margins[label, rows], label == classes)

    def staircase(self, images: BoolArray | None = None) -> Staircase:
        """How many images each threshold decides (``pp``) and how many rightly (``tp``), of some of the images."""
        rows = slice(None) if images is None else images
        return Staircase.build(self.scores[rows], self.right[rows].astype(np.int8), self.margins[rows])

    def accepted(self, thresholds: Thresholds) -> BoolArray:
        """Which images are decided at these thresholds, (m,)."""
        return passes(self.scores, thresholds.values[self.label])

    def plateaus(self, thresholds: Thresholds) -> tuple[ScoreArray, ScoreArray]:
        """For each class the ``(low, high]`` in which its threshold decides every image alike, each (c,)."""
        low = np.full(len(thresholds), -np.inf, dtype=np.float32)
        high = np.full(len(thresholds), np.inf, dtype=np.float32)
        accepted = self.accepted(thresholds)
        np.maximum.at(low, self.label[~accepted], self.scores[~accepted])
        np.minimum.at(high, self.label[accepted], self.scores[accepted])
        return low, high


@dataclass(frozen=True, eq=False)
class RejectionCuts:
    """The cuts to choose from, each (k,), and what images decided otherwise already add to them."""

    accepted: IntArray  # rising
    correct: IntArray
    total: int  # images, also those that stay rejected

    @classmethod
    def of(cls, staircase: Staircase, fixed_accepted: int = 0, fixed_correct: int = 0, fixed: int = 0) -> RejectionCuts:
        """The cuts of the staircase; ``fixed`` images have a threshold that stays as it is."""
        accepted = staircase.pp.astype(np.int64) + fixed_accepted
        return cls(accepted, staircase.tp.astype(np.int64) + fixed_correct, staircase.known + fixed)

    def least_cost(self, cost_error: float, cost_reject: float) -> int:
        """The cut at which errors and rejected images cost least on this folder; of equals the one that decides most.

        Chow's trade-off (IEEE Transactions on Information Theory 16, 1970), counted.
        """
        cost = cost_error * (self.accepted - self.correct) + cost_reject * (self.total - self.accepted)
        return len(cost) - 1 - int(np.argmin(cost[::-1]))

    def at_coverage(self, coverage: float) -> int:
        """The first cut that decides at least that share of the images; the last where none does."""
        needed = int(np.ceil(coverage * self.total - 1e-9))  # 0.9 * 10 must not ask for 10
        return min(int(np.searchsorted(self.accepted, needed)), len(self.accepted) - 1)

    def at_accuracy(self, accuracy: float) -> tuple[int, bool]:
        """The cut that decides most with at least that accuracy, and True; or the most accurate one, and False."""
        share = self.correct / np.maximum(self.accepted, 1)
        allowed = (share >= accuracy) & (self.accepted > 0)
        best = allowed if allowed.any() else share == share.max()
        return len(share) - 1 - int(np.argmax(best[::-1])), bool(allowed.any())


def chow_threshold(cost_error: float, cost_reject: float) -> float:
    """The threshold of least expected cost where scores are calibrated: 1 - reject / error, at least 0 (Chow 1970).

    Deciding an image whose winner has score p costs (1 - p) cost_error on average, rejecting it cost_reject.
    """
    if cost_error < 0 or cost_reject < 0:
        raise ValueError(f"costs of {cost_error:g} and {cost_reject:g}: neither may be negative")
    return max(0.0, 1.0 - cost_reject / cost_error) if cost_error > 0 else 0.0


def risk_coverage(
    logits: ScoreArray, classes: IntArray, activation: Activation, confidence: float = 0.9
) -> RiskCoverage:
    """The curve of all thresholds that are the same for every class.

    Args:
        logits: float32 (n, c), after calibration and biases.
        classes: (n,); images with NO_CLASS are left out.
        activation: how logits become scores.
        confidence: of Wilson's intervals of the risk.
    """
    staircase = Winners.of(logits, classes, activation).staircase()
    accepted, correct = staircase.pp[1:].astype(np.int64), staircase.tp[1:].astype(np.int64)
    low, high = wilson(accepted - correct, accepted, confidence)
    total, right = staircase.known, staircase.positives
    return RiskCoverage(
        thresholds=np.ascontiguousarray(staircase.scores),
        tp=correct,
        predicted=accepted,
        support=right,
        known=total,
        risk_low=low,
        risk_high=high,
        aurc=aurc(accepted, correct),
        best_aurc=aurc(np.array([right, total]), np.array([right, right])),
        confidence=confidence,
    )


def aurc(accepted: IntArray, correct: IntArray) -> float:
    """The mean risk over the coverages 1/n, 2/n ... 1 (Geifman, Uziel and El-Yaniv, ICLR 2019); NaN without images.

    Images with equal scores stand in an arbitrary order, so that each counts the errors among them in its share.

    Args:
        accepted: (k,) how many images each threshold decides, not falling, the last one all.
        correct: (k,) how many of them rightly.
    """
    sizes = np.diff(accepted, prepend=0)
    wrong = accepted - correct
    fresh = np.diff(wrong, prepend=0)
    if not sizes.sum():
        return float("nan")
    share: FloatArray = np.repeat(fresh / np.maximum(sizes, 1), sizes)
    decided = np.arange(1, int(accepted[-1]) + 1)
    return float(np.mean(np.cumsum(share) / decided))
