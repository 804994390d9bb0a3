"""Edited equals built anew: whatever truth was changed and whatever moved meanwhile."""

from __future__ import annotations

import gc
import math
import weakref

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from inference.evaluation.activations import scores_from_logits
from inference.evaluation.evaluator import Evaluator
from inference.types import (
    Activation,
    DecisionRule,
    ImageState,
    Run,
    ScoreArray,
    Thresholds,
    TruthArray,
    TruthEdit,
    ZeroDivision,
)
from tests.inference.evaluation.cases import problems, run_of, threshold_moves


def edit_of(truth: TruthArray, cells: dict[tuple[int, int], int]) -> TruthEdit:
    """The edit, written into ``truth`` as its owner does."""
    images, labels = (np.array([cell[axis] for cell in cells], dtype=np.int64) for axis in (0, 1))
    after = np.array(list(cells.values()), dtype=np.int8)
    before = truth[images, labels].copy()
    truth[images, labels] = after
    return TruthEdit(images, labels, before, after)


def assert_equal_everywhere(mine: Evaluator, fresh: Evaluator) -> None:
    for zero_division in ZeroDivision:
        # repr tells NaN from numbers and any two floats apart
        assert repr(mine.averages(zero_division)) == repr(fresh.averages(zero_division))
        assert repr(mine.label_averages(zero_division)) == repr(fresh.label_averages(zero_division))
    found, expected = mine.label_metrics(), fresh.label_metrics()
    for name in ("tp", "fp", "fn", "tn", "unknown", "precision", "recall", "f1", "support", "predicted"):
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name), err_msg=name)
    np.testing.assert_array_equal(mine.labels_per_image(), fresh.labels_per_image())
    for label in range(mine.n_labels):
        np.testing.assert_array_equal(mine.label_outcomes(label), fresh.label_outcomes(label))
        assert repr(mine.operating_point(label)) == repr(fresh.operating_point(label))
        assert mine.plateau(label) == fresh.plateau(label)
        for up in (True, False):
            assert mine.next_stop(label, up=up) == fresh.next_stop(label, up=up)
        curve, other = mine.pr_curve(label), fresh.pr_curve(label)
        for name in ("thresholds", "precision", "recall", "tp", "predicted"):
            np.testing.assert_array_equal(getattr(curve, name), getattr(other, name), err_msg=name)
        assert (curve.support, repr(curve.average_precision), repr(curve.prevalence)) == (
            other.support,
            repr(other.average_precision),
            repr(other.prevalence),
        )
    assert repr(mine.multiclass()) == repr(fresh.multiclass())
    assert repr(mine.label_quality()) == repr(fresh.label_quality())
    assert repr(mine.ranking()) == repr(fresh.ranking())


@st.composite
def cells(draw: st.DrawFn, n: int, c: int) -> dict[tuple[int, int], int]:
    cell = st.tuples(st.integers(0, n - 1), st.integers(0, c - 1))
    return draw(st.dictionaries(cell, st.sampled_from([-1, 0, 1]), min_size=1, max_size=12))


@settings(max_examples=120, deadline=None)
@given(
    data=st.data(),
    problem=problems(),
    activation=st.sampled_from(list(Activation)),
    rule=st.sampled_from(list(DecisionRule)),
    parts=st.sampled_from(["all", "scored", "measured", "both"]),
)
def test_edits_among_moves_leave_what_a_new_evaluator_finds(
    data: st.DataObject,
    problem: tuple[ScoreArray, TruthArray],
    activation: Activation,
    rule: DecisionRule,
    parts: str,
) -> None:
    logits, truth = problem
    n, c = logits.shape
    bits = st.lists(st.booleans(), min_size=n, max_size=n)
    run, measured = run_of(logits), None
    if parts in ("scored", "both"):
        states = np.where(data.draw(bits), ImageState.SCORED, ImageState.PENDING).astype(np.uint8)
        run = Run(run.logits, states)
    if parts in ("measured", "both"):
        measured = np.array(data.draw(bits), dtype=bool)

    def build(thresholds: Thresholds) -> Evaluator:
        return Evaluator(run, truth, activation, rule, thresholds, k=2, measured=measured)

    thresholds = Thresholds.uniform(c)
    edited = build(thresholds)
    for _ in range(data.draw(st.integers(1, 4))):
        edit = edit_of(truth, data.draw(cells(n, c)))
        edited.edit(edit)
        if data.draw(st.booleans()):
            edited.edit(edit)  # a second time: changes nothing
        for label, value in data.draw(threshold_moves(c)):
            thresholds = thresholds.replace(label, value)
            edited.set_thresholds(thresholds)
        if data.draw(st.booleans()):
            assert_equal_everywhere(edited, build(thresholds))
    assert_equal_everywhere(edited, build(thresholds))


