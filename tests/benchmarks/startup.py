"""Time from starting the process to a painted window, against a bare PySide6 window of the same size."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator

from tests.benchmarks.figures import Figure

_RUNS = 11
_TARGET = 2.0
_CHILD = "tests.benchmarks.startup_child"


def _seconds(which: str, folder: str) -> tuple[float, int]:
    """Wall time until the child says that it is painted, and how many torch modules it had then."""
    began = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-m", _CHILD, which, folder], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as child:
        assert child.stdout is not None
        line = child.stdout.readline()
        seconds = time.perf_counter() - began
        child.wait()
    word, modules = line.split()
    assert word == "painted", line
    return seconds, int(modules)


def figures() -> Iterator[Figure]:
    """The ratio of medians, runs interleaved, after one of each to warm the disk's cache."""
    times: dict[str, list[float]] = {"bare": [], "cutline": []}
    modules = 0
    with tempfile.TemporaryDirectory() as folder:
        for run in range(_RUNS + 1):
            for which, measured in times.items():
                seconds, found = _seconds(which, folder)
                modules = max(modules, found)
                if run:
                    measured.append(seconds)
    bare, ours = (statistics.median(measured) for measured in times.values())
    ratio = ours / bare
    yield Figure(
        "startup: painted window, times a bare PySide6 window",
        f"{ratio:.2f} ({ours * 1000:.0f} ms / {bare * 1000:.0f} ms)",
        f"<= {_TARGET:g}",
        ratio <= _TARGET,
    )
    yield Figure("startup: torch modules imported when the window is painted", str(modules), "0", modules == 0)
