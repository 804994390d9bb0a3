"""Micro-F is the best there is in all labels at once; what is only climbed to cannot be bettered in any one label."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import fbeta_score

from inference.choices import LabelStatus, Objective
from inference.evaluation.tuning.choices import Choices
from inference.evaluation.tuning.data import TuningData
from inference.evaluation.tuning.joint import micro_f
from inference.evaluation.tuning.propose import propose
from inference.types import BoolArray, Goal, ScoreArray, Thresholds
from tests.inference.evaluation.tuning import brute

Value = Callable[[TuningData, BoolArray, float], float]


def fixed_labels(data: TuningData, kept: BoolArray) -> BoolArray:
    """Locked ones, and those without positives."""
    return np.asarray(kept | ~(data.truth == 1).any(axis=1))


def best_alone(data: TuningData, thresholds: ScoreArray, fixed: BoolArray, value: Value, beta: float) -> float:
    """The highest value that moving any single label gives."""
    found = []
    for label in np.flatnonzero(~fixed):
        for cut in brute.cuts_of(data.scores[label]):
            moved = thresholds.copy()
            moved[label] = cut
            found.append(value(data, brute.decided(data, moved), beta))
    return max(found, default=-1.0)


@given(st.data(), brute.folders(), st.sampled_from(brute.BETAS))
@settings(max_examples=150)
def test_micro_f_equals_brute_force_over_all_labels(draw: st.DataObject, data: TuningData, beta: float) -> None:
    current, kept = draw.draw(brute.present(data.n_labels))
    proposal = propose(data, Goal(Objective.MICRO_F, False, beta), current, locked=kept, min_positives=1)
    fixed = fixed_labels(data, kept)
    best = max(brute.micro_f(data, each, beta) for each in brute.every_decision(data, current, fixed))
    got = brute.micro_f(data, brute.decided(data, proposal.thresholds.values), beta)
    assert got == pytest.approx(best, abs=1e-12)
    np.testing.assert_array_equal(proposal.thresholds.values[fixed], current.values[fixed])


@given(brute.folders(most_images=25, most_labels=5), st.sampled_from(brute.BETAS))
def test_micro_f_on_hulls_equals_the_full_staircase(data: TuningData, beta: float) -> None:
    labels = [label for label in range(data.n_labels) if data.staircase(label).known]
    hulls = [data.hull(label) for label in labels]
    full = [Choices.of_cuts(each.staircase, np.arange(len(each.staircase.pp))) for each in hulls]

    def value(options: list[Choices]) -> float:
        picked = micro_f(options, beta)
        tp, pp = (
            sum(getattr(each, name)[index] for each, index in zip(options, picked, strict=True))
            for name in ("tp", "pp")
        )
        return float(brute.ratio((1 + beta**2) * tp, beta**2 * sum(each.positives for each in options) + pp))

    assert value(hulls) == pytest.approx(value(full), abs=1e-12)


@given(st.data(), brute.folders(most_images=12), st.sampled_from(brute.BETAS))
def test_balanced_is_the_best_in_each_label_alone(draw: st.DataObject, data: TuningData, beta: float) -> None:
    current, kept = draw.draw(brute.present(data.n_labels))
    proposal = propose(data, Goal(Objective.BALANCED, False, beta), current, locked=kept, min_positives=1)
    fixed = fixed_labels(data, kept)
    got = brute.balanced(data, brute.decided(data, proposal.thresholds.values), beta)
    assert best_alone(data, proposal.thresholds.values, fixed, brute.balanced, beta) <= got + 1e-12


@given(st.data(), brute.folders(most_images=12), st.sampled_from(brute.BETAS))
def test_samples_f_is_the_best_in_each_label_alone(draw: st.DataObject, data: TuningData, beta: float) -> None:
    current, kept = draw.draw(brute.present(data.n_labels))
    proposal = propose(data, Goal(Objective.SAMPLES_F, False, beta), current, locked=kept, min_positives=1)
    fixed = fixed_labels(data, kept)
    got = brute.samples_f(data, brute.decided(data, proposal.thresholds.values), beta)
    assert best_alone(data, proposal.thresholds.values, fixed, brute.samples_f, beta) <= got + 1e-8
    np.testing.assert_array_equal(proposal.thresholds.values[fixed], current.values[fixed])


@given(st.data(), brute.folders(), st.sampled_from(brute.BETAS))
def test_one_shared_threshold_equals_trying_every_score(draw: st.DataObject, data: TuningData, beta: float) -> None:
    current, kept = draw.draw(brute.present(data.n_labels))
    proposal = propose(data, Goal(Objective.SHARED, False, beta), current, locked=kept)
    got = proposal.thresholds.values
    np.testing.assert_array_equal(got[kept], current.values[kept])
    if kept.all() or not (data.truth[~kept] == 1).any():
        np.testing.assert_array_equal(got, current.values)
        return
    assert len(set(got[~kept].tolist())) == 1
    best = -1.0
    for cut in brute.cuts_of(data.scores[~kept]):
        tried = np.where(kept, current.values, cut).astype(np.float32)
        best = max(best, brute.micro_f(data, brute.decided(data, tried), beta))
    assert brute.micro_f(data, brute.decided(data, got), beta) == pytest.approx(best, abs=1e-12)


def world(n: int = 400, c: int = 6, seed: int = 3) -> TuningData:
    """Labels from common to rare, that depend on one another."""
    from inference.types import Activation

    rng = np.random.default_rng(seed)
    truth = (rng.random((n, c)) + 0.3 * rng.random((n, 1)) < np.geomspace(0.5, 0.15, c)).astype(np.int8)
    logits = rng.normal(size=(n, c)) + 2.0 * truth + rng.normal(size=c) - 1
    return TuningData.build(logits.astype(np.float32), truth, Activation.SIGMOID)


@pytest.mark.parametrize("seed", [2, 15, 18, 22])  # folders on which one pass is too few, or the optimum off the hull
def test_climbing_ends_where_no_single_label_can_do_better(seed: int) -> None:
    data, current = world(60, 8, seed), Thresholds.uniform(8)
    climbed: list[tuple[Objective, Value]] = [
        (Objective.BALANCED, brute.balanced),
        (Objective.SAMPLES_F, brute.samples_f),
    ]
    for objective, value in climbed:
        got = propose(data, Goal(objective, False), current, min_positives=1).thresholds.values
        best = best_alone(data, got, fixed_labels(data, np.zeros(8, dtype=bool)), value, 1.0)
        assert value(data, brute.decided(data, got), 1.0) == pytest.approx(best, abs=1e-8)


@pytest.mark.parametrize("smoothed", [True, False])
@pytest.mark.parametrize(
    ("objective", "average"),
    [(Objective.MICRO_F, "micro"), (Objective.MACRO_F, "macro"), (Objective.SAMPLES_F, "samples")],
)
def test_each_objective_beats_the_others_in_its_own_number(objective: Objective, average: str, smoothed: bool) -> None:
    data, current = world(), Thresholds.uniform(6)

    def number(each: Objective, is_smoothed: bool) -> float:
        values = propose(data, Goal(each, is_smoothed), current).thresholds.values
        predicted = brute.decided(data, values)
        return float(fbeta_score(data.truth.T, predicted.T, beta=1, average=average, zero_division=0))

    rivals = [Objective.MICRO_F, Objective.MACRO_F, Objective.SAMPLES_F, Objective.HALF, Objective.SHARED]
    own = number(objective, smoothed)
    # smoothed curves give away a little on this very folder
    assert own >= max(number(rival, False) for rival in rivals) - (0.04 if smoothed else 1e-9)
    assert own >= number(Objective.HALF, False)


@pytest.mark.parametrize("smoothed", [True, False])
def test_balanced_gives_rare_labels_more_than_micro_does(smoothed: bool) -> None:
    data, current = world(c=12), Thresholds.uniform(12)

    def macro(objective: Objective) -> float:
        values = propose(data, Goal(objective, smoothed), current).thresholds.values
        return float(brute.label_f(data, brute.decided(data, values), 1.0).mean())

    assert macro(Objective.MACRO_F) >= macro(Objective.BALANCED) - 0.01 >= macro(Objective.MICRO_F) - 0.01


def test_labels_with_equal_goals_answer_together_and_others_alone() -> None:
    data, current = world(), Thresholds.uniform(6)
    micro, own = Goal(Objective.MICRO_F, False), Goal(Objective.MACRO_F, False, 2.0)
    mixed = propose(data, [micro, micro, micro, own, own, own], current).thresholds.values
    part = TuningData(data.margins[:3], data.scores[:3], data.truth[:3])
    np.testing.assert_array_equal(mixed[:3], propose(part, micro, Thresholds.uniform(3)).thresholds.values)
    np.testing.assert_array_equal(mixed[3:], propose(data, own, current).thresholds.values[3:])


def test_a_locked_label_changes_what_the_others_get() -> None:
    data, current = world(), Thresholds(np.full(6, 0.02, np.float32))
    kept = np.array([True] + [False] * 5)
    proposal = propose(data, Goal(Objective.MICRO_F, False), current, locked=kept)
    alone = propose(data, Goal(Objective.MICRO_F, False), current)
    assert proposal.status == (LabelStatus.LOCKED,) + (LabelStatus.TUNED,) * 5
    assert proposal.thresholds.values[0] == np.float32(0.02)
    assert (proposal.thresholds.values[1:] != alone.thresholds.values[1:]).any()
