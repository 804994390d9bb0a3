"""What to tune for: the objective from a menu, a sentence about it, and the parameters that matter to it."""

from __future__ import annotations

from collections.abc import Sequence
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
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from inference.types import Goal, Objective, Promise
from widgets.segmented import Choice, Segmented
from widgets.tuning.beta_slider import BetaSlider
from widgets.tuning.flow import FlowRow
from widgets.tuning.objectives import (
    FLOOR_LEAST,
    K_MOST,
    OBJECTIVES,
    Parameter,
    beta_sentence,
    cost_sentence,
    promise_sentence,
    relevant,
    sentence_of,
    text_of,
)
from widgets.tuning.prevalences import PrevalenceTable


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

_FLOORS: Final = {Objective.PRECISION: "precision", Objective.REJECT_ACCURACY: "accuracy"}
_COSTS: Final = {  # the words and the spoken name of both fields, without and with rejection
    False: (
        ("A false &positive costs", "Cost of a false positive"),
        ("A false &negative costs", "Cost of a false negative"),
    ),
    True: (("A &wrong class costs", "Cost of a wrong class"), ("A &rejected image costs", "Cost of a rejected image")),
}


class GoalForm(QWidget):
    """Holds one Goal. Parameters that do not matter to the objective are hidden, and keep their values."""

    goalChanged = Signal(object)  # Goal, by the user; live

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Goal of tuning")
        self._goal = Goal()
        self._offered: tuple[Objective, ...] = ()
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
        self._cost_titles = [self._title("", field) for field in (self._cost_fp, self._cost_fn)]
        self._cost_words = self._quiet()
        self._k = QSpinBox(self)
        self._coverage = _number(self, 1.0, 100.0, 1, 1.0)
        self._prevalences = PrevalenceTable(self)
        self._curves = Segmented("Curves", _CURVES, self)
        self._blocks: dict[Parameter, QWidget] = {}
        self._build()
        self._connect()
        self.setOffered(tuple(text.objective for text in OBJECTIVES))

    # Setters and reading

    def goal(self) -> Goal:
        """The goal as it stands."""
        return self._goal

    def setGoal(self, goal: Goal) -> None:
        """Show a goal; nothing is emitted."""
        self._goal = goal
        numbers = (self._floor, self._confidence, self._cost_fp, self._cost_fn, self._k, self._coverage)
        blockers = [QSignalBlocker(field) for field in (self._objective, self._covers_all, *numbers)]
        self._objective.setCurrentIndex(self._objective.findData(goal.objective))
        self._floor.setValue(_floor_of(goal))
        self._k.setValue(goal.k)
        self._coverage.setValue(goal.coverage * 100)
        self._confidence.setValue(goal.confidence * 100)
        self._covers_all.setChecked(goal.covers_all)
        self._cost_fp.setValue(goal.cost_fp)
        self._cost_fn.setValue(goal.cost_fn)
        del blockers
        self._prevalences.setShares(goal.target_prevalence)
        self._beta.setBeta(goal.beta)
        self._curves.setValue(Curves.SMOOTHED if goal.smoothed else Curves.EXACT)
        self._fill_promises()
        self._show()

    def setOffered(self, objectives: Sequence[Objective]) -> None:
        """What the menu has. A goal that it lacks stays, under an empty line, until another one is chosen."""
        if tuple(objectives) != self._offered:
            self._offered = tuple(objectives)
            with QSignalBlocker(self._objective):
                self._objective.clear()
                for objective in objectives:
                    self._objective.addItem(text_of(objective).title, objective)
            self._objective.setMaxVisibleItems(len(OBJECTIVES))
        self.setGoal(self._goal)

    def offered(self) -> tuple[Objective, ...]:
        """What the menu has."""
        return self._offered

    def setClasses(self, names: Sequence[str]) -> None:
        """The classes whose frequencies can be said."""
        with QSignalBlocker(self._k):
            self._k.setMaximum(max(1, min(len(names), K_MOST)))
        self._prevalences.setLabels(names)
        self.setGoal(self._goal)

    def setPrevalences(self, shares: Sequence[float]) -> None:
        """How frequent the classes are in this folder; () where that is not known."""
        self._prevalences.setHere(shares)

    # Building

    def _build(self) -> None:
        self._objective.setAccessibleName("Goal")
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
        self._k.setRange(1, K_MOST)
        self._k.setLocale(QLocale.c())
        self._k.setKeyboardTracking(False)
        self._k.setAccessibleName("How many labels an image is given")
        self._coverage.setSuffix(" %")
        self._coverage.setAccessibleName("Share of the images that are decided, in percent")
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
            FlowRow(self, self._cost_titles[0], self._cost_fp),
            FlowRow(self, self._cost_titles[1], self._cost_fn),
        )
        block = self._block(floor, self._promise_words)
        self._blocks = {
            Parameter.BETA: self._block(beta, self._beta_words),
            Parameter.FLOOR: block,
            Parameter.ACCURACY: block,
            Parameter.COSTS: self._block(costs, self._cost_words),
            Parameter.K: self._block(FlowRow(self, self._title("&Labels an image", self._k), self._k)),
            Parameter.COVERAGE: self._block(FlowRow(self, self._title("&Decide", self._coverage), self._coverage)),
            Parameter.PREVALENCES: self._prevalences,
            Parameter.CURVES: self._curves,
        }
        for block in dict.fromkeys(self._blocks.values()):
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
        self._floor.valueChanged.connect(self._floor_typed)
        self._k.valueChanged.connect(lambda value: self._change(replace(self._goal, k=value)))
        self._coverage.valueChanged.connect(
            lambda value: self._change(replace(self._goal, coverage=round(value / 100, 4)))
        )
        self._prevalences.sharesChanged.connect(
            lambda shares: self._change(replace(self._goal, target_prevalence=shares))
        )
        self._confidence.valueChanged.connect(
            lambda value: self._change(replace(self._goal, confidence=round(value / 100, 4)))
        )
        self._covers_all.toggled.connect(lambda on: self._change(replace(self._goal, covers_all=on)))
        self._cost_fp.valueChanged.connect(lambda value: self._change(replace(self._goal, cost_fp=value)))
        self._cost_fn.valueChanged.connect(lambda value: self._change(replace(self._goal, cost_fn=value)))
        self._curves.chosen.connect(
            lambda curves: self._change(replace(self._goal, smoothed=curves is Curves.SMOOTHED))
        )

    def _floor_typed(self, value: float) -> None:
        goal, floor = self._goal, round(value, 3)
        of_classes = goal.objective is Objective.REJECT_ACCURACY
        self._change(replace(goal, accuracy=floor) if of_classes else replace(goal, floor=floor))

    def _objective_chosen(self, _index: int) -> None:
        objective = Objective(self._objective.currentData())
        promise = self._goal.promise
        if promise not in text_of(objective).promises:
            promise = Promise.MEASURED
        self._goal = replace(self._goal, objective=objective, promise=promise)
        with QSignalBlocker(self._floor):
            self._floor.setValue(_floor_of(self._goal))
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
        in_sight = {block for parameter, block in self._blocks.items() if parameter in shown}
        for block in self._blocks.values():
            block.setVisible(block in in_sight)
        self._confidence.setVisible(goal.promise is Promise.CONFIDENT)
        self._covers_all.setVisible(goal.promise is Promise.CONFIDENT and Parameter.FLOOR in shown)
        floor = _FLOORS.get(goal.objective, "recall")
        self._floor_title.setText(f"{floor.capitalize()} at &least")
        self._floor.setAccessibleName(f"Least {floor}")
        rejects = goal.objective is Objective.REJECT_COST
        for (title, name), label in zip(_COSTS[rejects], self._cost_titles, strict=True):
            label.setText(title)
            label.buddy().setAccessibleName(name)
        self._say(self._sentence, sentence_of(goal))
        self._say(self._beta_words, beta_sentence(goal.beta))
        self._say(self._promise_words, promise_sentence(goal))
        self._say(self._cost_words, cost_sentence(goal))
        self._objective.setAccessibleDescription(self._sentence.text())

    @staticmethod
    def _say(label: QLabel, text: str) -> None:
        if label.text() != text:
            label.setText(text)


def _floor_of(goal: Goal) -> float:
    return goal.accuracy if goal.objective is Objective.REJECT_ACCURACY else goal.floor


def _number(parent: QWidget, least: float, most: float, places: int, step: float) -> QDoubleSpinBox:
    """A field that writes a point, as the rest of the window does, and tells a number once it is whole."""
    field = QDoubleSpinBox(parent)
    field.setLocale(QLocale.c())
    field.setRange(least, most)
    field.setDecimals(places)
    field.setSingleStep(step)
    field.setKeyboardTracking(False)
    return field
