"""A network with its weights in it: which tensors go where, and what does not fit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from inference.errors import CardError, LabelCountError, ModelError, OutputError, WeightsError
from inference.models.architectures import build, fitting, head_of, shapes_of
from inference.models.child.faults import Cancelled, RaisedError

if TYPE_CHECKING:
    from torch import Tensor, nn

_PREFIXES: Final = ("module.", "model.", "_orig_mod.")
_SHOWN: Final = 3


@dataclass(frozen=True, eq=False)
class Fit:
    """A state dict as a torchvision builder wants it, and the builders that it fits."""

    state: dict[str, Tensor]
    architectures: tuple[str, ...]


def guess(state: Mapping[str, Tensor]) -> Fit:
    """The builders that fit the state dict exactly, with ``module.`` and the like stripped where that makes it fit."""
    for candidate in _without_prefixes(dict(state)):
        names = tuple(fitting(shapes_of(candidate)))
        if names:
            return Fit(candidate, names)
    return Fit(dict(state), ())


def count_outputs(state: Mapping[str, Tensor]) -> int | None:
    """How many outputs the last layer has, judged by its weights; None where no layer is to be seen."""
    shapes = shapes_of(_best_stripped(state))
    head = head_of(shapes)
    return shapes[head][0] if head else None


def load(
    path: Path, name: str, options: Mapping[str, Any], state: Mapping[str, Tensor], labels: tuple[str, ...]
) -> nn.Module:
    """The network in eval mode on the CPU, float32, every tensor loaded. ``path`` is named in the errors.

    Raises CardError for a wrong architecture or option, LabelCountError, and WeightsError listing what does not fit.
    """
    network, fitted = _fit(path, name, options, state)
    n_outputs = count_outputs(fitted)
    if n_outputs is not None and n_outputs != len(labels):
        raise LabelCountError(
            f"{path} has {n_outputs} outputs and {len(labels)} labels are given: name exactly {n_outputs} labels."
        )
    _check_types(path, network, fitted)
    try:
        network.load_state_dict(fitted, assign=True)
        network = network.float().eval().requires_grad_(False)
    except (RuntimeError, TypeError, ValueError) as error:
        raise WeightsError(f"{path} cannot be loaded into {name}.", detail=str(error)) from None
    return network


def not_finite(state: Mapping[str, Tensor]) -> tuple[str, ...]:
    """The names of tensors that hold NaN or infinity."""
    return tuple(
        key for key, tensor in state.items() if tensor.is_floating_point() and not bool(tensor.isfinite().all())
    )


def logits_of(output: object, n_labels: int) -> Tensor:
    """The (b, c) logits in what a network returned: a tensor, ``.logits``, or a (b, c) tensor of a tuple or dict.

    Raises LabelCountError for another number of columns, OutputError where there are no logits to be found.
    """
    matrices = _matrices(output)
    tensor = next((matrix for matrix in matrices if matrix.shape[1] == n_labels), matrices[0] if matrices else None)
    if tensor is None:
        raise OutputError(
            f"The model returned {_described(output)}; scores need one row an image and one column a label."
        )
    if tensor.shape[1] != n_labels:
        raise LabelCountError(
            f"The model gives {tensor.shape[1]} outputs an image and the card names {n_labels} labels."
        )
    return tensor


def try_out(path: Path, name: str, network: nn.Module, batch: Tensor, n_labels: int) -> None:
    """Run one made-up image, so that a card that cannot work says so when it is opened. Raises ModelError."""
    import torch

    height, width = batch.shape[-2:]
    try:
        with torch.inference_mode():
            output = network(batch)
    except RaisedError as error:
        raise CardError(_cannot_take(name, width, height, error.reason, path), detail=error.detail) from None
    except (ModelError, Cancelled):  # a program that died or hangs: other sizes do not help
        raise
    except Exception as error:
        raise CardError(
            _cannot_take(name, width, height, _first_line(error), path), detail=f"{type(error).__name__}: {error}"
        ) from None
    try:
        logits_of(output, n_labels)
    except ModelError as error:
        raise type(error)(f"{path}: {error}", detail=error.detail) from None


def _cannot_take(name: str, width: int, height: int, reason: str, path: Path) -> str:
    return f"{name} cannot take images of {width} x {height} pixels ({reason}): change resize and crop in {path}."


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(".!") if lines else type(error).__name__


def _fit(
    path: Path, name: str, options: Mapping[str, Any], state: Mapping[str, Tensor]
) -> tuple[nn.Module, dict[str, Tensor]]:
    """The empty network and the state dict that fits it. Raises WeightsError naming what is wrong."""
    for candidate in _without_prefixes(dict(state)):
        shapes = shapes_of(candidate)
        network = build(name, count_outputs(candidate) or 1, options, shapes)
        if shapes_of(network.state_dict()) == shapes:
            return network, candidate
    best = _best_stripped(state)
    network = build(name, count_outputs(best) or 1, options, best)
    offers = guess(state).architectures
    offer = f"These weights fit {' or '.join(offers[:_SHOWN])}" if offers else "No torchvision model fits them exactly"
    differences = _differences(shapes_of(network.state_dict()), shapes_of(best))
    raise WeightsError(f"{path} does not hold the weights of {name}: {differences}. {offer}.")


def _differences(wanted: Mapping[str, tuple[int, ...]], given: Mapping[str, tuple[int, ...]]) -> str:
    missing = [key for key in wanted if key not in given]
    unexpected = [key for key in given if key not in wanted]
    shaped = [
        f"{key} is {_times(given[key])}, not {_times(shape)}"
        for key, shape in wanted.items()
        if given.get(key, shape) != shape
    ]
    parts = [_some("missing", missing), _some("unexpected", unexpected), _some("wrong shape", shaped)]
    return "; ".join(part for part in parts if part)


def _some(title: str, entries: list[str]) -> str:
    if not entries:
        return ""
    more = f" and {len(entries) - _SHOWN} more" if len(entries) > _SHOWN else ""
    return f"{title}: {', '.join(entries[:_SHOWN])}{more}"


def _times(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape)) or "a single number"


def _check_types(path: Path, network: nn.Module, state: Mapping[str, Tensor]) -> None:
    for key, wanted in network.state_dict().items():
        given = state.get(key)
        if given is not None and wanted.is_floating_point() and not given.is_floating_point():
            raise WeightsError(
                f"{path} holds {key} as {str(given.dtype).removeprefix('torch.')}, not as floating point numbers: "
                "quantised weights cannot be opened yet."
            )


def _without_prefixes(state: dict[str, Tensor]) -> Iterator[dict[str, Tensor]]:
    """The state dict as it is, then what remains under each known prefix, deeper ones last."""
    yield state
    for prefix in _PREFIXES:
        inner = {key.removeprefix(prefix): value for key, value in state.items() if key.startswith(prefix)}
        if inner:
            yield from _without_prefixes(inner)


def _best_stripped(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The deepest form in which more than half of the tensors remain: the likely network inside a wrapper."""
    return [form for form in _without_prefixes(dict(state)) if 2 * len(form) > len(state)][-1]


def _matrices(output: object) -> list[Tensor]:
    """The two-dimensional tensors of an output, the likeliest first."""
    import torch

    parts: list[object] = [output]
    if isinstance(output, Mapping):
        parts = [output.get("logits"), *output.values()]
    elif isinstance(output, tuple | list):
        parts = [getattr(output, "logits", None), *output]
    elif hasattr(output, "logits"):
        parts = [output.logits]
    return [part for part in parts if isinstance(part, torch.Tensor) and part.dim() == 2]


def _described(output: object) -> str:
    import torch

    if isinstance(output, torch.Tensor):
        return f"a tensor of shape {tuple(output.shape)}"
    return f"a {type(output).__name__}"
