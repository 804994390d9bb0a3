"""What a program gave, as tensors with names, and back: the same forms that `network.logits_of` looks into."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from inference.errors import OutputError

if TYPE_CHECKING:
    from torch import Tensor


def pack(output: object) -> tuple[str, dict[str, Tensor]]:
    """The form ("tensor", "tuple" or "dict") and the tensors in it by name or place.

    Raises OutputError where there is no tensor.
    """
    import torch

    if isinstance(output, torch.Tensor):
        return "tensor", {"": _real(output)}
    if not isinstance(output, Mapping | tuple | list) and isinstance(getattr(output, "logits", None), torch.Tensor):
        output = {"logits": output.logits}  # type: ignore[attr-defined]
    named: Mapping[Any, Any] = {}
    form = "tuple"
    if isinstance(output, Mapping):
        form, named = "dict", output
    elif isinstance(output, tuple | list):
        logits = getattr(output, "logits", None)  # of a named tuple
        form, named = ("tuple", dict(enumerate(output))) if logits is None else ("dict", {"logits": logits})
    tensors = {str(name): _real(part) for name, part in named.items() if isinstance(part, torch.Tensor)}
    if not tensors:
        raise OutputError(
            f"The model returned a {type(output).__name__} without a tensor in it; scores need one row an image and "
            "one column a label."
        )
    return form, tensors


def unpack(form: str, tensors: dict[str, Tensor]) -> Tensor | tuple[Tensor, ...] | dict[str, Tensor]:
    """What the program gave, less what was no tensor."""
    if form == "tensor":
        return next(iter(tensors.values()))
    return tensors if form == "dict" else tuple(tensors.values())


def _real(tensor: Tensor) -> Tensor:
    if tensor.is_complex():
        raise OutputError("The model returned complex numbers; scores need real ones.")
    return tensor.detach()
