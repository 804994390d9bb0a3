"""Small folders, and every decision that thresholds could make on them, compared score by score."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product

import numpy as np
from hypothesis import strategies as st

from inference.evaluation.tuning.data import TuningData
from inference.types import Activation, BoolArray, FloatArray, ScoreArray, Thresholds

BETAS = [0.25, 0.5, 1.0, 2.0, 4.0]


@st.composite
def folders(draw: st.DrawFn, *, most_labels: int = 3, most_images: int = 7, unknowns: bool = True) -> TuningData:
    """Few images, often tied, with labels that have no positives, no negatives or nothing known among them."""
    n, c = draw(st.integers(1, most_images)), draw(st.integers(1, most_labels))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    levels = draw(st.sampled_from([2, 4, 1000]))
    logits = (rng.integers(-levels, levels + 1, (n, c)) / levels * draw(st.sampled_from([1, 4, 30]))).astype(np.float32)
    truth = (rng.random((n, c)) < rng.choice([0.0, 0.3, 0.5, 0.5, 1.0], c)).astype(np.int8)
    if unknowns:
        truth[rng.random((n, c)) < draw(st.sampled_from([0.0, 0.3]))] = -1
    return TuningData.build(logits, truth, draw(st.sampled_from([Activation.SIGMOID, Activation.SOFTMAX])))


@st.composite
def present(draw: st.DrawFn, n_labels: int) -> tuple[Thresholds, BoolArray]:
    """Thresholds in force, and which are locked."""
    values = draw(st.lists(st.floats(0, 1, width=32), min_size=n_labels, max_size=n_labels))
    kept = draw(st.lists(st.booleans(), min_size=n_labels, max_size=n_labels))
    return Thresholds(np.array(values, dtype=np.float32)), np.array(kept)


def decided(data: TuningData, thresholds: ScoreArray) -> BoolArray:
    """(c, n): each score against its threshold, in float32; unknown ones count as not predicted."""
    assert data.scores.dtype == thresholds.dtype == np.float32
    return np.asarray((data.scores >= thresholds[:, None]) & (data.truth >= 0))


def cuts_of(scores: ScoreArray) -> list[np.float32]:
    """A threshold for every set of images that one could predict."""
    return [*np.unique(scores), np.float32(2.0)]


def every_decision(data: TuningData, current: Thresholds, fixed: BoolArray) -> Iterator[BoolArray]:
    """(c, n) of every combination of thresholds; fixed labels keep theirs."""
    choices = [
        [current.values[label]] if fixed[label] else cuts_of(data.scores[label]) for label in range(data.n_labels)
    ]
    for combination in product(*choices):
        yield decided(data, np.array(combination, dtype=np.float32))


def counts(data: TuningData, predicted: BoolArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """TP, PP and P of every label."""
    positive = data.truth == 1
    return (
        (predicted & positive).sum(axis=1).astype(float),
        predicted.sum(axis=1).astype(float),
        positive.sum(axis=1).astype(float),
    )


def ratio(top: FloatArray, bottom: FloatArray) -> FloatArray:
    return np.divide(top, bottom, out=np.zeros(np.shape(top)), where=np.asarray(bottom) > 0)


def label_f(data: TuningData, predicted: BoolArray, beta: float) -> FloatArray:
    """F-beta of each label."""
    tp, pp, p = counts(data, predicted)
    return ratio((1 + beta**2) * tp, beta**2 * p + pp)


def micro_f(data: TuningData, predicted: BoolArray, beta: float) -> float:
    tp, pp, p = (part.sum() for part in counts(data, predicted))
    return float(ratio((1 + beta**2) * tp, beta**2 * p + pp))


def balanced(data: TuningData, predicted: BoolArray, beta: float) -> float:
    counted = (data.truth >= 0).any(axis=1)
    return micro_f(data, predicted, beta) + float(label_f(data, predicted, beta)[counted].sum() / max(1, counted.sum()))


def samples_f(data: TuningData, predicted: BoolArray, beta: float) -> float:
    """Mean over images with a known label."""
    positive = data.truth == 1
    tp, pp, p = ((part).sum(axis=0).astype(float) for part in (predicted & positive, predicted, positive))
    counted = (data.truth >= 0).any(axis=0)
    return float(ratio((1 + beta**2) * tp, beta**2 * p + pp)[counted].mean()) if counted.any() else 0.0


def best_apart(data: TuningData, label: int, value: Callable[[float, float, float, float], float]) -> float:
    """The highest value of (tp, pp, positives, negatives) that any threshold of one label gives."""
    truth, scores = data.truth[label], data.scores[label]
    p, n = float((truth == 1).sum()), float((truth == 0).sum())
    found = []
    for cut in cuts_of(scores):
        predicted = (scores >= cut) & (truth >= 0)
        found.append(value(float((predicted & (truth == 1)).sum()), float(predicted.sum()), p, n))
    return max(found)
