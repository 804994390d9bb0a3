"""Mouse events to a plot, and what it says in answer."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QEvent, QPointF, Qt, SignalInstance
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget


class Speaker(Protocol):
    """Any plot with a threshold."""

    @property
    def thresholdChanged(self) -> SignalInstance: ...

    @property
    def thresholdEditFinished(self) -> SignalInstance: ...


class Heard:
    """What a plot has said, in order: thresholds, and "end" when an edit was finished."""

    def __init__(self, plot: Speaker) -> None:
        self.said: list[float | str] = []
        plot.thresholdChanged.connect(self.said.append)
        plot.thresholdEditFinished.connect(lambda: self.said.append("end"))


def mouse(plot: QWidget, kind: QEvent.Type, place: QPointF, button: Qt.MouseButton = Qt.MouseButton.LeftButton) -> None:
    """An event to whatever widget stands under a place of the plot, as Qt would deliver it."""
    target = plot.childAt(place.toPoint()) or plot
    local = QPointF(target.mapFrom(plot, place))
    held = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseButtonRelease else button
    which = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseMove else button
    moved = QMouseEvent(kind, local, QPointF(target.mapToGlobal(local)), which, held, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(target, moved)


def press(plot: QWidget, place: QPointF) -> None:
    mouse(plot, QEvent.Type.MouseButtonPress, place)


def move(plot: QWidget, place: QPointF) -> None:
    mouse(plot, QEvent.Type.MouseMove, place)


def release(plot: QWidget, place: QPointF) -> None:
    mouse(plot, QEvent.Type.MouseButtonRelease, place)
