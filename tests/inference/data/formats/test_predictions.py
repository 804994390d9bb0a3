"""Predictions made elsewhere: what the numbers are, how close they come back, and files that are no such tables."""

from __future__ import annotations

import contextlib
import csv
import io
import math
import re
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import polars
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import expit, softmax

from inference.data.formats.predictions import Predictions, read_predictions, write_predictions
from inference.errors import DataError, LabelFileError
from inference.evaluation.activations import scores_from_logits
from inference.types import Activation
from tests.inference.data.formats.helpers import index

KINDS = st.sampled_from(["logits", "probabilities"])
SUFFIXES = [".csv", ".parquet", ".npz"]


def put(folder: Path, text: str, name: str = "p.csv") -> str:
    path = folder / name
    path.write_bytes(text.encode())
    return str(path)


def refused(path: str, **options: object) -> str:
    with pytest.raises(LabelFileError) as caught:
        read_predictions(path, **options)  # type: ignore[arg-type]
    assert Path(path).name in str(caught.value)
    assert str(caught.value).endswith(".")
    return str(caught.value)


def said(predictions: Predictions, *words: str) -> bool:
    return any(all(word in warning for word in words) for warning in predictions.warnings)


def test_probabilities_that_stand_alone_are_for_sigmoid(tmp_path: Path) -> None:
    read = read_predictions(put(tmp_path, "image,cat,dog\na.jpg,0.9,0.8\nb.jpg,0.1,0\n"))
    assert read.images == ("a.jpg", "b.jpg")
    assert read.labels == ("cat", "dog")
    assert (read.kind, read.activation) == ("probabilities", Activation.SIGMOID)
    assert "between 0 and 1" in read.kind_reason
    assert "do not sum to 1" in read.activation_reason
    assert read.logits == pytest.approx(np.array([[math.log(9), math.log(4)], [-math.log(9), -110]]), rel=1e-6)


def test_probabilities_that_compete_are_for_softmax(tmp_path: Path) -> None:
    read = read_predictions(put(tmp_path, "image,cat,dog,cow\na.jpg,0.333,0.333,0.334\nb.jpg,0.2,0.7,0.1\n"))
    assert read.activation is Activation.SOFTMAX
    back = scores_from_logits(read.logits, Activation.SOFTMAX)
    assert back == pytest.approx(np.array([[0.333, 0.333, 0.334], [0.2, 0.7, 0.1]]), rel=1e-6)


def test_logits_are_told_by_their_values(tmp_path: Path) -> None:
    read = read_predictions(put(tmp_path, "image,cat,dog\na.jpg,-3.25,0.5\nb.jpg,7,1\n"))
    assert (read.kind, read.activation) == ("logits", Activation.SIGMOID)
    assert "from -3.25 to 7" in read.kind_reason
    assert read.logits.tolist() == [[-3.25, 0.5], [7.0, 1.0]]
    logs = np.log(softmax(np.array([[1.0, 2.0], [0.5, -3.0]]), axis=1))
    path = put(tmp_path, "image,cat,dog\n" + "".join(f"{i}.jpg,{a},{b}\n" for i, (a, b) in enumerate(logs)))
    assert read_predictions(path).activation is Activation.SOFTMAX


def test_what_the_user_says_counts(tmp_path: Path) -> None:
    path = put(tmp_path, "image,cat,dog\na.jpg,0.5,0.5\n")
    read = read_predictions(path, kind="logits", activation=Activation.SIGMOID)
    assert (read.kind, read.activation) == ("logits", Activation.SIGMOID)
    assert read.logits.tolist() == [[0.5, 0.5]]
    assert "as chosen" in read.kind_reason
    assert "as chosen" in read.activation_reason
    bad = put(tmp_path, "image,cat,dog\na.jpg,0.5,0.5\nb.jpg,0.25,1.5\n")
    assert "1.5 under dog for b.jpg" in refused(bad, kind="probabilities")


