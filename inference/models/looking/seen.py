"""Which part of a picture the network saw, and what it was given of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from inference.errors import ModelError, OutputError
from inference.models.card import Preprocessing
from inference.models.child.faults import Cancelled, cancellable, never
from inference.types import RgbArray
from inference.types.looking import Region

if TYPE_CHECKING:
    from torch import Tensor

    from inference.models.opening import LoadedModel


def seen_region(preprocessing: Preprocessing, height: int, width: int) -> Region:
    """What of a picture of this size is left after resize and centre crop, in the picture's own pixels.

    As torchvision computes it: `Resize` with one number scales the shorter side to it and cuts the longer one to whole
    pixels; `CenterCrop` pads evenly where the picture is smaller, and rounds half pixels to even.
    """
    rows, columns = _resized(preprocessing.resize, height, width)
    crop = preprocessing.crop
    crop_rows, crop_columns = (rows, columns) if crop is None else (crop, crop) if isinstance(crop, int) else crop
    top, left = _start(rows, crop_rows), _start(columns, crop_columns)
    down, across = height / rows, width / columns  # picture pixels a network pixel
    return Region(left * across, top * down, crop_columns * across, crop_rows * down)


def _resized(size: int | tuple[int, int] | None, height: int, width: int) -> tuple[int, int]:
    if size is None:
        return height, width
    if isinstance(size, tuple):
        return size
    if height <= width:
        return size, int(size * width / height)
    return int(size * height / width), size


def _start(length: int, crop: int) -> int:
    """Where the crop begins along one side; below 0 where it is padded."""
    if crop > length:
        return -((crop - length) // 2)
    return round((length - crop) / 2)


def to_pixels(model: LoadedModel, rgb: RgbArray) -> RgbArray:
    """What the network sees of a decoded picture, (h', w', 3) uint8, before it is normalised."""
    from inference.models.preprocess import build_resize

    return build_resize(model.card.preprocessing)(rgb)


def to_input(model: LoadedModel, pixels: RgbArray) -> Tensor:
    """(b, h', w', 3) uint8 to (b, 3, h', w') float32 on the device that the model is on now."""
    from inference.models.preprocess import build_normalise

    return build_normalise(model.card.preprocessing, model.device)(pixels)


def logits_of_batch(model: LoadedModel, batch: Tensor, cancelled: Callable[[], bool] = never) -> Tensor:
    """The (b, c) logits, float32, without gradients. Raises ModelError, OutputError where the network itself fails,
    and Cancelled where it is waited for in another process."""
    import torch

    try:
        with torch.inference_mode(), cancellable(model.network, cancelled):
            return run_network(model, batch)
    except (ModelError, Cancelled):
        raise
    except Exception as error:
        lines = str(error).strip().splitlines()
        reason = lines[0].rstrip(".!") if lines else type(error).__name__
        height, width = batch.shape[-2:]
        raise OutputError(
            f"{model.path} failed on this picture, given as {width} x {height} pixels ({reason}): look at its card.",
            detail=f"{type(error).__name__}: {error}",
        ) from None


def run_network(model: LoadedModel, batch: Tensor) -> Tensor:
    """The (b, c) logits, float32, whatever the network returns them in."""
    from inference.models.network import logits_of

    return logits_of(model.network(batch), len(model.labels)).float()