@settings(max_examples=60, deadline=None)
@given(data=st.data(), problem=problems(unknowns=False), activation=st.sampled_from(list(Activation)))
def test_edited_numbers_are_scikit_learns(
    data: st.DataObject, problem: tuple[ScoreArray, TruthArray], activation: Activation
) -> None:
    logits, truth = problem
    n, c = logits.shape
    thresholds = Thresholds.uniform(c, data.draw(st.floats(0, 1, width=32)))
    evaluator = Evaluator(run_of(logits), truth, activation, DecisionRule.THRESHOLDS, thresholds)
    chosen = data.draw(cells(n, c))
    evaluator.edit(edit_of(truth, {cell: max(0, value) for cell, value in chosen.items()}))
    scores = scores_from_logits(logits, activation)
    y_pred = (scores >= thresholds.values).astype(int)
    found, averages = evaluator.label_metrics(), evaluator.averages()
    for label in range(c):
        tn, fp, fn, tp = sk.confusion_matrix(truth[:, label], y_pred[:, label], labels=[0, 1]).ravel()
        assert (found.tp[label], found.fp[label], found.fn[label], found.tn[label]) == (tp, fp, fn, tn)
        if truth[:, label].any():
            expected = sk.average_precision_score(truth[:, label], scores[:, label])
            assert math.isclose(evaluator.pr_curve(label).average_precision, expected, rel_tol=1e-9)
    if c > 1:
        for name in ("micro", "macro", "samples"):
            expected = sk.precision_recall_fscore_support(truth, y_pred, average=name, zero_division=0.0)[:3]
            mine = getattr(averages, name)
            np.testing.assert_allclose((mine.precision, mine.recall, mine.f1), expected, atol=1e-12)
        assert math.isclose(averages.exact_match, sk.accuracy_score(truth, y_pred))
        assert math.isclose(averages.hamming_loss, sk.hamming_loss(truth, y_pred))