FLOAT32 = st.floats(0, 1, width=32)


@settings(max_examples=60, deadline=None)
@given(arrays(np.float32, st.tuples(st.integers(1, 4), st.just(3)), elements=FLOAT32))
def test_sigmoid_gives_the_probabilities_back(scores: np.ndarray) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "p.npz")
        write_predictions(path, [f"{i}.jpg" for i in range(len(scores))], list("abc"), scores, kind="probabilities")
        logits = read_predictions(path, activation=Activation.SIGMOID).logits
    back = scores_from_logits(logits, Activation.SIGMOID)
    assert np.array_equal(back, expit(logits.astype(np.float64)).astype(np.float32))
    high = scores >= 0.5
    assert np.array_equal(back[high], scores[high])
    assert np.array_equal(back == 0, scores == 0)
    tolerance = (np.abs(logits) + 2) * 2.0**-24 * scores + 1e-45  # of a float32 logit; the last for denormals
    assert (np.abs(back.astype(np.float64) - scores) <= tolerance).all()
    order = np.argsort(scores.ravel(), kind="stable")
    assert (np.diff(back.ravel()[order]) >= 0).all()


@settings(max_examples=40, deadline=None)
@given(arrays(np.float32, st.tuples(st.integers(1, 4), st.just(3)), elements=st.floats(-80, 80, width=32)))
def test_softmax_gives_the_probabilities_back(made: np.ndarray) -> None:
    scores = scores_from_logits(made, Activation.SOFTMAX)
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "p.parquet")
        write_predictions(path, [f"{i}.jpg" for i in range(len(scores))], list("abc"), scores, kind="probabilities")
        read = read_predictions(path)
    assert read.activation is Activation.SOFTMAX
    back = scores_from_logits(read.logits, Activation.SOFTMAX)
    assert back == pytest.approx(scores, rel=1e-5, abs=1e-40)


NAMES = st.lists(
    st.text(st.sampled_from(list("abé=+-@',;\"漢 .")), min_size=1, max_size=5).map(lambda text: f"{text}.jpg"),
    unique_by=lambda name: name.strip(),
    min_size=1,
    max_size=4,
).filter(lambda names: all(name == name.strip() for name in names))


@pytest.mark.parametrize("suffix", SUFFIXES)
@settings(max_examples=20, deadline=None)
@given(
    names=NAMES,
    labels=st.lists(
        st.text(st.sampled_from(list("abé=+-@',;\"漢 ")), min_size=1, max_size=5).filter(
            lambda text: text == text.strip()
        ),
        min_size=1,
        max_size=3,
        unique=True,
    ),
    data=st.data(),
)
def test_what_is_written_is_read(suffix: str, names: list[str], labels: list[str], data: st.DataObject) -> None:
    shape = (len(names), len(labels))
    numbers = st.floats(width=32, allow_nan=False, allow_infinity=False)
    values = data.draw(arrays(np.float32, shape, elements=numbers))
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / f"p{suffix}")
        write_predictions(path, names, labels, values, kind="logits", activation=Activation.SOFTMAX)
        content = Path(path).read_bytes()
        read = read_predictions(path, kind="logits")
    assert read.images == tuple(names)
    assert read.labels == tuple(labels)
    assert np.array_equal(read.logits, values)
    if suffix == ".csv":
        cells = [cell for row in csv.reader(io.StringIO(content.decode())) for cell in row]
        risky = [cell for cell in cells if cell.startswith(tuple("=+-@\t\r"))]
        assert all(re.fullmatch(r"-[\d.e+-]+", cell) for cell in risky)  # negative numbers are no formulas
    else:
        assert read.activation is Activation.SOFTMAX


