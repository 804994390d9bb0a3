"""A band of scores that a person looks at, what it costs, and what was proposed for it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from inference.choices import Promise
from inference.types.base import BoolArray, FloatArray, IntArray, Thresholds


@dataclass(frozen=True, eq=False)
class ReviewBand:
    """Two thresholds a label: rejected below ``low``, accepted from ``high`` on, looked at by a person in between."""

    low: Thresholds  # (c,)
    high: Thresholds  # (c,), nowhere below ``low``

    def __post_init__(self) -> None:
        if len(self.low) != len(self.high):
            raise ValueError(f"{len(self.low)} lower ends for {len(self.high)} upper ends")
        crossed = np.flatnonzero(self.low.values > self.high.values)
        if len(crossed):
            raise ValueError(f"the lower end of label {crossed[0]} lies above its upper end")

    @classmethod
    def at(cls, thresholds: Thresholds) -> ReviewBand:
        """The band in which no score lies: everything is accepted or rejected by these thresholds."""
        return cls(thresholds, thresholds)

    def with_low(self, label: int, value: float) -> ReviewBand:
        """One label's lower end; where it goes above the upper end it takes that along."""
        high = max(np.float32(value), self.high.values[label])
        return ReviewBand(self.low.replace(label, value), self.high.replace(label, float(high)))

    def with_high(self, label: int, value: float) -> ReviewBand:
        """One label's upper end; where it goes below the lower end it takes that along."""
        low = min(np.float32(value), self.low.values[label])
        return ReviewBand(self.low.replace(label, float(low)), self.high.replace(label, value))

    def __len__(self) -> int:
        return len(self.low)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ReviewBand) and self.low == other.low and self.high == other.high

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True, eq=False)
class ReviewCounts:
    """What a band makes of the scored images, label by label, each (c,). NaN where undefined."""

    n_images: int  # scored, also those of unknown truth: they must be looked at too
    review: IntArray  # in the band
    accepted: IntArray  # at or above its upper end
    accepted_known: IntArray  # of the accepted those whose truth is known
    accepted_right: IntArray  # and of these the annotated positives
    lost: IntArray  # annotated positives that are rejected
    positives: IntArray  # annotated positives
    precision_low: FloatArray  # of what is accepted, Wilson
    precision_high: FloatArray
    lost_low: FloatArray  # of the share of positives that is lost, Wilson
    lost_high: FloatArray
    confidence: float  # of both intervals

    @property
    def rejected(self) -> IntArray:
        """Images that no person looks at and that do not get the label, (c,)."""
        return self.n_images - self.review - self.accepted

    @property
    def precision(self) -> FloatArray:
        """Of what is accepted, (c,)."""
        return _share(self.accepted_right, self.accepted_known)

    @property
    def lost_share(self) -> FloatArray:
        """Of the positives, (c,)."""
        return _share(self.lost, self.positives)


@dataclass(frozen=True)
class ReviewLoad:
    """The work that a band makes."""

    images: int  # with at least one label in review
    decisions: int  # (image, label) pairs in review
    n_images: int  # scored


@dataclass(frozen=True)
class BandGoal:
    """What a band is to keep, label by label."""

    precision: float = 0.95  # of what is accepted, at least
    lost: float = 0.05  # share of the positives that is rejected, at most
    promise: Promise = Promise.MEASURED  # on this folder, or for images to come with ``confidence``
    confidence: float = 0.9  # of each promise by itself


@dataclass(frozen=True, eq=False)
class BandProposal:
    """The narrowest band that keeps the goal."""

    goal: BandGoal
    words: str  # the goal
    band: ReviewBand
    accepts: BoolArray  # (c,) whether the floor of precision can be kept by accepting anything
    rejects: BoolArray  # (c,) whether the ceiling of losses can be kept by rejecting anything
    notes: tuple[str, ...]  # (c,) sentences, "" where there is nothing to say


def _share(part: IntArray, whole: IntArray) -> FloatArray:
    result: FloatArray = np.full(len(part), np.nan)
    np.divide(part, whole, out=result, where=whole > 0)
    return result
