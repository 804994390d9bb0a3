"""The columns of the review table."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from widgets.tables.columns import ColumnText


class Column(IntEnum):
    """From left to right."""

    NAME = 0
    BAND = 1
    LOW = 2
    HIGH = 3
    REVIEW = 4
    PRECISION = 5
    LOST = 6
    NOTE = 7


class End(IntEnum):
    """The two ends of a band."""

    LOW = Column.LOW
    HIGH = Column.HIGH


LEFT: Final = (Column.NAME, Column.BAND, Column.NOTE)  # their titles and texts begin at the left
PARTS: Final = {Column.REVIEW: "review", Column.PRECISION: "accepted", Column.LOST: "lost"}  # what a click shows

TEXTS: Final[dict[Column, ColumnText]] = {
    Column.NAME: ColumnText("Label", "Label", "A class that the model knows."),
    Column.BAND: ColumnText(
        "Reject · review · accept",
        "Review band",
        "Scores left of the band are rejected, right of it accepted; a person looks at those in between.\n"
        "Drag an end; with Shift it moves finely. Left and Right move the filled end, Space changes to the other.\n"
        "The thin line is the label’s threshold in force.",
    ),
    Column.LOW: ColumnText("Reject below", "Reject below", "A lower score is rejected unseen. Click or type."),
    Column.HIGH: ColumnText("Accept from", "Accept from", "This score and higher are accepted unseen. Click or type."),
    Column.REVIEW: ColumnText("To review", "Images to review", "Images with a score in the band. Click to see them."),
    Column.PRECISION: ColumnText(
        "Precision",
        "Precision of the accepted",
        "Of the images accepted unseen, the share annotated positive. Click to see the accepted images.",
    ),
    Column.LOST: ColumnText(
        "Lost",
        "Positives lost",
        "Of the images annotated positive, the share rejected unseen. Click to see them.",
    ),
    Column.NOTE: ColumnText("Note", "Note", "Why the goal cannot be kept for the label."),
}
