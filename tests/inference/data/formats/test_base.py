"""What every format stands on: whole files, resolved paths, merged statements, and finding out what a file is."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inference.data.formats import FORMATS, detect, format_of
from inference.data.formats.base import FileAnnotations, ReadOptions, Rest, filled, nameable
from inference.data.formats.gathering import Gathering
from inference.data.formats.own_jsonl import FORMAT as OWN
from inference.data.formats.reading import parse_json, read_text
from inference.data.formats.writing import Content, Copied, inside, write_folder, write_whole
from inference.errors import DataError, LabelFileError
from inference.types.annotating import UNSAID
from tests.inference.data.formats.helpers import N, P, U, annotations_of, index, said, warned


@pytest.mark.parametrize("call", ["fsync", "replace", "chmod"])
def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    path = tmp_path / "l.csv"
    path.write_bytes(b"old")

    def fail(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, call, fail)
        with pytest.raises(DataError, match=r"l\.csv could not be written \(No space left on device\)"):
            write_whole(path, b"new")
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["l.csv"]
    write_whole(path, b"new")
    assert path.read_bytes() == b"new"


def test_a_file_keeps_its_rights_and_new_ones_are_readable(tmp_path: Path) -> None:
    path = tmp_path / "l.csv"
    write_whole(path, b"x")
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    path.chmod(0o600)
    write_whole(path, b"y")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_is_no_plain_file_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"old")
    os.symlink(tmp_path / "real", tmp_path / "link")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    for name in ("link", "pipe", "folder"):
        with pytest.raises(DataError, match="no plain file"):
            write_whole(tmp_path / name, b"new")
    with pytest.raises(DataError, match="could not be written"):
        write_whole(tmp_path / "none" / "l.csv", b"new")
    assert (tmp_path / "real").read_bytes() == b"old"


_LIMITED = """
import resource, signal, sys
from inference.data.formats.writing import write_whole
from inference.errors import DataError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    write_whole(sys.argv[1], b"x" * 5000)
except DataError as error:
    print(error)
