"""A Python module that decides as the window does, written for numpy alone: every rule, calibration and the review."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable
from typing import Final

from inference.export.values import Decisions, number_of
from inference.types import Activation, DecisionRule, LogitMap

_WIDTH: Final = 110

_HEAD: Final = '''"""Which labels a model's logits predict. Made by Cutline; needs numpy alone.

{about}
"""

import numpy as np

LABELS = {labels}
{constants}

def mapped(logits):
    """Logits (n, {count}) as the activation takes them, float32{map_words}."""
    z = np.ascontiguousarray(logits, dtype=np.float32)
{map_body}


def scores(logits):
    """Logits (n, {count}) to scores (n, {count}), float32: {activation}."""
    return activated(mapped(logits))


def activated(z):
    """Mapped logits to scores."""
    z = z.astype(np.float64)
{score_body}


def eligible(z, s):
    """Where a label can be predicted at all, from mapped logits and scores: {eligible_words}."""
{eligible_body}


def decide(logits):
    """Logits (n, {count}) to decisions (n, {count}), bool: {rule}."""
    z = mapped(logits)
    s = activated(z)
    return {decision}


def predict(logits):
    """The names of the predicted labels of each row of logits."""
    return [[label for label, yes in zip(LABELS, row) if yes] for row in decide(logits)]
'''
_REVIEW: Final = '''

def accept(logits):
    """Decisions (n, {count}) that need no second look, bool: scores that reach the upper end of the review band."""
    z = mapped(logits)
    s = activated(z)
    return eligible(z, s) & (s >= REVIEW_HIGH)


def review(logits):
    """Where a person has to look (n, {count}), bool: scores inside the review band."""
    z = mapped(logits)
    s = activated(z)
    return eligible(z, s) & (s >= REVIEW_LOW) & ~(s >= REVIEW_HIGH)
'''
_SCORES: Final = {
    Activation.SIGMOID: """    decayed = np.exp(-np.abs(z))
    return (np.where(z < 0, decayed, 1.0) / (1.0 + decayed)).astype(np.float32)""",
    Activation.SOFTMAX: """    powers = np.exp(z - z.max(axis=1, keepdims=True))
    return (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)""",
}
_MAP: Final = """    wide = z.astype(np.float64)
    for label, (x, y) in KNOTS.items():
        own = wide[:, label]
        wide[:, label] = np.interp(own, x, y) + np.minimum(own - x[0], 0.0) + np.maximum(own - x[-1], 0.0)
    return np.clip(wide * SCALE + SHIFT, -3e38, 3e38).astype(np.float32)"""

_WINNER: Final = "    return np.arange(z.shape[1]) == z.argmax(axis=1)[:, None]"
_HIGHEST: Final = """    chosen = np.zeros(z.shape, dtype=bool)
    highest = np.argsort(-z, axis=1, kind="stable")[:, :K]  # of equal ones the first
    np.put_along_axis(chosen, highest, True, axis=1)
    return chosen"""
# The expected F1 of the k highest is an integral (see inference.evaluation.per_image) of a polynomial.
_BEST_SETS: Final = """    chosen = np.zeros(s.shape, dtype=bool)
    for start in range(0, len(s), 4096):
        p = s[start : start + 4096].astype(np.float64)
        order = np.argsort(-p, axis=1, kind="stable")
        p = np.take_along_axis(p, order, axis=1)
        best, size = np.prod(1.0 - p, axis=1), np.zeros(len(p), dtype=int)
        # expected F1 of the k highest = 2 sum_j p_j int_0^1 t^k prod_(i != j) (1 - p_i + p_i t) dt, by quadrature
        part, ratios = np.tile(WEIGHTS, (len(p), 1)), 0.0
        for j in range(p.shape[1]):
            part = part * (1.0 - np.outer(p[:, j], 1.0 - NODES))
        for k in range(1, p.shape[1] + 1):
            part = part * NODES
            ratios = ratios + p[:, k - 1 : k] / (1.0 - np.outer(p[:, k - 1], 1.0 - NODES))
            value = 2.0 * (part * ratios).sum(axis=1)
            better = value > best + 1e-10
            best, size = np.where(better, value, best), np.where(better, k, size)
        np.put_along_axis(chosen[start : start + 4096], order, np.arange(p.shape[1]) < size[:, None], axis=1)
    return chosen"""
_ELIGIBLE: Final = {
    DecisionRule.THRESHOLDS: "    return np.ones(s.shape, dtype=bool)",
    DecisionRule.ARGMAX: _WINNER,
    DecisionRule.ARGMAX_REJECT: _WINNER,
    DecisionRule.TOP_K: _HIGHEST,
    DecisionRule.PER_IMAGE: _BEST_SETS,
}
_ELIGIBLE_WORDS: Final = {
    DecisionRule.THRESHOLDS: "everywhere",
    DecisionRule.ARGMAX: "the label with the highest logit, of equal ones the first",
    DecisionRule.ARGMAX_REJECT: "the label with the highest logit, of equal ones the first",
    DecisionRule.TOP_K: "the K labels with the highest logits, of equal ones the first",
    DecisionRule.PER_IMAGE: "the set of labels with the highest expected F1 of the image",
}
_RULE_WORDS: Final = {
    DecisionRule.THRESHOLDS: "every label whose score reaches its threshold",
    DecisionRule.ARGMAX: "the label with the highest logit",
    DecisionRule.ARGMAX_REJECT: "the label with the highest logit, if its score reaches its threshold",
    DecisionRule.TOP_K: "the K labels with the highest logits, each if its score reaches its threshold",
    DecisionRule.PER_IMAGE: "the labels that together have the highest expected F1, whatever the thresholds",
}


def to_python(decisions: Decisions) -> str:
    """A module with ``scores``, ``decide`` and ``predict``, float32 boundaries included.

    With a review band also ``accept`` and ``review``.
    """
    about = "\n".join(f"{key}: {value}" for key, value in decisions.about.items())
    count = len(decisions.labels)
    mapping = decisions.logit_map
    text = _HEAD.format(
        about=about.replace("\\", "\\\\").replace('"', "'"),
        labels=_listed(map(repr, decisions.labels)),
        constants="\n".join(_constants(decisions)) + "\n",
        count=count,
        map_words="" if mapping is None else ": calibrated, with class biases added",
        map_body="    return z" if mapping is None else _MAP,
        activation=decisions.activation.value,
        score_body=_SCORES[decisions.activation],
        eligible_words=_ELIGIBLE_WORDS[decisions.rule],
        eligible_body=_ELIGIBLE[decisions.rule],
        rule=_RULE_WORDS[decisions.rule],
        decision="eligible(z, s) & (s >= THRESHOLDS)" if decisions.rule.uses_thresholds else "eligible(z, s)",
    )
    return text if decisions.reviewed is None else text + _REVIEW.format(count=count)


def _constants(decisions: Decisions) -> list[str]:
    """Assignments of all numbers that decide."""
    lines = [f"THRESHOLDS = np.array({_listed(map(number_of, decisions.thresholds.values))}, dtype=np.float32)"]
    if decisions.rule is DecisionRule.TOP_K:
        lines.append(f"K = {decisions.k}")
    if decisions.rule is DecisionRule.PER_IMAGE:
        lines.append(f"NODES, WEIGHTS = np.polynomial.legendre.leggauss({_n_nodes(len(decisions.labels))})")
        lines.append("NODES, WEIGHTS = (NODES + 1.0) / 2.0, WEIGHTS / 2.0  # Gauss and Legendre's, on 0..1")
    if decisions.logit_map is not None:
        lines += _map_constants(decisions.logit_map)
    if decisions.reviewed is not None:
        for name, ends in (("LOW", decisions.reviewed.low), ("HIGH", decisions.reviewed.high)):
            lines.append(f"REVIEW_{name} = np.array({_listed(map(number_of, ends.values))}, dtype=np.float32)")
    return lines


def _map_constants(mapping: LogitMap) -> list[str]:
    lines = [
        f"{name} = np.array({_listed(repr(float(value)) for value in values)})"
        for name, values in (("SCALE", mapping.scale), ("SHIFT", mapping.shift))
    ]
    knots = {label: own for label, own in enumerate(mapping.knots) if own[0]}
    sides = (f"{label}: {tuple(tuple(map(float, side)) for side in own)!r}" for label, own in knots.items())
    return [*lines, "KNOTS = {" + "".join(f"\n    {one}," for one in sides) + ("\n}" if knots else "}")]


def _listed(texts: Iterable[str]) -> str:
    """A list as source, on several lines where it is long."""
    items = list(texts)
    if sum(map(len, items)) + 2 * len(items) <= _WIDTH:
        return "[" + ", ".join(items) + "]"
    if any(" " in item or "-" in item[1:] for item in items):  # nothing that textwrap would break inside
        lines = [f"{item}," for item in items]
    else:
        lines = textwrap.wrap(", ".join(items) + ",", _WIDTH - 4, break_long_words=False, break_on_hyphens=False)
    return "[\n" + textwrap.indent("\n".join(lines), "    ") + "\n]"


def _n_nodes(n_labels: int) -> int:
    """As many nodes as the window uses: exact for few labels, to the last digits of float64 for many."""
    return min(n_labels + 1, math.ceil(3.2 * math.sqrt(2 * n_labels)) + 2)
