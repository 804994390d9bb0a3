"""One folder a class, and copies in several of them."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings

from inference.data.formats.base import FileAnnotations, ReadOptions, Rest, WriteOptions
from inference.data.formats.folder_per_class import FORMAT
from inference.data.image_index import ImageIndex
from inference.data.listing import list_images
from inference.errors import DataError
from inference.types import Task
from inference.types.annotating import UNSAID
from tests.inference.data.formats.helpers import N, P, annotation_sets, annotations_of, index, refusal, said


def fill(root: Path, files: dict[str, bytes]) -> ImageIndex:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return ImageIndex(str(root), list_images(root).names)


def test_one_folder_each_is_multi_class(tmp_path: Path) -> None:
    found = fill(tmp_path, {"cat/1.jpg": b"a", "dog/1.jpg": b"b", "dog/2.jpg": b"c"})
    read = FORMAT.read(str(tmp_path), found)
    assert said(read) == {
        "cat/1.jpg": {"cat": P, "dog": N},
        "dog/1.jpg": {"cat": N, "dog": P},
        "dog/2.jpg": {"cat": N, "dog": P},
    }
    assert (read.task, read.rest) == (Task.MULTICLASS, Rest.NONE)
    assert FORMAT.recognises(str(tmp_path), b"") > 0


def test_the_same_image_in_several_folders_has_several_labels(tmp_path: Path) -> None:
    found = fill(tmp_path, {"cat/1.jpg": b"same", "dog/x.jpg": b"same", "dog/1.jpg": b"diff", "lynx/e.jpg": b""})
    read = FORMAT.read(str(tmp_path), found)
    assert said(read) == {
        "cat/1.jpg": {"cat": P, "dog": P},
        "dog/x.jpg": {"cat": P, "dog": P},
        "dog/1.jpg": {"dog": P},
        "lynx/e.jpg": {"lynx": P},
    }
    assert (read.task, read.rest) == (None, Rest.ASK)
    told = FORMAT.read(str(tmp_path), found, ReadOptions(unlisted_means="negative"))
    assert said(told)["dog/1.jpg"] == {"cat": N, "dog": P, "lynx": N}


def test_a_folder_of_copies_elsewhere_is_matched_by_name(tmp_path: Path) -> None:
    found = fill(tmp_path / "data", {"a.jpg": b"a", "sub/b.jpg": b"b"})
    fill(tmp_path / "classified", {"cat/a.jpg": b"a", "dog/a.jpg": b"a", "dog/b.jpg": b"b", "dog/z.jpg": b"z"})
    read = FORMAT.read(str(tmp_path / "classified"), found)
    assert said(read) == {"a.jpg": {"cat": P, "dog": P}, "sub/b.jpg": {"dog": P}, "z.jpg": {"dog": P}}
    assert read.missing == ("z.jpg",)


@settings(max_examples=25, deadline=None)
@given(annotation_sets(values=(P, UNSAID), min_images=1))
def test_positives_come_back(made: FileAnnotations) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root, target = Path(folder) / "images", Path(folder) / "out"
        fill(root, {name: name.encode() for name in made.images})
        before = {name: (root / name).read_bytes() for name in made.images}
        used = [label for j, label in enumerate(made.labels) if P in made.statements[:, j]]
        report = FORMAT.write(str(target), made, WriteOptions(images_root=str(root)))
        assert {name: (root / name).read_bytes() for name in made.images} == before
        if not used:
            assert list(target.iterdir()) == []
            return
        read = FORMAT.read(str(target), ImageIndex(str(root), made.images), ReadOptions(unlisted_means="unknown"))
    renamed = any("called differently" in note for note in report.notes)
    expected = {name: len(row) for name, row in said(made).items() if row}
    if len(used) > 1:  # of one label, folders in the names may look like classes
        assert {name: len(row) for name, row in said(read).items()} == expected
        assert renamed or said(read) == {name: row for name, row in said(made).items() if row}


def test_labels_that_no_folder_can_have_are_renamed_and_said(tmp_path: Path) -> None:
    fill(tmp_path / "images", {"a.jpg": b"a", "b.jpg": b"b"})
    made = annotations_of({"a.jpg": {"../x": P, "Cat": P, "cat": P}, "b.jpg": {"con": P, "a:b.": P}})
    report = FORMAT.write(str(tmp_path / "out"), made, WriteOptions(images_root=str(tmp_path / "images")))
    folders = sorted(entry.name for entry in (tmp_path / "out").iterdir())
    assert folders == sorted(["_.._x", "Cat", "cat_2", "_con", "a_b"])
    assert "4 folders called differently" in " ".join(report.notes)


def test_it_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path / "images", {"a.jpg": b"a"})
    options = WriteOptions(images_root=str(tmp_path / "images"))
    gone = annotations_of({"a.jpg": {"cat": P}, "gone.jpg": {"cat": P}})
    with pytest.raises(DataError, match="could not be written"):
        FORMAT.write(str(tmp_path / "out"), gone, options)
    with pytest.raises(DataError, match="which folder the images are in"):
        FORMAT.write(str(tmp_path / "out"), gone)
    (tmp_path / "secret.jpg").write_bytes(b"s")
    os.symlink(tmp_path / "secret.jpg", tmp_path / "images" / "link.jpg")
    with pytest.raises(DataError, match="leads out"):
        FORMAT.write(str(tmp_path / "out"), annotations_of({"link.jpg": {"cat": P}}), options)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["images", "secret.jpg"]


def test_a_folder_without_classes_is_refused(tmp_path: Path) -> None:
    fill(tmp_path, {"a.jpg": b"a"})
    assert "no folders of images" in refusal(FORMAT, str(tmp_path), index("a.jpg"))
    assert "not there" in refusal(FORMAT, str(tmp_path / "none"), index("a.jpg"))
    assert FORMAT.recognises(str(tmp_path), b"") == 0.0