"""


def test_a_full_disk_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "l.csv"
    path.write_bytes(b"old")
    command = [sys.executable, "-c", _LIMITED, str(path)]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "could not be written" in told
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["l.csv"]


def test_a_folder_appears_when_it_is_complete(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"picture")
    files: list[tuple[str, Content]] = [("x/a.jpg", Copied(str(tmp_path / "a.jpg"))), ("x/y/b.txt", b"text")]
    with pytest.raises(DataError):
        write_folder(tmp_path / "out", [*files, ("z", Copied(str(tmp_path / "none")))])
    for name in ("../z", "/z", "a/../../z", "a//b", "", "a\\b"):
        assert not inside(name)
        with pytest.raises(DataError, match="leads out"):
            write_folder(tmp_path / "out", [*files, (name, b"")])
    assert os.listdir(tmp_path) == ["a.jpg"]
    write_folder(tmp_path / "out", files)
    assert (tmp_path / "out/x/a.jpg").read_bytes() == b"picture"
    assert (tmp_path / "out/x/y/b.txt").read_bytes() == b"text"
    with pytest.raises(DataError, match="not empty"):
        write_folder(tmp_path / "out", files)
    (tmp_path / "empty").mkdir()
    write_folder(tmp_path / "empty", files)
    assert (tmp_path / "empty/x/y/b.txt").exists()


@pytest.mark.parametrize(
    "key",
    [
        "../a.jpg",
        "/etc/a.jpg",
        "x/../../a.jpg",
        "file:///etc/a.jpg",
        "\\\\host\\a.jpg",
        "C:\\a.jpg",
        "s3://b/a.jpg",
        " ",
    ],
)
def test_paths_out_of_the_root_are_refused_by_name(key: str) -> None:
    found = Gathering("l.csv", index("a.jpg"))
    assert found.image(key, 7) is None
    assert found.image(key, 9) is None
    read = found.finish("x", ReadOptions())
    assert read.images == ()
    assert [text.rpartition(" in ")[2] for text in read.refused] == ["line 7", "line 9"]


def test_paths_that_stay_inside_are_found() -> None:
    found = Gathering("l.csv", index("s/a.jpg", "b.jpg"))
    keys = ("s/a.jpg", "/data/s/a.jpg", "file:///data/s/a.jpg", "x/../s/a.jpg", "dataset/s/a", "S\\A.JPG")
    assert {found.image(key, 1) for key in keys} == {0}
    assert found.images == ["s/a.jpg"]


def test_known_beats_unknown_and_contradictions_become_unknown() -> None:
    found = Gathering("l.csv", index("a.jpg"), labels=["both", "sure", "none", "blocks"])
    row = found.image("a.jpg", 1)
    assert row == 0
    for column, value, line in ((0, P, 1), (0, N, 4), (1, U, 1), (1, N, 2)):
        found.say(row, column, value, line)
    for value, line in ((P, 8), (N, 9), (UNSAID, 10)):
        found.say_block(np.array([0]), np.array([3]), np.array([[value]], dtype=np.int8), np.array([line]))
    read = found.finish("x", ReadOptions())
    assert said(read) == {"a.jpg": {"both": U, "sure": N, "blocks": U}}
    assert warned(read, "2 labels of 1 image", "a.jpg (both; line 1, line 4)", "(blocks; line 8, line 9)")


def test_far_too_many_labels_are_refused() -> None:
    found = Gathering("l.csv", index())
    found.images = ["x"] * 100_000
    found.labels = ["x"] * 100_000
    with pytest.raises(LabelFileError, match="100,000 different labels"):
        found.finish("x", ReadOptions())


def test_what_is_unlisted_is_filled_only_where_it_was_open() -> None:
    made = annotations_of({"a.jpg": {"cat": P}, "b.jpg": {"dog": U}})
    assert filled(made, "negative") is made
    asked = annotations_of({"a.jpg": {"cat": P}, "b.jpg": {"dog": U}}, rest=Rest.ASK)
    assert filled(asked, None) is asked
    assert said(filled(asked, "negative")) == {"a.jpg": {"cat": P, "dog": N}, "b.jpg": {"cat": N, "dog": U}}
    assert said(filled(asked, "unknown")) == said(asked)


def test_rows_whose_names_are_no_text_are_left_out_with_all_they_have() -> None:
    made = annotations_of(
        {"\udc80.jpg": {"cat": P}, "b.jpg": {"cat": N}},
        parts=("train", "test"),
        scores=np.array([[0.1], [0.9]], dtype=np.float32),
    )
    kept, notes = nameable(made)
    assert (kept.images, kept.parts) == (("b.jpg",), ("test",))
    assert kept.scores is not None
    assert kept.scores.tolist() == [[np.float32(0.9)]]
    assert "1 image left out" in notes[0]
    assert nameable(kept) == (kept, ())
    with pytest.raises(ValueError, match="one row"):
        FileAnnotations("", ("a.jpg",), np.zeros((2, 1), dtype=np.int8), ("cat",))


def test_damaged_json_is_named_with_its_line(tmp_path: Path) -> None:
    for content, words in (
        (b'{\n"a": 1,\n]', "line 3"),
        (b"[" * 100_000, "nested too deeply"),
        (b"", "no valid JSON"),
        (b'"\xff"', "no valid JSON"),
        (b"1e999", "no valid JSON"),
    ):
        with pytest.raises(LabelFileError, match=words):
            parse_json(content, "l.json")
    assert parse_json(b'\xef\xbb\xbf{"a": 10000000000000000000000}', "l.json") == {"a": 10**22}
    (tmp_path / "l.txt").write_bytes(b"\xff")
    with pytest.raises(LabelFileError, match="no UTF-8"):
        read_text(str(tmp_path / "l.txt"))
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(LabelFileError, match="a named pipe"):
        read_text(str(tmp_path / "pipe"))


def test_every_format_is_registered_once_and_says_what_it_is() -> None:
    keys = [known.key for known in FORMATS]
    assert len(set(keys)) == len(keys)
    assert {"own_jsonl", "csv_columns", "csv_list", "folder_per_class", "open_images"} <= set(keys)
    assert {"celeba", "labelme", "sidecar_text", "hf_metadata"} <= set(keys)
    for known in FORMATS:
        assert format_of(known.key) is known
        assert known.name
        assert known.detail
        assert not known.detail.endswith(".")
        assert known.recognises("/nowhere/at.all", b"") == 0.0


def test_formats_are_told_apart(tmp_path: Path) -> None:
    files = {
        "own.jsonl": ('{"format":"cutline-labels/1","labels":[]}\n', "own_jsonl"),
        "metadata.jsonl": ('{"file_name":"a.jpg","labels":["cat"]}\n', "hf_metadata"),
        "metadata.csv": ("file_name,cat,dog\na.jpg,1,0\n", "hf_metadata"),
        "_classes.csv": ("filename, cat, dog\na.jpg, 1, 0\n", "csv_columns"),
        "nih.csv": ("Image Index,Finding Labels,Age\na.png,Hernia|Mass,7\n", "csv_list"),
        "planet.csv": ("image_name,tags\ntrain_0,haze primary\n", "csv_list"),
        "oid.csv": ("ImageID,Source,LabelName,Confidence\n0a,verification,/m/01,1\n", "open_images"),
        "list_attr.txt": ("2\nBald Smiling\n1.jpg -1  1\n2.jpg  1 -1\n", "celeba"),
    }
    for name, (text, key) in files.items():
        (tmp_path / name).write_text(text)
        assert detect(str(tmp_path / name))[0][0].key == key, name
    (tmp_path / "noise.bin").write_bytes(bytes(range(256)) * 10)
    os.mkfifo(tmp_path / "pipe.csv")
    for name in ("noise.bin", "pipe.csv", "none.csv"):
        assert detect(str(tmp_path / name)) == []


def test_folders_are_told_apart(tmp_path: Path) -> None:
    for name in ("classes/cat/a.jpg", "classes/dog/b.jpg", "texts/a.jpg", "texts/a.txt", "me/a.jpg"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    (tmp_path / "me" / "a.json").write_text('{"version":"4.0.0","flags":{},"shapes":[],"imagePath":"a.jpg"}')
    for name, key in (("classes", "folder_per_class"), ("texts", "sidecar_text"), ("me", "labelme")):
        assert detect(str(tmp_path / name))[0][0].key == key


def test_reading_needs_no_screen_and_writing_goes_through_any_format(tmp_path: Path) -> None:
    code = "import sys, inference.data.formats; assert not {'PySide6', 'torch', 'polars', 'scipy'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
    with pytest.raises(DataError):
        OWN.write(str(tmp_path / "none" / "l.jsonl"), annotations_of({"a.jpg": {"cat": P}}))
