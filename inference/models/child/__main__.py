"""The child: loads one program and runs it on the batches it is given. Started by `process`, never by a person.

Before anything of the program is there, the pipes of the protocol move to descriptors of their own: what the program
prints goes to the parent's log, and what it reads is empty. A watcher, forked before torch is imported, ends the whole
process group as soon as the parent is gone, be it by SIGKILL, and whatever the program is doing at that moment.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import traceback
from contextlib import suppress


def main() -> None:
    """Serve until the parent closes the pipe."""
    memory = int(sys.argv[3]) if len(sys.argv) > 3 else 0
    inputs, outputs = int(sys.argv[1]), int(sys.argv[2])
    requests, replies = _take_pipes()
    _watch(requests, (replies, inputs, outputs))
    _limit(memory)
    import faulthandler

    faulthandler.enable(all_threads=False)  # a segmentation fault says where it was
    from inference.models.child.serving import serve

    serve(requests, replies, inputs, outputs)
    _end()


def _take_pipes() -> tuple[int, int]:
    """The protocol's pipes out of the program's reach: its stdin is empty, and what it prints goes to the log."""
    requests, replies = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    os.close(nothing)
    sys.stdout = open(1, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115
    return requests, replies


def _watch(requests: int, others: tuple[int, ...]) -> None:
    """Fork a watcher that ends this process group when nobody holds the other end of the requests any more."""
    if os.getpgrp() != os.getpid() or os.fork():  # in a group that is not its own there is nothing to end
        return
    for fd in (0, 1, 2, *others):
        os.close(fd)
    poll = select.poll()
    poll.register(requests, 0)  # the end of the pipe alone: requests are not the watcher's to read
    while not any(event & (select.POLLHUP | select.POLLERR | select.POLLNVAL) for _, event in poll.poll()):
        pass
    _end_group()


def _limit(memory: int) -> None:
    """No core files; ``memory`` bytes of address space where that is not 0."""
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if memory:
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


def _end() -> None:
    """End, and what the program started with it."""
    if os.getpgrp() == os.getpid():
        _end_group()
    os._exit(0)


def _end_group() -> None:
    """Kill everybody, and remove the folder of their own unless the program left something there."""
    with suppress(OSError):
        os.rmdir(os.getcwd())
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    try:
        main()
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(70)
