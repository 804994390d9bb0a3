"""The real window with made-up scores in it, as if a folder of images had been opened and scored."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from time import perf_counter, sleep, thread_time

import numpy as np
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from app.application import Cutline
from app.assembly import Controllers
from app.project_files import ReadDataset
from app.session import Decision
from inference.data.reports import DatasetChoices, make_report
from inference.evaluation.advice import AnnotationSizes
from inference.types import Activation, Dataset, DecisionRule, Task, Thresholds
from tests.benchmarks.engine_data import logits_and_truth, scored

Frame = tuple[float, float]  # seconds by the clock, and of the CPU's time that the GUI thread had
_FRAME = 1 / 60  # seconds between two frames of a screen


class Paints(QObject):
    """Counts the frames of what it watches: a change that paints nothing was not measured."""

    count = 0

    def __init__(self, *watched: QWidget) -> None:
        super().__init__()
        for widget in watched:
            for one in (widget, *widget.findChildren(QWidget)):
                one.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.Paint
        return False


def timed(act: Callable[[], object]) -> Frame:
    """From an act of the user to its painted frame."""
    began, worked = perf_counter(), thread_time()
    act()
    QApplication.processEvents()
    return perf_counter() - began, thread_time() - worked


def frames_for(seconds: float) -> list[Frame]:
    """What happens by itself meanwhile, a turn of the event loop a frame."""
    found: list[Frame] = []
    end = perf_counter() + seconds
    while perf_counter() < end:
        found.append(timed(lambda: None))
        sleep(max(_FRAME - found[-1][0], 0.0))
    return found


def summary(frames: list[Frame]) -> dict[str, float]:
    """Milliseconds by the clock and at work: medians, 99th percentiles and the longest."""
    wall, work = (1000 * np.array(values) for values in zip(*frames, strict=True))
    return {
        "median_ms": float(np.median(wall)),
        "p99_ms": float(np.percentile(wall, 99)),
        "longest_ms": float(wall.max()),
        "work_median_ms": float(np.median(work)),
        "work_p99_ms": float(np.percentile(work, 99)),
        "work_longest_ms": float(work.max()),
    }


def open_scored(
    program: Cutline,
    made: Controllers,
    n_images: int,
    n_labels: int,
    then: Callable[[], None],
    *,
    project: bool = False,
) -> None:
    """Show images under labels with their scores, then call ``then``; ``project``: edits are written to one."""
    logits, y_true = logits_and_truth(n_images, n_labels)
    labels = tuple(f"label {i}" for i in range(n_labels))
    names = tuple(f"{i}.jpg" for i in range(n_images))
    annotated = np.ones(n_images, dtype=bool)
    dataset = Dataset("/nowhere", "/nowhere", names, labels, Task.MULTILABEL, y_true, annotated)
    session = made.session
    read = ReadDataset(make_report(dataset, DatasetChoices(), layout="unlabelled", warnings=()), None, False)
    truth = read.truth()
    truth.meet(labels, dict(zip(labels, labels, strict=True)))
    if project:
        made.opening.projects.take(read, DatasetChoices())
    session.set_truth(truth, read.edited(), read.notes())
    session.set_dataset(read.report, truth.dataset(dataset), AnnotationSizes.of(y_true, annotated))
    session.set_decision(Decision(Activation.SIGMOID, DecisionRule.THRESHOLDS, Thresholds.uniform(n_labels)))
    assert program.presenter is not None
    program.presenter.show_pair()
    session.model = object()  # type: ignore[assignment]  # only whether there is one is asked
    session.set_run(scored(logits))
    session.model = None
    session.set_label(3)
    session.set_image(0)
    QTimer.singleShot(200, program, lambda: _wait(program, made, then))


def _wait(program: Cutline, made: Controllers, then: Callable[[], None]) -> None:
    """Until nothing is under way: numbers are found, torch is imported, the project is written."""
    if made.evaluation.evaluator is None or not made.evaluation.settled or made.jobs.busy:
        QTimer.singleShot(200, program, lambda: _wait(program, made, then))
    else:
        QTimer.singleShot(500, program, lambda: _run(then))


def _run(then: Callable[[], None]) -> None:
    """Measure and end at once; what goes wrong ends the program as well."""
    try:
        then()
    except BaseException:
        sys.excepthook(*sys.exc_info())
        sys.stderr.flush()
        os._exit(1)
    sys.stdout.flush()
    os._exit(0)
