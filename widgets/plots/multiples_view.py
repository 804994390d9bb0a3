"""The grid of small pictures under the mouse and the keys: a label is chosen, opened, or its threshold dragged."""

from __future__ import annotations

from typing import Final

import numpy as np
from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QHelpEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QToolTip, QWidget

from widgets.plots.multiples_canvas import MultiplesCanvas
from widgets.plots.multiples_keys import is_own_key, next_place
from widgets.plots.multiples_paint import trouble
from widgets.plots.score_axis import ScoreAxis

GRAB_PIXELS: Final = 5.0


class MultiplesView(MultiplesCanvas):
    """A click chooses a label, a double click or Enter on the chosen one opens it. Setters emit nothing.

    Where the threshold is a line over the score, dragging it emits ``thresholdChanged`` at each new place and
    ``thresholdEditFinished`` at the end.
    """

    labelChosen = Signal(int)
    opened = Signal(int)
    thresholdChanged = Signal(int, float)
    thresholdEditFinished = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._dragged: tuple[int, float] | None = None  # label, and from the mouse to its line
        self._edited = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)

    # The mouse

    def _label_at(self, point: QPointF) -> int | None:
        place = self._grid.place_at(point + QPointF(0, self.verticalScrollBar().value()))
        return None if place is None else int(self._order[place])

    def _line_at(self, point: QPointF) -> tuple[int, float] | None:
        """The label whose line a point is near to, and how far the line lies to its right."""
        label = self._label_at(point)
        if label is None or not self._kind.has_line or not self._active:
            return None
        mark = self.mark(label)
        if mark is None or trouble(self._kind, self._pictures.get(label)):
            return None
        cell = self._cell(self.cell_rect(label))
        away = cell.point(min(max(mark.threshold, 0.0), 1.0), 0).x() - point.x()
        over = cell.axes.adjusted(-GRAB_PIXELS, 0, GRAB_PIXELS, 0).contains(point)
        return (label, away) if over and abs(away) <= GRAB_PIXELS else None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the label, and take hold of its line where that is near."""
        label = self._label_at(event.position())
        if event.button() != Qt.MouseButton.LeftButton or label is None:
            super().mousePressEvent(event)
            return
        self._dragged = self._line_at(event.position())
        self._go_to(label)  # not scrolled to: a second click must find it where it was
        self.labelChosen.emit(label)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the line; elsewhere say where one can be taken hold of."""
        if self._dragged is None:
            near = self._line_at(event.position()) is not None
            shape = Qt.CursorShape.SplitHCursor if near else Qt.CursorShape.ArrowCursor
            self.viewport().setCursor(shape)
            return
        label, away = self._dragged
        if label not in self._place_of or not self._active:
            return
        place = self._cell(self.cell_rect(label)).score_at(event.position().x() + away)
        threshold = ScoreAxis().threshold(place)
        if np.float32(threshold) != self._thresholds[label]:
            moved = self._thresholds.copy()
            moved[label] = np.float32(threshold)
            self.setThresholds(moved)
            self._edited = True
            self.thresholdChanged.emit(label, threshold)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """The end of a drag."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._finish()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open the label."""
        label = self._label_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and label is not None:
            self._finish()
            self.opened.emit(label)

    def _finish(self) -> None:
        self._dragged = None
        if self._edited:
            self._edited = False
            self.thresholdEditFinished.emit()

    # Keys

    def _go_to(self, label: int) -> None:
        before, self._cursor = self._cursor, label
        for one in (before, label):
            self._update_label(one)
        self.setAccessibleDescription(self.words(label))

    def event(self, event: QEvent) -> bool:
        """Keep our keys from the window's shortcuts while the grid has the focus."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and is_own_key(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows and their kin move between cells, Enter chooses the label, and opens the chosen one."""
        if not is_own_key(event) or not len(self._order):
            event.ignore()
            return
        here = self._place_of.get(self._cursor)
        page = max(1, int(self.viewport().height() // (self._grid.height + 6)))
        there = next_place(event, here, len(self._order), self._grid.columns, page)
        if there is not None:
            self._go_to(int(self._order[there]))
            self.showLabel(self._cursor)
        elif self._cursor == self._current and self._cursor >= 0:
            self.opened.emit(self._cursor)
        elif self._cursor >= 0:
            self.labelChosen.emit(self._cursor)

    # Qt's events

    def viewportEvent(self, event: QEvent) -> bool:
        """A cell's words under the pointer."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            label = self._label_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), "" if label is None else self.words(label), self.viewport())
            return True
        return super().viewportEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show where the keys are: at the chosen label first."""
        super().focusInEvent(event)
        if self._cursor < 0 and len(self._order):
            self._cursor = self._current if self._current in self._place_of else int(self._order[0])
        self._update_label(self._cursor)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The keys are elsewhere."""
        super().focusOutEvent(event)
        self._finish()
        self._update_label(self._cursor)
