"""How a JSON file was laid out, so that it can be written again in the same way."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Final

from inference.errors import DataError

_STRING: Final = re.compile(rb'"(?:[^"\\]|\\.)*"')
_COMMA: Final = re.compile(rb",( ?)")
_INDENT: Final = re.compile(rb"\A[\[{]\r?\n?([ \t]*)")


@dataclass(frozen=True)
class JsonStyle:
    """Indentation, separators and letters of a JSON file."""

    indent: str | None = None
    item_separator: str = ", "
    key_separator: str = ": "
    only_ascii: bool = False
    end: str = "\n"

    @classmethod
    def of(cls, content: bytes) -> JsonStyle:
        """The style of a file, from its first lines. What Python's own ``json`` wrote is found exactly."""
        head = _STRING.sub(b'""', content[:4096].lstrip())  # commas and colons in texts say nothing
        match = _INDENT.match(head)
        indent = match[1].decode() if match and head[1:2] in (b"\r", b"\n") else None
        key_separator = ":" if b'":' in head and b'": ' not in head else ": "
        if indent is not None:
            item_separator = ","
        else:
            comma = _COMMA.search(head)
            is_spaced = bool(comma[1]) if comma else key_separator == ": "
            item_separator = ", " if is_spaced else ","
        end = "\r\n" if content.endswith(b"\r\n") else "\n" if content.endswith(b"\n") else ""
        return cls(indent, item_separator, key_separator, content.isascii() and b"\\u" in content, end)

    def dump(self, value: Any, name: str) -> bytes:
        """The JSON text of a value. Raises DataError where it is nested too deeply."""
        separators = (self.item_separator, self.key_separator)
        try:
            text = json.dumps(
                value, indent=self.indent, separators=separators, ensure_ascii=self.only_ascii, allow_nan=False
            )
            return (text + self.end).encode("utf-8")
        except RecursionError as error:
            raise DataError(f"{name} is nested too deeply to be written again: write a new file.") from error
        except (ValueError, UnicodeEncodeError) as error:
            text = f"{name} holds a value that JSON has no way to write: write a new file."
            raise DataError(text, detail=str(error)) from error


PRETTY: Final = JsonStyle(indent=" ", item_separator=",")
COMPACT: Final = JsonStyle()
