"""The slider's picture of a threshold: where it stands on a track, and what a drag or a step makes of it.

The picture is never the store: values come in and go out as exact float32, pixels only say by how much they move.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from inference.types import format_float32

FINER: Final = 10.0
KEY_STEP: Final = 0.01
_STEPS: Final = (0.01, 0.005, 0.002, 0.001)


@dataclass(frozen=True)
class Track:
    """A line from ``left``, where the score is 0, over ``width`` pixels to where it is 1."""

    left: float
    width: float

    def x_of(self, value: float) -> float:
        """Where a value stands; what is below 0 or above 1 stands at the end."""
        return self.left + self.width * min(max(value, 0.0), 1.0)

    def value_at(self, x: float) -> float:
        """The value at a place, within 0 and 1."""
        return min(max((x - self.left) / self.width, 0.0), 1.0) if self.width > 0 else 0.0

    def step(self, *, fine: bool) -> float:
        """The round step nearest below one pixel, ten times smaller when fine."""
        pixel = 1.0 / max(self.width, 1.0)
        step = next((step for step in _STEPS if step <= pixel), _STEPS[-1])
        return step / FINER if fine else step


class Drag:
    """One drag of a handle, from press to release. Pressing beside the handle brings the handle there."""

    def __init__(self, track: Track, x: float, value: float, *, on_handle: bool, fine: bool) -> None:
        self._track = track
        self._fine = fine
        self._anchor_x = x
        self._start = track.value_at(track.x_of(value)) if on_handle else track.value_at(x)
        self._value = self._start
        self._at_x = x

    def move(self, x: float, *, fine: bool) -> float:
        """The float32 value with the pointer at ``x``; changing to fine or back never jumps."""
        if fine is not self._fine:
            self._start, self._anchor_x, self._fine = self._value, self._at_x, fine
        travel = (x - self._anchor_x) / max(self._track.width, 1.0)
        wanted = self._start + (travel / FINER if fine else travel)
        self._at_x = x
        self._value = min(max(wanted, 0.0), 1.0)
        return on_grid(self._value, self._track.step(fine=fine))


def on_grid(value: float, step: float) -> float:
    """The float32 nearest to the nearest multiple of ``step``."""
    return float(np.float32(round(value / step) * step))


def stepped(value: float, steps: float, *, fine: bool) -> float:
    """The float32 ``steps`` key steps away. Steps stop at 0 and 1; a value beyond them may only come back."""
    shown = float(format_float32(value))
    if not math.isfinite(shown):
        return 1.0 if shown > 0 else 0.0
    step = KEY_STEP / FINER if fine else KEY_STEP
    wanted = round(shown + steps * step, 9)
    return float(np.float32(min(max(wanted, min(shown, 0.0)), max(shown, 1.0))))
