"""Pictures of odd and even sizes, some smaller than any crop, as arrays and as Pillow images."""

from __future__ import annotations

import numpy as np
from PIL import Image

from inference.types import RgbArray

SIZES = ((97, 150), (150, 101), (40, 40), (301, 77), (33, 64), (20, 300), (64, 64))  # height, width


def pictures() -> list[RgbArray]:
    """Noise over slopes, (h, w, 3) uint8."""
    rng = np.random.default_rng(5)
    made = []
    for height, width in SIZES:
        slope = np.linspace(0, 180, width)[None, :, None] * np.linspace(0.2, 1, height)[:, None, None]
        made.append((slope + rng.integers(0, 70, (height, width, 3))).astype(np.uint8))
    return made


def images() -> list[Image.Image]:
    """The same as Pillow images."""
    return [Image.fromarray(picture) for picture in pictures()]
