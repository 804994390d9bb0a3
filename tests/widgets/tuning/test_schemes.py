"""Proposals that change more than thresholds: in words, in the table and on the button."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from inference.types import (
    CalibrationMethod,
    DecisionRule,
    Goal,
    LabelStatus,
    LogitMap,
    Objective,
    Proposal,
    Split,
    Task,
    ThresholdIntervals,
)
from tests.widgets.tuning.stage import Stage, proposal, thresholds, visible
from widgets.elided_label import ElidedLabel
from widgets.tuning.columns import Column
from widgets.tuning.schemes import Scheme, change_words

NAMES = ("cat", "dog", "owl", "ape")
NOW = (0.5, 0.25, 0.5, 0.5)
PLATT = LogitMap(CalibrationMethod.PLATT, np.full(4, 2.0), np.zeros(4))
BIASES = LogitMap.identity(4).then_add(np.array([0.5, -1.25, 0.0, 0.0]))


@pytest.fixture
def stage(qtbot: QtBot) -> Stage:
    made = Stage(qtbot, NAMES)
    made.panel.setCurrent(thresholds(*NOW))
    return made


def status(stage: Stage) -> str:
    return next(line.text() for line in visible(stage.panel, ElidedLabel) if line.parent() is stage.panel)


def changing(objective: Objective, **changes: object) -> Proposal:
    return replace(proposal(NOW, Goal(objective)), **changes)  # type: ignore[arg-type]


def hidden(stage: Stage, column: Column) -> bool:
    return stage.view.isColumnHidden(column)


@pytest.mark.parametrize(
    ("before", "made", "words"),
    [
        (Scheme(), changing(Objective.BALANCED), ()),
        (Scheme(), changing(Objective.TOP_K, rule=DecisionRule.TOP_K, k=3), ("rule: the 3 highest labels",)),
        (Scheme(DecisionRule.TOP_K, 3), changing(Objective.TOP_K, rule=DecisionRule.TOP_K, k=3), ()),
        (
            Scheme(DecisionRule.TOP_K, 3),
            changing(Objective.TOP_K, rule=DecisionRule.TOP_K, k=1),
            ("rule: the highest label",),
        ),
        (Scheme(DecisionRule.PER_IMAGE), changing(Objective.MACRO_F), ("rule: a threshold per label",)),
        (
            Scheme(),
            changing(Objective.CALIBRATED_HALF, rule=DecisionRule.THRESHOLDS, calibration=PLATT),
            ("calibration: Platt",),
        ),
        (Scheme(calibration=PLATT), changing(Objective.BALANCED), ()),
        (
            Scheme(DecisionRule.ARGMAX),
            changing(Objective.BIASES, rule=DecisionRule.ARGMAX, biases=BIASES),
            ("biases of 2 classes",),
        ),
        (
            Scheme(DecisionRule.ARGMAX, 1, PLATT, BIASES),
            changing(Objective.ARGMAX, rule=DecisionRule.ARGMAX),
            ("calibration off", "no biases"),
        ),
        (
            Scheme(),
            changing(Objective.REJECT_COST, rule=DecisionRule.ARGMAX_REJECT),
            ("rule: argmax that may reject",),
        ),
    ],
)
def test_what_changes_is_said(before: Scheme, made: Proposal, words: tuple[str, ...]) -> None:
    assert change_words(before, before.after(made), 4) == words


@pytest.mark.parametrize("objective", [Objective.BIASES, Objective.CALIBRATED_HALF])
def test_a_proposal_of_nothing_leaves_everything(stage: Stage, objective: Objective) -> None:
    before = Scheme(DecisionRule.ARGMAX, 1, PLATT, BIASES)
    nothing = changing(objective, status=(LabelStatus.ABSTAINED,) * 4, summary="There are too few images.")
    assert before.after(nothing) == before
    stage.panel.setTask(Task.MULTICLASS, DecisionRule.ARGMAX, 1, PLATT, BIASES)
    stage.panel.setProposal(nothing, None, None)
    assert status(stage) == "Nothing would change · There are too few images."
    assert not stage.apply().isEnabled()


def test_what_is_said_of_all_labels_follows_what_changes(stage: Stage) -> None:
    stage.panel.setTask(Task.MULTICLASS, DecisionRule.ARGMAX)
    made = changing(Objective.TAU, rule=DecisionRule.ARGMAX, biases=BIASES, summary="Strength 0.5.")
    stage.panel.setProposal(made, None, None)
    assert status(stage) == "Biases of 2 classes · Strength 0.5."


def test_biases_of_rounding_are_none(stage: Stage) -> None:
    stage.panel.setTask(Task.MULTICLASS, DecisionRule.ARGMAX)
    tiny = LogitMap.identity(4).then_add(np.array([-1e-17, 1e-17, 0.0, -0.002]))
    stage.panel.setProposal(changing(Objective.TAU, rule=DecisionRule.ARGMAX, biases=tiny), None, None)
    assert stage.column(Column.BIAS) == ["0.00", "0.00", "0.00", "0.00 → −0.002"]
    assert status(stage) == "Bias of 1 class"


def test_a_proposal_of_thresholds_keeps_calibration_and_biases() -> None:
    after = Scheme(DecisionRule.THRESHOLDS, 1, PLATT, BIASES).after(changing(Objective.MICRO_F))
    assert (after.calibration, after.biases) == (PLATT, BIASES)


def test_biases_stand_in_place_of_thresholds(stage: Stage) -> None:
    stage.panel.setTask(Task.MULTICLASS, DecisionRule.ARGMAX)
    stage.panel.setProposal(changing(Objective.BIASES, rule=DecisionRule.ARGMAX, biases=BIASES), None, None)
    assert stage.column(Column.BIAS) == ["0.00 → 0.50", "0.00 → −1.25", "0.00", "0.00"]
    assert hidden(stage, Column.THRESHOLD)
    assert not hidden(stage, Column.BIAS)
    assert status(stage) == "Biases of 2 classes"
    assert stage.apply().text() == "Apply biases of 2 classes"
    assert stage.apply().isEnabled()
    stage.panel.setTask(Task.MULTICLASS, DecisionRule.ARGMAX, 1, None, BIASES)
    assert stage.column(Column.BIAS) == ["0.50", "−1.25", "0.00", "0.00"]
    assert not stage.apply().isEnabled()
    assert stage.apply().text().startswith("Nothing to apply")


def test_only_what_changes_of_biases(stage: Stage) -> None:
    stage.panel.setTask(Task.MULTICLASS, DecisionRule.ARGMAX)
    stage.panel.setProposal(changing(Objective.BIASES, rule=DecisionRule.ARGMAX, biases=BIASES), None, None)
    stage.button("only what changes").click()
    assert stage.column(Column.NAME) == ["cat", "dog"]


def test_thresholds_come_back_for_rules_that_use_them(stage: Stage) -> None:
    stage.panel.setTask(Task.MULTICLASS, DecisionRule.ARGMAX)
    made = replace(proposal([0.7] * 4, Goal(Objective.REJECT_COVERAGE)), rule=DecisionRule.ARGMAX_REJECT)
    stage.panel.setProposal(made, None, None)
    assert not hidden(stage, Column.THRESHOLD)
    assert hidden(stage, Column.BIAS)
    assert status(stage) == "4 of 4 thresholds would change · rule: argmax that may reject"
    stage.panel.setFlips(np.zeros(4, dtype=np.int64), 12)
    assert stage.apply().text() == "Apply 4 thresholds, rule: argmax that may reject: 12 images change"


def test_costs_bring_the_threshold_by_formula(stage: Stage) -> None:
    stage.panel.setProposal(proposal(NOW, Goal(Objective.COST, cost_fp=1, cost_fn=4)), None, None)
    assert not hidden(stage, Column.FORMULA)
    assert stage.column(Column.FORMULA) == ["0.20"] * 4  # 1 / (1 + 4)
    stage.panel.setCurrentLabel(0)
    said = " ".join(stage.said())
    assert "By formula 0.2, were the scores calibrated: they are not now." in said
    stage.panel.setTask(Task.MULTILABEL, DecisionRule.THRESHOLDS, 1, PLATT)
    assert "By formula 0.2, as the scores are calibrated." in " ".join(stage.said())
    stage.panel.setProposal(proposal(NOW), None, None)
    assert hidden(stage, Column.FORMULA)


def test_a_label_with_costs_of_its_own_has_a_formula_of_its_own(stage: Stage) -> None:
    stage.panel.setProposal(proposal(NOW), None, None)
    stage.panel.setLabelGoals({2: Goal(Objective.COST, cost_fp=3, cost_fn=1)})
    assert stage.column(Column.FORMULA) == ["", "", "0.75", ""]


def test_where_a_threshold_falls_stands_beside_it(stage: Stage) -> None:
    stage.panel.setProposal(proposal((0.375, 0.25, 0.5, 0.625)), None, None)
    assert hidden(stage, Column.INTERVAL)
    low, high = thresholds(0.31, 0.2, 0.4, -np.inf).values, thresholds(0.44, 0.3, 0.6, np.inf).values
    stage.panel.setThresholdIntervals(ThresholdIntervals(low, high, 0.9, 50))
    assert not hidden(stage, Column.INTERVAL)
    assert stage.column(Column.INTERVAL) == ["0.31–0.44", "0.20–0.30", "0.40–0.60", "all–none"]
    stage.panel.setCurrentLabel(0)
    assert "it falls in 0.31–0.44 (90 %)" in " ".join(stage.said())
    stage.panel.setProposal(proposal((0.1, 0.2, 0.3, 0.4)), None, None)
    assert hidden(stage, Column.INTERVAL)  # of other thresholds


def test_columns_of_little_use_give_way(qtbot: QtBot) -> None:
    stage = Stage(qtbot, NAMES, width=480)
    stage.panel.setProposal(proposal(NOW, Goal(Objective.COST)), None, None)
    stage.panel.setThresholdIntervals(ThresholdIntervals(thresholds(*NOW).values, thresholds(*NOW).values, 0.9, 50))
    assert hidden(stage, Column.INTERVAL)
    assert hidden(stage, Column.FORMULA)
    stage.panel.resize(1200, 700)
    assert not hidden(stage, Column.INTERVAL)
    assert not hidden(stage, Column.FORMULA)


def test_the_split_is_said_and_asked_for(stage: Stage) -> None:
    asked: list[str] = []
    stage.panel.holdOutRequested.connect(lambda: asked.append("hold out"))
    stage.panel.holdOutDropped.connect(lambda: asked.append("drop"))
    stage.panel.setSplit(None, 500)
    assert "Tuned and measured on the same 500 images" in stage.said()
    stage.button("Hold out 30 %").click()
    measured = np.arange(500) < 150
    stage.panel.setSplit(Split(measured, "30 % held out"), 500)
    assert "Tuned on 350 images, measured on the other 150" in stage.said()
    stage.button("Measure on all images").click()
    assert asked == ["hold out", "drop"]
