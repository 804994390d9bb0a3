"""The only door to threads: work goes in, its results come back on the GUI thread."""

from __future__ import annotations

import threading
from collections import defaultdict, deque
from collections.abc import Callable, Generator, Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

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


class _Begun(NamedTuple):
    """Work under way in a lane."""

    job: Job
    steps: Generator[Callable[[], None], None, None]
    failed: Callable[[Exception], None]


def _generator(
    steps: Callable[[Job], Iterator[Callable[[], None]]], job: Job
) -> Generator[Callable[[], None], None, None]:
    """Whatever makes the steps, as something that can be closed; nothing of it runs before the first is asked for."""
    yield from steps(job)


class Jobs(QObject):
    """Runs work in lanes of one thread each and calls back on the thread this object lives on."""

    _arrived = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lanes: dict[Lane, ThreadPoolExecutor] = {}
        self._guests: defaultdict[Lane, deque[_Begun]] = defaultdict(deque)
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

    def between(
        self,
        lane: Lane,
        work: Callable[[Job], Iterator[T]],
        item: Callable[[T], None],
        done: Callable[[], None],
        failed: Callable[[Exception], None],
    ) -> Job:
        """As `stream`, but one step between two steps of whatever streams in that lane, without waiting for its end."""

        def steps(job: Job) -> Iterator[Callable[[], None]]:
            for thing in work(job):
                yield lambda thing=thing: item(thing)  # type: ignore[misc]
            yield done

        return self._submit(lane, steps, failed, guest=True)

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
        *,
        guest: bool = False,
    ) -> Job:
        job = Job()
        if self._closed:
            job.cancel()
            return job
        self._live.add(job)
        self._open(lane)
        begun = _Begun(job, _generator(steps, job), failed)
        if guest:
            self._guests[lane].append(begun)
            self._lanes[lane].submit(self._host, lane)  # where nothing streams there
        else:
            self._lanes[lane].submit(self._work, lane, begun)
        return job

    def _open(self, lane: Lane) -> None:
        if lane not in self._lanes:
            from concurrent.futures import ThreadPoolExecutor  # not before the window is painted

            self._lanes[lane] = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"cutline-{lane}")

    def _work(self, lane: Lane, begun: _Begun) -> None:
        """On the lane's thread: pull the steps, hand each over; guests go between them."""
        while self._step(begun):
            self._let_in(lane)

    def _host(self, lane: Lane) -> None:
        """On the lane's thread: one step of a guest, then the next after whatever waits there by now."""
        self._let_in(lane)
        while self._guests[lane]:
            try:
                self._lanes[lane].submit(self._host, lane)
            except RuntimeError:  # the lane is closed, so that every guest is cancelled: let them end
                self._let_in(lane)
            else:
                break

    def _let_in(self, lane: Lane) -> None:
        """On the lane's thread: one step of the guest whose turn it is."""
        guests = self._guests[lane]
        if guests:
            guest = guests.popleft()
            if self._step(guest):
                guests.append(guest)

    def _step(self, begun: _Begun) -> bool:
        """On the lane's thread: pull one step and hand it over; False when none is left."""
        job, failed = begun.job, begun.failed
        try:
            step = None if job.cancelled() else next(begun.steps, None)
            if step is not None and not job.cancelled():
                self._arrived.emit(job, step)
                return True
            begun.steps.close()
        except Exception as error:  # whatever the work raises is its owner's to explain
            import logging  # not before the window is painted

            logging.getLogger(__name__).info("a job failed", exc_info=True)
            kept = error.with_traceback(None)  # a traceback would keep the job's tensors alive
            self._arrived.emit(job, lambda: failed(kept))
        self._arrived.emit(job, None)
        return False

    @Slot(object, object)
    def _deliver(self, job: Job, step: Callable[[], Any] | None) -> None:
        """On the GUI thread: call back unless the job was cancelled meanwhile."""
        if step is None:
            self._live.discard(job)
        elif not job.cancelled():
            step()
