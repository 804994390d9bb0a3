"""How far scores are from probabilities: log loss, Brier score and calibration error, of one label and of all."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from inference.evaluation.activations import scores_from_logits
from inference.evaluation.curves import LabelCurve
from inference.evaluation.label_metrics import brier, calibration_error
from inference.evaluation.multiclass import log_losses
from inference.types import (
    POSITIVE,
    Activation,
    BoolArray,
    CalibrationErrors,
    FloatArray,
    IntArray,
    ScoreArray,
    ScoreErrors,
    TruthArray,
)

_EPS: Final = float(np.finfo(np.float64).eps)  # scikit-learn clips probabilities there
_CHUNK: Final = 1 << 18  # scores held in float64 at a time


class Judged(NamedTuple):
    """The errors of all labels, and the share that each image has in the overall log loss, (m,)."""

    errors: CalibrationErrors
    shares: FloatArray


class LabelJudged(NamedTuple):
    """The errors of one label, and the log loss of each of its known images, (m,)."""

    errors: ScoreErrors
    losses: FloatArray


def judge_label(logits: ScoreArray, truth: TruthArray) -> LabelJudged:
    """The errors of one label under sigmoid.

    Args:
        logits: float32 (m,), mapped, of the label's known images.
        truth: int8 (m,).
    """
    wide = logits.astype(np.float64)
    losses = np.logaddexp(0.0, np.where(truth == POSITIVE, -wide, wide))
    np.clip(losses, -np.log1p(-_EPS), -np.log(_EPS), out=losses)
    scores = scores_from_logits(logits[:, None], Activation.SIGMOID)[:, 0]
    return LabelJudged(_errors(scores, truth, losses), losses)


def _errors(scores: ScoreArray, truth: TruthArray, losses: FloatArray) -> ScoreErrors:
    curve = LabelCurve.build(scores, truth)
    mean = float(losses.mean()) if len(losses) else float("nan")
    return ScoreErrors(mean, brier(curve), calibration_error(curve))


def mean_of_labels(labels: list[ScoreErrors]) -> CalibrationErrors:
    """The errors of labels with their means over those that have known images."""
    table = _table(labels)
    measured = table[:, ~np.isnan(table).any(axis=0)]
    means = measured.mean(axis=1) if measured.shape[1] else np.full(3, np.nan)
    return _all_errors(table, ScoreErrors(*means.tolist()))


def _table(labels: list[ScoreErrors]) -> FloatArray:
    """A row for each kind of error, (3, c)."""
    return np.array([(one.log_loss, one.brier, one.ece) for one in labels], dtype=np.float64).reshape(-1, 3).T


def _all_errors(table: FloatArray, overall: ScoreErrors) -> CalibrationErrors:
    return CalibrationErrors(log_loss=table[0], brier=table[1], ece=table[2], overall=overall)


def judge_classes(logits: ScoreArray, classes: IntArray) -> Judged:
    """The errors under softmax, of each class against the rest and of whole images.

    Brier's score is the sum over classes (Brier 1950), the calibration error that of the winner's score (Guo et al.
    2017).

    Args:
        logits: float32 (m, c), mapped, of images whose class is known.
        classes: (m,).
    """
    scores = scores_from_logits(logits, Activation.SOFTMAX)
    losses = log_losses(logits, classes) if len(logits) else np.zeros(0)
    labels = [_one_against_rest(scores[:, label], classes == label) for label in range(logits.shape[1])]
    errors = _all_errors(_table(labels), _whole_images(scores, classes, losses))
    return Judged(errors, losses / max(len(losses), 1))


_NONE: Final = ScoreErrors(float("nan"), float("nan"), float("nan"))


def _one_against_rest(scores: ScoreArray, own: BoolArray) -> ScoreErrors:
    wide = np.clip(scores.astype(np.float64), _EPS, 1 - _EPS)
    return _errors(scores, own.astype(np.int8), -np.where(own, np.log(wide), np.log1p(-wide)))


def _whole_images(scores: ScoreArray, classes: IntArray, losses: FloatArray) -> ScoreErrors:
    if not len(classes):
        return _NONE
    squares = 0.0
    step = max(1, _CHUNK // max(1, scores.shape[1]))
    for start in range(0, len(scores), step):
        part, own = scores[start : start + step].astype(np.float64), classes[start : start + step]
        part[np.arange(len(part)), own] -= 1.0
        squares += float(np.einsum("ij,ij->", part, part))
    winner = scores.argmax(axis=1)
    curve = LabelCurve.build(scores.max(axis=1), (winner == classes).astype(np.int8))
    return ScoreErrors(float(losses.mean()), squares / len(classes), calibration_error(curve))
