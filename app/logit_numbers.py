"""Maps of logits and review bands between arrays, in the order of a dataset's labels, and the numbers that are kept."""

from __future__ import annotations

import numpy as np

from app.state_values import BandNumbers, MapNumbers
from inference.types import FloatArray, LogitMap, ReviewBand, Thresholds


def numbers_of(logit_map: LogitMap | None, labels: tuple[str, ...]) -> MapNumbers | None:
    """A map by label name; None where there is none."""
    if logit_map is None:
        return None
    knots = {label: own for label, own in zip(labels, logit_map.knots, strict=False) if own[0]}
    return MapNumbers(
        logit_map.method,
        dict(zip(labels, logit_map.scale.tolist(), strict=True)),
        dict(zip(labels, logit_map.shift.tolist(), strict=True)),
        {label: (tuple(map(float, x)), tuple(map(float, y))) for label, (x, y) in knots.items()},
    )


def map_of(numbers: MapNumbers | None, labels: tuple[str, ...]) -> LogitMap | None:
    """The map in the order of ``labels``; a label it does not know keeps its logits. None where there is none."""
    if numbers is None:
        return None
    knots = tuple(numbers.knots.get(label, ((), ())) for label in labels) if numbers.knots else ()
    return LogitMap(numbers.method, _column(numbers.scale, labels, 1.0), _column(numbers.shift, labels, 0.0), knots)


def band_numbers_of(band: ReviewBand | None, labels: tuple[str, ...]) -> BandNumbers | None:
    """A review band by label name; None where there is none."""
    if band is None:
        return None
    low, high = (dict(zip(labels, map(float, ends.values), strict=True)) for ends in (band.low, band.high))
    return BandNumbers(low, high)


def band_of(numbers: BandNumbers | None, labels: tuple[str, ...], otherwise: Thresholds) -> ReviewBand | None:
    """The band in the order of ``labels``; a label it does not know is decided at its threshold in ``otherwise``."""
    if numbers is None:
        return None
    ends = []
    for known in (numbers.low, numbers.high):
        values = otherwise.values.copy()
        for index, label in enumerate(labels):
            values[index] = np.float32(known.get(label, values[index]))
        ends.append(Thresholds(values))
    return ReviewBand(*ends)


def _column(known: dict[str, float], labels: tuple[str, ...], otherwise: float) -> FloatArray:
    return np.array([known.get(label, otherwise) for label in labels], dtype=np.float64)
