"""Numbers are shown without rounding where they decide, and typed without clamping."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from widgets.numbers import NotAThreshold, format_fraction, format_rate, format_score, format_threshold, parse_threshold

finite = st.floats(width=32, allow_nan=False, allow_infinity=False)


@given(finite)
def test_a_threshold_reads_back_as_the_same_float32(value: float) -> None:
    assert parse_threshold(format_threshold(value)) == np.float32(value)


@given(st.floats(0, 1, width=32), st.floats(0, 1, width=32))
def test_a_shown_score_stands_on_its_side_of_the_threshold(score: float, threshold: float) -> None:
    shown = float(format_score(score, threshold))
    assert abs(shown - score) <= 0.001 + 1e-9
    if score < threshold:
        assert shown < threshold
    elif shown <= 1:
        assert shown >= threshold


@pytest.mark.parametrize(
    ("typed", "value"),
    [("0.37", 0.37), (" 1e-9 ", 1e-9), ("1.7", 1.7), ("-0.25", -0.25), ("−0.5", -0.5), (".5", 0.5), ("inf", math.inf)],
)
def test_any_float_is_taken(typed: str, value: float) -> None:
    assert parse_threshold(typed) == np.float32(value)


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "such as 0.37"),
        ("half", "is not a number"),
        ("0.5x", "is not a number"),
        ("1_000", "is not a number"),
        ("0,37", "0.37"),
        ("37 %", "0.37"),
        ("nan", "NaN"),
        ("1e39", "largest float32"),
        ("1e-60", "smallest float32"),
    ],
)
def test_what_is_no_threshold_is_refused_with_a_reason(typed: str, reason: str) -> None:
    with pytest.raises(NotAThreshold, match=reason):
        parse_threshold(typed)


def test_undefined_rates_are_dashes_and_counts_have_commas() -> None:
    assert format_rate(math.nan) == "–"
    assert format_rate(18 / 22) == "0.82"
    assert format_fraction(18, 22) == "18/22"
    assert format_fraction(1200, 34567) == "1,200/34,567"


@pytest.mark.parametrize("places", [2, 3, 4])
@given(numerator=st.integers(0, 12_000), denominator=st.integers(1, 12_000))
def test_only_all_is_1_and_only_none_is_0(places: int, numerator: int, denominator: int) -> None:
    rate = min(numerator, denominator) / denominator
    shown = format_rate(rate, places)
    assert len(shown) == places + 2
    assert (float(shown) == 1) == (rate == 1)
    assert (float(shown) == 0) == (rate == 0)
    assert abs(float(shown) - rate) <= 10.0**-places


def test_a_sum_that_is_1_but_for_floating_point_says_1() -> None:
    assert format_rate(sum([0.1] * 10)) == "1.00"
    assert format_rate(0.9996) == "0.99"
    assert format_rate(0.0004) == "0.01"
