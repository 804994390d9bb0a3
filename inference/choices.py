"""The closed sets of values, without numpy: the start page must not wait for it. `inference.types` hands them on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Activation(StrEnum):
    """How logits become scores."""

    SIGMOID = "sigmoid"
    SOFTMAX = "softmax"


class DecisionRule(StrEnum):
    """How scores become predicted labels."""

    THRESHOLDS = "thresholds"
    ARGMAX = "argmax"
    ARGMAX_REJECT = "argmax_reject"
    TOP_K = "top_k"  # the k highest labels of each image, each if its score reaches its threshold
    PER_IMAGE = "per_image"  # the labels that together have the highest expected F1 of their image

    @property
    def uses_thresholds(self) -> bool:
        """Whether a threshold can change what is predicted."""
        return self not in (DecisionRule.ARGMAX, DecisionRule.PER_IMAGE)

    @property
    def one_label(self) -> bool:
        """Whether an image is given one label at most."""
        return self in (DecisionRule.ARGMAX, DecisionRule.ARGMAX_REJECT)


class CalibrationMethod(StrEnum):
    """How logits are mapped before the activation, so that scores mean probabilities."""

    NONE = "none"
    TEMPERATURE = "temperature"
    PLATT = "platt"
    ISOTONIC = "isotonic"
    BIAS_CORRECTED = "bias_corrected"  # temperature, and a bias a class


class Task(StrEnum):
    """Multi-label: any number of labels an image, also none. Multi-class: exactly one."""

    MULTILABEL = "multilabel"
    MULTICLASS = "multiclass"


class Outcome(IntEnum):
    """What became of one image under one label."""

    UNKNOWN = 0
    TP = 1
    FP = 2
    FN = 3
    TN = 4


class ImageState(IntEnum):
    """How far an image has come in a run."""

    PENDING = 0
    SCORED = 1
    BROKEN = 2  # the file could not be read
    UNUSABLE = 3  # the model gave NaN or infinity


class SortKey(StrEnum):
    """What images are put in order by."""

    NAME = "name"  # the order of the folder
    SCORE = "score"
    UNCERTAINTY = "uncertainty"  # distance to the threshold
    LOSS = "loss"
    ENTROPY = "entropy"
    MARGIN = "margin"  # the highest score less the second
    EDITED = "edited"
    N_PREDICTED = "n_predicted"


class ZeroDivision(StrEnum):
    """What an undefined precision, recall or F1 counts as in an average (scikit-learn's ``zero_division``)."""

    ZERO = "0"
    ONE = "1"
    LEAVE_OUT = "nan"


class Severity(StrEnum):
    """How loud a message is."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True)
class Progress:
    """How far a scoring run is. NaN where not yet known."""

    done: int
    total: int
    images_per_second: float
    seconds_left: float
    failed: int = 0


class Objective(StrEnum):
    """What tuning is to make as good as it can."""

    BALANCED = "balanced"  # micro-F1 + macro-F1 on smoothed curves
    MICRO_F = "micro_f"
    MACRO_F = "macro_f"  # each label's own F-beta
    SAMPLES_F = "samples_f"
    PRECISION = "precision"  # recall as high as possible with precision at least ``floor``
    RECALL = "recall"  # precision as high as possible with recall at least ``floor``
    COST = "cost"
    PREVALENCE = "prevalence"  # as many predicted as are annotated
    SHARED = "shared"  # one threshold for all labels
    YOUDEN = "youden"
    HALF = "half"  # 0.5
    TOP_K = "top_k"  # always the k highest labels
    PER_IMAGE = "per_image"  # the best set of labels image by image
    CALIBRATED_HALF = "calibrated_half"  # calibrated, then 0.5
    # one class an image
    ARGMAX = "argmax"  # the highest score, no biases
    PRIOR = "prior"  # corrected for classes that will be as frequent as is said
    TAU = "tau"  # bias-corrected temperature and one strength for the correction of rare classes
    BIASES = "biases"  # a free bias a class
    REJECT_COST = "reject_cost"
    REJECT_COVERAGE = "reject_coverage"
    REJECT_ACCURACY = "reject_accuracy"


class Promise(StrEnum):
    """How strongly a floor is meant."""

    MEASURED = "measured"  # on this folder
    EXPECTED = "expected"  # on average over folders like this one
    CONFIDENT = "confident"  # with the stated confidence


class LabelStatus(StrEnum):
    """What became of one label in a proposal."""

    TUNED = "tuned"
    LOCKED = "locked"  # the user keeps it
    TOO_FEW = "too_few"  # positives; keeps its threshold
    UNREACHABLE = "unreachable"  # the floor cannot be reached: the best that can
    ABSTAINED = "abstained"  # the promise cannot be made from so few images: keeps its threshold


class QueueKind(StrEnum):
    """Which images are worth a person's time, and in what order."""

    UNCERTAIN = "uncertain"  # scores nearest their threshold
    CONFIDENT_MISTAKES = "confident_mistakes"  # decided otherwise than annotated, farthest from the threshold
    LABEL_ERRORS = "label_errors"  # annotations that are probably wrong
    BALANCED_SAMPLE = "balanced_sample"  # unannotated images of all scores alike, to calibrate on
    NARROWING = "narrowing"  # unannotated images that narrow what is known of a threshold
    UNANNOTATED = "unannotated"
