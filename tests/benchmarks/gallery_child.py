"""The gallery and the program's own decoder on a folder of JPEG files: every turn of the event loop is timed."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter, sleep, thread_time

import numpy as np
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication

from app.controllers.pictures import PictureController
from app.jobs import Jobs
from app.session import Session
from inference.data.caches import ThumbnailCache
from inference.data.reports import DatasetChoices, make_report
from inference.evaluation.advice import AnnotationSizes
from inference.types import Dataset, Task
from inference.types.gallery import ImageMarks
from widgets.gallery import Gallery
from widgets.theme import LIGHT, apply_theme

_WINDOW = (720, 900)
_BAR_FRAMES = 1_500
_WHEEL_FRAMES = 600
_WHEEL_STEP = 40  # pixels a frame
_ORDERS = 60
_FRAME = 1 / 60  # seconds between two frames of a screen


class _Paints(QObject):
    """Counts the frames of what it watches: a turn that paints nothing was not measured."""

    count = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.Paint
        return False


class _Bench:
    """A window with a gallery, fed by a PictureController."""

    def __init__(self, folder: str, cache: str) -> None:
        self.names = tuple(sorted(os.listdir(folder)))
        self.folder = folder
        self.session, self.jobs = Session(), Jobs()
        self.pictures = PictureController(self.session, self.jobs, kept=ThumbnailCache(Path(cache)))
        self.gallery = Gallery()
        self.gallery.thumbnailsRequested.connect(self.pictures.load_thumbnails)
        self.pictures.thumbnailReady.connect(self.gallery.setThumbnail)
        self.pictures.thumbnailReady.connect(lambda index, _: self.arrived.add(index))
        self.arrived: set[int] = set()
        self.paints = _Paints()
        self.gallery.view().viewport().installEventFilter(self.paints)
        self.gallery.resize(*_WINDOW)
        self.gallery.show()
        QApplication.processEvents()

    def open(self) -> dict[str, float]:
        """Milliseconds from the list of names to the first painted thumbnail, and to all in sight."""
        n = len(self.names)
        truth = (np.random.default_rng(1).random((n, 3)) < 0.3).astype(np.int8)
        annotated = np.ones(n, dtype=bool)
        dataset = Dataset(self.folder, self.folder, self.names, ("a", "b", "c"), Task.MULTILABEL, truth, annotated)
        report = make_report(dataset, DatasetChoices(), layout="unlabelled", warnings=())
        sizes = AnnotationSizes.of(truth, annotated)
        began = perf_counter()
        self.session.set_dataset(report, dataset, sizes)
        self.gallery.setImages(self.names)
        first = self._until(lambda: bool(self.arrived)) - began
        seen = set(self.gallery.view().visibleRows())
        every = self._until(lambda: seen <= self.arrived) - began
        rng = np.random.default_rng(2)
        outcomes, scores = rng.integers(0, 5, n).astype(np.uint8), rng.random(n).astype(np.float32)
        self.gallery.setOutcomes(outcomes, scores, "a")
        self.gallery.setMarks(ImageMarks(edited=rng.random(n) < 0.1, noted=rng.random(n) < 0.05))
        return {"first_ms": 1000 * first, "all_ms": 1000 * every, "in_sight": len(seen)}

    def _until(self, there: Callable[[], bool]) -> float:
        """When the thumbnails waited for had been painted."""
        end = perf_counter() + 60
        while not there():
            QApplication.processEvents()
            assert perf_counter() < end, "no thumbnail arrived within a minute"
        painted = self.paints.count
        self.gallery.view().viewport().update()
        while self.paints.count == painted:
            QApplication.processEvents()
        return perf_counter()

    def scroll(self, places: Iterator[int]) -> Iterator[tuple[float, float]]:
        """Seconds and CPU seconds of each frame, at the pace of a screen; decoding goes on all the time."""
        bar = self.gallery.view().verticalScrollBar()
        for place in places:
            painted, began, worked = self.paints.count, perf_counter(), thread_time()
            bar.setValue(place)
            QApplication.processEvents()
            taken, used = perf_counter() - began, thread_time() - worked
            assert self.paints.count > painted, "scrolling painted nothing"
            yield taken, used
            sleep(max(_FRAME - taken, 0.0))

    def reorder(self) -> Iterator[tuple[float, float]]:
        """Seconds and CPU seconds from another order to its painted frame: filters of different sizes, and sorting."""
        rng = np.random.default_rng(3)
        n = len(self.names)
        for turn in range(_ORDERS):
            order = rng.permutation(n)[: n if turn % 3 == 0 else rng.integers(n // 10, n)]
            painted, began, worked = self.paints.count, perf_counter(), thread_time()
            self.gallery.setOrder(order)
            QApplication.processEvents()
            taken, used = perf_counter() - began, thread_time() - worked
            assert self.paints.count > painted, "another order painted nothing"
            yield taken, used
            sleep(_FRAME)


def _summary(key: str, frames: Iterator[tuple[float, float]]) -> dict[str, float]:
    """Milliseconds by the clock, and of the CPU's time that this thread had: others may want the CPU as well."""
    wall, cpu = (1000 * np.array(values) for values in zip(*frames, strict=True))
    return {
        f"{key}_p99_ms": float(np.percentile(wall, 99)),
        f"{key}_median_ms": float(np.median(wall)),
        f"{key}_longest_ms": float(wall.max()),
        f"{key}_cpu_p99_ms": float(np.percentile(cpu, 99)),
        f"{key}_cpu_median_ms": float(np.median(cpu)),
    }


def _memory_mb() -> float:
    """The most that the process ever held."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def main(folder: str) -> None:
    """Print the figures as one line of JSON."""
    app = QApplication([])
    apply_theme(app, LIGHT)
    with tempfile.TemporaryDirectory() as cache:
        bench = _Bench(folder, cache)
        found = bench.open()
        end = bench.gallery.view().verticalScrollBar().maximum()
        places = (round(end * (frame + 1) / _BAR_FRAMES) for frame in range(_BAR_FRAMES))
        found |= _summary("bar", bench.scroll(places))
        middle = end // 2
        found |= _summary("wheel", bench.scroll(middle + _WHEEL_STEP * frame for frame in range(_WHEEL_FRAMES)))
        found |= _summary("order", bench.reorder())
        found["memory_mb"] = _memory_mb()
        bench.jobs.close()
    print(json.dumps(found), flush=True)
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1])
