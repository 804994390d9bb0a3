"""Goals of classes, of sets and of single labels in the real window; what is held out, where thresholds fall."""

from __future__ import annotations

import math

import numpy as np
import pytest
from pytestqt.qtbot import QtBot
from sklearn import metrics as sk

from app.application import Cutline
from app.controllers.tuning_work import Workshop
from app.demos import demo
from inference.evaluation.evaluator import Evaluator
from inference.types import (
    Activation,
    CalibrationMethod,
    DecisionRule,
    Goal,
    Honesty,
    ImageState,
    LabelMetrics,
    LogitMap,
    Objective,
    Proposal,
    Run,
    Split,
    Task,
    ThresholdIntervals,
    Thresholds,
)
from tests.app.test_tuning import honesty_of, proposal_for
from tests.app.test_window import LONG, open_and_score
from widgets.tuning.columns import Column


@pytest.fixture
def sheets(program: Cutline, qtbot: QtBot) -> Cutline:
    one = demo("sheets")
    open_and_score(program, qtbot, one.model, one.folder)
    return program


@pytest.fixture
def digits(program: Cutline, qtbot: QtBot) -> Cutline:
    one = demo("digits")
    open_and_score(program, qtbot, one.model, one.folder)
    return program


def settle(program: Cutline, qtbot: QtBot) -> None:
    made = program.made
    assert made is not None
    qtbot.waitUntil(lambda: not made.jobs.busy and made.evaluation.settled, timeout=LONG)


