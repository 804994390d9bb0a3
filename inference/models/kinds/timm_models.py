"""timm's models (extra ``timm``): by name with timm's own weights or the user's, and local Hugging Face folders.

A folder holds ``config.json`` (architecture, labels, ``pretrained_cfg``) and ``model.safetensors``. Preprocessing is
what ``create_transform(**resolve_data_config({}, model=model))`` of timm does in evaluation.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from inference.errors import CardError, ModelError, WeightsError
from inference.models.card import CardTable, ModelCard
from inference.models.kinds.folders import (
    CONFIG,
    SAFETENSORS,
    differing,
    digest_of,
    first_line,
    folder_of,
    library,
    looks_like,
    quiet_logs,
    read_json,
    weights_of,
)
from inference.models.kinds.timm_settings import SOURCES, checked, config_of, known, labels_of, recipe_of, unknown
from inference.models.parts import ModelParts
from inference.models.weights import read_weights

if TYPE_CHECKING:
    from torch import Tensor, nn

KIND: Final = "timm"
HUB: Final = "hub"

_FROM_HUB: Final = "hf-hub:"
_PREFIXES: Final = ("module.", "_orig_mod.", "model.")
_LOGS: Final = ("timm", "huggingface_hub")
# Classes of huggingface_hub's, the network libraries' and Python's errors, by name: those libraries come and go.
_ABSENT: Final = frozenset({"RepositoryNotFoundError", "RevisionNotFoundError", "EntryNotFoundError"})
_NO_NETWORK: Final = frozenset(
    {"LocalEntryNotFoundError", "OfflineModeIsEnabled", "URLError", "ConnectionError", "gaierror"}
)
# Arguments of create_model that say where weights come from: in a stranger's config they have no say.
_NOT_FOR_MODELS: Final = frozenset(
    {"pretrained", "pretrained_cfg", "pretrained_cfg_overlay", "checkpoint_path", "cache_dir", "features_only"}
)


def recognises(path: Path) -> bool:
    """Whether ``path`` is, or lies in, a folder whose config.json is timm's."""
    return not looks_like(path, "model_type") and (
        looks_like(path, "pretrained_cfg") or looks_like(path, "architecture", "num_classes", "input_size")
    )


def read(path: Path, table: CardTable | None) -> ModelParts:
    """What the folder, or timm itself, tells of the model, and how to build it. Raises ModelErrors.

    ``path`` is the folder, a file in it or the user's weights; or the card that names weights or "hub".
    """
    name = table.architecture if table is not None and isinstance(table.architecture, str) else None
    weights = table.weights if table is not None and isinstance(table.weights, str) else None
    if weights is not None and weights.partition(":")[0] == HUB:
        return _from_hub(path, name, table)
    if weights is not None and (path.is_dir() or path.suffix == ".toml"):
        path = folder_of(path) / weights
    if recognises(path) and (path.is_dir() or path.name in (CONFIG, SAFETENSORS)):
        return _from_folder(folder_of(path), table)
    return _from_weights(path, name, table)


def names() -> tuple[str, ...]:
    """The names of timm's classifiers that have weights, such as resnet18.a1_in1k. Raises ModelError without timm."""
    timm = _timm("The list of models")
    value = timm.models.get_pretrained_cfg_value
    listed = timm.list_models(pretrained=True)
    return tuple(name for name in listed if (value(name, "num_classes") or 0) > 0 and value(name, "input_size")[0] == 3)


def describe(name: str) -> dict[str, Any]:
    """What timm says of a pretrained name: ``n_labels``, ``input_size`` (height, width), ``resize``, ``crop``,
    ``interpolation``, ``mean`` and ``std``; or a ``note`` on why Cutline cannot do its preprocessing.

    Raises ModelError without timm, CardError for a name that it does not know.
    """
    cfg = config_of(_timm(name), name)
    known: dict[str, Any] = {"n_labels": cfg["num_classes"], "input_size": tuple(cfg["input_size"][1:])}
    try:
        return known | recipe_of(name, cfg, table=None)[0]
    except CardError as error:
        return known | {"note": str(error)}


