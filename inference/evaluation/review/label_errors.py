"""Annotations that are probably wrong, by confident learning.

A class's confidence threshold is the mean score of the images annotated with it. An image whose score of another class
reaches that class's threshold is counted as annotated with the one and belonging to the other; the counts, scaled to
how often each class was annotated, say how many annotations of each kind are wrong, and the images with the largest
margins against their annotation are taken for them (Northcutt, Jiang and Chuang, "Confident Learning: Estimating
Uncertainty in Dataset Labels", JAIR 70, 2021; pruning by noise rate). With several labels an image, each label is two
classes, itself and its absence, with thresholds of its own, and an image's quality is the exponential moving average
over its labels' scores of what was annotated, worst last (Thyagarajan, Snorrason, Northcutt and Mueller, "Identifying
Incorrect Annotations in Multi-Label Classification Data", 2022).

Scores must come from a model that was not trained on these annotations. ``m`` images, ``c`` labels.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from inference.evaluation.honesty.scored import never
from inference.types import POSITIVE, UNKNOWN, BoolArray, FloatArray, IntArray, ScoreArray, TruthArray

FORGETTING: Final = 0.8  # of the moving average, as published
_CLOSE: Final = 1e-6  # scores nearer than this count as equal
_LOWEST: Final = 2e-6  # of a confidence threshold: must be above _CLOSE
_NEVER: Final = 2.0  # a threshold that no score reaches: of a class that nobody annotated
_CHUNK: Final = 1 << 20  # scores looked at together


def suspect_statements(scores: ScoreArray, truth: TruthArray) -> BoolArray:
    """Where one label was probably annotated wrongly.

    Args:
        scores: float32 (m,).
        truth: int8 (m,); what is unknown is nowhere suspected.

    Returns:
        bool (m,).
    """
    known, given = truth != UNKNOWN, truth == POSITIVE
    denied = known & ~given
    n_known, n_given = int(np.count_nonzero(known)), int(np.count_nonzero(given))
    found = np.zeros(len(truth), dtype=bool)
    if not n_known:
        return found
    yes = scores.astype(np.float64)
    sizes = np.array([n_known - n_given, n_given])
    sums = np.array([(1.0 - yes[denied]).sum(), yes[given].sum()])
    low, high = _means(sums, sizes)
    belongs, lacks = yes - high >= -_CLOSE, 1.0 - yes - low >= -_CLOSE
    belongs &= ~lacks | (yes > 0.5)
    lacks &= ~belongs
    pairs = [[denied & lacks, denied & belongs], [given & lacks, given & belongs]]
    n_wrong = _wrong(np.array([[np.count_nonzero(cell) for cell in row] for row in pairs]), sizes)
    for those, against, n in ((given, yes, n_wrong[1, 0]), (denied, 1.0 - yes, n_wrong[0, 1])):
        rows = np.flatnonzero(those & (against + _CLOSE < 1.0 - against))
        found[rows[np.argsort(against[rows], kind="stable")[:n]]] = np.count_nonzero(those) > 1
    return found


def suspect_classes(scores: ScoreArray | FloatArray, given: IntArray) -> tuple[BoolArray, IntArray]:
    """Which images were probably given a wrong class, and the class that each probably belongs to.

    Args:
        scores: (m, c), each row summing to 1.
        given: (m,) annotated classes.

    Returns:
        bool (m,), and the class with the highest score (m,).
    """
    likely = np.asarray(scores.argmax(axis=1), dtype=np.int64) if scores.size else given.copy()
    wrong = np.zeros(len(given), dtype=bool)
    if not scores.size:
        return wrong, likely
    n_wrong = _wrong_counts(scores, given)
    for annotated, other in zip(*(axis.tolist() for axis in np.nonzero(n_wrong)), strict=True):
        rows = np.flatnonzero(given == annotated)
        if len(rows) < 2:  # the last image of a class is left in it
            continue
        count = int(n_wrong[annotated, other])
        against = scores[rows, annotated] - scores[rows, other]
        wrong[rows[np.argsort(against, kind="stable")[:count]]] = True
    own = scores[np.arange(len(given)), given].astype(np.float64) + _CLOSE
    best = scores[np.arange(len(given)), likely]
    return wrong & (own < best), likely


def _wrong_counts(scores: ScoreArray | FloatArray, given: IntArray) -> IntArray:
    """How many images annotated as one class (row) belong to another (column), 0 on the diagonal, (c, c)."""
    own = scores[np.arange(len(given)), given].astype(np.float64)
    sizes = np.bincount(given, minlength=scores.shape[1])
    sums = np.bincount(given, weights=own, minlength=scores.shape[1]).astype(np.float64)
    thresholds = _means(sums, sizes)
    return _wrong(_confident_counts(scores, given, thresholds), sizes)


def _wrong(found: IntArray, sizes: IntArray) -> IntArray:
    """Confident counts scaled to how often each class was annotated (c,), and their diagonal taken away."""
    found = found.copy()
    np.fill_diagonal(found, np.maximum(found.diagonal(), 1))
    scaled = found / found.sum(axis=1, keepdims=True) * sizes[:, None]
    counts = np.stack([_whole(row) for row in scaled])
    for annotated, row in enumerate(counts):
        missing = max(0, 1 - int(row[annotated]))  # one image at least is left in a class, at the others' cost
        others = max(1, int(np.count_nonzero(row)) - 1)
        row[:] = np.maximum(row - missing / others, 0.0)  # whole again: cut off below, as counts are
    np.fill_diagonal(counts, 0)
    return counts


def _means(sums: FloatArray, sizes: IntArray) -> FloatArray:
    """Confidence thresholds: the mean score of each class over the images annotated with it, (c,)."""
    means: FloatArray = np.full(len(sums), _NEVER)
    np.divide(sums, sizes, out=means, where=sizes > 0)
    np.maximum(means, _LOWEST, out=means)
    return means


def _confident_counts(scores: ScoreArray | FloatArray, given: IntArray, thresholds: FloatArray) -> IntArray:
    """Images by annotated class (row) and by the class they confidently belong to (column), (c, c)."""
    n_classes = scores.shape[1]
    table = np.zeros(n_classes * n_classes, dtype=np.int64)
    step = max(1, _CHUNK // n_classes)
    for first in range(0, len(given), step):
        part = scores[first : first + step]
        confident = part - thresholds >= -_CLOSE
        n_confident = confident.sum(axis=1)
        guess = np.where(n_confident > 1, part.argmax(axis=1), confident.argmax(axis=1))
        some = n_confident > 0
        cells = given[first : first + step][some] * n_classes + guess[some]
        table += np.bincount(cells, minlength=len(table))
    return table.reshape(n_classes, n_classes)


def _whole(row: FloatArray) -> IntArray:
    """The numbers rounded so that their sum stays, the largest remainders first."""
    rounded = row.round()
    missing = int(np.round(row.sum() - rounded.sum()))
    order = np.argsort(row - rounded, kind="stable")
    if missing > 0:
        rounded[order[::-1][:missing]] += 1
    elif missing < 0:
        rounded[order[:-missing]] -= 1
    return rounded.astype(np.int64)


def suspects(scores: ScoreArray, truth: TruthArray, cancelled: Callable[[], bool] = never) -> BoolArray:
    """`suspect_statements` of every label.

    Args:
        scores: float32 (c, m).
        truth: int8 (c, m).
        cancelled: asked between labels; those that are left are not suspected.

    Returns:
        bool (c, m).
    """
    found = np.zeros(truth.shape, dtype=bool)
    for label in range(len(truth)):
        if cancelled():
            break
        found[label] = suspect_statements(scores[label], truth[label])
    return found


def statement_quality(scores: ScoreArray, truth: TruthArray) -> ScoreArray:
    """The score of what was annotated, same shape: 1 agrees wholly, 0 not at all; NaN where nothing is known."""
    quality = np.where(truth == POSITIVE, scores, np.float32(1) - scores)
    return np.asarray(np.where(truth == UNKNOWN, np.float32(np.nan), quality), dtype=np.float32)


def image_quality(quality: ScoreArray) -> FloatArray:
    """One number for all labels of each image, (k,), from `statement_quality` (k, c); NaN where nothing is known.

    The moving average runs from the best label to the worst, so that the worst count most.
    """
    falling = -np.sort(-quality.astype(np.float64), axis=1)  # NaN stands last
    average = falling[:, 0].copy() if falling.shape[1] else np.full(len(quality), np.nan)
    for column in falling.T[1:]:
        known = ~np.isnan(column)
        average[known] = FORGETTING * column[known] + (1.0 - FORGETTING) * average[known]
    return average
