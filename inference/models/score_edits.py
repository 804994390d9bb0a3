"""What edits of a picture do to its scores: the edits, made with Pillow before the preprocessing, and the logits.

Nothing is written anywhere: a copy is edited, and what the network sees is made of exactly the picture that is shown.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from inference.models.child.faults import never
from inference.models.looking.seen import logits_of_batch, to_input, to_pixels
from inference.types import RgbArray, ScoreArray
from inference.types.looking import Box, Edits

if TYPE_CHECKING:
    from inference.models.opening import LoadedModel

_GREY: Final = (128, 128, 128)


def apply_edits(rgb: RgbArray, edits: Edits) -> RgbArray:
    """A copy of (h, w, 3) uint8 with the edits made in the order of their fields; zooming makes it smaller."""
    image = _moved(Image.fromarray(rgb), edits)
    if edits.brightness != 1:
        image = ImageEnhance.Brightness(image).enhance(edits.brightness)
    if edits.contrast != 1:
        image = ImageEnhance.Contrast(image).enhance(edits.contrast)
    if edits.grey:
        image = ImageOps.grayscale(image).convert("RGB")
    if edits.blur > 0:
        image = image.filter(ImageFilter.GaussianBlur(edits.blur / 100 * min(image.size)))
    if edits.boxes:
        draw = ImageDraw.Draw(image)
        for box in edits.boxes:
            _cover(draw, box, *image.size)
    if edits.quality:
        image = _compressed(image, edits.quality)
    return np.array(image)


def score_picture(model: LoadedModel, rgb: RgbArray, cancelled: Callable[[], bool] = never) -> ScoreArray:
    """The logits (c,) float32 of one picture (h, w, 3) uint8, by the reference recipe.

    Raises ModelErrors, and Cancelled where ``cancelled()`` while another process is waited for.
    """
    batch = to_input(model, to_pixels(model, rgb)[np.newaxis])
    logits: ScoreArray = logits_of_batch(model, batch, cancelled)[0].cpu().numpy()
    return logits


def _moved(image: Image.Image, edits: Edits) -> Image.Image:
    """Mirrored, turned and cut: what moves pixels."""
    image = image.copy()
    if edits.mirrored:
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    if edits.upside_down:
        image = image.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    if edits.turn:
        image = image.rotate(-edits.turn, Image.Resampling.BICUBIC, fillcolor=_GREY)
    if edits.zoom > 1:
        width, height = (max(1, round(side / edits.zoom)) for side in image.size)
        left, top = (image.width - width) // 2, (image.height - height) // 2
        image = image.crop((left, top, left + width, top + height))
    return image


def _cover(draw: ImageDraw.ImageDraw, box: Box, width: int, height: int) -> None:
    left, right = round(box.left * width), round(box.right * width)
    top, bottom = round(box.top * height), round(box.bottom * height)
    if left < right and top < bottom:
        draw.rectangle((left, top, right - 1, bottom - 1), fill=_GREY)


def _compressed(image: Image.Image, quality: int) -> Image.Image:
    """Through JPEG and back."""
    with io.BytesIO() as file:
        image.save(file, "JPEG", quality=quality)
        with Image.open(file, formats=("JPEG",)) as back:
            return back.convert("RGB")
