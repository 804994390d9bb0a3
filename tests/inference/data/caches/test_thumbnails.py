"""Kept thumbnails: of that very file, within the limit, and dropped when damaged."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from inference.data.caches.thumbnails import ThumbnailCache
from inference.types import RgbArray
from tests.inference.data.helpers import colours

NAME = "thumbnails.sqlite"


def picture(number: int = 0, height: int = 96, width: int = 128) -> RgbArray:
    """Smooth, and of a brightness that tells which one it is."""
    return np.ascontiguousarray(colours(height, width, seed=number) // 4 + np.uint8(number * 37 % 190))


def alike(one: RgbArray | None, other: RgbArray) -> bool:
    return one is not None and one.shape == other.shape and float(np.abs(one.astype(int) - other).mean()) < 4


def fill(folder: Path, count: int, max_bytes: int = 1 << 30) -> ThumbnailCache:
    cache = ThumbnailCache(folder, max_bytes)
    for number in range(count):
        cache.put(f"/images/{number}.jpg", 1000, 5, 256, picture(number))
    cache.close()
    return cache


def found(cache: ThumbnailCache, count: int) -> list[int]:
    """Which of them are there; what is there must be right."""
    there = []
    for number in range(count):
        rgb = cache.get(f"/images/{number}.jpg", 1000, 5, 256)
        if rgb is not None:
            assert alike(rgb, picture(number))
            there.append(number)
    return there


def test_a_thumbnail_looks_alike_when_it_comes_back(tmp_path: Path) -> None:
    cache = ThumbnailCache(tmp_path)
    assert cache.get("/a.jpg", 1, 2, 256) is None
    cache.put("/a.jpg", 1, 2, 256, picture(3))
    for _ in range(2):
        rgb = cache.get("/a.jpg", 1, 2, 256)
        assert rgb is not None
        assert alike(rgb, picture(3))
        assert rgb.dtype == np.uint8
        assert rgb.flags.writeable
        cache.close()
    assert alike(ThumbnailCache(tmp_path).get("/a.jpg", 1, 2, 256), picture(3))


def test_tiny_pictures_come_back_exactly(tmp_path: Path) -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    cache = ThumbnailCache(tmp_path)
    cache.put("/a.png", 1, 2, 256, rgb)
    cache.close()
    back = cache.get("/a.png", 1, 2, 256)
    assert back is not None
    assert np.array_equal(back, rgb)
    cache.close()


@pytest.mark.parametrize(
    "other", [("/b.jpg", 1, 2, 256), ("/a.jpg", 3, 2, 256), ("/a.jpg", 1, 3, 256), ("/a.jpg", 1, 2, 128)]
)
def test_another_file_time_or_side_is_another_thumbnail(tmp_path: Path, other: tuple[str, int, int, int]) -> None:
    cache = ThumbnailCache(tmp_path)
    cache.put("/a.jpg", 1, 2, 256, picture())
    assert cache.get(*other) is None
    cache.put(*other, picture(50))
    cache.close()
    assert alike(cache.get("/a.jpg", 1, 2, 256), picture())
    assert alike(cache.get(*other), picture(50))
    cache.close()


def test_names_that_are_no_text(tmp_path: Path) -> None:
    path = os.fsdecode(b"/images/\xff\xfe.jpg")
    cache = ThumbnailCache(tmp_path)
    cache.put(path, 1, 2, 256, picture())
    cache.close()
    assert alike(cache.get(path, 1, 2, 256), picture())
    cache.close()


def test_the_file_stays_within_the_limit_and_keeps_what_was_looked_at(tmp_path: Path) -> None:
    limit = 200_000
    cache = fill(tmp_path, 20, limit)
    first = found(cache, 20)
    assert first == list(range(20))
    for number in range(20, 200):
        assert cache.get("/images/0.jpg", 1000, 5, 256) is not None  # looked at again and again
        cache.put(f"/images/{number}.jpg", 1000, 5, 256, picture(number))
    cache.close()
    there = found(cache, 200)
    cache.close()
    assert (tmp_path / NAME).stat().st_size <= limit
    assert there[0] == 0
    assert 199 in there
    assert 10 < len(there) < 100
    assert not set(range(1, 20)) & set(there)
    assert cache.note == ""


def test_a_picture_larger_than_the_limit_is_not_kept(tmp_path: Path) -> None:
    cache = fill(tmp_path, 1, max_bytes=1000)
    assert found(cache, 1) == []
    assert cache.note == ""
    cache.close()


def test_a_smaller_limit_takes_effect(tmp_path: Path) -> None:
    fill(tmp_path, 100)
    cache = fill(tmp_path, 3, max_bytes=100_000)
    assert (tmp_path / NAME).stat().st_size <= 100_000
    assert found(cache, 3) == [0, 1, 2]
    cache.close()


@pytest.mark.parametrize("content", [b"", b"no database", b"SQLite format 3\0" + b"\xff" * 5000])
def test_what_is_no_cache_is_dropped(tmp_path: Path, content: bytes) -> None:
    (tmp_path / NAME).write_bytes(content)
    cache = ThumbnailCache(tmp_path)
    assert found(cache, 3) == []
    fill(tmp_path, 3)
    assert found(cache, 3) == [0, 1, 2]
    cache.close()


def test_a_cache_of_another_version_is_dropped(tmp_path: Path) -> None:
    fill(tmp_path, 3)
    connection = sqlite3.connect(tmp_path / NAME)
    connection.executescript("PRAGMA user_version = 99; DROP TABLE thumbnails; CREATE VIEW thumbnails AS SELECT 1;")
    connection.close()
    cache = ThumbnailCache(tmp_path)
    assert found(cache, 3) == []
    fill(tmp_path, 3)
    assert found(cache, 3) == [0, 1, 2]
    cache.close()


@pytest.mark.parametrize("seed", range(25))
def test_damage_is_never_shown(tmp_path: Path, seed: int) -> None:
    cache = fill(tmp_path, 40)
    content = bytearray((tmp_path / NAME).read_bytes())
    rng = np.random.default_rng(seed)
    for _ in range(rng.integers(1, 200)):
        content[rng.integers(0 if seed % 2 else 100, len(content))] ^= int(rng.integers(1, 256))
    if seed % 3 == 0:
        del content[rng.integers(0, len(content)) :]
    (tmp_path / NAME).write_bytes(content)
    found(cache, 40)  # asserts that what is there is right
    for number in range(40):
        cache.put(f"/images/{number}.jpg", 1000, 5, 256, picture(number))
    cache.close()
    found(cache, 40)
    cache.close()
    fill(tmp_path, 40)
    assert len(found(cache, 40)) >= 30
    cache.close()


def test_one_damaged_picture_costs_one_picture(tmp_path: Path) -> None:
    cache = fill(tmp_path, 10)
    connection = sqlite3.connect(tmp_path / NAME)
    connection.execute("UPDATE thumbnails SET picture = zeroblob(500) WHERE id = (SELECT min(id) FROM thumbnails)")
    connection.commit()
    connection.close()
    assert len(found(cache, 10)) == 9
    cache.close()


def test_pictures_under_anothers_key_are_not_shown(tmp_path: Path) -> None:
    cache = fill(tmp_path, 2)
    connection = sqlite3.connect(tmp_path / NAME)
    (one, picture_one), (two, picture_two) = connection.execute("SELECT id, picture FROM thumbnails").fetchall()
    connection.execute("UPDATE thumbnails SET picture = ? WHERE id = ?", (picture_two, one))
    connection.execute("UPDATE thumbnails SET picture = ? WHERE id = ?", (picture_one, two))
    connection.commit()
    connection.close()
    assert found(cache, 2) == []
    cache.close()


@pytest.mark.parametrize("kind", ["link", "pipe"])
def test_something_else_under_the_name_is_replaced(tmp_path: Path, kind: str) -> None:
    (tmp_path / "cache").mkdir()
    treasure = tmp_path / "treasure"
    treasure.write_bytes(b"not ours")
    if kind == "link":
        (tmp_path / "cache" / NAME).symlink_to(treasure)
    else:
        os.mkfifo(tmp_path / "cache" / NAME)
    cache = fill(tmp_path / "cache", 3)
    assert found(cache, 3) == [0, 1, 2]
    assert treasure.read_bytes() == b"not ours"
    cache.close()


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    cache = fill(tmp_path / "file", 3)
    assert found(cache, 3) == []
    assert cache.note.endswith(".")


def test_a_full_disk_is_said_and_what_was_kept_stays(tmp_path: Path) -> None:
    cache = fill(tmp_path, 10)
    full = ThumbnailCache(tmp_path)
    pages = full._open().execute("PRAGMA page_count").fetchone()[0]
    full._open().execute(f"PRAGMA max_page_count = {pages}")
    for number in range(10, 40):
        full.put(f"/images/{number}.jpg", 1000, 5, 256, picture(number))
        if "full" in full.note:
            break
    assert "full" in full.note
    full.close()
    assert found(cache, 10) == list(range(10))
    cache.close()


def test_while_another_process_writes_nothing_waits_and_nothing_breaks(tmp_path: Path) -> None:
    cache = fill(tmp_path, 3)
    other = sqlite3.connect(tmp_path / NAME, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    assert found(cache, 3) == []
    cache.put("/images/3.jpg", 1000, 5, 256, picture(3))
    cache.flush()
    other.execute("ROLLBACK")
    other.close()
    assert found(cache, 3) == [0, 1, 2]
    assert cache.note == ""
    cache.close()


def test_two_at_once_see_each_others(tmp_path: Path) -> None:
    one, two = ThumbnailCache(tmp_path), ThumbnailCache(tmp_path)
    for number in range(20):
        cache = (one, two)[number % 2]
        cache.put(f"/images/{number}.jpg", 1000, 5, 256, picture(number))
        cache.flush()
    assert found(one, 20) == found(two, 20) == list(range(20))
    one.close()
    two.close()
