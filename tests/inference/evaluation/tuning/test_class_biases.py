"""Line searches over biases, against trying them all; and what the biases do on fresh images."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import example, given, settings
from sklearn.metrics import f1_score

from inference.evaluation.tuning import class_biases
from inference.evaluation.tuning.class_biases import (
    best_tau,
    estimated_prevalences,
    free_biases,
    macro_f1,
    macro_path,
    prior_biases,
    tau_slopes,
)
from inference.evaluation.tuning.class_data import ClassData
from inference.evaluation.tuning.classes import propose_classes
from inference.types import Activation, FloatArray, Goal, IntArray, Objective, Thresholds
from tests.inference.evaluation.tuning.class_worlds import GaussianWorld, class_folders, winners_of


def go_on() -> None:
    """Nobody cancels."""


def macro(classes: IntArray, predicted: IntArray) -> float:
    """Over the classes that occur, one after the other."""
    found = []
    for label in set(classes.tolist()):
        both = ((classes == label) & (predicted == label)).sum()
        found.append(2 * both / ((classes == label).sum() + (predicted == label).sum()))
    return float(np.mean(found))


def test_macro_f1_is_scikit_learns() -> None:
    rng = np.random.default_rng(6)
    classes, predicted = rng.integers(0, 3, 40), rng.integers(0, 4, 40)
    theirs = f1_score(classes, predicted, labels=[0, 1, 2], average="macro", zero_division=0.0)
    assert macro(classes, predicted) == pytest.approx(theirs, abs=1e-12)
    assert macro_f1(classes, predicted, 5) == pytest.approx(theirs, abs=1e-12)


@settings(max_examples=40, deadline=None)
@given(class_folders())
def test_a_path_of_changes_has_the_macro_f1_of_every_stop(data: ClassData) -> None:
    rng = np.random.default_rng(0)
    start = data.logits.argmax(axis=1)
    rows = rng.integers(0, data.n_images, 6)
    new = rng.integers(0, data.n_labels, 6)
    now, old, expected = start.copy(), [], [macro(data.classes, start)]
    for row, label in zip(rows, new, strict=True):
        old.append(int(now[row]))
        now[row] = label
        expected.append(macro(data.classes, now))
    found = macro_path(start, data.classes, rows, np.array(old), new, data.n_labels)
    assert found == pytest.approx(expected, abs=1e-12)
    assert macro_f1(data.classes, start, data.n_labels) == pytest.approx(expected[0], abs=1e-12)


@settings(max_examples=40, deadline=None)
@given(class_folders())
def test_no_strength_does_better_than_the_exact_one(data: ClassData) -> None:
    tau, value = best_tau(data.logits, data.classes, False, go_on)
    slopes = tau_slopes(data.counts)
    wide = data.logits.astype(np.float64)

    def at(strength: float) -> float:
        return macro(data.classes, (wide + strength * slopes).argmax(axis=1))

    assert 0 <= tau <= class_biases.STRONGEST
    assert value == pytest.approx(at(tau), abs=1e-12)
    assert value >= max(at(strength) for strength in np.linspace(0.0005, 1.9995, 60)) - 1e-12


def test_a_smoothed_strength_is_where_most_strengths_are_good() -> None:
    edges, values = np.array([0.0, 0.3, 0.3005, 1.0, 1.6, 2.0]), np.array([0.1, 1.0, 0.1, 0.8, 0.1])
    assert class_biases._amid(edges, values) == pytest.approx(0.30025)
    assert class_biases._smooth_peak(edges, values) == pytest.approx(1.3, abs=0.01)


def rivals(data: ClassData, biases: FloatArray, label: int) -> Iterator[FloatArray]:
    """The biases with one of them at every place where something else is decided."""
    others = np.delete(data.logits + biases, label, axis=1).max(axis=1)
    places = np.unique(others - data.logits[:, label].astype(np.float64))
    for place in [places[0] - 1, *(places[1:] + places[:-1]) / 2, places[-1] + 1]:
        changed = biases.copy()
        changed[label] = place
        yield changed


@settings(max_examples=40, deadline=None)
@given(class_folders())
@example(
    ClassData(  # equal places that rounding parts
        np.array([[0, 0], [1, 2], [-2, -2], [2, 2]], dtype=np.float32), np.array([0, 0, 1, 0]), Activation.SIGMOID
    )
)
def test_no_single_free_bias_can_be_bettered(data: ClassData) -> None:
    n = data.n_labels
    starts = [np.zeros(n), tau_slopes(data.counts)]
    found = free_biases(data.logits, data.classes, starts, range(n), go_on)
    mine = macro(data.classes, (data.logits + found).argmax(axis=1))
    for label in set(data.classes.tolist()):  # a class that does not occur keeps its bias
        for changed in rivals(data, found, label):
            assert macro(data.classes, (data.logits + changed).argmax(axis=1)) <= mine + 1e-9
    assert mine >= macro(data.classes, data.logits.argmax(axis=1)) - 1e-12


def test_two_classes_have_no_local_optima_and_locked_classes_stay() -> None:
    rng = np.random.default_rng(3)
    for _ in range(20):
        data = ClassData(rng.normal(size=(15, 2)).astype(np.float32), rng.integers(0, 2, 15))
        found = free_biases(data.logits, data.classes, [np.array([0.0, 0.7])], [0], go_on)
        assert found[1] == 0.7
        best = max(macro(data.classes, (data.logits + b).argmax(axis=1)) for b in rivals(data, found, 0))
        assert macro(data.classes, (data.logits + found).argmax(axis=1)) == pytest.approx(best, abs=1e-12)


def test_prior_correction_is_bayes_rule_where_scores_are_calibrated() -> None:
    world = GaussianWorld(np.random.default_rng(4))
    target = np.full(8, 1 / 8)
    logits, _ = world.posterior_logits(200)
    counts = np.round(world.prevalence * 1e9).astype(np.int64)
    biases = prior_biases(counts, tuple(target))
    posterior = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True) * target / world.prevalence
    assert ((logits + biases).argmax(axis=1) == posterior.argmax(axis=1)).all()
    assert prior_biases(counts, ()) == pytest.approx(biases)
    assert prior_biases(counts, tuple(world.prevalence)) == pytest.approx(np.zeros(8), abs=1e-6)


def test_prevalences_of_an_unlabelled_folder_are_found() -> None:
    """4,000 images: a share of 0.3 has a standard error of 0.007 with known classes; three times that is allowed."""
    world = GaussianWorld(np.random.default_rng(5))
    there = world.prevalence[::-1]
    logits, _ = world.posterior_logits(4000, there)
    found = estimated_prevalences(logits.astype(np.float32), world.prevalence)
    assert found.sum() == pytest.approx(1.0)
    assert np.abs(found - there).max() < 0.025 < np.abs(world.prevalence - there).max()
    none = estimated_prevalences(logits[:0].astype(np.float32), world.prevalence)
    assert none == pytest.approx(world.prevalence)
    never = np.array([0.5, 0.5, 0, 0, 0, 0, 0, 0])
    assert (estimated_prevalences(logits.astype(np.float32), never)[2:] == 0).all()


@pytest.mark.parametrize("target", [(0.5,), (0.5, 0.5, -0.1), (0.0, 0.0, 0.0), (1.0, float("nan"), 1.0)])
def test_prevalences_must_be_shares(target: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="3 prevalences of 0 or more are needed"):
        prior_biases(np.array([3, 4, 5]), target)


def test_free_biases_flatter_themselves_and_lose_on_fresh_images() -> None:
    """200 images of 8 classes, 20 times: free biases look best where they were tuned and are worst on fresh images.

    Differences are paired by repeat, and must be more than three standard errors from 0.
    """
    here: dict[Objective, list[float]] = {}
    fresh: dict[Objective, list[float]] = {}
    for seed in range(20):
        world = GaussianWorld(np.random.default_rng(seed))
        folder, to_come = world.draw(200), world.draw(6000)
        for objective in (Objective.ARGMAX, Objective.TAU, Objective.BIASES):
            proposal = propose_classes(folder, Goal(objective), Thresholds.uniform(8), min_images=1)
            here.setdefault(objective, []).append(macro(folder.classes, winners_of(folder, proposal)))
            fresh.setdefault(objective, []).append(macro(to_come.classes, winners_of(to_come, proposal)))
    assert surely_positive(here, Objective.BIASES, Objective.TAU)
    assert surely_positive(here, Objective.TAU, Objective.ARGMAX)
    assert surely_positive(fresh, Objective.TAU, Objective.BIASES)
    assert np.mean(fresh[Objective.ARGMAX]) > np.mean(fresh[Objective.BIASES])
    assert np.mean(here[Objective.BIASES]) - np.mean(fresh[Objective.BIASES]) > 0.08  # what it flatters itself by


def surely_positive(values: dict[Objective, list[float]], better: Objective, worse: Objective) -> bool:
    gap = np.array(values[better]) - np.array(values[worse])
    return bool(gap.mean() > 3 * gap.std(ddof=1) / np.sqrt(len(gap)))
