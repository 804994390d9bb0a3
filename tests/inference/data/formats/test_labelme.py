"""labelme and X-AnyLabeling: flags, shapes, and every key that is not ours."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.data.formats.base import FileAnnotations, ReadOptions, Rest, WriteOptions
from inference.data.formats.labelme import FORMAT
from inference.data.image_index import ImageIndex
from inference.errors import DataError
from tests.inference.data.formats.helpers import (
    LABEL_TEXT,
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


def document(image: str, flags: object, **further: Any) -> dict[str, Any]:
    return {"version": "4.0.0", "flags": flags, "shapes": [], "imagePath": image, "imageData": None, **further}


def fill(root: Path, files: dict[str, object]) -> None:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content, indent=2))


def test_flags_say_present_and_absent(tmp_path: Path) -> None:
    files: dict[str, object] = {
        "a.json": document("a.jpg", {"__ignore__": False, "cat": True, "dog": False, "bird": None}),
        "s/b.json": document("b.jpg", {"cat": False}, shapes=[{"label": "fox"}, {"label": "cat"}, 3]),
        "c.json": document("c.jpg", {"__ignore__": True, "cat": True}),
        "odd.json": document("../../etc/x.jpg", {"cat": True}),
        "gone.json": document("gone.jpg", {"cat": True}),
        "other.json": [1],
        "bad.json": "{",
    }
    fill(tmp_path, files)
    read = FORMAT.read(str(tmp_path), index("a.jpg", "s/b.jpg", "c.jpg", "d.jpg", root=str(tmp_path)))
    assert said(read) == {
        "a.jpg": {"cat": P, "dog": N, "bird": U},
        "gone.jpg": {"cat": P},
        "s/b.jpg": {"cat": N, "fox": P},
    }
    assert read.rest is Rest.NONE
    assert read.missing == ("gone.jpg",)
    assert len(read.refused) == 1
    assert "etc/x.jpg" in read.refused[0]
    assert warned(read, "1 file left out", "bad.json")
    assert warned(read, "1 JSON file of another kind")
    assert warned(read, "1 image with shapes")
    assert warned(read, "1 image passed over", "__ignore__")
    assert FORMAT.recognises(str(tmp_path), b"") > 0.5


def test_true_flags_alone_leave_the_rest_to_be_asked(tmp_path: Path) -> None:
    fill(tmp_path, {"a.json": document("a.jpg", {"cat": True}), "b.json": document("b.jpg", {"dog": True})})
    found = index("a.jpg", "b.jpg", root=str(tmp_path))
    assert FORMAT.read(str(tmp_path), found).rest is Rest.ASK
    told = FORMAT.read(str(tmp_path), found, ReadOptions(unlisted_means="negative"))
    assert said(told) == {"a.jpg": {"cat": P, "dog": N}, "b.jpg": {"dog": P, "cat": N}}


def test_unknown_keys_survive_and_unchanged_files_stay(tmp_path: Path) -> None:
    base, target = tmp_path / "base", tmp_path / "out"
    shape = {"label": "fox", "points": [[1.25, 2.5]], "group_id": None, "description": "é"}
    old = document("b.jpg", {"cat": False, "__x__": True}, shapes=[shape], imageHeight=480, mine={"deep": [1, 2.50]})
    fill(base, {"a.json": document("a.jpg", {"cat": True}, note="ü"), "b.json": old})
    (base / "c.json").write_bytes(b'{ "imagePath":"c.jpg",\r\n "flags" : {"cat":true} }')
    names = ("a.jpg", "b.jpg", "c.jpg", "d.jpg")
    now = said(FORMAT.read(str(base), ImageIndex(str(base), names)))
    now["b.jpg"] = {"cat": P, "fox": N}
    now["d.jpg"] = {"dog": N}
    FORMAT.write(str(target), annotations_of(now), WriteOptions(base=str(base)))
    for name in ("a.json", "c.json"):
        assert (target / name).read_bytes() == (base / name).read_bytes()
    written = json.loads((target / "b.json").read_text())
    assert written == {**old, "flags": {"cat": True, "__x__": True, "fox": False}}
    assert list(written) == list(old)
    assert said(FORMAT.read(str(target), ImageIndex(str(target), names))) == now


@settings(max_examples=40, deadline=None)
@given(annotation_sets(labels=LABEL_TEXT.filter(lambda text: not text.startswith("__")), min_images=1))
def test_everything_comes_back(made: FileAnnotations) -> None:
    with tempfile.TemporaryDirectory() as folder:
        first, second = str(Path(folder) / "one"), str(Path(folder) / "two")
        report = FORMAT.write(first, made, WriteOptions(unknown_as="null"))
        read = FORMAT.read(first, ImageIndex(first, made.images))
        assert said(read) == said(made)
        assert report.notes == ()
        FORMAT.write(second, read, WriteOptions(base=first, unknown_as="null"))
        for path in Path(first).rglob("*.json"):
            assert (Path(second) / path.relative_to(first)).read_bytes() == path.read_bytes()


def test_what_it_cannot_hold_is_said(tmp_path: Path) -> None:
    report = FORMAT.write(str(tmp_path / "out"), annotations_of({"a.jpg": {"cat": U, "dog": P}}))
    assert "1 statement of unknown left out" in report.notes[0]
    assert json.loads((tmp_path / "out" / "a.json").read_text())["flags"] == {"dog": True}
    with pytest.raises(DataError, match="would share"):
        FORMAT.write(str(tmp_path / "two"), annotations_of({"a.jpg": {"cat": P}, "a.png": {"cat": P}}))
    (tmp_path / "empty").mkdir()
    assert "no JSON file" in refusal(FORMAT, str(tmp_path / "empty"), index("x.jpg"))


def test_an_ignored_image_that_was_annotated_is_ignored_no_more(tmp_path: Path) -> None:
    base = tmp_path / "base"
    files: dict[str, object] = {
        "a.json": document("a.jpg", {"__ignore__": True}),
        "b.json": document("b.jpg", {"__ignore__": True, "cat": True}),
        "c.json": document("c.jpg", {"cat": True}, shapes=[{"label": "fox"}]),
    }
    fill(base, files)
    made = annotations_of({"a.jpg": {"cat": P}, "b.jpg": {}, "c.jpg": {"cat": N}})
    report = FORMAT.write(str(tmp_path / "out"), made, WriteOptions(base=str(base)))
    read = FORMAT.read(str(tmp_path / "out"), index("a.jpg", "b.jpg", "c.jpg", root=str(tmp_path / "out")))
    assert said(read) == {"a.jpg": {"cat": P}, "c.jpg": {"cat": N, "fox": P}}
    assert "1 image with shapes" in report.notes[0]
    assert (tmp_path / "out" / "b.json").read_bytes() == (base / "b.json").read_bytes()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=80, deadline=None)
@given(st.fixed_dictionaries({}, optional={"imagePath": JSON, "flags": JSON, "shapes": JSON}))
def test_any_json_is_read_or_refused(content: dict[str, object]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        fill(Path(folder), {"a.json": content})
        read_or_refused(FORMAT, folder, ImageIndex(folder, ("a.jpg", "b.jpg")))
