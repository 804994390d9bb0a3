"""Halved, quartered, ... copies of a big picture, made lazily and only where they are looked at.

Drawing 10,000 x 10,000 pixels into a window costs a second a frame; drawing the level nearest above the zoom costs
what the window costs. A level is one array, filled tile by tile, so that no seams can show.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from PySide6.QtCore import QRect
from PySide6.QtGui import QImage

from inference.types import BoolArray, RgbArray

TILE: Final = 256
_MAX_SAMPLES: Final = 4  # samples a side and cell: an exact mean up to level 2, a sparse one beyond


def to_qimage(rgb: RgbArray) -> QImage:
    """A QImage (RGB888) over the memory of ``rgb`` (h, w, 3) uint8, C-contiguous; the caller keeps the array alive."""
    height, width = rgb.shape[:2]
    return QImage(rgb.data, width, height, width * 3, QImage.Format.Format_RGB888)


class _Level:
    """One level: the array, which of its tiles are filled, and the QImage over the array."""

    def __init__(self, height: int, width: int) -> None:
        self.pixels: RgbArray = np.empty((height, width, 3), dtype=np.uint8)
        self.filled: BoolArray = np.zeros((math.ceil(height / TILE), math.ceil(width / TILE)), dtype=np.bool_)
        self.image = to_qimage(self.pixels)


class Pyramid:
    """The levels of one picture: level 0 is the picture, level k is ``2**k`` times smaller, rounded up."""

    def __init__(self, rgb: RgbArray) -> None:
        """``rgb``: (h, w, 3) uint8."""
        self._rgb: RgbArray = np.ascontiguousarray(rgb)
        self._base = to_qimage(self._rgb)
        self._levels: dict[int, _Level] = {}

    @property
    def width(self) -> int:
        """Pixels across."""
        return int(self._rgb.shape[1])

    @property
    def height(self) -> int:
        """Pixels down."""
        return int(self._rgb.shape[0])

    def level_for(self, scale: float) -> int:
        """The coarsest level that still has at least one pixel a screen pixel at ``scale`` (screen / image)."""
        if scale > 0.5:
            return 0
        deepest = max(0, math.ceil(math.log2(max(self.width, self.height))))
        return min(deepest, math.floor(math.log2(1.0 / scale)))

    def image(self, level: int, area: QRect) -> QImage:
        """The level's picture, filled at least inside ``area`` (in the level's own pixels)."""
        if level == 0:
            return self._base
        if level not in self._levels:
            factor = 1 << level
            self._levels[level] = _Level(math.ceil(self.height / factor), math.ceil(self.width / factor))
        made = self._levels[level]
        rows, columns = made.filled.shape
        for row in range(max(0, area.top() // TILE), min(rows, area.bottom() // TILE + 1)):
            for column in range(max(0, area.left() // TILE), min(columns, area.right() // TILE + 1)):
                if not made.filled[row, column]:
                    self._fill(made, level, row, column)
        return made.image

    def _fill(self, made: _Level, level: int, row: int, column: int) -> None:
        target = made.pixels[row * TILE : (row + 1) * TILE, column * TILE : (column + 1) * TILE]
        target[:] = _mean_of_cells(self._rgb, 1 << level, row * TILE, column * TILE, target.shape[0], target.shape[1])
        made.filled[row, column] = True


def _mean_of_cells(rgb: RgbArray, factor: int, top: int, left: int, height: int, width: int) -> RgbArray:
    """The mean of each ``factor`` x ``factor`` cell, (height, width, 3), from at most 4 x 4 evenly spread samples.

    Cells that reach over the edge repeat the last row or column.
    """
    step = max(1, factor // _MAX_SAMPLES)
    offsets = range(step // 2, factor, step)
    bottom, right = (top + height) * factor, (left + width) * factor
    inside = bottom <= rgb.shape[0] and right <= rgb.shape[1]
    total = np.zeros((height, width, 3), dtype=np.uint16)
    for dy in offsets:
        for dx in offsets:
            if inside:
                total += rgb[top * factor + dy : bottom : factor, left * factor + dx : right : factor]
            else:
                ys = np.minimum(np.arange(top * factor + dy, bottom, factor), rgb.shape[0] - 1)
                xs = np.minimum(np.arange(left * factor + dx, right, factor), rgb.shape[1] - 1)
                total += rgb[ys[:, np.newaxis], xs]
    samples = len(offsets) ** 2
    mean: RgbArray = ((total + samples // 2) // samples).astype(np.uint8)
    return mean
