"""In the child: words for what was raised."""

from __future__ import annotations

import traceback
from typing import Final

_LONGEST: Final = 300  # characters of a first line
_DETAIL: Final = 20_000  # characters of a traceback: a recursion without end has more


def first_line(error: BaseException) -> str:
    """What was raised, in one line without a full stop."""
    if isinstance(error, SystemExit):
        return f"it called sys.exit({'' if error.code is None else repr(error.code)})"
    lines = str(error).strip().splitlines()
    name = type(error).__name__
    return f"{name}: {lines[0].rstrip('.!')}"[:_LONGEST] if lines else name


def traceback_of(error: BaseException) -> str:
    """Where it was raised; of a long one the end."""
    return "".join(traceback.format_exception(error))[-_DETAIL:]
