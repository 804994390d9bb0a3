"""Calibration in the real program: fitted in the background, on and off as one step, decisions kept."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.application import Cutline
from app.controllers.calibration import CalibrationController
from app.demos import demo
from app.session import Decision, Session
from inference.evaluation.activations import scores_from_logits
from inference.evaluation.calibration import fit
from inference.evaluation.calibration.judging import compare
from inference.evaluation.decisions import decide
from inference.evaluation.logit_maps import mapped
from inference.evaluation.pictures import reliability
from inference.types import (
    Activation,
    BoolArray,
    CalibrationEvidence,
    CalibrationMethod,
    CarriedDecisions,
    ImageState,
    Reliability,
    ScoreArray,
    Split,
    TruthArray,
)
from tests.app.test_window import LONG, open_and_score

NONE, PLATT, ISOTONIC = CalibrationMethod.NONE, CalibrationMethod.PLATT, CalibrationMethod.ISOTONIC
TEMPERATURE = CalibrationMethod.TEMPERATURE


@dataclass
class Stage:
    """The controller on the program's own session, and what it said last."""

    program: Cutline
    controller: CalibrationController
    qtbot: QtBot
    evidence: CalibrationEvidence | None = None
    method: CalibrationMethod = NONE
    stale: bool = False
    carried: CarriedDecisions | None = None
    before: Reliability | None = None
    n_evidence: int = 0

    @property
    def session(self) -> Session:
        assert self.program.made is not None
        return self.program.made.session

    @property
    def decision(self) -> Decision:
        return self.session.decision

    def listen(self) -> None:
        told = self.controller
        told.evidenceChanged.connect(lambda evidence: setattr(self, "evidence", evidence))
        told.methodChanged.connect(lambda method: setattr(self, "method", method))
        told.staleChanged.connect(lambda stale: setattr(self, "stale", stale))
        told.carriedChanged.connect(lambda carried: setattr(self, "carried", carried))
        told.beforeChanged.connect(lambda before: setattr(self, "before", before))

    def fitted(self) -> CalibrationEvidence:
        self.controller.set_wanted(True)
        self.qtbot.waitUntil(lambda: self.evidence is not None, timeout=LONG)
        assert self.evidence is not None
        return self.evidence

    def choose(self, method: CalibrationMethod) -> None:
        """And wait until it is in force."""
        self.controller.choose(method)

        def in_force() -> bool:
            now = self.decision.calibration
            return (NONE if now is None else now.method) is method

        self.qtbot.waitUntil(in_force, timeout=LONG)

    def data(self) -> tuple[ScoreArray, TruthArray]:
        session = self.session
        assert session.run is not None
        assert session.dataset is not None
        rows = session.run.state == ImageState.SCORED
        return session.run.logits[rows], session.dataset.y_true[rows]

    def decided(self) -> BoolArray:
        """From the logits alone, as the decision in force has it."""
        own, now = mapped(self.data()[0], self.decision.logit_map), self.decision
        return decide(own, scores_from_logits(own, now.activation), now.thresholds.values, now.rule, now.k)


@pytest.fixture
def stage(program: Cutline, qtbot: QtBot) -> Stage:
    one = demo("sheets")
    open_and_score(program, qtbot, one.model, one.folder)
    made = program.made
    assert made is not None
    controller = CalibrationController(made.session, made.jobs, made.evaluation, made.decisions, made.jobs)
    stage = Stage(program, controller, qtbot)
    stage.listen()
    return stage


def test_nothing_is_fitted_unasked_and_nothing_is_applied_unasked(stage: Stage) -> None:
    made = stage.program.made
    assert made is not None
    stage.qtbot.waitUntil(lambda: not made.jobs.busy, timeout=LONG)  # the project may still be saved
    assert stage.evidence is None
    evidence = stage.fitted()
    assert [report.method for report in evidence.reports] == [TEMPERATURE, PLATT, ISOTONIC]
    assert stage.decision.calibration is None
    assert stage.method is NONE


def test_the_evidence_is_of_the_logits_as_they_are(stage: Stage) -> None:
    found = compare(*stage.data(), Activation.SIGMOID)
    assert found is not None
    assert stage.fitted().before.overall == found.evidence.before.overall


@pytest.mark.parametrize("method", [TEMPERATURE, PLATT, ISOTONIC])
def test_on_is_one_step_that_changes_scores_and_no_decision(stage: Stage, method: CalibrationMethod) -> None:
    made = stage.program.made
    assert made is not None
    made.decisions.set_threshold(1, 0.31)
    start, before, steps = stage.decision, stage.decided(), made.stack.count()
    stage.fitted()
    stage.choose(method)
    assert stage.method is method
    assert not stage.stale
    assert stage.decision.calibration == fit(*stage.data(), Activation.SIGMOID, method)
    assert stage.decision.thresholds != start.thresholds
    np.testing.assert_array_equal(stage.decided(), before)
    assert stage.carried == CarriedDecisions(method, 0, len(before))
    assert made.stack.count() == steps + 1
    assert "calibration" in made.stack.undoText()
    made.stack.undo()
    assert stage.decision == start
    assert stage.carried is None
    assert stage.method is NONE
    made.stack.redo()
    assert stage.method is method


