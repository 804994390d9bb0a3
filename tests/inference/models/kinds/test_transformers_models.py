"""Folders of transformers' classifiers open with the library's own pixels and logits, or say what is wrong."""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from inference.errors import CardError, ModelError, WeightsError
from inference.models.card import CardTable, ModelCard, Preprocessing, PreprocessingTable
from inference.models.compat import import_torchvision
from inference.models.kinds import transformers_models
from inference.models.kinds.transformers_recipe import cuts_elsewhere
from inference.models.preprocess import build_transform
from tests.inference.models.kinds.pictures import images, pictures

torchvision: Any = import_torchvision()
transformers = pytest.importorskip("transformers")

LABELS = ("ant", "bee", "cat")
CARD = ModelCard("vit", "model.safetensors", LABELS)
NAMED = {"id2label": dict(enumerate(LABELS)), "label2id": {name: index for index, name in enumerate(LABELS)}}
SMALL_VIT = {
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "image_size": 32,
    "patch_size": 8,
}
SMALL_RESNET = {"embedding_size": 8, "hidden_sizes": [8, 16], "depths": [1, 1], "layer_type": "basic"}


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """save_pretrained draws bars too."""
    transformers.utils.logging.disable_progress_bar()
    yield
    transformers.utils.logging.enable_progress_bar()


@pytest.fixture(scope="module")
def vit() -> Any:
    torch.manual_seed(2)
    config = transformers.ViTConfig(**SMALL_VIT, **NAMED)
    return transformers.ViTForImageClassification(config).eval().requires_grad_(False)


@pytest.fixture
def folder(tmp_path: Path, vit: Any) -> Path:
    vit.save_pretrained(tmp_path)
    transformers.ViTImageProcessor(size={"height": 32, "width": 32}).save_pretrained(tmp_path)
    return tmp_path


def change(folder: Path, name: str = "config.json", **values: Any) -> None:
    """Rewrite one of the folder's files; None takes a setting out."""
    path = folder / name
    content = json.loads(path.read_text()) | values
    path.write_text(json.dumps({key: value for key, value in content.items() if value is not None}))


def recipe(told: Any) -> Any:
    return build_transform(Preprocessing(**{key: told[key] for key in Preprocessing.__struct_fields__ if key in told}))


@pytest.mark.parametrize("file", ["", "config.json", "model.safetensors"])
def test_a_vit_gives_the_logits_of_the_model_it_was_saved_from(folder: Path, vit: Any, file: str) -> None:
    path = folder / file
    assert transformers_models.recognises(path)
    parts = transformers_models.read(path, None)
    assert (parts.told["labels"], parts.n_outputs, parts.told["architecture"]) == (LABELS, 3, "vit")
    assert (parts.differentiable, parts.notes) == (True, ())
    built = parts.build(CARD)
    assert not built.training
    batch = torch.randn(3, 3, 32, 32)
    assert torch.equal(built(batch), vit(pixel_values=batch).logits)


def test_a_resnet_gives_the_librarys_logits_from_the_librarys_pixels(tmp_path: Path) -> None:
    torch.manual_seed(4)
    config = transformers.ResNetConfig(**SMALL_RESNET, **NAMED, problem_type="multi_label_classification")
    model = transformers.ResNetForImageClassification(config).eval().requires_grad_(False)
    model.save_pretrained(tmp_path)
    transformers.ConvNextImageProcessor(size={"shortest_edge": 448}, crop_pct=0.9).save_pretrained(tmp_path)
    parts = transformers_models.read(tmp_path, None)
    assert parts.told["activation"] == "sigmoid"
    assert "multi_label_classification" in parts.reasons["activation"]
    assert parts.notes == ()
    own = transformers.AutoImageProcessor.from_pretrained(tmp_path, backend="pil")
    network, to_input = parts.build(CARD), recipe(parts.told)
    for picture, image in zip(pictures()[:3], images(), strict=False):
        expected = model(**own(image, return_tensors="pt")).logits
        torch.testing.assert_close(network(to_input(picture)[None]), expected, rtol=1e-4, atol=1e-5)