@pytest.mark.parametrize("suffix", [".parquet", ".npz"])
def test_what_the_file_says_of_its_numbers_counts(tmp_path: Path, suffix: str) -> None:
    path = str(tmp_path / f"p{suffix}")
    values = np.array([[0.25, 0.75]], dtype=np.float32)
    write_predictions(path, ["a.jpg"], ["cat", "dog"], values, kind="logits", activation=Activation.SIGMOID)
    read = read_predictions(path)
    assert (read.kind, read.activation) == ("logits", Activation.SIGMOID)
    assert "The file says" in read.kind_reason
    assert "The file says" in read.activation_reason


def test_missing_and_infinite_numbers_make_a_row_unusable(tmp_path: Path) -> None:
    read = read_predictions(put(tmp_path, "image,cat,dog\na.jpg,2,\nb.jpg,inf,1\nc.jpg,NaN,-1\nd.jpg,3,4\n"))
    assert np.isnan(read.logits).all(axis=1).tolist() == [True, True, True, False]
    assert said(read, "3 images without usable numbers", "a.jpg, b.jpg, c.jpg")


def test_names_are_resolved_under_the_root_only(tmp_path: Path) -> None:
    text = "image,cat\nset/a.jpg,1.5\n../../etc/passwd.jpg,2\nfile:///x.jpg,3\ngone.jpg,4\na.jpg,5\n,6\n"
    read = read_predictions(put(tmp_path, text), index=index("a.jpg", "b.jpg"))
    assert read.images == ("a.jpg", "gone.jpg")
    assert read.logits[:, 0].tolist() == [1.5, 4]
    assert read.missing == ("gone.jpg",)
    assert [entry.split(" in ")[1] for entry in read.refused] == ["line 3", "line 4"]
    assert said(read, "2 paths refused", "/data", "'../../etc/passwd.jpg' in line 3")
    assert said(read, "1 row", "has one already", "'a.jpg' in line 6")
    assert said(read, "1 row", "without the name", "line 7")


def test_the_table_that_cutline_exports_is_read(tmp_path: Path) -> None:
    text = "image,cat,dog,score of cat,score of dog,left out because\na.jpg,1,0,0.75,0.125,\nb.jpg,,,,,broken\n"
    read = read_predictions(put(tmp_path, text))
    assert read.labels == ("cat", "dog")
    assert read.kind == "probabilities"
    assert scores_from_logits(read.logits[:1], Activation.SIGMOID).tolist() == [[0.75, 0.125]]
    assert np.isnan(read.logits[1]).all()


def test_tables_of_other_habits(tmp_path: Path) -> None:
    read = read_predictions(put(tmp_path, "﻿cat;bild;dog\r\n0,25;a.jpg;0,5\r\n1;b.jpg;0\r\n"))
    assert read.images == ("a.jpg", "b.jpg")
    assert scores_from_logits(read.logits, Activation.SIGMOID)[0] == pytest.approx([0.25, 0.5])
    numbered = read_predictions(put(tmp_path, "id,cat,dog\n17,2,3\n18,-1,4\n"))
    assert numbered.images == ("17", "18")
    assert numbered.labels == ("cat", "dog")
    noted = read_predictions(put(tmp_path, "image,split,cat\na.jpg,train,2\nb.jpg,test,3\n"))
    assert noted.labels == ("cat",)
    assert said(noted, "1 column not read", "split")


def test_parquet_of_other_makes(tmp_path: Path) -> None:
    path = str(tmp_path / "p.parquet")
    frame = polars.DataFrame(
        {"cat": [1.5, None], "path": ["a.jpg", "b.jpg"], "dog": [2, 3], "flag": [True, False], "note": ["x", "y"]},
        schema_overrides={"cat": polars.Float32, "dog": polars.Int64},
    )
    frame.write_parquet(path)
    read = read_predictions(path)
    assert read.images == ("a.jpg", "b.jpg")
    assert read.labels == ("cat", "dog")
    assert read.logits[0].tolist() == [1.5, 2]
    assert np.isnan(read.logits[1]).all()
    assert said(read, "2 columns not read", "flag, note")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("image,cat\na.jpg,1\nb.jpg,2\nc.jpg,x1\n", "'x1' under cat in line 4"),
        ("image,split\na.jpg,train\n", "no column of numbers"),
        ("image,cat,cat\na.jpg,1,2\n", "the label 'cat' twice"),
        ("cat,dog\n1,2\n", "no column that names images"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path: Path, text: str, words: str) -> None:
    assert words in refused(put(tmp_path, text))


