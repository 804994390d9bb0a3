"""Goals in a few words, for a cell of the table; and which parts of two goals make a difference."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from inference.types import Goal, Objective, Promise
from widgets.tuning.objectives import Parameter, percent, relevant

AS_ALL: Final = "as all"
_ALONE: Final = {
    Objective.BALANCED: "balanced",
    Objective.SAMPLES_F: "F1 of each image",
    Objective.PREVALENCE: "as many as annotated",
    Objective.SHARED: "one shared threshold",
    Objective.YOUDEN: "Youden",
    Objective.HALF: "0.5",
    Objective.PER_IMAGE: "best set of each image",
    Objective.CALIBRATED_HALF: "calibrated, 0.5",
    Objective.ARGMAX: "argmax",
    Objective.PRIOR: "other class frequencies",
    Objective.TAU: "one strength for rare classes",
    Objective.BIASES: "a bias a class",
}
_FIELDS: Final = {
    Parameter.BETA: ("beta",),
    Parameter.FLOOR: ("floor", "promise"),
    Parameter.COSTS: ("cost_fp", "cost_fn"),
    Parameter.CURVES: ("smoothed",),
    Parameter.K: ("k",),
    Parameter.COVERAGE: ("coverage",),
    Parameter.ACCURACY: ("accuracy", "promise"),
    Parameter.PREVALENCES: ("target_prevalence",),
}


def essence(goal: Goal) -> Goal:
    """The goal with every parameter that does not matter at its default, so that two equal wishes compare equal."""
    names = [name for parameter in relevant(goal) for name in _FIELDS[parameter]]
    if "promise" in names and goal.promise is Promise.CONFIDENT:
        names += ["confidence", "covers_all"] if "floor" in names else ["confidence"]
    return replace(Goal(), objective=goal.objective, **{name: getattr(goal, name) for name in names})


def goal_words(goal: Goal) -> str:
    """A goal as a cell says it: "precision ≥ 0.9", "recall ≥ 0.8, 95 % sure", "F2, exact"."""
    text = _head(goal)
    if Parameter.CURVES in relevant(goal) and not goal.smoothed:
        text += ", exact"
    return text


def _head(goal: Goal) -> str:
    objective = goal.objective
    if objective in (Objective.MICRO_F, Objective.MACRO_F):
        return f"F{goal.beta:g}{' of all decisions' if objective is Objective.MICRO_F else ''}"
    if objective in (Objective.PRECISION, Objective.RECALL):
        return f"{objective.value} ≥ {goal.floor:g}{_promise(goal)}"
    if objective is Objective.COST:
        return f"cost {goal.cost_fp:g} : {goal.cost_fn:g}"
    if objective is Objective.TOP_K:
        return f"{goal.k} highest"
    if objective is Objective.REJECT_COST:
        return f"reject: cost {goal.cost_fp:g} : {goal.cost_fn:g}"
    if objective is Objective.REJECT_COVERAGE:
        return f"reject: decide {percent(goal.coverage)}"
    if objective is Objective.REJECT_ACCURACY:
        return f"reject: accuracy ≥ {goal.accuracy:g}{_promise(goal)}"
    return _ALONE[objective]


def _promise(goal: Goal) -> str:
    if goal.promise is Promise.CONFIDENT:
        return f", {percent(goal.confidence)} sure"
    return ", on average" if goal.promise is Promise.EXPECTED else ""
