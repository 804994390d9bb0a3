"""From an 8 x 8 scan to pen strokes, and marks that are no digits.

A scan holds how much ink lay in each cell. Read as samples of a smooth surface (cubic spline), the stroke's edge is a
contour line of that surface; dividing by the slope turns height into distance in pixels, so that the edge is one
pixel soft at any size.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy import ndimage

Float = NDArray[np.float32]
Points = NDArray[np.float64]
Colour = tuple[int, int, int]

CELLS: Final = 8
PAD: Final = 4
FINENESS: Final = 4
SHARPEN: Final = 0.9


@dataclass(frozen=True)
class Hand:
    """How a digit is set down.

    ``height`` in pixels, ``turn`` in degrees, ``slant`` and ``width`` as shares of the height; a lower ``contour`` is
    bolder; ``wobble`` in cells of the scan.
    """

    height: float
    turn: float = 0.0
    slant: float = 0.0
    width: float = 1.0
    contour: float = 0.44
    wobble: float = 0.1


@dataclass(frozen=True)
class Ink:
    """A pen: its colour, how much it covers, how uneven it lies (0..1) and how grainy it is (chalk, pencil; 0..1)."""

    name: str
    colour: Colour
    cover: float = 0.92
    uneven: float = 0.15
    grain: float = 0.0


def smooth_noise(shape: tuple[int, int], knots: int, rng: np.random.Generator) -> Float:
    """A smooth random surface (h, w), about -1..1, with ``knots`` hills along the longer side."""
    longer = max(shape)
    coarse = [max(2, round(knots * side / longer)) + 1 for side in shape]
    field = Image.fromarray(rng.uniform(-1, 1, coarse).astype(np.float32))
    return np.asarray(field.resize((shape[1], shape[0]), Image.Resampling.BICUBIC), dtype=np.float32)


def stroke(scan: Float, hand: Hand, rng: np.random.Generator) -> Float:
    """How much each pixel is covered by the stroke: (side, side) float32 in 0..1, the digit in the middle."""
    reach = float(np.hypot(1.0, hand.width)) * (1 + abs(hand.slant))
    side = int(np.ceil(hand.height * max(reach, 1.2))) + 4
    rows, columns = np.mgrid[0:side, 0:side].astype(np.float32) - (side - 1) / 2
    angle = np.deg2rad(hand.turn)
    y = np.cos(angle) * rows - np.sin(angle) * columns
    x = np.sin(angle) * rows + np.cos(angle) * columns
    cells = CELLS / hand.height
    y, x = y * cells, (x + hand.slant * y) * cells / hand.width
    y += hand.wobble * smooth_noise((side, side), 3, rng)
    x += hand.wobble * smooth_noise((side, side), 3, rng)
    middle = PAD + (CELLS - 1) / 2
    surface = ndimage.map_coordinates(_evened(scan), [y + middle, x + middle], order=3, mode="nearest")
    return contour(surface.astype(np.float32), hand.contour, slope_at_least=0.35 * cells)


def _evened(scan: Float) -> Float:
    """``scan`` padded and made even.

    Sharpened, so that loops stay open; then divided by the most ink near by, so that thin strokes last.
    """
    padded = np.pad(scan, PAD)
    sharp = np.maximum(padded + SHARPEN * (padded - ndimage.gaussian_filter(padded, 1.0)), 0)
    crest = ndimage.gaussian_filter(ndimage.grey_dilation(sharp, size=(3, 3)), 0.7)
    return np.asarray(sharp / np.maximum(crest, 0.45), dtype=np.float32)


def contour(surface: Float, height: float, slope_at_least: float) -> Float:
    """Coverage of the area above ``height`` with an edge one pixel soft; the floor keeps flat places soft."""
    down, right = np.gradient(surface)
    slope = np.maximum(np.hypot(down, right), slope_at_least)
    return np.asarray(np.clip((surface - height) / slope + 0.5, 0, 1), dtype=np.float32)


def lay(paper: Float, cover: Float, ink: Ink, rng: np.random.Generator) -> Float:
    """``paper`` (h, w, 3) in 0..255 with ``ink`` where ``cover`` (h, w) says."""
    shape = cover.shape
    density = cover * (1 - ink.uneven * (0.5 + 0.5 * smooth_noise((shape[0], shape[1]), 24, rng)))
    if ink.grain:
        tooth = ndimage.gaussian_filter(rng.standard_normal(shape).astype(np.float32), 0.8) * 2.2
        density = density * np.clip(1 - ink.grain * (0.5 + 0.5 * tooth), 0, 1)
    density = (density * ink.cover)[..., None]
    return np.asarray(paper * (1 - density) + np.asarray(ink.colour, dtype=np.float32) * density, dtype=np.float32)


def line_cover(shape: tuple[int, int], paths: list[Points], width: float) -> Float:
    """Coverage (h, w) of lines of ``width`` pixels through each of ``paths`` (k, 2) as x, y."""
    big = Image.new("L", (shape[1] * FINENESS, shape[0] * FINENESS))
    pen = ImageDraw.Draw(big)
    thick = max(1, round(width * FINENESS))
    for points in paths:
        path = [(float(x) * FINENESS, float(y) * FINENESS) for x, y in points]
        pen.line(path, fill=255, width=thick, joint="curve")
        for x, y in (path[0], path[-1]):
            pen.ellipse((x - thick / 2, y - thick / 2, x + thick / 2, y + thick / 2), fill=255)
    small = big.reduce(FINENESS)
    return np.asarray(np.asarray(small) / 255, dtype=np.float32)


def cursive(left: float, top: float, length: float, size: float, rng: np.random.Generator) -> list[Points]:
    """Points of the words of one line of writing that cannot be read, each a chain of loops of changing height."""
    words: list[Points] = []
    x, end = left, left + length
    while end - x > size:
        width = min(size * rng.uniform(1.4, 4.5), end - x)
        turns = max(2, round(width / (size * rng.uniform(0.38, 0.55))))
        t = np.linspace(0, turns, turns * 16)
        heights = rng.choice([0.4, 0.45, 0.55, 1.0, -0.5], turns + 1, p=[0.3, 0.25, 0.2, 0.15, 0.1])
        swing = np.abs(np.sin(np.pi * t)) ** 1.2
        y = -swing * heights[t.astype(int)] * size
        along = t / turns * width + np.sin(2 * np.pi * t) * size * rng.uniform(0.05, 0.2)
        words.append(np.stack([x + along - y * 0.3, top + y], axis=1))
        x += width + size * rng.uniform(0.5, 0.8)
    return words


def loop_around(x: float, y: float, radius_x: float, radius_y: float, rng: np.random.Generator) -> Points:
    """Points of a ring drawn in haste, whose ends pass each other."""
    t = np.linspace(rng.uniform(-2, -1), rng.uniform(5, 5.6), 60)
    grow = np.linspace(0.94, 1.07, 60)
    return np.stack([x + np.cos(t) * radius_x * grow, y + np.sin(t) * radius_y * grow], axis=1)


def underline(x: float, y: float, length: float, rng: np.random.Generator) -> Points:
    """Points of a line drawn by hand, nearly level."""
    t = np.linspace(0, 1, 24)
    bend = np.sin(t * np.pi * rng.uniform(0.6, 2.2) + rng.uniform(0, 3)) * length * 0.02
    return np.stack([x + t * length, y + bend + t * length * rng.uniform(-0.06, 0.06)], axis=1)


def tick(x: float, y: float, size: float) -> Points:
    """Points of a tick mark."""
    t = np.linspace(0, 1, 12)
    down = np.stack([x + t * size * 0.35, y + t**0.8 * size * 0.45], axis=1)
    up = np.stack([x + size * (0.35 + t * 0.8), y + size * (0.45 - 1.1 * t**1.2)], axis=1)
    return np.concatenate([down, up])
