"""One label's logits with their truth, brought to few places so that every fit is quick, counted fold by fold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from inference.types import BoolArray, FloatArray, IntArray

EXACT: Final = 4000  # images up to which every logit keeps its own place
_STEPS: Final = 256  # places in a standard deviation: a log loss changes by less than 1e-6 of itself

Counts = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Points:
    """Places on the axis of logits, and how many positives and negatives of each fold stand there."""

    x: FloatArray  # (k,), rising
    positive: Counts  # (f, k)
    negative: Counts  # (f, k)

    @classmethod
    def gather(cls, logits: FloatArray, positive: BoolArray, fold: IntArray | None = None, n_folds: int = 1) -> Points:
        """Count a label's known images.

        Beyond ``EXACT`` images, logits nearer than 1/256 of their standard deviation share their mean.

        Args:
            logits: float64 (m,).
            positive: bool (m,).
            fold: (m,) of 0..n_folds-1; one fold by default.
            n_folds: f.
        """
        keys = logits
        step = float(logits.std()) / _STEPS if len(logits) > EXACT else 0.0
        if step > 0:
            keys = np.floor((logits - logits.min()) / step)
        places, inverse = np.unique(keys, return_inverse=True)
        n = len(places)
        if step > 0:
            places = np.bincount(inverse, logits, n) / np.bincount(inverse, minlength=n)
        cell = inverse if fold is None else fold * n + inverse
        every = np.bincount(cell, minlength=n_folds * n).reshape(n_folds, n).astype(np.int32)
        hits = np.bincount(cell[positive], minlength=n_folds * n).reshape(n_folds, n).astype(np.int32)
        return cls(places, hits, every - hits)

    def without(self, fold: int | None) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Places (k,) with their positives and negatives outside a fold (None: of all), those without any left out."""
        hits, others = self.positive.sum(axis=0), self.negative.sum(axis=0)
        if fold is not None:
            hits, others = hits - self.positive[fold], others - self.negative[fold]
        kept = hits + others > 0
        return self.x[kept], hits[kept].astype(np.float64), others[kept].astype(np.float64)
