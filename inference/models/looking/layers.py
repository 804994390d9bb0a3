"""Which layer of a network Grad-CAM looks at: the last that still tells places apart, found by running it once."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from torch import Tensor, nn

_MOST_EXTRA: Final = 8  # tokens that stand for no place: class, distillation and register tokens
_STRETCH: Final = math.log(1.4)  # how far the cells' aspect may differ from the picture's: sizes are rounded


class NoLayerError(Exception):
    """Grad-CAM cannot be taken; the text says why, as a part of a sentence."""


class Form(StrEnum):
    """How a layer's output is laid out."""

    CHANNELS_FIRST = "channels first"  # (1, d, rows, columns)
    CHANNELS_LAST = "channels last"  # (1, rows, columns, d)
    TOKENS = "tokens"  # (1, extra + rows * columns, d)


@dataclass(frozen=True, eq=False)
class Layer:
    """A layer whose output is a map of places."""

    name: str  # as in ``named_modules``
    module: nn.Module
    form: Form
    rows: int
    columns: int
    extra: int = 0  # tokens before those of places

    def as_map(self, output: Tensor) -> Tensor:
        """The output, or its gradient, as (d, rows, columns)."""
        if self.form is Form.CHANNELS_FIRST:
            return output[0]
        if self.form is Form.TOKENS:
            return output[0, self.extra :].T.reshape(-1, self.rows, self.columns)
        return output[0].permute(2, 0, 1)


@dataclass(frozen=True, eq=False)
class _Heard:
    """What one call of a module gave."""

    name: str
    module: nn.Module
    output: Tensor


def find_layer(network: nn.Module, forward: Callable[[Tensor], Tensor], batch: Tensor, label: int) -> Layer:
    """The last layer with places whose gradient reaches ``label``.

    Args:
        network: where to look; its hooks are as before afterwards, whatever happens.
        forward: from (1, 3, h, w) to (1, c) logits, through the network.
        batch: (1, 3, h, w); must require gradients, as the network's parameters do not.
        label: column of the logits.

    Raises NoLayerError.
    """
    import torch

    heard: list[_Heard] = []
    handles = [
        module.register_forward_hook(partial(_hear, heard, name)) for name, module in network.named_modules() if name
    ]
    try:
        logit = forward(batch)[0, label]
    finally:
        for handle in handles:
            handle.remove()
    if not logit.requires_grad:
        raise NoLayerError("its outputs have no gradient")
    layers = _layers(heard, batch.shape[-2] / batch.shape[-1])
    if not layers:
        raise NoLayerError("none of its layers is a map of places")
    gradients = torch.autograd.grad(logit, [one.output for one, _ in layers], allow_unused=True)
    reaching = [
        layer
        for (_, layer), gradient in zip(layers, gradients, strict=True)
        if gradient is not None and bool(layer.as_map(gradient).any())
    ]
    if not reaching:
        raise NoLayerError("no layer that is a map of places has a gradient")
    return _last(reaching)


def _last(reaching: Sequence[Layer]) -> Layer:
    """The last one; of tokens the last normalised ones, not the queries and values that attention makes of them."""
    last = reaching[-1]
    normalised = [
        layer for layer in reaching if layer.form is last.form and "norm" in type(layer.module).__name__.lower()
    ]
    return normalised[-1] if last.form is Form.TOKENS and normalised else last


def _hear(heard: list[_Heard], name: str, module: nn.Module, _inputs: object, output: object) -> None:
    import torch

    if isinstance(output, torch.Tensor) and output.requires_grad:
        heard.append(_Heard(name, module, output))


def _layers(heard: Sequence[_Heard], aspect: float) -> list[tuple[_Heard, Layer]]:
    """Those that are maps of places, in the order in which they ended. A module that is called twice is no one layer.

    ``aspect``: height by width of what the network is given.
    """
    calls = Counter(id(one.module) for one in heard)
    lengths = {one.output.shape[1] for one in heard if one.output.dim() == 3}
    found: list[tuple[_Heard, Layer]] = []
    grid = None
    for one in heard:
        if calls[id(one.module)] > 1 or one.output.shape[:1] != (1,):
            continue
        layer = _as_tokens(one, aspect, grid) if one.output.dim() == 3 else _as_places(one, aspect, lengths)
        if layer is not None:
            found.append((one, layer))
            grid = (layer.rows, layer.columns) if layer.form is not Form.TOKENS else grid
    return found


def _as_places(one: _Heard, aspect: float, lengths: set[int]) -> Layer | None:
    """A (1, d, rows, columns) or (1, rows, columns, d) output, told apart by the picture's aspect."""
    if one.output.dim() != 4:
        return None
    _, first, second, third = one.output.shape
    forms = {Form.CHANNELS_FIRST: (second, third), Form.CHANNELS_LAST: (first, second)}
    # attention has as many rows as there are tokens: who looks at whom is no map of places
    fits = {
        form: abs(math.log(rows / columns / aspect))
        for form, (rows, columns) in forms.items()
        if rows > 1 and columns > 1 and not lengths & {rows, columns}
    }
    if not fits or min(fits.values()) > _STRETCH:
        return None
    form = min(fits, key=lambda form: fits[form])  # the first of equals: channels first
    return Layer(one.name, one.module, form, *forms[form])


def _as_tokens(one: _Heard, aspect: float, grid: tuple[int, int] | None) -> Layer | None:
    """A (1, n, d) output: patches in rows, after tokens that stand for no place."""
    n = one.output.shape[1]
    if grid is not None and 0 <= n - math.prod(grid) <= _MOST_EXTRA:
        return Layer(one.name, one.module, Form.TOKENS, *grid, extra=n - math.prod(grid))
    for extra in (0, 1, 2):
        rows = round(math.sqrt((n - extra) * aspect))
        if rows > 1 and (n - extra) % rows == 0:
            columns = (n - extra) // rows
            if columns > 1 and abs(math.log(rows / columns / aspect)) <= _STRETCH:
                return Layer(one.name, one.module, Form.TOKENS, rows, columns, extra=extra)
    return None