def test_off_is_where_it_was_but_for_what_was_moved(stage: Stage) -> None:
    made = stage.program.made
    assert made is not None
    for label, value in enumerate((0.31, 0.5, 0.77)):
        made.decisions.set_threshold(label, value)
    start = stage.decision.thresholds
    stage.fitted()
    for method in (PLATT, ISOTONIC, TEMPERATURE, NONE):
        stage.choose(method)
    assert stage.decision.thresholds == start
    stage.choose(PLATT)
    made.decisions.set_threshold(1, 0.123)
    before = stage.decided()
    stage.choose(NONE)
    np.testing.assert_array_equal(stage.decided(), before)
    moved = stage.decision.thresholds.values != start.values
    assert moved.tolist() == [label == 1 for label in range(len(moved))]


def test_on_and_off_fit_nothing_anew(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.fitted()
    evidence = stage.evidence

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("fitted again")

    monkeypatch.setattr("app.controllers.calibration.compare", refuse)
    for method in (PLATT, NONE, PLATT, ISOTONIC):
        stage.choose(method)
    assert stage.evidence is evidence


def test_what_is_chosen_before_it_is_fitted_comes_when_it_is(stage: Stage) -> None:
    stage.choose(PLATT)
    assert stage.decision.calibration == fit(*stage.data(), Activation.SIGMOID, PLATT)


def test_it_is_fitted_to_the_part_that_nothing_is_measured_on(stage: Stage) -> None:
    logits, truth = stage.data()
    measured = np.zeros(len(logits), dtype=bool)
    measured[::3] = True
    stage.fitted()
    stage.choose(PLATT)
    stage.session.set_split(Split(measured, "a third held out"))
    stage.qtbot.waitUntil(
        lambda: stage.evidence is not None and stage.evidence.n_images == (~measured).sum(), timeout=LONG
    )
    assert stage.stale  # the map in force has seen what is held out
    before = stage.decided()
    stage.controller.choose(PLATT)
    expected = fit(logits[~measured], truth[~measured], Activation.SIGMOID, PLATT)
    stage.qtbot.waitUntil(lambda: stage.decision.calibration == expected, timeout=LONG)
    assert not stage.stale
    np.testing.assert_array_equal(stage.decided(), before)  # also of the part held out


def test_another_activation_has_other_methods(stage: Stage) -> None:
    made = stage.program.made
    assert made is not None
    stage.fitted()
    made.decisions.set_activation(Activation.SOFTMAX)
    stage.qtbot.waitUntil(lambda: stage.evidence is not None and len(stage.evidence.reports) == 2, timeout=LONG)


def test_the_picture_gets_the_scores_before(stage: Stage) -> None:
    stage.session.set_label(1)
    stage.controller.tell_before()
    assert stage.before is None  # nothing is calibrated
    stage.fitted()
    stage.choose(PLATT)
    stage.controller.tell_before()
    logits, truth = stage.data()
    plain = reliability(scores_from_logits(logits, Activation.SIGMOID)[:, 1], truth[:, 1])
    assert stage.before is not None
    assert stage.before.ece == plain.ece
    np.testing.assert_array_equal(stage.before.observed, plain.observed)


def test_closing_the_chooser_stops_the_work(stage: Stage) -> None:
    made = stage.program.made
    assert made is not None
    stage.controller.set_wanted(True)
    stage.controller.set_wanted(False)
    stage.qtbot.waitUntil(lambda: not made.jobs.busy, timeout=LONG)
    assert stage.evidence is None
    stage.fitted()  # and opening it again begins anew


def test_thousands_of_scores_are_carried_in_the_background(
    program: Cutline, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = demo("sheets")
    open_and_score(program, qtbot, one.model, one.folder)
    made = program.made
    assert made is not None
    monkeypatch.setattr("app.controllers.calibration._AT_ONCE", 0)
    controller = CalibrationController(made.session, made.jobs, made.evaluation, made.decisions, made.jobs)
    stage = Stage(program, controller, qtbot)
    stage.listen()
    stage.fitted()
    before = stage.decided()
    controller.choose(PLATT)
    assert stage.decision.calibration is None  # not yet
    made.decisions.set_threshold(0, 0.9)  # moved meanwhile: it is carried too
    moved = stage.decided()
    assert (moved != before).any()
    qtbot.waitUntil(lambda: stage.decision.calibration is not None, timeout=LONG)
    np.testing.assert_array_equal(stage.decided(), moved)
