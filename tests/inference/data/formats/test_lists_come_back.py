"""What every format that lists positives has in common: nothing is lost that it says it holds."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings

from inference.data.formats import detect, format_of
from inference.data.formats.base import FileAnnotations, ReadOptions, Rest, WriteOptions
from inference.data.image_index import ImageIndex
from tests.inference.data.formats.helpers import N, P, annotation_sets, annotations_of, read_or_refused, said

SUFFIXES = {
    "fiftyone": ".json",
    "label_studio": ".json",
    "ground_truth": ".manifest",
    "vertex": ".jsonl",
    "cvat": ".xml",
}
EXPLICIT = ["fiftyone", "label_studio", "ground_truth"]


def comes_back(key: str, made: FileAnnotations, folder: str) -> FileAnnotations:
    known, path = format_of(key), str(Path(folder) / f"labels{SUFFIXES[key]}")
    known.write(path, made)
    index = ImageIndex(folder, made.images)
    read = known.read(path, index)
    if read.rest is Rest.ASK:
        read = known.read(
            path, index, ReadOptions(unlisted_means="negative" if (made.statements == N).any() else "unknown")
        )
    again = str(Path(folder) / f"again{SUFFIXES[key]}")
    known.write(again, read, WriteOptions(base=path, images_root=folder))
    assert Path(again).read_bytes() == Path(path).read_bytes(), "nothing changed"
    return read


@pytest.mark.parametrize("key", EXPLICIT)
@settings(max_examples=40, deadline=None)
@given(made=annotation_sets())
def test_everything_comes_back(key: str, made: FileAnnotations) -> None:
    with tempfile.TemporaryDirectory() as folder:
        read = comes_back(key, made, folder)
    expected = {name: row for name, row in said(made).items() if row}
    assert {name: row for name, row in said(read).items() if row} == expected
    assert not read.refused
    assert not read.missing


@pytest.mark.parametrize("key", ["cvat", "vertex"])
@settings(max_examples=40, deadline=None)
@given(made=annotation_sets(values=(P, N), min_images=1))
def test_full_annotations_come_back_from_plain_lists(key: str, made: FileAnnotations) -> None:
    with tempfile.TemporaryDirectory() as folder:
        read = comes_back(key, made, folder)
    used = {label for row in said(made).values() for label, value in row.items() if value == P}
    if key == "cvat":
        used = set(made.labels)
    expected = {
        name: {label: value for label, value in row.items() if label in used} for name, row in said(made).items()
    }
    assert {name: row for name, row in said(read).items() if row} == {k: row for k, row in expected.items() if row}


@pytest.mark.parametrize("key", SUFFIXES)
@settings(max_examples=30, deadline=None)
@given(before=annotation_sets(), after=annotation_sets())
def test_a_file_written_over_says_what_it_was_told(key: str, before: FileAnnotations, after: FileAnnotations) -> None:
    known = format_of(key)
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / f"labels{SUFFIXES[key]}")
        known.write(path, before)
        known.write(path, after, WriteOptions(base=path))
        read = said(known.read(path, ImageIndex(folder, after.images)))
    for name, row in said(after).items():
        positive = {label for label, value in row.items() if value == P}
        found = {label for label, value in read.get(name, {}).items() if value == P}
        assert found & set(after.labels) == positive


@pytest.mark.parametrize("key", SUFFIXES)
def test_it_is_recognised_and_what_is_left_out_is_said(key: str, tmp_path: Path) -> None:
    path = str(tmp_path / f"labels{SUFFIXES[key]}")
    made = annotations_of({"a.jpg": {"cat": P, "dog": N}, "b.jpg": {"cat": N}}, parts=("train", "holdout"))
    notes = format_of(key).write(path, made, WriteOptions(unknown_as="unlisted")).notes
    assert detect(path)[0][0].key == key
    assert detect(path)[0][1] >= 0.9
    assert any("1 not annotated" in note for note in notes)
    assert key in ("vertex", "cvat") or any("split" in note for note in notes)


@pytest.mark.parametrize("key", SUFFIXES)
@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[" * 100_000, b"\xff\xfe\x00", b"[1, null, []]", b'{"labels": 3}', b"<a>", b"7\n8\n", b"\0"],
)
def test_other_files_are_refused_or_say_nothing(key: str, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / f"labels{SUFFIXES[key]}"
    path.write_bytes(content)
    read = read_or_refused(format_of(key), str(path), ImageIndex("/data", ["a.jpg"]))
    assert read is None or not read.images
    assert format_of(key).recognises(str(path), content) == 0.0
