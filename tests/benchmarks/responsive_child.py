"""One run of the program on the shipped sheets, its event loop's gaps measured; prints them as JSON."""

from __future__ import annotations

import json
import os
import shutil
import sys
from time import perf_counter

from PySide6.QtCore import QObject, Qt, QTimer

from app.application import Cutline
from app.assembly import Controllers
from app.folders import Folders
from app.jobs import Lane
from app.launch import Options, run_window
from inference.types import ImageState, Run

_TICK_MS = 2  # a gap is what lies between two ticks beyond this


class Watch(QObject):
    """Ticks while images are scored; then scores again, cancels, and times that."""

    def __init__(self, program: Cutline) -> None:
        super().__init__(program)
        self._program = program
        self._gaps: list[float] = []
        self._last = self._began = self._cancelled = 0.0
        self._seconds = 0.0
        self._images = 0
        self._timer = QTimer(self, interval=_TICK_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        program.when_ready(self._begin)

    def _begin(self, made: Controllers) -> None:
        self._made = made
        made.scoring.started.connect(self._on_started)
        made.scoring.ended.connect(self._on_ended)

    def _on_started(self) -> None:
        self._last = self._began = perf_counter()
        self._timer.start()

    def _tick(self) -> None:
        now = perf_counter()
        self._gaps.append(now - self._last - _TICK_MS / 1000)
        self._last = now

    def _on_ended(self) -> None:
        if self._cancelled:
            return
        self._timer.stop()
        self._seconds = perf_counter() - self._began
        self._images = len(self._made.session.failures) + self._scored()
        QTimer.singleShot(0, self._score_again)

    def _scored(self) -> int:
        run = self._made.session.run
        assert run is not None
        return int((run.state == ImageState.SCORED).sum())

    def _score_again(self) -> None:
        shutil.rmtree(Folders.inside(sys.argv[1]).cache / "logits")  # or nothing would be left to score
        run = self._made.session.run
        assert run is not None
        self._made.session.set_run(Run.empty(*run.logits.shape))
        self._made.scoring.start()
        QTimer.singleShot(400, self._cancel)

    def _cancel(self) -> None:
        assert self._made.scoring.running
        self._cancelled = perf_counter()
        self._made.scoring.cancel()
        self._made.jobs.run(Lane.DEVICE, lambda _: perf_counter(), self._report, self._fail)

    def _report(self, idle: float) -> None:
        gaps = sorted(self._gaps)
        print(
            json.dumps(
                {
                    "images": self._images,
                    "seconds": self._seconds,
                    "p99_ms": 1000 * gaps[int(len(gaps) * 0.99)],
                    "longest_ms": 1000 * gaps[-1],
                    "cancel_ms": 1000 * (idle - self._cancelled),
                }
            ),
            flush=True,
        )
        os._exit(0)

    def _fail(self, error: Exception) -> None:
        print(error, file=sys.stderr, flush=True)
        os._exit(1)


if __name__ == "__main__":
    sys.exit(run_window(Options(demo="sheets"), Folders.inside(sys.argv[1]), Watch))
