"""The gallery on 100,000 JPEG files: the first thumbnails, scrolling from end to end, another order, and memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from tests.benchmarks.figures import Figure

N_IMAGES = 100_000
_DISTINCT = 400
_SIZE = (640, 480)


def make_files(folder: Path, count: int = N_IMAGES) -> list[str]:
    """``count`` JPEG files of 640 x 480 as cameras write them, 400 contents under many names; the names."""
    rng = np.random.default_rng(5)
    coarse = rng.integers(0, 256, (_DISTINCT, 12, 16, 3), dtype=np.uint8)
    names = [f"{i:06d}.jpg" for i in range(count)]
    for i in range(min(_DISTINCT, count)):
        picture = Image.fromarray(coarse[i]).resize(_SIZE, Image.Resampling.BICUBIC)
        grain = np.asarray(picture, dtype=np.int16) + rng.integers(-12, 13, (_SIZE[1], _SIZE[0], 1), dtype=np.int16)
        Image.fromarray(np.clip(grain, 0, 255).astype(np.uint8)).save(folder / names[i], quality=88)
    for i in range(_DISTINCT, count):
        os.link(folder / names[i % _DISTINCT], folder / names[i])
    return names


def _child(folder: str) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.gallery_child", folder],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"the gallery could not be measured: {done.stderr[-2000:]}")
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def _frames(what: str, found: dict[str, float], key: str, limit: float) -> Figure:
    p99 = found[f"{key}_p99_ms"]
    median, work = found[f"{key}_median_ms"], found[f"{key}_cpu_p99_ms"]
    value = f"{p99:.1f} ms (median {median:.1f} ms; 99 % at work for {work:.1f} ms)"
    return Figure(f"gallery: {what}, 99 % of frames", value, f"< {limit:.0f} ms", p99 < limit)


def figures() -> Iterator[Figure]:
    """One run of the gallery with the program's own decoding, offscreen."""
    with tempfile.TemporaryDirectory() as folder:
        make_files(Path(folder))
        found = _child(folder)
    shown = f"{found['in_sight']:.0f} thumbnails in sight"
    yield Figure(
        f"gallery: opening {N_IMAGES:,} images to the first of {shown}, painted",
        f"{found['first_ms']:.0f} ms (all of them {found['all_ms']:.0f} ms)",
        "< 200 ms",
        found["first_ms"] < 200,
    )
    yield _frames(f"scrolling {N_IMAGES:,} images end to end by the bar", found, "bar", 16)
    yield _frames("scrolling by the wheel, thumbnails arriving", found, "wheel", 16)
    yield _frames(f"another order of {N_IMAGES:,} images", found, "order", 30)
    yield Figure(
        f"gallery: memory after all of this with {N_IMAGES:,} images",
        f"{found['memory_mb']:.0f} MB",
        "< 1,000 MB",
        found["memory_mb"] < 1_000,
    )
