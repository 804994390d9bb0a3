"""Grad-CAM against its closed form, against captum, and on networks laid out in other ways."""

from __future__ import annotations

import builtins
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from captum.attr import LayerGradCam
from torch import Tensor, nn

from inference.models.compat import import_torchvision
from inference.models.heatmaps import heat_maps
from inference.models.looking.grad_cam import grad_cam
from inference.models.looking.layers import Form, NoLayerError, find_layer
from inference.models.looking.seen import to_input
from inference.types import RgbArray
from inference.types.looking import HeatMethod
from tests.inference.models.looking.nets import CornerNet, loaded, pooled_net

models = import_torchvision().models


def never() -> bool:
    return False


@pytest.fixture
def pixels() -> RgbArray:
    return np.random.default_rng(3).integers(0, 256, (32, 48, 3), dtype=np.uint8)


@pytest.mark.parametrize("label", [0, 1, 2])
def test_closed_form(pixels: RgbArray, label: int) -> None:
    """Behind a mean over places, the gradient is the linear layer's own weight over the number of places."""
    network = pooled_net()
    model = loaded(network)
    found, name = grad_cam(model, pixels, label)
    activations = network[:4](to_input(model, pixels[None]))[0].double().numpy()  # type: ignore[index]
    weights = network[6].weight[label].double().numpy()  # type: ignore[index]
    expected = np.maximum(0, np.tensordot(weights, activations, 1) / activations[0].size)
    assert name == "3"
    assert found.shape == (8, 12)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-7)
    assert expected.any()


@pytest.mark.parametrize(
    ("builder", "layer"),
    [
        ("resnet18", "layer4"),
        ("shufflenet_v2_x0_5", "conv5"),
        ("squeezenet1_1", "classifier.2"),
        ("mobilenet_v3_small", "features"),
        ("densenet121", "features"),
    ],
)
def test_the_last_layer_with_places_through_captum(builder: str, layer: str) -> None:
    torch.manual_seed(0)
    network = getattr(models, builder)(num_classes=3)
    model = loaded(network)
    pixels = np.random.default_rng(0).integers(0, 256, (96, 128, 3), dtype=np.uint8)
    found, name = grad_cam(model, pixels, 1)
    batch = to_input(model, pixels[None]).requires_grad_()
    theirs = LayerGradCam(network, network.get_submodule(layer)).attribute(batch, target=1, relu_attributions=True)
    assert name == layer
    np.testing.assert_allclose(found, theirs[0, 0].detach().numpy(), rtol=1e-4, atol=1e-7)


def test_a_vision_transformer_is_read_by_its_tokens() -> None:
    """The last layer whose patch tokens still reach the class token; behind it only the class token counts."""
    torch.manual_seed(0)
    network = models.VisionTransformer(32, 8, 3, 2, 16, 32, num_classes=3)
    nn.init.normal_(network.heads.head.weight)
    model = loaded(network)
    pixels = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    found, name = grad_cam(model, pixels, 2)
    assert name == "encoder.layers.encoder_layer_2.ln_1"
    assert found.shape == (4, 4)

    kept: list[Tensor] = []
    layer = network.encoder.layers.encoder_layer_2.ln_1
    handle = layer.register_forward_hook(lambda _module, _inputs, output: kept.append(output))
    logits = network(to_input(model, pixels[None]).requires_grad_())
    handle.remove()
    gradient = torch.autograd.grad(logits[0, 2], kept)[0][0, 1:].numpy()
    tokens = kept[0][0, 1:].detach().numpy()
    expected = np.maximum(0, tokens @ gradient.mean(axis=0)).reshape(4, 4)  # patches in rows
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-7)


