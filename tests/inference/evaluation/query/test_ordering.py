"""Orders against numpy and scipy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import logit
from scipy.stats import entropy as scipy_entropy

from inference.choices import SortKey
from inference.evaluation.query import SORT_WORDS, ReviewData, evaluate, order, parse, sort_values
from inference.evaluation.query.ordering import sorted_places
from inference.types import Activation, DecisionRule, FloatArray, ScoreArray, Thresholds
from tests.inference.evaluation.query.cases import PARTS, Case, cases


def expected(values: ScoreArray, descending: bool) -> list[int]:
    known = [index for index in range(len(values)) if not np.isnan(values[index])]
    known.sort(key=lambda index: -values[index] if descending else values[index])  # keeps ties in order
    return known + [index for index in range(len(values)) if np.isnan(values[index])]


FLOATS = st.one_of(st.floats(width=32), st.sampled_from([0.0, -0.0, 1.0, float("nan"), float("inf"), -float("inf")]))


@given(st.lists(FLOATS, max_size=30), st.booleans())
@settings(deadline=None)
def test_values_in_order_ties_as_they_come_and_nothing_last(values: list[float], descending: bool) -> None:
    array = np.array(values, dtype=np.float32)
    assert sorted_places(array, descending).tolist() == expected(array, descending)


@given(cases(), st.sampled_from(list(SortKey)), st.booleans(), st.booleans(), st.booleans())
@settings(max_examples=60, deadline=None)
def test_every_key_with_and_without_a_label(
    case: Case, key: SortKey, of_label: bool, descending: bool, masked: bool
) -> None:
    data = case.data()
    label = 0 if of_label else None
    mask = evaluate(parse("part:test", data.labels, PARTS), data) if masked else None
    rows = np.arange(len(data)) if mask is None else np.flatnonzero(mask)
    found = order(data, key, label, descending, mask)
    assert sorted(found.tolist()) == rows.tolist()
    values = sort_values(data, key, label)
    if values is None:
        assert key is SortKey.NAME
        assert found.tolist() == (rows[::-1] if descending else rows).tolist()
    else:
        assert found.tolist() == rows[expected(values[rows], descending)].tolist()


def values_of(data: ReviewData, key: SortKey, label: int | None = None) -> ScoreArray:
    found = sort_values(data, key, label)
    assert found is not None
    return found


def close(found: ScoreArray, wanted: FloatArray) -> None:
    np.testing.assert_allclose(found, wanted, rtol=1e-3, atol=1e-4)


@given(cases())
@settings(max_examples=40, deadline=None)
def test_what_is_sorted_by(case: Case) -> None:
    data, scores = case.data(), case.scores().astype(np.float64)
    np.testing.assert_array_equal(sort_values(data, SortKey.SCORE, 0), case.scores()[:, 0])
    highest = np.where(case.scored, np.nan_to_num(scores, nan=-1).max(axis=1), np.nan)
    np.testing.assert_array_equal(sort_values(data, SortKey.SCORE), highest.astype(np.float32))
    binary = scipy_entropy(np.stack([scores, 1 - scores]), axis=0)
    close(values_of(data, SortKey.ENTROPY, 0), binary[:, 0])
    whole = scipy_entropy(scores, axis=1) if case.activation is Activation.SOFTMAX else binary.mean(axis=1)
    close(values_of(data, SortKey.ENTROPY), whole)
    if scores.shape[1] > 1:
        falling = np.sort(scores, axis=1)
        close(values_of(data, SortKey.MARGIN), falling[:, -1] - falling[:, -2])
    else:
        assert np.isnan(values_of(data, SortKey.MARGIN)).all()
    counts = np.where(case.scored, case.predicted().sum(axis=1), np.nan)
    np.testing.assert_array_equal(sort_values(data, SortKey.N_PREDICTED), counts)
    np.testing.assert_array_equal(sort_values(data, SortKey.EDITED), case.edited)


@given(cases((DecisionRule.THRESHOLDS, DecisionRule.TOP_K, DecisionRule.ARGMAX_REJECT)))
@settings(max_examples=40, deadline=None)
def test_uncertainty_is_the_distance_in_logits(case: Case) -> None:
    data, scores = case.data(), case.scores().astype(np.float64)
    places = np.clip(logit(case.thresholds.values.astype(np.float64)), -100, 100)
    distance = np.abs(logit(scores) - places)
    found = values_of(data, SortKey.UNCERTAINTY, 0)
    close(found, distance[:, 0])
    nearest = np.where(case.scored, np.where(np.isnan(distance), np.inf, distance).min(axis=1), np.nan)
    close(values_of(data, SortKey.UNCERTAINTY), nearest)


@pytest.mark.parametrize("rule", [DecisionRule.ARGMAX, DecisionRule.PER_IMAGE])
def test_without_thresholds_uncertainty_is_the_margin_or_the_distance_to_a_half(rule: DecisionRule) -> None:
    logits = np.array([[0.1, 0.0], [3.0, 0.0], [0.5, 0.4]], dtype=np.float32)
    yes = np.ones(3, dtype=bool)
    activation = Activation.SOFTMAX if rule is DecisionRule.ARGMAX else Activation.SIGMOID
    case = Case(
        logits,
        np.zeros((3, 2), dtype=np.int8),
        yes,
        yes,
        activation,
        rule,
        Thresholds.uniform(2, 0.9),
        ["a", "b", "c"],
        [],
        {},
        ~yes,
    )
    found = order(case.data(), SortKey.UNCERTAINTY).tolist()
    assert found == ([0, 2, 1] if rule is DecisionRule.ARGMAX else [0, 1, 2])


def test_every_key_has_a_word() -> None:
    assert list(SORT_WORDS) == list(SortKey)
