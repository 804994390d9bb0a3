"""CSV with a column of lists."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from inference.data.formats.base import FileAnnotations, ReadOptions, Rest, WriteOptions
from inference.data.formats.csv_list import FORMAT
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

NIH = (
    "Image Index,Finding Labels,Follow-up #,Patient ID\n"
    "1.png,Cardiomegaly|Emphysema,0,1\n"
    "2.png,No Finding,0,2\n"
    "3.png,Hernia,4,3\n"
)
NAMES = ("1.png", "2.png", "3.png")


def test_nih_no_finding_means_none_of_them(tmp_path: Path) -> None:
    path = tmp_path / "l.csv"
    path.write_text(NIH)
    read = FORMAT.read(str(path), index(*NAMES))
    assert said(read) == {
        "1.png": {"Cardiomegaly": P, "Emphysema": P},
        "2.png": {"Cardiomegaly": N, "Emphysema": N, "Hernia": N},
        "3.png": {"Hernia": P},
    }
    assert read.rest is Rest.ASK
    assert read.extras == {"separator": "|", "empty_words": ("No Finding",)}
    assert warned(read, "'No Finding'", "none of the labels")
    told = FORMAT.read(str(path), index(*NAMES), ReadOptions(unlisted_means="negative"))
    assert said(told)["3.png"] == {"Hernia": P, "Cardiomegaly": N, "Emphysema": N}


@pytest.mark.parametrize(
    ("text", "separator"),
    [
        ("image_name,tags\n1,haze primary\n2,primary\n3,haze\n", " "),
        ('image,labels\n1.png,"haze, primary"\n2.png,primary\n3.png,haze\n', ","),
        ("image,labels\n1.png,haze,primary\n2.png,primary\n3.png,haze\n", ","),
        ("image;labels\n1.png;haze|primary\n2.png;primary\n3.png;haze\n", "|"),
    ],
)
def test_separators_are_found(tmp_path: Path, text: str, separator: str) -> None:
    path = tmp_path / "l.csv"
    path.write_text(text)
    read = FORMAT.read(str(path), index(*NAMES))
    expected = {"1.png": {"haze": P, "primary": P}, "2.png": {"primary": P}, "3.png": {"haze": P}}
    assert said(read) == expected
    assert read.extras["separator"] == separator
    found = annotations_of(expected | {"2.png": {"haze": P}})
    FORMAT.write(str(path), read, WriteOptions(base=str(path)))
    assert path.read_text() == text
    FORMAT.write(str(path), found, WriteOptions(base=str(path)))
    assert path.read_text() == "haze".join(text.rsplit("primary", 1))


def test_only_the_lists_that_changed_are_written(tmp_path: Path) -> None:
    path = tmp_path / "l.csv"
    path.write_text(NIH + "x/9.png,Hernia,1,9\n3.png,Mass,1,1\n")
    names = (*NAMES, "4.png", "5.png")
    labels = ["Cardiomegaly", "Emphysema", "Hernia", "Mass"]
    now = {
        "1.png": {"Emphysema": P, "Mass": P},
        "2.png": {"Hernia": P},
        "3.png": {"Mass": P},
        "4.png": dict.fromkeys(labels, N),
        "5.png": {"Hernia": P},
    }
    FORMAT.write(str(path), annotations_of(now, labels), WriteOptions(base=str(path)))
    assert path.read_text().splitlines()[1:] == [
        "1.png,Emphysema|Mass,0,1",
        "2.png,Hernia,0,2",
        "3.png,,4,3",
        "x/9.png,Hernia,1,9",
        "3.png,Mass,1,1",
        "4.png,No Finding,,",
        "5.png,Hernia,,",
    ]
    read = FORMAT.read(str(path), index(*names))
    assert said(read)["4.png"] == dict.fromkeys(["Emphysema", "Hernia", "Mass"], N)
    assert said(read)["3.png"] == {"Mass": P}


TEXT = st.text(st.sampled_from(list("abAB é=+-@',;|\"\\{}漢\U0001f600")), min_size=1, max_size=8).filter(
    lambda text: text == text.strip() and any(map(str.isalnum, text))
)


@settings(max_examples=120, deadline=None)
@given(annotation_sets(labels=TEXT, values=(P, UNSAID), min_images=1))
def test_positives_come_back(made: FileAnnotations) -> None:
    given_separator = "\t" if any("|" in label for label in made.labels) else None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "l.csv"
        report = FORMAT.write(str(path), made, WriteOptions(separator=given_separator))
        assert any("choose this separator" in note for note in report.notes) == (given_separator is not None)
        read = FORMAT.read(str(path), ImageIndex(folder, made.images), ReadOptions(separator=given_separator))
        content = path.read_bytes()
        FORMAT.write(str(path), read, WriteOptions(base=str(path)))
        assert path.read_bytes() == content
    assert said(read) == said(made)
    assert set(read.labels) == {
        label for label, column in zip(made.labels, made.statements.T, strict=True) if 1 in column
    }
    assert read.missing == read.refused == ()


@settings(max_examples=60, deadline=None)
@given(annotation_sets(labels=st.sampled_from(["cat", "dog", "red fox", "a,b"]), values=(P, N), min_images=1))
def test_where_unlisted_is_negative_everything_comes_back(made: FileAnnotations) -> None:
    used = {label: value for row in said(made).values() for label, value in row.items() if value == P}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "l.csv"
        report = FORMAT.write(str(path), made)
        read = FORMAT.read(str(path), ImageIndex(folder, made.images), ReadOptions(unlisted_means="negative"))
    expected = {name: {label: row[label] for label in used} for name, row in said(made).items()}
    assert said(read) == (expected if made.labels else {name: {} for name in made.images})
    assert any("without a positive" in note for note in report.notes) == (len(used) < len(made.labels))


def test_what_a_list_cannot_hold_is_said(tmp_path: Path) -> None:
    path = tmp_path / "l.csv"
    made = annotations_of({"1.png": {"cat": P, "dog": N}, "2.png": {"cat": U}, "3.png": {"cat": N, "dog": N}})
    report = FORMAT.write(str(path), made, WriteOptions(include_scores=True))
    notes = " ".join(report.notes)
    for words in ("3 negative, 1 unknown, 1 not annotated", "1 label without a positive not listed: dog", "scores"):
        assert words in notes
    assert path.read_text().splitlines() == ["image,labels", "1.png,cat", "2.png,", "3.png,No Finding"]


def test_a_label_with_every_separator_in_it_is_refused(tmp_path: Path) -> None:
    made = annotations_of({"1.png": {"a|b;c,d\te": P}})
    with pytest.raises(Exception, match="Every separator"):
        FORMAT.write(str(tmp_path / "l.csv"), made)
    assert list(tmp_path.iterdir()) == []


@settings(max_examples=100, deadline=None)
@example("0,,")
@given(st.text(st.sampled_from(list('ab1,;|0\n\r"\t -=.jpg?é')), max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "l.csv"
        path.write_bytes(("image,labels\na.jpg,cat\n" + text).encode())
        found = ImageIndex(folder, ("a.jpg", "b.jpg"))
        read = read_or_refused(FORMAT, str(path), found)
        if read is not None:
            content = path.read_bytes()
            FORMAT.write(str(path), read, WriteOptions(base=str(path)))
            assert path.read_bytes() == content


def test_what_is_no_such_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "l.csv"
    path.write_text("image,labels\n")
    assert "it has no rows" in refusal(FORMAT, str(path), index("a.jpg"))
    path.write_text("labels\n1\n2\n")
    assert "no column that names images" in refusal(FORMAT, str(path), index("a.jpg"))


def test_it_is_recognised() -> None:
    assert FORMAT.recognises("l.csv", NIH.encode()) > 0.5
    assert FORMAT.recognises("l.csv", b"image,cat,dog\na.jpg,1,0\n") == 0.0
    assert FORMAT.recognises("l.json", NIH.encode()) == 0.0
