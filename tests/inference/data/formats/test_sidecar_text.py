"""Text files beside images."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.data.formats.base import FileAnnotations, ReadOptions, Rest, WriteOptions
from inference.data.formats.sidecar_text import FORMAT
from inference.data.image_index import ImageIndex
from inference.errors import DataError
from inference.types.annotating import UNSAID
from tests.inference.data.formats.helpers import (
    N,
    P,
    U,
    annotation_sets,
    annotations_of,
    index,
    refusal,
    said,
    warned,
)


def fill(root: Path, files: dict[str, bytes | str]) -> None:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)


def test_the_positives_are_listed(tmp_path: Path) -> None:
    fill(
        tmp_path, {"a.txt": "cat, outdoor, two animals\n", "s/b.txt": "cat\ndog", "s/c.txt": "", "readme.txt": "hello"}
    )
    fill(tmp_path, {"d.txt": b"\xff\xfe\x00", ".hidden.txt": "x"})
    found = index("a.jpg", "s/b.png", "s/c.jpg", "d.jpg", "e.jpg", root=str(tmp_path))
    read = FORMAT.read(str(tmp_path), found)
    assert said(read) == {
        "a.jpg": {"cat": P, "outdoor": P, "two animals": P},
        "s/b.png": {"cat": P, "dog": P},
        "s/c.jpg": {},
    }
    assert read.rest is Rest.ASK
    assert warned(read, "1 text file beside no image")
    assert warned(read, "1 text file left out", "d.txt is no UTF-8")
    told = FORMAT.read(str(tmp_path), found, ReadOptions(unlisted_means="negative"))
    assert said(told)["s/c.jpg"] == {"cat": N, "outdoor": N, "two animals": N, "dog": N}


def test_links_are_not_followed(tmp_path: Path) -> None:
    root = tmp_path / "data"
    fill(root, {"a.txt": "cat"})
    fill(tmp_path, {"secret.txt": "secret", "out/c.txt": "secret"})
    os.symlink(tmp_path / "secret.txt", root / "b.txt")
    os.symlink(tmp_path / "out", root / "out")
    read = FORMAT.read(str(root), index("a.jpg", "b.jpg", "out/c.jpg", root=str(root)))
    assert said(read) == {"a.jpg": {"cat": P}}


LABELS = st.text(st.sampled_from(list("abAB é=+-@'|\"漢\U0001f600")), min_size=1, max_size=6).filter(
    lambda text: text == text.strip()
)


@settings(max_examples=30, deadline=None)
@given(annotation_sets(labels=LABELS, values=(P, UNSAID), min_images=1))
def test_positives_come_back_byte_for_byte(made: FileAnnotations) -> None:
    with tempfile.TemporaryDirectory() as folder:
        first, second = str(Path(folder) / "one"), str(Path(folder) / "two")
        FORMAT.write(first, made)
        read = FORMAT.read(first, ImageIndex(first, made.images))
        assert said(read) == said(made)
        FORMAT.write(second, read, WriteOptions(base=first))
        files = [sorted(path.relative_to(top) for path in Path(top).rglob("*.txt")) for top in (first, second)]
        assert files[0] == files[1]
        assert all((Path(first) / name).read_bytes() == (Path(second) / name).read_bytes() for name in files[0])


def test_only_files_that_changed_are_written_anew(tmp_path: Path) -> None:
    fill(tmp_path, {"a.txt": "  cat ,dog\r\n", "b.txt": "cat\ndog\n", "c.txt": "dog"})
    now = {"a.jpg": {"cat": P, "dog": P}, "b.jpg": {"dog": P, "lynx": P}, "c.jpg": {"dog": U}, "e.jpg": {"cat": N}}
    report = FORMAT.write(str(tmp_path / "out"), annotations_of(now), WriteOptions(base=str(tmp_path)))
    assert (tmp_path / "out" / "a.txt").read_bytes() == b"  cat ,dog\r\n"
    assert (tmp_path / "out" / "b.txt").read_bytes() == b"dog\nlynx\n"
    assert (tmp_path / "out" / "c.txt").read_bytes() == b""
    assert not (tmp_path / "out" / "e.txt").exists()
    assert "cannot be told apart" in " ".join(report.notes)
    assert (tmp_path / "b.txt").read_bytes() == b"cat\ndog\n"


def test_what_it_cannot_hold_is_said(tmp_path: Path) -> None:
    made = annotations_of({"a.jpg": {"a, b": P, "cat": P}})
    report = FORMAT.write(str(tmp_path / "out"), made)
    assert "1 label left out, with a comma" in " ".join(report.notes)
    assert (tmp_path / "out" / "a.txt").read_text() == "cat"
    with pytest.raises(DataError, match="would share one text file"):
        FORMAT.write(str(tmp_path / "two"), annotations_of({"a.jpg": {"cat": P}, "a.png": {"cat": P}}))
    with pytest.raises(DataError, match="already and not empty"):
        FORMAT.write(str(tmp_path / "out"), made)
    shutil.rmtree(tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_without_such_files_is_refused(tmp_path: Path) -> None:
    fill(tmp_path, {"x.txt": "cat"})
    assert "no text file" in refusal(FORMAT, str(tmp_path), index("a.jpg", root=str(tmp_path)))
    assert "no folder" in refusal(FORMAT, str(tmp_path / "x.txt"), index("a.jpg"))
    assert FORMAT.recognises(str(tmp_path), b"") < 0.2
    fill(tmp_path, {"x.jpg": b""})
    assert FORMAT.recognises(str(tmp_path), b"") > 0.5
