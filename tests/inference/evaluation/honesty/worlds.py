"""Made-up worlds in which the truth is known, and a plain tuner that does not share a line with the real one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.types import BoolArray, FloatArray, IntArray, ScoreArray, Thresholds, TruthArray


@dataclass(frozen=True, eq=False)
class Folder:
    """Scores and truth, label by label: the least that honesty asks for."""

    scores: ScoreArray  # (c, n)
    truth: TruthArray  # (c, n)

    def subset(self, rows: IntArray, /) -> Folder:
        return Folder(self.scores[:, rows], self.truth[:, rows])


def tune_f1(folder: Folder) -> Thresholds:
    """The score at which each label's F1 is highest on the folder, by trying every score; 0.5 without positives."""
    return Thresholds(
        np.array([_best(*label) for label in zip(folder.scores, folder.truth, strict=True)], dtype=np.float32)
    )


def _best(scores: ScoreArray, truth: TruthArray) -> float:
    known = truth >= 0
    scores, truth = scores[known], truth[known]
    if not (truth == 1).any():
        return 0.5
    order = np.argsort(-scores, kind="stable")
    falling = scores[order]
    last = np.flatnonzero(np.append(np.diff(falling) != 0, True))  # a threshold never cuts between ties
    hits = np.cumsum(truth[order] == 1)[last]
    return float(falling[last][np.argmax(2 * hits / (last + 1 + (truth == 1).sum()))])


@dataclass(frozen=True)
class NormalWorld:
    """Normal scores: positives lie ``gap`` above negatives. Probabilities are exact."""

    prevalence: float = 0.1
    gap: float = 2.0

    def draw(self, rng: np.random.Generator, positives: int) -> Folder:
        """One label on as many images as hold ``positives`` on average, with exactly so many."""
        n = round(positives / self.prevalence)
        truth = np.zeros(n, dtype=np.int8)
        truth[:positives] = 1
        logits = rng.normal(size=n) + self.gap * truth
        return Folder(_sigmoid(logits)[None], truth[None])

    def f1(self, threshold: float) -> float:
        """On all images to come."""
        cut = np.log(threshold) - np.log1p(-threshold) if 0 < threshold < 1 else np.inf
        tp = self.prevalence * normal_above(cut - self.gap)
        fp = (1 - self.prevalence) * normal_above(cut)
        return float(2 * tp / (tp + fp + self.prevalence))


def normal_above(x: float) -> float:
    """The share of a normal distribution above ``x``."""
    from math import erfc, sqrt

    return 0.5 * erfc(x / sqrt(2.0))


def _sigmoid(logits: FloatArray) -> ScoreArray:
    return (1.0 / (1.0 + np.exp(-logits))).astype(np.float32)


def binomial_terms(n: int, share: float) -> FloatArray:
    """P(k of n) for k = 0..n, by plain products."""
    from math import comb

    return np.array([comb(n, k) * share**k * (1.0 - share) ** (n - k) for k in range(n + 1)])


def standard_error(share: float, n: int) -> float:
    """Of a share seen in ``n`` independent repeats."""
    return float(np.sqrt(share * (1.0 - share) / n))


def correlated(rng: np.random.Generator, n: int, n_labels: int) -> tuple[Folder, BoolArray]:
    """Labels that share the difficulty of their image, and the decisions at 0.5."""
    easy: NDArray[np.float64] = rng.normal(size=n)
    truth = (rng.random((n_labels, n)) < np.linspace(0.1, 0.4, n_labels)[:, None]).astype(np.int8)
    sign = 2.0 * truth - 1.0
    logits = sign * (1.0 + 1.5 * easy) + rng.normal(size=(n_labels, n))
    folder = Folder(_sigmoid(logits), truth)
    return folder, folder.scores >= np.float32(0.5)
