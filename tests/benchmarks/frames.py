"""From a tick of a slider to the painted frame, in the real window, offscreen, on sets too large for the disk here."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator

from tests.benchmarks.figures import Figure

_SIZES = ((100_000, 80), (1_000_000, 80), (50_000, 1_000))


def _child(n_images: int, n_labels: int) -> dict[str, dict[str, float]]:
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-m", "tests.benchmarks.frames_child", folder, str(n_images), str(n_labels)],
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


def figures() -> Iterator[Figure]:
    """The 99th percentile of a small drag's ticks, with its median; all labels' slider where there are most."""
    for n_images, n_labels in _SIZES:
        found = _child(n_images, n_labels)
        yield _figure("slider", n_images, n_labels, found["one"])
        if n_labels == max(size[1] for size in _SIZES):
            yield _figure("all labels' slider", n_images, n_labels, found["all"])
