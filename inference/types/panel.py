"""What the tuning panels show beside goals, proposals and estimates: honesty, flips, saved profiles."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import numpy as np

from inference.types.base import IntArray, locked


class Honesty(StrEnum):
    """On which images a number was measured, compared with those that the thresholds were chosen on."""

    BY_HAND = "by_hand"  # thresholds set by hand, measured on this folder
    TUNED = "tuned"  # thresholds tuned on the images that they are measured on
    SEPARATE = "separate"  # measured on images that tuning never saw


@dataclass(frozen=True)
class HonestyState:
    """One number and how far to believe it. NaN where not known."""

    kind: Honesty = Honesty.BY_HAND
    metric: str = "micro F1"
    measured: float = math.nan  # on the images that the window shows; with SEPARATE on the split held out
    expected: float = math.nan  # on new images, from pooled out-of-fold counts
    low: float = math.nan
    high: float = math.nan
    confidence: float = 0.9  # of the interval
    n_images: int = 0  # that the number was measured on; 0 where it is not to be said
    modified: bool = False  # a threshold was moved by hand after tuning
    n_tuned: int = 0  # images that the thresholds were tuned on; 0 where it is not to be said
    part: str = ""  # what is measured where it is not every image, in words: "30 % held out"


def _no_images() -> IntArray:
    return locked(np.zeros(0, dtype=np.int64))


@dataclass(frozen=True, eq=False)
class LabelFlips:
    """Which images changed decision under one label; each array holds indices of images, ascending, none twice."""

    label: int
    tp_gained: IntArray = field(default_factory=_no_images)  # missed before, found now
    tp_lost: IntArray = field(default_factory=_no_images)  # found before, missed now
    fp_gained: IntArray = field(default_factory=_no_images)  # predicted now, and wrongly
    fp_lost: IntArray = field(default_factory=_no_images)  # no longer wrongly predicted
    unknown: IntArray = field(default_factory=_no_images)  # decision changed, truth unknown


@dataclass(frozen=True)
class ProfileRow:
    """One saved profile as a list shows it. NaN where undefined."""

    key: str  # what signals name it by
    name: str
    goal: str  # in words
    saved: datetime
    micro_f1: float  # when it was saved
    macro_f1: float
    stale: str = ""  # why the numbers no longer hold, a sentence; "" while they do
    in_force: bool = False  # it decides as the session does, or did before that was modified
    modified: bool = False  # in force, and a threshold (or how it is used) was changed since
    method: str = ""  # in words: smoothed or exact, how strongly a promise is meant
    decides: str = ""  # in words: rule, activation, calibration; "" for thresholds alone
    split: str = ""  # which part was measured; "" for all images
    n_images: int = 0  # measured; 0 where not known
    n_positives: int = 0
    out_of_fold: bool = False  # the intervals are of the F1 expected on new images, not of the one measured
    expected_micro: float = math.nan
    expected_macro: float = math.nan
    micro_low: float = math.nan
    micro_high: float = math.nan
    macro_low: float = math.nan
    macro_high: float = math.nan
    confidence: float = 0.9  # of the intervals
