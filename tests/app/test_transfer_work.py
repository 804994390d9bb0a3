"""Reading, planning and writing of annotations away from the window: what is said before is what happens."""

from __future__ import annotations

import csv
import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app.controllers.transfer_questions import Offer, export_questions, import_questions, read_options, unlisted_means
from app.controllers.transfer_views import export_formats, export_view, import_view
from app.controllers.transfer_work import (
    TABLES,
    ExportSource,
    ImportLook,
    ImportReader,
    ImportTarget,
    candidates,
    completed,
    export,
    rehearse,
    suffix_of,
)
from inference.data.formats import FORMATS, format_of
from inference.data.formats.predictions import read_predictions
from inference.data.image_index import ImageIndex
from inference.data.importing import ImportPlan, cells_of
from inference.errors import CutlineError
from inference.types import NEGATIVE, POSITIVE, UNKNOWN, UNSAID, Activation, ImageState, ProjectLabel, Run, Task
from widgets.transfer.values import LEFT_OUT, Asking, ExportAsked, ImportAsked

LABELS = ("cat", "dog", "bird")
NAMES = tuple(f"part/image_{i}.jpg" for i in range(6))
STATEMENTS = np.array(
    [
        [POSITIVE, NEGATIVE, UNSAID],
        [NEGATIVE, POSITIVE, POSITIVE],
        [UNKNOWN, NEGATIVE, POSITIVE],
        [NEGATIVE, NEGATIVE, NEGATIVE],
        [UNSAID, UNSAID, UNSAID],
        [POSITIVE, POSITIVE, NEGATIVE],
    ],
    dtype=np.int8,
)
OFFER = Offer(n_all=6, n_listed=6, n_chosen=0, scored=True, has_unknown=True)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "images"
    (folder / "part").mkdir(parents=True)
    for index, name in enumerate(NAMES):
        Image.new("RGB", (8, 8), (index * 40, 9, 9)).save(folder / name)
    return folder


def target_of(root: Path, statements: np.ndarray = STATEMENTS, unlisted: str = "") -> ImportTarget:
    labels = tuple(ProjectLabel(index, name) for index, name in enumerate(LABELS))
    return ImportTarget(str(root), NAMES, labels, statements.copy(), Task.MULTILABEL, LABELS, 0, unlisted)


def source_of(root: Path, *, scored: bool = True) -> ExportSource:
    target = target_of(root)
    run = None
    if scored:
        run = Run.empty(len(NAMES), len(LABELS))
        run.logits[:5] = np.linspace(-4, 4, 15, dtype=np.float32).reshape(5, 3)
        run.state[:5] = ImageState.SCORED
    return ExportSource(
        root=str(root),
        names=NAMES,
        labels=target.labels,
        statements=STATEMENTS.copy(),
        task=Task.MULTILABEL,
        parts=("train", "train", "test", "", "test", "train"),
        images=None,
        columns=LABELS,
        sources=((0,), (1,), (2,)),
        run=run,
    )


def look(root: Path, asked: ImportAsked, statements: np.ndarray = STATEMENTS, unlisted: str = "") -> ImportLook:
    target = target_of(root, statements, unlisted)
    return ImportReader(target.root, target.names).look(asked, target)


def plan_of(found: ImportLook) -> ImportPlan:
    assert found.plan is not None
    return found.plan


# -- exporting ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", [known.key for known in FORMATS if known.is_written])
def test_what_is_said_before_writing_is_what_the_writer_says(root: Path, tmp_path: Path, key: str) -> None:
    asked = ExportAsked(key)
    said = rehearse(asked, source_of(root))
    written = export(asked, source_of(root), str(tmp_path / ("out" + suffix_of(asked))))
    extra = {"Images are copied, once for each of their labels."}
    assert set(said) - extra == set(written.notes)
    assert written.n_images == len(NAMES)
    assert not [name for name in os.listdir(tmp_path) if name.startswith(".")]


@pytest.mark.parametrize("key", [known.key for known in FORMATS if known.is_written])
def test_positives_come_back_from_every_format(root: Path, tmp_path: Path, key: str) -> None:
    asked = ExportAsked(key)
    path = str(tmp_path / ("out" + suffix_of(asked)))
    export(asked, source_of(root), path)
    read = format_of(key).read(path, ImageIndex(str(root), NAMES), read_options(key, {}, LABELS))
    for row, name in enumerate(read.images):
        assert name in NAMES
        found = {label for column, label in enumerate(read.labels) if read.statements[row, column] == POSITIVE}
        assert found == {LABELS[j] for j in np.flatnonzero(STATEMENTS[NAMES.index(name)] == POSITIVE)}