class ChannelsLast(nn.Module):
    """Places in the middle, as Swin transformers have them."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 40, 8, stride=8)
        self.norm = nn.LayerNorm(40)
        self.head = nn.Linear(40, 3)

    def forward(self, batch: Tensor) -> Tensor:
        found: Tensor = self.head(self.norm(self.stem(batch).permute(0, 2, 3, 1)).mean(dim=(1, 2)))
        return found


def test_channels_last(pixels: RgbArray) -> None:
    torch.manual_seed(0)
    network = ChannelsLast()
    model = loaded(network)
    found, name = grad_cam(model, pixels, 0)
    assert name == "norm"
    normed = network.norm(network.stem(to_input(model, pixels[None])).permute(0, 2, 3, 1))[0].numpy()
    expected = np.maximum(0, normed @ network.head.weight[0].numpy() / 24)
    assert found.shape == (4, 6)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-7)


class Attention(nn.Module):
    """Tokens after a convolution, with the weights of the attention as a module's output, 17 x 17 behind 16 patches."""

    def __init__(self) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, 8, 8, stride=8)
        self.first = nn.Linear(8, 8)
        self.drop = nn.Dropout(0.5)
        self.head = nn.Linear(8, 3)

    def forward(self, batch: Tensor) -> Tensor:
        patches = self.patches(batch).flatten(2).transpose(1, 2)
        tokens = self.first(torch.cat([patches.mean(dim=1, keepdim=True), patches], dim=1))
        weights = self.drop((tokens @ tokens.transpose(1, 2)).softmax(dim=-1)[:, None])
        found: Tensor = self.head((weights[:, 0] @ tokens)[:, 0])
        return found


def test_who_looks_at_whom_is_no_map_of_places() -> None:
    torch.manual_seed(0)
    pixels = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    found, name = grad_cam(loaded(Attention()), pixels, 0)
    assert name == "first"
    assert found.shape == (4, 4)


def test_a_layer_that_runs_twice_is_no_layer(pixels: RgbArray) -> None:
    """ReLU modules are shared in many networks: which of its runs would be meant?"""
    relu = nn.ReLU()
    torch.manual_seed(0)
    network = nn.Sequential(
        nn.Conv2d(3, 4, 3), relu, nn.Conv2d(4, 4, 3), relu, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 3)
    )
    assert grad_cam(loaded(network), pixels, 0)[1] == "2"


# -- nothing is changed in the model -----------------------------------------------------------------------------------


def state_of(network: nn.Module) -> list[tuple[Any, ...]]:
    return [
        (
            name,
            module.training,
            len(module._forward_hooks),
            len(module._forward_pre_hooks),
            len(module._backward_hooks),
            len(module._backward_pre_hooks),
            [(key, value.requires_grad, value.grad, value.clone().numpy().tobytes()) for key, value in own(module)],
        )
        for name, module in network.named_modules()
    ]


def own(module: nn.Module) -> Iterator[tuple[str, Tensor]]:
    yield from module.named_parameters(recurse=False)
    yield from module.named_buffers(recurse=False)


def test_the_model_is_as_it_was_bit_for_bit(pixels: RgbArray) -> None:
    torch.manual_seed(0)
    network = models.shufflenet_v2_x0_5(num_classes=3)
    model = loaded(network)
    batch = to_input(model, pixels[None])
    with torch.inference_mode():
        before = network(batch).numpy().tobytes()
    state = state_of(network)
    list(heat_maps(model, pixels, 0, HeatMethod.GRAD_CAM, never))
    with torch.inference_mode():
        assert network(batch).numpy().tobytes() == before
    assert state_of(network) == state
    assert torch.is_grad_enabled()


def test_within_inference_mode_too(pixels: RgbArray) -> None:
    model = loaded(pooled_net())
    expected, _ = grad_cam(model, pixels, 0)
    with torch.inference_mode():
        found, _ = grad_cam(model, pixels, 0)
    np.testing.assert_array_equal(found, expected)


