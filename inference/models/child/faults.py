"""What may come of waiting for a child. No torch and no process here, so that the engine may know them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from inference.errors import OutputError


class Cancelled(Exception):
    """The user thought better of it. No error: whoever runs the network ends."""


class Died(Exception):
    """The child is no more. ``how``: what became of it, as the end of a sentence."""

    def __init__(self, how: str) -> None:
        super().__init__(how)
        self.how = how


class Hung(Exception):
    """The child did not answer in time."""


class RaisedError(OutputError):
    """The program raised something while it ran. ``reason`` is its first line, ``detail`` the traceback."""

    def __init__(self, message: str, reason: str, *, detail: str = "") -> None:
        super().__init__(message, detail=detail)
        self.reason = reason


def never() -> bool:
    """Nobody cancels."""
    return False


@contextmanager
def cancellable(network: object, cancelled: Callable[[], bool]) -> Iterator[None]:
    """Inside, a wait for a child raises Cancelled soon after ``cancelled()``; other networks know of no such thing."""
    if not hasattr(network, "cancelled"):
        yield
        return
    network.cancelled = cancelled
    try:
        yield
    finally:
        network.cancelled = never
