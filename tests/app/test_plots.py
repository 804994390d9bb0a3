"""The pictures beside the curve: filled when seen, saved, and leading to the images behind them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtWidgets import QTabBar
from pytestqt.qtbot import QtBot
from sklearn import metrics as sk

from app.application import Cutline
from tests.app.test_window import LONG, expected_predictions, open_and_score
from widgets.plots.roc_plot import RocPlot
from widgets.plots.tabs import Picture


def test_every_picture_of_a_label_is_filled_when_it_comes_into_sight(
    program: Cutline, qtbot: QtBot, colour_model: Path, colour_folder: Path
) -> None:
    open_and_score(program, qtbot, colour_model, colour_folder)
    made, bench = program.made, program.window.workbench
    assert made is not None
    assert bench is not None
    assert made.session.run is not None
    assert made.session.dataset is not None
    bar = bench.plots.findChild(QTabBar)
    assert isinstance(bar, QTabBar)
    for index, picture in enumerate(Picture):
        bar.setCurrentIndex(index)
        qtbot.waitUntil(lambda: not made.jobs.busy, timeout=LONG)
        assert len(bench.plots.data_text().splitlines()) > 2, picture
        if picture is not Picture.LABELS:  # nothing may be missed, and then there is no table to draw
            assert bench.plots.png().startswith(b"\x89PNG"), picture
    bar.setCurrentIndex(list(Picture).index(Picture.ROC))
    scores = 1 / (1 + np.exp(-made.session.run.logits[:, 0].astype(np.float64)))
    known = made.session.dataset.y_true[:, 0] >= 0
    auc = sk.roc_auc_score(made.session.dataset.y_true[known, 0], scores[known])
    plot = bench.plots.findChild(RocPlot)
    assert isinstance(plot, RocPlot)
    assert f"{auc:.2f}" in plot.text()


def test_a_bar_or_a_cell_shows_the_images_behind_it(
    program: Cutline, qtbot: QtBot, colour_model: Path, colour_folder: Path
) -> None:
    open_and_score(program, qtbot, colour_model, colour_folder)
    made, bench = program.made, program.window.workbench
    assert made is not None
    assert bench is not None
    assert made.session.run is not None
    assert made.session.dataset is not None
    truth = made.session.dataset.y_true
    scores = (1 / (1 + np.exp(-made.session.run.logits[:, 0].astype(np.float64)))).astype(np.float32)
    low, high = np.quantile(scores, [0.2, 0.6]).astype(np.float32)
    bench.plots.scoreRangeChosen.emit(float(low), float(high))
    behind = (scores >= low) & (scores <= high) & (truth[:, 0] >= 0)
    assert bench.gallery.shown() == np.flatnonzero(behind).tolist()
    bench.plots.cellChosen.emit("together", 0, 2)
    assert bench.gallery.shown() == np.flatnonzero((truth[:, 0] == 1) & (truth[:, 2] == 1)).tolist()
    bench.plots.cellChosen.emit("missed", 1, 0)
    _, y_pred = expected_predictions(program)
    behind = (truth[:, 1] == 1) & ~y_pred[:, 1] & (truth[:, 0] == 0) & y_pred[:, 0]
    assert bench.gallery.shown() == np.flatnonzero(behind).tolist()
    program.window.message_bar.actionRequested.emit()
    assert len(bench.gallery.shown()) == 30
