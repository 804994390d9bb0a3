"""What the two processes say to each other: msgpack messages in pipes, each after its length.

Tensors are not in the messages. They lie as plain float32 in two files without a name: the parent writes the first and
reads the second, the child the other way round. The parent reads and writes them with system calls and maps neither
into its memory: a child that makes such a file shorter would otherwise end the window with a bus error.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from typing import Final

import msgspec
from msgspec import Struct

_LENGTH: Final = struct.Struct("<I")
LARGEST: Final = 1 << 20  # bytes of a message; anything longer is no message of ours

Option = bool | int | float | str


class ProtocolError(Exception):
    """The other side said something that is no message."""


class Source(Struct, frozen=True):
    """A file that is run, and what it must hold: nothing of a file with another hash is run."""

    path: str
    sha256: str


class Load(Struct, frozen=True, tag="load"):
    """Load a program. ``files[0]`` is the one that was named; the others are Python files that it imports."""

    kind: str  # "torchscript", "export" or "factory"
    files: tuple[Source, ...]
    function: str = ""  # of a factory
    options: dict[str, Option] = {}
    weights: str = ""  # of a factory: a state dict
    threads: int = 1


class Move(Struct, frozen=True, tag="move"):
    """Go to a device."""

    device: str


class Run(Struct, frozen=True, tag="run"):
    """Run the batch that lies in the first file."""

    number: int
    shape: tuple[int, ...]


class Ready(Struct, frozen=True, tag="ready"):
    """The child is there (``torch`` is imported), the program loaded, or on its device.

    ``batch``, ``height`` and ``width`` are the only sizes that an exported program takes; 0 where any will do.
    """

    batch: int = 0
    height: int = 0
    width: int = 0


class Part(Struct, frozen=True):
    """A tensor of an output, with its name or place."""

    name: str
    shape: tuple[int, ...]


class Done(Struct, frozen=True, tag="done"):
    """The outputs of the batch lie one after the other in the second file. ``form``: "tensor", "tuple" or "dict"."""

    number: int
    form: str
    parts: tuple[Part, ...]


class Failed(Struct, frozen=True, tag="failed"):
    """It did not work. ``what``: "raised" by the program, "memory", "lost" (the device), "output", "card" or "weights".

    ``message`` is a sentence for "output", "card" and "weights", else the first line of what was raised.
    """

    what: str
    message: str
    detail: str = ""
    number: int = 0


Request = Load | Move | Run
Reply = Ready | Done | Failed


def packed(message: Request | Reply) -> bytes:
    """The message as it goes through a pipe."""
    body = msgspec.msgpack.encode(message)
    return _LENGTH.pack(len(body)) + body


def receive_request(fd: int) -> Request | None:
    """In the child: wait for the next request; None when the parent is gone."""
    head = _read_whole(fd, _LENGTH.size)
    if head is None:
        return None
    body = _read_whole(fd, _LENGTH.unpack(head)[0])
    return None if body is None else msgspec.msgpack.decode(body, type=Request)


def write_all(fd: int, content: bytes | memoryview) -> None:
    """Write everything, however little goes at a time."""
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(fd, rest) :]


class Replies:
    """In the parent: whole replies out of the pieces that arrive."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def feed(self, piece: bytes) -> Iterator[Reply]:
        """The replies that are complete with this piece. Raises ProtocolError."""
        self._waiting += piece
        while len(self._waiting) >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._waiting)
            if length > LARGEST:
                raise ProtocolError(f"a message of {length:,} bytes")
            end = _LENGTH.size + length
            if len(self._waiting) < end:
                return
            body = bytes(self._waiting[_LENGTH.size : end])
            del self._waiting[:end]
            try:
                yield msgspec.msgpack.decode(body, type=Reply)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                raise ProtocolError(str(error)) from None


def _read_whole(fd: int, n_bytes: int) -> bytes | None:
    pieces = bytearray()
    while len(pieces) < n_bytes:
        piece = os.read(fd, n_bytes - len(pieces))
        if not piece:
            return None
        pieces += piece
    return bytes(pieces)
