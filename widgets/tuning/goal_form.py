"""What to tune for: the objective from a menu, a sentence about it, and the parameters that matter to it."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import Final

from PySide6.QtCore import QLocale, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from inference.types import Goal, Objective, Promise
from widgets.segmented import Choice, Segmented
from widgets.tuning.beta_slider import BetaSlider
from widgets.tuning.flow import FlowRow
from widgets.tuning.objectives import (
    FLOOR_LEAST,
    OBJECTIVES,
    Parameter,
    beta_sentence,
    cost_sentence,
    promise_sentence,
    relevant,
    sentence_of,
    text_of,
)


class Curves(StrEnum):
    """Which curves the objective is sought on."""

    SMOOTHED = "smoothed"
    EXACT = "exact"


_CURVES: Final = (
    Choice(
        Curves.SMOOTHED,
        "Smoot&hed",
        "Seeks the best point on curves smoothed over the scores: it follows the chance of this folder less and "
        "does better on new images, most of all where there are few positives.",
    ),
    Choice(
        Curves.EXACT,
        "E&xact on this folder",
        "Seeks the best point on the counts of this folder themselves: the highest number here, though not on "
        "new images.",
    ),
)

_PROMISES: Final = (
    (Promise.MEASURED, "measured on this folder"),
    (Promise.EXPECTED, "expected of new images"),
    (Promise.CONFIDENT, "with confidence"),
)


class GoalForm(QWidget):
    """Holds one Goal. Parameters that do not matter to the objective are hidden, and keep their values."""

    goalChanged = Signal(object)  # Goal, by the user; live

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Goal of tuning")
        self._goal = Goal()
        self._objective = QComboBox(self)
        self._sentence = self._quiet()
        self._beta = BetaSlider(self)
        self._beta_words = self._quiet()
        self._floor = _number(self, FLOOR_LEAST, 1.0, 3, 0.01)
        self._floor_title = self._title("", self._floor)
        self._promise = QComboBox(self)
        self._confidence = _number(self, 50.0, 99.9, 1, 1.0)
        self._covers_all = QCheckBox("for &all labels at once", self)
        self._promise_words = self._quiet()
        self._cost_fp = _number(self, 0.0, 1e6, 2, 1.0)
        self._cost_fn = _number(self, 0.0, 1e6, 2, 1.0)
        self._cost_words = self._quiet()
        self._curves = Segmented("Curves", _CURVES, self)
        self._blocks: dict[Parameter, QWidget] = {}
        self._build()
        self._connect()
        self.setGoal(self._goal)

    # Setters and reading

    def goal(self) -> Goal:
        """The goal as it stands."""
        return self._goal

    def setGoal(self, goal: Goal) -> None:
        """Show a goal; nothing is emitted."""
        self._goal = goal
        fields = (self._objective, self._floor, self._confidence, self._covers_all, self._cost_fp, self._cost_fn)
        blockers = [QSignalBlocker(field) for field in fields]
        self._objective.setCurrentIndex(self._objective.findData(goal.objective))
        self._floor.setValue(goal.floor)
        self._confidence.setValue(goal.confidence * 100)
        self._covers_all.setChecked(goal.covers_all)
        self._cost_fp.setValue(goal.cost_fp)
        self._cost_fn.setValue(goal.cost_fn)
        del blockers
        self._beta.setBeta(goal.beta)
        self._curves.setValue(Curves.SMOOTHED if goal.smoothed else Curves.EXACT)
        self._fill_promises()
        self._show()

    # Building

    def _build(self) -> None:
        for text in OBJECTIVES:
            self._objective.addItem(text.title, text.objective)
        self._objective.setAccessibleName("Goal")
        self._objective.setMaxVisibleItems(len(OBJECTIVES))
        # Long titles must not widen the panel.
        self._objective.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._objective.setMinimumContentsLength(16)
        self._promise.setAccessibleName("How strongly the floor is meant")
        self._promise.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self._confidence.setSuffix(" %")
        self._confidence.setAccessibleName("Confidence in percent")
        self._covers_all.setToolTip(
            "Divides the risk of a broken promise over the labels, so that it holds for all of them together. "
            "More labels will have too few images for it."
        )
        self._cost_fp.setAccessibleName("Cost of a false positive")
        self._cost_fn.setAccessibleName("Cost of a false negative")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(self._row("&Goal", self._objective))
        column.addWidget(self._sentence)
        beta = QWidget(self)
        beta.setLayout(self._row("&Beta", self._beta))
        floor = FlowRow(self, self._floor_title, self._floor, self._promise, self._confidence, self._covers_all)
        costs = FlowRow(
            self,
            FlowRow(self, self._title("A false &positive costs", self._cost_fp), self._cost_fp),
            FlowRow(self, self._title("A false &negative costs", self._cost_fn), self._cost_fn),
        )
        self._blocks = {
            Parameter.BETA: self._block(beta, self._beta_words),
            Parameter.FLOOR: self._block(floor, self._promise_words),
            Parameter.COSTS: self._block(costs, self._cost_words),
            Parameter.CURVES: self._curves,
        }
        for block in self._blocks.values():
            column.addWidget(block)

    def _row(self, title: str, field: QWidget) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._title(title, field))
        row.addWidget(field, 1)
        return row

    def _title(self, text: str, field: QWidget) -> QLabel:
        label = QLabel(text, self)
        label.setBuddy(field)
        label.setContentsMargins(0, 0, 2, 0)  # the last letter may reach over its own width
        return label

    def _block(self, *parts: QWidget) -> QWidget:
        holder = QWidget(self)
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        for part in parts:
            column.addWidget(part)
        return holder

    def _quiet(self) -> QLabel:
        label = QLabel(self)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        return label

    # Acting

    def _connect(self) -> None:
        self._objective.currentIndexChanged.connect(self._objective_chosen)
        self._promise.currentIndexChanged.connect(self._promise_chosen)
        self._beta.betaChanged.connect(lambda beta: self._change(replace(self._goal, beta=beta)))
        self._floor.valueChanged.connect(lambda value: self._change(replace(self._goal, floor=round(value, 3))))
        self._confidence.valueChanged.connect(
            lambda value: self._change(replace(self._goal, confidence=round(value / 100, 4)))
        )
        self._covers_all.toggled.connect(lambda on: self._change(replace(self._goal, covers_all=on)))
        self._cost_fp.valueChanged.connect(lambda value: self._change(replace(self._goal, cost_fp=value)))
        self._cost_fn.valueChanged.connect(lambda value: self._change(replace(self._goal, cost_fn=value)))
        self._curves.chosen.connect(
            lambda curves: self._change(replace(self._goal, smoothed=curves is Curves.SMOOTHED))
        )

    def _objective_chosen(self, _index: int) -> None:
        objective = Objective(self._objective.currentData())
        promise = self._goal.promise
        if promise not in text_of(objective).promises:
            promise = Promise.MEASURED
        self._goal = replace(self._goal, objective=objective, promise=promise)
        self._fill_promises()
        self._change(self._goal)

    def _promise_chosen(self, _index: int) -> None:
        self._change(replace(self._goal, promise=Promise(self._promise.currentData())))

    def _change(self, goal: Goal) -> None:
        self._goal = goal
        self._show()
        self.goalChanged.emit(goal)

    # Showing

    def _fill_promises(self) -> None:
        possible = text_of(self._goal.objective).promises
        with QSignalBlocker(self._promise):
            self._promise.clear()
            for promise, text in _PROMISES:
                if promise in possible:
                    self._promise.addItem(text, promise)
            self._promise.setCurrentIndex(self._promise.findData(self._goal.promise))

    def _show(self) -> None:
        goal, shown = self._goal, relevant(self._goal)
        for parameter, block in self._blocks.items():
            block.setVisible(parameter in shown)
        self._confidence.setVisible(goal.promise is Promise.CONFIDENT)
        self._covers_all.setVisible(goal.promise is Promise.CONFIDENT)
        floor = "precision" if goal.objective is Objective.PRECISION else "recall"
        self._floor_title.setText(f"{floor.capitalize()} at &least")
        self._floor.setAccessibleName(f"Least {floor}")
        self._say(self._sentence, sentence_of(goal))
        self._say(self._beta_words, beta_sentence(goal.beta))
        self._say(self._promise_words, promise_sentence(goal))
        self._say(self._cost_words, cost_sentence(goal))
        self._objective.setAccessibleDescription(self._sentence.text())

    @staticmethod
    def _say(label: QLabel, text: str) -> None:
        if label.text() != text:
            label.setText(text)


def _number(parent: QWidget, least: float, most: float, places: int, step: float) -> QDoubleSpinBox:
    """A field that writes a point, as the rest of the window does, and tells a number once it is whole."""
    field = QDoubleSpinBox(parent)
    field.setLocale(QLocale.c())
    field.setRange(least, most)
    field.setDecimals(places)
    field.setSingleStep(step)
    field.setKeyboardTracking(False)
    return field
