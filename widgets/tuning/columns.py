"""The columns of the tuning table, from left to right, and how fully their cells are written."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from widgets.tables.columns import ColumnText


class Column(IntEnum):
    """The columns; the first two stay in sight while the others are scrolled sideways."""

    LOCK = 0
    NAME = 1
    GOAL = 2  # where a label has a goal of its own
    THRESHOLD = 3
    INTERVAL = 4
    FORMULA = 5  # under costs
    BIAS = 6  # where classes are predicted by argmax
    FLIPS = 7
    F1 = 8
    PRECISION = 9
    RECALL = 10
    NOTE = 11


OFTEN_HIDDEN: Final = frozenset({Column.GOAL, Column.INTERVAL, Column.FORMULA, Column.BIAS})
GIVES_WAY: Final = (Column.INTERVAL, Column.FORMULA)  # to the others where room is short, in this order
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
    Column.GOAL: ColumnText(
        "Goal",
        "Goal",
        "What the label is tuned for.\n"
        "Choose labels and press Return, or the right mouse button, for a goal of their own.",
    ),
    Column.INTERVAL: ColumnText(
        "Where it falls",
        "Where the threshold falls",
        "Where tuning puts the threshold when the images are drawn anew, nine times out of ten.\n"
        "It says how firmly this folder fixes the threshold.",
    ),
    Column.FORMULA: ColumnText(
        "Formula",
        "By formula",
        "The threshold of least cost were the scores true probabilities:\n"
        "the cost of a false positive, divided by the costs of both mistakes.",
    ),
    Column.BIAS: ColumnText(
        "Bias",
        "Bias",
        "What is added to the class’s logit before the highest one is sought, in force → proposed.\n"
        "Above 0 the class is predicted more often.",
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
