"""timm's models open with timm's own pixels and logits, or say what is wrong."""

from __future__ import annotations

import copy
import dataclasses
import json
import logging
import sys
from pathlib import Path
from typing import Any
from urllib.error import URLError

import pytest
import torch
from huggingface_hub.errors import EntryNotFoundError, LocalEntryNotFoundError
from safetensors.torch import save_file
from torch import nn

from inference.errors import CardError, ModelError, WeightsError
from inference.models.card import CardTable, ModelCard, Preprocessing, PreprocessingTable
from inference.models.compat import import_torchvision
from inference.models.kinds import timm_models
from inference.models.preprocess import build_transform
from tests.inference.models.kinds.pictures import images, pictures

import_torchvision()
timm = pytest.importorskip("timm")

NAME = "test_resnet"  # timm's own for tests: 0.5 million weights
LABELS = ("ant", "bee", "cat")
CARD = ModelCard(NAME, "model.safetensors", LABELS)


@pytest.fixture(scope="module")
def network() -> nn.Module:
    torch.manual_seed(1)
    made: nn.Module = timm.create_model(NAME, num_classes=3)
    return made.eval().requires_grad_(False)


@pytest.fixture
def folder(tmp_path: Path, network: nn.Module) -> Path:
    """As timm itself saves for the hub."""
    timm.models.save_for_hf(network, tmp_path, {"label_names": list(LABELS)}, safe_serialization=True)
    return tmp_path


def change(folder: Path, **values: Any) -> dict[str, Any]:
    """Rewrite config.json; values for ``pretrained_cfg`` as a dict of that name."""
    path = folder / "config.json"
    content: dict[str, Any] = json.loads(path.read_text())
    content["pretrained_cfg"] |= values.pop("pretrained_cfg", {})
    content |= values
    path.write_text(json.dumps(content))
    return content


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"crop_pct": 0.95, "interpolation": "bilinear", "mean": [0.5] * 3, "std": [0.5] * 3},
        {"crop_pct": 1.0, "interpolation": "bicubic", "crop_mode": "squash"},
        {"crop_pct": 0.9, "crop_mode": "squash", "input_size": [3, 48, 64]},
        {"crop_pct": 0.875, "input_size": [3, 33, 33], "interpolation": "nearest"},
        {"crop_pct": 0.737, "input_size": [3, 51, 51], "interpolation": "lanczos"},
        {"crop_pct": 0.9, "input_size": [3, 64, 64], "interpolation": "box"},
    ],
)
def test_pixels_are_those_of_timms_own_transform(folder: Path, settings: dict[str, Any]) -> None:
    config = change(folder, pretrained_cfg=settings)
    told = timm_models.read(folder, None).told
    ours = build_transform(Preprocessing(**{key: told[key] for key in Preprocessing.__struct_fields__ if key in told}))
    theirs = timm.data.create_transform(**timm.data.resolve_data_config(pretrained_cfg=config["pretrained_cfg"]))
    for picture, image in zip(pictures(), images(), strict=True):
        torch.testing.assert_close(ours(picture), theirs(image), rtol=0, atol=1e-6)


@pytest.mark.parametrize("file", ["", "config.json", "model.safetensors"])
def test_a_folder_gives_the_logits_of_the_model_it_was_saved_from(folder: Path, network: nn.Module, file: str) -> None:
    path = folder / file
    assert timm_models.recognises(path)
    parts = timm_models.read(path, None)
    assert (parts.told["labels"], parts.n_outputs, parts.told["architecture"]) == (LABELS, 3, NAME)
    assert parts.differentiable
    built = parts.build(CARD)
    assert not built.training
    batch = torch.randn(2, 3, 96, 96)
    assert torch.equal(built(batch), network(batch))
    direct = timm.create_model(f"local-dir:{folder}", pretrained=True).eval()
    assert torch.equal(built(batch), direct(batch))


