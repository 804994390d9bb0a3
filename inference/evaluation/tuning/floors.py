"""Precision at least p, recall at least r: measured on the folder, or promised for images to come.

What a promise needs and gives is in `inference.evaluation.honesty.guarantees`; here it becomes a threshold or a reason.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from inference.choices import LabelStatus, Objective, Promise
from inference.evaluation.honesty.guarantees import (
    conformal_recall,
    ltt_precision,
    pac_recall,
    recall_needs,
    shared_confidence,
)
from inference.evaluation.tuning.choices import Choices
from inference.evaluation.tuning.single import precision_at_least, recall_at_least
from inference.evaluation.tuning.staircase import Staircase
from inference.types import Goal


@dataclass(frozen=True)
class Answer:
    """What became of one label: its new threshold (None: it keeps the present one), and a sentence or nothing."""

    threshold: np.float32 | None
    status: LabelStatus
    note: str = ""


def measured(each: Choices, goal: Goal) -> Answer:
    """The floor as counted on this folder, or on its smoothed counts."""
    wants_precision = goal.objective is Objective.PRECISION
    index, reached = (precision_at_least if wants_precision else recall_at_least)(each, goal.floor)
    threshold = each.threshold(index)
    staircase = each.staircase
    cut = staircase.cut_at(threshold)
    tp, pp = int(staircase.tp[cut]), int(staircase.pp[cut])
    word, whole, of = (
        ("precision", pp, "predicted are correct")
        if wants_precision
        else (
            "recall",
            staircase.positives,
            "positives are found",
        )
    )
    here = f"{_rate(tp, whole)} ({tp:,} of {whole:,} {of})"
    if not reached:
        return Answer(
            threshold,
            LabelStatus.UNREACHABLE,
            f"No threshold reaches a {word} of {plain(goal.floor)} on this folder; the highest is {here}.",
        )
    if not whole or tp / whole < goal.floor:
        return Answer(threshold, LabelStatus.TUNED, f"The smoothed {word} is at the goal; on this folder it is {here}.")
    return Answer(threshold, LabelStatus.TUNED)


def promised(staircase: Staircase, goal: Goal, n_labels: int) -> Answer:
    """The floor as a promise; ``n_labels`` are covered by it together."""
    confidence = shared_confidence(goal.confidence, n_labels) if goal.covers_all else goal.confidence
    if goal.objective is Objective.PRECISION:
        return _promised_precision(staircase, goal, confidence)
    return _promised_recall(staircase, goal, confidence)


def _promised_precision(staircase: Staircase, goal: Goal, confidence: float) -> Answer:
    floor = goal.floor
    if goal.promise is Promise.EXPECTED:
        floor, confidence = on_average(goal.floor)
    cut, reason = ltt_precision(staircase.pp.astype(np.int64), staircase.tp.astype(np.int64), floor, confidence)
    if cut is None:
        return Answer(None, LabelStatus.ABSTAINED, _sentence(f"No promise: {reason}"))
    return Answer(staircase.place(cut), LabelStatus.TUNED, _sentence(reason))


def _promised_recall(staircase: Staircase, goal: Goal, confidence: float) -> Answer:
    positives = staircase.positives
    if goal.promise is Promise.EXPECTED:
        missed = conformal_recall(positives, goal.floor)
        needed = recall_needs(goal.floor)
    else:
        missed = pac_recall(positives, goal.floor, confidence)
        needed = recall_needs(goal.floor, confidence)
    if missed is None:
        what = f"a recall of {plain(goal.floor)}{_strength(goal.promise, confidence)}"
        reason = (
            f"{what} needs at least {needed:,} positives; you have {positives:,}"
            if needed is not None
            else f"no number of images can promise {what} without predicting everything"
        )
        return Answer(None, LabelStatus.ABSTAINED, _sentence(f"No promise: {reason}"))
    cut = int(np.searchsorted(staircase.tp, positives - missed))
    found = int(staircase.tp[cut])
    return Answer(staircase.place(cut), LabelStatus.TUNED, f"Finds {found:,} of the {positives:,} positives here.")


def on_average(floor: float) -> tuple[float, float]:
    """A floor and a confidence whose promise makes the precision ``floor`` on average, an abstention counting as kept.

    Precision is not monotone in the threshold, so that no conformal rule gives its average. But a precision of q with
    confidence s is one of at least q s on average; of the pairs with q s = floor this one shares the slack equally.
    """
    confidence = (1.0 + floor) / 2.0
    return floor / confidence, confidence


def plain(value: float) -> str:
    """At least two decimals, no more than four."""
    text = f"{value:.4f}".rstrip("0")
    return text if len(text.split(".")[1]) >= 2 else f"{value:.2f}"


def percent(value: float) -> str:
    """``90 %``."""
    return f"{100 * value:.4g} %"


def _strength(promise: Promise, confidence: float) -> str:
    return " on average" if promise is Promise.EXPECTED else f" with {percent(confidence)} confidence"


def _rate(part: int, whole: int) -> str:
    return plain(part / whole) if whole else "undefined"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".") + "."
