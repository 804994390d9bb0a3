"""The slider's picture of a threshold: where it stands on a track, and what a drag or a step makes of it.

The picture is never the store: values come in and go out as exact float32, pixels only say by how much they move.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from inference.types import LOGIT_LIMIT, LogitSpan, format_float32

FINER: Final = 10.0
KEY_STEP: Final = 0.01
LOGIT_KEY_STEP: Final = 0.1  # on a track that is even in the logit
_STEPS: Final = (0.01, 0.005, 0.002, 0.001)


@dataclass(frozen=True)
class Track:
    """A line from ``left``, where the score is 0, over ``width`` pixels to where it is 1.

    With a ``span`` it is even in the logit: its ends still stand for 0 and 1, all between them lies within the span.
    """

    left: float
    width: float
    span: LogitSpan | None = None

    def place(self, value: float) -> float:
        """Where a value stands, 0 to 1; what is below 0 or above 1 stands at the end."""
        if self.span is None:
            return min(max(value, 0.0), 1.0)
        return min(max((logit(value) - self.span.low) / (self.span.high - self.span.low), 0.0), 1.0)

    def at(self, place: float) -> float:
        """The value at a place from 0 to 1."""
        if self.span is None or not 0.0 < place < 1.0:
            return min(max(place, 0.0), 1.0)
        return sigmoid(self.span.low + place * (self.span.high - self.span.low))

    def x_of(self, value: float) -> float:
        """The x at which a value stands."""
        return self.left + self.width * self.place(value)

    def place_at(self, x: float) -> float:
        """The place, 0 to 1, at an x."""
        return min(max((x - self.left) / self.width, 0.0), 1.0) if self.width > 0 else 0.0

    def rounded(self, place: float, *, fine: bool) -> float:
        """The float32 at a place, as round as one pixel allows; ten times less round when fine."""
        value = self.at(place)
        if self.span is None:
            return on_grid(value, self.step(fine=fine))
        pixel = value * (1.0 - value) * (self.span.high - self.span.low) / max(self.width, 1.0)
        return _as_round_as(value, pixel / FINER if fine else pixel)

    def step(self, *, fine: bool) -> float:
        """The round step nearest below one pixel of an even track, ten times smaller when fine."""
        pixel = 1.0 / max(self.width, 1.0)
        step = next((step for step in _STEPS if step <= pixel), _STEPS[-1])
        return step / FINER if fine else step


def logit(value: float) -> float:
    """The logit whose sigmoid a value is, held within LOGIT_LIMIT: one number at a time, for painting."""
    if 0.0 < value < 1.0:
        return min(max(math.log(value) - math.log1p(-value), -LOGIT_LIMIT), LOGIT_LIMIT)
    return LOGIT_LIMIT if value >= 1.0 else -LOGIT_LIMIT


def sigmoid(value: float) -> float:
    """The score of a logit."""
    return 1.0 / (1.0 + math.exp(-value))


class Drag:
    """One drag of a handle, from press to release. Pressing beside the handle brings the handle there."""

    def __init__(self, track: Track, x: float, value: float, *, on_handle: bool, fine: bool) -> None:
        self._track = track
        self._fine = fine
        self._anchor_x = x
        self._start = track.place(value) if on_handle else track.place_at(x)
        self._place = self._start
        self._at_x = x

    def move(self, x: float, *, fine: bool) -> float:
        """The float32 value with the pointer at ``x``; changing to fine or back never jumps."""
        if fine is not self._fine:
            self._start, self._anchor_x, self._fine = self._place, self._at_x, fine
        travel = (x - self._anchor_x) / max(self._track.width, 1.0)
        wanted = self._start + (travel / FINER if fine else travel)
        self._at_x = x
        self._place = min(max(wanted, 0.0), 1.0)
        return self._track.rounded(self._place, fine=fine)


def on_grid(value: float, step: float) -> float:
    """The float32 nearest to the nearest multiple of ``step``."""
    return float(np.float32(round(value / step) * step))


def _as_round_as(value: float, pixel: float) -> float:
    """The float32 nearest to a value with as few decimals as a step below ``pixel`` has."""
    if not 0.0 < value < 1.0:
        return float(np.float32(value))
    decimals = min(max(math.ceil(-math.log10(max(pixel, 1e-30))), 0), 30)
    return float(np.float32(round(value, decimals)))


def stepped(value: float, steps: float, *, fine: bool, even: bool = True) -> float:
    """The float32 ``steps`` key steps away. Steps stop at 0 and 1; a value beyond them may only come back.

    Where the track is not ``even`` in the score, steps are even in the logit.
    """
    shown = float(format_float32(value))
    if not math.isfinite(shown):
        return 1.0 if shown > 0 else 0.0
    if not even and 0.0 <= shown <= 1.0:
        return _stepped_logit(shown, steps * (LOGIT_KEY_STEP / FINER if fine else LOGIT_KEY_STEP))
    step = KEY_STEP / FINER if fine else KEY_STEP
    wanted = round(shown + steps * step, 9)
    return float(np.float32(min(max(wanted, min(shown, 0.0)), max(shown, 1.0))))


def _stepped_logit(shown: float, by: float) -> float:
    if abs(logit(shown) + by) > LOGIT_LIMIT:
        return 1.0 if by > 0 else 0.0
    wanted = sigmoid(logit(shown) + by)
    return _as_round_as(wanted, wanted * (1.0 - wanted) * abs(by) / FINER)
