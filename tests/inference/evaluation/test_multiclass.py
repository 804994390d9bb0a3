"""Numbers of single-class data are scikit-learn's."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from inference.evaluation.activations import scores_from_logits
from inference.evaluation.evaluator import Evaluator
from inference.evaluation.multiclass import classes_of
from inference.types import Activation, DecisionRule, IntArray, MulticlassMetrics, ScoreArray, Thresholds
from tests.inference.evaluation.cases import run_of


@st.composite
def class_problems(draw: st.DrawFn) -> tuple[ScoreArray, IntArray]:
    """Logits with many ties, and classes of which some never occur."""
    n, c = draw(st.integers(1, 24)), draw(st.integers(3, 6))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    levels = draw(st.sampled_from([1, 5, 1000]))
    size = draw(st.sampled_from([1, 4, 60]))
    logits = (rng.integers(-levels, levels + 1, (n, c)) / levels * size).astype(np.float32)
    return logits, rng.integers(0, draw(st.integers(1, c)), n)


def measured(
    logits: ScoreArray,
    classes: IntArray,
    rule: DecisionRule = DecisionRule.ARGMAX,
    activation: Activation = Activation.SOFTMAX,
    threshold: float = 0.5,
) -> MulticlassMetrics:
    truth = np.eye(logits.shape[1], dtype=np.int8)[classes]
    thresholds = Thresholds.uniform(logits.shape[1], threshold)
    found = Evaluator(run_of(logits), truth, activation, rule, thresholds).multiclass()
    assert found is not None
    return found


def close(mine: float, theirs: float) -> bool:
    return math.isclose(mine, theirs, rel_tol=1e-9, abs_tol=1e-12)


@settings(max_examples=150, deadline=None)
@given(problem=class_problems(), activation=st.sampled_from(list(Activation)))
def test_argmax_is_measured_as_by_scikit_learn(problem: tuple[ScoreArray, IntArray], activation: Activation) -> None:
    logits, classes = problem
    n_classes = logits.shape[1]
    found = measured(logits, classes, activation=activation)
    predicted = logits.argmax(axis=1)
    wide = logits.astype(np.float64)
    probabilities = np.exp(wide - wide.max(axis=1, keepdims=True))
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    assert found.n_images == len(classes)
    assert close(found.accuracy, sk.accuracy_score(classes, predicted))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of predicted classes that do not occur
        assert close(found.balanced_accuracy, sk.balanced_accuracy_score(classes, predicted))
    table = sk.confusion_matrix(classes, predicted, labels=range(n_classes))
    np.testing.assert_array_equal(found.confusion[:, :-1], table)
    assert not found.confusion[:, -1].any()
    for k in range(1, n_classes):
        assert close(found.top_k[k - 1], sk.top_k_accuracy_score(classes, logits, k=k, labels=range(n_classes)))
    assert found.top_k[-1] == 1
    if activation is Activation.SOFTMAX:
        assert close(found.log_loss, sk.log_loss(classes, probabilities, labels=range(n_classes)))
    else:
        assert math.isnan(found.log_loss)


@settings(max_examples=80, deadline=None)
@given(problem=class_problems(), activation=st.sampled_from(list(Activation)), data=st.data())
def test_a_rejected_image_is_wrong_and_has_its_column(
    problem: tuple[ScoreArray, IntArray], activation: Activation, data: st.DataObject
) -> None:
    logits, classes = problem
    scores = scores_from_logits(logits, activation)
    threshold = data.draw(st.sampled_from([*scores.max(axis=1).tolist(), 0.5]))  # also a winner's very score
    found = measured(logits, classes, DecisionRule.ARGMAX_REJECT, activation, threshold)
    predicted = [
        label if float(row[label]) >= threshold else logits.shape[1]
        for row, label in zip(scores, logits.argmax(axis=1), strict=True)
    ]
    table = sk.confusion_matrix(classes, predicted, labels=range(logits.shape[1] + 1))
    np.testing.assert_array_equal(found.confusion, table[:-1])
    assert close(found.accuracy, sk.accuracy_score(classes, predicted))


def test_images_without_a_single_known_class_are_left_out() -> None:
    truth = np.array([[1, 0, 0], [1, 1, 0], [0, 0, 0], [1, 0, -1], [-1, -1, -1], [0, 0, 1]], np.int8)
    assert classes_of(truth).tolist() == [0, -1, -1, -1, -1, 2]
    logits = np.tile(np.array([[3.0, 2.0, 1.0]], np.float32), (6, 1))
    found = Evaluator(
        run_of(logits), truth, Activation.SOFTMAX, DecisionRule.ARGMAX, Thresholds.uniform(3)
    ).multiclass()
    assert found is not None
    assert (found.n_images, found.accuracy) == (2, 0.5)
    assert found.top_k.tolist() == [0.5, 0.5, 1.0]


@pytest.mark.parametrize(("n", "c"), [(0, 3), (0, 0), (2, 0)])
def test_nothing_to_measure_is_undefined(n: int, c: int) -> None:
    evaluator = Evaluator(
        run_of(np.zeros((n, c), np.float32)),
        np.zeros((n, c), np.int8),
        Activation.SOFTMAX,
        DecisionRule.ARGMAX,
        Thresholds.uniform(c),
    )
    found = evaluator.multiclass()
    if c:
        assert found is not None
        assert math.isnan(found.accuracy)
        assert math.isnan(found.log_loss)
        assert np.isnan(found.top_k).all()


def test_thresholds_alone_choose_no_class() -> None:
    evaluator = Evaluator(
        run_of(np.zeros((2, 3), np.float32)),
        np.zeros((2, 3), np.int8),
        Activation.SIGMOID,
        DecisionRule.THRESHOLDS,
        Thresholds.uniform(3),
    )
    assert evaluator.multiclass() is None
