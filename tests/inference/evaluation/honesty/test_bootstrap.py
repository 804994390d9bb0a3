"""Redrawing images: against scikit-learn on images that are really repeated, and coverage against what is stated."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import f1_score

from inference.evaluation.honesty import bootstrap
from inference.evaluation.honesty.bootstrap import average_intervals, poisson_weights, threshold_intervals
from inference.evaluation.honesty.tally import Tally
from inference.types import AverageIntervals, Thresholds
from tests.inference.evaluation.honesty.worlds import Folder, correlated, standard_error, tune_f1


def intervals(tally: Tally, **options: int) -> AverageIntervals:
    found = average_intervals(tally, **options)  # type: ignore[arg-type]
    assert found is not None
    return found


def test_weights_are_poisson() -> None:
    weights = poisson_weights(np.random.default_rng(0), (1 << 20,))
    seen = np.bincount(weights, minlength=6)[:6] / (1 << 20)
    expected = np.exp(-1.0) / np.array([1, 1, 2, 6, 24, 120])
    # three standard errors of a share seen a million times, and the table's own step
    assert seen == pytest.approx(expected, abs=3 * standard_error(0.37, 1 << 20) + 2**-16)


@pytest.mark.parametrize("seed", range(5))
def test_one_draw_equals_scikit_learn_on_repeated_images(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, decided = correlated(np.random.default_rng(seed), 60, 4)
    found = intervals(Tally.of([decided], folder.truth), n_draws=1, seed=seed)
    rows = np.repeat(np.arange(60), poisson_weights(np.random.default_rng(seed), (1, 60))[0])
    truth, predicted = folder.truth[:, rows].T, decided[:, rows].T
    for average in ("micro", "macro", "weighted", "samples"):
        expected = f1_score(truth, predicted, average=average, zero_division=np.nan)
        interval = getattr(found, average)
        assert interval.low == interval.high == pytest.approx(expected, abs=1e-6)


def test_blocks_of_images_leave_out_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """In small blocks the weights differ, but a block that was lost would move everything."""
    folder, decided = correlated(np.random.default_rng(1), 2000, 3)
    tally = Tally.of([decided], folder.truth)
    whole = intervals(tally)
    monkeypatch.setattr(bootstrap, "_CELLS", 200 * 37)
    parts = intervals(tally)
    assert parts.micro.low == pytest.approx(whole.micro.low, abs=0.005)
    assert parts.samples.high == pytest.approx(whole.samples.high, abs=0.005)


def test_the_same_seed_gives_the_same_intervals_and_cancelling_none() -> None:
    folder, decided = correlated(np.random.default_rng(2), 200, 3)
    tally = Tally.of([decided], folder.truth)
    assert intervals(tally, seed=1) == intervals(tally, seed=1)
    assert intervals(tally, seed=1) != intervals(tally, seed=2)
    assert average_intervals(tally, cancelled=lambda: True) is None


def test_averages_are_covered_as_often_as_stated() -> None:
    """300 folders of 300 images whose labels are wrong together; nominal 90 %.

    Allowed: 0.03 for quantiles of 200 draws and for the percentile method at this size, and three standard errors of a
    share seen 300 times, 0.052. Redrawing single cells as if they were independent is off by far more, see below.
    """
    repeats = 300
    rng = np.random.default_rng(3)
    population, decided = correlated(rng, 400_000, 5)
    truth = {
        average: f1_score(population.truth.T, decided.T, average=average, zero_division=0.0)
        for average in ("micro", "macro")
    }
    covered = dict.fromkeys(truth, 0)
    cells_covered = 0
    for _ in range(repeats):
        folder, decided = correlated(rng, 300, 5)
        found = intervals(Tally.of([decided], folder.truth))
        for average, value in truth.items():
            interval = getattr(found, average)
            covered[average] += interval.low <= value <= interval.high
        cells = Tally.of([decided.reshape(1, -1)], folder.truth.reshape(1, -1))
        apart = intervals(cells).micro
        cells_covered += apart.low <= truth["micro"] <= apart.high
    for average, count in covered.items():
        assert count / repeats == pytest.approx(0.9, abs=0.03 + 3 * standard_error(0.9, repeats)), average
    assert cells_covered / repeats < 0.8


def test_nothing_to_average_has_undefined_ends() -> None:
    truth = np.full((2, 5), -1, dtype=np.int8)
    found = intervals(Tally.of([np.ones((2, 5), dtype=bool)], truth))
    for interval in (found.micro, found.macro, found.weighted, found.samples):
        assert np.isnan(interval.low)
        assert np.isnan(interval.high)


# -- thresholds --------------------------------------------------------------------------------------------------


def test_thresholds_are_fixed_more_firmly_by_more_images() -> None:
    widths = []
    for n in (60, 6000):
        folder, _ = correlated(np.random.default_rng(4), n, 3)
        found = threshold_intervals(folder, tune_f1)
        assert found is not None
        assert (found.low <= found.high).all()
        widths.append(float((found.high - found.low).mean()))
    assert widths[1] < widths[0] / 2


def test_ends_are_thresholds_that_were_tuned_also_infinite_ones() -> None:
    folder, _ = correlated(np.random.default_rng(5), 40, 2)
    tuned = iter(np.concatenate([np.full(10, -np.inf), np.arange(30) / 30, np.full(10, np.inf)]).astype(np.float32))

    def tune(part: Folder) -> Thresholds:
        value = float(next(tuned))
        return Thresholds.uniform(2, value)

    found = threshold_intervals(folder, tune, n_draws=50, confidence=0.5)
    assert found is not None
    assert found.low.tolist() == [np.float32(2 / 30)] * 2  # a quarter of 50 lie below: ten infinite ones and two more
    assert found.high.tolist() == [np.float32(27 / 30)] * 2
    assert not np.isinf(found.low).any()


def test_cancelling_a_threshold_interval_gives_nothing() -> None:
    folder, _ = correlated(np.random.default_rng(6), 40, 2)
    told: list[tuple[int, int]] = []
    assert (
        threshold_intervals(folder, tune_f1, cancelled=lambda: len(told) == 3, progress=lambda *at: told.append(at))
        is None
    )
    assert told == [(1, 50), (2, 50), (3, 50)]
