"""Folders of transformers' image classifiers (extra ``transformers``).

A folder holds ``config.json`` (labels in id2label, problem_type), ``preprocessor_config.json`` and
``model.safetensors``. Code that such a folder may bring is never run, pickles are not read, and nothing is fetched.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from msgspec import UNSET

from inference.errors import CardError, ModelError, WeightsError
from inference.models.card import CardTable, ModelCard
from inference.models.kinds.folders import (
    CONFIG,
    differing,
    digest_of,
    first_line,
    folder_of,
    library,
    looks_like,
    names_in_order,
    quiet_logs,
    read_json,
    weights_of,
)
from inference.models.kinds.transformers_recipe import cuts_elsewhere, largest_difference, recipe_of
from inference.models.parts import ModelParts

if TYPE_CHECKING:
    from torch import nn

KIND: Final = "transformers"

_PREPROCESSOR: Final = "preprocessor_config.json"
_PROCESSOR: Final = "processor_config.json"
_NAMES_ONLY: Final = ("id2label", "label2id", "problem_type", "transformers_version", "_name_or_path")
# A name of kernels here would be fetched from the hub as a program.
_LEFT_OUT: Final = ("attn_implementation", "_attn_implementation", "_attn_implementation_internal", "auto_map")
_PROBLEMS: Final = {"single_label_classification": "softmax", "multi_label_classification": "sigmoid"}


def recognises(path: Path) -> bool:
    """Whether ``path`` is, or lies in, a folder whose config.json is transformers'."""
    return looks_like(path, "model_type")


def read(path: Path, table: CardTable | None) -> ModelParts:
    """What the folder's files tell, and how to build the model. Raises ModelErrors."""
    folder = folder_of(path)
    said = read_json(folder / CONFIG)
    _refuse(folder, said)
    weights = weights_of(folder)
    transformers = _transformers(folder)
    config = _config(transformers, folder, said)
    told, reasons = _activation(said, config.num_labels)
    labels = names_in_order(config.id2label, config.num_labels)
    if labels and not all(re.fullmatch(r"LABEL_\d+", label) for label in labels):
        key = "id2label" if "id2label" in said else "label_names"
        told["labels"], reasons["labels"] = labels, f"{CONFIG} names them in {key}."
    recipe, whys, notes = _preprocessing(transformers, folder, said, config, table)
    told["architecture"] = str(said.get("model_type"))
    reasons["architecture"] = f"{CONFIG} names it as model_type."

    def build(card: ModelCard) -> nn.Module:
        return _built(transformers, folder, config)

    shaping = {key: value for key, value in said.items() if key not in _NAMES_ONLY}
    return ModelParts(told | recipe, reasons | whys, config.num_labels, build, digest_of(weights, shaping), notes)


def _refuse(folder: Path, said: Mapping[str, Any]) -> None:
    """Raise CardError for folders whose model is more than weights for one of the library's own networks."""
    contents = {name: read_json(folder / name) for name in (_PREPROCESSOR, _PROCESSOR) if (folder / name).is_file()}
    for name, content in {CONFIG: said, **contents}.items():
        inner = content.get("image_processor")
        if content.get("auto_map") or (isinstance(inner, Mapping) and inner.get("auto_map")):
            raise CardError(
                f"{folder / name} asks for code of its own (auto_map), and a stranger's code is not run: use a model "
                "that transformers itself knows, or export this one to ONNX."
            )
    if said.get("quantization_config"):
        raise CardError(f"{folder / CONFIG} describes quantised weights, which cannot be opened yet: save them whole.")
    if (folder / "adapter_config.json").is_file():
        raise CardError(
            f"{folder} holds an adapter, not a whole model: merge it with merge_and_unload() and save_pretrained()."
        )
    if said.get("problem_type") == "regression":
        raise CardError(f"{folder / CONFIG} says problem_type = regression: only classifiers can be opened.")


def _transformers(folder: Path) -> Any:
    module = library("transformers", "transformers", f"{folder} holds a transformers model and")
    # Bars and advice on the terminal are for scripts.
    module.utils.logging.disable_progress_bar()
    module.utils.logging.set_verbosity_error()
    return module


def _config(transformers: Any, folder: Path, said: Mapping[str, Any]) -> Any:
    """The library's settings object, made from the text: reading it itself the library would follow what it names."""
    from transformers.models.auto.configuration_auto import CONFIG_MAPPING
    from transformers.models.auto.modeling_auto import MODEL_FOR_IMAGE_CLASSIFICATION_MAPPING_NAMES

    where, kind = folder / CONFIG, str(said.get("model_type"))
    if kind not in CONFIG_MAPPING:
        raise CardError(
            f"{where} names model_type = {kind!r}, which transformers {transformers.__version__} does not know: update "
            "transformers."
        )
    if kind not in MODEL_FOR_IMAGE_CLASSIFICATION_MAPPING_NAMES:
        raise CardError(f"{where} names model_type = {kind!r}, which has no image classifier in transformers.")
    try:
        config = CONFIG_MAPPING[kind].from_dict({key: said[key] for key in said if key not in _LEFT_OUT})
    except Exception as error:  # the library's checks raise classes of their own
        raise CardError(f"{where} cannot be used: {first_line(error)}.", detail=str(error)) from None
    if getattr(config, "num_channels", 3) != 3:
        raise CardError(f"{where} takes images of {config.num_channels} channels; only models for 3, RGB, can be run.")
    return config


