"""Short work goes between the steps of a long stream of its lane, and waits neither for its end nor for idleness."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from pytestqt.qtbot import QtBot

from app.jobs import Job, Jobs, Lane

WAIT_S = 20


@pytest.fixture
def jobs(qapp: object) -> Iterator[Jobs]:
    made = Jobs()
    yield made
    assert made.close()


def refuse(error: Exception) -> None:
    raise AssertionError(error)


class Long:
    """A stream that gives one step for each that is let go."""

    def __init__(self, n: int, log: list[str]) -> None:
        self.n, self.log = n, log
        self.entered = threading.Event()
        self.free = threading.Semaphore(0)

    def __call__(self, job: Job) -> Iterator[int]:
        for step in range(self.n):
            self.log.append(f"long {step}")
            self.entered.set()
            assert self.free.acquire(timeout=WAIT_S)
            yield step


def short(log: list[str], name: str, n: int) -> Callable[[Job], Iterator[str]]:
    def work(_: Job) -> Iterator[str]:
        for step in range(n):
            log.append(f"{name} {step}")
            yield f"{name} {step}"

    return work


def let_go(long: Long, steps: int) -> None:
    for _ in range(steps):
        long.free.release()


def test_a_guest_takes_turns_with_a_stream_under_way(jobs: Jobs, qtbot: QtBot) -> None:
    log: list[str] = []
    seen: list[object] = []
    long = Long(4, log)
    jobs.stream(Lane.DEVICE, long, seen.append, lambda: seen.append("long ends"), refuse)
    assert long.entered.wait(WAIT_S)
    jobs.between(Lane.DEVICE, short(log, "guest", 2), seen.append, lambda: seen.append("guest ends"), refuse)
    let_go(long, 4)
    qtbot.waitUntil(lambda: not jobs.busy)
    assert log == ["long 0", "guest 0", "long 1", "guest 1", "long 2", "long 3"]
    assert seen == [0, "guest 0", 1, "guest 1", 2, "guest ends", 3, "long ends"]


def test_guests_take_turns_with_each_other(jobs: Jobs, qtbot: QtBot) -> None:
    log: list[str] = []
    long = Long(1, log)
    jobs.stream(Lane.DEVICE, long, ignore, nothing, refuse)
    assert long.entered.wait(WAIT_S)
    jobs.between(Lane.DEVICE, short(log, "a", 3), ignore, nothing, refuse)
    jobs.between(Lane.DEVICE, short(log, "b", 2), ignore, nothing, refuse)
    let_go(long, 1)
    qtbot.waitUntil(lambda: not jobs.busy)
    assert log == ["long 0", "a 0", "b 0", "a 1", "b 1", "a 2"]


def test_a_stream_that_comes_later_does_not_wait_for_the_guests_end(jobs: Jobs, qtbot: QtBot) -> None:
    log: list[str] = []
    entered, go = threading.Event(), threading.Event()

    def guest(_: Job) -> Iterator[int]:
        for step in range(3):
            log.append(f"guest {step}")
            entered.set()
            assert go.wait(WAIT_S)
            yield step

    jobs.between(Lane.DEVICE, guest, ignore, nothing, refuse)
    assert entered.wait(WAIT_S)
    jobs.run(Lane.DEVICE, lambda _: log.append("run"), ignore, refuse)
    go.set()
    qtbot.waitUntil(lambda: not jobs.busy)
    assert log.index("run") == 1


def test_a_cancelled_guest_ends_at_its_next_turn_and_says_nothing(jobs: Jobs, qtbot: QtBot) -> None:
    log: list[str] = []
    seen: list[object] = []
    closed = threading.Event()
    long = Long(3, log)

    def guest(_: Job) -> Iterator[int]:
        try:
            yield from range(1000)
        finally:
            closed.set()

    jobs.stream(Lane.DEVICE, long, ignore, nothing, refuse)
    assert long.entered.wait(WAIT_S)
    job = jobs.between(Lane.DEVICE, guest, seen.append, lambda: seen.append("end"), refuse)
    let_go(long, 1)
    qtbot.waitUntil(lambda: seen == [0])
    job.cancel()
    let_go(long, 2)
    qtbot.waitUntil(lambda: not jobs.busy)
    assert closed.is_set()
    assert seen == [0]


def test_what_a_guest_raises_is_its_own_affair(jobs: Jobs, qtbot: QtBot) -> None:
    errors: list[Exception] = []
    seen: list[object] = []
    long = Long(2, [])

    def guest(_: Job) -> Iterator[int]:
        yield 1
        raise RuntimeError("no gradients")

    jobs.stream(Lane.DEVICE, long, seen.append, lambda: seen.append("end"), refuse)
    assert long.entered.wait(WAIT_S)
    jobs.between(Lane.DEVICE, guest, seen.append, nothing, errors.append)
    let_go(long, 2)
    qtbot.waitUntil(lambda: not jobs.busy)
    assert seen == [0, 1, 1, "end"]
    assert [str(error) for error in errors] == ["no gradients"]


def test_closing_ends_guests_that_wait(qapp: object) -> None:
    jobs = Jobs()
    closed = threading.Event()
    begun, go = threading.Event(), threading.Event()

    def guest(_: Job) -> Iterator[int]:
        try:
            while True:
                begun.set()
                assert go.wait(WAIT_S)
                yield 1
        finally:
            closed.set()

    jobs.between(Lane.DEVICE, guest, ignore, nothing, refuse)
    assert begun.wait(WAIT_S)
    go.set()
    assert jobs.close(WAIT_S)
    assert closed.wait(WAIT_S)


def ignore(_: object) -> None:
    pass


def nothing() -> None:
    pass
