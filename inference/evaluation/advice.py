"""When the annotations contradict the activation or the rule, say so and offer the remedy."""

from __future__ import annotations

import numpy as np

from inference.types import POSITIVE, Activation, Advice, BoolArray, DecisionRule, IntArray, TruthArray


def contradiction(
    y_true: TruthArray,
    annotated: BoolArray,
    activation: Activation,
    rule: DecisionRule,
    labels_per_image: IntArray | None = None,
) -> Advice | None:
    """What is wrong with the choice for these annotations, or None.

    Args:
        y_true: int8 (n, c).
        annotated: bool (n,).
        activation: the activation in force.
        rule: the rule in force.
        labels_per_image: how many images now have 0, 1, 2 ... predicted labels, to make the harm concrete.
    """
    cardinality = np.count_nonzero(y_true[annotated] == POSITIVE, axis=1)
    n_images = len(cardinality)
    if not n_images or y_true.shape[1] < 2:
        return None
    n_several = int(np.count_nonzero(cardinality > 1))
    n_none = int(np.count_nonzero(cardinality == 0))
    if n_several:
        return _several(n_several, n_images, activation, rule)
    if n_none:
        return _at_most_one(n_none, n_images, activation) if rule is DecisionRule.ARGMAX else None
    if activation is Activation.SIGMOID and rule is DecisionRule.THRESHOLDS:
        return _exactly_one(n_images, labels_per_image)
    return None


def _several(n_several: int, n_images: int, activation: Activation, rule: DecisionRule) -> Advice | None:
    share = f"{n_several:,} of {n_images:,} annotated images have several labels"
    if activation is Activation.SOFTMAX:
        text = f"{share}, but softmax makes labels compete: two of them can never both pass 0.5."
    elif rule is not DecisionRule.THRESHOLDS:
        text = f"{share}, but argmax predicts one label at most."
    else:
        return None
    return Advice(text, "Use sigmoid with thresholds", Activation.SIGMOID, DecisionRule.THRESHOLDS)


def _at_most_one(n_none: int, n_images: int, activation: Activation) -> Advice:
    text = f"{n_none:,} of {n_images:,} annotated images have none of the labels, but argmax always predicts one."
    return Advice(text, "Let argmax reject", activation, DecisionRule.ARGMAX_REJECT)


def _exactly_one(n_images: int, labels_per_image: IntArray | None) -> Advice:
    text = (
        f"Each of the {n_images:,} annotated images has exactly one label, but thresholds may predict none or several"
    )
    if labels_per_image is not None and labels_per_image.sum():
        none, several = int(labels_per_image[0]), int(labels_per_image[2:].sum())
        text += f": now none for {none:,} images and several for {several:,}"
    return Advice(text + ".", "Use softmax with argmax", Activation.SOFTMAX, DecisionRule.ARGMAX)
