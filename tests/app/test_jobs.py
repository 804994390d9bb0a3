"""Work leaves by one door and comes back on the GUI thread, once, and not after it was cancelled."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from app.jobs import Job, Jobs, Lane


@pytest.fixture
def jobs(qapp: object) -> Iterator[Jobs]:
    made = Jobs()
    yield made
    assert made.close()


def refuse(error: Exception) -> None:
    raise AssertionError(error)


def test_results_come_back_on_the_gui_thread(jobs: Jobs, qtbot: QtBot) -> None:
    threads: list[int] = []
    seen: list[object] = []

    def work(_: Job) -> str:
        threads.append(threading.get_ident())
        return "done"

    def done(result: str) -> None:
        threads.append(threading.get_ident())
        seen.append(result)

    jobs.run(Lane.NUMBERS, work, done, refuse)
    qtbot.waitUntil(lambda: not jobs.busy)
    assert seen == ["done"]
    assert threads[0] != threading.get_ident()
    assert threads[1] == threading.get_ident()


def test_stream_keeps_its_order_and_ends_once(jobs: Jobs, qtbot: QtBot) -> None:
    seen: list[object] = []
    jobs.stream(Lane.DEVICE, lambda _: iter(range(200)), seen.append, lambda: seen.append("end"), refuse)
    qtbot.waitUntil(lambda: not jobs.busy)
    assert seen == [*range(200), "end"]


def test_what_work_raises_reaches_its_owner_without_the_traceback(jobs: Jobs, qtbot: QtBot) -> None:
    errors: list[Exception] = []

    def work(_: Job) -> Iterator[int]:
        yield 1
        raise RuntimeError("CUDA out of memory")  # a RuntimeError, as torch raises it

    seen: list[object] = []
    jobs.stream(Lane.DEVICE, work, seen.append, lambda: seen.append("end"), errors.append)
    qtbot.waitUntil(lambda: not jobs.busy)
    assert seen == [1]
    assert [str(error) for error in errors] == ["CUDA out of memory"]
    assert errors[0].__traceback__ is None


def test_cancelled_work_delivers_nothing_even_if_it_is_on_its_way(jobs: Jobs, qtbot: QtBot) -> None:
    running, go = threading.Event(), threading.Event()
    seen: list[object] = []

    def work(job: Job) -> Iterator[int]:
        yield 1  # already in the event queue when the cancel comes
        running.set()
        go.wait(10)
        yield 2

    job = jobs.stream(Lane.DEVICE, work, seen.append, lambda: seen.append("end"), refuse)
    assert running.wait(10)
    job.cancel()
    go.set()
    qtbot.waitUntil(lambda: not jobs.busy)
    assert seen == []


def test_lanes_do_not_wait_for_one_another(jobs: Jobs, qtbot: QtBot) -> None:
    go = threading.Event()
    seen: list[object] = []
    jobs.run(Lane.DEVICE, lambda _: go.wait(10), lambda _: seen.append("device"), refuse)
    jobs.run(Lane.PICTURE, lambda _: None, lambda _: seen.append("picture"), refuse)
    qtbot.waitUntil(lambda: seen == ["picture"])
    go.set()
    qtbot.waitUntil(lambda: not jobs.busy)
    assert seen == ["picture", "device"]


def test_closing_stops_work_that_looks_and_starts_none_after(qapp: object) -> None:
    jobs = Jobs()
    running = threading.Event()

    def work(job: Job) -> Iterator[int]:
        while not job.cancelled():
            running.set()
            yield 0

    jobs.stream(Lane.DEVICE, work, lambda _: None, lambda: None, refuse)
    assert running.wait(10)
    assert jobs.close()
    late = jobs.run(Lane.DEVICE, lambda _: None, lambda _: None, refuse)
    assert late.cancelled()
    assert not jobs.busy
