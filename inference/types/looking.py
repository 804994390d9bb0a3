"""Looking inside: where in a picture a label's score comes from, and what edits of the picture do to it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from inference.types.base import IntArray, ScoreArray


class HeatMethod(StrEnum):
    """How a heat map is made."""

    GRAD_CAM = "grad-cam"  # Selvaraju et al. 2017: needs gradients
    OCCLUSION = "occlusion"  # Zeiler & Fergus 2014: any model at all


@dataclass(frozen=True)
class Region:
    """The part of a picture that the network saw, in picture pixels; beyond the edges where it was padded."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, eq=False)
class HeatMap:
    """Where a picture raises the score of one label: cells of equal size over the part that the network saw."""

    values: ScoreArray  # (rows, columns) float32, 0..1: 1 at the strongest cell; all 0 where nothing raises the score
    region: Region  # what the cells cover
    size: tuple[int, int]  # height, width of the picture
    method: HeatMethod
    label: int
    sentence: str  # what bright means here
    note: str = ""  # something else than was asked for, and why
    done: int = 1  # of `total` steps: less while it is still coarse
    total: int = 1

    @property
    def whole(self) -> bool:
        """Whether no finer map follows."""
        return self.done >= self.total

    def over_picture(self) -> ScoreArray:
        """(h, w) float32 in the picture's pixels, each that of its cell; NaN where the network saw nothing."""
        rows = _cells(self.size[0], self.region.top, self.region.height, self.values.shape[0])
        columns = _cells(self.size[1], self.region.left, self.region.width, self.values.shape[1])
        found: ScoreArray = self.values[np.maximum(rows, 0)[:, np.newaxis], np.maximum(columns, 0)].copy()
        found[rows < 0] = np.nan
        found[:, columns < 0] = np.nan
        return found


def _cells(n_pixels: int, start: float, length: float, n_cells: int) -> IntArray:
    """The cell under the middle of each pixel along one side; -1 outside."""
    cells = np.floor((np.arange(n_pixels) + 0.5 - start) / length * n_cells).astype(np.int64)
    cells[(cells < 0) | (cells >= n_cells)] = -1
    found: IntArray = cells
    return found


@dataclass(frozen=True)
class HeatState:
    """What the card beside the picture says of the heat map."""

    wanted: bool = False
    label: str = ""
    method: HeatMethod = HeatMethod.GRAD_CAM  # as chosen
    used: HeatMethod | None = None  # as made
    sentence: str = ""
    note: str = ""
    message: str = ""  # why there is no map
    done: int = 0
    total: int = 0  # 0 while nothing is under way

    @property
    def busy(self) -> bool:
        """Whether a map, or a finer one, is being made."""
        return self.total > self.done


@dataclass(frozen=True)
class Box:
    """A part of a picture, as shares (0..1) of its width and height."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True)
class Edits:
    """What is done to a picture before the model sees it, in the order of the fields."""

    mirrored: bool = False  # left becomes right
    upside_down: bool = False  # top becomes bottom
    turn: float = 0.0  # degrees clockwise, the corners filled with grey
    zoom: float = 1.0  # the middle 1/zoom of both sides stays
    brightness: float = 1.0  # factor; 0 is black
    contrast: float = 1.0  # factor; 0 is the mean grey
    grey: bool = False
    blur: float = 0.0  # the Gaussian's standard deviation, in percent of the shorter side
    boxes: tuple[Box, ...] = ()  # covered with grey, in the picture as edited so far
    quality: int = 0  # of JPEG, 1..95; 0: not compressed again

    @property
    def none(self) -> bool:
        """Whether the picture is as it was."""
        return self == NO_EDITS


NO_EDITS: Final = Edits()
