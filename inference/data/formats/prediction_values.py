"""What the numbers of a prediction table are, and logits from them.

Probabilities p (as float32) become logits in float64, rounded once to float32:
sigmoid: log(p / (1 - p)), and softmax: log(p), whose normaliser cancels. Going back, a score of 0.5 or more comes back
as the same float32 under sigmoid. Below, and under softmax, the error is that of a float32 logit: relative to the score
at most |logit| * 2^-24, so 3e-7 at 0.01 and below 1e-5 always; order is never turned round. 0 and 1 become logits of
-110 and 18, which come back as exactly 0 and 1. Rows of softmax that do not quite sum to 1 come back divided by
their sum.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from inference.types import Activation, BoolArray, FloatArray, IntArray, ScoreArray

LOGITS: Final = "logits"
PROBABILITIES: Final = "probabilities"

_ZERO: Final = -110.0  # exp of it is below half of the smallest float32
_ONE: Final = 18.0  # above the logit of the largest float32 below 1, which is 16.6
_SUM_TOLERANCE: Final = 2e-3  # rows of probabilities written with three or four digits


def guessed_kind(values: FloatArray, said: str = "") -> tuple[str, str]:
    """LOGITS or PROBABILITIES, and why; ``said``: what the file says, "" for nothing."""
    if said in (LOGITS, PROBABILITIES):
        return said, f"The file says that its numbers are {said}."
    finite = values[np.isfinite(values)]
    if not len(finite):
        return PROBABILITIES, "There is no number to tell probabilities from logits by."
    low, high = float(finite.min()), float(finite.max())
    if low < 0 or high > 1:
        return LOGITS, f"The numbers go from {low:.4g} to {high:.4g}, so they are logits, not probabilities."
    return PROBABILITIES, "All numbers lie between 0 and 1, so they are taken as probabilities."


def guessed_activation(values: FloatArray, kind: str, said: str = "") -> tuple[Activation, str]:
    """Sigmoid or softmax, and why; ``said``: what the file says, "" for nothing."""
    if said in set(Activation):
        return Activation(said), f"The file says that its numbers are made for {said}."
    if values.shape[1] < 2 or not len(values):
        return Activation.SIGMOID, "With one label there is nothing that softmax could compare."
    usable = values[np.isfinite(values).all(axis=1)]
    with np.errstate(over="ignore"):
        sums = (usable if kind == PROBABILITIES else np.exp(usable)).sum(axis=1)
    if len(sums) and bool((np.abs(sums - 1) <= _SUM_TOLERANCE).all()):
        what = "The probabilities" if kind == PROBABILITIES else "The exponentials of the numbers"
        return Activation.SOFTMAX, f"{what} of every image sum to 1, so they compete: softmax."
    if kind == PROBABILITIES:
        return Activation.SIGMOID, "The probabilities of an image do not sum to 1, so each stands alone: sigmoid."
    return Activation.SIGMOID, "Logits do not say what they are meant for; choose softmax if an image has one label."


def to_logits(values: FloatArray, kind: str, activation: Activation) -> tuple[ScoreArray, IntArray]:
    """Logits float32 (m, c), and the places (k, 2) of numbers that are no probabilities where they should be.

    A row with a number that is missing or infinite is NaN throughout.
    """
    bad = _outside(values) if kind == PROBABILITIES else np.zeros(values.shape, dtype=bool)
    with np.errstate(over="ignore"):
        scores = values.astype(np.float32)
    unusable = ~np.isfinite(scores).all(axis=1)
    if kind == PROBABILITIES:
        scores = _logits_of(np.clip(scores, 0, 1).astype(np.float64), activation)
    scores[unusable] = np.nan
    return scores, np.argwhere(bad)


def _outside(values: FloatArray) -> BoolArray:
    outside: BoolArray = (values < 0) | (values > 1)
    return outside


def _logits_of(p: FloatArray, activation: Activation) -> ScoreArray:
    """Logits of float32 probabilities held as float64."""
    with np.errstate(divide="ignore"):
        logits = np.log(p) - np.log1p(-p) if activation is Activation.SIGMOID else np.log(p)
    clipped: ScoreArray = np.clip(logits, _ZERO, _ONE).astype(np.float32)
    return clipped