def test_a_folder_saved_by_older_versions_is_one_flat_table(folder: Path, network: nn.Module) -> None:
    config = json.loads((folder / "config.json").read_text())
    flat = config["pretrained_cfg"] | {"architecture": NAME, "num_classes": 3, "labels": list(LABELS)}
    (folder / "config.json").write_text(json.dumps(flat))
    parts = timm_models.read(folder, None)
    assert parts.told["labels"] == LABELS
    batch = torch.randn(1, 3, 96, 96)
    assert torch.equal(parts.build(CARD)(batch), network(batch))


def test_described_labels_are_told_apart(folder: Path) -> None:
    change(folder, label_names=["n1", "n2", "n3"], label_descriptions={"n1": "crane", "n2": "bee", "n3": "crane"})
    parts = timm_models.read(folder, None)
    assert parts.told["labels"] == ("crane (n1)", "bee", "crane (n3)")
    assert "label_descriptions" in parts.reasons["labels"]
    change(folder, label_names={"0": "a", "2": "c"}, label_descriptions=None)
    assert timm_models.read(folder, None).told["labels"] == ("a", "label 1", "c")


def test_a_weights_file_opens_under_a_name_of_timms(tmp_path: Path, network: nn.Module) -> None:
    path = tmp_path / "mine.pth"
    torch.save({"state_dict": {f"module.{key}": value for key, value in network.state_dict().items()}}, path)
    table = CardTable(architecture=f"{NAME}.r160_in1k", weights="mine.pth", labels=LABELS)
    parts = timm_models.read(path, table)
    batch = torch.randn(2, 3, 160, 160)
    assert parts.n_outputs == 3
    assert torch.equal(parts.build(CARD)(batch), network(batch))
    theirs = timm.data.resolve_data_config(pretrained_cfg=timm.get_pretrained_cfg(f"{NAME}.r160_in1k").to_dict())
    assert parts.told["crop"] == theirs["input_size"][1]
    assert parts.told["mean"] == theirs["mean"]


def test_ones_own_weights_have_no_class_of_background(
    tmp_path: Path, network: nn.Module, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some of timm's own weights have one, which its loader cuts off."""
    cfg = dataclasses.replace(timm.get_pretrained_cfg(NAME), label_offset=1)
    monkeypatch.setattr(timm, "get_pretrained_cfg", lambda name: cfg)
    save_file(network.state_dict(), tmp_path / "mine.safetensors")
    parts = timm_models.read(tmp_path / "mine.safetensors", CardTable(architecture=NAME, weights="mine.safetensors"))
    batch = torch.randn(1, 3, 96, 96)
    assert torch.equal(parts.build(CARD)(batch), network(batch))


def test_a_card_names_the_weights_beside_it(tmp_path: Path, network: nn.Module) -> None:
    save_file(network.state_dict(), tmp_path / "mine.safetensors")
    table = CardTable(architecture=NAME, weights="mine.safetensors")
    (tmp_path / "model.toml").touch()
    batch = torch.randn(1, 3, 96, 96)
    for path in (tmp_path, tmp_path / "model.toml", tmp_path / "mine.safetensors"):
        assert torch.equal(timm_models.read(path, table).build(CARD)(batch), network(batch))
    with pytest.raises(CardError, match="does not tell its architecture: name one of timm's"):
        timm_models.read(tmp_path, CardTable(weights="mine.safetensors"))


def test_the_digest_follows_the_weights_not_the_labels(folder: Path, network: nn.Module) -> None:
    before = timm_models.read(folder, None).digest
    change(folder, label_names=["x", "y", "z"])
    assert timm_models.read(folder, None).digest == before
    state = {key: value.clone() for key, value in network.state_dict().items()}
    state["fc.bias"][0] += 1
    save_file(state, folder / "model.safetensors")
    assert timm_models.read(folder, None).digest != before


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"crop_mode": "border"}, 'asks for crop_mode = "border", which adds borders, which .* cannot do as timm does'),
        ({"input_size": [3, 48, 64]}, "asks for 64 x 48 pixels, which Cutline's preprocessing cannot do as timm does"),
        ({"input_size": [1, 64, 64]}, "takes images of 1 channels; only models for 3, RGB, can be run"),
        ({"input_size": "large"}, "input_size = 'large' must be three numbers"),
        ({"mean": [0.5, 0.5]}, r"mean = \[0.5, 0.5\] must be three numbers"),
        ({"crop_pct": -1}, "crop_pct = -1 must be a number above 0"),
        ({"interpolation": "random"}, "interpolation = 'random' is none that Cutline has"),
    ],
)
def test_settings_that_cannot_be_used_say_so(folder: Path, settings: dict[str, Any], sentence: str) -> None:
    change(folder, pretrained_cfg=settings, model_args={"num_classes": 3})
    with pytest.raises(CardError, match=sentence) as caught:
        timm_models.read(folder, None)
    assert str(folder / "config.json") in str(caught.value)


