"""Sorting and filtering against brute force."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from widgets.labels_table.ordering import matches, name_ranks, order_by

values = st.lists(st.one_of(st.floats(-2, 2), st.just(math.nan)), max_size=20)


@given(values, st.booleans())
def test_order_is_stable_with_undefined_last_both_ways(rows: list[float], descending: bool) -> None:
    defined = [i for i, value in enumerate(rows) if not math.isnan(value)]
    undefined = [i for i, value in enumerate(rows) if math.isnan(value)]
    sign = -1 if descending else 1
    expected = sorted(defined, key=lambda i: sign * rows[i]) + undefined
    assert order_by(np.array(rows), descending=descending).tolist() == expected


def test_names_are_ordered_as_a_person_does() -> None:
    names = ["label 10", "Zebra", "label 2", "apple", "label 2b", "", "²", "10", "9"]
    ranked = [names[i] for i in np.argsort(name_ranks(names))]
    assert ranked == ["", "9", "10", "apple", "label 2", "label 2b", "label 10", "Zebra", "²"]


@given(st.lists(st.integers(0, 10**12), max_size=12))
def test_numbers_in_names_are_ordered_by_value(numbers: list[int]) -> None:
    for names in ([f"n{number}" for number in numbers], [f"n{number:015d}" for number in numbers]):
        ranked = [names[i] for i in np.argsort(name_ranks(names))]
        assert [int(name[1:]) for name in ranked] == sorted(numbers)


def test_a_number_of_thousands_of_digits_is_only_a_long_one() -> None:
    names = ["1" * 5_000, "9" * 4_999, "٣", "12", "0" * 5_000 + "2"]
    assert [names[i] for i in np.argsort(name_ranks(names))] == [names[4], names[2], names[3], names[1], names[0]]


@given(st.lists(st.text("abA1 ", max_size=6), max_size=10), st.text("abA1 ", max_size=4))
def test_a_filter_keeps_the_names_that_contain_every_word(names: list[str], text: str) -> None:
    expected = [all(word.lower() in name.lower() for word in text.split()) for name in names]
    assert matches([name.casefold() for name in names], text).tolist() == expected
