"""A sample of unannotated images in which all scores occur alike, to calibrate on and to judge thresholds by.

Scores crowd at 0, so that a plain sample has few of those that decide. Here the scores 0 to 1 fall into ten bins of
equal width, and the bins take turns: each round every bin that is not empty gives one image, drawn at random, and the
order of bins is shuffled anew each round (stratified sampling with equal allocation; Cochran, "Sampling Techniques",
1977, chapter 5). However far such a queue is worked off, its bins are even. Within a bin images are as the folder has
them, so that a calibration curve needs no weights; a mean over the folder must weight each bin by its size.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from inference.evaluation.evaluator import Evaluator
from inference.evaluation.review.worklist import WHOLE_IMAGE, Found, score_words
from inference.types import BoolArray, IntArray, ScoreArray

BINS: Final = 10


def balanced_sample(evaluator: Evaluator, label: int | None, unannotated: BoolArray, seed: int) -> Found:
    """All scored images that are unannotated, in the order in which they would be drawn.

    Args:
        evaluator: scores.
        label: whose scores; None for the highest score of each image.
        unannotated: bool (n,).
        seed: of the draw.
    """
    rows = np.flatnonzero(unannotated[evaluator.rows])
    if not len(rows) or not evaluator.n_labels:
        return Found.none("No scored image is left to annotate.")
    scores = evaluator._scores[:, rows].max(axis=0) if label is None else evaluator._scores[label, rows]
    order = drawn(scores, seed)
    labels = np.full(len(rows), WHOLE_IMAGE if label is None else label, dtype=np.int64)
    named = "highest score" if label is None else "score"
    return Found(evaluator.rows[rows[order]], labels, lambda place: f"{named} {score_words(scores[order[place]])}")


def drawn(scores: ScoreArray, seed: int) -> IntArray:
    """The order in which images with these scores (k,) are drawn, (k,)."""
    rng = np.random.default_rng(seed)
    bins = np.minimum((scores * BINS).astype(np.int64), BINS - 1)
    shuffled = rng.permutation(len(scores))
    by_bin = shuffled[np.argsort(bins[shuffled], kind="stable")]
    sizes = np.bincount(bins, minlength=BINS)
    rounds = np.arange(len(scores)) - np.repeat(np.cumsum(sizes) - sizes, sizes)  # the how-manieth of its bin
    return np.asarray(by_bin[np.lexsort((rng.random(len(scores)), rounds))], dtype=np.int64)
