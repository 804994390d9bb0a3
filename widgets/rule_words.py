"""What the activation and the decision rule mean, in plain sentences; no Qt."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from inference.types import NEGATIVE, Activation, DecisionRule, ImageScores, format_float32

LOW_MARGIN: Final = 0.1  # a winner nearer than this to the runner-up is of low certainty
NAME_CHARACTERS: Final = 28

ACTIVATION_WORDS: Final = {
    Activation.SIGMOID: (
        "Sigmoid scores are independent: an image's scores sum to anything from 0 to the number of labels."
    ),
    Activation.SOFTMAX: "Softmax scores share 1: no two labels can both pass 0.5.",
}

RULE_WORDS: Final = {
    DecisionRule.THRESHOLDS: "Each label at its threshold or above is predicted.",
    DecisionRule.PER_IMAGE: "Per image: the set of labels with the highest expected F1 of each image.",
    DecisionRule.ARGMAX: "Argmax: exactly one label per image, the highest score.",
    DecisionRule.ARGMAX_REJECT: "May reject: none of the classes when the winner is below its threshold.",
}

SINGLE_CLASS: Final = "An image of this folder has exactly one label: rules that predict several are for other folders."


def explanation(activation: Activation, rule: DecisionRule, k: int = 1) -> str:
    """What the combination in force does; ``k`` is that of the rule that predicts the k highest labels."""
    words = _top_words(k) if rule is DecisionRule.TOP_K else RULE_WORDS[rule]
    return f"{ACTIVATION_WORDS[activation]} {words}"


def _top_words(k: int) -> str:
    if k == 1:
        return "Top 1: the label with the highest score, if it is at its threshold or above."
    return f"Top {k}: the {k} labels with the highest scores of each image, each if it is at its threshold or above."


def image_sentence(image: ImageScores | None, labels: Sequence[str] = ()) -> str:
    """What came of the image being looked at, "" without one.

    Args:
        image: its scores, under the activation and rule that it names.
        labels: names of the labels, to name the winner; may be empty.
    """
    if image is None or not len(image.scores):
        return ""
    if not np.isfinite(image.scores).all():
        return "This image: no scores."
    parts = []
    if image.activation is Activation.SIGMOID:
        parts.append(f"scores sum to {image.scores.sum(dtype=np.float64):.2f}")
    if image.activation is Activation.SOFTMAX or image.rule.one_label:
        parts.append(_winner(image, labels))
    if not image.rule.one_label:
        parts.append(_how_many(image))
    elif not image.predicted.any():
        threshold = image.thresholds[int(np.argmax(image.scores))]
        parts.append(f"below {format_float32(threshold)}: none of the classes")
    return f"This image: {'; '.join(parts)}."


def _winner(image: ImageScores, labels: Sequence[str]) -> str:
    index = int(np.argmax(np.where(image.predicted, 2.0, 0.0) + image.scores if _one_winner(image) else image.scores))
    name = f" {_short(labels[index])}" if index < len(labels) else ""
    words = f"winner{name} {_decimals(float(image.scores[index]))}"
    if math.isnan(image.margin):
        return words
    margin = round(image.margin, 6)  # float32 scores differ from their decimals by less
    low = ": low certainty" if margin < LOW_MARGIN else ""
    # 0.096 is low, and "0.10: low" would puzzle.
    figures = f"{margin:.3f}" if low and f"{margin:.2f}" == f"{LOW_MARGIN:.2f}" else _decimals(margin)
    return f"{words}, margin {figures}{low}"


def _one_winner(image: ImageScores) -> bool:
    """Whether the rule has named the winner: scores may tie where logits do not."""
    return image.rule.one_label and int(np.count_nonzero(image.predicted)) == 1


def _how_many(image: ImageScores) -> str:
    count = int(np.count_nonzero(image.predicted))
    if count:
        return f"{count:,} label{'s' if count > 1 else ''} predicted"
    if image.annotated and (image.truth == NEGATIVE).all():
        return "no label predicted, and none is annotated"
    if image.rule is DecisionRule.PER_IMAGE:
        return "no label predicted: the best set is empty"
    if image.rule is DecisionRule.TOP_K:
        return "none of the highest reaches its threshold"
    return "no label reaches its threshold: the thresholds deserve tuning"


def _decimals(value: float) -> str:
    """Two decimals that call nothing 0 or 1 that is not."""
    if 0 < value < 0.005:
        return "<0.01"
    return ">0.99" if 0.995 <= value < 1 else f"{value:.2f}"


def _short(name: str) -> str:
    name = " ".join(name.split())
    return name if len(name) <= NAME_CHARACTERS else f"{name[: NAME_CHARACTERS - 1].rstrip()}…"