def _activation(said: Mapping[str, Any], n_outputs: int) -> tuple[dict[str, Any], dict[str, str]]:
    problem = said.get("problem_type")
    if problem in _PROBLEMS:
        activation, why = _PROBLEMS[problem], f"{CONFIG} says problem_type = {problem}."
    elif n_outputs == 1:
        activation, why = "sigmoid", f"{CONFIG} names no problem_type; with one label transformers takes sigmoid."
    else:
        activation, why = "softmax", f"{CONFIG} names no problem_type; transformers then takes softmax."
    return {"activation": activation}, {"activation": why}


def _of_timm(
    folder: Path, said: Mapping[str, Any], wrapped: Mapping[str, Any], table: CardTable | None
) -> tuple[dict[str, Any], dict[str, str]]:
    """The recipe of a timm network in transformers' clothes, which is timm's."""
    from inference.models.kinds.timm_settings import checked, known, recipe_of, unknown

    where = str(folder / CONFIG)
    timm = library("timm", "timm", f"{folder} holds a timm model and")
    name = str(said.get("architecture"))
    if not timm.is_model(name):
        raise CardError(unknown(timm, where, name))
    return recipe_of(where, checked(where, known(timm, wrapped)), table)


def _preprocessing(
    transformers: Any, folder: Path, model: Mapping[str, Any], config: Any, table: CardTable | None
) -> tuple[dict[str, Any], dict[str, str], tuple[str, ...]]:
    """The recipe, where each value of it stands, and notes on what it leaves out. ``model``: what config.json says."""
    if isinstance(model.get("pretrained_cfg"), Mapping):
        return (*_of_timm(folder, model, model["pretrained_cfg"], table), ())
    where = _settings_of(folder)
    if where is None:
        note = f"There is no {_PREPROCESSOR} in {folder}: check the size, mean and std that the model was trained with."
        size = getattr(config, "image_size", None)
        if not isinstance(size, int):
            return {}, {}, (note,)
        told = {"resize": (size, size), "crop": None}
        return told, dict.fromkeys(told, f"{CONFIG} says image_size = {size}, not how images come to it."), (note,)
    processor = _processor(transformers, where)
    said = processor.to_dict()
    try:
        told = recipe_of(str(where), said)
    except CardError:
        if table is not None and table.preprocessing.resize is not UNSET:
            return {}, {}, (f"{where} says more than a card can: its sizes are those of the card.",)
        raise
    return told, dict.fromkeys(told, f"{where.name} says so."), _gap(where, told, processor)


def _settings_of(folder: Path) -> Path | None:
    """The file that the library takes an image processor's settings from: one for several inputs goes first."""
    for name in (_PROCESSOR, _PREPROCESSOR):
        path = folder / name
        if path.is_file() and (name == _PREPROCESSOR or "image_processor" in read_json(path)):
            return path
    return None


def _processor(transformers: Any, where: Path) -> Any:
    """The library's own image processor, the one that works on Pillow images where there are two."""
    newer = int(transformers.__version__.partition(".")[0]) >= 5
    pillow: dict[str, Any] = {"backend": "pil"} if newer else {"use_fast": False}
    try:
        with quiet_logs("transformers"):
            return transformers.AutoImageProcessor.from_pretrained(
                str(where.parent), local_files_only=True, trust_remote_code=False, **pillow
            )
    except Exception as error:  # the library's checks raise classes of their own
        raise CardError(f"{where} cannot be used by transformers: {first_line(error)}.", detail=str(error)) from None


def _gap(where: Path, told: Mapping[str, Any], processor: Any) -> tuple[str, ...]:
    """Sentences on where the library's own processor gives other pixels than the recipe."""
    name = type(processor).__name__.removesuffix("Pil")
    levels = largest_difference(told, processor)
    if levels is None:
        return (f"{name} of {where} does more than resize, crop and normalise: scores will differ from transformers'.",)
    notes = []
    if levels:
        notes.append(f"{name} of {where} gives other pixels, by up to {levels:.1f} of 255: scores will differ.")
    if cuts_elsewhere(told):
        notes.append(
            f"{name} cuts some images one pixel further up or left than Cutline (and torchvision) does: their scores "
            "differ a little from transformers'."
        )
    return tuple(notes)


def _built(transformers: Any, folder: Path, config: Any) -> nn.Module:
    import torch

    from inference.models.kinds.transformers_network import TransformersNetwork

    try:
        with quiet_logs("transformers"):
            model, found = transformers.AutoModelForImageClassification.from_pretrained(
                str(folder),
                config=config,
                dtype=torch.float32,
                use_safetensors=True,
                trust_remote_code=False,
                local_files_only=True,
                ignore_mismatched_sizes=True,
                output_loading_info=True,
            )
    except Exception as error:  # safetensors, torch and the library each raise classes of their own
        raise _unreadable(folder, config, error) from None
    shaped = [f"{key} is {_times(given)}, not {_times(wanted)}" for key, given, wanted in found["mismatched_keys"]]
    differences = differing(found["missing_keys"], (), shaped)
    if differences:
        raise WeightsError(
            f"{folder} does not hold the weights of a {config.model_type} image classifier: {differences}. It may be "
            "the network without its last layer, or another model's config.json."
        )
    return TransformersNetwork(model).float().eval().requires_grad_(False)


def _unreadable(folder: Path, config: Any, error: Exception) -> ModelError:
    text = f"{type(error).__name__}: {error}"
    if "safetensor" in text.lower() or "header" in text.lower():
        return WeightsError(f"The weights in {folder} are truncated or damaged; copy them again.", detail=text)
    return WeightsError(
        f"transformers cannot load the {config.model_type} model in {folder}: {first_line(error)}.", detail=text
    )


def _times(shape: Any) -> str:
    return " x ".join(map(str, shape)) or "a single number"
