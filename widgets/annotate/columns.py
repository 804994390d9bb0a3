"""The columns of the annotating table."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from widgets.tables.columns import ColumnText


class Column(IntEnum):
    """From left to right."""

    KEY = 0
    NAME = 1
    SAID = 2
    SCORE = 3


LEFT: Final = (Column.KEY, Column.NAME, Column.SAID)  # their titles begin at the left
WORDS: Final = (Column.KEY, Column.NAME)  # a click sorts these from A first

TEXTS: Final[dict[Column, ColumnText]] = {
    Column.KEY: ColumnText(
        "Key",
        "Key",
        "Press it to say positive, again to take it back; with Shift negative, again unknown.\n"
        "Where an image has exactly one label, Shift takes the chosen label back.\n"
        "The first ten labels have a digit; any label can have a letter (right click, Key).",
    ),
    Column.NAME: ColumnText("Label", "Label", "Right click to rename, merge or retire a label."),
    Column.SAID: ColumnText(
        "Annotation",
        "Annotation",
        "+ the label is there, − it is not, ? unknown; empty where nobody said anything.\n"
        "Click what is filled to take it back. Keys here: +, −, ? or U, and Delete to take it back.",
    ),
    Column.SCORE: ColumnText(
        "Score",
        "Score",
        "The model’s score, bold where it predicts the label. A triangle: predicted, but annotated negative.\n"
        "A diamond: annotated positive, but not predicted.",
    ),
}