def test_what_timm_would_do_otherwise_is_done_as_the_card_says(folder: Path) -> None:
    change(folder, pretrained_cfg={"crop_mode": "border"})
    table = CardTable(preprocessing=PreprocessingTable(resize=(64, 64), crop="none"))
    assert timm_models.read(folder, table).told["interpolation"] == "bilinear"


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"architecture": "resnet81"}, "names 'resnet81', which timm .* does not know; did you mean resnet"),
        ({"architecture": None}, "names 'None', which timm"),
        ({"num_classes": 0}, "num_classes = 0 must be a number above 0; only classifiers can be opened"),
        (
            {"model_args": {"checkpoint_path": "/x"}},
            "model_args holds 'checkpoint_path', which says where weights come",
        ),
        ({"model_args": {"pretrained_cfg": {"file": "/x"}}}, "model_args holds 'pretrained_cfg'"),
    ],
)
def test_a_config_that_names_no_usable_model_says_so(folder: Path, values: dict[str, Any], sentence: str) -> None:
    change(folder, **values)
    with pytest.raises(CardError, match=sentence):
        timm_models.read(folder, None)


def test_arguments_that_the_network_does_not_take_say_so(folder: Path) -> None:
    change(folder, model_args={"no_such_thing": 1})
    with pytest.raises(CardError, match=r"timm cannot make test_resnet for .*no_such_thing"):
        timm_models.read(folder, None).build(CARD)


def test_weights_of_another_network_are_listed(folder: Path) -> None:
    torch.manual_seed(0)
    other = timm.create_model("test_vit", num_classes=3)
    save_file(other.state_dict(), folder / "model.safetensors")
    with pytest.raises(WeightsError, match=r"does not hold the weights of test_resnet: missing: .* more; unexpected: "):
        timm_models.read(folder, None).build(CARD)


def test_another_number_of_labels_is_listed(folder: Path) -> None:
    change(folder, num_classes=4, model_args={})
    with pytest.raises(WeightsError, match=r"wrong shape: fc\.bias is 3, not 4, fc\.weight is 3 x \d+, not 4 x"):
        timm_models.read(folder, None).build(CARD)


def test_files_that_are_missing_or_damaged_say_so(folder: Path) -> None:
    whole = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(whole[:5000])
    with pytest.raises(WeightsError, match="truncated or damaged"):
        timm_models.read(folder, None)
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(WeightsError, match=r"has its weights in pytorch_model\.bin only, a pickle"):
        timm_models.read(folder, None)
    (folder / "pytorch_model.bin").unlink()
    with pytest.raises(WeightsError, match=r"There is no model\.safetensors in"):
        timm_models.read(folder, None)
    (folder / "config.json").write_text('{"architecture": ')
    assert not timm_models.recognises(folder)


