"""Looking into JSON values of unknown make without trusting any of them."""

from __future__ import annotations

import math
import os
from typing import Any, Final

from inference.errors import LabelFileError

_KINDS: Final = ((dict, "an object"), (list, "a list"), (str, "a text"), (int | float, "a number"))


def dictionary(value: Any) -> dict[str, Any]:
    """The object, or an empty one where the value is something else."""
    return value if isinstance(value, dict) else {}


def items(value: Any) -> list[Any]:
    """The list, or an empty one where the value is something else."""
    return value if isinstance(value, list) else []


def text_of(value: Any) -> str:
    """The text, or an empty one where the value is something else."""
    return value if isinstance(value, str) else ""


def number_of(value: Any) -> float:
    """A finite number, or NaN."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return math.nan
    try:
        number = float(value)
    except OverflowError:
        return math.nan
    return number if math.isfinite(number) else math.nan


def id_of(value: Any) -> str | None:
    """What an id is looked up by: 5 and "5" are one; None for what is no id."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    return str(value) if isinstance(value, str) or abs(value) < 1 << 63 else None


def index_of(value: Any) -> int | None:
    """A whole number that is not negative, also as text or as 3.0; None for anything else."""
    if isinstance(value, str):
        return int(value) if value.isascii() and value.isdecimal() and len(value) < 10 else None
    number = number_of(value)
    return int(number) if 0 <= number < 1e9 and number == int(number) else None


def kind_of(value: Any) -> str:
    """What a JSON value is, in words."""
    if isinstance(value, bool):
        return "true or false"
    return next((word for kind, word in _KINDS if isinstance(value, kind)), "nothing")


def required_list(document: dict[str, Any], key: str, path: str, format_name: str) -> list[Any]:
    """The list under a key. Raises LabelFileError."""
    value = document.get(key)
    if isinstance(value, list):
        return value
    name = os.path.basename(path)
    what = "has no" if key not in document else f"has {kind_of(value)} for its"
    raise LabelFileError(f"{name} {what} list {key!r}: choose a {format_name} file.")


def required_object(value: Any, path: str, format_name: str) -> dict[str, Any]:
    """The object that a file is. Raises LabelFileError."""
    if isinstance(value, dict):
        return value
    raise LabelFileError(
        f"{os.path.basename(path)} is {kind_of(value)}, not an object in braces: choose a {format_name} file."
    )
