"""What happened to a folder: found by looking, for any sequence of things that users do to files."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inference.data.fingerprints import FingerprintArray, fingerprint_file, fingerprint_files
from inference.data.folder_changes import FolderChanges, compare
from inference.errors import DatasetError
from inference.types import BoolArray, IntArray


@dataclass
class Known:
    """What a project knows of its images."""

    names: list[str]
    sizes: IntArray
    times: IntArray
    fingerprints: FingerprintArray
    present: BoolArray


def make(folder: Path, files: dict[str, bytes], when: int = 1_000) -> None:
    """Write files, all with the same time (ns)."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        os.utime(path, ns=(when, when))


def known(folder: Path, names: list[str], *, read: bool = True) -> Known:
    """As after a first look; fingerprints only when the files were ``read``."""
    stats = [os.stat(folder / name) for name in names]
    found = fingerprint_files(folder, names)
    assert found is not None
    return Known(
        names,
        np.array([one.st_size for one in stats], dtype=np.int64),
        np.array([one.st_mtime_ns for one in stats], dtype=np.int64),
        found if read else np.zeros_like(found),
        np.ones(len(names), dtype=bool),
    )


def look(folder: Path, was: Known) -> FolderChanges:
    changes = compare(was.names, was.sizes, was.times, was.fingerprints, was.present, folder)
    assert changes is not None
    check_files(folder, was, changes)
    return changes


def check_files(folder: Path, was: Known, changes: FolderChanges) -> None:
    """What is said of files must be true of the files that are there."""
    named = {**dict(enumerate(was.names)), **changes.renamed}
    seen = [named[image] for image in changes.seen.tolist()]
    for names, files in ((changes.new, changes.new_files), (seen, changes.files)):
        assert len(names) == len(files.sizes) == len(files.times) == len(files.fingerprints)
        for row, name in enumerate(names):
            status = os.stat(folder / name)
            assert (files.sizes[row], files.times[row]) == (status.st_size, status.st_mtime_ns)
            if files.fingerprints[row].any():
                assert files.fingerprints[row].tobytes() == fingerprint_file(folder / name)


def said(changes: FolderChanges) -> dict[str, object]:
    """The categories that are not empty."""
    found: dict[str, object] = {"new": list(changes.new), "renamed": changes.renamed}
    found |= {kind: getattr(changes, kind).tolist() for kind in ("vanished", "changed", "touched", "returned")}
    return {kind: value for kind, value in found.items() if value}


