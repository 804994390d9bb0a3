"""Images that nobody annotated: what the model would predict there, and whether they are of the usual kind."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from inference.types.base import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class DriftReport:
    """The scores of every label here against those in the validation folder, each (c,). NaN where not tested."""

    p: FloatArray  # of each label by itself
    adjusted: FloatArray  # for all labels together
    gap: FloatArray  # the largest distance of the two distribution functions, 0..1
    higher: IntArray  # +1 where the scores here lie higher at that place, -1 where lower
    differs: BoolArray
    alpha: float  # the chance of a false alarm, over all labels together
    n_here: int
    n_there: int


@dataclass(frozen=True, eq=False)
class FreshCounts:
    """On how many images each label would be predicted, each (c,). NaN where undefined."""

    n_images: int  # scored
    predicted: IntArray
    low: FloatArray  # Wilson interval of the share predicted
    high: FloatArray
    validation_share: FloatArray  # predicted share of the annotated validation images
    expected_right: FloatArray  # of the predicted, at the precision measured on the validation folder
    confidence: float  # of the interval

    @property
    def share(self) -> FloatArray:
        """Predicted share of the scored images, (c,)."""
        if not self.n_images:
            return np.full(len(self.predicted), np.nan)
        share: FloatArray = self.predicted / self.n_images
        return share


@dataclass(frozen=True)
class FreshState:
    """How far the new folder has come. ``folder`` is "" while none is open."""

    folder: str = ""
    n_images: int = 0
    scored: int = 0
    broken: int = 0  # files that could not be read
    unusable: int = 0  # the model gave NaN or infinity
    running: bool = False
    note: str = ""  # why nothing moves, or what became of the images, a sentence
    blocked: str = ""  # why no folder can be scored now, a sentence
