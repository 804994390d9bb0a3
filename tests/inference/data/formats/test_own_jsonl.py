"""Cutline's own JSON lines hold everything, and change nothing that was not asked for."""

from __future__ import annotations

import json
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.data.formats.base import FileAnnotations, ReadOptions, Rest, WriteOptions
from inference.data.formats.own_jsonl import FORMAT
from inference.data.image_index import ImageIndex
from inference.types import Task
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
    warned,
)


def test_lists_say_positive_negative_and_unknown(tmp_path: Path) -> None:
    path = tmp_path / "l.jsonl"
    path.write_text('{"image":"a.jpg","labels":["cat"],"negatives":["dog"],"unknown":["bird"]}\n{"image": "b.jpg"}\n')
    read = FORMAT.read(str(path), index("a.jpg", "b.jpg"))
    assert said(read) == {"a.jpg": {"cat": P, "dog": N, "bird": U}, "b.jpg": {}}
    assert read.rest is Rest.NONE


def test_positives_alone_leave_the_rest_to_be_asked(tmp_path: Path) -> None:
    path = tmp_path / "l.jsonl"
    path.write_text('{"image":"a.jpg","labels":["cat"]}\n{"image":"b.jpg","labels":["dog"]}')
    found = index("a.jpg", "b.jpg")
    assert FORMAT.read(str(path), found).rest is Rest.ASK
    told = FORMAT.read(str(path), found, ReadOptions(unlisted_means="negative"))
    assert said(told) == {"a.jpg": {"cat": P, "dog": N}, "b.jpg": {"dog": P, "cat": N}}
    assert told.rest is Rest.NONE
    assert said(FORMAT.read(str(path), found, ReadOptions(unlisted_means="unknown")))["a.jpg"] == {"cat": P}


def test_bad_lines_are_named(tmp_path: Path) -> None:
    path = tmp_path / "l.jsonl"
    found = index("a.jpg")
    for line, words in (
        ('{"image":"a.jpg",', "no valid JSON in line 2"),
        ("[" * 100_000, "nested too deeply in line 2"),
        ("[1]", "[1] in line 2"),
        ('{"labels":["cat"]}', 'no "image" with a path in line 2'),
        ('{"image":"a.jpg","labels":"cat"}', "'cat' as \"labels\" in line 2"),
        ('{"image":3}', "line 2"),
        ('{"image":"a.jpg","x":NaN}', "line 2"),
    ):
        path.write_text('{"image":"a.jpg"}\n' + line)
        assert words in refusal(FORMAT, str(path), found)
    path.write_bytes(b'{"image":"\xff"}')
    assert "line 1" in refusal(FORMAT, str(path), found)
    path.write_text('{"format":"cutline-labels/2","labels":[]}\n')
    assert "update Cutline" in refusal(FORMAT, str(path), found)
    path.write_text("\n")
    assert "names no images" in refusal(FORMAT, str(path), found)


def test_doubts_are_said(tmp_path: Path) -> None:
    path = tmp_path / "l.jsonl"
    lines = [
        {"image": "a.jpg", "labels": ["cat", "", 3], "negatives": ["cat"]},
        {"image": "../etc/passwd", "labels": ["cat"]},
        {"image": "nowhere.jpg", "labels": ["dog"]},
        {"image": "b.jpg", "labels": ["cat"], "scores": {"cat": 2, "dog": 0.25}},
        {"image": "c.jpg"},
    ]
    path.write_text("\n".join(map(json.dumps, lines)))
    read = FORMAT.read(str(path), index("a.jpg", "b.jpg", "x/c.jpg", "y/c.jpg"))
    assert said(read) == {"a.jpg": {"cat": U}, "nowhere.jpg": {"dog": P}, "b.jpg": {"cat": P}, "c.jpg": {}}
    assert read.missing == ("nowhere.jpg",)
    assert read.refused == ("'../etc/passwd' in line 2",)
    assert warned(read, "contradicts itself", "a.jpg (cat; line 1)")
    assert warned(read, "refused", "'../etc/passwd' in line 2")
    assert warned(read, "not there", "'nowhere.jpg' in line 3")
    assert warned(read, "2 labels left out", "'' in line 1", "3 in line 1")
    assert warned(read, "1 score left out", "2 in line 4")
    assert warned(read, "several images", "'c.jpg' in line 5")
    assert read.scores is not None
    assert read.scores[2, read.labels.index("dog")] == np.float32(0.25)


@settings(max_examples=60, deadline=None)
@given(annotation_sets(min_images=1), st.sampled_from([None, *Task]), st.data())
def test_everything_comes_back(made: FileAnnotations, task: Task | None, data: st.DataObject) -> None:
    shape = made.statements.shape
    numbers = st.floats(0, 1, width=32) | st.just(np.nan)
    scores = np.array([data.draw(numbers) for _ in range(shape[0] * shape[1])], dtype=np.float32).reshape(shape)
    parts = tuple(data.draw(st.sampled_from(["train", "test", ""])) for _ in made.images)
    made = replace(made, task=task, scores=scores, parts=parts)
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "l.jsonl")
        report = FORMAT.write(path, made, WriteOptions(include_scores=True))
        read = FORMAT.read(path, ImageIndex(folder, made.images))
    assert report.notes == ()
    assert (read.images, read.labels, read.task, read.rest) == (made.images, made.labels, task, Rest.NONE)
    np.testing.assert_array_equal(read.statements, made.statements)
    if not np.isnan(scores).all():
        assert read.scores is not None
        np.testing.assert_array_equal(read.scores, scores)
    assert read.parts == (parts if any(parts) else ())
    assert read.warnings == ()


