"""What annotations would tell about a threshold: F1 and its variance against draws, and the claim against chance."""

from __future__ import annotations

import math

import numpy as np
import pytest

from inference.evaluation.review.narrowing import PRIOR, Strata, strata_of, threshold_interval, worth
from inference.types import BoolArray, FloatArray, IntArray, ScoreArray, TruthArray


def folder(seed: int, n: int, n_known: int, rate: float = 0.2) -> tuple[ScoreArray, TruthArray, TruthArray]:
    """Scores, annotations of which few are known, and all of them."""
    rng = np.random.default_rng(seed)
    whole = (rng.random(n) < rate).astype(np.int8)
    logits = rng.normal(np.log(rate / (1 - rate)) - 1 + 2.2 * whole, 1.3)
    truth = np.full(n, -1, np.int8)
    rows = rng.permutation(n)[:n_known]
    truth[rows] = whole[rows]
    return (1 / (1 + np.exp(-logits))).astype(np.float32), truth, whole


def interval_of(scores: ScoreArray, truth: TruthArray) -> tuple[float, float]:
    strata = strata_of(scores, truth)
    assert strata is not None
    interval = threshold_interval(strata, truth)
    return interval.low, interval.high


def f1_of(scores: ScoreArray, threshold: float, positive: BoolArray) -> float:
    predicted = scores >= np.float32(threshold)
    return float(2 * (predicted & positive).sum() / (predicted.sum() + positive.sum()))


def drawn_truth(rng: np.random.Generator, strata: Strata, truth: TruthArray) -> BoolArray:
    """One folder as it may be: rates of strata from their beta distributions, images from the rates."""
    positive: BoolArray = np.asarray(truth == 1)
    for stratum in np.unique(strata.of_image):
        rows = np.flatnonzero((strata.of_image == stratum) & (truth == -1))
        sure = strata.known[stratum] + PRIOR
        rate = strata.rate[stratum]
        positive[rows] = rng.random(len(rows)) < rng.beta(rate * sure, (1 - rate) * sure)
    return positive


def test_the_effect_on_the_ends_gives_the_variance_that_drawn_folders_have() -> None:
    scores, truth, _ = folder(1, 3000, 600)
    strata = strata_of(scores, truth)
    assert strata is not None
    interval = threshold_interval(strata, truth)
    rng = np.random.default_rng(2)
    differences, best = [], []
    for _ in range(1500):
        positive = drawn_truth(rng, strata, truth)
        differences.append(f1_of(scores, interval.low, positive) - f1_of(scores, interval.high, positive))
        best.append(f1_of(scores, interval.best, positive))
    assert interval.f1 == pytest.approx(np.mean(best), abs=0.005)
    said = math.sqrt(float(strata.variance(0.0) @ interval.effects**2))
    assert said == pytest.approx(np.std(differences), rel=0.15)  # to first order, and of 1,500 draws


def test_the_interval_holds_its_best_and_grows_narrow_with_what_is_known() -> None:
    widths = []
    for n_known in (200, 1000, 4000):
        scores, truth, _ = folder(3, 4000, n_known)
        strata = strata_of(scores, truth)
        assert strata is not None
        found = threshold_interval(strata, truth)
        assert found.low <= found.best <= found.high
        widths.append(found.high - found.low)
    assert widths[0] > widths[1] > widths[2] == 0.0  # everything is known: one threshold is best


def test_with_everything_known_the_best_is_the_best() -> None:
    scores, truth, whole = folder(4, 2000, 2000)
    strata = strata_of(scores, truth)
    assert strata is not None
    found = threshold_interval(strata, truth)
    best = max(f1_of(scores, float(cut), whole == 1) for cut in np.unique(scores))
    assert f1_of(scores, found.best, whole == 1) == pytest.approx(found.f1, abs=2e-3)
    assert found.f1 == pytest.approx(best, abs=0.01)  # 400 thresholds are tried, not 2,000


def test_in_falling_order_each_image_takes_most_off_the_variance_that_is_left() -> None:
    scores, truth, _ = folder(5, 400, 100)
    strata = strata_of(scores, truth)
    assert strata is not None
    interval = threshold_interval(strata, truth)
    rows = np.flatnonzero(truth == -1)
    values = worth(strata, interval, rows, 0)
    taken = np.zeros(len(strata.rate))
    weights = interval.effects**2
    for place in np.argsort(-values)[:150]:
        now = strata.variance(0.0) if not taken.any() else np.array(_left(strata, taken))
        after = np.array(_left(strata, taken + 1.0))
        gains = np.where(strata.unknown - taken > 0, (now - after) * weights, 0.0)
        stratum = int(strata.of_image[rows[place]])
        assert gains[stratum] == pytest.approx(gains.max(), rel=1e-9)
        assert values[place] == pytest.approx(gains[stratum], rel=1e-6)
        taken[stratum] += 1


def _left(strata: Strata, taken: FloatArray) -> list[float]:
    """The beta-binomial variance of each stratum, from its definition."""
    found = []
    for n, known, rate, more in zip(strata.unknown, strata.known, strata.rate, taken, strict=True):
        sure = known + more + PRIOR
        a, b, left = rate * sure, (1 - rate) * sure, n - more
        found.append(left * a * b * (a + b + left) / ((a + b) ** 2 * (a + b + 1)))
    return found


def test_annotating_what_comes_first_narrows_the_interval_faster_than_chance() -> None:
    chosen: list[float] = []
    drawn: list[float] = []
    for seed in range(10):
        for how, widths in ((True, chosen), (False, drawn)):
            scores, truth, whole = folder(seed, 2000, 150)
            rng = np.random.default_rng(seed)
            for step in range(5):
                left: IntArray = np.flatnonzero(truth == -1)
                values = rng.random(len(left))
                if how:
                    strata = strata_of(scores, truth)
                    assert strata is not None
                    values = worth(strata, threshold_interval(strata, truth), left, step)
                more = left[np.argsort(-values)[:20]]
                truth[more] = whole[more]
            low, high = interval_of(scores, truth)
            widths.append(high - low)
    assert np.mean(chosen) < 0.8 * np.mean(drawn)


@pytest.mark.parametrize("truth", [[-1] * 6, [1] * 6, [0] * 6, [1, 0, 0, 0, 0, 0]])
def test_too_few_known_images_of_a_kind_say_nothing(truth: list[int]) -> None:
    assert strata_of(np.linspace(0.1, 0.9, 6, dtype=np.float32), np.array(truth, np.int8)) is None


def test_images_that_the_rule_gives_to_other_labels_are_a_stratum_that_no_threshold_reaches() -> None:
    scores, truth, _ = folder(6, 500, 200)
    may = np.arange(500) % 3 > 0
    strata = strata_of(scores, truth, may)
    assert strata is not None
    assert (strata.of_image[~may] == 0).all()
    assert (strata.of_image[may] > 0).all()
    everywhere = strata_of(scores, truth)
    assert everywhere is not None
    assert threshold_interval(strata, truth).f1 < threshold_interval(everywhere, truth).f1
    assert strata_of(scores, truth, np.zeros(500, dtype=bool)) is None


def test_scores_that_are_all_alike_have_one_threshold() -> None:
    truth = np.array([1, 1, 0, 0, -1, -1], np.int8)
    strata = strata_of(np.full(6, 1.0, np.float32), truth)
    assert strata is not None
    found = threshold_interval(strata, truth)
    assert found.low == found.high
    assert worth(strata, found, np.array([4, 5]), 0).tolist() == [0.0, 0.0]
