"""All labels moved together: the same numbers as a new evaluator finds, however far and whichever way they went."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.evaluation.curves import Crossed, LabelCurve
from inference.evaluation.evaluator import Evaluator
from inference.evaluation.label_counts import LabelCounts
from inference.types import Activation, DecisionRule, ScoreArray, Thresholds, TruthArray, ZeroDivision
from tests.inference.evaluation.cases import run_of
from tests.inference.evaluation.test_moves import folder

RULES = [DecisionRule.THRESHOLDS, DecisionRule.ARGMAX_REJECT, DecisionRule.TOP_K]


def assert_same(moved: Evaluator, fresh: Evaluator) -> None:
    for zero_division in ZeroDivision:
        # to the last bit, as text because NaN equals nothing
        assert repr(moved.averages(zero_division)) == repr(fresh.averages(zero_division))
    ours, theirs = moved.label_metrics(), fresh.label_metrics()
    for name in ("tp", "fp", "fn", "tn", "unknown", "precision", "recall", "f1"):
        np.testing.assert_array_equal(getattr(ours, name), getattr(theirs, name))
    np.testing.assert_array_equal(moved.labels_per_image(), fresh.labels_per_image())


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("seen", [1, 3])
def test_many_labels_at_once_leave_what_a_new_evaluator_finds(rule: DecisionRule, seen: int) -> None:
    logits, truth = folder(900, 40, 3)
    run = run_of(logits)
    moved = Evaluator(run, truth, Activation.SIGMOID, rule, Thresholds.uniform(40), k=3)
    rng = np.random.default_rng(5)
    for step in range(24):
        size = (0.0005, 0.01, 0.3, 2.0)[step % 4]  # flips nearly none, few, many, all images
        some = rng.random(40) < (0.2, 0.9)[step // 4 % 2]
        values = (moved.thresholds.values + some * rng.normal(0, size, 40)).astype(np.float32)
        thresholds = Thresholds(np.clip(values, -1, 2))
        moved.set_thresholds(thresholds)
        if step % seen:  # some moves are seen by the image counts only together with others
            continue
        assert_same(moved, Evaluator(run, truth, Activation.SIGMOID, rule, thresholds, k=3))


@settings(max_examples=60, deadline=None)
@given(
    logits=st.integers(0, 10**6).map(lambda seed: np.random.default_rng(seed).integers(-3, 4, (30, 8))),
    data=st.data(),
)
def test_ties_and_unknowns_are_moved_as_one_by_one(logits: np.ndarray, data: st.DataObject) -> None:
    scores: ScoreArray = logits.astype(np.float32)
    truth: TruthArray = np.random.default_rng(len(logits)).integers(-1, 2, logits.shape).astype(np.int8)
    together = Evaluator(run_of(scores), truth, Activation.SIGMOID, RULES[0], Thresholds.uniform(8))
    by_one = Evaluator(run_of(scores), truth, Activation.SIGMOID, RULES[0], Thresholds.uniform(8))
    for _ in range(3):
        values = data.draw(st.lists(st.floats(0, 1, width=32), min_size=8, max_size=8))
        thresholds = Thresholds(np.array(values, dtype=np.float32))
        together.set_thresholds(thresholds)
        for label, value in enumerate(values):
            by_one.set_thresholds(by_one.thresholds.replace(label, value))
        assert_same(together, by_one)


def test_what_lies_between_is_read_both_ways() -> None:
    scores = np.array([0.1, 0.2, 0.3, 0.4, 0.5], dtype=np.float32)
    curve = LabelCurve.build(scores, np.array([1, 0, 1, -1, 1], dtype=np.int8))
    crossed = Crossed.between([curve, curve, curve], [1, 4, 2], [3, 2, 2])
    assert (crossed.marked >> 1).tolist() == [1, 2, 2, 4]
    assert crossed.sizes.tolist() == [2, 2, 0]
    assert crossed.hits.tolist() == [1, 2, 0]
    assert crossed.steps[:2].tolist() == [-1, 1]


def test_counts_put_together_are_those_put_one_by_one() -> None:
    positives, known = np.array([3, 0, 5, 2]), np.array([9, 4, 5, 0])
    together, by_one = LabelCounts(positives, known, 9), LabelCounts(positives, known, 9)
    labels, tp, predicted = np.array([0, 1, 2]), np.array([2, 0, 0]), np.array([4, 0, 3])
    together.put_many(labels, tp, predicted)
    for label in labels.tolist():
        by_one.put(label, int(tp[label]), int(predicted[label]))
    for zero_division in ZeroDivision:
        assert together.averages(zero_division) == by_one.averages(zero_division)
    assert together.n_wrong == by_one.n_wrong
    np.testing.assert_array_equal(together.metrics().f1, by_one.metrics().f1)
