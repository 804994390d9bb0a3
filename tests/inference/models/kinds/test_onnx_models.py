"""ONNX files open with the numbers of the same network in torch, say what they know, or say what is wrong."""

from __future__ import annotations

import contextlib
import copy
import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from onnx import TensorProto

from inference.errors import CardError, ModelError, WeightsError
from inference.models.card import ModelCard
from inference.models.kinds import onnx_models, onnx_network
from tests.inference.models.kinds import onnx_files

CARD = ModelCard("", "model.onnx", tuple("abcde"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "model.onnx"


@pytest.mark.parametrize("batch", ["batch", 1, 4])
def test_logits_are_those_of_the_same_network_in_torch(path: Path, batch: int | str) -> None:
    onnx_files.write(path, shape=(batch, 3, 8, 8))
    network = onnx_models.read(path, None).build(CARD)
    images = torch.randn(7, 3, 8, 8)
    expected = onnx_files.twin()(images)
    for n_images in (1, 4, 7):
        torch.testing.assert_close(network(images[:n_images]), expected[:n_images], rtol=1e-5, atol=1e-6)
    for_conv = images.contiguous(memory_format=torch.channels_last)
    torch.testing.assert_close(network(for_conv), expected, rtol=1e-5, atol=1e-6)


def test_images_of_any_size_pass_where_the_graph_leaves_it_open(path: Path) -> None:
    parts = onnx_models.read(onnx_files.write(path, shape=("b", 3, "h", "w")), None)
    images = torch.randn(2, 3, 9, 13)
    torch.testing.assert_close(parts.build(CARD)(images), onnx_files.twin()(images), rtol=1e-5, atol=1e-6)
    assert "resize" not in parts.told
    assert "crop" not in parts.told


@pytest.mark.parametrize("kind", [TensorProto.FLOAT16, TensorProto.DOUBLE])
def test_images_are_given_in_the_precision_that_the_graph_takes(path: Path, kind: int) -> None:
    network = onnx_models.read(onnx_files.write(path, kind=kind), None).build(CARD)
    images = torch.randn(2, 3, 8, 8).half().float()
    found = network(images)
    assert found.dtype == torch.float32
    torch.testing.assert_close(found, onnx_files.twin()(images), rtol=1e-5, atol=1e-6)


def test_several_outputs_come_by_name(path: Path) -> None:
    parts = onnx_models.read(onnx_files.write(path, outputs=["f"]), None)
    found = parts.build(CARD)(torch.zeros(3, 3, 8, 8))
    assert {name: tuple(tensor.shape) for name, tensor in found.items()} == {"f": (3, 4), "logits0": (3, 5)}


def test_size_outputs_and_gradients_are_told(path: Path) -> None:
    parts = onnx_models.read(onnx_files.write(path, shape=("b", 3, 224, 224)), None)
    assert (parts.told["resize"], parts.told["crop"], parts.n_outputs) == (256, 224, 5)
    assert "224 x 224 pixels only" in parts.reasons["crop"]
    assert not parts.differentiable
    assert "outputs" not in parts.told
    wide = onnx_models.read(onnx_files.write(path, shape=("b", 3, 60, 80)), None)
    assert (wide.told["resize"], wide.told["crop"]) == ((60, 80), None)
    assert "80 x 60" in wide.reasons["resize"]


@pytest.mark.parametrize(
    ("last", "activation", "outputs"),
    [
        (["Softmax"], "softmax", "probabilities"),
        (["Sigmoid"], "sigmoid", "probabilities"),
        (["Sigmoid", "Identity", "Flatten"], "sigmoid", "probabilities"),
        (["LogSoftmax"], "softmax", "logits"),
        (["Softmax", "Neg"], None, None),
        (["Identity"], None, None),
    ],
)
def test_an_activation_in_the_graph_is_found_and_named(
    path: Path, last: list[str], activation: str | None, outputs: str | None
) -> None:
    parts = onnx_models.read(onnx_files.write(path, last=last), None)
    assert parts.told.get("activation") == activation
    assert parts.told.get("outputs") == outputs
    if activation:
        assert f"(/head/{last[0]}) is {last[0]}" in parts.reasons["activation"]


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("names", str(dict(enumerate("abcde")))),
        ("labels", json.dumps(list("abcde"))),
        ("classes", "a,b,c, d,e"),
        ("labels", "a\nb\nc\nd\ne"),
        ("id2label", json.dumps({str(index): name for index, name in enumerate("abcde")})),
        ("classes", json.dumps({name: index for index, name in enumerate("abcde")})),
    ],
)
def test_labels_come_from_the_metadata(path: Path, key: str, text: str) -> None:
    parts = onnx_models.read(onnx_files.write(path, metadata={key: text}), None)
    assert parts.told["labels"] == tuple("abcde")
    assert key in parts.reasons["labels"]


