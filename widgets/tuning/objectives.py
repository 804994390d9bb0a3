"""The objectives in plain words, and which parameters matter to each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from inference.types import Goal, Objective, Promise

FLOOR_LEAST: Final = 0.001
BETA_LEAST: Final = 0.25
BETA_MOST: Final = 4.0


class Parameter(StrEnum):
    """What can be set beside the objective itself."""

    BETA = "beta"
    FLOOR = "floor"  # and how strongly it is meant
    COSTS = "costs"
    CURVES = "curves"  # smoothed, or exact on this folder


@dataclass(frozen=True)
class ObjectiveText:
    """One line of the menu and the sentence under it; ``{floor}`` stands for the floor that is set."""

    objective: Objective
    title: str
    sentence: str
    parameters: tuple[Parameter, ...] = ()
    promises: tuple[Promise, ...] = (Promise.MEASURED,)


_BETA, _FLOOR, _COSTS = Parameter.BETA, Parameter.FLOOR, Parameter.COSTS
_CURVES = Parameter.CURVES

OBJECTIVES: Final = (
    ObjectiveText(
        Objective.BALANCED,
        "Balanced: frequent and rare labels",
        "Makes F1 over all decisions (micro) and the mean F1 of the labels (macro) high together: a good start.",
        (_CURVES,),
    ),
    ObjectiveText(
        Objective.MICRO_F,
        "Best F-beta over all decisions (micro)",
        "Counts the decisions of all labels together, so that frequent labels weigh most; the best of all "
        "combinations of thresholds.",
        (_BETA, _CURVES),
    ),
    ObjectiveText(
        Objective.MACRO_F,
        "Best F-beta of each label (macro)",
        "Makes each label’s own F-beta as high as it can be: a rare label weighs as much as a frequent one.",
        (_BETA, _CURVES),
    ),
    ObjectiveText(
        Objective.SAMPLES_F,
        "Best F1 of each image (samples)",
        "Makes the mean F1 of the images high: how well the labels of a single image are found.",
        (_CURVES,),
    ),
    ObjectiveText(
        Objective.PRECISION,
        "Precision at least …, recall as high as possible",
        "For each label, finds as many as possible while at least {floor} of what is predicted is right.",
        (_FLOOR, _CURVES),
        (Promise.MEASURED, Promise.CONFIDENT),
    ),
    ObjectiveText(
        Objective.RECALL,
        "Recall at least …, precision as high as possible",
        "For each label, predicts as few wrongly as possible while at least {floor} of the positives are found.",
        (_FLOOR, _CURVES),
        (Promise.MEASURED, Promise.EXPECTED, Promise.CONFIDENT),
    ),
    ObjectiveText(
        Objective.COST,
        "Least cost of mistakes",
        "Makes the sum of what wrong predictions and missed positives cost as low as it can be.",
        (_COSTS, _CURVES),
    ),
    ObjectiveText(
        Objective.PREVALENCE,
        "As many predicted as annotated",
        "For each label, predicts as many images as are annotated positive, whichever these are.",
    ),
    ObjectiveText(
        Objective.SHARED,
        "One threshold for all labels",
        "The one threshold with the best F1 over all decisions (micro), given to every label that is not locked.",
        (_CURVES,),
    ),
    ObjectiveText(
        Objective.YOUDEN,
        "Best recall plus specificity (Youden)",
        "For each label, makes recall plus specificity high, whatever the share of positives.",
        (_CURVES,),
    ),
    ObjectiveText(
        Objective.HALF,
        "Back to 0.5",
        "Gives every label that is not locked the threshold 0.5, which is rarely the best one.",
    ),
)

_TEXTS: Final = {text.objective: text for text in OBJECTIVES}

CONDITION: Final = "This holds if the folder is a random sample of the images to come."


def text_of(objective: Objective) -> ObjectiveText:
    """The words and parameters of an objective."""
    return _TEXTS[objective]


def relevant(goal: Goal) -> frozenset[Parameter]:
    """The parameters that change what is proposed. A promise beyond the folder is a test on counts: no curves."""
    parameters = frozenset(text_of(goal.objective).parameters)
    return parameters - {_CURVES} if goal.promise is not Promise.MEASURED else parameters


def sentence_of(goal: Goal) -> str:
    """What the goal does, in one sentence."""
    return text_of(goal.objective).sentence.format(floor=percent(goal.floor))


def promise_sentence(goal: Goal) -> str:
    """How far the floor can be relied on, in words; "" for objectives without a floor."""
    if Parameter.FLOOR not in text_of(goal.objective).parameters:
        return ""
    if goal.promise is Promise.MEASURED:
        return "On this folder only: new images will often fall short of it."
    if goal.promise is Promise.EXPECTED:
        return f"On average over folders like this one, not for each single one. {CONDITION}"
    whom = "all labels at once" if goal.covers_all else "each label by itself"
    return f"For {whom}; a label with too few images keeps its threshold and says why. {CONDITION}"


def beta_sentence(beta: float) -> str:
    """What beta does to recall and precision."""
    if abs(beta - 1) < 1e-9:
        return "recall and precision weigh the same"
    if beta > 1:
        return f"recall weighs {beta:.2g} times as much as precision"
    return f"precision weighs {1 / beta:.2g} times as much as recall"


def cost_sentence(goal: Goal) -> str:
    """The threshold that the costs mean where scores are true probabilities: FP / (FP + FN)."""
    total = goal.cost_fp + goal.cost_fn
    if total <= 0:
        return "One of the two must cost something."
    return f"Were the scores true probabilities, the threshold would be {goal.cost_fp / total:.3g} for every label."


def percent(share: float) -> str:
    """A share as people say it: 90 %, 99.5 %."""
    return f"{share * 100:.4g} %"
