"""From any of Pillow's pixel modes to 8-bit RGB, the same for the screen and for the model."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Notes = tuple[str, ...]

_SIXTEEN_BIT: Final = frozenset({"I;16", "I;16L", "I;16B", "I;16N"})
_NATURAL: Final = frozenset({"1", "L", "P", "RGB", "RGBX", "CMYK", "YCbCr", "HSV"})
_EXIF_ORIENTATION: Final = 0x0112

# What undoes each value of the EXIF tag 0x0112 (CIPA DC-008, "Orientation").
_UPRIGHT: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class UnsupportedModeError(ValueError):
    """Pixels of a kind that has no plain way to RGB; the argument is Pillow's name of it."""


def to_rgb(image: Image.Image) -> tuple[Image.Image, Notes]:
    """The image in mode RGB, and what was done to it that the user should know.

    Plain 8-bit images equal Pillow's ``convert("RGB")``; transparency is laid over white; 16 bits keep their high byte
    (as Pillow and torchvision do for colour); 32-bit and float pixels are scaled by the range they are found to use.
    Raises UnsupportedModeError.
    """
    if image.mode in _SIXTEEN_BIT:
        return _from_grey(*_high_byte(np.asarray(image)))
    if image.mode in ("I", "F"):
        return _from_grey(*_by_range(np.asarray(image)))
    if image.has_transparency_data:
        return _over_white(image.convert("RGBA"))
    if image.mode in _NATURAL:
        return image.convert("RGB"), ()
    raise UnsupportedModeError(image.mode)


def orientation(image: Image.Image) -> int:
    """The EXIF orientation, 1 to 8; 1 where there is none or it cannot be read.

    For PNG this decodes the image, so look at the size first.
    """
    try:
        value = image.getexif().get(_EXIF_ORIENTATION, 1)
    except Exception:  # damaged EXIF raises all sorts of errors, and is no reason to refuse the pixels
        return 1
    return value if isinstance(value, int) and value in _UPRIGHT else 1


def upright(image: Image.Image, value: int) -> Image.Image:
    """The image turned as its EXIF orientation ``value`` says."""
    return image.transpose(_UPRIGHT[value]) if value in _UPRIGHT else image


def _over_white(image: Image.Image) -> tuple[Image.Image, Notes]:
    if image.getchannel("A").getextrema()[0] == 255:
        return image.convert("RGB"), ()
    white = Image.new("RGBA", image.size, "white")
    white.alpha_composite(image)
    return white.convert("RGB"), ("transparency over white",)


def _from_grey(grey: NDArray[np.uint8], note: str) -> tuple[Image.Image, Notes]:
    return Image.fromarray(grey).convert("RGB"), (note,)


def _high_byte(values: NDArray[np.generic]) -> tuple[NDArray[np.uint8], str]:
    wide = values.astype(np.uint16, copy=False)
    note = "16-bit grey, scaled to 8 bits"
    highest = int(wide.max())
    if highest < 4096:
        note += f" (values stop at {highest:,}, so it is dark)"
    return (wide >> 8).astype(np.uint8), note


def _by_range(values: NDArray[np.generic]) -> tuple[NDArray[np.uint8], str]:
    """Scale 32-bit integers or floats by the smallest usual range that holds them, else from minimum to maximum."""
    kind = "32-bit grey" if values.dtype.kind == "i" else "float grey"
    finite = np.isfinite(values)
    numbers = np.where(finite, values, 0).astype(np.float32)
    low, high = (float(numbers[finite].min()), float(numbers[finite].max())) if finite.any() else (0.0, 0.0)
    if low >= 0 and high <= 1 and values.dtype.kind == "f":
        scaled, range_text = numbers * 255, "0 to 1"
    elif low >= 0 and high <= 255:
        scaled, range_text = numbers, "0 to 255"
    elif low >= 0 and high <= 65535:
        scaled, range_text = np.floor(numbers / 256), "0 to 65,535"
    else:
        scaled = (numbers - low) * (255 / (high - low) if high > low else 0)
        range_text = f"{low:g} to {high:g}"
    scaled[~finite] = 0
    note = f"{kind}, {range_text} scaled to 8 bits"
    if not finite.all():
        note += ", NaN and infinity shown black"
    return np.clip(np.rint(scaled), 0, 255).astype(np.uint8), note
