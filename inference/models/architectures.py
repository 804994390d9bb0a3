"""torchvision's classification builders: their names, building one, and telling which one a state dict fits."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final

from inference.errors import CardError
from inference.models.compat import import_torchvision

if TYPE_CHECKING:
    from torch import Tensor, nn

Shapes = Mapping[str, tuple[int, ...]]

# A key that marks a family, and how the names of its builders begin: only these are built to compare.
_FAMILIES: Final = (
    ("layer1.0.", ("resnet", "resnext", "wide_resnet")),
    ("features.denseblock1.", ("densenet",)),
    ("features.1.0.layer_scale", ("convnext",)),
    ("features.1.0.attn.", ("swin",)),
    ("features.1.0.block.", ("efficientnet",)),
    ("features.1.block.", ("mobilenet_v3",)),
    ("features.1.conv.", ("mobilenet_v2",)),
    ("features.0.", ("alexnet", "vgg", "squeezenet")),
    ("inception3a.", ("googlenet",)),
    ("Mixed_5b.", ("inception",)),
    ("stage2.", ("shufflenet",)),
    ("layers.0.", ("mnasnet",)),
    ("trunk_output.", ("regnet",)),
    ("encoder.layers.", ("vit",)),
    ("blocks.0.", ("maxvit",)),
)
_AUX: Final = ("aux1.", "AuxLogits.")  # the auxiliary heads of googlenet and inception_v3
_HEADS: Final = ("fc.", "classifier.", "head.", "heads.")


@cache
def architectures() -> tuple[str, ...]:
    """The names of torchvision's classification builders, in order."""
    torchvision = import_torchvision()
    return tuple(torchvision.models.list_models(module=torchvision.models))


def build(name: str, n_outputs: int, options: Mapping[str, Any], keys: Iterable[str] = ()) -> nn.Module:
    """The network without storage for its weights (meta tensors); load with ``assign=True``.

    ``keys`` are those of the weights to come: where the builder can leave its auxiliary heads out, they decide.
    Raises CardError naming an unknown architecture or option.
    """
    builder = _builder(name)
    arguments = dict(options)
    _check_options(name, builder, arguments)
    accepted = _accepted(builder)
    if "init_weights" in accepted:
        arguments.setdefault("init_weights", False)
    if name in ("googlenet", "inception_v3"):
        arguments.setdefault("aux_logits", _has_aux(keys))
    try:
        with _without_storage():
            return builder(weights=None, num_classes=n_outputs, **arguments)
    except Exception as error:  # whatever a builder makes of a wrong option
        raise CardError(
            f"{name} cannot be built with options {dict(options)}: {error}.", detail=f"{type(error).__name__}: {error}"
        ) from None


def recommended(name: str) -> dict[str, Any]:
    """The resize, crop, interpolation, mean and std of torchvision's own weights; empty where it has none."""
    torchvision = import_torchvision()
    try:
        weights = torchvision.models.get_model_weights(name).DEFAULT
        preset = weights.transforms()
    except (ValueError, AttributeError):
        return {}
    found = {
        "resize": preset.resize_size[0],
        "crop": preset.crop_size[0],
        "interpolation": preset.interpolation.value,
        "mean": tuple(preset.mean),
        "std": tuple(preset.std),
    }
    return found if found["interpolation"] in ("nearest", "bilinear", "bicubic") else {}


def head_of(shapes: Shapes) -> str | None:
    """The key of the last layer's weights, whose first dimension is the number of outputs; None if there is no such."""
    layers = [key for key, shape in shapes.items() if key.endswith(".weight") and len(shape) in (2, 4)]
    heads = [key for key in layers if key.startswith(_HEADS)]
    return max(heads, key=_natural, default=layers[-1] if layers else None)


def fitting(shapes: Shapes, n_outputs: int | None = None) -> Iterator[str]:
    """The architectures whose every tensor has its name and shape among ``shapes`` and the other way round."""
    if n_outputs is None:
        head = head_of(shapes)
        if head is None:
            return
        n_outputs = shapes[head][0]
    for name in _plausible(shapes):
        if _shapes_built(name, n_outputs, _has_aux(shapes)) == _compared(shapes):
            yield name


