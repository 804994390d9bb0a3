"""Which part of a split an image belongs to: from a column, or from folders named train, val and test."""

from __future__ import annotations

from pathlib import Path

import pytest

from inference.data.datasets import DatasetChoices, open_dataset
from inference.types import Task
from tests.inference.data.helpers import said, touch, write

IMAGES = ["a.jpg", "b.jpg", "c.jpg", "d.jpg"]


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("split", ["train", "train", "test", "val"]),
        ("Split", ["1", "2", "3", "1"]),
        ("partition", ["0", "1", "0", "1"]),  # would read as a label but for its name
        ("set", ["training", "validation", "test", "test"]),
        ("fold", ["0", "1", "1", "0"]),
    ],
)
def test_a_split_column_is_no_label(tmp_path: Path, column: str, values: list[str]) -> None:
    touch(tmp_path, IMAGES)
    rows = "".join(f"{image},1,{value}\n" for image, value in zip(IMAGES, values, strict=True))
    report = open_dataset(write(tmp_path / "l.csv", f"image,cat,{column}\n{rows}"))
    assert report.dataset.labels == ("cat",)
    assert dict(zip(report.dataset.names, report.dataset.parts, strict=True)) == dict(zip(IMAGES, values, strict=True))
    assert report.choices.split_column == column
    assert not said(report, column)


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("set", ["1", "0", "1", "0"]),  # a tennis set, as far as anybody knows
        ("split", ["train", "train", "train", "train"]),  # one part splits nothing
        ("animal", ["train", "test", "train", "test"]),
    ],
)
def test_what_is_no_split_column(tmp_path: Path, column: str, values: list[str]) -> None:
    touch(tmp_path, IMAGES)
    rows = "".join(f"{image},1,{value}\n" for image, value in zip(IMAGES, values, strict=True))
    report = open_dataset(write(tmp_path / "l.csv", f"image,cat,{column}\n{rows}"))
    assert report.dataset.parts == ()
    assert report.choices.split_column == ""


def test_the_user_chooses_another_column_or_none(tmp_path: Path) -> None:
    touch(tmp_path, IMAGES)
    text = "image,cat,split,hospital\na.jpg,1,train,x\nb.jpg,0,test,y\nc.jpg,1,train,y\nd.jpg,0,test,x\n"
    path = write(tmp_path / "l.csv", text)
    assert open_dataset(path, DatasetChoices(split_column="hospital")).dataset.parts == ("x", "y", "y", "x")
    assert open_dataset(path, DatasetChoices(split_column="")).dataset.parts == ()
    assert open_dataset(path).dataset.parts == ("train", "test", "train", "test")


def test_images_without_a_row_belong_to_no_part(tmp_path: Path) -> None:
    touch(tmp_path, IMAGES)
    report = open_dataset(write(tmp_path / "l.csv", "image,cat,split\nb.jpg,0,test\nd.jpg,1,train\n"))
    assert report.dataset.parts == ("", "test", "", "train")


def test_folders_named_train_and_val_are_parts_and_not_classes(tmp_path: Path) -> None:
    names = [f"{part}/{kind}/{i}.jpg" for part in ("train", "val") for kind in ("cat", "dog") for i in range(2)]
    touch(tmp_path, names)
    dataset = open_dataset(tmp_path).dataset
    assert dataset.labels == ("cat", "dog")
    assert dataset.task is Task.MULTICLASS
    assert dataset.parts == tuple(name.split("/")[0] for name in dataset.names)
    assert [dataset.labels[row.argmax()] for row in dataset.y_true] == [name.split("/")[1] for name in dataset.names]


def test_parts_without_class_folders_stay_unlabelled(tmp_path: Path) -> None:
    touch(tmp_path, ["train/a.jpg", "train/b.jpg", "test/c.jpg"])
    report = open_dataset(tmp_path)
    assert report.layout == "unlabelled"
    assert sorted(report.dataset.parts) == ["test", "train", "train"]


def test_folders_of_which_one_is_called_test_are_classes(tmp_path: Path) -> None:
    touch(tmp_path, ["test/a.jpg", "exam/b.jpg", "exam/c.jpg"])
    dataset = open_dataset(tmp_path).dataset
    assert dataset.labels == ("exam", "test")
    assert dataset.parts == ()
