"""The threshold lab's share of the presenter: exact stops, which images are measured, docks that open on demand."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QObject
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QFileDialog, QMenu

from app.assembly import Controllers
from app.main_window import MainWindow
from app.state_values import TrackScale
from app.workbench import Workbench


class LabPresenter(QObject):
    """Reads the controllers of the lab, writes its widgets. Decides nothing."""

    def __init__(self, window: MainWindow, bench: Workbench, made: Controllers) -> None:
        super().__init__(window)
        self._window, self._bench, self._made = window, bench, made
        self._measure = QMenu("&Measure on", window)
        self._measure.setToolTipsVisible(True)
        self._group: QActionGroup | None = None
        edit = window.menus["Edit"]
        edit.insertMenu(window.actions_by_key["find_label"], self._measure)
        self._opening = self._device = ""
        state = made.memory.state
        bench.labels.setTrackScale(state.track_scale)
        bench.averages.setMoreShown(state.more_averages)
        made.quality.set_more_wanted(state.more_averages)
        made.split.tell()

    # -- exact stops -----------------------------------------------------------------------------------------------

    def move_to_stop(self, label: int, up: bool) -> None:
        """A label's threshold to the next score at which a decision changes; nowhere where none does."""
        evaluator = self._made.evaluation.evaluator
        if evaluator is None or not 0 <= label < evaluator.n_labels:
            return
        value = evaluator.next_stop(label, up=up)
        if value is not None:
            self._made.decisions.set_threshold(label, value)

    def move_chosen_to_stop(self, up: bool) -> None:
        """The same for the label that the plots show."""
        self.move_to_stop(self._made.session.label, up)

    def show_risk_threshold(self) -> None:
        """The score under which an image is rejected, where it is the same for all classes."""
        values = self._made.session.decision.thresholds.values
        same = len(values) > 0 and bool(np.all(values == values[0]))
        self._bench.plots.setRiskThreshold(float(values[0]) if same else math.nan)

    def show_measured(self) -> None:
        """On which part the review band is measured."""
        split = self._made.session.split
        self._bench.review.setMeasured("" if split is None else split.words)

    # -- docks that open on demand -----------------------------------------------------------------------------------

    def show_calibration(self) -> None:
        """Whether scores mean what they say, and how to make them."""
        self._bench.bring_forward(self._bench.calibration_dock)

    def show_review_band(self) -> None:
        """What is accepted, what rejected, and what a person looks at."""
        self._bench.bring_forward(self._bench.review_dock)

    def show_new_images(self) -> None:
        """A folder that nobody annotated: ask for one, where there is none yet."""
        self._bench.bring_forward(self._bench.fresh_dock)
        if not self._made.fresh.is_open and not self._made.fresh.blocked:
            self.choose_new_images()

    def choose_new_images(self) -> None:
        """Ask for the folder."""
        path = QFileDialog.getExistingDirectory(self._window, "Open a folder of new images")
        if path:
            self._made.fresh.open(path)

    def save_predictions(self) -> None:
        """Ask where the predictions on the new images are to stand."""
        path, _ = QFileDialog.getSaveFileName(
            self._window, "Save the predictions", "predictions.csv", "CSV files (*.csv)"
        )
        if path:
            self._made.fresh.save(path)

    def on_opening_busy(self, what: str) -> None:
        """New images wait while something is opened."""
        self._opening = what
        self._made.fresh.give_way(self._opening or self._device)

    def on_device_busy(self, what: str) -> None:
        """New images wait while the device changes."""
        self._device = what
        self._made.fresh.give_way(self._opening or self._device)

    # -- what is remembered ------------------------------------------------------------------------------------------

    def remember_track_scale(self, scale: str) -> None:
        """Sliders even in the score, or in its logit."""
        chosen: TrackScale = "logit" if scale == "logit" else "even"
        self._made.memory.update(lambda state: replace(state, track_scale=chosen))

    def remember_more(self, shown: bool) -> None:
        """Whether the further averages are open."""
        self._made.memory.update(lambda state: replace(state, more_averages=shown))

    # -- which images are measured -----------------------------------------------------------------------------------

    def show_splits(self, choices: list[tuple[str, str]], chosen: str) -> None:
        """What there is to measure on, as a menu."""
        self._measure.clear()
        self._group = QActionGroup(self._measure)
        for key, words in choices:
            action = self._measure.addAction(words.replace("&", "&&"))
            action.setCheckable(True)
            action.setChecked(key == chosen)
            self._group.addAction(action)
            action.triggered.connect(lambda _checked=False, key=key: self._made.split.measure_on(key))
        self._measure.setEnabled(len(choices) > 1)
