"""CelebA's list of attributes, where -1 means absent."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.data.formats.base import FileAnnotations, Rest, WriteOptions
from inference.data.formats.celeba import FORMAT
from inference.data.image_index import ImageIndex
from inference.errors import DataError
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

TEXT = "3\n5_o_Clock_Shadow Bald Smiling \n000001.jpg -1  1  1\n000002.jpg  1 -1 -1\n000009.jpg -1 -1 -1\n"
NAMES = ("000001.jpg", "000002.jpg", "000003.jpg")


def test_minus_one_is_absent(tmp_path: Path) -> None:
    path = tmp_path / "list_attr_celeba.txt"
    path.write_text(TEXT)
    read = FORMAT.read(str(path), index(*NAMES))
    assert said(read)["000001.jpg"] == {"5_o_Clock_Shadow": N, "Bald": P, "Smiling": P}
    assert said(read)["000002.jpg"] == {"5_o_Clock_Shadow": P, "Bald": N, "Smiling": N}
    assert read.missing == ("000009.jpg",)
    assert read.rest is Rest.NONE
    assert FORMAT.recognises(str(path), path.read_bytes()) > 0.9
    assert FORMAT.recognises(str(path), b"image,cat\na.jpg,1\n") == 0.0


def test_only_lines_that_changed_are_written(tmp_path: Path) -> None:
    path = tmp_path / "l.txt"
    path.write_text(TEXT)
    labels = ["5_o_Clock_Shadow", "Bald", "Smiling"]
    now = {
        "000001.jpg": {"5_o_Clock_Shadow": N, "Bald": P, "Smiling": P},
        "000002.jpg": {"5_o_Clock_Shadow": P, "Bald": P, "Smiling": N},
        "000003.jpg": dict.fromkeys(labels, N),
    }
    FORMAT.write(str(path), annotations_of(now, labels), WriteOptions(base=str(path)))
    assert path.read_text() == (
        "4\n5_o_Clock_Shadow Bald Smiling \n000001.jpg -1  1  1\n000002.jpg  1  1 -1\n000009.jpg -1 -1 -1\n"
        "000003.jpg -1 -1 -1\n"
    )


LABELS = st.text(st.sampled_from(list("abAB é=+-@',;|\"漢")), min_size=1, max_size=6).filter(
    lambda text: text == text.strip() and "  " not in text and "_" not in text
)


@settings(max_examples=80, deadline=None)
@given(annotation_sets(labels=LABELS, values=(P, N), min_images=1), st.booleans())
def test_positive_and_negative_come_back(made: FileAnnotations, crlf: bool) -> None:
    if not made.labels:
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "l.txt"
        report = FORMAT.write(str(path), made)
        if crlf:
            path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
        read = FORMAT.read(str(path), ImageIndex(folder, made.images))
        content = path.read_bytes()
        FORMAT.write(str(path), read, WriteOptions(base=str(path)))
        assert path.read_bytes() == content
    assert read.labels == tuple(label.replace(" ", "_") for label in made.labels)
    assert read.statements.tolist() == made.statements.tolist()
    assert any("_ for spaces" in note for note in report.notes) == any(" " in label for label in made.labels)


def test_what_it_cannot_hold_is_said(tmp_path: Path) -> None:
    path = tmp_path / "l.txt"
    made = annotations_of({"a.jpg": {"cat": P, "dog": N}, "b.jpg": {"cat": U, "dog": P}, "c.jpg": {"cat": P}})
    report = FORMAT.write(str(path), made)
    assert "2 images left out" in report.notes[0]
    assert path.read_text() == "1\ncat dog\na.jpg  1 -1\n"
    FORMAT.write(str(path), made, WriteOptions(unknown_as="0"))
    assert said(FORMAT.read(str(path), index("a.jpg", "b.jpg", "c.jpg"))) == {
        "a.jpg": {"cat": P, "dog": N},
        "b.jpg": {"cat": U, "dog": P},
        "c.jpg": {"cat": P, "dog": U},
    }
    with pytest.raises(DataError, match="rename one"):
        FORMAT.write(str(path), annotations_of({"a.jpg": {"a b": P, "a_b": P}}))


def test_damage_is_named(tmp_path: Path) -> None:
    path = tmp_path / "l.txt"
    for text, words in (
        ("", "does not start with a count"),
        ("x\ncat\n", "does not start with a count"),
        ("1\n\na.jpg 1\n", "no labels in line 2"),
        ("1\ncat cat\na.jpg 1 1\n", "twice"),
        ("1\ncat dog\na.jpg 1\n", "line 3"),
        ("1\ncat dog\na.jpg 1 7\n", "line 3"),
    ):
        path.write_text(text)
        assert words in refusal(FORMAT, str(path), index("a.jpg"))
    path.write_text("9\ncat\na.jpg 1\n")
    assert warned(FORMAT.read(str(path), index("a.jpg")), "announces 9 images and has 1")


@settings(max_examples=80, deadline=None)
@given(st.text(st.sampled_from(list("a1- .\n\r\t0é\u2028")), max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "l.txt"
        path.write_bytes(("1\ncat\na.jpg 1\n" + text).encode())
        read_or_refused(FORMAT, str(path), ImageIndex(folder, ("a.jpg",)))
