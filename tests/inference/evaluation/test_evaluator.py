"""Live equals reference: whatever moves were made, the numbers are scikit-learn's from scratch."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from inference.evaluation.activations import scores_from_logits
from inference.evaluation.decisions import decide
from inference.evaluation.evaluator import Evaluator, image_scores
from inference.evaluation.logit_maps import mapped
from inference.evaluation.per_image import best_sets
from inference.types import (
    Activation,
    CalibrationMethod,
    DecisionRule,
    ImageState,
    LogitMap,
    Outcome,
    Rates,
    Run,
    ScoreArray,
    Thresholds,
    TruthArray,
    ZeroDivision,
)
from tests.inference.evaluation.cases import problems, run_of, threshold_moves

ACTIVATIONS = st.sampled_from(list(Activation))
RULES = st.sampled_from(list(DecisionRule))


def reference_scores(logits: ScoreArray, activation: Activation) -> ScoreArray:
    z = logits.astype(np.float64)
    if activation is Activation.SIGMOID:
        return np.array([[1 / (1 + math.exp(-v)) for v in row] for row in z]).astype(np.float32)
    return np.array([[math.exp(v) / sum(math.exp(w) for w in row) for v in row] for row in z]).astype(np.float32)


def reference_decisions(
    logits: ScoreArray, scores: ScoreArray, thresholds: ScoreArray, rule: DecisionRule, k: int = 1
) -> TruthArray:
    y_pred = np.zeros(logits.shape, dtype=np.int8)
    for i, row in enumerate(scores):
        falling = sorted(range(len(row)), key=lambda j: (-logits[i, j], j))
        winner = falling[0]
        best = best_sets(scores[i : i + 1])[0]  # brute force is its oracle elsewhere
        for j, score in enumerate(row):
            reaches = float(score) >= float(thresholds[j])  # both exact in float64
            y_pred[i, j] = {
                DecisionRule.THRESHOLDS: reaches,
                DecisionRule.ARGMAX: j == winner,
                DecisionRule.ARGMAX_REJECT: j == winner and reaches,
                DecisionRule.TOP_K: j in falling[:k] and reaches,
                DecisionRule.PER_IMAGE: best[j],
            }[rule]
    return y_pred


def same(mine: float, theirs: float) -> bool:
    return (math.isnan(mine) and math.isnan(theirs)) or math.isclose(mine, theirs, rel_tol=1e-9, abs_tol=1e-12)


def assert_rates(mine: Rates, theirs: tuple[float, float, float]) -> None:
    assert same(mine.precision, theirs[0]), (mine, theirs)
    assert same(mine.recall, theirs[1]), (mine, theirs)
    assert same(mine.f1, theirs[2]), (mine, theirs)


@settings(max_examples=150, deadline=None)
@given(data=st.data(), problem=problems(), activation=ACTIVATIONS, rule=RULES, k=st.integers(1, 6))
def test_any_sequence_of_moves_gives_scikit_learns_counts_label_by_label(
    data: st.DataObject, problem: tuple[ScoreArray, TruthArray], activation: Activation, rule: DecisionRule, k: int
) -> None:
    logits, truth = problem
    thresholds = Thresholds.uniform(logits.shape[1])
    evaluator = Evaluator(run_of(logits), truth, activation, rule, thresholds, k=k)
    for label, value in data.draw(threshold_moves(logits.shape[1])):
        thresholds = thresholds.replace(label, value)
        evaluator.set_thresholds(thresholds)
    scores = scores_from_logits(logits, activation)
    np.testing.assert_allclose(scores, reference_scores(logits, activation), rtol=2e-7)
    y_pred = reference_decisions(logits, scores, thresholds.values, rule, k)
    found = evaluator.label_metrics()
    for label in range(logits.shape[1]):
        known = truth[:, label] >= 0
        y, p = truth[known, label], y_pred[known, label]
        tn, fp, fn, tp = sk.confusion_matrix(y, p, labels=[0, 1]).ravel() if known.any() else (0, 0, 0, 0)
        assert (found.tp[label], found.fp[label], found.fn[label], found.tn[label]) == (tp, fp, fn, tn)
        assert found.unknown[label] == np.count_nonzero(~known)
        expected = (
            sk.precision_recall_fscore_support(y, p, pos_label=1, average="binary", zero_division=np.nan)[:3]
            if known.any()
            else (np.nan,) * 3
        )
        f1 = np.nan if tp + fp + fn == 0 else expected[2]
        assert_rates(Rates(found.precision[label], found.recall[label], found.f1[label]), (*expected[:2], f1))
        point = evaluator.operating_point(label)
        assert (point.tp, point.predicted, point.support) == (tp, tp + fp, tp + fn)
        outcomes = evaluator.label_outcomes(label)
        for outcome, count in zip(
            (Outcome.TP, Outcome.FP, Outcome.FN, Outcome.TN, Outcome.UNKNOWN),
            (tp, fp, fn, tn, (~known).sum()),
            strict=True,
        ):
            assert np.count_nonzero(outcomes == outcome) == count


@settings(max_examples=100, deadline=None)
@given(data=st.data(), problem=problems(), activation=ACTIVATIONS, rule=RULES)
def test_decisions_of_single_images_take_a_tie_with_the_threshold_as_predicted(
    data: st.DataObject, problem: tuple[ScoreArray, TruthArray], activation: Activation, rule: DecisionRule
) -> None:
    logits, truth = problem
    scores = scores_from_logits(logits, activation)
    row = data.draw(st.integers(0, len(logits) - 1))
    thresholds = Thresholds(scores[row])  # every threshold is some image's very score
    expected = reference_decisions(logits, scores, thresholds.values, rule)
    np.testing.assert_array_equal(decide(logits, scores, thresholds.values, rule), expected)
    shown = image_scores(logits[row], truth[row], True, thresholds, activation, rule)
    np.testing.assert_array_equal(shown.predicted, expected[row])


@settings(max_examples=120, deadline=None)
@given(
    data=st.data(),
    problem=problems(unknowns=False),
    activation=ACTIVATIONS,
    rule=RULES,
    zero_division=st.sampled_from(list(ZeroDivision)),
)
def test_averages_are_scikit_learns(
    data: st.DataObject,
    problem: tuple[ScoreArray, TruthArray],
    activation: Activation,
    rule: DecisionRule,
    zero_division: ZeroDivision,
) -> None:
    logits, truth = problem
    thresholds = Thresholds.uniform(logits.shape[1])
    evaluator = Evaluator(run_of(logits), truth, activation, rule, thresholds)
    for label, value in data.draw(threshold_moves(logits.shape[1])):
        thresholds = thresholds.replace(label, value)
        evaluator.set_thresholds(thresholds)
    y_pred = reference_decisions(logits, scores_from_logits(logits, activation), thresholds.values, rule)
    # scikit-learn takes a single column for a binary problem, so a column that is never anything is put beside it
    found = evaluator.averages(zero_division)
    if logits.shape[1] > 1:
        for average in ("micro", "macro", "weighted", "samples"):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                expected = sk.precision_recall_fscore_support(
                    truth, y_pred, average=average, zero_division=float(zero_division.value)
                )[:3]
            assert_rates(getattr(found, average), expected)
        assert same(found.exact_match, sk.accuracy_score(truth, y_pred))
        assert same(found.hamming_loss, sk.hamming_loss(truth, y_pred))
    assert found.n_exact == (truth == y_pred).all(axis=1).sum()
    assert found.n_wrong == (truth != y_pred).sum()
    sizes = evaluator.labels_per_image()
    assert (
        sizes.tolist()[: y_pred.shape[1] + 1]
        == np.bincount(y_pred.sum(axis=1), minlength=len(sizes)).tolist()[: y_pred.shape[1] + 1]
    )


@settings(max_examples=100, deadline=None)
@given(
    problem=problems(),
    activation=ACTIVATIONS,
    threshold=st.floats(0, 1, width=32),
    zero_division=st.sampled_from(list(ZeroDivision)),
)
def test_images_are_measured_over_their_known_labels(
    problem: tuple[ScoreArray, TruthArray], activation: Activation, threshold: float, zero_division: ZeroDivision
) -> None:
    logits, truth = problem
    evaluator = Evaluator(
        run_of(logits), truth, activation, DecisionRule.THRESHOLDS, Thresholds.uniform(logits.shape[1], threshold)
    )
    y_pred = (scores_from_logits(logits, activation) >= np.float32(threshold)).astype(int)
    rates, exact, n_full = [], 0, 0
    stand_in = float(zero_division.value)
    for row_true, row_pred in zip(truth, y_pred, strict=True):
        known = row_true >= 0
        if not known.any():
            continue
        y, p = row_true[known], row_pred[known]
        precision, recall, f1, _ = sk.precision_recall_fscore_support(
            y, p, pos_label=1, average="binary", zero_division=stand_in
        )
        # scikit-learn makes an F1 of 0 of nothing predicted, nothing there and zero_division nan; here it is undefined
        rates.append((precision, recall, f1 if y.any() or p.any() else stand_in))
        n_full += known.all()
        exact += known.all() and (row_true == row_pred).all()
    found = evaluator.averages(zero_division)
    assert (found.n_images, found.n_full, found.n_exact) == (len(rates), n_full, exact)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of means of nothing
        mean = np.nanmean(rates, axis=0) if rates else (math.nan,) * 3
    assert_rates(found.samples, tuple(mean))


@settings(max_examples=100, deadline=None)
@given(problem=problems(), activation=ACTIVATIONS)
def test_pr_curve_and_average_precision_are_scikit_learns(
    problem: tuple[ScoreArray, TruthArray], activation: Activation
) -> None:
    logits, truth = problem
    evaluator = Evaluator(
        run_of(logits), truth, activation, DecisionRule.THRESHOLDS, Thresholds.uniform(logits.shape[1])
    )
    scores = scores_from_logits(logits, activation)
    for label in range(logits.shape[1]):
        known = truth[:, label] >= 0
        y, s = truth[known, label], scores[known, label]
        curve = evaluator.pr_curve(label)
        if not y.any():
            assert math.isnan(curve.average_precision)
            continue
        assert same(curve.average_precision, sk.average_precision_score(y, s))
        precision, recall, thresholds = sk.precision_recall_curve(y, s)
        np.testing.assert_array_equal(curve.thresholds, thresholds[::-1])
        np.testing.assert_allclose(curve.precision, precision[:-1][::-1], rtol=1e-12)
        np.testing.assert_allclose(curve.recall, recall[:-1][::-1], rtol=1e-12)


def test_argmax_with_rejection_keeps_a_curve_over_the_images_the_label_wins() -> None:
    logits = np.array([[2.0, 0.0], [1.0, 3.0], [0.5, 0.0]], dtype=np.float32)
    truth = np.array([[1, 0], [1, 0], [0, 1]], dtype=np.int8)
    evaluator = Evaluator(
        run_of(logits), truth, Activation.SOFTMAX, DecisionRule.ARGMAX_REJECT, Thresholds.uniform(2, 0.0)
    )
    curve = evaluator.pr_curve(0)
    assert curve.predicted.tolist() == [1, 2]
    assert curve.support == 2
    assert curve.recall.tolist() == [0.5, 0.5]  # the second positive is another label's to win


def test_pending_broken_and_unusable_images_are_left_out() -> None:
    logits = np.array([[1.0], [np.nan], [np.nan], [np.inf], [-1.0]], dtype=np.float32)
    state = np.array(
        [ImageState.SCORED, ImageState.PENDING, ImageState.BROKEN, ImageState.UNUSABLE, ImageState.SCORED], np.uint8
    )
    truth = np.ones((5, 1), dtype=np.int8)
    evaluator = Evaluator(Run(logits, state), truth, Activation.SIGMOID, DecisionRule.THRESHOLDS, Thresholds.uniform(1))
    metrics = evaluator.label_metrics()
    assert (metrics.tp[0], metrics.fn[0]) == (1, 1)
    assert evaluator.n_unusable == 1
    assert evaluator.label_outcomes(0).tolist() == [Outcome.TP, 0, 0, 0, Outcome.FN]
    assert np.isnan(evaluator.label_scores(0)).tolist() == [False, True, True, True, False]


@pytest.mark.parametrize(("n", "c"), [(0, 3), (0, 0), (4, 0)])
def test_nothing_to_measure_is_undefined_and_no_error(n: int, c: int) -> None:
    evaluator = Evaluator(
        run_of(np.zeros((n, c), np.float32)),
        np.zeros((n, c), np.int8),
        Activation.SOFTMAX,
        DecisionRule.ARGMAX,
        Thresholds.uniform(c),
    )
    averages = evaluator.averages()
    assert math.isnan(averages.exact_match)
    assert math.isnan(averages.macro.f1)
    assert evaluator.label_metrics().tp.tolist() == [0] * c


def test_building_tells_its_progress_and_stops_when_cancelled() -> None:
    logits = np.zeros((4, 3), np.float32)
    told: list[tuple[int, int]] = []

    def build(stop_after: int) -> None:
        told.clear()
        Evaluator(
            run_of(logits),
            np.zeros((4, 3), np.int8),
            Activation.SIGMOID,
            DecisionRule.THRESHOLDS,
            Thresholds.uniform(3),
            cancelled=lambda: len(told) >= stop_after,
            progress=lambda done, total: told.append((done, total)),
        )

    build(9)
    assert told == [(1, 3), (2, 3), (3, 3)]
    build(1)
    assert told == [(1, 3)]


def test_a_score_equal_to_its_threshold_is_predicted_in_float32() -> None:
    logit = np.float32(0.8472979)
    score = scores_from_logits(np.array([[logit]], np.float32), Activation.SIGMOID)[0, 0]
    for threshold, expected in [(score, 1), (np.nextafter(score, np.float32(2)), 0)]:
        evaluator = Evaluator(
            run_of(np.array([[logit]])),
            np.ones((1, 1), np.int8),
            Activation.SIGMOID,
            DecisionRule.THRESHOLDS,
            Thresholds(np.array([threshold])),
        )
        assert evaluator.label_metrics().tp[0] == expected
    assert Thresholds.uniform(1, 0.7).values[0] == np.float32(0.7)


def test_extreme_logits_give_scores_without_warnings() -> None:
    logits = np.array([[-1e30, 1e30, 0.0], [3e38, -3e38, 3e38]], dtype=np.float32)
    sigmoid = scores_from_logits(logits, Activation.SIGMOID)
    assert sigmoid.tolist() == [[0.0, 1.0, 0.5], [1.0, 0.0, 1.0]]
    softmax = scores_from_logits(logits, Activation.SOFTMAX)
    assert softmax.tolist() == [[0.0, 1.0, 0.0], [0.5, 0.0, 0.5]]


def test_one_image_says_what_the_issue_says() -> None:
    def scores_of(values: list[float]) -> tuple[list[bool], float]:
        logits = np.log(np.array(values) / (1 - np.array(values))).astype(np.float32)
        found = image_scores(
            logits,
            np.zeros(3, np.int8),
            True,
            Thresholds.uniform(3),
            Activation.SIGMOID,
            DecisionRule.THRESHOLDS,
        )
        return found.predicted.tolist(), found.margin

    assert scores_of([0.79, 0.80, 0.81])[0] == [True, True, True]
    assert scores_of([0.2, 0.3, 0.4])[0] == [False, False, False]
    tight = image_scores(
        np.log(np.array([0.33, 0.33, 0.34])).astype(np.float32),
        np.zeros(3, np.int8),
        False,
        Thresholds.uniform(3),
        Activation.SOFTMAX,
        DecisionRule.ARGMAX,
    )
    assert tight.predicted.tolist() == [False, False, True]
    assert math.isclose(tight.margin, 0.01, abs_tol=1e-6)
    assert (tight.outcomes == Outcome.UNKNOWN).all()  # nobody annotated it


@settings(max_examples=60, deadline=None)
@given(data=st.data(), problem=problems(), activation=ACTIVATIONS, rule=RULES)
def test_a_map_of_logits_and_a_measured_part_are_as_if_the_data_had_been_so(
    data: st.DataObject, problem: tuple[ScoreArray, TruthArray], activation: Activation, rule: DecisionRule
) -> None:
    logits, truth = problem
    n_labels = logits.shape[1]
    numbers = st.lists(st.floats(-3, 3), min_size=n_labels, max_size=n_labels)
    scale, shift = np.exp(data.draw(numbers)), np.array(data.draw(numbers))
    measured = np.array(data.draw(st.lists(st.booleans(), min_size=len(logits), max_size=len(logits))))
    moved = (logits.astype(np.float64) * scale + shift).astype(np.float32)
    thresholds = Thresholds.uniform(n_labels, data.draw(st.floats(0, 1, width=32)))
    logit_map = LogitMap(CalibrationMethod.PLATT, scale, shift)
    evaluator = Evaluator(run_of(logits), truth, activation, rule, thresholds, logit_map=logit_map, measured=measured)
    part = Evaluator(run_of(moved[measured]), truth[measured], activation, rule, thresholds)
    mine, theirs = evaluator.label_metrics(), part.label_metrics()
    for name in ("tp", "fp", "fn", "tn"):
        np.testing.assert_array_equal(getattr(mine, name), getattr(theirs, name))
    assert evaluator.averages().samples == part.averages().samples or math.isnan(part.averages().samples.f1)
    whole = Evaluator(run_of(moved), truth, activation, rule, thresholds)
    for label in range(n_labels):  # images that are not measured are decided all the same
        np.testing.assert_array_equal(evaluator.label_outcomes(label), whole.label_outcomes(label))
        np.testing.assert_array_equal(evaluator.label_scores(label), whole.label_scores(label))
    row = data.draw(st.integers(0, len(logits) - 1))
    shown = image_scores(logits[row], truth[row], True, thresholds, activation, rule, logit_map)
    np.testing.assert_array_equal(shown.scores, scores_from_logits(moved, activation)[row])


def test_knots_bend_a_logit_and_keep_the_order() -> None:
    knots = ((-1.0, 0.0, 2.0), (-4.0, 0.0, 1.0)), ((), ())
    bent = LogitMap(CalibrationMethod.ISOTONIC, np.ones(2), np.array([0.5, 0.0]), knots)
    logits = np.array([[-3, -3], [-1, -1], [-0.5, -0.5], [0, 0], [1, 1], [2, 2], [5, 5]], dtype=np.float32)
    expected = [-5.5, -3.5, -1.5, 0.5, 1.0, 1.5, 4.5]
    np.testing.assert_array_equal(mapped(logits, bent)[:, 0], np.array(expected, dtype=np.float32))
    np.testing.assert_array_equal(mapped(logits, bent)[:, 1], logits[:, 1])
