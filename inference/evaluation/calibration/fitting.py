"""From logits and truth to a map: the one entry for every method."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from inference.evaluation.calibration import sigmoid, softmax
from inference.evaluation.calibration.points import Points
from inference.evaluation.calibration.sigmoid import FEWEST, NO_USE, LabelMap
from inference.evaluation.honesty.scored import never
from inference.evaluation.multiclass import NO_CLASS, classes_of
from inference.types import (
    POSITIVE,
    UNKNOWN,
    Activation,
    CalibrationMethod,
    IntArray,
    LogitMap,
    ScoreArray,
    TruthArray,
)

_OWN_MAPS = {CalibrationMethod.PLATT: sigmoid.platt, CalibrationMethod.ISOTONIC: sigmoid.isotonic}
_METHODS = {
    Activation.SIGMOID: (CalibrationMethod.TEMPERATURE, CalibrationMethod.PLATT, CalibrationMethod.ISOTONIC),
    Activation.SOFTMAX: (CalibrationMethod.TEMPERATURE, CalibrationMethod.BIAS_CORRECTED),
}


@dataclass(frozen=True, eq=False)
class Fitted:
    """A map, and what became of each label."""

    logit_map: LogitMap
    left: tuple[str, ...]  # (c,); why a label's logits stay as they are, "" where they do not
    caveats: tuple[str, ...]  # (c,)

    @property
    def setting(self) -> str:
        """The number that all labels share, in words; "" where there is none."""
        shared = self.logit_map.method in (CalibrationMethod.TEMPERATURE, CalibrationMethod.BIAS_CORRECTED)
        if not shared or all(self.left) or not len(self.logit_map):
            return ""
        return f"T = {1 / self.logit_map.scale[0]:.3g}"


def methods_for(activation: Activation) -> tuple[CalibrationMethod, ...]:
    """The methods that suit an activation, the simplest first."""
    return _METHODS[activation]


def fit(
    logits: ScoreArray,
    y_true: TruthArray,
    activation: Activation,
    method: CalibrationMethod,
    *,
    fewest: int = FEWEST,
    cancelled: Callable[[], bool] = never,
) -> LogitMap:
    """The map of a method; labels that cannot be calibrated keep their logits (`fitted` says why).

    Args:
        logits: float32 (m, c), not yet mapped.
        y_true: int8 (m, c); unknown ones are left out label by label, under softmax images without a known class.
        activation: what follows the map.
        method: one of `methods_for(activation)`, or none at all.
        fewest: positives, and negatives, that a map of a label's own needs.
        cancelled: asked between labels; a map cut short must not be used.

    Raises:
        ValueError: the method does not suit the activation.
    """
    return fitted(logits, y_true, activation, method, fewest=fewest, cancelled=cancelled).logit_map


def fitted(
    logits: ScoreArray,
    y_true: TruthArray,
    activation: Activation,
    method: CalibrationMethod,
    *,
    fewest: int = FEWEST,
    cancelled: Callable[[], bool] = never,
) -> Fitted:
    """As `fit`, with the labels that are left alone and why."""
    if method is CalibrationMethod.NONE:
        return joined(method, [LabelMap()] * logits.shape[1])
    if method not in methods_for(activation):
        raise ValueError(f"{method} does not suit {activation}: choose one of {', '.join(methods_for(activation))}")
    if activation is Activation.SOFTMAX:
        return fitted_classes(logits, classes_of(y_true), method, fewest, cancelled)
    points = gather(logits, y_true, cancelled=cancelled)
    if cancelled():
        return joined(method, [LabelMap()] * logits.shape[1])
    return joined(method, label_maps(points, method, None, fewest, cancelled))


def gather(
    logits: ScoreArray,
    y_true: TruthArray,
    fold: IntArray | None = None,
    n_folds: int = 1,
    cancelled: Callable[[], bool] = never,
) -> list[Points]:
    """Each label's known images; fewer labels where cancelled."""
    found = []
    for label in range(logits.shape[1]):
        if cancelled():
            break
        known = y_true[:, label] != UNKNOWN
        part = None if fold is None else fold[known]
        positive = y_true[known, label] == POSITIVE
        found.append(Points.gather(logits[known, label].astype(np.float64), positive, part, n_folds))
    return found


def label_maps(
    points: Sequence[Points],
    method: CalibrationMethod,
    without: int | None,
    fewest: int = FEWEST,
    cancelled: Callable[[], bool] = never,
) -> list[LabelMap]:
    """Each label's map under sigmoid, from the images outside one fold (None: from all)."""
    own = _OWN_MAPS.get(method)
    if own is None:
        return _shared(points, without)
    return [LabelMap() if cancelled() else own(*each.without(without), fewest) for each in points]


def _shared(points: Sequence[Points], without: int | None) -> list[LabelMap]:
    if not points:
        return []
    parts = zip(*(each.without(without) for each in points), strict=True)
    factor = sigmoid.temperature(*(np.concatenate(part) for part in parts))
    one = LabelMap(left=NO_USE) if factor is None else LabelMap(scale=factor)
    return [one] * len(points)


def joined(method: CalibrationMethod, maps: Sequence[LabelMap]) -> Fitted:
    """One map of all labels."""
    any_knots = any(one.knots[0] for one in maps)
    logit_map = LogitMap(
        method,
        np.array([one.scale for one in maps]),
        np.array([one.shift for one in maps]),
        tuple(one.knots for one in maps) if any_knots else (),
    )
    return Fitted(logit_map, tuple(one.left for one in maps), tuple(one.caveat for one in maps))


def fitted_classes(
    logits: ScoreArray,
    classes: IntArray,
    method: CalibrationMethod,
    fewest: int = FEWEST,
    cancelled: Callable[[], bool] = never,
) -> Fitted:
    """As `fitted`, under softmax: from the class of each image, (m,), NO_CLASS where it is not known."""
    kept = classes != NO_CLASS
    if not kept.all():
        logits, classes = logits[kept], classes[kept]
    n_labels = logits.shape[1]
    if method is CalibrationMethod.TEMPERATURE:
        factor = softmax.temperature(logits, classes, cancelled)
        one = LabelMap(left=NO_USE) if factor is None else LabelMap(scale=factor)
        return joined(method, [one] * n_labels)
    found = softmax.bias_corrected(logits, classes, fewest, cancelled)
    if found is None:
        return joined(method, [LabelMap(left=NO_USE)] * n_labels)
    factor, biases, free = found
    counts = np.bincount(classes, minlength=n_labels)
    maps = [
        LabelMap(factor, float(biases[label]), caveat="" if free[label] else _no_bias(int(counts[label]), fewest))
        for label in range(n_labels)
    ]
    return joined(method, maps)


def _no_bias(count: int, fewest: int) -> str:
    return f"no bias of its own: {sigmoid.too_few(count, fewest, fewest)}"
