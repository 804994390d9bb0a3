"""A transformers classifier that takes a batch of images and gives logits. Imports torch."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn


class TransformersNetwork(nn.Module):
    """(b, 3, h, w) float32 to (b, c) logits."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, images: Tensor) -> Tensor:
        """The logits alone, out of all that the library returns."""
        logits: Tensor = self.model(pixel_values=images).logits
        return logits
