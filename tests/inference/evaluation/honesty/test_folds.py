"""Folds and pooled out-of-fold counts: against scikit-learn on a plain loop, and against what is known in a world."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, hamming_loss, precision_recall_fscore_support

from inference.evaluation.honesty.folds import held_out, held_out_decisions, out_of_fold, stratified_folds
from inference.types import BoolArray, Estimate, IntArray, Rates, Thresholds, TruthArray, ZeroDivision
from tests.inference.evaluation.honesty.worlds import Folder, NormalWorld, correlated, standard_error, tune_f1


@st.composite
def truths(draw: st.DrawFn) -> TruthArray:
    n, c = draw(st.integers(0, 60)), draw(st.integers(0, 6))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    truth = (rng.random((c, n)) < rng.choice([0.0, 0.1, 0.5, 1.0], (c, 1))).astype(np.int8)
    truth[rng.random((c, n)) < 0.1] = -1
    return truth


@given(truths(), st.integers(2, 6), st.integers(0, 3))
def test_folds_part_the_images_and_spread_the_rarest_label(truth: TruthArray, n_folds: int, seed: int) -> None:
    fold = stratified_folds(truth, n_folds, seed)
    sizes = np.bincount(fold, minlength=n_folds)
    assert fold.shape == (truth.shape[1],)
    assert len(sizes) == n_folds
    assert np.count_nonzero(sizes) == min(n_folds, truth.shape[1])
    assert np.array_equal(fold, stratified_folds(truth, n_folds, seed))
    counts = np.count_nonzero(truth == 1, axis=1)
    if counts.any():
        rarest = int(np.argmin(np.where(counts, counts, counts.max() + 1)))
        held = np.bincount(fold[truth[rarest] == 1], minlength=n_folds)
        assert held.max() - held.min() <= 1


@given(st.integers(0, 80), st.integers(0, 80), st.integers(2, 6))
def test_one_label_is_spread_exactly(positives: int, negatives: int, n_folds: int) -> None:
    truth = np.array([[1] * positives + [0] * negatives], dtype=np.int8)
    fold = stratified_folds(truth, n_folds, 5)
    for part in (fold, fold[:positives]):
        held = np.bincount(part, minlength=n_folds)
        assert held.max() - held.min() <= 1


def test_many_labels_are_spread_better_than_by_chance() -> None:
    rng = np.random.default_rng(1)
    truth = (rng.random((20, 3000)) < np.geomspace(0.004, 0.3, 20)[:, None]).astype(np.int8)

    def spread(fold: IntArray) -> IntArray:
        held = np.stack([np.count_nonzero(truth[:, fold == index] == 1, axis=1) for index in range(5)])
        return np.asarray(held.max(axis=0) - held.min(axis=0))

    ours, chance = spread(stratified_folds(truth, 5, 0)), spread(rng.integers(0, 5, 3000))
    assert (ours[:10] <= 1).all()  # the rare half, where it matters
    assert ours.sum() < chance.sum() / 3


def test_other_seeds_give_other_folds() -> None:
    truth = (np.random.default_rng(2).random((3, 100)) < 0.3).astype(np.int8)
    assert not np.array_equal(stratified_folds(truth, 5, 0), stratified_folds(truth, 5, 1))


@given(st.integers(0, 60), st.integers(0, 60), st.sampled_from([0.0, 0.1, 0.3, 0.5, 1.0]))
def test_a_held_out_part_has_its_share_of_the_positives(positives: int, negatives: int, share: float) -> None:
    truth = np.array([[1] * positives + [0] * negatives], dtype=np.int8)
    held = held_out(truth, share, 3)
    assert abs(held[:positives].sum() - share * positives) <= 1.0
    assert abs(held.sum() - share * (positives + negatives)) <= 2.0


def test_a_held_out_part_of_many_labels_has_some_of_each() -> None:
    truth = (np.random.default_rng(8).random((12, 2000)) < np.geomspace(0.005, 0.3, 12)[:, None]).astype(np.int8)
    held = held_out(truth)
    assert held.mean() == pytest.approx(0.3, abs=0.02)
    wanted = 0.3 * truth.sum(axis=1)
    assert (abs(truth[:, held].sum(axis=1) - wanted) <= 1.0 + 0.1 * wanted).all()
    assert np.array_equal(held, held_out(truth))


# -- pooled counts -----------------------------------------------------------------------------------------------


def estimate(folder: Folder, **options: int | ZeroDivision) -> Estimate:
    found = out_of_fold(folder, tune_f1, **options)  # type: ignore[arg-type]
    assert found is not None
    return found


def plain_loop(folder: Folder, fold: IntArray) -> BoolArray:
    """Every image decided by thresholds tuned on the other folds, image by image."""
    decided = np.zeros(folder.truth.shape, dtype=bool)
    for image, index in enumerate(fold):
        thresholds = tune_f1(folder.subset(np.flatnonzero(fold != index)))
        decided[:, image] = folder.scores[:, image] >= thresholds.values
    return decided


def assert_rates(found: Rates, y_true: TruthArray, decided: BoolArray, average: str, zero_division: float) -> None:
    expected = precision_recall_fscore_support(y_true.T, decided.T, average=average, zero_division=zero_division)[:3]
    assert (found.precision, found.recall, found.f1) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("zero_division", list(ZeroDivision))
def test_estimate_equals_scikit_learn_on_a_plain_loop(zero_division: ZeroDivision) -> None:
    folder, _ = correlated(np.random.default_rng(3), 90, 4)
    folder.truth[3] = 0  # a label without positives
    found = estimate(folder, zero_division=zero_division, seed=11)
    decided = plain_loop(folder, stratified_folds(folder.truth, 5, 11))
    p, r, f, support = precision_recall_fscore_support(folder.truth.T, decided.T, zero_division=np.nan)
    assert found.metrics.precision == pytest.approx(p, abs=1e-12, nan_ok=True)
    assert found.metrics.recall == pytest.approx(r, abs=1e-12, nan_ok=True)
    assert found.metrics.f1 == pytest.approx(f, abs=1e-12, nan_ok=True)
    assert found.metrics.support.tolist() == support.tolist()
    for average in ("micro", "macro", "weighted", "samples"):
        rates = getattr(found.averages, average)
        assert_rates(rates, folder.truth, decided, average, float(zero_division.value))
    assert found.averages.exact_match == pytest.approx(accuracy_score(folder.truth.T, decided.T))
    assert found.averages.hamming_loss == pytest.approx(hamming_loss(folder.truth.T, decided.T))


def test_repeats_pool_their_counts_and_keep_the_size_of_one() -> None:
    folder, _ = correlated(np.random.default_rng(4), 100, 3)
    found = estimate(folder, repeats=2, seed=20)
    decided = np.concatenate([plain_loop(folder, stratified_folds(folder.truth, 5, seed)) for seed in (20, 21)], axis=1)
    truth = np.concatenate([folder.truth, folder.truth], axis=1)
    p, r, f, support = precision_recall_fscore_support(truth.T, decided.T)
    assert found.metrics.precision == pytest.approx(p)
    assert found.metrics.recall == pytest.approx(r)
    assert found.metrics.f1 == pytest.approx(f)
    assert (found.metrics.support * 2).tolist() == support.tolist()
    for average in ("micro", "macro", "weighted", "samples"):
        assert_rates(getattr(found.averages, average), truth, decided, average, 0.0)
    assert found.averages.n_images == 100
    # no more is known than from one round: the intervals are not narrower than one round's size allows
    once = estimate(folder, repeats=1, seed=20)
    widths = [e.intervals.recall_high - e.intervals.recall_low for e in (once, found)]
    assert widths[1] == pytest.approx(widths[0], rel=0.12)  # and not 0.7 of it


def test_unknown_entries_are_left_out_label_by_label() -> None:
    folder, _ = correlated(np.random.default_rng(5), 120, 3)
    folder.truth[np.random.default_rng(6).random((3, 120)) < 0.3] = -1
    found = estimate(folder)
    decided = plain_loop(folder, stratified_folds(folder.truth, 5, 0))
    for label in range(3):
        known = folder.truth[label] >= 0
        expected = precision_recall_fscore_support(folder.truth[label, known], decided[label, known], average="binary")
        rates = (found.metrics.precision[label], found.metrics.recall[label], found.metrics.f1[label])
        assert rates == pytest.approx(expected[:3])
        counts = found.metrics
        assert counts.tp[label] + counts.fp[label] + counts.fn[label] + counts.tn[label] == known.sum()
        assert counts.unknown[label] == 120 - known.sum()


@settings(max_examples=20)
@given(truths(), st.integers(1, 2))
def test_any_folder_gets_an_estimate(truth: TruthArray, repeats: int) -> None:
    scores = np.random.default_rng(0).random(truth.shape).astype(np.float32)
    found = estimate(Folder(scores, truth), repeats=repeats)
    counts = found.metrics
    assert (counts.tp + counts.fn == np.count_nonzero(truth == 1, axis=1)).all()
    assert min(counts.tp.min(initial=0), counts.fp.min(initial=0), counts.tn.min(initial=0)) >= 0
    if not np.isnan(found.micro_f1_low):
        assert 0.0 <= found.micro_f1_low <= found.micro_f1_high <= 1.0


def test_labels_whose_tuning_cannot_be_repeated_are_not_called_tuned() -> None:
    truth = np.zeros((4, 100), dtype=np.int8)
    for label, positives in enumerate((0, 5, 7, 50)):
        truth[label, 20 * label : 20 * label + positives] = 1
    scores = np.random.default_rng(0).random((4, 100)).astype(np.float32)
    # 5 positives leave 4 while one of them is held out; 7 leave 5
    assert estimate(Folder(scores, truth)).tuned.tolist() == [False, False, True, True]


def test_no_image_is_decided_by_thresholds_that_saw_it() -> None:
    """The scores are the images' numbers, so that a tuner knows whom it was given."""
    scores = (np.arange(50) / 100).astype(np.float32)[None]
    folder = Folder(scores, (np.arange(50) % 3 == 0).astype(np.int8)[None])
    fold = stratified_folds(folder.truth, 5, 0)
    seen: list[set[int]] = []

    def spy(part: Folder) -> Thresholds:
        seen.append({round(100 * score) for score in part.scores[0].tolist()})
        return Thresholds.uniform(1)

    assert held_out_decisions(folder, spy, fold, 5) is not None
    assert [set(range(50)) - part for part in seen] == [set(np.flatnonzero(fold == k).tolist()) for k in range(5)]