FILES = {"a.jpg": b"aaaa", "b.jpg": b"bbbb", "cat/c.jpg": b"cccc", "cat/d.png": b"dddddd"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make(tmp_path / "images", FILES)
    return tmp_path / "images"


@pytest.fixture
def was(folder: Path) -> Known:
    return known(folder, list(FILES))


def test_nothing_happened(folder: Path, was: Known) -> None:
    changes = look(folder, was)
    assert said(changes) == {}
    assert not changes.any
    assert len(changes.seen) == 0


def test_new_vanished_changed_and_touched(folder: Path, was: Known) -> None:
    make(folder, {"e10.jpg": b"e", "e2.jpg": b"f", "notes.txt": b"no image"})
    (folder / "a.jpg").unlink()
    make(folder, {"b.jpg": b"BBBB"}, when=2_000)
    make(folder, {"cat/c.jpg": b"cccc"}, when=3_000)
    changes = look(folder, was)
    assert said(changes) == {"new": ["e2.jpg", "e10.jpg"], "vanished": [0], "changed": [1], "touched": [2]}
    assert changes.any
    assert changes.seen.tolist() == [1, 2]


def test_a_new_time_alone_is_no_change(folder: Path, was: Known) -> None:
    make(folder, FILES, when=5_000)
    changes = look(folder, was)
    assert said(changes) == {"touched": [0, 1, 2, 3]}
    assert not changes.any


def test_without_fingerprints_the_size_decides(folder: Path) -> None:
    was = known(folder, list(FILES), read=False)
    make(folder, {"a.jpg": b"AAAA", "b.jpg": b"longer"}, when=2_000)
    assert said(look(folder, was)) == {"touched": [0], "changed": [1]}


def test_the_first_look_finds_sizes_and_times_and_reads_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    n = len(FILES)
    unknown = np.full(n, -1, dtype=np.int64)
    monkeypatch.setattr("inference.data.folder_changes.fingerprint_files", None)
    was = Known(list(FILES), unknown, unknown, np.zeros((n, 16), dtype=np.uint8), np.ones(n, dtype=bool))
    changes = look(folder, was)
    assert said(changes) == {}
    assert changes.seen.tolist() == [0, 1, 2, 3]


def test_untouched_files_are_not_read(folder: Path, was: Known, monkeypatch: pytest.MonkeyPatch) -> None:
    make(folder, {"e.jpg": b"nobody lost a file of this size"})
    (folder / "a.jpg").unlink()
    monkeypatch.setattr("inference.data.folder_changes.fingerprint_files", None)
    assert said(look(folder, was)) == {"new": ["e.jpg"], "vanished": [0]}


def test_an_image_that_comes_back(folder: Path, was: Known) -> None:
    was.present[[0, 1]] = False
    make(folder, {"b.jpg": b"other"}, when=9_000)
    assert said(look(folder, was)) == {"returned": [0], "changed": [1]}
    (folder / "a.jpg").unlink()
    assert said(look(folder, was)) == {"changed": [1]}  # it was not there before either


# Renames


def test_renamed_and_moved_files_are_followed(folder: Path, was: Known) -> None:
    (folder / "a.jpg").rename(folder / "z.jpg")
    (folder / "cat").rename(folder / "dog")
    assert said(look(folder, was)) == {"renamed": {0: "z.jpg", 2: "dog/c.jpg", 3: "dog/d.png"}}


def test_an_image_that_was_gone_is_followed_when_it_turns_up_elsewhere(folder: Path, was: Known) -> None:
    was.present[0] = False
    (folder / "a.jpg").rename(folder / "z.jpg")
    assert said(look(folder, was)) == {"renamed": {0: "z.jpg"}}


def test_another_content_of_the_same_size_is_not_followed(folder: Path, was: Known) -> None:
    (folder / "a.jpg").unlink()
    make(folder, {"z.jpg": b"zzzz"})
    assert said(look(folder, was)) == {"new": ["z.jpg"], "vanished": [0]}


def test_without_a_fingerprint_nothing_is_followed(folder: Path) -> None:
    was = known(folder, list(FILES), read=False)
    (folder / "a.jpg").rename(folder / "z.jpg")
    assert said(look(folder, was)) == {"new": ["z.jpg"], "vanished": [0]}


def test_a_copy_is_new(folder: Path, was: Known) -> None:
    shutil.copy(folder / "a.jpg", folder / "z.jpg")
    assert said(look(folder, was)) == {"new": ["z.jpg"]}


def test_equal_files_are_not_guessed(tmp_path: Path) -> None:
    make(tmp_path, {"a.jpg": b"same", "b.jpg": b"same"})
    was = known(tmp_path, ["a.jpg", "b.jpg"])
    (tmp_path / "a.jpg").rename(tmp_path / "y.jpg")
    (tmp_path / "b.jpg").rename(tmp_path / "z.jpg")
    assert said(look(tmp_path, was)) == {"new": ["y.jpg", "z.jpg"], "vanished": [0, 1]}


def test_equal_files_are_told_apart_by_the_last_part_of_their_names(tmp_path: Path) -> None:
    make(tmp_path, {"x/a.jpg": b"same", "x/b.jpg": b"same"})
    was = known(tmp_path, ["x/a.jpg", "x/b.jpg"])
    (tmp_path / "x").rename(tmp_path / "y")
    assert said(look(tmp_path, was)) == {"renamed": {0: "y/a.jpg", 1: "y/b.jpg"}}


def test_of_two_equal_files_the_one_that_is_left_is_not_guessed(tmp_path: Path) -> None:
    make(tmp_path, {"a.jpg": b"same", "b.jpg": b"same"})
    was = known(tmp_path, ["a.jpg", "b.jpg"])
    (tmp_path / "a.jpg").unlink()
    (tmp_path / "b.jpg").rename(tmp_path / "z.jpg")
    assert said(look(tmp_path, was)) == {"new": ["z.jpg"], "vanished": [0, 1]}


def test_equal_files_with_equal_last_parts_are_not_guessed(tmp_path: Path) -> None:
    make(tmp_path, {"w/1.jpg": b"same", "x/1.jpg": b"same"})
    was = known(tmp_path, ["w/1.jpg", "x/1.jpg"])
    (tmp_path / "w").rename(tmp_path / "y")
    (tmp_path / "x").rename(tmp_path / "z")
    assert said(look(tmp_path, was)) == {"new": ["y/1.jpg", "z/1.jpg"], "vanished": [0, 1]}


def test_two_copies_under_new_names_are_not_guessed(folder: Path, was: Known) -> None:
    shutil.copy(folder / "a.jpg", folder / "y.jpg")
    (folder / "a.jpg").rename(folder / "z.jpg")
    assert said(look(folder, was)) == {"new": ["y.jpg", "z.jpg"], "vanished": [0]}


def test_exchanged_names_are_followed(folder: Path, was: Known) -> None:
    (folder / "a.jpg").rename(folder / "x")
    (folder / "b.jpg").rename(folder / "a.jpg")
    (folder / "x").rename(folder / "b.jpg")
    make(folder, {"a.jpg": b"bbbb", "b.jpg": b"aaaa"}, when=2_000)
    assert said(look(folder, was)) == {"renamed": {0: "b.jpg", 1: "a.jpg"}}


def test_files_that_are_numbered_anew_are_followed(tmp_path: Path) -> None:
    names = [f"{i}.jpg" for i in range(1, 6)]
    make(tmp_path, {name: name.encode() * 3 for name in names})
    was = known(tmp_path, names)
    for i in range(5, 0, -1):
        (tmp_path / f"{i}.jpg").rename(tmp_path / f"{i + 1}.jpg")
        os.utime(tmp_path / f"{i + 1}.jpg", ns=(2_000 + i, 2_000 + i))
    make(tmp_path, {"1.jpg": b"a new first"}, when=9_000)
    changes = look(tmp_path, was)
    assert said(changes) == {"renamed": {i: f"{i + 2}.jpg" for i in range(5)}, "new": ["1.jpg"]}


def test_an_edited_picture_keeps_its_annotation_though_a_copy_of_the_original_is_beside_it(
    folder: Path, was: Known
) -> None:
    shutil.copy(folder / "a.jpg", folder / "a_original.jpg")
    make(folder, {"a.jpg": b"edited"}, when=2_000)
    assert said(look(folder, was)) == {"new": ["a_original.jpg"], "changed": [0]}


def test_a_name_that_another_image_keeps_is_not_taken(folder: Path, was: Known) -> None:
    (folder / "a.jpg").unlink()
    make(folder, {"b.jpg": b"aaaa"}, when=2_000)  # b.jpg overwritten with a.jpg, and its own content is nowhere
    assert said(look(folder, was)) == {"vanished": [0], "changed": [1]}


contents = st.sampled_from([b"one", b"two", b"three", b"four", b"same"])
names = st.sampled_from(["a.jpg", "b.jpg", "c.jpg", "d/a.jpg", "d/b.jpg"])


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=st.dictionaries(names, contents), after=st.dictionaries(names, contents))
def test_every_image_and_file_is_accounted_for_once(
    tmp_path_factory: pytest.TempPathFactory, before: dict[str, bytes], after: dict[str, bytes]
) -> None:
    root = tmp_path_factory.mktemp("images")
    make(root, before)
    was = known(root, list(before))
    for name in before:
        (root / name).unlink()
    make(root, after, when=2_000)
    changes = look(root, was)
    reported = [i for kind in ("vanished", "changed", "touched", "returned") for i in getattr(changes, kind).tolist()]
    assert sorted([*reported, *changes.renamed]) == list(range(len(before)))
    now = dict(enumerate(before)) | changes.renamed
    kept = [now[i] for i in range(len(before)) if i not in changes.vanished]
    assert sorted([*kept, *changes.new]) == sorted(after)  # no file twice, none forgotten
    olds = list(before.values())
    for image, name in changes.renamed.items():
        assert after[name] == olds[image]
    for image in changes.touched:
        assert after[was.names[image]] == olds[image]
    for image in changes.changed:
        assert after[was.names[image]] != olds[image]


