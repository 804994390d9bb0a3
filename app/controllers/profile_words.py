"""Profiles in words and as rows: how they decide, what they gave, and why that may hold no longer."""

from __future__ import annotations

import math
from datetime import datetime

from app.controllers.decisions import ACTIVATION_NAMES, RULE_NAMES
from app.session import Decision, Session
from app.state import F1Then, Profile
from inference.types import CalibrationMethod, DecisionRule, ProfileRow

CALIBRATION_NAMES = {
    CalibrationMethod.NONE: "",
    CalibrationMethod.TEMPERATURE: "temperature",
    CalibrationMethod.PLATT: "Platt",
    CalibrationMethod.ISOTONIC: "isotonic",
    CalibrationMethod.BIAS_CORRECTED: "bias-corrected temperature",
}


def decides_words(decision: Decision) -> str:
    """Activation, rule, calibration and biases: "sigmoid · a threshold per label · calibrated: Platt"."""
    rule = RULE_NAMES[decision.rule]
    if decision.rule is DecisionRule.TOP_K:
        rule = f"the {decision.k} highest labels of each image" if decision.k > 1 else "the highest label of each image"
    parts = [ACTIVATION_NAMES[decision.activation], rule]
    if decision.calibration is not None:
        parts.append(f"calibrated: {CALIBRATION_NAMES[decision.calibration.method]}")
    if decision.biases is not None:
        parts.append("class biases")
    return " · ".join(parts)


def stale_words(profile: Profile, session: Session) -> str:
    """Why the numbers of a profile no longer hold, a sentence; "" while they do."""
    labels = session.dataset.labels if session.dataset is not None else ()
    if profile.thresholds.keys() != set(labels):
        return "The labels have changed since."
    if session.model is not None and profile.model != session.model.fingerprint:
        return "The model has changed since."
    if profile.data != session.digest:
        return "Images or annotations have changed since."
    now = session.split.words if session.split is not None else ""
    if profile.rule is not None and profile.split != now:
        return f"It was measured on {_part(profile.split)}, the window now shows {_part(now)}."
    return ""


def row_of(
    profile: Profile, session: Session, decision: Decision, *, alone: bool, in_force: bool, modified: bool
) -> ProfileRow:
    """What a list shows of a profile; ``alone``: it holds thresholds and nothing else."""
    out_of_fold = profile.interval == "out_of_fold"
    return ProfileRow(
        key=profile.key,
        name=profile.name,
        goal=profile.goal,
        saved=datetime.fromisoformat(profile.saved),
        micro_f1=_number(profile.micro_f1),
        macro_f1=_number(profile.macro_f1),
        stale=stale_words(profile, session),
        in_force=in_force,
        modified=modified,
        method=profile.method,
        decides="" if alone else decides_words(decision),
        split=profile.split,
        n_images=profile.n_images,
        n_positives=profile.n_positives,
        out_of_fold=out_of_fold,
        expected_micro=_number(profile.micro.value) if out_of_fold else math.nan,
        expected_macro=_number(profile.macro.value) if out_of_fold else math.nan,
        micro_low=_number(profile.micro.low),
        micro_high=_number(profile.micro.high),
        macro_low=_number(profile.macro.low),
        macro_high=_number(profile.macro.high),
        confidence=profile.confidence,
    )


def f1_then(value: float | None, low: float | None, high: float | None) -> F1Then:
    """An F1 with its interval as it can be kept: JSON knows no NaN."""
    return F1Then(finite(value), finite(low), finite(high))


def finite(value: float | None) -> float | None:
    """The number, None where it is undefined."""
    return value if value is not None and math.isfinite(value) else None


def _number(value: float | None) -> float:
    return math.nan if value is None else value


def _part(split: str) -> str:
    return f"a part of the images ({split})" if split else "all images"
