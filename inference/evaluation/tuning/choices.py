"""What may be chosen for one label: counts, real or smoothed, each with its threshold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from inference.evaluation.tuning.staircase import Staircase, hull
from inference.types import FloatArray, IntArray, ScoreArray


@dataclass(frozen=True, eq=False)
class Choices:
    """One label's cuts in order of falling threshold.

    ``cuts`` are those of ``staircase``; smoothed choices have none and bring their thresholds.
    """

    staircase: Staircase
    pp: FloatArray  # (m,) predicted images, rising
    tp: FloatArray  # (m,) positives among them
    positives: float
    cuts: IntArray | None = None  # (m,)
    thresholds: ScoreArray | None = None  # (m,)

    @classmethod
    def of_cuts(cls, staircase: Staircase, cuts: IntArray) -> Choices:
        """Real cuts."""
        return cls(
            staircase=staircase,
            pp=staircase.pp[cuts].astype(np.float64),
            tp=staircase.tp[cuts].astype(np.float64),
            positives=float(staircase.positives),
            cuts=cuts,
        )

    @classmethod
    def fixed(cls, staircase: Staircase, threshold: np.float32) -> Choices:
        """No choice: the threshold that is there already."""
        whole = cls.of_cuts(staircase, np.array([staircase.cut_at(threshold)], dtype=np.int64))
        return cls(staircase, whole.pp, whole.tp, whole.positives, whole.cuts, np.array([threshold], dtype=np.float32))

    def __len__(self) -> int:
        return len(self.pp)

    def hull(self) -> Choices:
        """Those on the upper convex hull of (pp, tp)."""
        kept = hull(self.pp, self.tp)
        return Choices(
            self.staircase,
            self.pp[kept],
            self.tp[kept],
            self.positives,
            None if self.cuts is None else self.cuts[kept],
            None if self.thresholds is None else self.thresholds[kept],
        )

    def threshold(self, index: int) -> np.float32:
        """The threshold of one choice."""
        if self.thresholds is not None:
            return np.float32(self.thresholds[index])
        assert self.cuts is not None
        return self.staircase.place(int(self.cuts[index]))
