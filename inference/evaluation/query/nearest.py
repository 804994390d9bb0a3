"""Each image's distance to the nearest of its labels' thresholds, kept while thresholds move."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from inference.evaluation.evaluator import Evaluator
from inference.types import IntArray, ScoreArray, Thresholds

_MANY: Final = 8  # moved labels of which more are sooner gone through from the start


class Nearest:
    """The smallest distance over all labels, and the label that it is of."""

    def __init__(self, n_images: int) -> None:
        """Know nothing yet."""
        self.distance: ScoreArray = np.full(n_images, np.nan, dtype=np.float32)  # (n,)
        self._label = np.full(n_images, -1, dtype=np.int32)
        self._thresholds: Thresholds | None = None

    def follow(self, evaluator: Evaluator, distance: Callable[[int, IntArray | None], ScoreArray]) -> None:
        """Take over the thresholds now in force.

        Args:
            evaluator: whose thresholds.
            distance: gives a label's distances, of all images (n,) or of some.
        """
        before, now = self._thresholds, evaluator.thresholds
        if before is now:
            return
        self._thresholds = now
        moved = [] if before is None else np.flatnonzero(before.values != now.values).tolist()
        if before is None or len(moved) > _MANY:
            self.distance[:] = np.nan
            for label in range(evaluator.n_labels):
                self._come_closer(label, distance(label, None))
            return
        lost = np.zeros(len(self._label), dtype=bool)  # was nearest to a threshold that is elsewhere now
        for label in moved:
            lost |= self._label == label
        rows = np.flatnonzero(lost)
        self.distance[rows] = np.nan
        for label in range(evaluator.n_labels) if len(rows) else ():
            self._come_closer(label, distance(label, rows), rows)
        for label in moved:
            self._come_closer(label, distance(label, None))

    def _come_closer(self, label: int, found: ScoreArray, rows: IntArray | None = None) -> None:
        so_far = self.distance if rows is None else self.distance[rows]
        closer = np.flatnonzero((found < so_far) | (np.isnan(so_far) & ~np.isnan(found)))
        places = closer if rows is None else rows[closer]
        self.distance[places] = found[closer]
        self._label[places] = label
