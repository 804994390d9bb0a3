"""Open Images: verified present, verified absent, and a machine's guess."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.data.formats.base import FileAnnotations, ReadOptions, Rest, WriteOptions
from inference.data.formats.open_images import FORMAT
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

TEXT = (
    "ImageID,Source,LabelName,Confidence\n"
    "000060e3121c7305,verification,/m/06ht1,1\n"
    "000060e3121c7305,crowdsource-verification,/m/0bt9lr,0\n"
    "0000aa,machine,/m/0bt9lr,0.7\n"
    "0000aa,verification,/m/06ht1,2\n"
    "nowhere,verification,/m/06ht1,1\n"
)
NAMES = ("000060e3121c7305.jpg", "0000aa.jpg", "x/new.jpg")


def test_present_absent_and_guessed(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text(TEXT)
    (tmp_path / "class-descriptions.csv").write_text("/m/06ht1,Pot\n/m/0bt9lr,Dog\n")
    read = FORMAT.read(str(path), index(*NAMES))
    assert said(read) == {NAMES[0]: {"Pot": P, "Dog": N}, NAMES[1]: {}, "nowhere": {"Pot": P}}
    assert read.scores is not None
    assert read.scores[1, read.labels.index("Dog")] == np.float32(0.7)
    assert read.rest is Rest.NONE
    assert read.extras["codes"] == {"Pot": "/m/06ht1", "Dog": "/m/0bt9lr"}
    assert warned(read, "1 row left out", "'2' in line 5")
    assert FORMAT.recognises(str(path), path.read_bytes()) > 0.9


def test_without_descriptions_the_codes_are_the_labels(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text(TEXT)
    assert said(FORMAT.read(str(path), index(*NAMES)))[NAMES[0]] == {"/m/06ht1": P, "/m/0bt9lr": N}
    classes = tmp_path / "names.csv"
    classes.write_text("LabelName,DisplayName\n/m/06ht1,Pot\n/m/0bt9lr,Pot\n")
    told = FORMAT.read(str(path), index(*NAMES), ReadOptions(class_file=str(classes)))
    assert said(told)[NAMES[0]] == {"Pot (/m/06ht1)": P, "Pot (/m/0bt9lr)": N}


def test_only_rows_that_changed_are_written(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text(TEXT)
    (tmp_path / "class-descriptions.csv").write_text("/m/06ht1,Pot\n/m/0bt9lr,Dog\n")
    now = {NAMES[0]: {"Dog": P}, NAMES[1]: {"Dog": N}, NAMES[2]: {"Pot": N, "Lynx": P}, "nowhere": {"Pot": P}}
    FORMAT.write(str(path), annotations_of(now), WriteOptions(base=str(path)))
    assert path.read_text().splitlines()[1:] == [
        "000060e3121c7305,crowdsource-verification,/m/0bt9lr,1",
        "0000aa,machine,/m/0bt9lr,0.7",
        "0000aa,verification,/m/06ht1,2",
        "nowhere,verification,/m/06ht1,1",
        "0000aa,verification,/m/0bt9lr,0",
        "x/new,verification,/m/06ht1,0",
        "x/new,verification,Lynx,1",
    ]
    assert said(FORMAT.read(str(path), index(*NAMES))) == now


@settings(max_examples=80, deadline=None)
@given(annotation_sets())
def test_all_but_unknown_comes_back(made: FileAnnotations) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path, classes = Path(folder) / "l.csv", Path(folder) / "class-descriptions.csv"
        report = FORMAT.write(str(path), made, WriteOptions(class_file=str(classes)))
        read = FORMAT.read(str(path), ImageIndex(folder, made.images))
        content = path.read_bytes()
        FORMAT.write(str(path), read, WriteOptions(base=str(path)))
        assert path.read_bytes() == content
    expected = {name: {label: value for label, value in row.items() if value != U} for name, row in said(made).items()}
    assert said(read) == {name: row for name, row in expected.items() if row}
    n_unknown = int((made.statements == U).sum())
    assert any("no word for unknown" in note for note in report.notes) == (n_unknown > 0)
    n_empty = int((made.statements == UNSAID).all(axis=1).sum())
    assert any("without a statement" in note for note in report.notes) == (n_empty > 0)


@settings(max_examples=100, deadline=None)
@given(st.text(st.sampled_from(list('ab1,0.\n\r"e=/m nan')), max_size=50))
def test_any_text_is_read_or_refused(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "l.csv"
        path.write_bytes(("ImageID,Source,LabelName,Confidence\na,v,cat,1\n" + text).encode())
        found = ImageIndex(folder, ("a.jpg", "b.jpg"))
        read = read_or_refused(FORMAT, str(path), found)
        if read is not None:
            FORMAT.write(str(path), read, WriteOptions(base=str(path)))
            assert said(FORMAT.read(str(path), found)) == said(read)


def test_another_table_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "l.csv"
    path.write_text("image,cat\na.jpg,1\n")
    assert "no column 'ImageID'" in refusal(FORMAT, str(path), index("a.jpg"))
    assert FORMAT.recognises(str(path), path.read_bytes()) == 0.0
