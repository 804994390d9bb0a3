"""The tuning panel: a goal, the proposal beside the thresholds in force and beside 0.5, and what applying it does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QPalette, QResizeEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from inference.types import (
    Averages,
    BoolArray,
    DecisionRule,
    Estimate,
    Goal,
    IntArray,
    LabelMetrics,
    LogitMap,
    Proposal,
    Split,
    Task,
    ThresholdIntervals,
    Thresholds,
)
from widgets.elided_label import ElidedLabel
from widgets.tables.filter_field import FilterField
from widgets.tuning.goal_form import GoalForm
from widgets.tuning.label_goals import LabelGoals
from widgets.tuning.model import TuningModel
from widgets.tuning.objectives import offered
from widgets.tuning.schemes import Scheme
from widgets.tuning.split_line import SplitLine
from widgets.tuning.status import applies, apply_text, empty_text, is_fitted, locks_changed, proposal_sentence
from widgets.tuning.summary import AveragesSummary
from widgets.tuning.view import TuningView

SETTLE_MS: Final = 400  # rows move to their places this long after the numbers came to rest
_DETAIL_WIDE: Final = 560  # pixels from which two lines do, where three are kept otherwise
_NO_LABEL: Final = "Choose a label to read what is proposed for it and why."


class TuningPanel(QWidget):
    """Setters never emit. While it is live every move of the goal is told at once, otherwise Propose asks."""

    goalChanged = Signal(object)  # Goal, by the user
    proposeRequested = Signal(object)  # Goal
    applyRequested = Signal()
    estimateRequested = Signal()
    cancelRequested = Signal()
    labelLocked = Signal(int, bool)
    labelChosen = Signal(int)
    labelGoalChanged = Signal(int, object)  # label, and its own Goal or None
    holdOutRequested = Signal()
    holdOutDropped = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Tuning")
        self._live = True
        self._busy = ""
        self._images: int | None = None
        self._model = TuningModel(self)
        self._form = GoalForm(self)
        self._split = SplitLine(self)
        self._status = ElidedLabel(parent=self)
        self._cancel = QPushButton("Cancel", self)
        self._filter = FilterField("Filter labels", self)
        self._only = QCheckBox("&only what changes", self)
        self._view = TuningView(self._model, self)
        self._label_goals = LabelGoals(self._view, self._model.rows, self._form, self)
        self._detail = QLabel(self)
        self._summary = AveragesSummary(self)
        self._propose = QPushButton("P&ropose", self)
        self._expect = QPushButton("&Estimate for new images", self)
        self._apply = QPushButton(self)
        self._settle = QTimer(self)
        self._prepare()
        self._build()
        self._connect()
        self._refresh()

    # Setters

    def setLabels(self, names: Sequence[str]) -> None:
        """Start over with other labels; all that was known of the old ones is forgotten, the goal is kept."""
        with QSignalBlocker(self._filter), QSignalBlocker(self._only):
            self._filter.clear()
            self._only.setChecked(False)
        self._settle.stop()
        self._view.set_current(-1)
        self._model.set_labels(names)
        self._form.setClasses(names)
        self._images = None
        self._summary.setHalf(None)
        self._summary.setNow(None)
        self._summary.setProposed(None)
        self._summary.setEstimate(None)
        self._refresh()

    def setGoal(self, goal: Goal) -> None:
        """The goal to show, as when a profile is opened."""
        self._form.setGoal(goal)
        self._refresh()

    def goal(self) -> Goal:
        """The goal as it stands."""
        return self._form.goal()

    def setTask(
        self,
        task: Task,
        rule: DecisionRule,
        k: int = 1,
        calibration: LogitMap | None = None,
        biases: LogitMap | None = None,
    ) -> None:
        """What decides now: it says which goals are offered and what a proposal would change."""
        self._form.setOffered(offered(task, rule))
        self._model.set_scheme(Scheme(rule, k, calibration, biases))
        self._changed()

    def setPrevalences(self, shares: Sequence[float]) -> None:
        """How frequent the classes are in this folder, (c,); () where that is not known."""
        self._form.setPrevalences(shares)

    def setLabelGoals(self, goals: Mapping[int, Goal]) -> None:
        """Which labels have goals of their own."""
        self._model.set_goals(goals)
        self._changed()

    def setThresholdIntervals(self, intervals: ThresholdIntervals | None) -> None:
        """Where tuning puts the proposed thresholds when images are drawn anew. Call it after ``setProposal``."""
        self._model.set_intervals(intervals)
        self._changed()

    def setSplit(self, split: Split | None, n_images: int) -> None:
        """On which of the images the numbers are measured; None: on all."""
        self._split.setSplit(split, n_images)
        self._summary.setSeparate(split is not None)

    def setLive(self, live: bool) -> None:
        """Whether proposals follow the goal by themselves; otherwise a button asks for them."""
        self._live = live
        self._refresh()

    def setCurrent(self, thresholds: Thresholds) -> None:
        """The thresholds in force."""
        self._model.set_current(thresholds)
        self._changed()

    def setProposal(
        self, proposal: Proposal | None, metrics: LabelMetrics | None = None, averages: Averages | None = None
    ) -> None:
        """What is proposed and the numbers it gives. Flips, and an estimate of other thresholds, are forgotten."""
        old = self._model.rows.proposal
        same = old is not None and proposal is not None and old.thresholds == proposal.thresholds
        self._model.set_proposal(proposal, metrics)
        self._summary.setProposed(averages)
        if not same:
            self._images = None
            self._model.set_flips(None)
            self._model.set_intervals(None)
            self._forget_estimate()
        elif old is not None and proposal is not None and old.goal != proposal.goal:
            self._forget_estimate()  # the same thresholds here, another way of tuning inside the folds
        self._changed()

    def setNow(self, metrics: LabelMetrics | None, averages: Averages | None) -> None:
        """The numbers at the thresholds in force."""
        self._model.set_now(metrics)
        self._summary.setNow(averages)
        self._changed()

    def setAtHalf(self, metrics: LabelMetrics | None, averages: Averages | None) -> None:
        """The numbers at 0.5."""
        self._model.set_half(metrics)
        self._summary.setHalf(averages)
        self._changed()

    def setFlips(self, flips: IntArray | None, total: int) -> None:
        """How many images change decision under each label (c,), and how many images in all."""
        self._model.set_flips(flips)
        self._images = None if flips is None else total
        self._changed()

    def setEstimate(self, estimate: Estimate | None) -> None:
        """What to expect of the proposal on new images. Call it after ``setProposal``."""
        self._model.set_estimate(estimate)
        self._summary.setEstimate(estimate)
        self._refresh()

    def setBusy(self, text: str) -> None:
        """What is going on ("Tuning…"), which can be cancelled; "" when it is over."""
        self._busy = text
        self._refresh()

    def setLocked(self, locked: BoolArray) -> None:
        """Which labels keep their threshold, (c,)."""
        self._model.set_locked(locked)
        self._changed()

    def setCurrentLabel(self, label: int) -> None:
        """Choose a row; -1 chooses none."""
        if label != self._view.current_label():
            self._view.set_current(label)
            self._refresh()

    # Building

    def _prepare(self) -> None:
        self._only.setToolTip("Show only the labels whose threshold would change.")
        self._cancel.setAccessibleName("Cancel what is going on")
        self._status.setMinimumHeight(self._cancel.sizeHint().height())  # the line must not grow with Cancel
        self._detail.setTextFormat(Qt.TextFormat.PlainText)
        self._detail.setWordWrap(True)
        self._detail.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._detail.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self._detail.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._detail.setAccessibleName("About the chosen label")
        self._expect.setToolTip(
            "Tunes on a part of the images and counts on the rest, in turns, for numbers that do not flatter.\n"
            "It takes as long as tuning several times."
        )
        self._apply.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._apply.setDefault(False)
        self._view.setMinimumHeight(4 * self.fontMetrics().height())
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._fit_detail()

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(6)
        column.addWidget(self._form)
        column.addWidget(self._split)
        column.addLayout(_row(self._status, self._cancel))
        column.addLayout(_row(self._filter, self._only))
        column.addWidget(self._view, 1)
        column.addWidget(self._detail)
        column.addWidget(self._summary)
        buttons = _row(self._propose, self._expect)
        buttons.addStretch(1)
        column.addLayout(buttons)
        column.addWidget(self._apply)
        order = (self._form, self._split, self._cancel, self._filter, self._only, self._view)
        for first, second in pairwise((*order, self._propose, self._expect, self._apply)):
            self.setTabOrder(first, second)

    def _connect(self) -> None:
        self._form.goalChanged.connect(self._goal_changed)
        self._propose.clicked.connect(lambda: self.proposeRequested.emit(self._form.goal()))
        self._expect.clicked.connect(lambda: self.estimateRequested.emit())
        self._apply.clicked.connect(lambda: self.applyRequested.emit())
        self._cancel.clicked.connect(lambda: self.cancelRequested.emit())
        self._filter.textChanged.connect(self._filter_changed)
        self._filter.rowsRequested.connect(self._go_to_rows)
        self._only.toggled.connect(self._filter_changed)
        self._view.labelChosen.connect(self._label_chosen)
        self._view.lockToggled.connect(self._lock_toggled)
        self._label_goals.goalSet.connect(self._goal_set)
        self._label_goals.lockSet.connect(self._lock_set)
        self._split.holdOutRequested.connect(self.holdOutRequested)
        self._split.holdOutDropped.connect(self.holdOutDropped)
        self._settle.timeout.connect(self._settled)

    # What the parts tell

    def _goal_changed(self, goal: Goal) -> None:
        self._refresh()
        self.goalChanged.emit(goal)

    def _filter_changed(self) -> None:
        self._model.set_filter(self._filter.text(), only_changes=self._only.isChecked())
        self._refresh()

    def _go_to_rows(self) -> None:
        self._view.setFocus(Qt.FocusReason.OtherFocusReason)

    def _label_chosen(self, label: int) -> None:
        self._refresh()
        self.labelChosen.emit(label)

    def _lock_toggled(self, label: int) -> None:
        locked = self._model.rows.locked.copy()
        locked[label] = not locked[label]
        self._model.set_locked(locked)
        self._changed()
        self.labelLocked.emit(label, bool(locked[label]))

    def _goal_set(self, labels: Sequence[int], goal: Goal | None) -> None:
        goals = dict(self._model.rows.goals)
        changed = [label for label in labels if goals.get(label) != goal]
        for label in changed:
            goals.pop(label, None)
            if goal is not None:
                goals[label] = goal
        self.setLabelGoals(goals)
        for label in changed:
            self.labelGoalChanged.emit(label, goal)

    def _lock_set(self, labels: Sequence[int], locked: bool) -> None:
        for label in labels:
            if self._model.rows.locked[label] != locked:
                self._lock_toggled(label)

    def _forget_estimate(self) -> None:
        self._model.set_estimate(None)
        self._summary.setEstimate(None)

    # Showing

    def _changed(self) -> None:
        self._view.make_room()
        if self._model.sort_column is not None or self._only.isChecked():
            self._settle.start()
        self._refresh()

    def _settled(self) -> None:
        self._model.settle()
        self._refresh()

    def _refresh(self) -> None:
        rows, goal = self._model.rows, self._form.goal()
        some = bool(rows.labels)
        self._status.setText(self._busy or proposal_sentence(rows, goal, live=self._live))
        self._cancel.setVisible(bool(self._busy))
        self._form.setEnabled(some)
        self._view.empty_text = empty_text(rows, self._filter.text())
        self._view.viewport().update()
        self._apply.setText(apply_text(rows, self._images))
        ready = rows.proposal is not None and not locks_changed(rows)
        self._apply.setEnabled(ready and applies(rows))
        self._propose.setVisible(not self._live or rows.proposal is None or locks_changed(rows))
        self._propose.setEnabled(some and not self._busy)
        fresh = is_fitted(rows) and rows.estimate is None
        self._expect.setEnabled(fresh and not self._busy)
        label = self._view.current_label()
        known = 0 <= label < len(rows.labels)
        self._detail.setText(f"{rows.name(label)}: {rows.detail(label)}" if known else _NO_LABEL if some else "")
        self._detail.setToolTip(self._detail.text() if known else "")

    def _fit_detail(self) -> None:
        lines = 2 if self.width() >= _DETAIL_WIDE else 3
        self._detail.setFixedHeight(lines * self.fontMetrics().lineSpacing())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Words need more lines where they are short."""
        super().resizeEvent(event)
        self._fit_detail()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_settle"):
            self._fit_detail()


def _row(*parts: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(8)
    for part in parts:
        row.addWidget(part)
    return row
