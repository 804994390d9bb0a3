"""How many labels of each image are true and false positives, negatives, and predicted: kept while thresholds move.

A threshold that moves looks at its own label alone, and of its images counts those anew that are decided otherwise.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inference.evaluation.evaluator import Evaluator
from inference.evaluation.query.predicting import between, predicted
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
            low, high = sorted((old.values[label], new.values[label]))
            rows = np.flatnonzero(between(evaluator, label, low, high))
            if len(rows):
                found = evaluator.label_outcomes(label)[rows]
                self._decide(rows, found, bool(new.values[label] == low))

    def _decide(self, rows: IntArray, found: StateArray, claimed: bool) -> None:
        """One label is predicted on these images now, or no longer: what became TP was FN, what became FP was TN."""
        self.predicted[rows] += 1 if claimed else -1
        became = ((Outcome.TP, Outcome.FN), (Outcome.FP, Outcome.TN))
        for now, before in became if claimed else [(before, now) for now, before in became]:
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
