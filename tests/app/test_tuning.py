"""Tuning in the real window: proposed, applied as one step, honest about itself, exported."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QFileDialog, QWidget
from pytestqt.qtbot import QtBot
from sklearn import metrics as sk

from app.application import Cutline
from app.demos import demo
from app.workbench import Workbench
from inference.types import DecisionRule, Goal, Honesty, HonestyState, ImageState, Objective, Proposal, Thresholds
from tests.app.conftest import stop
from tests.app.test_window import LONG, assert_table_is_scikit_learns, open_and_score, wait_until_scored


@pytest.fixture
def sheets(program: Cutline, qtbot: QtBot) -> Cutline:
    one = demo("sheets")
    open_and_score(program, qtbot, one.model, one.folder)
    return program


def proposal_for(program: Cutline, qtbot: QtBot, goal: Goal) -> Proposal:
    made = program.made
    assert made is not None
    found: list[Proposal] = []
    made.tuning.proposalChanged.connect(lambda proposal, *_: found.append(proposal) if proposal else None)
    made.tuning.set_wanted(True)
    made.tuning.set_goal(goal)
    qtbot.waitUntil(lambda: bool(found) and found[-1].goal == goal and not made.jobs.busy, timeout=LONG)
    return found[-1]


def honesty_of(program: Cutline) -> HonestyState:
    """As the window shows it."""
    assert program.window.workbench is not None
    return program.window.workbench.honesty.state()


def macro_f1(program: Cutline, thresholds: Thresholds) -> float:
    """From the logits alone."""
    assert program.made is not None
    session = program.made.session
    assert session.run is not None
    assert session.dataset is not None
    scored = session.run.state == ImageState.SCORED
    scores = (1 / (1 + np.exp(-session.run.logits[scored].astype(np.float64)))).astype(np.float32)
    truth = session.dataset.y_true[scored]
    values = []
    for index in range(truth.shape[1]):
        known = truth[:, index] >= 0
        values.append(sk.f1_score(truth[known, index], scores[known, index] >= thresholds.values[index]))
    return float(np.mean(values))


def test_a_proposal_is_better_and_applying_it_is_one_step(sheets: Cutline, qtbot: QtBot) -> None:
    made = sheets.made
    assert made is not None
    before = made.session.decision.thresholds
    proposal = proposal_for(sheets, qtbot, Goal(Objective.MACRO_F, smoothed=False))
    assert macro_f1(sheets, proposal.thresholds) > macro_f1(sheets, before) + 0.02
    assert made.session.decision.thresholds == before  # nothing is applied unasked
    made.tuning.apply()
    assert made.session.decision.thresholds == proposal.thresholds
    assert_table_is_scikit_learns(sheets)
    made.stack.undo()
    assert made.session.decision.thresholds == before
    assert not made.stack.canUndo()


def test_the_number_says_that_it_was_tuned_here_and_what_to_expect(sheets: Cutline, qtbot: QtBot) -> None:
    made = sheets.made
    assert made is not None
    assert honesty_of(sheets).kind is Honesty.BY_HAND
    proposal_for(sheets, qtbot, Goal())
    made.tuning.apply()
    qtbot.waitUntil(lambda: not np.isnan(honesty_of(sheets).expected), timeout=LONG)
    state = honesty_of(sheets)
    assert (state.kind, state.modified) == (Honesty.TUNED, False)
    assert state.low < state.expected < state.high
    assert state.expected < state.measured  # tuning and measuring on the same images flatters
    made.decisions.set_threshold(0, 0.9)
    assert honesty_of(sheets).modified
    assert np.isnan(honesty_of(sheets).expected)  # the estimate is of other thresholds
    made.stack.undo()
    assert not honesty_of(sheets).modified


def test_a_locked_label_keeps_its_threshold(sheets: Cutline, qtbot: QtBot) -> None:
    made = sheets.made
    assert made is not None
    made.tuning.set_locked(3, True)
    proposal = proposal_for(sheets, qtbot, Goal())
    assert proposal.thresholds.values[3] == made.session.decision.thresholds.values[3]
    assert (proposal.thresholds.values[:3] != 0.5).any()


def test_that_it_was_tuned_is_remembered(start: Callable[[], Cutline], qtbot: QtBot) -> None:
    first, one = start(), demo("sheets")
    open_and_score(first, qtbot, one.model, one.folder)
    proposal = proposal_for(first, qtbot, Goal())
    assert first.made is not None
    first.made.tuning.apply()
    stop(first)
    second = start()
    second.open_last()
    wait_until_scored(second, qtbot)
    assert second.made is not None
    assert second.made.session.decision.thresholds == proposal.thresholds
    assert honesty_of(second).kind is Honesty.TUNED


def program_pane(bench: Workbench) -> QWidget:
    pane = bench.tuning.parentWidget()
    assert pane is not None
    return pane


def test_argmax_says_why_nothing_can_be_tuned(sheets: Cutline, qtbot: QtBot) -> None:
    made, bench = sheets.made, sheets.window.workbench
    assert made is not None
    assert bench is not None
    made.tuning.set_wanted(True)
    made.decisions.set_rule(DecisionRule.ARGMAX)
    assert "Argmax" in bench.tuning_obstacle.text()
    assert not bench.tuning.isVisibleTo(program_pane(bench))
    made.stack.undo()
    assert bench.tuning.isVisibleTo(program_pane(bench))


@pytest.mark.parametrize("suffix", [".json", ".py"])
def test_what_is_exported_decides_as_the_window_does(
    sheets: Cutline, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    made, presenter = sheets.made, sheets.presenter
    assert made is not None
    assert presenter is not None
    proposal_for(sheets, qtbot, Goal())
    made.tuning.apply()
    path = tmp_path / f"thresholds{suffix}"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    presenter.export_thresholds()
    assert made.session.run is not None
    assert made.session.dataset is not None
    assert made.evaluation.evaluator is not None
    if suffix == ".json":
        rows = json.loads(path.read_text())["labels"]
        assert [row["name"] for row in rows] == list(made.session.dataset.labels)
        written = np.array([row["threshold"] for row in rows], dtype=np.float64).astype(np.float32)
        np.testing.assert_array_equal(written, made.session.decision.thresholds.values)
        return
    module: dict[str, Callable[[np.ndarray], np.ndarray]] = {}
    exec(path.read_text(), module)
    predicted = module["decide"](made.session.run.logits)
    known = made.session.dataset.y_true >= 0
    shown = made.evaluation.evaluator.label_metrics().predicted
    assert (predicted & known).sum(axis=0).tolist() == shown.tolist()


def test_a_file_that_cannot_be_written_leaves_the_old_one(
    sheets: Cutline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    presenter = sheets.presenter
    assert presenter is not None
    target = tmp_path / "nowhere" / "thresholds.json"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    sheets.window.message_bar.clear()
    presenter.export_thresholds()
    assert str(target) in sheets.window.message_bar.currentText()
