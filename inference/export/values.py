"""What decides, as it leaves the program."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from inference.types import (
    Activation,
    DecisionRule,
    LabelMetrics,
    LogitMap,
    ReviewBand,
    Thresholds,
    format_float32,
)


@dataclass(frozen=True, eq=False)
class Decisions:
    """What is to be applied elsewhere, and where it comes from."""

    labels: tuple[str, ...]
    activation: Activation
    rule: DecisionRule
    thresholds: Thresholds
    metrics: LabelMetrics  # when it was exported
    about: Mapping[str, Any] = field(default_factory=dict)  # model, dataset, split, date, intervals: plain values
    k: int = 1
    calibration: LogitMap | None = None
    biases: LogitMap | None = None
    band: ReviewBand | None = None

    @property
    def logit_map(self) -> LogitMap | None:
        """Calibration and biases in one; None where logits are taken as they are."""
        if self.calibration is None or self.biases is None:
            return self.calibration or self.biases
        return self.calibration.then_add(self.biases.shift)

    @property
    def reviewed(self) -> ReviewBand | None:
        """The review band; None where there is none or where the rule has no use for thresholds."""
        return self.band if self.rule.uses_thresholds else None


def number_of(value: np.float32) -> str:
    """The shortest text of a float32. JSON has no infinity: the largest decides alike, for scores lie in 0..1."""
    return format_float32(np.clip(value, np.finfo(np.float32).min, np.finfo(np.float32).max))
