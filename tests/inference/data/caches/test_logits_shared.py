"""Kept logits on disks that refuse, within their limit, and with several processes at once."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from inference.data.caches.disk import locked
from inference.data.caches.logits import LogitCache
from tests.inference.data.caches.helpers import LABELS, fill, never_wrong, rows, table, the_file

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
from tests.inference.data.caches.helpers import rows, table
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