@pytest.mark.parametrize("text", ["{0: __import__('os')}", "[1, 2", "{}", "x", "{'a': {}, 'b': 1}"])
def test_metadata_that_names_no_labels_is_left_aside(path: Path, text: str) -> None:
    assert "labels" not in onnx_models.read(onnx_files.write(path, metadata={"names": text}), None).told


def test_labels_of_another_number_are_left_aside_with_a_note(path: Path) -> None:
    parts = onnx_models.read(onnx_files.write(path, metadata={"names": "['a', 'b']"}), None)
    assert "labels" not in parts.told
    assert parts.notes == (f"The metadata of {path} names 2 labels for 5 outputs: they were left aside.",)


def test_ultralytics_classifiers_bring_their_recipe(path: Path) -> None:
    metadata = {"author": "Ultralytics", "task": "classify", "imgsz": "[8, 8]", "names": str(dict(enumerate("abcde")))}
    told = onnx_models.read(onnx_files.write(path, metadata=metadata), None).told
    assert (told["resize"], told["crop"], told["mean"], told["std"]) == (8, 8, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
    onnx_files.write(path, metadata=metadata | {"task": "detect"})
    with pytest.raises(CardError, match="for the task 'detect'; only classification can be opened"):
        onnx_models.read(path, None)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"shape": ("b", 8, 8, 3)}, "takes b x 8 x 8 x 3, channels last: export it to take batch x 3 x height x width"),
        ({"shape": ("b", 1, 8, 8)}, "takes images of 1 channels"),
        ({"shape": ("b", 192)}, "takes an input of b x 192: images are batch x 3 x height x width"),
        ({"kind": TensorProto.UINT8}, "takes uint8 numbers: export it to take float32 ones"),
        ({"inputs": 2}, r"takes 2 inputs \(images, more1\): export it with the image as its only one"),
    ],
)
def test_inputs_that_are_no_images_get_a_sentence(path: Path, options: dict[str, object], sentence: str) -> None:
    onnx_files.write(path, **options)  # type: ignore[arg-type]
    with pytest.raises(CardError, match=sentence) as caught:
        onnx_models.read(path, None)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"last": ["Blur"], "domain": "com.acme"}, "uses the operator com.acme:Blur, .* programs and are never loaded"),
        ({"last": ["Blur"]}, "uses the operator Blur, unknown to onnxruntime .*: export it without, or update"),
        ({"opset": 99}, "was made for a newer onnxruntime .*opset .*lower opset_version"),
        ({"ir": 99}, "was made for a newer onnxruntime .*IR version"),
    ],
)
def test_graphs_that_onnxruntime_cannot_run_say_why(path: Path, options: dict[str, object], sentence: str) -> None:
    onnx_files.write(path, **options)  # type: ignore[arg-type]
    with pytest.raises(WeightsError, match=sentence) as caught:
        onnx_models.read(path, None)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.7, 0.99])
def test_damaged_files_get_a_sentence(path: Path, share: float) -> None:
    whole = onnx_files.write(path).read_bytes()
    path.write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(WeightsError, match="is no ONNX model, or a damaged one: copy or export it again"):
        onnx_models.read(path, None)
    path.write_bytes(b"this is no graph at all" * 20)
    with pytest.raises(WeightsError, match="is no ONNX model, or a damaged one"):
        onnx_models.read(path, None)