def test_a_timm_network_in_transformers_clothes_has_timms_recipe(tmp_path: Path) -> None:
    timm: Any = pytest.importorskip("timm")
    cfg = timm.get_pretrained_cfg("test_resnet.r160_in1k").to_dict()
    config = transformers.TimmWrapperConfig(architecture="test_resnet", pretrained_cfg=cfg, num_labels=3, **NAMED)
    torch.manual_seed(0)
    model = transformers.TimmWrapperForImageClassification(config).eval().requires_grad_(False)
    model.save_pretrained(tmp_path)
    parts = transformers_models.read(tmp_path, None)
    assert parts.told["labels"] == LABELS
    batch = torch.randn(1, 3, 96, 96)
    assert torch.equal(parts.build(CARD)(batch), model(pixel_values=batch).logits)
    to_input = recipe(parts.told)
    theirs = timm.data.create_transform(**timm.data.resolve_data_config(pretrained_cfg=cfg))
    for picture, image in zip(pictures(), images(), strict=True):
        torch.testing.assert_close(to_input(picture), theirs(image), rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("ViTImageProcessor", {"size": {"height": 32, "width": 48}, "resample": 3}),
        ("ViTImageProcessor", {"size": 24, "image_mean": [0.1, 0.2, 0.3], "image_std": [0.5, 0.6, 0.7], "resample": 1}),
        ("ViTImageProcessor", {"size": 24, "do_normalize": False}),
        ("ViTImageProcessor", {"size": 24, "do_rescale": False, "image_mean": [127.5] * 3, "image_std": [60.0] * 3}),
        ("ViTImageProcessor", {"size": 24, "rescale_factor": 1 / 127.5, "image_mean": [1.0] * 3}),
        ("ViTImageProcessor", {"size": 24, "do_rescale": False, "do_normalize": False, "resample": 0}),
        ("DeiTImageProcessor", {"size": {"height": 40, "width": 40}, "crop_size": {"height": 32, "width": 30}}),
        ("ConvNextImageProcessor", {"size": {"shortest_edge": 384}}),
        ("EfficientNetImageProcessor", {"size": 24, "rescale_offset": True, "rescale_factor": 1 / 127.5}),
        ("EfficientNetImageProcessor", {"size": 24, "include_top": False, "image_std": [0.3, 0.4, 0.5]}),
        ("CLIPImageProcessor", {"size": {"shortest_edge": 32}, "crop_size": 32}),
        ("LevitImageProcessor", {"size": {"shortest_edge": 28}, "crop_size": 28}),
        ("ConvNextImageProcessor", {"size": {"shortest_edge": 28}, "crop_pct": 0.8}),
        ("PoolFormerImageProcessor", {"size": {"shortest_edge": 28}, "crop_size": 28, "crop_pct": 0.9}),
        ("MobileViTImageProcessor", {"size": {"shortest_edge": 36}, "crop_size": 32}),
        ("BitImageProcessor", {"size": {"shortest_edge": 32}, "do_resize": True, "crop_size": 24}),
    ],
)
def test_pixels_are_those_of_the_librarys_own_processor(folder: Path, name: str, settings: dict[str, Any]) -> None:
    getattr(transformers, name)(**settings).save_pretrained(folder)
    parts = transformers_models.read(folder, None)
    own = transformers.AutoImageProcessor.from_pretrained(folder, backend="pil")
    to_input, uncut = recipe(parts.told), recipe({**parts.told, "crop": None})
    crop = parts.told["crop"]
    n_elsewhere = 0
    for picture, image in zip(pictures(), images(), strict=True):
        theirs = torch.from_numpy(np.asarray(own(image, return_tensors="np")["pixel_values"][0])).float()
        sides = uncut(picture).shape[1:]
        # torchvision rounds the half pixel of an odd cut to even, the library down.
        cuts = [
            side - kept
            for side, kept in zip(sides, crop if isinstance(crop, tuple) else (crop, crop), strict=True)
            if crop
        ]
        if any(cut > 0 and cut % 4 == 3 for cut in cuts):
            n_elsewhere += 1
        else:
            torch.testing.assert_close(to_input(picture), theirs, rtol=1e-5, atol=1e-5)
    assert not n_elsewhere or any("cuts some images one pixel" in note for note in parts.notes)
    assert all("cuts some images one pixel" in note for note in parts.notes)


@pytest.mark.parametrize("crop", range(20, 45))
def test_crops_that_lie_elsewhere_are_known(crop: int) -> None:
    numbered = torch.arange(41).expand(3, 41, 41)
    ours = torchvision.transforms.v2.functional.center_crop(numbered, [crop])[0, 0, 0]
    theirs = transformers.CLIPImageProcessorPil().center_crop(
        np.asarray(numbered), transformers.image_utils.SizeDict(height=crop, width=crop)
    )
    assert cuts_elsewhere({"resize": (41, 41), "crop": crop}) == (crop < 41 and int(ours) != theirs[0, 0, 0])
    assert cuts_elsewhere({"resize": 41, "crop": crop})
    assert not cuts_elsewhere({"resize": 41, "crop": None})


def test_the_tensor_processor_differs_by_rounding_only(folder: Path) -> None:
    own = transformers.AutoImageProcessor.from_pretrained(folder, backend="torchvision")
    to_input = recipe(transformers_models.read(folder, None).told)
    for picture, image in zip(pictures(), images(), strict=True):
        theirs = own(image, return_tensors="pt")["pixel_values"][0]
        assert float((to_input(picture) - theirs).abs().max()) * 0.5 * 255 < 2.01  # grey levels


