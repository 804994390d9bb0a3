"""What is written on: papers, the desk under them, and the light of a photograph."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import ndimage

from assets.demo.ink import Colour, Float, Ink, smooth_noise

BALL_BLUE: Final = Ink("blue ballpoint", (32, 58, 148), 0.9, 0.25)
BALL_BLACK: Final = Ink("black ballpoint", (34, 34, 40), 0.88, 0.25)
FELT_BLACK: Final = Ink("black felt pen", (24, 22, 24), 0.97, 0.08)
FELT_RED: Final = Ink("red felt pen", (200, 38, 42), 0.94, 0.12)
FELT_GREEN: Final = Ink("green felt pen", (18, 122, 84), 0.93, 0.14)
FELT_VIOLET: Final = Ink("violet felt pen", (104, 52, 150), 0.93, 0.14)
PENCIL: Final = Ink("pencil", (66, 66, 72), 0.88, 0.25, 0.24)
CHALK: Final = Ink("white chalk", (240, 240, 232), 0.95, 0.12, 0.26)
CHALK_YELLOW: Final = Ink("yellow chalk", (246, 222, 130), 0.95, 0.12, 0.26)
CHALK_PINK: Final = Ink("pink chalk", (244, 170, 176), 0.95, 0.12, 0.26)
GEL_WHITE: Final = Ink("white gel pen", (244, 246, 250), 0.93, 0.1)
BROWN: Final = Ink("sepia ink", (84, 48, 28), 0.92, 0.25)

PENS: Final = (BALL_BLUE, BALL_BLACK, FELT_BLACK, FELT_RED, FELT_GREEN, FELT_VIOLET, PENCIL)


@dataclass(frozen=True, eq=False)
class Plane:
    """Where each pixel lies on the paper: ``across`` and ``down`` (h, w) in pixels from the paper's middle."""

    across: Float
    down: Float

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.across.shape[0], self.across.shape[1]


def plane(shape: tuple[int, int], turn: float, shift: tuple[float, float] = (0.0, 0.0)) -> Plane:
    """A plane turned by ``turn`` degrees, its middle moved by ``shift`` (x, y) from that of the picture."""
    rows, columns = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32)
    rows -= (shape[0] - 1) / 2 + shift[1]
    columns -= (shape[1] - 1) / 2 + shift[0]
    angle = np.float32(np.deg2rad(turn))
    return Plane(np.cos(angle) * columns + np.sin(angle) * rows, np.cos(angle) * rows - np.sin(angle) * columns)


def flat(shape: tuple[int, int], colour: Colour) -> Float:
    """One colour everywhere, (h, w, 3) float32 in 0..255."""
    return np.broadcast_to(np.asarray(colour, dtype=np.float32), (*shape, 3)).copy()


def tint(picture: Float, cover: Float, colour: Colour) -> Float:
    """``picture`` with ``colour`` where ``cover`` (h, w) says."""
    weight = cover[..., None]
    return np.asarray(picture * (1 - weight) + np.asarray(colour, dtype=np.float32) * weight, dtype=np.float32)


def stripes(along: Float, step: float, width: float, offset: float) -> Float:
    """Coverage of parallel lines ``width`` pixels wide, ``step`` apart, edges one pixel soft."""
    distance = np.abs((along - offset + step / 2) % step - step / 2)
    return np.asarray(np.clip(width / 2 + 0.5 - distance, 0, min(1.0, width)), dtype=np.float32)