def folder(n: int, c: int, seed: int) -> tuple[ScoreArray, TruthArray]:
    """Coarse logits, so that many images share a score."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(-1, 2, (n, c)).astype(np.int8)
    return (np.round(rng.normal(0, 2, (n, c)) * 4) / 4).astype(np.float32), truth


@pytest.mark.parametrize("n_edited", [1, 63, 65, 256, 257, 1900])
@pytest.mark.parametrize("rule", [DecisionRule.THRESHOLDS, DecisionRule.ARGMAX_REJECT, DecisionRule.TOP_K])
def test_many_images_edited_at_once_or_one_by_one(rule: DecisionRule, n_edited: int) -> None:
    logits, truth = folder(2000, 3, n_edited)
    rng = np.random.default_rng(3)
    thresholds = Thresholds.uniform(3, 0.4)
    at_once = Evaluator(run_of(logits), truth, Activation.SOFTMAX, rule, thresholds)
    one_by_one = Evaluator(run_of(logits), truth, Activation.SOFTMAX, rule, thresholds)
    images = rng.choice(2000, n_edited, replace=False).tolist()
    wanted = {(image, 1): int(rng.integers(-1, 2)) for image in images} | {(5, 2): 1}
    for cell, value in wanted.items():
        one_by_one.edit(edit_of(truth.copy(), {cell: value}))
    at_once.edit(edit_of(truth, wanted))
    fresh = Evaluator(run_of(logits), truth, Activation.SOFTMAX, rule, thresholds)
    assert_equal_everywhere(at_once, fresh)
    assert_equal_everywhere(one_by_one, fresh)


def test_whole_images_annotated_one_after_another() -> None:
    logits, _ = folder(400, 5, 1)
    truth = np.full((400, 5), -1, np.int8)
    thresholds = Thresholds.uniform(5)
    evaluator = Evaluator(run_of(logits), truth, Activation.SIGMOID, DecisionRule.THRESHOLDS, thresholds)
    assert math.isnan(evaluator.averages().exact_match)
    for image in range(150):
        evaluator.edit(edit_of(truth, {(image, label): int(logits[image, label] > 0.5) for label in range(5)}))
        assert evaluator.averages().n_full == image + 1
    fresh = Evaluator(run_of(logits), truth, Activation.SIGMOID, DecisionRule.THRESHOLDS, thresholds)
    assert_equal_everywhere(evaluator, fresh)


def test_an_edit_undone_leaves_nothing_behind() -> None:
    logits, truth = folder(300, 4, 2)
    thresholds = Thresholds.uniform(4)
    evaluator = Evaluator(run_of(logits), truth, Activation.SIGMOID, DecisionRule.THRESHOLDS, thresholds)
    before = repr(evaluator.averages())
    edit = edit_of(truth, {(image, image % 4): 1 for image in range(100)})
    evaluator.edit(edit)
    assert repr(evaluator.averages()) != before
    truth[edit.images, edit.labels] = edit.before
    evaluator.edit(TruthEdit(edit.images, edit.labels, edit.after, edit.before))
    assert repr(evaluator.averages()) == before
    assert_equal_everywhere(
        evaluator, Evaluator(run_of(logits), truth, Activation.SIGMOID, DecisionRule.THRESHOLDS, thresholds)
    )


def test_what_was_handed_out_before_an_edit_stays_as_it_was() -> None:
    logits, truth = folder(300, 2, 4)
    evaluator = Evaluator(
        run_of(logits), truth, Activation.SIGMOID, DecisionRule.THRESHOLDS, Thresholds.uniform(2, 0.3)
    )
    metrics, curve, outcomes = evaluator.label_metrics(), evaluator._curves[0], evaluator.label_outcomes(0)
    kept = [part.copy() for part in (metrics.unknown, metrics.tp, curve.rising, curve.marked, outcomes)]
    evaluator.edit(edit_of(truth, {(image, 0): 1 for image in range(200)}))
    assert evaluator.label_metrics().support[0] > metrics.support[0]
    for part, was in zip((metrics.unknown, metrics.tp, curve.rising, curve.marked, outcomes), kept, strict=True):
        np.testing.assert_array_equal(part, was)


def test_nothing_scored_and_nothing_edited_are_no_trouble() -> None:
    logits, truth = folder(3, 2, 5)
    none = Evaluator(
        Run(logits, np.zeros(3, np.uint8)), truth, Activation.SIGMOID, DecisionRule.THRESHOLDS, Thresholds.uniform(2)
    )
    none.edit(edit_of(truth, {(0, 0): 1, (2, 1): 0}))
    assert none.label_metrics().support.tolist() == [0, 0]
    some = Evaluator(run_of(logits), truth, Activation.SIGMOID, DecisionRule.THRESHOLDS, Thresholds.uniform(2))
    before = repr(some.averages())
    some.edit(edit_of(truth, {}))
    some.edit(edit_of(truth, {(0, 0): int(truth[0, 0])}))
    assert repr(some.averages()) == before


def test_an_edited_evaluator_goes_as_soon_as_nobody_holds_it() -> None:
    """Its arrays are hundreds of megabytes: they must not wait for the garbage collector."""
    logits, truth = folder(20, 2, 6)
    evaluator = Evaluator(run_of(logits), truth, Activation.SIGMOID, DecisionRule.TOP_K, Thresholds.uniform(2))
    evaluator.edit(edit_of(truth, {(0, 0): 1, (1, 0): 0}))
    gone = weakref.ref(evaluator)
    gc.disable()
    try:
        del evaluator
        assert gone() is None
    finally:
        gc.enable()
