"""Many labels moved at once: their counts, and those of images, from what lies between the old places and the new."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from inference.evaluation.curves import Crossed, LabelCurve
from inference.evaluation.images import ImageCounts
from inference.evaluation.label_counts import LabelCounts
from inference.types import IntArray

FEW: Final = 4  # labels that are sooner moved one by one
_FAR: Final = 256  # images a label; beyond that its counts are sooner looked up


def move_labels(
    counts: LabelCounts, labels: IntArray, curves: Sequence[LabelCurve], old: Sequence[int], new: Sequence[int]
) -> None:
    """Labels (m,) are predicted from the ``new`` places of their curves on, no longer from the ``old``."""
    if _distance(old, new) > _FAR * len(labels):
        for label, curve, start in zip(labels.tolist(), curves, new, strict=True):
            counts.put(label, *curve.counts(start))
        return
    crossed = Crossed.between(curves, old, new)
    predicted = np.array([len(curve) for curve in curves], dtype=np.int64) - np.asarray(new, dtype=np.int64)
    counts.put_many(labels, counts.tp[labels] + crossed.steps * crossed.hits, predicted)


def flip_images(images: ImageCounts, curves: Sequence[LabelCurve], old: Sequence[int], new: Sequence[int]) -> None:
    """The images between the ``old`` places of the labels' curves and the ``new`` are decided otherwise."""
    far = _distance(old, new) > len(images.measured)
    if len(curves) > FEW and not far:
        crossed = Crossed.between(curves, old, new)
        images.flip_many(crossed.marked, np.repeat(crossed.steps, crossed.sizes).astype(np.int32))
        return
    if far:
        images.unsettle()
    for curve, before, after in zip(curves, old, new, strict=True):
        images.flip(curve.marked[min(before, after) : max(before, after)], predicted=after < before)


def _distance(old: Sequence[int], new: Sequence[int]) -> int:
    """Images that lie between the old places and the new, all labels together."""
    return sum(abs(after - before) for before, after in zip(old, new, strict=True))