def test_a_model_of_the_hub_is_built_by_timm_and_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    made = timm.create_model(NAME).eval()
    asked = []

    def create_model(name: str, pretrained: bool = False, **options: Any) -> nn.Module:
        asked.append((name, pretrained, options))
        return copy.deepcopy(made)  # type: ignore[no-any-return]

    monkeypatch.setattr(timm, "create_model", create_model)
    parts = timm_models.read(tmp_path, CardTable(architecture=f"{NAME}.r160_in1k", weights="hub"))
    assert asked == [(f"{NAME}.r160_in1k", True, {})]
    assert (parts.n_outputs, parts.told["activation"]) == (1000, "softmax")
    assert parts.told["labels"][0] == "tench, Tinca tinca"
    assert len(set(parts.told["labels"])) == 1000
    assert "ImageNet" in parts.reasons["labels"]
    batch = torch.randn(1, 3, 96, 96)
    assert torch.equal(parts.build(CARD)(batch), made(batch))


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (ConnectionRefusedError("nobody listens"), "there is no network: connect, or open a folder with config.json"),
        (URLError("Temporary failure in name resolution"), "there is no network"),
        (LocalEntryNotFoundError("Please check your connection"), "there is no network"),
        (EntryNotFoundError("404 Client Error"), "the hub has no such model"),
        (RuntimeError("strange weights"), "strange weights: check the name"),
    ],
)
def test_weights_that_cannot_be_fetched_say_so(
    error: Exception, sentence: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def create_model(name: str, **options: Any) -> nn.Module:
        raise error

    monkeypatch.setattr(timm, "create_model", create_model)
    with pytest.raises(ModelError, match=rf"weights of test_resnet\.r160_in1k could not be fetched, .*{sentence}"):
        timm_models.read(tmp_path, CardTable(architecture=f"{NAME}.r160_in1k", weights="hub"))


def test_unknown_names_say_so(tmp_path: Path) -> None:
    with pytest.raises(CardError, match=r"names 'resnet_18', which timm .* did you mean resnet"):
        timm_models.read(tmp_path, CardTable(architecture="resnet_18", weights="hub"))
    with pytest.raises(CardError, match=r"timm has no weights resnet18\.mine: resnet18 has resnet18\.a1_in1k, "):
        timm_models.read(tmp_path, CardTable(architecture="resnet18.mine", weights="hub"))
    with pytest.raises(CardError, match="does not name its architecture"):
        timm_models.read(tmp_path, CardTable(weights="hub"))


def test_names_and_what_they_stand_for() -> None:
    names = timm_models.names()
    assert "resnet18.a1_in1k" in names
    described = timm_models.describe("resnet18.a1_in1k")
    assert (described["n_labels"], described["input_size"], described["resize"]) == (1000, (224, 224), 235)
    for name in names[::40]:
        assert timm_models.describe(name)["n_labels"] > 0
    assert not any("dinov2" in name for name in names)  # no classifiers


def test_a_name_whose_preprocessing_cannot_be_done_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    cfg = dataclasses.replace(timm.get_pretrained_cfg("resnet18.a1_in1k"), crop_mode="border")
    monkeypatch.setattr(timm, "get_pretrained_cfg", lambda name: cfg)
    described = timm_models.describe("resnet18.a1_in1k")
    assert described["n_labels"] == 1000
    assert "adds borders" in described["note"]


def test_without_timm_the_extra_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "timm", None)
    assert timm_models.recognises(folder)
    with pytest.raises(ModelError, match=r"needs timm, which is not installed here: pip install 'cutline\[timm\]'"):
        timm_models.read(folder, None)


def test_timm_says_nothing_in_the_log(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        timm_models.read(folder, None).build(CARD)
    assert not caplog.records


@pytest.mark.parametrize("key", ["model_type", "architecture"])
def test_folders_of_others_are_not_recognised(tmp_path: Path, key: str) -> None:
    (tmp_path / "config.json").write_text(json.dumps({key: "resnet50", "epochs": 10}))
    assert not timm_models.recognises(tmp_path)
    assert not timm_models.recognises(tmp_path / "nowhere")
