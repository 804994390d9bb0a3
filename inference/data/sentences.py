"""The words that the reports of this room share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

_PLURALS: Final = {"entry": "entries", "category": "categories"}
_SHOWN: Final = 5
_LONGEST: Final = 80


def counted(number: int, noun: str) -> str:
    """``1 image``, ``1,200 images``."""
    return f"{number:,} {noun if number == 1 else _PLURALS.get(noun, noun + 's')}"


def some(items: Sequence[object], limit: int = _SHOWN) -> str:
    """The first few items, and how many more there are."""
    shown = ", ".join(shortened(str(item)) for item in items[:limit])
    return shown if len(items) <= limit else f"{shown} and {len(items) - limit:,} more"


def shortened(text: str, longest: int = _LONGEST) -> str:
    """Long text cut in the middle, on one line and without undecodable bytes, so that it fits a message."""
    text = " ".join(text.split()).encode("utf-8", "replace").decode()
    if len(text) <= longest:
        return text
    half = (longest - 3) // 2
    return f"{text[:half]}...{text[-half:]}"


def lines(numbers: Sequence[int], limit: int = _SHOWN) -> str:
    """``line 17`` or ``lines 17, 20 and 31 more``."""
    return f"line{'' if len(numbers) == 1 else 's'} {some(numbers, limit)}"
