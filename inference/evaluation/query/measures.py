"""Numbers that images are sorted and filtered by: loss, entropy, margin, distance to the thresholds.

All come from the scores, which are float32: the loss of an all too sure score ends at about 17.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from inference.evaluation.evaluator import Evaluator
from inference.evaluation.query.nearest import Nearest
from inference.types import (
    POSITIVE,
    UNKNOWN,
    Activation,
    BoolArray,
    FloatArray,
    IntArray,
    Outcome,
    ScoreArray,
    StateArray,
    TruthEdit,
)

_SURE: Final = np.float32(2.0**-25)  # what is left where a score is 1: half the gap below it
_TINY: Final = np.float32(1e-45)  # the smallest above 0
_FAR: Final = 100.0  # logits; thresholds of 0, 1 and beyond


class Measures:
    """Measures of an evaluator's images, kept where thresholds do not change them, each (n,); NaN where undefined."""

    def __init__(self, evaluator: Evaluator) -> None:
        """Measure nothing yet."""
        self._evaluator = evaluator
        self._softmax = evaluator.activation is Activation.SOFTMAX
        self._loss: tuple[FloatArray, FloatArray] | None = None  # sums and numbers of terms
        self._shape: tuple[ScoreArray, ScoreArray, ScoreArray] | None = None
        self._nearest: Nearest | None = None

    def prepare(self, cancelled: Callable[[], bool] = lambda: False) -> None:
        """Measure what is kept."""
        for step in (self._shapes, self._losses, self.uncertainty):
            if cancelled():
                return
            step()

    # -- one label ---------------------------------------------------------------------------------------------

    def label_uncertainty(self, label: int, rows: IntArray | None = None) -> ScoreArray:
        """Distance of the score to the label's threshold in logits: at low scores a step means more than at 0.5.

        Where the rule has no use for thresholds, to 0.5. ``rows``: of these images alone.
        """
        scores = self._evaluator.label_scores(label)
        distance = _logits(scores if rows is None else scores[rows])
        distance -= self._threshold_logits()[label]
        return np.abs(distance, out=distance)

    def label_loss(self, label: int) -> ScoreArray:
        """Binary cross-entropy in nats; NaN where the truth is unknown."""
        found = self._evaluator.label_outcomes(label)
        loss = _cross_entropy(self._evaluator.label_scores(label), _is_positive(found))
        loss[found == Outcome.UNKNOWN] = np.nan
        return loss

    def label_entropy(self, label: int) -> ScoreArray:
        """Binary entropy of the score in nats."""
        return _entropy(self._evaluator.label_scores(label))

    # -- the whole image ---------------------------------------------------------------------------------------

    def uncertainty(self) -> ScoreArray:
        """The smallest of the labels' distances; under argmax the margin, for there the runner-up is the threshold."""
        evaluator = self._evaluator
        if evaluator.rule.one_label and not evaluator.rule.uses_thresholds:
            return self.margin()
        if self._nearest is None:
            self._nearest = Nearest(evaluator.n_images)
        self._nearest.follow(evaluator, self.label_uncertainty)
        return self._nearest.distance

    def loss(self) -> ScoreArray:
        """Mean binary cross-entropy over the known labels; under softmax that of the annotated class, in nats."""
        sums, terms = self._losses()
        mean = np.full(len(sums), np.nan, dtype=np.float32)
        return np.divide(sums, terms, out=mean, where=terms > 0, casting="same_kind")

    def entropy(self) -> ScoreArray:
        """Entropy in nats: of the distribution under softmax, otherwise the mean over the labels."""
        return self._shapes()[0]

    def margin(self) -> ScoreArray:
        """The highest score less the second; NaN with fewer than two labels."""
        return self._shapes()[1]

    def highest(self) -> ScoreArray:
        """The highest score."""
        return self._shapes()[2]

    def _shapes(self) -> tuple[ScoreArray, ScoreArray, ScoreArray]:
        if self._shape is None:
            evaluator = self._evaluator
            entropy = np.zeros(evaluator.n_images, dtype=np.float64)
            first = np.full(evaluator.n_images, np.nan, dtype=np.float32)
            second = first.copy()
            for label in range(evaluator.n_labels):
                scores = evaluator.label_scores(label)
                entropy += _surprise(scores) if self._softmax else _entropy(scores)
                np.fmax(second, np.minimum(first, scores), out=second)
                np.fmax(first, scores, out=first)
            if not self._softmax:
                entropy /= max(evaluator.n_labels, 1)
            if not evaluator.n_labels:
                entropy[:] = np.nan
            self._shape = entropy.astype(np.float32), first - second, first
        return self._shape

    def _losses(self) -> tuple[FloatArray, FloatArray]:
        if self._loss is None:
            evaluator = self._evaluator
            sums = np.zeros(evaluator.n_images, dtype=np.float64)
            terms = np.zeros(evaluator.n_images, dtype=np.float64)
            for label in range(evaluator.n_labels):
                found = evaluator.label_outcomes(label)
                positive = _is_positive(found)
                counted = positive if self._softmax else found != Outcome.UNKNOWN
                loss = _cross_entropy(evaluator.label_scores(label), positive)
                np.add(sums, loss, out=sums, where=counted)
                terms += counted
            self._loss = sums, terms
        return self._loss

    def edit(self, edit: TruthEdit) -> None:
        """The truth of some cells changed."""
        if self._loss is None:
            return
        sums, terms = self._loss
        for label in np.unique(edit.labels).tolist():
            cells = np.flatnonzero(edit.labels == label)
            scores = self._evaluator.label_scores(label)[edit.images[cells]]
            scored = ~np.isnan(scores)
            cells, scores = cells[scored], scores[scored]
            for truth, sign in ((edit.before[cells], -1), (edit.after[cells], 1)):
                counted = truth == POSITIVE if self._softmax else truth > UNKNOWN
                rows = edit.images[cells][counted]
                sums[rows] += sign * _cross_entropy(scores[counted], truth[counted] == POSITIVE).astype(np.float64)
                terms[rows] += sign
                sums[rows] *= terms[rows] > 0  # nothing is left of nothing

    def _threshold_logits(self) -> ScoreArray:
        evaluator = self._evaluator
        if not evaluator.rule.uses_thresholds:
            return np.zeros(evaluator.n_labels, dtype=np.float32)
        logits: ScoreArray = np.clip(_logits(np.clip(evaluator.thresholds.values, 0, 1)), -_FAR, _FAR)
        return logits


def _logits(scores: ScoreArray) -> ScoreArray:
    with np.errstate(divide="ignore"):
        logits: ScoreArray = np.log(scores / (1 - scores))
    return logits


def _cross_entropy(scores: ScoreArray, positive: BoolArray) -> ScoreArray:
    right = np.where(positive, np.maximum(scores, _TINY), np.maximum(1 - scores, _SURE))
    loss: ScoreArray = -np.log(right)
    return loss


def _surprise(scores: ScoreArray) -> ScoreArray:
    """-p log p, 0 at 0."""
    return -scores * np.log(np.maximum(scores, _TINY))


def _entropy(scores: ScoreArray) -> ScoreArray:
    return _surprise(scores) + _surprise(1 - scores)


def _is_positive(found: StateArray) -> BoolArray:
    return np.asarray((found == Outcome.TP) | (found == Outcome.FN))