def test_damaged_parquet_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "p.parquet"
    write_predictions(str(path), ["a.jpg"] * 3, ["cat"], np.ones((3, 1), np.float32), kind="logits")
    whole = path.read_bytes()
    for content in (b"", b"PAR1", b"{}", whole[: len(whole) // 2], b"PAR1" + b"\xff" * 100 + b"PAR1"):
        path.write_bytes(content)
        assert "Parquet" in refused(str(path))
    polars.DataFrame({"x": [1.0]}).write_parquet(path)
    assert "no column that names images" in refused(str(path))
    polars.DataFrame({"image": ["a"]}).write_parquet(path)
    assert "no column of numbers" in refused(str(path))


def test_damaged_and_hostile_npz_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "p.npz"
    names, labels = np.array(["a.jpg"]), np.array(["cat"])
    evil = np.array([print], dtype=object)
    for arrays_, words in (
        ({"paths": names, "labels": labels}, "needs the arrays"),
        ({"paths": names, "labels": labels, "logits": np.ones((2, 1))}, "(2, 1)"),
        ({"paths": names, "labels": labels, "logits": np.array([["x"]])}, "of numbers"),
        ({"paths": evil, "labels": labels, "logits": np.ones((1, 1))}, "no whole NPZ file"),
    ):
        np.savez(path, **arrays_)  # type: ignore[arg-type]
        assert words in refused(str(path))
    header = b"\x93NUMPY\x01\x00v\x00{'descr': '<f8', 'fortran_order': False, 'shape': (1152921504606846976,), }"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("logits.npy", header.ljust(127) + b"\n")
    assert "NPZ" in refused(str(path))
    for content in (b"", b"PK\x03\x04", b"not a zip"):
        path.write_bytes(content)
        assert "NPZ" in refused(str(path))


def test_what_cannot_be_written_is_refused(tmp_path: Path) -> None:
    one = np.ones((1, 2), np.float32)
    with pytest.raises(DataError, match=r"none of \.csv"):
        write_predictions(str(tmp_path / "p.xlsx"), ["a"], ["b", "c"], one, kind="logits")
    with pytest.raises(DataError, match="twice"):
        write_predictions(str(tmp_path / "p.csv"), ["a"], ["b", "b"], one, kind="logits")
    with pytest.raises(DataError, match="image"):
        write_predictions(str(tmp_path / "p.parquet"), ["a"], ["image", "b"], one, kind="logits")
    with pytest.raises(ValueError, match="none of"):
        write_predictions(str(tmp_path / "p.csv"), ["a"], ["b", "c"], one, kind="scores")
    assert list(tmp_path.iterdir()) == []


@settings(max_examples=80, deadline=None)
@given(st.text(st.sampled_from(list("image,.jpg01-e;\"'\n\tnan|é\0")), max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = put(Path(folder), text)
        try:
            read = read_predictions(path, index=index("a.jpg"))
        except LabelFileError:
            return
        assert read.logits.shape == (len(read.images), len(read.labels))


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1 << 30), st.sampled_from([".parquet", ".npz"]), st.integers(0, 255))
def test_a_damaged_byte_never_ends_the_program(place: int, suffix: str, value: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"p{suffix}"
        names = [f"{i}.jpg" for i in range(20)]
        write_predictions(str(path), names, ["cat"], np.linspace(-5, 5, 20, dtype=np.float32)[:, None], kind="logits")
        content = bytearray(path.read_bytes())
        content[place % len(content)] = value
        path.write_bytes(io.BytesIO(content).getvalue())
        with contextlib.suppress(LabelFileError):
            read_predictions(str(path))
