"""Small pictures, one a label: what is drawn of each, thinned to what a cell of a grid can show.

``k`` points of a line, at most MOST_POINTS. What moves with a threshold is not in here: it is drawn on top.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from inference.types.base import FloatArray, IntArray

MOST_POINTS: Final = 100


class MultipleKind(StrEnum):
    """What there are small pictures of; named as the large ones."""

    PR = "pr"
    ROC = "roc"
    RATES = "rates"
    HISTOGRAM = "histogram"
    RELIABILITY = "reliability"

    @property
    def has_line(self) -> bool:
        """Whether the threshold is an upright line over the score, which can be dragged."""
        return self in (MultipleKind.RATES, MultipleKind.HISTOGRAM)


class Line(NamedTuple):
    """Corners of a line in the unit square, each (k,)."""

    x: FloatArray
    y: FloatArray


@dataclass(frozen=True, eq=False)
class SmallPicture:
    """What all of them say."""

    support: int  # positives among the known images
    known: int  # images with a score and a known truth
    number: float  # average precision, ROC AUC or calibration error; NaN where undefined and of kinds with a line


@dataclass(frozen=True, eq=False)
class SmallCurve(SmallPicture):
    """Precision over recall, or true over false positive rate."""

    line: Line


@dataclass(frozen=True, eq=False)
class SmallRates(SmallPicture):
    """Precision, recall and F1 over the threshold."""

    lines: tuple[Line, Line, Line]


@dataclass(frozen=True, eq=False)
class SmallHistogram(SmallPicture):
    """Images per bin of scores of equal width, lowest scores first."""

    positives: IntArray  # (b,)
    negatives: IntArray  # (b,)


@dataclass(frozen=True, eq=False)
class SmallReliability(SmallPicture):
    """Share of positives over mean score in bins of equally many images, with its interval, each (b,)."""

    mean_score: FloatArray
    observed: FloatArray
    low: FloatArray
    high: FloatArray