# Cancelling, folders that cannot be read


def test_cancelling_at_any_moment_gives_nothing(folder: Path, was: Known) -> None:
    make(folder, {name: content + b"!" for name, content in FILES.items()}, when=2_000)
    (folder / "a.jpg").rename(folder / "z.jpg")
    finished = False
    for allowed in range(60):
        asked = iter(range(allowed))
        found = compare(
            was.names,
            was.sizes,
            was.times,
            was.fingerprints,
            was.present,
            folder,
            cancelled=lambda asked=asked: next(asked, None) is None,  # type: ignore[misc]
        )
        finished = found is not None
        if finished:
            break
    assert finished
    assert allowed > 8


def test_progress_is_told(folder: Path, was: Known) -> None:
    counts: list[int] = []
    compare(was.names, was.sizes, was.times, was.fingerprints, was.present, folder, progress=counts.append)
    assert counts[-1] == 4


def test_a_folder_that_is_gone_is_an_error_and_no_loss_of_all_images(folder: Path, was: Known) -> None:
    shutil.rmtree(folder)
    with pytest.raises(DatasetError, match="not there"):
        look(folder, was)


def test_a_drive_that_stops_is_an_error_and_no_loss(folder: Path, was: Known, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.stat

    def stopped(path: str, **options: bool) -> os.stat_result:
        if str(path).endswith("c.jpg"):
            raise OSError(107, "Transport endpoint is not connected")
        return real(path, **options)

    monkeypatch.setattr(os, "stat", stopped)
    with pytest.raises(DatasetError, match="Transport endpoint"):
        look(folder, was)


def test_names_that_are_no_text_are_not_taken_for_lost(tmp_path: Path) -> None:
    name = os.fsdecode(b"\xff.jpg")
    make(tmp_path, {name: b"x", "a.jpg": b"a"})
    was = known(tmp_path, [name, "a.jpg"])
    changes = look(tmp_path, was)
    assert said(changes) == {}
    (tmp_path / name).unlink()
    assert said(look(tmp_path, was)) == {"vanished": [0]}
