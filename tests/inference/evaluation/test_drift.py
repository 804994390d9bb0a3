"""Drift against scipy's own test, and how often it warns."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import stats

from inference.evaluation.drift import compare, drift_words, exact_p, holm, summary


def test_each_label_is_scipys_two_sample_test() -> None:
    rng = np.random.default_rng(0)
    here, there = rng.normal(0.1, 1, (3, 500)).astype(np.float32), rng.normal(0, 1, (3, 700)).astype(np.float32)
    report = compare(here, there)
    assert report is not None
    for label in range(3):
        wanted = stats.ks_2samp(here[label].astype(np.float64), there[label].astype(np.float64), method="asymp")
        assert report.p[label] == pytest.approx(wanted.pvalue, abs=1e-12)
        assert report.gap[label] == pytest.approx(wanted.statistic, abs=1e-12)
    assert (report.n_here, report.n_there) == (500, 700)


@pytest.mark.parametrize(("n", "m"), [(5, 7), (30, 30), (40, 100), (480, 500)])
def test_small_folders_have_the_exact_p_value(n: int, m: int) -> None:
    rng = np.random.default_rng(n)
    for shift in (0.0, 0.2, 0.5):
        here, there = rng.normal(shift, 1, n).astype(np.float32), rng.normal(0, 1, m).astype(np.float32)
        report = compare(here[None], there[None])
        assert report is not None
        wanted = stats.ks_2samp(here, there, method="exact")
        assert report.p[0] == pytest.approx(wanted.pvalue, rel=1e-6, abs=1e-12)


def test_of_all_orders_of_few_images_as_many_have_the_gap_as_is_said() -> None:
    orders = [set(chosen) for chosen in itertools.combinations(range(9), 4)]
    gaps = []
    for chosen in orders:
        i = np.cumsum([place in chosen for place in range(9)])
        gaps.append(np.abs(i / 4 - (np.arange(1, 10) - i) / 5).max())
    for gap in set(gaps):
        share = np.mean(np.array(gaps) >= gap - 1e-9)
        assert exact_p(4, 5, gap) == pytest.approx(share)


def test_holm_is_the_step_down_rule() -> None:
    p = np.array([0.01, np.nan, 0.04, 0.03])
    np.testing.assert_allclose(holm(p), [0.03, np.nan, 0.06, 0.06])
    assert holm(np.array([0.6, 0.9])).tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    ("shift", "words"), [(1.0, "strongly higher"), (-0.4, "clearly lower"), (0.15, "slightly higher")]
)
def test_a_shift_is_said_with_its_side_and_size(shift: float, words: str) -> None:
    rng = np.random.default_rng(1)
    there = rng.normal(size=(2, 4000)).astype(np.float32)
    here = rng.normal(size=(2, 4000)).astype(np.float32)
    here[1] += np.float32(shift)
    report = compare(here, there)
    assert report is not None
    assert report.differs.tolist() == [False, True]
    assert drift_words(report, 1) == words
    assert drift_words(report, 0) == "no difference seen"
    assert summary(report).startswith("The score distribution of 1 of 2 labels differs")


def test_a_split_of_one_folder_seldom_warns_and_a_shifted_one_always_does() -> None:
    """Of 400 random splits at most alpha, 5 %, may warn: here with independent labels, so nearly that many.

    The tolerance is four standard errors of a share of 5 % of 400 above; below, the test's discreteness and Holm's
    rule make it warn a little more seldom, so that a quarter of alpha must be reached.
    """
    rng = np.random.default_rng(2)
    warned = shifted = 0
    for _ in range(400):
        folder = rng.normal(size=(4, 300)).astype(np.float32)
        parts = rng.permutation(300)
        report = compare(folder[:, parts[:150]], folder[:, parts[150:]])
        assert report is not None
        warned += bool(summary(report))
    for _ in range(20):
        folder = rng.normal(size=(4, 300)).astype(np.float32)
        report = compare(folder[:, :150] + np.float32(0.9), folder[:, 150:])
        assert report is not None
        shifted += int(report.differs.sum())
    assert 0.0125 <= warned / 400 <= 0.05 + 4 * np.sqrt(0.05 * 0.95 / 400)
    assert shifted == 80


def test_too_few_images_say_nothing() -> None:
    report = compare(np.zeros((2, 3), dtype=np.float32), np.ones((2, 100), dtype=np.float32))
    assert report is not None
    assert np.isnan(report.p).all()
    assert not report.differs.any()
    assert summary(report) == drift_words(report, 0) == ""


def test_it_can_be_cancelled() -> None:
    many = np.zeros((2, 30), dtype=np.float32)
    assert compare(many, many, cancelled=lambda: True) is None
