"""What a goal's thresholds are expected to do on new images: the proposal, made anew for every fold."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from inference.evaluation.honesty.folds import out_of_fold
from inference.evaluation.honesty.scored import never, nowhere
from inference.evaluation.tuning.classes import MIN_IMAGES, ClassData, propose_classes
from inference.evaluation.tuning.data import TuningData
from inference.evaluation.tuning.propose import MIN_POSITIVES, propose
from inference.types import BoolArray, Estimate, FloatArray, Goal, Proposal, Thresholds, ZeroDivision


def expected(
    data: TuningData,
    goal: Goal | Sequence[Goal],
    current: Thresholds,
    *,
    locked: BoolArray | None = None,
    calibrated: bool = False,
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

    def tune(part: TuningData) -> Proposal:
        return propose(
            part,
            goal,
            current,
            locked=locked,
            cancelled=cancelled,
            min_positives=enough,
            calibrated=calibrated,
        )

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


def expected_classes(
    data: ClassData,
    goal: Goal,
    current: Thresholds,
    *,
    locked: BoolArray | None = None,
    biases: FloatArray | None = None,
    n_folds: int = 5,
    repeats: int = 1,
    confidence: float = 0.9,
    seed: int = 0,
    zero_division: ZeroDivision = ZeroDivision.ZERO,
    cancelled: Callable[[], bool] = never,
    progress: Callable[[int, int], None] = nowhere,
) -> Estimate | None:
    """Pooled out-of-fold counts of `propose_classes` with these arguments; None when cancelled.

    Accuracy is ``averages.exact_match``, a rejected image counting as wrong; the accuracy of what is decided is the
    micro precision.
    """
    enough = MIN_IMAGES - -(-MIN_IMAGES // n_folds)

    def tune(part: ClassData) -> Proposal:
        return propose_classes(
            part, goal, current, locked=locked, biases=biases, cancelled=cancelled, min_images=enough
        )

    return out_of_fold(
        data,
        tune,
        n_folds=n_folds,
        repeats=repeats,
        confidence=confidence,
        seed=seed,
        zero_division=zero_division,
        min_positives=1,
        cancelled=cancelled,
        progress=progress,
    )
