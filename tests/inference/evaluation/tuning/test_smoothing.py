"""Smoothed counts are sums of Gaussians, whatever the order of the images, and end at the real ones."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from scipy.special import expit, logit, ndtr

from inference.evaluation.tuning.data import TuningData
from inference.evaluation.tuning.propose import propose
from inference.types import Activation, FloatArray, Goal, Objective, Thresholds
from tests.inference.evaluation.tuning.brute import folders


def folder(n: int = 300, seed: int = 0, shift: float = 2.0) -> TuningData:
    rng = np.random.default_rng(seed)
    truth = (rng.random((n, 2)) < [0.1, 0.4]).astype(np.int8)
    truth[rng.random((n, 2)) < 0.1] = -1
    logits = rng.normal(size=(n, 2)) * [1, 3] + shift * (truth == 1) - 1
    return TuningData.build(logits.astype(np.float32), truth, Activation.SIGMOID)


def silverman(margins: FloatArray) -> float:
    quartiles = np.quantile(margins, [0.25, 0.75], method="inverted_cdf")
    return float(0.9 * min(margins.std(ddof=1), (quartiles[1] - quartiles[0]) / 1.34) * len(margins) ** -0.2)


def spread_above(margins: FloatArray, edges: FloatArray) -> FloatArray:
    """How many images lie above each edge when each is spread by a Gaussian."""
    return np.asarray(ndtr((margins[:, None] - edges) / silverman(margins)).sum(axis=0))


def crowded() -> TuningData:
    """Positives close together, and negatives far from them on both sides."""
    rng = np.random.default_rng(2)
    parts = [rng.normal(-2, 0.05, 40), rng.normal(-5, 0.5, 110), rng.uniform(-0.9, 0.5, 30)]
    truth = (np.arange(180) < 40).astype(np.int8)
    return TuningData.build(np.concatenate(parts).astype(np.float32)[:, None], truth[:, None], Activation.SIGMOID)


@pytest.mark.parametrize(("data", "label"), [(folder(), 0), (folder(), 1), (crowded(), 0)])
def test_smoothed_counts_are_sums_of_gaussians(data: TuningData, label: int) -> None:
    each = data.smoothed()[label]
    assert each.thresholds is not None
    edges = logit(each.thresholds[1:-1].astype(np.float64))
    margins, truth = data.margins[label].astype(np.float64), data.truth[label]
    found, wrong = (spread_above(margins[truth == value], edges) for value in (1, 0))
    np.testing.assert_allclose(each.tp[1:-1], found, atol=0.005 * found.max())
    np.testing.assert_allclose(each.pp[1:-1] - each.tp[1:-1], wrong, atol=0.005 * wrong.max())


@given(folders(most_images=20))
@settings(max_examples=60)
def test_smoothed_counts_rise_and_end_at_none_and_all(data: TuningData) -> None:
    for label, each in enumerate(data.smoothed()):
        staircase = data.staircase(label)
        if staircase.known:
            assert (each.pp[0], each.tp[0]) == (0, 0)
            assert (each.pp[-1], each.tp[-1]) == (staircase.known, staircase.positives)
            assert (np.diff(each.pp) >= 0).all()
            assert (np.diff(each.tp) >= 0).all()
            assert (each.tp <= each.pp).all()
            assert each.thresholds is not None
            assert (np.diff(each.thresholds[1:-1]) <= 0).all()


def test_the_order_of_the_images_does_not_matter() -> None:
    data = folder()
    mixed = data.subset(np.random.default_rng(1).permutation(data.n_images))
    for one, other in zip(data.smoothed(), mixed.smoothed(), strict=True):
        np.testing.assert_array_equal(one.pp, other.pp)
        np.testing.assert_array_equal(one.thresholds, other.thresholds)


def test_a_far_negative_does_not_coarsen_the_bins() -> None:
    data = folder()
    logits, truth = data.margins.T.copy(), data.truth.T
    logits[np.flatnonzero(truth[:, 0] == 0)[0], 0] = -1e30
    far = TuningData.build(logits, np.ascontiguousarray(truth), Activation.SIGMOID)
    near, now = data.smoothed()[0].thresholds, far.smoothed()[0].thresholds
    assert near is not None
    assert now is not None
    np.testing.assert_allclose(near[1:-1], now[1:-1], rtol=1e-6)


def test_scores_saturated_at_one_are_told_from_the_rest() -> None:
    logits = np.array([40.0] * 30 + [25.0] * 10 + [3.0] * 30, np.float32)[:, None]
    truth = np.array([1] * 40 + [0] * 30, np.int8)[:, None]
    data = TuningData.build(logits, truth, Activation.SIGMOID)
    each = data.smoothed()[0]
    f1 = 2 * each.tp / (each.pp + 40)
    best = each.threshold(int(f1.argmax()))
    assert expit(3.0) < best <= 1


def test_smoothing_halves_what_tuning_loses_on_new_images() -> None:
    """Normal scores, 30 positives a label; F1 on new images is computed from the two normal distributions.

    The mean regret of 120 labels has a standard error of about a tenth, so that 0.75 of the exact one is several away
    from the half that is expected.
    """
    rng = np.random.default_rng(7)
    regrets = []
    for _ in range(120):
        share, distance = rng.uniform(0.02, 0.25), rng.uniform(1, 3)
        truth = (np.arange(int(30 / share)) < 30).astype(np.int8)
        logits = (rng.normal(size=len(truth)) + distance * truth).astype(np.float32)
        data = TuningData.build(logits[:, None], truth[:, None], Activation.SIGMOID)

        def on_new_images(place: FloatArray, share: float = share, distance: float = distance) -> FloatArray:
            tp = share * ndtr(distance - place)
            return np.asarray(2 * tp / (share + tp + (1 - share) * ndtr(-place)))

        best = on_new_images(np.linspace(-3, 6, 2000)).max()
        placed = [
            propose(data, Goal(Objective.MACRO_F, smoothed), Thresholds.uniform(1)).thresholds.values
            for smoothed in (True, False)
        ]
        regrets.append(best - on_new_images(logit(np.concatenate(placed).astype(np.float64))))
    smoothed, exact = np.mean(regrets, axis=0)
    assert smoothed < 0.75 * exact
