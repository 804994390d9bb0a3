"""From decoded pixels to what a model takes, as the usual evaluation recipe does it.

The recipe is torchvision's v2 transforms on the *Pillow* image, as the presets and nearly all user scripts run them::

    Compose([Resize(resize, interpolation), CenterCrop(crop), ToImage(), ToDtype(float32, scale=True),
             Normalize(mean, std)])

so the resize is Pillow's (antialiased, rounded to 8 bits), not the tensor one, which differs by a grey level here and
there. It comes in two halves: the first works on 8-bit pixels in the decode threads without torch, the second on a
whole batch on the device.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from inference.models.card import Preprocessing
from inference.types import RgbArray

if TYPE_CHECKING:
    import torch
    from torch import Tensor


def build_transform(preprocessing: Preprocessing) -> Callable[[RgbArray], Tensor]:
    """The whole recipe for one image: (h, w, 3) uint8 RGB to (3, h', w') float32 in the card's channel order."""
    to_pixels = build_resize(preprocessing)
    to_input = build_normalise(preprocessing, "cpu")

    def transform(rgb: RgbArray) -> Tensor:
        return to_input(to_pixels(rgb)[None])[0]

    return transform


def build_resize(preprocessing: Preprocessing) -> Callable[[RgbArray], RgbArray]:
    """Resize and centre crop: (h, w, 3) uint8 to (h', w', 3) uint8, both RGB."""
    from PIL import Image
    from torchvision.transforms import InterpolationMode
    from torchvision.transforms.v2 import functional

    resize = _sides(preprocessing.resize)
    crop = _sides(preprocessing.crop)
    if isinstance(preprocessing.crop, int):
        crop = [preprocessing.crop, preprocessing.crop]
    interpolation = InterpolationMode(preprocessing.interpolation)

    def to_pixels(rgb: RgbArray) -> RgbArray:
        image = Image.fromarray(rgb)
        if resize is not None:
            image = functional.resize(image, resize, interpolation=interpolation)
        if crop is not None:
            image = functional.center_crop(image, crop)
        return np.asarray(image)

    return to_pixels


def build_normalise(preprocessing: Preprocessing, device: str) -> Callable[[RgbArray], Tensor]:
    """Scale to 0..1 and normalise: (b, h, w, 3) uint8 RGB to (b, 3, h, w) float32 on ``device``, channels last."""
    import torch

    mean = torch.tensor(preprocessing.mean, dtype=torch.float32, device=device).view(3, 1, 1)
    std = torch.tensor(preprocessing.std, dtype=torch.float32, device=device).view(3, 1, 1)
    swap = preprocessing.channels == "bgr"

    def to_input(pixels: RgbArray) -> Tensor:
        batch = _to_device(pixels, device).permute(0, 3, 1, 2)
        if swap:
            batch = batch.flip(1)
        # The order of operations is torchvision's own, so that the floats are the same.
        return batch.to(torch.float32).mul_(1.0 / 255).sub_(mean).div_(std)

    return to_input


def _to_device(pixels: RgbArray, device: str) -> torch.Tensor:
    import torch

    # A copy where numpy lent Pillow's memory read-only: torch warns of those.
    return torch.from_numpy(pixels if pixels.flags.writeable else pixels.copy()).to(device)


def _sides(size: int | tuple[int, int] | None) -> list[int] | None:
    """torchvision's form of a size: one number for the shorter side, or [height, width]."""
    if size is None:
        return None
    return [size] if isinstance(size, int) else list(size)
