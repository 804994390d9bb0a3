"""Where a label is predicted, on every image that has a score."""

from __future__ import annotations

import numpy as np

from inference.evaluation.decisions import passes
from inference.evaluation.evaluator import Evaluator
from inference.types import BoolArray


def everywhere(evaluator: Evaluator, scored: BoolArray) -> BoolArray:
    """Values of the scored images (m,) put among all images (n,); False elsewhere."""
    if len(scored) == evaluator.n_images:
        return scored
    found = np.zeros(evaluator.n_images, dtype=bool)
    found[evaluator.rows] = scored
    return found


def predicted(evaluator: Evaluator, label: int, threshold: np.float32 | None = None) -> BoolArray:
    """Where a label is predicted, bool (n,), at its threshold or at another; also where nobody knows the truth."""
    may = evaluator.eligible(label)
    if not evaluator.rule.uses_thresholds:
        assert may is not None
        return everywhere(evaluator, may)
    at = evaluator.thresholds.values[label] if threshold is None else threshold
    passed = passes(evaluator.label_scores(label), at)  # NaN passes nowhere
    return passed if may is None else passed & everywhere(evaluator, may)


def between(evaluator: Evaluator, label: int, low: np.float32, high: np.float32) -> BoolArray:
    """Where a label is predicted at the lower of two thresholds and not at the higher, bool (n,)."""
    scores = evaluator.label_scores(label)
    passed = passes(scores, low)
    passed ^= passes(scores, high)  # who passes the higher passes the lower
    may = evaluator.eligible(label)
    return passed if may is None else passed & everywhere(evaluator, may)
