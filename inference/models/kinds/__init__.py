"""The kinds of models beside torchvision's state dicts, one module each, imported when a file may be of its kind.

A module has ``KIND``, ``recognises(path)`` (by name, first bytes or config.json, without torch) and
``read(path, table)``; one with ``NEEDS_CONSENT`` runs what it reads and takes ``trusted`` as well.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Final

from inference.models.card import CardTable
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
    """The module for a model: of the kind that its card names, else of its file; None for a torchvision state dict."""
    modules = [importlib.import_module(f"{__name__}.{name}") for name in MODULES]
    named = "" if table is None else "factory" if table.factory else table.kind
    if named:
        return next((module for module in modules if named == module.KIND), None)
    return next((module for module in modules if module.recognises(path)), None)


def read_parts(module: ModuleType, path: Path, table: CardTable | None, trusted: Callable[[str], bool]) -> ModelParts:
    """What the module reads. Raises NeedsConsent for a program that is not trusted, and other ModelErrors."""
    parts = module.read(path, table, trusted) if hasattr(module, "NEEDS_CONSENT") else module.read(path, table)
    assert isinstance(parts, ModelParts)
    return parts
