"""Two thresholds a label: reject below the one, accept from the other on, and look at what lies between."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from inference.types.base import Thresholds


@dataclass(frozen=True)
class ReviewBand:
    """Where each label is rejected and where it is accepted; ``low <= high`` label by label."""

    low: Thresholds  # a score below it is rejected
    high: Thresholds  # a score at or above it is accepted

    def __post_init__(self) -> None:
        if len(self.low) != len(self.high) or bool(np.any(self.low.values > self.high.values)):
            raise ValueError("a label cannot be accepted from a score at which it is rejected")
