"""Fingerprints: of the content alone, for files of every size, and an explanation where there is none."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from inference.data.fingerprints import NO_FINGERPRINT, fingerprint_file, fingerprint_files
from inference.errors import ImageError


@pytest.mark.parametrize("size", [0, 1, 1 << 20, (1 << 20) + 1, 3 << 20])
def test_the_fingerprint_is_blake2b_of_the_whole_content(tmp_path: Path, size: int) -> None:
    content = os.urandom(size)
    (tmp_path / "a.jpg").write_bytes(content)
    found = fingerprint_file(tmp_path / "a.jpg")
    assert found == hashlib.blake2b(content, digest_size=16).digest()
    assert found != NO_FINGERPRINT


def test_name_and_time_do_not_matter(tmp_path: Path) -> None:
    for name in ("a.jpg", "b.png"):
        (tmp_path / name).write_bytes(b"the same")
    os.utime(tmp_path / "b.png", ns=(1, 1))
    assert fingerprint_file(tmp_path / "a.jpg") == fingerprint_file(str(tmp_path / "b.png"))


def test_what_cannot_be_read_is_explained(tmp_path: Path) -> None:
    (tmp_path / "folder.jpg").mkdir()
    os.mkfifo(tmp_path / "pipe.jpg")
    for name, words in (("gone.jpg", "no longer there"), ("folder.jpg", "a folder"), ("pipe.jpg", "a named pipe")):
        with pytest.raises(ImageError, match=words) as caught:
            fingerprint_file(tmp_path / name)
        assert name in str(caught.value)
    with pytest.raises(ImageError):
        fingerprint_file(f"{tmp_path}/a\0.jpg")


def test_many_files_with_some_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "a.jpg").write_bytes(b"a")
    (tmp_path / "b" / "c.jpg").write_bytes(b"c")
    counts: list[int] = []
    found = fingerprint_files(tmp_path, ["a.jpg", "gone.jpg", "b/c.jpg"], progress=counts.append)
    assert found is not None
    assert [row.tobytes() for row in found] == [
        fingerprint_file(tmp_path / "a.jpg"),
        NO_FINGERPRINT,
        fingerprint_file(tmp_path / "b" / "c.jpg"),
    ]
    assert counts == [1, 2, 3]


def test_cancelling_ends_in_the_middle_of_a_file(tmp_path: Path) -> None:
    with (tmp_path / "large.jpg").open("wb") as file:
        file.truncate(64 << 20)
    asked = 0

    def cancelled() -> bool:
        nonlocal asked
        asked += 1
        return asked > 3

    assert fingerprint_files(tmp_path, ["large.jpg"], cancelled=cancelled) is None
    assert asked == 4
