"""How long it takes from opening a project of 100,000 scored images to every number in the window."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator

from tests.benchmarks.figures import Figure

_RUNS = 3


def _child(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.reopen_child", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )
    if done.returncode:
        raise RuntimeError(f"reopening could not be measured: {done.stderr[-2000:]}")
    return done.stdout


def figures() -> Iterator[Figure]:
    """The median over whole runs of the program, the model being open."""
    with tempfile.TemporaryDirectory() as folder:
        _child("make", folder)
        runs = [json.loads(_child("open", folder).splitlines()[-1]) for _ in range(_RUNS)]
    middle = sorted(runs, key=lambda run: run["ms"])[_RUNS // 2]
    took = middle["ms"]
    stages = f"images after {middle['paired_ms']:.0f} ms, every file checked after {middle['checked_ms']:.0f} ms"
    yield Figure(
        f"reopen: a scored project, 100,000 x 80, to all numbers ({stages})", f"{took:.0f} ms", "< 1000 ms", took < 1000
    )
