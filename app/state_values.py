"""What the program remembers between starts, as plain frozen values without numpy: a start must not wait for it.

A *pair* is one model opened on one dataset; its thresholds, rule and corrections come back when it is opened again.
A field that an older Cutline did not write has a default, and the default says that nothing was known.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from inference.choices import Activation, CalibrationMethod, DecisionRule, ZeroDivision

VERSION: Final = 2  # 2: calibration, biases and rules that version 1 could not read

_FLOAT32_MAX: Final = 3.4028234663852886e38

ThemeChoice = Literal["system", "light", "dark"]
RecentKind = Literal["model", "folder", "pair"]
TrackScale = Literal["even", "logit"]
OverlayMode = Literal["top", "predicted", "all"]
IntervalSource = Literal["", "out_of_fold", "redrawn"]
Correction = str | int | float | bool | None | tuple[str, ...]


@dataclass(frozen=True)
class RecentItem:
    """Something that was opened: a model, a folder (or label file), or both together."""

    kind: RecentKind
    model: str = ""
    folder: str = ""
    when: float = 0.0  # seconds since 1970

    @property
    def key(self) -> str:
        """What tells this item from others, for lists on the screen."""
        return f"{self.model}\n{self.folder}"


@dataclass(frozen=True)
class MapNumbers:
    """A calibration or class biases (`inference.types.LogitMap`) by label name, float64 exactly."""

    method: CalibrationMethod
    scale: dict[str, float]  # above 0
    shift: dict[str, float]
    knots: dict[str, tuple[tuple[float, ...], tuple[float, ...]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raises ValueError: JSON has no infinity and no NaN, and a state that holds one could not be read again."""
        ends = (value for pair in self.knots.values() for side in pair for value in side)
        if not all(map(math.isfinite, (*self.scale.values(), *self.shift.values(), *ends))):
            raise ValueError("a map of logits holds a number that is not finite")
        if any(scale <= 0 for scale in self.scale.values()):
            raise ValueError("a map of logits holds a scale that is not above 0")


@dataclass(frozen=True)
class BandNumbers:
    """A review band by label name: rejected below ``low``, accepted from ``high`` on; exactly float32."""

    low: dict[str, float]
    high: dict[str, float]

    def __post_init__(self) -> None:
        object.__setattr__(self, "low", exact_float32(self.low))
        object.__setattr__(self, "high", exact_float32(self.high))


@dataclass(frozen=True)
class KeptSplit:
    """Which images the numbers are measured on."""

    part: str = ""  # of the dataset's own split
    held: bytes = b""  # else: one bit an image in the order of their names, packed and compressed; base64 in the file
    names: str = ""  # digest of the names: for other images the bits mean nothing


@dataclass(frozen=True)
class Tuned:
    """What tuning set last, so that a number keeps saying how it came about. NaN and infinity are not in JSON: None."""

    goal: str  # in words
    thresholds: dict[str, float]  # by label name, exactly float32
    expected: float | None = None  # micro F1 on new images
    low: float | None = None
    high: float | None = None
    macro: float | None = None  # macro F1 on new images
    method: str = ""  # in words: smoothed or exact, and how strongly a promise is meant
    confidence: float = 0.9  # of the interval
    n_folds: int = 0
    scheme: str = ""  # digest of all that decides beside thresholds; "" where it is not known
    fitted: bool = True  # False: nothing of the folder went into it
    n_images: int = 0  # tuned on
    split: str = ""  # what was measured and not tuned on, in words; "" where thresholds were tuned on all images

    def __post_init__(self) -> None:
        object.__setattr__(self, "thresholds", exact_float32(self.thresholds))


