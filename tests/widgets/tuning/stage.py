"""Data with plain numpy as oracle, and the parts of a shown tuning panel found as a user finds them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QDoubleSpinBox,
    QLabel,
    QLineEdit,
    QSlider,
    QTableView,
    QWidget,
)
from pytestqt.qtbot import QtBot

from inference.types import (
    Averages,
    Goal,
    Intervals,
    LabelMetrics,
    LabelStatus,
    Proposal,
    Rates,
    Thresholds,
)
from tests.widgets.labels_table.table import counted, example
from widgets.elided_label import ElidedLabel
from widgets.tuning import TuningPanel
from widgets.tuning.columns import Column
from widgets.tuning.view import TuningView

O = TypeVar("O", bound=QObject)  # noqa: E741

NAN = float("nan")


def thresholds(*values: float) -> Thresholds:
    return Thresholds(np.array(values, dtype=np.float32))


def averages(micro: float, macro: float = 0.4, samples: float = 0.3) -> Averages:
    """Only the F1s matter here."""
    rates = [Rates(NAN, NAN, f1) for f1 in (micro, macro, NAN, samples)]
    return Averages(rates[0], rates[1], rates[2], rates[3], NAN, NAN, 1, 1, 1, 0, 0, 1)


def proposal(
    values: Sequence[float],
    goal: Goal | None = None,
    status: Sequence[LabelStatus] | None = None,
    notes: Sequence[str] | None = None,
    plateau: tuple[float, float] = (0.25, 0.75),
) -> Proposal:
    count = len(values)
    low, high = (np.full(count, end, dtype=np.float32) for end in plateau)
    return Proposal(
        goal or Goal(),
        thresholds(*values),
        low,
        high,
        tuple(status or [LabelStatus.TUNED] * count),
        tuple(notes or [""] * count),
    )


def intervals(metrics: LabelMetrics) -> Intervals:
    ends = [getattr(metrics, name) + by for name in ("precision", "recall", "f1") for by in (-0.125, 0.125)]
    return Intervals(*ends)


@dataclass
class Told:
    """Everything that was emitted, in order."""

    events: list[tuple[object, ...]] = field(default_factory=list)

    def listen(self, widget: QObject, *signals: str) -> None:
        for name in signals:
            getattr(widget, name).connect(lambda *values, name=name: self.events.append((name, *values)))

    def of(self, name: str) -> list[tuple[object, ...]]:
        return [event[1:] for event in self.events if event[0] == name]

    def names(self) -> list[object]:
        return [event[0] for event in self.events]


SIGNALS = (
    "goalChanged",
    "proposeRequested",
    "applyRequested",
    "estimateRequested",
    "cancelRequested",
    "labelLocked",
    "labelChosen",
)


class Stage:
    """A shown panel over random data."""

    def __init__(self, qtbot: QtBot, labels: Sequence[str], width: int = 1200, height: int = 700) -> None:
        self.panel = TuningPanel()
        qtbot.addWidget(self.panel)
        self.panel.resize(width, height)
        self.panel.setLabels(labels)
        self.panel.show()
        self.told = Told()
        self.told.listen(self.panel, *SIGNALS)
        self.view = part(self.panel, TuningView)
        self.y_true, self.y_score = example(len(labels))

    def metrics(self, *values: float) -> LabelMetrics:
        return counted(self.y_true, self.y_score, np.array(values, dtype=np.float32))

    def text(self, row: int, column: Column) -> str:
        return str(self.view.model().index(row, column).data())

    def role(self, row: int, column: Column, role: Qt.ItemDataRole) -> str:
        return str(self.view.model().index(row, column).data(role))

    def column(self, column: Column) -> list[str]:
        return [self.text(row, column) for row in range(self.view.model().rowCount())]

    def apply(self) -> QAbstractButton:
        return next(b for b in buttons(self.panel) if b.text().startswith(("Apply", "Nothing")))

    def button(self, text: str) -> QAbstractButton:
        return next(b for b in buttons(self.panel) if b.text().replace("&", "") == text)

    def said(self) -> list[str]:
        """Every visible text outside the table."""
        lines = [line.text() for line in visible(self.panel, QLabel)]
        return lines + [line.text() for line in visible(self.panel, ElidedLabel)]

    def choose(self, words: str) -> None:
        """Pick an objective from the menu with the keyboard."""
        box = named(self.panel, QComboBox, "Goal")
        wanted = next(place for place in range(box.count()) if box.itemText(place).startswith(words))
        box.setFocus()
        QTest.keyClick(box, Qt.Key.Key_Home)
        for _ in range(wanted):
            QTest.keyClick(box, Qt.Key.Key_Down)

    def slider(self) -> QSlider:
        return named(self.panel, QSlider, "Beta")

    def number(self, name: str) -> QDoubleSpinBox:
        return named(self.panel, QDoubleSpinBox, name)

    def filter(self) -> QLineEdit:
        return named(self.panel, QLineEdit, "Filter")


def part(parent: QWidget, kind: type[O]) -> O:
    found = parent.findChild(kind)
    assert isinstance(found, kind)
    return found


def visible(parent: QWidget, kind: type[O]) -> list[O]:
    return [found for found in parent.findChildren(kind) if isinstance(found, QWidget) and found.isVisible()]


def named(parent: QWidget, kind: type[O], name: str) -> O:
    """The one whose accessible name begins so."""
    all_of_them = parent.findChildren(kind)
    return next(f for f in all_of_them if isinstance(f, QWidget) and f.accessibleName().startswith(name))


def buttons(parent: QWidget) -> list[QAbstractButton]:
    return parent.findChildren(QAbstractButton)


def click_cell(view: QTableView, row: int, column: int) -> None:
    """A real click in the middle of a cell."""
    at: QPoint = view.visualRect(view.model().index(row, column)).center()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
