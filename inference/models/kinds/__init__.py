"""The kinds of models beside torchvision's state dicts, one module each, imported when a file may be of its kind.

A module has ``KIND``, ``recognises(path)`` (by name, first bytes or config.json, without torch) and
``read(path, table)``; one with ``NEEDS_CONSENT`` runs what it reads, and takes ``trusted`` and ``cancelled`` as well.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Final

from inference.errors import CardError
from inference.models.card import TORCHVISION, CardTable
from inference.models.child.faults import never
from inference.models.parts import ModelParts

# The first that recognises a path has it.
MODULES: Final = (
    "torchscript_models",
    "exported_models",
    "factory_models",
    "transformers_models",
    "timm_models",
)


def kind_of(path: Path, table: CardTable | None) -> ModuleType | None:
    """The module for a model: of the kind that its card names, else of its file; None for a torchvision state dict.

    Raises CardError for a kind that does not exist.
    """
    modules = [importlib.import_module(f"{__name__}.{name}") for name in MODULES]
    named = "" if table is None else "factory" if table.factory else table.kind
    if named == TORCHVISION:
        return None
    if named:
        for module in modules:
            if named == module.KIND:
                return module
        kinds = ", ".join([TORCHVISION, *(module.KIND for module in modules)])
        raise CardError(f'kind = "{named}" in the card of {path.name} is none of {kinds}.')
    return next((module for module in modules if module.recognises(path)), None)


def read_parts(
    module: ModuleType,
    path: Path,
    table: CardTable | None,
    trusted: Callable[[str], bool],
    cancelled: Callable[[], bool] = never,
) -> ModelParts:
    """What the module reads. Raises NeedsConsent for a program that is not trusted, other ModelErrors, and Cancelled
    where a program is waited for."""
    asks = hasattr(module, "NEEDS_CONSENT")
    parts = module.read(path, table, trusted, cancelled) if asks else module.read(path, table)
    assert isinstance(parts, ModelParts)
    return parts
