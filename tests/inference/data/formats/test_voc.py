"""Pascal VOC: a line an image, label and split; objects in XML where there is nothing else."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.data.formats import detect
from inference.data.formats.base import FileAnnotations, ReadOptions, Rest, WriteOptions
from inference.data.formats.voc import FORMAT
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

NAMES = tuple(f"JPEGImages/2007_00000{i}.jpg" for i in range(1, 5))
ONE, TWO, THREE, FOUR = NAMES
CAT_TRAIN = "2007_000001  1\n2007_000002 -1\n"
FILES = {
    "train.txt": "2007_000001\n2007_000002\n",
    "val.txt": "2007_000003\r\n2007_000004\r\n",
    "trainval.txt": "2007_000001\n2007_000002\n2007_000003\n2007_000004\n",
    "cat_train.txt": CAT_TRAIN,
    "cat_val.txt": "2007_000003  0\n2007_000004 -1",
    "traffic_light_train.txt": "2007_000001 -1\n2007_000002  1\n",
    "cat_trainval.txt": CAT_TRAIN + "2007_000003  0\n2007_000004 -1\n",
}


def dataset(folder: Path, files: dict[str, str] | None = None) -> Path:
    main = folder / "voc" / "ImageSets" / "Main"
    main.mkdir(parents=True)
    for name, text in (FILES if files is None else files).items():
        (main / name).write_bytes(text.encode())
    return folder / "voc"


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_bytes().decode() for path in (folder / "ImageSets" / "Main").iterdir()}


def test_values_labels_with_underscores_and_splits_are_read(tmp_path: Path) -> None:
    read = FORMAT.read(str(dataset(tmp_path)), index(*NAMES))
    assert said(read) == {
        ONE: {"cat": P, "traffic_light": N},
        TWO: {"cat": N, "traffic_light": P},
        THREE: {"cat": U},
        FOUR: {"cat": N},
    }
    assert dict(zip(read.images, read.parts, strict=True)) == {ONE: "train", TWO: "train", THREE: "val", FOUR: "val"}
    assert read.rest is Rest.NONE
    assert read.warnings == ()


def test_the_folder_of_the_text_files_will_do(tmp_path: Path) -> None:
    folder = dataset(tmp_path)
    assert said(FORMAT.read(str(folder / "ImageSets" / "Main"), index(*NAMES)))[THREE] == {"cat": U}
    assert said(FORMAT.read(str(folder / "ImageSets"), index(*NAMES)))[THREE] == {"cat": U}


def test_a_folder_that_did_not_change_comes_back_byte_for_byte(tmp_path: Path) -> None:
    base = dataset(tmp_path)
    (base / "Annotations").mkdir()
    (base / "Annotations" / "2007_000001.xml").write_bytes(b"<annotation/>\r\n")
    read = FORMAT.read(str(base), ImageIndex(str(base), NAMES))
    target = tmp_path / "new"
    FORMAT.write(str(target), read, WriteOptions(base=str(base)))
    assert contents(target) == FILES
    assert (target / "Annotations" / "2007_000001.xml").read_bytes() == b"<annotation/>\r\n"


def test_only_lines_that_changed_are_written_anew(tmp_path: Path) -> None:
    base = dataset(tmp_path)
    now = annotations_of(
        {ONE: {"cat": N}, TWO: {"cat": N}, THREE: {"cat": P}, "JPEGImages/new.jpg": {"cat": U}},
        parts=("train", "train", "val", "train"),
    )
    report = FORMAT.write(str(tmp_path / "new"), now, WriteOptions(base=str(base)))
    written = contents(tmp_path / "new")
    assert written["cat_train.txt"] == "2007_000001 -1\n2007_000002 -1\nnew  0\n"
    assert written["cat_val.txt"] == "2007_000003  1\n2007_000004 -1"
    assert written["traffic_light_train.txt"] == FILES["traffic_light_train.txt"]
    assert written["train.txt"] == FILES["train.txt"] + "new\n"
    assert written["val.txt"] == FILES["val.txt"]
    assert written["trainval.txt"] == FILES["trainval.txt"] + "new\n"
    assert any("traffic_light" in note for note in report.notes)
    again = FORMAT.read(str(tmp_path / "new"), index(*NAMES, "JPEGImages/new.jpg"))
    assert again.warnings == ()  # the union of the splits agrees with them
    assert said(again)["JPEGImages/new.jpg"] == {"cat": U}


LABELS = st.text(st.sampled_from(list("abZ é_=+-@'.,{}#0189漢")), min_size=1, max_size=6).filter(
    lambda text: text == text.strip() and text not in (".", "..")
)


@settings(max_examples=60, deadline=None)
@given(annotation_sets(LABELS, min_images=1), st.data())
def test_everything_comes_back(made: FileAnnotations, data: st.DataObject) -> None:
    parts = tuple(data.draw(st.sampled_from(["train", "test", "val"])) for _ in made.images)
    made = replace(made, parts=parts)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "voc"
        report = FORMAT.write(str(path), made)
        read = FORMAT.read(str(path), ImageIndex(folder, made.images))
        again = Path(folder) / "again"
        FORMAT.write(str(again), read, WriteOptions(base=str(path), images_root=folder))
        assert contents(again) == contents(path)
    assert report.notes == ()
    assert read.warnings == ()
    assert said(read) == said(made) if made.labels else read.labels == ()
    assert set(read.labels) == set(made.labels)
    if len(set(parts)) > 1:
        assert dict(zip(read.images, read.parts, strict=True)) == dict(zip(made.images, parts, strict=True))


def test_what_cannot_be_held_is_said(tmp_path: Path) -> None:
    made = annotations_of(
        {"a.jpg": {"cat": P, "red/blue": P}, "two\nlines.jpg": {"cat": P}, "b.jpg": {}}, parts=("train", "train", "")
    )
    notes = FORMAT.write(str(tmp_path / "voc"), made, WriteOptions(include_scores=True)).notes
    for words in ("1 image left out", "1 label left out", "trainval", "scores"):
        assert any(words in note for note in notes), words
    assert said(FORMAT.read(str(tmp_path / "voc"), index("a.jpg", "b.jpg"))) == {"a.jpg": {"cat": P}, "b.jpg": {}}


def test_a_folder_that_is_there_is_left_alone(tmp_path: Path) -> None:
    base = dataset(tmp_path)
    with pytest.raises(DataError, match="not empty"):
        FORMAT.write(str(base), annotations_of({ONE: {"cat": P}}), WriteOptions(base=str(base)))
    assert contents(base) == FILES


def test_doubts_are_said_with_file_and_line(tmp_path: Path) -> None:
    files = {
        "cat_train.txt": "a 1\n../../etc/passwd 1\nb\nb maybe\na -1\ngone 1\n",
        "train.txt": "a\nb\n",
        "dog_train.txt": "a +1\n",
    }
    read = FORMAT.read(str(dataset(tmp_path, files)), index("a.jpg", "b.jpg"))
    assert said(read) == {"a.jpg": {"cat": U, "dog": P}, "gone": {"cat": P}, "b.jpg": {}}
    assert read.refused == ("'../../etc/passwd' in cat_train.txt line 2",)
    assert warned(read, "2 lines left out", "cat_train.txt line 3", "cat_train.txt line 4")
    assert warned(read, "contradicts itself", "cat_train.txt line 1", "line 5")
    assert read.missing == ("gone",)


def objects(*names: str, filename: str = "", difficult: str = "0") -> str:
    inner = "".join(
        f"<object><name>{name}</name><difficult>{difficult}</difficult><bndbox/></object>" for name in names
    )
    return f"<annotation><filename>{filename}</filename>{inner}</annotation>"


def xml_dataset(folder: Path, files: dict[str, str]) -> Path:
    (folder / "Annotations").mkdir()
    for name, text in files.items():
        (folder / "Annotations" / name).write_text(text)
    return folder


def test_objects_are_read_where_there_are_no_text_files(tmp_path: Path) -> None:
    folder = xml_dataset(
        tmp_path,
        {
            "a.xml": objects("cat", "cat", "dog", filename="a.jpg"),
            "b.xml": objects("cat", difficult="1", filename="renamed.jpg"),
            "c.xml": objects(),
            "d.xml": "<other/>",
            "e.xml": objects("cat", filename="../../e.jpg"),
        },
    )
    read = FORMAT.read(str(folder), index("a.jpg", "b.jpg", "c.jpg"))
    assert said(read) == {"a.jpg": {"cat": P, "dog": P}, "b.jpg": {"cat": U}, "c.jpg": {}}
    assert read.rest is Rest.ASK
    assert read.refused == ("'../../e.jpg' in file 5",)
    assert warned(read, "1 XML file left out", "d.xml")
    told = FORMAT.read(str(folder), index("a.jpg", "b.jpg", "c.jpg"), ReadOptions(unlisted_means="negative"))
    assert said(told)["c.jpg"] == {"cat": N, "dog": N}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<annotation>\n<object>", "line 2"),
        ('<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;">]><annotation>&b;</annotation>', "document type"),
        ("<a>" * 5000 + "</a>" * 5000, "nested too deeply"),
        ("", "no valid XML"),
    ],
)
def test_hostile_xml_is_refused(tmp_path: Path, text: str, words: str) -> None:
    folder = xml_dataset(tmp_path, {"a.xml": text})
    message = refusal(FORMAT, str(folder), index("a.jpg"))
    assert words in message
    assert "a.xml" in message


def test_other_folders_are_refused(tmp_path: Path) -> None:
    assert "ImageSets/Main" in refusal(FORMAT, str(tmp_path), index("a.jpg"))


def test_it_is_recognised(tmp_path: Path) -> None:
    assert FORMAT.recognises(str(tmp_path), b"") == 0.0
    assert detect(str(dataset(tmp_path)))[0][0].key == "voc"
    (tmp_path / "x").mkdir()
    assert FORMAT.recognises(str(xml_dataset(tmp_path / "x", {"a.xml": objects()})), b"") == 0.6


@settings(max_examples=80, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["train.txt", "cat_train.txt", "dog.txt", "_train.txt", ".txt", "a b_val.txt"]),
        st.text(st.sampled_from(list("ab10-+ \t\r\n./é\u2028\0"))),
        max_size=3,
    )
)
def test_any_text_is_read_or_refused(files: dict[str, str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        read_or_refused(FORMAT, str(dataset(Path(folder), files)), index("a.jpg", "b.jpg"))
