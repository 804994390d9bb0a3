"""What the thresholds now in force do: every number on the screen, kept current move by move."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import astuple
from functools import partial

import numpy as np

from inference.evaluation.activations import scores_from_logits
from inference.evaluation.curves import LabelCurve, pr_curve
from inference.evaluation.decisions import decide, passes
from inference.evaluation.editing import CellChanges, Curves
from inference.evaluation.images import ImageCounts
from inference.evaluation.label_counts import LabelCounts
from inference.evaluation.label_metrics import CALIBRATION_BINS, label_rates, quality
from inference.evaluation.logit_maps import mapped
from inference.evaluation.metrics import fraction
from inference.evaluation.moving import FEW, flip_images, move_labels
from inference.evaluation.multiclass import NO_CLASS, classes_of, multiclass_metrics
from inference.evaluation.ranking import ranking_metrics_of
from inference.evaluation.scored_run import ScoredRun, allowed
from inference.types import (
    UNKNOWN,
    Activation,
    Averages,
    BoolArray,
    DecisionRule,
    ImageScores,
    IntArray,
    LabelAverages,
    LabelMetrics,
    LabelQuality,
    LabelRates,
    LogitMap,
    MulticlassMetrics,
    OperatingPoint,
    PRCurve,
    RankingMetrics,
    Run,
    ScoreArray,
    StateArray,
    Thresholds,
    TruthArray,
    TruthEdit,
    ZeroDivision,
    outcomes,
)


class Evaluator(ScoredRun):
    """One run against one set of annotations under one scheme; thresholds and single annotations change afterwards.

    Building sorts every label and belongs in a worker; moving a threshold is two look-ups and editing the truth a few
    sums, and both belong in the frame.
    """

    def __init__(
        self,
        run: Run,
        y_true: TruthArray,
        activation: Activation,
        rule: DecisionRule,
        thresholds: Thresholds,
        *,
        logit_map: LogitMap | None = None,
        k: int = 1,
        measured: BoolArray | None = None,
        cancelled: Callable[[], bool] = lambda: False,
        progress: Callable[[int, int], None] = lambda done, total: None,
    ) -> None:
        """Sort the scored images.

        Args:
            run: logits (n, c); images that are not SCORED are left out.
            y_true: int8 (n, c).
            activation: how logits become scores.
            rule: how scores become labels.
            thresholds: (c,).
            logit_map: calibration and biases, before the activation.
            k: how many labels an image is given at most, where the rule is the k highest.
            measured: bool (n,); the images that are counted, all by default. The others are scored and decided.
            cancelled: asked between labels; an evaluator cut short must not be used.
            progress: told how many labels, of all, are sorted.
        """
        super().__init__(run, activation, rule, logit_map, k)
        self.measured = measured
        # label-major, as scores: a label's truth is looked at far more often than an image's
        self._annotations: TruthArray = np.array(y_true.T if self._all_scored else y_true[self.rows].T, order="C")
        self._truth = self._annotations if measured is None else self._within(measured)
        self._curves = Curves(self._scores, self._truth, partial(allowed, self._winner, self._may))
        for label in range(self.n_labels):
            if cancelled():
                return
            self._curves.append()
            progress(label + 1, self.n_labels)
        self._labels = LabelCounts(
            np.array([curve.positives for curve in self._curves], dtype=np.int64),
            np.array([curve.known for curve in self._curves], dtype=np.int64),
            len(self.rows),
        )
        self._images = ImageCounts(self._truth.T)
        self._start: list[int] = [len(curve) for curve in self._curves]
        self._shown = self._start.copy()  # the starts that the image counts know of
        self._thresholds = Thresholds(np.full(self.n_labels, np.inf, dtype=np.float32))
        self._predict_all(thresholds)
        self._counted_images().settle()  # here and not in the frame that first asks for averages

    def _within(self, measured: BoolArray) -> TruthArray:
        truth = self._annotations.copy()
        truth[:, ~measured[self.rows]] = UNKNOWN
        return truth

    def _predict_all(self, thresholds: Thresholds) -> None:
        self._thresholds = thresholds
        for label in range(self.n_labels):
            self._move(label, thresholds.values[label])

    # -- moving ------------------------------------------------------------------------------------------------

    def set_thresholds(self, thresholds: Thresholds) -> None:
        """Make these the thresholds in force; only labels whose threshold differs cost anything."""
        changed = np.flatnonzero(thresholds.values != self._thresholds.values).tolist()
        self._thresholds = thresholds
        if len(changed) > FEW and self.rule.uses_thresholds:
            self._move_many(changed)
            return
        for label in changed:
            self._move(label, thresholds.values[label])

    def _move(self, label: int, threshold: np.float32) -> None:
        curve = self._curves[label]
        start = curve.start(threshold) if self.rule.uses_thresholds else 0
        self._start[label] = start
        self._labels.put(label, *curve.counts(start))

    def _move_many(self, labels: list[int]) -> None:
        values, curves = self._thresholds.values, [self._curves[label] for label in labels]
        old = [self._start[label] for label in labels]
        new = [curve.start(values[label]) for label, curve in zip(labels, curves, strict=True)]
        for label, start in zip(labels, new, strict=True):
            self._start[label] = start
        move_labels(self._labels, np.array(labels), curves, old, new)

    def _counted_images(self) -> ImageCounts:
        """The image counts, after the images that moves have flipped since they were last asked for."""
        starts = list(zip(self._shown, self._start, strict=True))
        moved = [label for label, (old, new) in enumerate(starts) if old != new]
        if moved:
            old, new = zip(*(starts[label] for label in moved), strict=True)
            flip_images(self._images, [self._curves[label] for label in moved], old, new)
            self._shown = self._start.copy()
        return self._images

    # -- editing -----------------------------------------------------------------------------------------------

    def edit(self, edit: TruthEdit) -> None:
        """The truth of some cells has changed: every number is from now on that of an evaluator built anew.

        The owner of the ``y_true`` that the evaluator was built from has written the same cells into it. What the
        truth was is looked up here, so that an edit given twice changes nothing the second time. Cells of images that
        are not scored are of no account; those of images that are not measured change outcomes alone.
        """
        places, scored = self.places_of(edit.images)
        if not scored.any():
            return
        images = self._counted_images()  # the flips still owed are of the old truth
        rows, labels, after = places[scored], edit.labels[scored], edit.after[scored]
        counted = np.ones(len(rows), dtype=bool) if self.measured is None else self.measured[self.rows[rows]]
        before = self._truth[labels, rows]
        self._annotations[labels, rows] = after
        counted &= before != after
        if not counted.any():
            return
        rows, labels, before, after = rows[counted], labels[counted], before[counted], after[counted]
        self._truth[labels, rows] = after
        may, reaches = self._may_at(labels, rows), self._reaches_at(labels, rows)
        changes = CellChanges.of(rows, labels, before, after, may & reaches)
        self._labels.edit(changes)
        images.edit(changes)
        for label, step in zip(labels.tolist(), (changes.known * (may & ~reaches)).tolist(), strict=True):
            self._start[label] += step
        self._shown = self._start.copy()
        self._curves.touch(rows, labels)

    def _reaches_at(self, labels: IntArray, rows: IntArray) -> BoolArray:
        """Whether these labels reach their thresholds on these scored images, (k,)."""
        if not self.rule.uses_thresholds:
            return np.ones(len(rows), dtype=bool)
        return passes(self._scores[labels, rows], self._thresholds.values[labels])

    # -- reading -----------------------------------------------------------------------------------------------

    @property
    def thresholds(self) -> Thresholds:
        """The thresholds in force."""
        return self._thresholds

    def label_metrics(self) -> LabelMetrics:
        """Counts and rates of every label."""
        return self._labels.metrics()

    def label_averages(self, zero_division: ZeroDivision = ZeroDivision.ZERO) -> LabelAverages:
        """Micro, macro and weighted alone: a recombination of counts that looks at no image."""
        return self._labels.averages(zero_division)

    def averages(self, zero_division: ZeroDivision = ZeroDivision.ZERO) -> Averages:
        """The averages over labels that have a known image, over images that have a known label."""
        labels, images = self._labels, self._counted_images()
        over_labels = labels.averages(zero_division)
        return Averages(
            micro=over_labels.micro,
            macro=over_labels.macro,
            weighted=over_labels.weighted,
            samples=images.rates(zero_division),
            exact_match=images.exact_match(),
            hamming_loss=fraction(labels.n_wrong, labels.n_known),
            n_images=images.n_measured,
            n_full=images.n_full,
            n_labels=labels.n_labels,
            n_exact=images.n_exact,
            n_wrong=labels.n_wrong,
            n_known=labels.n_known,
        )

    def pr_curve(self, label: int) -> PRCurve:
        """The label's curve; under rules without thresholds, what thresholds would give instead."""
        return pr_curve(self._curves[label] if self.rule.uses_thresholds else self._whole_curve(label))

    def _whole_curve(self, label: int) -> LabelCurve:
        """The curve over all known images, also those that another label wins."""
        return LabelCurve.build(self._scores[label], self._truth[label])

    def operating_point(self, label: int) -> OperatingPoint:
        """Where the label's threshold stands on its curve."""
        tp, predicted, positives = self._labels.counts(label)
        return OperatingPoint(
            threshold=float(self._thresholds.values[label]),
            precision=fraction(tp, predicted),
            recall=fraction(tp, positives),
            tp=tp,
            predicted=predicted,
            support=positives,
        )

    def label_outcomes(self, label: int) -> StateArray:
        """The label's Outcome on every image of the dataset, uint8 (n,)."""
        found = outcomes(self._predicted(label), self._annotations[label])
        if self._all_scored:
            return found
        result = np.zeros(self.n_images, dtype=np.uint8)
        result[self.rows] = found
        return result

    def _predicted(self, label: int) -> BoolArray:
        """The scored images that the label is predicted on, (m,)."""
        if self.measured is None:  # a known image is in the curve, and what is said of another nobody asks
            predicted = np.zeros(len(self.rows), dtype=bool)
            predicted[self._curves[label].marked[self._start[label] :] >> np.uint32(1)] = True
            return predicted
        may = self.eligible(label)
        if not self.rule.uses_thresholds:
            assert may is not None
            return may
        passed = passes(self._scores[label], self._thresholds.values[label])
        return passed if may is None else passed & may

    def label_rates(self, beta: float = 1.0) -> LabelRates:
        """F-beta, specificity, Matthews correlation and more of every label at its threshold."""
        return label_rates(self._labels.metrics(), beta)

    def plateau(self, label: int) -> tuple[float, float]:
        """The ends of (low, high]: no threshold between them decides any known image of the label otherwise.

        Infinite where no score follows, and where the rule has no use for thresholds.
        """
        if not self.rule.uses_thresholds:
            return float("-inf"), float("inf")
        low, high = self._curves[label].plateau(self._start[label])
        return float(low), float(high)

    def next_stop(self, label: int, *, up: bool) -> float | None:
        """The nearest threshold, itself a score of the label, that decides fewer (up) or more images as predicted.

        Up from the highest score it is the next float32, which predicts none. None when there is nothing to flip.
        """
        curve, start = self._curves[label], self._start[label]
        if not self.rule.uses_thresholds:
            return None
        low, high = curve.plateau(start)
        if not up:
            return float(low) if start else None
        if start == len(curve):
            return None
        above = int(np.searchsorted(curve.rising, high, side="right"))
        return float(curve.rising[above] if above < len(curve) else np.nextafter(high, np.float32(np.inf)))

    # -- what no threshold changes: passes over all data, for a worker ------------------------------------------

    def label_quality(self, cancelled: Callable[[], bool] = lambda: False) -> LabelQuality:
        """Average precision, ROC AUC, Brier score and calibration error of every label over its known images.

        Some milliseconds a label with 100,000 images. Labels not reached before ``cancelled`` stay NaN.
        """
        found = np.full((4, self.n_labels), np.nan)
        for label in range(self.n_labels):
            if cancelled():
                break
            whole = self._curves[label] if self.rule is DecisionRule.THRESHOLDS else self._whole_curve(label)
            found[:, label] = astuple(quality(whole))
        precision, auc, brier, error = found
        return LabelQuality(precision, auc, brier, error, CALIBRATION_BINS)

    def ranking(self) -> RankingMetrics:
        """How well images rank their labels, by logits: scores tie where the activation saturates."""
        return ranking_metrics_of((logits, self._truth[:, part].T) for part, logits in self.logit_chunks())

    def multiclass(self) -> MulticlassMetrics | None:
        """Accuracy and its kin under an argmax rule; None under thresholds, which may predict any number of classes."""
        winner = self._winner
        if winner is None:
            return None
        reject = self.rule is DecisionRule.ARGMAX_REJECT

        def parts() -> Iterator[tuple[ScoreArray, IntArray, IntArray]]:
            for part, logits in self.logit_chunks():
                predicted = winner[part].astype(np.int64)
                if reject:
                    highest = self._scores[:, part][predicted, np.arange(len(predicted))]
                    predicted[~passes(highest, self._thresholds.values[predicted])] = NO_CLASS
                yield logits, classes_of(self._truth[:, part].T), predicted

        return multiclass_metrics(parts(), self.n_labels, distribution=self.activation is Activation.SOFTMAX)

    # -- images -------------------------------------------------------------------------------------------------

    def labels_per_image(self) -> IntArray:
        """How many fully known images have 0, 1, 2 ... predicted labels."""
        return self._counted_images().predicted_histogram()


def image_scores(
    logits: ScoreArray,
    truth: TruthArray,
    annotated: bool,
    thresholds: Thresholds,
    activation: Activation,
    rule: DecisionRule,
    logit_map: LogitMap | None = None,
    k: int = 1,
) -> ImageScores:
    """What is to be said of one image, straight from its logits (c,), without waiting for an evaluator."""
    row = mapped(logits[None, :], logit_map)
    scores = scores_from_logits(row, activation)
    return ImageScores(
        scores=scores[0],
        thresholds=thresholds.values,
        predicted=decide(row, scores, thresholds.values, rule, k)[0],
        truth=truth.copy() if annotated else np.full_like(truth, UNKNOWN),
        annotated=annotated,
        rule=rule,
        activation=activation,
    )
