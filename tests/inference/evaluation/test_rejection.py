"""Rejection, against trying every threshold on small folders."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.evaluation.honesty.intervals import wilson
from inference.evaluation.rejection import RejectionCuts, Winners, aurc, chow_threshold, risk_coverage
from inference.evaluation.tuning.class_data import ClassData
from inference.types import Activation, BoolArray, Thresholds
from tests.inference.evaluation.tuning.class_worlds import class_folders, winning_scores

COSTS = st.sampled_from([0.0, 0.1, 0.5, 1.0, 3.0])


def every_cut(data: ClassData) -> list[BoolArray]:
    """Which images are decided, at every threshold that makes a difference."""
    _, scores = winning_scores(data)
    return [scores >= threshold for threshold in [np.float32(2), *np.unique(scores)[::-1]]]


def cuts(data: ClassData) -> RejectionCuts:
    return RejectionCuts.of(Winners.of(data.logits, data.classes, data.activation).staircase())


@settings(max_examples=60, deadline=None)
@given(class_folders(), COSTS, COSTS, st.floats(0, 1))
def test_no_threshold_does_better(data: ClassData, error: float, reject: float, share: float) -> None:
    label, _ = winning_scores(data)
    right = label == data.classes
    options = every_cut(data)
    found = cuts(data)
    sizes = [int(each.sum()) for each in options]
    hits = [int((each & right).sum()) for each in options]
    assert found.accepted.tolist() == sizes
    assert found.correct.tolist() == hits
    cost = [error * (n - k) + reject * (len(right) - n) for n, k in zip(sizes, hits, strict=True)]
    assert cost[found.least_cost(error, reject)] == pytest.approx(min(cost))
    at = found.at_coverage(share)
    assert sizes[at] >= share * len(right) - 1e-6
    assert at == 0 or sizes[at - 1] < share * len(right)
    cut, reached = found.at_accuracy(share)
    allowed = [n for n, k in zip(sizes, hits, strict=True) if n and k / n >= share]
    assert reached == bool(allowed)
    if reached:
        assert sizes[cut] == max(allowed)
    else:
        assert hits[cut] / sizes[cut] == max(k / n for n, k in zip(sizes, hits, strict=True) if n)


@settings(max_examples=40, deadline=None)
@given(class_folders())
def test_the_curve_counts_what_every_threshold_decides(data: ClassData) -> None:
    label, scores = winning_scores(data)
    right = label == data.classes
    curve = risk_coverage(data.logits, data.classes, data.activation, 0.9)
    assert curve.thresholds.tolist() == np.unique(scores)[::-1].tolist()
    for index, threshold in enumerate(curve.thresholds):
        decided = scores >= threshold
        assert curve.coverage[index] == pytest.approx(decided.mean())
        assert curve.risk[index] == pytest.approx((~right)[decided].mean())
    low, high = wilson(curve.predicted - curve.tp, curve.predicted)
    assert curve.risk_low.tolist() == low.tolist()
    assert curve.risk_high.tolist() == high.tolist()
    assert (curve.support, curve.known) == (int(right.sum()), len(right))
    assert curve.best_aurc <= curve.aurc + 1e-12


def test_aurc_of_distinct_scores_is_the_mean_risk() -> None:
    right = np.array([1, 1, 0, 1, 0, 0, 1])
    risks = [1 - right[:n].mean() for n in range(1, 8)]
    assert aurc(np.arange(1, 8), np.cumsum(right)) == pytest.approx(np.mean(risks))
    assert np.isnan(aurc(np.zeros(0, np.int64), np.zeros(0, np.int64)))


def test_aurc_of_ties_is_that_of_a_shuffled_order_on_average() -> None:
    right = np.array([1, 0, 1, 1, 0, 0])
    rng = np.random.default_rng(0)
    shuffled = []
    for _ in range(4000):
        order = np.concatenate((rng.permutation(3), 3 + rng.permutation(3)))
        shuffled.append(aurc(np.arange(1, 7), np.cumsum(right[order])))
    assert aurc(np.array([3, 6]), np.array([2, 3])) == pytest.approx(np.mean(shuffled), abs=0.01)


def test_images_without_a_class_are_left_out() -> None:
    logits = np.array([[2, 0], [0, 1], [3, 0]], np.float32)
    curve = risk_coverage(logits, np.array([0, -1, 1]), Activation.SOFTMAX)
    assert curve.known == 2
    assert curve.predicted.tolist() == [1, 2]
    assert curve.tp.tolist() == [0, 1]
    empty = risk_coverage(logits, np.full(3, -1), Activation.SOFTMAX)
    assert empty.known == 0
    assert np.isnan(empty.aurc)


@pytest.mark.parametrize(("error", "reject", "least"), [(1, 0.25, 0.75), (1, 2, 0), (0, 0, 0), (4, 0, 1)])
def test_the_closed_form_weighs_a_look_against_an_error(error: float, reject: float, least: float) -> None:
    assert chow_threshold(error, reject) == least


def test_costs_are_not_negative() -> None:
    with pytest.raises(ValueError, match="neither may be negative"):
        chow_threshold(1, -1)


@settings(max_examples=40, deadline=None)
@given(class_folders(), st.integers(0, 2**31))
def test_plateaus_decide_alike_and_no_wider_ones_do(data: ClassData, seed: int) -> None:
    won = Winners.of(data.logits, data.classes, data.activation)
    values = np.random.default_rng(seed).random(data.n_labels).astype(np.float32)
    low, high = won.plateaus(Thresholds(values))
    here = won.accepted(Thresholds(values))
    for label in range(data.n_labels):
        for end, alike in ((high[label], True), (np.nextafter(low[label], np.float32(np.inf)), True)):
            changed = values.copy()
            changed[label] = end
            assert (won.accepted(Thresholds(changed)) == here).all() == alike
        for beyond in (low[label], np.nextafter(high[label], np.float32(np.inf))):
            if np.isfinite(beyond):
                changed = values.copy()
                changed[label] = beyond
                assert (won.accepted(Thresholds(changed)) != here).any()
