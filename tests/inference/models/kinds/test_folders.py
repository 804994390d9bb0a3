"""What the kinds share: labels from lists and tables, and what makes a folder one of a kind."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from inference.errors import CardError
from inference.models.kinds.folders import digest_of, looks_like, names_in_order, read_json, told_apart


@pytest.mark.parametrize(
    ("said", "n_outputs", "names"),
    [
        (["a", "b"], None, ("a", "b")),
        ({"1": "b", "0": "a"}, None, ("a", "b")),
        ({1: "b", 0: "a"}, 2, ("a", "b")),
        ({"b": 1, "a": 0}, None, ("a", "b")),
        ({0: 5, 1: 7}, None, ("5", "7")),
        ({"0": "a", "3": "d"}, 5, ("a", "label 1", "label 2", "d", "label 4")),
        (["a", "a", "b", ""], None, ("a (0)", "a (1)", "b", "(3)")),
        ([1, 2.5], None, ("1", "2.5")),
        ([["a"], "b"], None, None),
        ({"a": {}}, None, None),
        ({"a": "b"}, None, None),
        ({"-1": "a"}, None, None),
        ({"0": "a", "99999999": "b"}, None, None),
        ([], None, None),
        ({}, None, None),
        ("ab", None, None),
        (None, 3, None),
    ],
)
def test_labels_in_the_order_of_the_outputs(said: object, n_outputs: int | None, names: tuple[str, ...] | None) -> None:
    assert names_in_order(said, n_outputs) == names


def test_labels_that_stand_twice_get_their_other_name() -> None:
    assert told_apart(["crane", "bee", "crane"], also=["n1", "n2", "n3"]) == ("crane (n1)", "bee", "crane (n3)")


def test_a_folder_is_known_by_its_settings(tmp_path: Path) -> None:
    config, other = tmp_path / "config.json", tmp_path / "notes.txt"
    config.write_text(json.dumps({"a": 1, "b": 2}))
    other.touch()
    assert looks_like(tmp_path, "a", "b")
    assert looks_like(config, "a")
    assert looks_like(tmp_path / "model.safetensors", "a")
    assert not looks_like(tmp_path, "a", "c")
    assert not looks_like(other, "a")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"{", "is not valid JSON"),
        (b"\xff\xfe", "is not valid JSON"),
        (b"[" * 100_000, "is not valid JSON"),
        (b"[1]", r"holds no settings by name \(a list\)"),
    ],
)
def test_settings_that_cannot_be_read_say_so(tmp_path: Path, content: bytes, sentence: str) -> None:
    path = tmp_path / "config.json"
    with pytest.raises(CardError, match=r"There is no config\.json in"):
        read_json(path)
    path.write_bytes(content)
    with pytest.raises(CardError, match=sentence):
        read_json(path)


def test_a_digest_follows_bytes_order_and_settings(tmp_path: Path) -> None:
    one, two = tmp_path / "1", tmp_path / "2"
    one.write_bytes(b"one")
    two.write_bytes(b"two")
    digests = {
        digest_of([one, two]),
        digest_of([two, one]),
        digest_of([one]),
        digest_of([one], {}),
        digest_of([one], {"a": 1, "b": 2}),
    }
    assert len(digests) == 5
    assert digest_of([one], {"b": 2, "a": 1}) in digests


def test_recognising_imports_no_library(tmp_path: Path) -> None:
    """It happens for every model that is opened, also where no extra is installed."""
    (tmp_path / "config.json").write_text(json.dumps({"pretrained_cfg": {}, "model_type": "vit"}))
    code = f"""
import sys
from pathlib import Path
from inference.models.kinds import onnx_models, timm_models, transformers_models
for module in (onnx_models, timm_models, transformers_models):
    module.recognises(Path({str(tmp_path)!r}))
print(sorted({{"torch", "onnxruntime", "timm", "transformers"}} & set(sys.modules)))
"""
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "[]\n"
