"""Two pictures beside each other: two images, or one under two profiles or runs.

Keys: + and - zoom, F fit, Z fit and 100 %, Ctrl+0 100 %, S swaps the sides, Escape or C closes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QFont, QPalette
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from inference.types.gallery import SidePicture
from widgets.elided_label import ElidedLabel
from widgets.side_by_side.canvas import LinkedCanvas
from widgets.side_by_side.differences import PairRow, pair_rows, summary
from widgets.side_by_side.rows import PairRows
from widgets.zoom_view import ZoomView, tool_button

_EMPTY: Final = ("Nothing to compare", "Select two images in the gallery, or another profile or run.")


class SideBySideView(ZoomView):
    """Two pictures with linked zoom and pan, and the labels of both, those decided differently first."""

    closed = Signal()
    swapRequested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pair = (SidePicture(""), SidePicture(""))
        self._all_rows: tuple[PairRow, ...] = ()
        self._linking = False
        self._sides = (_Side("Left picture", self), _Side("Right picture", self))
        self._rows = PairRows(self)
        self._summary = ElidedLabel(parent=self)
        self._only = tool_button("Only differences", "List only the labels that were decided differently", self)
        self._only.setCheckable(True)
        self._swap = tool_button("Swap", "Left becomes right (S)", self)
        self._fit = tool_button("Fit", "Show both pictures whole (F)", self)
        self._actual = tool_button("100 %", "One image pixel for one screen pixel in the left picture (Ctrl+0)", self)
        self._close = tool_button("Close", "Back to one picture (Escape)", self)
        self._lay_out()
        self._connect()
        self.setFocusProxy(self._sides[0].canvas)
        for side in self._sides:
            side.canvas.setMessage(*_EMPTY)
        self._show_rows()

    # Setters

    def setPair(self, left: SidePicture, right: SidePicture) -> None:
        """What to compare; zoom and place are kept where a picture was shown before."""
        place = self._sides[0].canvas.place()
        self._linking = True
        for side, picture in zip(self._sides, (left, right), strict=True):
            side.show_picture(picture)
            side.canvas.setPlace(place)
        self._linking = False
        self._pair = (left, right)
        self._all_rows = pair_rows(left, right)
        self._show_rows()

    def setOnlyDifferences(self, only: bool) -> None:
        """List only the labels that were decided differently."""
        with QSignalBlocker(self._only):
            self._only.setChecked(only)
        self._show_rows()

    # What is shown

    def canvases(self) -> tuple[LinkedCanvas, LinkedCanvas]:
        """The left and the right picture."""
        return self._sides[0].canvas, self._sides[1].canvas

    def rows(self) -> PairRows:
        """The list of labels."""
        return self._rows

    def summaryText(self) -> str:
        """How many labels were decided differently."""
        return self._summary.text()

    # Inside

    def _leader(self) -> LinkedCanvas:
        left, right = self.canvases()
        return left if left.hasImage() or not right.hasImage() else right

    def _further_keys(self) -> dict[Qt.Key, Callable[[], None]]:
        return {
            Qt.Key.Key_S: self.swapRequested.emit,
            Qt.Key.Key_C: self.closed.emit,
            Qt.Key.Key_Escape: self.closed.emit,
        }

    def _connect(self) -> None:
        left, right = self.canvases()
        left.viewChanged.connect(lambda: self._follow(left, right))
        right.viewChanged.connect(lambda: self._follow(right, left))
        self._only.toggled.connect(lambda _: self._show_rows())
        self._swap.clicked.connect(self.swapRequested)
        self._fit.clicked.connect(self.fit)
        self._actual.clicked.connect(self.actualSize)
        self._close.clicked.connect(self.closed)

    def _follow(self, moved: LinkedCanvas, other: LinkedCanvas) -> None:
        """The other picture shows the same part; that it does is no news."""
        if self._linking or not moved.hasImage():
            return
        self._linking = True
        other.setPlace(moved.place())
        self._linking = False

    def _show_rows(self) -> None:
        only = self._only.isChecked()
        listed = tuple(row for row in self._all_rows if row.differs or not only)
        self._rows.setPair(*self._pair, listed)
        none_differ = "No label is decided differently. Switch off “Only differences” to see all."
        self._rows.setEmptyText(none_differ if self._all_rows else "Labels are listed here once the images are scored.")
        self._summary.setText(summary(self._all_rows, *self._pair) if self._all_rows else "")
        shown = any(canvas.hasImage() for canvas in self.canvases())
        for tool in (self._swap, self._fit, self._actual):
            tool.setEnabled(shown)
        self._only.setEnabled(any(row.differs for row in self._all_rows) or only)

    def _lay_out(self) -> None:
        tools = QHBoxLayout()
        tools.setContentsMargins(4, 3, 4, 3)
        tools.setSpacing(4)
        tools.addWidget(self._summary, 1)
        for tool in (self._only, self._swap, self._fit, self._actual, self._close):
            tools.addWidget(tool)
        pictures = QWidget(self)
        row = QHBoxLayout(pictures)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        for side in self._sides:
            row.addWidget(side, 1)
        split = QSplitter(Qt.Orientation.Vertical, self)
        split.addWidget(pictures)
        split.addWidget(self._rows)
        split.setStretchFactor(0, 1)
        split.setStretchFactor(1, 0)
        split.setChildrenCollapsible(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(tools)
        column.addWidget(split, 1)


class _Side(QWidget):
    """A title, a second line where there is one, and the picture."""

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.canvas = LinkedCanvas(self)
        self.canvas.setAccessibleName(name)
        self._title = ElidedLabel(parent=self, mode=Qt.TextElideMode.ElideMiddle)
        bold = QFont(self.font())
        bold.setBold(True)
        self._title.setFont(bold)
        self._detail = ElidedLabel(parent=self, role=QPalette.ColorRole.PlaceholderText)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        words = QVBoxLayout()
        words.setContentsMargins(6, 1, 6, 2)
        words.setSpacing(0)
        words.addWidget(self._title)
        words.addWidget(self._detail)
        column.addLayout(words)
        column.addWidget(self.canvas, 1)

    def show_picture(self, picture: SidePicture) -> None:
        """Title and picture, or why there is none."""
        self._title.setText(picture.title)
        self._detail.setText(picture.detail)
        self.canvas.setImage(picture.rgb)
        if picture.message or picture.rgb is None:
            self.canvas.setMessage(picture.message or "This picture is being loaded", "")