@pytest.mark.parametrize("seed", range(30))
def test_flipped_bytes_end_in_a_model_or_a_sentence(path: Path, seed: int) -> None:
    content = bytearray(onnx_files.write(path, last=["Softmax"]).read_bytes())
    rng = np.random.default_rng(seed)
    for place in rng.integers(0, len(content), 8):
        content[place] = rng.integers(0, 256)
    path.write_bytes(content)
    with contextlib.suppress(ModelError):
        onnx_models.read(path, None)


def test_a_missing_file_gets_a_sentence(path: Path) -> None:
    with pytest.raises(WeightsError, match=r"model\.onnx cannot be read: No such file"):
        onnx_models.read(path, None)


def test_weights_beside_the_graph_are_read_and_part_of_the_digest(path: Path) -> None:
    onnx_files.write(path, weights_in="weights.bin")
    beside = path.parent / "weights.bin"
    with pytest.raises(WeightsError, match=r"has its weights in weights\.bin, and .* is not there: copy it beside it"):
        onnx_models.read(path, None)
    beside.write_bytes(onnx_files.last_weights())
    parts = onnx_models.read(path, None)
    images = torch.randn(2, 3, 8, 8)
    torch.testing.assert_close(parts.build(CARD)(images), onnx_files.twin()(images), rtol=1e-5, atol=1e-6)
    beside.write_bytes(b"\0" * len(onnx_files.last_weights()))
    assert onnx_models.read(path, None).digest != parts.digest
    beside.write_bytes(b"\0" * 8)
    with pytest.raises(WeightsError, match="does not get its weights from the files beside it, one may be cut short"):
        onnx_models.read(path, None)


@pytest.mark.parametrize("elsewhere", ["../weights.bin", "/etc/hostname", "below/../../weights.bin"])
def test_weights_outside_the_folder_are_refused(tmp_path: Path, elsewhere: str) -> None:
    (tmp_path / "weights.bin").write_bytes(onnx_files.last_weights())
    (tmp_path / "models" / "below").mkdir(parents=True)
    path = onnx_files.write(tmp_path / "models" / "model.onnx", weights_in=elsewhere)
    with pytest.raises(WeightsError, match="names weights outside its own folder"):
        onnx_models.read(path, None)


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "weights.bin").write_bytes(onnx_files.last_weights())
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "link.bin").symlink_to(tmp_path / "weights.bin")
    path = onnx_files.write(tmp_path / "models" / "model.onnx", weights_in="link.bin")
    with pytest.raises(WeightsError, match="names weights outside its own folder"):
        onnx_models.read(path, None)


def test_without_onnxruntime_the_extra_is_named(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    onnx_files.write(path)
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(
        ModelError, match=r"needs onnxruntime, which is not installed here: pip install 'cutline\[onnx\]'"
    ):
        onnx_models.read(path, None)


def test_a_gpu_that_onnxruntime_cannot_use_is_noted(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    onnx_files.write(path)
    assert onnx_models.read(path, None).notes == ()
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    (note,) = onnx_models.read(path, None).notes
    assert note.startswith("model.onnx runs on the CPU: this onnxruntime is built without CUDA.")
    monkeypatch.setattr(onnx_network, "available", lambda: (onnx_network.CUDA, "CPUExecutionProvider"))
    assert onnx_models.read(path, None).notes == ()


def test_memory_that_is_full_is_raised_as_such(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    network = onnx_models.read(onnx_files.write(path), None).build(CARD)

    def full(*args: object) -> None:
        raise RuntimeError("[ONNXRuntimeError] : 6 : Failed to allocate memory for requested buffer of size 99")

    monkeypatch.setattr(onnxruntime.InferenceSession, "run", full)
    with pytest.raises(MemoryError, match="Failed to allocate memory"):
        network(torch.zeros(1, 3, 8, 8))


def test_a_copy_of_the_network_runs(path: Path) -> None:
    network = onnx_models.read(onnx_files.write(path), None).build(CARD)
    images = torch.randn(2, 3, 8, 8)
    assert torch.equal(copy.deepcopy(network)(images), network(images))


def test_only_the_name_counts_for_recognising(tmp_path: Path) -> None:
    assert onnx_models.recognises(tmp_path / "Model.ONNX")
    assert not onnx_models.recognises(tmp_path / "model.pth")
