"""Halved, quartered, ... copies of a big picture, made lazily and only where they are looked at.

Drawing 10,000 x 10,000 pixels into a window costs a second a frame; drawing the level nearest above the zoom costs
what the window costs. A level is one array, filled tile by tile, so that no seams can show.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect
from PySide6.QtGui import QImage

from inference.types import BoolArray, IntArray, RgbArray

TILE: Final = 256
TILES_A_FRAME: Final = 10  # so that a frame takes less than a tenth of a second
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
        return min(self.deepest(), math.floor(math.log2(1.0 / scale)))

    def best_level(self, wanted: int, area: QRect, budget: int = TILES_A_FRAME) -> int:
        """Fill at most ``budget`` tiles of level ``wanted`` inside ``area`` (in picture pixels) and say what to draw.

        That is ``wanted`` when it is complete there; else the next coarser level that is, to be drawn meanwhile.
        """
        if self._fill_area(wanted, area, budget):
            return wanted
        for level in range(wanted + 1, self.deepest()):
            if level in self._levels and not self._missing(level, area):
                return level
        for level in range(wanted + 1, self.deepest()):
            if len(self._missing(level, area)) <= budget // 2:
                self._fill_area(level, area, budget)
                return level
        return self.deepest()

    def image(self, level: int, area: QRect) -> QImage:
        """The level's picture, filled at least inside ``area`` (in picture pixels)."""
        if level == 0:
            return self._base
        self._fill_area(level, area, None)
        return self._level(level).image

    def deepest(self) -> int:
        """The level that is one pixel."""
        return max(0, math.ceil(math.log2(max(self.width, self.height))))

    def _level(self, level: int) -> _Level:
        if level not in self._levels:
            factor = 1 << level
            self._levels[level] = _Level(math.ceil(self.height / factor), math.ceil(self.width / factor))
        return self._levels[level]

    def _missing(self, level: int, area: QRect) -> list[tuple[int, int]]:
        """The unfilled tiles (row, column) of a level inside ``area``."""
        filled = self._level(level).filled
        side = TILE << level
        top, left = max(0, area.top() // side), max(0, area.left() // side)
        part = filled[top : area.bottom() // side + 1, left : area.right() // side + 1]
        return [(top + int(row), left + int(column)) for row, column in np.argwhere(~part)]

    def _fill_area(self, level: int, area: QRect, budget: int | None) -> bool:
        """Whether the level is complete inside ``area`` after filling at most ``budget`` tiles."""
        if level == 0:
            return True
        made, missing = self._level(level), self._missing(level, area)
        for row, column in missing[:budget]:
            target = made.pixels[row * TILE : (row + 1) * TILE, column * TILE : (column + 1) * TILE]
            height, width = target.shape[:2]
            target[:] = _mean_of_cells(self._rgb, 1 << level, row * TILE, column * TILE, height, width)
            made.filled[row, column] = True
        return budget is None or len(missing) <= budget


def _mean_of_cells(rgb: RgbArray, factor: int, top: int, left: int, height: int, width: int) -> RgbArray:
    """The mean of each ``factor`` x ``factor`` cell, (height, width, 3), from at most 4 x 4 evenly spread samples.

    Cells that reach over the edge repeat the last row or column.
    """
    step = max(1, factor // _MAX_SAMPLES)
    offsets = range(step // 2, factor, step)
    bottom, right = (top + height) * factor, (left + width) * factor
    if bottom <= rgb.shape[0] and right <= rgb.shape[1]:
        block = rgb[top * factor : bottom, left * factor : right]
    else:
        ys = np.minimum(_sampled(top, height, factor, offsets), rgb.shape[0] - 1)
        xs = np.minimum(_sampled(left, width, factor, offsets), rgb.shape[1] - 1)
        block, factor, offsets = rgb[ys[:, np.newaxis], xs], len(offsets), range(len(offsets))
    if factor <= _MAX_SAMPLES:  # whole rows are added fastest
        rows = _sum_of([block[dy::factor] for dy in offsets])
        total = _sum_of([rows[:, dx::factor] for dx in offsets])
    else:
        total = _sum_of([block[dy::factor, dx::factor] for dy in offsets for dx in offsets])
    samples = len(offsets) ** 2
    mean: RgbArray = ((total + samples // 2) // samples).astype(np.uint8)
    return mean


def _sampled(first: int, count: int, factor: int, offsets: range) -> IntArray:
    """The sampled pixels' coordinates along one side of ``count`` cells."""
    cells = np.arange(first, first + count)[:, np.newaxis] * factor
    sampled: IntArray = (cells + np.array(offsets)).ravel()
    return sampled


def _sum_of(parts: Sequence[NDArray[np.integer[Any]]]) -> NDArray[np.uint16]:
    """The sum of arrays of one shape; at most 16 of uint8, so that uint16 holds it."""
    total = parts[0].astype(np.uint16)
    for part in parts[1:]:
        total += part
    return total
