"""One run's scores under one scheme: all that neither a threshold nor an edited annotation changes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from inference.evaluation.activations import scores_from_logits
from inference.evaluation.decisions import eligible, winners
from inference.evaluation.logit_maps import mapped
from inference.types import Activation, BoolArray, DecisionRule, ImageState, IntArray, LogitMap, Run, ScoreArray

_CHUNK: Final = 1 << 18  # logits looked at together


class ScoredRun:
    """The scored images of a run, label by label, and on which of them the rule allows a label at all."""

    def __init__(
        self, run: Run, activation: Activation, rule: DecisionRule, logit_map: LogitMap | None = None, k: int = 1
    ) -> None:
        """Map all logits to scores; arguments as for `Evaluator`."""
        self.activation = activation
        self.rule = rule
        self.logit_map = logit_map
        self.k = k
        self.n_images, self.n_labels = run.logits.shape
        self.n_unusable = int(np.count_nonzero(run.state == ImageState.UNUSABLE))
        self.rows = np.flatnonzero(run.state == ImageState.SCORED)
        self._logits = run.logits  # not a copy: rows that say SCORED are never written again
        self._winner: NDArray[np.int32] | None = None  # (m,) where the rule gives one label at most
        self._may: BoolArray | None = None  # (c, m) where it gives several, but not any
        self._scores = self._score()

    @property
    def _all_scored(self) -> bool:
        return bool(len(self.rows) == self.n_images)

    def logit_chunks(self) -> Iterator[tuple[slice, ScoreArray]]:
        """Mapped logits (k, c) of the scored images, some at a time, with their places among `rows`."""
        step = max(1, _CHUNK // max(1, self.n_labels))
        for first in range(0, len(self.rows), step):
            part = slice(first, first + step)
            yield part, mapped(self._logits[part if self._all_scored else self.rows[part]], self.logit_map)

    def _score(self) -> ScoreArray:
        """Scores (c, m) of the scored images; notes where the rule allows a label at all."""
        scores = np.empty((self.n_labels, len(self.rows)), dtype=np.float32)
        if self.rule.one_label and self.n_labels:
            self._winner = np.empty(len(self.rows), dtype=np.int32)
        elif self.rule is not DecisionRule.THRESHOLDS:
            self._may = np.empty(scores.shape, dtype=bool)
        for part, logits in self.logit_chunks():
            found = scores_from_logits(logits, self.activation)
            scores[:, part] = found.T
            if self._winner is not None:
                self._winner[part] = winners(logits)
            elif self._may is not None:
                may = eligible(logits, found, self.rule, self.k)
                assert may is not None
                self._may[:, part] = may.T
        return scores

    def eligible(self, label: int) -> BoolArray | None:
        """The scored images on which a label can be predicted at all, bool (m,); None where it is all of them."""
        return allowed(self._winner, self._may, label)

    def places_of(self, images: IntArray) -> tuple[IntArray, BoolArray]:
        """Where images of the dataset (k,) stand among `rows`, and whether they do: the others are not scored."""
        places = np.searchsorted(self.rows, images)
        if not len(self.rows):
            return places, np.zeros(len(images), dtype=bool)
        return places, np.asarray(self.rows[np.minimum(places, len(self.rows) - 1)] == images)

    def _may_at(self, labels: IntArray, rows: IntArray) -> BoolArray:
        """Whether the rule allows these labels on these scored images at all, (k,)."""
        if self._winner is not None:
            return np.asarray(self._winner[rows] == labels)
        return np.ones(len(rows), dtype=bool) if self._may is None else self._may[labels, rows]

    def label_scores(self, label: int) -> ScoreArray:
        """The label's score on every image of the dataset, (n,); NaN where there is none."""
        scores: ScoreArray = self._scores[label].copy()
        if self._all_scored:
            return scores
        everywhere = np.full(self.n_images, np.nan, dtype=np.float32)
        everywhere[self.rows] = scores
        return everywhere


def allowed(winner: NDArray[np.int32] | None, may: BoolArray | None, label: int) -> BoolArray | None:
    """As `ScoredRun.eligible`, from what a scored run knows of it: holds no more than that."""
    if winner is not None:
        return np.asarray(winner == label)
    return None if may is None else may[label]
