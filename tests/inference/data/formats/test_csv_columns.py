"""CSV with one column a label: what cells mean, what is kept, and that no cell is a formula."""

from __future__ import annotations

import csv
import io
import re
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.data.formats.base import FileAnnotations, ReadOptions, Rest, WriteOptions
from inference.data.formats.cells import plain_cell, safe_cell
from inference.data.formats.csv_columns import FORMAT
from inference.data.image_index import ImageIndex
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
    warned,
)

CHEXPERT = (
    "Path,Sex,Age,Frontal/Lateral,AP/PA,No Finding,Edema,Fracture\n"
    "CheXpert-v1.0-small/train/p1/view1.jpg,Female,68,Frontal,AP,1.0,,0.0\n"
    "CheXpert-v1.0-small/train/p2/view1.jpg,Male,87,Frontal,AP,,-1.0,1.0\n"
)


def test_chexpert_says_uncertain_and_unmentioned_apart(tmp_path: Path) -> None:
    path = tmp_path / "train.csv"
    path.write_text(CHEXPERT)
    read = FORMAT.read(str(path), index("train/p1/view1.jpg", "train/p2/view1.jpg"))
    assert said(read) == {
        "train/p1/view1.jpg": {"No Finding": P, "Fracture": N},
        "train/p2/view1.jpg": {"Edema": U, "Fracture": P},
    }
    assert read.rest is Rest.NONE
    assert read.extras["minus_one_means"] == "unknown"
    assert warned(read, "-1 was read as unknown")
    assert warned(read, "4 columns not read as labels", "Sex", "Age")


def test_minus_one_is_negative_where_nothing_else_is(tmp_path: Path) -> None:
    path = tmp_path / "l.csv"
    path.write_text("image_id,Bald,Smiling\n1.jpg,-1,1\n2.jpg,1,-1\n")
    found = index("1.jpg", "2.jpg")
    read = FORMAT.read(str(path), found)
    assert said(read) == {"1.jpg": {"Bald": N, "Smiling": P}, "2.jpg": {"Bald": P, "Smiling": N}}
    assert warned(read, "-1 was read as negative")
    told = FORMAT.read(str(path), found, ReadOptions(minus_one_means="unknown"))
    assert said(told)["1.jpg"] == {"Bald": U, "Smiling": P}
    assert not warned(told, "-1 was read")


def test_roboflow_and_doubtful_cells(tmp_path: Path) -> None:
    path = tmp_path / "_classes.csv"
    lines = ["filename, cat, dog", "a.jpg, 1, 0", "b.jpg, yes, 2", "a.jpg, 0,", "../x.jpg, 1, 1", "gone.jpg, 1, 0"]
    path.write_text("\n".join(lines))
    read = FORMAT.read(str(path), index("a.jpg", "b.jpg"))
    assert said(read) == {
        "a.jpg": {"cat": U, "dog": N},
        "b.jpg": {"cat": P, "dog": U},
        "gone.jpg": {"cat": P, "dog": N},
    }
    assert warned(read, "contradicts itself", "a.jpg (cat; line 2, line 4)")
    assert warned(read, "'2' under dog in line 3")
    assert read.refused == ("'../x.jpg' in line 5",)
    assert read.missing == ("gone.jpg",)
    assert FORMAT.recognises(str(path), path.read_bytes()) > 0.9


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_spreadsheets_write_csv_in_many_ways(tmp_path: Path, encoding: str, newline: str, delimiter: str) -> None:
    path = tmp_path / "l.csv"
    rows = [["image", "Bär", "note"], ["a.jpg", "1", '"so, so; ""x"""'], [], ["b.jpg", "0", "odd"]]
    path.write_bytes(newline.join(delimiter.join(row) for row in rows).encode(encoding))
    content = path.read_bytes()
    found = index("a.jpg", "b.jpg", root=str(tmp_path))
    read = FORMAT.read(str(path), found)
    assert said(read) == {"a.jpg": {"Bär": P}, "b.jpg": {"Bär": N}}
    FORMAT.write(str(path), read, WriteOptions(base=str(path)))
    assert path.read_bytes() == content
    FORMAT.write(str(path), annotations_of({"a.jpg": {"Bär": P}, "b.jpg": {"Bär": P}}), WriteOptions(base=str(path)))
    changed = delimiter.join(["b.jpg", "1", "odd"]).join(
        content.decode(encoding).rsplit(delimiter.join(["b.jpg", "0", "odd"]), 1)
    )
    assert path.read_bytes().decode(encoding) == changed


