"""CSV files of every make: what they say, and what is said about them."""

from __future__ import annotations

import csv
import io
import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.data.datasets import DatasetChoices, open_dataset
from inference.types import Task
from tests.inference.data.helpers import refusal, said, touch, truth, write

PLAIN = "image,cat,dog\na.jpg,1,0\nb.jpg,0,0\nc.jpg,,\nd.jpg,1,-1\n"
PLAIN_TRUTH = {
    "a.jpg": {"cat": 1, "dog": 0},
    "b.jpg": {"cat": 0, "dog": 0},
    "c.jpg": None,
    "d.jpg": {"cat": 1, "dog": -1},
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return touch(tmp_path, ["a.jpg", "b.jpg", "c.jpg", "d.jpg"])


def test_one_column_a_label(folder: Path) -> None:
    report = open_dataset(write(folder / "l.csv", PLAIN))
    assert truth(report) == PLAIN_TRUTH
    assert report.layout == "csv_columns"
    assert report.dataset.labels == ("cat", "dog")
    assert report.dataset.task is Task.MULTILABEL
    assert report.positives.tolist() == [2, 0]
    assert report.negatives.tolist() == [1, 2]
    assert report.unknown.tolist() == [0, 1]
    assert report.unannotated == 1
    assert report.columns == ("image", "cat", "dog")
    assert report.warnings == ()
    assert report.summary() == "4 images, 2 labels, multi-label; 1 not annotated"
    assert not report.dataset.y_true.flags.writeable


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_every_make_of_the_same_file_says_the_same(folder: Path, delimiter: str, end: str, encoding: str) -> None:
    text = PLAIN.replace(",", delimiter).replace("\n", end)
    assert truth(open_dataset(write(folder / "l.csv", text, encoding))) == PLAIN_TRUTH


@pytest.mark.parametrize(
    "text",
    [
        "\n\nimage,cat,dog\n\na.jpg,1,0\n,,\nb.jpg,0,0\n   \nc.jpg,,\nd.jpg,1,-1\n\n\n",
        '"image","cat","dog"\n"a.jpg","1","0"\n"b.jpg","0","0"\n"c.jpg","",""\n"d.jpg","1","-1"',
        "image, cat, dog\na.jpg, 1, 0\nb.jpg, 0, 0\nc.jpg, , \nd.jpg, 1, -1\n",
        'image, "cat", dog\na.jpg, "1", 0\nb.jpg,0,0\nc.jpg,,\nd.jpg,1,-1\n',
        "sep=;\nimage;cat;dog\na.jpg;1;0\nb.jpg;0;0\nc.jpg;;\nd.jpg;1;-1\n",
        "image,cat,dog,,\na.jpg,1,0,,\nb.jpg,0,0,,\nc.jpg,,,,\nd.jpg,1,-1,,\n",
        ",image,cat,dog\n0,a.jpg,1,0\n1,b.jpg,0,0\n2,c.jpg,,\n3,d.jpg,1,-1\n",
        "cat,image,dog\n1,a.jpg,0\n0,b.jpg,0\n,c.jpg,\n1,d.jpg,-1\n",
        "image,cat,dog\na.jpg,1.0,0.0\nb.jpg,0.0,0.0\nc.jpg,,\nd.jpg,1.0,-1.0\n",
        "image,cat,dog\na.jpg,TRUE,false\nb.jpg,No,n\nc.jpg,NaN,\nd.jpg,yes,-1\n",
        "image,cat,dog\na,1,0\nb,0,0\nc,,\nd,1,-1\n",
        "image,cat,dog\nSet-v1.0/x/a.jpg,1,0\nSet-v1.0/x/b.jpg,0,0\nSet-v1.0/x/c.jpg,,\nSet-v1.0/x/d.jpg,1,-1\n",
        "image,cat,dog\n./a.jpg,1,0\nx/../b.jpg,0,0\nimages\\c.jpg,,\nD.JPG,1,-1\n",
    ],
)
def test_other_ways_to_write_the_same(folder: Path, text: str) -> None:
    assert truth(open_dataset(write(folder / "l.csv", text))) == PLAIN_TRUTH


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252"])
def test_western_encodings_are_read_and_said(folder: Path, encoding: str) -> None:
    report = open_dataset(write(folder / "l.csv", "image,Käse,Brücke\na.jpg,1,0\nb.jpg,0,1\n", encoding))
    assert report.dataset.labels == ("Käse", "Brücke")
    assert said(report, "l.csv", "not UTF-8")


def test_minus_one_can_mean_negative(folder: Path) -> None:
    path = write(folder / "l.csv", "image,cat,dog\na.jpg,1,-1\nb.jpg,-1,-1\n")
    assert truth(open_dataset(path))["b.jpg"] == {"cat": -1, "dog": -1}  # looked at and unsure: annotated all the same
    report = open_dataset(path, DatasetChoices(minus_one_means="negative"))
    assert truth(report)["b.jpg"] == {"cat": 0, "dog": 0}
    assert report.choices.minus_one_means == "negative"


def test_foreign_values_are_named_with_their_line(folder: Path) -> None:
    report = open_dataset(write(folder / "l.csv", "image,cat,dog\na.jpg,1,0\n\nb.jpg,2,1\nc.jpg,0,maybe\n"))
    assert truth(report)["b.jpg"] == {"cat": -1, "dog": 1}
    assert truth(report)["c.jpg"] == {"cat": 0, "dog": -1}
    assert said(report, "'2' under cat in line 4", "'maybe' under dog in line 5")


def test_columns_of_other_things_are_no_labels(folder: Path) -> None:
    header = "Path,Sex,Age,Frontal/Lateral,AP/PA,No Finding,Edema,Pleural Other\n"
    rows = "v1/train/a.jpg,Female,68,Frontal,AP,1.0,,\nv1/train/b.jpg,Male,1,Lateral,,,-1.0,\nc.jpg,Male,45,,,,,\n"
    report = open_dataset(write(folder / "l.csv", header + rows))
    assert report.dataset.labels == ("No Finding", "Edema", "Pleural Other")
    assert truth(report)["a.jpg"] == {"No Finding": 1, "Edema": -1, "Pleural Other": -1}
    assert said(report, "4 columns not read as labels", "Sex", "Age")


def test_one_positive_everywhere_is_multiclass(folder: Path) -> None:
    path = write(folder / "l.csv", "image,cat,dog\na.jpg,1,0\nb.jpg,0,1\nc.jpg,,\n")
    assert open_dataset(path).dataset.task is Task.MULTICLASS
    forced = open_dataset(path, DatasetChoices(task=Task.MULTILABEL))
    assert forced.dataset.task is Task.MULTILABEL
    assert truth(forced) == truth(open_dataset(path))


def test_multiclass_by_force_says_what_it_costs(folder: Path) -> None:
    path = write(folder / "l.csv", "image,cat,dog\na.jpg,1,\nb.jpg,1,1\nc.jpg,0,0\nd.jpg,0,1\n")
    report = open_dataset(path, DatasetChoices(task=Task.MULTICLASS))
    assert truth(report) == {"a.jpg": {"cat": 1, "dog": 0}, "b.jpg": None, "c.jpg": None, "d.jpg": {"cat": 0, "dog": 1}}
    assert said(report, "1 image with several positive", "b.jpg")
    assert said(report, "1 image with no positive", "c.jpg")
    assert report.unannotated == 2


def test_one_label_alone_is_multilabel(folder: Path) -> None:
    report = open_dataset(write(folder / "l.csv", "image,label\na.jpg,1\nb.jpg,1\n"))
    assert report.dataset.labels == ("label",)
    assert report.dataset.task is Task.MULTILABEL


@pytest.mark.parametrize("separator", ["|", ";", ",", " "])
def test_a_column_that_lists_labels(folder: Path, separator: str) -> None:
    cells = [["cat", "dog"], ["cat"], [], ["bird", "dog", "cat"]]
    rows = "".join(f'{name}.jpg,"{separator.join(cell)}"\n' for name, cell in zip("abcd", cells, strict=True))
    report = open_dataset(write(folder / "l.csv", "image_name,tags\n" + rows))
    assert report.layout == "csv_list"
    assert report.choices.separator == separator
    assert truth(report) == {
        f"{name}.jpg": {label: int(label in cell) for label in ("bird", "cat", "dog")}
        for name, cell in zip("abcd", cells, strict=True)
    }
    assert report.dataset.task is Task.MULTILABEL
    unknown = open_dataset(folder / "l.csv", DatasetChoices(unlisted_means="unknown"))
    assert truth(unknown)["b.jpg"] == {"bird": -1, "cat": 1, "dog": -1}
    assert truth(unknown)["c.jpg"] is None


def test_labels_that_nobody_quoted(folder: Path) -> None:
    report = open_dataset(write(folder / "l.csv", "image,labels\na.jpg,cat,dog\nb.jpg,cat\nc.jpg,\nd.jpg,x,cat,dog\n"))
    assert truth(report)["d.jpg"] == {"cat": 1, "dog": 1, "x": 1}
    assert truth(report)["b.jpg"] == {"cat": 1, "dog": 0, "x": 0}
    assert said(report, "further labels")


def test_no_finding_is_no_label(folder: Path) -> None:
    text = "Image Index,Finding Labels,Follow-up #,Patient ID\n"
    text += "a.jpg,Edema|Mass,0,1\nb.jpg,No Finding,1,1\nc.jpg,Mass,0,2\n"
    report = open_dataset(write(folder / "l.csv", text))
    assert report.dataset.labels == ("Edema", "Mass")
    assert truth(report)["b.jpg"] == {"Edema": 0, "Mass": 0}
    assert said(report, "'No Finding' in 1 row")
    kept = open_dataset(folder / "l.csv", DatasetChoices(empty_words=()))
    assert kept.dataset.labels == ("Edema", "Mass", "No Finding")


def test_none_is_a_class_where_each_image_has_one(folder: Path) -> None:
    report = open_dataset(write(folder / "l.csv", "image,defect\na.jpg,none\nb.jpg,scratch\nc.jpg,dent\n"))
    assert report.dataset.labels == ("dent", "none", "scratch")
    assert report.dataset.task is Task.MULTICLASS


def test_names_with_spaces_are_not_taken_apart(folder: Path) -> None:
    text = "image,label\na.jpg,golden retriever\nb.jpg,tabby cat\nc.jpg,tabby cat\n"
    report = open_dataset(write(folder / "l.csv", text))
    assert report.dataset.labels == ("golden retriever", "tabby cat")
    assert report.dataset.task is Task.MULTICLASS
    apart = open_dataset(folder / "l.csv", DatasetChoices(separator=" "))
    assert apart.dataset.labels == ("cat", "golden", "retriever", "tabby")


def test_class_numbers_are_a_list_unless_they_are_all_yes_or_no(folder: Path) -> None:
    report = open_dataset(write(folder / "l.csv", "image,label\na.jpg,3\nb.jpg,10\nc.jpg,2\nd.jpg,3\n"))
    assert report.dataset.labels == ("2", "3", "10")
    assert report.dataset.task is Task.MULTICLASS
    write(folder / "l.csv", "image,label\na.jpg,0\nb.jpg,1\n")
    chosen = DatasetChoices(layout="csv_list")
    assert open_dataset(folder / "l.csv", chosen).dataset.labels == ("0", "1")


def test_columns_named_by_digits(folder: Path) -> None:
    header = "image," + ",".join(map(str, range(10)))
    rows = [f"{name}.jpg," + ",".join("01"[j == k] for j in range(10)) for k, name in enumerate("abcd")]
    report = open_dataset(write(folder / "l.csv", "\n".join([header, *rows])))
    assert report.dataset.labels == tuple("0123456789")
    assert report.dataset.task is Task.MULTICLASS


def test_chosen_columns_win(folder: Path) -> None:
    path = write(folder / "l.csv", "first,second,tags,kind\na.jpg,b.jpg,x|y,p\nc.jpg,d.jpg,y,q\n")
    report = open_dataset(path, DatasetChoices(image_column="second", label_column="kind"))
    assert truth(report)["b.jpg"] == {"p": 1, "q": 0}
    assert truth(report)["a.jpg"] is None
    assert (report.choices.image_column, report.choices.label_column) == ("second", "kind")
    assert "no column 'other'" in refusal(path, DatasetChoices(image_column="other"))
    assert "no column 'other'" in refusal(path, DatasetChoices(label_column="other"))


def test_resolved_choices_read_the_same_again(folder: Path) -> None:
    for text in (PLAIN, "image;tags\na.jpg;cat,dog\nb.jpg;No Finding\nc.jpg;dog\n"):
        first = open_dataset(write(folder / "l.csv", text))
        again = open_dataset(folder / "l.csv", first.choices)
        assert truth(again) == truth(first)
        assert again.choices == first.choices


def test_rows_that_agree_are_merged_and_rows_that_do_not_become_unknown(folder: Path) -> None:
    text = (
        "image,cat,dog\na.jpg,1,0\nb.jpg,1,0\na.jpg,1,0\nb.jpg,0,0\nc.jpg,1,\nc.jpg,,0\nb.jpg,1,0\nd.jpg,,\nd.jpg,,\n"
    )
    report = open_dataset(write(folder / "l.csv", text))
    assert truth(report) == {
        "a.jpg": {"cat": 1, "dog": 0},
        "b.jpg": {"cat": -1, "dog": 0},
        "c.jpg": {"cat": 1, "dog": 0},
        "d.jpg": None,
    }
    assert said(report, "3 images with several rows that agree", "a.jpg")
    assert said(report, "contradict", "b.jpg (cat; lines 3, 5, 8)")


def test_lists_that_contradict_each_other(folder: Path) -> None:
    report = open_dataset(write(folder / "l.csv", "image,tags\na.jpg,x|y\na.jpg,y|z\nb.jpg,x\nb.jpg,x\n"))
    assert truth(report)["a.jpg"] == {"x": -1, "y": 1, "z": -1}
    assert truth(report)["b.jpg"] == {"x": 1, "y": 0, "z": 0}
    assert said(report, "contradict", "a.jpg", "lines 2, 3")


def test_missing_and_unlisted_files(folder: Path) -> None:
    report = open_dataset(write(folder / "l.csv", "image,cat\na.jpg,1\ngone.jpg,0\nx/y.jpg,1\ngone.jpg,0\n"))
    assert report.missing_files == ("gone.jpg", "x/y.jpg")
    assert report.unlisted_files == ("b.jpg", "c.jpg", "d.jpg")
    assert truth(report) == {"a.jpg": {"cat": 1}, "b.jpg": None, "c.jpg": None, "d.jpg": None}
    assert said(report, "2 files named in l.csv but not there", "'gone.jpg' in line 3")
    assert said(report, "3 images in the folder without a row")
    assert report.summary() == "4 images, 1 label, multi-label; 3 not annotated; 2 files missing"


def test_labels_that_differ_in_case_or_spaces_are_said_and_kept_apart(folder: Path) -> None:
    report = open_dataset(write(folder / "l.csv", "image,tags\na.jpg,Red Fox|cat\nb.jpg,red_fox\nc.jpg, redfox |cat\n"))
    assert set(report.dataset.labels) == {"Red Fox", "cat", "red_fox", "redfox"}
    assert said(report, "'Red Fox'", "'red_fox'", "'redfox'", "kept apart")


def test_images_elsewhere(tmp_path: Path) -> None:
    touch(tmp_path, ["pictures/a.jpg", "pictures/b.jpg", "labels/notes.jpg"])
    path = write(tmp_path / "labels" / "l.csv", "image,cat\na.jpg,1\nb.jpg,0\n")
    assert "choose the folder of the images" in refusal(path)
    for root in ("../pictures", str(tmp_path / "pictures")):
        report = open_dataset(path, DatasetChoices(images_root=root))
        assert truth(report) == {"a.jpg": {"cat": 1}, "b.jpg": {"cat": 0}}
        assert os.path.samefile(report.dataset.root, tmp_path / "pictures")


LABELS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=6).filter(
    lambda name: name.strip() == name and name != "image" and not name.startswith("sep=")
)


