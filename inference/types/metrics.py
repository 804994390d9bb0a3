"""Metrics beyond counts, precision, recall and F1: by label, by image, by class."""

from __future__ import annotations

from dataclasses import dataclass

from inference.types.base import FloatArray, IntArray, Rates


@dataclass(frozen=True)
class LabelAverages:
    """The averages over labels. NaN where undefined."""

    micro: Rates
    macro: Rates
    weighted: Rates


@dataclass(frozen=True, eq=False)
class LabelRates:
    """More rates of every label at its threshold, each (c,). NaN where undefined."""

    beta: float
    f_beta: FloatArray
    specificity: FloatArray
    accuracy: FloatArray
    balanced_accuracy: FloatArray  # over the classes (positive, negative) that occur
    mcc: FloatArray  # Matthews correlation
    prevalence: FloatArray  # positives / known images


@dataclass(frozen=True, eq=False)
class LabelQuality:
    """What does not depend on a threshold, over all known images of a label, each (c,). NaN where undefined."""

    average_precision: FloatArray  # undefined without positives
    roc_auc: FloatArray  # undefined without positives or without negatives
    brier: FloatArray
    calibration_error: FloatArray  # expected calibration error over bins of equal mass
    n_bins: int


@dataclass(frozen=True)
class RankingMetrics:
    """How well images rank their labels, over their known labels. NaN without images."""

    lrap: float  # label ranking average precision
    coverage_error: float
    ranking_loss: float
    n_images: int  # scored images with at least one known label


@dataclass(frozen=True, eq=False)
class MulticlassMetrics:
    """One class an image, measured on the scored images whose single class is known. NaN where undefined."""

    accuracy: float  # a rejected image is a wrong one
    balanced_accuracy: float  # mean recall of the classes that occur
    log_loss: float  # NaN when scores are no distribution (sigmoid)
    top_k: FloatArray  # (c,); share of images whose class is among the 1, 2 ... c highest
    confusion: IntArray  # (c, c + 1): true class by predicted class; the last column is "rejected"
    n_images: int
