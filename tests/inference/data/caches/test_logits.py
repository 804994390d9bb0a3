"""Kept logits: what is found is what was put, whatever happens to the file."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inference.data.caches.logits import LogitCache
from tests.inference.data.caches.helpers import LABELS, fill, never_wrong, rows, table, the_file

# What is found


def test_rows_come_back_bit_for_bit_in_the_order_asked_for(tmp_path: Path) -> None:
    fingerprints, logits = rows(100)
    logits[3] = [-0.0, 1e-45, 3.4e38, -3.4e38, 16.635532]
    one = table(tmp_path)
    one.put(fingerprints, logits)
    order = np.random.default_rng(5).permutation(100)
    for reader in (one, table(tmp_path)):
        got, found = reader.get(fingerprints[order])
        assert found.all()
        assert got.tobytes() == logits[order].tobytes()
        got[:] = 0  # the caller's own copy
    assert never_wrong(one, fingerprints, logits).all()
    assert len(one) == 100


def test_only_what_was_put_is_found(tmp_path: Path) -> None:
    fingerprints, logits = rows(60)
    one = table(tmp_path)
    assert not never_wrong(one, fingerprints, logits).any()
    one.put(fingerprints[::2], logits[::2])
    assert never_wrong(one, fingerprints, logits).tolist() == [True, False] * 30
    one.put(fingerprints, logits)
    assert never_wrong(one, fingerprints, logits).all()
    assert len(one) == 60


def test_no_fingerprint_and_no_finite_logits_are_not_kept(tmp_path: Path) -> None:
    fingerprints, logits = rows(4)
    fingerprints[0] = 0
    logits[1, 2], logits[2, 0] = np.nan, np.inf
    one = table(tmp_path)
    one.put(fingerprints, logits)
    assert never_wrong(one, fingerprints, logits).tolist() == [False, False, False, True]


def test_rows_are_kept_once(tmp_path: Path) -> None:
    fingerprints, logits = rows(10)
    size = fill(tmp_path, 10).stat().st_size
    one = table(tmp_path)
    one.put(np.concatenate([fingerprints, fingerprints]), np.concatenate([logits, logits + 1]))
    assert the_file(tmp_path).stat().st_size == size
    assert never_wrong(one, fingerprints, logits).all()


@pytest.mark.parametrize(
    "other",
    [{"model": "model2"}, {"preprocessing": "256 px"}, {"n_labels": 4}, {"model": "model224", "preprocessing": " px"}],
)
def test_another_model_or_preprocessing_finds_nothing(tmp_path: Path, other: dict[str, object]) -> None:
    fingerprints, logits = rows(10)
    fill(tmp_path, 10)
    one = table(tmp_path, **other)  # type: ignore[arg-type]
    assert not one.get(fingerprints)[1].any()
    one.put(fingerprints, logits[:, : one.n_labels] + 1)
    assert never_wrong(table(tmp_path), fingerprints, logits).all()


def test_none_at_all(tmp_path: Path) -> None:
    fingerprints, logits = rows(0)
    one = table(tmp_path / "never made")
    one.put(fingerprints, logits)
    got, found = one.get(fingerprints)
    assert got.shape == (0, LABELS)
    assert found.shape == (0,)
    one.close()
    assert not (tmp_path / "never made").exists()


def test_a_model_without_labels(tmp_path: Path) -> None:
    fingerprints, _ = rows(3)
    one = table(tmp_path, n_labels=0)
    one.put(fingerprints, np.empty((3, 0), dtype=np.float32))
    assert one.get(fingerprints)[1].all()


# Damage


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_damage_is_ever_believed(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    folder = tmp_path_factory.mktemp("cache")
    path = fill(folder, 20)
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        kind = data.draw(st.sampled_from(["flip", "cut", "zero", "append", "swap"]))
        at = data.draw(st.integers(0, max(0, len(content) - 1)))
        if kind == "flip" and content:
            content[at] ^= data.draw(st.integers(1, 255))
        elif kind == "cut":
            del content[at:]
        elif kind == "zero":
            content[at : at + 50] = bytes(len(content[at : at + 50]))
        elif kind == "append":
            content += data.draw(st.binary(max_size=60))
        else:
            half = len(content) // 2
            content = content[half:] + content[:half]
    path.write_bytes(content)
    fingerprints, logits = rows(40)
    one = table(folder)
    never_wrong(one, fingerprints, logits)
    one.put(fingerprints, logits)  # what is missing is filled in
    assert never_wrong(one, fingerprints, logits).all()
    assert never_wrong(table(folder), fingerprints, logits).all()


def test_one_damaged_row_costs_one_row(tmp_path: Path) -> None:
    fingerprints, logits = rows(20)
    path = fill(tmp_path, 20)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert never_wrong(table(tmp_path), fingerprints, logits).sum() == 19


def test_a_row_of_another_table_is_not_believed(tmp_path: Path) -> None:
    fingerprints, logits = rows(20)
    ours = fill(tmp_path / "ours", 20)
    other = table(tmp_path / "other", model="other")
    other.put(fingerprints, logits + 1)
    theirs = the_file(tmp_path / "other").read_bytes()
    ours.write_bytes(ours.read_bytes()[:64] + theirs[64:])  # the header is right, the rows are another model's
    assert not never_wrong(table(tmp_path / "ours"), fingerprints, logits).any()


def test_a_torn_tail_is_cut_and_written_anew(tmp_path: Path) -> None:
    fingerprints, logits = rows(20)
    path = fill(tmp_path, 20)
    os.truncate(path, path.stat().st_size - 7)
    one = table(tmp_path)
    assert never_wrong(one, fingerprints, logits).tolist() == [True] * 19 + [False]
    one.put(fingerprints, logits)
    assert never_wrong(table(tmp_path), fingerprints, logits).all()


def test_damage_while_it_is_in_use_is_seen(tmp_path: Path) -> None:
    fingerprints, logits = rows(20)
    path = fill(tmp_path, 20)
    one = table(tmp_path)
    assert never_wrong(one, fingerprints, logits).all()
    with path.open("r+b") as file:
        file.seek(-10, os.SEEK_END)
        file.write(b"??")
    assert never_wrong(one, fingerprints, logits).sum() == 19
    os.truncate(path, 100)
    assert not never_wrong(one, fingerprints, logits).any()
    path.unlink()
    assert not never_wrong(one, fingerprints, logits).any()
    one.put(fingerprints, logits)
    assert never_wrong(one, fingerprints, logits).all()


def test_damage_is_said(tmp_path: Path) -> None:
    fill(tmp_path, 3).write_bytes(b"no table" * 30)
    cache = LogitCache(tmp_path)
    assert cache.note == ""
    cache.table("model", "224 px", LABELS).get(rows(3)[0])
    assert "damaged" in cache.note


@pytest.mark.parametrize("kind", ["folder", "link", "pipe"])
def test_something_else_under_the_name_is_no_table(tmp_path: Path, kind: str) -> None:
    fingerprints, logits = rows(3)
    path = fill(tmp_path, 3)
    elsewhere = tmp_path / "elsewhere"
    path.rename(elsewhere)
    before = elsewhere.read_bytes()
    if kind == "folder":
        path.mkdir()
    elif kind == "link":
        path.symlink_to(elsewhere)
    else:
        os.mkfifo(path)
    cache = LogitCache(tmp_path)
    one = cache.table("model", "224 px", LABELS)
    assert not never_wrong(one, fingerprints, logits).any()
    one.put(fingerprints, logits + 1)
    assert elsewhere.read_bytes() == before
    assert cache.note != ""
    assert never_wrong(one, fingerprints, logits + 1).all() == (kind != "folder")
