"""Numbers as a user reads and writes them: rates with their counts, exact thresholds, and what is undefined."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from inference.types import format_float32

UNDEFINED: Final = "–"
LONGEST_THRESHOLD: Final = 12  # characters before the scientific form takes over
_MINUS: Final = "\N{MINUS SIGN}"
_SCORE_STEP: Final = 0.001
_EXACTLY: Final = 1e-9  # what floating-point sums may be off; far less than one image of a million


class NotAThreshold(ValueError):
    """The text is no float32; the message says why and what to write."""


def format_rate(rate: float, places: int = 2) -> str:
    """A rate with fixed places, or an en dash where it is undefined (NaN).

    Only what is 0 or 1 says so: 0.9996 is 0.99 to two places and 0.0004 is 0.01, as nearly all is not all.
    """
    if math.isnan(rate):
        return UNDEFINED
    step: float = 10.0**-places
    if _EXACTLY < rate < 1.0 - _EXACTLY:
        rate = min(max(rate, step), 1.0 - step)
    return f"{rate:.{places}f}"


def format_correlation(value: float, places: int = 2) -> str:
    """A correlation, -1 to 1, with fixed places, or an en dash where it is undefined (NaN)."""
    text = format_rate(abs(value), places)
    return f"{_MINUS}{text}" if value < 0 and float(text) else text


def format_count(count: int) -> str:
    """A count with a comma between thousands."""
    return f"{count:,}"


def format_fraction(part: int, whole: int) -> str:
    """The two counts of a rate, as in 18/22."""
    return f"{part:,}/{whole:,}"


def format_threshold(value: float | np.float32) -> str:
    """The shortest text that reads back as the same float32; scientific where the plain form grows too long."""
    plain = format_float32(value)
    if len(plain) <= LONGEST_THRESHOLD:
        return plain
    return np.format_float_scientific(np.float32(value), unique=True, trim="-", exp_digits=1)


def format_score(score: float, threshold: float | None = None) -> str:
    """A score to three places, never rounded to the other side of the threshold it is compared with."""
    if math.isnan(score):
        return UNDEFINED
    shown = round(score, 3)
    if threshold is not None and not math.isnan(threshold):
        if score < threshold <= shown:
            shown = math.floor(score / _SCORE_STEP) * _SCORE_STEP
        elif shown < threshold <= score:
            shown = math.ceil(score / _SCORE_STEP) * _SCORE_STEP
    return f"{shown:.3f}"


def parse_threshold(text: str) -> np.float32:
    """The float32 nearest to what was typed; nothing is clamped. Raises NotAThreshold with a sentence."""
    wanted = text.strip().replace("\N{MINUS SIGN}", "-")
    if not wanted:
        raise NotAThreshold("Type a number, such as 0.37.")
    if wanted.endswith("%"):
        raise NotAThreshold("Write a share of 1, not of 100: 37 % is 0.37.")
    if "," in wanted and "." not in wanted:
        raise NotAThreshold(f"Write a point, not a comma: {wanted.replace(',', '.', 1)}.")
    value = _as_float(wanted)
    if math.isnan(value):
        raise NotAThreshold("NaN cannot be a threshold: nothing compares with it.")
    with np.errstate(over="ignore", under="ignore"):
        exact = np.float32(value)
    if np.isinf(exact) and not _says_infinity(wanted):
        raise NotAThreshold(f"“{_short(wanted)}” is beyond the largest float32, about 3.4e38.")
    if exact == 0 and value != 0:
        raise NotAThreshold(f"“{_short(wanted)}” is nearer to 0 than the smallest float32, about 1.4e-45.")
    return exact


def _as_float(text: str) -> float:
    try:
        if "_" in text:  # Python's own grouping, which no user means
            raise ValueError
        return float(text)
    except ValueError:
        raise NotAThreshold(f"“{_short(text)}” is not a number.") from None


def _says_infinity(text: str) -> bool:
    return "inf" in text.casefold()


def _short(text: str) -> str:
    return text if len(text) <= 20 else text[:19] + "…"
