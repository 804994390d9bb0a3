"""Every method fitted on all images but a fold and judged on that one, beside no method at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from inference.evaluation.calibration.fitting import (
    Fitted,
    fitted,
    fitted_classes,
    gather,
    joined,
    label_maps,
    methods_for,
)
from inference.evaluation.calibration.losses import Judged, LabelJudged, judge_classes, judge_label, mean_of_labels
from inference.evaluation.calibration.points import Points
from inference.evaluation.calibration.sigmoid import FEWEST, LabelMap
from inference.evaluation.honesty.folds import stratified_folds
from inference.evaluation.honesty.scored import never, nowhere
from inference.evaluation.logit_maps import mapped
from inference.evaluation.multiclass import NO_CLASS, classes_of
from inference.types import (
    UNKNOWN,
    Activation,
    CalibrationEvidence,
    CalibrationMethod,
    CalibrationReport,
    FloatArray,
    IntArray,
    ScoreArray,
    TruthArray,
)

N_FOLDS: Final = 5
_SURE: Final = 1.645  # standard errors: the gain is above 0 with 95 %
_JUDGED_LOGITS: Final = 1 << 22  # under softmax a part of the images is judged ...
_JUDGED_IMAGES: Final = 20_000  # ... but no fewer than these

Progress = Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class Comparison:
    """What is known of every method, and the maps fitted on all images."""

    evidence: CalibrationEvidence
    maps: dict[CalibrationMethod, Fitted]


def compare(
    logits: ScoreArray,
    y_true: TruthArray,
    activation: Activation,
    *,
    n_folds: int = N_FOLDS,
    seed: int = 0,
    cancelled: Callable[[], bool] = never,
    progress: Progress = nowhere,
) -> Comparison | None:
    """Fit and judge every method that suits the activation.

    Args:
        logits: float32 (m, c), not mapped.
        y_true: int8 (m, c).
        activation: what follows the map.
        n_folds: parts of the images, with each label's positives spread evenly.
        seed: of the folds.
        cancelled: asked between labels and between steps of a fit.
        progress: told how many steps of how many are done.

    Returns:
        None when cancelled, or without any image to judge on.
    """
    judge = _compare_labels if activation is Activation.SIGMOID else _compare_classes
    return judge(logits, y_true, n_folds, seed, cancelled, progress)


# -- sigmoid: each label is a question of its own


def _compare_labels(
    logits: ScoreArray,
    y_true: TruthArray,
    n_folds: int,
    seed: int,
    cancelled: Callable[[], bool],
    progress: Progress,
) -> Comparison | None:
    methods, n_labels = methods_for(Activation.SIGMOID), logits.shape[1]
    if not (y_true != UNKNOWN).any():
        return None
    fold = stratified_folds(np.ascontiguousarray(y_true.T), n_folds, seed)
    points = gather(logits, y_true, fold, n_folds, cancelled)
    if cancelled():
        return None
    shared = _shared_maps(points, methods, n_folds)
    table = _Table(len(logits), methods)
    maps: dict[CalibrationMethod, list[LabelMap]] = {method: [] for method in methods}
    for label in range(n_labels):
        if cancelled():
            return None
        known = np.flatnonzero(y_true[:, label] != UNKNOWN)
        own, truth, part = logits[known, label], y_true[known, label], fold[known]
        table.add(CalibrationMethod.NONE, known, judge_label(own, truth))
        for method in methods:
            of_folds, of_all = shared.get(method) or _own_maps(points[label], method, n_folds)
            maps[method].append(of_all)
            after = _out_of_fold(own, part, method, of_folds)
            table.add(method, known, judge_label(after, truth))
        progress(label + 1, n_labels)
    whole = {method: joined(method, maps[method]) for method in methods}
    judged = {method: table.judged(method) for method in (CalibrationMethod.NONE, *methods)}
    return Comparison(_evidence(judged, whole, len(logits), n_folds), whole)


_FoldMaps = tuple[list[LabelMap], LabelMap]  # without each fold, and from all


def _shared_maps(
    points: Sequence[Points], methods: Sequence[CalibrationMethod], n_folds: int
) -> dict[CalibrationMethod, _FoldMaps]:
    """The one map for all labels, where a method has one."""
    method = CalibrationMethod.TEMPERATURE
    if method not in methods or not points:
        return {}
    of_folds = [label_maps(points, method, without)[0] for without in range(n_folds)]
    return {method: (of_folds, label_maps(points, method, None)[0])}


def _own_maps(points: Points, method: CalibrationMethod, n_folds: int) -> _FoldMaps:
    (of_all,) = label_maps([points], method, None)
    if of_all.left:  # left alone with all images: then also with fewer
        return [of_all] * n_folds, of_all
    fewest = FEWEST * (n_folds - 1) // n_folds  # a fold holds its share of the fewest
    return [label_maps([points], method, without, fewest)[0] for without in range(n_folds)], of_all


def _out_of_fold(logits: ScoreArray, fold: IntArray, method: CalibrationMethod, maps: list[LabelMap]) -> ScoreArray:
    """One label's logits (m,), each mapped by the map that was fitted without it."""
    after = logits.copy()
    for index, one in enumerate(maps):
        inside = fold == index
        after[inside] = mapped(logits[inside, None], joined(method, [one]).logit_map)[:, 0]
    return after


