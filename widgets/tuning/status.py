"""The sentences around a proposal: what it does, what it leaves alone, and what applying it means."""

from __future__ import annotations

from collections import Counter
from typing import Final

from inference.types import Goal, LabelStatus, Objective
from widgets.numbers import format_count
from widgets.tuning.goal_words import essence
from widgets.tuning.objectives import OF_A_LABEL, UNFITTED
from widgets.tuning.rows import TuningRows
from widgets.tuning.schemes import change_words

_KEPT: Final = {
    LabelStatus.LOCKED: "locked",
    LabelStatus.TOO_FEW: "with too few positives",
    LabelStatus.UNREACHABLE: "out of reach",
    LabelStatus.ABSTAINED: "without a promise",
}


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
    found = Counter(rows.status(label) for label in range(total))
    kept = [f"{format_count(found[status])} {words}" for status, words in _KEPT.items() if found[status]]
    parts = [*_changes(rows), *kept]
    if rows.goals and rows.proposal.goal.objective not in OF_A_LABEL:
        parts.append("goals of single labels do not count for this goal")
    if rows.proposal.summary:
        silent = found[LabelStatus.ABSTAINED] == total and not applies(rows)
        parts = ["nothing would change", rows.proposal.summary] if silent else [*parts, rows.proposal.summary]
    text = " · ".join(parts)
    return text[0].upper() + text[1:]


def _changes(rows: TuningRows) -> tuple[str, ...]:
    """What the proposal would change, in phrases."""
    beside = beside_thresholds(rows)
    if not rows.after.rule.uses_thresholds:
        return beside or ("nothing would change",)
    changed = int(rows.changes().sum())
    return (f"{format_count(changed)} of {counted(len(rows.labels), 'threshold')} would change", *beside)


def beside_thresholds(rows: TuningRows) -> tuple[str, ...]:
    """What applying the proposal changes beside the thresholds, in phrases."""
    return change_words(rows.scheme, rows.after, len(rows.labels))


def applies(rows: TuningRows) -> bool:
    """Whether applying the proposal changes anything."""
    return rows.proposal is not None and bool(rows.changes().any() or beside_thresholds(rows))


def locks_changed(rows: TuningRows) -> bool:
    """Whether the proposal moves a label that has been locked since."""
    goal = Goal() if rows.proposal is None else rows.proposal.goal
    if not rows.after.rule.uses_thresholds and goal.objective is not Objective.BIASES:
        return False  # nothing of a single class's own could be kept
    return bool((rows.changes() & rows.locked).any())


def apply_text(rows: TuningRows, images: int | None) -> str:
    """What the button does, with its counts; ``images`` is None while it is not known."""
    if rows.proposal is None:
        return "Apply"
    if not applies(rows):
        return "Nothing to apply: this is what is in force"
    changed = int(rows.changes().sum()) if rows.after.rule.uses_thresholds else 0
    parts = [counted(changed, "threshold")] if changed else []
    text = f"Apply {', '.join([*parts, *beside_thresholds(rows)])}"
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


def is_fitted(rows: TuningRows) -> bool:
    """Whether the proposal is fitted to the folder, so that new images may disappoint."""
    if rows.proposal is None:
        return False
    objective = rows.proposal.goal.objective
    return objective not in UNFITTED or (bool(rows.goals) and objective in OF_A_LABEL)
