"""Choosing what to tune for, by keyboard and mouse."""

from __future__ import annotations

import math

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QAbstractSpinBox, QCheckBox, QComboBox, QDoubleSpinBox, QSlider
from pytestqt.qtbot import QtBot

from inference.types import DecisionRule, Goal, Objective, Promise, Task
from tests.widgets.tuning.stage import Told, named, visible
from widgets.tuning.beta_slider import STEPS, beta_at, step_of
from widgets.tuning.goal_form import GoalForm
from widgets.tuning.objectives import OBJECTIVES, cost_sentence, offered, promise_sentence, sentence_of


@pytest.fixture
def form(qtbot: QtBot) -> GoalForm:
    made = GoalForm()
    qtbot.addWidget(made)
    made.resize(520, 300)
    made.show()
    return made


@pytest.fixture
def told(form: GoalForm) -> Told:
    made = Told()
    made.listen(form, "goalChanged")
    return made


def menu(form: GoalForm) -> QComboBox:
    return named(form, QComboBox, "Goal")


def choose(form: GoalForm, objective: Objective) -> None:
    box = menu(form)
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Home)
    while box.currentData() != objective:
        QTest.keyClick(box, Qt.Key.Key_Down)


def shown(form: GoalForm) -> set[str]:
    """Accessible names of the visible fields, without numbers."""
    fields = [*visible(form, QAbstractSpinBox), *visible(form, QSlider), *visible(form, QComboBox)]
    names = {field.accessibleName() for field in fields}
    return {"Beta" if name.startswith("Beta") else name for name in names} - {"Goal"}


def test_every_objective_has_a_line_and_a_sentence(form: GoalForm) -> None:
    assert [text.objective for text in OBJECTIVES] == [menu(form).itemData(i) for i in range(menu(form).count())]
    assert {text.objective for text in OBJECTIVES} == set(Objective)
    for text in OBJECTIVES:
        sentence = sentence_of(Goal(text.objective))
        assert sentence.endswith(".")
        assert "{" not in sentence


def test_balanced_is_the_default() -> None:
    assert Goal().objective is Objective.BALANCED


@pytest.mark.parametrize(
    ("objective", "fields", "curves"),
    [
        (Objective.BALANCED, set(), True),
        (Objective.MICRO_F, {"Beta"}, True),
        (Objective.MACRO_F, {"Beta"}, True),
        (Objective.PRECISION, {"Least precision", "How strongly the floor is meant"}, True),
        (Objective.RECALL, {"Least recall", "How strongly the floor is meant"}, True),
        (Objective.COST, {"Cost of a false positive", "Cost of a false negative"}, True),
        (Objective.PREVALENCE, set(), False),
        (Objective.HALF, set(), False),
        (Objective.TOP_K, {"How many labels an image is given"}, False),
        (Objective.PER_IMAGE, set(), False),
        (Objective.REJECT_COST, {"Cost of a wrong class", "Cost of a rejected image"}, True),
        (Objective.REJECT_COVERAGE, {"Share of the images that are decided, in percent"}, False),
        (Objective.REJECT_ACCURACY, {"Least accuracy", "How strongly the floor is meant"}, False),
        (Objective.TAU, set(), True),
    ],
)
def test_only_what_matters_is_shown(
    form: GoalForm, told: Told, objective: Objective, fields: set[str], curves: bool
) -> None:
    choose(form, objective)
    assert shown(form) == fields
    smoothed = named(form, QAbstractButton, "Curves: Smoothed")
    assert smoothed.isVisible() == curves
    last = told.of("goalChanged")[-1][0] if told.events else form.goal()
    assert isinstance(last, Goal)
    assert last.objective is objective


