"""Intervals of averages and of thresholds: what another folder of the same kind might have given."""

from __future__ import annotations

from dataclasses import dataclass

from inference.types.base import ScoreArray


@dataclass(frozen=True)
class Interval:
    """A lower and an upper end; NaN where undefined."""

    low: float
    high: float


@dataclass(frozen=True)
class AverageIntervals:
    """Where the averages of F1 lie, with ``confidence``, from redrawing whole images."""

    micro: Interval
    macro: Interval
    weighted: Interval
    samples: Interval
    confidence: float
    n_draws: int


@dataclass(frozen=True, eq=False)
class ThresholdIntervals:
    """Where tuning puts each label's threshold, with ``confidence``, when images are redrawn; each (c,)."""

    low: ScoreArray
    high: ScoreArray
    confidence: float
    n_draws: int
