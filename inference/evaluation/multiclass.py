"""One class an image: accuracy and its kin, on the images whose single class is known.

Definitions are scikit-learn's (``accuracy_score``, ``top_k_accuracy_score``, ``balanced_accuracy_score``,
``log_loss``, ``confusion_matrix``). A rejected image is a wrong one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np

from inference.evaluation.metrics import fraction, ratio
from inference.types import (
    POSITIVE,
    UNKNOWN,
    BoolArray,
    FloatArray,
    IntArray,
    MulticlassMetrics,
    ScoreArray,
    TruthArray,
)

NO_CLASS: Final = -1  # rejected; or, of the truth, not exactly one class

_EPS: Final = float(np.finfo(np.float64).eps)  # scikit-learn clips probabilities there


def classes_of(y_true: TruthArray) -> IntArray:
    """The single class of each image, (n,); NO_CLASS where a label is unknown or not exactly one is positive."""
    if not y_true.shape[1]:
        return np.full(len(y_true), NO_CLASS, dtype=np.int64)
    positive = y_true == POSITIVE
    single = (positive.sum(axis=1) == 1) & ~(y_true == UNKNOWN).any(axis=1)
    return np.where(single, positive.argmax(axis=1), NO_CLASS).astype(np.int64)


def confusion(truth: IntArray, predicted: IntArray, n_classes: int) -> IntArray:
    """True class by predicted class, (c, c + 1); the last column counts rejected images.

    Args:
        truth: (n,) classes; images without one are left out.
        predicted: (n,) classes or NO_CLASS.
        n_classes: c.
    """
    kept = truth != NO_CLASS
    column = np.where(predicted == NO_CLASS, n_classes, predicted)[kept]
    cells = truth[kept] * (n_classes + 1) + column
    return np.bincount(cells, minlength=n_classes * (n_classes + 1)).reshape(n_classes, n_classes + 1)


def accuracy(table: IntArray) -> float:
    """Share of images on the diagonal of a table of `confusion`."""
    return fraction(int(table.trace()), int(table.sum()))


def balanced_accuracy(table: IntArray) -> float:
    """Mean recall of the classes that occur."""
    occurring = table.sum(axis=1) > 0
    if not occurring.any():
        return float("nan")
    return float(ratio(table.diagonal(), table.sum(axis=1))[occurring].mean())


def places(logits: ScoreArray, truth: IntArray) -> IntArray:
    """The place of each image's class among its logits (m, c), 0 for the first.

    Of equal logits the later class stands first, as in scikit-learn's top-k accuracy (and unlike its argmax).
    """
    own = logits[np.arange(len(truth)), truth][:, None]
    before = logits > own
    before |= (logits == own) & (np.arange(logits.shape[1]) > truth[:, None])
    return np.asarray(np.count_nonzero(before, axis=1), dtype=np.int64)


def top_k_accuracy(found: IntArray, n_classes: int) -> FloatArray:
    """Share of images whose class is among the first 1, 2 ... c, from their `places`; (c,)."""
    counts = np.cumsum(np.bincount(found, minlength=n_classes))
    return ratio(counts, np.full(n_classes, len(found)))


def log_losses(logits: ScoreArray, truth: IntArray) -> FloatArray:
    """Minus the logarithm of the softmax probability of each image's class, (m,), at most 36.04 as in scikit-learn."""
    wide = logits.astype(np.float64)
    wide -= wide.max(axis=1, keepdims=True)
    losses: FloatArray = np.log(np.exp(wide).sum(axis=1)) - wide[np.arange(len(truth)), truth]
    # the probability is clipped to eps ... 1 - eps
    return np.clip(losses, -np.log1p(-_EPS), -np.log(_EPS))


def multiclass_metrics(
    parts: Iterable[tuple[ScoreArray, IntArray, IntArray]], n_classes: int, *, distribution: bool
) -> MulticlassMetrics:
    """All numbers, from parts of the images.

    Args:
        parts: logits (k, c), classes (k,) and predicted classes (k,) of some images each.
        n_classes: c.
        distribution: whether scores are the softmax of logits; without it log loss is undefined.
    """
    table = np.zeros((n_classes, n_classes + 1), dtype=np.int64)
    found: list[IntArray] = [np.empty(0, dtype=np.int64)]
    loss = 0.0
    for logits, truth, predicted in parts:
        table += confusion(truth, predicted, n_classes)
        kept: BoolArray = truth != NO_CLASS
        found.append(places(logits[kept], truth[kept]))
        if distribution:
            loss += float(log_losses(logits[kept], truth[kept]).sum())
    placed = np.concatenate(found)
    return MulticlassMetrics(
        accuracy=accuracy(table),
        balanced_accuracy=balanced_accuracy(table),
        log_loss=loss / len(placed) if distribution and len(placed) else float("nan"),
        top_k=top_k_accuracy(placed, n_classes),
        confusion=table,
        n_images=len(placed),
    )
