"""Small pictures say what the large ones say, in few points."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as sk

from inference.evaluation.evaluator import Evaluator
from inference.evaluation.multiples import number_of, small_picture, thinned
from inference.evaluation.pictures import rates_by_threshold, reliability, roc_curve
from inference.evaluation.whatif import eligible
from inference.types import (
    MOST_POINTS,
    UNKNOWN,
    Activation,
    DecisionRule,
    Line,
    MultipleKind,
    Run,
    SmallCurve,
    SmallHistogram,
    SmallRates,
    SmallReliability,
    Thresholds,
)


def evaluator_of(
    n: int = 3000, rule: DecisionRule = DecisionRule.THRESHOLDS, *, measured: bool = False, decimals: int = 3
) -> tuple[Evaluator, np.ndarray]:
    """Four labels: two common, one rare, one without positives; some truths unknown, some images unscored."""
    rng = np.random.default_rng(4)
    truth = (rng.random((n, 4)) < (0.3, 0.1, 0.02, 0.0)).astype(np.int8)
    logits = (rng.normal(-1, 1.5, (n, 4)) + 2 * truth).round(decimals).astype(np.float32)
    truth[rng.random((n, 4)) < 0.1] = UNKNOWN
    state = np.ones(n, dtype=np.uint8)
    state[::17] = 0
    logits[::17] = np.nan
    part = rng.random(n) < 0.5 if measured else None
    made = Evaluator(Run(logits, state), truth, Activation.SIGMOID, rule, Thresholds.uniform(4), measured=part, k=2)
    return made, truth if part is None else np.where(part[:, None], truth, UNKNOWN).astype(np.int8)


def follows(line: Line, x: np.ndarray, y: np.ndarray) -> bool:
    """Whether a monotone curve lies within a column of the line, to either side."""
    column = 2 / MOST_POINTS + 0.001
    left, right = (np.interp(x + by, line.x, line.y) for by in (-column, column))
    return bool((np.minimum(left, right) - 1e-9 <= y).all() and (y <= np.maximum(left, right) + 1e-9).all())


@pytest.mark.parametrize("measured", [False, True])
def test_numbers_are_those_of_scikit_learn(measured: bool) -> None:
    evaluator, truth = evaluator_of(measured=measured)
    for label in range(3):
        scores = evaluator.label_scores(label)
        known = (truth[:, label] != UNKNOWN) & ~np.isnan(scores)
        answers = (
            sk.average_precision_score(truth[known, label], scores[known]),
            sk.roc_auc_score(truth[known, label], scores[known]),
            reliability(scores, truth[:, label]).ece,
        )
        kinds = MultipleKind.PR, MultipleKind.ROC, MultipleKind.RELIABILITY
        for kind, answer in zip(kinds, answers, strict=True):
            picture = small_picture(evaluator, kind, label)
            assert picture.number == pytest.approx(answer, abs=1e-9)
            assert number_of(evaluator, kind, label) == pytest.approx(answer, abs=1e-9)
            assert (picture.support, picture.known) == (truth[known, label].sum(), known.sum())


@pytest.mark.parametrize("rule", [DecisionRule.THRESHOLDS, DecisionRule.ARGMAX_REJECT, DecisionRule.TOP_K])
def test_lines_follow_the_large_pictures(rule: DecisionRule) -> None:
    evaluator, truth = evaluator_of(rule=rule)
    for label in range(3):
        may = eligible(evaluator, label)
        scores = evaluator.label_scores(label)
        roc = roc_curve(scores, truth[:, label], may)
        small = small_picture(evaluator, MultipleKind.ROC, label)
        assert isinstance(small, SmallCurve)
        assert small.number == pytest.approx(roc.auc, abs=1e-12)
        assert follows(small.line, roc.fpr, roc.tpr)
        assert not follows(small.line, roc.fpr, roc.tpr + 0.3)
        rates = rates_by_threshold(scores, truth[:, label], may)
        lines = small_picture(evaluator, MultipleKind.RATES, label)
        assert isinstance(lines, SmallRates)
        for line, large in zip(lines.lines, (rates.precision, rates.recall, rates.f1), strict=True):
            assert 2 < len(line.x) <= MOST_POINTS
            assert line.y.max() == large.max()
            assert (line.x >= 0).all()
            assert (np.diff(line.x) >= 0).all()
        assert follows(lines.lines[1], rates.thresholds.astype(float), rates.recall)


def test_few_points_are_kept_whole() -> None:
    evaluator, _ = evaluator_of(60)
    curve = evaluator.pr_curve(1)
    small = small_picture(evaluator, MultipleKind.PR, 1)
    assert isinstance(small, SmallCurve)
    area = float(np.sum(np.diff(small.line.x) * small.line.y[1:]))
    assert area == pytest.approx(curve.average_precision, abs=1e-12)
    assert len(small.line.x) == 2 * len(curve.recall) or len(small.line.x) <= MOST_POINTS


def test_thinning_keeps_ends_and_extremes() -> None:
    rng = np.random.default_rng(0)
    x, y = np.sort(rng.random(20_000)), rng.random(20_000)
    y[[7000, 13_000]] = 5.0, -5.0
    line = thinned(x, y)
    assert len(line.x) <= MOST_POINTS
    assert {0, 19_999, 7000, 13_000} <= set(np.searchsorted(x, line.x).tolist())
    assert (np.diff(line.x) >= 0).all()


def test_bins_and_points_count_every_known_image() -> None:
    evaluator, truth = evaluator_of(rule=DecisionRule.ARGMAX)
    scores = evaluator.label_scores(0)
    known = (truth[:, 0] != UNKNOWN) & ~np.isnan(scores)
    bars = small_picture(evaluator, MultipleKind.HISTOGRAM, 0)
    assert isinstance(bars, SmallHistogram)
    for counts, truths in ((bars.positives, 1), (bars.negatives, 0)):
        expected, _ = np.histogram(scores[known & (truth[:, 0] == truths)], bins=len(counts), range=(0, 1))
        assert abs(counts - expected).sum() <= 2  # a score on an edge, in float32 or float64
        assert counts.sum() == expected.sum()
    points = small_picture(evaluator, MultipleKind.RELIABILITY, 0)
    large = reliability(scores, truth[:, 0])
    assert isinstance(points, SmallReliability)
    np.testing.assert_allclose(points.observed, large.observed)
    np.testing.assert_allclose(points.mean_score, large.mean_score)
    np.testing.assert_allclose(points.low, large.low)


def test_a_label_without_positives_has_no_curve() -> None:
    evaluator, _ = evaluator_of()
    for kind in MultipleKind:
        picture = small_picture(evaluator, kind, 3)
        assert picture.support == 0
        assert picture.known > 0
        if isinstance(picture, SmallCurve):
            assert np.isnan(picture.number)
            assert len(picture.line.x) == 0
        if isinstance(picture, SmallRates):
            assert all(len(line.x) == 0 for line in picture.lines)


def test_a_label_that_never_wins_has_an_even_chance() -> None:
    logits = np.array([[3, -3], [2, -4], [1, -1]], dtype=np.float32)
    truth = np.array([[1, 0], [0, 1], [1, 0]], dtype=np.int8)
    run = Run(logits, np.ones(3, dtype=np.uint8))
    evaluator = Evaluator(run, truth, Activation.SIGMOID, DecisionRule.ARGMAX_REJECT, Thresholds.uniform(2))
    assert number_of(evaluator, MultipleKind.ROC, 1) == 0.5
    rates = small_picture(evaluator, MultipleKind.RATES, 1)
    assert isinstance(rates, SmallRates)
    assert rates.lines[1].y.tolist() == [0.0, 0.0]
