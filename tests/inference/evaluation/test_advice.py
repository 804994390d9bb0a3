"""The data contradict the choice: said, with the remedy, and silent otherwise."""

from __future__ import annotations

import numpy as np
import pytest

from inference.evaluation.advice import AnnotationSizes, contradiction
from inference.types import Activation, Advice, DecisionRule

SIGMOID, SOFTMAX = Activation.SIGMOID, Activation.SOFTMAX
THRESHOLDS, ARGMAX, REJECT = DecisionRule.THRESHOLDS, DecisionRule.ARGMAX, DecisionRule.ARGMAX_REJECT
ONE = [[1, 0], [0, 1], [1, 0]]
SEVERAL = [[1, 1], [0, 1], [1, 0]]
SOME_NONE = [[0, 0], [0, 1], [1, 0]]


def advise(rows: list[list[int]], activation: Activation, rule: DecisionRule) -> Advice | None:
    truth = np.array(rows, dtype=np.int8)
    sizes = AnnotationSizes.of(truth, np.ones(len(truth), bool))
    return contradiction(sizes, activation, rule, np.array([2, 0, 1]))


@pytest.mark.parametrize(
    ("rows", "activation", "rule", "remedy"),
    [
        (ONE, SIGMOID, THRESHOLDS, (SOFTMAX, ARGMAX)),
        (ONE, SIGMOID, ARGMAX, None),
        (ONE, SOFTMAX, ARGMAX, None),
        (ONE, SOFTMAX, REJECT, None),
        (SEVERAL, SIGMOID, THRESHOLDS, None),
        (SEVERAL, SOFTMAX, THRESHOLDS, (SIGMOID, THRESHOLDS)),
        (SEVERAL, SOFTMAX, ARGMAX, (SIGMOID, THRESHOLDS)),
        (SEVERAL, SIGMOID, ARGMAX, (SIGMOID, THRESHOLDS)),
        (SOME_NONE, SOFTMAX, ARGMAX, (SOFTMAX, REJECT)),
        (SOME_NONE, SOFTMAX, REJECT, None),
        (SOME_NONE, SIGMOID, THRESHOLDS, None),
    ],
)
def test_remedy(
    rows: list[list[int]],
    activation: Activation,
    rule: DecisionRule,
    remedy: tuple[Activation, DecisionRule] | None,
) -> None:
    advice = advise(rows, activation, rule)
    assert (advice and (advice.activation, advice.rule)) == remedy
    if advice:
        assert advise(rows, advice.activation, advice.rule) is None  # the remedy ends the contradiction


def test_the_harm_is_said_in_images() -> None:
    advice = advise(ONE, SIGMOID, THRESHOLDS)
    assert advice is not None
    assert "none for 2 images and several for 1" in advice.text


def test_images_nobody_annotated_do_not_count() -> None:
    truth = np.array([[1, 0], [1, 1]], dtype=np.int8)
    advice = contradiction(AnnotationSizes.of(truth, np.array([True, False])), SIGMOID, THRESHOLDS)
    assert advice is not None
    assert advice.rule is ARGMAX
    assert contradiction(AnnotationSizes.of(truth, np.zeros(2, bool)), SIGMOID, THRESHOLDS) is None


def test_rules_that_give_several_labels_are_no_argmax() -> None:
    sizes = AnnotationSizes(n_labels=4, one=3, several=5, positives=17)
    for rule in (DecisionRule.TOP_K, DecisionRule.PER_IMAGE):
        assert contradiction(sizes, Activation.SIGMOID, rule) is None
    assert contradiction(sizes, Activation.SIGMOID, DecisionRule.ARGMAX_REJECT) is not None
    assert sizes.usual == 2
