"""The columns of the table of new images."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from widgets.tables.columns import ColumnText


class Column(IntEnum):
    """From left to right."""

    NAME = 0
    PREDICTED = 1
    SHARE = 2
    VALIDATION = 3
    RIGHT = 4
    DRIFT = 5


LEFT: Final = (Column.NAME, Column.DRIFT)  # their titles and texts begin at the left

TEXTS: Final[dict[Column, ColumnText]] = {
    Column.NAME: ColumnText("Label", "Label", "A class that the model knows."),
    Column.PREDICTED: ColumnText(
        "Predicted", "Images predicted", "New images on which the label is predicted at the thresholds in force."
    ),
    Column.SHARE: ColumnText("Share here", "Share of the new images", "With its 90 % interval (Wilson)."),
    Column.VALIDATION: ColumnText(
        "Share there",
        "Share of the validation images",
        "Of the annotated images of the validation folder, those on which the label is predicted.",
    ),
    Column.RIGHT: ColumnText(
        "Right, expected",
        "Expected to be right",
        "How many of the predicted images are right, if precision here is what it is on the validation folder.",
    ),
    Column.DRIFT: ColumnText(
        "Scores here",
        "Scores here, compared with the validation folder",
        "Two-sample Kolmogorov-Smirnov test, corrected for the number of labels (Holm).",
    ),
}
