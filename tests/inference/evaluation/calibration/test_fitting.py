"""Maps against scikit-learn and against minimising the plain formulas by other means."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize, minimize_scalar
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from inference.evaluation.calibration import fit, fitted, methods_for
from inference.evaluation.logit_maps import mapped
from inference.types import Activation, CalibrationMethod, FloatArray, ScoreArray, TruthArray
from tests.inference.evaluation.calibration.cases import distorted, one_class, sigmoid

SIGMOID, SOFTMAX = Activation.SIGMOID, Activation.SOFTMAX
TEMPERATURE, PLATT = CalibrationMethod.TEMPERATURE, CalibrationMethod.PLATT
ISOTONIC, BIAS_CORRECTED = CalibrationMethod.ISOTONIC, CalibrationMethod.BIAS_CORRECTED


def of_scikit_learn(logits: ScoreArray, truth: TruthArray) -> tuple[float, float]:
    """Slope and shift of an unpenalised logistic regression on Platt's targets."""
    n_pos, n_neg = np.count_nonzero(truth == 1), np.count_nonzero(truth == 0)
    target = np.where(truth == 1, (n_pos + 1) / (n_pos + 2), 1 / (n_neg + 2))
    twice = np.concatenate((logits, logits))[:, None].astype(np.float64)
    model = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000)
    model.fit(twice, np.repeat([1, 0], len(logits)), sample_weight=np.concatenate((target, 1 - target)))
    return float(model.coef_[0, 0]), float(model.intercept_[0])


@pytest.mark.parametrize("n", [60, 900, 30_000])  # the last is counted on a grid
def test_platt_is_a_logistic_regression_on_smoothed_targets(n: int) -> None:
    logits, truth = distorted(n, [0.4, 2.0], [1.0, -1.5], unknown=0.1)
    found = fit(logits, truth, SIGMOID, PLATT)
    for label in range(2):
        known = truth[:, label] >= 0
        slope, shift = of_scikit_learn(logits[known, label], truth[known, label])
        assert found.scale[label] == pytest.approx(slope, rel=1e-3)
        assert found.shift[label] == pytest.approx(shift, abs=2e-3)


def test_platt_of_separated_scores_stays_finite() -> None:
    logits = np.repeat(np.array([[-3.0], [4.0]], dtype=np.float32), 30, axis=0)
    truth = np.repeat(np.array([[0], [1]], dtype=np.int8), 30, axis=0)
    found = fit(logits, truth, SIGMOID, PLATT)
    np.testing.assert_allclose(sigmoid(mapped(logits, found))[[0, -1], 0], [1 / 32, 31 / 32], rtol=1e-4)


@pytest.mark.parametrize("stretch", [1e-3, 1.0, 1e4])
def test_platt_does_not_mind_the_size_of_logits(stretch: float) -> None:
    logits, truth = distorted(500, [0.5], [0.7])
    plain, stretched = (fit(logits * np.float32(by), truth, SIGMOID, PLATT) for by in (1.0, stretch))
    assert stretched.scale[0] * stretch == pytest.approx(plain.scale[0], rel=1e-4)
    assert stretched.shift[0] == pytest.approx(plain.shift[0], rel=1e-3)


def log_loss(logits: FloatArray, truth: TruthArray) -> float:
    return float(np.where(truth == 1, np.logaddexp(0, -logits), np.logaddexp(0, logits)).mean())


@pytest.mark.parametrize("n", [80, 5000])
def test_one_temperature_is_the_best_of_all(n: int) -> None:
    logits, truth = distorted(n, [0.35, 0.35, 0.35], [0, 0, 0], unknown=0.2)
    known = truth >= 0
    wide, hits = logits[known].astype(np.float64), truth[known]
    best = minimize_scalar(lambda t: log_loss(wide / t, hits), bounds=(0.1, 20), method="bounded")
    found = fit(logits, truth, SIGMOID, TEMPERATURE)
    assert len(set(found.scale.tolist())) == 1
    assert not found.shift.any()
    assert 1 / found.scale[0] == pytest.approx(best.x, rel=1e-3)


def class_loss(logits: FloatArray, classes: FloatArray) -> float:
    return float((np.logaddexp.reduce(logits, axis=1) - logits[np.arange(len(logits)), classes]).mean())


