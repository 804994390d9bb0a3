"""Opening: who is believed, what is asked, and each refusal with its remedy."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from inference.errors import CardError, DeviceError, LabelCountError, WeightsError
from inference.models.card import ModelCard, Preprocessing, read_card, write_card
from inference.models.compat import import_torchvision
from inference.models.devices import available_devices
from inference.models.opening import CardAnswers, NeedsCard, architectures, open_model, save_answers

torchvision = import_torchvision()


def outputs(network: nn.Module, side: int = 32) -> torch.Tensor:
    torch.manual_seed(1)
    with torch.inference_mode():
        result: torch.Tensor = network(torch.rand(2, 3, side, side))
    return result


def rewrite(folder: Path, **changes: object) -> None:
    """Change the folder's card as a hand would."""
    card = read_card(folder)
    fields = {name: getattr(card, name) for name in card.__struct_fields__}
    write_card(ModelCard(**fields | changes), folder)


def test_card_folder_and_weights_open_the_same_model(model_folder: Path, network: nn.Module) -> None:
    opened = [open_model(model_folder / name, device="cpu") for name in ("", "model.toml", "model.pth")]
    for model in opened:
        assert model.labels == ("ant", "bee", "cat")
        assert model.card.activation == "softmax"
        assert model.path == model_folder / "model.toml"
        assert model.device == "cpu"
        torch.testing.assert_close(outputs(model.network), outputs(network), rtol=1e-4, atol=1e-5)
    assert len({model.fingerprint for model in opened}) == 1
    assert set(opened[0].sources.values()) == {"card"}


def test_the_fingerprint_follows_what_shapes_the_logits_and_nothing_else(model_folder: Path) -> None:
    def fingerprint(**changes: object) -> str:
        rewrite(model_folder, **changes)
        return open_model(model_folder, device="cpu").fingerprint

    first = fingerprint()
    assert fingerprint(labels=("x", "y", "z"), activation="sigmoid", notes="Hello", name="N") == first
    changed = fingerprint(preprocessing=Preprocessing(resize=40, crop=32, channels="bgr"))
    assert changed != first
    state = torch.load(model_folder / "model.pth")
    state["fc.bias"] += 1
    torch.save(state, model_folder / "model.pth")
    assert fingerprint() not in (first, changed)


def test_weights_without_a_card_ask_with_good_guesses(tmp_path: Path, network: nn.Module) -> None:
    torch.save(network.state_dict(), tmp_path / "mine.pt")
    with pytest.raises(NeedsCard) as caught:
        open_model(tmp_path / "mine.pt")
    draft = caught.value.draft
    assert (draft.architecture, draft.n_outputs, draft.activation) == ("shufflenet_v2_x0_5", 3, "sigmoid")
    assert draft.labels == ("label 1", "label 2", "label 3")
    assert (draft.resize, draft.crop, draft.mean) == (256, 224, (0.485, 0.456, 0.406))
    assert draft.sources["architecture"] == "file"
    assert draft.sources["labels"] == draft.sources["activation"] == "default"
    assert "softmax" in draft.reasons["activation"]


def test_weights_that_fit_no_builder_are_asked_about_too(tmp_path: Path) -> None:
    torch.save({"a.weight": torch.zeros(4, 2), "a.bias": torch.zeros(4)}, tmp_path / "mine.pt")
    with pytest.raises(NeedsCard) as caught:
        open_model(tmp_path)
    assert caught.value.draft.architecture is None
    assert caught.value.draft.n_outputs == 4


def test_answers_open_the_model_and_are_written_beside_it(tmp_path: Path, network: nn.Module) -> None:
    weights = tmp_path / "mine.pt"
    torch.save(network.state_dict(), weights)
    with pytest.raises(NeedsCard) as caught:
        open_model(weights)
    draft = caught.value.draft
    answers = CardAnswers(
        draft.architecture, ("a", "b", "c"), "softmax", 40, 32, draft.mean, draft.std, draft.interpolation, sources={}
    )
    said = open_model(weights, answers=answers, device="cpu")
    assert said.sources["labels"] == "you"
    assert save_answers(weights, answers) == tmp_path / "model.toml"
    assert open_model(weights, device="cpu").card == said.card


