"""Predicted counts of images without annotations: every label sorted once, looked up at any threshold after."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from inference.evaluation.activations import scores_from_logits
from inference.evaluation.decisions import decide, eligible, first_passing
from inference.evaluation.honesty.intervals import wilson
from inference.evaluation.logit_maps import mapped
from inference.evaluation.metrics import ratio
from inference.types import (
    Activation,
    BoolArray,
    DecisionRule,
    FloatArray,
    FreshCounts,
    IntArray,
    LabelMetrics,
    LogitMap,
    ScoreArray,
    Thresholds,
)

CONFIDENCE = 0.9  # of the intervals
_CHUNK = 1 << 18  # logits looked at together


@dataclass(frozen=True, eq=False)
class Scheme:
    """All that stands between logits and decisions, but for the thresholds."""

    activation: Activation
    rule: DecisionRule
    k: int = 1
    logit_map: LogitMap | None = None


@dataclass(frozen=True, eq=False)
class FreshScores:
    """The scores that each label could be predicted from, rising: those that the rule leaves in."""

    rising: tuple[ScoreArray, ...]  # one a label
    scheme: Scheme
    n_images: int

    @classmethod
    def build(
        cls, logits: ScoreArray, scheme: Scheme, cancelled: Callable[[], bool] = lambda: False
    ) -> FreshScores | None:
        """Sort the scored images, logits float32 (n, c) as the model gave them; None when cancelled."""
        n_images, n_labels = logits.shape
        scores = np.empty((n_labels, n_images), dtype=np.float32)
        may: BoolArray | None = None if scheme.rule is DecisionRule.THRESHOLDS else np.empty(scores.shape, dtype=bool)
        for part, chunk, found in _chunks(logits, scheme):
            if cancelled():
                return None
            scores[:, part] = found.T
            allowed = eligible(chunk, found, scheme.rule, scheme.k)
            if may is not None and allowed is not None:
                may[:, part] = allowed.T
        rising: list[ScoreArray] = []
        for label in range(n_labels):
            if cancelled():
                return None
            rising.append(np.sort(scores[label] if may is None else scores[label][may[label]]))
        return cls(tuple(rising), scheme, n_images)

    def predicted(self, thresholds: Thresholds) -> IntArray:
        """On how many images each label is predicted, (c,): a look-up a label."""
        if not self.scheme.rule.uses_thresholds:
            return np.array([len(rising) for rising in self.rising], dtype=np.int64)
        pairs = zip(self.rising, thresholds.values, strict=True)
        return np.array([len(rising) - first_passing(rising, value) for rising, value in pairs], dtype=np.int64)

    def counts(self, thresholds: Thresholds, validation: LabelMetrics | None) -> FreshCounts:
        """The counts with intervals, beside what ``validation`` says of the same thresholds."""
        predicted = self.predicted(thresholds)
        low, high = wilson(predicted, np.full(len(predicted), self.n_images), CONFIDENCE)
        share = precision = np.full(len(predicted), np.nan)
        if validation is not None:
            precision = validation.precision
            share = ratio(validation.predicted, validation.predicted + validation.fn + validation.tn)
        right: FloatArray = np.where(predicted > 0, predicted * precision, 0.0)
        return FreshCounts(self.n_images, predicted, low, high, share, right, CONFIDENCE)


def decided(
    logits: ScoreArray, scheme: Scheme, thresholds: Thresholds
) -> Iterator[tuple[slice, ScoreArray, BoolArray]]:
    """Scores and decisions (k, c) of all images, some at a time."""
    for part, chunk, scores in _chunks(logits, scheme):
        yield part, scores, decide(chunk, scores, thresholds.values, scheme.rule, scheme.k)


def margins(logits: ScoreArray, activation: Activation) -> ScoreArray:
    """The logit of every score, float32 (c, n), from mapped logits: where scores crowd at 0 or 1 these still differ."""
    from inference.evaluation.tuning.data import TuningData

    return TuningData.build(logits, np.zeros(logits.shape, dtype=np.int8), activation).margins


def _chunks(logits: ScoreArray, scheme: Scheme) -> Iterator[tuple[slice, ScoreArray, ScoreArray]]:
    step = max(1, _CHUNK // max(1, logits.shape[1]))
    for first in range(0, len(logits), step):
        part = slice(first, first + step)
        chunk = mapped(logits[part], scheme.logit_map)
        yield part, chunk, scores_from_logits(chunk, scheme.activation)
