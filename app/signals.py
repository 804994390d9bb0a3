"""Ctrl+C and a polite kill close the window: Qt's loop alone would not let Python hear them."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, QSocketNotifier


def _stop_listening(*ends: socket.socket) -> None:
    signal.set_wakeup_fd(-1)
    for end in ends:
        end.close()


def close_on_signals(owner: QObject, stop: Callable[[], object]) -> None:
    """Call ``stop`` on SIGINT and SIGTERM for as long as ``owner`` lives."""
    reader, writer = socket.socketpair()
    writer.setblocking(False)
    try:
        signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
    except ValueError:  # not the main thread: somebody else's signals
        return
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    notifier = QSocketNotifier(reader.fileno(), QSocketNotifier.Type.Read, owner)
    notifier.activated.connect(lambda: (reader.recv(64), stop()))
    owner.destroyed.connect(partial(_stop_listening, reader, writer))
