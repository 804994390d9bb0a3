"""Goals of single labels: chosen in the table, set in a window, kept in a column."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QComboBox
from pytestqt.qtbot import QtBot

from inference.types import Goal, Objective, Promise
from tests.widgets.tuning.stage import Stage, buttons, click_cell, named, part, proposal, thresholds, visible
from widgets.tuning.columns import Column
from widgets.tuning.goal_words import essence, goal_words
from widgets.tuning.label_goals import LabelGoalDialog, LabelGoals, whom

NAMES = ("cat", "dog", "owl", "ape")
PRECISE = Goal(Objective.PRECISION, floor=0.95)


@pytest.fixture
def stage(qtbot: QtBot) -> Stage:
    made = Stage(qtbot, NAMES)
    made.panel.setCurrent(thresholds(0.5, 0.5, 0.5, 0.5))
    made.told.listen(made.panel, "labelGoalChanged")
    return made


def dialog(stage: Stage) -> LabelGoalDialog:
    return next(iter(visible(stage.panel, LabelGoalDialog)))


def press(dialog: LabelGoalDialog, text: str) -> None:
    button = next(b for b in buttons(dialog) if b.text().replace("&", "") == text)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def choose(dialog: LabelGoalDialog, objective: Objective) -> None:
    box = named(dialog, QComboBox, "Goal")
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Home)
    while box.currentData() != objective:
        QTest.keyClick(box, Qt.Key.Key_Down)


def click_more(stage: Stage, row: int) -> None:
    at: QPoint = stage.view.visualRect(stage.view.model().index(row, Column.NAME)).center()
    QTest.mouseClick(stage.view.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier, at)


def test_return_opens_the_form_for_the_chosen_labels(stage: Stage) -> None:
    click_cell(stage.view, 0, Column.NAME)
    click_more(stage, 2)
    QTest.keyClick(stage.view, Qt.Key.Key_Return)
    asked = dialog(stage)
    assert asked.windowTitle() == "Goal of 2 labels"
    choose(asked, Objective.RECALL)
    press(asked, "Set goal")
    recall = Goal(Objective.RECALL)
    assert stage.told.of("labelGoalChanged") == [(0, recall), (2, recall)]
    assert stage.column(Column.GOAL) == ["recall ≥ 0.9", "as all", "recall ≥ 0.9", "as all"]
    assert not stage.view.isColumnHidden(Column.GOAL)


def test_as_all_goes_back(stage: Stage) -> None:
    stage.panel.setLabelGoals({1: PRECISE})
    assert stage.told.of("labelGoalChanged") == []
    assert stage.column(Column.GOAL) == ["as all", "precision ≥ 0.95", "as all", "as all"]
    click_cell(stage.view, 1, Column.NAME)
    QTest.keyClick(stage.view, Qt.Key.Key_Return)
    assert dialog(stage).form().goal() == PRECISE
    press(dialog(stage), "As all")
    assert stage.told.of("labelGoalChanged") == [(1, None)]
    assert stage.view.isColumnHidden(Column.GOAL)


def test_cancel_changes_nothing(stage: Stage) -> None:
    click_cell(stage.view, 1, Column.NAME)
    QTest.keyClick(stage.view, Qt.Key.Key_Return)
    press(dialog(stage), "Cancel")
    assert stage.told.of("labelGoalChanged") == []


def test_the_menu_acts_on_the_chosen_rows(stage: Stage) -> None:
    click_cell(stage.view, 1, Column.NAME)
    click_more(stage, 3)
    menu = part(stage.panel, LabelGoals).menu()
    lines = {action.text().replace("&", "").split("\t")[0]: action for action in menu.actions() if action.text()}
    assert list(lines) == ["Goal for these 2 labels…", "As all", "Lock these 2 labels"]
    assert not lines["As all"].isEnabled()
    lines["Lock these 2 labels"].trigger()
    assert stage.told.of("labelLocked") == [(1, True), (3, True)]


def test_a_goal_that_changes_the_rule_leaves_no_room_for_others(stage: Stage) -> None:
    stage.panel.setGoal(Goal(Objective.TOP_K))
    stage.panel.setLabelGoals({1: PRECISE})
    click_cell(stage.view, 1, Column.NAME)
    QTest.keyClick(stage.view, Qt.Key.Key_Return)
    assert not visible(stage.panel, LabelGoalDialog)
    stage.panel.setProposal(proposal([0.5] * 4, Goal(Objective.TOP_K)), None, None)
    assert "goals of single labels do not count for this goal" in " ".join(stage.said())


def test_goals_are_forgotten_with_their_labels(stage: Stage) -> None:
    stage.panel.setLabelGoals({1: PRECISE})
    stage.panel.setLabels(["red", "green"])
    assert stage.view.isColumnHidden(Column.GOAL)


def test_the_detail_line_has_the_goal_of_its_own(stage: Stage) -> None:
    stage.panel.setLabelGoals({1: PRECISE})
    stage.panel.setProposal(proposal([0.5] * 4), None, None)
    stage.panel.setCurrentLabel(1)
    assert "Its own goal: precision ≥ 0.95." in " ".join(stage.said())


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (("cat",), "“cat”"),
        (("cat", "dog"), "“cat” and “dog”"),
        (("cat", "dog", "owl", "ape"), "“cat”, “dog” and 2 others"),
    ],
)
def test_labels_are_called_by_name_as_far_as_there_is_room(names: tuple[str, ...], words: str) -> None:
    assert whom(names) == words


@pytest.mark.parametrize(
    ("goal", "words"),
    [
        (Goal(), "balanced"),
        (Goal(Objective.MACRO_F, beta=0.5), "F0.5"),
        (Goal(Objective.MACRO_F, beta=2, smoothed=False), "F2, exact"),
        (
            Goal(Objective.PRECISION, floor=0.9, promise=Promise.CONFIDENT, confidence=0.95),
            "precision ≥ 0.9, 95 % sure",
        ),
        (Goal(Objective.COST, cost_fp=1, cost_fn=5), "cost 1 : 5"),
        (Goal(Objective.REJECT_COVERAGE, coverage=0.8), "reject: decide 80 %"),
    ],
)
def test_goals_in_a_few_words(goal: Goal, words: str) -> None:
    assert goal_words(goal) == words


@pytest.mark.parametrize("objective", list(Objective))
def test_every_objective_has_words_and_an_essence(objective: Objective) -> None:
    assert goal_words(Goal(objective))
    assert essence(Goal(objective, beta=3, k=7)).objective is objective


def test_what_does_not_matter_makes_no_difference() -> None:
    same: Callable[[Goal, Goal], bool] = lambda one, other: essence(one) == essence(other)  # noqa: E731
    assert same(Goal(Objective.TOP_K, k=2, beta=3), Goal(Objective.TOP_K, k=2))
    assert not same(Goal(Objective.TOP_K, k=2), Goal(Objective.TOP_K, k=3))
    assert same(Goal(Objective.REJECT_ACCURACY, covers_all=True), Goal(Objective.REJECT_ACCURACY))
    assert not same(Goal(Objective.PRIOR, target_prevalence=(0.5, 0.5)), Goal(Objective.PRIOR))


def test_the_window_has_named_controls(stage: Stage) -> None:
    click_cell(stage.view, 1, Column.NAME)
    QTest.keyClick(stage.view, Qt.Key.Key_Return)
    for button in visible(dialog(stage), QAbstractButton):
        assert button.text() or button.accessibleName()
    dialog(stage).close()