@settings(max_examples=60, deadline=None)
@given(annotation_sets(min_images=1), st.booleans(), st.booleans(), st.booleans())
def test_nothing_changes_when_nothing_changed(made: FileAnnotations, crlf: bool, ended: bool, head: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "l.jsonl"
        FORMAT.write(str(path), made)
        lines = path.read_text().split("\n")
        lines = [line.replace('"image":', '"note" : [1.10, {"x":null}],  "image": ') for line in lines]
        if not head and not made.labels:
            lines = lines[1:]
        text = ("\r\n" if crlf else "\n").join(lines if ended else lines[:-1])
        path.write_bytes(text.encode())
        before = path.read_bytes()
        read = FORMAT.read(str(path), ImageIndex(folder, made.images))
        FORMAT.write(str(path), read, WriteOptions(base=str(path)))
        assert path.read_bytes() == before


def test_only_the_lines_that_changed_are_written_anew(tmp_path: Path) -> None:
    path = tmp_path / "l.jsonl"
    lines = [
        '{ "image": "set/a.jpg", "labels": ["cat"], "negatives": [], "by": {"who": "Ann", "at": 1.50} }',
        '{"id":7,"image":"b.jpg","labels":["cat"],"negatives":["dog"],"more":[1,  2]}',
        '{"image":"../out.jpg","labels":["cat"]}',
        '{"image":"gone.jpg","labels":["dog"]}',
    ]
    path.write_text("\n".join(lines) + "\n")
    read = FORMAT.read(str(path), index("a.jpg", "b.jpg", "c.jpg", root=str(tmp_path)))
    now = said(read) | {"b.jpg": {"dog": P, "bird": U}, "c.jpg": {"cat": N}}
    target = tmp_path / "new.jsonl"
    FORMAT.write(str(target), annotations_of(now), WriteOptions(base=str(path)))
    assert target.read_text().splitlines() == [
        lines[0],
        '{"id":7,"image":"b.jpg","labels":["dog"],"more":[1,  2],"unknown":["bird"]}',
        *lines[2:],
        '{"image":"c.jpg","negatives":["cat"]}',
    ]
    assert path.read_text() == "\n".join(lines) + "\n"
    again = FORMAT.read(str(target), index("a.jpg", "b.jpg", "c.jpg", root=str(tmp_path)))
    assert said(again) == now


def test_a_label_that_no_image_has_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "l.jsonl"
    path.write_text('{"image":"a.jpg","labels":["cat"]}\n')
    FORMAT.write(str(path), annotations_of({"a.jpg": {"cat": P}}, ["cat", "lynx"]), WriteOptions(base=str(path)))
    assert FORMAT.read(str(path), index("a.jpg")).labels == ("cat", "lynx")


def test_renaming_a_label_leaves_nothing_of_the_old_name(tmp_path: Path) -> None:
    path = tmp_path / "l.jsonl"
    FORMAT.write(str(path), annotations_of({"a.jpg": {"cat": P, "dog": N}, "b.jpg": {"dog": P}}))
    renamed = annotations_of({"a.jpg": {"feline": P, "dog": N}, "b.jpg": {"dog": P}})
    FORMAT.write(str(path), renamed, WriteOptions(base=str(path)))
    read = FORMAT.read(str(path), index("a.jpg", "b.jpg"))
    assert said(read) == said(renamed)
    assert set(read.labels) == {"feline", "dog"}


def test_names_that_are_no_text_are_left_out_and_said(tmp_path: Path) -> None:
    path = tmp_path / "l.jsonl"
    report = FORMAT.write(str(path), annotations_of({"\udcff.jpg": {"cat": P}, "b.jpg": {"cat": N}}))
    assert "1 image left out" in report.notes[0]
    assert said(FORMAT.read(str(path), index("b.jpg"))) == {"b.jpg": {"cat": N}}


def test_it_is_recognised(tmp_path: Path) -> None:
    assert FORMAT.recognises("l.jsonl", b'{"format":"cutline-labels/1","labels":[]}\n{"im') == 1.0
    assert FORMAT.recognises("l.jsonl", b'{"image":"a.jpg","labels":["cat"]}\n{"im') > 0.5
    for head in (b"", b"{", b"[1]", b'{"file_name":"a.jpg"}', b"\xff\xfe", b"[" * 60_000):
        assert FORMAT.recognises("l.jsonl", head) == 0.0


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**40), 10**40) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.fixed_dictionaries(
            {},
            optional={
                "image": st.sampled_from(["a.jpg", "b.jpg", "/x", "..", "\0"]) | JSON,
                **dict.fromkeys(("labels", "negatives", "unknown", "format", "task"), JSON | st.lists(st.text())),
                "scores": st.dictionaries(st.text(max_size=3), JSON, max_size=3) | JSON,
                "split": JSON,
            },
        ),
        max_size=4,
    )
)
def test_any_json_is_read_or_refused(lines: list[dict[str, object]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "l.jsonl"
        path.write_text("\n".join(map(json.dumps, lines)))
        read = read_or_refused(FORMAT, str(path), index("a.jpg", "b.jpg"))
        if read is None:
            return
        FORMAT.write(str(path), read, WriteOptions(base=str(path)))
        again = FORMAT.read(str(path), index("a.jpg", "b.jpg"))
        assert said(again) == said(read)


@pytest.mark.parametrize("content", [b"\xef\xbb\xbf" + b'{"image":"a.jpg","negatives":["cat"]}\n'])
def test_a_byte_order_mark_is_passed_over_and_kept(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "l.jsonl"
    path.write_bytes(content)
    read = FORMAT.read(str(path), index("a.jpg"))
    assert said(read) == {"a.jpg": {"cat": N}}
    FORMAT.write(str(path), read, WriteOptions(base=str(path)))
    assert path.read_bytes() == content
