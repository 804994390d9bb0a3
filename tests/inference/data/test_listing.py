"""list_images: what it finds, in which order, and what it refuses to follow."""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.data.listing import list_images, natural_key
from inference.errors import DatasetError
from tests.inference.data.helpers import touch


def test_images_are_found_at_every_depth_in_natural_order(tmp_path: Path) -> None:
    names = ["a2.jpg", "a10.JPG", "B1.png", "b/x.tif", "b 2/x.jpg", "b/c/d/e.webp", "b10/1.gif", "b9/1.gif", "é.jpg"]
    shuffled = random.Random(0).sample(names, len(names))
    touch(tmp_path, [*shuffled, "notes.txt", "b/labels.csv", "jpg"])
    found = list_images(tmp_path)
    in_b = ["b/c/d/e.webp", "b/x.tif"]
    assert list(found.names) == ["a2.jpg", "a10.JPG", *in_b, "B1.png", "b9/1.gif", "b10/1.gif", "b 2/x.jpg", "é.jpg"]
    assert found.warnings == ()
    assert found.root == str(tmp_path)


@given(st.lists(st.text("ab01 9/._", min_size=1), max_size=20))
def test_natural_order_is_total_and_stable(names: list[str]) -> None:
    ordered = sorted(names, key=natural_key)
    backwards = names[::-1]
    assert ordered == sorted(backwards, key=natural_key)
    assert sorted(ordered) == sorted(names)


def test_hidden_files_are_passed_over_in_silence(tmp_path: Path) -> None:
    touch(tmp_path, ["a.jpg", ".b.jpg", ".cache/c.jpg", "d/._e.jpg"])
    found = list_images(tmp_path)
    assert found.names == ("a.jpg",)
    assert found.warnings == ()


def test_formats_without_decoder_are_listed(tmp_path: Path) -> None:
    touch(tmp_path, ["a.heic", "b.avif", "c.CR2"])
    assert list_images(tmp_path).names == ("a.heic", "b.avif", "c.CR2")


def test_loops_of_links_are_cut(tmp_path: Path) -> None:
    touch(tmp_path, ["a/x.jpg", "b/y.jpg"])
    (tmp_path / "a" / "up").symlink_to(tmp_path)
    (tmp_path / "a" / "to_b").symlink_to(tmp_path / "b")
    (tmp_path / "b" / "to_a").symlink_to(tmp_path / "a")
    (tmp_path / "self.jpg").symlink_to("self.jpg")
    (tmp_path / "self").symlink_to("self")
    found = list_images(tmp_path)
    assert found.names == ("a/x.jpg", "b/y.jpg")
    assert any("3 links not followed" in text for text in found.warnings)
    assert any("leading nowhere" in text and "self.jpg" in text for text in found.warnings)


def test_links_within_the_folder_are_followed(tmp_path: Path) -> None:
    touch(tmp_path, [".store/x.jpg", ".store/sub/y.jpg", "a/z.jpg"])
    (tmp_path / "data").symlink_to(".store")
    (tmp_path / "again.jpg").symlink_to("a/z.jpg")
    assert list_images(tmp_path).names == ("a/z.jpg", "again.jpg", "data/sub/y.jpg", "data/x.jpg")


def test_links_out_of_the_folder_are_refused_and_counted(tmp_path: Path) -> None:
    touch(tmp_path, ["outside/x.jpg", "inside/a.jpg", "inside-too/y.jpg"])
    inside = tmp_path / "inside"
    (inside / "folder").symlink_to(tmp_path / "outside")
    (inside / "file.jpg").symlink_to(tmp_path / "outside" / "x.jpg")
    (inside / "sibling").symlink_to(tmp_path / "inside-too")  # shares the beginning of the name
    found = list_images(inside)
    assert found.names == ("a.jpg",)
    assert any("3 links refused" in text and "file.jpg" in text for text in found.warnings)


def test_a_root_that_is_a_link_itself(tmp_path: Path) -> None:
    touch(tmp_path, ["real/a.jpg", "real/b.jpg"])
    (tmp_path / "real" / "c.jpg").symlink_to("b.jpg")
    (tmp_path / "link").symlink_to("real")
    found = list_images(tmp_path / "link")
    assert found.names == ("a.jpg", "b.jpg", "c.jpg")
    assert found.root == str(tmp_path / "link")


def test_dangling_links_and_irregular_files_are_counted(tmp_path: Path) -> None:
    touch(tmp_path, ["a.jpg"])
    (tmp_path / "gone.jpg").symlink_to(tmp_path / "nowhere.jpg")
    (tmp_path / "gone.txt").symlink_to(tmp_path / "nowhere.txt")  # nobody would miss it
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "dir.jpg").mkdir()
    touch(tmp_path, ["dir.jpg/b.png"])
    found = list_images(tmp_path)
    assert found.names == ("a.jpg", "dir.jpg/b.png")
    assert any("1 link left out" in text and "gone.jpg" in text for text in found.warnings)
    assert any("pipe.jpg" in text for text in found.warnings)
    assert not any("gone.txt" in text for text in found.warnings)


def test_names_that_are_no_text_are_counted(tmp_path: Path) -> None:
    touch(tmp_path, ["a.jpg"])
    try:
        os.close(os.open(os.fsencode(tmp_path) + b"/b\xff.jpg", os.O_CREAT | os.O_WRONLY))
    except OSError:
        pytest.skip("this file system takes valid names only")
    found = list_images(tmp_path)
    assert found.names == ("a.jpg",)
    assert any("no valid text" in text for text in found.warnings)
    "".join(found.warnings).encode()


def test_a_folder_that_cannot_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch(tmp_path, ["a.jpg", "locked/b.jpg"])
    real = os.scandir

    def scandir(path: str) -> Any:
        if path.endswith("locked"):
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    found = list_images(tmp_path)
    assert found.names == ("a.jpg",)
    assert any("locked" in text for text in found.warnings)
    with pytest.raises(DatasetError, match="permission"):
        list_images(tmp_path / "locked")


def test_a_root_that_vanished(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="is not there"):
        list_images(tmp_path / "gone")
    touch(tmp_path, ["a.jpg"])
    with pytest.raises(DatasetError, match="not a folder"):
        list_images(tmp_path / "a.jpg")


def test_progress_counts_while_it_runs_and_can_stop_it(tmp_path: Path) -> None:
    touch(tmp_path, [f"{index}.jpg" for index in range(1200)])
    seen: list[int] = []
    list_images(tmp_path, seen.append)
    assert seen == [500, 1000, 1200]

    class StopHereError(Exception):
        pass

    def stop(_: int) -> None:
        raise StopHereError

    with pytest.raises(StopHereError):
        list_images(tmp_path, stop)


def test_scanning_is_linear_in_system_calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plain file costs no call of its own, so that 100,000 of them list in a second or two."""
    touch(tmp_path, [f"{index % 5}/{index}.jpg" for index in range(300)])
    calls = 0
    real = os.stat

    def stat(*arguments: Any, **options: Any) -> os.stat_result:
        nonlocal calls
        calls += 1
        return real(*arguments, **options)

    monkeypatch.setattr(os, "stat", stat)
    assert len(list_images(tmp_path).names) == 300
    assert calls < 20
