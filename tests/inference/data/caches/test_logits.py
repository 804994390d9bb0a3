"""Kept logits: what is found is what was put, whatever happens to the file; and nothing raises because of a disk."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inference.data.caches.disk import locked
from inference.data.caches.logits import LogitCache, LogitTable
from inference.data.fingerprints import FingerprintArray
from inference.types import ScoreArray

LABELS = 5


def rows(count: int, seed: int = 0) -> tuple[FingerprintArray, ScoreArray]:
    """Fingerprints and logits; those of a larger count begin with those of a smaller one."""
    fingerprints = np.random.default_rng(seed).integers(0, 256, (count, 16), dtype=np.uint8)
    logits = np.random.default_rng(seed + 1).normal(size=(count, LABELS)).astype(np.float32)
    return fingerprints, logits


def table(folder: Path, model: str = "model", preprocessing: str = "224 px", n_labels: int = LABELS) -> LogitTable:
    return LogitCache(folder).table(model, preprocessing, n_labels)


def fill(folder: Path, count: int, seed: int = 0) -> Path:
    """Put so many rows, close, and return the file they are in."""
    one = table(folder)
    one.put(*rows(count, seed))
    one.close()
    return the_file(folder)


def the_file(folder: Path) -> Path:
    (found,) = folder.glob("*.logits")
    return found


def never_wrong(one: LogitTable, fingerprints: FingerprintArray, logits: ScoreArray) -> np.ndarray:
    """Assert that what is found is what was put, and the rest NaN; return which were found."""
    got, found = one.get(fingerprints)
    assert got.dtype == np.float32
    assert got.shape == logits.shape
    assert np.array_equal(got[found], logits[found])
    assert np.isnan(got[~found]).all()
    return found


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


# Disks


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    cache = LogitCache(tmp_path / "file" / "cache")
    one = cache.table("model", "224 px", LABELS)
    one.put(*rows(3))
    assert cache.note.endswith(".")
    assert not one.get(rows(3)[0])[1].any()
    one.close()


@pytest.mark.parametrize("accepted", [0, 10, 64, 100, 500])
def test_a_disk_that_fills_up_keeps_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, accepted: int
) -> None:
    fingerprints, logits = rows(40)
    fill(tmp_path, 20)
    left, write = accepted, os.write

    def full(descriptor: int, data: memoryview) -> int:
        nonlocal left
        if left == 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        done = write(descriptor, data[:left])
        left -= done
        return done

    cache = LogitCache(tmp_path)
    one = cache.table("model", "224 px", LABELS)
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        one.put(fingerprints, logits)
    assert "No space left" in cache.note
    assert never_wrong(one, fingerprints, logits).tolist() == [True] * 20 + [False] * 20
    one.put(fingerprints, logits)  # somebody freed some space
    assert never_wrong(table(tmp_path), fingerprints, logits).all()


@pytest.mark.parametrize("name", ["stat", "open", "read", "fstat"])
def test_a_drive_that_stops_is_said_and_may_come_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    fingerprints, logits = rows(20)
    fill(tmp_path, 20)

    def stopped(*_: object, **__: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    cache = LogitCache(tmp_path)
    one = cache.table("model", "224 px", LABELS)
    with monkeypatch.context() as patch:
        patch.setattr(os, name, stopped)
        assert not never_wrong(one, fingerprints, logits).any()
        one.put(fingerprints, logits)
        assert cache.note.endswith(".")
    assert never_wrong(one, fingerprints, logits).all()


def test_a_disk_that_refuses_the_map_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path, 3)
    cache = LogitCache(tmp_path)

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))

    monkeypatch.setattr("mmap.mmap", refuse)
    assert not cache.table("model", "224 px", LABELS).get(rows(3)[0])[1].any()
    assert "scored again" in cache.note


# Limits


def test_the_table_used_least_recently_makes_room(tmp_path: Path) -> None:
    fingerprints, logits = rows(100)
    one_table = 64 + 100 * (16 + 4 * LABELS + 4)
    cache = LogitCache(tmp_path, max_bytes=3 * one_table)
    tables = [cache.table(f"model {i}", "", LABELS) for i in range(4)]
    for when, one in enumerate(tables[:3]):
        one.put(fingerprints, logits)
        os.utime(one._path, ns=(when, when))
    assert tables[0].get(fingerprints)[1].all()  # used just now: the next one is the oldest
    tables[3].put(fingerprints, logits)
    assert [bool(one.get(fingerprints)[1].all()) for one in tables] == [True, False, True, True]
    assert sum(path.stat().st_size for path in tmp_path.glob("*.logits")) <= 3 * one_table


def test_a_table_stops_growing_at_the_limit(tmp_path: Path) -> None:
    fingerprints, logits = rows(100)
    cache = LogitCache(tmp_path, max_bytes=64 + 30 * (16 + 4 * LABELS + 4))
    one = cache.table("model", "", LABELS)
    one.put(fingerprints, logits)
    assert never_wrong(one, fingerprints, logits).sum() == 30
    assert "full" in cache.note
    one.put(fingerprints, logits)
    assert the_file(tmp_path).stat().st_size <= 64 + 30 * (16 + 4 * LABELS + 4)


# Several processes


def test_what_another_process_appends_is_found(tmp_path: Path) -> None:
    fingerprints, logits = rows(30)
    one, two = table(tmp_path), table(tmp_path)
    for start in range(0, 30, 10):
        piece = slice(start, start + 10)
        (one, two)[start // 10 % 2].put(fingerprints[piece], logits[piece])
        for reader in (one, two):
            assert never_wrong(reader, fingerprints, logits).sum() == start + 10


def test_rows_wait_while_another_process_writes(tmp_path: Path) -> None:
    fingerprints, logits = rows(10)
    one = table(tmp_path)
    with locked(tmp_path):
        one.put(fingerprints[:5], logits[:5])
        assert never_wrong(one, fingerprints, logits).sum() == 5  # here they are known
        assert not never_wrong(table(tmp_path), fingerprints, logits).any()
    one.put(fingerprints[5:], logits[5:])
    assert never_wrong(table(tmp_path), fingerprints, logits).all()


def test_rows_that_waited_are_written_at_the_end(tmp_path: Path) -> None:
    fingerprints, logits = rows(10)
    one = table(tmp_path)
    with locked(tmp_path):
        one.put(fingerprints, logits)
    one.close()
    assert never_wrong(table(tmp_path), fingerprints, logits).all()


def test_a_table_that_another_process_replaced_is_read_anew(tmp_path: Path) -> None:
    fingerprints, logits = rows(10)
    path = fill(tmp_path, 10)
    one = table(tmp_path)
    assert never_wrong(one, fingerprints, logits).all()
    path.unlink()
    other = table(tmp_path)
    other.put(fingerprints[:4], logits[:4] + 1)
    assert never_wrong(one, fingerprints[:4], logits[:4] + 1).all()
    assert not one.get(fingerprints[4:])[1].any()


WRITE_FOR_EVER = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from tests.inference.data.caches.test_logits import rows, table
fingerprints, logits = rows(50_000)
one = table(Path(sys.argv[1]))
for start in range(0, 50_000, 7):
    one.put(fingerprints[start:start + 7], logits[start:start + 7])
    print(start + 7, flush=True)
"""


def test_two_writers_killed_at_work_leave_nothing_wrong(tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[4]
    command = [sys.executable, "-c", WRITE_FOR_EVER, str(tmp_path), str(root)]
    fingerprints, logits = rows(50_000)
    writers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    reader = table(tmp_path)
    said = 0
    for turn in range(40):
        for writer in writers:
            assert writer.stdout is not None
            said = max(said, int(writer.stdout.readline()))
        if turn % 10 == 0:
            never_wrong(reader, fingerprints, logits)
    for writer in writers:
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        assert writer.stdout is not None
        writer.stdout.close()
    assert said == 280
    reader.put(fingerprints[:1000], logits[:1000])
    assert never_wrong(table(tmp_path), fingerprints[:1000], logits[:1000]).all()
