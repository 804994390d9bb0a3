"""The values behind the plots, against scikit-learn, scipy and counting one by one."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest
from sklearn import metrics
from sklearn.calibration import calibration_curve

from inference.evaluation.curves import LabelCurve
from inference.evaluation.label_metrics import calibration_error
from inference.evaluation.pictures import (
    NO_CLASS,
    co_occurrence,
    confusion_table,
    missed_instead,
    rates_by_threshold,
    reliability,
    roc_curve,
    score_histogram,
    true_class,
)
from inference.types import Bins, LogitSpan, ScoreArray, TruthArray, logits_of

SEEDS = st.integers(0, 2**32 - 1)


def some_label(seed: int, n: int | None = None, *, unknown: float = 0.1) -> tuple[ScoreArray, TruthArray]:
    """Scores with ties, also at 0 and 1, and a truth that they know something of; some unknown, some not scored."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 60)) if n is None else n
    truth = (rng.random(n) < rng.choice([0.0, 0.1, 0.5, 1.0], p=[0.1, 0.4, 0.4, 0.1])).astype(np.int8)
    scores = np.clip(rng.normal(0.3 + 0.4 * truth, 0.3), 0, 1).round(int(rng.integers(1, 6))).astype(np.float32)
    truth[rng.random(n) < unknown] = -1
    scores[rng.random(n) < unknown / 2] = np.nan
    return scores, truth


def kept(scores: ScoreArray, truth: TruthArray) -> tuple[ScoreArray, TruthArray]:
    known = (truth >= 0) & ~np.isnan(scores)
    return scores[known], truth[known]


@settings(deadline=None)
@given(SEEDS)
def test_roc_equals_scikit_learn(seed: int) -> None:
    label = some_label(seed)
    roc, (scores, truth) = roc_curve(*label), kept(*label)
    assert (roc.support, roc.known) == (int(truth.sum()), len(truth))
    if not 0 < truth.sum() < len(truth):
        assert math.isnan(roc.auc)
        return
    fpr, tpr, thresholds = metrics.roc_curve(truth, scores, drop_intermediate=False)
    np.testing.assert_allclose(roc.fpr, fpr[1:], atol=1e-12)
    np.testing.assert_allclose(roc.tpr, tpr[1:], atol=1e-12)
    np.testing.assert_array_equal(roc.thresholds, thresholds[1:])
    assert roc.auc == pytest.approx(metrics.roc_auc_score(truth, scores), abs=1e-12)


def test_images_that_cannot_be_predicted_count_as_the_lowest() -> None:
    scores, truth = some_label(3, 200, unknown=0)
    eligible = np.random.default_rng(0).random(200) < 0.6
    roc = roc_curve(scores, truth, eligible)
    assert roc.auc == pytest.approx(metrics.roc_auc_score(truth, np.where(eligible, scores, -1)), abs=1e-12)
    assert roc.predicted[-1] == eligible.sum()
    assert roc.support == truth.sum()


@settings(deadline=None)
@given(SEEDS)
def test_rates_equal_scikit_learn_at_every_threshold(seed: int) -> None:
    label = some_label(seed)
    rates, (scores, truth) = rates_by_threshold(*label), kept(*label)
    assert rates.thresholds.tolist() == sorted(set(scores.tolist()), reverse=True)
    for at, threshold in enumerate(rates.thresholds):
        y_pred = scores >= threshold
        p, r, f, _ = metrics.precision_recall_fscore_support(truth, y_pred, average="binary", zero_division=np.nan)
        np.testing.assert_allclose(
            [rates.precision[at], rates.recall[at], rates.f1[at]], [p, r, f], atol=1e-12, equal_nan=True
        )
        assert (rates.predicted[at], rates.tp[at]) == (y_pred.sum(), (y_pred & (truth == 1)).sum())


@settings(deadline=None)
@given(SEEDS)
def test_histogram_equals_numpy_in_both_scales(seed: int) -> None:
    label = some_label(seed)
    histogram, (scores, truth) = score_histogram(*label), kept(*label)
    for bins in (histogram.even, histogram.logit):
        edges = bins.edges.astype(np.float64)
        assert (edges[0], edges[-1]) == (0.0, 1.0)
        assert (np.diff(edges) > 0).all()
        for counts, which in ((bins.positives, 1), (bins.negatives, 0)):
            assert counts.tolist() == np.histogram(scores[truth == which].astype(np.float64), edges)[0].tolist()


def in_range(scores: ScoreArray, bins: Bins, first: int, last: int) -> int:
    low, high = bins.range_of(first, last)
    assert (low, high) == (float(np.float32(low)), float(np.float32(high)))
    return int(((scores >= np.float32(low)) & (scores <= np.float32(high))).sum())


def test_the_range_of_a_bar_holds_its_images_and_no_others() -> None:
    scores = np.concatenate((np.linspace(0, 1, 41), [0.1, 0.5, 0.95, 1.0, 1.0])).astype(np.float32)
    bins = score_histogram(scores, (np.arange(len(scores)) % 2).astype(np.int8)).even
    total = bins.positives + bins.negatives
    assert [in_range(scores, bins, i, i) for i in range(40)] == total.tolist()
    assert in_range(scores, bins, 0, 39) == len(scores)
    assert in_range(scores, bins, 5, 7) == total[5:8].sum()


