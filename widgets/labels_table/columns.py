"""The columns of the labels table: their order, titles, explanations and widths."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from widgets.tables.columns import ColumnText


class Column(IntEnum):
    """The columns, from left to right."""

    NAME = 0
    THRESHOLD = 1
    SCORE = 2
    PRECISION = 3
    RECALL = 4
    F1 = 5
    TP = 6
    FP = 7
    FN = 8
    TN = 9
    SUPPORT = 10
    PREDICTED = 11


COUNTS: Final = (Column.TP, Column.FP, Column.FN, Column.TN, Column.SUPPORT, Column.PREDICTED)
FRACTIONS: Final = (Column.PRECISION, Column.RECALL)  # rates with the counts behind them
STRETCHED: Final = (Column.NAME, Column.THRESHOLD)

TEXTS: Final[dict[Column, ColumnText]] = {
    Column.NAME: ColumnText("Label", "Label", "A class that the model knows."),
    Column.THRESHOLD: ColumnText(
        "Threshold",
        "Threshold",
        "A label is predicted where its score is at or above its threshold.\n"
        "Drag the handle (Shift: ten times finer), click the number or type digits to write one,\n"
        "Left and Right or Ctrl+wheel to step. The small tick is the score of the current image.",
    ),
    Column.SCORE: ColumnText(
        "Score",
        "Score",
        "The score of the current image, its outcome, and what its annotation says:\n"
        "+ positive, − negative, ? unknown. Bold: predicted.",
    ),
    Column.PRECISION: ColumnText(
        "Precision", "Precision", "Of the images predicted to have the label, the share that has it: TP / (TP + FP)."
    ),
    Column.RECALL: ColumnText(
        "Recall", "Recall", "Of the images that have the label, the share predicted to have it: TP / (TP + FN)."
    ),
    Column.F1: ColumnText("F1", "F1", "The harmonic mean of precision and recall: 2 TP / (2 TP + FP + FN)."),
    Column.TP: ColumnText("TP", "True positives", "Predicted, annotated positive."),
    Column.FP: ColumnText("FP", "False positives", "Predicted, annotated negative."),
    Column.FN: ColumnText("FN", "False negatives", "Not predicted, annotated positive."),
    Column.TN: ColumnText("TN", "True negatives", "Not predicted, annotated negative."),
    Column.SUPPORT: ColumnText("Supp.", "Support", "Images annotated positive: TP + FN."),
    Column.PREDICTED: ColumnText("Pred.", "Predicted", "Images predicted to have the label: TP + FP."),
}
