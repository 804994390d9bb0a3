"""The threshold lab in the real window: what a pane asks for happens, and what happens is shown."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from app.application import Cutline
from app.assembly import Controllers
from app.workbench import Workbench
from inference.types import BandGoal, CalibrationMethod, DecisionRule, FreshCounts, LogitMap
from tests.app.conftest import LABELS, write_images
from tests.app.test_window import LONG, assert_table_is_scikit_learns, open_and_score, table_of


@pytest.fixture
def opened(program: Cutline, qtbot: QtBot, colour_model: Path, colour_folder: Path) -> tuple[Controllers, Workbench]:
    open_and_score(program, qtbot, colour_model, colour_folder)
    assert program.made is not None
    assert program.window.workbench is not None
    return program.made, program.window.workbench


def test_an_arrow_key_goes_to_the_next_score_that_changes_a_decision(
    program: Cutline, opened: tuple[Controllers, Workbench], qtbot: QtBot
) -> None:
    made, bench = opened
    stops = []
    for column in range(len(LABELS)):
        scores = made.evaluation.evaluator.label_scores(column)  # type: ignore[union-attr]
        stops.append(np.unique(scores[made.session.dataset.y_true[:, column] >= 0]))  # type: ignore[union-attr]
    label = max(range(len(LABELS)), key=lambda index: len(stops[index]))
    known = stops[label]
    assert len(known) > 5
    made.session.set_label(label)
    made.decisions.set_threshold(label, float(known[3]))
    made.decisions.finish_edit()
    view = table_of(program)
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_Right)
    assert made.session.decision.thresholds.values[label] == known[4]
    qtbot.keyClick(view, Qt.Key.Key_Left)
    assert made.session.decision.thresholds.values[label] == known[3]
    assert_table_is_scikit_learns(program)
    bench.plots.stopRequested.emit(False)
    assert made.session.decision.thresholds.values[label] == known[2]
    made.stack.undo()
    assert made.session.decision.thresholds.values[label] == known[3]


def test_top_k_begins_with_as_many_labels_as_images_have(opened: tuple[Controllers, Workbench]) -> None:
    made, bench = opened
    bench.rule_bar.ruleChosen.emit(DecisionRule.TOP_K)
    truth = made.session.dataset.y_true[made.session.dataset.annotated]  # type: ignore[union-attr]
    assert made.session.decision.k == max(1, round((truth == 1).sum() / len(truth)))
    bench.rule_bar.kChosen.emit(3)
    assert made.session.decision.k == 3
    made.stack.undo()
    made.stack.undo()
    assert made.session.decision.rule is DecisionRule.THRESHOLDS


def test_calibration_chosen_in_its_pane_is_in_force_and_named_in_the_rule_bar(
    program: Cutline, opened: tuple[Controllers, Workbench], qtbot: QtBot
) -> None:
    made, bench = opened
    program.window.actions_by_key["calibrate"].trigger()
    assert bench.calibration_dock.isVisible()
    bench.calibration.methodChosen.emit(CalibrationMethod.TEMPERATURE)
    qtbot.waitUntil(lambda: made.session.decision.calibration is not None, timeout=LONG)
    qtbot.waitUntil(lambda: not made.jobs.busy, timeout=LONG)
    made.stack.undo()
    assert made.session.decision.calibration is None
    assert_table_is_scikit_learns(program)


def test_class_biases_and_calibration_are_remembered_with_the_pair(opened: tuple[Controllers, Workbench]) -> None:
    made, _ = opened
    biases = LogitMap.identity(len(LABELS)).then_add(np.array([0.5, -0.25, 0.0]))
    made.decisions.set_calibration(biases, made.session.decision.thresholds, "a map")
    made.opening.kept.remember()
    kept = made.opening.kept.settings().calibration
    assert kept is not None
    assert kept.shift == {"red": 0.5, "green": -0.25, "blue": 0.0}


def test_a_review_band_is_proposed_counted_and_taken_back(
    program: Cutline, opened: tuple[Controllers, Workbench], qtbot: QtBot
) -> None:
    made, bench = opened
    program.window.actions_by_key["review_band"].trigger()
    bench.review.proposeRequested.emit(BandGoal())
    qtbot.waitUntil(lambda: made.session.band is not None, timeout=LONG)
    band = made.session.band
    assert band is not None
    assert (band.low.values <= band.high.values).all()
    made.stack.undo()
    assert made.session.band is None


def test_new_images_are_scored_and_counted_at_the_thresholds_in_force(
    program: Cutline,
    opened: tuple[Controllers, Workbench],
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made, bench = opened
    write_images(tmp_path / "new", 7, seed=5)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path / "new"))
    with qtbot.waitSignal(made.fresh.countsChanged, timeout=LONG, check_params_cb=lambda counts: counts is not None):
        program.window.actions_by_key["new_images"].trigger()
    assert bench.fresh_dock.isVisible()
    found: list[FreshCounts] = []
    made.fresh.countsChanged.connect(found.append)
    made.decisions.set_all_thresholds(0.0)
    assert found[-1].predicted.tolist() == [7] * len(LABELS)
    made.decisions.set_all_thresholds(1.5)
    assert found[-1].predicted.tolist() == [0] * len(LABELS)
    qtbot.waitUntil(lambda: not made.jobs.busy, timeout=LONG)


def test_small_pictures_of_every_label_and_the_comparison_are_filled(
    opened: tuple[Controllers, Workbench], qtbot: QtBot
) -> None:
    made, bench = opened
    with qtbot.waitSignal(made.plots.multiples.multiplesChanged, timeout=LONG):
        bench.plots.setAllLabels(True)
        made.plots.multiples.show("pr", np.arange(len(LABELS)))
    made.profiles.set_wanted(True)
    made.profiles.save("first")
    bench.profiles_dock.raise_()
    with qtbot.waitSignal(
        made.comparison.comparisonChanged, timeout=LONG, check_params_cb=lambda found: found is not None
    ):
        made.comparison.set_wanted(True)
        made.comparison.add(made.profiles.profiles[0].key)
    qtbot.waitUntil(lambda: not made.jobs.busy, timeout=LONG)