class _Table:
    """Errors label by label, and each image's share in the overall log loss."""

    def __init__(self, n_images: int, methods: Sequence[CalibrationMethod]) -> None:
        every = (CalibrationMethod.NONE, *methods)
        self._errors: dict[CalibrationMethod, list[LabelJudged]] = {method: [] for method in every}
        self._shares: dict[CalibrationMethod, FloatArray] = {method: np.zeros(n_images) for method in every}

    def add(self, method: CalibrationMethod, rows: IntArray, judged: LabelJudged) -> None:
        self._errors[method].append(LabelJudged(judged.errors, np.zeros(0)))
        self._shares[method][rows] += judged.losses / max(len(rows), 1)

    def judged(self, method: CalibrationMethod) -> Judged:
        labels = [one.errors for one in self._errors[method]]
        n_measured = sum(not np.isnan(one.log_loss) for one in labels)
        return Judged(mean_of_labels(labels), self._shares[method] / max(n_measured, 1))


# -- softmax: an image is one question


def _compare_classes(
    logits: ScoreArray,
    y_true: TruthArray,
    n_folds: int,
    seed: int,
    cancelled: Callable[[], bool],
    progress: Progress,
) -> Comparison | None:
    methods, truth = methods_for(Activation.SOFTMAX), classes_of(y_true)
    known = np.flatnonzero(truth != NO_CLASS)
    if not len(known):
        return None
    rows = _some(known, logits.shape[1], seed)
    part, classes = logits[rows], truth[rows]
    fold = stratified_folds(np.ascontiguousarray(y_true[rows].T), n_folds, seed)
    steps = len(methods) * (n_folds + 1)
    maps: dict[CalibrationMethod, Fitted] = {}
    judged = {CalibrationMethod.NONE: judge_classes(part, classes)}
    fewest = FEWEST * (n_folds - 1) // n_folds
    for done, method in enumerate(methods):
        after = part.copy()
        for index in range(n_folds):
            inside = fold == index
            one = fitted_classes(part[~inside], classes[~inside], method, fewest, cancelled)
            if cancelled():
                return None
            after[inside] = mapped(part[inside], one.logit_map)
            progress(done * (n_folds + 1) + index + 1, steps)
        maps[method] = fitted(logits, y_true, Activation.SOFTMAX, method, cancelled=cancelled)
        if cancelled():
            return None
        judged[method] = judge_classes(after, classes)
        progress((done + 1) * (n_folds + 1), steps)
    return Comparison(_evidence(judged, maps, len(rows), n_folds), maps)


def _some(rows: IntArray, n_labels: int, seed: int) -> IntArray:
    """As many of the rows as can be judged in some seconds, rising."""
    most = max(_JUDGED_IMAGES, _JUDGED_LOGITS // max(1, n_labels))
    if len(rows) <= most:
        return rows
    return np.sort(np.random.default_rng(seed).choice(rows, most, replace=False))


# -- what follows from it


def _evidence(
    judged: dict[CalibrationMethod, Judged], maps: dict[CalibrationMethod, Fitted], n_images: int, n_folds: int
) -> CalibrationEvidence:
    before = judged[CalibrationMethod.NONE]
    reports = tuple(_report(method, before, judged[method], one) for method, one in maps.items())
    return CalibrationEvidence(before.errors, reports, _recommended(judged, reports), n_images, n_folds)


def _report(method: CalibrationMethod, before: Judged, after: Judged, one: Fitted) -> CalibrationReport:
    gain, error = _gain(before, after)
    return CalibrationReport(method, after.errors, gain, error, one.left, one.caveats, one.setting)


def _gain(before: Judged, after: Judged) -> tuple[float, float]:
    """By how much the log loss falls, and the standard error of that over images."""
    shares = before.shares - after.shares
    n = len(shares)
    return float(shares.sum()), float(np.sqrt(n) * shares.std(ddof=1)) if n > 1 else float("nan")


def _recommended(judged: dict[CalibrationMethod, Judged], reports: Sequence[CalibrationReport]) -> CalibrationMethod:
    """The simplest method than which none is surely better; none where no gain is sure."""
    sure = [one for one in reports if one.n_calibrated and one.gain > _SURE * one.gain_error and _shows(one)]
    if not sure:
        return CalibrationMethod.NONE
    best = max(sure, key=lambda one: one.gain)
    for one in sure:  # the simplest first
        gain, error = _gain(judged[one.method], judged[best.method])
        if one is best or gain <= _SURE * error:
            return one.method
    return best.method


def _shows(report: CalibrationReport) -> bool:
    """Whether the gain can be seen among three places."""
    return report.gain >= 0.0005
