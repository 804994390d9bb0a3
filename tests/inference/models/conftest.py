"""A small network, its weights on disk and pictures of odd sizes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from inference.models.card import ModelCard, Preprocessing, write_card
from inference.models.compat import import_torchvision
from inference.models.opening import LoadedModel
from inference.types import RgbArray

torchvision = import_torchvision()

LABELS = ("ant", "bee", "cat")
SMALL = Preprocessing(resize=40, crop=32)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Small networks gain nothing from more, and lose much on a busy machine; score() sets its own."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def network() -> nn.Module:
    """A small network with three outputs, always the same weights, whose outputs differ from image to image."""
    torch.manual_seed(0)
    made: nn.Module = torchvision.models.shufflenet_v2_x0_5(num_classes=3)
    for module in made.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = 1.0  # one pass sets the running statistics
    with torch.no_grad():
        made.train()(torch.randn(8, 3, 32, 32))
    return made.eval()


@pytest.fixture
def card() -> ModelCard:
    return ModelCard("shufflenet_v2_x0_5", "model.pth", LABELS, "softmax", SMALL)


@pytest.fixture
def model_folder(tmp_path: Path, network: nn.Module, card: ModelCard) -> Path:
    """A folder with ``model.toml`` and ``model.pth``."""
    torch.save(network.state_dict(), tmp_path / "model.pth")
    write_card(card, tmp_path)
    return tmp_path


@pytest.fixture
def pictures() -> list[RgbArray]:
    """Twenty pictures, some wide, some tall, some smaller than the crop."""
    rng = np.random.default_rng(7)
    sizes = [(50 + 13 * i % 37, 45 + 29 * i % 61) for i in range(19)] + [(5, 90)]
    return [rng.integers(0, 256, (*size, 3), dtype=np.uint8) for size in sizes]


@pytest.fixture
def fake_model(card: ModelCard, tmp_path: Path) -> Callable[[nn.Module], LoadedModel]:
    """Wraps any module as an opened model with three labels."""

    def wrap(module: nn.Module) -> LoadedModel:
        return LoadedModel(card, tmp_path / "model.toml", module.eval(), fingerprint="0")

    return wrap
