"""What is said of a tuning stays true when calibration, rule, split or a kept threshold changes around it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from pytestqt.qtbot import QtBot

from app.application import Cutline
from app.assembly import Controllers
from app.demos import demo
from inference.types import (
    Activation,
    BandGoal,
    CalibrationMethod,
    DecisionRule,
    Goal,
    Honesty,
    HonestyState,
    LogitMap,
    Objective,
)
from tests.app.conftest import stop
from tests.app.test_window import LONG, open_and_score, wait_until_scored


def opened(program: Cutline, qtbot: QtBot) -> tuple[Controllers, list[HonestyState]]:
    sheets = demo("sheets")
    open_and_score(program, qtbot, sheets.model, sheets.folder)
    assert program.made is not None
    states: list[HonestyState] = []
    program.made.tuning.honestyChanged.connect(states.append)
    return program.made, states


def settle(made: Controllers, qtbot: QtBot) -> None:
    qtbot.wait(700)  # goals and estimates begin when nothing moves any more
    qtbot.waitUntil(lambda: not made.jobs.busy, timeout=LONG)


def tune(program: Cutline, qtbot: QtBot, goal: Goal) -> None:
    made = program.made
    assert made is not None
    assert program.presenter is not None
    program.presenter.show_tuning_dock()
    made.tuning.set_goal(goal)
    with qtbot.waitSignal(made.tuning.estimateChanged, timeout=LONG, check_params_cb=lambda found: found is not None):
        pass
    settle(made, qtbot)
    made.tuning.apply()


def test_the_estimate_of_a_tuning_that_calibrates_is_kept(program: Cutline, qtbot: QtBot) -> None:
    made, _ = opened(program, qtbot)
    tune(program, qtbot, Goal(Objective.CALIBRATED_HALF))
    tuned = made.tuning.tuned
    assert tuned is not None
    assert tuned.expected is not None
    settle(made, qtbot)  # it proposes anew, under the calibration that is in force now
    settle(made, qtbot)
    again = made.tuning.tuned
    assert again is not None
    assert (again.expected, again.low, again.high) == (tuned.expected, tuned.low, tuned.high)


def test_a_calibration_that_saw_the_held_out_images_is_not_checked_apart(program: Cutline, qtbot: QtBot) -> None:
    made, states = opened(program, qtbot)
    n_labels = len(made.session.decision.thresholds)
    seen = LogitMap(CalibrationMethod.PLATT, np.full(n_labels, 1.1), np.zeros(n_labels))
    made.decisions.set_calibration(seen, made.session.decision.thresholds, "a calibration on all images")
    made.split.hold_out()
    qtbot.waitUntil(lambda: made.session.split is not None, timeout=LONG)
    tune(program, qtbot, Goal())
    kinds = [states[-1].kind]
    other = LogitMap(CalibrationMethod.PLATT, np.full(n_labels, 1.2), np.zeros(n_labels))
    made.decisions.set_calibration(other, made.session.decision.thresholds, "a calibration on the others")
    settle(made, qtbot)
    tune(program, qtbot, Goal())
    kinds.append(states[-1].kind)
    assert kinds == [Honesty.TUNED, Honesty.SEPARATE]


def test_a_restart_knows_the_scheme_that_was_tuned(start: Callable[[], Cutline], qtbot: QtBot) -> None:
    program = start()
    made, _ = opened(program, qtbot)
    tune(program, qtbot, Goal())
    settle(made, qtbot)
    stop(program)
    again = start()
    again.open_last()
    wait_until_scored(again, qtbot)
    made = again.made  # type: ignore[assignment]
    assert made.tuning.in_force
    made.decisions.set_activation(Activation.SOFTMAX)
    assert not made.tuning.in_force
    made.stack.undo()
    assert made.tuning.in_force
    made.decisions.set_rule(DecisionRule.ARGMAX)
    assert not made.tuning.in_force


def test_undone_tuning_is_forgotten_by_the_next_start(start: Callable[[], Cutline], qtbot: QtBot) -> None:
    program = start()
    made, _ = opened(program, qtbot)
    tune(program, qtbot, Goal())
    made.stack.undo()
    assert made.tuning.tuned is None
    settle(made, qtbot)
    stop(program)
    again = start()
    again.open_last()
    wait_until_scored(again, qtbot)
    assert again.made is not None
    assert again.made.tuning.tuned is None


def test_a_locked_threshold_that_moved_after_the_proposal_stays(program: Cutline, qtbot: QtBot) -> None:
    made, _ = opened(program, qtbot)
    made.tuning.set_locked(0, True)
    assert program.presenter is not None
    program.presenter.show_tuning_dock()
    settle(made, qtbot)
    made.decisions.set_threshold(0, 0.9)
    made.tuning.apply()
    assert made.session.decision.thresholds.values[0] == np.float32(0.9)
    assert made.session.decision.thresholds.values[1] != np.float32(0.5)


def test_the_review_band_goes_along_with_the_calibration_in_one_step(program: Cutline, qtbot: QtBot) -> None:
    made, _ = opened(program, qtbot)
    made.review_band.set_wanted(True)
    loads: list[object] = []
    made.review_band.loadChanged.connect(loads.append)
    made.review_band.propose(BandGoal())
    qtbot.waitUntil(lambda: made.session.band is not None, timeout=LONG)
    settle(made, qtbot)
    before, band = loads[-1], made.session.band
    made.calibration.set_wanted(True)
    made.calibration.choose(CalibrationMethod.PLATT)
    qtbot.waitUntil(lambda: made.session.decision.calibration is not None, timeout=LONG)
    settle(made, qtbot)
    assert made.session.band != band
    assert loads[-1] == before
    made.stack.undo()
    assert made.session.decision.calibration is None
    assert made.session.band == band


def test_another_k_is_a_step_of_its_own(program: Cutline, qtbot: QtBot) -> None:
    made, _ = opened(program, qtbot)
    made.decisions.set_k(3)
    made.decisions.set_all_thresholds(0.3)
    made.stack.undo()
    assert made.session.decision.k == 3


def test_the_last_wish_for_a_split_counts(program: Cutline, qtbot: QtBot) -> None:
    made, _ = opened(program, qtbot)
    made.split.hold_out()
    made.split.hold_out()
    made.split.drop()
    settle(made, qtbot)
    assert made.session.split is None
