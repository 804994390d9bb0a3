"""Label Studio: choices of annotations that were not cancelled; annotators who disagree; uploads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from inference.data.formats.base import Rest, WriteOptions
from inference.data.formats.label_studio import FORMAT
from tests.inference.data.formats.helpers import N, P, U, annotations_of, index, refusal, said, warned

NAMES = ("a.jpg", "b.jpg", "c.jpg", "d.jpg", "e.jpg")


def choices(*names: object, **more: object) -> dict[str, Any]:
    return {"from_name": "tags", "to_name": "image", "type": "choices", "value": {"choices": list(names), **more}}


def annotation(*results: dict[str, Any], **more: object) -> dict[str, Any]:
    return {"id": 3, "was_cancelled": False, "result": list(results), **more}


def task(image: str, *annotations: dict[str, Any], **more: object) -> dict[str, Any]:
    return {"id": 1, "data": {"image": image, "text": "x"}, "annotations": list(annotations), **more}


TASKS = [
    task(
        "/data/upload/1/1a2b3c4d-a.jpg",
        annotation(choices("cat", "outdoor")),
        annotation(choices("dog"), was_cancelled=True),
    ),
    task(
        "/data/local-files/?d=deep%2Fb.jpg", annotation(choices("cat"), choices("blurred")), annotation(choices("cat"))
    ),
    task("c.jpg", annotation()),
    task("d.jpg", annotation(choices("cat"), was_cancelled=True)),
    task("e.jpg", annotation(choices("car", x=1, y=2, width=3, height=4), choices(["animal", "dog"], 7))),
    task("../f.jpg", annotation(choices("secret"))),
    {"id": 9},
]


def put(folder: Path, tasks: object = TASKS) -> str:
    path = folder / "labels.json"
    path.write_text(json.dumps(tasks, indent=2))
    return str(path)


def test_choices_are_read(tmp_path: Path) -> None:
    read = FORMAT.read(put(tmp_path), index(*NAMES))
    assert said(read) == {
        "a.jpg": {"cat": P, "outdoor": P},
        "b.jpg": {"cat": P, "blurred": U},
        "c.jpg": {},
        "e.jpg": {"dog": P},
    }
    assert read.rest is Rest.ASK
    assert read.refused == ("'../f.jpg' in task 6",)
    assert warned(read, "annotators disagree", "blurred in task 2")
    assert warned(read, "1 image left alone", "task 4")
    assert warned(read, "1 task left out", "task 7")
    assert warned(read, "1 label left out", "7 in task 5")


def test_scores_are_those_of_single_choices(tmp_path: Path) -> None:
    predictions = [
        {"score": 0.75, "result": [choices("cat")]},
        {"score": 0.5, "result": [choices("cat", "dog")]},
        {"score": 0.25, "result": [choices("dog")]},
    ]
    read = FORMAT.read(
        put(tmp_path, [task("a.jpg", annotation(choices("dog")), predictions=predictions)]), index(*NAMES)
    )
    assert read.scores is not None
    assert dict(zip(read.labels, read.scores[0].tolist(), strict=True)) == {"dog": 0.25, "cat": 0.75}


def test_an_unchanged_base_comes_back_byte_for_byte(tmp_path: Path) -> None:
    tasks = [
        entry for entry in TASKS if entry is not TASKS[1]
    ]  # where annotators disagree, unknown takes the choice out
    path = put(tmp_path, tasks)
    before = Path(path).read_bytes()
    FORMAT.write(path, FORMAT.read(path, index(*NAMES, root=str(tmp_path))), WriteOptions(base=path))
    assert Path(path).read_bytes() == before


def test_only_what_changed_is_changed_in_a_base(tmp_path: Path) -> None:
    path = put(tmp_path)
    now = annotations_of(
        {"a.jpg": {"cat": N, "dog": P}, "d.jpg": {"cat": P, "dog": N}, "new.jpg": {"dog": P, "cat": N}}
    )
    FORMAT.write(path, now, WriteOptions(base=path, path_prefix="/data/"))
    written = json.loads(Path(path).read_text())
    assert written[0]["annotations"][0]["result"] == [choices("outdoor", "dog")]
    assert written[0]["annotations"][1] == TASKS[0]["annotations"][1]
    assert [written[position] for position in (1, 2, 4, 5, 6)] == [TASKS[position] for position in (1, 2, 4, 5, 6)]
    assert written[3]["annotations"][0] == TASKS[3]["annotations"][0]
    assert written[3]["annotations"][1]["result"][0]["value"] == {"choices": ["cat"]}
    assert written[7]["data"] == {"image": "/data/new.jpg"}
    assert len(written) == 8


def test_scores_are_written_one_a_label(tmp_path: Path) -> None:
    scores = np.array([[0.1, np.nan, 0.7]], dtype=np.float32)
    made = annotations_of({"a.jpg": {"cat": P, "dog": U, "cow": N}}, scores=scores)
    path = str(tmp_path / "labels.json")
    FORMAT.write(path, made, WriteOptions(include_scores=True))
    read = FORMAT.read(path, index(*NAMES))
    assert said(read) == said(made)
    assert read.scores is not None
    found = dict(zip(read.labels, read.scores[0], strict=True))
    assert found["cat"] == np.float32(0.1)
    assert found["cow"] == np.float32(0.7)


def test_what_is_no_list_of_tasks_is_refused(tmp_path: Path) -> None:
    assert "no list of tasks" in refusal(FORMAT, put(tmp_path, {"a": 1}), index(*NAMES))
