"""The data that the engine is measured on: 100,000 images and 80 labels of a long tail, seeded."""

from __future__ import annotations

import numpy as np

from inference.types import Run, ScoreArray, TruthArray

N_IMAGES = 100_000
N_LABELS = 80
_SEED = 20
_CHUNK = 10_000


def logits_and_truth(n_images: int = N_IMAGES, n_labels: int = N_LABELS) -> tuple[ScoreArray, TruthArray]:
    """Logits float32 (n, c) and truth int8 (n, c) as a fair multi-label network gives them.

    Prevalences fall from 30 % to 0.3 % (COCO's range). An image has a mood that all its labels share, so that labels
    go together. Positives score about 3 above negatives in units of the noise, differently for each label, and
    logits are scaled to be a little too sure, as those of trained networks are.
    """
    rng = np.random.default_rng(_SEED)
    prior = np.log(np.geomspace(0.30, 0.003, n_labels))
    shift = rng.normal(3.5, 0.8, n_labels)
    logits = np.empty((n_images, n_labels), dtype=np.float32)
    truth = np.empty((n_images, n_labels), dtype=np.int8)
    for first in range(0, n_images, _CHUNK):
        rows = slice(first, min(first + _CHUNK, n_images))
        size = (rows.stop - rows.start, n_labels)
        mood = rng.normal(0, 0.5, (size[0], 1))
        positive = rng.random(size) < np.exp(prior + mood - 0.125)
        truth[rows] = positive
        logits[rows] = 1.3 * (prior - 1.2 + 0.5 * mood + rng.normal(0, 1.2, size) + shift * positive)
    return logits, truth


def scored(logits: ScoreArray) -> Run:
    """A run that is through."""
    return Run(logits, np.ones(len(logits), dtype=np.uint8))
