"""Two pictures beside each other: two images, or one under two profiles or runs.

Keys: + and - zoom, F fit, Z fit and 100 %, Ctrl+0 100 %, S swaps the sides, Escape or C closes. Of two images one is in
hand: a click on the other, or Tab to it, takes that in hand.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from inference.types.gallery import SidePicture
from widgets.elided_label import ElidedLabel
from widgets.side_by_side.canvas import LinkedCanvas
from widgets.side_by_side.differences import PairRow, pair_rows, summary
from widgets.side_by_side.rows import PairRows
from widgets.side_by_side.side import Side
from widgets.zoom_view import ZoomView, tool_button

_IN_HAND: Final = "In hand: what you say goes for this image"
_OTHER: Final = "Click to take it in hand"
_ROWS_SHARE: Final = 0.45  # of the height at most, while nobody moved the handle
_EMPTY: Final = ("Nothing to compare", "Select two images in the gallery, or another profile or run.")


class _Split(QSplitter):
    """Tells when it has another size."""

    resized = Signal()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Tell it."""
        super().resizeEvent(event)
        self.resized.emit()


class SideBySideView(ZoomView):
    """Two pictures with linked zoom and pan, and the labels of both, those decided differently first."""

    closed = Signal()
    swapRequested = Signal()
    sideChosen = Signal(int)  # 0 left, 1 right: the user takes its image in hand

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pair = (SidePicture(""), SidePicture(""))
        self._all_rows: tuple[PairRow, ...] = ()
        self._linking = False
        self._current = -1
        self._split = _Split(Qt.Orientation.Vertical, self)
        self._split_by_hand = False
        self._sides = (Side("Left picture", self), Side("Right picture", self))
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
        self._share_height()

    def setCurrentSide(self, side: int) -> None:
        """Which image is in hand: 0 the left, 1 the right; -1 where both sides show the same one."""
        focused = any(one.canvas.hasFocus() for one in self._sides)
        self._current = side
        for place, one in enumerate(self._sides):
            one.show_hand("" if side < 0 else _IN_HAND if place == side else _OTHER, current=place == side)
        if focused and side >= 0:
            self._sides[side].canvas.setFocus(Qt.FocusReason.OtherFocusReason)

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

    def event(self, event: QEvent) -> bool:
        """S swaps, whatever it does in the window."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
            if plain and event.key() == Qt.Key.Key_S:
                event.accept()
                return True
        return super().event(event)

    # Inside

    def _share_height(self) -> None:
        """All rows where there is room, else a good part of the height; the handle is the user's once it was moved."""
        height = self._split.height() - self._split.handleWidth()
        if self._split_by_hand or height <= 0:
            return
        rows = min(round(height * _ROWS_SHARE), self._listing.sizeHint().height())
        self._split.setSizes([height - rows, rows])

    def _take_in_hand(self, side: int) -> None:
        if self._current >= 0 and side != self._current:
            self.sideChosen.emit(side)

    def _handle_moved(self) -> None:
        self._split_by_hand = True

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
        for place, side in enumerate(self._sides):
            side.canvas.focused.connect(lambda place=place: self._take_in_hand(place))
        self._split.resized.connect(self._share_height)
        self._split.splitterMoved.connect(lambda _at, _handle: self._handle_moved())
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
        tools.addStretch(1)
        for tool in (self._swap, self._fit, self._actual, self._close):
            tools.addWidget(tool)
        self._listing = QWidget(self)
        listing = QVBoxLayout(self._listing)
        listing.setContentsMargins(0, 0, 0, 0)
        listing.setSpacing(0)
        head = QHBoxLayout()
        head.setContentsMargins(8, 3, 4, 3)
        head.addWidget(self._summary, 1)
        head.addWidget(self._only)
        listing.addLayout(head)
        listing.addWidget(self._rows, 1)
        pictures = QWidget(self)
        row = QHBoxLayout(pictures)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        for side in self._sides:
            row.addWidget(side, 1)
        split = self._split
        split.addWidget(pictures)
        split.addWidget(self._listing)
        split.setStretchFactor(0, 1)
        split.setStretchFactor(1, 0)
        split.setChildrenCollapsible(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(tools)
        column.addWidget(split, 1)