def test_only_what_changed_is_written(tmp_path: Path) -> None:
    path = tmp_path / "train.csv"
    path.write_text(CHEXPERT + "CheXpert-v1.0-small/train/p9/view1.jpg,Male,1,Frontal,AP,,,\n")
    names = ("train/p1/view1.jpg", "train/p2/view1.jpg", "new.jpg")
    found = index(*names, root=str(tmp_path))
    now = said(FORMAT.read(str(path), found))
    now[names[1]] = {"Edema": P, "Fracture": P, "Pneumonia, left": U}
    now[names[2]] = {"Edema": N}
    report = FORMAT.write(str(path), annotations_of(now), WriteOptions(base=str(path)))
    assert report.notes == ()
    assert path.read_text().splitlines() == [
        'Path,Sex,Age,Frontal/Lateral,AP/PA,No Finding,Edema,Fracture,"Pneumonia, left"',
        "CheXpert-v1.0-small/train/p1/view1.jpg,Female,68,Frontal,AP,1.0,,0.0,",
        "CheXpert-v1.0-small/train/p2/view1.jpg,Male,87,Frontal,AP,,1.0,1.0,-1.0",
        "CheXpert-v1.0-small/train/p9/view1.jpg,Male,1,Frontal,AP,,,,",
        "new.jpg,,,,,,0.0,,",
    ]
    assert said(FORMAT.read(str(path), found)) == now


def test_a_column_whose_label_is_gone_is_left_out_and_said(tmp_path: Path) -> None:
    path = tmp_path / "l.csv"
    path.write_text("image,cat,dog\na.jpg,1,0\n")
    report = FORMAT.write(str(path), annotations_of({"a.jpg": {"dog": N, "lynx": P}}), WriteOptions(base=str(path)))
    assert path.read_text() == "image,dog,lynx\na.jpg,0,1\n"
    assert "1 column left out" in report.notes[0]
    assert "cat" in report.notes[0]


def test_rows_too_long_or_short_are_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "l.csv"
    text = "image,cat,dog\na.jpg,1\nb.jpg,1,0,1,1\nc.jpg,0,0,,\nd.jpg,1,1\n"
    path.write_text(text)
    found = index("a.jpg", "b.jpg", "c.jpg", "d.jpg", root=str(tmp_path))
    read = FORMAT.read(str(path), found)
    assert said(read) == {"a.jpg": {"cat": P}, "c.jpg": {"cat": N, "dog": N}, "d.jpg": {"cat": P, "dog": P}}
    FORMAT.write(str(path), read, WriteOptions(base=str(path)))
    assert path.read_text() == text
    now = said(read) | {"a.jpg": {"cat": P, "dog": P}, "d.jpg": {"cat": N, "dog": P}}
    FORMAT.write(str(path), annotations_of(now), WriteOptions(base=str(path)))
    assert path.read_text() == "image,cat,dog\na.jpg,1,1\nb.jpg,1,0,1,1\nc.jpg,0,0,,\nd.jpg,0,1\n"


FORMULA = re.compile(r"\A['\s]*[=+\-@\t\r]")
NOT_A_FORMULA = re.compile(r"\A(-1|'.*)\Z", re.DOTALL)
HEADERS = st.text(st.sampled_from(list("abAB é=+-@',;|\"\\{}漢\U0001f600")), min_size=1, max_size=8).filter(
    lambda text: text == text.strip()
)


