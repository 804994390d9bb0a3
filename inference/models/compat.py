"""Lets torchvision be imported where its compiled operators do not fit the torch beside it.

torchvision's wheel built for CUDA beside a CPU-only torch (and other unlike pairs) cannot load its own library
and then fails at import: ``operator torchvision::nms does not exist``. The models and transforms need none of those
operators. Declaring the two that its import insists on makes them work; boxes and image codecs stay unavailable.
"""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch.library import Library

# As torchvision's own _meta_registrations registers them.
_SCHEMAS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)

_kept: list[Library] = []  # a library's schemas vanish with the object


def import_torchvision() -> ModuleType:
    """torchvision, imported. Import it through here before anything else does.

    Raises ImportError where it is not installed.
    """
    declare_missing_operators()
    import torchvision

    return torchvision  # type: ignore[no-any-return]


@cache
def declare_missing_operators() -> bool:
    """Declare ``torchvision::nms`` and ``qnms`` where torchvision's own library does not; True where it was needed."""
    import torch

    _load_own_library()
    if hasattr(torch.ops.torchvision, "nms"):
        return False
    library = torch.library.Library("torchvision", "FRAGMENT")  # type: ignore[no-untyped-call]
    for schema in _SCHEMAS:
        library.define(schema)  # type: ignore[no-untyped-call]
    _kept.append(library)
    return True


def _load_own_library() -> None:
    """Load torchvision's compiled operators, as its import does first; nothing where they do not fit."""
    import torch

    spec = importlib.util.find_spec("torchvision")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        for path in sorted(Path(folder).glob("_C*")):
            try:
                torch.ops.load_library(str(path))  # type: ignore[no-untyped-call]
            except (OSError, ImportError, RuntimeError):
                continue
