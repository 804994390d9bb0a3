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