def test_what_no_recipe_can_do_is_noted_or_refused(folder: Path) -> None:
    transformers.PerceiverImageProcessor(size=24, crop_size=32).save_pretrained(folder)
    (note,) = transformers_models.read(folder, None).notes
    assert "PerceiverImageProcessor of" in note
    assert "scores will differ" in note
    transformers.ViTImageProcessor(size={"shortest_edge": 20, "longest_edge": 30}).save_pretrained(folder)
    with pytest.raises(CardError, match=r"resizes to .*longest_edge.* which no card can say"):
        transformers_models.read(folder, None)
    table = CardTable(preprocessing=PreprocessingTable(resize=(32, 32)))
    assert "its sizes are those of the card" in transformers_models.read(folder, table).notes[0]


def test_a_folder_without_a_preprocessor_tells_the_size_alone(folder: Path) -> None:
    (folder / "preprocessor_config.json").unlink()
    parts = transformers_models.read(folder, None)
    assert (parts.told["resize"], parts.told["crop"]) == ((32, 32), None)
    assert "mean" not in parts.told
    assert parts.notes[0].startswith("There is no preprocessor_config.json in")


def test_settings_for_several_inputs_hold_those_for_images(folder: Path) -> None:
    own = json.loads((folder / "preprocessor_config.json").read_text()) | {"image_mean": [0.1, 0.2, 0.3]}
    (folder / "preprocessor_config.json").unlink()
    (folder / "processor_config.json").write_text(json.dumps({"image_processor": own}))
    parts = transformers_models.read(folder, None)
    assert parts.told["mean"] == pytest.approx((0.1, 0.2, 0.3))
    assert parts.reasons["mean"] == "processor_config.json says so."
    (folder / "processor_config.json").write_text(json.dumps({"image_processor": own | {"auto_map": {"a": "b.c"}}}))
    with pytest.raises(CardError, match=r"processor_config\.json asks for code of its own"):
        transformers_models.read(folder, None)


@pytest.mark.parametrize(
    ("problem", "activation", "why"),
    [
        ("single_label_classification", "softmax", "problem_type = single_label_classification"),
        ("multi_label_classification", "sigmoid", "problem_type = multi_label_classification"),
        (None, "softmax", "names no problem_type; transformers then takes softmax"),
    ],
)
def test_the_problem_type_tells_the_activation(folder: Path, problem: str | None, activation: str, why: str) -> None:
    change(folder, problem_type=problem)
    parts = transformers_models.read(folder, None)
    assert parts.told["activation"] == activation
    assert why in parts.reasons["activation"]


def test_placeholder_labels_are_not_told(folder: Path, vit: Any) -> None:
    change(folder, id2label={str(index): f"LABEL_{index}" for index in range(3)}, label2id=None)
    parts = transformers_models.read(folder, None)
    assert "labels" not in parts.told
    assert parts.n_outputs == 3


def test_labels_come_in_the_order_of_their_numbers(folder: Path) -> None:
    change(folder, id2label={"2": "c", "0": "a", "1": "a"}, label2id=None)
    assert transformers_models.read(folder, None).told["labels"] == ("a (0)", "a (1)", "c")


def test_the_digest_follows_the_weights_not_the_labels(folder: Path) -> None:
    before = transformers_models.read(folder, None).digest
    change(folder, id2label={"0": "x", "1": "y", "2": "z"}, label2id=None)
    assert transformers_models.read(folder, None).digest == before
    state = load_file(folder / "model.safetensors")
    state["classifier.bias"] += 1
    save_file(state, folder / "model.safetensors", {"format": "pt"})
    assert transformers_models.read(folder, None).digest != before


@pytest.mark.parametrize(
    ("file", "values", "sentence"),
    [
        ("config.json", {"auto_map": {"AutoModelForImageClassification": "own.Net"}}, "asks for code of its own"),
        ("preprocessor_config.json", {"auto_map": {"AutoImageProcessor": "own.P"}}, "asks for code of its own"),
        ("config.json", {"quantization_config": {"load_in_8bit": True}}, "describes quantised weights"),
        ("config.json", {"problem_type": "regression"}, "says problem_type = regression: only classifiers"),
        (
            "config.json",
            {"model_type": "vit9"},
            "names model_type = 'vit9', which transformers .* does not know: update",
        ),
        ("config.json", {"model_type": "bert"}, "names model_type = 'bert', which has no image classifier"),
        ("config.json", {"num_channels": 1}, "takes images of 1 channels; only models for 3, RGB, can be run"),
        ("config.json", {"hidden_size": "large"}, "config.json cannot be used: "),
        ("preprocessor_config.json", {"image_mean": [0.5, 0.5]}, "image_mean = .* must be three numbers"),
        ("preprocessor_config.json", {"resample": 9}, "preprocessor_config.json.* resample = 9 is no filter"),
        ("preprocessor_config.json", {"image_processor_type": "Unheard"}, "preprocessor_config.json cannot be used"),
        ("preprocessor_config.json", {"do_center_crop": True, "crop_size": None}, "crop_size = .* must hold height"),
    ],
)
def test_settings_that_cannot_be_used_say_so(folder: Path, file: str, values: dict[str, Any], sentence: str) -> None:
    change(folder, file, **values)
    with pytest.raises(CardError, match=sentence) as caught:
        transformers_models.read(folder, None)
    assert str(folder / file) in str(caught.value)


