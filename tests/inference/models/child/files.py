"""Programs for the tests, and batches that put them into a mood."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import torch
from torch import Tensor

from inference.models.child.network import ChildNetwork, Limits
from inference.models.child.protocol import Load, Source
from tests.inference.models.child import moods


def source(path: Path) -> Source:
    return Source(str(path), hashlib.sha256(path.read_bytes()).hexdigest())


def factory_load(folder: Path) -> Load:
    """The network of moods, with weights beside it."""
    shutil.copy(Path(moods.__file__), folder / "moods.py")
    torch.save({"weight": torch.tensor([0.25, -0.5])}, folder / "weights.pt")
    return Load(
        "factory",
        (source(folder / "moods.py"),),
        function="build",
        options={"bias": 2.0},
        weights=str(folder / "weights.pt"),
    )


def images(mood: str = "scores", n: int = 3, side: int = 8) -> Tensor:
    """Noise whose first pixel says what to do."""
    batch = torch.rand(n, 3, side, side, generator=torch.Generator().manual_seed(n))
    batch[0, 0, 0, 0] = moods.MOODS.index(mood)
    return batch


def scores(batch: Tensor) -> Tensor:
    """What the network of `factory_load` gives for it."""
    return batch.mean((2, 3))[:, :2] + torch.tensor([0.25, -0.5]) + 2.0


def network(folder: Path, limits: Limits | None = None) -> ChildNetwork:
    return ChildNetwork(factory_load(folder), limits=limits)
