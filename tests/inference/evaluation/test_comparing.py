"""Decisions as bits: what they count, where they differ, and that they are the window's own."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.evaluation.activations import scores_from_logits
from inference.evaluation.comparing import (
    decided_metrics,
    flips_between,
    measured_intervals,
    packed_decisions,
)
from inference.evaluation.decisions import decide
from inference.evaluation.evaluator import Evaluator
from inference.evaluation.logit_maps import mapped
from inference.evaluation.whatif import label_flips
from inference.types import (
    Activation,
    Alternative,
    BoolArray,
    CalibrationMethod,
    Comparison,
    DecisionRule,
    LogitMap,
    Run,
    ScoreArray,
    Thresholds,
    TruthArray,
)
from tests.inference.evaluation.cases import problems

Case = tuple[Run, TruthArray, Evaluator, Thresholds, BoolArray]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Some images without scores, some not measured, any rule, half of them calibrated; decisions by definition."""
    logits, truth = draw(problems())
    n, c = logits.shape
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    run = Run(logits, (rng.random(n) < 0.8).astype(np.uint8))
    measured = draw(st.sampled_from([None, rng.random(n) < 0.7]))
    activation, rule = draw(st.sampled_from(list(Activation))), draw(st.sampled_from(list(DecisionRule)))
    platt = LogitMap(CalibrationMethod.PLATT, rng.uniform(0.5, 2, c), rng.normal(0, 1, c))
    logit_map = platt if draw(st.booleans()) else None
    k = draw(st.integers(1, c))
    kept = logits[run.state == 1]
    z = mapped(kept, logit_map)
    scores = scores_from_logits(z, activation)
    thresholds = Thresholds(scores[0] if len(scores) else np.full(c, 0.5, dtype=np.float32))
    evaluator = Evaluator(
        run, truth, activation, rule, Thresholds.uniform(c, 0.3), logit_map=logit_map, k=k, measured=measured
    )
    return run, truth, evaluator, thresholds, decide(z, scores, thresholds.values, rule, k)


@settings(max_examples=150, deadline=None)
@given(case=cases())
def test_bits_and_counts_are_those_of_the_decisions(case: Case) -> None:
    run, truth, evaluator, thresholds, wanted = case
    bits = packed_decisions(evaluator, thresholds)
    np.testing.assert_array_equal(np.unpackbits(bits, axis=1, count=len(wanted)).T.astype(bool), wanted)
    metrics = decided_metrics(
        run,
        truth,
        evaluator.activation,
        evaluator.rule,
        thresholds,
        logit_map=evaluator.logit_map,
        k=evaluator.k,
        measured=evaluator.measured,
    )
    evaluator.set_thresholds(thresholds)
    ours = evaluator.label_metrics()
    for name in ("tp", "fp", "fn", "tn", "unknown", "precision", "recall", "f1"):
        np.testing.assert_array_equal(getattr(metrics, name), getattr(ours, name), err_msg=name)


@settings(max_examples=150, deadline=None)
@given(case=cases())
def test_flips_are_the_images_that_changed_by_what_is_true_of_them(case: Case) -> None:
    _, truth, evaluator, thresholds, wanted = case
    half = Thresholds.uniform(evaluator.n_labels)
    before = packed_decisions(evaluator, half)
    old = np.unpackbits(before, axis=1, count=len(wanted)).T.astype(bool)
    measured = None if evaluator.measured is None else evaluator.measured[evaluator.rows]
    flips = flips_between(evaluator.rows, evaluator._truth, before, packed_decisions(evaluator, thresholds), measured)
    seen = np.zeros(wanted.shape, dtype=bool)
    for flip in flips:
        for name, now, said in (
            ("tp_gained", True, 1),
            ("tp_lost", False, 1),
            ("fp_gained", True, 0),
            ("fp_lost", False, 0),
            ("unknown", None, -1),
        ):
            images = getattr(flip, name)
            assert images.tolist() == sorted(set(images.tolist()))
            rows = np.searchsorted(evaluator.rows, images)
            assert (truth[images, flip.label] == said).all()
            assert now is None or (wanted[rows, flip.label] == now).all()
            seen[rows, flip.label] = True
    counted = np.ones(len(wanted), dtype=bool) if measured is None else measured
    np.testing.assert_array_equal(seen, (wanted != old) & counted[:, None])
    if evaluator.rule.uses_thresholds:  # where both are known they agree
        evaluator.set_thresholds(half)
        others = {flip.label: flip for flip in label_flips(evaluator, half, thresholds)}
        for flip in flips:
            other = others.get(flip.label)
            for name in ("tp_gained", "tp_lost", "fp_gained", "fp_lost"):
                known = [] if other is None else getattr(other, name).tolist()
                assert getattr(flip, name).tolist() == known


def test_a_comparison_names_the_images_that_differ() -> None:
    rng = np.random.default_rng(0)
    first, other = rng.random((2, 37, 4)) < 0.5
    images = np.sort(rng.permutation(90)[:37])
    empty: ScoreArray = np.zeros(4, dtype=np.float32)
    bits = [np.packbits(one.T, axis=1) for one in (first, other)]
    groups = tuple(Alternative("", "", "", Thresholds(empty), None, None, own) for own in bits)  # type: ignore[arg-type]
    compared = Comparison(images, groups)
    np.testing.assert_array_equal(compared.changed(1), (first != other).sum(axis=0))
    np.testing.assert_array_equal(groups[1].predicted, other.sum(axis=0))
    np.testing.assert_array_equal(compared.changed_images(1), images[(first != other).any(axis=1)])
    for label in range(4):
        np.testing.assert_array_equal(compared.changed_images(1, label), images[first[:, label] != other[:, label]])


def test_intervals_stand_around_the_measured_average_and_look_at_measured_images_alone() -> None:
    rng = np.random.default_rng(0)
    truth = (rng.random((600, 3)) < 0.3).astype(np.int8)
    logits = (rng.normal(-1, 1, truth.shape) + 1.5 * truth).astype(np.float32)
    run = Run(logits, np.ones(600, dtype=np.uint8))
    half = Thresholds.uniform(3)

    def made(truth: TruthArray, measured: BoolArray | None = None) -> Evaluator:
        return Evaluator(run, truth, Activation.SIGMOID, DecisionRule.THRESHOLDS, half, measured=measured)

    whole = made(truth)
    intervals = measured_intervals(whole, half)
    assert intervals is not None
    assert intervals.micro.low < whole.averages().micro.f1 < intervals.micro.high
    assert intervals == measured_intervals(whole, half)  # the same seed
    measured = np.arange(600) < 150
    fewer = measured_intervals(made(truth, measured), half)
    wrong = truth.copy()
    wrong[150:] = 1 - wrong[150:]
    assert fewer is not None
    assert fewer == measured_intervals(made(wrong, measured), half)
    assert fewer.micro.high - fewer.micro.low > 1.4 * (intervals.micro.high - intervals.micro.low)
    assert measured_intervals(whole, half, cancelled=lambda: True) is None
