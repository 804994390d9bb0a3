"""What a search for images hands over before it is cut to size: reasons are put in words for those that are kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from inference.types import IntArray, Queue, QueueKind

WHOLE_IMAGE: Final = -1  # in place of a label


@dataclass(frozen=True, eq=False)
class Found:
    """Images in order, before all but the first are dropped."""

    images: IntArray  # (q,) of the dataset
    labels: IntArray  # (q,)
    reason: Callable[[int], str]  # of the image at a place
    note: str = ""

    @classmethod
    def none(cls, note: str) -> Found:
        """Nothing, and why."""
        empty = np.zeros(0, dtype=np.int64)
        return cls(empty, empty, lambda _: "", note)

    def queue(self, kind: QueueKind, size: int) -> Queue:
        """The first ``size`` of them."""
        size = max(0, size)
        reasons = tuple(self.reason(place) for place in range(min(size, len(self.images))))
        return Queue(kind, self.images[:size], self.labels[:size], reasons, len(self.images), self.note)


def score_words(score: float | np.float32) -> str:
    """A score as people read it; the ends only where it is the end."""
    if 0.0 < score < 0.005:
        return "below 0.01"
    if 0.995 <= score < 1.0:
        return "above 0.99"
    return f"{score:.2f}"
