"""Each label for itself: every objective against every threshold there is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import balanced_accuracy_score, fbeta_score

from inference.choices import LabelStatus, Objective
from inference.evaluation.tuning.data import TuningData
from inference.evaluation.tuning.propose import propose
from inference.types import Activation, Goal, Thresholds
from tests.inference.evaluation.tuning import brute

FLOORS = [0.1, 0.5, 0.7, 0.9, 1.0]
SETTINGS = settings(max_examples=80)


def outcome(data: TuningData, goal: Goal) -> list[tuple[int, float, float, float, float, LabelStatus]]:
    """label, tp, pp, positives, negatives and status of every label that was tuned; the others must keep theirs."""
    current = Thresholds(np.linspace(0.2, 0.8, data.n_labels, dtype=np.float32))
    proposal = propose(data, goal, current, min_positives=1)
    tp, pp, positives = brute.counts(data, brute.decided(data, proposal.thresholds.values))
    negatives = (data.truth == 0).sum(axis=1)
    found: list[tuple[int, float, float, float, float, LabelStatus]] = []
    for label, status in enumerate(proposal.status):
        if status is LabelStatus.TOO_FEW:
            assert proposal.thresholds.values[label] == current.values[label]
            assert proposal.notes[label]
            assert positives[label] == 0 or negatives[label] == 0
        else:
            found.append((label, tp[label], pp[label], positives[label], float(negatives[label]), status))
    return found


@given(brute.folders(most_images=15), st.sampled_from(brute.BETAS))
@SETTINGS
def test_f_of_each_label(data: TuningData, beta: float) -> None:
    def f(tp: float, pp: float, p: float, n: float) -> float:
        return (1 + beta**2) * tp / (beta**2 * p + pp)

    for label, tp, pp, p, n, _ in outcome(data, Goal(Objective.MACRO_F, False, beta)):
        assert f(tp, pp, p, n) == pytest.approx(brute.best_apart(data, label, f), abs=1e-12)


@given(brute.folders(most_images=15), st.floats(0, 10), st.floats(0, 10))
@SETTINGS
def test_cost(data: TuningData, cost_fp: float, cost_fn: float) -> None:
    def gain(tp: float, pp: float, p: float, n: float) -> float:
        return -cost_fp * (pp - tp) - cost_fn * (p - tp)

    for label, tp, pp, p, n, _ in outcome(data, Goal(Objective.COST, False, cost_fp=cost_fp, cost_fn=cost_fn)):
        assert gain(tp, pp, p, n) == pytest.approx(brute.best_apart(data, label, gain), abs=1e-9)


@given(brute.folders(most_images=15))
@SETTINGS
def test_youden(data: TuningData) -> None:
    def j(tp: float, pp: float, p: float, n: float) -> float:
        return tp / p - (pp - tp) / n if p and n else 0.0

    for label, tp, pp, p, n, _ in outcome(data, Goal(Objective.YOUDEN, False)):
        assert j(tp, pp, p, n) == pytest.approx(brute.best_apart(data, label, j), abs=1e-12)


@given(brute.folders(most_images=15))
@SETTINGS
def test_as_many_predicted_as_annotated(data: TuningData) -> None:
    for label, _, pp, p, _, _ in outcome(data, Goal(Objective.PREVALENCE, False)):
        assert -abs(pp - p) == brute.best_apart(data, label, lambda tp, pp, p, n: -abs(pp - p))


@given(brute.folders(most_images=15), st.sampled_from(FLOORS))
@SETTINGS
def test_precision_floor(data: TuningData, floor: float) -> None:
    def recall_if_allowed(tp: float, pp: float, p: float, n: float) -> float:
        return tp / p if tp and tp / pp >= floor else -1.0

    def precision(tp: float, pp: float, p: float, n: float) -> float:
        return tp / pp if pp else 0.0

    for label, tp, pp, p, n, status in outcome(data, Goal(Objective.PRECISION, False, floor=floor)):
        best = brute.best_apart(data, label, recall_if_allowed)
        assert (status is LabelStatus.TUNED) == (best >= 0)
        if best >= 0:
            assert recall_if_allowed(tp, pp, p, n) == best
        else:
            assert status is LabelStatus.UNREACHABLE
            assert precision(tp, pp, p, n) == brute.best_apart(data, label, precision)


@given(brute.folders(most_images=15), st.sampled_from(FLOORS))
@SETTINGS
def test_recall_floor(data: TuningData, floor: float) -> None:
    def precision_if_allowed(tp: float, pp: float, p: float, n: float) -> float:
        return tp / pp if tp and tp / p >= floor else -1.0

    for label, tp, pp, p, n, status in outcome(data, Goal(Objective.RECALL, False, floor=floor)):
        assert status is LabelStatus.TUNED
        assert precision_if_allowed(tp, pp, p, n) == brute.best_apart(data, label, precision_if_allowed)


def big(seed: int = 0) -> TuningData:
    rng = np.random.default_rng(seed)
    truth = (rng.random((500, 3)) < [0.5, 0.2, 0.05]).astype(np.int8)
    logits = rng.normal(size=(500, 3)) + 1.5 * truth - [0, 1, 2]
    return TuningData.build(logits.astype(np.float32), truth, Activation.SIGMOID)


@pytest.mark.parametrize("smoothed", [True, False])
def test_numbers_agree_with_scikit_learn(smoothed: bool) -> None:
    data, current = big(), Thresholds.uniform(3)

    def of(goal: Goal) -> list[tuple[float, float, float]]:
        """F0.5, F2 and balanced accuracy of each label."""
        predicted = brute.decided(data, propose(data, goal, current).thresholds.values)
        pairs = list(zip(data.truth, predicted, strict=True))
        return [
            (*(fbeta_score(y, p, beta=beta, zero_division=0) for beta in (0.5, 2)), balanced_accuracy_score(y, p))
            for y, p in pairs
        ]

    half, strict, loose, youden = (
        of(Goal(objective, smoothed, beta=beta))
        for objective, beta in [
            (Objective.HALF, 1.0),
            (Objective.MACRO_F, 0.5),
            (Objective.MACRO_F, 2.0),
            (Objective.YOUDEN, 1.0),
        ]
    )
    slack = 0.05 if smoothed else 1e-12
    for label in range(3):
        assert strict[label][0] >= max(loose[label][0], half[label][0], youden[label][0]) - slack
        assert loose[label][1] >= max(strict[label][1], half[label][1], youden[label][1]) - slack
        assert youden[label][2] >= max(strict[label][2], half[label][2], loose[label][2]) - slack


def test_smoothed_thresholds_vary_less_from_folder_to_folder() -> None:
    def spread(smoothed: bool) -> float:
        goal, current = Goal(Objective.MACRO_F, smoothed), Thresholds.uniform(3)
        found = [propose(big(seed), goal, current).thresholds.values for seed in range(20)]
        return float(np.std([np.log(each / (1 - each)) for each in found], axis=0).mean())

    assert spread(True) < 0.75 * spread(False)


def test_the_closed_form_is_near_the_sweep_where_scores_are_calibrated() -> None:
    rng = np.random.default_rng(5)
    logits = rng.normal(0, 2, (40_000, 1)).astype(np.float32)
    truth = (rng.random((40_000, 1)) < 1 / (1 + np.exp(-logits))).astype(np.int8)
    data = TuningData.build(logits, truth, Activation.SIGMOID)
    for smoothed in (True, False):
        goal = Goal(Objective.COST, smoothed, cost_fp=1, cost_fn=4)
        (swept,) = propose(data, goal, Thresholds.uniform(1)).thresholds.values
        assert swept == pytest.approx(0.2, abs=0.05)
