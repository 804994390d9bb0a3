"""What tuned thresholds do on images that they were not tuned on: stratified folds and pooled out-of-fold counts.

Forman and Scholz, SIGKDD Explorations 12(1), 2010: counts are pooled over the folds and F1 is computed once; a mean of
the folds' own F1 is biased. With few positives that is the whole difference between flattery and a usable number.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from inference.evaluation.decisions import passes
from inference.evaluation.honesty.bootstrap import average_intervals
from inference.evaluation.honesty.intervals import intervals_of_counts
from inference.evaluation.honesty.scored import Deciding, S, Scored, never, nowhere
from inference.evaluation.honesty.tally import Tally
from inference.types import POSITIVE, BoolArray, Estimate, IntArray, Proposal, Thresholds, TruthArray, ZeroDivision

MIN_POSITIVES: Final = 5  # with fewer, every way of tuning a label loses more than it gains
_PARTS: Final = 20  # that a folder is dealt into to hold out some of them


def stratified_folds(truth: TruthArray, n_folds: int, seed: int = 0) -> IntArray:
    """Deal the images to folds so that each label's positives are spread as evenly as can be.

    As Sechidis, Tsoumakas and Vlahavas (2011) the rarest label comes first, for it has the least choice; here all the
    images of which it is the rarest positive label are dealt at once, to the folds that have the fewest of it. Images
    without a positive label even out the sizes.

    Args:
        truth: int8 (c, n).
        n_folds: at least 2.
        seed: the same seed gives the same folds.

    Returns:
        The fold of each image, (n,), 0..n_folds-1; folds stay empty only where there are fewer images than folds.
    """
    positive = truth == POSITIVE
    counts = np.count_nonzero(positive, axis=1)
    by_rarity = np.argsort(counts, kind="stable")
    rarest, second = _two_rarest(positive[by_rarity])
    shuffled = np.random.default_rng(seed).permutation(truth.shape[1])
    # beside the rarest label the next one is spread too: neighbours in this order go to different folds
    order = shuffled[np.lexsort((second[shuffled], rarest[shuffled]))]
    starts = np.searchsorted(rarest[order], np.arange(len(truth) + 2))
    fold = np.empty(truth.shape[1], dtype=np.int64)
    sizes = np.zeros(n_folds, dtype=np.int64)
    held = np.zeros((len(truth), n_folds), dtype=np.int64)  # positives by label and fold
    for rank, (start, stop) in enumerate(pairwise(starts.tolist())):
        rows = order[start:stop]
        if not len(rows):
            continue
        levels = held[by_rarity[rank]] if rank < len(truth) else sizes
        dealt = _deal(levels, sizes, len(rows))
        fold[rows] = dealt
        sizes += np.bincount(dealt, minlength=n_folds)
        for index in range(n_folds):
            held[:, index] += np.count_nonzero(positive[:, rows[dealt == index]], axis=1)
    return fold


def held_out(truth: TruthArray, share: float = 0.3, seed: int = 0) -> BoolArray:
    """The images to leave for a test, with their share of every label's positives; bool (n,).

    Args:
        truth: int8 (c, n).
        share: 0..1, met to a twentieth of the images.
        seed: the same seed holds out the same images.
    """
    parts = stratified_folds(truth, _PARTS, seed)
    # evenly spaced among the parts, for the few positives of a rare label go to neighbouring parts
    quota = np.floor(np.arange(_PARTS + 1) * share + 0.5)
    return np.asarray((np.diff(quota) > 0)[parts])


def _two_rarest(positive: BoolArray) -> tuple[IntArray, IntArray]:
    """Of each image, its first and second positive label in rows sorted by rarity, (n,); c where there is none."""
    n_labels, n_images = positive.shape
    if not n_labels:
        none = np.zeros(n_images, dtype=np.int64)
        return none, none
    first = np.where(positive.any(axis=0), positive.argmax(axis=0), n_labels)
    rest = positive & (np.arange(n_labels)[:, None] != first)
    return first, np.where(rest.any(axis=0), rest.argmax(axis=0), n_labels)


def _deal(levels: IntArray, sizes: IntArray, n: int) -> IntArray:
    """Fold after fold for ``n`` images: always the one with the lowest level, among equals the smallest, which rises.

    In rounds, so that thousands of images cost no loop of their own.
    """
    # the card that lifts fold f from level v to v + 1 is played before all cards that start higher
    highest = int(levels.max()) + n // len(levels) + 1
    card_levels = np.concatenate([np.arange(level, highest + 1) for level in levels.tolist()])
    card_folds = np.repeat(np.arange(len(levels)), highest + 1 - levels)
    order = np.lexsort((card_folds, sizes[card_folds], card_levels))
    return np.asarray(card_folds[order[:n]], dtype=np.int64)


def out_of_fold(
    data: S,
    tune: Callable[[S], Thresholds | Proposal],
    *,
    n_folds: int = 5,
    repeats: int = 1,
    confidence: float = 0.9,
    seed: int = 0,
    zero_division: ZeroDivision = ZeroDivision.ZERO,
    min_positives: int = MIN_POSITIVES,
    cancelled: Callable[[], bool] = never,
    progress: Callable[[int, int], None] = nowhere,
) -> Estimate | None:
    """What to expect of ``tune`` on new images: tuned on all folds but one, counted on that one, pooled.

    Args:
        data: scores and truth of the folder.
        tune: from data to thresholds (c,), or to a proposal, which may have another rule, calibration or biases;
            locked labels and the like are its own affair.
        n_folds: how many parts.
        repeats: how many times the folder is dealt anew; counts are pooled over them, and their size is one round's.
        confidence: of the intervals.
        seed: of the folds and of the redrawn images.
        zero_division: how undefined rates enter the averages.
        min_positives: with fewer, ``tune`` leaves a label's threshold alone.
        cancelled: asked before each tuning.
        progress: told how many tunings of how many are done.

    Returns:
        The estimate, or None when cancelled. Labels whose tuning cannot be repeated, with fewer than
        ``min_positives`` while a fold is held out or fewer than 5 in all, are not ``tuned`` in it: their counts come
        from whatever ``tune`` made of them.
    """
    rounds: list[BoolArray] = []
    fewest = np.full(len(data.truth), np.iinfo(np.int64).max)
    for repeat in range(repeats):
        fold = stratified_folds(data.truth, n_folds, seed + repeat)
        fewest = np.minimum(fewest, _fewest_left(data.truth, fold, n_folds))

        def report(done: int, before: int = repeat * n_folds) -> None:
            progress(before + done, repeats * n_folds)

        decided = held_out_decisions(data, tune, fold, n_folds, cancelled=cancelled, progress=report)
        if decided is None:
            return None
        rounds.append(decided)
    tally = Tally.of(rounds, data.truth)
    around = average_intervals(tally, confidence=confidence, seed=seed, cancelled=cancelled)
    if around is None:
        return None
    return Estimate(
        metrics=tally.label_metrics(),
        averages=tally.averages(zero_division),
        intervals=intervals_of_counts(tally.tp / repeats, tally.predicted / repeats, tally.positives, confidence),
        micro_f1_low=around.micro.low,
        micro_f1_high=around.micro.high,
        n_folds=n_folds,
        tuned=(tally.positives >= MIN_POSITIVES) & (fewest >= min_positives),
    )


def held_out_decisions(
    data: S,
    tune: Callable[[S], Thresholds | Proposal],
    fold: NDArray[np.integer],
    n_folds: int,
    *,
    cancelled: Callable[[], bool] = never,
    progress: Callable[[int], None] = lambda done: None,
) -> BoolArray | None:
    """Every image decided by what was tuned without it, bool (c, n); None when cancelled."""
    decided = np.zeros(data.truth.shape, dtype=bool)
    for index in range(n_folds):
        if cancelled():
            return None
        rows = np.flatnonzero(fold == index)
        if len(rows):
            tuned = tune(data.subset(np.flatnonzero(fold != index)))
            decided[:, rows] = _decided(data.subset(rows), tuned)
        progress(index + 1)
    return None if cancelled() else decided  # a tuning cut short must not be counted


def _decided(data: Scored, tuned: Thresholds | Proposal) -> BoolArray:
    if isinstance(tuned, Thresholds):
        return passes(data.scores, tuned.values[:, None])
    if not isinstance(data, Deciding):
        raise TypeError(f"{type(data).__name__} cannot decide by a proposal")
    return data.decided_by(tuned)


def _fewest_left(truth: TruthArray, fold: IntArray, n_folds: int) -> IntArray:
    """The fewest positives that each label has while one fold is held out, (c,)."""
    positive = truth == POSITIVE
    held_out = np.stack([np.count_nonzero(positive[:, fold == index], axis=1) for index in range(n_folds)])
    return np.asarray(held_out.sum(axis=0) - held_out.max(axis=0), dtype=np.int64)