@pytest.mark.parametrize("key", [known.key for known in FORMATS if known.is_written and not known.is_folder])
def test_what_is_exported_is_recognised(root: Path, tmp_path: Path, key: str) -> None:
    asked = ExportAsked(key)
    path = str(tmp_path / (("metadata" if key == "hf_metadata" else "out") + suffix_of(asked)))
    export(asked, source_of(root), path)
    view = import_view(look(root, ImportAsked(path), np.full_like(STATEMENTS, UNSAID)))
    assert view.format == key
    assert next(row.key for row in view.formats if row.recognised) == key


def test_classes_that_exclude_one_another_come_as_a_whole(root: Path, tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text(f"image,cat,dog,fish\n{NAMES[0]},1,0,0\n{NAMES[1]},0,0,1\n{NAMES[2]},1,1,0\n")
    before = np.full_like(STATEMENTS, UNSAID)
    before[0] = [NEGATIVE, POSITIVE, NEGATIVE]
    target = replace(target_of(root, before), task=Task.MULTICLASS)
    found = ImportReader(target.root, target.names).look(ImportAsked(str(path)), target)
    labels, cells = cells_of(plan_of(found), "take")
    after = np.hstack([before, np.full((len(NAMES), 1), UNSAID, dtype=np.int8)])
    after[cells.images, cells.labels] = cells.values
    assert [label.name for label in labels] == ["fish"]
    assert after[0].tolist() == [POSITIVE, NEGATIVE, NEGATIVE, NEGATIVE]
    assert after[1].tolist() == [NEGATIVE, NEGATIVE, NEGATIVE, POSITIVE]
    assert (after[2] == UNSAID).all()  # the file gives two
    view = import_view(found)
    assert view.whole_images
    assert any("not exactly one" in notice for notice in view.notices)


def test_nothing_is_lost_in_the_own_format(root: Path, tmp_path: Path) -> None:
    asked = ExportAsked("own_jsonl")
    assert rehearse(asked, source_of(root)) == ()
    path = str(tmp_path / "out.jsonl")
    export(asked, source_of(root), path)
    found = look(root, ImportAsked(path), statements=np.full_like(STATEMENTS, UNSAID))
    _, cells = cells_of(plan_of(found))
    back = np.full_like(STATEMENTS, UNSAID)
    back[cells.images, cells.labels] = cells.values
    assert np.array_equal(back, STATEMENTS)


def test_only_the_images_chosen_are_written(root: Path, tmp_path: Path) -> None:
    path = tmp_path / "some.jsonl"
    source = replace(source_of(root), images=np.array([5, 1]))
    assert export(ExportAsked("own_jsonl"), source, str(path)).n_images == 2
    named = [json.loads(line).get("image") for line in path.read_text().splitlines()]
    assert [name for name in named if name] == [NAMES[5], NAMES[1]]


def test_scores_go_along_where_they_are_wanted(root: Path, tmp_path: Path) -> None:
    path = tmp_path / "scores.jsonl"
    export(ExportAsked("own_jsonl", {"scores": "yes"}), source_of(root), str(path))
    entries = {entry["image"]: entry for entry in map(json.loads, path.read_text().splitlines()) if "image" in entry}
    logits = np.linspace(-4, 4, 15).reshape(5, 3)
    assert entries[NAMES[2]]["scores"]["dog"] == pytest.approx(1 / (1 + np.exp(-logits[2, 1])), abs=1e-6)
    assert not any(entries[NAMES[5]].get("scores", {}).values())


@pytest.mark.parametrize("keep", ["yes", ""])
def test_what_else_is_in_a_file_is_kept_if_so_wanted(root: Path, tmp_path: Path, keep: str) -> None:
    path = tmp_path / "labels.csv"
    path.write_text(f"image,cat,dog,bird,camera\n{NAMES[1]},0,0,0,Nikon D5\n", encoding="utf-8")
    written = export(ExportAsked("csv_columns", {"keep": keep}), source_of(root), str(path))
    with path.open(newline="") as file:
        rows = {row["image"]: row for row in csv.DictReader(file)}
    assert rows[NAMES[1]]["dog"] == "1"
    assert ("Nikon D5" in path.read_text()) == bool(keep)
    assert any("kept" in note for note in written.notes) == bool(keep)


def test_a_file_of_another_format_is_replaced_whole(root: Path, tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    path.write_text('{"something": "else"}\n')
    export(ExportAsked("own_jsonl"), source_of(root), str(path))
    assert "something" not in path.read_text()


def test_a_folder_that_is_not_empty_stays_as_it_is(root: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    with pytest.raises(CutlineError, match="not empty"):
        export(ExportAsked("labelme"), source_of(root), str(tmp_path / "out"))
    assert os.listdir(tmp_path / "out") == ["mine.txt"]


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".npz"])
@pytest.mark.parametrize("kind", ["probabilities", "logits"])
def test_predictions_come_back(root: Path, tmp_path: Path, suffix: str, kind: str) -> None:
    source = source_of(root)
    asked = ExportAsked(f"predictions{suffix}", {"kind": kind})
    written = export(asked, source, str(tmp_path / f"predictions{suffix}"))
    assert any("1 image without scores" in note for note in written.notes)
    read = read_predictions(written.path, kind=kind, activation=Activation.SIGMOID, index=ImageIndex(str(root), NAMES))
    assert source.run is not None
    assert tuple(read.images) == NAMES
    assert tuple(read.labels) == LABELS
    np.testing.assert_allclose(read.logits, source.run.logits, atol=1e-5)
    assert np.isnan(read.logits[5]).all()


def test_the_suffix_is_added_where_none_of_the_formats_is_typed() -> None:
    assert completed("/x/labels", ExportAsked("coco")) == "/x/labels.json"
    assert completed("/x/labels.v2", ExportAsked("coco")) == "/x/labels.v2.json"
    assert completed("/x/labels.JSON", ExportAsked("coco")) == "/x/labels.JSON"
    assert completed("/x/metadata", ExportAsked("hf_metadata", {"suffix": ".csv"})) == "/x/metadata.csv"
    assert completed("/x/folder.d", ExportAsked("voc")) == "/x/folder.d"
    assert completed("/x/a.txt", ExportAsked("predictions.parquet")) == "/x/a.txt.parquet"


def test_every_question_of_every_format_reaches_its_writer(root: Path, tmp_path: Path) -> None:
    """Each answer that is offered is one that the writer takes."""
    for known in (one for one in FORMATS if one.is_written and one.key != "folder_per_class"):
        for question in export_questions(known, OFFER, {}):
            for number, (answer, _) in enumerate(question.answers):
                asked = ExportAsked(known.key, {question.key: answer})
                path = tmp_path / f"{known.key}-{question.key}-{number}{suffix_of(asked)}"
                assert export(asked, source_of(root), str(path)).path == str(path)


def test_predictions_are_offered_where_something_is_scored() -> None:
    assert {row.key for row in export_formats(scored=True)} - {row.key for row in export_formats(scored=False)} == set(
        TABLES
    )
    view = export_view(ExportAsked("predictions.csv"), OFFER, n_images=6, n_labels=3, notes=None)
    assert [question.key for question in view.questions] == ["images", "kind"]
    assert view.summary == "6 images, 3 labels"


# -- importing ---------------------------------------------------------------------------------------------------------


def test_a_list_asks_what_unlisted_labels_mean(root: Path, tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text(f"image,labels\n{NAMES[3]},cat|dog\n{NAMES[4]},bird\n")
    found = look(root, ImportAsked(str(path)))
    view = import_view(found)
    assert view.format == "csv_list"
    assert "mean" in view.unanswered
    asked = {question.key: question for question in view.questions}
    assert asked["unlisted"].value == ""

    answered = import_view(look(root, ImportAsked(str(path), answers={"unlisted": "negative"})))
    assert answered.unanswered == ""
    # image 3 is negative throughout: two conflicts, one cell the same; image 4: three new cells
    assert (answered.n_new, answered.n_conflicts) == (3, 2)
    assert [row.name for row in answered.labels] == ["bird", "cat", "dog"]
    unknown = import_view(look(root, ImportAsked(str(path), answers={"unlisted": "unknown"})))
    assert (unknown.n_new, unknown.n_conflicts) == (1, 2)


def test_what_was_said_once_of_unlisted_labels_holds(root: Path, tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text(f"image,labels\n{NAMES[4]},bird\n{NAMES[3]},dog\n")
    view = import_view(look(root, ImportAsked(str(path)), unlisted="negative"))
    assert view.unanswered == ""
    assert {question.key: question.value for question in view.questions}["unlisted"] == "negative"
    assert view.n_new == 2  # bird, and therefore not dog


def test_minus_one_is_asked_where_the_file_has_it(root: Path, tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text(f"image,cat,dog\n{NAMES[4]},1,-1\n{NAMES[0]},0,-1\n")
    empty = np.full_like(STATEMENTS, UNSAID)
    for answers, value in (({}, UNKNOWN), ({"minus_one": "negative"}, NEGATIVE)):
        found = look(root, ImportAsked(str(path), answers=answers), statements=empty)
        asked = {question.key: question for question in import_view(found).questions}
        assert asked["minus_one"].value == ("negative" if answers else "unknown")
        _, cells = cells_of(plan_of(found))
        assert {int(v) for label, v in zip(cells.labels, cells.values, strict=True) if label == 1} == {value}


def test_labels_are_mapped_added_and_left_out(root: Path, tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text(f"image,Cat,hound,fish,dust\n{NAMES[4]},1,1,1,1\n")
    view = import_view(look(root, ImportAsked(str(path))))
    rows = {row.name: row for row in view.labels}
    assert (rows["Cat"].target, rows["Cat"].is_new) == ("cat", False)
    assert (rows["hound"].target, rows["hound"].is_new) == ("hound", True)
    assert any("Cat is cat" in notice for notice in view.notices)
    assert view.n_new_labels == 3
    mapping = {"hound": "dog", "dust": LEFT_OUT}
    view = import_view(look(root, ImportAsked(str(path), mapping=mapping)))
    rows = {row.name: row for row in view.labels}
    assert (rows["hound"].target, rows["dust"].target, rows["fish"].is_new) == ("dog", LEFT_OUT, True)
    assert view.n_new_labels == 1
    assert view.n_new == 3


def test_paths_that_lead_out_are_refused_by_name(root: Path, tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text(f"image,cat\n../../etc/passwd,1\n{NAMES[4]},1\nnowhere.jpg,1\n")
    view = import_view(look(root, ImportAsked(str(path))))
    assert view.n_new == 1
    assert any("passwd" in notice and "refused" in notice for notice in view.notices)
    assert any("nowhere.jpg" in notice for notice in view.notices)


def test_what_no_format_knows_can_be_named(root: Path, tmp_path: Path) -> None:
    path = tmp_path / "labels.dat"
    path.write_text(json.dumps({"image": NAMES[4], "labels": ["cat"], "negatives": [], "unknown": []}) + "\n")
    found = look(root, ImportAsked(str(path)))
    if found.format == "":
        assert "choose the one" in found.problem
        assert len(import_view(found).formats) > 5
    named = look(root, ImportAsked(str(path), format="own_jsonl"))
    assert plan_of(named).n_new == 1


@pytest.mark.parametrize("content", [b"", b"\x00\xff" * 50, b"{" * 3000])
def test_rubbish_is_explained(root: Path, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "labels.json"
    path.write_bytes(content)
    for key in ("", *(known.key for known in FORMATS if not known.is_folder)):
        found = look(root, ImportAsked(str(path), format=key))
        if found.plan is None:
            assert found.problem.endswith(".")
        else:
            assert found.plan.is_empty


def test_a_path_that_is_not_there_is_named(root: Path) -> None:
    found = look(root, ImportAsked("/nowhere/labels.csv"))
    assert "/nowhere/labels.csv is not there" in found.problem


def test_folders_are_offered_to_formats_of_folders(root: Path) -> None:
    assert all(known.is_folder for known, _ in candidates(str(root)))


def test_a_file_is_read_again_when_it_has_changed(root: Path, tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text(f"image,cat,dog\n{NAMES[4]},1,\n")
    target = target_of(root)
    reader = ImportReader(target.root, target.names)
    first = reader.look(ImportAsked(str(path)), target)
    assert reader.look(ImportAsked(str(path), mapping={"dog": LEFT_OUT}), target).file is first.file
    path.write_text(f"image,cat,dog\n{NAMES[4]},1,1\n")
    again = reader.look(ImportAsked(str(path)), target)
    assert first.plan is not None
    assert again.plan is not None
    assert (first.plan.n_new, again.plan.n_new) == (1, 2)


def test_an_answer_settles_only_what_a_file_leaves_open(root: Path, tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text(f"image,cat,dog\n{NAMES[4]},1,0\n")
    found = look(root, ImportAsked(str(path)), unlisted="negative")
    assert found.file is not None
    assert unlisted_means(found.file, {}, "negative") is None
    asked = import_questions("csv_columns", found.file, {}, "negative")
    assert "unlisted" not in {question.key for question in asked}
    assert all(question.asking in Asking for question in asked)
