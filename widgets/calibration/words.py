"""What the panel says of calibration: methods, evidence, and what turning one on changes."""

from __future__ import annotations

import math
from typing import Final

from inference.types import (
    CALIBRATION_NAMES,
    CalibrationEvidence,
    CalibrationMethod,
    CalibrationReport,
    CarriedDecisions,
    ScoreErrors,
)
from widgets.numbers import UNDEFINED, format_count

NONE: Final = CalibrationMethod.NONE
EMPTY: Final = "Open a model and a validation folder and score its images: then their scores can be calibrated here."
MEASURES: Final = {
    "log_loss": ("Log loss", "What confident mistakes cost. 0 is best; a score of 0.5 everywhere costs 0.693."),
    "brier": ("Brier", "The mean squared difference between score and truth. 0 is best."),
    "ece": (
        "ECE",
        "Expected calibration error: how far, on average, the share of positives lies from the score. 0 is best.",
    ),
}
OUT_OF_FOLD: Final = (
    "Measured on images that the map was not fitted on: fitted on four fifths, judged on the rest, in turns."
)
HELP: Final = {
    NONE: "Scores as the model gives them.",
    CalibrationMethod.TEMPERATURE: (
        "One number divides all logits (Guo and others 2017). It takes back a confidence that is too high, or too low,"
        " for all labels alike."
    ),
    CalibrationMethod.PLATT: (
        "A slope and a shift for the logits of each label (Platt 1999), from 10 positives and 10 negatives on."
    ),
    CalibrationMethod.ISOTONIC: (
        "Any rising curve for each label, which needs many images: from about 200 positives on."
    ),
    CalibrationMethod.BIAS_CORRECTED: (
        "One temperature, and a bias for each class (Alexandari and others 2020): for classes that are more or less"
        " frequent here than the model believes."
    ),
}


def number(value: float) -> str:
    """An error to three places; an en dash where it is undefined."""
    return UNDEFINED if math.isnan(value) else f"{value:.3f}"


def change(before: float, after: float) -> str:
    """A difference with its sign; "" where there is none to see."""
    by = after - before
    if math.isnan(by) or abs(by) < 0.0005:
        return ""
    return f"{'+' if by > 0 else '−'}{abs(by):.3f}"


def advice(evidence: CalibrationEvidence) -> str:
    """What the evidence recommends, with the numbers that say so."""
    report = evidence.report(evidence.recommended)
    if report is None:
        return "Leave the scores as they are: no method is surely better than off."
    losses = f"{number(evidence.before.overall.log_loss)} → {number(report.after.overall.log_loss)}"
    return f"{CALIBRATION_NAMES[report.method]}: log loss {losses} out of fold."


def why(evidence: CalibrationEvidence) -> str:
    """How the recommendation comes about."""
    if evidence.recommended is NONE:
        return "A method is recommended where its log loss is lower by more than chance, measured out of fold."
    return "The simplest of the methods than which none is better by more than chance, by log loss out of fold."


def basis(evidence: CalibrationEvidence) -> str:
    """What the numbers are measured on."""
    return (
        f"{format_count(evidence.n_images)} images, each judged by a map fitted without it ({evidence.n_folds} folds)"
    )


def calibrated(report: CalibrationReport) -> str:
    """How many labels a method calibrates."""
    return f"{format_count(report.n_calibrated)} of {format_count(len(report.left))}"


def of_label(name: str, before: ScoreErrors, after: ScoreErrors, method: CalibrationMethod) -> str:
    """One label's errors, before and after where there is an after."""
    parts = []
    for field, (title, _) in MEASURES.items():
        was, now = getattr(before, field), getattr(after, field)
        shown = number(was) if method is NONE else f"{number(was)} → {number(now)}"
        parts.append(f"{'log loss' if field == 'log_loss' else title} {shown}")
    head = name if method is NONE else f"{name}, {short(method)}"
    return f"{head}: {' · '.join(parts)}"


def short(method: CalibrationMethod) -> str:
    """A method's name within a sentence."""
    name = CALIBRATION_NAMES[method]
    return name if method is CalibrationMethod.PLATT else name[:1].lower() + name[1:]


def is_of_classes(evidence: CalibrationEvidence) -> bool:
    """Whether each image has one class, so that its scores hang together."""
    return evidence.report(CalibrationMethod.BIAS_CORRECTED) is not None


def effect(evidence: CalibrationEvidence, method: CalibrationMethod, carried: CarriedDecisions | None) -> str:
    """What turning a calibration on changes and what it does not."""
    if carried is not None and carried.method is method:
        return f"Percentages changed, and the thresholds with them: {_kept(carried)}"
    if is_of_classes(evidence):
        return (
            "Percentages change. Thresholds move with them, so that as many images are predicted as before;"
            " single images may be decided otherwise."
        )
    return "Percentages change. Thresholds move with them, so that every image is decided as before."


def _kept(carried: CarriedDecisions) -> str:
    if not carried.n_flipped:
        return "every image is decided as before."
    verb = "image is" if carried.n_flipped == 1 else "images are"
    return f"{format_count(carried.n_flipped)} of {format_count(carried.n_images)} {verb} decided otherwise."


def special(report: CalibrationReport) -> list[tuple[int, str]]:
    """Labels that there is something to say of: those left alone first."""
    left = [(label, reason) for label, reason in enumerate(report.left) if reason]
    return left + [(label, text) for label, text in enumerate(report.caveats) if text and not report.left[label]]


def special_title(report: CalibrationReport) -> str:
    """The line above those labels; "" where there are none."""
    n_left = len(report.left) - report.n_calibrated
    n_said = sum(bool(text) and not left for text, left in zip(report.caveats, report.left, strict=True))
    name = short(report.method)
    if not n_left:
        return f"{_labels(n_said)} with a caveat under {name}:" if n_said else ""
    more = f"; {format_count(n_said)} more with a caveat" if n_said else ""
    return f"{_labels(n_left)} left as {'it is' if n_left == 1 else 'they are'} by {name}{more}:"


def _labels(count: int) -> str:
    return f"{format_count(count)} label{'' if count == 1 else 's'}"
