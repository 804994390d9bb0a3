"""Single digits, one a picture, for two multi-class models; many are hard to read on purpose."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from assets.demo import ink, papers
from assets.demo.ink import Float, Hand
from assets.demo.scans import Pool
from assets.demo.sheets import paste

SIDE: Final = 112


def draw_digit(digit: int, pool: Pool, rng: np.random.Generator) -> tuple[NDArray[np.uint8], int]:
    """A picture (112, 112, 3) uint8 of ``digit``, and the scan on it as its place in ``load_digits``."""
    shape = (SIDE, SIDE)
    paper = papers.any_paper(rng)
    scene = paper.make(papers.plane(shape, float(rng.normal(0, 4))), rng)
    if paper.name == "plain" and rng.random() < 0.6:
        scene = papers.flat(shape, papers.STICKY_COLOURS[int(rng.integers(len(papers.STICKY_COLOURS)))])
    pen = paper.pens[int(rng.integers(len(paper.pens)))]
    hand = Hand(
        height=rng.uniform(58, 88),
        turn=float(np.clip(rng.normal(0, 11), -30, 30)),
        slant=rng.uniform(-0.3, 0.3),
        width=rng.uniform(0.8, 1.15),
        contour=rng.uniform(0.36, 0.56),
        wobble=rng.uniform(0.05, 0.18),
    )
    scan, index = pool.pick(digit, rng)
    x, y = SIDE / 2 + rng.uniform(-9, 9), SIDE / 2 + rng.uniform(-9, 9)
    scene = paste(scene, ink.stroke(scan, hand, rng), x, y, pen, rng)
    scene = _spoil(scene, rng)
    rgb = papers.photograph(scene, rng, grain=rng.choice([1.5, 1.5, 3.5]), evenness=0.7)
    return rgb.round().astype(np.uint8), index


def _spoil(scene: Float, rng: np.random.Generator) -> Float:
    """``scene`` as it is, or crossed out, covered in part by a strip of paper, in a coffee ring, or shaken."""
    shape = (SIDE, SIDE)
    kind = rng.random()
    if kind < 0.11:
        pen = papers.PENS[int(rng.integers(len(papers.PENS)))]
        line = ink.underline(8, rng.uniform(35, 80), SIDE - 16, rng)
        return ink.lay(scene, ink.line_cover(shape, [line], rng.uniform(1.5, 3.5)), pen, rng)
    if kind < 0.2:
        return _cover_part(scene, rng)
    if kind < 0.28:
        ring = ink.loop_around(rng.uniform(20, 92), rng.uniform(20, 92), 40, 39, rng)
        stain = ndimage.gaussian_filter(ink.line_cover(shape, [ring], rng.uniform(3, 6)), 0.9) * 0.5
        return papers.tint(scene, stain, (120, 74, 36))
    if kind < 0.4:
        return np.asarray(
            ndimage.gaussian_filter(scene, (rng.uniform(1, 2.6), rng.uniform(1, 2.6), 0)), dtype=np.float32
        )
    return scene


def _cover_part(scene: Float, rng: np.random.Generator) -> Float:
    """``scene`` with a strip of coloured paper over one side."""
    shape = (SIDE, SIDE)
    turn = rng.uniform(0, 360)
    away = SIDE * rng.uniform(0.58, 0.72)
    shift = (away * np.cos(np.deg2rad(turn)), away * np.sin(np.deg2rad(turn)))
    on = papers.plane(shape, float(-turn + rng.normal(0, 8)), (float(shift[0]), float(shift[1])))
    strip = papers.flat(shape, papers.STICKY_COLOURS[int(rng.integers(len(papers.STICKY_COLOURS)))])
    return papers.put_down(scene, strip, on, (SIDE, SIDE * 0.3), 1.0, 2)
