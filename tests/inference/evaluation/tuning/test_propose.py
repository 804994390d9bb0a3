"""What a proposal says of every label, and when it keeps its hands off."""

from __future__ import annotations

import numpy as np
import pytest

from inference.choices import LabelStatus, Objective, Promise
from inference.evaluation.honesty.guarantees import clopper_pearson_lower
from inference.evaluation.tuning.data import TuningData
from inference.evaluation.tuning.propose import propose
from inference.evaluation.tuning.sets import SETS
from inference.evaluation.tuning.wording import CLASSES, words
from inference.types import Activation, Goal, Proposal, Thresholds
from tests.inference.evaluation.tuning import brute

OF_THRESHOLDS = [objective for objective in Objective if objective not in (*SETS, *CLASSES)]
ALL_GOALS = [Goal(objective, smoothed) for objective in OF_THRESHOLDS for smoothed in (True, False)] + [
    Goal(objective, promise=promise)
    for objective in (Objective.PRECISION, Objective.RECALL)
    for promise in (Promise.EXPECTED, Promise.CONFIDENT)
]
NAMES = [f"{goal.objective.value}-{goal.smoothed}-{goal.promise.value}" for goal in ALL_GOALS]


def column(positives: list[float], negatives: list[float], unknown: int = 0) -> TuningData:
    """One label, from the logits of its images."""
    logits = np.array([*positives, *negatives, *[0.3] * unknown], np.float32)
    truth = np.array([1] * len(positives) + [0] * len(negatives) + [-1] * unknown, np.int8)
    return TuningData.build(logits[:, None], truth[:, None], Activation.SIGMOID)


def separable(n_positives: int, n_negatives: int) -> TuningData:
    return column(np.linspace(1, 4, n_positives).tolist(), np.linspace(-4, -1, n_negatives).tolist())


def one(data: TuningData, goal: Goal, current: float = 0.5, **more: object) -> tuple[float, LabelStatus, str]:
    proposal = propose(data, goal, Thresholds.uniform(1, current), **more)  # type: ignore[arg-type]
    return float(proposal.thresholds.values[0]), proposal.status[0], proposal.notes[0]


def mixed_folder() -> TuningData:
    """Enough positives; too few; none; no negatives; nothing known."""
    rng = np.random.default_rng(0)
    truth = np.zeros((60, 5), np.int8)
    truth[:20, 0] = 1
    truth[:3, 1] = 1
    truth[:, 3] = 1
    truth[:, 4] = -1
    logits = rng.normal(size=(60, 5)) + 2 * (truth == 1)
    return TuningData.build(logits.astype(np.float32), truth, Activation.SIGMOID)


@pytest.mark.parametrize("goal", ALL_GOALS, ids=NAMES)
def test_every_goal_gives_exact_plateaus_and_the_same_again(goal: Goal) -> None:
    data, current = mixed_folder(), Thresholds.uniform(5, 0.37)
    locked = np.array([False, False, False, False, True])
    proposal = propose(data, goal, current, locked=locked)
    again = propose(data.subset(np.arange(60)), goal, current, locked=locked)
    assert proposal.thresholds == again.thresholds
    assert proposal.notes == again.notes
    assert len(proposal.notes) == len(proposal.status) == 5
    assert proposal.status[4] is LabelStatus.LOCKED
    assert proposal.thresholds.values[4] == np.float32(0.37)
    values, low, high = proposal.thresholds.values, proposal.low, proposal.high
    assert low.dtype == high.dtype == np.float32
    assert ((low < values) & (values <= high)).all()
    here = brute.decided(data, values)
    np.testing.assert_array_equal(brute.decided(data, np.minimum(high, np.float32(2))), here)
    np.testing.assert_array_equal(brute.decided(data, np.nextafter(low, np.float32(np.inf))), here)


@pytest.mark.parametrize(
    "goal", [goal for goal in ALL_GOALS if goal.objective not in (Objective.HALF, Objective.SHARED)], ids=str
)
def test_labels_with_too_few_positives_keep_their_threshold_and_say_so(goal: Goal) -> None:
    proposal = propose(mixed_folder(), goal, Thresholds.uniform(5, 0.37))
    promised = goal.promise is not Promise.MEASURED
    kept = LabelStatus.ABSTAINED if promised else LabelStatus.TOO_FEW
    for label in (1, 2, 4):
        assert proposal.status[label] is kept
        assert proposal.thresholds.values[label] == np.float32(0.37)
        assert proposal.notes[label].endswith(".")
    if not promised:
        assert proposal.notes[1] == "3 positives are too few to tune on (5 are needed): the threshold stays 0.37."
        assert proposal.notes[2] == "No image is annotated positive: the threshold stays 0.37."
        assert proposal.notes[4] == "No scored image is annotated for this label: the threshold stays 0.37."


