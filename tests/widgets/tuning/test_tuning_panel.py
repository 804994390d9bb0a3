"""The tuning panel: what it shows of a proposal, and what it tells of the user."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from inference.types import Estimate, Goal, IntArray, LabelStatus, Objective, format_float32
from tests.widgets.tuning.stage import (
    NAN,
    Stage,
    averages,
    click_cell,
    intervals,
    named,
    part,
    proposal,
    thresholds,
    visible,
)
from widgets.elided_label import ElidedLabel
from widgets.tuning.columns import Column
from widgets.tuning.panel import TuningPanel
from widgets.tuning.summary import AveragesSummary
from widgets.tuning.view import TuningView

NAMES = ("cat", "dog", "owl", "ape")
NOW = (0.5, 0.25, 0.5, 0.5)
THEN = (0.375, 0.25, 0.5, 0.625)
SENTENCE = "needs at least 22 predicted images, all correct; you have 14"


@pytest.fixture
def stage(qtbot: QtBot) -> Stage:
    made = Stage(qtbot, NAMES)
    made.panel.setCurrent(thresholds(*NOW))
    made.panel.setNow(made.metrics(*NOW), averages(0.5))
    made.panel.setAtHalf(made.metrics(0.5, 0.5, 0.5, 0.5), averages(0.45))
    return made


def propose(stage: Stage, goal: Goal | None = None) -> None:
    status = (LabelStatus.TUNED, LabelStatus.TUNED, LabelStatus.TOO_FEW, LabelStatus.ABSTAINED)
    made = proposal(THEN, goal, status, ("", "", "", SENTENCE))
    stage.panel.setProposal(made, stage.metrics(*THEN), averages(0.63, 0.36, 0.3))


def flips(stage: Stage) -> tuple[IntArray, int]:
    now, then = (np.array(values, dtype=np.float32) for values in (NOW, THEN))
    changed = (stage.y_score >= now) != (stage.y_score >= then)
    return changed.sum(axis=0), int(changed.any(axis=1).sum())


def estimate(stage: Stage) -> Estimate:
    metrics = stage.metrics(*THEN)
    tuned = np.array([True, True, False, False])
    return Estimate(metrics, averages(0.55, 0.31, 0.28), intervals(metrics), 0.42, 0.67, 5, tuned)


def status(stage: Stage) -> str:
    return next(line.text() for line in visible(stage.panel, ElidedLabel) if line.parent() is stage.panel)


def detail(stage: Stage) -> str:
    return named(stage.panel, QLabel, "About the chosen label").text()


# What it shows


def test_thresholds_are_exact_and_say_what_changes(stage: Stage) -> None:
    propose(stage)
    assert stage.column(Column.THRESHOLD) == ["0.5 → 0.375", "0.25", "0.5", "0.5 → 0.625"]
    third = float(np.float32(1 / 3))
    stage.panel.setProposal(proposal([third, 0.25, 0.5, 0.5]), None, None)
    assert stage.text(0, Column.THRESHOLD) == f"0.5 → {format_float32(third)}"
    assert np.float32(stage.text(0, Column.THRESHOLD).split()[-1]) == np.float32(1 / 3)


@pytest.mark.parametrize("column", [Column.F1, Column.PRECISION, Column.RECALL])
def test_rates_stand_now_and_proposed_with_a_signed_difference(stage: Stage, column: Column) -> None:
    propose(stage)
    name = column.name.lower()
    now, then = (getattr(stage.metrics(*values), name) for values in (NOW, THEN))
    for label, text in enumerate(stage.column(column)):
        parts = text.split()
        assert parts[0] == ("–" if np.isnan(now[label]) else f"{now[label]:.2f}")
        assert parts[2] == ("–" if np.isnan(then[label]) else f"{then[label]:.2f}")
        change = then[label] - now[label]
        if np.isnan(change):
            assert len(parts) == 3
        elif change == 0:
            assert parts[3] == "="
        else:
            assert parts[3][0] == ("+" if change > 0 else "−")
            assert float(parts[3][1:]) == pytest.approx(abs(change), abs=0.0051)
        half = getattr(stage.metrics(0.5, 0.5, 0.5, 0.5), name)[label]
        said = stage.role(label, column, Qt.ItemDataRole.ToolTipRole)
        assert ("undefined at 0.5" if np.isnan(half) else f"{half:.4f} at 0.5") in said


def test_a_small_loss_is_not_shown_as_none(stage: Stage) -> None:
    propose(stage)
    now, then = stage.metrics(*NOW), stage.metrics(*THEN)
    then.f1[0] = now.f1[0] - 0.002
    stage.panel.setProposal(proposal(THEN), then, None)
    assert stage.text(0, Column.F1).endswith("−0.002")


def test_flips_are_counted_by_label_and_told_on_the_button(stage: Stage) -> None:
    propose(stage)
    assert stage.column(Column.FLIPS) == ["", "", "", ""]
    assert stage.apply().text() == "Apply 2 thresholds"
    by_label, total = flips(stage)
    stage.panel.setFlips(by_label, total)
    assert stage.column(Column.FLIPS) == [str(count) for count in by_label]
    assert stage.apply().text() == f"Apply 2 thresholds: {total} images change"
    stage.panel.setFlips(by_label, 1)
    assert stage.apply().text() == "Apply 2 thresholds: 1 image changes"
    stage.panel.setFlips(by_label, 0)
    assert stage.apply().text() == "Apply 2 thresholds: no image changes"


def test_notes_say_why_a_label_is_left_alone(stage: Stage) -> None:
    propose(stage)
    notes = stage.column(Column.NOTE)
    assert notes[:3] == ["", "", "too few positives"]
    assert SENTENCE in notes[3]
    assert status(stage) == "2 of 4 thresholds would change · 1 with too few positives · 1 without a promise"


def test_the_plateau_is_in_the_tool_tip_and_in_the_line_below(stage: Stage) -> None:
    propose(stage)
    tip = stage.role(0, Column.THRESHOLD, Qt.ItemDataRole.ToolTipRole)
    assert "Nothing changes between 0.25 and 0.75." in tip
    click_cell(stage.view, 3, Column.NAME)
    assert "Nothing changes between 0.25 and 0.75." in detail(stage)
    assert SENTENCE in detail(stage)


@pytest.mark.parametrize(
    ("plateau", "words"),
    [
        ((-np.inf, 0.25), "Nothing changes up to 0.25."),
        ((0.75, np.inf), "Nothing changes above 0.75."),
        ((-np.inf, np.inf), "Every threshold decides the images of this folder alike."),
    ],
)
def test_a_plateau_without_an_end_is_said_in_words(stage: Stage, plateau: tuple[float, float], words: str) -> None:
    stage.panel.setProposal(proposal(THEN, plateau=plateau), None, None)
    stage.panel.setCurrentLabel(0)
    assert words in detail(stage)


def test_averages_stand_beside_each_other(stage: Stage) -> None:
    propose(stage)
    summary = part(stage.panel, AveragesSummary)
    cells = {column: summary.text("micro", column) for column in ("at 0.5", "now", "proposed", "change")}
    assert cells == {"at 0.5": "0.450", "now": "0.500", "proposed": "0.630", "change": "+0.130"}
    assert summary.text("macro", "change") == "−0.040"
    assert summary.text("samples", "change") == "="
    assert summary.text("micro", "on new images") == "–"
    stage.panel.setEstimate(estimate(stage))
    assert summary.text("micro", "on new images") == "0.550 [0.42–0.67]"
    assert summary.text("samples", "on new images") == "0.280"


def test_an_estimate_reaches_the_labels_that_were_tuned(stage: Stage) -> None:
    propose(stage)
    stage.panel.setEstimate(estimate(stage))
    f1 = stage.metrics(*THEN).f1[0]
    stage.panel.setCurrentLabel(0)
    assert f"F1 expected on new images {f1:.2f} [{f1 - 0.125:.2f}–{f1 + 0.125:.2f}]." in detail(stage)
    stage.panel.setCurrentLabel(3)
    assert "new images" not in detail(stage)


def test_an_estimate_does_not_outlive_its_thresholds(stage: Stage) -> None:
    summary = part(stage.panel, AveragesSummary)
    propose(stage)
    stage.panel.setEstimate(estimate(stage))
    propose(stage)
    assert summary.text("micro", "on new images") != "–"  # the same again
    stage.panel.setProposal(proposal([0.1, 0.2, 0.3, 0.4]), None, None)
    assert summary.text("micro", "on new images") == "–"
    propose(stage)
    stage.panel.setEstimate(estimate(stage))
    propose(stage, Goal(Objective.MACRO_F))
    assert summary.text("micro", "on new images") == "–"


def test_undefined_numbers_are_dashes(stage: Stage) -> None:
    stage.panel.setNow(None, None)
    assert stage.column(Column.F1) == ["–"] * 4
    stage.panel.setNow(stage.metrics(*NOW), averages(NAN))
    assert part(stage.panel, AveragesSummary).text("micro", "now") == "–"


# What it tells


def test_setters_never_tell(stage: Stage) -> None:
    propose(stage, Goal(Objective.MACRO_F, beta=2))
    stage.panel.setFlips(*flips(stage))
    stage.panel.setEstimate(estimate(stage))
    stage.panel.setLocked(np.array([True, False, False, False]))
    stage.panel.setCurrentLabel(2)
    stage.panel.setGoal(Goal(Objective.COST))
    stage.panel.setBusy("Tuning…")
    stage.panel.setLive(False)
    stage.panel.setProposal(None)
    stage.panel.setLabels(["other"])
    assert stage.told.events == []


def test_the_goal_is_told_as_it_moves(stage: Stage) -> None:
    stage.choose("Best F-beta of each label")
    goals = [goal for (goal,) in stage.told.of("goalChanged")]
    assert goals[-1] == Goal(Objective.MACRO_F) == stage.panel.goal()
    assert stage.told.of("proposeRequested") == []


def test_propose_is_pressed_where_it_is_not_live(stage: Stage) -> None:
    stage.panel.setLive(False)
    propose(stage)
    stage.choose("Least cost")
    assert "for the goal before" in status(stage)
    QTest.mouseClick(stage.button("Propose"), Qt.MouseButton.LeftButton)
    assert stage.told.of("proposeRequested") == [(Goal(Objective.COST),)]
    propose(stage, Goal(Objective.COST, beta=3))  # beta does not matter to costs
    assert "for the goal before" not in status(stage)


def test_live_needs_no_button_once_there_is_a_proposal(stage: Stage) -> None:
    assert stage.button("Propose").isVisible()
    propose(stage)
    assert not stage.button("Propose").isVisible()


def test_apply_is_offered_only_where_it_does_something(stage: Stage) -> None:
    assert not stage.apply().isEnabled()
    propose(stage)
    QTest.mouseClick(stage.apply(), Qt.MouseButton.LeftButton)
    assert stage.told.names() == ["applyRequested"]
    stage.panel.setCurrent(thresholds(*THEN))
    assert not stage.apply().isEnabled()
    assert stage.apply().text().startswith("Nothing to apply")


def test_busy_says_what_and_can_be_cancelled(stage: Stage) -> None:
    propose(stage)
    cancel = stage.button("Cancel")
    assert not cancel.isVisible()
    stage.panel.setBusy("Tuning in fold 3 of 10…")
    assert status(stage) == "Tuning in fold 3 of 10…"
    assert not stage.button("Estimate for new images").isEnabled()
    QTest.mouseClick(cancel, Qt.MouseButton.LeftButton)
    assert stage.told.names() == ["cancelRequested"]
    stage.panel.setBusy("")
    assert "would change" in status(stage)
    QTest.mouseClick(stage.button("Estimate for new images"), Qt.MouseButton.LeftButton)
    assert stage.told.names()[-1] == "estimateRequested"


def test_a_lock_is_set_by_a_click_and_by_space(stage: Stage) -> None:
    propose(stage)
    click_cell(stage.view, 1, Column.LOCK)
    assert stage.told.of("labelLocked") == [(1, True)]
    assert stage.text(1, Column.LOCK) == "locked"
    assert stage.apply().isEnabled()  # the proposal leaves that label where it is
    stage.view.setFocus()
    QTest.keyClick(stage.view, Qt.Key.Key_Space)
    assert stage.told.of("labelLocked") == [(1, True), (1, False)]


def test_a_proposal_that_would_move_a_locked_label_cannot_be_applied(stage: Stage) -> None:
    propose(stage)
    click_cell(stage.view, 0, Column.LOCK)
    assert not stage.apply().isEnabled()
    assert "press Propose again" in status(stage)
    assert stage.button("Propose").isVisible()


def test_rows_are_chosen_by_mouse_and_keys(stage: Stage) -> None:
    click_cell(stage.view, 2, Column.NAME)
    QTest.keyClick(stage.view, Qt.Key.Key_Up)
    QTest.keyClick(stage.view, Qt.Key.Key_End)
    assert stage.told.of("labelChosen") == [(2,), (1,), (3,)]


# Order and filter


def test_a_click_on_a_title_sorts_by_what_is_gained(stage: Stage) -> None:
    propose(stage)
    header = stage.view.horizontalHeader()
    x = header.sectionViewportPosition(Column.F1) + header.sectionSize(Column.F1) // 2
    at = QPointF(x, header.height() / 2).toPoint()
    QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
    gain = stage.metrics(*THEN).f1 - stage.metrics(*NOW).f1
    order = sorted(range(4), key=lambda label: (np.isnan(gain[label]), -np.nan_to_num(gain[label]), label))
    assert stage.column(Column.NAME) == [NAMES[label] for label in order]
    for _ in range(2):
        QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
    assert stage.column(Column.NAME) == list(NAMES)


def test_only_what_changes(stage: Stage) -> None:
    propose(stage)
    QTest.keyClick(stage.button("only what changes"), Qt.Key.Key_Space)
    assert stage.column(Column.NAME) == ["cat", "ape"]
    stage.panel.setCurrent(thresholds(0.375, 0.25, 0.5, 0.5))
    QApplication.processEvents()
    assert stage.column(Column.NAME) == ["cat", "ape"]  # rows stay while numbers move


def test_the_filter_finds_words_and_escape_clears_it(stage: Stage) -> None:
    QTest.keyClicks(stage.filter(), "O")
    assert stage.column(Column.NAME) == ["dog", "owl"]
    QTest.keyClick(stage.filter(), Qt.Key.Key_Escape)
    assert stage.column(Column.NAME) == list(NAMES)
    assert stage.told.events == []


def test_a_filter_holds_in_a_sorted_table(stage: Stage) -> None:
    header = stage.view.horizontalHeader()
    x = header.sectionViewportPosition(Column.NAME) + 20
    at = QPointF(x, header.height() / 2).toPoint()
    for order in (sorted(NAMES), sorted(NAMES, reverse=True)):
        QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
        stage.filter().setText("o")
        assert stage.column(Column.NAME) == [name for name in order if "o" in name]
        stage.filter().clear()
        assert stage.column(Column.NAME) == order


def test_a_lock_in_a_filtered_row_is_the_right_label(stage: Stage) -> None:
    QTest.keyClicks(stage.filter(), "ape")
    click_cell(stage.view, 0, Column.LOCK)
    assert stage.told.of("labelLocked") == [(3, True)]


def test_the_label_chosen_elsewhere_is_the_row_that_is_marked_with_ctrl_held(qtbot: QtBot) -> None:
    panel = TuningPanel()
    qtbot.addWidget(panel)
    panel.setLabels(("a", "b", "c"))
    panel.setCurrentLabel(0)
    panel.show()
    view = panel.findChild(TuningView)
    assert view is not None
    QTest.keyPress(view, Qt.Key.Key_Control, Qt.KeyboardModifier.ControlModifier)
    panel.setCurrentLabel(1)
    QTest.keyRelease(view, Qt.Key.Key_Control)
    assert [index.row() for index in view.selectionModel().selectedRows()] == [1]
