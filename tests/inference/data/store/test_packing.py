"""Two bits a statement, and texts of any kind."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from inference.data.store.packing import blob_text, packed, text_blob, unpacked
from inference.types.annotating import UNSAID, StatementArray

STATEMENTS = hnp.arrays(
    np.int8, hnp.array_shapes(min_dims=2, max_dims=2, min_side=0, max_side=11), elements=st.integers(-2, 1)
)


@given(STATEMENTS)
def test_statements_come_back(values: StatementArray) -> None:
    blobs = packed(values)
    assert [len(blob) for blob in blobs] == [-(-values.shape[1] // 4)] * len(values)
    np.testing.assert_array_equal(unpacked(blobs, values.shape[1]), values)


@given(STATEMENTS, st.integers(0, 20))
def test_other_numbers_of_labels_cut_or_add_what_nobody_said(values: StatementArray, p: int) -> None:
    found = unpacked(packed(values), p)
    common = min(p, values.shape[1])
    np.testing.assert_array_equal(found[:, :common], values[:, :common])
    assert (found[:, common:] == UNSAID).all()


def test_rows_of_different_length() -> None:
    blobs = [*packed(np.array([[1, 0, -1, -2, 1]], dtype=np.int8)), b"", *packed(np.array([[0]], dtype=np.int8))]
    assert unpacked(blobs, 5).tolist() == [[1, 0, -1, -2, 1], [-2] * 5, [0, -2, -2, -2, -2]]


def test_rows_of_different_length_that_add_up() -> None:
    blobs = [b"\xff\xff", b"", b"\x00"]
    assert unpacked(blobs, 4).tolist() == [[1, 1, 1, 1], [-2] * 4, [-2] * 4]


@pytest.mark.parametrize("value", [2, -3])
def test_other_values_are_refused(value: int) -> None:
    with pytest.raises(ValueError, match=str(value)):
        packed(np.array([[0, value]], dtype=np.int8))


@given(st.text(st.characters()))
def test_any_text_comes_back(text: str) -> None:
    assert blob_text(text_blob(text)) == text


@given(st.binary())
def test_names_that_are_no_utf8_come_back(raw: bytes) -> None:
    name = raw.decode("utf-8", "surrogateescape")
    assert blob_text(text_blob(name)) == name