def test_youden_needs_negatives() -> None:
    proposal = propose(mixed_folder(), Goal(Objective.YOUDEN), Thresholds.uniform(5))
    assert proposal.status[3] is LabelStatus.TOO_FEW
    assert proposal.notes[3] == "No image is annotated negative: the threshold stays 0.5."


@pytest.mark.parametrize("smoothed", [True, False])
@pytest.mark.parametrize("objective", [Objective.BALANCED, Objective.MICRO_F, Objective.MACRO_F, Objective.SAMPLES_F])
def test_a_label_without_negatives_is_predicted_everywhere(objective: Objective, smoothed: bool) -> None:
    values = propose(mixed_folder(), Goal(objective, smoothed), Thresholds.uniform(5)).thresholds.values
    predicted = brute.decided(mixed_folder(), values)[3]
    assert predicted.mean() > (0.95 if smoothed else 0.999)


@pytest.mark.parametrize("smoothed", [True, False])
@pytest.mark.parametrize("objective", OF_THRESHOLDS)
def test_classes_that_lie_apart_are_told_apart(objective: Objective, smoothed: bool) -> None:
    threshold, status, note = one(separable(30, 60), Goal(objective, smoothed))
    assert status is LabelStatus.TUNED
    if smoothed and objective is Objective.RECALL:  # gives away the tenth that it may
        assert threshold > 0.73
        return
    assert 1 / (1 + np.e) < threshold <= 1 / (1 + np.exp(-1.0))
    assert note == ""


def test_unknown_images_change_nothing() -> None:
    rng = np.random.default_rng(4)
    positives, negatives = rng.normal(1, 1, 30).tolist(), rng.normal(-1, 1, 90).tolist()
    for goal in ALL_GOALS:
        assert one(column(positives, negatives), goal) == one(column(positives, negatives, unknown=40), goal)


def test_a_floor_that_cannot_be_reached_says_what_can() -> None:
    data = column([1.0, 0.0, -1.0, -1.0, -1.0], [2.0, 3.0, 0.5])
    threshold, status, note = one(data, Goal(Objective.PRECISION, False, floor=0.9))
    assert status is LabelStatus.UNREACHABLE
    assert note == (
        "No threshold reaches a precision of 0.90 on this folder; the highest is 0.625 (5 of 8 predicted are correct)."
    )
    assert threshold < 1 / (1 + np.e)


def test_a_smoothed_floor_says_where_the_folder_misses_it() -> None:
    found = []
    for seed in range(10, 15):
        rng = np.random.default_rng(seed)
        data = column(rng.normal(1, 1, 200).tolist(), rng.normal(-1, 1, 400).tolist())
        threshold, status, note = one(data, Goal(Objective.PRECISION, floor=0.8))
        tp, pp, _ = brute.counts(data, brute.decided(data, np.array([threshold], np.float32)))
        assert status is LabelStatus.TUNED
        assert (note != "") == bool(tp[0] / pp[0] < 0.8)
        found.append(note)
    assert any(note.startswith("The smoothed precision is at the goal; on this folder it is 0.") for note in found)


def test_a_confident_precision_is_one_that_the_test_shows() -> None:
    rng = np.random.default_rng(0)
    data = column(rng.normal(2, 1, 300).tolist(), rng.normal(-1, 1, 900).tolist())
    goal = Goal(Objective.PRECISION, floor=0.9, promise=Promise.CONFIDENT)
    threshold, status, note = one(data, goal)
    tp, pp, _ = brute.counts(data, brute.decided(data, np.array([threshold], np.float32)))
    assert status is LabelStatus.TUNED
    assert clopper_pearson_lower(int(tp[0]), int(pp[0]), 0.9) >= 0.9
    assert f"{int(tp[0])} of {int(pp[0])} predicted are correct" in note
    measured, _, _ = one(data, Goal(Objective.PRECISION, False, floor=0.9))
    assert measured < threshold
    expected, status, _ = one(data, Goal(Objective.PRECISION, floor=0.9, promise=Promise.EXPECTED))
    assert status is LabelStatus.TUNED
    assert expected > measured


