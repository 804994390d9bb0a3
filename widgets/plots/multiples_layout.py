"""Where the cells of a grid of small pictures lie, and what lies where in a cell. Numbers alone, in logical pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QPointF, QRectF

GAP: Final = 6.0  # between cells
PADDING: Final = 7.0
_WIDEST: Final = 2.2  # a cell is at most this many times as wide as high
_TALLEST: Final = 1.15  # and at most this many times as high as wide


@dataclass(frozen=True)
class Grid:
    """Cells of one size in rows that fill the width."""

    count: int
    columns: int
    width: float  # of a cell, its gaps not included
    height: float
    left: float  # of the first cell
    top: float

    @classmethod
    def fitted(cls, count: int, room: tuple[float, float], least: tuple[float, float]) -> Grid:
        """The arrangement with the largest cells that needs no scrolling; with the least ones where there is none.

        Args:
            count: of cells.
            room: width and height of what is in sight.
            least: width and height that a cell must have to be read.
        """
        wide, high = room
        best: Grid | None = None
        for columns in range(1, count + 1):
            rows = -(-count // columns)
            width, height = (wide - GAP) / columns - GAP, (high - GAP) / rows - GAP
            if width < least[0]:
                break
            if height >= least[1]:
                made = cls._of(count, columns, width, height, room)
                if best is None or made.width * made.height > best.width * best.height:
                    best = made
        return best or cls._scrolling(count, room, least)

    @classmethod
    def _of(cls, count: int, columns: int, width: float, height: float, room: tuple[float, float]) -> Grid:
        """Cells no longer than can be read, in the middle of the room."""
        width, height = min(width, _WIDEST * height), min(height, _TALLEST * width)
        rows = -(-count // columns)
        left = (room[0] - columns * (width + GAP) + GAP) / 2
        top = (room[1] - rows * (height + GAP) + GAP) / 2
        return cls(count, columns, width, height, max(left, GAP), max(top, GAP))

    @classmethod
    def _scrolling(cls, count: int, room: tuple[float, float], least: tuple[float, float]) -> Grid:
        columns = max(1, int((room[0] - GAP) // (least[0] + GAP)))
        width = max((room[0] - GAP) / columns - GAP, 40.0)
        return cls(count, columns, width, max(least[1], 0.78 * width), GAP, GAP)

    @property
    def rows(self) -> int:
        """Of cells."""
        return -(-self.count // self.columns)

    @property
    def total_height(self) -> float:
        """With all gaps."""
        return self.top + self.rows * (self.height + GAP)

    def cell(self, place: int) -> QRectF:
        """The rectangle of a cell, from the top of the first row."""
        row, column = divmod(place, self.columns)
        x, y = self.left + column * (self.width + GAP), self.top + row * (self.height + GAP)
        return QRectF(round(x), round(y), round(self.width), round(self.height))

    def place_at(self, point: QPointF) -> int | None:
        """The cell that a point lies in."""
        row = int((point.y() - self.top) // (self.height + GAP))
        column = int((point.x() - self.left) // (self.width + GAP))
        place = row * self.columns + column
        inside = 0 <= column < self.columns and 0 <= place < self.count
        return place if inside and self.cell(place).contains(point) else None

    def within(self, top: float, bottom: float) -> range:
        """The cells of all rows that reach between two heights."""
        pitch = self.height + GAP
        first = max(0, int((top - self.top) // pitch))
        last = int((bottom - self.top) // pitch) + 1
        return range(min(first * self.columns, self.count), max(0, min(last * self.columns, self.count)))


@dataclass(frozen=True)
class Cell:
    """The parts of one cell."""

    title: QRectF
    axes: QRectF  # between which the unit square is drawn

    @classmethod
    def of(cls, rect: QRectF, line_height: float) -> Cell:
        """A line for the name and the number, and the picture under it."""
        inner = rect.adjusted(PADDING, PADDING - 2, -PADDING, -PADDING)
        title = QRectF(inner.left(), inner.top(), inner.width(), line_height)
        return cls(title, inner.adjusted(0, line_height + 4, 0, 0))

    def point(self, x: float, y: float) -> QPointF:
        """Where a point of the unit square stands."""
        axes = self.axes
        return QPointF(axes.left() + x * axes.width(), axes.bottom() - y * axes.height())

    def score_at(self, x: float) -> float:
        """The place between the axes, 0 to 1, of a pixel."""
        return min(max((x - self.axes.left()) / max(self.axes.width(), 1.0), 0.0), 1.0)
