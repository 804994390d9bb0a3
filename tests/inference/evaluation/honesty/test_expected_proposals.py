"""The expected numbers of proposals with another rule, calibration or biases: all is made anew in each fold."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score

from inference.evaluation.honesty.expected import expected, expected_classes
from inference.evaluation.honesty.folds import out_of_fold, stratified_folds
from inference.evaluation.tuning.class_data import ClassData
from inference.evaluation.tuning.classes import propose_classes
from inference.evaluation.tuning.data import TuningData
from inference.evaluation.tuning.propose import propose
from inference.types import Activation, Goal, Objective, Proposal, Thresholds
from tests.inference.evaluation.honesty.worlds import Folder, correlated
from tests.inference.evaluation.tuning.class_worlds import GaussianWorld, winners_of


def multilabel(seed: int, n: int = 250) -> TuningData:
    rng = np.random.default_rng(seed)
    truth = (rng.random((n, 3)) < [0.5, 0.3, 0.2]).astype(np.int8)
    logits = 2 * (rng.normal(size=(n, 3)) + 1.5 * truth)
    return TuningData.build(logits.astype(np.float32), truth, Activation.SIGMOID)


def multiclass(seed: int, n: int = 400) -> ClassData:
    return GaussianWorld(np.random.default_rng(seed), 4).draw(n)


@pytest.mark.parametrize("objective", [Objective.TOP_K, Objective.PER_IMAGE, Objective.CALIBRATED_HALF])
def test_sets_are_found_anew_in_every_fold(objective: Objective) -> None:
    data, goal, current = multilabel(0), Goal(objective, k=1), Thresholds.uniform(3)
    found = expected(data, goal, current)
    assert found is not None
    fold = stratified_folds(data.truth, 5, 0)
    decided = np.zeros(data.truth.shape, dtype=bool)
    for index in range(5):
        proposal = propose(data.subset(np.flatnonzero(fold != index)), goal, current)
        rows = np.flatnonzero(fold == index)
        decided[:, rows] = data.subset(rows).decided_by(proposal)
    assert found.averages.micro.f1 == pytest.approx(f1_score(data.truth.T, decided.T, average="micro"), abs=1e-12)
    assert found.metrics.f1 == pytest.approx(f1_score(data.truth.T, decided.T, average=None), abs=1e-12)
    if objective is Objective.TOP_K:
        assert found.metrics.predicted.sum() == 250


@pytest.mark.parametrize("objective", [Objective.ARGMAX, Objective.PRIOR, Objective.TAU])
def test_classes_are_found_anew_in_every_fold(objective: Objective) -> None:
    data, goal, current = multiclass(1), Goal(objective), Thresholds.uniform(4)
    found = expected_classes(data, goal, current)
    assert found is not None
    fold = stratified_folds(data.truth, 5, 0)
    predicted = np.zeros(400, dtype=np.int64)
    for index in range(5):
        proposal = propose_classes(data.subset(np.flatnonzero(fold != index)), goal, current)
        rows = np.flatnonzero(fold == index)
        predicted[rows] = winners_of(data.subset(rows), proposal)
    assert found.averages.exact_match == pytest.approx(accuracy_score(data.classes, predicted), abs=1e-12)
    assert found.averages.macro.f1 == pytest.approx(f1_score(data.classes, predicted, average="macro"), abs=1e-12)
    assert found.micro_f1_low < found.averages.micro.f1 < found.micro_f1_high


def test_rejected_images_are_not_predicted() -> None:
    data = multiclass(2)
    found = expected_classes(data, Goal(Objective.REJECT_COVERAGE, coverage=0.6), Thresholds.uniform(4))
    assert found is not None
    assert found.metrics.predicted.sum() == pytest.approx(240, abs=20)  # the threshold is another in each fold
    plain = expected_classes(data, Goal(Objective.ARGMAX), Thresholds.uniform(4))
    assert plain is not None
    assert found.averages.micro.precision > plain.averages.micro.precision + 0.03  # accuracy of what is decided
    assert found.averages.exact_match < plain.averages.exact_match


def test_free_biases_are_expected_to_do_worse_than_they_look() -> None:
    data = GaussianWorld(np.random.default_rng(3), 4).draw(3200)
    assert 75 <= data.counts.min() < 94  # fewer than 75 while a fold is held out, and tuned there all the same
    goal, current = Goal(Objective.BIASES), Thresholds.uniform(4)
    proposal, found = propose_classes(data, goal, current), expected_classes(data, goal, current)
    assert found is not None
    here = f1_score(data.classes, winners_of(data, proposal), average="macro")
    plain = f1_score(data.classes, data.logits.argmax(axis=1), average="macro")
    assert plain < found.averages.macro.f1 < here


def test_cancelling_gives_nothing() -> None:
    assert expected_classes(multiclass(4), Goal(Objective.TAU), Thresholds.uniform(4), cancelled=lambda: True) is None


def test_data_that_cannot_decide_by_proposals_say_so() -> None:
    folder, _ = correlated(np.random.default_rng(0), 60, 2)

    def tune(part: Folder) -> Proposal:
        none = np.zeros(2, dtype=np.float32)
        return Proposal(Goal(), Thresholds.uniform(2), none, none, (), ())

    with pytest.raises(TypeError, match="Folder cannot decide by a proposal"):
        out_of_fold(folder, tune)
