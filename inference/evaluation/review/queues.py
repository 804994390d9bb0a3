"""Queues: the images that are worth a person's time, in order, each with its reason."""

from __future__ import annotations

import numpy as np

from inference.evaluation.evaluator import Evaluator
from inference.types import BoolArray, Queue, QueueKind, TruthArray


def make_queue(
    kind: QueueKind,
    evaluator: Evaluator,
    *,
    label: int | None,
    y_true: TruthArray,
    annotated: BoolArray,
    size: int | None = None,
    seed: int = 0,
) -> Queue:
    """A queue.

    Args:
        kind: which.
        evaluator: the scores, and the thresholds in force.
        label: the label whose images are wanted, None for all labels.
        y_true: int8 (n, c), the dataset's as it is now.
        annotated: bool (n,), likewise.
        size: images at most; None for all that are worth it.
        seed: of what is drawn.
    """
    del evaluator, label, y_true, annotated, size, seed
    return Queue(kind, np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), ())