def test_a_promise_that_covers_all_labels_is_harder_to_give() -> None:
    part = separable(25, 60)
    data = TuningData(part.margins.repeat(4, axis=0), part.scores.repeat(4, axis=0), part.truth.repeat(4, axis=0))
    current = Thresholds.uniform(4)
    goal = Goal(Objective.PRECISION, floor=0.9, promise=Promise.CONFIDENT)
    assert set(propose(data, goal, current).status) == {LabelStatus.TUNED}
    together = Goal(Objective.PRECISION, floor=0.9, promise=Promise.CONFIDENT, covers_all=True)
    # 1 - 0.1 / 4 needs 36 correct in a row, and 25 are there
    assert set(propose(data, together, current).status) == {LabelStatus.ABSTAINED}
    locked = np.array([True, True, True, False])
    assert propose(data, together, current, locked=locked).status[3] is LabelStatus.TUNED


def test_promises_abstain_with_numbers() -> None:
    _, status, note = one(separable(10, 4), Goal(Objective.PRECISION, promise=Promise.CONFIDENT), 0.7)
    assert status is LabelStatus.ABSTAINED
    assert note == "No promise: needs at least 22 predicted images, all correct; you have 14."
    _, status, note = one(separable(14, 50), Goal(Objective.RECALL, promise=Promise.CONFIDENT), 0.7)
    assert status is LabelStatus.ABSTAINED
    assert note == ("No promise: a recall of 0.90 with 90 % confidence needs at least 22 positives; you have 14.")
    threshold, status, note = one(separable(8, 50), Goal(Objective.RECALL, promise=Promise.EXPECTED), 0.7)
    assert status is LabelStatus.ABSTAINED
    assert note == "No promise: a recall of 0.90 on average needs at least 9 positives; you have 8."
    assert threshold == pytest.approx(0.7)
    _, _, note = one(separable(50, 50), Goal(Objective.RECALL, floor=1.0, promise=Promise.CONFIDENT))
    assert note.startswith("No promise: no number of images can promise a recall of 1.00")


def test_promised_recall_misses_as_many_as_the_rule_allows() -> None:
    data = separable(99, 50)
    _, status, note = one(data, Goal(Objective.RECALL, promise=Promise.EXPECTED))
    assert (status, note) == (LabelStatus.TUNED, "Finds 90 of the 99 positives here.")
    _, status, note = one(data, Goal(Objective.RECALL, promise=Promise.CONFIDENT))
    assert (status, note) == (LabelStatus.TUNED, "Finds 94 of the 99 positives here.")


def test_a_cancelled_proposal_holds_the_thresholds_in_force() -> None:
    data, current = mixed_folder(), Thresholds.uniform(5, 0.37)
    asked: list[int] = []

    def at_the_second_look() -> bool:
        asked.append(1)
        return len(asked) >= 2

    for goal in ALL_GOALS:
        asked.clear()
        fresh = data.subset(np.arange(60))  # no curve is built yet
        proposal: Proposal = propose(fresh, goal, current, cancelled=at_the_second_look)
        if goal.objective is not Objective.HALF:
            assert proposal.thresholds == current
    assert not data.prepare(lambda: True)
    assert data.prepare()


def test_goals_must_be_as_many_as_labels() -> None:
    with pytest.raises(ValueError, match="5 labels, 2 goals"):
        propose(mixed_folder(), [Goal(), Goal()], Thresholds.uniform(5))


def test_goals_in_words() -> None:
    assert words(Goal(Objective.PRECISION)) == "recall as high as possible with precision at least 0.90"
    assert words(Goal(Objective.RECALL, floor=0.975, promise=Promise.EXPECTED)) == (
        "precision as high as possible with recall at least 0.975 on average over new images"
    )
    assert words(Goal(Objective.PRECISION, promise=Promise.CONFIDENT, covers_all=True)) == (
        "recall as high as possible with precision at least 0.90 on new images, with 90 % confidence "
        "for all labels together"
    )
    assert words(Goal(Objective.MACRO_F, beta=2)) == "F-beta (beta 2) of each label as high as possible"
    assert words(Goal(Objective.COST, cost_fn=4.5)) == "least cost, a false positive costing 1 and a false negative 4.5"
    assert len({words(Goal(objective)) for objective in Objective}) == len(Objective)
