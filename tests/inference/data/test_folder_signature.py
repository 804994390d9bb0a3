"""The signature of a folder changes with what is in it, and with nothing else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from inference.data.folder_changes import quick_signature
from tests.inference.data.test_folder_changes import FILES, make


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make(tmp_path / "images", FILES)
    return tmp_path / "images"


def test_the_signature_changes_when_images_come_go_or_are_renamed(folder: Path) -> None:
    seen = [quick_signature(folder)]
    assert quick_signature(str(folder)) == seen[0]
    make(folder, {"cat/new/e.jpg": b"e"})
    seen.append(quick_signature(folder))
    (folder / "cat/new/e.jpg").rename(folder / "cat/new/f.jpg")
    seen.append(quick_signature(folder))
    (folder / "cat/new/f.jpg").rename(folder / "cat/f.jpg")
    seen.append(quick_signature(folder))
    (folder / "cat/f.jpg").unlink()
    seen.append(quick_signature(folder))
    (folder / "cat/new").rmdir()
    seen.append(quick_signature(folder))
    assert len(set(seen)) == len(seen)


def test_the_signature_sees_names_even_when_the_times_of_folders_are_coarse(folder: Path) -> None:
    before = os.stat(folder).st_mtime_ns
    seen = quick_signature(folder)
    (folder / "a.jpg").rename(folder / "z.jpg")
    os.utime(folder, ns=(before, before))
    assert quick_signature(folder) != seen


def test_the_signature_changes_with_a_label_file(folder: Path) -> None:
    table = folder.parent / "labels.csv"
    assert quick_signature(folder, [table]) != quick_signature(folder)
    missing = quick_signature(folder, [table])
    table.write_text("image,cat\n")
    os.utime(table, ns=(1, 1))
    there = quick_signature(folder, [table])
    table.write_text("image,dog\n")
    os.utime(table, ns=(2, 2))
    assert len({missing, there, quick_signature(folder, [table])}) == 3


def test_links_are_part_of_the_signature(folder: Path) -> None:
    seen = quick_signature(folder)
    (folder / "link.jpg").symlink_to("nowhere.jpg")
    dangling = quick_signature(folder)
    make(folder, {"nowhere.jpg": b"x"})
    assert len({seen, dangling, quick_signature(folder)}) == 3


def test_a_folder_that_cannot_be_read_has_no_signature(tmp_path: Path) -> None:
    assert quick_signature(tmp_path / "gone") == ""
    (tmp_path / "file").write_text("")
    assert quick_signature(tmp_path / "file") == ""


def test_moved_as_a_whole_the_names_still_count(folder: Path, tmp_path: Path) -> None:
    seen = quick_signature(folder)
    folder.rename(tmp_path / "elsewhere")
    assert quick_signature(tmp_path / "elsewhere") == seen