def test_code_of_the_folder_is_never_run(folder: Path) -> None:
    (folder / "own.py").write_text("raise SystemExit('the code of the folder was run')")
    change(folder, auto_map={"AutoConfig": "own.Config"}, model_type="own")
    with pytest.raises(CardError, match="a stranger's code is not run"):
        transformers_models.read(folder, None)


def test_an_adapter_says_what_to_do(folder: Path) -> None:
    (folder / "adapter_config.json").write_text("{}")
    with pytest.raises(CardError, match=r"holds an adapter, not a whole model: merge it with merge_and_unload\(\)"):
        transformers_models.read(folder, None)


def test_pickles_are_refused_with_the_way_to_convert(folder: Path, vit: Any) -> None:
    (folder / "model.safetensors").unlink()
    (folder / "optimizer.pt").touch()
    with pytest.raises(WeightsError, match=r"There is no model\.safetensors in"):
        transformers_models.read(folder, None)
    torch.save(vit.state_dict(), folder / "pytorch_model.bin")
    with pytest.raises(
        WeightsError, match=r"pytorch_model\.bin only, a pickle.*save them as data with model\.save_pre"
    ):
        transformers_models.read(folder, None)


def test_weights_in_several_files_are_read_as_one(folder: Path, vit: Any) -> None:
    (folder / "model.safetensors").unlink()
    vit.save_pretrained(folder, max_shard_size="20KB")
    assert len(list(folder.glob("model-*.safetensors"))) > 1
    parts = transformers_models.read(folder, None)
    batch = torch.randn(1, 3, 32, 32)
    assert torch.equal(parts.build(CARD)(batch), vit(pixel_values=batch).logits)
    next(folder.glob("model-*.safetensors")).unlink()
    with pytest.raises(WeightsError, match=r"index\.json names the weights 'model-.*', which are not in"):
        transformers_models.read(folder, None)


def test_damaged_weights_say_so(folder: Path) -> None:
    whole = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(whole[: len(whole) // 2])
    parts = transformers_models.read(folder, None)
    with pytest.raises(WeightsError, match="are truncated or damaged; copy them again"):
        parts.build(CARD)


def test_weights_without_the_last_layer_are_listed(folder: Path) -> None:
    state = load_file(folder / "model.safetensors")
    save_file({key: state[key] for key in state if "classifier" not in key}, folder / "model.safetensors")
    with pytest.raises(WeightsError, match=r"missing: classifier\.bias, classifier\.weight"):
        transformers_models.read(folder, None).build(CARD)


def test_another_number_of_labels_is_listed(folder: Path) -> None:
    change(folder, id2label={str(index): str(index) for index in range(4)}, label2id=None)
    with pytest.raises(WeightsError, match=r"wrong shape: classifier\.bias is 3, not 4, classifier\.weight is 3 x 16"):
        transformers_models.read(folder, None).build(CARD)


def test_half_precision_weights_are_read_as_float32(folder: Path, vit: Any) -> None:
    state = {key: value.half() for key, value in load_file(folder / "model.safetensors").items()}
    save_file(state, folder / "model.safetensors", {"format": "pt"})
    change(folder, dtype="float16")
    batch = torch.randn(1, 3, 32, 32)
    found = transformers_models.read(folder, None).build(CARD)(batch)
    assert found.dtype == torch.float32
    torch.testing.assert_close(found, vit(pixel_values=batch).logits, rtol=0.01, atol=0.01)


def test_nothing_goes_to_the_network_or_the_terminal(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def refuse(*args: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    change(folder, attn_implementation="strangers/kernels", _name_or_path="strangers/model")
    transformers.utils.logging.enable_progress_bar()
    transformers_models.read(folder, None).build(CARD)
    assert capfd.readouterr() == ("", "")


def test_without_transformers_the_extra_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "transformers", None)
    assert transformers_models.recognises(folder)
    with pytest.raises(ModelError, match=r"needs transformers, .* pip install 'cutline\[transformers\]'"):
        transformers_models.read(folder, None)
