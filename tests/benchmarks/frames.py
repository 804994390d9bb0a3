"""From a tick of a slider, a key or another filter to the painted frame: the real window, offscreen, on large sets."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator

from tests.benchmarks.figures import Figure

_SIZES = ((100_000, 80), (1_000_000, 80), (50_000, 1_000))


def _child(module: str, n_images: int, n_labels: int) -> dict[str, dict[str, float]]:
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-m", f"tests.benchmarks.{module}", folder, str(n_images), str(n_labels)],
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise RuntimeError(f"the window could not be measured: {done.stderr[-2000:]}")
    found: dict[str, dict[str, float]] = json.loads(done.stdout.splitlines()[-1])
    return found


def _figure(slider: str, n_images: int, n_labels: int, found: dict[str, float]) -> Figure:
    return Figure(
        f"frames: {slider} tick to painted frame, {n_images:,} x {n_labels:,}, 99 %",
        f"{found['p99_ms']:.1f} ms (median {found['median_ms']:.1f} ms, of it {found['cpu_ms']:.1f} ms at work)",
        "< 16 ms",
        found["p99_ms"] < 16,
    )


def _line(what: str, frames: dict[str, float], at_work: float, limit: float) -> Figure:
    """Judged by what the GUI thread had to do: the clock says as well what else the machine did."""
    value = (
        f"{at_work:.1f} ms at work (median {frames['work_median_ms']:.1f} ms; "
        f"by the clock {frames['p99_ms']:.1f} ms, median {frames['median_ms']:.1f} ms)"
    )
    return Figure(f"frames: {what}", value, f"< {limit:g} ms", at_work < limit)


def _review() -> Iterator[Figure]:
    """Labels said by keys, and filters changed, with everything in sight that follows them."""
    n_images, n_labels = _SIZES[0]
    found = _child("frames_review_child", n_images, n_labels)
    where = f"{n_images:,} x {n_labels:,}"
    key, step, between = found["key"], found["step"], found["between"]
    yield _line(f"label edited by key to painted frame, {where}, 99 %", key, key["work_p99_ms"], 16)
    yield _line(f"next image while labeling to painted frame, {where}, 99 %", step, step["work_p99_ms"], 16)
    yield _line(f"what follows edits by itself, {where}, longest part", between, between["work_longest_ms"], 16)
    for name, frames in found.items():
        if name.startswith("filter "):
            what = f"filter change in the window, {where}, {name.removeprefix('filter ')}, longest"
            yield _line(what, frames, frames["work_longest_ms"], 30)


def figures() -> Iterator[Figure]:
    """The 99th percentile of a small drag's ticks, with its median; all labels' slider where there are most."""
    for n_images, n_labels in _SIZES:
        found = _child("frames_child", n_images, n_labels)
        yield _figure("slider", n_images, n_labels, found["one"])
        if n_labels == max(size[1] for size in _SIZES):
            yield _figure("all labels' slider", n_images, n_labels, found["all"])
    yield from _review()
