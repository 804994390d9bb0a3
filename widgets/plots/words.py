"""Words that captions and titles share: counts beside rates, and lines that break between their parts only."""

from __future__ import annotations

import math

from inference.types import format_float32
from widgets.pr_header import NO_BREAK, rate


def counted(count: int, noun: str) -> str:
    """ "1 positive", "1,234 positives"."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def share(part: int, whole: int) -> str:
    """ "18/22 = 0.82", or "0/0 = –"."""
    return f"{part:,}/{whole:,} = {rate(part / whole if whole else math.nan)}"


def threshold_text(threshold: float) -> str:
    """ "threshold 0.7", with as many digits as tell it from every other float32."""
    return f"threshold {format_float32(threshold)}"


def joined(*parts: str) -> str:
    """The parts with a dot between them; a line breaks nowhere else."""
    return " · ".join(part.replace(" ", NO_BREAK) for part in parts)
