"""COCO JSON: union of categories, open rest, LVIS's verified negatives, and a base that is left as it is."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.data.formats import detect
from inference.data.formats.base import FileAnnotations, ReadOptions, Rest, WriteOptions
from inference.data.formats.coco import FORMAT
from inference.data.image_index import ImageIndex
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
    write_refusal,
)

DOCUMENT: dict[str, Any] = {
    "info": {"year": 2017, "x": 1.5},
    "images": [
        {"id": 5, "file_name": "train2017/a.jpg", "width": 10, "height": 5},
        {"id": 6, "file_name": "b.jpg", "width": 10, "height": 5, "license": 3},
        {"id": "7", "file_name": "c.jpg"},
        {"id": 8, "file_name": "elsewhere.jpg"},
    ],
    "annotations": [
        {"id": 1, "image_id": 5, "category_id": 18, "bbox": [1, 2, 3, 4], "area": 12.0, "iscrowd": 0},
        {"id": 2, "image_id": 5, "category_id": 18, "bbox": [0.1, 0.2, 0.3, 0.4]},
        {"id": 9, "image_id": 5, "category_id": 17},
        {"id": 4, "image_id": 7, "category_id": 17},
        {"id": 5, "image_id": 8, "category_id": 18},
    ],
    "categories": [
        {"supercategory": "animal", "id": 17, "name": "cat"},
        {"id": 18, "name": " dog"},
        {"id": 3, "name": "unused"},
    ],
}
NAMES = ("a.jpg", "b.jpg", "c.jpg")


def put(folder: Path, document: object = DOCUMENT, **style: Any) -> str:
    path = folder / "labels.json"
    path.write_text(json.dumps(document, **style))
    return str(path)


def over(path: str, annotations: FileAnnotations, **options: Any) -> dict[str, Any]:
    """The document after writing over ``path``."""
    FORMAT.write(path, annotations, WriteOptions(base=path, **options))
    document: dict[str, Any] = json.loads(Path(path).read_text())
    return document


def test_the_union_of_categories_is_read_and_the_rest_asked(tmp_path: Path) -> None:
    path = put(tmp_path)
    read = FORMAT.read(path, index(*NAMES))
    assert said(read) == {"a.jpg": {"cat": P, "dog": P}, "b.jpg": {}, "c.jpg": {"cat": P}, "elsewhere.jpg": {"dog": P}}
    assert read.labels == ("cat", "dog", "unused")
    assert read.rest is Rest.ASK
    assert read.missing == ("elsewhere.jpg",)
    answered = FORMAT.read(path, index(*NAMES), ReadOptions(unlisted_means="negative"))
    assert answered.rest is Rest.NONE
    assert said(answered)["b.jpg"] == {"cat": N, "dog": N, "unused": N}
    unknown = FORMAT.read(path, index(*NAMES), ReadOptions(unlisted_means="unknown"))
    assert said(unknown) == said(read)
    assert unknown.rest is Rest.NONE


def test_verified_negatives_of_lvis_leave_nothing_open(tmp_path: Path) -> None:
    document = {
        "images": [
            {"id": 1, "file_name": "a.jpg", "neg_category_ids": [2], "not_exhaustive_category_ids": [1]},
            {"id": 2, "file_name": "b.jpg", "neg_category_ids": []},
        ],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 1}],
        "categories": [{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}, {"id": 3, "name": "cow"}],
    }
    read = FORMAT.read(put(tmp_path, document), index(*NAMES), ReadOptions(unlisted_means="negative"))
    assert said(read) == {"a.jpg": {"cat": P, "dog": N}, "b.jpg": {}}
    assert read.rest is Rest.NONE


@settings(max_examples=80, deadline=None)
@given(annotation_sets(), st.booleans())
def test_everything_comes_back(made: FileAnnotations, prefixed: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "labels.json")
        FORMAT.write(path, made, WriteOptions(path_prefix="set/" if prefixed else ""))
        read = FORMAT.read(path, ImageIndex(folder, made.images))
        if read.rest is Rest.ASK:  # plain lists: one answer has to give everything back
            means = "negative" if (made.statements == N).any() else "unknown"
            read = FORMAT.read(path, ImageIndex(folder, made.images), ReadOptions(unlisted_means=means))
    expected = said(made)
    assert read.labels == made.labels
    assert all(not expected[name] for name in expected.keys() - said(read).keys())
    assert said(read) == {name: expected[name] for name in read.images}


@pytest.mark.parametrize(
    "style",
    [{}, {"separators": (",", ":")}, {"indent": 2}, {"indent": "\t"}, {"ensure_ascii": False}, {"indent": 4}],
)
def test_a_file_that_did_not_change_comes_back_byte_for_byte(tmp_path: Path, style: dict[str, Any]) -> None:
    document = DOCUMENT | {"extra": ["é", None, True, 10**25, 1e-7, {}], "images": DOCUMENT["images"][:3]}
    path = put(tmp_path, document, **style)
    before = Path(path).read_bytes()
    read = FORMAT.read(path, index(*NAMES, root=str(tmp_path)), ReadOptions(unlisted_means="negative"))
    report = FORMAT.write(path, read, WriteOptions(base=path))
    assert Path(path).read_bytes() == before
    assert any("negative" in note for note in report.notes)


def test_only_what_changed_is_changed_in_a_base(tmp_path: Path) -> None:
    path = put(tmp_path)
    now = annotations_of({"a.jpg": {"cat": P, "dog": N}, "b.jpg": {"dog": P, "cat": N}, "new.jpg": {"cow": P}})
    written = over(path, now, unknown_as="unlisted")
    assert written["info"] == DOCUMENT["info"]
    assert written["categories"] == [*DOCUMENT["categories"], {"id": 19, "name": "cow"}]
    assert written["images"] == [*DOCUMENT["images"], {"id": 9, "file_name": "new.jpg"}]
    assert written["annotations"] == [
        DOCUMENT["annotations"][2],
        DOCUMENT["annotations"][3],  # c.jpg is not among the images that were written
        DOCUMENT["annotations"][4],
        {"id": 10, "image_id": 6, "category_id": 18},
        {"id": 11, "image_id": 9, "category_id": 19},
    ]


def test_boxes_that_go_and_labels_that_stay_are_said(tmp_path: Path) -> None:
    path = put(tmp_path)
    report = FORMAT.write(path, annotations_of({"a.jpg": {"dog": N}}), WriteOptions(base=path))
    assert any("2 annotations with a box" in note for note in report.notes)
    assert any("cat" in note and "left as it stands" in note for note in report.notes)
    assert said(FORMAT.read(path, index(*NAMES)))["a.jpg"] == {"cat": P}


def test_verified_negatives_of_a_base_are_kept_in_their_order(tmp_path: Path) -> None:
    images = [{"id": 1, "file_name": "a.jpg", "neg_category_ids": [9, 3, 1], "w": 1}]
    categories = [{"id": 1, "name": "cat"}, {"id": 3, "name": "dog"}, {"id": 4, "name": "cow"}, {"id": 9, "name": "x"}]
    path = put(tmp_path, {"images": images, "annotations": [], "categories": categories})
    written = over(path, annotations_of({"a.jpg": {"cow": N, "dog": N, "cat": U}}))
    assert written["images"][0] == {**images[0], "neg_category_ids": [9, 3, 4], "unknown_category_ids": [1]}


def test_what_plain_lists_lose_is_said(tmp_path: Path) -> None:
    made = annotations_of({"a.jpg": {"cat": P, "dog": N}, "b.jpg": {"cat": U}, "c.jpg": {}}, parts=("x", "y", ""))
    path = str(tmp_path / "labels.json")
    notes = FORMAT.write(path, made, WriteOptions(unknown_as="unlisted", include_scores=True)).notes
    assert "neg_category_ids" not in Path(path).read_text()
    assert any("1 negative, 1 unknown, 1 not annotated" in note for note in notes)
    assert any("1 image left out" in note for note in notes)
    assert any("split" in note for note in notes)
    assert any("scores" in note for note in notes)
    assert any("neg_category_ids" in note for note in FORMAT.write(path, made).notes)
    assert said(FORMAT.read(path, index(*NAMES))) == said(made)


def test_doubts_are_said(tmp_path: Path) -> None:
    document = {
        "images": [
            {"id": 1, "file_name": "../../etc/passwd"},
            {"id": 2, "file_name": "a.jpg"},
            {"id": 2, "file_name": "b.jpg"},
            {"file_name": "c.jpg"},
            7,
        ],
        "annotations": [
            {"image_id": 1, "category_id": 1},
            {"image_id": "2", "category_id": 1},
            {"image_id": 99, "category_id": 1},
            {"image_id": 2, "category_id": [1]},
            None,
        ],
        "categories": [{"id": 1, "name": "cat"}, {"id": 1, "name": "dog"}, {"id": 2}, {"id": 3, "name": " "}],
    }
    read = FORMAT.read(put(tmp_path, document), index(*NAMES))
    assert said(read) == {"a.jpg": {"cat": P}}
    assert read.refused == ("'../../etc/passwd' in image 1",)
    assert warned(read, "1 category", "category 2 with id 1", "taken")
    assert warned(read, "2 categories", "category 3, category 4", "without an id or a name")
    assert warned(read, "1 image", "image 3 with id 2", "taken")
    assert warned(read, "2 images", "image 4, image 5")
    assert warned(read, "3 annotations left out")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no valid JSON"),
        (b'{"images": [],\n"categories": [}', "line 2"),
        (b"[1]", "a list, not an object"),
        (b'{"images": []}', "no list 'categories'"),
        (b'{"categories": [], "images": {}}', "an object for its list 'images'"),
        (b'{"categories": 3, "images": []}', "a number for its list 'categories'"),
        (b"[" * 200_000, "nested too deeply"),
        (b'{"images": [NaN], "categories": []}', "no valid JSON"),
        (b"\xff\xfe{}", "no valid JSON"),
    ],
)
def test_what_is_no_coco_file_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "labels.json"
    path.write_bytes(content)
    text = refusal(FORMAT, str(path), index("a.jpg"))
    assert words in text
    assert "labels.json" in text


def test_nothing_is_written_where_it_cannot_be(tmp_path: Path) -> None:
    path = tmp_path / "labels.json"
    path.mkdir()
    assert "labels.json" in write_refusal(FORMAT, str(path), annotations_of({"a.jpg": {"cat": P}}))
    assert list(tmp_path.iterdir()) == [path]


def test_it_is_recognised(tmp_path: Path) -> None:
    assert [(known.key, sure) for known, sure in detect(put(tmp_path))][:1] == [("coco", 0.95)]
    for head in (b"", b"{", b"[]", b'{"classes": [], "labels": {}}', b'{"images": 1}'):
        assert FORMAT.recognises("x.json", head) == 0.0


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=4,
)
IDS = st.sampled_from([1, 2, "1", 2.0, -1, True, None, 10**30]) | JSON
TEXTS = st.sampled_from(["a.jpg", "b.jpg", "cat", "/x", "..", "\0", " "]) | JSON


def entries(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(st.fixed_dictionaries({}, optional=fields) | JSON, max_size=4)


@settings(max_examples=150, deadline=None)
@given(
    st.fixed_dictionaries(
        {
            "images": entries(id=IDS, file_name=TEXTS, neg_category_ids=st.lists(IDS, max_size=2) | JSON),
            "categories": entries(id=IDS, name=TEXTS),
        },
        optional={"annotations": entries(id=IDS, image_id=IDS, category_id=IDS) | JSON},
    )
)
def test_any_json_is_read_or_refused_and_survives_being_written_over(document: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = put(Path(folder), document)
        read = read_or_refused(FORMAT, path, index("a.jpg", "b.jpg", root=folder))
        if read is None or not isinstance(document.get("annotations", []), list):
            return
        FORMAT.write(path, read, WriteOptions(base=path))
        again = FORMAT.read(path, index("a.jpg", "b.jpg", root=folder))
        assert said(again) == said(read)
        assert np.array_equal(again.statements, read.statements)
