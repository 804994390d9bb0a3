"""Hugging Face imagefolder: metadata.jsonl and metadata.csv."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.data.formats.base import FileAnnotations, ReadOptions, Rest, WriteOptions
from inference.data.formats.hf_metadata import FORMAT
from inference.data.image_index import ImageIndex
from inference.types import Task
from inference.types.annotating import UNSAID
from tests.inference.data.formats.helpers import (
    N,
    P,
    U,
    annotation_sets,
    annotations_of,
    index,
    read_or_refused,
    refusal,
    said,
)


def written(path: Path, *lines: object) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return str(path)


def test_names_are_relative_to_the_file(tmp_path: Path) -> None:
    path = written(tmp_path / "train" / "metadata.jsonl", {"file_name": "1.png", "labels": ["cat", "outdoor"]})
    found = index("1.png", "test/1.png", "train/1.png", root=str(tmp_path))
    read = FORMAT.read(path, found)
    assert said(read) == {"train/1.png": {"cat": P, "outdoor": P}}
    assert read.rest is Rest.ASK
    table = tmp_path / "test" / "metadata.csv"
    table.parent.mkdir()
    table.write_text("file_name,cat,dog\n1.png,1,0\n")
    assert said(FORMAT.read(str(table), found)) == {"test/1.png": {"cat": P, "dog": N}}
    table.write_text("file_name,tags\n1.png,cat|dog\n")
    assert said(FORMAT.read(str(table), found)) == {"test/1.png": {"cat": P, "dog": P}}
    before = table.read_bytes()
    for name in (str(table), path):
        content = Path(name).read_bytes()
        read = FORMAT.read(name, found)
        FORMAT.write(name, read, WriteOptions(base=name, images_root=str(tmp_path)))
        assert Path(name).read_bytes() == content
    assert table.read_bytes() == before


def test_labels_stand_in_several_shapes(tmp_path: Path) -> None:
    found = index("a.jpg", "b.jpg", root=str(tmp_path))
    path = tmp_path / "metadata.jsonl"
    written(path, {"file_name": "a.jpg", "label": "cat"}, {"file_name": "b.jpg", "label": "dog"})
    read = FORMAT.read(str(path), found)
    assert said(read) == {"a.jpg": {"cat": P, "dog": N}, "b.jpg": {"cat": N, "dog": P}}
    assert (read.task, read.rest) == (Task.MULTICLASS, Rest.NONE)
    written(path, {"file_name": "a.jpg", "label": 1}, {"file_name": "b.jpg", "label": 7})
    told = FORMAT.read(str(path), found, ReadOptions(labels=("cat", "dog"), unlisted_means="unknown"))
    assert said(told) == {"a.jpg": {"dog": P}, "b.jpg": {"7": P}}
    written(path, {"file_name": "a.jpg", "cat": 1, "dog": 0, "w": 640}, {"file_name": "b.jpg", "cat": -1, "dog": None})
    assert said(FORMAT.read(str(path), found)) == {"a.jpg": {"cat": P, "dog": N}, "b.jpg": {"cat": U}}


def test_only_lines_that_changed_are_written(tmp_path: Path) -> None:
    path = tmp_path / "metadata.jsonl"
    path.write_text('{ "file_name": "a.jpg", "tags": ["cat"], "w": 1.50 }\n{"w":2.50,"file_name":"b.jpg","tags":[]}\n')
    now = {"a.jpg": {"cat": P}, "b.jpg": {"dog": P}, "c.jpg": {"cat": P}}
    FORMAT.write(str(path), annotations_of(now), WriteOptions(base=str(path)))
    assert path.read_text().splitlines() == [
        '{ "file_name": "a.jpg", "tags": ["cat"], "w": 1.50 }',
        '{"w":2.50,"file_name":"b.jpg","tags":["dog"]}',
        '{"file_name":"c.jpg","tags":["cat"]}',
    ]
    path.write_text('{"file_name":"a.jpg","cat":true,"dog":false,"note":"x"}\n')
    FORMAT.write(str(path), annotations_of({"a.jpg": {"cat": N, "dog": N, "fox": P}}), WriteOptions(base=str(path)))
    assert path.read_text() == '{"file_name":"a.jpg","cat":false,"dog":false,"note":"x","fox":true}\n'
    path.write_text('{"file_name":"a.jpg","label":"cat","note":"x"}\n')
    FORMAT.write(str(path), annotations_of({"a.jpg": {"cat": N, "dog": P}}), WriteOptions(base=str(path)))
    assert path.read_text() == '{"file_name":"a.jpg","label":"dog","note":"x"}\n'


@settings(max_examples=60, deadline=None)
@given(annotation_sets(min_images=1).filter(lambda made: bool((made.statements != UNSAID).any())))
def test_json_lines_come_back(made: FileAnnotations) -> None:
    statements = made.statements
    answer = "negative" if not ((statements == UNSAID).any() or (statements == U).any()) else None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "metadata.jsonl"
        FORMAT.write(str(path), made)
        found = ImageIndex(folder, made.images)
        read = FORMAT.read(str(path), found) if P in statements or not answer else None
        if read is None:
            return  # nothing but negatives: lists of nothing
        content = path.read_bytes()
        FORMAT.write(str(path), read, WriteOptions(base=str(path)))
        assert path.read_bytes() == content
        if answer:
            read = FORMAT.read(str(path), found, ReadOptions(unlisted_means=answer))
    expected = said(made)
    if answer:
        used = {label for row in expected.values() for label, value in row.items() if value == P}
        expected = {name: {label: row[label] for label in used} for name, row in expected.items()}
    assert {name: dict(sorted(row.items())) for name, row in said(read).items()} == {
        name: dict(sorted(row.items())) for name, row in expected.items()
    }


def test_csv_is_written_with_a_column_for_each_label(tmp_path: Path) -> None:
    made = annotations_of({"s/a.jpg": {"cat": P, "dog": N}, "s/b.jpg": {"cat": U}})
    (tmp_path / "s").mkdir()
    path = tmp_path / "s" / "metadata.csv"
    FORMAT.write(str(path), made, WriteOptions(images_root=str(tmp_path)))
    assert path.read_text() == "file_name,cat,dog\na.jpg,1,0\nb.jpg,-1,\n"
    assert said(FORMAT.read(str(path), ImageIndex(str(tmp_path), made.images))) == said(made)
    assert FORMAT.recognises(str(path), path.read_bytes()) > 0.9


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('{"file":"a.jpg"}', 'no "file_name" in line 2'),
        ('{"file_name":"a.jpg","labels":["x"],"negatives":"x"}', "'x' as \"negatives\" in line 2"),
        ('{"file_name":', "line 2"),
    ],
)
def test_bad_lines_are_named(tmp_path: Path, line: str, words: str) -> None:
    path = tmp_path / "metadata.jsonl"
    path.write_text('{"file_name":"a.jpg","labels":["cat"]}\n' + line)
    assert words in refusal(FORMAT, str(path), index("a.jpg"))


JSON = st.none() | st.booleans() | st.integers(-2, 2) | st.floats(allow_nan=False) | st.text(max_size=3)


@settings(max_examples=120, deadline=None)
@given(
    st.lists(
        st.fixed_dictionaries(
            {"file_name": st.sampled_from(["a.jpg", "b.jpg", "..", "x"])},
            optional=dict.fromkeys(("labels", "label", "negatives", "cat", ""), JSON | st.lists(JSON, max_size=2)),
        ),
        max_size=4,
    )
)
def test_any_json_is_read_or_refused(lines: list[dict[str, object]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(written(Path(folder) / "metadata.jsonl", *lines))
        found = ImageIndex(folder, ("a.jpg", "b.jpg"))
        read = read_or_refused(FORMAT, str(path), found)
        if read is not None:
            FORMAT.write(str(path), read, WriteOptions(base=str(path)))
