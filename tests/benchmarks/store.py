"""Whether a label that was reported saved survives a killed process, and what the project file costs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator

from tests.benchmarks.figures import Figure

_KILLS = 500
_SEED = 4


def _child(*arguments: str) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-m", "tests.benchmarks.store_child", *arguments, folder],
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise RuntimeError(f"the store could not be measured: {done.stderr[-2000:]}")
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def figures() -> Iterator[Figure]:
    """Kills first, then times on 100,000 images and 80 labels."""
    if hasattr(os, "fork"):
        yield _kills(_child("kills", str(_KILLS), str(_SEED)))
    found = _child("speed")
    yield _time("store: reopen project 100,000 x 80", found["reopen_ms"], 1000)
    yield _time(
        f"store: one label saved, on the disk (99 % under {found['slow_label_ms']:.2g} ms)", found["label_ms"], 5
    )
    yield _time("store: make project 100,000 x 80", found["create_ms"], 2000)
    yield _time("store: back up project 100,000 x 80", found["backup_ms"], 1000)


def _kills(found: dict[str, float]) -> Figure:
    lost, damaged = found["lost"], found["damaged"]
    value = f"{lost:,.0f} of {found['labels']:,.0f} acknowledged"
    if damaged:
        value += f", {damaged:,.0f} files damaged"
    return Figure(f"store: labels lost in {found['kills']:,.0f} kills", value, "0", not lost and not damaged)


def _time(name: str, value: float, target: float) -> Figure:
    return Figure(name, f"{value:.3g} ms", f"< {target:,g} ms", value < target)
