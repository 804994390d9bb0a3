"""Which images' annotation narrows most what is known of where a label's threshold belongs.

The images fall into strata of similar scores, cut where the square roots of the frequencies add up alike (Dalenius and
Hodges 1959). How many of a stratum's unannotated images are positive is not known: the annotated ones of the stratum,
and its scores, calibrated by Platt's method, in place of four more, give a beta distribution of its rate and so a
beta-binomial number of positives (as in Marchant and Rubinstein, "In Search of an Entity Resolution OASIS", VLDB 2017,
who estimate F that way). F1 of the whole folder at every threshold follows, and to first order the variance of the
difference between any two.

The threshold's interval holds all whose F1 is less than 1.645 standard errors of that difference below the best. An
annotation in a stratum takes an exactly known part off the variance of its positives; weighted with the square of their
effect on the difference between the interval's two ends, the parts put the images in order. That is Neyman's allocation
(1934) one image at a time (Bennett and Carvalho, "Online Stratified Sampling", CIKM 2010). Within a stratum images come
at random: chosen by their score alone, they leave the estimate unbiased, which a plain mean over them would not be.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from inference.evaluation.calibration.sigmoid import platt
from inference.types import POSITIVE, UNKNOWN, BoolArray, FloatArray, IntArray, ScoreArray, TruthArray

STANDARD_ERRORS: Final = 1.645  # 90 % of a normal distribution
FEWEST: Final = 2  # annotated positives, and negatives: below that nothing is known of a threshold
BINS: Final = 400  # of logits, between which thresholds are told apart
STRATA: Final = 30
PRIOR: Final = 4.0  # annotated images that the calibrated score stands for in a stratum
_LEAST: Final = 1e-9  # of scores, so that logits stay finite; the highest is what float32 knows below 1


@dataclass(frozen=True, eq=False)
class Strata:
    """Where each image belongs, and what is known there; stratum 0 is of images that the label cannot be given to."""

    of_image: IntArray  # (m,)
    bins: IntArray  # (m,) from 1; 0 of stratum 0
    edges: FloatArray  # (BINS,) the lowest logit of each bin from 1 on
    unknown: FloatArray  # (s,) images to annotate
    known: FloatArray  # (s,)
    rate: FloatArray  # (s,) how likely an image is positive

    def like(self, image: int) -> tuple[int, int]:
        """How many images of one's stratum are annotated, and how many there are."""
        stratum = int(self.of_image[image])
        n_known = int(self.known[stratum])
        return n_known, n_known + int(self.unknown[stratum])

    def variance(self, more: FloatArray | float, stratum: IntArray | slice = slice(None)) -> FloatArray:
        """Of the positives among a stratum's unannotated images after so many more were annotated: beta-binomial."""
        left, seen, rate = self.unknown[stratum] - more, self.known[stratum] + more, self.rate[stratum]
        return np.asarray(left * rate * (1.0 - rate) * (seen + PRIOR + left) / (seen + PRIOR + 1.0))


@dataclass(frozen=True, eq=False)
class ThresholdInterval:
    """The thresholds whose F1, over all scored images, cannot be told from the best."""

    low: float
    high: float
    best: float
    f1: float  # of the best, as it is estimated
    effects: FloatArray  # (s,) of one positive more in a stratum on F1 at the low end less F1 at the high end


def strata_of(scores: ScoreArray, truth: TruthArray, may: BoolArray | None = None) -> Strata | None:
    """Sort a label's images into strata; None where too few are annotated to say anything.

    Args:
        scores: float32 (m,).
        truth: int8 (m,).
        may: bool (m,); images on which the label can be predicted, all by default.
    """
    known, positive = truth != UNKNOWN, truth == POSITIVE
    n_yes = int(np.count_nonzero(positive))
    if min(n_yes, int(np.count_nonzero(known)) - n_yes) < FEWEST or (may is not None and not may.any()):
        return None
    wide = np.clip(scores.astype(np.float64), _LEAST, 1.0 - 2.0**-25)
    logits = np.log(wide) - np.log1p(-wide)
    inside = logits if may is None else logits[may]
    low, high = float(inside.min()), float(inside.max())
    step = (high - low) / BINS or 1.0
    bins = np.clip(((logits - low) / step).astype(np.int64), 0, BINS - 1) + 1
    if may is not None:
        bins[~may] = 0
    sizes = np.bincount(bins, minlength=BINS + 1)
    roots = np.cumsum(np.sqrt(sizes[1:]))
    of_bin = np.concatenate([[0], 1 + np.minimum((roots / roots[-1] * STRATA).astype(np.int64), STRATA - 1)])
    of_image = of_bin[bins]
    n_known, n_positive, total = (_counted(of_image[part], STRATA + 1) for part in (known, positive, slice(None)))
    edges: FloatArray = low + step * np.arange(BINS, dtype=np.float64)
    by_bin = [_counted(bins[part], BINS + 1)[1:] for part in (positive, known & ~positive)]
    expected = np.bincount(
        of_bin[1:], weights=sizes[1:] * _calibrated(edges + 0.5 * step, *by_bin), minlength=STRATA + 1
    )
    if may is not None:
        expected[0] = wide[~may].sum()
    rate = (n_positive + PRIOR * expected / np.maximum(total, 1.0)) / (n_known + PRIOR)
    return Strata(of_image, bins, edges, total - n_known, n_known, rate)


