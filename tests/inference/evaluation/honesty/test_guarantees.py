"""Promises: against brute-force sums, and against worlds in which it is known when they are broken.

Simulations are seeded. A share that should be at most q is allowed q plus three standard errors of a share seen in as
many repeats: a sound promise exceeds that about once in 700 seeds, and the seed is fixed.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.evaluation.honesty.guarantees import (
    clopper_pearson_lower,
    conformal_recall,
    ltt_precision,
    pac_recall,
    precision_needs,
    recall_needs,
    shared_confidence,
)
from inference.types import FloatArray, IntArray
from tests.inference.evaluation.honesty.worlds import binomial_terms, standard_error

FLOORS = st.sampled_from([0.5, 0.8, 0.9, 0.95])
CONFIDENCES = st.sampled_from([0.5, 0.9, 0.95, 0.99])


def at_least(k: int, n: int, share: float) -> float:
    return float(binomial_terms(n, share)[k:].sum())


@st.composite
def staircases(draw: st.DrawFn) -> tuple[IntArray, IntArray]:
    """Predicted and correct at each cut; blocks of tied images leave out sizes."""
    blocks = draw(st.lists(st.integers(1, 12), max_size=40))
    quality = draw(st.sampled_from([0.7, 0.95, 1.0]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    correct = [int(rng.binomial(block, quality)) for block in blocks]
    return np.cumsum([0, *blocks]), np.cumsum([0, *correct])


# -- precision ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("floor", "needs"), [(0.9, 22), (0.95, 45), (0.99, 230), (0.5, 4)])
def test_the_smallest_sample_that_can_show_a_precision(floor: float, needs: int) -> None:
    assert precision_needs(floor, 0.9) == needs
    assert floor**needs <= 0.1 < floor ** (needs - 1)


def test_no_sample_shows_a_precision_of_one() -> None:
    assert precision_needs(1.0, 0.9) is None
    k, reason = ltt_precision(np.arange(1001), np.arange(1001), 1.0, 0.9)
    assert k is None
    assert "no number of images" in reason


def test_a_round_risk_needs_no_image_too_many() -> None:
    assert precision_needs(0.1, 0.99) == 2  # ln 0.01 / ln 0.1 is 2.0000000000000004


@given(st.integers(0, 30), st.integers(0, 30), CONFIDENCES)
def test_lower_bound_is_where_so_many_become_as_unlikely_as_the_risk(k: int, more: int, confidence: float) -> None:
    bound = clopper_pearson_lower(k, k + more, confidence)
    if k == 0:
        assert bound == 0.0
    else:
        assert at_least(k, k + more, bound) == pytest.approx(1.0 - confidence, abs=1e-9)


@given(st.integers(1, 40), st.integers(0, 40), CONFIDENCES)
def test_lower_bound_rises_with_correct_images_and_falls_with_wrong_ones(k: int, wrong: int, confidence: float) -> None:
    bound = clopper_pearson_lower(k, k + wrong, confidence)
    assert bound < clopper_pearson_lower(k + 1, k + 1 + wrong, confidence)
    assert bound > clopper_pearson_lower(k, k + wrong + 1, confidence)
    assert bound <= k / (k + wrong)


def walk(pp: IntArray, tp: IntArray, floor: float, confidence: float) -> int | None:
    """The same by brute force, from the words of the method."""
    best = None
    size = float(next(n for n in range(1, 10_000) if floor**n <= 1.0 - confidence + 1e-12))
    smallest = size
    while True:
        allowed = min(int(size + 1e-9), int(pp[-1]))
        k = max(index for index in range(len(pp)) if pp[index] <= allowed)
        if pp[k] >= smallest:
            if at_least(int(tp[k]), int(pp[k]), floor) > 1.0 - confidence + 1e-12:
                return best
            best = k
        if allowed == pp[-1]:
            return best
        size *= 1.15


@given(staircases(), FLOORS, CONFIDENCES)
def test_precision_equals_a_walk_with_brute_force_sums(
    case: tuple[IntArray, IntArray], floor: float, confidence: float
) -> None:
    found, reason = ltt_precision(*case, floor, confidence)
    assert found == walk(*case, floor, confidence)
    assert reason
    assert not reason.endswith(".")


def test_too_few_images_are_told_how_many_it_takes() -> None:
    assert ltt_precision(np.arange(15), np.arange(15), 0.9, 0.9) == (
        None,
        "needs at least 22 predicted images, all correct; you have 14",
    )


def test_a_wrong_image_among_the_highest_is_named() -> None:
    pp = np.arange(101)
    k, reason = ltt_precision(pp, np.maximum(pp - 1, 0), 0.9, 0.9)
    assert k is None
    assert reason.startswith("of the 22 highest images 21 are correct; all must be")


def test_a_block_of_ties_larger_than_the_first_size_is_tested_whole() -> None:
    k, _ = ltt_precision(np.array([0, 60, 61]), np.array([0, 59, 59]), 0.9, 0.9)
    assert k == 2  # 59 of 60, then 59 of 61: both show 0.9
    k, reason = ltt_precision(np.array([0, 60]), np.array([0, 50]), 0.9, 0.9)
    assert k is None
    assert "58 must be" in reason


def test_a_passing_cut_tells_its_counts() -> None:
    pp = np.arange(59)
    assert ltt_precision(pp, pp, 0.9, 0.9) == (
        58,
        f"58 of 58 predicted are correct: at least {0.1 ** (1 / 58):.3f} of all to come",
    )


def draw_folder(rng: np.random.Generator, n: int, chance: float) -> tuple[FloatArray, IntArray]:
    """``n`` images whose score s is uniform and whose chance of a positive is ``chance``, or s squared for 0."""
    falling = -np.sort(-rng.random(n))
    correct = rng.random(n) < (chance or falling**2)
    return falling, np.concatenate([[0], np.cumsum(correct)])


def true_precision(threshold: float) -> float:
    """Mean of s squared above the threshold."""
    return (1.0 + threshold + threshold**2) / 3.0


def test_precision_promises_hold_where_the_naive_rule_breaks_most() -> None:
    """2,000 folders of 1,000 images; the precision of 0.9 is truly reached by the highest 7 %."""
    rng, repeats = np.random.default_rng(7), 2000
    pp = np.arange(1001)
    broken = naive_broken = promised = 0
    for _ in range(repeats):
        falling, tp = draw_folder(rng, 1000, 0.0)
        k, _ = ltt_precision(pp, tp, 0.9, 0.9)
        if k is not None:
            promised += 1
            broken += true_precision(falling[k - 1]) < 0.9
        naive = int(np.flatnonzero(tp[1:] / pp[1:] >= 0.9)[-1]) if (tp[1:] / pp[1:] >= 0.9).any() else None
        naive_broken += naive is not None and true_precision(falling[naive]) < 0.9
    assert broken / repeats <= 0.1 + 3 * standard_error(0.1, repeats)
    assert naive_broken / repeats > 0.4  # what the test is for: it can fail
    assert promised / repeats > 0.4  # and abstaining always is no answer


def test_precision_promises_hold_in_the_least_favourable_world() -> None:
    """Every image is correct with the same chance, a hair under the promise: any promise is broken."""
    rng, repeats = np.random.default_rng(8), 3000
    pp = np.arange(301)
    broken = sum(ltt_precision(pp, draw_folder(rng, 300, 0.8999)[1], 0.9, 0.9)[0] is not None for _ in range(repeats))
    # it is broken just when the 22 highest are all correct
    assert broken / repeats == pytest.approx(0.8999**22, abs=3 * standard_error(0.1, repeats))


def test_a_promise_for_all_labels_divides_the_risk() -> None:
    rng, repeats, n_labels = np.random.default_rng(9), 600, 8
    pp = np.arange(301)
    each = shared_confidence(0.9, n_labels)
    assert each == pytest.approx(1 - 0.1 / 8)

    def any_broken(confidence: float) -> float:
        return (
            sum(
                any(
                    ltt_precision(pp, draw_folder(rng, 300, 0.8999)[1], 0.9, confidence)[0] is not None
                    for _ in range(n_labels)
                )
                for _ in range(repeats)
            )
            / repeats
        )

    assert any_broken(each) <= 0.1 + 3 * standard_error(0.1, repeats)
    assert any_broken(0.9) > 0.3


# -- recall ------------------------------------------------------------------------------------------------------


@given(st.integers(0, 200), FLOORS)
def test_conformal_misses_as_many_as_the_average_allows(positives: int, floor: float) -> None:
    missed = conformal_recall(positives, floor)
    allowed = 1.0 - floor + 1e-12
    # with the threshold at the lowest positive but ``missed``, a new one is missed with chance (missed + 1) / (n + 1)
    possible = [m for m in range(positives) if (m + 1) / (positives + 1) <= allowed]
    assert missed == (possible[-1] if possible else None)


@given(st.integers(0, 80), FLOORS, CONFIDENCES)
def test_confident_recall_equals_brute_force(positives: int, floor: float, confidence: float) -> None:
    below = np.cumsum(binomial_terms(positives, 1.0 - floor))  # P(at most m of the positives in the lowest share)
    possible = [m for m in range(positives) if below[m] <= 1.0 - confidence + 1e-12]
    assert pac_recall(positives, floor, confidence) == (possible[-1] if possible else None)


def _or_none(missed: int | None) -> int:
    return -1 if missed is None else missed


@given(st.integers(0, 300), st.floats(0.05, 0.99), st.floats(0.05, 0.99), st.floats(0.05, 0.99))
def test_a_stronger_promise_never_misses_more(positives: int, one: float, two: float, confidence: float) -> None:
    low, high = sorted((one, two))
    for weaker, stronger in (
        (pac_recall(positives, low, confidence), pac_recall(positives, high, confidence)),
        (pac_recall(positives, confidence, low), pac_recall(positives, confidence, high)),
        (pac_recall(positives + 1, low, confidence), pac_recall(positives, low, confidence)),
        (conformal_recall(positives, low), conformal_recall(positives, high)),
        (conformal_recall(positives + 1, low), conformal_recall(positives, low)),
    ):
        assert _or_none(stronger) <= _or_none(weaker)


@given(FLOORS, CONFIDENCES)
def test_what_a_recall_needs_is_the_first_number_that_suffices(floor: float, confidence: float) -> None:
    needs, on_average = recall_needs(floor, confidence), recall_needs(floor)
    assert needs is not None
    assert on_average is not None
    assert pac_recall(needs, floor, confidence) == 0
    assert pac_recall(needs - 1, floor, confidence) is None
    assert conformal_recall(on_average, floor) == 0
    assert conformal_recall(on_average - 1, floor) is None


def test_a_full_recall_is_never_promised() -> None:
    assert conformal_recall(1000, 1.0) is None
    assert pac_recall(1000, 1.0, 0.9) is None
    assert recall_needs(1.0) is None


@pytest.mark.parametrize("positives", [22, 50, 200])
def test_recall_promises_hold(positives: int) -> None:
    """Positives with uniform scores: a threshold t has recall 1 - t exactly."""
    rng, repeats = np.random.default_rng(positives), 4000
    lowest = np.sort(rng.random((repeats, positives)), axis=1)
    confident, average = pac_recall(positives, 0.9, 0.9), conformal_recall(positives, 0.9)
    assert confident is not None
    assert average is not None
    broken = np.mean(1.0 - lowest[:, confident] < 0.9)
    assert broken <= 0.1 + 3 * standard_error(0.1, repeats)
    recall = 1.0 - lowest[:, average]
    assert recall.mean() >= 0.9 - 3 * recall.std() / np.sqrt(repeats)
    assert np.mean(recall < 0.9) > 0.3  # on average is no promise for one folder
    naive = 1.0 - lowest[:, int(0.1 * positives + 1e-9)]
    assert naive.mean() < recall.mean()
