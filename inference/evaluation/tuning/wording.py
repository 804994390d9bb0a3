"""Goals and what became of labels, in plain English."""

from __future__ import annotations

from inference.choices import Objective, Promise
from inference.evaluation.tuning.floors import percent, plain
from inference.evaluation.tuning.staircase import Staircase
from inference.types import Goal, format_float32


def words(goal: Goal) -> str:
    """The goal as a phrase without full stop: "recall as high as possible with precision at least 0.90"."""
    f = "F1" if goal.beta == 1 else f"F-beta (beta {goal.beta:g})"
    phrases = {
        Objective.BALANCED: f"micro {f} and macro {f} together as high as possible",
        Objective.MICRO_F: f"micro {f} as high as possible",
        Objective.MACRO_F: f"{f} of each label as high as possible",
        Objective.SAMPLES_F: f"{f} of each image as high as possible on average",
        Objective.PRECISION: f"recall as high as possible with precision at least {plain(goal.floor)}{_promise(goal)}",
        Objective.RECALL: f"precision as high as possible with recall at least {plain(goal.floor)}{_promise(goal)}",
        Objective.COST: f"least cost, a false positive costing {goal.cost_fp:g} and a false negative {goal.cost_fn:g}",
        Objective.PREVALENCE: "as many images predicted as are annotated",
        Objective.SHARED: f"one threshold for all labels, with micro {f} as high as possible",
        Objective.YOUDEN: "sensitivity plus specificity as high as possible (Youden's J)",
        Objective.HALF: "every threshold at 0.5",
    }
    return phrases[goal.objective]


def _promise(goal: Goal) -> str:
    if goal.promise is Promise.MEASURED:
        return ""
    if goal.promise is Promise.EXPECTED:
        return " on average over new images"
    together = " for all labels together" if goal.covers_all else ""
    return f" on new images, with {percent(goal.confidence)} confidence{together}"


def too_few(staircase: Staircase, needed: int, threshold: float) -> str:
    """Why a label keeps its threshold."""
    stays = f"the threshold stays {format_float32(threshold)}"
    if not staircase.known:
        return f"No scored image is annotated for this label: {stays}."
    if not staircase.positives:
        return f"No image is annotated positive: {stays}."
    if staircase.positives < needed:
        images = "1 positive is" if staircase.positives == 1 else f"{staircase.positives} positives are"
        return f"{images} too few to tune on ({needed} are needed): {stays}."
    return f"No image is annotated negative: {stays}."
