"""Ranking numbers are scikit-learn's where every label is known, and its own per image where some are not."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from sklearn import metrics as sk

from inference.evaluation import ranking
from inference.evaluation.evaluator import Evaluator
from inference.evaluation.ranking import ranking_metrics
from inference.types import Activation, DecisionRule, ImageState, Run, ScoreArray, Thresholds, TruthArray
from tests.inference.evaluation.cases import problems, run_of


def close(mine: float, theirs: float) -> bool:
    return math.isclose(mine, theirs, rel_tol=1e-9, abs_tol=1e-12)


@settings(max_examples=150, deadline=None)
@given(problem=problems(unknowns=False))
def test_fully_known_images_give_scikit_learns_numbers(problem: tuple[ScoreArray, TruthArray]) -> None:
    logits, truth = problem
    if logits.shape[1] == 1:  # for scikit-learn one column is a binary problem: put a label that is last and wrong
        logits = np.hstack([logits, np.full_like(logits, -1e9)])
        truth = np.hstack([truth, np.zeros_like(truth)])
    found = Evaluator(
        run_of(logits), truth, Activation.SIGMOID, DecisionRule.THRESHOLDS, Thresholds.uniform(logits.shape[1])
    ).ranking()
    assert close(found.lrap, sk.label_ranking_average_precision_score(truth, logits))
    assert close(found.coverage_error, sk.coverage_error(truth, logits))
    assert close(found.ranking_loss, sk.label_ranking_loss(truth, logits))
    assert found.n_images == len(truth)


@settings(max_examples=100, deadline=None)
@given(problem=problems())
def test_unknown_labels_are_left_out_image_by_image(problem: tuple[ScoreArray, TruthArray]) -> None:
    logits, truth = problem
    expected = []
    for row, y in zip(logits, truth, strict=True):
        known = y >= 0
        if known.any():
            # the filler ranks last and is wrong: it changes none of the three but for a row with no wrong label
            s = np.append(row[known], np.float32(-1e9))[None]
            t = np.append(y[known], 0)[None]
            lrap = sk.label_ranking_average_precision_score(t, s)
            pairs = y[known].sum() * (y[known] == 0).sum()
            wrong = sum(row[i] >= row[j] for i in np.flatnonzero(y == 0) for j in np.flatnonzero(y == 1))
            expected.append((lrap, sk.coverage_error(t, s), wrong / pairs if pairs else 0.0))
    found = ranking_metrics(logits, truth)
    assert found.n_images == len(expected)
    if expected:
        mean = np.mean(expected, axis=0)
        assert close(found.lrap, mean[0])
        assert close(found.coverage_error, mean[1])
        assert close(found.ranking_loss, mean[2])


@pytest.mark.parametrize("rate", [0.02, 0.5])
def test_more_images_than_are_sorted_together(rate: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranking, "_CHUNK", 100)
    rng = np.random.default_rng(3)
    truth = (rng.random((333, 12)) < rate).astype(np.int8)
    logits = rng.normal(size=truth.shape).astype(np.float32)
    logits[:, 3] = logits[:, 7]
    found = ranking_metrics(logits, truth)
    assert close(found.lrap, sk.label_ranking_average_precision_score(truth, logits))
    assert close(found.coverage_error, sk.coverage_error(truth, logits))
    assert close(found.ranking_loss, sk.label_ranking_loss(truth, logits))


def test_images_that_were_not_scored_are_left_out() -> None:
    logits = np.array([[2.0, 1.0], [np.nan, np.nan], [1.0, 2.0]], np.float32)
    run = Run(logits, np.array([ImageState.SCORED, ImageState.BROKEN, ImageState.SCORED], np.uint8))
    truth = np.array([[1, 0], [1, 0], [1, 0]], np.int8)
    found = Evaluator(run, truth, Activation.SIGMOID, DecisionRule.THRESHOLDS, Thresholds.uniform(2)).ranking()
    assert (found.n_images, found.lrap, found.coverage_error, found.ranking_loss) == (2, 0.75, 1.5, 0.5)


@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (0, 0)])
def test_nothing_to_rank_is_undefined(shape: tuple[int, int]) -> None:
    found = ranking_metrics(np.zeros(shape, np.float32), np.zeros(shape, np.int8))
    assert found.n_images == 0
    assert math.isnan(found.lrap)
    assert ranking_metrics(np.zeros((2, 2), np.float32), np.full((2, 2), -1, np.int8)).n_images == 0