def vary(colour: Colour, by: int, rng: np.random.Generator) -> Colour:
    """A colour near ``colour``: brighter or darker as a whole, a little warmer or cooler."""
    shade = rng.integers(-by, by + 1) + rng.integers(-by // 3, by // 3 + 1, 3)
    red, green, blue = (int(v) for v in np.clip(np.asarray(colour) + shade, 0, 255))
    return red, green, blue


def fibres(shape: tuple[int, int], strength: float, rng: np.random.Generator) -> Float:
    """Short threads in two directions (h, w), as brightness to add."""
    noise = rng.standard_normal(shape).astype(np.float32)
    threads = ndimage.gaussian_filter(noise, (0.5, 2.5)) + ndimage.gaussian_filter(noise[::-1], (2.5, 0.5))
    return np.asarray(threads * strength * 2, dtype=np.float32)


def plain(on: Plane, rng: np.random.Generator) -> Float:
    """White to cream paper."""
    colours: tuple[Colour, ...] = ((246, 245, 241), (250, 246, 234), (240, 243, 246))
    return flat(on.shape, vary(colours[int(rng.integers(3))], 5, rng))


def ruled(on: Plane, rng: np.random.Generator) -> Float:
    """Writing paper: blue lines and often a red margin."""
    page = flat(on.shape, vary((249, 248, 242), 4, rng))
    step = rng.uniform(22, 32)
    page = tint(page, stripes(on.down, step, 1.2, rng.uniform(0, step)) * 0.75, (150, 182, 220))
    if rng.random() < 0.7:
        edge = -on.shape[1] * rng.uniform(0.3, 0.4)
        page = tint(page, np.clip(1.2 - np.abs(on.across - edge), 0, 1) * 0.8, (226, 120, 126))
    return page


def squared(on: Plane, rng: np.random.Generator) -> Float:
    """Squared paper in blue-grey, green or lilac."""
    page = flat(on.shape, vary((248, 249, 246), 4, rng))
    lines: tuple[Colour, ...] = ((164, 192, 216), (160, 204, 178), (190, 180, 212))
    colour, step = lines[int(rng.integers(3))], rng.uniform(14, 20)
    for along in (on.down, on.across):
        page = tint(page, stripes(along, step, 1.0, rng.uniform(0, step)) * 0.75, colour)
    return page


def dotted(on: Plane, rng: np.random.Generator) -> Float:
    """A notebook with a grid of dots."""
    page = flat(on.shape, vary((250, 247, 238), 4, rng))
    step = rng.uniform(15, 20)
    x, y = ((along + step / 2) % step - step / 2 for along in (on.across, on.down))
    return tint(page, np.clip(1.7 - np.hypot(x, y), 0, 1) * 0.7, (160, 160, 166))


def kraft(on: Plane, rng: np.random.Generator) -> Float:
    """Brown wrapping paper with fibres."""
    page = flat(on.shape, vary((198, 164, 122), 8, rng))
    return np.asarray(page + fibres(on.shape, 9, rng)[..., None] * (1.0, 0.94, 0.8), dtype=np.float32)


def blueprint(on: Plane, rng: np.random.Generator) -> Float:
    """A blueprint: lighter lines on deep blue, every fourth stronger."""
    page = flat(on.shape, vary((34, 78, 146), 8, rng))
    step = rng.uniform(14, 19)
    for along in (on.down, on.across):
        start = rng.uniform(0, step)
        page = tint(page, stripes(along, step, 1.0, start) * 0.22, (190, 214, 244))
        page = tint(page, stripes(along, step * 4, 1.2, start) * 0.3, (200, 220, 246))
    return page


def slate(on: Plane, rng: np.random.Generator) -> Float:
    """A blackboard, wiped but not clean."""
    colours: tuple[Colour, ...] = ((44, 62, 56), (50, 54, 60))
    page = flat(on.shape, vary(colours[int(rng.integers(2))], 5, rng))
    haze = ndimage.gaussian_filter(smooth_noise(on.shape, 9, rng), (1, 9)) + smooth_noise(on.shape, 3, rng)
    return np.asarray(page + np.clip(haze, 0, 2)[..., None] * 11, dtype=np.float32)


Maker = Callable[[Plane, np.random.Generator], Float]


@dataclass(frozen=True)
class Paper:
    """A kind of paper: how often it comes, how it is made, and the pens that can be read on it."""

    name: str
    often: float
    make: Maker
    pens: tuple[Ink, ...]


PAPERS: Final = (
    Paper("plain", 0.14, plain, PENS),
    Paper("ruled", 0.2, ruled, PENS),
    Paper("squared", 0.2, squared, PENS),
    Paper("dotted", 0.12, dotted, PENS),
    Paper("kraft", 0.13, kraft, (FELT_BLACK, BALL_BLACK, BROWN, GEL_WHITE)),
    Paper("blueprint", 0.11, blueprint, (GEL_WHITE,)),
    Paper("slate", 0.1, slate, (CHALK, CHALK_YELLOW, CHALK_PINK)),
)


def any_paper(rng: np.random.Generator) -> Paper:
    """One of ``PAPERS``, the frequent ones more often."""
    odds = np.asarray([paper.often for paper in PAPERS])
    return PAPERS[int(rng.choice(len(odds), p=odds / odds.sum()))]


STICKY_COLOURS: Final[tuple[Colour, ...]] = (
    (252, 232, 124),
    (255, 184, 196),
    (170, 224, 186),
    (164, 212, 240),
    (255, 204, 140),
)
DESKS: Final[tuple[Colour, ...]] = ((158, 112, 74), (112, 80, 58), (66, 72, 82), (208, 200, 190), (54, 92, 96))


def rounded(on: Plane, half: tuple[float, float], corner: float) -> Float:
    """Signed distance in pixels to a rectangle of half height and half width ``half``, negative inside."""
    x, y = np.abs(on.across) - (half[1] - corner), np.abs(on.down) - (half[0] - corner)
    outside = np.hypot(np.maximum(x, 0), np.maximum(y, 0))
    return np.asarray(outside + np.minimum(np.maximum(x, y), 0) - corner, dtype=np.float32)


def put_down(under: Float, sheet: Float, on: Plane, half: tuple[float, float], corner: float, lift: float) -> Float:
    """``sheet`` lying on ``under`` as a rectangle, with its shadow ``lift`` pixels down and to the right."""
    distance = rounded(on, half, corner)
    cast = ndimage.shift(np.clip(0.5 - distance / (2 * lift + 1), 0, 1), (lift, lift * 0.7), order=1, mode="nearest")
    shaded = under * (1 - 0.5 * cast[..., None])
    cover = np.clip(0.5 - distance, 0, 1)[..., None]
    return np.asarray(shaded * (1 - cover) + sheet * cover, dtype=np.float32)


def desk(shape: tuple[int, int], rng: np.random.Generator) -> Float:
    """A desk top: wood with streaks, or a plain one."""
    colour = DESKS[int(rng.integers(len(DESKS)))]
    top = flat(shape, vary(colour, 8, rng))
    if colour[0] > colour[2] + 20:
        streaks = ndimage.gaussian_filter(rng.standard_normal(shape).astype(np.float32), (1.1, 40), mode="wrap")
        top += (streaks / streaks.std() * 7 + smooth_noise(shape, 3, rng) * 6)[..., None]
    return top


def photograph(scene: Float, rng: np.random.Generator, *, grain: float = 1.6, evenness: float = 1.0) -> Float:
    """``scene`` (h, w, 3) in room light: brighter to one side, darker in the corners, a warm or cool cast, grain."""
    height, width = scene.shape[:2]
    rows, columns = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
    towards = rng.uniform(0, 2 * np.pi)
    slope = rng.uniform(0.03, 0.13) / evenness
    light = 0.97 + slope * (np.cos(towards) * columns + np.sin(towards) * rows)
    light -= rng.uniform(0.02, 0.08) / evenness * (rows**2 + columns**2)
    light += 0.015 * smooth_noise((height, width), 3, rng)
    cast = 1 + rng.uniform(-0.03, 0.03) * np.asarray([1.0, 0.15, -1.0], dtype=np.float32)
    picture = scene * light[..., None] * cast
    picture += ndimage.gaussian_filter(rng.standard_normal((height, width)).astype(np.float32), 0.5)[..., None] * grain
    return np.asarray(np.clip(picture, 0, 255), dtype=np.float32)
