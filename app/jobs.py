"""The only door to threads: work goes in, its results come back on the GUI thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QObject, Qt, Signal, Slot

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

T = TypeVar("T")


class Lane(StrEnum):
    """Work in one lane waits for the work before it; lanes do not wait for one another."""

    DEVICE = "device"  # one thread: it owns the model and the device
    PICTURE = "picture"  # the image being looked at
    THUMBNAILS = "thumbnails"
    NUMBERS = "numbers"  # sorting curves
    ESTIMATES = "estimates"  # minutes of tuning again and again, which nothing else must wait for
    FILES = "files"  # reading folders
    MEMORY = "memory"  # writing what is remembered
    STORE = "store"  # reading and writing projects: the only thread that touches them


class Job:
    """A handle on work under way. A cancelled job delivers nothing more."""

    def __init__(self) -> None:
        self._cancelled = threading.Event()

    def cancel(self) -> None:
        """Ask the work to stop, and drop whatever it still brings."""
        self._cancelled.set()

    def cancelled(self) -> bool:
        """Whether somebody asked; work looks at this between its steps."""
        return self._cancelled.is_set()


class Jobs(QObject):
    """Runs work in lanes of one thread each and calls back on the thread this object lives on."""

    _arrived = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lanes: dict[Lane, ThreadPoolExecutor] = {}
        self._live: set[Job] = set()
        self._closed = False
        self._arrived.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def run(
        self,
        lane: Lane,
        work: Callable[[Job], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
    ) -> Job:
        """Do ``work`` in its lane, then call ``done`` with its result or ``failed`` with what it raised."""

        def stream(job: Job) -> Iterator[Callable[[], None]]:
            result = work(job)
            yield lambda: done(result)

        return self._submit(lane, stream, failed)

    def stream(
        self,
        lane: Lane,
        work: Callable[[Job], Iterator[T]],
        item: Callable[[T], None],
        done: Callable[[], None],
        failed: Callable[[Exception], None],
    ) -> Job:
        """Pull ``work`` in its lane, call ``item`` with each thing it yields, then ``done`` or ``failed``."""

        def steps(job: Job) -> Iterator[Callable[[], None]]:
            for thing in work(job):
                yield lambda thing=thing: item(thing)  # type: ignore[misc]
            yield done

        return self._submit(lane, steps, failed)

    @property
    def busy(self) -> bool:
        """Whether any job is under way or its delivery outstanding."""
        return bool(self._live)

    def close(self, seconds: float = 2.5) -> bool:
        """Cancel everything and wait for the threads; True when all ended in time."""
        from concurrent.futures import wait

        self._closed = True
        for job in self._live:
            job.cancel()
        self._live.clear()
        last = [executor.submit(lambda: None) for executor in self._lanes.values()]
        for executor in self._lanes.values():
            executor.shutdown(wait=False)
        return not wait(last, timeout=seconds).not_done

    def finish(self, lane: Lane, work: Callable[[], None], seconds: float) -> bool:
        """Do ``work`` after all that waits in its lane, and wait for it: for the end of the program.

        False when it did not end in time; what it raises is its owner's to catch.
        """
        from concurrent.futures import wait

        self._open(lane)
        return not wait([self._lanes[lane].submit(work)], timeout=seconds).not_done

    @staticmethod
    def threads_left() -> bool:
        """Whether a thread is still at work that would keep the process alive, such as a decode from a dead drive."""
        return any(not one.daemon for one in threading.enumerate() if one is not threading.main_thread())

    def _submit(
        self,
        lane: Lane,
        steps: Callable[[Job], Iterator[Callable[[], None]]],
        failed: Callable[[Exception], None],
    ) -> Job:
        job = Job()
        if self._closed:
            job.cancel()
            return job
        self._live.add(job)
        self._open(lane)
        self._lanes[lane].submit(self._work, job, steps, failed)
        return job

    def _open(self, lane: Lane) -> None:
        if lane not in self._lanes:
            from concurrent.futures import ThreadPoolExecutor  # not before the window is painted

            self._lanes[lane] = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"cutline-{lane}")

    def _work(
        self, job: Job, steps: Callable[[Job], Iterator[Callable[[], None]]], failed: Callable[[Exception], None]
    ) -> None:
        """On the lane's thread: pull the steps, hand each over."""
        if not job.cancelled():
            try:
                for step in steps(job):
                    if job.cancelled():
                        break
                    self._arrived.emit(job, step)
            except Exception as error:  # whatever the work raises is its owner's to explain
                import logging  # not before the window is painted

                logging.getLogger(__name__).info("a job failed", exc_info=True)
                kept = error.with_traceback(None)  # a traceback would keep the job's tensors alive
                self._arrived.emit(job, lambda: failed(kept))
        self._arrived.emit(job, None)

    @Slot(object, object)
    def _deliver(self, job: Job, step: Callable[[], Any] | None) -> None:
        """On the GUI thread: call back unless the job was cancelled meanwhile."""
        if step is None:
            self._live.discard(job)
        elif not job.cancelled():
            step()
