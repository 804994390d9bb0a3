"""The best set of labels image by image, against every set and every outcome."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.evaluation import per_image
from inference.evaluation.per_image import best_sets, expected_f1
from inference.types import FloatArray, ScoreArray


def subsets(n_labels: int) -> FloatArray:
    """All sets of labels, (2^c, c)."""
    return np.array(list(product((0.0, 1.0), repeat=n_labels)))


def expectations(scores: FloatArray, empty: float) -> FloatArray:
    """Of predicting each set, over all outcomes, each with its probability, (2^c,)."""
    every = subsets(len(scores))
    chances = np.where(every == 1, scores, 1.0 - scores).prod(axis=1)
    sizes = every.sum(axis=1)
    below = sizes[:, None] + sizes
    f1 = np.where(below > 0, 2 * (every @ every.T) / np.maximum(below, 1), empty)
    return np.asarray(f1 @ chances)


def row(draw: st.DrawFn, n_labels: int) -> ScoreArray:
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    kind = draw(st.sampled_from(["even", "low", "high", "ends"]))
    scores = rng.random(n_labels)
    if kind == "ends":
        scores = rng.choice([0.0, 0.2, 0.5, 0.5, 1.0], n_labels)
    if kind in ("low", "high"):
        scores = scores**6
    return (1.0 - scores if kind == "high" else scores).astype(np.float32)


@st.composite
def images(draw: st.DrawFn) -> ScoreArray:
    n_labels = draw(st.integers(1, 8))
    return np.stack([row(draw, n_labels) for _ in range(draw(st.integers(1, 3)))])


@settings(max_examples=60, deadline=None)
@given(images(), st.sampled_from([0.0, 1.0]))
def test_no_set_of_labels_is_expected_to_do_better(scores: ScoreArray, empty: float) -> None:
    every = subsets(scores.shape[1])
    for one, found in zip(scores.astype(np.float64), best_sets(scores, empty), strict=True):
        values = expectations(one, empty)
        mine = float(values[(every == found).all(axis=1)][0])
        assert mine >= values.max() - 1e-9
        assert found.sum() == every[values >= mine - 1e-12].sum(axis=1).min()  # of equals the smallest


def test_every_size_has_the_expectation_of_its_poisson_binomial() -> None:
    rng = np.random.default_rng(1)
    scores = np.sort(rng.random(40) ** 3)[::-1]
    found = expected_f1(scores[None])[0]
    for k in (0, 1, 5, 39, 40):
        inside, outside = poisson_binomial(scores[:k]), poisson_binomial(scores[k:])
        total = sum(
            p * q * (2 * i / (k + i + j) if k + i + j else 1.0)
            for i, p in enumerate(inside)
            for j, q in enumerate(outside)
        )
        assert found[k] == pytest.approx(total, abs=1e-12)


def poisson_binomial(scores: FloatArray) -> FloatArray:
    found = np.ones(1)
    for score in scores:
        found = np.convolve(found, [1.0 - score, score])
    return found


@pytest.mark.parametrize("kind", ["rare", "flat", "many"])
def test_a_thousand_labels_are_cut_short_without_loss(kind: str) -> None:
    rng = np.random.default_rng(2)
    scores = {"rare": rng.random((6, 1000)) ** 60, "flat": rng.random((6, 1000)) * 0.02, "many": rng.random((6, 1000))}[
        kind
    ].astype(np.float32)
    found = best_sets(scores)
    every_size = expected_f1(scores)
    sizes = found.sum(axis=1)
    assert every_size[np.arange(6), sizes] == pytest.approx(every_size.max(axis=1), abs=1e-9)
    for one, chosen in zip(scores, found, strict=True):
        assert not chosen.any() or not (~chosen).any() or one[chosen].min() >= one[~chosen].max()


def test_quadrature_integrates_every_power_that_may_come_up() -> None:
    for degree in (1, 2, 7, 40, 160, 400, 1000, 2000, 4000):
        t, weights = per_image._nodes(per_image._n_nodes(degree))
        powers = np.arange(degree + 1)
        found = (np.exp(np.log(t)[:, None] * powers) * weights[:, None]).sum(axis=0)
        assert np.abs(found - 1.0 / (powers + 1)).max() < 1e-13


def test_corners() -> None:
    assert best_sets(np.zeros((0, 3), np.float32)).shape == (0, 3)
    assert best_sets(np.zeros((2, 0), np.float32)).shape == (2, 0)
    nothing = np.zeros((1, 3), np.float32)
    assert not best_sets(nothing).any()
    assert not best_sets(nothing, 0.0).any()
    assert not best_sets(np.array([[0.9, np.nan]], np.float32)).any()
    assert best_sets(np.ones((1, 3), np.float32)).all()
    assert best_sets(np.array([[0.2, 0.1]], np.float32)).sum() == 0
    assert best_sets(np.array([[0.2, 0.15]], np.float32), 0.0).tolist() == [[True, True]]
    # equal scores: the earlier label
    assert best_sets(np.array([[0.0, 0.4, 0.4]], np.float32), 0.0)[0, 1]
