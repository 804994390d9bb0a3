"""What every column of a table of labels has."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ColumnText:
    """What a column is called in its header, in a menu or aloud, and what it means."""

    title: str
    name: str
    meaning: str
