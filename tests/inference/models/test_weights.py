"""Weights are data: what is damaged or a program is refused with a sentence and never run."""

from __future__ import annotations

import json
import os
import pickle
import struct
import zipfile
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from inference.errors import WeightsError
from inference.models.weights import load_state_dict, read_weights

STATE = {"fc.weight": torch.arange(6.0).reshape(2, 3), "fc.bias": torch.ones(2)}


def same(found: dict[str, Tensor], wanted: dict[str, Tensor] = STATE) -> bool:
    return found.keys() == wanted.keys() and all(torch.equal(found[key], wanted[key]) for key in wanted)


def test_safetensors_and_state_dicts_read_the_same(tmp_path: Path) -> None:
    save_file(STATE, tmp_path / "a.safetensors")
    torch.save(STATE, tmp_path / "a.pt")
    torch.save(STATE, tmp_path / "old.pth", _use_new_zipfile_serialization=False)
    for name in ("a.safetensors", "a.pt", "old.pth"):
        assert same(load_state_dict(tmp_path / name))


@pytest.mark.parametrize("key", ["state_dict", "model", "model_state_dict"])
def test_checkpoints_are_unwrapped(tmp_path: Path, key: str) -> None:
    torch.save({"epoch": 3, key: STATE, "optimizer": {"lr": 0.1}, "arch": "resnet18"}, tmp_path / "a.pt")
    found = read_weights(tmp_path / "a.pt")
    assert same(found.state)
    assert found.architecture == "resnet18"


def test_averaged_weights_left_aside_are_said(tmp_path: Path) -> None:
    torch.save({"model": STATE, "model_ema": STATE}, tmp_path / "a.pt")
    assert "model_ema" in read_weights(tmp_path / "a.pt").notes[0]


@pytest.mark.parametrize(
    "metadata",
    [
        {"labels": json.dumps(["x", "y"])},
        {"id2label": json.dumps({"1": "y", "0": "x"})},
        {"class_to_idx": json.dumps({"y": 1, "x": 0})},
    ],
)
def test_labels_in_the_file_are_found(tmp_path: Path, metadata: dict[str, str]) -> None:
    save_file(STATE, tmp_path / "a.safetensors", metadata)
    assert read_weights(tmp_path / "a.safetensors").labels == ("x", "y")


@pytest.mark.parametrize("metadata", [{"labels": "x"}, {"labels": "[1]"}, {"id2label": '{"0":"x","2":"y"}'}, {}])
def test_labels_that_are_none_are_not_taken(tmp_path: Path, metadata: dict[str, str]) -> None:
    save_file(STATE, tmp_path / "a.safetensors", metadata)
    assert read_weights(tmp_path / "a.safetensors").labels is None


def refused(path: Path) -> str:
    with pytest.raises(WeightsError) as caught:
        load_state_dict(path)
    assert str(path) in str(caught.value)
    return str(caught.value)


class Evil:
    """Writes a file when it is unpickled."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.marker),)


@pytest.mark.parametrize("name", ["zip.pt", "legacy.pth", "plain.pt", "plain.pkl", "plain.joblib", "nested.pt"])
def test_a_pickle_that_would_run_code_is_refused_and_not_run(tmp_path: Path, name: str) -> None:
    marker, path = tmp_path / "it ran", tmp_path / name
    if name.startswith("plain"):
        path.write_bytes(pickle.dumps(Evil(marker)))
    elif name == "nested.pt":
        torch.save({"state_dict": STATE, "config": Evil(marker)}, path)
    else:
        torch.save(Evil(marker), path, _use_new_zipfile_serialization=name == "zip.pt")
    assert "safetensors.torch.save_file" in refused(path)
    assert not marker.exists()
    pickle.loads(pickle.dumps(Evil(marker)))
    assert marker.exists()  # the payload does work


def test_a_whole_pickled_model_is_refused_with_the_way_out(tmp_path: Path) -> None:
    torch.save(torch.nn.Linear(2, 3), tmp_path / "a.pt")
    assert "asks to run code" in refused(tmp_path / "a.pt")


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        (["m/code/__torch__.py", "m/data.pkl"], "TorchScript"),
        (["m/constants.pkl", "m/data.pkl"], "TorchScript"),
        (["m/archive_format", "m/models/model.json"], "exported torch program"),
        (["m/data/sample_inputs/model.pt"], "exported torch program"),
        (["config.json", "model.weights.h5"], "Keras"),
    ],
)
@pytest.mark.parametrize("suffix", [".pt", ".pth"])
def test_archives_of_programs_are_told_apart_by_what_is_in_them(
    tmp_path: Path, entries: list[str], said: str, suffix: str
) -> None:
    path = tmp_path / f"m{suffix}"
    with zipfile.ZipFile(path, "w") as archive:
        for entry in entries:
            archive.writestr(entry, "x")
    assert said in refused(path)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("m.pt2", "exported torch program"),
        ("m.onnx", "ONNX"),
        ("m.keras", "Keras"),
        ("m.h5", "Keras"),
        ("m.txt", "choose a .safetensors or .pth or .pt file"),
    ],
)
def test_other_kinds_are_named(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / name).write_bytes(b"anything")
    assert said in refused(tmp_path / name)


def test_a_real_torchscript_file_is_refused(tmp_path: Path) -> None:
    with pytest.warns(DeprecationWarning, match="jit"):
        torch.jit.save(torch.jit.script(torch.nn.Linear(2, 3)), tmp_path / "m.pt")
    assert "TorchScript" in refused(tmp_path / "m.pt")


def test_a_compressed_bomb_is_refused_unopened(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "m.pt", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("m/data/0", bytes(30_000_000))
    assert "unpack" in refused(tmp_path / "m.pt")


@pytest.mark.parametrize("name", ["a.safetensors", "a.pt", "old.pth"])
@pytest.mark.parametrize("keep", [0.02, 0.5, 0.9, 0.999])
def test_truncated_files_are_said(tmp_path: Path, name: str, keep: float) -> None:
    path = tmp_path / name
    state = {f"layer{i}": torch.ones(50, 50) for i in range(5)}
    if name.endswith("safetensors"):
        save_file(state, path)
    else:
        torch.save(state, path, _use_new_zipfile_serialization=name == "a.pt")
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * keep)])
    assert "damaged" in refused(path)


def test_a_header_that_claims_too_much_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    path.write_bytes(struct.pack("<Q", 2**60) + b"{}")
    assert "1,152,921,504,606,846,976 bytes" in refused(path)
    path.write_bytes(b"\x01\x02")
    assert "truncated" in refused(path)
    header = json.dumps({"w": {"dtype": "F32", "shape": [2**40], "data_offsets": [0, 2**42]}}).encode()
    path.write_bytes(struct.pack("<Q", len(header)) + header + bytes(64))
    assert "damaged" in refused(path)


def test_missing_empty_folder_and_no_tensors(tmp_path: Path) -> None:
    assert "is not there" in refused(tmp_path / "a.pt")
    assert "is not a file" in refused(tmp_path)
    (tmp_path / "a.pt").write_bytes(b"")
    assert "is empty (0 bytes)" in refused(tmp_path / "a.pt")
    torch.save({"epoch": 3}, tmp_path / "a.pt")
    assert "no tensor" in refused(tmp_path / "a.pt")
    torch.save([1, 2], tmp_path / "a.pt")
    assert "holds a list" in refused(tmp_path / "a.pt")
