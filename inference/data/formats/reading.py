"""Reading the files of formats: bytes, JSON and JSON lines, with sentences about what is wrong with them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from inference.data.files import open_regular
from inference.data.label_files import read_bytes as read_bytes
from inference.data.sentences import shortened
from inference.errors import LabelFileError

_HEAD: Final = 1 << 16
_BOM: Final = b"\xef\xbb\xbf"
_BYTE: Final = re.compile(r"\(byte (\d+)\)")


def read_head(path: str) -> bytes:
    """The first 64 KiB; b"" for whatever cannot be read."""
    try:
        with open_regular(path) as file:
            return file.read(_HEAD)
    except (OSError, ValueError):
        return b""


def read_text(path: str) -> str:
    """A UTF-8 file, with or without a byte order mark. Raises LabelFileError."""
    content = read_bytes(path)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        name = os.path.basename(path)
        raise LabelFileError(f"{name} is no UTF-8 text: save it as UTF-8.", detail=str(error)) from error


def read_json(path: str) -> Any:
    """The value in a JSON file. Raises LabelFileError, with the line."""
    return parse_json(read_bytes(path), os.path.basename(path))


def parse_json(content: bytes, name: str) -> Any:
    """The value of JSON bytes. Raises LabelFileError, with the line."""
    content = content.removeprefix(_BOM)
    try:
        return msgspec.json.decode(content)
    except RecursionError as error:
        raise LabelFileError(f"{name} is nested too deeply to be an annotation file: choose another.") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        place = _BYTE.search(str(error))
        line = content.count(b"\n", 0, int(place[1])) + 1 if place else 0
        where = f" in line {line:,}" if line else ""
        raise LabelFileError(f"{name} is no valid JSON{where}: write it again.", detail=str(error)) from error


def json_lines(path: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (line number from 1, object) of every line that is not empty. Raises LabelFileError, with the line."""
    name = os.path.basename(path)
    for number, line in enumerate(read_bytes(path).removeprefix(_BOM).split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            value = msgspec.json.decode(line)
        except RecursionError as error:
            raise LabelFileError(f"{name} is nested too deeply in line {number:,}: correct or remove it.") from error
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise LabelFileError(
                f"{name} has no valid JSON in line {number:,}: correct or remove it.", detail=str(error)
            ) from error
        if not isinstance(value, dict):
            raise LabelFileError(
                f"{name} has {shortened(repr(value), 30)} in line {number:,}, where an object in braces is needed: "
                "correct or remove it."
            )
        yield number, value


def is_json_object(head: bytes) -> bool:
    """Whether a file's start looks like a JSON object."""
    return head.removeprefix(_BOM).lstrip()[:1] == b"{"