def test_one_precedence_you_then_card_then_file_then_default(tmp_path: Path, network: nn.Module) -> None:
    save_file(network.state_dict(), tmp_path / "m.safetensors", {"labels": '["f1", "f2", "f3"]'})
    card = tmp_path / "model.toml"
    card.write_text('weights = "m.safetensors"\n[preprocessing]\nresize = 40\ncrop = 32\n')
    model = open_model(tmp_path, device="cpu")
    assert model.labels == ("f1", "f2", "f3")
    assert {key: model.sources[key] for key in ("labels", "architecture", "crop", "activation")} == {
        "labels": "file",
        "architecture": "file",
        "crop": "card",
        "activation": "default",
    }
    card.write_text('labels = ["c1", "c2", "c3"]\n' + card.read_text())
    assert open_model(tmp_path, device="cpu").labels == ("c1", "c2", "c3")
    answers = CardAnswers(labels=("y1", "y2", "y3"), crop=(24, 28), activation="softmax")
    model = open_model(tmp_path, answers=answers, device="cpu")
    assert (model.labels, model.card.preprocessing.crop, model.card.activation) == (answers.labels, (24, 28), "softmax")
    assert model.card.preprocessing.resize == 40
    guessed = replace(answers, sources={"labels": "default", "crop": "file", "activation": "default"})
    model = open_model(tmp_path, answers=guessed, device="cpu")
    assert model.labels == ("c1", "c2", "c3")  # a guess that comes back does not outrank the card
    assert model.card.preprocessing.crop == 32
    no_crop = CardAnswers(sources={"crop": "you"})
    assert open_model(tmp_path, answers=no_crop, device="cpu").card.preprocessing.crop is None


def test_answers_keep_a_card_of_other_weights_and_the_notes_of_their_own(tmp_path: Path, network: nn.Module) -> None:
    for name in ("a.pt", "b.pt"):
        torch.save(network.state_dict(), tmp_path / name)
    first = ModelCard("shufflenet_v2_x0_5", "a.pt", ("a", "b", "c"), notes="mine", preprocessing=Preprocessing(40, 32))
    write_card(first, tmp_path)
    answers = CardAnswers("shufflenet_v2_x0_5", ("x", "y", "z"), resize=40, crop=32)
    assert save_answers(tmp_path / "b.pt", answers) == tmp_path / "b.toml"
    assert read_card(tmp_path) == first
    assert open_model(tmp_path / "b.pt", device="cpu").labels == ("x", "y", "z")
    assert save_answers(tmp_path / "a.pt", answers) == tmp_path / "model.toml"
    assert read_card(tmp_path).notes == "mine"
    assert read_card(tmp_path).labels == ("x", "y", "z")


@pytest.mark.parametrize("prefix", ["module.", "model.", "_orig_mod.", "model._orig_mod.", "module.model."])
def test_wrappers_of_training_programs_are_stripped(model_folder: Path, network: nn.Module, prefix: str) -> None:
    state = {prefix + key: value for key, value in network.state_dict().items()}
    state["criterion.weight"] = torch.ones(3)
    torch.save({"state_dict": state}, model_folder / "model.pth")
    model = open_model(model_folder, device="cpu")
    torch.testing.assert_close(outputs(model.network), outputs(network), rtol=1e-4, atol=1e-5)
    (model_folder / "model.toml").unlink()
    with pytest.raises(NeedsCard) as caught:
        open_model(model_folder)
    assert (caught.value.draft.architecture, caught.value.draft.n_outputs) == ("shufflenet_v2_x0_5", 3)


def test_half_precision_weights_score_in_float32(model_folder: Path, network: nn.Module) -> None:
    torch.save({key: value.half() for key, value in network.state_dict().items()}, model_folder / "model.pth")
    model = open_model(model_folder, device="cpu")
    assert {parameter.dtype for parameter in model.network.parameters()} == {torch.float32}


@pytest.mark.parametrize("name", ["shufflenet_v2_x0_5", "mobilenet_v3_small", "squeezenet1_1", "resnet18"])
def test_architectures_are_told_by_their_tensors(tmp_path: Path, name: str) -> None:
    torch.save(torchvision.models.get_model(name, num_classes=5).state_dict(), tmp_path / "m.pt")
    with pytest.raises(NeedsCard) as caught:
        open_model(tmp_path)
    assert caught.value.draft.candidates == (name,)
    assert caught.value.draft.n_outputs == 5


@pytest.mark.parametrize("aux", [True, False])
def test_googlenet_opens_with_and_without_its_auxiliary_heads(tmp_path: Path, aux: bool) -> None:
    network = torchvision.models.googlenet(num_classes=2, aux_logits=aux, init_weights=False).eval()
    torch.save(network.state_dict(), tmp_path / "m.pt")
    answers = CardAnswers(labels=("a", "b"), resize=64, crop=64)
    model = open_model(tmp_path, answers=answers, device="cpu")
    assert model.sources["architecture"] == "file"
    torch.testing.assert_close(outputs(model.network, 64), outputs(network, 64), rtol=1e-4, atol=1e-5)


def test_labels_and_outputs_must_agree(model_folder: Path) -> None:
    rewrite(model_folder, labels=("a", "b"))
    with pytest.raises(LabelCountError, match="has 3 outputs and 2 labels are given"):
        open_model(model_folder)


def test_weights_of_another_architecture_list_what_differs_and_what_would_fit(model_folder: Path) -> None:
    rewrite(model_folder, architecture="shufflenet_v2_x1_0")
    with pytest.raises(WeightsError) as caught:
        open_model(model_folder)
    text = str(caught.value)
    assert "shufflenet_v2_x1_0: wrong shape: stage2.0.branch1.2.weight is 24 x 24 x 1 x 1" in text
    assert "These weights fit shufflenet_v2_x0_5" in text
    rewrite(model_folder, architecture="vgg11")
    with pytest.raises(WeightsError, match=r"unexpected: conv1\.0\.weight"):
        open_model(model_folder)


