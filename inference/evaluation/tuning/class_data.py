"""What tuning works on where an image has one class."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from inference.choices import DecisionRule
from inference.evaluation.activations import scores_from_logits
from inference.evaluation.decisions import decide
from inference.evaluation.logit_maps import mapped
from inference.evaluation.multiclass import NO_CLASS, classes_of
from inference.types import Activation, BoolArray, IntArray, LogitMap, Proposal, ScoreArray, TruthArray


@dataclass(frozen=True, eq=False)
class ClassData:
    """The images of one folder whose single class is known."""

    logits: ScoreArray  # (m, c), before any calibration and biases
    classes: IntArray  # (m,)
    activation: Activation = Activation.SOFTMAX

    @classmethod
    def build(cls, logits: ScoreArray, y_true: TruthArray, activation: Activation = Activation.SOFTMAX) -> ClassData:
        """Leave out the images with an unknown label, and those without exactly one class.

        Args:
            logits: float32 (n, c), finite, before any calibration and biases.
            y_true: int8 (n, c).
            activation: what makes scores of logits.
        """
        classes = classes_of(y_true)
        known = classes != NO_CLASS
        return cls(np.asarray(logits, dtype=np.float32)[known], classes[known], activation)

    @property
    def n_labels(self) -> int:
        """How many classes."""
        return int(self.logits.shape[1])

    @property
    def n_images(self) -> int:
        """How many images."""
        return len(self.logits)

    @cached_property
    def counts(self) -> IntArray:
        """Images of each class, (c,)."""
        return np.bincount(self.classes, minlength=self.n_labels)

    @cached_property
    def scores(self) -> ScoreArray:
        """float32 (c, m)."""
        return scores_from_logits(self.logits, self.activation).T

    @cached_property
    def truth(self) -> TruthArray:
        """int8 (c, m)."""
        truth = np.zeros((self.n_labels, self.n_images), dtype=np.int8)
        truth[self.classes, np.arange(self.n_images)] = 1
        return truth

    def subset(self, rows: IntArray) -> ClassData:
        """The same classes on some of the images."""
        return ClassData(self.logits[rows], self.classes[rows], self.activation)

    def decided_by(self, proposal: Proposal) -> BoolArray:
        """What a proposal predicts on these images, bool (c, m)."""
        logits = mapped(self.logits, combined(proposal.calibration, proposal.biases))
        scores = scores_from_logits(logits, self.activation)
        rule = proposal.rule or DecisionRule.ARGMAX
        return decide(logits, scores, proposal.thresholds.values, rule, proposal.k).T


def combined(calibration: LogitMap | None, biases: LogitMap | None) -> LogitMap | None:
    """The two maps as one; None where there is neither."""
    if calibration is None or biases is None:
        return biases if calibration is None else calibration
    return calibration.then_add(biases.shift)
