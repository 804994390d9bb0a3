"""Decisions for production: as JSON with test vectors, or as a small Python module that decides as the window does."""

from __future__ import annotations

import json
import math
from typing import Any, Final

from inference.evaluation.honesty.intervals import intervals_of
from inference.export.python_module import to_python as to_python
from inference.export.values import Decisions as Decisions
from inference.export.values import number_of
from inference.export.vectors import vectors_of
from inference.types import CalibrationMethod, DecisionRule, LogitMap

FORMAT: Final = "cutline-thresholds/2"
_CONFIDENCE: Final = 0.9
_MAPPED: Final = (
    "float32(scale * knots(logit) + (shift + bias)), computed in float64; knots: linear between them, slope 1 beyond"
)
_BAND: Final = "accepted from review_high on, rejected below review_low, a person looks in between"


def to_json(decisions: Decisions) -> str:
    """All that decides, the counts it gives with 90 % Wilson intervals, and test vectors; one label a line.

    Numbers are written so that each threshold and logit reads back as the same float32, and each number of a map as
    the same float64. Undefined rates are null.
    """
    labels = ",\n".join(f"    {row}" for row in _label_rows(decisions))
    vectors = ",\n".join(f"    {json.dumps(vector, ensure_ascii=False)}" for vector in vectors_of(decisions))
    head = _head(decisions)
    lines = [f"  {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}," for key, value in head.items()]
    return "{\n" + "\n".join(lines) + f'\n  "labels": [\n{labels}\n  ],\n  "test_vectors": [\n{vectors}\n  ]\n}}\n'


def _head(decisions: Decisions) -> dict[str, Any]:
    head: dict[str, Any] = {
        "format": FORMAT,
        "comparator": ">=",
        "precision": "float32",
        "activation": decisions.activation.value,
        "rule": decisions.rule.value,
    }
    if decisions.rule is DecisionRule.TOP_K:
        head["k"] = decisions.k
    calibration = CalibrationMethod.NONE if decisions.calibration is None else decisions.calibration.method
    head["calibration"] = calibration.value
    head["class_biases"] = decisions.biases is not None
    if decisions.logit_map is not None:
        head["mapped_logit"] = _MAPPED
    if decisions.reviewed is not None:
        head["review_band"] = _BAND
    return {**head, **decisions.about}


def _label_rows(decisions: Decisions) -> list[str]:
    """A JSON object a label. Thresholds are written by hand: json knows float64 alone, with twice the digits."""
    metrics, intervals = decisions.metrics, intervals_of(decisions.metrics, _CONFIDENCE)
    rows = []
    for index, label in enumerate(decisions.labels):
        rates = {name: _rate(getattr(metrics, name)[index]) for name in ("precision", "recall", "f1")}
        bounds = {
            f"{name}_interval": [_rate(getattr(intervals, f"{name}_{end}")[index]) for end in ("low", "high")]
            for name in ("precision", "recall", "f1")
        }
        counts = {name: int(getattr(metrics, name)[index]) for name in ("tp", "fp", "fn", "tn", "unknown")}
        rest = json.dumps({**_map_row(decisions, index), **counts, **rates, **bounds})[1:]
        first = f'{{"name": {json.dumps(label, ensure_ascii=False)}, {_threshold_row(decisions, index)}, {rest}'
        rows.append(first)
    return rows


def _threshold_row(decisions: Decisions, index: int) -> str:
    ends = {"threshold": decisions.thresholds}
    if decisions.reviewed is not None:
        ends |= {"review_low": decisions.reviewed.low, "review_high": decisions.reviewed.high}
    return ", ".join(f'"{name}": {number_of(end.values[index])}' for name, end in ends.items())


def _map_row(decisions: Decisions, index: int) -> dict[str, Any]:
    """A label's numbers of calibration and biases, float64; nothing where logits are taken as they are."""
    if decisions.logit_map is None:
        return {}
    calibration = decisions.calibration or LogitMap.identity(len(decisions.labels))
    row: dict[str, Any] = {"scale": float(calibration.scale[index]), "shift": float(calibration.shift[index])}
    row["bias"] = 0.0 if decisions.biases is None else float(decisions.biases.shift[index])
    if calibration.knots and calibration.knots[index][0]:
        row["knots"] = [list(map(float, side)) for side in calibration.knots[index]]
    return row


def _rate(value: float) -> float | None:
    return None if math.isnan(value) else round(float(value), 6)
