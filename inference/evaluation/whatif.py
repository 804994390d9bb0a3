"""What an evaluator's images would give otherwise: read beside the numbers on the screen, without touching them."""

from __future__ import annotations

from copy import copy, deepcopy

import numpy as np

from inference.evaluation.activations import scores_from_logits
from inference.evaluation.decisions import decide
from inference.evaluation.evaluator import Evaluator
from inference.types import BoolArray, IntArray, LabelFlips, ScoreArray, Thresholds, TruthArray


def at(evaluator: Evaluator, thresholds: Thresholds) -> Evaluator:
    """The same sorted curves under other thresholds; costs the images that these flip."""
    other = copy(evaluator)
    for name in ("_labels", "_images", "_start", "_shown"):  # all that a move writes to
        setattr(other, name, deepcopy(getattr(evaluator, name)))
    other.set_thresholds(thresholds)
    return other


def flips(evaluator: Evaluator, thresholds: Thresholds) -> tuple[IntArray, int]:
    """How many known images of each label would be decided otherwise, (c,), and how many images in all."""
    counts = np.zeros(evaluator.n_labels, dtype=np.int64)
    touched = np.zeros(len(evaluator.rows), dtype=bool)
    if not evaluator.rule.uses_thresholds:
        return counts, 0
    for label, (curve, start) in enumerate(zip(evaluator._curves, evaluator._start, strict=True)):
        there = curve.start(thresholds.values[label])
        rows = curve.marked[min(start, there) : max(start, there)] >> np.uint32(1)
        counts[label] = len(rows)
        touched[rows] = True
    return counts, int(np.count_nonzero(touched))


def label_flips(evaluator: Evaluator, before: Thresholds, after: Thresholds) -> list[LabelFlips]:
    """Which known images each label decides otherwise at ``after``; labels without any are left out."""
    found: list[LabelFlips] = []
    if not evaluator.rule.uses_thresholds:
        return found
    for label, curve in enumerate(evaluator._curves):
        old, new = curve.start(before.values[label]), curve.start(after.values[label])
        if old == new:
            continue
        marked = curve.marked[min(old, new) : max(old, new)]
        images, positive = evaluator.rows[marked >> np.uint32(1)], (marked & np.uint32(1)).astype(bool)
        hits, others = np.sort(images[positive]), np.sort(images[~positive])
        if new < old:
            found.append(LabelFlips(label, tp_gained=hits, fp_gained=others))
        else:
            found.append(LabelFlips(label, tp_lost=hits, fp_lost=others))
    return found


def all_logits(evaluator: Evaluator) -> ScoreArray:
    """Mapped logits of the scored images, (m, c)."""
    chunks = [part for _, part in evaluator.logit_chunks()]
    return np.concatenate(chunks) if chunks else np.zeros((0, evaluator.n_labels), dtype=np.float32)


def scored(evaluator: Evaluator) -> tuple[ScoreArray, TruthArray]:
    """Mapped logits and truth of the scored images that may be tuned on, each (m, c).

    Where numbers are measured on a part of the images, these are the others.
    """
    logits, truth = all_logits(evaluator), evaluator._annotations.T
    if evaluator.measured is None:
        return logits, truth
    kept = ~evaluator.measured[evaluator.rows]
    return logits[kept], truth[kept]


def eligible(evaluator: Evaluator, label: int) -> BoolArray | None:
    """The images of the dataset on which a label can be predicted at all, bool (n,); None where it is all of them."""
    may = evaluator.eligible(label) if evaluator.rule.uses_thresholds else None
    if may is None:
        return None
    everywhere = np.zeros(evaluator.n_images, dtype=bool)
    everywhere[evaluator.rows] = may
    return everywhere


def predicted(evaluator: Evaluator, thresholds: Thresholds) -> BoolArray:
    """The predicted labels of the scored images at these thresholds, (m, c); for a worker."""
    decided = np.zeros((len(evaluator.rows), evaluator.n_labels), dtype=bool)
    for part, logits in evaluator.logit_chunks():
        scores = scores_from_logits(logits, evaluator.activation)
        decided[part] = decide(logits, scores, thresholds.values, evaluator.rule, evaluator.k)
    return decided
