"""Thresholds carried to other scores: decisions compared image by image with those before."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.evaluation.activations import scores_from_logits
from inference.evaluation.calibration import fit
from inference.evaluation.calibration.carrying import Carried, Scheme, carry
from inference.evaluation.decisions import decide
from inference.evaluation.logit_maps import mapped
from inference.types import (
    Activation,
    BoolArray,
    CalibrationMethod,
    DecisionRule,
    LogitMap,
    ScoreArray,
    Thresholds,
)
from tests.inference.evaluation.calibration.cases import distorted, one_class

SIGMOID, SOFTMAX = Activation.SIGMOID, Activation.SOFTMAX


def decided(logits: ScoreArray, thresholds: Thresholds, scheme: Scheme) -> BoolArray:
    own = mapped(logits, scheme.logit_map)
    return decide(own, scores_from_logits(own, scheme.activation), thresholds.values, scheme.rule, scheme.k)


def carried(logits: ScoreArray, thresholds: Thresholds, before: Scheme, after: LogitMap | None) -> Carried:
    found = carry(logits, thresholds, before, after)
    assert found is not None
    now = Scheme(before.activation, before.rule, after, before.k)
    other = decided(logits, thresholds, before) != decided(logits, found.thresholds, now)
    assert found.n_flipped == np.count_nonzero(other.any(axis=1))
    assert found.n_images == len(logits)
    return found


@st.composite
def maps(draw: st.DrawFn, n_labels: int = 2) -> LogitMap | None:
    """Nothing, slopes and shifts, or knots."""
    kind = draw(st.sampled_from(["none", "straight", "bent"]))
    if kind == "none":
        return None
    some = st.floats(-3, 3)
    if kind == "straight":
        scale = [draw(st.floats(0.05, 3)) for _ in range(n_labels)]
        return LogitMap(CalibrationMethod.PLATT, np.array(scale), np.array([draw(some) for _ in range(n_labels)]))
    knots = []
    for _ in range(n_labels):
        steps = draw(st.lists(st.tuples(st.floats(0.05, 3), st.floats(0.05, 3)), min_size=1, max_size=5))
        x, y = (np.cumsum([draw(some), *part]) for part in zip(*steps, strict=True))
        knots.append((tuple(x.tolist()), tuple(y.tolist())))
    return LogitMap(CalibrationMethod.ISOTONIC, np.ones(n_labels), np.zeros(n_labels), tuple(knots))


@st.composite
def cases(draw: st.DrawFn) -> tuple[ScoreArray, Thresholds, LogitMap | None, LogitMap | None]:
    """Logits an eighth apart, so that no map makes two of them one, and thresholds of every kind."""
    n = draw(st.integers(1, 12))
    eighths = draw(st.lists(st.integers(-20, 20), min_size=2 * n, max_size=2 * n))
    logits: ScoreArray = (np.array(eighths) / 8).astype(np.float32).reshape(n, 2)
    before = draw(maps())
    scores = scores_from_logits(mapped(logits, before), SIGMOID)
    on_a_score = [
        float(np.nextafter(v, np.float32(by))) for v in scores.ravel() for by in (-1, 2)
    ] + scores.ravel().tolist()
    some = st.one_of(
        st.floats(0, 1, width=32), st.sampled_from(on_a_score), st.sampled_from([-1.0, 2.0, np.inf, -np.inf])
    )
    return logits, Thresholds(np.array([draw(some), draw(some)])), before, draw(maps())


@settings(max_examples=300, deadline=None)
@given(cases())
def test_every_image_is_decided_as_before(
    case: tuple[ScoreArray, Thresholds, LogitMap | None, LogitMap | None],
) -> None:
    logits, thresholds, before, after = case
    # beyond about 12, scores of neighbouring logits are equal as float32
    if any(np.abs(mapped(logits, part)).max() > 12 for part in (before, after)):
        return
    found = carried(logits, thresholds, Scheme(SIGMOID, DecisionRule.THRESHOLDS, before), after)
    assert found.n_flipped == 0
    always = ~((thresholds.values > 0) & (thresholds.values <= 1))  # all or none, whatever the scores
    np.testing.assert_array_equal(found.thresholds.values[always], thresholds.values[always])


@settings(max_examples=100, deadline=None)
@given(cases())
def test_there_and_back_is_where_it_was(
    case: tuple[ScoreArray, Thresholds, LogitMap | None, LogitMap | None],
) -> None:
    logits, thresholds, before, after = case
    values = thresholds.values
    if not ((values > 0.01) & (values < 0.99)).all():
        return
    if any(np.abs(mapped(logits, part)).max() > 8 for part in (before, after)):
        return
    there = carried(logits, thresholds, Scheme(SIGMOID, DecisionRule.THRESHOLDS, before), after)
    if not ((there.thresholds.values > 0.001) & (there.thresholds.values < 0.999)).all():
        return
    back = carried(logits, there.thresholds, Scheme(SIGMOID, DecisionRule.THRESHOLDS, after), before)
    np.testing.assert_allclose(back.thresholds.values, values, atol=1e-3)


def test_a_threshold_goes_where_its_score_goes() -> None:
    logits = np.array([[-4.0], [4.0]], dtype=np.float32)  # far from it on both sides
    to = LogitMap(CalibrationMethod.PLATT, np.array([0.5]), np.array([-1.0]))
    found = carried(logits, Thresholds(np.array([0.5])), Scheme(SIGMOID, DecisionRule.THRESHOLDS), to)
    assert found.thresholds.values[0] == pytest.approx(1 / (1 + np.e))


def test_scores_that_become_equal_are_told() -> None:
    logits = np.array([[12.0], [13.0], [13.0], [14.0]], dtype=np.float32)
    scores = scores_from_logits(logits, SIGMOID)
    to = LogitMap(CalibrationMethod.PLATT, np.array([5.0]), np.array([0.0]))  # all become 1
    for at, n_flipped in ((0, 0), (1, 1), (3, 1)):  # to predict all four flips one; none would flip three, or one
        found = carried(logits, Thresholds(scores[at]), Scheme(SIGMOID, DecisionRule.THRESHOLDS), to)
        assert found.n_flipped == n_flipped


@pytest.mark.parametrize("method", [CalibrationMethod.TEMPERATURE, CalibrationMethod.PLATT, CalibrationMethod.ISOTONIC])
def test_a_fitted_map_changes_no_decision(method: CalibrationMethod) -> None:
    logits, truth = distorted(3000, [0.5, 2.0, 1.3], [1.0, -1.0, 0.0], unknown=0.2)
    after = fit(logits, truth, SIGMOID, method)
    thresholds = Thresholds(np.array([0.5, 0.13, 0.8]))
    found = carried(logits, thresholds, Scheme(SIGMOID, DecisionRule.THRESHOLDS), after)
    assert found.n_flipped == 0
    assert found.thresholds != thresholds


def test_one_temperature_keeps_the_highest_labels_and_platt_need_not() -> None:
    logits, truth = distorted(500, [0.5, 2.0, 1.3], [1.0, -1.0, 0.0])
    scheme, half = Scheme(SIGMOID, DecisionRule.TOP_K, None, 1), Thresholds.uniform(3, 0.3)
    one = fit(logits, truth, SIGMOID, CalibrationMethod.TEMPERATURE)
    assert carried(logits, half, scheme, one).n_flipped == 0
    own = fit(logits, truth, SIGMOID, CalibrationMethod.PLATT)
    assert carried(logits, half, scheme, own).n_flipped > 0


@pytest.mark.parametrize("rule", [DecisionRule.ARGMAX_REJECT, DecisionRule.THRESHOLDS, DecisionRule.TOP_K])
@pytest.mark.parametrize("values", [[0.5, 0.4, 0.3], [0.9, 0.999, 0.01], [0.0, 1.0, 2.0]])
def test_under_softmax_as_many_are_predicted_as_before(rule: DecisionRule, values: list[float]) -> None:
    logits, truth = one_class(800, 3, 0.4, np.zeros(3))
    after = fit(logits, truth, SOFTMAX, CalibrationMethod.TEMPERATURE)
    before, thresholds = Scheme(SOFTMAX, rule, None, 2), Thresholds(np.array(values))
    found = carried(logits, thresholds, before, after)
    now = Scheme(SOFTMAX, rule, after, 2)
    counts = [decided(logits, thresholds, before).sum(axis=0), decided(logits, found.thresholds, now).sum(axis=0)]
    np.testing.assert_array_equal(*counts)
    assert found.n_flipped < 100


def test_plain_argmax_is_not_changed_by_a_temperature() -> None:
    logits, truth = one_class(800, 3, 0.4, np.zeros(3))
    after = fit(logits, truth, SOFTMAX, CalibrationMethod.TEMPERATURE)
    found = carried(logits, Thresholds.uniform(3), Scheme(SOFTMAX, DecisionRule.ARGMAX), after)
    assert found.n_flipped == 0
    # and the thresholds wait for the rule that needs them
    rejecting = Scheme(SOFTMAX, DecisionRule.ARGMAX_REJECT)
    assert found.thresholds == carried(logits, Thresholds.uniform(3), rejecting, after).thresholds


def test_equal_scores_under_softmax_are_counted_as_near_as_can_be() -> None:
    logits = np.array([[0.0, 0.1]] * 3 + [[0.0, 1.0]] * 2 + [[2.0, 0.0]], dtype=np.float32)
    to = LogitMap(CalibrationMethod.BIAS_CORRECTED, np.full(2, 1e-9), np.zeros(2))  # all scores become 0.5
    found = carried(logits, Thresholds(np.array([0.7, 0.7])), Scheme(SOFTMAX, DecisionRule.THRESHOLDS), to)
    assert (decided(logits, found.thresholds, Scheme(SOFTMAX, DecisionRule.THRESHOLDS, to)).sum(axis=0) == 0).all()


def test_without_images_thresholds_still_follow() -> None:
    none = np.zeros((0, 1), dtype=np.float32)
    to = LogitMap(CalibrationMethod.PLATT, np.array([1.0]), np.array([1.0]))
    found = carried(none, Thresholds(np.array([0.5])), Scheme(SIGMOID, DecisionRule.THRESHOLDS), to)
    assert found.thresholds.values[0] == pytest.approx(1 / (1 + np.exp(-1)))


def test_carrying_can_be_cancelled() -> None:
    logits, _ = distorted(20, [1.0], [0.0])
    scheme = Scheme(SIGMOID, DecisionRule.THRESHOLDS)
    assert carry(logits, Thresholds.uniform(1), scheme, None, cancelled=lambda: True) is None
