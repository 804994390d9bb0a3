"""How many labels of each image are true and false positives, negatives, and predicted: kept while thresholds move.

A threshold that moves looks at its own label alone, and of its images counts those anew that are decided otherwise.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inference.evaluation.evaluator import Evaluator
from inference.evaluation.query.predicting import predicted
from inference.types import POSITIVE, UNKNOWN, IntArray, Outcome, StateArray, TruthEdit

Counts = NDArray[np.int32]


class Tallies:
    """Counts over the labels that the model has outputs for, image by image, each (n,)."""

    def __init__(self, evaluator: Evaluator) -> None:
        """Count at the thresholds now in force: a pass over all scores."""
        self._evaluator = evaluator
        self._thresholds = evaluator.thresholds
        self._by_outcome: Counts = np.zeros((len(Outcome), evaluator.n_images), dtype=np.int32)
        self.predicted: Counts = np.zeros(evaluator.n_images, dtype=np.int32)
        self.scored = np.zeros(evaluator.n_images, dtype=bool)
        self.scored[evaluator.rows] = True
        for label in range(evaluator.n_labels):
            found = evaluator.label_outcomes(label)
            for outcome in (Outcome.TP, Outcome.FP, Outcome.FN, Outcome.TN):
                self._by_outcome[outcome] += found == outcome
            self.predicted += predicted(evaluator, label)
        known = self._by_outcome[Outcome.TP :].sum(axis=0, dtype=np.int32)
        self._by_outcome[Outcome.UNKNOWN] = evaluator.n_labels - known

    def of(self, outcome: Outcome) -> Counts:
        """Labels of each image with this outcome, (n,)."""
        found: Counts = self._by_outcome[outcome]
        return found

    def follow(self) -> None:
        """Take over the thresholds now in force."""
        evaluator = self._evaluator
        old, new = self._thresholds, evaluator.thresholds
        if old is new:
            return
        self._thresholds = new
        if not evaluator.rule.uses_thresholds:
            return
        for label in np.flatnonzero(old.values != new.values).tolist():
            before = predicted(evaluator, label, old.values[label])
            after = predicted(evaluator, label)
            rows = np.flatnonzero(before != after)
            if len(rows):
                self._decide(rows, after[rows], evaluator.label_outcomes(label)[rows])

    def _decide(self, rows: IntArray, claimed: NDArray[np.bool_], found: StateArray) -> None:
        """One label is decided otherwise on these images: what became TP was FN, what became FP was TN, and back."""
        self.predicted[rows] += np.where(claimed, 1, -1).astype(self.predicted.dtype)
        for now, before in (
            (Outcome.TP, Outcome.FN),
            (Outcome.FN, Outcome.TP),
            (Outcome.FP, Outcome.TN),
            (Outcome.TN, Outcome.FP),
        ):
            these = rows[found == now]
            self._by_outcome[now, these] += 1
            self._by_outcome[before, these] -= 1

    def edit(self, edit: TruthEdit) -> None:
        """The truth of some cells changed; the evaluator knows of it."""
        # at the thresholds that the counts are of: what moved since is then followed under the new truth
        for label in np.unique(edit.labels).tolist():
            cells = np.flatnonzero(edit.labels == label)
            cells = cells[self.scored[edit.images[cells]]]
            rows = edit.images[cells]
            claimed = predicted(self._evaluator, label, self._thresholds.values[label])[rows]
            np.add.at(self._by_outcome, (_outcome(claimed, edit.before[cells]), rows), -1)
            np.add.at(self._by_outcome, (_outcome(claimed, edit.after[cells]), rows), 1)


def _outcome(claimed: NDArray[np.bool_], truth: NDArray[np.int8]) -> StateArray:
    positive = np.where(claimed, Outcome.TP, Outcome.FN)
    negative = np.where(claimed, Outcome.FP, Outcome.TN)
    known = np.where(truth == POSITIVE, positive, negative)
    return np.where(truth <= UNKNOWN, Outcome.UNKNOWN, known).astype(np.uint8)
