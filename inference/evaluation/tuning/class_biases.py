"""Biases for argmax over ``logit + bias``: from prevalences, from one strength for rare classes, or free.

All line searches are exact: where a bias or the strength grows, an image changes its class at known places, and
macro-F1 is a running sum over them. Macro-F1 is the mean over the classes that occur.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from inference.evaluation.activations import scores_from_logits
from inference.types import Activation, BoolArray, FloatArray, IntArray, ScoreArray

STRONGEST: Final = 2.0  # of the strength; 1 makes up for the class frequencies of the folder
_CELLS: Final = 2000  # of the strength, where its curve is smoothed
_SPREAD: Final = 0.1  # of the smoothing, in units of the strength
_PASSES: Final = 20  # an end that is hardly ever reached
_SAME: Final = 1e-12  # in F1: sums in another order
_ROUNDING: Final = 1e-12  # of a place, relative
_BEYOND: Final = 1.0  # logits from the outermost place to a bias that leaves all images on one side
_RAREST: Final = 1e-9  # prevalence of a class that will never come

Stop = Callable[[], None]


def macro_f1(classes: IntArray, predicted: IntArray, n_classes: int) -> float:
    """The mean F1 of the classes that occur; 0 where none does."""
    found = np.bincount(predicted, minlength=n_classes)
    hits = np.bincount(classes[predicted == classes], minlength=n_classes)
    counts = np.bincount(classes, minlength=n_classes)
    occurs = counts > 0
    return float(np.mean(2 * hits[occurs] / (found + counts)[occurs])) if occurs.any() else 0.0


def prior_biases(counts: IntArray, target: Sequence[float]) -> FloatArray:
    """log(pi' / pi) of each class, (c,), with mean 0 (Saerens, Latinne and Decaestecker 2002).

    Args:
        counts: images of each class in the folder, (c,); a class that does not occur gets no bias.
        target: how frequent each will be, not negative, in any unit; none for all equal.

    Raises:
        ValueError: the prevalences are not one a class, or not numbers that can be shares.
    """
    occurs = counts > 0
    wanted = np.array(target if len(target) else np.ones(len(counts)), dtype=np.float64)
    if wanted.shape != counts.shape or not np.isfinite(wanted).all() or (wanted < 0).any() or not wanted.sum() > 0:
        given = ", ".join(f"{value:g}" for value in wanted[:5])
        raise ValueError(f"{len(counts)} prevalences of 0 or more are needed, one a class: {given} is not that")
    wanted = np.maximum(wanted / wanted.sum(), _RAREST)
    biases = np.zeros(len(counts))
    biases[occurs] = np.log(wanted[occurs]) - np.log(counts[occurs] / counts.sum())
    return _centred(biases, occurs)


def estimated_prevalences(
    logits: ScoreArray, prevalences: FloatArray, *, most_rounds: int = 1000, tolerance: float = 1e-9
) -> FloatArray:
    """How frequent the classes are in an unlabelled folder, (c,), by expectation-maximisation.

    Saerens, Latinne and Decaestecker, Neural Computation 14, 2002. It presumes that images of a class look alike in
    both folders, and that the scores are calibrated for the prevalences given.

    Args:
        logits: float32 (m, c), calibrated; scores are their softmax.
        prevalences: (c,) with which they are calibrated, those of the annotated folder.
        most_rounds: at most.
        tolerance: the end, in the largest change of a prevalence.
    """
    start = np.asarray(prevalences, dtype=np.float64) / np.sum(prevalences)
    if not len(logits):
        return start
    scores = scores_from_logits(logits, Activation.SOFTMAX)
    weight = np.where(start > 0, 1.0, 0.0)
    share = start
    for _ in range(most_rounds):
        below = np.maximum(scores @ weight, np.finfo(np.float64).tiny)
        new = weight * ((1.0 / below) @ scores) / len(scores)
        new = new / new.sum()
        done = float(np.abs(new - share).max()) < tolerance
        share = new
        if done:
            break
        weight = np.divide(share, start, out=np.zeros_like(start), where=start > 0)
    return np.asarray(share)


def tau_slopes(counts: IntArray) -> FloatArray:
    """What a strength of 1 adds to each class, (c,): -log pi with mean 0; 0 where the class does not occur."""
    occurs = counts > 0
    slopes = np.zeros(len(counts))
    slopes[occurs] = -np.log(counts[occurs] / counts.sum())
    return _centred(slopes, occurs)


def best_tau(logits: ScoreArray, classes: IntArray, smoothed: bool, stop: Stop) -> tuple[float, float]:
    """The strength in 0..STRONGEST with the highest macro-F1 of argmax(logit + tau * slope), and that F1.

    Args:
        logits: float32 (m, c), calibrated.
        classes: (m,).
        smoothed: on the curve smoothed over the strength; else exact on these images, amid the best stretch.
        stop: raises when the caller cancelled.
    """
    slopes = tau_slopes(np.bincount(classes, minlength=logits.shape[1]))
    places, rows, old, new = _crossings(logits, slopes, stop)
    values = macro_path(logits.argmax(axis=1), classes, rows, old, new, logits.shape[1])
    edges = np.concatenate(([0.0], places, [STRONGEST]))
    tau = _smooth_peak(edges, values) if smoothed else _amid(edges, values)
    return tau, float(values[np.searchsorted(places, tau, side="right")])


def free_biases(
    logits: ScoreArray, classes: IntArray, starts: Sequence[FloatArray], free: Sequence[int], stop: Stop
) -> FloatArray:
    """Biases from which no single class's bias raises macro-F1, (c,): the best that the starts lead to.

    Coordinate sweeps have local optima here, unlike for thresholds that decide label by label.

    Args:
        logits: float32 (m, c).
        classes: (m,).
        starts: each (c,).
        free: classes whose bias may move; one that does not occur keeps it all the same.
        stop: raises when the caller cancelled.
    """
    wide = logits.astype(np.float64)
    best, best_value = np.zeros(logits.shape[1]), -1.0
    for start in starts:
        biases, value = _swept(wide, classes, np.array(start, dtype=np.float64), free, stop)
        if value > best_value + _SAME:
            best, best_value = biases, value
    return best


def macro_path(
    start: IntArray, classes: IntArray, rows: IntArray, old: IntArray, new: IntArray, n_classes: int
) -> FloatArray:
    """Macro-F1 before and after each of a series of changes, (e + 1,).

    Args:
        start: the class that each image has at first, (m,).
        classes: the class that it should have, (m,).
        rows: the image that changes, (e,).
        old: from which class, (e,).
        new: to which class, (e,).
        n_classes: how many classes there are.
    """
    counts = np.bincount(classes, minlength=n_classes)
    n_events, occurring = len(rows), max(1, int(np.count_nonzero(counts)))
    at = np.tile(np.arange(n_events), 2)
    label = np.concatenate((old, new))
    sign = np.repeat(np.array([-1, 1]), n_events)
    hit = sign * (label == classes[np.tile(rows, 2)])
    order = np.lexsort((at, label))
    at, label = at[order], label[order]
    found, hits = _running(sign[order], label, n_classes), _running(hit[order], label, n_classes)
    found += np.bincount(start, minlength=n_classes)[label]
    hits += np.bincount(classes[start == classes], minlength=n_classes)[label]
    after = 2.0 * hits / np.maximum(found + counts[label], 1)
    before_sums = found - sign[order] + counts[label]
    before = 2.0 * (hits - hit[order]) / np.maximum(before_sums, 1)
    change = np.where(counts[label] > 0, after - before, 0.0)
    steps = np.bincount(at, weights=change, minlength=n_events) / occurring
    return np.concatenate(([0.0], np.cumsum(steps))) + macro_f1(classes, start, n_classes)


def _running(values: IntArray, label: IntArray, n_classes: int) -> IntArray:
    """Running sums that begin anew with each label; ``label`` does not fall."""
    total = np.cumsum(values)
    first = np.searchsorted(label, np.arange(n_classes))
    before = np.concatenate(([0], total))[first]
    return np.asarray(total - before[label])


def _crossings(logits: ScoreArray, slopes: FloatArray, stop: Stop) -> tuple[FloatArray, IntArray, IntArray, IntArray]:
    """Where the winner of ``logit + tau * slope`` changes: strength, image, old and new class, by rising strength."""
    rows = np.arange(len(logits))
    winner = logits.argmax(axis=1)
    found: list[tuple[FloatArray, IntArray, IntArray, IntArray]] = []
    at = np.zeros(len(logits))
    while len(rows):
        stop()
        part = logits[rows].astype(np.float64)
        rise = slopes - slopes[winner][:, None]
        gap = part[np.arange(len(rows)), winner][:, None] - part
        with np.errstate(divide="ignore", invalid="ignore"):
            cross = np.where(rise > 0, gap / rise, np.inf)
        nearest = np.maximum(cross.min(axis=1), at)
        # where several meet in one place, the steepest of them goes on
        new = np.where(cross <= nearest[:, None], rise, -np.inf).argmax(axis=1)
        kept = nearest < STRONGEST
        rows, old, winner, at = rows[kept], winner[kept], new[kept], nearest[kept]
        found.append((at, rows, old, winner))
    if not found:
        none = np.zeros(0, dtype=np.int64)
        return np.zeros(0), none, none, none
    places, images, olds, news = (np.concatenate(parts) for parts in zip(*found, strict=True))
    order = np.argsort(places, kind="stable")
    return places[order], images[order], olds[order], news[order]


def _amid(edges: FloatArray, values: FloatArray) -> float:
    """The middle of the first stretch of non-zero width with the highest value.

    Args:
        edges: (e + 2,), not falling: value i holds from edge i to edge i + 1.
        values: (e + 1,).
    """
    wide = _wide(edges)
    best = values[wide].max()
    index = int(np.argmax(wide & (values >= best - _SAME)))
    return float((edges[index] + edges[index + 1]) / 2)


def _wide(edges: FloatArray) -> BoolArray:
    """Which stretches are more than rounding: sums of a logit and a bias that are equal need not come out so."""
    return np.asarray(np.diff(edges) > _ROUNDING * np.maximum(1.0, np.abs(edges[1:])))


def _smooth_peak(edges: FloatArray, values: FloatArray) -> float:
    """Where the curve of `_amid` is highest once a normal kernel has been laid over it; of equals the lowest."""
    grid = np.linspace(0.0, STRONGEST, _CELLS + 1)
    area = np.concatenate(([0.0], np.cumsum(np.diff(edges) * values)))
    distinct = np.append(np.diff(edges) > 0, True)
    cells = np.diff(np.interp(grid, edges[distinct], area[distinct]))
    width = STRONGEST / _CELLS
    reach = round(4 * _SPREAD / width)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) * width / _SPREAD) ** 2)
    smooth = np.convolve(np.pad(cells, reach, mode="symmetric"), kernel / kernel.sum(), mode="valid")
    index = int(np.argmax(smooth >= smooth.max() * (1 - _SAME)))
    return float((grid[index] + grid[index + 1]) / 2)


def _swept(
    logits: FloatArray, classes: IntArray, biases: FloatArray, free: Sequence[int], stop: Stop
) -> tuple[FloatArray, float]:
    """From one start, class after class, the rarest first, until nothing moves."""
    counts = np.bincount(classes, minlength=logits.shape[1])
    order = sorted((label for label in free if counts[label]), key=lambda label: (counts[label], label))
    level = logits + biases
    value = macro_f1(classes, level.argmax(axis=1), logits.shape[1])
    for _ in range(_PASSES):
        moved = False
        for label in order:
            stop()
            bias, better = _line_best(logits[:, label], level, classes, label)
            if better > value + _SAME:
                biases[label], value, moved = bias, better, True
                level[:, label] = logits[:, label] + bias
        if not moved:
            break
    return biases, value


def _line_best(own: FloatArray, level: FloatArray, classes: IntArray, label: int) -> tuple[float, float]:
    """The bias of one class with the highest macro-F1, and that; ``level`` is (m, c) and comes back unchanged."""
    kept = level[:, label].copy()
    level[:, label] = -np.inf
    rival = level.argmax(axis=1)
    places = level[np.arange(len(own)), rival] - own  # above it the image gets this class
    level[:, label] = kept
    rows = np.argsort(places, kind="stable")
    rising = places[rows]
    values = macro_path(rival, classes, rows, rival[rows], np.full(len(rows), label), level.shape[1])
    edges = np.concatenate(([rising[0] - 2 * _BEYOND], rising, [rising[-1] + 2 * _BEYOND]))
    best = float(values[_wide(edges)].max())
    return _amid(edges, values), best


def _centred(values: FloatArray, occurs: BoolArray) -> FloatArray:
    return np.where(occurs, values - values[occurs].mean(), 0.0) if occurs.any() else values
