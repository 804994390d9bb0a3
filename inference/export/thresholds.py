"""Thresholds for production: as JSON with test vectors, or as a small Python module that decides as the window does."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from inference.evaluation.evaluator import image_scores
from inference.evaluation.honesty.intervals import intervals_of
from inference.types import (
    Activation,
    BoolArray,
    DecisionRule,
    FloatArray,
    LabelMetrics,
    ScoreArray,
    Thresholds,
    format_float32,
)

FORMAT: Final = "cutline-thresholds/1"
_CONFIDENCE: Final = 0.9


@dataclass(frozen=True, eq=False)
class Decisions:
    """What is to be applied elsewhere, and where it comes from."""

    labels: tuple[str, ...]
    activation: Activation
    rule: DecisionRule
    thresholds: Thresholds
    metrics: LabelMetrics  # when it was exported
    about: Mapping[str, Any] = field(default_factory=dict)  # model, dataset, date: plain values


def to_json(decisions: Decisions) -> str:
    """The thresholds, the counts they give with 90 % Wilson intervals, and test vectors; one label a line.

    Numbers are written so that each threshold reads back as the same float32. Undefined rates are null.
    """
    head = {
        "format": FORMAT,
        "comparator": ">=",
        "precision": "float32",
        "activation": decisions.activation.value,
        "rule": decisions.rule.value,
        **decisions.about,
    }
    lines = [f"  {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}," for key, value in head.items()]
    labels = ",\n".join(f"    {row}" for row in _label_rows(decisions))
    vectors = ",\n".join(f"    {json.dumps(vector)}" for vector in vectors_of(decisions))
    return "{\n" + "\n".join(lines) + f'\n  "labels": [\n{labels}\n  ],\n  "test_vectors": [\n{vectors}\n  ]\n}}\n'


def _label_rows(decisions: Decisions) -> list[str]:
    metrics, intervals = decisions.metrics, intervals_of(decisions.metrics, _CONFIDENCE)
    rows = []
    for index, label in enumerate(decisions.labels):
        rates = {name: _rate(getattr(metrics, name)[index]) for name in ("precision", "recall", "f1")}
        bounds = {
            f"{name}_interval": [_rate(getattr(intervals, f"{name}_{end}")[index]) for end in ("low", "high")]
            for name in ("precision", "recall", "f1")
        }
        counts = {name: int(getattr(metrics, name)[index]) for name in ("tp", "fp", "fn", "tn", "unknown")}
        rest = json.dumps({**counts, **rates, **bounds})[1:]
        number = _number(decisions.thresholds.values[index])
        rows.append(f'{{"name": {json.dumps(label, ensure_ascii=False)}, "threshold": {number}, {rest}')
    return rows


def _number(value: np.float32) -> str:
    """JSON has no infinity: the largest float32 decides alike, for scores lie in 0..1."""
    return format_float32(np.clip(value, np.finfo(np.float32).min, np.finfo(np.float32).max))


def _rate(value: float) -> float | None:
    return None if math.isnan(value) else round(float(value), 6)


def vectors_of(decisions: Decisions) -> list[dict[str, Any]]:
    """A few rows of logits with the labels that must be predicted: far apart, and just about every threshold."""
    vectors = []
    for logits in _probes(decisions):
        predicted = _decided(decisions, logits)
        names = [label for label, yes in zip(decisions.labels, predicted, strict=True) if yes]
        vectors.append({"logits": [float(value) for value in logits], "predicted": names})
    return vectors


def _probes(decisions: Decisions) -> list[ScoreArray]:
    count = len(decisions.labels)
    inside: FloatArray = np.clip(decisions.thresholds.values.astype(np.float64), 1e-6, 1 - 1e-6)
    near = np.log(inside / (1 - inside))
    rng = np.random.default_rng(0)
    rows = [np.zeros(count), np.full(count, -20.0), np.full(count, 20.0), near - 1e-3, near + 1e-3]
    rows += [rng.normal(0, 3, count) for _ in range(5)]
    return [row.astype(np.float32) for row in rows]


def _decided(decisions: Decisions, logits: ScoreArray) -> BoolArray:
    truth = np.zeros(len(logits), dtype=np.int8)
    return image_scores(logits, truth, True, decisions.thresholds, decisions.activation, decisions.rule).predicted


_MODULE: Final = '''"""Which labels a model's logits predict. Made by Cutline; needs numpy alone.

{about}
"""

import numpy as np

LABELS = {labels}
THRESHOLDS = np.array({thresholds}, dtype=np.float32)


def scores(logits):
    """Logits (n, {count}) to scores (n, {count}), float32: {activation}."""
    z = np.asarray(logits, dtype=np.float32).astype(np.float64)
{score_body}


def decide(logits):
    """Logits (n, {count}) to decisions (n, {count}), bool: {rule}."""
    z = np.asarray(logits, dtype=np.float32)
{decide_body}


def predict(logits):
    """The names of the predicted labels of each row of logits."""
    return [[label for label, yes in zip(LABELS, row) if yes] for row in decide(logits)]
'''
_SCORES: Final = {
    Activation.SIGMOID: """    decayed = np.exp(-np.abs(z))
    return (np.where(z < 0, decayed, 1.0) / (1.0 + decayed)).astype(np.float32)""",
    Activation.SOFTMAX: """    powers = np.exp(z - z.max(axis=1, keepdims=True))
    return (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)""",
}
_DECIDE: Final = {
    DecisionRule.THRESHOLDS: "    return scores(z) >= THRESHOLDS",
    DecisionRule.ARGMAX: "    return np.arange(z.shape[1]) == z.argmax(axis=1)[:, None]",
    DecisionRule.ARGMAX_REJECT: """    winner = np.arange(z.shape[1]) == z.argmax(axis=1)[:, None]
    return winner & (scores(z) >= THRESHOLDS)""",
}
_RULE_WORDS: Final = {
    DecisionRule.THRESHOLDS: "every label whose score reaches its threshold",
    DecisionRule.ARGMAX: "the label with the highest logit",
    DecisionRule.ARGMAX_REJECT: "the label with the highest logit, if its score reaches its threshold",
}


def to_python(decisions: Decisions) -> str:
    """A module with ``scores``, ``decide`` and ``predict``, float32 boundaries included."""
    about = "\n".join(f"{key}: {value}" for key, value in decisions.about.items())
    return _MODULE.format(
        about=about.replace("\\", "\\\\").replace('"', "'"),
        labels=repr(list(decisions.labels)),
        thresholds="[" + ", ".join(_number(value) for value in decisions.thresholds.values) + "]",
        count=len(decisions.labels),
        activation=decisions.activation.value,
        rule=_RULE_WORDS[decisions.rule],
        score_body=_SCORES[decisions.activation],
        decide_body=_DECIDE[decisions.rule],
    )
