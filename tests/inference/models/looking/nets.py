"""Networks whose heat maps are known beforehand."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from inference.models.card import ModelCard, Preprocessing
from inference.models.opening import LoadedModel

LABELS = ("ant", "bee", "cat")
PLAIN = Preprocessing(resize=None, crop=None, mean=(0.5, 0.5, 0.5), std=(0.5, 0.5, 0.5))


def loaded(network: nn.Module, preprocessing: Preprocessing = PLAIN, labels: tuple[str, ...] = LABELS) -> LoadedModel:
    """A network as opening leaves one."""
    network.eval().requires_grad_(False)
    card = ModelCard("none", "none.pth", labels, "sigmoid", preprocessing)
    return LoadedModel(card, Path("none/model.toml"), network, fingerprint="none")


def pooled_net(channels: int = 6) -> nn.Module:
    """Two convolutions, the mean over places, one linear layer: Grad-CAM of it has a closed form."""
    torch.manual_seed(1)
    return nn.Sequential(
        nn.Conv2d(3, 4, 3, stride=2, padding=1),
        nn.ReLU(inplace=True),
        nn.Conv2d(4, channels, 3, stride=2, padding=1),
        nn.ReLU(inplace=True),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(channels, 3),
    )


class Corners(nn.Module):
    """Three maps: the brightness in the top left corner, that in the bottom right one, and nothing."""

    def forward(self, light: Tensor) -> Tensor:
        maps = torch.zeros(len(light), 3, *light.shape[-2:])
        rows, columns = (side // 4 for side in light.shape[-2:])
        maps[:, 0, :rows, :columns] = light[:, :rows, :columns]
        maps[:, 1, -rows:, -columns:] = light[:, -rows:, -columns:]
        return maps


class CornerNet(nn.Module):
    """The logit of each label is the brightness of one corner: top left, bottom right, and nothing at all."""

    def __init__(self) -> None:
        super().__init__()
        self.corners = Corners()

    def forward(self, batch: Tensor) -> Tensor:
        found: Tensor = self.corners(batch.mean(dim=1)).sum(dim=(2, 3))
        return found