def test_logit_bins_are_even_in_the_logit_and_keep_what_saturates() -> None:
    scores = np.array([0, 1e-30, 1e-6, 0.5, 0.999999, 1, 1], dtype=np.float32)
    histogram = score_histogram(scores, np.ones(7, dtype=np.int8), bins=20)
    widths = np.diff(logits_of(histogram.logit.edges.astype(np.float64))[1:-1])
    np.testing.assert_allclose(widths, widths[0], rtol=0.1)  # the edges are float32, coarse near 1
    assert histogram.logit.positives.sum() == 7
    assert histogram.logit.positives[-1] == 2


def test_span_places_scores_and_back() -> None:
    span = LogitSpan.around(0.001, 0.9)
    assert (span.low, span.high) == (-7.0, 5.0)
    places = np.linspace(0.01, 0.99, 25)
    np.testing.assert_allclose(span.place(span.score(places)), places, atol=1e-12)
    assert span.place(np.array([0.0, 1.0])).tolist() == [0.0, 1.0]


@settings(deadline=None)
@given(SEEDS)
def test_reliability_equals_scikit_learn(seed: int) -> None:
    label = some_label(seed)
    shown, (scores, truth) = reliability(*label, bins=5), kept(*label)
    assert shown.total == len(truth)
    if not len(truth):
        assert math.isnan(shown.ece)
        return
    observed, mean = calibration_curve(truth, scores.astype(np.float64), n_bins=5, strategy="quantile")
    np.testing.assert_allclose(shown.observed, observed, atol=1e-12)
    np.testing.assert_allclose(shown.mean_score, mean, atol=1e-12)
    error = 0.0
    for at, (count, share, average) in enumerate(zip(shown.count, observed, mean, strict=True)):
        low, high = shown.lowest[at], shown.highest[at]
        assert ((scores >= low) & (scores <= high)).sum() == count
        error += count / len(truth) * abs(share - average)
        interval = binomtest(round(share * count), int(count)).proportion_ci(0.9, method="wilson")
        assert (shown.low[at], shown.high[at]) == pytest.approx((interval.low, interval.high), abs=1e-9)
    assert shown.ece == pytest.approx(error, abs=1e-12)


def test_the_error_is_the_one_in_the_table_of_metrics() -> None:
    label = kept(*some_label(5, 500))
    assert reliability(*label).ece == pytest.approx(calibration_error(LabelCurve.build(*label)), abs=1e-12)


NAMES = ("a", "b", "c", "d")


@settings(deadline=None)
@given(SEEDS)
def test_confusion_equals_scikit_learn(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 50))
    true, predicted = rng.integers(NO_CLASS, 4, n), rng.integers(0, 4, n)
    table = confusion_table(true, predicted, NAMES)
    known = true != NO_CLASS
    if known.any():
        expected = metrics.confusion_matrix(true[known], predicted[known], labels=range(4))
        assert table.counts.tolist() == expected.tolist()
    assert table.rows == table.columns == NAMES
    assert table.totals.tolist() == [int((true == label).sum()) for label in range(4)]


def test_rejected_images_have_a_column_of_their_own() -> None:
    table = confusion_table(np.array([0, 0, 1, NO_CLASS]), np.array([0, NO_CLASS, 2, NO_CLASS]), NAMES)
    assert table.columns == (*NAMES, "rejected")
    assert table.counts[:2].tolist() == [[1, 0, 0, 0, 1], [0, 0, 1, 0, 0]]


def test_the_true_class_is_the_only_positive() -> None:
    truth = np.array([[0, 1, 0], [1, 0, -1], [0, 0, 0], [1, 1, 0], [-1, -1, -1]], dtype=np.int8)
    assert true_class(truth).tolist() == [1, 0, NO_CLASS, NO_CLASS, NO_CLASS]


@settings(deadline=None)
@given(SEEDS)
def test_tables_of_labels_equal_counting_image_by_image(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(0, 30))
    truth = rng.choice([-1, 0, 1], (n, 4)).astype(np.int8)
    predicted = rng.random((n, 4)) < 0.4
    together, missed = np.zeros((4, 4), dtype=int), np.zeros((4, 5), dtype=int)
    for row, said in zip(truth, predicted, strict=True):
        for a in range(4):
            together[a] += [int(row[a] == 1 and row[b] == 1) for b in range(4)]
            if row[a] == 1 and not said[a]:
                wrong = [int(row[b] == 0 and bool(said[b])) for b in range(4)]
                missed[a] += [*wrong, int(not any(wrong))]
    assert co_occurrence(truth, NAMES).counts.tolist() == together.tolist()
    table = missed_instead(truth, predicted, NAMES)
    assert table.counts.tolist() == missed.tolist()
    assert table.totals.tolist() == ((truth == 1) & ~predicted).sum(axis=0).tolist()


def test_tables_add_up_over_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    truth = rng.choice([-1, 0, 1], (50, 4)).astype(np.int8)
    predicted = rng.random((50, 4)) < 0.4
    whole = co_occurrence(truth, NAMES).counts, missed_instead(truth, predicted, NAMES).counts
    monkeypatch.setattr("inference.evaluation.pictures._CHUNK", 28)
    assert co_occurrence(truth, NAMES).counts.tolist() == whole[0].tolist()
    assert missed_instead(truth, predicted, NAMES).counts.tolist() == whole[1].tolist()
    asked: list[None] = []

    def cancelled() -> bool:
        asked.append(None)
        return len(asked) > 2

    co_occurrence(truth, NAMES, cancelled=cancelled)
    assert len(asked) == 3
