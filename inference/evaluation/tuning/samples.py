"""F-beta averaged over images: exact line searches, label by label.

An image that crosses one label's threshold changes its own F-beta and no other's. So the gain of every threshold of one
label is a running sum of single changes in the order of scores. The optimum of each label given the others is exact;
that of all together is not proven.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from inference.evaluation.tuning.smoothing import Smoother
from inference.evaluation.tuning.staircase import Staircase
from inference.types import POSITIVE, FloatArray, IntArray, ScoreArray, TruthArray

_PASSES = 20
_SMOOTH_PASSES = 4  # smoothed gains are of images spread, decisions of images as they are: passes need not settle
_LEAST_GAIN = 1e-9  # in images; sums of many changes are exact to about 1e-11


@dataclass(eq=False)
class _Images:
    """The counts of every image over the labels, at the thresholds reached so far; each (n,)."""

    tp: FloatArray
    pp: FloatArray
    positives: FloatArray


def samples_f(
    staircases: Sequence[Staircase],
    truth: TruthArray,
    start: ScoreArray,
    free: Sequence[int],
    beta: float,
    stop: Callable[[], None],
    smoother: Smoother | None = None,
    labels: IntArray | None = None,
) -> ScoreArray:
    """Thresholds from which no single label's move raises the mean F-beta of the images.

    An image without known labels does not count; one that has no positive and is predicted none counts 0, as in
    scikit-learn's default.

    Args:
        staircases: of the labels that take part.
        truth: (labels, n) of the same.
        start: (labels,) thresholds.
        free: which labels may move.
        beta: above 1 recall weighs more.
        stop: raises when the caller cancelled.
        smoother: smooths each label's gains; None for exact on this folder.
        labels: (labels,) whose bins of ``smoother`` these are.
    """
    thresholds = start.astype(np.float32)
    cuts = [staircase.cut_at(t) for staircase, t in zip(staircases, thresholds, strict=True)]
    images = _count(staircases, truth, cuts)
    most_first = sorted(free, key=lambda label: -staircases[label].positives)
    for _ in range(_PASSES if smoother is None else _SMOOTH_PASSES):
        moved = False
        for label in most_first:
            stop()
            staircase = staircases[label]
            gains = _gains(staircase, truth[label], images, cuts[label], beta)
            if smoother is None or labels is None:
                cut, better = _exact_best(staircase, gains, cuts[label])
                threshold = staircase.place(cut) if better else thresholds[label]
            else:
                threshold = _smooth_best(smoother, int(labels[label]), staircase, gains, truth[label])
                cut, better = staircase.cut_at(threshold), threshold != thresholds[label]
            if better:
                moved, thresholds[label] = True, threshold
                _flip(staircase, truth[label], images, cuts[label], cut)
                cuts[label] = cut
        if not moved:
            break
    return thresholds


def _count(staircases: Sequence[Staircase], truth: TruthArray, cuts: Sequence[int]) -> _Images:
    images = _Images(*np.zeros((3, truth.shape[1])))
    for staircase, row, cut in zip(staircases, truth, cuts, strict=True):
        images.positives += row == POSITIVE
        _flip(staircase, row, images, 0, cut)
    return images


def _flip(staircase: Staircase, row: TruthArray, images: _Images, old: int, new: int) -> None:
    start, end = sorted((int(staircase.pp[old]), int(staircase.pp[new])))
    rows = staircase.order[start:end]
    sign = 1.0 if new > old else -1.0
    images.pp[rows] += sign
    images.tp[rows] += sign * (row[rows] == POSITIVE)


def _gains(staircase: Staircase, row: TruthArray, images: _Images, cut: int, beta: float) -> FloatArray:
    """What predicting each image of ``order`` under this label adds to its F-beta, (m,)."""
    rows = staircase.order
    found = (row[rows] == POSITIVE).astype(np.float64)
    tp, pp, positives = images.tp[rows], images.pp[rows], images.positives[rows]
    n_predicted = int(staircase.pp[cut])
    pp[:n_predicted] -= 1.0
    tp[:n_predicted] -= found[:n_predicted]
    below = beta**2 * positives + pp
    without = np.zeros(len(rows))
    np.divide(tp, below, out=without, where=below > 0)
    return np.asarray((1 + beta**2) * ((tp + found) / (below + 1.0) - without))


def _exact_best(staircase: Staircase, gains: FloatArray, old: int) -> tuple[int, bool]:
    total = np.concatenate([[0.0], np.cumsum(gains)])[staircase.pp]
    cut = int(total.argmax())
    return cut, bool(total[cut] > total[old] + _LEAST_GAIN)


def _smooth_best(
    smoother: Smoother, label: int, staircase: Staircase, gains: FloatArray, row: TruthArray
) -> np.float32:
    is_positive = row[staircase.order] == POSITIVE
    total = np.zeros((2, len(gains) + 1))
    np.cumsum(np.where(is_positive, 0.0, gains), out=total[0, 1:])
    np.cumsum(np.where(is_positive, gains, 0.0), out=total[1, 1:])
    at_edges = total[:, smoother.positions[label]][None]
    smooth = smoother.sums(at_edges, np.array([label]))[0].sum(axis=0)
    return np.float32(smoother.thresholds[label, int(smooth.argmax())])
