"""Which labels to list beside an edited picture, and in which words. No Qt here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from inference.types import ImageScores
from widgets.overlay_rows import score_text, shows_threshold

MOST_FLIPS: Final = 6


@dataclass(frozen=True)
class ChangeRow:
    """One label before and after."""

    label: int
    name: str
    before: float  # score
    after: float
    threshold: float | None  # None where it has no say
    was_predicted: bool
    is_predicted: bool

    @property
    def flips(self) -> bool:
        """Whether the decision changes."""
        return self.was_predicted != self.is_predicted

    @property
    def numbers(self) -> str:
        """As "0.82 → 0.31", or one number where none of its digits moved."""
        first, second = score_text(self.before, self.threshold), score_text(self.after, self.threshold)
        return first if first == second else f"{first} → {second}"

    @property
    def words(self) -> str:
        """What becomes of the decision."""
        if self.flips:
            return "now predicted" if self.is_predicted else "no longer predicted"
        return "predicted" if self.is_predicted else "not predicted"


def change_rows(
    labels: Sequence[str], before: ImageScores, after: ImageScores, chosen: int
) -> tuple[tuple[ChangeRow, ...], int]:
    """The chosen label, then those whose decision changes, the largest change first; and how many more change."""
    flips = [int(i) for i in np.flatnonzero(before.predicted != after.predicted) if i != chosen]
    flips.sort(key=lambda i: -abs(float(after.scores[i]) - float(before.scores[i])))
    listed = ([chosen] if 0 <= chosen < len(labels) else []) + flips[:MOST_FLIPS]
    return tuple(_row(labels, before, after, label) for label in listed), max(0, len(flips) - MOST_FLIPS)


def _row(labels: Sequence[str], before: ImageScores, after: ImageScores, label: int) -> ChangeRow:
    says = shows_threshold(before, label) or shows_threshold(after, label)
    return ChangeRow(
        label,
        labels[label],
        float(before.scores[label]),
        float(after.scores[label]),
        float(after.thresholds[label]) if says else None,
        bool(before.predicted[label]),
        bool(after.predicted[label]),
    )
