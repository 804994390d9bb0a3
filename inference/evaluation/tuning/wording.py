"""Goals and what became of labels, in plain English."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from inference.choices import Objective, Promise
from inference.evaluation.tuning.floors import percent, plain
from inference.evaluation.tuning.staircase import Staircase
from inference.types import Goal, format_float32

CLASSES: Final = (
    Objective.ARGMAX,
    Objective.PRIOR,
    Objective.TAU,
    Objective.BIASES,
    Objective.REJECT_COST,
    Objective.REJECT_COVERAGE,
    Objective.REJECT_ACCURACY,
)  # where an image has one class


def words(goal: Goal | Sequence[Goal]) -> str:
    """The goal as a phrase without full stop: "recall as high as possible with precision at least 0.90".

    Goals that differ by label are told one after the other, the most frequent first.
    """
    if isinstance(goal, Goal):
        return _words(goal)
    counts = {each: list(goal).count(each) for each in goal}
    if len(counts) == 1:
        return _words(next(iter(counts)))
    falling = sorted(counts, key=lambda each: -counts[each])
    return "; ".join(f"{_labels(counts[each])}: {_words(each)}" for each in falling)


def _labels(count: int) -> str:
    return "1 label" if count == 1 else f"{count:,} labels"


def _words(goal: Goal) -> str:
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
        Objective.TOP_K: "always the highest label" if goal.k == 1 else f"always the {goal.k} highest labels",
        Objective.PER_IMAGE: "the set of labels with the highest expected F1, image by image",
        Objective.CALIBRATED_HALF: "calibrated scores, and every threshold at 0.5",
        Objective.ARGMAX: "the class with the highest score",
        Objective.PRIOR: f"the likeliest class where {_prevalence(goal)}",
        Objective.TAU: "macro F1 as high as one strength for rare classes makes it",
        Objective.BIASES: "macro F1 as high as a bias for every class makes it",
        Objective.REJECT_COST: (
            f"least cost, a wrong class costing {goal.cost_fp:g} and a rejected image {goal.cost_fn:g}"
        ),
        Objective.REJECT_COVERAGE: f"the least certain images rejected, {percent(goal.coverage)} decided",
        Objective.REJECT_ACCURACY: (
            f"as many images decided as possible with accuracy at least {plain(goal.accuracy)}{_promise(goal)}"
        ),
    }
    return phrases[goal.objective]


def _prevalence(goal: Goal) -> str:
    return "classes are as frequent as stated" if goal.target_prevalence else "all classes are equally frequent"


def _promise(goal: Goal) -> str:
    if goal.promise is Promise.MEASURED:
        return ""
    if goal.promise is Promise.EXPECTED:
        return " on average over new images"
    together = " for all labels together" if goal.covers_all and goal.objective not in CLASSES else ""
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
