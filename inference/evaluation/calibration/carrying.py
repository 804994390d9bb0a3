"""Thresholds that go on deciding as they did when scores are mapped otherwise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from inference.evaluation.activations import scores_from_logits
from inference.evaluation.decisions import decide, eligible, first_passing, passes
from inference.evaluation.honesty.scored import never
from inference.evaluation.logit_maps import mapped
from inference.types import (
    Activation,
    BoolArray,
    DecisionRule,
    FloatArray,
    LogitMap,
    ScoreArray,
    Thresholds,
)

_CHUNK: Final = 1 << 20  # scores decided at a time
_ONE: Final = np.float32(1.0)


@dataclass(frozen=True, eq=False)
class Scheme:
    """How logits become decisions, but for thresholds."""

    activation: Activation
    rule: DecisionRule
    logit_map: LogitMap | None = None
    k: int = 1


@dataclass(frozen=True, eq=False)
class Carried:
    """Thresholds for the mapped scores, and how many images they decide otherwise than before."""

    thresholds: Thresholds
    n_flipped: int
    n_images: int


def carry(
    logits: ScoreArray,
    thresholds: Thresholds,
    before: Scheme,
    after: LogitMap | None,
    *,
    known: ScoreArray | None = None,
    cancelled: Callable[[], bool] = never,
) -> Carried | None:
    """The thresholds at which the scores under another map decide what they decide now.

    Under sigmoid a map keeps the order of each label's images, so that every image stays on its side of its
    threshold: the threshold goes through the map itself, and between the two scores it stood between. Only scores
    that become equal as float32 cannot be kept apart. Under softmax each threshold is put where as many images are
    predicted as before.

    Args:
        logits: float32 (n, c) of all scored images, not mapped.
        thresholds: (c,), in force now.
        before: the scheme in force now.
        after: the other map; activation and rule stay.
        known: thresholds that are to be taken instead, (c,), NaN where there is none: those that the present ones
            were once carried from.
        cancelled: asked between labels.

    Returns:
        None when cancelled.
    """
    old, new = mapped(logits, before.logit_map), mapped(logits, after)
    old_scores, new_scores = (scores_from_logits(part, before.activation) for part in (old, new))
    if before.activation is Activation.SIGMOID:
        values = _by_rank(old_scores, new_scores, thresholds, before.logit_map, after, cancelled)
    else:
        values = _by_number((old, old_scores), (new, new_scores), thresholds, before, cancelled)
    if cancelled():
        return None
    result = Thresholds(values if known is None else np.where(np.isnan(known), values, known))
    flipped = _flipped((old, old_scores, thresholds), (new, new_scores, result), before)
    return Carried(result, flipped, len(logits))


_State = tuple[ScoreArray, ScoreArray, Thresholds]  # mapped logits and scores (n, c), thresholds


def _flipped(old: _State, new: _State, scheme: Scheme) -> int:
    """Images with at least one label decided otherwise."""
    count = 0
    step = max(1, _CHUNK // max(1, old[0].shape[1]))
    for start in range(0, len(old[0]), step):
        part = slice(start, start + step)
        one, other = (
            decide(logits[part], scores[part], limits.values, scheme.rule, scheme.k)
            for logits, scores, limits in (old, new)
        )
        count += int(np.count_nonzero((one != other).any(axis=1)))
    return count


# -- sigmoid: order is kept


def _by_rank(
    old: ScoreArray,
    new: ScoreArray,
    thresholds: Thresholds,
    before: LogitMap | None,
    after: LogitMap | None,
    cancelled: Callable[[], bool],
) -> ScoreArray:
    wanted = through(thresholds.values, before, after)
    for label in range(old.shape[1]):
        if cancelled():
            break
        limit = thresholds.values[label]
        if 0 < limit <= _ONE:  # others predict all or none, whatever the scores
            wanted[label] = _placed(wanted[label], new[:, label], passes(old[:, label], limit))
    return wanted


def _placed(wanted: np.float32, scores: ScoreArray, passing: BoolArray) -> np.float32:
    """The threshold nearest to the wanted one that lets the same images pass; where none does, nearly the same."""
    lowest = np.min(scores, where=passing, initial=np.float32(np.inf))
    highest = np.max(scores, where=~passing, initial=np.float32(-np.inf))
    above = np.nextafter(highest, np.float32(np.inf), dtype=np.float32)
    if highest < lowest:
        return np.float32(min(max(wanted, above), lowest))
    lost, gained = (int(np.count_nonzero(passes(scores, limit) != passing)) for limit in (above, lowest))
    return above if lost < gained else lowest


def through(values: ScoreArray, before: LogitMap | None, after: LogitMap | None) -> ScoreArray:
    """Scores of sigmoid under one map as scores under another, (c,); those beyond 0 and 1 as they are."""
    wide = values.astype(np.float64)
    inside = (wide > 0) & (wide < 1)
    safe = np.where(inside, wide, 0.5)
    logits = _forward(_back(np.log(safe) - np.log1p(-safe), before), after)
    decayed = np.exp(-np.abs(logits))
    scores = np.where(logits < 0, decayed, 1.0) / (1.0 + decayed)
    return np.where(inside, scores, wide).astype(np.float32)


def _forward(logits: FloatArray, logit_map: LogitMap | None) -> FloatArray:
    """One logit a label through its map, (c,)."""
    if logit_map is None:
        return logits
    bent = _bent(logits, logit_map, back=False)
    result: FloatArray = bent * logit_map.scale + logit_map.shift
    return result


def _back(logits: FloatArray, logit_map: LogitMap | None) -> FloatArray:
    """The logits that the map makes these of, (c,)."""
    return logits if logit_map is None else _bent((logits - logit_map.shift) / logit_map.scale, logit_map, back=True)


def _bent(logits: FloatArray, logit_map: LogitMap, *, back: bool) -> FloatArray:
    result = logits.copy()
    for label, knots in enumerate(logit_map.knots):
        if knots[0]:
            x, y = (np.array(part) for part in (reversed(knots) if back else knots))
            value = logits[label]
            result[label] = np.interp(value, x, y) + min(value - x[0], 0.0) + max(value - x[-1], 0.0)
    return result


# -- softmax: as many as before


def _by_number(
    old: tuple[ScoreArray, ScoreArray],
    new: tuple[ScoreArray, ScoreArray],
    thresholds: Thresholds,
    scheme: Scheme,
    cancelled: Callable[[], bool],
) -> ScoreArray:
    # where the rule needs no thresholds they are carried for the rule that does
    rule = scheme.rule if scheme.rule.uses_thresholds else DecisionRule.ARGMAX_REJECT
    may = [eligible(logits, scores, rule, scheme.k) for logits, scores in (old, new)]
    values = thresholds.values.copy()
    for label in range(len(values)):
        if cancelled():
            break
        limit = values[label]
        if not 0 < limit <= _ONE:
            continue
        before, after = (
            scores[:, label] if part is None else scores[part[:, label], label]
            for (_, scores), part in zip((old, new), may, strict=True)
        )
        values[label] = _with_number(np.sort(after), limit, int(np.count_nonzero(passes(before, limit))))
    return values


def _with_number(rising: ScoreArray, limit: np.float32, wanted: int) -> np.float32:
    """The threshold that as many of the rising scores pass as wanted, or nearly; the present one where it does."""
    n = len(rising)
    if n - first_passing(rising, limit) == wanted or not n:
        return limit
    start = max(n - wanted, 0)
    if 0 < start < n and rising[start - 1] == rising[start]:
        start = _nearest_step(rising, start)
    low = rising[start - 1] if start else np.float32(0.0)
    high = rising[start] if start < n else max(_ONE, np.nextafter(low, np.float32(np.inf), dtype=np.float32))
    middle = np.float32((float(low) + float(high)) / 2)
    return middle if low < middle <= high else high


def _nearest_step(rising: ScoreArray, start: int) -> int:
    """The place nearest to ``start`` at which the score changes."""
    first = int(np.searchsorted(rising, rising[start], side="left"))
    last = int(np.searchsorted(rising, rising[start], side="right"))
    return first if start - first <= last - start else last
