"""Labels with scores, an application that answers what small pictures ask for, and a mouse."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from inference.evaluation.evaluator import Evaluator
from inference.evaluation.multiples import number_of, small_picture
from inference.types import (
    Activation,
    DecisionRule,
    LabelMetrics,
    MultipleKind,
    Run,
    SmallPicture,
    Thresholds,
)
from tests.widgets.plots.cases import show
from widgets.plots.multiples_page import MultiplesPage

LEFT = Qt.MouseButton.LeftButton


class Folder:
    """Labels with scores, of which the third has no positives, and an application that answers wishes."""

    def __init__(self, n_labels: int = 5, n_images: int = 200) -> None:
        rng = np.random.default_rng(n_labels)
        truth = (rng.random((n_images, n_labels)) < 0.3).astype(np.int8)
        truth[:, 2] = 0
        gain = np.linspace(0.2, 3, n_labels)
        logits = (rng.normal(-1, 1, truth.shape) + gain * truth).astype(np.float32)
        self.names = tuple(f"label {at}" for at in range(n_labels))
        run = Run(logits, np.ones(n_images, dtype=np.uint8))
        half = Thresholds.uniform(n_labels)
        self.evaluator = Evaluator(run, truth, Activation.SIGMOID, DecisionRule.THRESHOLDS, half)
        self.asked: list[tuple[str, list[int]]] = []

    def metrics(self) -> LabelMetrics:
        return self.evaluator.label_metrics()

    def pictures(self, kind: str, labels: list[int]) -> dict[int, SmallPicture]:
        return {label: small_picture(self.evaluator, MultipleKind(kind), label) for label in labels}

    def numbers(self, kind: str) -> np.ndarray:
        return np.array([number_of(self.evaluator, MultipleKind(kind), at) for at in range(len(self.names))])

    def serve(self, page: MultiplesPage) -> None:
        """Answer at once, and note what was asked for."""

        def answer(kind: str, labels: np.ndarray) -> None:
            self.asked.append((kind, labels.tolist()))
            page.setMultiples(kind, self.pictures(kind, labels.tolist()))

        page.multiplesRequested.connect(answer)
        page.numbersRequested.connect(lambda kind: page.setNumbers(kind, self.numbers(kind)))

    def all_asked(self) -> set[int]:
        return {label for _, labels in self.asked for label in labels}


def page_of(qtbot: QtBot, folder: Folder, kind: MultipleKind = MultipleKind.PR) -> MultiplesPage:
    page = MultiplesPage()
    folder.serve(page)
    page.setLabels(folder.names)
    page.setKind(kind)
    page.setThresholds(folder.evaluator.thresholds.values)
    page.setMetrics(folder.metrics())
    show(qtbot, page)
    qtbot.waitUntil(lambda: bool(folder.asked))
    return page


def centre(page: MultiplesPage, label: int) -> QPointF:
    return page.view().cell_rect(label).center()


def click(page: MultiplesPage, place: QPointF) -> None:
    QTest.mouseClick(page.view().viewport(), LEFT, pos=place.toPoint())


def drag(widget: QWidget, *places: QPointF) -> None:
    """Press at the first place, move over the others, release at the last."""
    kinds = [QEvent.Type.MouseButtonPress, *[QEvent.Type.MouseMove] * (len(places) - 1), QEvent.Type.MouseButtonRelease]
    for kind, place in zip(kinds, (*places, places[-1]), strict=True):
        held = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseButtonRelease else LEFT
        which = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseMove else LEFT
        event = QMouseEvent(
            kind, place, QPointF(widget.mapToGlobal(place)), which, held, Qt.KeyboardModifier.NoModifier
        )
        QApplication.sendEvent(widget, event)
