"""A panel with three labels, and what it says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QPoint, QRectF, Qt, Signal
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QWidget
from pytestqt.qtbot import QtBot

from inference.types import NEGATIVE, POSITIVE, UNKNOWN
from inference.types.annotating_view import AnnotateLabel
from widgets.annotate import AnnotatePanel
from widgets.annotate.columns import Column
from widgets.annotate.finder import Finder
from widgets.annotate.view import AnnotateView

SIGNALS = [
    name
    for name, what in vars(AnnotatePanel).items()
    if isinstance(what, Signal)  # every one, so that none is forgotten
]

CAT, DOG, OWL = 7, 2, 31  # ids of the project, which are no places
LABELS = (AnnotateLabel(CAT, "cat", "1"), AnnotateLabel(DOG, "dog", "2"), AnnotateLabel(OWL, "owl", "K", False))


class Stage:
    """The panel shown, and every signal since, as (name, arguments)."""

    def __init__(self, qtbot: QtBot, labels: Sequence[AnnotateLabel] = LABELS, n_images: int = 1) -> None:
        self.panel = AnnotatePanel()
        qtbot.addWidget(self.panel)
        self.said: list[tuple[Any, ...]] = []
        for name in SIGNALS:
            getattr(self.panel, name).connect(lambda *given, name=name: self.said.append((name, *given)))
        self.panel.resize(340, 700)
        self.panel.setLabels(labels)
        self.panel.setSelection(n_images, "a/cat 1.jpg" if n_images else "")
        self.panel.show()
        QTest.qWaitForWindowExposed(self.panel)
        self.view = self.panel.findChildren(AnnotateView)[0]
        self.finder = self.panel.findChildren(Finder)[0]

    def statements(self, *values: int) -> None:
        self.panel.setStatements(np.array(values, dtype=np.int8))

    def scores(self, *values: float, predicted: Sequence[bool]) -> None:
        self.panel.setScores(np.array(values, dtype=np.float32), np.array(predicted))

    def names(self) -> list[str]:
        """The labels shown, from above."""
        return [self.cell(row, Column.NAME) for row in range(self.view.model().rowCount())]

    def cell(self, row: int, column: Column, role: Qt.ItemDataRole = Qt.ItemDataRole.DisplayRole) -> str:
        model = self.view.model()
        return str(model.data(model.index(row, column), role))

    def click(self, row: int, value: int) -> None:
        """Press one part of a row's control."""
        index = self.view.model().index(row, Column.SAID)
        rect = QRectF(self.view.visualRect(index))
        place = (POSITIVE, NEGATIVE, UNKNOWN).index(value)
        delegate = self.view._delegate
        at = delegate.layout.part_of(rect, place).center()
        QTest.mouseClick(
            self.view.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(at.toPoint())
        )

    def keys(self, widget: QWidget, *keys: Qt.Key, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        for key in keys:
            QTest.keyClick(widget, key, held)

    def button(self, text: str) -> QAbstractButton:
        """By its words without mnemonic, or by its accessible name."""
        for button in self.panel.findChildren(QAbstractButton):
            if text in (button.text().replace("&", ""), button.accessibleName()):
                return button
        raise AssertionError(f"no button {text}")