def test_one_temperature_of_classes_is_the_best_of_all() -> None:
    logits, truth = one_class(700, 5, 0.4, np.zeros(5))
    truth[:40, 2] = -1  # no class is known there
    wide, classes = logits[40:].astype(np.float64), truth[40:].argmax(axis=1)
    best = minimize_scalar(lambda t: class_loss(wide / t, classes), bounds=(0.1, 20), method="bounded")
    found = fitted(logits, truth, SOFTMAX, TEMPERATURE)
    assert 1 / found.logit_map.scale[0] == pytest.approx(best.x, rel=1e-4)
    assert found.setting == f"T = {best.x:.3g}"


def test_bias_corrected_temperature_is_the_best_of_all() -> None:
    logits, truth = one_class(800, 4, 0.6, np.array([1.0, -1.0, 0.5, -0.5]))
    wide, classes = logits.astype(np.float64), truth.argmax(axis=1)
    best = minimize(lambda p: class_loss(p[0] * wide + p[1:], classes), np.array([1.0, 0, 0, 0, 0]), method="BFGS")
    found = fit(logits, truth, SOFTMAX, BIAS_CORRECTED)
    assert class_loss(found.scale * wide + found.shift, classes) == pytest.approx(best.fun, abs=1e-7)
    assert found.scale[0] == pytest.approx(best.x[0], rel=1e-3)
    np.testing.assert_allclose(found.shift, best.x[1:] - best.x[1:].mean(), atol=2e-3)


def test_a_rare_class_gets_no_bias_and_it_is_said() -> None:
    logits, truth = one_class(600, 4, 1.0, np.zeros(4))
    rare = np.flatnonzero(truth[:, 3] == 1)[9:]
    logits, truth = np.delete(logits, rare, axis=0), np.delete(truth, rare, axis=0)
    found = fitted(logits, truth, SOFTMAX, BIAS_CORRECTED)
    assert found.logit_map.shift[3] == 0
    assert np.count_nonzero(found.logit_map.shift) == 3
    assert found.caveats[:3] == ("", "", "")
    assert "only 9 positives" in found.caveats[3]


@pytest.mark.parametrize("seed", range(6))
def test_isotonic_has_the_blocks_of_scikit_learn(seed: int) -> None:
    logits, truth = distorted(400, [0.5], [0.3], seed)
    found = fit(logits, truth, SIGMOID, ISOTONIC)
    order = np.argsort(logits[:, 0])
    x, y = logits[order, 0].astype(np.float64), truth[order, 0].astype(np.float64)
    # a positive beside the lowest, a negative beside the highest
    both = IsotonicRegression().fit_transform(np.r_[x[0], x, x[-1]], np.r_[1.0, y, 0.0])[1:-1]
    values = np.unique(both)
    centres = np.array([x[both == value].mean() for value in values])
    np.testing.assert_allclose(found.knots[0][0], centres, rtol=1e-6)
    np.testing.assert_allclose(sigmoid(np.array(found.knots[0][1])), values, rtol=1e-9)


@pytest.mark.parametrize("n", [30, 300, 20_000])
def test_isotonic_rises_everywhere_and_stays_finite(n: int) -> None:
    logits, truth = distorted(n, [0.5, 3.0, 1.0], [0.3, 0.0, -1.0], seed=n)
    found = fit(logits, truth, SIGMOID, ISOTONIC)
    for x, y in found.knots:
        assert np.isfinite([x, y]).all()
        assert (np.diff(x) > 0).all()
        assert (np.diff(y) > 0).all()


def test_isotonic_follows_a_bend() -> None:
    rng = np.random.default_rng(1)
    logits = rng.normal(0, 2, (20_000, 1)).astype(np.float32)
    true = np.where(logits > 0, 0.2 * logits, 2.0 * logits)
    truth = (rng.random(true.shape) < sigmoid(true)).astype(np.int8)
    after = mapped(logits, fit(logits, truth, SIGMOID, ISOTONIC))
    assert np.abs(sigmoid(after) - sigmoid(true)).mean() < 0.015  # 20,000 images know it to about that


