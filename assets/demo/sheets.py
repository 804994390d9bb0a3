"""Sheets: pictures of notes with no to five digits, for a multi-label model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from assets.demo import ink, papers
from assets.demo.ink import Float, Hand, Ink
from assets.demo.scans import Pool

LABELS: Final = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
# Share of the validation sheets that hold each label, zero to nine: far apart, so that one threshold cannot fit all.
PREVALENCE: Final = (0.16, 0.31, 0.10, 0.25, 0.13, 0.045, 0.20, 0.40, 0.07, 0.03)
MOST_DIGITS: Final = 5
SIZES: Final = ((256, 320), (320, 256), (288, 288), (240, 320), (272, 304))
# A sticky note is the only paper that shows its whole outline.
STICKY_SHARE: Final = 0.16
DESK_SHARE: Final = 0.3


@dataclass(frozen=True, eq=False)
class Sheet:
    """One picture, (h, w, 3) uint8; which labels it holds (10,) bool; the scans on it, as places in ``load_digits``."""

    rgb: NDArray[np.uint8]
    labels: NDArray[np.bool_]
    scans: tuple[int, ...]


@dataclass(frozen=True)
class Spot:
    """A place taken on the sheet: middle and radius in pixels."""

    x: float
    y: float
    radius: float


@dataclass(frozen=True)
class Area:
    """Where one may write: middle and half sides in pixels."""

    x: float
    y: float
    half_width: float
    half_height: float


def wanted_labels(n: int, shares: tuple[float, ...], rng: np.random.Generator) -> NDArray[np.bool_]:
    """(n, 10) bool with ``round(n * share)`` positives a label, never more than ``MOST_DIGITS`` a row."""
    wanted = np.zeros((n, len(shares)), dtype=np.bool_)
    for label in np.argsort(shares):
        free = np.flatnonzero(wanted.sum(axis=1) < MOST_DIGITS)
        wanted[rng.choice(free, round(n * shares[label]), replace=False), label] = True
    return wanted


def draw_sheet(labels: NDArray[np.bool_], pool: Pool, rng: np.random.Generator) -> Sheet:
    """A picture that holds exactly ``labels`` (10,), written with scans of ``pool``; some digits come twice."""
    shape = SIZES[int(rng.integers(len(SIZES)))]
    scene, area, pens = _background(shape, rng)
    main = pens[int(rng.integers(len(pens)))]
    spots: list[Spot] = []
    used: list[int] = []
    digits = [int(d) for d in rng.permutation(np.flatnonzero(labels))]
    if digits and len(digits) < MOST_DIGITS and rng.random() < 0.15:
        digits.append(int(rng.choice(digits)))
    largest = 0.54 - 0.055 * len(digits)
    for digit in digits:
        pen = main if rng.random() < 0.75 else pens[int(rng.integers(len(pens)))]
        height = min(area.half_width, area.half_height) * 2 * rng.uniform(0.22, max(largest, 0.28))
        spot = _free_spot(area, height * 0.52, spots, rng)
        spots.append(spot)
        scan, index = pool.pick(digit, rng)
        used.append(index)
        scene = _write(scene, scan, spot, pen, rng)
    scene = _scribble(scene, area, spots, main, pens, rng)
    rgb = papers.photograph(scene, rng).round().astype(np.uint8)
    return Sheet(rgb, labels.copy(), tuple(used))


Background = tuple[Float, Area, tuple[Ink, ...]]


def _background(shape: tuple[int, int], rng: np.random.Generator) -> Background:
    """The empty scene, where one may write on it, and with what."""
    return _sticky_note(shape, rng) if rng.random() < STICKY_SHARE else _page(shape, rng)


def _sticky_note(shape: tuple[int, int], rng: np.random.Generator) -> Background:
    """A sticky note on a desk, its lower edge catching more light."""
    height, width = shape
    half = min(shape) * rng.uniform(0.4, 0.45)
    shift = (
        float(rng.uniform(-0.4, 0.4)) * (width / 2 - half),
        float(rng.uniform(-0.4, 0.4)) * (height / 2 - half),
    )
    on = papers.plane(shape, float(rng.normal(0, 6)), shift)
    colour = papers.STICKY_COLOURS[int(rng.integers(len(papers.STICKY_COLOURS)))]
    note = papers.flat(shape, papers.vary(colour, 5, rng))
    note *= (0.97 + 0.05 * np.clip(on.down / half, -1, 1))[..., None]
    scene = papers.put_down(papers.desk(shape, rng), note, on, (half, half), 1.5, 4)
    return scene, Area(width / 2 + shift[0], height / 2 + shift[1], half * 0.84, half * 0.84), papers.PENS


def _page(shape: tuple[int, int], rng: np.random.Generator) -> Background:
    """A page that fills the picture, or lies on a desk with a margin around it."""
    height, width = shape
    paper = papers.any_paper(rng)
    on = papers.plane(shape, float(rng.normal(0, 2.5)))
    page = paper.make(on, rng)
    margin = 0.03
    if paper.name != "slate" and rng.random() < DESK_SHARE:
        half_height, half_width = height * rng.uniform(0.43, 0.47), width * rng.uniform(0.43, 0.47)
        page = papers.put_down(papers.desk(shape, rng), page, on, (half_height, half_width), 3, 4)
        margin = 0.09
    return page, Area(width / 2, height / 2, width * (0.5 - margin), height * (0.5 - margin)), paper.pens


def _free_spot(area: Area, radius: float, taken: list[Spot], rng: np.random.Generator) -> Spot:
    """A place for a digit inside ``area``, as far as can be from those taken after 40 tries."""
    best, room = Spot(area.x, area.y, radius), -np.inf
    for _ in range(40):
        spot = Spot(
            area.x + rng.uniform(-1, 1) * max(area.half_width - radius * 0.85, 0),
            area.y + rng.uniform(-1, 1) * max(area.half_height - radius * 0.85, 0),
            radius,
        )
        gap = min((np.hypot(spot.x - t.x, spot.y - t.y) - 0.9 * (radius + t.radius) for t in taken), default=0.0)
        if gap >= 0:
            return spot
        if gap > room:
            best, room = spot, gap
    return best


def _write(scene: Float, scan: Float, spot: Spot, pen: Ink, rng: np.random.Generator) -> Float:
    """``scene`` with one digit at ``spot``; what would hang over the edge is cut."""
    hand = Hand(
        height=spot.radius / 0.52,
        turn=float(np.clip(rng.normal(0, 9), -25, 25)),
        slant=rng.uniform(-0.2, 0.2),
        width=rng.uniform(0.85, 1.15),
        contour=rng.uniform(0.38, 0.56),
    )
    cover = ink.stroke(scan, hand, rng)
    return paste(scene, cover, spot.x, spot.y, pen, rng)


def paste(scene: Float, cover: Float, x: float, y: float, pen: Ink, rng: np.random.Generator) -> Float:
    """``scene`` with ``cover`` laid in ``pen``, its middle at (x, y)."""
    height, width = scene.shape[:2]
    top, left = round(y - cover.shape[0] / 2), round(x - cover.shape[1] / 2)
    rows = slice(max(top, 0), min(top + cover.shape[0], height))
    columns = slice(max(left, 0), min(left + cover.shape[1], width))
    seen = cover[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
    written = scene.copy()
    written[rows, columns] = ink.lay(scene[rows, columns], seen, pen, rng)
    return written


def _scribble(
    scene: Float,
    area: Area,
    spots: list[Spot],
    main: Ink,
    pens: tuple[Ink, ...],
    rng: np.random.Generator,
) -> Float:
    """``scene`` with writing, rings, underlines and ticks, which are no digits."""
    shape = (scene.shape[0], scene.shape[1])
    fine = rng.uniform(1.3, 2.0)
    if rng.random() < (0.3 if spots else 0.75):
        words: list[ink.Points] = []
        lines = int(rng.integers(1, 3 if spots else 5))
        for _ in range(lines):
            length = area.half_width * rng.uniform(0.5, 1.2)
            spot = _free_spot(area, length * 0.35, spots, rng)
            left = area.x + float(np.clip(spot.x - area.x - length / 2, -area.half_width, area.half_width - length))
            words += ink.cursive(left, spot.y, length, rng.uniform(11, 17), rng)
            spots.append(spot)
        scene = ink.lay(scene, ink.line_cover(shape, words, fine), main, rng)
    pen = pens[int(rng.integers(len(pens)))]
    if rng.random() < 0.2:
        if spots and rng.random() < 0.6:
            at = spots[int(rng.integers(len(spots)))]
            points = ink.loop_around(at.x, at.y, at.radius * 1.05, at.radius * 1.1, rng)
        else:
            at = _free_spot(area, 30, spots, rng)
            points = ink.tick(at.x, at.y, rng.uniform(24, 40))
        scene = ink.lay(scene, ink.line_cover(shape, [points], fine * 1.3), pen, rng)
    if spots and rng.random() < 0.18:
        at = spots[int(rng.integers(len(spots)))]
        points = ink.underline(at.x - at.radius, at.y + at.radius * 1.1, at.radius * 2.2, rng)
        scene = ink.lay(scene, ink.line_cover(shape, [points], fine * 1.3), pen, rng)
    return scene