def test_a_wrong_shape_and_a_missing_tensor_are_named(model_folder: Path, network: nn.Module) -> None:
    state = network.state_dict()
    state["conv1.0.weight"] = torch.zeros(24, 1, 3, 3)
    del state["stage4.3.branch2.6.bias"]
    torch.save(state, model_folder / "model.pth")
    with pytest.raises(WeightsError) as caught:
        open_model(model_folder)
    assert "missing: stage4.3.branch2.6.bias" in str(caught.value)
    assert "conv1.0.weight is 24 x 1 x 3 x 3, not 24 x 3 x 3 x 3" in str(caught.value)
    assert "No torchvision model fits" in str(caught.value)


def test_quantised_weights_are_said(model_folder: Path, network: nn.Module) -> None:
    state = network.state_dict()
    state["fc.weight"] = state["fc.weight"].to(torch.int8)
    torch.save(state, model_folder / "model.pth")
    with pytest.raises(WeightsError, match=r"fc\.weight as int8"):
        open_model(model_folder)


def test_nan_in_the_weights_is_said_and_opens(model_folder: Path, network: nn.Module) -> None:
    state = network.state_dict()
    state["fc.bias"] = torch.tensor([0.0, float("nan"), 1.0])
    torch.save(state, model_folder / "model.pth")
    assert "NaN or infinity in fc.bias" in open_model(model_folder, device="cpu").notes[0]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"architecture": "shufflenet_v3"}, "no architecture called 'shufflenet_v3': did you mean shufflenet"),
        ({"architecture": "zzz"}, "choose one of torchvision's"),
        ({"options": {"dropuot": 0.1}}, "shufflenet_v2_x0_5 has no option 'dropuot'"),
        ({"options": {"num_classes": 3}}, "'num_classes' is set by Cutline itself"),
        ({"options": {"stages_repeats": 5}}, "cannot be built with options {'stages_repeats': 5}"),
        ({"weights": "gone.pth"}, "gone.pth is not there"),
        ({"weights": "/model.pth"}, "must be relative to the card"),
        ({"weights": "../model.onnx"}, "is not there"),
    ],
)
def test_a_card_that_cannot_be_is_refused(model_folder: Path, changes: dict[str, object], said: str) -> None:
    rewrite(model_folder, **changes)
    with pytest.raises((CardError, WeightsError)) as caught:
        open_model(model_folder)
    assert said in str(caught.value)


def test_a_size_that_the_network_cannot_take_is_said_when_it_is_opened(tmp_path: Path) -> None:
    network = torchvision.models.vit_b_32(num_classes=2)
    save_file(network.state_dict(), tmp_path / "m.safetensors")
    write_card(ModelCard("vit_b_32", "m.safetensors", ("a", "b"), preprocessing=Preprocessing(96, 96)), tmp_path)
    with pytest.raises(CardError, match=r"vit_b_32 cannot take images of 96 x 96 pixels .*change resize and crop"):
        open_model(tmp_path)


def test_folders_without_a_card(tmp_path: Path, network: nn.Module) -> None:
    with pytest.raises(CardError, match="no weights file either"):
        open_model(tmp_path)
    for name in ("a.pt", "b.pt"):
        torch.save(network.state_dict(), tmp_path / name)
    with pytest.raises(CardError, match="2 weights files: choose one"):
        open_model(tmp_path)


def test_answers_that_cannot_be_are_refused(tmp_path: Path, network: nn.Module) -> None:
    torch.save(network.state_dict(), tmp_path / "a.pt")
    good = CardAnswers("shufflenet_v2_x0_5", ("a", "b", "c"), resize=40, crop=32)
    for changes, said in (
        ({"labels": ("a", "a", "c")}, "'a' twice"),
        ({"activation": "tanh"}, "tanh"),
        ({"std": (0.0, 1.0, 1.0)}, "std"),
        ({"crop": 0}, "crop = 0"),
    ):
        with pytest.raises(CardError, match=said):
            open_model(tmp_path, answers=replace(good, **changes))
    with pytest.raises(CardError, match="does not say labels"):
        save_answers(tmp_path / "a.pt", CardAnswers("shufflenet_v2_x0_5"))
    assert not (tmp_path / "model.toml").exists()


def test_devices() -> None:
    devices = available_devices()
    assert devices[-1].key == "cpu"
    assert all(device.name for device in devices)
    assert "shufflenet_v2_x0_5" in architectures()
    assert "fcn_resnet50" not in architectures()


def test_a_device_that_is_not_here_is_said(model_folder: Path) -> None:
    with pytest.raises(DeviceError, match=r"cuda:99 is not here; choose one of .*cpu"):
        open_model(model_folder, device="cuda:99")
