"""An axis along which scores lie evenly, or their logits: places from 0 to 1 and back, and the ticks."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from PySide6.QtWidgets import QCheckBox

from inference.types import FloatArray, LogitSpan, ScoreArray
from widgets.plotting import UNIT_TICKS

LOGIT_HELP: Final = "Spread out the scores crowded near 0 and 1: even steps of the logit instead of the score"
_NEAREST: Final = 0.085  # ticks of a logit axis are no closer than this share of it
_DECADES: Final = (1e-7, 1e-6, 1e-5, 1e-4, 0.001, 0.01, 0.1)
_DIGITS: Final = 3  # of a score that a drag sets, counted from the nearer end


@dataclass(frozen=True)
class ScoreAxis:
    """Scores, or with a span their logits, laid out from 0 to 1."""

    span: LogitSpan | None = None

    def place(self, scores: ScoreArray | FloatArray) -> FloatArray:
        """Where scores lie, of the same shape; never falling where scores are not."""
        if self.span is None:
            return np.clip(np.asarray(scores, dtype=np.float64), 0.0, 1.0)
        return self.span.place(scores)

    def place_of(self, score: float) -> float:
        """Where one score lies."""
        return float(self.place(np.array([score]))[0])

    def threshold(self, place: float) -> float:
        """The score at a place, exactly a float32: 0 at the left end, 1 at the right, with few digits between."""
        if not 0.0 < place < 1.0:
            return float(np.clip(place, 0.0, 1.0))
        score = place if self.span is None else float(self.span.score(np.array([place]))[0])
        smaller = min(score, 1.0 - score)
        digits = _DIGITS if self.span is None else _DIGITS + max(0, -math.floor(math.log10(max(smaller, 1e-9))) - 1)
        return float(np.float32(round(score, digits)))

    def ticks(self) -> list[tuple[float, str]]:
        """Places and texts, from left to right."""
        if self.span is None:
            return list(UNIT_TICKS)
        chosen = {0.5: "0.5"}
        for decade in reversed(_DECADES):
            for score, text in ((decade, _small(decade)), (1.0 - decade, _near_one(decade))):
                place = self.place_of(score)
                others = [self.place_of(other) for other in chosen]
                if 0.0 < place < 1.0 and min(abs(place - other) for other in others) >= _NEAREST:
                    chosen[score] = text
        return [(self.place_of(score), chosen[score]) for score in sorted(chosen)]


def _small(decade: float) -> str:
    return f"{decade:g}" if decade >= 0.001 else f"1e−{round(-math.log10(decade))}"


def _near_one(decade: float) -> str:
    return f"{1 - decade:g}" if decade >= 0.001 else f"1−1e−{round(-math.log10(decade))}"


def logit_box() -> QCheckBox:
    """The switch between scores and logits."""
    box = QCheckBox("Logit scale")
    box.setToolTip(LOGIT_HELP)
    box.setAccessibleDescription(LOGIT_HELP)
    return box
