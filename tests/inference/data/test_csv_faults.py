"""CSV files that are damaged, contradictory or out to do harm."""

from __future__ import annotations

import csv
import io
import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from inference.data.csv_reading import read_table
from inference.data.datasets import open_dataset
from inference.errors import DatasetError, LabelFileError
from tests.inference.data.helpers import refusal, said, touch, truth, write


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return touch(tmp_path, ["a.jpg", "b.jpg", "c.jpg", "d.jpg"])


def test_ragged_lines_are_named(folder: Path) -> None:
    text = 'image,cat,dog\na.jpg,1\nb.jpg,1,0,1\n"c.jpg",0,1,,\n"d.jpg","1","\n0"\n'
    report = open_dataset(write(folder / "l.csv", text))
    assert truth(report)["a.jpg"] == {"cat": 1, "dog": -1}
    assert truth(report)["b.jpg"] is None
    assert truth(report)["c.jpg"] == {"cat": 0, "dog": 1}
    assert truth(report)["d.jpg"] == {"cat": 1, "dog": 0}
    assert said(report, "ended before", "line 2")
    assert said(report, "longer than", "line 3")


def test_line_numbers_survive_cells_of_several_lines(folder: Path) -> None:
    text = 'image,note,cat,dog\n\na.jpg,"one\ntwo\nthree",1,0\nb.jpg,x,1,oops\n'
    assert said(open_dataset(write(folder / "l.csv", text)), "'oops' under dog in line 6")


@pytest.mark.parametrize(
    "key",
    [
        *("../../etc/passwd", "/etc/passwd", "x/../../secret.jpg", "file:///etc/passwd.jpg", "\\\\host\\share\\b.jpg"),
        *("C:\\Users\\b.jpg", "https://example.org/b.jpg", "gs://bucket/b.jpg", "/b.jpg", "..", "..\\..\\b.jpg"),
    ],
)
def test_paths_out_of_the_folder_are_refused_by_name_and_counted(folder: Path, key: str) -> None:
    touch(folder.parent, ["secret.jpg"])
    report = open_dataset(write(folder / "l.csv", f"image,cat\na.jpg,1\n{key},1\n"))
    assert [name for name, cells in truth(report).items() if cells] == ["a.jpg"]
    assert said(report, "1 path", "refused", repr(key), "line 3")
    assert report.missing_files == ()


def test_paths_that_only_look_dangerous(folder: Path) -> None:
    text = f"image,cat\n{folder}/a.jpg,1\nx/../b.jpg,1\nfile://{folder}/c.jpg,0\n"
    report = open_dataset(write(folder / "l.csv", text))
    assert truth(report) == {"a.jpg": {"cat": 1}, "b.jpg": {"cat": 1}, "c.jpg": {"cat": 0}, "d.jpg": None}
    assert not said(report, "refused")


def test_the_longest_end_of_a_path_that_exists_wins(tmp_path: Path) -> None:
    touch(tmp_path, ["x/1.jpg", "y/1.jpg", "1.jpg", "y/2.jpg", "z/3.jpg", "w/3.jpg"])
    text = "image,cat\nset/x/1.jpg,1\nset/y/1.jpg,0\nset/q/1.jpg,1\n2.jpg,0\n3,1\n"
    report = open_dataset(write(tmp_path / "l.csv", text))
    assert truth(report)["x/1.jpg"] == {"cat": 1}
    assert truth(report)["y/1.jpg"] == {"cat": 0}
    assert truth(report)["1.jpg"] == {"cat": 1}
    assert truth(report)["y/2.jpg"] == {"cat": 0}
    assert truth(report)["z/3.jpg"] is None
    assert said(report, "1 name", "fitting several images", "'3' in line 6")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("\n \n", "empty"),
        ("a.jpg,1,0\nb.jpg,0,1\n", "no column names"),
        ("a,1,0\nb,0,1\n", "no column names"),
        ("a,1,1,0\nb,0,1,1\n", "no column names"),
        ("image\na.jpg\nb.jpg\n", "no column of labels"),
        ("image,cat,dog\n", "no column of labels"),
        ("image,cat,cat\na.jpg,1,0\n", "several columns named 'cat'"),
        ('image,cat\na.jpg,1\nb.jpg,"1\nc.jpg,0\n', "line 3"),
        ("image,cat\nnot.jpg,1\n", "not.jpg"),
        ("image,weight,height\na.jpg,3.5,7\nb.jpg,2.5,9\n", "no column of labels"),
        ("image,cat\0\na.jpg,1\n", "not a text file"),
    ],
)
def test_files_that_cannot_be_understood_are_refused_with_a_reason(folder: Path, text: str, words: str) -> None:
    assert words in refusal(write(folder / "l.csv", text))


def test_odd_label_names_are_taken_as_they_are(folder: Path) -> None:
    names = ["=cmd()", "x" * 10_000, "naïve", "a,b", 'say "so"', "日本"]
    buffer = io.StringIO()
    csv.writer(buffer).writerows([["image", *names], ["a.jpg", *"101010"], ["b.jpg", *"010100"]])
    report = open_dataset(write(folder / "l.csv", buffer.getvalue()))
    assert report.dataset.labels == tuple(names)
    assert all(len(warning) < 1000 for warning in report.warnings)


def test_what_is_no_file(tmp_path: Path) -> None:
    touch(tmp_path, ["a.jpg"])
    assert "not there" in refusal(tmp_path / "l.csv")
    os.mkfifo(tmp_path / "pipe.csv")
    assert "named pipe" in refusal(tmp_path / "pipe.csv")
    assert "neither a folder nor a CSV" in refusal(tmp_path / "a.jpg")


def test_no_permission(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(folder / "l.csv", "image,cat\na.jpg,1\n")

    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    assert "permission" in refusal(path)


@settings(max_examples=80, deadline=None)
@given(content=st.binary(max_size=300))
@example(content=b",")
@example(content=b"\xff\xfe\0")
def test_any_bytes_are_read_or_refused_with_a_sentence(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = touch(Path(folder), ["l.csv"]) / "l.csv"
        path.write_bytes(content)
        try:
            table = read_table(path)
        except LabelFileError as error:
            message = str(error)
        else:
            message = table.name
            assert len(table.rows) == len(table.lines)
    assert "l.csv" in message


@settings(max_examples=150, deadline=None)
@given(text=st.text(st.sampled_from(',;|\t"\n\r 01-ab.\0\\/é'), max_size=60), header=st.booleans())
@example(text="a,,", header=False)
def test_any_text_becomes_a_dataset_or_a_sentence(text: str, header: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        touch(Path(folder), ["a.jpg", "b.jpg"])
        path = write(Path(folder) / "l.csv", ("image,cat,dog\na.jpg,1,0\n" if header else "") + text)
        try:
            report = open_dataset(path)
        except (LabelFileError, DatasetError) as error:
            message = str(error)
        else:
            message = path.name
            assert report.dataset.names == ("a.jpg", "b.jpg")
            assert report.dataset.y_true.shape == (2, len(report.dataset.labels))
    assert "l.csv" in message
