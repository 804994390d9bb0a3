"""timm's settings of a model (``pretrained_cfg``) as card fields: its evaluation transform and its labels."""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping
from typing import Any, Final, get_args

from msgspec import UNSET

from inference.errors import CardError
from inference.models.card import CardTable, Interpolation
from inference.models.kinds.folders import CONFIG, names_in_order, told_apart

SOURCES: Final = ("url", "file", "hf_hub_id", "hf_hub_filename", "source", "state_dict", "custom_load")


def config_of(timm: Any, name: str) -> dict[str, Any]:
    """timm's settings of a name. Raises CardError for a name that timm does not know."""
    architecture = name.partition(".")[0]
    if not timm.is_model(architecture):
        raise CardError(unknown(timm, "The card", name))
    try:
        found = timm.get_pretrained_cfg(name)
    except RuntimeError:  # the architecture is known, the tag is not
        found = None
    if found is None:
        others = ", ".join(timm.list_models(f"{architecture}.*", pretrained=True)[:5])
        raise CardError(f"timm has no weights {name}: {architecture} has {others or 'none'}.")
    return checked(name, dict(found.to_dict()))


def unknown(timm: Any, where: str, name: str) -> str:
    """The sentence for a name that timm does not know, with the likeliest ones that it does."""
    near = difflib.get_close_matches(name.partition(".")[0], timm.list_models(), n=3)
    offer = f"; did you mean {' or '.join(near)}?" if near else ": update timm, or name another."
    return f"{where} names {name!r}, which timm {timm.__version__} does not know{offer}"


def known(timm: Any, cfg: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that timm's own class has, defaults filled in; what it does not know it would refuse."""
    from dataclasses import asdict, fields

    given = timm.models.PretrainedCfg
    keys = {field.name for field in fields(given)} - set(SOURCES)
    said = {key: value for key, value in cfg.items() if key in keys and value is not None}
    return {key: value for key, value in asdict(given(**said)).items() if value is not None}


def checked(where: str, cfg: dict[str, Any]) -> dict[str, Any]:
    """The settings, with types that can be used. Raises CardError naming the value."""
    size = cfg.get("input_size")
    if not _numbers(size, (3,)) or not all(isinstance(side, int) and side > 0 for side in cfg["input_size"]):
        raise CardError(f"{where}: input_size = {size!r} must be three numbers: channels, height, width.")
    if cfg["input_size"][0] != 3:
        raise CardError(f"{where} takes images of {cfg['input_size'][0]} channels; only models for 3, RGB, can be run.")
    for key in ("mean", "std"):
        if not _numbers(cfg.get(key), (1, 3)):
            raise CardError(f"{where}: {key} = {cfg.get(key)!r} must be three numbers.")
    for key, kind in (("crop_pct", int | float), ("num_classes", int)):
        if not isinstance(cfg.get(key), kind) or cfg[key] <= 0:
            raise CardError(
                f"{where}: {key} = {cfg.get(key)!r} must be a number above 0; only classifiers can be opened."
            )
    if cfg.get("interpolation") not in get_args(Interpolation):
        raise CardError(f"{where}: interpolation = {cfg.get('interpolation')!r} is none that Cutline has.")
    return cfg


def _numbers(values: object, lengths: tuple[int, ...]) -> bool:
    return (
        isinstance(values, list | tuple)
        and len(values) in lengths
        and all(isinstance(value, int | float) for value in values)
    )


def recipe_of(where: str, cfg: Mapping[str, Any], table: CardTable | None) -> tuple[dict[str, Any], dict[str, str]]:
    """timm's evaluation transform as the card says it. Raises CardError for what the card cannot say."""
    _, height, width = cfg["input_size"]
    mode, share = cfg.get("crop_mode") or "center", cfg["crop_pct"]
    scaled = (math.floor(height / share), math.floor(width / share))
    crop: Any = height if height == width else (height, width)
    told: dict[str, Any] = {"resize": scaled[0] if height == width else scaled, "crop": crop}
    if mode == "squash":
        told["resize"] = scaled
    elif (mode == "border" or height != width) and (table is None or table.preprocessing.resize is UNSET):
        what = 'crop_mode = "border", which adds borders' if mode == "border" else f"{width} x {height} pixels"
        raise CardError(
            f"{where} asks for {what}, which Cutline's preprocessing cannot do as timm does: say resize and crop in a "
            "card, or set crop_mode to squash if the model was trained so."
        )
    told["interpolation"] = cfg["interpolation"]
    for key in ("mean", "std"):
        values = tuple(float(value) for value in cfg[key])
        told[key] = values * 3 if len(values) == 1 else values
    why = f"timm's settings ask for {width} x {height} pixels, cut with crop_pct = {share:g}, crop_mode = {mode}."
    test = cfg.get("test_input_size")
    if test and tuple(test) != tuple(cfg["input_size"]):
        why += f" Its authors tested at {test[-1]} x {test[-2]} too."
    reasons = dict.fromkeys(told, "timm's settings of the model say so.") | {"resize": why, "crop": why}
    return told, reasons


def labels_of(timm: Any, cfg: Mapping[str, Any]) -> tuple[tuple[str, ...] | None, str]:
    """Labels from the settings, described where they are; ImageNet's from timm by their number."""
    n_outputs = cfg.get("num_classes")
    keys = names_in_order(cfg.get("label_names"), n_outputs if isinstance(n_outputs, int) else None)
    why = f"{CONFIG} names them in label_names."
    described = cfg.get("label_descriptions")
    if keys is None:
        subset = timm.data.infer_imagenet_subset(dict(cfg))
        if subset is None:
            return None, ""
        info = timm.data.ImageNetInfo(subset)
        keys = tuple(info.label_names())
        why = f"ImageNet's labels, because the model has {len(keys):,} outputs."
        described = info.label_descriptions(as_dict=True)
    if isinstance(described, Mapping) and all(str(described.get(key, "")).strip() for key in keys):
        keys = told_apart((str(described[key]) for key in keys), also=keys)
        why = why.replace("label_names", "label_descriptions")
    return keys, why
