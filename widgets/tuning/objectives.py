"""The objectives in plain words, and which parameters matter to each."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from inference.types import DecisionRule, Goal, Objective, Promise, Task

FLOOR_LEAST: Final = 0.001
K_MOST: Final = 100
BETA_LEAST: Final = 0.25
BETA_MOST: Final = 4.0


class Parameter(StrEnum):
    """What can be set beside the objective itself."""

    BETA = "beta"
    FLOOR = "floor"  # and how strongly it is meant
    COSTS = "costs"  # of a false positive and a false negative, or of a wrong class and a rejected image
    CURVES = "curves"  # smoothed, or exact on this folder
    K = "k"
    COVERAGE = "coverage"
    ACCURACY = "accuracy"  # and how strongly it is meant
    PREVALENCES = "prevalences"  # that the classes will have


class Kind(StrEnum):
    """What a proposal for the objective consists of."""

    THRESHOLDS = "thresholds"  # a threshold a label, decided label by label
    SETS = "sets"  # another rule or calibration, for any number of labels an image
    CLASSES = "classes"  # one class an image: biases, or a threshold under which it is rejected


@dataclass(frozen=True)
class ObjectiveText:
    """One line of the menu and the sentence under it, in which ``{floor}`` and the like stand for what is set."""

    objective: Objective
    title: str
    sentence: str
    parameters: tuple[Parameter, ...] = ()
    promises: tuple[Promise, ...] = (Promise.MEASURED,)
    kind: Kind = Kind.THRESHOLDS


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
    ObjectiveText(
        Objective.TOP_K,
        "Always the k highest labels",
        "Gives every image its {k}, however low their scores are.",
        (Parameter.K,),
        kind=Kind.SETS,
    ),
    ObjectiveText(
        Objective.PER_IMAGE,
        "The best set of labels, image by image",
        "Gives each image the set of labels whose F1 is expected to be highest, from calibrated scores: where they "
        "are not, they are calibrated (Platt). Thresholds are not used.",
        kind=Kind.SETS,
    ),
    ObjectiveText(
        Objective.CALIBRATED_HALF,
        "Calibrate, then 0.5",
        "Predicts what is more likely than not: the fewest wrong decisions. Where scores are not calibrated, what "
        "they mean is fitted label by label (Platt).",
        kind=Kind.SETS,
    ),
    ObjectiveText(
        Objective.ARGMAX,
        "Plain argmax",
        "Predicts the class with the highest score, with no bias for any class.",
        kind=Kind.CLASSES,
    ),
    ObjectiveText(
        Objective.PRIOR,
        "Argmax for other class frequencies",
        "Corrects the scores for images among which the classes are as frequent as you say, not as in this folder.",
        (Parameter.PREVALENCES,),
        kind=Kind.CLASSES,
    ),
    ObjectiveText(
        Objective.TAU,
        "Argmax that helps rare classes: one strength for all",
        "Calibrates the scores, and raises rare classes by one strength, chosen for the best macro F1.",
        (_CURVES,),
        kind=Kind.CLASSES,
    ),
    ObjectiveText(
        Objective.BIASES,
        "Argmax with a bias a class",
        "Chooses a bias for every class for the best macro F1: needs about 75 images of the rarest class, or it "
        "does worse on new images than one strength for all.",
        kind=Kind.CLASSES,
    ),
    ObjectiveText(
        Objective.REJECT_COST,
        "Reject what is cheaper to look at",
        "Leaves an image without a class where a person’s look costs less than the mistakes to be expected.",
        (_COSTS, _CURVES),
        kind=Kind.CLASSES,
    ),
    ObjectiveText(
        Objective.REJECT_COVERAGE,
        "Reject the least certain images",
        "Decides the {coverage} of the images that are most certain, and leaves the others without a class.",
        (Parameter.COVERAGE,),
        kind=Kind.CLASSES,
    ),
    ObjectiveText(
        Objective.REJECT_ACCURACY,
        "Reject until what is decided is right often enough",
        "Decides as many images as possible while at least {accuracy} of the decided ones are right.",
        (Parameter.ACCURACY,),
        (Promise.MEASURED, Promise.CONFIDENT),
        Kind.CLASSES,
    ),
)

_TEXTS: Final = {text.objective: text for text in OBJECTIVES}

CONDITION: Final = "This holds if the folder is a random sample of the images to come."


def text_of(objective: Objective) -> ObjectiveText:
    """The words and parameters of an objective."""
    return _TEXTS[objective]


def offered(task: Task, rule: DecisionRule) -> tuple[Objective, ...]:
    """The objectives that the menu has, in its order.

    Where an image has one class, those for classes; where thresholds decide, those for thresholds as well.
    """
    kinds = {Kind.CLASSES} if task is Task.MULTICLASS else {Kind.THRESHOLDS, Kind.SETS}
    if task is Task.MULTICLASS and not rule.one_label:
        kinds.add(Kind.THRESHOLDS)
    return tuple(text.objective for text in OBJECTIVES if text.kind in kinds)


# nothing is fitted to the folder: its numbers do not flatter, and there is nothing to estimate
UNFITTED: Final = (Objective.HALF, Objective.TOP_K, Objective.ARGMAX)
OF_A_LABEL: Final = tuple(text.objective for text in OBJECTIVES if text.kind is Kind.THRESHOLDS)


def relevant(goal: Goal) -> frozenset[Parameter]:
    """The parameters that change what is proposed. A promise beyond the folder is a test on counts: no curves."""
    parameters = frozenset(text_of(goal.objective).parameters)
    return parameters - {_CURVES} if goal.promise is not Promise.MEASURED else parameters


def sentence_of(goal: Goal) -> str:
    """What the goal does, in one sentence."""
    return text_of(goal.objective).sentence.format(
        floor=percent(goal.floor),
        k="highest label" if goal.k == 1 else f"{goal.k} highest labels",
        coverage=percent(goal.coverage),
        accuracy=percent(goal.accuracy),
    )


def promise_sentence(goal: Goal) -> str:
    """How far the floor can be relied on, in words; "" for objectives without a floor."""
    parameters = text_of(goal.objective).parameters
    if Parameter.FLOOR not in parameters and Parameter.ACCURACY not in parameters:
        return ""
    if goal.promise is Promise.MEASURED:
        return "On this folder only: new images will often fall short of it."
    if goal.promise is Promise.EXPECTED:
        return f"On average over folders like this one, not for each single one. {CONDITION}"
    if Parameter.ACCURACY in parameters:
        return f"Where too few images are decided rightly for the promise, nothing is changed. {CONDITION}"
    whom = "all labels at once" if goal.covers_all else "each label by itself"
    return f"For {whom}; a label with too few images keeps its threshold and says why. {CONDITION}"


def beta_sentence(beta: float) -> str:
    """What beta does to recall and precision."""
    if abs(beta - 1) < 1e-9:
        return "recall and precision weigh the same"
    if beta > 1:
        return f"recall weighs {beta:.2g} times as much as precision"
    return f"precision weighs {1 / beta:.2g} times as much as recall"


def cost_threshold(goal: Goal) -> float:
    """The threshold of least expected cost where scores are true probabilities: FP / (FP + FN); NaN without costs."""
    total = goal.cost_fp + goal.cost_fn
    return goal.cost_fp / total if total > 0 else math.nan


def cost_sentence(goal: Goal) -> str:
    """What the costs mean where scores are true probabilities."""
    if goal.objective is Objective.REJECT_COST:
        if goal.cost_fp <= 0:
            return "A wrong class must cost something."
        least = 1 - goal.cost_fn / goal.cost_fp  # Chow 1970
        if least <= 0:
            return "A look costs as much as a mistake or more: nothing is worth rejecting."
        if goal.smoothed:
            return f"Calibrates the scores (temperature) and rejects below {least:.3g}, as the costs say by formula."
        return f"The least cost on this folder; by formula, for calibrated scores, it would be below {least:.3g}."
    least = cost_threshold(goal)
    if math.isnan(least):
        return "One of the two must cost something."
    return f"Were the scores true probabilities, the threshold would be {least:.3g} for every label."


def percent(share: float) -> str:
    """A share as people say it: 90 %, 99.5 %."""
    return f"{share * 100:.4g} %"
