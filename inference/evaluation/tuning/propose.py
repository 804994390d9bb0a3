"""Goals to thresholds: one door for every objective."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from inference.choices import LabelStatus, Objective, Promise
from inference.evaluation.tuning.choices import Choices
from inference.evaluation.tuning.data import CutShortError, TuningData
from inference.evaluation.tuning.floors import Answer, measured, promised
from inference.evaluation.tuning.joint import balanced, f_beta, micro_f
from inference.evaluation.tuning.samples import samples_f
from inference.evaluation.tuning.sets import SETS, propose_sets
from inference.evaluation.tuning.single import best_f, least_cost, match_prevalence, youden
from inference.evaluation.tuning.wording import CLASSES, too_few
from inference.types import DEFAULT_THRESHOLD, BoolArray, Goal, IntArray, Proposal, ScoreArray, Thresholds

MIN_POSITIVES = 5  # with fewer, every scheme loses against the threshold that is there

FEWEST = 10  # positives, and negatives, that a calibration of a label's own needs

_FLOORS = (Objective.PRECISION, Objective.RECALL)


def propose(
    data: TuningData,
    goal: Goal | Sequence[Goal],
    current: Thresholds,
    *,
    locked: BoolArray | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    min_positives: int = MIN_POSITIVES,
    calibrated: bool = False,
) -> Proposal:
    """Thresholds that serve the goal; the same data give the same thresholds.

    Smoothed thresholds stand where the smoothed curve is best, exact ones midway between neighbouring scores.

    Args:
        data: scores and annotations.
        goal: one for all labels, or one a label. Goals that make labels answer for one another (balanced, micro-F,
            samples-F, shared) do so among the labels that have the equal goal. Goals that change the rule or the
            calibration (`SETS`) must be one for all labels.
        current: (c,) thresholds in force; what locked labels and labels that cannot be tuned keep.
        locked: bool (c,); labels that keep their threshold, and for which the rest makes allowance.
        cancelled: asked between labels; a proposal cut short holds the thresholds in force and must not be used.
        min_positives: labels with fewer keep their threshold.
        calibrated: the logits went through a calibration already; goals that need one take them as they are.

    Returns:
        The proposal; its ``notes`` hold a sentence or "" for each label, and its ``goal`` is the first of several.

    Raises:
        ValueError: a goal is for classes (`propose_classes`), or one of several changes the rule.
    """
    goals = [goal] * data.n_labels if isinstance(goal, Goal) else list(goal)
    if len(goals) != data.n_labels or len(current) != data.n_labels:
        raise ValueError(f"{data.n_labels} labels, {len(goals)} goals, {len(current)} thresholds")
    kept = np.zeros(data.n_labels, dtype=bool) if locked is None else np.asarray(locked, dtype=bool)
    _check(goals)
    if goals and goals[0].objective in SETS:
        fewest = max(2, FEWEST * min_positives // MIN_POSITIVES)  # as many fewer where a fold is held out
        try:
            return propose_sets(data, goals[0], current, kept, fewest, calibrated, cancelled)
        except CutShortError:
            return _Draft(data, current.values.copy(), kept, cancelled, min_positives).proposal(goals[0])
    draft = _Draft(data, current.values.copy(), kept, cancelled, min_positives)
    try:
        for shared in dict.fromkeys(goals):
            labels = [label for label, each in enumerate(goals) if each == shared]
            draft.serve(shared, labels)
    except CutShortError:
        draft = _Draft(data, current.values.copy(), kept, cancelled, min_positives)
    return draft.proposal(goal if isinstance(goal, Goal) else next(iter(goals), Goal()))


def _check(goals: Sequence[Goal]) -> None:
    several = len(set(goals)) > 1
    for objective in dict.fromkeys(each.objective for each in goals):
        if objective in CLASSES:
            raise ValueError(f"the objective {objective} is for one class an image: use propose_classes")
        if objective in SETS and several:
            raise ValueError(f"the objective {objective} changes the rule for all labels: give it to all of them")


class _Draft:
    """A proposal in the making."""

    def __init__(
        self,
        data: TuningData,
        thresholds: ScoreArray,
        locked: BoolArray,
        cancelled: Callable[[], bool],
        min_positives: int,
    ) -> None:
        self._data = data
        self._thresholds = thresholds
        self._cancelled = cancelled
        self._min_positives = max(1, min_positives)
        self._status = [LabelStatus.LOCKED if is_locked else LabelStatus.TUNED for is_locked in locked]
        self._notes = [""] * data.n_labels

    def serve(self, goal: Goal, labels: list[int]) -> None:
        """Set the thresholds of the labels that share a goal."""
        free = [label for label in labels if self._status[label] is not LabelStatus.LOCKED]
        if goal.objective is Objective.HALF:
            self._thresholds[free] = DEFAULT_THRESHOLD
        elif goal.objective is Objective.SHARED:
            self._share(goal, labels, free)
        elif goal.objective in _FLOORS and goal.promise is not Promise.MEASURED:
            for label in free:
                self._stop()
                self._take(label, promised(self._data.staircase(label), goal, len(free)))
        else:
            free = [label for label in free if self._can_be_tuned(label, goal)]
            if goal.objective is Objective.SAMPLES_F:
                self._tune_samples(goal, labels, free)
            elif goal.objective in (Objective.BALANCED, Objective.MICRO_F):
                self._tune_together(goal, labels, free)
            else:
                self._tune_apart(goal, free)

    def proposal(self, goal: Goal) -> Proposal:
        """What was drafted, with the plateau of every threshold."""
        low, high = np.full((2, self._data.n_labels), np.nan, dtype=np.float32)
        for label, threshold in enumerate(self._thresholds):
            if not self._cancelled():
                staircase = self._data.staircase(label)
                low[label], high[label] = staircase.plateau(staircase.cut_at(threshold))
        return Proposal(goal, Thresholds(self._thresholds), low, high, tuple(self._status), tuple(self._notes))

    # -- helpers -----------------------------------------------------------------------------------------------

    def _stop(self) -> None:
        if self._cancelled():
            raise CutShortError

    def _take(self, label: int, answer: Answer) -> None:
        if answer.threshold is not None:
            self._thresholds[label] = answer.threshold
        self._status[label], self._notes[label] = answer.status, answer.note

    def _can_be_tuned(self, label: int, goal: Goal) -> bool:
        self._stop()
        staircase = self._data.staircase(label)
        wants_negatives = goal.objective is Objective.YOUDEN
        if staircase.positives >= self._min_positives and (staircase.negatives or not wants_negatives):
            return True
        note = too_few(staircase, self._min_positives, float(self._thresholds[label]))
        self._take(label, Answer(None, LabelStatus.TOO_FEW, note))
        return False

    def _options(self, labels: list[int], free: list[int], of: Callable[[int], Choices]) -> list[Choices]:
        """The choices of free labels, and for the others what they have."""
        found, movable = [], set(free)
        for label in labels:
            self._stop()
            if label in movable:
                found.append(of(label))
            else:
                found.append(Choices.fixed(self._data.staircase(label), self._thresholds[label]))
        return found

    def _set(self, labels: list[int], free: list[int], options: list[Choices], picked: IntArray) -> None:
        movable = set(free)
        for label, each, index in zip(labels, options, picked.tolist(), strict=True):
            if label in movable:
                self._thresholds[label] = each.threshold(index)

    # -- objectives --------------------------------------------------------------------------------------------

    def _tune_together(self, goal: Goal, labels: list[int], free: list[int]) -> None:
        if goal.smoothed:
            smoothed = self._data.smoothed(self._cancelled)
            options = self._options(labels, free, smoothed.__getitem__)
            picked = micro_f(options, goal.beta)
        else:
            options = self._options(labels, free, self._data.hull)
            picked = micro_f(options, goal.beta)
        if goal.objective is Objective.BALANCED:
            if not goal.smoothed:  # the sum of two ratios may be best off the hull
                start = [each.pp[index] for each, index in zip(options, picked, strict=True)]
                options = self._options(labels, free, self._data.corners)
                picked = np.array([np.searchsorted(each.pp, pp) for each, pp in zip(options, start, strict=True)])
            picked = balanced(options, picked, goal.beta, self._stop)
        self._set(labels, free, options, picked)

    def _tune_samples(self, goal: Goal, labels: list[int], free: list[int]) -> None:
        start = Goal(Objective.MICRO_F, smoothed=goal.smoothed, beta=goal.beta)
        self._tune_together(start, labels, free)
        rows = np.array(labels, dtype=np.int64)
        self._thresholds[rows] = samples_f(
            [self._data.staircase(label) for label in labels],
            self._data.truth[rows],
            self._thresholds[rows],
            np.flatnonzero(np.isin(rows, free)).tolist(),
            goal.beta,
            self._stop,
            self._data.smoother(self._cancelled) if goal.smoothed else None,
            rows,
        )

    def _tune_apart(self, goal: Goal, free: list[int]) -> None:
        smoothed = self._data.smoothed(self._cancelled) if goal.smoothed and free else []
        for label in free:
            self._stop()
            if goal.objective in _FLOORS:
                self._take(label, measured(smoothed[label] if goal.smoothed else self._data.corners(label), goal))
                continue
            each = smoothed[label] if goal.smoothed else self._exact(label, goal.objective)
            self._thresholds[label] = each.threshold(_pick(each, goal))

    def _exact(self, label: int, objective: Objective) -> Choices:
        if objective is Objective.PREVALENCE:
            staircase = self._data.staircase(label)
            return Choices.of_cuts(staircase, np.arange(len(staircase.pp)))
        return self._data.hull(label)

    def _share(self, goal: Goal, labels: list[int], free: list[int]) -> None:
        """One threshold for the free labels, also for those with few positives; what the others have is counted in."""
        if not free:
            return
        self._stop()
        pooled = self._data.pooled(np.array(free, dtype=np.int64))
        staircase = pooled.staircase(0)
        if not staircase.positives:
            for label in free:
                note = too_few(staircase, 1, float(self._thresholds[label]))
                self._take(label, Answer(None, LabelStatus.TOO_FEW, note))
            return
        self._stop()
        each = pooled.smoothed(self._cancelled)[0] if goal.smoothed else pooled.corners(0)
        others = self._options(sorted(set(labels) - set(free)), [], self._data.hull)
        tp, pp, positives = (
            sum(float(value) for value in values)
            for values in (
                [other.tp[0] for other in others],
                [other.pp[0] for other in others],
                [other.positives for other in others],
            )
        )
        index = int(f_beta(each.tp + tp, each.pp + pp, each.positives + positives, goal.beta).argmax())
        self._thresholds[free] = each.threshold(index)


def _pick(each: Choices, goal: Goal) -> int:
    """The best choice of a label that answers for itself alone."""
    if goal.objective is Objective.MACRO_F:
        return best_f(each, goal.beta)
    if goal.objective is Objective.COST:
        return least_cost(each, goal.cost_fp, goal.cost_fn)
    if goal.objective is Objective.PREVALENCE:
        return match_prevalence(each)
    return youden(each)
