"""The columns of the tuning table, from left to right, and how fully their cells are written."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from widgets.tables.columns import ColumnText


class Column(IntEnum):
    """The columns; the first two stay in sight while the others are scrolled sideways."""

    LOCK = 0
    NAME = 1
    THRESHOLD = 2
    FLIPS = 3
    F1 = 4
    PRECISION = 5
    RECALL = 6
    NOTE = 7


RATES: Final = (Column.F1, Column.PRECISION, Column.RECALL)
FROZEN: Final = (Column.LOCK, Column.NAME)


class Fullness(IntEnum):
    """What a cell leaves out where room is short. The tool tip and the line under the table have it all."""

    ALL = 0  # at 0.5, now, proposed and the difference
    NO_HALF = 1  # now, proposed and the difference
    CHANGE = 2  # proposed and the difference
    TIGHT = 3  # also of the thresholds only the proposed


_READING: Final = "\nSmall: at threshold 0.5. Then now → proposed, and the difference."

TEXTS: Final[dict[Column, ColumnText]] = {
    Column.LOCK: ColumnText("", "Lock", "A locked label keeps its threshold. Click, or press Space in a row."),
    Column.NAME: ColumnText("Label", "Label", "A class that the model knows."),
    Column.THRESHOLD: ColumnText(
        "Threshold",
        "Threshold",
        "The threshold in force → the one proposed, exactly.\n"
        "A proposed one lies midway between two neighbouring scores.",
    ),
    Column.FLIPS: ColumnText("Flips", "Images that flip", "Images whose decision under the label would change."),
    Column.F1: ColumnText("F1", "F1", f"The harmonic mean of precision and recall.{_READING}"),
    Column.PRECISION: ColumnText(
        "Precision", "Precision", f"Of the images predicted to have the label, the share that has it.{_READING}"
    ),
    Column.RECALL: ColumnText(
        "Recall", "Recall", f"Of the images that have the label, the share predicted to have it.{_READING}"
    ),
    Column.NOTE: ColumnText("Note", "Note", "What is to be said of the proposal for the label."),
}
