"""CVAT XML: tags; in a base nothing but changed tags is touched."""

from __future__ import annotations

from pathlib import Path

import pytest

from inference.data.formats.base import ReadOptions, Rest, WriteOptions
from inference.data.formats.cvat import FORMAT
from inference.errors import DataError
from tests.inference.data.formats.helpers import N, P, annotations_of, index, refusal, said, warned

TEXT = """<?xml version="1.0" encoding="utf-8"?>
<annotations>
  <version>1.1</version>
  <meta><task><labels>
    <label><name>cat</name><attributes></attributes></label>
    <label><name>dog</name></label>
  </labels></task></meta>
  <!-- a note -->
  <image id="0" name="set/a.jpg" width="640" height='480' subset="train">
    <tag label="cat" source="manual"><attribute name="a1">v &gt; 1</attribute></tag>
    <box label="car" xtl="1"/>
    <tag label="dog"/>
  </image>
  <image id="7" name="b &amp; é.jpg" subset="test"/>
  <image id="3" name="../../etc/passwd"><tag label="x"/></image>
  <image id="4"></image>
</annotations>
"""
NAMES = ("a.jpg", "b & é.jpg")


def put(folder: Path, text: str = TEXT) -> str:
    path = folder / "labels.xml"
    path.write_bytes(text.encode())
    return str(path)


def test_tags_are_read(tmp_path: Path) -> None:
    read = FORMAT.read(put(tmp_path), index(*NAMES))
    assert said(read) == {"a.jpg": {"cat": P, "dog": P}, "b & é.jpg": {}}
    assert read.labels == ("cat", "dog")
    assert read.parts == ("train", "test")
    assert read.rest is Rest.ASK
    assert read.refused == ("'../../etc/passwd' in image 3",)
    assert warned(read, "1 shape not read", "box in image 1")
    assert warned(read, "1 image left out", "image 4")
    told = FORMAT.read(put(tmp_path), index(*NAMES), ReadOptions(unlisted_means="negative"))
    assert said(told)["b & é.jpg"] == {"cat": N, "dog": N}


@pytest.mark.parametrize("start", ["", "\ufeff"])
def test_an_unchanged_base_comes_back_byte_for_byte(tmp_path: Path, start: str) -> None:
    path = put(tmp_path, (start + TEXT).replace("\n", "\r\n"))
    before = Path(path).read_bytes()
    FORMAT.write(path, FORMAT.read(path, index(*NAMES, root=str(tmp_path))), WriteOptions(base=path))
    assert Path(path).read_bytes() == before


def test_only_tags_that_changed_are_touched(tmp_path: Path) -> None:
    path = put(tmp_path)
    now = annotations_of({"a.jpg": {"cat": P, "dog": N, "<cow>": P}, "b & é.jpg": {"dog": P}, 'n"ew.jpg': {"cat": P}})
    FORMAT.write(path, now, WriteOptions(base=path))
    cow = '<tag label="&lt;cow&gt;" source="manual"></tag>'
    expected = (
        TEXT.replace('    <tag label="dog"/>\n', f"    {cow}\n")
        .replace(
            '<image id="7" name="b &amp; é.jpg" subset="test"/>',
            '<image id="7" name="b &amp; é.jpg" subset="test">\n'
            '    <tag label="dog" source="manual"></tag>\n  </image>',
        )
        .replace("  </labels>", "        <label><name>&lt;cow&gt;</name><type>tag</type></label>\n  </labels>")
        .replace(
            "</annotations>\n",
            '  <image id="8" name=\'n"ew.jpg\'>\n'
            '    <tag label="cat" source="manual"></tag>\n  </image>\n</annotations>\n',
        )
    )
    assert Path(path).read_text() == expected


def test_a_document_that_cannot_be_changed_in_place_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "labels.xml"
    path.write_bytes(TEXT.replace("utf-8", "latin-1").encode("latin-1"))
    made = annotations_of({"a.jpg": {"cat": P}})
    before = path.read_bytes()
    with pytest.raises(DataError, match="UTF-8"):
        FORMAT.write(str(path), made, WriteOptions(base=str(path)))
    assert path.read_bytes() == before
    assert said(FORMAT.read(str(path), index(*NAMES)))["a.jpg"] == {"cat": P, "dog": P}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<annotations>\n<image>", "line 2"),
        ("<annotation/>", "no CVAT file"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><annotations>&b;</annotations>', "document type"),
        ("<annotations>" + "<a>" * 1000, "nested too deeply"),
    ],
)
def test_other_xml_is_refused(tmp_path: Path, text: str, words: str) -> None:
    assert words in refusal(FORMAT, put(tmp_path, text), index(*NAMES))


def test_names_that_xml_cannot_hold_are_left_out(tmp_path: Path) -> None:
    path = str(tmp_path / "labels.xml")
    notes = FORMAT.write(path, annotations_of({"a\x01.jpg": {"cat": P}, "a.jpg": {"cat": P}})).notes
    assert any("XML cannot hold" in note for note in notes)
    assert said(FORMAT.read(path, index("a.jpg"))) == {"a.jpg": {"cat": P}}


def test_an_empty_document_is_filled(tmp_path: Path) -> None:
    path = put(tmp_path, "<annotations/>")
    made = annotations_of({"a.jpg": {"cat": P}})
    FORMAT.write(path, made, WriteOptions(base=path))
    assert said(FORMAT.read(path, index("a.jpg"))) == said(made)
