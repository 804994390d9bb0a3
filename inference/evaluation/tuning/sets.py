"""Objectives that change the rule or the calibration: the k highest, each image's best set, calibrated 0.5."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from inference.choices import CalibrationMethod, DecisionRule, LabelStatus, Objective
from inference.evaluation.activations import scores_from_logits
from inference.evaluation.logit_maps import mapped
from inference.evaluation.tuning.data import CutShortError, TuningData
from inference.types import (
    DEFAULT_THRESHOLD,
    Activation,
    BoolArray,
    Goal,
    LogitMap,
    Proposal,
    Thresholds,
    format_float32,
)

SETS = (Objective.TOP_K, Objective.PER_IMAGE, Objective.CALIBRATED_HALF)

_NO_SIGMOID = "Platt calibration is for scores that are a sigmoid each: nothing is changed."


def propose_sets(
    data: TuningData,
    goal: Goal,
    current: Thresholds,
    locked: BoolArray,
    fewest: int,
    calibrated: bool,
    cancelled: Callable[[], bool],
) -> Proposal:
    """A proposal for an objective of `SETS`.

    Args:
        data: scores and annotations.
        goal: for all labels.
        current: (c,) thresholds in force.
        locked: bool (c,).
        fewest: positives and negatives that a label's calibration needs.
        calibrated: the scores are calibrated already, and are taken as they are.
        cancelled: asked between labels; raises `CutShortError` then.
    """
    if goal.objective is Objective.TOP_K:
        return _top_k(data, goal, current, locked)
    calibration, left = None, ("",) * data.n_labels
    if not calibrated:
        if data.activation is not Activation.SIGMOID:
            return _unchanged(data, goal, current)
        calibration, left = _platt(data, fewest, cancelled)
    if goal.objective is Objective.PER_IMAGE:
        notes = tuple(f"Its scores are taken as they are: {why}." if why else "" for why in left)
        rule = DecisionRule.PER_IMAGE
        return _proposal(data, goal, current, _status(locked), notes, rule, calibration=calibration)
    return _calibrated_half(data, goal, current, locked, calibration, left)


def _top_k(data: TuningData, goal: Goal, current: Thresholds, locked: BoolArray) -> Proposal:
    """Thresholds of 0, which every score reaches; a locked label is given only where it reaches its own."""
    values = np.where(locked, current.values, np.float32(0.0))
    notes = [
        f"Given only where its score reaches {format_float32(value)}." if kept and value > 0 else ""
        for kept, value in zip(locked, values, strict=True)
    ]
    k = min(max(1, goal.k), max(1, data.n_labels))
    return _proposal(data, goal, Thresholds(values), _status(locked), tuple(notes), DecisionRule.TOP_K, k=k)


def _calibrated_half(
    data: TuningData,
    goal: Goal,
    current: Thresholds,
    locked: BoolArray,
    calibration: LogitMap | None,
    left: tuple[str, ...],
) -> Proposal:
    kept = locked | np.array([bool(why) for why in left], dtype=bool)
    if calibration is not None:  # a locked label decides as before, and so its scores stay too
        scale, shift = np.where(kept, 1.0, calibration.scale), np.where(kept, 0.0, calibration.shift)
        calibration = replace(calibration, scale=scale, shift=shift)
    values = np.where(kept, current.values, DEFAULT_THRESHOLD)
    status = tuple(
        LabelStatus.LOCKED if fixed else LabelStatus.TOO_FEW if why else LabelStatus.TUNED
        for fixed, why in zip(locked, left, strict=True)
    )
    notes = tuple(
        f"Not calibrated: {why}; the threshold stays {format_float32(value)}." if why and not fixed else ""
        for fixed, why, value in zip(locked, left, values, strict=True)
    )
    rule = DecisionRule.THRESHOLDS
    return _proposal(data, goal, Thresholds(values), status, notes, rule, calibration=calibration)


def _platt(data: TuningData, fewest: int, cancelled: Callable[[], bool]) -> tuple[LogitMap, tuple[str, ...]]:
    from inference.evaluation.calibration import fitted  # brings scipy

    found = fitted(
        data.margins.T, data.truth.T, Activation.SIGMOID, CalibrationMethod.PLATT, fewest=fewest, cancelled=cancelled
    )
    if cancelled():
        raise CutShortError
    return found.logit_map, found.left


def _unchanged(data: TuningData, goal: Goal, current: Thresholds) -> Proposal:
    status = (LabelStatus.ABSTAINED,) * data.n_labels
    return _proposal(data, goal, current, status, (_NO_SIGMOID,) * data.n_labels, None)


def _status(locked: BoolArray) -> tuple[LabelStatus, ...]:
    return tuple(LabelStatus.LOCKED if kept else LabelStatus.TUNED for kept in locked)


def _proposal(
    data: TuningData,
    goal: Goal,
    thresholds: Thresholds,
    status: tuple[LabelStatus, ...],
    notes: tuple[str, ...],
    rule: DecisionRule | None,
    k: int = 1,
    calibration: LogitMap | None = None,
) -> Proposal:
    """With the plateaus of scores that are calibrated as proposed."""
    low, high = np.full((2, data.n_labels), np.nan, dtype=np.float32)
    if rule is DecisionRule.PER_IMAGE:
        low[:], high[:] = -np.inf, np.inf  # thresholds decide nothing
    else:
        there = calibrated_data(data, calibration)
        for label, threshold in enumerate(thresholds.values):
            staircase = there.staircase(label)
            low[label], high[label] = staircase.plateau(staircase.cut_at(threshold))
    return Proposal(goal, thresholds, low, high, status, notes, rule, k, calibration)


def calibrated_data(data: TuningData, calibration: LogitMap | None) -> TuningData:
    """The same images with their logits mapped; the data themselves where there is no map."""
    if calibration is None:
        return data
    margins = mapped(np.ascontiguousarray(data.margins.T), calibration)
    scores = scores_from_logits(margins, Activation.SIGMOID)
    return TuningData(np.ascontiguousarray(margins.T), np.ascontiguousarray(scores.T), data.truth)