def test_beta_is_told_while_the_slider_is_dragged(form: GoalForm, told: Told) -> None:
    choose(form, Objective.MACRO_F)
    told.events.clear()
    slider = next(iter(visible(form, QSlider)))
    middle = slider.rect().center()
    QTest.mousePress(slider, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, middle)
    for step in range(1, 5):
        QTest.mouseMove(slider, middle + QPoint(step * slider.width() // 10, 0))
    assert len(told.of("goalChanged")) >= 3  # before the button is let go
    QTest.mouseRelease(slider, Qt.MouseButton.LeftButton)
    betas = [goal.beta for (goal,) in told.of("goalChanged") if isinstance(goal, Goal)]
    assert betas == sorted(betas)
    assert 1 < betas[-1] <= 4


def test_the_scale_of_beta_is_logarithmic_and_reaches_its_ends() -> None:
    assert (beta_at(0), beta_at(STEPS // 2), beta_at(STEPS)) == (0.25, 1.0, 4.0)
    assert math.isclose(beta_at(STEPS // 4) * beta_at(3 * STEPS // 4), 1.0, rel_tol=0.02)
    assert all(abs(step_of(beta_at(step)) - step) <= 1 for step in range(STEPS + 1))


def test_arrow_keys_move_beta(form: GoalForm, told: Told) -> None:
    choose(form, Objective.MICRO_F)
    slider = next(iter(visible(form, QSlider)))
    slider.setFocus()
    QTest.keyClick(slider, Qt.Key.Key_Right)
    assert form.goal().beta > 1
    QTest.keyClick(slider, Qt.Key.Key_Left)
    assert form.goal().beta == 1


def test_typing_a_floor_changes_the_sentence(form: GoalForm, told: Told) -> None:
    choose(form, Objective.PRECISION)
    field = named(form, QDoubleSpinBox, "Least precision")
    field.selectAll()
    QTest.keyClicks(field, "0.975")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert form.goal().floor == 0.975
    assert "97.5 %" in sentence_of(form.goal())
    assert menu(form).accessibleDescription() == sentence_of(form.goal())


def test_a_promise_offers_what_can_be_kept_and_names_its_condition(form: GoalForm, told: Told) -> None:
    choose(form, Objective.PRECISION)
    box = named(form, QComboBox, "How strongly")
    assert [box.itemData(i) for i in range(box.count())] == [Promise.MEASURED, Promise.CONFIDENT]
    choose(form, Objective.RECALL)
    assert [box.itemData(i) for i in range(box.count())] == list(Promise)
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_End)
    assert form.goal().promise is Promise.CONFIDENT
    assert "Confidence in percent" in shown(form)
    assert not named(form, QAbstractButton, "Curves: Smoothed").isVisible()
    assert "random sample" in promise_sentence(form.goal())


def test_confidence_is_a_share_of_one_and_covers_all_labels_if_asked(form: GoalForm, told: Told) -> None:
    form.setGoal(Goal(Objective.RECALL, promise=Promise.CONFIDENT))
    field = named(form, QDoubleSpinBox, "Confidence")
    field.selectAll()
    QTest.keyClicks(field, "95")
    QTest.keyClick(field, Qt.Key.Key_Return)
    box = form.findChild(QCheckBox)
    assert isinstance(box, QCheckBox)
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Space)
    assert (form.goal().confidence, form.goal().covers_all) == (0.95, True)
    assert "all labels at once" in promise_sentence(form.goal())


def test_a_promise_that_the_next_objective_cannot_make_is_dropped(form: GoalForm, told: Told) -> None:
    form.setGoal(Goal(Objective.RECALL, promise=Promise.EXPECTED))
    choose(form, Objective.PRECISION)
    assert form.goal().promise is Promise.MEASURED


def test_exact_curves_by_a_click(form: GoalForm, told: Told) -> None:
    QTest.mouseClick(named(form, QAbstractButton, "Curves: Exact"), Qt.MouseButton.LeftButton)
    assert told.of("goalChanged") == [(Goal(smoothed=False),)]


@pytest.mark.parametrize(
    "goal",
    [
        Goal(Objective.COST, cost_fp=2.5, cost_fn=7),
        Goal(Objective.RECALL, floor=0.8, promise=Promise.CONFIDENT, confidence=0.95, covers_all=True),
        Goal(Objective.MACRO_F, smoothed=False, beta=0.37),
        Goal(Objective.TOP_K, k=5),
        Goal(Objective.REJECT_COVERAGE, coverage=0.85),
        Goal(Objective.REJECT_ACCURACY, accuracy=0.99, floor=0.8, promise=Promise.CONFIDENT),
    ],
)
def test_a_goal_that_is_set_is_kept_exactly_and_not_told(form: GoalForm, told: Told, goal: Goal) -> None:
    form.setGoal(goal)
    assert form.goal() == goal
    assert told.events == []


def test_what_is_hidden_keeps_its_value(form: GoalForm, told: Told) -> None:
    form.setGoal(Goal(Objective.MACRO_F, beta=2.5))
    choose(form, Objective.HALF)
    choose(form, Objective.MICRO_F)
    assert form.goal().beta == 2.5


ARGMAX, THRESHOLDS = DecisionRule.ARGMAX, DecisionRule.THRESHOLDS


@pytest.mark.parametrize(
    ("task", "rule", "has", "lacks"),
    [
        (Task.MULTILABEL, THRESHOLDS, {Objective.BALANCED, Objective.TOP_K}, {Objective.ARGMAX, Objective.BIASES}),
        (Task.MULTILABEL, DecisionRule.TOP_K, {Objective.BALANCED, Objective.PER_IMAGE}, {Objective.TAU}),
        (Task.MULTICLASS, ARGMAX, {Objective.PRIOR, Objective.REJECT_COST}, {Objective.BALANCED, Objective.TOP_K}),
        (Task.MULTICLASS, THRESHOLDS, {Objective.PRIOR, Objective.BALANCED}, {Objective.TOP_K, Objective.PER_IMAGE}),
    ],
)
def test_what_is_offered_follows_task_and_rule(
    form: GoalForm, told: Told, task: Task, rule: DecisionRule, has: set[Objective], lacks: set[Objective]
) -> None:
    form.setOffered(offered(task, rule))
    lines = {menu(form).itemData(place) for place in range(menu(form).count())}
    assert has <= lines
    assert not lacks & lines
    assert told.events == []


def test_every_objective_is_offered_somewhere() -> None:
    found = {each for task in Task for rule in DecisionRule for each in offered(task, rule)}
    assert found == set(Objective)


def test_a_goal_that_is_not_offered_is_kept(form: GoalForm, told: Told) -> None:
    form.setOffered(offered(Task.MULTICLASS, ARGMAX))
    assert form.goal() == Goal()
    assert menu(form).currentIndex() == -1
    form.setOffered(offered(Task.MULTILABEL, THRESHOLDS))
    assert menu(form).currentData() == Objective.BALANCED
    assert told.events == []


def test_accuracy_and_floor_are_two_numbers(form: GoalForm, told: Told) -> None:
    form.setGoal(Goal(Objective.REJECT_ACCURACY))
    field = named(form, QDoubleSpinBox, "Least accuracy")
    assert field.value() == 0.95
    field.selectAll()
    QTest.keyClicks(field, "0.99")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert (form.goal().accuracy, form.goal().floor) == (0.99, 0.9)
    choose(form, Objective.PRECISION)
    assert named(form, QDoubleSpinBox, "Least precision").value() == 0.9


def test_rejection_by_cost_says_below_which_score() -> None:
    assert "rejects below 0.75," in cost_sentence(Goal(Objective.REJECT_COST, cost_fp=4, cost_fn=1))  # Chow: 1 - 1/4
    assert "nothing is worth rejecting" in cost_sentence(Goal(Objective.REJECT_COST, cost_fp=1, cost_fn=1))
    assert "must cost something" in cost_sentence(Goal(Objective.REJECT_COST, cost_fp=0, cost_fn=1))
