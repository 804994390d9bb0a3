"""The experiment's own arithmetic, on made-up scores: the tables of the real networks are not repeated here."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import f1_score

from inference.evaluation.tuning.data import TuningData
from inference.evaluation.tuning.propose import propose
from inference.types import Activation, Thresholds
from tests.experiments.overfitting import METHODS, by_images, by_positives, trials


def made_up() -> TuningData:
    rng = np.random.default_rng(0)
    truth = (rng.random((160, 3)) < [0.02, 0.2, 0.4]).astype(np.int8)
    logits = (rng.normal(size=truth.shape) + 2.0 * truth - 1.5).astype(np.float32)
    return TuningData.build(logits, truth, Activation.SIGMOID)


def test_trials_measure_each_part_as_scikit_learn_does() -> None:
    data = made_up()
    order = np.random.default_rng(5).permutation(160)
    fresh, part = np.sort(order[80:]), np.sort(order[:40])
    found = {trial.method: trial for trial in trials(data, 1, sizes=(40,), seed=5)}
    assert list(found) == list(METHODS)
    for method, goal in METHODS.items():
        thresholds = propose(data.subset(part), goal, Thresholds.uniform(3)).thresholds
        decided = data.scores >= thresholds.values[:, None]
        trial = found[method]
        for rows, f1, micro in ((part, trial.apparent, trial.micro[0]), (fresh, trial.fresh, trial.micro[1])):
            expected = f1_score(data.truth[1:, rows].T, decided[1:, rows].T, average=None)
            assert f1[1:] == pytest.approx(expected, abs=1e-12)
            assert np.isnan(f1[0])  # too few positives to be tuned
            assert micro == pytest.approx(f1_score(data.truth[:, rows].T, decided[:, rows].T, average="micro"))


def test_tables_say_every_method_for_every_size() -> None:
    found = list(trials(made_up(), 2, sizes=(40, 80)))
    lines = [*by_images(found), *by_positives(found)]
    for method in METHODS:
        assert sum(f"| {method} |" in line for line in lines) >= 4 + 1
    assert not any("nan" in line for line in lines)
