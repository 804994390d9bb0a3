"""Edited equals built anew: whatever truth was changed and whatever moved meanwhile."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

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


@settings(max_examples=200, deadline=None)
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
