"""What rejecting the least certain images does to the accuracy of the others."""

from __future__ import annotations

from dataclasses import dataclass

from inference.types.base import FloatArray
from inference.types.pictures import Cuts


@dataclass(frozen=True, eq=False)
class RiskCoverage(Cuts):
    """One class an image: how many images each threshold on the winner's score decides, and how many wrongly.

    ``predicted`` images are decided, ``tp`` of them rightly; ``support`` are decided rightly when none is rejected.
    """

    risk_low: FloatArray  # (k,) of Wilson's interval of the risk
    risk_high: FloatArray
    aurc: float  # area under the curve: the mean risk over all coverages; NaN without images
    best_aurc: float  # the same, had every right decision a higher score than every wrong one
    confidence: float  # of the intervals

    @property
    def coverage(self) -> FloatArray:
        """Share of the images that is decided, (k,), rising."""
        result: FloatArray = self.predicted / max(1, self.known)
        return result

    @property
    def risk(self) -> FloatArray:
        """Share of the decided images that is decided wrongly, (k,) (El-Yaniv and Wiener, JMLR 11, 2010)."""
        result: FloatArray = (self.predicted - self.tp) / self.predicted
        return result
