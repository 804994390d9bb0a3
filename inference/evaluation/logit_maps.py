"""Logits through a calibration or class biases, in float64 and rounded once to float32."""

from __future__ import annotations

import numpy as np

from inference.types import FloatArray, LogitMap, ScoreArray
from inference.types.scheme import Knots

_CHUNK = 1 << 18  # elements held in float64 at a time
_LARGEST = 3e38  # of float32, so that no mapped logit is infinite


def mapped(logits: ScoreArray, logit_map: LogitMap | None) -> ScoreArray:
    """The logits (n, c) after the map; the array itself where there is none.

    Args:
        logits: float32 (n, c), finite.
        logit_map: of c labels, or None.
    """
    if logit_map is None:
        return logits
    result = np.empty_like(logits, dtype=np.float32)
    step = max(1, _CHUNK // max(1, logits.shape[1]))
    for start in range(0, len(logits), step):
        part = slice(start, start + step)
        wide = logits[part].astype(np.float64)
        for label, knots in enumerate(logit_map.knots):
            if knots[0]:
                wide[:, label] = _through(wide[:, label], knots)
        result[part] = np.clip(wide * logit_map.scale + logit_map.shift, -_LARGEST, _LARGEST)
    return result


def _through(logits: FloatArray, knots: Knots) -> FloatArray:
    x, y = np.array(knots[0]), np.array(knots[1])
    inside = np.interp(logits, x, y)
    # beyond the ends with slope 1, so that no two logits become one
    result: FloatArray = inside + np.minimum(logits - x[0], 0.0) + np.maximum(logits - x[-1], 0.0)
    return result