def test_progress_counts_tunings_and_cancelling_gives_nothing() -> None:
    folder, _ = correlated(np.random.default_rng(7), 60, 2)
    told: list[tuple[int, int]] = []
    out_of_fold(folder, tune_f1, repeats=2, progress=lambda done, total: told.append((done, total)))
    assert told == [(done, 10) for done in range(1, 11)]
    # asked before each of five tunings, after the last, and while images are redrawn
    for stop_after in range(7):
        answers = iter([False] * stop_after + [True])
        assert out_of_fold(folder, tune_f1, cancelled=partial(next, answers)) is None


def test_out_of_fold_numbers_do_not_flatter() -> None:
    """400 folders with 20 positives, thresholds tuned for the best F1.

    The number on the tuning images is too high by far (0.09), the out-of-fold number is not (0.01): the standard error
    of either mean is 0.005. The interval leaves out how the choice of the threshold varies, which may cost 0.05 of its
    0.90; three standard errors of a share seen 400 times are 0.045.
    """
    world, rng = NormalWorld(), np.random.default_rng(12)
    apparent, honest = [], []
    covered = 0
    for _ in range(400):
        folder = world.draw(rng, 20)
        threshold = tune_f1(folder).values[0]
        expected = world.f1(float(threshold))
        predicted = folder.scores[0] >= threshold
        hits = int((predicted & (folder.truth[0] == 1)).sum())
        apparent.append(2 * hits / (predicted.sum() + 20) - expected)
        found = estimate(folder)
        honest.append(float(found.metrics.f1[0]) - expected)
        covered += found.intervals.f1_low[0] <= expected <= found.intervals.f1_high[0]
    assert np.mean(apparent) > 0.04
    assert abs(np.mean(honest)) < 0.02
    assert covered / 400 >= 0.9 - 0.05 - 3 * standard_error(0.9, 400)
