"""A picture over which boxes are dragged, to cover what is under them.

Keys: B covers a part in the middle, the arrows move the newest box, with Shift they make it larger or smaller, Delete
takes it away.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from inference.types.looking import Box
from widgets.theme import current_theme
from widgets.zoom_canvas import ZoomCanvas

_STEP: Final = 0.02  # of a side, a key
_FIRST: Final = Box(0.4, 0.4, 0.6, 0.6)
_LEAST: Final = 4.0  # pixels of the view that a drag must go before it is one


class BoxCanvas(ZoomCanvas):
    """The left button drags boxes; the middle one moves the picture."""

    boxesChanged = Signal(tuple)  # of Box, by the user, also while one is being dragged

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._boxes: tuple[Box, ...] = ()
        self._start: QPointF | None = None
        self._drawn = False  # the last box is the one being dragged
        self.setAccessibleName("Edited picture")
        self.setToolTip("Drag to cover a part with grey. B covers the middle, arrows move it, Delete takes it away.")

    def setBoxes(self, boxes: tuple[Box, ...]) -> None:
        """What is covered; nothing is emitted."""
        if boxes != self._boxes:
            self._boxes, self._start = boxes, None
            self.update()

    def boxes(self) -> tuple[Box, ...]:
        """What is covered, the newest last."""
        return self._boxes

    # Qt's events

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: D102
        if event.button() == Qt.MouseButton.LeftButton and self.hasImage():
            self._start, self._drawn = event.position(), False
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: D102
        if self._start is None:
            super().mouseMoveEvent(event)
            return
        moved = event.position() - self._start
        if not self._drawn and max(abs(moved.x()), abs(moved.y())) < _LEAST:
            return
        kept = self._boxes[:-1] if self._drawn else self._boxes
        self._drawn = True
        self._tell((*kept, self._box(self._start, event.position())))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: D102
        if event.button() == Qt.MouseButton.LeftButton and self._start is not None:
            self._start = None
            if self._drawn and _is_empty(self._boxes[-1]):
                self._tell(self._boxes[:-1])  # dragged beside the picture
        else:
            super().mouseReleaseEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: D102
        event.accept()

    def event(self, event: QEvent) -> bool:  # noqa: D102
        keys = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_B, Qt.Key.Key_Delete)
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride and event.key() in keys:
            event.accept()  # not the window's, while the picture has the focus
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: D102
        arrows = {
            Qt.Key.Key_Left: (-_STEP, 0.0),
            Qt.Key.Key_Right: (_STEP, 0.0),
            Qt.Key.Key_Up: (0.0, -_STEP),
            Qt.Key.Key_Down: (0.0, _STEP),
        }
        if event.key() == Qt.Key.Key_B and self.hasImage():
            self._tell((*self._boxes, _FIRST))
        elif event.key() == Qt.Key.Key_Delete and self._boxes:
            self._tell(self._boxes[:-1])
        elif event.key() in arrows and self._boxes:
            across, down = arrows[Qt.Key(event.key())]
            grows = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            *kept, last = self._boxes
            self._tell((*kept, _grown(last, across, down) if grows else _moved(last, across, down)))
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: D102
        super().paintEvent(event)
        if not self.hasImage() or not self._boxes:
            return
        painter = QPainter(self)
        picture = self.pictureRect()
        theme = current_theme()
        for number, box in enumerate(self._boxes, start=1):
            rect = QRectF(
                picture.left() + box.left * picture.width(),
                picture.top() + box.top * picture.height(),
                (box.right - box.left) * picture.width(),
                (box.bottom - box.top) * picture.height(),
            )
            newest = number == len(self._boxes)
            painter.setPen(QPen(QColor(theme.accent if newest else theme.border), 2 if newest else 1))
            painter.drawRect(rect)

    # Inside

    def _update_cursor(self) -> None:
        self.setCursor(Qt.CursorShape.CrossCursor if self.hasImage() else Qt.CursorShape.ArrowCursor)

    def _box(self, one: QPointF, other: QPointF) -> Box:
        """What two corners in the view span, cut at the picture's edges."""
        picture = self.pictureRect()
        xs = sorted((point.x() - picture.left()) / picture.width() for point in (one, other))
        ys = sorted((point.y() - picture.top()) / picture.height() for point in (one, other))
        (left, right), (top, bottom) = ([min(max(at, 0.0), 1.0) for at in ends] for ends in (xs, ys))
        return Box(left, top, right, bottom)

    def _tell(self, boxes: tuple[Box, ...]) -> None:
        self._boxes = boxes
        self.update()
        self.boxesChanged.emit(boxes)


def _is_empty(box: Box) -> bool:
    return box.left == box.right or box.top == box.bottom


def _moved(box: Box, across: float, down: float) -> Box:
    """Moved as far as the edges allow."""
    across = min(max(across, -box.left), 1.0 - box.right)
    down = min(max(down, -box.top), 1.0 - box.bottom)
    return Box(box.left + across, box.top + down, box.right + across, box.bottom + down)


def _grown(box: Box, across: float, down: float) -> Box:
    """Larger or smaller at the right and below."""
    right = min(max(box.right + across, box.left + _STEP), 1.0)
    return replace(box, right=right, bottom=min(max(box.bottom + down, box.top + _STEP), 1.0))
