"""Every number of a label is scikit-learn's, over its known images; undefined ones are NaN."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk
from sklearn.calibration import calibration_curve

from inference.evaluation.activations import scores_from_logits
from inference.evaluation.curves import LabelCurve
from inference.evaluation.evaluator import Evaluator
from inference.evaluation.label_metrics import calibration_error, quality
from inference.types import Activation, DecisionRule, FloatArray, ScoreArray, Thresholds, TruthArray
from tests.inference.evaluation.cases import problems, run_of

RULES = st.sampled_from(list(DecisionRule))


def assert_same(mine: float, theirs: float) -> None:
    assert (math.isnan(mine) and math.isnan(theirs)) or math.isclose(mine, theirs, rel_tol=1e-9, abs_tol=1e-12)


@settings(max_examples=150, deadline=None)
@given(
    problem=problems(),
    threshold=st.sampled_from([0.0, 0.2, 0.5, 0.9, 2.0]),
    beta=st.sampled_from([0.25, 0.5, 1.0, 2.0, 4.0]),
)
def test_rates_at_a_threshold_are_scikit_learns(
    problem: tuple[ScoreArray, TruthArray], threshold: float, beta: float
) -> None:
    logits, truth = problem
    thresholds = Thresholds.uniform(logits.shape[1], threshold)
    found = Evaluator(run_of(logits), truth, Activation.SIGMOID, DecisionRule.THRESHOLDS, thresholds).label_rates(beta)
    y_pred = scores_from_logits(logits, Activation.SIGMOID) >= np.float32(threshold)
    assert found.beta == beta
    for label in range(logits.shape[1]):
        known = truth[:, label] >= 0
        y, p = truth[known, label], y_pred[known, label].astype(np.int8)
        mine = (found.f_beta, found.specificity, found.accuracy, found.balanced_accuracy, found.mcc, found.prevalence)
        if not known.any():
            assert all(math.isnan(numbers[label]) for numbers in mine)
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # scikit-learn's of single classes
            f_beta = sk.fbeta_score(y, p, beta=beta, zero_division=np.nan)
            specificity = sk.recall_score(y, p, pos_label=0, zero_division=np.nan)
            balanced = sk.balanced_accuracy_score(y, p)
            mcc = sk.matthews_corrcoef(y, p)
        assert_same(found.f_beta[label], f_beta if y.any() or p.any() else math.nan)
        assert_same(found.specificity[label], specificity)
        assert_same(found.accuracy[label], sk.accuracy_score(y, p))
        assert_same(found.balanced_accuracy[label], balanced)
        assert_same(found.prevalence[label], float(y.mean()))
        if min(y.any(), p.any(), not y.all(), not p.all()):
            assert_same(found.mcc[label], mcc)
        else:
            assert math.isnan(found.mcc[label])  # 0 / 0, of which scikit-learn makes 0
            assert mcc == 0


def expected_calibration_error(y: TruthArray, s: FloatArray, n_bins: int) -> float:
    shares, means = calibration_curve(y, s, n_bins=n_bins, strategy="quantile")
    edges = np.percentile(s, np.linspace(0, 1, n_bins + 1) * 100)  # to the bit as scikit-learn
    sizes = np.bincount(np.searchsorted(edges[1:-1], s), minlength=n_bins)
    return float(np.average(np.abs(shares - means), weights=sizes[sizes > 0]))


@settings(max_examples=150, deadline=None)
@given(problem=problems(), activation=st.sampled_from(list(Activation)), rule=RULES)
def test_numbers_without_a_threshold_are_scikit_learns(
    problem: tuple[ScoreArray, TruthArray], activation: Activation, rule: DecisionRule
) -> None:
    logits, truth = problem
    evaluator = Evaluator(run_of(logits), truth, activation, rule, Thresholds.uniform(logits.shape[1]))
    found = evaluator.label_quality()
    scores = scores_from_logits(logits, activation)
    for label in range(logits.shape[1]):
        known = truth[:, label] >= 0
        y, s = truth[known, label], scores[known, label].astype(np.float64)
        if not known.any():
            assert math.isnan(found.brier[label])
            assert math.isnan(found.calibration_error[label])
        else:
            # a float64 sum rounds to a little above 1 where scikit-learn would refuse it
            assert_same(found.brier[label], sk.brier_score_loss(y, np.minimum(s, 1), pos_label=1, labels=[0, 1]))
            assert_same(found.calibration_error[label], expected_calibration_error(y, s, found.n_bins))
        assert_same(found.average_precision[label], sk.average_precision_score(y, s) if y.any() else math.nan)
        both = y.any() and not y.all()
        assert_same(found.roc_auc[label], sk.roc_auc_score(y, s) if both else math.nan)


@pytest.mark.parametrize("n_bins", [1, 4, 10])
def test_calibration_error_of_many_scores_takes_bins_of_equal_mass(n_bins: int) -> None:
    rng = np.random.default_rng(n_bins)
    scores = rng.beta(0.3, 2, 5000).astype(np.float32)
    truth = (rng.random(5000) < scores**2).astype(np.int8)
    found = calibration_error(LabelCurve.build(scores, truth), n_bins)
    assert_same(found, expected_calibration_error(truth, scores.astype(np.float64), n_bins))
    assert found > 0.05  # scores that say the root of the truth are far from calibrated


def test_a_label_of_many_images_overflows_nothing() -> None:
    n = 400_000
    truth = np.arange(n, dtype=np.int64) % 2
    scores = ((np.arange(n) * 7919) % n / n).astype(np.float32)
    found = quality(LabelCurve.build(scores, truth.astype(np.int8)))
    assert_same(found.roc_auc, sk.roc_auc_score(truth, scores))
    logits = np.where(scores >= 0.5, 1, -1).astype(np.float32)[:, None]
    evaluator = Evaluator(
        run_of(logits),
        truth.astype(np.int8)[:, None],
        Activation.SIGMOID,
        DecisionRule.THRESHOLDS,
        Thresholds.uniform(1),
    )
    assert_same(evaluator.label_rates().mcc[0], sk.matthews_corrcoef(truth, logits[:, 0] > 0))
