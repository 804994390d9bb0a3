"""What a review band makes of the images, against counting them one by one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.evaluation.activations import scores_from_logits
from inference.evaluation.decisions import eligible
from inference.evaluation.evaluator import Evaluator
from inference.evaluation.review_band import Part, ReviewCounter
from inference.types import Activation, BoolArray, DecisionRule, ReviewBand, ScoreArray, Thresholds, TruthArray
from tests.inference.evaluation.cases import problems, run_of

RULES = (DecisionRule.THRESHOLDS, DecisionRule.ARGMAX_REJECT, DecisionRule.TOP_K)
K = 2


def ends(n_labels: int) -> st.SearchStrategy[list[float]]:
    value = st.one_of(st.floats(-0.5, 1.5, width=32), st.sampled_from([0.0, 0.5, 1.0]))
    return st.lists(value, min_size=n_labels, max_size=n_labels)


def band_of(first: list[float], second: list[float]) -> ReviewBand:
    low, high = np.minimum(first, second), np.maximum(first, second)
    return ReviewBand(Thresholds(low), Thresholds(high))


def parts_of(logits: ScoreArray, band: ReviewBand, rule: DecisionRule) -> tuple[BoolArray, BoolArray]:
    """In review, and accepted, each (n, c), straight from the definition."""
    scores = scores_from_logits(logits, Activation.SIGMOID)
    may = eligible(logits, scores, rule, K)
    allowed = np.ones(scores.shape, dtype=bool) if may is None else may
    accepted = allowed & ~(scores < band.high.values)
    return allowed & ~accepted & ~(scores < band.low.values), accepted


def assert_counts(
    counter: ReviewCounter, logits: ScoreArray, truth: TruthArray, band: ReviewBand, rule: DecisionRule
) -> None:
    review, accepted = parts_of(logits, band, rule)
    counts, load = counter.counts(), counter.load()
    assert counts.review.tolist() == review.sum(axis=0).tolist()
    assert counts.accepted.tolist() == accepted.sum(axis=0).tolist()
    assert counts.rejected.tolist() == (~review & ~accepted).sum(axis=0).tolist()
    assert counts.accepted_known.tolist() == (accepted & (truth >= 0)).sum(axis=0).tolist()
    assert counts.accepted_right.tolist() == (accepted & (truth == 1)).sum(axis=0).tolist()
    lost = ~review & ~accepted & (truth == 1)
    assert counts.lost.tolist() == lost.sum(axis=0).tolist()
    assert (load.images, load.decisions) == (int(review.any(axis=1).sum()), int(review.sum()))
    for label in range(truth.shape[1]):
        for part, wanted in (
            (Part.REVIEW, review),
            (Part.ACCEPTED, accepted),
            (Part.WRONG, accepted & (truth == 0)),
            (Part.LOST, lost),
        ):
            assert counter.images(label, part).tolist() == np.flatnonzero(wanted[:, label]).tolist(), part
    assert counter.images(-1, Part.REVIEW).tolist() == np.flatnonzero(review.any(axis=1)).tolist()


@settings(max_examples=150, deadline=None)
@given(problem=problems(), rule=st.sampled_from(RULES), data=st.data())
def test_any_way_of_moving_counts_as_the_images_do(
    problem: tuple[ScoreArray, TruthArray], rule: DecisionRule, data: st.DataObject
) -> None:
    logits, truth = problem
    n_labels = truth.shape[1]
    evaluator = Evaluator(run_of(logits), truth, Activation.SIGMOID, rule, Thresholds.uniform(n_labels), k=K)
    band = band_of(data.draw(ends(n_labels)), data.draw(ends(n_labels)))
    counter = ReviewCounter(evaluator, band)
    assert_counts(counter, logits, truth, band, rule)
    for _ in range(3):
        if data.draw(st.booleans()):
            band = band_of(data.draw(ends(n_labels)), data.draw(ends(n_labels)))
        else:
            label = data.draw(st.integers(0, n_labels - 1))
            band = band.with_low(label, data.draw(st.floats(-0.5, 1.5, width=32)))
        counter.set_band(band)
        if data.draw(st.booleans()):  # several moves between two looks
            assert_counts(counter, logits, truth, band, rule)
    if data.draw(st.booleans()):
        counter.adopt(counter.recount()())
    assert_counts(counter, logits, truth, band, rule)


def test_moves_while_a_worker_counts_are_not_lost() -> None:
    rng = np.random.default_rng(1)
    logits = rng.normal(size=(300, 3)).astype(np.float32)
    truth = rng.integers(-1, 2, (300, 3)).astype(np.int8)
    evaluator = Evaluator(run_of(logits), truth, Activation.SIGMOID, DecisionRule.THRESHOLDS, Thresholds.uniform(3))
    counter = ReviewCounter(evaluator, band_of([0.2] * 3, [0.8] * 3))
    work = counter.recount()
    later = band_of([0.4, 0.1, 0.5], [0.6, 0.3, 0.5])
    counter.set_band(later)
    counter.adopt(work())
    assert_counts(counter, logits, truth, later, DecisionRule.THRESHOLDS)


def test_images_without_scores_are_not_counted() -> None:
    logits = np.array([[0.0], [0.0], [3.0]], dtype=np.float32)
    run = run_of(logits)
    run.state[0] = 0
    truth = np.array([[1], [1], [1]], dtype=np.int8)
    evaluator = Evaluator(run, truth, Activation.SIGMOID, DecisionRule.THRESHOLDS, Thresholds.uniform(1))
    counter = ReviewCounter(evaluator, band_of([0.4], [0.6]))
    assert counter.counts().n_images == 2
    assert counter.images(0, Part.REVIEW).tolist() == [1]
    assert counter.images(0, Part.ACCEPTED).tolist() == [2]
    assert counter.load().n_images == 2


def test_an_end_takes_the_other_along_where_it_passes_it() -> None:
    band = ReviewBand(Thresholds(np.array([0.2, 0.3])), Thresholds(np.array([0.6, 0.7])))
    assert band.with_low(0, 0.8).high.values.tolist() == [np.float32(0.8), np.float32(0.7)]
    assert band.with_low(0, 0.5).high == band.high
    assert band.with_high(1, 0.1).low.values.tolist() == [np.float32(0.2), np.float32(0.1)]
    with pytest.raises(ValueError, match="above its upper end"):
        ReviewBand(band.high, band.low)
