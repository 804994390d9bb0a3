"""What a goal's thresholds are expected to do on new images: the proposal, made anew for every fold."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from inference.evaluation.honesty.folds import out_of_fold
from inference.evaluation.honesty.scored import never, nowhere
from inference.evaluation.tuning.data import TuningData
from inference.evaluation.tuning.propose import MIN_POSITIVES, propose
from inference.types import BoolArray, Estimate, Goal, Thresholds, ZeroDivision


def expected(
    data: TuningData,
    goal: Goal | Sequence[Goal],
    current: Thresholds,
    *,
    locked: BoolArray | None = None,
    n_folds: int = 5,
    repeats: int = 1,
    confidence: float = 0.9,
    seed: int = 0,
    zero_division: ZeroDivision = ZeroDivision.ZERO,
    cancelled: Callable[[], bool] = never,
    progress: Callable[[int, int], None] = nowhere,
) -> Estimate | None:
    """Pooled out-of-fold counts of `propose` with these arguments; None when cancelled.

    A label that has just enough positives to be tuned lacks some of them while a fold is held out: inside a fold that
    many fewer are enough, so that what is estimated is the tuning that the proposal does.
    """
    enough = MIN_POSITIVES - -(-MIN_POSITIVES // n_folds)

    def tune(part: TuningData) -> Thresholds:
        return propose(part, goal, current, locked=locked, cancelled=cancelled, min_positives=enough).thresholds

    return out_of_fold(
        data,
        tune,
        n_folds=n_folds,
        repeats=repeats,
        confidence=confidence,
        seed=seed,
        zero_division=zero_division,
        min_positives=enough,
        cancelled=cancelled,
        progress=progress,
    )
