"""Queues: each kind against a plain loop over images."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.evaluation.activations import scores_from_logits
from inference.evaluation.decisions import decide
from inference.evaluation.evaluator import Evaluator
from inference.evaluation.review.distances import slack
from inference.evaluation.review.queues import MOST, SAMPLE, make_queue
from inference.evaluation.review.sampling import BINS, drawn
from inference.types import (
    Activation,
    BoolArray,
    DecisionRule,
    ImageState,
    Queue,
    QueueKind,
    Run,
    ScoreArray,
    Thresholds,
    TruthArray,
)
from tests.inference.evaluation.cases import problems, run_of

SIGMOID, SOFTMAX = Activation.SIGMOID, Activation.SOFTMAX
THRESHOLDS = DecisionRule.THRESHOLDS


def folder(seed: int = 0, n: int = 300, c: int = 3, n_open: int = 100) -> tuple[ScoreArray, TruthArray, BoolArray]:
    """Logits, truth, and which images are annotated."""
    rng = np.random.default_rng(seed)
    truth = (rng.random((n, c)) < 0.4).astype(np.int8)
    logits = (rng.normal(-1, 1.2, (n, c)) + 2 * truth).astype(np.float32)
    flipped = rng.random((n, c)) < 0.05
    truth = np.where(flipped, 1 - truth, truth).astype(np.int8)
    annotated = np.ones(n, dtype=bool)
    annotated[rng.permutation(n)[:n_open]] = False
    truth[~annotated] = -1
    return logits, truth, annotated


def queue(
    kind: QueueKind,
    logits: ScoreArray,
    truth: TruthArray,
    annotated: BoolArray,
    label: int | None = None,
    *,
    activation: Activation = SIGMOID,
    rule: DecisionRule = THRESHOLDS,
    size: int | None = None,
    seed: int = 0,
    states: ImageState = ImageState.SCORED,
) -> Queue:
    run = Run(logits, np.full(len(logits), states, np.uint8))
    evaluator = Evaluator(run, truth, activation, rule, Thresholds.uniform(logits.shape[1], 0.6))
    return make_queue(kind, evaluator, label=label, y_true=truth, annotated=annotated, size=size, seed=seed)


@pytest.mark.parametrize("rule", list(DecisionRule))
@pytest.mark.parametrize("label", [None, 1])
@pytest.mark.parametrize("kind", list(QueueKind))
def test_every_queue_names_each_image_once_with_its_label_and_reason(
    kind: QueueKind, label: int | None, rule: DecisionRule
) -> None:
    logits, truth, annotated = folder()
    found = queue(kind, logits, truth, annotated, label, rule=rule)
    assert found.kind is kind
    assert len(set(found.images.tolist())) == len(found) == len(found.labels) == len(found.reasons) <= found.n_found
    assert len(found) or found.note
    assert all(found.reasons)
    if label is not None:
        assert set(found.labels.tolist()) <= {label}
    if kind in (QueueKind.BALANCED_SAMPLE, QueueKind.NARROWING, QueueKind.UNANNOTATED):
        assert not annotated[found.images].any()
    short = queue(kind, logits, truth, annotated, label, rule=rule, size=5)
    assert short.images.tolist() == found.images[:5].tolist()
    assert short.n_found == found.n_found


@settings(max_examples=80, deadline=None)
@given(
    problem=problems(),
    activation=st.sampled_from(list(Activation)),
    rule=st.sampled_from([THRESHOLDS, DecisionRule.ARGMAX, DecisionRule.ARGMAX_REJECT]),
    threshold=st.sampled_from([0.0, 0.3, 0.5, 1.0]),
)
def test_slack_is_on_the_side_of_the_decision(
    problem: tuple[ScoreArray, TruthArray], activation: Activation, rule: DecisionRule, threshold: float
) -> None:
    logits, truth = problem
    thresholds = Thresholds.uniform(logits.shape[1], threshold)
    evaluator = Evaluator(run_of(logits), truth, activation, rule, thresholds)
    scores = scores_from_logits(logits, activation)
    predicted = decide(logits, scores, thresholds.values, rule)
    found = slack(evaluator).T
    assert np.isfinite(found).all()
    clear = np.abs(found) > 1e-4  # nearer than that float32 decides; scores near 0 and 1 likewise
    clear &= (scores > 1e-6) & (scores < 1 - 1e-6) | (rule is DecisionRule.ARGMAX)
    assert ((found >= 0) == predicted)[clear & (threshold not in (0.0, 1.0) or rule is DecisionRule.ARGMAX)].all()
    for label in range(logits.shape[1]):
        np.testing.assert_array_equal(slack(evaluator, label)[0], found[:, label])


def logit(score: float | np.float32) -> float:
    return math.log(float(score) / (1 - float(score)))


def test_most_uncertain_is_nearest_to_its_threshold_in_logits() -> None:
    logits, truth, annotated = folder()
    distances = np.abs(logits.astype(np.float64) - logit(np.float32(0.6)))
    one = queue(QueueKind.UNCERTAIN, logits, truth, annotated, 2)
    assert one.images.tolist() == np.argsort(distances[:, 2], kind="stable").tolist()
    found = queue(QueueKind.UNCERTAIN, logits, truth, annotated)
    np.testing.assert_allclose(distances[found.images, found.labels], distances.min(axis=1)[found.images], rtol=1e-5)
    assert (np.diff(distances.min(axis=1)[found.images]) >= -1e-6).all()
    score = scores_from_logits(logits, SIGMOID)[one.images[0], 2]
    assert one.reasons[0] == f"score {score:.3f}, threshold 0.600"


def test_under_argmax_most_uncertain_is_where_two_labels_are_closest() -> None:
    logits, truth, annotated = folder()
    found = queue(QueueKind.UNCERTAIN, logits, truth, annotated, activation=SOFTMAX, rule=DecisionRule.ARGMAX)
    falling = -np.sort(-logits, axis=1)
    lead = (falling[:, 0] - falling[:, 1])[found.images]
    assert (np.diff(lead) >= 0).all()
    assert "highest other score" in found.reasons[0]
    assert "threshold" not in found.reasons[0]


def test_confident_mistakes_are_the_wrong_decisions_and_the_farthest_come_first() -> None:
    logits, truth, annotated = folder()
    scores = scores_from_logits(logits, SIGMOID)
    wrong = (truth >= 0) & ((scores >= np.float32(0.6)) != (truth == 1))
    distances = np.where(wrong, np.abs(logits.astype(np.float64) - logit(np.float32(0.6))), -1)
    found = queue(QueueKind.CONFIDENT_MISTAKES, logits, truth, annotated)
    assert sorted(found.images.tolist()) == np.flatnonzero(wrong.any(axis=1)).tolist()
    assert found.labels.tolist() == distances.argmax(axis=1)[found.images].tolist()
    assert (np.diff(distances.max(axis=1)[found.images]) <= 1e-6).all()
    first, label = found.images[0], found.labels[0]
    said = "positive" if truth[first, label] else "negative"
    assert found.reasons[0].startswith(f"annotated {said}, score ")
    right = np.where(truth >= 0, (scores >= np.float32(0.6)).astype(np.int8), truth)
    none = queue(QueueKind.CONFIDENT_MISTAKES, logits, right, annotated)
    assert not len(none)
    assert none.note == "Every known image is decided right."


def test_label_errors_find_what_was_annotated_wrongly_and_the_least_likely_comes_first() -> None:
    rng = np.random.default_rng(3)
    right = (rng.random((400, 3)) < 0.4).astype(np.int8)
    logits = (rng.normal(-3, 0.7, (400, 3)) + 6 * right).astype(np.float32)
    truth = right.copy()
    wrong = [(5, 0), (17, 2), (40, 1), (41, 1)]
    for image, label in wrong:
        truth[image, label] = 1 - truth[image, label]
        logits[image, label] = 6 - 12 * truth[image, label]  # the model is sure: the unsure ones stay unsuspected
    everyone = np.ones(400, dtype=bool)
    found = queue(QueueKind.LABEL_ERRORS, logits, truth, everyone)
    assert sorted(zip(found.images.tolist(), found.labels.tolist(), strict=True)) == wrong
    one = queue(QueueKind.LABEL_ERRORS, logits, truth, everyone, 1)
    scores = scores_from_logits(logits, SIGMOID)
    own = [abs(float(scores[image, 1]) - (1 - truth[image, 1])) for image in one.images]
    assert sorted(one.images.tolist()) == [40, 41]
    assert own == sorted(own)
    assert not len(queue(QueueKind.LABEL_ERRORS, logits, right, everyone))


def test_label_errors_among_classes_say_where_an_image_belongs() -> None:
    rng = np.random.default_rng(4)
    classes = rng.integers(0, 3, 300)
    logits = (rng.normal(0, 0.5, (300, 3)) + 5 * np.eye(3)[classes]).astype(np.float32)
    given_classes = classes.copy()
    given_classes[[7, 8]] = (classes[[7, 8]] + 1) % 3
    logits[[7, 8]] *= 2  # the model is sure
    truth = np.eye(3, dtype=np.int8)[given_classes]
    everyone = np.ones(300, dtype=bool)
    truth[9] = -1  # nobody said
    found = queue(QueueKind.LABEL_ERRORS, logits, truth, everyone, activation=SOFTMAX, rule=DecisionRule.ARGMAX)
    assert sorted(found.images.tolist()) == [7, 8]
    assert found.labels.tolist() == classes[found.images].tolist()
    assert found.reasons[0].startswith("annotated as another class")
    only = queue(
        QueueKind.LABEL_ERRORS, logits, truth, everyone, int(classes[7]), activation=SOFTMAX, rule=DecisionRule.ARGMAX
    )
    assert 7 in only.images


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(0, 300))
def test_bins_of_a_balanced_sample_are_even_however_far_it_is_worked_off(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    scores = (rng.random(n) ** 4).astype(np.float32)  # crowded at 0
    order = drawn(scores, seed)
    assert sorted(order.tolist()) == list(range(n))
    bins = np.minimum((scores * 10).astype(int), 9)
    sizes = np.bincount(bins, minlength=BINS)
    for taken in (5, 20, 77):
        found = np.bincount(bins[order[:taken]], minlength=BINS)
        open_bins = found[found < sizes]  # that still have images to give
        if len(open_bins):
            assert open_bins.max() - open_bins.min() <= 1
            assert (found <= open_bins.max()).all() or (found[found > open_bins.max()] <= open_bins.min() + 1).all()
    np.testing.assert_array_equal(order, drawn(scores, seed))


def test_a_balanced_sample_is_drawn_from_what_nobody_annotated() -> None:
    logits, truth, annotated = folder(n=600, n_open=400)
    found = queue(QueueKind.BALANCED_SAMPLE, logits, truth, annotated, 0)
    assert len(found) == SAMPLE
    assert found.n_found == 400
    assert not annotated[found.images].any()
    other = queue(QueueKind.BALANCED_SAMPLE, logits, truth, annotated, 0, seed=1)
    assert other.images.tolist() != found.images.tolist()
    whole = queue(QueueKind.BALANCED_SAMPLE, logits, truth, annotated)
    assert set(whole.labels.tolist()) == {-1}


def test_narrowing_asks_where_the_threshold_belongs_and_else_what_is_near_it() -> None:
    logits, truth, annotated = folder(n=2000, n_open=1500)
    found = queue(QueueKind.NARROWING, logits, truth, annotated, 0, size=50)
    everywhere = scores_from_logits(logits, SIGMOID)[~annotated, 0]
    assert np.std(scores_from_logits(logits, SIGMOID)[found.images, 0]) < np.std(everywhere)
    assert "annotated with such scores: " in found.reasons[0]
    truth[:] = -1
    none = queue(QueueKind.NARROWING, logits, truth, np.zeros(2000, dtype=bool), 0)
    distances = np.abs(logits[:, 0].astype(np.float64) - logit(np.float32(0.6)))
    assert none.images.tolist() == np.argsort(distances, kind="stable")[:MOST].tolist()
    assert none.note.startswith("Too few positives")
    argmax = queue(QueueKind.NARROWING, logits, truth, annotated, rule=DecisionRule.ARGMAX)
    assert not len(argmax)
    assert "no use for thresholds" in argmax.note


def test_unannotated_images_come_in_order_also_those_without_a_score() -> None:
    logits, truth, annotated = folder()
    found = queue(QueueKind.UNANNOTATED, logits, truth, annotated, states=ImageState.PENDING)
    assert found.images.tolist() == np.flatnonzero(~annotated).tolist()
    truth[~annotated, 1] = 0
    truth[3, 1] = -1
    assert queue(QueueKind.UNANNOTATED, logits, truth, annotated, 1).images.tolist() == [3]


@pytest.mark.parametrize("kind", [kind for kind in QueueKind if kind is not QueueKind.UNANNOTATED])
def test_nothing_scored_makes_an_empty_queue_that_says_why(kind: QueueKind) -> None:
    logits, truth, annotated = folder()
    found = queue(kind, logits, truth, annotated, states=ImageState.PENDING)
    assert (len(found), found.n_found) == (0, 0)
    assert found.note


def test_a_queue_cut_short_is_empty() -> None:
    logits, truth, annotated = folder()
    evaluator = Evaluator(run_of(logits), truth, SIGMOID, THRESHOLDS, Thresholds.uniform(3))
    found = make_queue(
        QueueKind.LABEL_ERRORS, evaluator, label=None, y_true=truth, annotated=annotated, cancelled=lambda: True
    )
    assert not len(found)
