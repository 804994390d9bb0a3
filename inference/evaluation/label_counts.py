"""Label by label counts and rates, kept while thresholds move and truth is edited."""

from __future__ import annotations

import numpy as np

from inference.evaluation.editing import CellChanges
from inference.evaluation.metrics import fraction, ratio, substitute
from inference.types import FloatArray, IntArray, LabelAverages, LabelMetrics, Rates, ZeroDivision


class LabelCounts:
    """True positives and predicted positives of every label, with precision, recall and F1."""

    def __init__(self, positives: IntArray, known: IntArray, n_images: int) -> None:
        """Start with nothing predicted.

        Args:
            positives: (c,) annotated positives among the known images.
            known: (c,) images whose truth under the label is known.
            n_images: scored images.
        """
        n_labels = len(positives)
        self.positives = positives
        self.known = known
        self.tp: IntArray = np.zeros(n_labels, dtype=np.int64)
        self.predicted: IntArray = np.zeros(n_labels, dtype=np.int64)
        self.n_labels = int(np.count_nonzero(known))  # that averages may count
        self.n_known = int(known.sum())  # (image, label) pairs
        self._unknown = n_images - known
        self._truths = int(positives.sum())
        self._hits = self._claims = 0
        # precision, recall, F1; the undefined ones are 0 in _filled and 1 in _gaps, so that averages are products
        self._rates: FloatArray = np.full((3, n_labels), np.nan)
        self._filled: FloatArray = np.zeros((3, n_labels))
        self._gaps: FloatArray = np.ones((3, n_labels))
        self._weigh()
        for label in range(n_labels):
            self.put(label, 0, 0)

    def _weigh(self) -> None:
        # a label without known images counts nowhere: its support is zero anyway
        self._weights: FloatArray = np.stack([self.known > 0, self.positives], axis=1).astype(np.float64)
        self._weight_sums = self._weights.sum(axis=0)

    def put(self, label: int, tp: int, predicted: int) -> None:
        """One label now has these counts."""
        self._hits += tp - int(self.tp[label])
        self._claims += predicted - int(self.predicted[label])
        self.tp[label] = tp
        self.predicted[label] = predicted
        positives = int(self.positives[label])
        for rate, value in enumerate(
            (fraction(tp, predicted), fraction(tp, positives), fraction(2 * tp, predicted + positives))
        ):
            undefined = value != value
            self._rates[rate, label] = value
            self._filled[rate, label] = 0.0 if undefined else value
            self._gaps[rate, label] = undefined

    def put_many(self, labels: IntArray, tp: IntArray, predicted: IntArray) -> None:
        """As `put` for many labels at once, each (m,)."""
        positives = self.positives[labels]
        self._hits += int((tp - self.tp[labels]).sum())
        self._claims += int((predicted - self.predicted[labels]).sum())
        self.tp[labels] = tp
        self.predicted[labels] = predicted
        rates = np.stack([ratio(tp, predicted), ratio(tp, positives), ratio(2 * tp, predicted + positives)])
        undefined = np.isnan(rates)
        self._rates[:, labels] = rates
        self._filled[:, labels] = np.where(undefined, 0.0, rates)
        self._gaps[:, labels] = undefined

    def edit(self, changes: CellChanges) -> None:
        """The truth of some cells has changed."""
        known, positives, tp, predicted = (
            _by_label(changes.labels, change, len(self.known))
            for change in (changes.known, changes.positives, changes.tp, changes.predicted)
        )
        # new arrays, not these changed: what was handed out is the caller's
        self.known = self.known + known
        self.positives = self.positives + positives
        self._unknown = self._unknown - known
        self._truths += int(positives.sum())
        self.n_labels = int(np.count_nonzero(self.known))
        self.n_known = int(self.known.sum())
        self._weigh()
        touched = np.unique(changes.labels)
        self.put_many(touched, self.tp[touched] + tp[touched], self.predicted[touched] + predicted[touched])

    def counts(self, label: int) -> tuple[int, int, int]:
        """True positives, predicted positives and annotated positives of one label."""
        return int(self.tp[label]), int(self.predicted[label]), int(self.positives[label])

    @property
    def n_wrong(self) -> int:
        """Wrong (image, label) pairs."""
        return self._claims + self._truths - 2 * self._hits

    def metrics(self) -> LabelMetrics:
        """Counts and rates of every label; the arrays are the caller's to keep."""
        tp = self.tp.copy()
        fp = self.predicted - tp
        fn = self.positives - tp
        precision, recall, f1 = self._rates.copy()
        return LabelMetrics(
            tp=tp,
            fp=fp,
            fn=fn,
            tn=self.known - self.positives - fp,
            unknown=self._unknown,
            precision=precision,
            recall=recall,
            f1=f1,
        )

    def averages(self, zero_division: ZeroDivision) -> LabelAverages:
        """Micro, macro and weighted, over labels with a known image.

        As in scikit-learn, weights that sum to zero give the plain mean.
        """
        stand_in = substitute(zero_division)
        totals = (self._filled @ self._weights).tolist()
        gaps = (self._gaps @ self._weights).tolist()
        macro, weighted = [], []
        for total, gap in zip(totals, gaps, strict=True):
            plain, by_support = (
                _mean(total[kind], gap[kind], float(self._weight_sums[kind]), stand_in) for kind in (0, 1)
            )
            macro.append(plain)
            weighted.append(plain if by_support != by_support else by_support)
        return LabelAverages(micro=self._micro(stand_in), macro=Rates(*macro), weighted=Rates(*weighted))

    def _micro(self, stand_in: float) -> Rates:
        if not self.n_known:  # nothing was measured, which is not the same as nothing predicted
            return Rates(float("nan"), float("nan"), float("nan"))
        hits, claims, truths = self._hits, self._claims, self._truths
        return Rates(
            precision=hits / claims if claims else stand_in,
            recall=hits / truths if truths else stand_in,
            f1=2 * hits / (claims + truths) if claims + truths else stand_in,
        )


def _by_label(labels: IntArray, changes: IntArray, n_labels: int) -> IntArray:
    """The sum of each label's changes, exact: float64 holds whole numbers up to 2**53."""
    return np.bincount(labels, weights=changes, minlength=n_labels).astype(np.int64)


def _mean(total: float, gap: float, weight: float, stand_in: float) -> float:
    """``gap`` of the ``weight`` belongs to undefined values, which count as ``stand_in`` or, if that is NaN, not."""
    if stand_in != stand_in:
        weight -= gap
        gap = stand_in = 0.0
    return (total + gap * stand_in) / weight if weight else float("nan")
