"""Goals that change the rule or the calibration: what their proposals predict."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from inference.choices import LabelStatus
from inference.evaluation.per_image import best_sets
from inference.evaluation.tuning.data import TuningData
from inference.evaluation.tuning.propose import propose
from inference.evaluation.tuning.wording import words
from inference.types import (
    Activation,
    CalibrationMethod,
    DecisionRule,
    Goal,
    Objective,
    Proposal,
    ScoreArray,
    Thresholds,
    TruthArray,
)

PER_IMAGE, HALF, TOP_K = (
    Goal(objective) for objective in (Objective.PER_IMAGE, Objective.CALIBRATED_HALF, Objective.TOP_K)
)


def folder(n: int = 400, seed: int = 0) -> tuple[ScoreArray, TruthArray]:
    """Three labels whose logits are too large and shifted, and one with three positives."""
    rng = np.random.default_rng(seed)
    truth = (rng.random((n, 4)) < [0.5, 0.3, 0.15, 0.0]).astype(np.int8)
    truth[:3, 3] = 1
    logits = 3 * (rng.normal(size=(n, 4)) + 1.5 * truth) + [1, -1, 2, 0]
    return logits.astype(np.float32), truth


def data_of(logits: ScoreArray, truth: TruthArray, activation: Activation = Activation.SIGMOID) -> TuningData:
    return TuningData.build(logits, truth, activation)


def ask(data: TuningData, goal: Goal, current: float = 0.4, **more: object) -> Proposal:
    return propose(data, goal, Thresholds.uniform(data.n_labels, current), **more)  # type: ignore[arg-type]


def sigmoid(logits: np.ndarray) -> ScoreArray:
    return (1 / (1 + np.exp(-logits.astype(np.float64)))).astype(np.float32)


@pytest.mark.parametrize("activation", list(Activation))
def test_top_k_predicts_the_k_highest_of_every_image(activation: Activation) -> None:
    logits, truth = folder()
    data = data_of(logits, truth, activation)
    proposal = ask(data, Goal(Objective.TOP_K, k=2))
    assert (proposal.rule, proposal.k, proposal.calibration) == (DecisionRule.TOP_K, 2, None)
    expected = np.zeros(logits.shape, dtype=bool)
    np.put_along_axis(expected, np.argsort(-logits, axis=1)[:, :2], True, axis=1)
    assert (expected == data.decided_by(proposal).T).all()
    assert ask(data, Goal(Objective.TOP_K, k=9)).k == 4


def test_top_k_gives_a_locked_label_only_where_it_reaches_its_threshold() -> None:
    logits, truth = folder()
    data = data_of(logits, truth)
    locked = np.array([True, False, False, False])
    proposal = ask(data, Goal(Objective.TOP_K, k=1), 0.9, locked=locked)
    assert proposal.status == (LabelStatus.LOCKED, *[LabelStatus.TUNED] * 3)
    assert proposal.notes[0] == "Given only where its score reaches 0.9."
    first = logits.argmax(axis=1) == 0
    assert (data.decided_by(proposal)[0] == (first & (sigmoid(logits[:, 0]) >= np.float32(0.9)))).all()


def test_calibrated_half_is_what_logistic_regression_predicts() -> None:
    logits, truth = folder()
    data = data_of(logits, truth)
    proposal = ask(data, HALF)
    assert proposal.calibration is not None
    assert (proposal.rule, proposal.calibration.method) == (DecisionRule.THRESHOLDS, CalibrationMethod.PLATT)
    decided = data.decided_by(proposal)
    for label in range(3):
        theirs = LogisticRegression(C=np.inf).fit(logits[:, label : label + 1], truth[:, label])
        assert proposal.thresholds.values[label] == 0.5
        agreed = decided[label] == theirs.predict(logits[:, label : label + 1]).astype(bool)
        assert agreed.mean() > 0.985  # Platt's targets are drawn in a little from 0 and 1
    assert proposal.status[3] is LabelStatus.TOO_FEW
    assert proposal.notes[3] == (
        "Not calibrated: only 3 positives, 10 are needed; the threshold stays 0.4."  # and its scores with it
    )
    assert (decided[3] == (data.scores[3] >= np.float32(0.4))).all()


def test_calibrated_half_makes_fewer_wrong_decisions_on_fresh_images() -> None:
    proposal, fresh = ask(data_of(*folder()), HALF), data_of(*folder(4000, 1))
    wrong = (fresh.decided_by(proposal) != (fresh.truth == 1))[:3].mean()
    assert wrong < ((fresh.scores >= np.float32(0.5)) != (fresh.truth == 1))[:3].mean() - 0.03


def test_locked_labels_decide_as_before() -> None:
    data = data_of(*folder())
    proposal = ask(data, HALF, locked=np.array([True, False, False, False]))
    assert proposal.calibration is not None
    assert (proposal.calibration.scale[0], proposal.calibration.shift[0]) == (1.0, 0.0)
    assert proposal.status[0] is LabelStatus.LOCKED
    assert (data.decided_by(proposal)[0] == (data.scores[0] >= np.float32(0.4))).all()


def test_the_best_set_of_each_image_is_of_calibrated_scores() -> None:
    logits, truth = folder()
    data = data_of(logits, truth)
    proposal = ask(data, PER_IMAGE)
    assert proposal.calibration is not None
    assert proposal.rule is DecisionRule.PER_IMAGE
    assert (proposal.thresholds.values == np.float32(0.4)).all()
    assert np.isinf(proposal.low).all()
    mapped = (logits.astype(np.float64) * proposal.calibration.scale + proposal.calibration.shift).astype(np.float32)
    assert (best_sets(sigmoid(mapped)) == data.decided_by(proposal).T).all()
    assert proposal.notes[3] == "Its scores are taken as they are: only 3 positives, 10 are needed."


def test_scores_that_are_calibrated_already_are_taken_as_they_are() -> None:
    logits, truth = folder()
    data = data_of(logits, truth)
    assert ask(data, PER_IMAGE, calibrated=True).calibration is None
    assert (best_sets(sigmoid(logits)) == data.decided_by(ask(data, PER_IMAGE, calibrated=True)).T).all()
    half = ask(data, HALF, calibrated=True)
    assert half.calibration is None
    assert (half.thresholds.values == 0.5).all()


@pytest.mark.parametrize("goal", [HALF, PER_IMAGE])
def test_softmax_scores_are_not_platts(goal: Goal) -> None:
    proposal = ask(data_of(*folder(), activation=Activation.SOFTMAX), goal)
    assert set(proposal.status) == {LabelStatus.ABSTAINED}
    assert (proposal.rule, proposal.calibration) == (None, None)
    assert "a sigmoid each" in proposal.notes[0]


@pytest.mark.parametrize("goal", [TOP_K, HALF, PER_IMAGE])
def test_the_same_data_give_the_same_and_plateaus_hold(goal: Goal) -> None:
    data = data_of(*folder())
    proposal, again = ask(data, goal), ask(data.subset(np.arange(400)), goal)
    assert proposal.thresholds == again.thresholds
    assert proposal.calibration == again.calibration
    here = data.decided_by(proposal)
    for end in (np.nextafter(proposal.low, np.float32(np.inf)), proposal.high):
        moved = Proposal(**{**vars(proposal), "thresholds": Thresholds(np.clip(end, -1, 2))})
        assert (data.decided_by(moved) == here).all()


def test_a_cancelled_proposal_changes_nothing() -> None:
    data = data_of(*folder())
    proposal = ask(data, HALF, cancelled=lambda: True)
    assert proposal.thresholds == Thresholds.uniform(4, 0.4)
    assert (proposal.rule, proposal.calibration) == (None, None)


def test_a_rule_is_for_all_labels() -> None:
    data = data_of(*folder())
    with pytest.raises(ValueError, match="changes the rule for all labels"):
        propose(data, [TOP_K, Goal(), Goal(), Goal()], Thresholds.uniform(4))
    with pytest.raises(ValueError, match="changes the rule for all labels"):
        propose(data, [Goal(), Goal(), Goal(), HALF], Thresholds.uniform(4))
    assert propose(data, [TOP_K] * 4, Thresholds.uniform(4)).rule is DecisionRule.TOP_K
    with pytest.raises(ValueError, match="use propose_classes"):
        propose(data, Goal(Objective.TAU), Thresholds.uniform(4))


def test_in_words() -> None:
    assert words(Goal(Objective.TOP_K, k=5)) == "always the 5 highest labels"
    assert words(Goal(Objective.TOP_K, k=1)) == "always the highest label"
    assert words([Goal(), Goal(Objective.MACRO_F), Goal()]) == (
        "2 labels: micro F1 and macro F1 together as high as possible; 1 label: F1 of each label as high as possible"
    )
    assert words([Goal(), Goal()]) == words(Goal())
