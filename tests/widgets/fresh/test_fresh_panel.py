"""The panel of new images: what it says in each state, and what it asks for."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QProgressBar, QPushButton
from pytestqt.qtbot import QtBot

from inference.types import DriftReport, FreshCounts, FreshState, Progress
from widgets.fresh import FreshPanel
from widgets.fresh.columns import Column
from widgets.fresh.view import FreshView


def counts_of() -> FreshCounts:
    return FreshCounts(
        n_images=200,
        predicted=np.array([50, 0], dtype=np.int64),
        low=np.array([0.2, 0.0]),
        high=np.array([0.302, 0.013]),
        validation_share=np.array([0.2, np.nan]),
        expected_right=np.array([41.6, np.nan]),
        confidence=0.9,
    )


def drift_of() -> DriftReport:
    return DriftReport(
        p=np.array([0.00001, 0.4]),
        adjusted=np.array([0.00002, 0.4]),
        gap=np.array([0.31, 0.05]),
        higher=np.array([1, -1]),
        differs=np.array([True, False]),
        alpha=0.05,
        n_here=200,
        n_there=1500,
    )


@pytest.fixture
def panel(qtbot: QtBot) -> FreshPanel:
    made = FreshPanel()
    qtbot.addWidget(made)
    made.resize(800, 400)
    made.setLabels(("cat", "dog"))
    made.show()
    return made


def view_of(panel: FreshPanel) -> FreshView:
    return panel.findChild(FreshView)  # type: ignore[return-value]


def texts(panel: FreshPanel, column: Column) -> list[str]:
    model = view_of(panel).model()
    return [str(model.index(row, column).data()) for row in range(model.rowCount())]


def buttons(panel: FreshPanel) -> dict[str, QPushButton]:
    return {one.text().replace("&", ""): one for one in panel.findChildren(QPushButton) if one.isVisible()}


def test_empty_it_offers_one_thing(panel: FreshPanel, qtbot: QtBot) -> None:
    assert list(buttons(panel)) == ["Open unlabelled folder…"]
    assert "Open a folder" in view_of(panel).empty_text
    with qtbot.waitSignal(panel.openRequested, timeout=1000):
        buttons(panel)["Open unlabelled folder…"].click()
    panel.setState(FreshState(blocked="Open a model first."))
    assert not buttons(panel)["Open unlabelled folder…"].isEnabled()
    assert view_of(panel).empty_text == "Open a model first."


def test_while_scoring_it_shows_progress_and_can_be_cancelled(panel: FreshPanel, qtbot: QtBot) -> None:
    panel.setState(FreshState("/data/new", 100, 20, 0, 0, True, "Waits until the validation folder is scored."))
    panel.setProgress(Progress(20, 100, 12.0, 7.0))
    bar = panel.findChild(QProgressBar)
    assert isinstance(bar, QProgressBar)
    assert bar.isVisible()
    assert bar.text() == "20 of 100, 12 images/s"
    assert "Waits until" in panel.facts()
    with qtbot.waitSignal(panel.cancelRequested, timeout=1000):
        buttons(panel)["Cancel"].click()
    assert "Save predictions as CSV…" not in buttons(panel)


def test_the_counts_stand_beside_the_validation_folders(panel: FreshPanel, qtbot: QtBot) -> None:
    panel.setState(FreshState("/data/new", 203, 200, 2, 1))
    panel.setCounts(counts_of())
    assert panel.facts() == (
        "200 of 203 images scored, 2 files could not be read, 1 image left out, as the model gave no finite scores."
    )
    assert texts(panel, Column.PREDICTED) == ["50", "0"]
    assert texts(panel, Column.SHARE) == ["25.0 % [20.0–30.2]", "0.0 % [0.0–1.3]"]
    assert texts(panel, Column.VALIDATION) == ["20.0 %", "–"]
    assert texts(panel, Column.RIGHT) == ["≈ 42", "–"]
    for name, signal in (
        ("Save predictions as CSV…", panel.exportRequested),
        ("Try unreadable files again", panel.againRequested),
        ("Close folder", panel.closeRequested),
    ):
        with qtbot.waitSignal(signal, timeout=1000):
            buttons(panel)[name].click()
    panel.setState(FreshState("/data/new", 203, 150))
    assert "Score the rest" in buttons(panel)


def test_drift_is_warned_of_and_explained(panel: FreshPanel) -> None:
    panel.setState(FreshState("/data/new", 200, 200))
    panel.setCounts(counts_of())
    panel.setDrift(drift_of(), ("strongly higher", "no difference seen"), "The score distribution of 1 of 2 labels.")
    assert "1 of 2 labels" in panel.warning()
    assert texts(panel, Column.DRIFT) == ["strongly higher", "no difference seen"]
    tip = str(view_of(panel).model().index(0, Column.DRIFT).data(Qt.ItemDataRole.ToolTipRole))
    assert tip.startswith("Scores are strongly higher than in the validation folder.")
    assert "31 points" in tip
    assert "p = < 0.001" not in tip
    panel.setDrift(None, (), "")
    assert panel.warning() == ""
    assert texts(panel, Column.DRIFT) == ["", ""]


def test_titles_sort(panel: FreshPanel) -> None:
    panel.setCounts(counts_of())
    header = view_of(panel).horizontalHeader()
    for wanted in (["cat", "dog"], ["dog", "cat"], ["cat", "dog"]):
        header.sectionClicked.emit(int(Column.PREDICTED))
        assert texts(panel, Column.NAME) == wanted


def test_setters_never_tell(panel: FreshPanel) -> None:
    heard: list[object] = []
    for signal in (panel.openRequested, panel.againRequested, panel.cancelRequested, panel.closeRequested):
        signal.connect(lambda: heard.append(1))
    panel.labelChosen.connect(heard.append)
    panel.setState(FreshState("/data/new", 10, 10))
    panel.setCounts(counts_of())
    panel.setCurrentLabel(1)
    panel.setDrift(drift_of(), ("", ""), "x")
    panel.setProgress(None)
    panel.setCounts(None)
    panel.setLabels(("one",))
    assert heard == []
