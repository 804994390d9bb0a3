"""The columns of the labels table: their order, titles, explanations and groups."""

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
    F_BETA = 12
    SPECIFICITY = 13
    ACCURACY = 14
    BALANCED_ACCURACY = 15
    MCC = 16
    PREVALENCE = 17
    AVERAGE_PRECISION = 18
    ROC_AUC = 19
    BRIER = 20
    CALIBRATION_ERROR = 21


COUNTS: Final = (Column.TP, Column.FP, Column.FN, Column.TN, Column.SUPPORT, Column.PREDICTED)
FRACTIONS: Final = (Column.PRECISION, Column.RECALL)  # rates with the counts behind them
RATES: Final = (Column.PRECISION, Column.RECALL, Column.F1)  # those that have intervals
STRETCHED: Final = (Column.NAME, Column.THRESHOLD)
MORE_RATES: Final = (  # at the threshold
    Column.F_BETA,
    Column.SPECIFICITY,
    Column.ACCURACY,
    Column.BALANCED_ACCURACY,
    Column.MCC,
    Column.PREVALENCE,
)
QUALITY: Final = (Column.AVERAGE_PRECISION, Column.ROC_AUC, Column.BRIER, Column.CALIBRATION_ERROR)
EXTRA: Final = MORE_RATES + QUALITY  # hidden until the user asks for them
GROUPS: Final[dict[str, tuple[Column, ...]]] = {
    "Rates": RATES + MORE_RATES,
    "Counts": COUNTS,
    "Ranking quality": QUALITY,
}

TEXTS: Final[dict[Column, ColumnText]] = {
    Column.NAME: ColumnText("Label", "Label", "A class that the model knows."),
    Column.THRESHOLD: ColumnText(
        "Threshold",
        "Threshold",
        "A label is predicted where its score is at or above its threshold.\n"
        "Drag the handle (Shift: ten times finer), click the number or type digits to write any number.\n"
        "Left and Right: to the next score at which a decision changes.\n"
        "Shift+Left and Shift+Right, or Ctrl+wheel: a step of 0.01. Ctrl+Left and Ctrl+Right: of 0.001;\n"
        "on the logit scale of 0.1 and 0.01 in the logit.\n"
        "The tick is the score of the current image; the line under the chosen label’s track is where\n"
        "no decision changes; the grey band is where tuning on other images would put the threshold.",
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
    Column.F_BETA: ColumnText(
        "Fβ",
        "F-beta",
        "The weighted harmonic mean of precision and recall; beta is the goal’s. Above 1, recall weighs more.",
    ),
    Column.SPECIFICITY: ColumnText(
        "Spec.", "Specificity", "Of the images that do not have the label, the share not predicted: TN / (TN + FP)."
    ),
    Column.ACCURACY: ColumnText("Acc.", "Accuracy", "The share of right decisions: (TP + TN) / known images."),
    Column.BALANCED_ACCURACY: ColumnText(
        "Bal. acc.", "Balanced accuracy", "The mean of recall and specificity: 0.5 is what guessing gives."
    ),
    Column.MCC: ColumnText(
        "MCC",
        "Matthews correlation",
        "The correlation of decision and annotation, from −1 to 1: 0 is what guessing gives.",
    ),
    Column.PREVALENCE: ColumnText(
        "Prev.", "Prevalence", "The share of images annotated positive, among those whose annotation is known."
    ),
    Column.AVERAGE_PRECISION: ColumnText(
        "AP", "Average precision", "The area under the precision-recall curve. No threshold changes it."
    ),
    Column.ROC_AUC: ColumnText(
        "AUC",
        "ROC AUC",
        "The chance that a positive image scores higher than a negative one: 0.5 is what guessing gives.\n"
        "No threshold changes it.",
    ),
    Column.BRIER: ColumnText(
        "Brier",
        "Brier score",
        "The mean squared difference of score and annotation; lower is better. No threshold changes it.",
    ),
    Column.CALIBRATION_ERROR: ColumnText(
        "ECE",
        "Calibration error",
        "How far scores are from the share of positives, on average over bins of equally many images\n"
        "(expected calibration error); lower is better. No threshold changes it.",
    ),
}
