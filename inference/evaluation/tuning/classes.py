"""Goals where an image has one class: biases for argmax, and a threshold under which the winner is rejected."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from inference.choices import CalibrationMethod, DecisionRule, LabelStatus, Objective, Promise
from inference.evaluation.honesty.guarantees import ltt_precision
from inference.evaluation.logit_maps import mapped
from inference.evaluation.rejection import RejectionCuts, Winners, chow_threshold
from inference.evaluation.tuning.class_biases import (
    best_tau,
    free_biases,
    macro_f1,
    prior_biases,
    tau_slopes,
)
from inference.evaluation.tuning.class_data import ClassData
from inference.evaluation.tuning.data import CutShortError
from inference.evaluation.tuning.floors import on_average, percent, plain
from inference.evaluation.tuning.staircase import Staircase
from inference.evaluation.tuning.wording import CLASSES
from inference.types import (
    BoolArray,
    FloatArray,
    Goal,
    LogitMap,
    Proposal,
    ScoreArray,
    Thresholds,
    format_float32,
)

__all__ = ["CLASSES", "MIN_IMAGES", "ClassData", "propose_classes"]

MIN_IMAGES: Final = 75  # of the rarest class; with fewer, free biases do worse on new images than one strength
FEWEST: Final = 10  # images that a class's own bias in a calibration needs
_LARGE: Final = 1_000_000  # logits beyond which sweeps take minutes, and set out from the best place alone


def propose_classes(
    data: ClassData,
    goal: Goal,
    current: Thresholds,
    *,
    locked: BoolArray | None = None,
    biases: FloatArray | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    min_images: int = MIN_IMAGES,
) -> Proposal:
    """What serves the goal, for the argmax rules; the same data give the same proposal.

    It is made from uncalibrated logits: where ``calibration`` or ``biases`` of the proposal is None, there is none.

    Args:
        data: logits and classes.
        goal: for all classes.
        current: (c,) thresholds in force, which argmax does not use, and which locked classes keep where it rejects.
        locked: bool (c,). Free biases leave a locked class's bias alone; rejection leaves its threshold. The rest makes
            allowance. The other goals have nothing of a single class's own to keep.
        biases: (c,) in force, on uncalibrated logits; 0 without.
        cancelled: asked between steps; a proposal cut short proposes nothing and must not be used.
        min_images: of the rarest class, for free biases.

    Returns:
        The proposal. ``low`` and ``high`` are infinite where thresholds decide nothing.

    Raises:
        ValueError: the goal is not for classes, or sizes do not fit.
    """
    if goal.objective not in CLASSES:
        raise ValueError(f"the objective {goal.objective} is for thresholds: use propose")
    if len(current) != data.n_labels:
        raise ValueError(f"{data.n_labels} classes, {len(current)} thresholds")
    kept = np.zeros(data.n_labels, dtype=bool) if locked is None else np.asarray(locked, dtype=bool)
    draft = _Draft(data, goal, current, kept, cancelled)
    if not data.n_images:
        return draft.nothing("No scored image has one known class")
    if data.n_labels < 2:
        return draft.nothing("There is one class only: every image has it")
    try:
        if goal.objective is Objective.ARGMAX:
            return draft.argmax(None, None, "")
        if goal.objective is Objective.PRIOR:
            return draft.prior()
        if goal.objective is Objective.TAU:
            return draft.tau()
        if goal.objective is Objective.BIASES:
            return draft.free(np.zeros(data.n_labels) if biases is None else biases, min_images)
        return draft.reject()
    except CutShortError:
        return draft.nothing("Cancelled")


class _Draft:
    """A proposal in the making."""

    def __init__(
        self, data: ClassData, goal: Goal, current: Thresholds, locked: BoolArray, cancelled: Callable[[], bool]
    ) -> None:
        self._data, self._goal, self._current, self._locked = data, goal, current, locked
        self._cancelled = cancelled

    # -- biases ----------------------------------------------------------------------------------------------------

    def prior(self) -> Proposal:
        """Saerens, Latinne and Decaestecker 2002, on calibrated scores, without which it corrects too little."""
        shift = prior_biases(self._data.counts, self._goal.target_prevalence)
        told = "as stated" if self._goal.target_prevalence else "equally frequent"
        return self.argmax(self._bias_corrected(), shift, f"Corrected for classes that are {told}.")

    def tau(self) -> Proposal:
        """One strength: with so little to choose, it holds on new images from a few hundred images on."""
        calibration = self._bias_corrected()
        logits = mapped(self._data.logits, calibration)
        tau, value = best_tau(logits, self._data.classes, self._goal.smoothed, self._stop)
        here = f"macro F1 {value:.3f} on these images, {self._plain_macro_f1():.3f} without"
        return self.argmax(calibration, tau * tau_slopes(self._data.counts), f"Strength {tau:.2f}: {here}.")

    def free(self, current: FloatArray, min_images: int) -> Proposal:
        """A bias for each class, if there are images enough not to be fooled by them."""
        data = self._data
        movable = np.flatnonzero(~self._locked).tolist()
        if not movable:
            return self.argmax(None, current, "")
        rarest = min(movable, key=lambda label: (data.counts[label], label))
        count = int(data.counts[rarest])
        if count < min_images:
            images = "1 image" if count == 1 else f"{count:,} images" if count else "no image"
            return self.nothing(
                f"The rarest class has {images}, and a bias for every class needs {min_images:,} of each: with fewer "
                "it does worse on new images than one strength for all classes (tau), the goal to choose instead"
            )
        starts = [np.array(current, dtype=np.float64)]
        starts += [np.where(self._locked, current, start) for start in self._starts()]
        found = free_biases(data.logits, data.classes, starts, movable, self._stop)
        if not self._locked.any():
            found = found - found.mean()  # argmax sees differences alone
        value = self._macro_f1(LogitMap.identity(data.n_labels).then_add(found))
        here = f"Macro F1 {value:.3f} on these images, {self._plain_macro_f1():.3f} without biases."
        return self.argmax(None, found, here)

    def _starts(self) -> list[FloatArray]:
        """Biases on uncalibrated logits from which the sweeps set out."""
        data = self._data
        slopes = tau_slopes(data.counts)
        starts = [np.zeros(data.n_labels), 0.5 * slopes, slopes]
        calibration = self._bias_corrected()
        if calibration is not None:
            tau, _ = best_tau(mapped(data.logits, calibration), data.classes, True, self._stop)
            # bias-corrected temperature has one scale for all, so that argmax is that of logit + bias / scale
            starts.append((calibration.shift + tau * slopes) / calibration.scale)
        return starts[-1:] if data.logits.size > _LARGE else starts

    def _bias_corrected(self) -> LogitMap | None:
        from inference.evaluation.calibration.fitting import fitted_classes  # brings scipy

        self._stop()
        data = self._data
        found = fitted_classes(data.logits, data.classes, CalibrationMethod.BIAS_CORRECTED, FEWEST, self._cancelled)
        self._stop()
        return None if all(found.left) else found.logit_map

    def _plain_macro_f1(self) -> float:
        return self._macro_f1(None)

    def _macro_f1(self, logit_map: LogitMap | None) -> float:
        predicted = mapped(self._data.logits, logit_map).argmax(axis=1)
        return macro_f1(self._data.classes, predicted, self._data.n_labels)

    # -- rejection -------------------------------------------------------------------------------------------------

    def reject(self) -> Proposal:
        """One threshold for all classes that are not locked."""
        goal = self._goal
        calibration = None
        if goal.objective is Objective.REJECT_COST and goal.smoothed:
            calibration = self._temperature()
        won = Winners.of(mapped(self._data.logits, calibration), self._data.classes, self._data.activation)
        self._stop()
        fixed = self._locked[won.label]
        accepted = won.accepted(self._current) & fixed
        staircase = won.staircase(~fixed)
        cutting = RejectionCuts.of(
            staircase,
            int(np.count_nonzero(accepted)),
            int(np.count_nonzero(accepted & won.right)),
            int(np.count_nonzero(fixed)),
        )
        if goal.objective is Objective.REJECT_COST:
            return self._at_least_cost(staircase, cutting, won, calibration)
        if goal.objective is Objective.REJECT_COVERAGE:
            return self._rejecting(_place(staircase, cutting.at_coverage(goal.coverage)), won)
        return self._accurate(staircase, cutting, won)

    def _at_least_cost(
        self, staircase: Staircase, cutting: RejectionCuts, won: Winners, calibration: LogitMap | None
    ) -> Proposal:
        goal = self._goal
        best = _place(staircase, cutting.least_cost(goal.cost_fp, goal.cost_fn))
        if not goal.smoothed:
            return self._rejecting(best, won)
        closed = np.float32(chow_threshold(goal.cost_fp, goal.cost_fn))
        more = f"On this folder the least cost is at {format_float32(best)}."
        return self._rejecting(closed, won, more, calibration=calibration)

    def _accurate(self, staircase: Staircase, cutting: RejectionCuts, won: Winners) -> Proposal:
        goal = self._goal
        if goal.promise is Promise.MEASURED:
            cut, reached = cutting.at_accuracy(goal.accuracy)
            if reached:
                return self._rejecting(_place(staircase, cut), won)
            right, of = int(cutting.correct[cut]), int(cutting.accepted[cut])
            reason = (
                f"No threshold reaches an accuracy of {plain(goal.accuracy)} on this folder; the highest is "
                f"{plain(right / of if of else 0.0)} ({right:,} of {of:,} decided are right)."
            )
            return self._rejecting(_place(staircase, cut), won, reason, LabelStatus.UNREACHABLE)
        floor, confidence = goal.accuracy, goal.confidence
        if goal.promise is Promise.EXPECTED:
            floor, confidence = on_average(floor)
        found, reason = ltt_precision(cutting.accepted, cutting.correct, floor, confidence)
        reason = reason.replace("predicted", "decided").replace("a precision", "an accuracy")
        if found is None:
            return self.nothing(f"No promise: {reason}")
        return self._rejecting(_place(staircase, found), won, f"{reason[:1].upper()}{reason[1:]}.")

    def _rejecting(
        self,
        threshold: np.float32,
        won: Winners,
        more: str = "",
        status: LabelStatus = LabelStatus.TUNED,
        calibration: LogitMap | None = None,
    ) -> Proposal:
        values = np.where(self._locked, self._current.values, threshold).astype(np.float32)
        thresholds = Thresholds(values)
        accepted = won.accepted(thresholds)
        n, right = int(np.count_nonzero(accepted)), int(np.count_nonzero(accepted & won.right))
        share = f" ({percent(round(n / len(accepted), 3))})"
        rightly = f", {percent(round(right / n, 3))} of them rightly" if n else ""
        told = f"Decides {n:,} of {len(accepted):,} images{share}{rightly}."
        low, high = won.plateaus(thresholds)
        note = more if status is LabelStatus.UNREACHABLE else ""
        return self._proposal(
            thresholds,
            DecisionRule.ARGMAX_REJECT,
            calibration,
            status=status,
            note=note,
            summary=f"{told} {more}".strip(),
            plateaus=(low, high),
        )

    def _temperature(self) -> LogitMap | None:
        from inference.evaluation.calibration import fitted  # brings scipy

        data = self._data
        y_true = np.ascontiguousarray(data.truth.T)
        found = fitted(data.logits, y_true, data.activation, CalibrationMethod.TEMPERATURE, cancelled=self._cancelled)
        self._stop()
        return None if all(found.left) else found.logit_map

    # -- proposals -------------------------------------------------------------------------------------------------

    def argmax(self, calibration: LogitMap | None, shift: FloatArray | None, summary: str) -> Proposal:
        """Argmax with biases, or without."""
        biases = None if shift is None else LogitMap.identity(self._data.n_labels).then_add(shift)
        return self._proposal(self._current, DecisionRule.ARGMAX, calibration, biases, summary=summary)

    def nothing(self, reason: str) -> Proposal:
        """No proposal: everything stays as it is."""
        sentence = f"{reason}."
        return self._proposal(
            self._current, None, status=LabelStatus.ABSTAINED, note=sentence, summary=sentence, keep_locks=False
        )

    def _proposal(
        self,
        thresholds: Thresholds,
        rule: DecisionRule | None,
        calibration: LogitMap | None = None,
        biases: LogitMap | None = None,
        status: LabelStatus = LabelStatus.TUNED,
        note: str = "",
        summary: str = "",
        plateaus: tuple[ScoreArray, ScoreArray] | None = None,
        keep_locks: bool = True,
    ) -> Proposal:
        n_labels = len(thresholds)
        if plateaus is None:
            ends = (np.full(n_labels, end, dtype=np.float32) for end in (-np.inf, np.inf))
            plateaus = (next(ends), next(ends))
        has_own = self._goal.objective is Objective.BIASES or rule is DecisionRule.ARGMAX_REJECT
        statuses, notes = [status] * n_labels, [note] * n_labels
        for label in range(n_labels):
            if keep_locks and has_own and self._locked[label]:
                statuses[label], notes[label] = LabelStatus.LOCKED, ""
            elif rule is DecisionRule.ARGMAX and biases is not None and not self._data.counts[label]:
                statuses[label] = LabelStatus.TOO_FEW
                notes[label] = "No image has this class: it gets no bias."
        return Proposal(
            self._goal,
            thresholds,
            plateaus[0],
            plateaus[1],
            tuple(statuses),
            tuple(notes),
            rule,
            calibration=calibration,
            biases=biases,
            summary=summary,
        )

    def _stop(self) -> None:
        if self._cancelled():
            raise CutShortError


def _place(staircase: Staircase, cut: int) -> np.float32:
    """The threshold of a cut; 0 where there is nothing to cut or everything is decided."""
    if cut >= len(staircase.rising):
        return np.float32(0.0)
    return staircase.place(cut)
