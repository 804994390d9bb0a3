"""How long the window is ever kept waiting while 400 images are scored, and how soon a cancel takes effect."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator

from tests.benchmarks.figures import Figure

_RUNS = 3


def _child(folder: str) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.responsive_child", folder],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"the window could not be measured: {done.stderr[-2000:]}")
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def figures() -> Iterator[Figure]:
    """Medians over whole runs of the program on the shipped sheets."""
    runs = []
    for _ in range(_RUNS):
        with tempfile.TemporaryDirectory() as folder:
            runs.append(_child(folder))
    middle = {key: sorted(run[key] for run in runs)[_RUNS // 2] for key in runs[0]}
    images, seconds = middle["images"], middle["seconds"]
    over = f"while scoring {images:.0f} images in {seconds:.1f} s"
    p99, longest, cancel = middle["p99_ms"], middle["longest_ms"], middle["cancel_ms"]
    yield Figure(f"responsive: 99 % of the event loop's gaps {over}", f"{p99:.0f} ms", "< 50 ms", p99 < 50)
    yield Figure(f"responsive: longest gap {over}", f"{longest:.0f} ms", "<= 250 ms", longest <= 250)
    yield Figure("responsive: from cancel to an idle device", f"{cancel:.0f} ms", "<= 1000 ms", cancel <= 1000)
