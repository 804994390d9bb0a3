"""JSON that a project keeps: also of names that are no text, which file systems on Linux allow and msgspec does not."""

from __future__ import annotations

import json
from typing import TypeVar

import msgspec

T = TypeVar("T")


def encode(value: object) -> bytes:
    """A value as JSON; what cannot be UTF-8 is escaped."""
    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError:
        return json.dumps(msgspec.to_builtins(value)).encode()


def decode(content: bytes, type_: type[T]) -> T:
    """What `encode` made. Raises ValueError for anything else."""
    try:
        return msgspec.json.decode(content, type=type_)
    except (msgspec.DecodeError, RecursionError):  # a lone surrogate is one of the things that msgspec refuses
        try:
            return msgspec.convert(json.loads(content), type=type_)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error
