"""Evidence as the judge gives it, from scores with a known distortion."""

from __future__ import annotations

from functools import cache

import numpy as np

from inference.evaluation.calibration.judging import compare
from inference.types import Activation, CalibrationEvidence
from tests.inference.evaluation.calibration.cases import distorted, one_class


@cache
def of_labels(n_labels: int = 3, n_rare: int = 0) -> CalibrationEvidence:
    """Labels whose scores are too sure or not sure enough; the last ones have five positives."""
    rng = np.random.default_rng(n_labels)
    logits, truth = distorted(400, rng.uniform(0.4, 2.5, n_labels).tolist(), rng.normal(0, 1, n_labels).tolist())
    for label in range(n_labels - n_rare, n_labels):
        truth[np.flatnonzero(truth[:, label] == 1)[5:], label] = 0
    found = compare(logits, truth, Activation.SIGMOID)
    assert found is not None
    return found.evidence


@cache
def of_classes() -> CalibrationEvidence:
    """One class an image, with a shift."""
    found = compare(*one_class(800, 4, 0.5, np.array([1.0, 0, 0, -1.0])), Activation.SOFTMAX)
    assert found is not None
    return found.evidence


@cache
def of_good_scores() -> CalibrationEvidence:
    """Scores that mean what they say."""
    found = compare(*distorted(300, [1.0, 1.0], [0.0, 0.0]), Activation.SIGMOID)
    assert found is not None
    return found.evidence
