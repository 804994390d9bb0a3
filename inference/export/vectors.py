"""Test vectors: rows of logits with what must be predicted, most of them where a wrong comparison shows.

For thresholds that means the smallest float32 logit that passes, and its float32 neighbours; for the highest labels
it means ties.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from inference.evaluation.activations import scores_from_logits
from inference.evaluation.decisions import decide, eligible, passes
from inference.evaluation.logit_maps import mapped
from inference.export.values import Decisions
from inference.types import Activation, BoolArray, ScoreArray, format_float32

_FAR: Final = 20.0  # a logit whose score is nearly 0 or 1
_ALONE: Final = 4  # labels that get rows of their own
_RANDOM: Final = 5
_LARGEST: Final = np.float32(1e30)  # of the logits looked among


def vectors_of(decisions: Decisions) -> list[dict[str, Any]]:
    """Rows of logits, the labels that must be predicted and, where there is a review band, accepted and reviewed."""
    rows = probes(decisions)
    answers = {"predicted": predicted(decisions, rows)}
    if decisions.reviewed is not None:
        answers["accepted"], answers["review"] = reviewed(decisions, rows)
    vectors = []
    for index, row in enumerate(rows):
        names = {
            what: [label for label, yes in zip(decisions.labels, answer[index], strict=True) if yes]
            for what, answer in answers.items()
        }
        vectors.append({"logits": [float(format_float32(value)) for value in row], **names})
    return vectors


def predicted(decisions: Decisions, logits: ScoreArray) -> BoolArray:
    """What the window decides of logits (n, c), bool (n, c)."""
    z, scores = _seen(decisions, logits)
    return decide(z, scores, decisions.thresholds.values, decisions.rule, decisions.k)


def reviewed(decisions: Decisions, logits: ScoreArray) -> tuple[BoolArray, BoolArray]:
    """Where the review band accepts, and where a person looks, each bool (n, c)."""
    z, scores = _seen(decisions, logits)
    assert decisions.reviewed is not None
    reaches_low, accepted = (passes(scores, ends.values) for ends in (decisions.reviewed.low, decisions.reviewed.high))
    may = eligible(z, scores, decisions.rule, decisions.k)
    if may is not None:
        reaches_low, accepted = reaches_low & may, accepted & may
    return accepted, reaches_low & ~accepted


def probes(decisions: Decisions) -> ScoreArray:
    """The rows of logits, float32 (n, c)."""
    count = len(decisions.labels)
    rng = np.random.default_rng(0)
    random = rng.normal(0, 3, (_RANDOM, count)).astype(np.float32)
    ties = np.repeat(np.arange((count + 1) // 2), 2)[:count]
    plain = np.stack([np.zeros(count), np.full(count, -_FAR), np.full(count, _FAR), ties, -ties]).astype(np.float32)
    rows = [*plain, *random]
    if decisions.rule.uses_thresholds:
        rows += _boundaries(decisions, random[0])
    return np.stack(rows)


def _boundaries(decisions: Decisions, others: ScoreArray) -> list[ScoreArray]:
    """Rows in which labels stand on their threshold, a float32 below and a float32 above."""
    count = len(decisions.labels)
    every = np.arange(count)
    rows = []
    if decisions.activation is Activation.SIGMOID:  # each score depends on its own logit alone
        rows += _around(decisions, np.zeros(count, dtype=np.float32), every)
        others = np.full(count, -_FAR, dtype=np.float32)
    for label in np.unique(np.linspace(0, count - 1, min(count, _ALONE)).astype(np.int64)) if count else ():
        rows += _around(decisions, others, every[label : label + 1])
    return rows


def _around(decisions: Decisions, base: ScoreArray, labels: NDArray[np.int64]) -> list[ScoreArray]:
    """``base`` with the labels' logits as low as still passes, and their neighbours; one that none makes pass stays."""

    def passing(logits: ScoreArray) -> BoolArray:
        row = base.copy()
        row[labels] = logits
        return passes(_seen(decisions, row[None])[1][0], decisions.thresholds.values)[labels]

    lowest = lowest_passing(passing, len(labels))
    there = passing(lowest) & (lowest > -_LARGEST)
    rows = []
    for value in (lowest, np.nextafter(lowest, np.float32(-np.inf)), np.nextafter(lowest, np.float32(np.inf))):
        row = base.copy()
        row[labels] = np.where(there, value, base[labels])
        rows.append(row)
    return rows


def lowest_passing(passing: Callable[[ScoreArray], BoolArray], count: int) -> ScoreArray:
    """The lowest float32 of each of ``count`` that passes, by halving; the largest looked at where none does.

    ``passing`` must be rising: what passes goes on passing above. Float32 are halved by their place in their order.
    """
    low = np.full(count, _place(-_LARGEST), dtype=np.int64)  # the lowest place that may be the answer
    high = np.full(count, _place(_LARGEST), dtype=np.int64)
    while (low < high).any():
        middle = (low + high) // 2
        enough = passing(_value(middle))
        high = np.where(enough & (low < high), middle, high)
        low = np.where(~enough & (low < high), middle + 1, low)
    return _value(low)


def _place(value: np.float32) -> int:
    """The place of a float32 in the order of all of them; 0 is 0."""
    bits = int(np.float32(abs(value)).view(np.int32))
    return -bits if value < 0 else bits


def _value(places: NDArray[np.int64]) -> ScoreArray:
    magnitude = np.abs(places).astype(np.int32).view(np.float32)
    return np.where(places < 0, -magnitude, magnitude).astype(np.float32)


def _seen(decisions: Decisions, logits: ScoreArray) -> tuple[ScoreArray, ScoreArray]:
    z = mapped(np.ascontiguousarray(logits, dtype=np.float32), decisions.logit_map)
    return z, scores_from_logits(z, decisions.activation)
