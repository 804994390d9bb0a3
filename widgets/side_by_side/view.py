"""Two pictures beside each other: two images, or one under two profiles or runs."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from inference.types.gallery import SidePicture


class SideBySideView(QWidget):
    """Two pictures with linked zoom and pan, and the labels of both, those decided differently first."""

    closed = Signal()
    swapRequested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pair: tuple[SidePicture, SidePicture] | None = None

    def setPair(self, left: SidePicture, right: SidePicture) -> None:
        """What to compare."""
        self._pair = (left, right)
