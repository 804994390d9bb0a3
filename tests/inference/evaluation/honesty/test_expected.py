"""The expected numbers of a proposal: the proposal itself, made without the images that are counted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import f1_score

from inference.evaluation.honesty.expected import expected
from inference.evaluation.honesty.folds import stratified_folds
from inference.evaluation.tuning.data import TuningData
from inference.evaluation.tuning.propose import propose
from inference.types import Activation, Goal, Objective, Thresholds
from tests.inference.evaluation.honesty.worlds import correlated, standard_error


def folder_of(seed: int, positives: tuple[int, ...], n: int = 200) -> TuningData:
    rng = np.random.default_rng(seed)
    truth = np.zeros((n, len(positives)), dtype=np.int8)
    for label, count in enumerate(positives):
        truth[rng.choice(n, count, replace=False), label] = 1
    logits = rng.normal(size=truth.shape) + 2.5 * truth - 2.0
    return TuningData.build(logits.astype(np.float32), truth, Activation.SIGMOID)


@pytest.mark.parametrize(
    "goal", [Goal(), Goal(Objective.MACRO_F, smoothed=False), Goal(Objective.PRECISION, floor=0.7)]
)
def test_expected_numbers_equal_a_plain_loop(goal: Goal) -> None:
    data = folder_of(0, (10, 30, 80))
    current = Thresholds.uniform(3, 0.4)
    found = expected(data, goal, current)
    assert found is not None
    fold = stratified_folds(data.truth, 5, 0)
    decided = np.zeros(data.truth.shape, dtype=bool)
    for index in range(5):
        tuned = propose(data.subset(np.flatnonzero(fold != index)), goal, current).thresholds
        decided |= (fold == index) & (data.scores >= tuned.values[:, None])
    assert found.metrics.f1 == pytest.approx(f1_score(data.truth.T, decided.T, average=None), abs=1e-12)
    assert found.averages.micro.f1 == pytest.approx(f1_score(data.truth.T, decided.T, average="micro"), abs=1e-12)
    assert found.micro_f1_low < found.averages.micro.f1 < found.micro_f1_high
    assert found.tuned.all()


def test_a_label_with_just_enough_positives_is_tuned_in_every_fold() -> None:
    data = folder_of(1, (5, 4, 60))
    never_predicted = Thresholds.uniform(3, np.inf)
    found = expected(data, Goal(Objective.MACRO_F), never_predicted)
    assert found is not None
    assert found.tuned.tolist() == [True, False, True]
    assert found.metrics.predicted[0] > 0
    assert found.metrics.predicted[1] == 0  # it keeps its threshold, as in the proposal


def test_locked_labels_are_counted_at_their_threshold() -> None:
    data = folder_of(2, (40, 60))
    current = Thresholds(np.array([0.3, 0.5], dtype=np.float32))
    found = expected(data, Goal(), current, locked=np.array([True, False]))
    assert found is not None
    hits = int(((data.scores[0] >= np.float32(0.3)) & (data.truth[0] == 1)).sum())
    assert found.metrics.tp[0] == hits


def test_goals_may_differ_by_label() -> None:
    data = folder_of(3, (40, 40))
    strict = replace(Goal(Objective.PRECISION), floor=0.95)
    found = expected(data, [strict, Goal(Objective.MACRO_F)], Thresholds.uniform(2))
    assert found is not None
    assert found.metrics.predicted[0] < found.metrics.predicted[1]


def test_cancelling_gives_nothing() -> None:
    data = folder_of(4, (40, 40))
    assert expected(data, Goal(), Thresholds.uniform(2), cancelled=lambda: True) is None


def test_expected_micro_f1_is_covered_nearly_as_often_as_stated() -> None:
    """150 folders of 100 images, Balanced, nominal 90 %; the truth is what the thresholds do on 100,000 more.

    Allowed: 0.03, because the interval leaves out how the thresholds vary from folder to folder, and three standard
    errors of a share seen 150 times, 0.073. The bias has a standard error of 0.004 and is allowed four of them; the
    number on the tuning images is further off.
    """
    rng, repeats = np.random.default_rng(13), 150

    def folder(n: int) -> TuningData:
        drawn, _ = correlated(rng, n, 5)
        scores = np.clip(drawn.scores.astype(np.float64), 1e-9, 1 - 1e-7)
        return TuningData(np.log(scores / (1 - scores)).astype(np.float32), drawn.scores, drawn.truth)

    def micro_f1(data: TuningData, thresholds: Thresholds) -> float:
        decided = data.scores >= thresholds.values[:, None]
        return float(2 * (decided & (data.truth == 1)).sum() / (decided.sum() + data.truth.sum()))

    to_come, start = folder(100_000), Thresholds.uniform(5)
    covered, bias, flattery = 0, 0.0, 0.0
    for _ in range(repeats):
        data = folder(100)
        thresholds = propose(data, Goal(), start).thresholds
        found = expected(data, Goal(), start)
        assert found is not None
        true = micro_f1(to_come, thresholds)
        covered += found.micro_f1_low <= true <= found.micro_f1_high
        bias += (found.averages.micro.f1 - true) / repeats
        flattery += (micro_f1(data, thresholds) - true) / repeats
    assert covered / repeats >= 0.9 - 0.03 - 3 * standard_error(0.9, repeats)
    assert abs(bias) < 0.016 < flattery
