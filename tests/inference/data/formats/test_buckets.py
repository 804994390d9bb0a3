"""JSON lines whose images lie in buckets: Vertex AI and AWS Ground Truth."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inference.data.formats.base import ReadOptions, Rest, WriteOptions
from inference.data.formats.ground_truth import FORMAT as GROUND_TRUTH
from inference.data.formats.vertex import FORMAT as VERTEX
from inference.types import Task
from tests.inference.data.formats.helpers import N, P, U, annotations_of, index, refusal, said, warned

USE = "aiplatform.googleapis.com/ml_use"


def put(folder: Path, *lines: Any, ending: str = "\n") -> str:
    path = folder / "labels.jsonl"
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    path.write_bytes("".join(text + ending for text in texts).encode())
    return str(path)


def vertex(uri: str, *labels: object, use: str = "") -> dict[str, Any]:
    resource = {"dataItemResourceLabels": {USE: use, "x": "y"}} if use else {}
    return {"imageGcsUri": uri, "classificationAnnotations": [{"displayName": label} for label in labels], **resource}


def single(name: str, confidence: float | None = None) -> dict[str, Any]:
    more = {} if confidence is None else {"confidence": confidence}
    return {"class-name": name, "type": "groundtruth/image-classification", "human-annotated": "yes", **more}


def test_vertex_import_files_are_read(tmp_path: Path) -> None:
    lines = [
        vertex("gs://bucket/data/a.jpg", "cat", "dog", use="test"),
        vertex("gs://bucket/b.jpg", use="training"),
        {"imageGcsUri": "gs://bucket/c.jpg"},
        vertex("gs://bucket/../../etc/passwd", "cat"),
        vertex("https://example.org/a.jpg", "cat"),
        {"other": 1},
        vertex("gs://bucket/d.jpg", 3, ""),
    ]
    read = VERTEX.read(put(tmp_path, *lines), index("a.jpg", "b.jpg", "c.jpg", "d.jpg"))
    assert said(read) == {"a.jpg": {"cat": P, "dog": P}, "b.jpg": {}, "d.jpg": {}}
    assert read.parts == ("test", "training", "")
    assert read.rest is Rest.ASK
    assert [entry.split(" in ")[1] for entry in read.refused] == ["line 4", "line 5"]
    assert warned(read, "1 image left alone", "line 3")
    assert warned(read, "1 line left out", "line 6")
    assert warned(read, "2 labels left out")


def test_single_label_files_of_vertex_are_multi_class(tmp_path: Path) -> None:
    line = {"imageGcsUri": "gs://b/a.jpg", "classificationAnnotation": {"displayName": "cat", "x": 1}}
    path = put(tmp_path, line)
    assert VERTEX.read(path, index("a.jpg")).task is Task.MULTICLASS
    VERTEX.write(path, annotations_of({"a.jpg": {"cat": N, "dog": P}}), WriteOptions(base=path))
    assert json.loads(Path(path).read_text()) == line | {"classificationAnnotation": {"displayName": "dog"}}


def test_results_of_batch_prediction_are_scores(tmp_path: Path) -> None:
    prediction = {"ids": [1, 2], "displayNames": ["cat", "dog"], "confidences": [0.75, 0.5]}
    line = {"instance": {"content": "gs://b/a.jpg", "mimeType": "image/jpeg"}, "prediction": prediction}
    read = VERTEX.read(put(tmp_path, line), index("a.jpg"), ReadOptions(unlisted_means="negative"))
    assert said(read) == {"a.jpg": {}}
    assert read.rest is Rest.NONE
    assert read.scores is not None
    assert read.scores.tolist() == [[0.75, 0.5]]
    assert VERTEX.recognises("x.jsonl", json.dumps(line).encode()) == 0.9


def test_a_bucket_is_given_and_taken(tmp_path: Path) -> None:
    path = str(tmp_path / "labels.jsonl")
    made = annotations_of({"x/a.jpg": {"cat": P}, "b.jpg": {"cat": P}}, parts=("test", ""))
    for known in (VERTEX, GROUND_TRUTH):
        known.write(path, made, WriteOptions(path_prefix="gs://bucket/deep/"))
        assert "gs://bucket/deep/x/a.jpg" in Path(path).read_text()
        for options in (ReadOptions(), ReadOptions(images_root="gs://bucket/deep")):
            assert said(known.read(path, index("x/a.jpg", "b.jpg", "a.jpg"), options)) == said(made)


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_only_lines_of_vertex_that_changed_are_written_anew(tmp_path: Path, ending: str) -> None:
    kept = '{ "imageGcsUri":"gs://b/a.jpg", "classificationAnnotations":[ {"displayName":"cat","more":1.50} ] }'
    gone = '{"imageGcsUri":"gs://b/elsewhere.jpg","classificationAnnotations":[]}'
    path = put(tmp_path, kept, vertex("gs://b/b.jpg", "dog", "own", use="test"), gone, ending=ending)
    now = annotations_of(
        {"a.jpg": {"cat": P, "dog": N}, "b.jpg": {"cat": P, "dog": N}, "c.jpg": {"cat": N, "dog": P}},
        parts=("", "validation", ""),
    )
    VERTEX.write(path, now, WriteOptions(base=path, path_prefix="gs://b/"))
    lines = Path(path).read_bytes().decode().split(ending)
    assert lines[0] == kept
    changed = vertex("gs://b/b.jpg", "own", "cat", use="validation")
    assert json.loads(lines[1]) == changed
    assert lines[2] == gone
    assert json.loads(lines[3]) == vertex("gs://b/c.jpg", "dog")
    assert lines[4:] == [""]


def test_jobs_of_ground_truth_are_read(tmp_path: Path) -> None:
    lines = [
        {
            "source-ref": "s3://b/a.jpg",
            "l0": 0,
            "l0-metadata": single("football", 0.75),
            "l1": 1,
            "l1-metadata": single("ball"),
        },
        {
            "source-ref": "s3://b/b.jpg",
            "job": [0, 2, 9],
            "job-metadata": {
                "class-map": {"0": "ball", "2": "goal"},
                "confidence-map": {"0": 0.5},
                "type": "groundtruth/image-classification-multilabel",
            },
        },
        {"source-ref": "s3://b/c.jpg", "boxes": {}, "boxes-metadata": {"type": "groundtruth/object-detection"}},
        {"source-ref": "s3://b/../d.jpg", "l0": 0, "l0-metadata": single("x")},
        {"source": "text"},
    ]
    read = GROUND_TRUTH.read(put(tmp_path, *lines), index("a.jpg", "b.jpg", "c.jpg"))
    assert said(read) == {"a.jpg": {"football": P, "ball": P}, "b.jpg": {"ball": P, "goal": P}}
    assert read.rest is Rest.ASK
    assert read.refused == ("'../d.jpg' in line 4",)
    assert read.scores is not None
    assert np.array_equal(
        read.scores, np.array([[0.75, np.nan, np.nan], [np.nan, 0.5, np.nan]], np.float32), equal_nan=True
    )
    assert warned(read, "1 image left alone", "line 3")
    assert warned(read, "without a source-ref", "line 5")


def test_a_job_of_ground_truth_is_changed_and_the_rest_left(tmp_path: Path) -> None:
    kept = '{"source-ref": "s3://b/a.jpg", "n": 1.50, "l0": 0, "l0-metadata": ' + json.dumps(single("cat")) + "}"
    boxes = {"boxes": {"annotations": [1]}, "boxes-metadata": {"type": "groundtruth/object-detection"}}
    two = {
        "source-ref": "s3://b/b.jpg",
        **boxes,
        "l0": 0,
        "l0-metadata": single("cat"),
        "l1": 1,
        "l1-metadata": single("dog"),
    }
    path = put(tmp_path, kept, two)
    now = annotations_of({"a.jpg": {"cat": P, "dog": N, "cow": N}, "b.jpg": {"cat": N, "dog": P, "cow": P}})
    GROUND_TRUTH.write(path, now, WriteOptions(base=path))
    lines = Path(path).read_text().splitlines()
    assert lines[0] == kept
    assert json.loads(lines[1]) == {
        "source-ref": "s3://b/b.jpg",
        **boxes,
        "l1": 1,
        "l1-metadata": single("dog"),
        "labels": [2],
        "labels-metadata": {
            "class-map": {"2": "cow"},
            "human-annotated": "yes",
            "type": "groundtruth/image-classification-multilabel",
        },
    }


def test_what_ground_truth_cannot_list_stands_in_keys_of_its_own(tmp_path: Path) -> None:
    path = str(tmp_path / "labels.manifest")
    made = annotations_of({"a.jpg": {"cat": P, "dog": U}, "b.jpg": {"cow": N}})
    notes = GROUND_TRUTH.write(path, made).notes
    assert any("negatives and unknown" in note for note in notes)
    read = GROUND_TRUTH.read(path, index("a.jpg", "b.jpg"), ReadOptions(unlisted_means="negative"))
    assert said(read) == said(made)
    GROUND_TRUTH.write(path, made, WriteOptions(unknown_as="unlisted"))
    assert "negatives" not in Path(path).read_text()


@pytest.mark.parametrize("known", [VERTEX, GROUND_TRUTH])
def test_a_line_that_is_no_object_is_named(tmp_path: Path, known: Any) -> None:
    assert "line 2" in refusal(
        known, put(tmp_path, {"source-ref": "a.jpg", "imageGcsUri": "a.jpg"}, "{"), index("a.jpg")
    )