def test_unknown_truth_is_as_if_the_image_were_not_there() -> None:
    logits, truth = distorted(300, [0.5, 1.0], [0.5, -1.0], unknown=0.3)
    for method in (PLATT, ISOTONIC):
        found = fit(logits, truth, SIGMOID, method)
        for label in range(2):
            known = truth[:, label] >= 0
            alone = fit(logits[known, label : label + 1], truth[known, label : label + 1], SIGMOID, method)
            assert (found.scale[label], found.shift[label]) == (alone.scale[0], alone.shift[0])
            if method is ISOTONIC:
                assert found.knots[label] == alone.knots[0]


@pytest.mark.parametrize("method", [PLATT, ISOTONIC])
def test_labels_that_cannot_be_calibrated_are_left_alone_with_a_reason(method: CalibrationMethod) -> None:
    logits, truth = distorted(300, [1.0] * 6, [0.0] * 6, seed=3)
    truth[np.flatnonzero(truth[:, 1] == 1)[9:], 1] = 0  # nine positives
    truth[np.flatnonzero(truth[:, 2] == 0)[1:], 2] = 1  # one negative
    truth[:, 3] = 1 - truth[:, 3]  # the wrong way round
    truth[:, 4] = -1
    truth[:, 5] = 0
    found = fitted(logits, truth, SIGMOID, method)
    assert found.left[0] == ""
    assert found.left[1] == "only 9 positives, 10 are needed"
    assert found.left[2] == "only 1 negative, 10 are needed"
    assert found.left[3] == "higher scores are not more often right"
    assert found.left[4] == found.left[5] == "no positives"
    np.testing.assert_array_equal(mapped(logits, found.logit_map)[:, 1:], logits[:, 1:])
    assert (mapped(logits, found.logit_map)[:, 0] != logits[:, 0]).any()


def test_equal_scores_are_left_alone() -> None:
    logits, truth = np.full((60, 1), 0.7, dtype=np.float32), np.repeat(np.array([[0], [1]], dtype=np.int8), 30, axis=0)
    assert fitted(logits, truth, SIGMOID, PLATT).left == ("all its scores are equal",)
    assert fitted(logits, truth, SIGMOID, ISOTONIC).left == ("higher scores are not more often right",)


@pytest.mark.parametrize(("activation", "method"), [(a, m) for a in Activation for m in methods_for(a)])
def test_scores_the_wrong_way_round_are_left_as_they_are(activation: Activation, method: CalibrationMethod) -> None:
    logits, truth = one_class(400, 3, 1.0, np.zeros(3))
    found = fitted(-logits, truth, activation, method)
    assert all(found.left)
    np.testing.assert_array_equal(mapped(logits, found.logit_map), logits)
    assert found.setting == ""


def test_few_positives_are_said_of_isotonic() -> None:
    logits, truth = distorted(300, [1.0], [0.0])
    n_pos = np.count_nonzero(truth == 1)
    assert fitted(logits, truth, SIGMOID, ISOTONIC).caveats == (
        f"fitted to {n_pos} positives; isotonic is recommended from 200 on",
    )
    many = fitted(*distorted(1000, [1.0], [0.0]), SIGMOID, ISOTONIC)
    assert many.caveats == ("",)


@pytest.mark.parametrize(("activation", "method"), [(SOFTMAX, PLATT), (SOFTMAX, ISOTONIC), (SIGMOID, BIAS_CORRECTED)])
def test_a_method_that_does_not_suit_says_which_do(activation: Activation, method: CalibrationMethod) -> None:
    with pytest.raises(ValueError, match="temperature"):
        fit(np.zeros((3, 2), dtype=np.float32), np.zeros((3, 2), dtype=np.int8), activation, method)


@pytest.mark.parametrize(("activation", "method"), [(a, m) for a in Activation for m in methods_for(a)])
@pytest.mark.parametrize("shape", [(0, 3), (5, 3), (4, 0)])
def test_without_images_or_labels_nothing_is_mapped(
    activation: Activation, method: CalibrationMethod, shape: tuple[int, int]
) -> None:
    truth = np.full(shape, -1, dtype=np.int8)
    found = fitted(np.ones(shape, dtype=np.float32), truth, activation, method)
    assert all(found.left)
    assert len(found.logit_map) == shape[1]