@dataclass(frozen=True)
class F1Then:
    """An F1 when a profile was saved, and where it lies; None where undefined or not yet known."""

    value: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Profile:
    """A named decision, with what it gave when it was saved. Undefined numbers are None.

    ``rule`` None: saved by a Cutline that kept thresholds alone, and applying it changes thresholds alone.
    """

    key: str
    name: str
    goal: str  # in words
    saved: str  # date and time, ISO 8601
    thresholds: dict[str, float]  # by label name, exactly float32
    micro_f1: float | None  # measured on the folder
    macro_f1: float | None
    model: str  # fingerprint
    data: str  # digest of images and annotations
    activation: Activation | None = None
    rule: DecisionRule | None = None
    k: int = 1
    calibration: MapNumbers | None = None
    biases: MapNumbers | None = None
    method: str = ""  # smoothed or exact, promise; in words
    split: str = ""  # which part was measured; "" for all images
    n_images: int = 0  # measured; 0 where not known
    n_positives: int = 0  # annotated (image, label) pairs among them
    interval: IntervalSource = ""  # where the two below come from; "" while they are not known
    micro: F1Then = F1Then()  # out of fold: what was expected on new images; redrawn: as measured
    macro: F1Then = F1Then()
    confidence: float = 0.9  # of their intervals
    seed: int = 0  # of the redrawn images, or of the folds
    versions: dict[str, str] = field(default_factory=dict)  # of Cutline and what it computed with

    def __post_init__(self) -> None:
        object.__setattr__(self, "thresholds", exact_float32(self.thresholds))


@dataclass(frozen=True)
class PairSettings:
    """What the user chose for one model on one dataset. None and empty: not chosen.

    ``thresholds`` are kept by label name and are exactly float32 values. An infinite one is held at the largest
    float32, which decides alike because scores lie between 0 and 1; NaN, which decides nothing, is dropped.
    """

    activation: Activation | None = None
    rule: DecisionRule | None = None
    thresholds: dict[str, float] = field(default_factory=dict)
    zero_division: ZeroDivision | None = None
    overlay_mode: OverlayMode | None = None
    overlay_k: int | None = None
    corrections: dict[str, Correction] = field(default_factory=dict)  # how the dataset is to be read
    mapping: dict[str, str] = field(default_factory=dict)  # dataset label -> model label
    tuned: Tuned | None = None
    profiles: tuple[Profile, ...] = ()
    image: str = ""  # the one that was looked at last
    k: int = 1  # of the rule that predicts the k highest labels
    calibration: MapNumbers | None = None
    biases: MapNumbers | None = None
    band: BandNumbers | None = None
    split: KeptSplit | None = None  # None: measured on all images

    def __post_init__(self) -> None:
        object.__setattr__(self, "thresholds", exact_float32(self.thresholds))


@dataclass(frozen=True)
class Pair:
    """The settings of one model on one dataset, and when they were last used."""

    model: str
    folder: str
    settings: PairSettings
    when: float = 0.0


@dataclass(frozen=True)
class State:
    """Everything remembered. ``pairs`` and ``recents`` hold the newest first."""

    version: int = VERSION
    recents: tuple[RecentItem, ...] = ()
    last_model: str = ""
    last_folder: str = ""
    geometry: bytes = b""  # QWidget.saveGeometry(), base64 in the file
    window_state: bytes = b""  # QMainWindow.saveState(), base64 in the file
    theme: ThemeChoice = "system"
    track_scale: TrackScale = "even"
    more_averages: bool = False
    device: str = ""  # a device's key; empty: the best there is
    dismissed_advices: tuple[str, ...] = ()
    pairs: tuple[Pair, ...] = ()  # written by a Cutline that had no projects
    keys: dict[str, tuple[str, ...]] = field(default_factory=dict)  # the user's own, by action
    trusted_programs: tuple[str, ...] = ()  # SHA-256 of models that are programs: opened without asking


def exact_float32(thresholds: Mapping[str, float]) -> dict[str, float]:
    """Each value rounded to float32 and held inside its range, as Python floats (exact in JSON); NaN is dropped."""
    held = {label: min(max(value, -_FLOAT32_MAX), _FLOAT32_MAX) for label, value in thresholds.items()}
    return {label: struct.unpack("<f", struct.pack("<f", v))[0] for label, v in held.items() if v == v}
