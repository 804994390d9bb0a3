"""What was done to the image in hand, folded away until somebody wants to see it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QListWidget, QListWidgetItem, QToolButton, QVBoxLayout, QWidget

from inference.types.annotating_view import HistoryLine

_LINES: Final = 5
_EMPTY: Final = "Nothing was done to this image yet."


class HistoryBox(QWidget):
    """A button that unfolds a list, the latest first."""

    wanted = Signal(bool)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._fold = QToolButton(self)
        self._fold.setText("History")
        self._fold.setCheckable(True)
        self._fold.setAutoRaise(True)
        self._fold.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._fold.setArrowType(Qt.ArrowType.RightArrow)
        self._fold.setAccessibleName("History of the image")
        self._fold.setToolTip("Who said what about this image, and when.")
        self._list = QListWidget(self)
        self._list.setAccessibleName("History of the image, the latest first")
        self._list.setWordWrap(True)
        self._list.setFrameShape(QFrame.Shape.StyledPanel)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setFixedHeight(self.fontMetrics().lineSpacing() * _LINES + 12)
        self._list.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self._fold, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self._list)
        self._fold.toggled.connect(self._unfolded)
        self.set_lines(())

    def set_lines(self, lines: Sequence[HistoryLine]) -> None:
        """The latest first."""
        self._list.clear()
        for line in lines:
            item = QListWidgetItem(line_text(line))
            item.setToolTip(datetime.fromtimestamp(line.when).strftime("%Y-%m-%d %H:%M:%S"))
            self._list.addItem(item)
        if not lines:
            item = QListWidgetItem(_EMPTY)
            item.setFlags(Qt.ItemFlag.NoItemFlags)
            self._list.addItem(item)

    def _unfolded(self, on: bool) -> None:
        self._fold.setArrowType(Qt.ArrowType.DownArrow if on else Qt.ArrowType.RightArrow)
        self._list.setVisible(on)
        self.wanted.emit(on)


def line_text(line: HistoryLine) -> str:
    """``2026-11-24 10:32 · anna: cat positive``, in local time."""
    when = datetime.fromtimestamp(line.when).strftime("%Y-%m-%d %H:%M")
    who = f" · {line.who}" if line.who else ""
    return f"{when}{who}: {line.text}"
