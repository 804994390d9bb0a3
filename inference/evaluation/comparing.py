"""Decisions as bits, label by label: small enough to keep several, and to say on which images they differ."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from inference.evaluation.activations import scores_from_logits
from inference.evaluation.decisions import decide, passes
from inference.evaluation.evaluator import Evaluator
from inference.evaluation.honesty.bootstrap import average_intervals
from inference.evaluation.honesty.scored import never
from inference.evaluation.honesty.tally import Tally
from inference.evaluation.logit_maps import mapped
from inference.evaluation.metrics import ratio
from inference.types import (
    NEGATIVE,
    POSITIVE,
    UNKNOWN,
    Activation,
    AverageIntervals,
    BoolArray,
    DecisionRule,
    ImageState,
    IntArray,
    LabelFlips,
    LabelMetrics,
    LogitMap,
    Run,
    Thresholds,
    TruthArray,
)

_CHUNK: Final = 1 << 18  # logits looked at together


def decided(evaluator: Evaluator, thresholds: Thresholds, label: int) -> BoolArray:
    """The scored images that a label is predicted on at these thresholds, (m,), those of unknown truth too."""
    may = evaluator.eligible(label)
    if may is not None and not evaluator.rule.uses_thresholds:
        return may
    passed = passes(evaluator._scores[label], thresholds.values[label])
    return passed if may is None else passed & may


def packed_decisions(
    evaluator: Evaluator, thresholds: Thresholds, cancelled: Callable[[], bool] = never
) -> NDArray[np.uint8]:
    """Every label's decisions on the scored images, a bit each, uint8 (c, ceil(m / 8)).

    Args:
        evaluator: of the activation, rule and map of logits wanted; what it holds in force does not matter.
        thresholds: (c,).
        cancelled: asked between labels; the labels that are left are then predicted nowhere.
    """
    bits = np.zeros((evaluator.n_labels, (len(evaluator.rows) + 7) // 8), dtype=np.uint8)
    for label in range(evaluator.n_labels):
        if cancelled():
            break
        bits[label] = np.packbits(decided(evaluator, thresholds, label))
    return bits


def decided_metrics(
    run: Run,
    y_true: TruthArray,
    activation: Activation,
    rule: DecisionRule,
    thresholds: Thresholds,
    *,
    logit_map: LogitMap | None = None,
    k: int = 1,
    measured: BoolArray | None = None,
) -> LabelMetrics:
    """Counts and rates of one decision, straight from the logits: nothing is sorted. Arguments as for `Evaluator`."""
    n_labels = run.logits.shape[1]
    scored = run.state == ImageState.SCORED
    tp, claimed, positives, known = (np.zeros(n_labels, dtype=np.int64) for _ in range(4))
    rows = np.flatnonzero(scored)
    step = max(1, _CHUNK // max(1, n_labels))
    for start in range(0, len(rows), step):
        part = rows[start : start + step]
        logits = mapped(run.logits[part], logit_map)
        scores = scores_from_logits(logits, activation)
        predicted = decide(logits, scores, thresholds.values, rule, k)
        truth = y_true[part] if measured is None else np.where(measured[part, None], y_true[part], UNKNOWN)
        tp += np.count_nonzero(predicted & (truth == POSITIVE), axis=0)
        claimed += np.count_nonzero(predicted & (truth != UNKNOWN), axis=0)
        positives += np.count_nonzero(truth == POSITIVE, axis=0)
        known += np.count_nonzero(truth != UNKNOWN, axis=0)
    return LabelMetrics(
        tp=tp,
        fp=claimed - tp,
        fn=positives - tp,
        tn=known - positives - claimed + tp,
        unknown=len(rows) - known,
        precision=ratio(tp, claimed),
        recall=ratio(tp, positives),
        f1=ratio(2 * tp, claimed + positives),
    )


def flips_between(
    images: IntArray,
    truth: TruthArray,
    before: NDArray[np.uint8],
    after: NDArray[np.uint8],
    measured: BoolArray | None = None,
) -> list[LabelFlips]:
    """What changed from one set of decisions to another, whatever rule each came from; labels without any left out.

    Args:
        images: (m,) indices that ``truth`` and the bits are about.
        truth: int8 (c, m).
        before, after: as from `packed_decisions`.
        measured: bool (m,); the images that are looked at, all by default.
    """
    found = []
    changed = before ^ after
    if measured is not None:
        changed &= np.packbits(measured)
    for label in np.flatnonzero(changed.any(axis=1)).tolist():
        rows = np.flatnonzero(np.unpackbits(changed[label], count=len(images)))
        now = np.unpackbits(after[label], count=len(images))[rows].astype(bool)
        said, where = truth[label, rows], images[rows]

        def of(chosen: BoolArray, where: IntArray = where) -> IntArray:
            return np.sort(where[chosen])

        known = (said == POSITIVE) | (said == NEGATIVE)
        found.append(
            LabelFlips(
                label,
                tp_gained=of(now & (said == POSITIVE)),
                tp_lost=of(~now & (said == POSITIVE)),
                fp_gained=of(now & (said == NEGATIVE)),
                fp_lost=of(~now & (said == NEGATIVE)),
                unknown=of(~known),
            )
        )
    return found


def measured_intervals(
    evaluator: Evaluator, thresholds: Thresholds, seed: int = 0, cancelled: Callable[[], bool] = never
) -> AverageIntervals | None:
    """Where the averages of F1 lie at thresholds that stay as they are, from redrawing images; None when cancelled.

    Some passes over all decisions: for a worker.
    """
    measured = np.flatnonzero((evaluator._truth != UNKNOWN).any(axis=0))
    votes = np.zeros((evaluator.n_labels, len(measured)), dtype=bool)
    for label in range(evaluator.n_labels):
        if cancelled():
            return None
        votes[label] = decided(evaluator, thresholds, label)[measured]
    tally = Tally.of([votes], evaluator._truth[:, measured])
    return average_intervals(tally, seed=seed, cancelled=cancelled)
