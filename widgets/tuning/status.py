"""The sentences around a proposal: what it does, what it leaves alone, and what applying it means."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Final

from inference.types import Goal, LabelStatus, Objective, Promise
from widgets.numbers import format_count
from widgets.tuning.objectives import Parameter, relevant
from widgets.tuning.rows import TuningRows

_KEPT: Final = {
    LabelStatus.LOCKED: "locked",
    LabelStatus.TOO_FEW: "with too few positives",
    LabelStatus.UNREACHABLE: "out of reach",
    LabelStatus.ABSTAINED: "without a promise",
}


def essence(goal: Goal) -> Goal:
    """The goal with every parameter that does not matter at its default, so that two equal wishes compare equal."""
    plain, matters = Goal(), relevant(goal)
    result = replace(plain, objective=goal.objective)
    if Parameter.BETA in matters:
        result = replace(result, beta=goal.beta)
    if Parameter.FLOOR in matters:
        result = replace(result, floor=goal.floor, promise=goal.promise)
    if Parameter.COSTS in matters:
        result = replace(result, cost_fp=goal.cost_fp, cost_fn=goal.cost_fn)
    if Parameter.CURVES in matters:
        result = replace(result, smoothed=goal.smoothed)
    if result.promise is Promise.CONFIDENT:
        result = replace(result, confidence=goal.confidence, covers_all=goal.covers_all)
    return result


def counted(count: int, noun: str) -> str:
    """A count and its noun, "1 image" or "37 images"."""
    return f"{format_count(count)} {noun}{'' if count == 1 else 's'}"


def proposal_sentence(rows: TuningRows, goal: Goal, *, live: bool) -> str:
    """What the proposal in the table does, and which labels it leaves alone."""
    if not rows.labels:
        return ""
    if rows.proposal is None:
        return "No proposal yet." if live else "No proposal yet: press Propose."
    if locks_changed(rows):
        return "Locks were set since: press Propose again."
    if not live and essence(rows.proposal.goal) != essence(goal):
        return "The table shows the proposal for the goal before: press Propose."
    total = len(rows.labels)
    changed = int(rows.changes().sum())
    head = f"{format_count(changed)} of {counted(total, 'threshold')} would change"
    found = Counter(rows.status(label) for label in range(total))
    kept = [f"{format_count(found[status])} {words}" for status, words in _KEPT.items() if found[status]]
    return " · ".join([head, *kept])


def locks_changed(rows: TuningRows) -> bool:
    """Whether the proposal moves a label that has been locked since."""
    return bool((rows.changes() & rows.locked).any())


def apply_text(rows: TuningRows, images: int | None) -> str:
    """What the button does, with its counts; ``images`` is None while it is not known."""
    if rows.proposal is None:
        return "Apply"
    changed = int(rows.changes().sum())
    if not changed:
        return "Nothing to apply: these are the thresholds in force"
    text = f"Apply {counted(changed, 'threshold')}"
    if images is None:
        return text
    if images == 0:
        return f"{text}: no image changes"
    return f"{text}: {counted(images, 'image')} change{'s' if images == 1 else ''}"


def empty_text(rows: TuningRows, text: str) -> str:
    """What the table says where it has no rows."""
    if not rows.labels:
        return "Open a model and a validation folder and score its images: then thresholds can be tuned here."
    if text.strip():
        return f"No label to show contains “{text}”. Esc clears the filter."
    if rows.proposal is None:
        return "There is no proposal yet, so that no threshold would change."
    return "No threshold would change."


def is_reset(goal: Goal) -> bool:
    """Whether nothing is tuned, so that there is nothing to expect of new images either."""
    return goal.objective is Objective.HALF
