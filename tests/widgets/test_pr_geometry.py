"""The numbers behind the precision-recall plot."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score

from inference.evaluation.curves import LabelCurve, pr_curve
from inference.types import FloatArray, PRCurve, ScoreArray, TruthArray
from widgets.pr_geometry import (
    ISO_F1,
    NOTHING,
    iso_f1,
    nearest_point,
    point_at,
    reduce_points,
    step_path,
    threshold_at,
)


def some_label(n: int, seed: int = 0) -> tuple[ScoreArray, TruthArray]:
    """Scores with ties, and a truth that they know something of."""
    rng = np.random.default_rng(seed)
    truth = (rng.random(n) < 0.2).astype(np.int8)
    scores = np.clip(rng.normal(0.3 + 0.3 * truth, 0.2), 0, 1).round(4).astype(np.float32)
    return scores, truth


def some_curve(n: int, seed: int = 0) -> PRCurve:
    return pr_curve(LabelCurve.build(*some_label(n, seed)))


def area(x: FloatArray, y: FloatArray) -> float:
    return float(np.sum(np.diff(x) * y[1:]))


def painted(x: FloatArray, y: FloatArray, columns: int, rows: int) -> set[tuple[int, int]]:
    """The pixels that the path crosses, corner by corner."""
    column, row = np.minimum(x * columns, columns - 1).astype(int), np.minimum(y * rows, rows - 1).astype(int)
    pixels: set[tuple[int, int]] = set()
    for c0, c1, r0, r1 in zip(column, column[1:], row, row[1:], strict=False):
        for c in range(c0, c1 + 1):
            pixels.update((c, r) for r in range(min(r0, r1), max(r0, r1) + 1))
    return pixels


@pytest.mark.parametrize("n", [1, 2, 50, 3000])
def test_area_under_the_steps_is_the_average_precision(n: int) -> None:
    scores, truth = some_label(n, seed=3)
    truth[0] = 1
    curve = pr_curve(LabelCurve.build(scores, truth))
    x, y = step_path(curve.recall, curve.precision)
    assert area(x, y) == pytest.approx(average_precision_score(truth, scores), abs=1e-12)
    assert x[0] == 0.0
    assert x[-1] == 1.0


def test_steps_interpolate_nothing() -> None:
    x, y = step_path(np.array([0.5, 0.5, 1.0]), np.array([1.0, 0.5, 0.6]))
    assert x.tolist() == [0.0, 0.5, 0.5, 0.5, 0.5, 1.0]
    assert y.tolist() == [1.0, 1.0, 0.5, 0.5, 0.6, 0.6]


@given(seed=st.integers(0, 1000), n=st.integers(300, 3000), columns=st.integers(8, 40))
def test_reduced_curve_paints_the_same_pixels(seed: int, n: int, columns: int) -> None:
    rng = np.random.default_rng(seed)
    recall, precision = np.sort(rng.random(n)), rng.random(n)
    fewer = reduce_points(recall, precision, columns)
    assert len(fewer[0]) <= 4 * columns
    whole = painted(*step_path(recall, precision), columns, 30)
    assert painted(*step_path(*fewer), columns, 30) == whole


def test_few_points_are_left_as_they_are() -> None:
    recall, precision = np.array([0.1, 0.2]), np.array([1.0, 0.9])
    assert reduce_points(recall, precision, 64)[0] is recall


@pytest.mark.parametrize("f1", ISO_F1)
def test_iso_f1_has_that_f1_everywhere(f1: float) -> None:
    recall, precision = iso_f1(f1)
    assert np.allclose(2 * recall * precision / (recall + precision), f1)
    assert precision.max() == pytest.approx(1.0)
    assert recall.max() == 1.0


def test_nearest_point_is_the_nearest_on_the_screen() -> None:
    curve = some_curve(400)
    width, height = 1 / 700, 1 / 150  # a flat, wide plot
    for x, y in np.random.default_rng(1).random((50, 2)):
        distances = [
            ((r - x) / width) ** 2 + ((p - y) / height) ** 2 for r, p in zip(curve.recall, curve.precision, strict=True)
        ]
        assert nearest_point(curve, x, y, (width, height)) == int(np.argmin(distances))


@given(
    scores=st.lists(st.floats(0, 1, width=32), min_size=1, max_size=30),
    threshold=st.floats(-0.5, 1.5, width=32),
)
def test_point_at_counts_what_the_threshold_predicts(scores: list[float], threshold: float) -> None:
    y_score = np.array(scores, dtype=np.float32)
    curve = pr_curve(LabelCurve.build(y_score, np.ones(len(scores), dtype=np.int8)))
    index = point_at(curve.thresholds, threshold)
    predicted = 0 if index == NOTHING else int(curve.predicted[index])
    assert predicted == sum(np.float32(score) >= np.float32(threshold) for score in scores)


def test_threshold_of_nothing_is_the_next_float_above_the_highest_score() -> None:
    thresholds = np.array([0.75, 0.5], dtype=np.float32)
    above = threshold_at(thresholds, NOTHING)
    assert np.float32(above) == above > 0.75
    assert np.nextafter(np.float32(above), np.float32(0)) == np.float32(0.75)
    assert point_at(thresholds, above) == NOTHING
