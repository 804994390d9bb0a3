"""Intervals: against their defining equation, and their coverage against what they state."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.evaluation.honesty.intervals import intervals_of, intervals_of_counts, wilson
from inference.types import IntArray, LabelMetrics
from tests.inference.evaluation.honesty.worlds import binomial_terms, standard_error


@given(st.integers(0, 60), st.integers(0, 60), st.sampled_from([0.5, 0.9, 0.95]))
def test_the_ends_are_the_shares_that_a_z_test_just_accepts(k: int, more: int, confidence: float) -> None:
    n = k + more
    low, high = wilson(k, n, confidence)
    if n == 0:
        assert np.isnan(low)
        assert np.isnan(high)
        return
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    assert 0.0 <= low <= k / n <= high <= 1.0
    for end in (float(low), float(high)):
        assert abs(k / n - end) == pytest.approx(z * np.sqrt(end * (1 - end) / n), abs=1e-12)


@given(st.integers(0, 40), st.integers(1, 40), st.sampled_from([0.5, 0.9, 0.99]))
def test_wilson_is_monotone(k: int, more: int, confidence: float) -> None:
    n = k + more
    low, high = wilson([k, k + 1, 4 * k], [n, n, 4 * n], confidence)
    assert low[1] > low[0]
    assert high[1] >= high[0]
    assert high[2] - low[2] < high[0] - low[0]  # four times the images
    wide_low, wide_high = wilson(k, n, 0.995)
    assert wide_low <= low[0]
    assert wide_high >= high[0]


@pytest.mark.parametrize("n", [10, 20, 50, 200])
def test_wilson_covers_what_it_states(n: int) -> None:
    """Exact, by sums over all outcomes: no simulation, no noise.

    Coverage swings with the share because counts are whole; what is stated is met on average over the shares.
    """
    low, high = wilson(np.arange(n + 1), n, 0.9)
    shares = np.linspace(0.05, 0.95, 181)
    covered = [binomial_terms(n, share)[(low <= share) & (share <= high)].sum() for share in shares]
    assert np.mean(covered) == pytest.approx(0.9, abs=0.01)
    assert np.min(covered) > 0.78


def metrics_of(tp: IntArray, fp: IntArray, fn: IntArray, tn: IntArray) -> LabelMetrics:
    nan = np.full(len(tp), np.nan)
    return LabelMetrics(tp, fp, fn, tn, np.zeros(len(tp), dtype=np.int64), nan, nan, nan)


@pytest.mark.parametrize("positives", [10, 20, 50, 200])
def test_rates_of_a_label_are_covered_as_often_as_stated(positives: int) -> None:
    """6,000 folders at a fixed threshold, 10 % prevalence, precision 0.6 and recall 0.7.

    Allowed: 0.03 for whole counts (see above), and three standard errors of a share seen 6,000 times, 0.012.
    """
    repeats, n = 6000, 10 * positives
    chances = np.array([0.07, 0.07 * 0.4 / 0.6, 0.03, 0.0])
    chances[3] = 1 - chances.sum()
    tp, fp, fn, tn = np.random.default_rng(positives).multinomial(n, chances, repeats).T.astype(np.int64)
    found = intervals_of(metrics_of(tp, fp, fn, tn), 0.9)
    truth = {"precision": 0.6, "recall": 0.7, "f1": 2 * 0.07 / (0.07 / 0.6 + 0.1)}
    for name, value in truth.items():
        low, high = getattr(found, f"{name}_low"), getattr(found, f"{name}_high")
        covered = np.mean((low <= value) & (value <= high))
        assert covered == pytest.approx(0.9, abs=0.03 + 3 * standard_error(0.9, repeats)), name


@given(st.integers(0, 50), st.integers(0, 50), st.integers(0, 50))
def test_f1_lies_between_its_ends_which_fall_with_errors(tp: int, fp: int, fn: int) -> None:
    found = intervals_of_counts([tp, tp], [tp + fp, tp + fp + 1], [tp + fn, tp + fn], 0.9)
    if tp + fp + fn == 0:
        assert np.isnan(found.f1_low[0])
        return
    assert found.f1_low[0] - 1e-12 <= 2 * tp / (2 * tp + fp + fn) <= found.f1_high[0] + 1e-12
    assert found.f1_low[1] <= found.f1_low[0]
    assert found.f1_high[1] <= found.f1_high[0]


def test_undefined_rates_have_undefined_ends() -> None:
    zero, five = np.array([0]), np.array([5])
    nothing_predicted = intervals_of(metrics_of(zero, zero, five, five))
    assert np.isnan(nothing_predicted.precision_low[0])
    assert nothing_predicted.recall_low[0] == 0.0
    assert nothing_predicted.recall_high[0] > 0.2
    no_positives = intervals_of(metrics_of(zero, five, zero, five))
    assert np.isnan(no_positives.recall_high[0])
    assert no_positives.precision_low[0] == 0.0