@settings(max_examples=100, deadline=None)
@given(annotation_sets(labels=HEADERS, min_images=1).filter(lambda made: bool((made.statements != UNSAID).any())))
def test_everything_comes_back_and_no_cell_is_a_formula(made: FileAnnotations) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "l.csv"
        FORMAT.write(str(path), made)
        read = FORMAT.read(str(path), ImageIndex(folder, made.images))
        content = path.read_bytes()
        FORMAT.write(str(path), read, WriteOptions(base=str(path)))
        assert path.read_bytes() == content
    assert said(read) == said(made)
    assert read.labels == made.labels
    assert read.missing == read.refused == ()
    for row in csv.reader(io.StringIO(content.decode(), newline="")):
        assert all(NOT_A_FORMULA.match(cell) or not FORMULA.match(cell) for cell in row)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_an_edited_file_says_what_was_asked(data: st.DataObject) -> None:
    """Whatever stood in the file: written over, it reads back as the new annotations."""
    labels = data.draw(st.lists(HEADERS, min_size=1, max_size=3, unique=True))
    names = [f"{i}.jpg" for i in range(4)]
    cell = st.sampled_from(["1", "0", "-1", "", "?", "1.0", "yes"])
    rows = [[name, *(data.draw(cell) for _ in labels), "kept"] for name in names[:3]]
    rows[0][1] = "0"
    values = st.sampled_from([P, N, U, UNSAID])
    now = {name: {label: data.draw(values) for label in labels} for name in names}
    now = {name: {label: value for label, value in row.items() if value != UNSAID} for name, row in now.items()}
    now[names[0]][labels[0]] = N  # so that -1 means the same before and after
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "l.csv"
        with path.open("w", newline="") as file:
            csv.writer(file).writerows([["image", *map(safe_cell, labels), "other"], *rows])
        wanted = annotations_of(now, labels)
        FORMAT.write(str(path), wanted, WriteOptions(base=str(path)))
        read = FORMAT.read(str(path), ImageIndex(folder, tuple(names)))
        with path.open(newline="") as file:
            others = [row[-1] for row in csv.reader(file)]
    assert said(read) == now
    assert others == ["other", "kept", "kept", "kept", ""]


@given(st.text(st.sampled_from(list("'=+-@\t\r a＝")), max_size=6))
def test_safe_cells_give_every_text_back(text: str) -> None:
    cell = safe_cell(text)
    assert plain_cell(cell) == text
    assert not cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "＝"))


@settings(max_examples=150, deadline=None)
@given(st.text(st.sampled_from(list('ab1,;0\n\r"\t -=.jpg?é')), max_size=60) | st.binary(max_size=40).map(repr))
def test_any_text_is_read_or_refused(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "l.csv"
        path.write_bytes(("image,cat\na.jpg,1\n" + text).encode())
        found = ImageIndex(folder, ("a.jpg", "b.jpg"))
        read = read_or_refused(FORMAT, str(path), found)
        if read is not None:
            content = path.read_bytes()
            FORMAT.write(str(path), read, WriteOptions(base=str(path)))
            assert path.read_bytes() == content


def test_what_is_no_such_file_is_refused(tmp_path: Path) -> None:
    found = index("a.jpg")
    path = tmp_path / "l.csv"
    for text, words in (
        ("image,cat,cat\na.jpg,1,0\n", "several columns named 'cat'"),
        ("a.jpg,1\nb.jpg,0\n", "no column names"),
        ("image,age\na.jpg,17\n", "no column of labels"),
        ('image,cat\na.jpg,"1\n', "line 2"),
        ("", "empty"),
    ):
        path.write_text(text)
        assert words in refusal(FORMAT, str(path), found)
    assert "is a folder" in refusal(FORMAT, str(tmp_path), found)
    assert "not there" in refusal(FORMAT, str(tmp_path / "none.csv"), found)


def test_many_rows_in_reasonable_time(tmp_path: Path) -> None:
    """Correct beyond the sample that finds out the columns."""
    rng = np.random.default_rng(0)
    values = rng.integers(0, 2, (9_000, 5)).astype(np.int8)
    names = tuple(f"{i}.jpg" for i in range(len(values)))
    made = FileAnnotations("", names, values, ("a", "b", "c", "d", "e"))
    FORMAT.write(str(tmp_path / "l.csv"), made)
    np.testing.assert_array_equal(FORMAT.read(str(tmp_path / "l.csv"), index(*names)).statements, values)
