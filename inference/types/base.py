"""The values that everything stands on: labels, thresholds, datasets, runs, metrics.

Arrays inside these values are read-only by convention; those that this module makes are locked.
Throughout: ``n`` images, ``c`` labels; ``y_true`` holds POSITIVE, NEGATIVE or UNKNOWN.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from inference.choices import Activation as Activation
from inference.choices import DecisionRule as DecisionRule
from inference.choices import ImageState as ImageState
from inference.choices import Outcome as Outcome
from inference.choices import Progress as Progress
from inference.choices import Severity as Severity
from inference.choices import Task as Task
from inference.choices import ZeroDivision as ZeroDivision

POSITIVE: Final = 1
NEGATIVE: Final = 0
UNKNOWN: Final = -1

DEFAULT_THRESHOLD: Final = 0.5

FloatArray = NDArray[np.float64]
ScoreArray = NDArray[np.float32]
TruthArray = NDArray[np.int8]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]
StateArray = NDArray[np.uint8]
RgbArray = NDArray[np.uint8]

T = TypeVar("T", bound=np.generic)


def locked(array: NDArray[T]) -> NDArray[T]:
    """The array itself, made read-only."""
    array.flags.writeable = False
    return array


def format_float32(value: float | np.float32) -> str:
    """The shortest decimal text that reads back as the same float32."""
    return np.format_float_positional(np.float32(value), unique=True, trim="-")


@dataclass(frozen=True, eq=False)
class Thresholds:
    """One float32 threshold a label; a label is predicted where ``score >= threshold``."""

    values: ScoreArray  # (c,)

    def __post_init__(self) -> None:
        values = np.array(self.values, dtype=np.float32, ndmin=1)
        if np.isnan(values).any():
            raise ValueError("a threshold cannot be NaN")
        object.__setattr__(self, "values", locked(values))

    @classmethod
    def uniform(cls, n_labels: int, value: float = DEFAULT_THRESHOLD) -> Thresholds:
        """The same threshold for every label."""
        return cls(np.full(n_labels, value, dtype=np.float32))

    def replace(self, index: int, value: float) -> Thresholds:
        """A copy in which one label's threshold is ``value``."""
        values = self.values.copy()
        values[index] = np.float32(value)
        return Thresholds(values)

    def __len__(self) -> int:
        return len(self.values)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Thresholds) and np.array_equal(self.values, other.values)

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True, eq=False)
class Dataset:
    """A validation folder: its images and what people said of them."""

    source: str  # what the user opened: a folder or a CSV file
    root: str  # the folder that ``names`` are relative to
    names: tuple[str, ...]  # relative POSIX paths of the images, (n,)
    labels: tuple[str, ...]  # (c,)
    task: Task
    y_true: TruthArray  # (n, c)
    annotated: BoolArray  # (n,); False where nobody annotated the image
    parts: tuple[str, ...] = ()  # (n,), the part of a split ("train", "test"), "" for none; () where there is no split

    def __len__(self) -> int:
        return len(self.names)


@dataclass(frozen=True, eq=False)
class Run:
    """One model's logits on one dataset. Rows are written once, by whoever scores, before their state says SCORED."""

    logits: ScoreArray  # (n, c); NaN until scored
    state: StateArray  # (n,) of ImageState

    @classmethod
    def empty(cls, n_images: int, n_labels: int) -> Run:
        """A run in which every image is pending."""
        logits = np.full((n_images, n_labels), np.nan, dtype=np.float32)
        return cls(logits, np.zeros(n_images, dtype=np.uint8))


@dataclass(frozen=True, eq=False)
class LabelMetrics:
    """Counts and rates of every label at its threshold, each (c,). NaN where undefined."""

    tp: IntArray
    fp: IntArray
    fn: IntArray
    tn: IntArray
    unknown: IntArray  # scored images whose truth under the label is unknown
    precision: FloatArray
    recall: FloatArray
    f1: FloatArray

    @property
    def support(self) -> IntArray:
        """Annotated positives among the scored images."""
        return self.tp + self.fn

    @property
    def predicted(self) -> IntArray:
        """Predicted positives whose truth is known."""
        return self.tp + self.fp


@dataclass(frozen=True)
class Rates:
    """Precision, recall and F1 of one kind of average. NaN where undefined."""

    precision: float
    recall: float
    f1: float


@dataclass(frozen=True)
class Averages:
    """The numbers under the labels table. NaN where undefined."""

    micro: Rates
    macro: Rates
    weighted: Rates
    samples: Rates
    exact_match: float  # among images whose every label is known
    hamming_loss: float  # over known (image, label) pairs
    n_images: int  # scored images with at least one known label
    n_full: int  # scored images whose every label is known
    n_labels: int  # labels with at least one known image: those that macro averages
    n_exact: int  # images, of n_full, decided exactly
    n_wrong: int  # wrong (image, label) pairs
    n_known: int  # known (image, label) pairs


@dataclass(frozen=True, eq=False)
class PRCurve:
    """Precision and recall at each distinct score of one label, from the strictest threshold to the loosest.

    Step curve (Davis and Goadrich 2006): between two points nothing is interpolated.
    """

    thresholds: ScoreArray  # (k,), falling
    precision: FloatArray  # (k,)
    recall: FloatArray  # (k,)
    tp: IntArray  # (k,)
    predicted: IntArray  # (k,)
    support: int
    prevalence: float  # positives / known images; NaN without known images
    average_precision: float  # sum of precision times the step in recall; NaN without positives


@dataclass(frozen=True)
class OperatingPoint:
    """One label's threshold and the counts and rates it gives. NaN where undefined."""

    threshold: float
    precision: float
    recall: float
    tp: int
    predicted: int
    support: int


@dataclass(frozen=True, eq=False)
class ImageScores:
    """What the overlay and the table say about the image being looked at, each (c,)."""

    scores: ScoreArray
    thresholds: ScoreArray
    predicted: BoolArray
    truth: TruthArray
    annotated: bool
    rule: DecisionRule
    activation: Activation

    @property
    def outcomes(self) -> StateArray:
        """An Outcome a label, uint8."""
        return outcomes(self.predicted, self.truth)

    @property
    def margin(self) -> float:
        """The winner's score less the runner-up's; NaN with fewer than two labels."""
        if len(self.scores) < 2:
            return float("nan")
        second, first = np.partition(self.scores, -2)[-2:]
        return float(first) - float(second)


def outcomes(predicted: BoolArray, truth: TruthArray) -> StateArray:
    """TP, FP, FN, TN or unknown, element by element, as uint8 of Outcome."""
    # Outcome numbers TN, FN, FP, TP from 4 down, so that arithmetic on bytes finds them, ten times faster than where()
    found: StateArray = np.uint8(Outcome.TN) - (truth == POSITIVE).view(np.uint8) - 2 * predicted.view(np.uint8)
    found *= truth != UNKNOWN
    return found


@dataclass(frozen=True)
class Advice:
    """The data contradict the activation or the rule: what is wrong, and the remedy on offer."""

    text: str
    remedy: str  # the button's words
    activation: Activation
    rule: DecisionRule
