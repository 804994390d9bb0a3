"""On which images thresholds are tuned and measured, and what changes it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from inference.types import Split
from widgets.elided_label import ElidedLabel
from widgets.numbers import format_count


def split_words(split: Split | None, n_images: int) -> str:
    """The line, or "" without images."""
    if split is None:
        return f"Tuned and measured on the same {_images(n_images)}" if n_images else ""
    measured = int(split.measured.sum())
    return f"Tuned on {_images(len(split.measured) - measured)}, measured on the other {format_count(measured)}"


def _images(count: int) -> str:
    return f"{format_count(count)} image{'' if count == 1 else 's'}"


class SplitLine(QWidget):
    """One line and one button."""

    holdOutRequested = Signal()
    holdOutDropped = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._split: Split | None = None
        self._images = 0
        self._line = ElidedLabel(parent=self, role=QPalette.ColorRole.PlaceholderText)
        self._button = QPushButton(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._line, 1)
        row.addWidget(self._button)
        self.setFocusProxy(self._button)
        self._button.clicked.connect(self._clicked)
        self._show()

    def setSplit(self, split: Split | None, n_images: int) -> None:
        """The split in force, and how many images there are."""
        self._split, self._images = split, n_images
        self._show()

    def _clicked(self) -> None:
        (self.holdOutRequested if self._split is None else self.holdOutDropped).emit()

    def _show(self) -> None:
        self._line.setText(split_words(self._split, self._images))
        self._line.setToolTip("" if self._split is None else f"{self._line.text()}: {self._split.words}.")
        self._button.setText("&Hold out 30 %" if self._split is None else "&Measure on all images")
        self._button.setToolTip(
            "Sets 30 % of the images aside: thresholds are tuned on the others, and every number is measured on these, "
            "so that it does not flatter."
            if self._split is None
            else "Tunes and measures on all images again."
        )
        self._button.setEnabled(self._images > 1 or self._split is not None)