def _timm(what: str) -> Any:
    return library("timm", "timm", what)


def _from_folder(folder: Path, table: CardTable | None) -> ModelParts:
    timm = _timm(f"{folder} holds a timm model and")
    said = read_json(folder / CONFIG)
    where = str(folder / CONFIG)
    cfg = {**said, **said["pretrained_cfg"]} if isinstance(said.get("pretrained_cfg"), Mapping) else dict(said)
    cfg = {"label_names": cfg.get("labels"), **cfg}
    cfg |= {key: said[key] for key in ("num_classes", "label_names", "label_descriptions") if key in said}
    architecture = said.get("architecture") or cfg.get("architecture")
    if not isinstance(architecture, str) or not timm.is_model(architecture):
        raise CardError(unknown(timm, where, str(architecture)))
    arguments = _arguments(where, said.get("model_args"))
    weights = weights_of(folder)
    state = {key: tensor for piece in weights for key, tensor in read_weights(piece).state.items()}
    cfg = checked(where, known(timm, cfg))
    n_outputs = cfg["num_classes"]
    told, reasons = recipe_of(where, cfg, table)
    labels, why = labels_of(timm, cfg)
    if labels:
        told["labels"], reasons["labels"] = labels, why
    told["architecture"], reasons["architecture"] = architecture, f"{CONFIG} names it."

    def build(card: ModelCard) -> nn.Module:
        return _built(folder, architecture, cfg, {"num_classes": n_outputs} | arguments | dict(card.options), state)

    shaping = {"architecture": architecture, "model_args": arguments, "num_classes": n_outputs}
    return ModelParts(told, reasons, n_outputs, build, digest_of(weights, shaping))


def _from_weights(path: Path, name: str | None, table: CardTable | None) -> ModelParts:
    """The user's own weights file, for an architecture that the card names."""
    timm = _timm(f"The model of {path.name}")
    if name is None:
        raise CardError(f"{path} does not tell its architecture: name one of timm's, such as resnet18, in the card.")
    cfg = config_of(timm, name)
    file = read_weights(path)
    state = _unwrapped(file.state)
    n_outputs = _outputs_of(cfg, state)
    told, reasons = recipe_of(name, cfg, table)
    if file.labels:
        told["labels"], reasons["labels"] = file.labels, "The weights file names them."

    def build(card: ModelCard) -> nn.Module:
        arguments = {"num_classes": n_outputs or len(card.labels)} | dict(card.options)
        return _built(path, name.partition(".")[0], cfg | {"label_offset": 0}, arguments, state)

    return ModelParts(told, reasons, n_outputs, build, digest_of([path]), file.notes)


def _from_hub(path: Path, name: str | None, table: CardTable | None) -> ModelParts:
    """timm's own weights, downloaded by timm, or kept from an earlier download."""
    timm = _timm(f"The model {name or path}")
    if name is None:
        raise CardError(f"{path} does not name its architecture: name one of timm's, such as resnet18.a1_in1k.")
    if not name.startswith(_FROM_HUB):
        config_of(timm, name)
    network = _downloaded(timm, name)
    cfg = checked(name, dict(network.pretrained_cfg))
    told, reasons = recipe_of(name, cfg, table)
    labels, why = labels_of(timm, cfg)
    if labels:
        told["labels"], reasons["labels"] = labels, why
        if cfg["num_classes"] == len(labels) and why.startswith("ImageNet"):
            told["activation"], reasons["activation"] = "softmax", "ImageNet gives each image one label."

    def build(card: ModelCard) -> nn.Module:
        built: nn.Module = network
        return built

    return ModelParts(told, reasons, cfg["num_classes"], build, _digest_of_tensors(network))


def _downloaded(timm: Any, name: str) -> Any:
    try:
        with quiet_logs(*_LOGS):
            network = timm.create_model(name, pretrained=True)
    except Exception as error:  # each layer of the download has exceptions of its own
        raise _not_fetched(name, error) from None
    return network.float().eval().requires_grad_(False)