@lru_cache(maxsize=256)
def _shapes_built(name: str, n_outputs: int, aux: bool) -> dict[str, tuple[int, ...]] | None:
    """The shapes of a builder's tensors; None where it cannot be built. Kept: opening asks more than once."""
    try:
        return shapes_of(build(name, n_outputs, {}, _AUX if aux else ()).state_dict())
    except CardError:
        return None


def _has_aux(keys: Iterable[str]) -> bool:
    return any(key.startswith(_AUX) for key in keys)


def shapes_of(state: Mapping[str, Tensor]) -> dict[str, tuple[int, ...]]:
    """The shape of each tensor by name, without batch counters: old files have none, and torch adds them."""
    return _compared({key: tuple(tensor.shape) for key, tensor in state.items()})


def _compared(shapes: Shapes) -> dict[str, tuple[int, ...]]:
    return {key: shape for key, shape in shapes.items() if not key.endswith("num_batches_tracked")}


def _plausible(shapes: Shapes) -> Iterator[str]:
    """Names of the family that a key marks; then those of no family known here."""
    family = next((names for mark, names in _FAMILIES if any(key.startswith(mark) for key in shapes)), ())
    known = tuple(prefix for _, names in _FAMILIES for prefix in names)
    for name in architectures():
        if name.startswith(family) if family else not name.startswith(known):
            yield name


def _natural(key: str) -> list[tuple[int, str]]:
    """Sorts "classifier.10" after "classifier.6"."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", key)]


def _builder(name: str) -> Callable[..., nn.Module]:
    torchvision = import_torchvision()
    if name not in architectures():
        import difflib

        near = difflib.get_close_matches(name, architectures(), n=3, cutoff=0.5)
        hint = f"did you mean {' or '.join(near)}?" if near else "choose one of torchvision's classification models."
        raise CardError(f"There is no architecture called {name!r}: {hint}")
    builder: Callable[..., nn.Module] = torchvision.models.get_model_builder(name)
    return builder


def _check_options(name: str, builder: Callable[..., object], options: Mapping[str, Any]) -> None:
    for key in options:
        if key in ("weights", "progress", "num_classes", "weights_backbone"):
            raise CardError(f"The option {key!r} is set by Cutline itself: take it out of the card's options.")
        if key not in _accepted(builder):
            raise CardError(f"{name} has no option {key!r}: take it out of the card's options or check its spelling.")


def _accepted(builder: Callable[..., object]) -> frozenset[str]:
    """Keyword arguments of the builder itself and of the network class that it makes."""
    import torchvision.models as models

    names = _keywords(builder)
    module = inspect.getmodule(inspect.unwrap(builder)) or models
    for value in vars(module).values():
        if inspect.isclass(value) and value.__module__ == module.__name__:
            parameters = _keywords(value.__init__)
            if "num_classes" in parameters or "bn_size" in parameters:
                names |= parameters
    return frozenset(names - {"self", "kwargs", "args"})


def _keywords(function: Callable[..., object]) -> set[str]:
    return set(inspect.signature(inspect.unwrap(function)).parameters)


def _without_storage() -> AbstractContextManager[object]:
    """Inside, ``torch.empty`` makes meta tensors: building costs milliseconds and no memory, filling them nothing.

    ``torch.device("meta")`` would do the same to every factory, and some builders compute with what they make.
    """
    import torch
    from torch.overrides import TorchFunctionMode

    class WithoutStorage(TorchFunctionMode):
        def __torch_function__(
            self, func: Callable[..., Any], types: object, args: Any = (), kwargs: dict[str, Any] | None = None
        ) -> Any:
            kwargs = dict(kwargs or {})
            if func is torch.empty and kwargs.get("device") is None:
                kwargs["device"] = "meta"
            return func(*args, **kwargs)

    return WithoutStorage()
