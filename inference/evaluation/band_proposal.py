"""The narrowest review band that accepts with enough precision and rejects few positives, label by label.

Both ends come from one label's staircase (`inference.evaluation.tuning.staircase`): the upper one is the loosest cut
whose precision is high enough, the lower one the strictest cut that keeps enough positives. Promises for images to
come are those of `inference.evaluation.honesty.guarantees`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from inference.choices import Promise
from inference.evaluation.honesty.guarantees import ltt_precision, pac_recall, recall_needs
from inference.evaluation.tuning.data import TuningData
from inference.evaluation.tuning.staircase import Staircase
from inference.types import POSITIVE, UNKNOWN, BandGoal, BandProposal, BoolArray, ReviewBand, Thresholds

_SLACK: Final = 1e-9  # 0.95 of 20 is a hair over 19


@dataclass(frozen=True)
class _End:
    """Where one end comes to lie, whether the goal is kept there, and a sentence or nothing."""

    cut: int
    kept: bool
    note: str = ""


def band_words(goal: BandGoal) -> str:
    """The goal as a sentence without full stop."""
    lost = f"at most {percent(goal.lost)} of the positives are lost"
    text = f"Accept where at least {percent(goal.precision)} are right, reject where {lost}"
    if goal.promise is Promise.MEASURED:
        return f"{text}, as measured on this folder; a person looks at the rest"
    return f"{text}, each with {percent(goal.confidence)} confidence on new images; a person looks at the rest"


def propose_band(
    data: TuningData,
    goal: BandGoal,
    current: ReviewBand,
    eligible: BoolArray | None = None,
    *,
    cancelled: Callable[[], bool] = lambda: False,
) -> BandProposal | None:
    """The narrowest band; None when cancelled. A worker's job: it sorts every label.

    Args:
        data: scores and truth of the images that may be tuned on.
        goal: what is to be kept, and how strongly.
        current: the band of labels about which nothing can be said.
        eligible: bool (n, c), where the rule allows a label at all; None where it does everywhere.
    """
    low, high = current.low.values.copy(), current.high.values.copy()
    accepts, rejects = np.zeros(data.n_labels, dtype=bool), np.zeros(data.n_labels, dtype=bool)
    notes: list[str] = []
    for label in range(data.n_labels):
        if cancelled():
            return None
        staircase, positives = _staircase(data, label, eligible)
        reason = _nothing_to_say(staircase, positives)
        if reason:
            notes.append(f"{reason}: the band stays as it is.")
            continue
        accept, reject = _accept_from(staircase, goal), _reject_below(staircase, positives, goal)
        accepts[label], rejects[label] = accept.kept, reject.kept
        high[label] = staircase.place(accept.cut)
        # where the two overlap either end will do: accept from where the precision allows, and review nothing
        low[label] = min(staircase.place(reject.cut), high[label])
        notes.append(" ".join(note for note in (accept.note, reject.note) if note))
    band = ReviewBand(Thresholds(low), Thresholds(high))
    return BandProposal(goal, band_words(goal), band, accepts, rejects, tuple(notes))


def percent(share: float) -> str:
    """``95 %``, with as many places as it has."""
    return f"{100 * share:.6g} %"


def _staircase(data: TuningData, label: int, eligible: BoolArray | None) -> tuple[Staircase, int]:
    """The cuts of a label on the images that the rule allows it on, and its positives on all of them."""
    truth = data.truth[label]
    positives = int(np.count_nonzero(truth == POSITIVE))
    if eligible is None:
        return data.staircase(label), positives
    allowed = np.where(eligible[:, label], truth, np.int8(UNKNOWN))
    return Staircase.build(data.scores[label], allowed, data.margins[label]), positives


def _nothing_to_say(staircase: Staircase, positives: int) -> str:
    if not staircase.known:
        return "No scored image is annotated for this label"
    if not positives:
        return "No image is annotated positive"
    return ""


def _accept_from(staircase: Staircase, goal: BandGoal) -> _End:
    """The loosest cut with a precision of at least the floor; the one that accepts nothing where there is none."""
    pp, tp = staircase.pp.astype(np.int64), staircase.tp.astype(np.int64)
    if goal.promise is not Promise.MEASURED:
        cut, reason = ltt_precision(pp, tp, goal.precision, goal.confidence)
        if cut is None:
            return _End(0, False, f"Nothing can be accepted: {reason}.")
        return _End(cut, True)
    reached = np.flatnonzero((tp >= goal.precision * pp - _SLACK) & (pp > 0))
    if len(reached):
        return _End(int(reached[-1]), True)
    best = 1 + int(np.argmax(tp[1:] / pp[1:]))
    highest = f"{percent(math.floor(1000 * tp[best] / pp[best]) / 1000)} ({tp[best]:,} of {pp[best]:,})"
    return _End(0, False, f"Nothing can be accepted: the highest precision here is {highest}.")


def _reject_below(staircase: Staircase, positives: int, goal: BandGoal) -> _End:
    """The strictest cut that loses few enough positives; the one that rejects nothing where there is none."""
    everything = len(staircase.pp) - 1
    if goal.promise is Promise.MEASURED:
        may_miss: int | None = math.floor(goal.lost * positives + _SLACK)
    else:
        may_miss = pac_recall(positives, 1.0 - goal.lost, goal.confidence)
    if may_miss is None:
        needed = recall_needs(1.0 - goal.lost, goal.confidence)
        why = (
            f"needs at least {needed:,} positives; you have {positives:,}" if needed else "no number of images shows it"
        )
        return _End(everything, False, f"Nothing can be rejected: {why}.")
    found = int(staircase.tp[-1])
    if found < positives - may_miss:
        given = f"{positives - found:,} of {positives:,} positives"
        return _End(everything, False, f"The rule gives {given} to other labels, whatever the band.")
    return _End(int(np.searchsorted(staircase.tp, positives - may_miss)), True)
