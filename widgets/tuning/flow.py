"""Fields in a row that go on under each other where the row is too narrow."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRect, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

GAP = 8
LINE_GAP = 4


class FlowRow(QWidget):
    """Holds widgets; hidden ones take no room. Height follows width. Tab goes in reading order."""

    def __init__(self, parent: QWidget, *parts: QWidget) -> None:
        super().__init__(parent)
        self._parts = parts
        for part in parts:
            part.setParent(self)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def hasHeightForWidth(self) -> bool:
        """It grows downwards where it is narrow."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Pixels that the lines need."""
        return self._flow(width)[1]

    def sizeHint(self) -> QSize:
        """All in one line."""
        sizes = [part.sizeHint() for part in self._shown()]
        width = sum(size.width() for size in sizes) + GAP * max(len(sizes) - 1, 0)
        return QSize(width, max((size.height() for size in sizes), default=0))

    def minimumSizeHint(self) -> QSize:
        """As wide as the widest part, as high as it now is."""
        width = max((part.sizeHint().width() for part in self._shown()), default=0)
        return QSize(width, self.heightForWidth(max(self.width(), width)))

    def event(self, event: QEvent) -> bool:
        """A part was shown, hidden or wants another size."""
        if event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
            self._place()
            return True
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Break the lines anew."""
        super().resizeEvent(event)
        self._place()
        if event.oldSize().width() != event.size().width():
            self.updateGeometry()

    def _shown(self) -> list[QWidget]:
        return [part for part in self._parts if not part.isHidden()]

    def _place(self) -> None:
        for part, place in self._flow(self.width())[0]:
            part.setGeometry(place)

    def _flow(self, width: int) -> tuple[list[tuple[QWidget, QRect]], int]:
        """Where each part goes, and the height of all lines."""
        places: list[tuple[QWidget, QRect]] = []
        line: list[tuple[QWidget, QSize]] = []
        top = 0
        for part in self._shown():
            size = part.sizeHint()
            taken = sum(own.width() + GAP for _, own in line)
            if line and taken + size.width() > width:
                top = _lay(places, line, top) + LINE_GAP
                line = []
            line.append((part, size))
        return places, _lay(places, line, top)


def _lay(places: list[tuple[QWidget, QRect]], line: list[tuple[QWidget, QSize]], top: int) -> int:
    """Put a line's parts beside each other, centred on it; its bottom."""
    height = max((size.height() for _, size in line), default=0)
    left = 0
    for part, size in line:
        places.append((part, QRect(QPoint(left, top + (height - size.height()) // 2), size)))
        left += size.width() + GAP
    return top + height
