"""Training of the demo's small networks on a CPU, the same every time on one machine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from safetensors.torch import save_file
from torch import Tensor, nn

from inference.models.compat import import_torchvision

import_torchvision()
from torchvision import models  # noqa: E402

ARCHITECTURE: Final = "shufflenet_v2_x0_5"
MEAN: Final = 0.5
STD: Final = 0.25
# One, not all: threads that wait for each other at every small layer cost more than they bring; and sums stay alike.
THREADS: Final = 1


@dataclass(frozen=True)
class Course:
    """How to train: passes over the pictures, pictures a step, highest learning rate, share kept by the running mean.

    ``zoom`` and ``shift`` as shares of the side, ``turn`` in degrees: how far each picture may be changed.
    ``negative``: the share of pictures shown with light and dark exchanged.
    """

    epochs: int
    batch: int = 32
    rate: float = 4e-3
    keep: float = 0.99
    zoom: float = 0.12
    shift: float = 0.08
    turn: float = 8.0
    negative: float = 0.0


def be_reproducible(seed: int) -> None:
    """One seed, a fixed number of threads, deterministic algorithms only."""
    torch.manual_seed(seed)
    torch.set_num_threads(THREADS)
    torch.use_deterministic_algorithms(True)
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]  # a check, and slow


def new_network(n_labels: int) -> nn.Module:
    """The untrained network with ``n_labels`` outputs."""
    network = models.get_model(ARCHITECTURE, weights=None, num_classes=n_labels)
    assert isinstance(network, nn.Module)
    return network


def shrink(picture: NDArray[np.uint8], size: tuple[int, int]) -> Tensor:
    """(3, h, w) uint8 as the model card's ``resize`` makes it (Pillow's bilinear has antialias)."""
    small = Image.fromarray(picture).resize((size[1], size[0]), Image.Resampling.BILINEAR)
    return torch.from_numpy(np.array(small)).permute(2, 0, 1).contiguous()


def read_pictures(paths: list[Path], size: tuple[int, int]) -> Tensor:
    """(n, 3, h, w) uint8 of the JPEG files ``paths``, shrunk."""
    pictures = []
    for path in paths:
        with Image.open(path) as image:
            pictures.append(shrink(np.asarray(image.convert("RGB")), size))
    return torch.stack(pictures)


def normalised(pictures: Tensor) -> Tensor:
    """uint8 pictures as the network wants them."""
    return (pictures.float() / 255 - MEAN) / STD


def train(
    network: nn.Module, pictures: Tensor, targets: Tensor, loss: nn.Module, course: Course, seed: int
) -> nn.Module:
    """``network`` trained on ``pictures`` (n, 3, h, w) uint8; what is returned is the running mean of its weights."""
    rng = torch.Generator().manual_seed(seed)
    steps = course.epochs * (len(pictures) // course.batch)
    optimiser = torch.optim.AdamW(network.parameters(), lr=course.rate, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, course.rate, total_steps=steps, pct_start=0.15)
    running_mean = torch.optim.swa_utils.get_ema_multi_avg_fn(course.keep)  # type: ignore[no-untyped-call]
    kept = torch.optim.swa_utils.AveragedModel(network, multi_avg_fn=running_mean, use_buffers=True)
    network.train().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    for _ in range(course.epochs):
        order = torch.randperm(len(pictures), generator=rng)
        for at in range(0, len(order) - course.batch + 1, course.batch):
            chosen = order[at : at + course.batch]
            seen = vary(normalised(pictures[chosen]), course, rng).contiguous(memory_format=torch.channels_last)
            cost = loss(network(seen), targets[chosen])
            optimiser.zero_grad()
            cost.backward()
            optimiser.step()
            schedule.step()
            kept.update_parameters(network)
    trained = kept.module
    assert isinstance(trained, nn.Module)
    return trained.eval()


def vary(pictures: Tensor, course: Course, rng: torch.Generator) -> Tensor:
    """``pictures`` a little larger or smaller, turned, moved, and in other colours, each in its own way."""
    n = len(pictures)
    factor = 1 + (torch.rand(n, generator=rng) * 2 - 1) * course.zoom
    move = (torch.rand(n, 2, generator=rng) * 2 - 1) * course.shift
    theta = torch.zeros(n, 2, 3)
    angle = torch.deg2rad((torch.rand(n, generator=rng) * 2 - 1) * course.turn)
    theta[:, 0, 0] = theta[:, 1, 1] = factor * angle.cos()
    theta[:, 0, 1], theta[:, 1, 0] = -factor * angle.sin(), factor * angle.sin()
    theta[:, :, 2] = move
    grid = nn.functional.affine_grid(theta, list(pictures.shape), align_corners=False)
    moved = nn.functional.grid_sample(pictures, grid, padding_mode="border", align_corners=False)
    gain = 1 + (torch.rand(n, 3, 1, 1, generator=rng) * 2 - 1) * 0.15
    negative = 1 - 2 * (torch.rand(n, 1, 1, 1, generator=rng) < course.negative).float()
    return moved * gain * negative


def outputs(network: nn.Module, pictures: Tensor, batch: int = 100) -> NDArray[np.float32]:
    """Logits (n, labels) of uint8 ``pictures``."""
    with torch.inference_mode():
        parts = [network(normalised(part)) for part in torch.split(pictures, batch)]
    return torch.cat(parts).numpy().astype(np.float32)


def save(network: nn.Module, path: Path) -> None:
    """The weights as safetensors."""
    save_file({name: value.contiguous() for name, value in network.state_dict().items()}, path)
