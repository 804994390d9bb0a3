"""What reading a model of any kind gives: what it says of itself, and how to build its network."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import nn

    from inference.models.card import ModelCard


@dataclass(frozen=True, eq=False)
class ModelParts:
    """A model that was read and not yet built."""

    told: Mapping[str, Any]  # by field of the card: what the file itself says
    reasons: Mapping[str, str]  # by field: where it says so, one short sentence
    n_outputs: int | None  # None: not known before a run
    build: Callable[[ModelCard], nn.Module]  # eval mode, float32, CPU; raises ModelErrors that name the file
    digest: str  # SHA-256 (hex) of all files that shape the logits
    notes: tuple[str, ...] = ()  # sentences the user should read
    differentiable: bool = True
