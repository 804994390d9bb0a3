"""Moves: what they leave behind, where nothing changes, and where the next image flips."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.evaluation.activations import scores_from_logits
from inference.evaluation.curves import LabelCurve
from inference.evaluation.decisions import decide
from inference.evaluation.evaluator import Evaluator
from inference.types import Activation, DecisionRule, ScoreArray, Thresholds, TruthArray, ZeroDivision
from tests.inference.evaluation.cases import problems, run_of

THRESHOLDS, REJECT = DecisionRule.THRESHOLDS, DecisionRule.ARGMAX_REJECT


def folder(n: int, c: int, seed: int) -> tuple[ScoreArray, TruthArray]:
    rng = np.random.default_rng(seed)
    truth = (rng.random((n, c)) < np.geomspace(0.5, 0.02, c)).astype(np.int8)
    logits = (rng.normal(-1, 1.5, (n, c)) + 2 * truth).astype(np.float32)
    truth[rng.random((n, c)) < 0.02] = -1
    return logits, truth


@pytest.mark.parametrize("zero_division", list(ZeroDivision))
@pytest.mark.parametrize("rule", list(DecisionRule))
def test_small_and_great_moves_in_any_order_leave_what_a_new_evaluator_finds(
    rule: DecisionRule, zero_division: ZeroDivision
) -> None:
    logits, truth = folder(700, 6, 1)
    run = run_of(logits)
    moved = Evaluator(run, truth, Activation.SIGMOID, rule, Thresholds.uniform(6))
    rng = np.random.default_rng(2)
    thresholds = moved.thresholds
    for step in range(60):
        size = rng.choice([0.001, 0.01, 0.7])  # flips none, a few, most of the images
        label = int(rng.integers(6))
        thresholds = thresholds.replace(label, thresholds.values[label] + rng.normal() * size)
        moved.set_thresholds(thresholds)
        if step % 3:  # so that some moves are seen by the image counts only together with others
            continue
        fresh = Evaluator(run, truth, Activation.SIGMOID, rule, thresholds)
        assert moved.averages(zero_division) == fresh.averages(zero_division)  # to the last bit
        assert moved.label_averages(zero_division) == fresh.label_averages(zero_division)
        np.testing.assert_array_equal(moved.labels_per_image(), fresh.labels_per_image())


def test_numbers_handed_out_do_not_change_with_the_next_move() -> None:
    logits, truth = folder(50, 3, 4)
    evaluator = Evaluator(run_of(logits), truth, Activation.SIGMOID, THRESHOLDS, Thresholds.uniform(3))
    before = evaluator.label_metrics()
    tp, precision = before.tp.copy(), before.precision.copy()
    evaluator.set_thresholds(Thresholds.uniform(3, 0.0))
    assert (evaluator.label_metrics().tp > tp).any()
    np.testing.assert_array_equal(before.tp, tp)
    np.testing.assert_array_equal(before.precision, precision)


def test_corrections_of_labels_do_not_reach_into_an_evaluator() -> None:
    logits, truth = folder(40, 1, 5)
    evaluator = Evaluator(run_of(logits), truth, Activation.SIGMOID, THRESHOLDS, Thresholds.uniform(1))
    before = evaluator.label_outcomes(0).copy()
    truth[:] = 1 - truth
    np.testing.assert_array_equal(evaluator.label_outcomes(0), before)


@settings(max_examples=120, deadline=None)
@given(
    problem=problems(), rule=st.sampled_from([THRESHOLDS, REJECT]), data=st.data(), threshold=st.floats(0, 1, width=32)
)
def test_nothing_flips_on_the_plateau_and_something_at_each_stop(
    problem: tuple[ScoreArray, TruthArray], rule: DecisionRule, data: st.DataObject, threshold: float
) -> None:
    logits, truth = problem
    label = data.draw(st.integers(0, logits.shape[1] - 1))
    evaluator = Evaluator(
        run_of(logits), truth, Activation.SIGMOID, rule, Thresholds.uniform(logits.shape[1], threshold)
    )
    scores = scores_from_logits(logits, Activation.SIGMOID)
    known = truth[:, label] >= 0

    def predicted(value: float | np.float32) -> list[bool]:
        thresholds = Thresholds.uniform(logits.shape[1], threshold).replace(label, float(value))
        return decide(logits, scores, thresholds.values, rule)[known, label].tolist()  # type: ignore[no-any-return]

    now = predicted(threshold)
    low, high = (np.float32(end) for end in evaluator.plateau(label))
    assert low < np.float32(threshold) <= high
    assert predicted(high) == now
    assert predicted(np.nextafter(low, np.float32(np.inf))) == now
    assert math.isinf(low) or sum(predicted(low)) > sum(now)
    assert math.isinf(high) or sum(predicted(np.nextafter(high, np.float32(np.inf)))) < sum(now)
    down, up = evaluator.next_stop(label, up=False), evaluator.next_stop(label, up=True)
    if down is None:
        assert predicted(-1) == now
    else:
        assert sum(predicted(down)) > sum(now)
        assert predicted(np.nextafter(np.float32(down), np.float32(2))) == now  # the nearest that flips
    if up is None:
        assert not any(now)
    else:
        lowest_gone = [was and score != high for was, score in zip(now, scores[known, label], strict=True)]
        assert predicted(up) == lowest_gone


def test_argmax_has_no_plateau_to_leave() -> None:
    logits, truth = folder(20, 3, 6)
    evaluator = Evaluator(run_of(logits), truth, Activation.SOFTMAX, DecisionRule.ARGMAX, Thresholds.uniform(3))
    assert evaluator.plateau(0) == (-math.inf, math.inf)
    assert evaluator.next_stop(0, up=True) is None
    assert evaluator.next_stop(0, up=False) is None


@pytest.mark.parametrize("n", [0, 1, 255, 256, 257, 1000])
def test_every_cut_of_a_curve_counts_what_lies_above(n: int) -> None:
    rng = np.random.default_rng(n)
    scores = (rng.integers(0, 40, n) / 40).astype(np.float32)
    scores[scores == 0] *= np.float32(-1)  # negative zeros are ordinary ones
    truth = rng.integers(-1, 2, n).astype(np.int8)
    curve = LabelCurve.build(scores, truth)
    known = truth >= 0
    for threshold in np.unique(np.append(scores, [np.float32(-1), np.float32(0.33), np.float32(2)])):
        above = known & (scores >= threshold)
        start = curve.start(np.float32(threshold))
        assert curve.counts(start) == (int((truth[above] == 1).sum()), int(above.sum()))
        assert sorted(curve.order[start:].tolist()) == np.flatnonzero(above).tolist()
    for start in range(len(curve) + 1):
        assert curve.counts(start)[0] == curve.tp_from[start] == np.count_nonzero(curve.hits[start:])
    np.testing.assert_array_equal(curve.rising, scores[curve.order])