class Raising(nn.Module):
    """Fails when it runs for the ``at``-th time, behind a layer that is listened to."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self.inner, self.left = pooled_net(), at

    def forward(self, batch: Tensor) -> Tensor:
        found: Tensor = self.inner(batch)
        self.left -= 1
        if not self.left:
            raise RuntimeError("no such kernel\nand more")
        return found


@pytest.mark.parametrize("at", [1, 2])  # while the layer is looked for; while the map is made
def test_after_an_error_too(pixels: RgbArray, at: int) -> None:
    network = Raising(at)
    model = loaded(network)
    state = state_of(network)
    with pytest.raises(NoLayerError, match=r"^no such kernel$"):
        grad_cam(model, pixels, 0)
    assert state_of(network) == state


# -- where it cannot be taken ------------------------------------------------------------------------------------------


class Silent(nn.Module):
    """Runs without gradients, as a wrapped network does."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = pooled_net()

    def forward(self, batch: Tensor) -> Tensor:
        with torch.no_grad():
            found: Tensor = self.inner(batch)
        return found


class Flat(nn.Module):
    """No places anywhere."""

    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(3, 3)

    def forward(self, batch: Tensor) -> Tensor:
        found: Tensor = self.head(batch.mean(dim=(2, 3)))
        return found


@pytest.mark.parametrize(
    ("network", "reason"),
    [(Silent(), "its outputs have no gradient"), (Flat(), "none of its layers is a map of places")],
)
def test_occlusion_takes_its_place_and_says_so(pixels: RgbArray, network: nn.Module, reason: str) -> None:
    maps = list(heat_maps(loaded(network), pixels, 0, HeatMethod.GRAD_CAM, never))
    assert {one.method for one in maps} == {HeatMethod.OCCLUSION}
    assert maps[-1].note == f"Grad-CAM cannot be taken of this model ({reason}), so this is occlusion."
    assert maps[-1].whole


def test_a_model_that_gives_no_gradients_is_not_asked_for_any(
    pixels: RgbArray, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = loaded(pooled_net())
    monkeypatch.setattr(type(model), "differentiable", False, raising=False)
    first = next(heat_maps(model, pixels, 0, HeatMethod.GRAD_CAM, never))
    assert first.method is HeatMethod.OCCLUSION
    assert "it gives no gradients" in first.note


def test_nan_in_the_gradients_falls_back(pixels: RgbArray) -> None:
    network = pooled_net()
    network[6].weight.data[:] = np.nan  # type: ignore[index]
    with pytest.raises(NoLayerError, match="NaN"):
        grad_cam(loaded(network), pixels, 0)


def test_nothing_that_raises_the_score_is_said(pixels: RgbArray) -> None:
    network = pooled_net()
    network[6].weight.data[:] = -network[6].weight.data.abs()  # type: ignore[index]
    (found,) = heat_maps(loaded(network), pixels, 0, HeatMethod.GRAD_CAM, never)
    assert not found.values.any()
    assert found.sentence.startswith("No place raises the score of ant")


def test_the_strongest_place_is_one(pixels: RgbArray) -> None:
    (found,) = heat_maps(loaded(pooled_net()), pixels, 0, HeatMethod.GRAD_CAM, never)
    assert found.values.max() == 1
    assert found.values.min() >= 0
    assert found.size == (32, 48)
    assert found.whole


def test_captum_is_not_needed_for_occlusion(pixels: RgbArray, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def guarded(name: str, *rest: Any, **more: Any) -> Any:
        assert not name.startswith("captum")
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", guarded)
    assert list(heat_maps(loaded(pooled_net()), pixels, 0, HeatMethod.OCCLUSION, never))[-1].whole


def test_a_corner_that_alone_counts() -> None:
    pixels = np.full((60, 80, 3), 200, dtype=np.uint8)
    model = loaded(CornerNet())
    batch = to_input(model, pixels[None]).requires_grad_()
    layer = find_layer(model.network, model.network, batch, 0)
    assert (layer.name, layer.form, layer.rows, layer.columns) == ("corners", Form.CHANNELS_FIRST, 60, 80)
