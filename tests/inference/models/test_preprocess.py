"""Preprocessing against torchvision's own transforms on the Pillow image."""

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.transforms import InterpolationMode, v2

from inference.models.card import Preprocessing, Size
from inference.models.preprocess import build_normalise, build_transform
from inference.types import RgbArray


def reference(rgb: RgbArray, card: Preprocessing) -> torch.Tensor:
    steps: list[object] = []
    if card.resize is not None:
        steps.append(v2.Resize(card.resize, InterpolationMode(card.interpolation), antialias=True))
    if card.crop is not None:
        steps.append(v2.CenterCrop(card.crop))
    steps += [v2.ToImage(), v2.ToDtype(torch.float32, scale=True), v2.Normalize(list(card.mean), list(card.std))]
    image: torch.Tensor = v2.Compose(steps)(Image.fromarray(rgb))
    return image


@pytest.mark.parametrize("interpolation", ["nearest", "bilinear", "bicubic"])
@pytest.mark.parametrize(
    ("resize", "crop"),
    [(40, 32), ((31, 57), None), (None, (20, 33)), (33, 33), (None, None), (24, 64), ((24, 20), (64, 7))],
)
def test_equals_the_reference_recipe(pictures: list[RgbArray], resize: Size, crop: Size, interpolation: str) -> None:
    card = Preprocessing(resize, crop, interpolation, (0.1, 0.5, 0.9), (0.2, 1.0, 0.3))  # type: ignore[arg-type]
    transform = build_transform(card)
    for rgb in pictures:
        made, wanted = transform(rgb), reference(rgb, card)
        assert made.dtype == torch.float32
        assert made.shape == wanted.shape
        torch.testing.assert_close(made, torch.Tensor(wanted), rtol=0, atol=1e-6)


def test_bgr_turns_the_channels_before_normalising(pictures: list[RgbArray]) -> None:
    mean, std = (0.1, 0.2, 0.3), (0.5, 0.6, 0.7)
    made = build_transform(Preprocessing(mean=mean, std=std, channels="bgr"))(pictures[0])
    flipped = np.ascontiguousarray(pictures[0][:, :, ::-1])
    wanted = torch.Tensor(reference(flipped, Preprocessing(mean=mean, std=std)))
    torch.testing.assert_close(made, wanted, rtol=0, atol=1e-6)


def test_a_batch_is_what_its_images_are() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (3, 9, 8, 3), dtype=np.uint8)
    to_input = build_normalise(Preprocessing(), "cpu")
    assert torch.equal(to_input(pixels), torch.cat([to_input(pixels[i : i + 1]) for i in range(3)]))