def _counted(places: IntArray, n: int) -> FloatArray:
    return np.bincount(places, minlength=n).astype(np.float64)


def _calibrated(logits: FloatArray, positive: FloatArray, negative: FloatArray) -> FloatArray:
    """How likely images with these logits are positive, as the annotated ones have it, (k,)."""
    some = positive + negative > 0
    fit = platt(logits[some], positive[some], negative[some], FEWEST)
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(fit.scale * logits + fit.shift, -700.0, 700.0))))


def threshold_interval(strata: Strata, truth: TruthArray) -> ThresholdInterval:
    """The interval of the threshold with the best F1 over all scored images.

    Args:
        strata: of the label.
        truth: int8 (m,), as `strata_of` was given it.
    """
    known = truth != UNKNOWN
    cells = strata.of_image[~known] * (BINS + 1) + strata.bins[~known]
    n_strata = len(strata.rate)
    table = _counted(cells, n_strata * (BINS + 1)).reshape(n_strata, BINS + 1)  # unannotated images in each bin
    sure = np.bincount(strata.bins[truth == POSITIVE], minlength=BINS + 1)
    positives = sure + strata.rate @ table
    sizes = np.bincount(strata.bins, minlength=BINS + 1)
    tp, predicted = _from(positives)[1:], _from(sizes)[1:]
    whole = predicted + positives.sum()
    f1 = 2.0 * tp / whole
    # one positive more adds this to F1 where it is predicted, and takes it away where it is not
    above, below = (2.0 - f1) / whole, -f1 / whole
    share = _from(table)[:, 1:] / np.maximum(strata.unknown, 1.0)[:, None]
    effects = share * above + (1.0 - share) * below
    best = int(np.argmax(f1))
    variance = strata.variance(0.0) @ (effects - effects[:, best : best + 1]) ** 2
    alike = np.flatnonzero(f1[best] - f1 <= STANDARD_ERRORS * np.sqrt(variance))
    first, last = int(alike[0]), int(alike[-1])
    low, high, middle = (1.0 / (1.0 + np.exp(-strata.edges[[first, last, best]]))).tolist()
    return ThresholdInterval(low, high, middle, float(f1[best]), effects[:, first] - effects[:, last])


def _from(counts: FloatArray | IntArray) -> FloatArray:
    """Counts in each bin and all above it."""
    return np.asarray(np.cumsum(counts[..., ::-1], axis=-1)[..., ::-1], dtype=np.float64)


def worth(strata: Strata, interval: ThresholdInterval, rows: IntArray, seed: int) -> FloatArray:
    """By how much each image's annotation lessens the variance of the difference of the interval's ends, (k,).

    Each after those of its stratum that are worth more: in falling order they are the images to annotate.

    Args:
        strata: of the label.
        interval: of the label.
        rows: (k,) unannotated images.
        seed: of the order within a stratum.
    """
    shuffled = np.random.default_rng(seed).permutation(len(rows))
    order = shuffled[np.argsort(strata.of_image[rows[shuffled]].astype(np.uint8), kind="stable")]
    stratum = strata.of_image[rows[order]]
    sizes = np.bincount(stratum, minlength=len(strata.rate))
    before: FloatArray = (np.arange(len(rows)) - np.repeat(np.cumsum(sizes) - sizes, sizes)).astype(np.float64)
    less = strata.variance(before, stratum) - strata.variance(before + 1.0, stratum)
    found = np.empty(len(rows))
    found[order] = less * interval.effects[stratum] ** 2
    return found
