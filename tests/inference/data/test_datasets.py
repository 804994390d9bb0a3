"""Folders as datasets: class folders, label files beside images, and images that nobody labelled."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from inference.data.datasets import DatasetChoices, open_dataset
from inference.errors import DatasetError, LabelFileError
from inference.types import Task
from tests.inference.data.helpers import said, touch, truth, write


def test_one_folder_a_class(tmp_path: Path) -> None:
    report = open_dataset(touch(tmp_path, ["dog/1.jpg", "cat/2.jpg", "cat/sub/3.jpg"]))
    assert report.layout == report.choices.layout == "folders"
    assert report.dataset.task is report.choices.task is Task.MULTICLASS
    assert truth(report) == {
        "cat/2.jpg": {"cat": 1, "dog": 0},
        "cat/sub/3.jpg": {"cat": 1, "dog": 0},
        "dog/1.jpg": {"cat": 0, "dog": 1},
    }
    assert report.positives.tolist() == [2, 1]
    assert report.columns == ()
    assert report.warnings == ()
    assert report.summary() == "3 images, 2 labels, multi-class"


@pytest.mark.parametrize("prefix", ["images/", "data/val/"])
def test_folders_around_the_class_folders_are_passed_over(tmp_path: Path, prefix: str) -> None:
    report = open_dataset(touch(tmp_path, [f"{prefix}cat/1.jpg", f"{prefix}dog/2.jpg"]))
    assert report.dataset.labels == ("cat", "dog")


def test_images_beside_class_folders_are_unannotated(tmp_path: Path) -> None:
    report = open_dataset(touch(tmp_path, ["a.jpg", "cat/1.jpg", "dog/2.jpg"]))
    assert truth(report)["a.jpg"] is None
    assert report.unannotated == 1
    assert said(report, "1 image beside the class folders", "a.jpg")


def test_a_single_class_folder_is_said(tmp_path: Path) -> None:
    report = open_dataset(touch(tmp_path, ["cat/1.jpg", "cat/2.jpg"]))
    assert report.dataset.labels == ("cat",)
    assert said(report, "one class folder only")


def test_the_same_name_in_several_class_folders_is_several_images(tmp_path: Path) -> None:
    report = open_dataset(touch(tmp_path, ["cat/1.jpg", "dog/1.jpg"]))
    assert len(report.dataset) == 2
    assert said(report, "1 file name in more than one folder", "1.jpg")


def test_class_folders_that_differ_in_case(tmp_path: Path) -> None:
    touch(tmp_path, ["cat/1.jpg", "dog/1.jpg"])
    try:
        touch(tmp_path, ["Cat /2.jpg"])
    except OSError:
        pytest.skip("this file system does not tell them apart")
    assert said(open_dataset(tmp_path), "'Cat '", "'cat'", "kept apart")


@pytest.mark.parametrize("names", [["a.jpg", "b.jpg"], ["images/a.jpg", "images/b.jpg"], ["a.jpg", "b.jpg", "x/c.jpg"]])
def test_images_without_labels(tmp_path: Path, names: list[str]) -> None:
    report = open_dataset(touch(tmp_path, names))
    assert report.layout == "unlabelled"
    assert report.dataset.labels == ()
    assert report.dataset.y_true.shape == (len(names), 0)
    assert not report.dataset.annotated.any()
    assert report.summary() == f"{len(names)} images, no labels"


def test_the_layout_can_be_corrected(tmp_path: Path) -> None:
    touch(tmp_path, ["cat/1.jpg", "dog/2.jpg"])
    path = write(tmp_path / "l.csv", "image,wet\ncat/1.jpg,1\ndog/2.jpg,0\n")
    assert open_dataset(tmp_path).dataset.labels == ("wet",)
    assert open_dataset(tmp_path, DatasetChoices(layout="folders")).dataset.labels == ("cat", "dog")
    assert open_dataset(path, DatasetChoices(layout="folders")).dataset.labels == ("cat", "dog")
    assert open_dataset(tmp_path, DatasetChoices(layout="unlabelled")).dataset.labels == ()
    with pytest.raises(DatasetError, match="no layout 'other'"):
        open_dataset(tmp_path, DatasetChoices(layout="other"))


def test_a_folder_with_one_label_file_opens_as_that(tmp_path: Path) -> None:
    touch(tmp_path, ["images/a.jpg", "images/b.jpg"])
    write(tmp_path / "labels.csv", "file,cat\na.jpg,1\nb.jpg,0\n")
    write(tmp_path / "prices.csv", "item,price\nbread,2.5\n")
    report = open_dataset(tmp_path)
    assert report.layout == "csv_columns"
    assert report.dataset.source == str(tmp_path)
    assert truth(report) == {"images/a.jpg": {"cat": 1}, "images/b.jpg": {"cat": 0}}


def test_several_label_files_are_said(tmp_path: Path) -> None:
    touch(tmp_path, ["a.jpg"])
    write(tmp_path / "one.csv", "image,cat\na.jpg,1\n")
    write(tmp_path / "two.csv", "image,cat\na.jpg,0\n")
    report = open_dataset(tmp_path)
    assert report.layout == "unlabelled"
    assert said(report, "2 label files", "one.csv", "two.csv")
    assert open_dataset(tmp_path / "two.csv").dataset.y_true.tolist() == [[0]]


def test_a_label_file_that_cannot_be_understood_is_said(tmp_path: Path) -> None:
    touch(tmp_path, ["cat/a.jpg", "dog/b.jpg"])
    write(tmp_path / "notes.csv", "day,weather\nMonday,rain\n")
    report = open_dataset(tmp_path)
    assert report.layout == "folders"
    assert said(report, "notes.csv was not read as labels")
    with pytest.raises((LabelFileError, DatasetError), match=r"notes\.csv"):
        open_dataset(tmp_path, DatasetChoices(layout="csv_list"))


def test_a_folder_without_images(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="no images"):
        open_dataset(tmp_path)
    touch(tmp_path, ["a.txt"])
    (tmp_path / "gone.jpg").symlink_to("nowhere")
    with pytest.raises(DatasetError, match=r"no images.*gone\.jpg"):
        open_dataset(tmp_path)
    with pytest.raises(DatasetError, match="is not there"):
        open_dataset(tmp_path / "gone")


def test_what_the_scan_passed_over_is_in_the_report(tmp_path: Path) -> None:
    touch(tmp_path, ["cat/a.jpg", "dog/b.jpg"])
    (tmp_path / "cat" / "gone.jpg").symlink_to("nowhere")
    assert said(open_dataset(tmp_path), "gone.jpg")


def test_progress_is_reported(tmp_path: Path) -> None:
    touch(tmp_path, ["cat/a.jpg", "dog/b.jpg"])
    seen: list[int] = []
    open_dataset(tmp_path, progress=seen.append)
    assert seen[-1] == 2


def test_opening_needs_no_pillow() -> None:
    """What the start of the program imports stays small."""
    code = "import sys, inference.data.datasets; print([m for m in ('PIL', 'torch') if m in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