def _not_fetched(name: str, error: Exception) -> ModelError:
    kinds = {kind.__name__ for kind in type(error).__mro__}
    if kinds & _NO_NETWORK:
        why = "there is no network: connect, or open a folder with config.json and model.safetensors"
    elif kinds & _ABSENT:
        why = "the hub has no such model, or it is not public: check the name"
    else:
        why = f"{first_line(error)}: check the name"
    return ModelError(f"The weights of {name} could not be fetched, {why}.", detail=f"{type(error).__name__}: {error}")


def _built(
    weights: Path, architecture: str, cfg: Mapping[str, Any], arguments: dict[str, Any], state: dict[str, Tensor]
) -> nn.Module:
    """The network, its weights put in by timm's own loader, which knows older names of tensors."""
    timm = _timm(architecture)
    cfg = {key: value for key, value in cfg.items() if key not in SOURCES and key != "num_classes"}
    cfg |= {"state_dict": dict(state), "num_classes": arguments["num_classes"]}
    try:
        with quiet_logs(*_LOGS):
            network = timm.create_model(architecture, pretrained=True, pretrained_cfg=cfg, **arguments)
    except Exception as error:  # a constructor given unknown arguments may raise anything
        raise _misfit(weights, architecture, cfg, arguments, state, error) from None
    network.pretrained_cfg.pop("state_dict", None)
    built: nn.Module = network.float().eval().requires_grad_(False)
    return built


def _misfit(
    weights: Path,
    architecture: str,
    cfg: Mapping[str, Any],
    arguments: dict[str, Any],
    state: Mapping[str, Tensor],
    error: Exception,
) -> ModelError:
    """Which tensors do not fit, or that the network itself cannot be made."""
    timm = _timm(architecture)
    detail = f"{type(error).__name__}: {error}"
    empty = {key: value for key, value in cfg.items() if key != "state_dict"}
    try:
        with quiet_logs(*_LOGS):
            wanted = timm.create_model(architecture, pretrained=False, pretrained_cfg=empty, **arguments).state_dict()
    except Exception as cause:  # a constructor given unknown arguments may raise anything
        return CardError(
            f"timm cannot make {architecture} for {weights} with {arguments}: {first_line(cause)}.", detail=detail
        )
    shaped = [
        f"{key} is {_times(state[key])}, not {_times(tensor)}"
        for key, tensor in wanted.items()
        if key in state and state[key].shape != tensor.shape
    ]
    differences = differing(wanted.keys() - state.keys(), state.keys() - wanted.keys(), shaped)
    return WeightsError(
        f"{weights} does not hold the weights of {architecture}: {differences or first_line(error)}. Choose the "
        "architecture that it was saved from.",
        detail=detail,
    )


def _times(tensor: Tensor) -> str:
    return " x ".join(map(str, tensor.shape)) or "a single number"


def _digest_of_tensors(network: nn.Module) -> str:
    digest = hashlib.sha256()
    for key, tensor in sorted(network.state_dict().items()):
        digest.update(f"{key} {tensor.dtype} {tuple(tensor.shape)}".encode())
        digest.update(tensor.contiguous().cpu().numpy().tobytes())
    return digest.hexdigest()


def _arguments(where: str, said: object) -> dict[str, Any]:
    arguments = dict(said) if isinstance(said, Mapping) else {}
    for key in sorted(_NOT_FOR_MODELS & arguments.keys()):
        raise CardError(f"{where}: model_args holds {key!r}, which says where weights come from: take it out.")
    return {str(key): tuple(value) if isinstance(value, list) else value for key, value in arguments.items()}


def _unwrapped(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Without the prefixes that wrappers put before every tensor's name."""
    for prefix in _PREFIXES * 2:
        if state and all(key.startswith(prefix) for key in state):
            state = {key.removeprefix(prefix): tensor for key, tensor in state.items()}
    return state


def _outputs_of(cfg: Mapping[str, Any], state: Mapping[str, Tensor]) -> int | None:
    """The rows of the classifier's weights, with or without a wrapper's prefix."""
    classifier = cfg.get("classifier")
    first = classifier if isinstance(classifier, str) else classifier[0] if classifier else None
    head = state.get(f"{first}.weight")
    return int(head.shape[0]) if head is not None and head.dim() >= 2 else None