@settings(max_examples=60, deadline=None)
@given(
    labels=st.lists(LABELS, min_size=1, max_size=5, unique=True).filter(
        lambda names: not any(name.lower().endswith((".jpg", ".png")) for name in names)
    ),
    rows=st.lists(st.lists(st.sampled_from(["1", "0", "-1", ""]), min_size=5, max_size=5), min_size=2, max_size=8),
    dialect=st.sampled_from([",", ";", "\t", "|"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    end=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_what_is_written_with_one_column_a_label_is_read_back(
    labels: list[str], rows: list[list[str]], dialect: str, quoting: int, end: str, encoding: str
) -> None:
    rows[0][0] = "1"  # a file without any value has no column of labels
    names = [f"{index}.jpg" for index in range(len(rows))]
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=dialect, quoting=quoting, lineterminator=end)  # type: ignore[arg-type]
    writer.writerow(["image", *labels])
    writer.writerows([name, *row[: len(labels)]] for name, row in zip(names, rows, strict=True))
    with tempfile.TemporaryDirectory() as folder:
        touch(Path(folder), names)
        path = write(Path(folder) / "l.csv", buffer.getvalue(), encoding)
        report = open_dataset(path, DatasetChoices(task=Task.MULTILABEL, delimiter=dialect))
    expected: dict[str, dict[str, int] | None] = {}
    for name, row in zip(names, rows, strict=True):
        cells = dict(zip(labels, row, strict=False))
        known = any(cells.values())
        expected[name] = {label: int(cell) if cell else -1 for label, cell in cells.items()} if known else None
    assert truth(report) == expected


@settings(max_examples=60, deadline=None)
@given(
    cells=st.lists(
        st.lists(st.sampled_from(["cat", "red fox", "Käse", "a.b", "7"]), unique=True), min_size=1, max_size=8
    ),
    separator=st.sampled_from(["|", ";", ","]),
    delimiter=st.sampled_from([",", ";", "\t"]),
)
def test_what_is_written_as_lists_is_read_back(cells: list[list[str]], separator: str, delimiter: str) -> None:
    cells = [["cat", "7"], *cells]
    names = [f"{index}.jpg" for index in range(len(cells))]
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=delimiter)
    writer.writerow(["image", "labels"])
    writer.writerows([name, separator.join(cell)] for name, cell in zip(names, cells, strict=True))
    with tempfile.TemporaryDirectory() as folder:
        touch(Path(folder), names)
        report = open_dataset(write(Path(folder) / "l.csv", buffer.getvalue()))
    labels = {label for cell in cells for label in cell}
    assert set(report.dataset.labels) == labels
    assert truth(report) == {
        name: {label: int(label in cell) for label in report.dataset.labels}
        for name, cell in zip(names, cells, strict=True)
    }
