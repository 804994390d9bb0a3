"""In the parent: starts a child, speaks to it, notices when it dies or hangs, and ends it with all that it started."""

from __future__ import annotations

import os
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from inference.models.child.faults import Cancelled, Died, Hung
from inference.models.child.protocol import ProtocolError, Replies, Reply, Request, packed, write_all

_LOOK_SECONDS: Final = 0.05  # between two looks at whether the child lives and the user still wants it
_LOG: Final = 8_000  # bytes of what was printed last that are kept
_PIECE: Final = 1 << 16
_SECRETS: Final = (
    "TOKEN", "SECRET", "PASSWORD", "PASSWD", "CREDENTIAL", "API_KEY", "APIKEY", "ACCESS_KEY", "PRIVATE_KEY", "AUTH",
)  # fmt: skip


@dataclass(frozen=True)
class Limits:
    """How long a child may take, in seconds, and how much memory."""

    start: float = 120.0  # to import torch
    first: float = 120.0  # to load the program, to change the device, and for the first batch
    least: float = 60.0  # for a later batch ...
    times: float = 20.0  # ... or so many times the slowest so far, if that is more
    memory: int = 0  # bytes of address space; 0: as much as there is


class ChildProcess:
    """A child that was just started; it answers `Ready` when it has imported torch."""

    def __init__(self, memory: int = 0) -> None:
        self._folder = tempfile.mkdtemp(prefix="cutline-model-")
        self.inputs, self._outputs = _file("inputs"), _file("outputs")
        self._popen = subprocess.Popen(
            [sys.executable, "-P", "-m", "inference.models.child", str(self.inputs), str(self._outputs), str(memory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=self._folder,
            env=environment(os.environ),
            pass_fds=(self.inputs, self._outputs),
            start_new_session=True,
            bufsize=0,
        )
        assert self._popen.stdin is not None
        assert self._popen.stdout is not None
        assert self._popen.stderr is not None
        self._replies, self._log = Replies(), bytearray()
        self._arrived: deque[Reply] = deque()
        self._selector = selectors.DefaultSelector()
        for stream in (self._popen.stdout, self._popen.stderr):
            os.set_blocking(stream.fileno(), False)
            self._selector.register(stream, selectors.EVENT_READ)
        self._ended = False

    @property
    def pid(self) -> int:
        """Of the process and of its group."""
        return self._popen.pid

    @property
    def alive(self) -> bool:
        """Whether it can be asked anything."""
        return not self._ended and self._popen.poll() is None

    @property
    def printed(self) -> str:
        """The last lines of what the program printed."""
        return self._log.decode("utf-8", "replace").strip()

    def send(self, request: Request) -> None:
        """Ask for something; `wait` gives the answer. Raises Died."""
        assert self._popen.stdin is not None
        try:
            write_all(self._popen.stdin.fileno(), packed(request))
        except OSError:
            raise Died(self._how()) from None

    def wait(self, seconds: float, cancelled: Callable[[], bool]) -> Reply:
        """The next answer. Raises Died, Hung, ProtocolError and Cancelled; after that of a cancelled wait it is still
        on its way."""
        until = time.monotonic() + seconds
        while True:
            gone = self._popen.poll() is not None  # before the last look: it may have answered and then died
            self._listen(0 if gone else _LOOK_SECONDS)
            if self._arrived:
                return self._arrived.popleft()
            if gone:
                raise Died(self._how())
            if cancelled():
                raise Cancelled
            if time.monotonic() > until:
                raise Hung

    def read(self, place: int, n_bytes: int) -> bytearray:
        """What the child wrote into its file. Raises ProtocolError where that is less."""
        content = bytearray(n_bytes)
        rest = memoryview(content)
        while rest:
            n_read = os.preadv(self._outputs, [rest[: 1 << 28]], place + n_bytes - len(rest))
            if not n_read:
                raise ProtocolError("fewer numbers than it said")
            rest = rest[n_read:]
        return content

    def end(self) -> None:
        """Kill the child and everything it started, and give back what it needed. Again does nothing."""
        if self._ended:
            return
        self._ended = True
        try:
            os.killpg(self._popen.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            self._popen.kill()
        self._popen.wait()
        self._selector.close()
        for stream in (self._popen.stdin, self._popen.stdout, self._popen.stderr):
            assert stream is not None
            stream.close()
        os.close(self.inputs)
        os.close(self._outputs)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _listen(self, seconds: float) -> None:
        """Take in what the child says and prints."""
        for key, _ in self._selector.select(seconds):
            try:
                piece = os.read(key.fd, _PIECE)
            except BlockingIOError:
                continue
            if not piece:
                self._selector.unregister(key.fileobj)
                if key.fileobj is self._popen.stdout:
                    self._await_end()
            elif key.fileobj is self._popen.stderr:
                self._log += piece
                del self._log[:-_LOG]
            else:
                self._arrived.extend(self._replies.feed(piece))

    def _await_end(self) -> None:
        """It closed the pipe of its answers: it is ending, or can never answer again."""
        try:
            self._popen.wait(timeout=1.0)
        except subprocess.TimeoutExpired:
            self._popen.kill()

    def _how(self) -> str:
        self._await_end()
        self._drain()
        return ending(self._popen.wait())

    def _drain(self) -> None:
        """What it printed last; a grandchild may hold the pipe open, and print on."""
        assert self._popen.stderr is not None
        for _ in range(2 * _LOG // 1024):
            try:
                piece = os.read(self._popen.stderr.fileno(), _PIECE)
            except OSError:
                return
            if not piece:
                return
            self._log += piece
            del self._log[:-_LOG]


def ending(code: int) -> str:
    """What an exit code says, as the end of a sentence."""
    if code >= 0:
        return f"ended by itself (exit code {code})"
    if code == -signal.SIGKILL:
        return "was killed by the system, most likely because the memory was full"
    if code in (-signal.SIGSEGV, -signal.SIGBUS):
        return "crashed (segmentation fault)"
    try:
        return f"crashed ({signal.Signals(-code).name})"
    except ValueError:
        return f"crashed (signal {-code})"


def environment(own: Mapping[str, str]) -> dict[str, str]:
    """The child's environment: without what looks like a secret, and with the place where Cutline stands."""
    import inference

    kept = {key: value for key, value in own.items() if not any(word in key.upper() for word in _SECRETS)}
    home = str(Path(inference.__file__).resolve().parents[1])
    if not home.endswith("-packages"):
        kept["PYTHONPATH"] = os.pathsep.join(filter(None, (home, own.get("PYTHONPATH", ""))))
    return kept | {"PYTHONUNBUFFERED": "1"}


def _file(name: str) -> int:
    """A file in memory without a name, open in this process alone."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create(f"cutline-{name}", os.MFD_CLOEXEC)
    descriptor, path = tempfile.mkstemp(prefix=f"cutline-{name}-")
    os.unlink(path)
    return descriptor
