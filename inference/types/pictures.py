"""What the plots of one label show, and the tables of counts between labels: values alone, computed elsewhere.

``k`` distinct scores of one label, ``b`` bins, ``r`` rows and ``c`` columns of a table.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from inference.types.base import FloatArray, IntArray, ScoreArray
from inference.types.tuning import Intervals

LOGIT_LIMIT: Final = 17.0  # float32 scores tie at 1 from a logit of 16.6 on


class TableKind(StrEnum):
    """What a table of counts between labels counts."""

    CONFUSION = "confusion"
    MISSED = "missed"
    TOGETHER = "together"


@dataclass(frozen=True)
class LogitSpan:
    """A stretch of logits laid out evenly from 0 to 1; scores beyond its ends lie on the ends."""

    low: float
    high: float

    @classmethod
    def around(cls, lowest: float, highest: float) -> LogitSpan:
        """A span of whole logits round two scores, at least from -5 to 5 (scores of 0.0067 and 0.9933)."""
        low, high = logits_of(np.array([lowest, highest]))
        return cls(min(float(np.floor(low)), -5.0), max(float(np.ceil(high)), 5.0))

    def place(self, scores: ScoreArray | FloatArray) -> FloatArray:
        """Where scores lie, 0 to 1, of the same shape."""
        return np.clip((logits_of(scores) - self.low) / (self.high - self.low), 0.0, 1.0)

    def score(self, place: FloatArray) -> FloatArray:
        """The scores that lie at places between 0 and 1, of the same shape."""
        logits = self.low + (self.high - self.low) * np.asarray(place, dtype=np.float64)
        result: FloatArray = 1.0 / (1.0 + np.exp(-logits))
        return result


def logits_of(scores: ScoreArray | FloatArray) -> FloatArray:
    """The logits whose sigmoid the scores are, held within +-LOGIT_LIMIT."""
    values = np.asarray(scores, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        logits = np.log(values) - np.log1p(-values)
    outside = np.where(values <= 0, -LOGIT_LIMIT, LOGIT_LIMIT)
    return np.clip(np.where(np.isfinite(logits), logits, outside), -LOGIT_LIMIT, LOGIT_LIMIT)


@dataclass(frozen=True, eq=False)
class Cuts:
    """What each distinct score of one label would count as its threshold, from the strictest to the loosest."""

    thresholds: ScoreArray  # (k,), falling
    tp: IntArray  # (k,)
    predicted: IntArray  # (k,); of known truth
    support: int  # positives among the known images
    known: int  # images with a score and a known truth

    @property
    def negatives_known(self) -> int:
        """Annotated negatives among the known images."""
        return self.known - self.support


@dataclass(frozen=True, eq=False)
class RocCurve(Cuts):
    """True positive rate over false positive rate, each (k,): straight lines between them, from (0, 0) to (1, 1)."""

    tpr: FloatArray  # NaN without positives
    fpr: FloatArray  # NaN without negatives
    auc: float  # NaN unless there are positives and negatives


@dataclass(frozen=True, eq=False)
class RatesByThreshold(Cuts):
    """Precision, recall and F1 at each distinct score, (k,): each holds down to the next lower score."""

    precision: FloatArray
    recall: FloatArray  # NaN without positives
    f1: FloatArray
    intervals: Intervals  # (k,) each
    confidence: float  # of the intervals


@dataclass(frozen=True, eq=False)
class Bins:
    """Images per bin of scores. A bin holds ``edges[i] <= score < edges[i + 1]``, the last one its upper edge too."""

    edges: ScoreArray  # (b + 1,), rising, from 0 to 1
    positives: IntArray  # (b,)
    negatives: IntArray  # (b,)

    def range_of(self, first: int, last: int) -> tuple[float, float]:
        """Lowest and highest float32 score that bins ``first`` to ``last`` hold, both included."""
        end = self.edges[last + 1]
        if last + 1 < len(self.edges) - 1:
            end = np.nextafter(end, np.float32(-1))
        return float(self.edges[first]), float(end)


@dataclass(frozen=True, eq=False)
class ScoreHistogram(Cuts):
    """How the scores of positives and of negatives are spread."""

    even: Bins  # of equal width in the score
    logit: Bins  # of equal width in the logit, over ``span``; the outermost reach to 0 and 1
    span: LogitSpan


@dataclass(frozen=True, eq=False)
class Reliability:
    """Whether scores mean what they say: bins of equally many images, each (b,), lowest scores first."""

    mean_score: FloatArray
    observed: FloatArray  # share of positives
    positives: IntArray
    count: IntArray
    low: FloatArray  # of the Wilson interval of ``observed``
    high: FloatArray
    lowest: ScoreArray  # score in the bin
    highest: ScoreArray
    spread: Bins  # how many images have which score
    logit_spread: Bins  # the same in bins of equal width in the logit, over ``span``
    span: LogitSpan
    ece: float  # expected calibration error over these bins; NaN without images
    confidence: float  # of the intervals

    @property
    def total(self) -> int:
        """Images with a score and a known truth."""
        return int(self.count.sum())


@dataclass(frozen=True, eq=False)
class CountTable:
    """Counts of images between labels, (r, c), and what each row is a share of, (r,)."""

    kind: TableKind
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    counts: IntArray
    totals: IntArray

    def shares(self) -> FloatArray:
        """Counts over the row's total, (r, c); 0 where the total is."""
        return self.counts / np.maximum(self.totals, 1)[:, None]


class ConfusionTable(CountTable):
    """Multi-class: rows are the true label, columns the predicted one, perhaps with "rejected" as the last."""


class CoOccurrence(CountTable):
    """Multi-label: images annotated with both labels; on the diagonal, and as the row's total, with the one."""


class MissedInstead(CountTable):
    """Multi-label: rows are a missed label, columns what was wrongly predicted on those images, or "nothing".

    An image counts once in each column whose label it was wrongly given, so a row may sum to more than its total.
    """
