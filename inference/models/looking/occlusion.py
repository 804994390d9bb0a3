"""Occlusion: Zeiler & Fergus, "Visualizing and Understanding Convolutional Networks" (2014), section 4.2.

A grey square is laid over one place after the other; where the label's logit falls, something was that raised it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from inference.errors import OutputError
from inference.models.child.faults import Cancelled
from inference.models.looking.seen import logits_of_batch, to_input
from inference.types import IntArray, RgbArray, ScoreArray

if TYPE_CHECKING:
    from inference.models.opening import LoadedModel

PLACES: Final = 14  # along the longer side
GREY: Final = 128
_STEPS: Final = (4, 2, 1)  # coarse first: every fourth place, then every second, then all
_STEP_SECONDS: Final = 0.08  # a batch: how long a cancel or a scoring run may have to wait
_MOST: Final = 64


@dataclass(frozen=True, eq=False)
class Occluded:
    """How much the logit falls when a place is covered, as far as it is known."""

    falls: ScoreArray  # (rows, columns) float32, in logits; a place not yet tried has that of the nearest tried one
    done: int
    total: int


def occlude(model: LoadedModel, pixels: RgbArray, label: int, cancelled: Callable[[], bool]) -> Iterator[Occluded]:
    """The map, finer with each batch; see `_steps`. Ends early when ``cancelled()``."""
    try:
        yield from _steps(model, pixels, label, cancelled)
    except Cancelled:  # while another process was waited for
        return


def _steps(model: LoadedModel, pixels: RgbArray, label: int, cancelled: Callable[[], bool]) -> Iterator[Occluded]:
    """Cover ``pixels`` (h, w, 3) uint8, as the network is given it, place by place; each batch makes the map finer.

    Raises ModelErrors of the network, OutputError where it gives NaN or infinity, and Cancelled.
    """
    top, left = edges(pixels.shape[0], pixels.shape[:2]), edges(pixels.shape[1], pixels.shape[:2])
    falls: ScoreArray = np.full((len(top), len(left)), np.nan, dtype=np.float32)
    places = order_of(*falls.shape)
    whole = _logits(model, pixels[np.newaxis], label, cancelled)[0]
    done, size = 0, 1
    while done < len(places) and not cancelled():
        batch = places[done : done + size]
        began = time.perf_counter()
        covered = np.stack([cover(pixels, top[row], left[column]) for row, column in batch])
        found = whole - _logits(model, covered, label, cancelled)
        if not np.isfinite(found).all():
            raise OutputError(f"{model.path} gives NaN or infinity for {model.labels[label]} on this picture.")
        falls[batch[:, 0], batch[:, 1]] = found
        done += len(batch)
        yield Occluded(_filled(falls), done, len(places))
        seconds = time.perf_counter() - began
        size = min(_MOST, size * 2) if seconds * 2 < _STEP_SECONDS else size if seconds < _STEP_SECONDS else 1


def edges(length: int, shape: tuple[int, ...]) -> IntArray:
    """First and last+1 pixel of each place along a side of ``length``, (k, 2): twice as long as the places are apart.

    ``shape``: height and width of the picture, of which the longer side has `PLACES` places.
    """
    k = max(1, min(length, round(PLACES * length / max(shape[:2]))))
    step = length / k
    starts = np.arange(k) * step - step / 2
    found: IntArray = np.stack([np.round(starts), np.round(starts + 2 * step)], axis=1).astype(np.int64)
    return found.clip(0, length)


def order_of(rows: int, columns: int) -> IntArray:
    """Every place once, (rows * columns, 2), a coarse grid over all of the picture first."""
    found: dict[tuple[int, int], None] = {}
    for step in _STEPS:
        for row in range(step // 2, rows, step):
            found.update(((row, column), None) for column in range(step // 2, columns, step))
    return np.array(list(found), dtype=np.int64).reshape(-1, 2)


def cover(pixels: RgbArray, rows: IntArray, columns: IntArray) -> RgbArray:
    """A copy with one place grey."""
    covered = pixels.copy()
    covered[rows[0] : rows[1], columns[0] : columns[1]] = GREY
    return covered


def _logits(model: LoadedModel, pixels: RgbArray, label: int, cancelled: Callable[[], bool]) -> ScoreArray:
    """The label's logit of each (b, h, w, 3), (b,) float32."""
    found: ScoreArray = logits_of_batch(model, to_input(model, pixels), cancelled)[:, label].cpu().numpy()
    return found


def _filled(falls: ScoreArray) -> ScoreArray:
    """What is not known yet takes the value of the nearest place that is."""
    known = np.argwhere(~np.isnan(falls))
    everywhere = np.indices(falls.shape).reshape(2, -1).T
    distances = ((everywhere[:, np.newaxis] - known[np.newaxis]) ** 2).sum(axis=2)
    nearest = known[distances.argmin(axis=1)]
    filled: ScoreArray = falls[nearest[:, 0], nearest[:, 1]].reshape(falls.shape)
    return filled
