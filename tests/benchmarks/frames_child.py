"""The real window on made-up logits; ticks of a label's slider and of that of all labels, each to its painted frame."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from time import perf_counter, process_time

import numpy as np
from PySide6.QtWidgets import QApplication

from app.application import Cutline
from app.assembly import Controllers
from app.folders import Folders
from app.launch import Options, run_window
from tests.benchmarks.frames_window import Paints, open_scored

_TICKS = 400
_STEP = 0.001


def _measure(program: Cutline) -> None:
    bench = program.window.workbench
    assert bench is not None
    paints = Paints(bench.labels)
    found = {
        "one": _ticks(paints, lambda value: bench.labels.thresholdChanged.emit(3, value)),
        "all": _ticks(paints, bench.labels.allThresholdsChanged.emit),
    }
    print(json.dumps(found))


def _ticks(paints: Paints, move: Callable[[float], None]) -> dict[str, float]:
    """Milliseconds from a tick to its painted frame: the 99th percentile, the median, and the median of CPU time."""
    wall, cpu = [], []
    for tick in range(_TICKS):
        value = float(np.float32(0.3 + _STEP * tick))
        before, began, worked = paints.count, perf_counter(), process_time()
        move(value)
        QApplication.processEvents()
        wall.append(perf_counter() - began)
        cpu.append(process_time() - worked)
        assert paints.count > before, "the tick painted nothing"
    wall.sort()
    cpu.sort()
    middle = _TICKS // 2
    return {"p99_ms": 1000 * wall[int(_TICKS * 0.99)], "median_ms": 1000 * wall[middle], "cpu_ms": 1000 * cpu[middle]}


def _watch(program: Cutline) -> None:
    program.window.resize(1600, 1000)
    program.unattended = True

    def begin(made: Controllers) -> None:
        open_scored(program, made, int(sys.argv[2]), int(sys.argv[3]), lambda: _measure(program))

    program.when_ready(begin)


if __name__ == "__main__":
    sys.exit(run_window(Options(), Folders.inside(sys.argv[1]), _watch))
