"""What decisions count to, label by label and image by image, when each image may have been decided several times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.evaluation.metrics import fraction, mean, ratio, substitute
from inference.types import (
    POSITIVE,
    UNKNOWN,
    Averages,
    BoolArray,
    FloatArray,
    IntArray,
    LabelMetrics,
    Rates,
    TruthArray,
    ZeroDivision,
)


@dataclass(frozen=True, eq=False)
class Tally:
    """Counts of decisions made ``n_rounds`` times over; sums over the rounds unless said otherwise."""

    n_rounds: int
    votes: NDArray[np.uint8]  # (c, n) how often the label was predicted; 0 where its truth is unknown
    truth: TruthArray  # (c, n)
    tp: IntArray  # (c,)
    predicted: IntArray  # (c,)
    positives: IntArray  # (c,), one round's
    known: IntArray  # (c,), one round's
    image_rates: FloatArray  # (n, 3) precision, recall and F1, the mean over rounds; 0 where undefined
    undefined: FloatArray  # (n, 3) in what share of the rounds
    measured: BoolArray  # (n,) images with a known label
    n_full: int  # images whose every label is known
    n_exact: int  # decided exactly

    @classmethod
    def of(cls, rounds: Sequence[BoolArray], truth: TruthArray) -> Tally:
        """Count.

        Args:
            rounds: at least one and at most 255 arrays of decisions, bool (c, n).
            truth: int8 (c, n).
        """
        known, positive = truth != UNKNOWN, truth == POSITIVE
        full = known.all(axis=0) & (len(truth) > 0)
        votes = np.zeros(truth.shape, dtype=np.uint8)
        image_rates = np.zeros((truth.shape[1], 3))
        undefined = np.zeros((truth.shape[1], 3))
        n_exact = 0
        truths = np.count_nonzero(positive, axis=0)
        for decided in rounds:
            counted = decided & known
            votes += counted
            hits = np.count_nonzero(counted & positive, axis=0)
            claims = np.count_nonzero(counted, axis=0)
            below = np.stack([claims, truths, claims + truths], axis=1)
            image_rates += np.stack([hits, hits, 2 * hits], axis=1) / np.maximum(below, 1)
            undefined += below == 0
            n_exact += int(np.count_nonzero(full & (hits == claims) & (hits == truths)))
        return cls(
            n_rounds=len(rounds),
            votes=votes,
            truth=truth,
            tp=np.where(positive, votes, 0).sum(axis=1, dtype=np.int64),
            predicted=votes.sum(axis=1, dtype=np.int64),
            positives=np.count_nonzero(positive, axis=1),
            known=np.count_nonzero(known, axis=1),
            image_rates=image_rates / len(rounds),
            undefined=undefined / len(rounds),
            measured=known.any(axis=0),
            n_full=int(np.count_nonzero(full)),
            n_exact=n_exact,
        )

    def label_metrics(self) -> LabelMetrics:
        """Rates of the pooled counts; the counts beside them are one round's, rounded."""
        tp = _per_round(self.tp, self.n_rounds)
        fp = _per_round(self.predicted - self.tp, self.n_rounds)
        return LabelMetrics(
            tp=tp,
            fp=fp,
            fn=self.positives - tp,
            tn=self.known - self.positives - fp,
            unknown=self.truth.shape[1] - self.known,
            precision=ratio(self.tp, self.predicted),
            recall=ratio(self.tp, self.n_rounds * self.positives),
            f1=ratio(2 * self.tp, self.predicted + self.n_rounds * self.positives),
        )

    def averages(self, zero_division: ZeroDivision) -> Averages:
        """The averages over labels that have a known image, over images that have a known label."""
        metrics = self.label_metrics()
        rates = (metrics.precision, metrics.recall, metrics.f1)
        labels = self.known > 0
        support = self.positives[labels]
        wrong = int((self.predicted + self.n_rounds * self.positives - 2 * self.tp).sum())
        n_known = int(self.known.sum())
        return Averages(
            micro=self._micro(zero_division),
            macro=Rates(*(mean(rate[labels], zero_division) for rate in rates)),
            weighted=Rates(*(mean(rate[labels], zero_division, support) for rate in rates)),
            samples=self._samples(zero_division),
            exact_match=fraction(self.n_exact, self.n_rounds * self.n_full),
            hamming_loss=fraction(wrong, self.n_rounds * n_known),
            n_images=int(np.count_nonzero(self.measured)),
            n_full=self.n_full,
            n_labels=int(np.count_nonzero(labels)),
            n_exact=round(self.n_exact / self.n_rounds),
            n_wrong=round(wrong / self.n_rounds),
            n_known=n_known,
        )

    def _micro(self, zero_division: ZeroDivision) -> Rates:
        hits, claims = int(self.tp.sum()), int(self.predicted.sum())
        truths = self.n_rounds * int(self.positives.sum())
        rates = (fraction(hits, claims), fraction(hits, truths), fraction(2 * hits, claims + truths))
        return Rates(*(substitute(zero_division) if np.isnan(rate) else rate for rate in rates))

    def _samples(self, zero_division: ZeroDivision) -> Rates:
        rates, undefined = self.image_rates[self.measured], self.undefined[self.measured]
        if zero_division is ZeroDivision.LEAVE_OUT:
            defined = (1.0 - undefined).sum(axis=0)
            sums = rates.sum(axis=0)
            return Rates(*(float(sums[i] / defined[i]) if defined[i] else float("nan") for i in range(3)))
        if not len(rates):
            return Rates(float("nan"), float("nan"), float("nan"))
        return Rates(*(rates + substitute(zero_division) * undefined).mean(axis=0).tolist())


def _per_round(total: IntArray, n_rounds: int) -> IntArray:
    return np.asarray(np.rint(total / n_rounds), dtype=np.int64)
