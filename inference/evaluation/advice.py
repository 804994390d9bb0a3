"""When the annotations contradict the activation or the rule, say so and offer the remedy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from inference.types import POSITIVE, Activation, Advice, BoolArray, DecisionRule, IntArray, TruthArray


@dataclass(frozen=True)
class AnnotationSizes:
    """How many annotated images have no, one or several positive labels: counted once for a dataset."""

    n_labels: int = 0
    none: int = 0
    one: int = 0
    several: int = 0
    positives: int = 0

    @classmethod
    def of(cls, y_true: TruthArray, annotated: BoolArray) -> AnnotationSizes:
        """Count ``y_true``, int8 (n, c), over the images that somebody annotated, bool (n,)."""
        positives = np.count_nonzero(y_true == POSITIVE, axis=1)[annotated]
        none, one = int(np.count_nonzero(positives == 0)), int(np.count_nonzero(positives == 1))
        return cls(y_true.shape[1], none, one, len(positives) - none - one, int(positives.sum()))

    @property
    def n_images(self) -> int:
        """Annotated images."""
        return self.none + self.one + self.several

    @property
    def usual(self) -> int:
        """How many labels an annotated image has on average, rounded, at least 1."""
        return max(1, round(self.positives / max(1, self.n_images)))


def contradiction(
    sizes: AnnotationSizes,
    activation: Activation,
    rule: DecisionRule,
    labels_per_image: IntArray | None = None,
) -> Advice | None:
    """What is wrong with the choice for these annotations, or None.

    Args:
        sizes: of the annotations.
        activation: the activation in force.
        rule: the rule in force.
        labels_per_image: how many images now have 0, 1, 2 ... predicted labels, to make the harm concrete.
    """
    if not sizes.n_images or sizes.n_labels < 2:
        return None
    if sizes.several:
        return _several(sizes.several, sizes.n_images, activation, rule)
    if sizes.none:
        return _at_most_one(sizes.none, sizes.n_images, activation) if rule is DecisionRule.ARGMAX else None
    if activation is Activation.SIGMOID and rule is DecisionRule.THRESHOLDS:
        return _exactly_one(sizes.n_images, labels_per_image)
    return None


def _several(n_several: int, n_images: int, activation: Activation, rule: DecisionRule) -> Advice | None:
    share = f"{n_several:,} of {n_images:,} annotated images have several labels"
    if activation is Activation.SOFTMAX:
        text = f"{share}, but softmax makes labels compete: two of them can never both pass 0.5."
    elif rule.one_label:
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
