"""Made-up images of one class each, and plain ways to decide about them that share no line with the real ones."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from inference.evaluation.tuning.class_data import ClassData
from inference.types import Activation, FloatArray, IntArray, Proposal, ScoreArray


@st.composite
def class_folders(draw: st.DrawFn, *, most_classes: int = 4, most_images: int = 12) -> ClassData:
    """Few images, often with tied logits, and classes that do not occur among them."""
    n, c = draw(st.integers(1, most_images)), draw(st.integers(2, most_classes))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    levels = draw(st.sampled_from([2, 8, 1000]))
    logits = (rng.integers(-levels, levels + 1, (n, c)) * 2 / levels).astype(np.float32)
    classes = rng.integers(0, draw(st.integers(1, c)), n)
    return ClassData(logits, classes, draw(st.sampled_from([Activation.SIGMOID, Activation.SOFTMAX])))


def winners_of(data: ClassData, proposal: Proposal) -> IntArray:
    """Argmax of the logits as the proposal maps them, in float32; no knots here."""
    logits = data.logits.astype(np.float64)
    shift = np.zeros(data.n_labels) if proposal.biases is None else proposal.biases.shift
    if proposal.calibration is not None:
        logits = logits * proposal.calibration.scale + proposal.calibration.shift
    return np.asarray((logits + shift).astype(np.float32).argmax(axis=1))


def winning_scores(data: ClassData) -> tuple[IntArray, ScoreArray]:
    """The winner of each image and its score, without any calibration."""
    wide = data.logits.astype(np.float64)
    if data.activation is Activation.SOFTMAX:
        powers = np.exp(wide - wide.max(axis=1, keepdims=True))
        scores = powers / powers.sum(axis=1, keepdims=True)
    else:
        scores = 1 / (1 + np.exp(-wide))
    label = data.logits.argmax(axis=1)
    return label, scores.astype(np.float32)[np.arange(len(label)), label]


class GaussianWorld:
    """Classes of very different frequency, normal features, and over-confident logits with a bias a class."""

    def __init__(self, rng: np.random.Generator, n_classes: int = 8) -> None:
        self.rng, self.n_classes = rng, n_classes
        frequency = np.geomspace(0.38, 0.015, n_classes)
        self.prevalence: FloatArray = frequency / frequency.sum()
        self.bias = rng.normal(size=n_classes)

    def posterior_logits(self, n: int, prevalence: FloatArray | None = None) -> tuple[FloatArray, IntArray]:
        """Logits whose softmax is the chance of each class where they are as frequent as usual, and the classes."""
        share = self.prevalence if prevalence is None else prevalence
        classes = self.rng.choice(self.n_classes, n, p=share)
        features = self.rng.normal(size=(n, self.n_classes)) + 1.9 * np.eye(self.n_classes)[classes]
        return 1.9 * features + np.log(self.prevalence), classes

    def draw(self, n: int) -> ClassData:
        logits, classes = self.posterior_logits(n)
        return ClassData((2.0 * logits + self.bias).astype(np.float32), classes)
