"""A transformers image processor as a card's preprocessing, and how far the two are apart.

The processors come in two makings: one works on Pillow images, as those of transformers before version 5 did, one on
tensors, which rounds a grey level differently here and there. Cutline's recipe is the first.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from inference.errors import CardError
from inference.models.card import Preprocessing

# Pillow's own numbers for its filters.
_FILTERS: Final = {0: "nearest", 1: "lanczos", 2: "bilinear", 3: "bicubic", 4: "box", 5: "hamming"}
_PROBES: Final = ((97, 150), (150, 101), (120, 120))  # height, width: wide, tall and square, odd and even
_ROUNDING: Final = 0.01  # grey levels that are no difference but float32


def recipe_of(where: str, said: Mapping[str, Any]) -> dict[str, Any]:
    """Card fields from a processor's settings. Raises CardError naming what no card can say.

    ``said`` are the settings with the class's own defaults filled in, as its ``to_dict`` gives them.
    """
    told = _sizes(where, said) | _scaling(where, said)
    resample = int(said.get("resample", 2) if said.get("resample") is not None else 2)
    if resample not in _FILTERS:
        raise CardError(f"{where}: resample = {resample} is no filter that Pillow has (0 to 5).")
    if said.get("do_flip_channel_order"):
        told["channels"] = "bgr"
    return told | {"interpolation": _FILTERS[resample]}


def _sizes(where: str, said: Mapping[str, Any]) -> dict[str, Any]:
    resize: Any = None
    crop = _crop(where, said) if said.get("do_center_crop") else None
    if said.get("do_resize"):
        size = said.get("size")
        size = {key: value for key, value in dict(size).items() if value} if isinstance(size, Mapping) else {}
        kind = str(said.get("image_processor_type", "")).removesuffix("Fast").removesuffix("Pil")
        if set(size) == {"shortest_edge"}:
            resize, crop = _shortest(kind, int(size["shortest_edge"]), said.get("crop_pct"), crop)
        elif set(size) == {"height", "width"}:
            resize = (int(size["height"]), int(size["width"]))
            if kind == "PoolFormerImageProcessor" and said.get("crop_pct"):
                resize = int(resize[0] / said["crop_pct"]) if resize[0] == resize[1] else resize
        else:
            raise CardError(
                f"{where} resizes to {size or said.get('size')!r}, which no card can say: it needs shortest_edge, or "
                "height and width. Write a model.toml with resize and crop."
            )
    return {"resize": resize, "crop": crop}


def _shortest(kind: str, edge: int, share: float | None, crop: Any) -> tuple[Any, Any]:
    """Resize and crop where the shorter side is named: some processors make it longer first, by rules of their own."""
    if kind == "ConvNextImageProcessor":
        return (int(edge / (share or 224 / 256)), edge) if edge < 384 else ((edge, edge), crop)
    if kind == "PoolFormerImageProcessor" and share:
        return int(edge / share), crop
    if kind == "LevitImageProcessor":
        return int((256 / 224) * edge), crop
    return edge, crop


def _crop(where: str, said: Mapping[str, Any]) -> Any:
    size = said.get("crop_size")
    if not isinstance(size, Mapping) or not (size.get("height") and size.get("width")):
        raise CardError(f"{where}: crop_size = {size!r} must hold height and width.")
    height, width = int(size["height"]), int(size["width"])
    return height if height == width else (height, width)


def _scaling(where: str, said: Mapping[str, Any]) -> dict[str, Any]:
    """Mean and std on the 0..1 scale that do the same as the processor's factor, offset, mean and std.

    It computes (x f - o - m) / s of a grey level x, the card (x / 255 - m') / s': so m' = (m + o) / (255 f) and
    s' = s / (255 f).
    """
    factor = 255 * float(said.get("rescale_factor", 1 / 255)) if said.get("do_rescale") else 255.0
    offset = 1.0 if said.get("do_rescale") and said.get("rescale_offset") else 0.0
    mean, std = np.zeros(3), np.ones(3)
    own = [_triple(where, key, said) for key in ("image_mean", "image_std")] if said.get("do_normalize") else None
    if own is not None:
        mean, std = own
    again = _triple(where, "image_std", said) if said.get("include_top") and "rescale_offset" in said else np.ones(3)
    mean, std = (mean + offset) / factor, std * again / factor
    if said.get("do_flip_channel_order") and own is None:
        mean, std = mean[::-1], std[::-1]
    return {"mean": tuple(map(float, mean)), "std": tuple(map(float, std))}


def _triple(where: str, key: str, said: Mapping[str, Any]) -> Any:
    values = said.get(key)
    values = [values] * 3 if isinstance(values, int | float) else values
    try:
        triple = np.array(values, dtype=np.float64)
    except (TypeError, ValueError):
        triple = np.zeros(0)
    if triple.shape == (1,):
        triple = triple.repeat(3)
    if triple.shape != (3,):
        raise CardError(f"{where}: {key} = {values!r} must be three numbers; only models for RGB images can be run.")
    return triple


def cuts_elsewhere(told: Mapping[str, Any]) -> bool:
    """Whether the processor's centre crop lies one pixel off torchvision's for some images, or for all.

    Where an odd number of pixels is cut off, the processor rounds the half down and torchvision to the even pixel: they
    differ where it is 3, 7, 11 ... pixels.
    """
    resize, crop = told["resize"], told["crop"]
    if crop is None or not isinstance(resize, tuple):
        return crop is not None
    sides = crop if isinstance(crop, tuple) else (crop, crop)
    return any(before > after and (before - after) % 4 == 3 for before, after in zip(resize, sides, strict=True))


def largest_difference(told: Mapping[str, Any], processor: Any) -> float | None:
    """How far, in grey levels, the card's recipe is from the processor's own on made-up images; the crop that lies one
    pixel off (``cuts_elsewhere``) does not count.

    None where the processor does something else altogether: another shape (a crop wider than the image pads it, and is
    not measured), or no images at all.
    """
    from inference.models.preprocess import build_transform

    transform = build_transform(Preprocessing(**{**told, "crop": None}))
    worst = 0.0
    for number, (height, width) in enumerate(_PROBES):
        picture = _made_up(height, width, number)
        try:
            theirs = np.asarray(processor(picture, return_tensors="np")["pixel_values"][0])
        except (KeyError, ValueError, TypeError, AttributeError, IndexError):
            return None
        ours = _cut(transform(picture).numpy(), told["crop"])
        if theirs.shape != ours.shape:
            return None
        levels = np.abs(ours - theirs) * np.array(told["std"], dtype=np.float64)[:, None, None] * 255
        worst = max(worst, float(levels.max()))
    return worst if worst > _ROUNDING else 0.0


def _cut(image: Any, crop: Any) -> Any:
    """The middle of a (3, h, w) image, halves rounded down as the processors do; not wider than it is."""
    height, width = crop if isinstance(crop, tuple) else (crop or image.shape[1], crop or image.shape[2])
    top, left = max(0, image.shape[1] - height) // 2, max(0, image.shape[2] - width) // 2
    return image[:, top : top + height, left : left + width]


def _made_up(height: int, width: int, seed: int) -> Any:
    """A picture with slopes and speckles, (h, w, 3) uint8."""
    down, across = np.mgrid[0:height, 0:width]
    slopes = np.stack([down / height, across / width, (down + across) / (height + width)], axis=-1) * 200
    return (slopes + np.random.default_rng(seed).integers(0, 56, (height, width, 1))).astype(np.uint8)
