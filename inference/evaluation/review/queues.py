"""Queues: the images that are worth a person's time, in order, each with its reason."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from inference.evaluation.evaluator import Evaluator
from inference.evaluation.honesty.scored import never
from inference.evaluation.review.sampling import balanced_sample
from inference.evaluation.review.suspected import label_errors
from inference.evaluation.review.uncertain import confident_mistakes, narrowing, uncertain
from inference.evaluation.review.worklist import WHOLE_IMAGE, Found
from inference.types import UNKNOWN, BoolArray, Queue, QueueKind, TruthArray

MOST: Final = 5_000  # images in a queue where nothing else is said
SAMPLE: Final = 200  # images that are drawn where nothing else is said
_SIZES: Final = {QueueKind.BALANCED_SAMPLE: SAMPLE, QueueKind.UNANNOTATED: sys.maxsize}


def make_queue(
    kind: QueueKind,
    evaluator: Evaluator,
    *,
    label: int | None,
    y_true: TruthArray,
    annotated: BoolArray,
    size: int | None = None,
    seed: int = 0,
    cancelled: Callable[[], bool] = never,
) -> Queue:
    """The images of one kind, the most urgent first; some tenths of a second for 100,000 x 80, for a worker.

    UNCERTAIN: scored images by the distance of a score to its threshold in logits, nearest first.
    CONFIDENT_MISTAKES: images decided otherwise than annotated, by the same distance, farthest first.
    LABEL_ERRORS: images with an annotation that is probably wrong (`label_errors`), the least likely annotation first.
    BALANCED_SAMPLE: unannotated images drawn evenly from ten bins of scores (`sampling`).
    NARROWING: unannotated images by what their annotation would say about the label's best threshold (`narrowing`).
    UNANNOTATED: images nobody annotated, in the order of the dataset, those without a score as well.

    Args:
        kind: which.
        evaluator: the scores, and the thresholds in force.
        label: the label that is asked about; None for all of them, of which each image's most urgent is told.
        y_true: int8 (n, c), the dataset's as it is now. With a label, images are unannotated whose truth under it is
            unknown, also if somebody looked and could not tell.
        annotated: bool (n,), likewise. Without a label, these are annotated.
        size: images at most; by default 5,000, 200 of those that are drawn, and all that nobody annotated.
        seed: of what is drawn: the same seed draws the same images.
        cancelled: asked now and then; a queue cut short is empty.
    """
    wanted = _Wanted(evaluator, label, ~annotated if label is None else y_true[:, label] == UNKNOWN, seed, cancelled)
    found = _MAKERS[kind](wanted)
    if cancelled():
        found = Found.none("It was cancelled.")
    return found.queue(kind, _SIZES.get(kind, MOST) if size is None else size)


@dataclass(frozen=True, eq=False)
class _Wanted:
    evaluator: Evaluator
    label: int | None
    open: BoolArray  # (n,) nobody annotated the image, or the label on it
    seed: int
    cancelled: Callable[[], bool]


def _unannotated(wanted: _Wanted) -> Found:
    images = np.flatnonzero(wanted.open)
    labels = np.full(len(images), WHOLE_IMAGE if wanted.label is None else wanted.label, dtype=np.int64)
    said = "nobody annotated it" if wanted.label is None else "the label is open"
    return Found(images, labels, lambda _: said, "" if len(images) else "Every image is annotated.")


_MAKERS: Final[dict[QueueKind, Callable[[_Wanted], Found]]] = {
    QueueKind.UNCERTAIN: lambda wanted: uncertain(wanted.evaluator, wanted.label),
    QueueKind.CONFIDENT_MISTAKES: lambda wanted: confident_mistakes(wanted.evaluator, wanted.label),
    QueueKind.LABEL_ERRORS: lambda wanted: label_errors(wanted.evaluator, wanted.label, wanted.cancelled),
    QueueKind.BALANCED_SAMPLE: lambda wanted: balanced_sample(wanted.evaluator, wanted.label, wanted.open, wanted.seed),
    QueueKind.NARROWING: lambda wanted: narrowing(
        wanted.evaluator, wanted.label, wanted.open, wanted.seed, wanted.cancelled
    ),
    QueueKind.UNANNOTATED: _unannotated,
}
