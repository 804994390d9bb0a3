"""FiftyOne: targets by index, name or object; null is nobody's word."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from inference.data.formats.base import Rest, WriteOptions
from inference.data.formats.fiftyone import FORMAT
from inference.types import Task
from tests.inference.data.formats.helpers import N, P, U, annotations_of, index, said, warned

DOCUMENT = {
    "classes": ["cat", "dog", "outdoor"],
    "labels": {
        "a": [0, 2],
        "b": ["dog", 99, True, None],
        "c": [{"label": 1, "confidence": 0.75, "attributes": {"x": 1}}],
        "d": None,
        "e": [],
        "../f": [0],
    },
    "more": {"x": 1.5},
}
NAMES = ("a.jpg", "b.png", "c.jpg", "d.jpg", "e.jpg")


def put(folder: Path, document: object = DOCUMENT) -> str:
    path = folder / "labels.json"
    path.write_text(json.dumps(document, indent=4))
    return str(path)


def test_indices_names_and_objects_are_read(tmp_path: Path) -> None:
    read = FORMAT.read(put(tmp_path), index(*NAMES))
    assert said(read) == {
        "a.jpg": {"cat": P, "outdoor": P},
        "b.png": {"dog": P},
        "c.jpg": {"dog": P},
        "e.jpg": {},
    }
    assert read.rest is Rest.ASK
    assert read.task is None
    assert read.scores is not None
    assert read.scores[2, 1] == np.float32(0.75)
    assert read.refused == ("'../f' in image 6",)
    assert warned(read, "1 image left alone", ": d.")
    assert warned(read, "3 targets left out", "b")


def test_one_target_each_is_multi_class(tmp_path: Path) -> None:
    read = FORMAT.read(
        put(tmp_path, {"classes": ["cat", "dog"], "labels": {"a": 1, "b": {"label": "cat"}}}), index(*NAMES)
    )
    assert read.task is Task.MULTICLASS
    assert said(read) == {"a.jpg": {"dog": P}, "b.png": {"cat": P}}
    path = str(tmp_path / "new.json")
    FORMAT.write(path, read)
    assert json.loads(Path(path).read_text())["labels"] == {"a": 1, "b": 0}
    assert FORMAT.read(path, index(*NAMES)).task is Task.MULTICLASS


def test_only_what_changed_is_changed_in_a_base(tmp_path: Path) -> None:
    path = put(tmp_path)
    now = annotations_of({"a.jpg": {"cat": P, "outdoor": N}, "c.jpg": {"dog": P, "cow": U}, "new.jpg": {"cow": P}})
    FORMAT.write(path, now, WriteOptions(base=path))
    written = json.loads(Path(path).read_text())
    assert written == {
        "classes": [*DOCUMENT["classes"], "cow"],
        "labels": {**DOCUMENT["labels"], "a": [0], "new": ["cow"]},  # type: ignore[dict-item]
        "more": {"x": 1.5},
        "negatives": {"a": ["outdoor"]},
        "unknown": {"c": ["cow"]},
    }
    assert FORMAT.read(path, index(*NAMES, "new.jpg")).rest is Rest.NONE


def test_an_unchanged_base_comes_back_byte_for_byte(tmp_path: Path) -> None:
    path = put(tmp_path)
    before = Path(path).read_bytes()
    FORMAT.write(path, FORMAT.read(path, index(*NAMES, root=str(tmp_path))), WriteOptions(base=path))
    assert Path(path).read_bytes() == before


def test_scores_are_written_where_asked(tmp_path: Path) -> None:
    scores = np.array([[0.1, np.nan]], dtype=np.float32)
    made = annotations_of({"a.jpg": {"cat": P, "dog": P}}, scores=scores)
    path = str(tmp_path / "labels.json")
    FORMAT.write(path, made, WriteOptions(include_scores=True))
    read = FORMAT.read(path, index(*NAMES))
    assert read.scores is not None
    assert np.array_equal(read.scores, scores, equal_nan=True)


@pytest.mark.parametrize(
    "document", [{"classes": 3, "labels": {}}, {"labels": None}, {"classes": [None, 3, ""], "labels": {"a": [0, 1, 2]}}]
)
def test_odd_documents_say_nothing(tmp_path: Path, document: object) -> None:
    assert not any(said(FORMAT.read(put(tmp_path, document), index(*NAMES))).values())
