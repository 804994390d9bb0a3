"""Kernel-smoothed cuts: what a label would count if its images were a little elsewhere.

A threshold that is the very best on one folder is so by chance in part. The margins of positives and of negatives are
each spread by a Gaussian of Silverman's bandwidth h = 0.9 min(sd, IQR / 1.34) n^(-1/5) (Silverman 1986) on 512 bins of
equal width between the lowest and the highest positive, and the smoothed counts are those of the spread images.
No random numbers: the same data give the same thresholds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.evaluation.tuning.choices import Choices
from inference.evaluation.tuning.staircase import Staircase, sigmoid
from inference.types import FloatArray, IntArray, ScoreArray

N_BINS = 512
_BINS_ABOUT = 3 * N_BINS  # the bins and as many again on each side, from which images spread in
_TRANSFORM = 3072  # points of the Fourier transform: room for the widest kernel without meeting its own end
_WIDTHS = (1.0, 256.0)  # of the kernel, in bins: finer would ring, wider would wrap around
_REACH = (2.0, 3.0)  # bandwidths of negatives and of positives beyond the outermost positive
_LEAST_REACH = 0.25  # logits
_MARGINS = (-100.0, 17.3)  # below and above, float32 scores are all alike


@dataclass(frozen=True, eq=False)
class Smoother:
    """The bins of every label, and how far its positives and negatives are spread."""

    staircases: list[Staircase]
    thresholds: ScoreArray  # (c, N_BINS + 1) at the edges of the bins, from the highest
    positions: list[
        NDArray[np.int32]
    ]  # a label: how many images of ``order`` lie above each edge, those on the sides included
    spread: FloatArray  # (c, 2, _TRANSFORM // 2 + 1) of negatives and positives, as transforms

    @classmethod
    def build(cls, staircases: list[Staircase]) -> Smoother:
        """Lay the bins; a label without positives gets bins that mean nothing."""
        n_labels = len(staircases)
        thresholds = np.empty((n_labels, N_BINS + 1), dtype=np.float32)
        widths = np.ones((n_labels, 2))
        positions = []
        for label, staircase in enumerate(staircases):
            margins = _margins(staircase)
            bandwidths = _bandwidths(staircase, margins)
            low, high = _range(staircase, margins, bandwidths)
            width = (high - low) / N_BINS
            edges = np.asarray(high + width * (N_BINS - np.arange(_BINS_ABOUT + 1)), dtype=np.float64)
            about = sigmoid(edges).astype(np.float32)
            thresholds[label] = about[N_BINS : 2 * N_BINS + 1]
            positions.append(staircase.pp[staircase.cuts_at(about)])
            widths[label] = np.clip(bandwidths / width, *_WIDTHS)
        frequency = np.fft.rfftfreq(_TRANSFORM)
        spread = np.exp(-2.0 * (np.pi * widths[:, :, None] * frequency) ** 2)
        return cls(staircases, thresholds, positions, spread)

    def sums(self, weights: FloatArray, labels: IntArray) -> FloatArray:
        """Smoothed sums over the images above each edge.

        Args:
            weights: (labels, 2, _BINS_ABOUT + 1): real sums above each edge, of negatives and of positives.
            labels: (labels,) whose bins these are.

        Returns:
            (labels, 2, N_BINS + 1), at the edges of ``thresholds``.
        """
        steps = np.diff(weights, axis=2)
        spread = np.fft.irfft(np.fft.rfft(steps, _TRANSFORM) * self.spread[labels], _TRANSFORM)
        beyond = spread[:, :, -(_TRANSFORM - _BINS_ABOUT) // 2 :].sum(axis=2, keepdims=True)  # spread out at the top
        summed = np.cumsum(spread[:, :, : 2 * N_BINS], axis=2)[:, :, N_BINS - 1 :]
        return np.asarray(summed + beyond + weights[:, :, :1])

    def choices(self) -> list[Choices]:
        """The smoothed counts of every label; none predicted and all predicted are real, at the two ends."""
        labels = np.arange(len(self.staircases))
        raw = np.empty((len(labels), 2, _BINS_ABOUT + 1))
        for label, staircase in enumerate(self.staircases):
            found = positives_above(staircase, self.positions[label])
            raw[label, 1] = found
            raw[label, 0] = self.positions[label] - found
        smooth = np.maximum.accumulate(np.maximum(self.sums(raw, labels), 0.0), axis=2)
        return [self._choices_of(label, smooth[label]) for label in labels.tolist()]

    def _choices_of(self, label: int, smooth: FloatArray) -> Choices:
        staircase = self.staircases[label]
        if not staircase.known:
            return Choices.fixed(staircase, np.float32(np.inf))
        ends = [0, len(staircase.rising)]
        tp = np.minimum(smooth[1], staircase.positives)
        fp = np.minimum(smooth[0], staircase.negatives)
        counts = np.concatenate([[0.0], tp, [staircase.positives]])
        return Choices(
            staircase=staircase,
            pp=counts + np.concatenate([[0.0], fp, [staircase.negatives]]),
            tp=counts,
            positives=float(staircase.positives),
            thresholds=np.concatenate(
                [[staircase.place(ends[0])], self.thresholds[label], [staircase.place(ends[1])]], dtype=np.float32
            ),
        )


def positives_above(staircase: Staircase, positions: NDArray[np.int32]) -> NDArray[np.int32]:
    """How many positives stand before each position of ``order``; positions lie between distinct scores."""
    return np.asarray(staircase.tp[np.searchsorted(staircase.pp, positions)])


def _bandwidths(staircase: Staircase, margins: FloatArray) -> FloatArray:
    """Silverman's, in logits, of negatives and of positives; 0 where there are fewer than two or all are alike."""
    found = np.zeros(2)
    for which, above in enumerate((staircase.pp - staircase.tp, staircase.tp)):
        size = int(above[-1])
        if size < 2:
            continue
        each = np.diff(above).astype(np.float64)
        # plain sums: a product of matrices may add in another order on another machine
        off = margins - (each * margins).sum() / size
        deviation = float(np.sqrt((each * off * off).sum() / (size - 1)))
        ranks = np.array([-(-size // 4), -(-3 * size // 4)], dtype=above.dtype)
        upper, lower = margins[np.searchsorted(above, ranks) - 1]
        quartiles = float(upper - lower) / 1.34
        found[which] = 0.9 * (min(deviation, quartiles) if quartiles > 0 else deviation) * size**-0.2
    return found


def _range(staircase: Staircase, margins: FloatArray, bandwidths: FloatArray) -> tuple[float, float]:
    """The lowest and the highest margin worth a threshold: a little beyond the outermost positives."""
    if not staircase.positives:
        return -1.0, 1.0
    reach = max(float((bandwidths * _REACH).max()), _LEAST_REACH)
    ends = np.array([1, staircase.positives], dtype=staircase.tp.dtype)
    first, last = np.searchsorted(staircase.tp, ends) - 1
    return float(margins[last]) - reach, min(float(margins[first]) + reach, _MARGINS[1])


def _margins(staircase: Staircase) -> FloatArray:
    """(K,) one for each distinct score, from the highest."""
    last = staircase.order[staircase.pp[1:] - 1]
    return np.clip(staircase.margins[last].astype(np.float64), *_MARGINS)
