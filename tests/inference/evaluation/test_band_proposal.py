"""Proposed bands against trying every pair of ends."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.choices import Promise
from inference.evaluation.activations import scores_from_logits
from inference.evaluation.band_proposal import propose_band
from inference.evaluation.decisions import eligible
from inference.evaluation.tuning.data import TuningData
from inference.types import Activation, BandGoal, BandProposal, DecisionRule, ReviewBand, ScoreArray, TruthArray
from inference.types import Thresholds as T
from tests.inference.evaluation.cases import problems


def proposed(
    logits: ScoreArray, truth: TruthArray, goal: BandGoal, rule: DecisionRule = DecisionRule.THRESHOLDS
) -> BandProposal:
    data = TuningData.build(logits, truth, Activation.SIGMOID)
    allowed = eligible(logits, data.scores.T, rule, 1)
    found = propose_band(data, goal, ReviewBand.at(T.uniform(truth.shape[1])), allowed)
    assert found is not None
    return found


@settings(max_examples=150, deadline=None)
@given(
    problem=problems(),
    precision=st.sampled_from([0.0, 0.5, 0.8, 0.95, 1.0]),
    lost=st.sampled_from([0.0, 0.1, 0.5, 1.0]),
    rule=st.sampled_from([DecisionRule.THRESHOLDS, DecisionRule.ARGMAX_REJECT]),
)
def test_no_other_band_keeps_the_goal_with_less_to_review(
    problem: tuple[ScoreArray, TruthArray], precision: float, lost: float, rule: DecisionRule
) -> None:
    logits, truth = problem
    found = proposed(logits, truth, BandGoal(precision, lost), rule)
    scores = scores_from_logits(logits, Activation.SIGMOID)
    may = eligible(logits, scores, rule, 1)
    for label in range(truth.shape[1]):
        known = truth[:, label] >= 0
        if not (truth[:, label] == 1).any():
            assert found.notes[label]
            assert found.band.low.values[label] == found.band.high.values[label] == np.float32(0.5)
            continue
        allowed = known if may is None else known & may[:, label]
        value, positive = scores[:, label], truth[:, label] == 1
        low, high = found.band.low.values[label], found.band.high.values[label]
        everywhere = np.append(np.unique(value), np.float32(2))
        accepting = [t for t in everywhere if keeps_precision(allowed & ~(value < t), positive, precision)]
        fewest_rejected = [
            t for t in everywhere if (positive & (~allowed | (value < t))).sum() <= lost * positive.sum() + 1e-9
        ]
        accepted = allowed & ~(value < high)
        most = max((int((allowed & ~(value < t)).sum()) for t in accepting), default=0)
        if allowed.any():
            assert accepted.sum() == most
            assert found.accepts[label] == (most > 0)
        if fewest_rejected and allowed.any():
            limit = max(fewest_rejected)
            rejected = allowed & (value < low)
            # an end that overlaps the other gives way: what is accepted need not be rejected
            assert rejected.sum() == min(int((allowed & (value < limit)).sum()), int((allowed & ~accepted).sum()))
            assert (positive & (~allowed | (value < low))).sum() <= lost * positive.sum() + 1e-9


def keeps_precision(accepted: np.ndarray, positive: np.ndarray, precision: float) -> bool:
    return bool(accepted.any()) and (accepted & positive).sum() >= precision * accepted.sum() - 1e-9


def test_what_cannot_be_reached_is_said_with_the_best_that_can() -> None:
    logits = np.array([[3], [2], [1], [0]], dtype=np.float32)
    truth = np.array([[0], [1], [1], [0]], dtype=np.int8)
    found = proposed(logits, truth, BandGoal(0.95, 0.0))
    assert not found.accepts[0]
    assert found.rejects[0]
    assert "66.6 % (2 of 3)" in found.notes[0]
    scores = scores_from_logits(logits, Activation.SIGMOID)[:, 0]
    assert found.band.high.values[0] > scores.max()


@pytest.mark.parametrize(("n", "words"), [(10, "at least 59 positives; you have 10"), (200, "")])
def test_confidence_needs_enough_images(n: int, words: str) -> None:
    logits = np.concatenate([np.linspace(2, 4, n), np.linspace(-4, -2, n)]).astype(np.float32)[:, None]
    truth = (logits > 0).astype(np.int8)
    found = proposed(logits, truth, BandGoal(0.95, 0.05, Promise.CONFIDENT, 0.95))
    assert words in found.notes[0]
    assert bool(found.rejects[0]) is bool(found.accepts[0]) is (n == 200)
    assert "95 % confidence" in found.words


def test_promises_with_confidence_hold_that_often() -> None:
    """Over 400 folders of 150 images each promise may fail in 20 % of them; 4 standard errors are allowed."""
    rng = np.random.default_rng(7)
    world_logits = rng.normal(size=40_000)
    world_truth = rng.random(40_000) < 1 / (1 + np.exp(-3 * world_logits))
    goal = BandGoal(0.85, 0.1, Promise.CONFIDENT, 0.8)
    broken = np.zeros(2)
    for _ in range(400):
        rows = rng.integers(0, len(world_logits), 150)
        found = proposed(world_logits[rows, None].astype(np.float32), world_truth[rows, None].astype(np.int8), goal)
        scores = scores_from_logits(world_logits[:, None].astype(np.float32), Activation.SIGMOID)[:, 0]
        accepted = ~(scores < found.band.high.values[0])
        lost = world_truth & (scores < found.band.low.values[0])
        broken += accepted.any() and world_truth[accepted].mean() < 0.85, lost.sum() > 0.1 * world_truth.sum()
    assert (broken / 400 <= 0.2 + 4 * np.sqrt(0.2 * 0.8 / 400)).all(), broken / 400
