"""Review bands on a real run: proposed, moved, counted, undone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import SignalInstance
from pytestqt.qtbot import QtBot

from app.application import Cutline
from app.controllers.review_band import ReviewBandController
from app.demos import demo
from inference.types import BandGoal, BandProposal, DecisionRule, ReviewBand, ReviewCounts, ReviewLoad
from tests.app.test_window import LONG, open_and_score


class Seen:
    """The last value of each signal."""

    def __init__(self, control: ReviewBandController) -> None:
        self.values: dict[str, list[Any]] = {}
        for name in (
            "bandChanged",
            "countsChanged",
            "loadChanged",
            "proposalChanged",
            "obstacleChanged",
            "busyChanged",
            "imagesChosen",
        ):
            signal: SignalInstance = getattr(control, name)
            signal.connect(lambda *value, key=name: self.values.setdefault(key, []).append(value))

    def last(self, name: str) -> Any:
        return self.values[name][-1][0]


@pytest.fixture
def sheets(program: Cutline, qtbot: QtBot) -> Cutline:
    one = demo("sheets")
    open_and_score(program, qtbot, one.model, one.folder)
    return program


@pytest.fixture
def control(sheets: Cutline) -> ReviewBandController:
    made = sheets.made
    assert made is not None
    return ReviewBandController(made.session, made.jobs, made.evaluation, made.decisions, sheets)


def scores_and_truth(program: Cutline) -> tuple[np.ndarray, np.ndarray]:
    assert program.made is not None
    session = program.made.session
    assert session.run is not None
    assert session.dataset is not None
    return (1 / (1 + np.exp(-session.run.logits.astype(np.float64)))).astype(np.float32), session.dataset.y_true


def propose(control: ReviewBandController, seen: Seen, qtbot: QtBot, goal: BandGoal) -> BandProposal:
    control.propose(goal)
    qtbot.waitUntil(lambda: seen.last("proposalChanged") is not None, timeout=LONG)
    found = seen.last("proposalChanged")
    assert isinstance(found, BandProposal)
    return found


def test_a_band_is_proposed_counted_shown_and_undone_by_name(
    sheets: Cutline, control: ReviewBandController, qtbot: QtBot
) -> None:
    made, seen = sheets.made, Seen(control)
    assert made is not None
    control.set_wanted(True)
    assert seen.last("bandChanged") is None
    assert seen.last("obstacleChanged") == ""
    found = propose(control, seen, qtbot, BandGoal(0.9, 0.1))
    assert made.session.band == found.band
    scores, truth = scores_and_truth(sheets)
    low, high = found.band.low.values, found.band.high.values
    review, accepted = (scores >= low) & (scores < high), scores >= high
    counts, load = seen.last("countsChanged"), seen.last("loadChanged")
    assert isinstance(counts, ReviewCounts)
    assert counts.review.tolist() == review.sum(axis=0).tolist()
    assert load == ReviewLoad(int(review.any(axis=1).sum()), int(review.sum()), len(scores))
    for label in np.flatnonzero(found.accepts):
        known = accepted[:, label] & (truth[:, label] >= 0)
        assert (truth[known, label] == 1).mean() >= 0.9
        lost = (truth[:, label] == 1) & (scores[:, label] < low[label])
        assert lost.sum() <= 0.1 * (truth[:, label] == 1).sum()
    control.choose_images(-1, "review")
    images, words = seen.values["imagesChosen"][-1]
    assert images.tolist() == np.flatnonzero(review.any(axis=1)).tolist()
    assert words == "Any label: to review"
    assert made.stack.undoText() == "review band for precision 0.9 and at most 0.1 lost"
    made.stack.undo()
    assert made.session.band is None
    assert seen.last("countsChanged") is None


def test_a_drag_is_one_step_and_follows_live(sheets: Cutline, control: ReviewBandController) -> None:
    made, seen = sheets.made, Seen(control)
    assert made is not None
    control.set_wanted(True)
    control.begin()
    band = made.session.band
    assert band == ReviewBand.at(made.session.decision.thresholds)
    assert seen.last("loadChanged").images == 0
    scores, _ = scores_and_truth(sheets)
    for value in (0.45, 0.3, 0.12):
        control.set_low(1, value)
        counts = seen.last("countsChanged")
        wanted = (scores[:, 1] >= np.float32(value)) & (scores[:, 1] < np.float32(0.5))
        assert counts.review[1] == wanted.sum()
        assert seen.last("loadChanged").images == wanted.sum()
    control.finish_edit()
    control.set_high(1, 0.9)
    control.finish_edit()
    assert made.session.dataset is not None
    assert made.stack.undoText() == f"accept {made.session.dataset.labels[1]} from 0.9"
    made.stack.undo()
    assert made.stack.undoText() == f"reject {made.session.dataset.labels[1]} below 0.12"
    made.stack.undo()
    assert made.session.band == band
    control.clear()
    assert made.session.band is None


def test_rules_without_thresholds_say_why_there_is_no_band(sheets: Cutline, control: ReviewBandController) -> None:
    made, seen = sheets.made, Seen(control)
    assert made is not None
    control.set_wanted(True)
    control.begin()
    made.decisions.set_rule(DecisionRule.ARGMAX)
    assert "Argmax" in seen.last("obstacleChanged")
    assert seen.last("countsChanged") is None
    control.propose(BandGoal())
    assert "busyChanged" not in seen.values
    made.decisions.set_rule(DecisionRule.ARGMAX_REJECT)
    assert seen.last("obstacleChanged") == ""
    assert seen.last("countsChanged") is not None


def test_out_of_sight_nothing_is_counted(sheets: Cutline, control: ReviewBandController) -> None:
    seen = Seen(control)
    control.begin()
    control.set_low(0, 0.1)
    assert seen.values == {}
    control.set_wanted(True)
    assert seen.last("countsChanged") is not None


def test_much_is_counted_by_a_worker(
    sheets: Cutline, control: ReviewBandController, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.controllers.review_band._SORTED_AT_ONCE", 0)
    monkeypatch.setattr("app.controllers.review_band._COUNTED_AT_ONCE", 0)
    seen, made = Seen(control), sheets.made
    assert made is not None
    control.set_wanted(True)
    control.begin()
    control.set_low(0, 0.2)
    control.set_low(0, 0.05)
    scores, _ = scores_and_truth(sheets)
    wanted = int(((scores[:, 0] >= np.float32(0.05)) & (scores[:, 0] < np.float32(0.5))).sum())
    qtbot.waitUntil(lambda: not made.jobs.busy and seen.last("loadChanged") is not None, timeout=LONG)
    assert seen.last("loadChanged").images == wanted
    control.set_low(0, 0.3)
    qtbot.waitUntil(lambda: not made.jobs.busy and seen.last("loadChanged") is not None, timeout=LONG)
    assert seen.last("loadChanged").images == int(
        ((scores[:, 0] >= np.float32(0.3)) & (scores[:, 0] < np.float32(0.5))).sum()
    )
