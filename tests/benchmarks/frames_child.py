"""The real window on made-up logits; ticks of a label's slider and of that of all labels, each to its painted frame."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from time import perf_counter, process_time

import numpy as np
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication

from app.application import Cutline
from app.assembly import Controllers
from app.folders import Folders
from app.launch import Options, run_window
from app.session import Decision
from inference.data.reports import DatasetChoices, make_report
from inference.evaluation.advice import AnnotationSizes
from inference.types import Activation, Dataset, DecisionRule, Task, Thresholds
from tests.benchmarks.engine_data import logits_and_truth, scored

_TICKS = 400
_STEP = 0.001


class _Paints(QObject):
    """Counts the frames of what it watches: a tick that paints nothing was not measured."""

    count = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.Paint
        return False


def _open(program: Cutline, made: Controllers, n_images: int, n_labels: int) -> None:
    """As if the images had been scored."""
    logits, truth = logits_and_truth(n_images, n_labels)
    labels = tuple(f"label {i}" for i in range(n_labels))
    names = tuple(f"{i}.jpg" for i in range(n_images))
    annotated = np.ones(n_images, dtype=bool)
    dataset = Dataset("/nowhere", "/nowhere", names, labels, Task.MULTILABEL, truth, annotated)
    session = made.session
    report = make_report(dataset, DatasetChoices(), layout="unlabelled", warnings=())
    session.set_dataset(report, dataset, AnnotationSizes.of(truth, annotated))
    session.set_decision(Decision(Activation.SIGMOID, DecisionRule.THRESHOLDS, Thresholds.uniform(n_labels)))
    assert program.presenter is not None
    program.presenter.show_pair()
    session.model = object()  # type: ignore[assignment]  # only whether there is one is asked
    session.set_run(scored(logits))
    session.model = None
    session.set_label(3)
    session.set_image(0)
    QTimer.singleShot(200, lambda: _wait(program, made))


def _wait(program: Cutline, made: Controllers) -> None:
    if made.evaluation.evaluator is None or not made.evaluation.settled or made.jobs.busy:  # torch is being imported
        QTimer.singleShot(200, lambda: _wait(program, made))
    else:
        QTimer.singleShot(500, lambda: _measure(program))


def _measure(program: Cutline) -> None:
    bench = program.window.workbench
    assert bench is not None
    paints = _Paints()
    bench.labels.installEventFilter(paints)
    for child in bench.labels.findChildren(QObject):
        child.installEventFilter(paints)
    found = {
        "one": _ticks(paints, lambda value: bench.labels.thresholdChanged.emit(3, value)),
        "all": _ticks(paints, bench.labels.allThresholdsChanged.emit),
    }
    print(json.dumps(found), flush=True)
    os._exit(0)


def _ticks(paints: _Paints, move: Callable[[float], None]) -> dict[str, float]:
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
    program.when_ready(lambda made: _open(program, made, int(sys.argv[2]), int(sys.argv[3])))


if __name__ == "__main__":
    sys.exit(run_window(Options(), Folders.inside(sys.argv[1]), _watch))
