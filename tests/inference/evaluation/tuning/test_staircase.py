"""Cuts count what comparing each score would, their thresholds decide exactly, and hulls lose no optimum."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.evaluation.decisions import passes
from inference.evaluation.tuning.choices import Choices
from inference.evaluation.tuning.data import TuningData
from inference.evaluation.tuning.staircase import Staircase, hull
from inference.types import Activation
from tests.inference.evaluation.tuning.brute import folders


@given(folders(most_images=20))
def test_cuts_count_what_their_thresholds_decide(data: TuningData) -> None:
    for label in range(data.n_labels):
        staircase = data.staircase(label)
        known = data.truth[label] >= 0
        assert len(staircase.pp) == len(np.unique(data.scores[label][known])) + 1
        if not known.any():
            continue
        for cut in range(len(staircase.pp)):
            predicted = passes(data.scores[label], staircase.place(cut)) & known
            assert predicted.sum() == staircase.pp[cut]
            assert (predicted & (data.truth[label] == 1)).sum() == staircase.tp[cut]
            assert staircase.cut_at(staircase.place(cut)) == cut


@given(folders(most_images=20))
def test_plateaus_hold_the_threshold_and_end_at_scores(data: TuningData) -> None:
    for label in range(data.n_labels):
        staircase = data.staircase(label)
        for cut in range(len(staircase.pp) if staircase.known else 0):
            low, high = staircase.plateau(cut)
            assert low < staircase.place(cut) <= high
            assert staircase.cut_at(high if np.isfinite(high) else np.float32(9)) == cut
            assert np.isinf(low) or staircase.cut_at(low) == cut + 1
            assert np.isinf(high) or staircase.cut_at(np.nextafter(high, np.float32(9))) == cut - 1


def test_thresholds_lie_midway_in_logits() -> None:
    data = TuningData.build(
        np.array([[-4], [-1], [3]], np.float32), np.array([[0], [1], [1]], np.int8), Activation.SIGMOID
    )
    placed = [data.staircase(0).place(cut) for cut in range(4)]
    expected = 1 / (1 + np.exp(-np.array([4.0, 1.0, -2.5, -5.0])))
    np.testing.assert_allclose(placed, expected, rtol=1e-6)


@pytest.mark.parametrize("logits", [[40.0, 30.0, 20.0, 16.0], [17.0, 16.5, 16.0, 15.9], [-90, -95, -110, -200]])
def test_crowded_scores_are_cut_exactly(logits: list[float]) -> None:
    column = np.array(logits, np.float32)[:, None]
    data = TuningData.build(column, np.array([[1], [0], [1], [0]], np.int8), Activation.SIGMOID)
    staircase = data.staircase(0)
    for cut in range(len(staircase.pp)):
        assert int(passes(data.scores[0], staircase.place(cut)).sum()) == staircase.pp[cut]


def test_neighbouring_float32_scores_are_cut_at_the_upper_one() -> None:
    upper = np.nextafter(np.float32(0.5), np.float32(1))
    scores = np.array([0.5, upper], np.float32)
    staircase = Staircase.build(scores, np.array([0, 1], np.int8), np.array([0.0, 1e-7], np.float32))
    assert staircase.place(1) == upper


@given(folders(most_images=20), st.floats(0, 5), st.floats(0, 5))
def test_a_hull_keeps_the_first_best_of_every_linear_objective(data: TuningData, gain: float, cost: float) -> None:
    for label in range(data.n_labels):
        staircase = data.staircase(label)
        if staircase.known:
            on_hull = data.hull(label)
            every = Choices.of_cuts(staircase, np.arange(len(staircase.pp)))
            value, value_on_hull = (gain * each.tp - cost * each.pp for each in (every, on_hull))
            assert value_on_hull.max() == value.max()
            assert len(on_hull) <= len(data.corners(label)) <= staircase.positives + 1


def test_a_hull_leaves_out_points_inside_and_on_edges() -> None:
    pp = np.array([0, 1, 2, 3, 4, 8, 9, 16])
    tp = np.array([0, 1, 2, 2, 3, 4, 5, 6])
    assert hull(pp, tp).tolist() == [0, 2, 4, 6, 7]
    assert hull(pp[:1], tp[:1]).tolist() == [0]


@given(st.lists(st.lists(st.floats(-60, 60, width=32), min_size=3, max_size=3), min_size=1, max_size=8))
def test_the_margin_of_a_softmax_score_is_its_logit(rows: list[list[float]]) -> None:
    logits = np.array(rows, np.float32)
    data = TuningData.build(logits, np.zeros_like(logits, dtype=np.int8), Activation.SOFTMAX)
    wide = logits.astype(np.longdouble)
    powers = np.exp(wide - wide.max(axis=1, keepdims=True))
    for label in range(3):
        others = np.delete(powers, label, axis=1).sum(axis=1)
        expected = np.log(powers[:, label]) - np.log(others)
        np.testing.assert_allclose(data.margins[label], expected.astype(float), rtol=1e-6, atol=1e-6)


def test_a_lone_softmax_label_and_no_images_are_no_error() -> None:
    lone = TuningData.build(np.array([[1.0], [2.0]], np.float32), np.array([[1], [0]], np.int8), Activation.SOFTMAX)
    assert np.isfinite(lone.margins).all()
    assert lone.staircase(0).pp.tolist() == [0, 2]
    empty = TuningData.build(np.zeros((0, 2), np.float32), np.zeros((0, 2), np.int8), Activation.SIGMOID)
    assert (empty.n_images, empty.n_labels, empty.staircase(1).known) == (0, 2, 0)


def test_a_subset_is_what_building_from_its_rows_would_be() -> None:
    rng = np.random.default_rng(0)
    logits, truth = rng.normal(size=(30, 2)).astype(np.float32), rng.integers(-1, 2, (30, 2)).astype(np.int8)
    rows = np.array([3, 4, 20, 7])
    part = TuningData.build(logits, truth, Activation.SIGMOID).subset(rows)
    again = TuningData.build(logits[rows], truth[rows], Activation.SIGMOID)
    np.testing.assert_array_equal(part.margins, again.margins)
    np.testing.assert_array_equal(part.truth, again.truth)
    np.testing.assert_array_equal(part.staircase(0).tp, again.staircase(0).tp)
