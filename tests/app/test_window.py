"""The main job in the real window: open, score, move a threshold, read the numbers."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QTableView
from pytestqt.qtbot import QtBot
from sklearn import metrics as sk

from app.application import Cutline
from app.controllers import scoring
from app.demos import demo
from inference.data.images import decode_image
from inference.types import (
    Activation,
    BoolArray,
    DecisionRule,
    ImageState,
    RgbArray,
    ScoreArray,
    Thresholds,
    ZeroDivision,
)
from tests.app.conftest import stop, write_images, write_labels
from tests.widgets.mouse import move, press, release

LONG = 120_000  # ms; a guard against hanging, not a measure


def open_and_score(program: Cutline, qtbot: QtBot, model: Path, folder: Path) -> None:
    assert program.made is not None
    program.open_pair(str(model), str(folder))
    wait_until_scored(program, qtbot)


def wait_until_scored(program: Cutline, qtbot: QtBot) -> None:
    made = program.made
    assert made is not None
    qtbot.waitUntil(lambda: not made.opening.busy and made.session.run is not None, timeout=LONG)
    qtbot.waitUntil(lambda: not made.scoring.pending, timeout=LONG)
    qtbot.waitUntil(lambda: not made.scoring.running and made.evaluation.settled, timeout=LONG)


def table_of(program: Cutline) -> QTableView:
    assert program.window.workbench is not None
    return max(program.window.workbench.labels.findChildren(QTableView), key=lambda view: view.width())


def cell(program: Cutline, label: str, column: str) -> str:
    """What the table says, found by the names that the user sees."""
    model = table_of(program).model()
    heads = [str(model.headerData(i, Qt.Orientation.Horizontal)) for i in range(model.columnCount())]
    at = heads.index(column)
    for row in range(model.rowCount()):
        if model.index(row, 0).data() == label:
            return str(model.index(row, at).data())
    raise AssertionError(f"no row {label}")


def expected_predictions(program: Cutline) -> tuple[np.ndarray, np.ndarray]:
    """Truth and predictions of the scored images, from the logits alone."""
    assert program.made is not None
    session = program.made.session
    assert session.run is not None
    assert session.dataset is not None
    scored = session.run.state == ImageState.SCORED
    z = session.run.logits[scored].astype(np.float64)
    decision = session.decision
    if decision.activation is Activation.SIGMOID:
        scores = (1 / (1 + np.exp(-z))).astype(np.float32)
    else:
        scores = (np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)).astype(np.float32)
    if decision.rule is DecisionRule.THRESHOLDS:
        y_pred = scores >= decision.thresholds.values
    elif decision.rule is DecisionRule.PER_IMAGE:
        y_pred = np.array([best_set(row) for row in scores])
    else:
        k = decision.k if decision.rule is DecisionRule.TOP_K else 1
        y_pred = np.argsort(np.argsort(-z, axis=1, kind="stable"), axis=1) < k
        if decision.rule is not DecisionRule.ARGMAX:
            y_pred &= scores >= decision.thresholds.values
    return session.dataset.y_true[scored], y_pred


def best_set(scores: ScoreArray) -> BoolArray:
    """The labels whose expected F1 is highest, by trying every set against every truth."""
    every = np.array(list(itertools.product((False, True), repeat=len(scores))))
    chances = np.where(every, scores.astype(np.float64), 1 - scores.astype(np.float64)).prod(axis=1)
    sizes = every[:, None].sum(axis=2) + every[None].sum(axis=2)
    f1 = np.where(sizes == 0, 1.0, 2 * (every[:, None] & every[None]).sum(axis=2) / np.maximum(sizes, 1))
    best: BoolArray = every[(f1 @ chances).argmax()]
    return best


def assert_table_is_scikit_learns(program: Cutline) -> None:
    truth, y_pred = expected_predictions(program)
    assert program.made is not None
    assert program.made.session.dataset is not None
    for index, label in enumerate(program.made.session.dataset.labels):
        known = truth[:, index] >= 0
        if not known.any():
            continue
        tn, fp, fn, tp = sk.confusion_matrix(truth[known, index], y_pred[known, index], labels=[0, 1]).ravel()
        assert [cell(program, label, head) for head in ("TP", "FP", "FN", "TN")] == [str(v) for v in (tp, fp, fn, tn)]
        precision = sk.precision_score(truth[known, index], y_pred[known, index], zero_division=math.nan)
        shown = cell(program, label, "Precision")
        assert shown.startswith("–" if math.isnan(precision) else f"{precision:.2f}"), (label, shown)


def test_the_shipped_demo_from_opening_to_a_dragged_slider(program: Cutline, qtbot: QtBot) -> None:
    sheets = demo("sheets")
    assert program.window.at_start_page
    open_and_score(program, qtbot, sheets.model, sheets.folder)
    assert not program.window.at_start_page
    made = program.made
    assert made is not None
    assert made.session.dataset is not None
    assert len(made.session.dataset) >= 390
    assert_table_is_scikit_learns(program)

    table = table_of(program)
    heads = [table.model().headerData(i, Qt.Orientation.Horizontal) for i in range(table.model().columnCount())]
    rect = table.visualRect(table.model().index(2, heads.index("Threshold")))
    label = table.model().index(2, 0).data()
    at = made.session.dataset.labels.index(label)
    before = made.session.decision.thresholds.values[at]
    seen: list[float] = []
    made.session.thresholdsChanged.connect(lambda: seen.append(float(made.session.decision.thresholds.values[at])))
    viewport = table.viewport()
    begin = rect.left() + rect.width() // 6  # far from 0.5, which the drag must not end at
    press(viewport, QPointF(begin, rect.center().y()))
    for step in range(1, 6):
        move(viewport, QPointF(begin + step * 3, rect.center().y()))
        assert_table_is_scikit_learns(program)  # in the same call, not some time later
    release(viewport, QPointF(begin + 15, rect.center().y()))
    after = made.session.decision.thresholds.values[at]
    assert after != before
    assert len(seen) >= 3

    made.stack.undo()  # the drag is one step
    assert made.session.decision.thresholds.values[at] == before
    assert_table_is_scikit_learns(program)
    made.stack.redo()
    assert made.session.decision.thresholds.values[at] == after
    assert_table_is_scikit_learns(program)


def test_activation_and_rule_switch_at_once_and_undo(
    program: Cutline, qtbot: QtBot, colour_model: Path, colour_folder: Path
) -> None:
    open_and_score(program, qtbot, colour_model, colour_folder)
    made = program.made
    assert made is not None
    for activation in Activation:
        for rule in DecisionRule:
            made.decisions.set_activation(activation)
            made.decisions.set_rule(rule)
            made.decisions.set_k(2)
            assert (made.session.decision.activation, made.session.decision.rule) == (activation, rule)
            assert_table_is_scikit_learns(program)
    while made.stack.canUndo():
        made.stack.undo()
    assert made.session.decision.rule is DecisionRule.THRESHOLDS
    assert made.session.decision.activation is Activation.SIGMOID
    assert_table_is_scikit_learns(program)


def test_dragging_the_curve_moves_the_same_threshold(
    program: Cutline, qtbot: QtBot, colour_model: Path, colour_folder: Path
) -> None:
    open_and_score(program, qtbot, colour_model, colour_folder)
    made, bench = program.made, program.window.workbench
    assert made is not None
    assert bench is not None
    made.session.set_label(1)
    assert made.evaluation.evaluator is not None
    curve = made.evaluation.evaluator.pr_curve(1)
    target = len(curve.thresholds) // 2
    bench.plots.thresholdChanged.emit(float(curve.thresholds[target]))
    bench.plots.thresholdEditFinished.emit()
    assert made.session.decision.thresholds.values[1] == curve.thresholds[target]
    assert int(cell(program, "green", "TP")) == curve.tp[target]
    assert_table_is_scikit_learns(program)


def test_thresholds_come_back_exactly_in_the_next_start(
    start: Callable[[], Cutline], qtbot: QtBot, colour_model: Path, colour_folder: Path
) -> None:
    first = start()
    open_and_score(first, qtbot, colour_model, colour_folder)
    assert first.made is not None
    value = float(np.float32(0.123456789))
    first.made.decisions.set_threshold(2, value)
    first.made.decisions.set_activation(Activation.SOFTMAX)
    first.made.session.set_zero_division(ZeroDivision.ONE)
    stop(first)

    second = start()
    second.open_last()
    wait_until_scored(second, qtbot)
    assert second.made is not None
    decision = second.made.session.decision
    assert decision.thresholds == Thresholds(np.array([0.5, 0.5, value]))
    assert decision.activation is Activation.SOFTMAX
    assert second.made.session.zero_division is ZeroDivision.ONE
    second.made.stack.undo()  # what was done before the restart is taken back after it
    assert second.made.session.decision.activation is Activation.SIGMOID
    assert second.made.session.decision.thresholds == Thresholds(np.array([0.5, 0.5, value]))
    second.made.stack.undo()
    assert second.made.session.decision.thresholds == Thresholds(np.array([0.5, 0.5, 0.5]))
    assert not second.made.stack.canUndo()
    second.made.stack.redo()
    assert second.made.session.decision.thresholds == Thresholds(np.array([0.5, 0.5, value]))


def test_a_broken_image_among_good_ones_is_named_and_the_run_goes_on(
    program: Cutline, qtbot: QtBot, colour_model: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "mixed"
    names = write_images(folder, 20)
    write_labels(folder, names)
    (folder / names[4]).write_bytes(b"")
    (folder / names[9]).write_bytes((folder / names[9]).read_bytes()[:200])
    open_and_score(program, qtbot, colour_model, folder)
    made, bench = program.made, program.window.workbench
    assert made is not None
    assert bench is not None
    assert made.session.run is not None
    assert np.count_nonzero(made.session.run.state == ImageState.SCORED) == 18
    assert set(made.session.failures) == {4, 9}
    assert names[4] in made.session.failures[4]
    assert_table_is_scikit_learns(program)
    made.session.set_image(4)
    qtbot.waitUntil(lambda: not made.jobs.busy, timeout=LONG)
    assert not bench.image_view.canvas().hasImage()


def test_cancel_keeps_what_is_scored_and_score_goes_on(
    program: Cutline, qtbot: QtBot, colour_model: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "many"
    write_labels(folder, write_images(folder, 120))
    made = program.made
    assert made is not None
    made.session.runGrew.connect(lambda _: made.scoring.cancel())  # after the first batch
    program.open_pair(str(colour_model), str(folder))
    qtbot.waitUntil(lambda: made.session.run is not None and made.scoring.pending < 120, timeout=LONG)
    qtbot.waitUntil(lambda: not made.jobs.busy, timeout=LONG)
    assert made.scoring.pending > 0
    assert not made.scoring.running
    assert_table_is_scikit_learns(program)  # over what is scored
    kept = made.session.run.logits[made.session.run.state == ImageState.SCORED].copy() if made.session.run else None
    made.session.runGrew.disconnect()
    made.session.runGrew.connect(made.evaluation._on_run_grew)
    made.scoring.start()
    wait_until_scored(program, qtbot)
    assert made.session.run is not None
    assert kept is not None
    assert np.isin(kept, made.session.run.logits).all()
    assert_table_is_scikit_learns(program)


def test_a_folder_that_vanishes_while_scoring_is_said_and_nothing_is_lost(
    program: Cutline, qtbot: QtBot, colour_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, gone = tmp_path / "mount", tmp_path / "elsewhere"
    write_labels(folder, write_images(folder, 90))
    made = program.made
    assert made is not None
    decoded = itertools.count()

    def decode(path: str) -> RgbArray:
        if next(decoded) == 60:
            folder.rename(gone)
        return decode_image(path).rgb

    monkeypatch.setattr(scoring, "_decode", decode)
    program.open_pair(str(colour_model), str(folder))
    qtbot.waitUntil(lambda: "are not there any more" in program.window.message_bar.currentText(), timeout=LONG)
    assert str(folder) in program.window.message_bar.currentText()
    assert made.session.run is not None
    scored = np.count_nonzero(made.session.run.state == ImageState.SCORED)
    assert scored > 0
    assert not np.any(made.session.run.state == ImageState.BROKEN)
    gone.rename(folder)
    made.scoring.start()
    wait_until_scored(program, qtbot)
    assert np.count_nonzero(made.session.run.state == ImageState.SCORED) == 90


def test_what_cannot_be_opened_changes_nothing(
    program: Cutline, qtbot: QtBot, colour_model: Path, colour_folder: Path, tmp_path: Path
) -> None:
    open_and_score(program, qtbot, colour_model, colour_folder)
    made, bar = program.made, program.window.message_bar
    assert made is not None
    model, dataset = made.session.model, made.session.dataset
    empty = tmp_path / "empty"
    empty.mkdir()
    (tmp_path / "notes.txt").write_text("hello")
    for path in (empty, tmp_path / "nowhere", tmp_path / "notes.txt"):
        bar.clear()
        made.opening.open_paths([str(path)])
        qtbot.waitUntil(lambda: bar.currentText() != "", timeout=LONG)
        assert path.name in bar.currentText()
    assert made.session.model is model
    assert made.session.dataset is dataset
    assert_table_is_scikit_learns(program)


def test_a_model_and_a_folder_dropped_on_the_window_open(
    program: Cutline, qtbot: QtBot, colour_model: Path, colour_folder: Path
) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(colour_model)), QUrl.fromLocalFile(str(colour_folder))])
    event = QDropEvent(
        QPointF(200, 200),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    program.window.dropEvent(event)
    wait_until_scored(program, qtbot)
    assert_table_is_scikit_learns(program)


def test_keys_go_through_images_and_hide_the_overlay(
    program: Cutline, qtbot: QtBot, colour_model: Path, colour_folder: Path
) -> None:
    open_and_score(program, qtbot, colour_model, colour_folder)
    made, bench = program.made, program.window.workbench
    assert made is not None
    assert bench is not None
    program.window.activateWindow()
    bench.image_view.setFocus()
    for key, image in (
        (Qt.Key.Key_D, 1),
        (Qt.Key.Key_Right, 2),
        (Qt.Key.Key_A, 1),
        (Qt.Key.Key_End, 29),
        (Qt.Key.Key_Home, 0),
    ):
        qtbot.keyClick(bench.image_view.canvas(), key)
        assert made.session.image == image, key
    shown = bench.image_view.overlay().isVisible()
    qtbot.keyClick(bench.image_view.canvas(), Qt.Key.Key_O)
    assert bench.image_view.overlay().isVisible() != shown


def test_images_can_be_looked_at_without_a_model(program: Cutline, qtbot: QtBot, colour_folder: Path) -> None:
    made, bench = program.made, program.window.workbench
    assert made is not None
    assert bench is not None
    program.open_pair("", str(colour_folder))
    qtbot.waitUntil(lambda: bench.image_view.canvas().hasImage(), timeout=LONG)
    assert table_of(program).model().rowCount() == 3
    assert made.session.run is None


def test_labels_that_meet_no_name_of_the_model_are_mapped(
    program: Cutline, qtbot: QtBot, colour_model: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "other names"
    write_labels(folder, write_images(folder, 12), labels=("Rot", "Grün", "Blau"))
    open_and_score(program, qtbot, colour_model, folder)
    made = program.made
    assert made is not None
    assert cell(program, "red", "TP") == "0"
    assert made.session.report is not None
    made.opening.correct_dataset(
        made.session.report, made.opening.kept.choices, {"Rot": "red", "Grün": "green", "Blau": "blue"}
    )
    wait_until_scored(program, qtbot)
    assert made.session.dataset is not None
    assert made.session.dataset.labels == ("red", "green", "blue")
    assert np.count_nonzero(made.session.dataset.y_true == 1) > 0
    assert_table_is_scikit_learns(program)


@pytest.mark.parametrize("value", [1e-9, 1.5, -0.25])
def test_no_threshold_is_clamped(
    program: Cutline, qtbot: QtBot, colour_model: Path, colour_folder: Path, value: float
) -> None:
    open_and_score(program, qtbot, colour_model, colour_folder)
    made = program.made
    assert made is not None
    made.decisions.set_threshold(0, value)
    assert made.session.decision.thresholds.values[0] == np.float32(value)
    assert_table_is_scikit_learns(program)
    made.decisions.set_all_thresholds(value)
    assert (made.session.decision.thresholds.values == np.float32(value)).all()
    assert_table_is_scikit_learns(program)
