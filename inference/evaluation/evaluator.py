"""What the thresholds now in force do: every number on the screen, kept current move by move."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from inference.evaluation.activations import scores_from_logits
from inference.evaluation.curves import LabelCurve, pr_curve
from inference.evaluation.decisions import decide, winners
from inference.evaluation.images import ImageCounts
from inference.evaluation.metrics import fraction, mean, micro_rates, ratio
from inference.types import (
    UNKNOWN,
    Activation,
    Averages,
    DecisionRule,
    ImageScores,
    ImageState,
    IntArray,
    LabelMetrics,
    OperatingPoint,
    PRCurve,
    Rates,
    Run,
    ScoreArray,
    StateArray,
    Thresholds,
    TruthArray,
    ZeroDivision,
    outcomes,
)


class Evaluator:
    """One run against one set of annotations under one activation and rule; only thresholds change afterwards.

    Building sorts every label and belongs in a worker; moving a threshold is two look-ups and belongs in the frame.
    """

    def __init__(
        self,
        run: Run,
        y_true: TruthArray,
        activation: Activation,
        rule: DecisionRule,
        thresholds: Thresholds,
        *,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> None:
        """Sort the scored images.

        Args:
            run: logits (n, c); images that are not SCORED are left out.
            y_true: int8 (n, c).
            activation: how logits become scores.
            rule: how scores become labels.
            thresholds: (c,).
            cancelled: asked between labels; an evaluator cut short must not be used.
        """
        self.activation = activation
        self.rule = rule
        self.n_images, self.n_labels = run.logits.shape
        self.rows = np.flatnonzero(run.state == ImageState.SCORED)
        logits = run.logits[self.rows]
        # label-major: a label's scores and truth are looked at far more often than an image's
        self._scores: ScoreArray = np.ascontiguousarray(scores_from_logits(logits, activation).T)
        self._truth: TruthArray = np.ascontiguousarray(y_true[self.rows].T)
        self._logits = logits
        self._winner = winners(logits) if rule is not DecisionRule.THRESHOLDS and self.n_labels else None
        self._curves: list[LabelCurve] = []
        for label in range(self.n_labels):
            if cancelled():
                break
            self._curves.append(self._curve(label))
        self._images = ImageCounts(self._truth.T)
        self._positives = np.array([curve.positives for curve in self._curves], dtype=np.int64)
        self._known = np.array([curve.known for curve in self._curves], dtype=np.int64)
        self._start = np.array([len(curve.order) for curve in self._curves], dtype=np.int64)
        self._tp = np.zeros(self.n_labels, dtype=np.int64)
        self._predicted = np.zeros(self.n_labels, dtype=np.int64)
        self._thresholds = Thresholds(np.full(self.n_labels, np.inf, dtype=np.float32))
        if len(self._curves) == self.n_labels:
            self._predict_all(thresholds)

    def _curve(self, label: int) -> LabelCurve:
        eligible = None if self._winner is None else self._winner == label
        return LabelCurve.build(self._scores[label], self._truth[label], eligible)

    def _predict_all(self, thresholds: Thresholds) -> None:
        self._thresholds = thresholds
        for label in range(self.n_labels):
            self._move(label, thresholds.values[label])

    # -- moving ------------------------------------------------------------------------------------------------

    def set_thresholds(self, thresholds: Thresholds) -> None:
        """Make these the thresholds in force; only labels whose threshold differs cost anything."""
        changed = np.flatnonzero(thresholds.values != self._thresholds.values)
        self._thresholds = thresholds
        for label in changed.tolist():
            self._move(label, thresholds.values[label])

    def _move(self, label: int, threshold: np.float32) -> None:
        curve = self._curves[label]
        start = 0 if self.rule is DecisionRule.ARGMAX else curve.start(threshold)
        old = int(self._start[label])
        flipped = curve.order[min(old, start) : max(old, start)]
        self._images.flip(flipped, self._truth[label], predicted=start < old)
        self._start[label] = start
        self._tp[label], self._predicted[label] = curve.counts(start)

    # -- reading -----------------------------------------------------------------------------------------------

    @property
    def thresholds(self) -> Thresholds:
        """The thresholds in force."""
        return self._thresholds

    def label_metrics(self) -> LabelMetrics:
        """Counts and rates of every label."""
        tp, predicted, positives = self._tp.copy(), self._predicted, self._positives
        fp = predicted - tp
        return LabelMetrics(
            tp=tp,
            fp=fp,
            fn=positives - tp,
            tn=self._known - positives - fp,
            unknown=len(self.rows) - self._known,
            precision=ratio(tp, predicted),
            recall=ratio(tp, positives),
            f1=ratio(2 * tp, predicted + positives),
        )

    def averages(self, zero_division: ZeroDivision = ZeroDivision.ZERO) -> Averages:
        """The averages over labels that have a known image, over images that have a known label."""
        metrics = self.label_metrics()
        measurable = self._known > 0
        support = self._positives[measurable]

        def over_labels(weights: IntArray | None) -> Rates:
            rates = (metrics.precision, metrics.recall, metrics.f1)
            return Rates(*(mean(rate[measurable], zero_division, weights) for rate in rates))

        n_known = int(self._known.sum())
        n_wrong = int((self._predicted + self._positives - 2 * self._tp).sum())
        return Averages(
            micro=micro_rates(self._tp, self._predicted, self._positives, zero_division),
            macro=over_labels(None),
            weighted=over_labels(support),
            samples=self._images.rates(zero_division),
            exact_match=self._images.exact_match(),
            hamming_loss=fraction(n_wrong, n_known),
            n_images=self._images.n_measured,
            n_full=self._images.n_full,
            n_labels=int(np.count_nonzero(measurable)),
            n_exact=self._images.n_exact,
            n_wrong=n_wrong,
            n_known=n_known,
        )

    def pr_curve(self, label: int) -> PRCurve:
        """The label's curve; under plain argmax, what thresholds would give instead."""
        if self.rule is DecisionRule.ARGMAX:
            return pr_curve(LabelCurve.build(self._scores[label], self._truth[label]))
        return pr_curve(self._curves[label])

    def operating_point(self, label: int) -> OperatingPoint:
        """Where the label's threshold stands on its curve."""
        tp, predicted, positives = (int(counts[label]) for counts in (self._tp, self._predicted, self._positives))
        return OperatingPoint(
            threshold=float(self._thresholds.values[label]),
            precision=fraction(tp, predicted),
            recall=fraction(tp, positives),
            tp=tp,
            predicted=predicted,
            support=positives,
        )

    def label_scores(self, label: int) -> ScoreArray:
        """The label's score on every image of the dataset, (n,); NaN where there is none."""
        scores = np.full(self.n_images, np.nan, dtype=np.float32)
        scores[self.rows] = self._scores[label]
        return scores

    def label_outcomes(self, label: int) -> StateArray:
        """The label's Outcome on every image of the dataset, uint8 (n,)."""
        curve = self._curves[label]
        predicted = np.zeros(len(self.rows), dtype=bool)
        predicted[curve.order[self._start[label] :]] = True
        result = np.zeros(self.n_images, dtype=np.uint8)
        result[self.rows] = outcomes(predicted, self._truth[label])
        return result

    def labels_per_image(self) -> IntArray:
        """How many fully known images have 0, 1, 2 ... predicted labels."""
        return self._images.predicted_histogram()


def image_scores(
    logits: ScoreArray,
    truth: TruthArray,
    annotated: bool,
    thresholds: Thresholds,
    activation: Activation,
    rule: DecisionRule,
) -> ImageScores:
    """What is to be said of one image, straight from its logits (c,), without waiting for an evaluator."""
    row = logits[None, :]
    scores = scores_from_logits(row, activation)
    return ImageScores(
        scores=scores[0],
        thresholds=thresholds.values,
        predicted=decide(row, scores, thresholds.values, rule)[0],
        truth=truth if annotated else np.full_like(truth, UNKNOWN),
        annotated=annotated,
        rule=rule,
        activation=activation,
    )