def scored(program: Cutline) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Logits, truth and indices of the scored images."""
    assert program.made is not None
    session = program.made.session
    assert session.run is not None
    assert session.dataset is not None
    rows = np.flatnonzero(session.run.state == ImageState.SCORED)
    return session.run.logits[rows], session.dataset.y_true[rows], rows


def goals_offered(program: Cutline) -> tuple[Objective, ...]:
    assert program.window.workbench is not None
    return program.window.workbench.tuning._form.offered()


# One class an image


def test_classes_are_offered_their_own_goals(digits: Cutline, qtbot: QtBot) -> None:
    made, bench = digits.made, digits.window.workbench
    assert made is not None
    assert bench is not None
    assert made.session.dataset is not None
    assert made.session.dataset.task is Task.MULTICLASS
    made.tuning.set_wanted(True)
    assert Objective.BIASES in goals_offered(digits)
    assert Objective.TOP_K not in goals_offered(digits)
    assert (Objective.BALANCED in goals_offered(digits)) == (not made.session.decision.rule.one_label)
    assert made.tuning.goal.objective in goals_offered(digits)
    assert bench.tuning.goal() == made.tuning.goal


def test_class_biases_are_applied_with_the_rule_as_one_step(digits: Cutline, qtbot: QtBot) -> None:
    made, bench = digits.made, digits.window.workbench
    assert made is not None
    assert bench is not None
    before = made.session.decision
    shares = (0.91, *(0.01,) * 9)
    proposal = proposal_for(digits, qtbot, Goal(Objective.PRIOR, target_prevalence=shares))
    settle(digits, qtbot)
    assert proposal.biases is not None
    said = bench.tuning._apply.text()
    assert "biases of 10 classes" in said
    assert not bench.tuning._view.isColumnHidden(Column.BIAS)
    made.tuning.apply()
    settle(digits, qtbot)
    decision = made.session.decision
    assert (decision.rule, decision.biases) == (DecisionRule.ARGMAX, proposal.biases)
    assert decision.calibration == proposal.calibration
    logits, truth, _ = scored(digits)
    assert decision.logit_map is not None
    winners = (logits * decision.logit_map.scale + decision.logit_map.shift).argmax(axis=1)
    assert made.evaluation.evaluator is not None
    predicted = made.evaluation.evaluator.label_metrics().predicted
    known = (truth >= 0).all(axis=1)
    assert predicted.tolist() == np.bincount(winners[known], minlength=10).tolist()
    made.stack.undo()
    assert made.session.decision == before
    assert not made.stack.canUndo()


def test_what_a_proposal_for_classes_gives_is_told_before_it_is_applied(digits: Cutline, qtbot: QtBot) -> None:
    made = digits.made
    assert made is not None
    told: list[tuple[Proposal | None, LabelMetrics | None]] = []
    flips: list[int] = []
    made.tuning.proposalChanged.connect(lambda proposal, metrics, _: told.append((proposal, metrics)))
    made.tuning.flipsChanged.connect(lambda _, total: flips.append(total))
    proposal_for(digits, qtbot, Goal(Objective.PRIOR, target_prevalence=(0.91, *(0.01,) * 9)))
    qtbot.waitUntil(lambda: told[-1][1] is not None and bool(flips) and flips[-1] > 0, timeout=LONG)
    settle(digits, qtbot)
    made.tuning.apply()
    settle(digits, qtbot)
    after = made.evaluation.evaluator
    assert after is not None
    shown = next(metrics for _, metrics in told if metrics is not None)
    np.testing.assert_array_equal(shown.tp, after.label_metrics().tp)


def test_rejection_brings_its_rule(digits: Cutline, qtbot: QtBot) -> None:
    made = digits.made
    assert made is not None
    proposal = proposal_for(digits, qtbot, Goal(Objective.REJECT_COVERAGE, coverage=0.8))
    settle(digits, qtbot)
    made.tuning.apply()
    settle(digits, qtbot)
    assert made.session.decision.rule is DecisionRule.ARGMAX_REJECT
    assert made.session.decision.thresholds == proposal.thresholds
    assert made.evaluation.evaluator is not None
    per_image = made.evaluation.evaluator.labels_per_image()
    assert per_image[1] / per_image.sum() == pytest.approx(0.8, abs=0.02)


# Any number of labels an image


def test_top_k_brings_its_rule_and_does_not_flatter(sheets: Cutline, qtbot: QtBot) -> None:
    made = sheets.made
    assert made is not None
    proposal_for(sheets, qtbot, Goal(Objective.TOP_K, k=2))
    settle(sheets, qtbot)
    made.tuning.apply()
    settle(sheets, qtbot)
    assert (made.session.decision.rule, made.session.decision.k) == (DecisionRule.TOP_K, 2)
    assert honesty_of(sheets).kind is Honesty.BY_HAND  # nothing was fitted to the folder
    assert made.evaluation.evaluator is not None
    assert made.evaluation.evaluator.labels_per_image()[2:3].sum() == made.evaluation.evaluator.labels_per_image().sum()


def test_calibrated_half_fits_a_calibration(sheets: Cutline, qtbot: QtBot) -> None:
    made = sheets.made
    assert made is not None
    proposal_for(sheets, qtbot, Goal(Objective.CALIBRATED_HALF))
    settle(sheets, qtbot)
    before = made.session.decision
    made.tuning.apply()
    settle(sheets, qtbot)
    assert made.session.decision.calibration is not None
    assert made.session.decision.calibration.method is CalibrationMethod.PLATT
    assert honesty_of(sheets).kind is Honesty.TUNED
    made.stack.undo()
    assert made.session.decision == before


def test_goals_of_single_labels_are_served_beside_the_others(sheets: Cutline, qtbot: QtBot) -> None:
    made, bench = sheets.made, sheets.window.workbench
    assert made is not None
    assert bench is not None
    alone = proposal_for(sheets, qtbot, Goal(Objective.MACRO_F))
    bench.tuning._label_goals.goalSet.emit([2], Goal(Objective.RECALL, floor=0.99, smoothed=False))
    assert made.tuning.label_goals == {2: Goal(Objective.RECALL, floor=0.99, smoothed=False)}
    found: list[Proposal] = []
    made.tuning.proposalChanged.connect(lambda proposal, *_: found.append(proposal) if proposal else None)
    qtbot.waitUntil(lambda: bool(found), timeout=LONG)
    logits, truth, _ = scored(sheets)
    scores = (1 / (1 + np.exp(-logits.astype(np.float64)))).astype(np.float32)
    known = truth[:, 2] >= 0
    recall = sk.recall_score(truth[known, 2], scores[known, 2] >= found[-1].thresholds.values[2])
    assert recall >= 0.99
    others = np.arange(len(alone.thresholds)) != 2
    np.testing.assert_array_equal(found[-1].thresholds.values[others], alone.thresholds.values[others])
    settle(sheets, qtbot)
    made.tuning.apply()
    assert made.tuning.tuned is not None
    assert "1 label for its own" in made.tuning.tuned.goal


# Where thresholds fall


def test_thresholds_come_with_where_they_fall(sheets: Cutline, qtbot: QtBot) -> None:
    made = sheets.made
    assert made is not None
    found: list[ThresholdIntervals] = []
    made.tuning.thresholdIntervalsChanged.connect(lambda intervals: found.append(intervals) if intervals else None)
    proposal = proposal_for(sheets, qtbot, Goal())
    qtbot.waitUntil(lambda: bool(found), timeout=LONG)
    low, high = found[-1].low, found[-1].high
    assert (low <= high).all()
    assert (low < high).any()
    inside = (low <= proposal.thresholds.values) & (proposal.thresholds.values <= high)
    assert inside.mean() > 0.8


# What is held out


def test_what_is_tuned_apart_is_checked_on_the_images_held_out(sheets: Cutline, qtbot: QtBot) -> None:
    made, bench = sheets.made, sheets.window.workbench
    assert made is not None
    assert bench is not None
    made.tuning.set_wanted(True)
    bench.tuning.holdOutRequested.emit()
    qtbot.waitUntil(lambda: made.session.split is not None, timeout=LONG)
    settle(sheets, qtbot)
    assert made.session.split is not None
    assert honesty_of(sheets).kind is Honesty.BY_HAND
    proposal = proposal_for(sheets, qtbot, Goal())
    made.tuning.apply()
    qtbot.waitUntil(lambda: not math.isnan(honesty_of(sheets).low), timeout=LONG)
    state = honesty_of(sheets)
    assert state.kind is Honesty.SEPARATE
    logits, truth, rows = scored(sheets)
    held = made.session.split.measured[rows]
    assert (state.n_tuned, state.n_images) == (int((~held).sum()), int((truth[held] >= 0).any(axis=1).sum()))
    scores = (1 / (1 + np.exp(-logits.astype(np.float64)))).astype(np.float32)
    decided = scores >= proposal.thresholds.values
    known = truth[held] >= 0
    f1 = sk.f1_score(truth[held][known], decided[held][known])
    assert state.measured == pytest.approx(f1, abs=1e-9)
    assert state.low < f1 < state.high
    made.decisions.set_threshold(0, 0.9)
    assert (honesty_of(sheets).kind, honesty_of(sheets).modified) == (Honesty.SEPARATE, True)
    made.stack.undo()
    assert (honesty_of(sheets).kind, honesty_of(sheets).modified) == (Honesty.SEPARATE, False)
    bench.tuning.holdOutDropped.emit()
    settle(sheets, qtbot)
    assert honesty_of(sheets).kind is Honesty.TUNED  # now measured on images that were tuned on, too


def test_thresholds_tuned_before_the_split_are_not_called_separate(sheets: Cutline, qtbot: QtBot) -> None:
    made = sheets.made
    assert made is not None
    proposal_for(sheets, qtbot, Goal())
    made.tuning.apply()
    made.split.hold_out()
    qtbot.waitUntil(lambda: made.session.split is not None, timeout=LONG)
    settle(sheets, qtbot)
    assert honesty_of(sheets).kind is Honesty.TUNED


def test_undo_comes_back_to_what_was_tuned_before(sheets: Cutline, qtbot: QtBot) -> None:
    made = sheets.made
    assert made is not None
    first = proposal_for(sheets, qtbot, Goal())
    made.tuning.apply()
    proposal_for(sheets, qtbot, Goal(Objective.MACRO_F, beta=3))
    made.tuning.apply()
    made.stack.undo()
    assert made.session.decision.thresholds == first.thresholds
    assert not honesty_of(sheets).modified
    assert made.tuning.in_force
    made.stack.undo()
    assert honesty_of(sheets).kind is Honesty.BY_HAND  # as before anything was tuned
    assert made.session.decision.thresholds == Thresholds.uniform(len(first.thresholds))


def test_another_split_makes_what_was_tuned_apart_flatter_again(sheets: Cutline, qtbot: QtBot) -> None:
    made = sheets.made
    assert made is not None
    made.split.hold_out()
    qtbot.waitUntil(lambda: made.session.split is not None, timeout=LONG)
    settle(sheets, qtbot)
    proposal_for(sheets, qtbot, Goal())
    made.tuning.apply()
    assert honesty_of(sheets).kind is Honesty.SEPARATE
    assert made.session.split is not None
    made.session.set_split(Split(~made.session.split.measured, "split: other"))
    settle(sheets, qtbot)
    assert honesty_of(sheets).kind is Honesty.TUNED


@pytest.mark.parametrize("calibrated", [False, True])
def test_tuning_never_sees_what_is_held_out(calibrated: bool) -> None:
    rng = np.random.default_rng(5)
    logits = rng.normal(size=(60, 3)).astype(np.float32)
    truth = (rng.random((60, 3)) < 0.4).astype(np.int8)
    measured = rng.random(60) < 0.3
    run = Run(logits, np.full(60, ImageState.SCORED, dtype=np.uint8))
    logit_map = LogitMap(CalibrationMethod.PLATT, np.full(3, 2.0), np.ones(3)) if calibrated else None
    evaluator = Evaluator(
        run,
        truth,
        Activation.SIGMOID,
        DecisionRule.THRESHOLDS,
        Thresholds.uniform(3),
        logit_map=logit_map,
        measured=measured,
    )
    shop = Workshop(evaluator, run, truth)
    assert shop.n_images == (~measured).sum()
    np.testing.assert_array_equal(shop.raw()[0], logits[~measured])
    np.testing.assert_array_equal(shop.data(raw=True).margins.T, logits[~measured])
    np.testing.assert_array_equal(shop.data(raw=False).truth.T, truth[~measured])
    expected = logits[~measured] * 2 + 1 if calibrated else logits[~measured]
    np.testing.assert_allclose(shop.data(raw=False).margins.T, expected, rtol=1e-6)
