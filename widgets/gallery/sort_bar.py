"""By what the images are sorted, and which way round."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QStackedWidget,
    QToolButton,
    QWidget,
)

from widgets.elided_label import ElidedLabel

_TIP: Final = "What the images are sorted by"
_BY_QUEUE: Final = "as the queue has them"
_BY_QUEUE_TIP: Final = "The queue decides the order. Leave the queue (×) to sort the images otherwise."


class SortBar(QWidget):
    """A choice and an arrow; hidden until there is something to choose from. While a queue decides, it says so."""

    sortChanged = Signal(str, bool)  # key, descending

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._descending = False
        self._caption = QLabel("Sort", self)
        self._keys = QComboBox(self)
        self._keys.setAccessibleName("Sort the images by")
        self._keys.setToolTip(_TIP)
        self._keys.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._keys.setMinimumContentsLength(4)
        self._keys.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._by_queue = ElidedLabel(_BY_QUEUE, self)
        self._by_queue.setAccessibleDescription(_BY_QUEUE_TIP)
        self._room = QStackedWidget(self)  # of one size, whichever is shown
        self._room.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._room.addWidget(self._keys)
        self._room.addWidget(self._by_queue)
        self._caption.setBuddy(self._keys)
        self._way = QToolButton(self)
        self._way.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self._caption)
        row.addWidget(self._room, 1)
        row.addWidget(self._way)
        self._keys.activated.connect(self._tell)
        self._way.clicked.connect(self._turn)
        self._show_way()
        self.hide()

    def setKeys(self, keys: Sequence[tuple[str, str]]) -> None:
        """What can be sorted by: (key, text); the choice is kept where it is still there."""
        chosen = self._keys.currentData()
        with QSignalBlocker(self._keys):
            self._keys.clear()
            for key, text in keys:
                self._keys.addItem(text, key)
            self._keys.setCurrentIndex(max(self._keys.findData(chosen), 0) if keys else -1)
        self.setVisible(bool(keys))

    def setSort(self, key: str, descending: bool) -> None:
        """What is sorted by; a key that is not offered leaves the choice as it is."""
        place = self._keys.findData(key)
        if place >= 0:
            with QSignalBlocker(self._keys):
                self._keys.setCurrentIndex(place)
        self._descending = descending
        self._show_way()

    def setByQueue(self, by_queue: bool) -> None:
        """Whether a queue decides the order; the choice is there again when it does no more."""
        self._room.setCurrentWidget(self._by_queue if by_queue else self._keys)
        self._way.setVisible(not by_queue)
        self.setToolTip(_BY_QUEUE_TIP if by_queue else "")

    def sort(self) -> tuple[str, bool]:
        """The key ("" where none is offered) and whether the highest comes first."""
        return str(self._keys.currentData() or ""), self._descending

    def _turn(self) -> None:
        self._descending = not self._descending
        self._show_way()
        self._tell()

    def _tell(self) -> None:
        self.sortChanged.emit(*self.sort())

    def _show_way(self) -> None:
        self._way.setArrowType(Qt.ArrowType.DownArrow if self._descending else Qt.ArrowType.UpArrow)
        now, other = ("highest", "lowest") if self._descending else ("lowest", "highest")
        self._way.setAccessibleName(f"Sorted {now} first")
        self._way.setToolTip(f"Sorted {now} first; click for {other} first")
        self._way.setAccessibleDescription(self._way.toolTip())
