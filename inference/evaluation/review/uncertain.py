"""Queues by distance: nearest to a threshold, decided wrongly and far from it, telling most about where it belongs."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from inference.evaluation.evaluator import Evaluator
from inference.evaluation.review.distances import slack
from inference.evaluation.review.narrowing import Strata, strata_of, threshold_interval, worth
from inference.evaluation.review.worklist import Found, score_words
from inference.types import POSITIVE, UNKNOWN, BoolArray, IntArray, Outcome, ScoreArray

NO_SCORES = "No image has a score yet: score the folder first."


def uncertain(evaluator: Evaluator, label: int | None) -> Found:
    """Scored images by their distance to a threshold (uncertainty sampling; Lewis and Gale 1994)."""
    distances = np.abs(slack(evaluator, label))
    if not distances.size:
        return Found.none(NO_SCORES)
    places, nearest = _least(distances)
    kept = np.flatnonzero(np.isfinite(nearest))  # far out of reach under the rule
    order = kept[np.argsort(nearest[kept], kind="stable")]
    labels = places[order] if label is None else np.full(len(order), label, dtype=np.int64)
    return Found(evaluator.rows[order], labels, _near_threshold(evaluator, order, labels))


def confident_mistakes(evaluator: Evaluator, label: int | None) -> Found:
    """Images decided otherwise than annotated, the farthest from the threshold first."""
    if not len(evaluator.rows) or not evaluator.n_labels:
        return Found.none(NO_SCORES)
    distances = np.abs(slack(evaluator, label))
    wrong = np.stack([_wrong(evaluator, which) for which in (range(evaluator.n_labels) if label is None else [label])])
    distances[~wrong] = -1.0  # below every distance
    places = distances.argmax(axis=0)
    farthest = distances[places, np.arange(distances.shape[1])]
    kept = np.flatnonzero(farthest >= 0.0)
    order = kept[np.argsort(-farthest[kept], kind="stable")]
    labels = places[order] if label is None else np.full(len(order), label, dtype=np.int64)
    scores = evaluator._scores

    def reason(place: int) -> str:
        row, which = int(order[place]), int(labels[place])
        said = score_words(scores[which, row])
        missed = evaluator._annotations[which, row] == POSITIVE
        return f"annotated positive, score {said}" if missed else f"annotated negative, score {said}"

    return Found(evaluator.rows[order], labels, reason, "" if len(order) else "Every known image is decided right.")


def narrowing(
    evaluator: Evaluator, label: int | None, unannotated: BoolArray, seed: int, cancelled: Callable[[], bool]
) -> Found:
    """Unannotated images by how much they tell about where a threshold belongs, see the module `narrowing`.

    Args:
        evaluator: the scores and the annotations so far.
        label: whose threshold; None for all, of which an image tells most about the one it is in for.
        unannotated: bool (n,).
        seed: of the order among images with like scores.
        cancelled: asked between labels.
    """
    if not evaluator.rule.uses_thresholds:
        return Found.none("The decision rule has no use for thresholds: choose one that has.")
    rows = np.flatnonzero(unannotated[evaluator.rows])
    if not len(rows):
        return Found.none("No scored image is left to annotate." if len(evaluator.rows) else NO_SCORES)
    values, labels = np.zeros(len(rows)), np.full(len(rows), -1, dtype=np.int64)
    known: dict[int, Strata] = {}
    for which in range(evaluator.n_labels) if label is None else [label]:
        if cancelled():
            break
        truth = evaluator._annotations[which]
        strata = strata_of(evaluator._scores[which], truth, evaluator.eligible(which))
        if strata is None:
            continue
        known[which] = strata
        still = np.flatnonzero(truth[rows] == UNKNOWN)
        found = worth(strata, threshold_interval(strata, truth), rows[still], seed)
        better = still[found > values[still]]
        labels[better], values[better] = which, found[found > values[still]]
    if not known:
        return _nearest_instead(evaluator, label, rows)
    kept = np.flatnonzero(values > 0.0)
    order = kept[np.argsort(-values[kept], kind="stable")]

    def reason(place: int) -> str:
        row, which = int(rows[order[place]]), int(labels[order[place]])
        n_known, n_all = known[which].like(row)
        score = score_words(evaluator._scores[which, row])
        return f"score {score}; annotated with such scores: {n_known:,} of {n_all:,}"

    note = "" if len(order) else "No image left can tell more about the threshold."
    return Found(evaluator.rows[rows[order]], labels[order], reason, note)


def _nearest_instead(evaluator: Evaluator, label: int | None, rows: IntArray) -> Found:
    distances = np.abs(slack(evaluator, label)[:, rows])
    places, nearest = _least(distances)
    order = np.argsort(nearest, kind="stable")
    labels = places[order] if label is None else np.full(len(order), label, dtype=np.int64)
    note = "Too few positives or negatives are known to say where the threshold belongs: nearest to it first."
    return Found(evaluator.rows[rows[order]], labels, _near_threshold(evaluator, rows[order], labels), note)


def _least(distances: ScoreArray) -> tuple[IntArray, ScoreArray]:
    """The place of the smallest number of each column, and that number, each (m,)."""
    places = np.asarray(distances.argmin(axis=0), dtype=np.int64)
    return places, distances[places, np.arange(distances.shape[1])]


def _near_threshold(evaluator: Evaluator, rows: IntArray, labels: IntArray) -> Callable[[int], str]:
    scores, thresholds, rule = evaluator._scores, evaluator.thresholds.values, evaluator.rule

    def reason(place: int) -> str:
        row, label = int(rows[place]), int(labels[place])
        said = f"score {scores[label, row]:.3f}"
        if rule.uses_thresholds:
            said += f", threshold {thresholds[label]:.3f}"
        if rule.one_label and len(scores) > 1:
            said += f", highest other score {np.delete(scores[:, row], label).max():.3f}"
        return said

    return reason


def _wrong(evaluator: Evaluator, label: int) -> BoolArray:
    """Scored images decided otherwise than annotated, (m,)."""
    found = evaluator.label_outcomes(label)[evaluator.rows]
    return np.asarray((found == Outcome.FP) | (found == Outcome.FN))
