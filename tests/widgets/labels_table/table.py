"""A table at hand: data with plain numpy as oracle, the parts of a panel, and real mouse events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from inference.types import Activation, DecisionRule, ImageScores, LabelMetrics, ScoreArray, Thresholds, TruthArray
from widgets.labels_table import Column, LabelsPanel
from widgets.labels_table.all_row import AllLabelsRow
from widgets.labels_table.editor import ThresholdEditor
from widgets.labels_table.frozen import FrozenNames
from widgets.labels_table.layout import Layout
from widgets.labels_table.slider import Zones
from widgets.labels_table.view import LabelsView

W = TypeVar("W", bound=QWidget)
NO_MODIFIER = Qt.KeyboardModifier.NoModifier


def counted(y_true: NDArray[np.int_], y_score: ScoreArray, thresholds: ScoreArray) -> LabelMetrics:
    """Counts and rates by plain numpy."""
    predicted = y_score >= thresholds
    tp = (predicted & (y_true == 1)).sum(axis=0)
    fp = (predicted & (y_true == 0)).sum(axis=0)
    fn = (~predicted & (y_true == 1)).sum(axis=0)
    tn = (~predicted & (y_true == 0)).sum(axis=0)
    with np.errstate(invalid="ignore"):
        precision, recall, f1 = tp / (tp + fp), tp / (tp + fn), 2 * tp / (2 * tp + fp + fn)
    return LabelMetrics(tp, fp, fn, tn, (y_true == -1).sum(axis=0), precision, recall, f1)


def example(n_labels: int, n_images: int = 60, seed: int = 0) -> tuple[NDArray[np.int_], ScoreArray]:
    """y_true and y_score (n, c); label 1 has no positives, label 2 is unknown everywhere."""
    rng = np.random.default_rng(seed)
    y_true = (rng.random((n_images, n_labels)) < 0.3).astype(int)
    if n_labels > 2:
        y_true[:, 1], y_true[:, 2] = 0, -1
    y_score = np.clip(y_true * 0.3 + rng.random((n_images, n_labels)) * 0.7, 0, 1).astype(np.float32)
    return y_true, y_score


def image_of(scores: Sequence[float], truth: Sequence[int], thresholds: ScoreArray) -> ImageScores:
    """One image's scores, decided by thresholds."""
    values = np.array(scores, dtype=np.float32)
    truths: TruthArray = np.array(truth, dtype=np.int8)
    rule = DecisionRule.THRESHOLDS
    return ImageScores(values, thresholds, values >= thresholds, truths, True, rule, Activation.SIGMOID)


@dataclass
class Told:
    """Everything a panel emitted, in order."""

    events: list[tuple[object, ...]] = field(default_factory=list)

    def listen(self, panel: LabelsPanel) -> None:
        panel.thresholdChanged.connect(lambda label, value: self.events.append(("changed", label, value)))
        panel.allThresholdsChanged.connect(lambda value: self.events.append(("all", value)))
        panel.thresholdEditFinished.connect(lambda: self.events.append(("finished",)))
        panel.labelChosen.connect(lambda label: self.events.append(("chosen", label)))

    def kinds(self) -> list[object]:
        return [event[0] for event in self.events]

    def of(self, kind: str) -> list[tuple[object, ...]]:
        return [event[1:] for event in self.events if event[0] == kind]


class Table:
    """A shown panel and its parts, found as a user finds them."""

    def __init__(self, qtbot: QtBot, labels: Sequence[str], width: int = 700, height: int = 400) -> None:
        self.panel = LabelsPanel()
        qtbot.addWidget(self.panel)
        self.panel.resize(width, height)
        self.panel.setLabels(labels)
        self.panel.show()
        self.told = Told()
        self.told.listen(self.panel)
        self.view: LabelsView = _part(self.panel, LabelsView)
        self.all: AllLabelsRow = _part(self.panel, AllLabelsRow)
        self.frozen: FrozenNames = _part(self.panel, FrozenNames)
        self.filter = next(line for line in self.panel.findChildren(QLineEdit) if "Filter" in line.accessibleName())
        self.count = next(label for label in self.panel.findChildren(QLabel) if label.accessibleName())

    @property
    def layout(self) -> Layout:
        return self.view.keeper.layout

    def text(self, row: int, column: Column) -> str:
        return str(self.view.model().index(row, column).data())

    def column(self, column: Column) -> list[str]:
        return [self.text(row, column) for row in range(self.view.model().rowCount())]

    def role(self, row: int, column: Column, role: Qt.ItemDataRole) -> str:
        return str(self.view.model().index(row, column).data(role))

    def zones(self, row: int) -> Zones:
        cell = QRectF(self.view.visualRect(self.view.model().index(row, Column.THRESHOLD)))
        return self.layout.zones(cell)

    def handle(self, row: int, value: float) -> QPointF:
        where = self.zones(row)
        return QPointF(where.track.x_of(value), where.middle)

    def number(self, row: int) -> QPointF:
        return self.zones(row).number.center()

    def editor(self) -> ThresholdEditor | None:
        shown = [editor for editor in self.panel.findChildren(ThresholdEditor) if editor.isVisible()]
        assert len(shown) <= 1
        return shown[0] if shown else None

    def open_editor(self) -> ThresholdEditor:
        editor = self.editor()
        assert editor is not None
        return editor


def _part(panel: LabelsPanel, kind: type[W]) -> W:
    found = panel.findChild(kind)
    assert isinstance(found, kind)
    return found


def press(widget: QWidget, at: QPointF, held: Qt.KeyboardModifier = NO_MODIFIER) -> None:
    _mouse(widget, QEvent.Type.MouseButtonPress, at, held, Qt.MouseButton.LeftButton, Qt.MouseButton.LeftButton)


def move(widget: QWidget, at: QPointF, held: Qt.KeyboardModifier = NO_MODIFIER) -> None:
    _mouse(widget, QEvent.Type.MouseMove, at, held, Qt.MouseButton.NoButton, Qt.MouseButton.LeftButton)


def release(widget: QWidget, at: QPointF, held: Qt.KeyboardModifier = NO_MODIFIER) -> None:
    _mouse(widget, QEvent.Type.MouseButtonRelease, at, held, Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton)


def click(widget: QWidget, at: QPointF) -> None:
    press(widget, at)
    release(widget, at)


def _mouse(
    widget: QWidget,
    kind: QEvent.Type,
    at: QPointF,
    held: Qt.KeyboardModifier,
    button: Qt.MouseButton,
    buttons: Qt.MouseButton,
) -> None:
    place = QPointF(widget.mapToGlobal(QPoint(0, 0))) + at
    QApplication.sendEvent(widget, QMouseEvent(kind, at, place, button, buttons, held))


def thresholds(*values: float) -> Thresholds:
    return Thresholds(np.array(values, dtype=np.float32))
